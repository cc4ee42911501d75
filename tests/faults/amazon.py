"""The imitation Amazon in the words of ``marketplace``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fulfillment.models import Package
from pod_hub.core.tenancy import tenant
from stores.channels.consent_types import Grant
from stores.channels.registry import ChannelKind
from stores.services.authorizations import attach_grant
from tests.faults.marketplace import Marketplace

GERMANY = "A1PA6795UKMFR9"
PHASES = {"PENDING": "unpaid", "SHIPPED": "shipped", "CANCELLED": "cancelled"}


class Amazon(Marketplace):
    """German sellers."""

    KIND, PLACE, CARRIER = ChannelKind.AMAZON, GERMANY, "DHL"
    LISTING_ORDERS, READING_ORDER, CONFIRMING, ERROR = "searchOrders", "getOrder", "confirmShipment", "http_500"
    CALLS_FOR_A_PACKAGE = 2

    def seller_id(self, number: int, name: str, mark: str) -> str:
        """See ``Marketplace.seller_id``."""
        return f"A{number:03d}{name}{mark}"

    def add_seller(self, seller_id: str, listings: Mapping[str, str]) -> None:
        """See ``Marketplace.add_seller``."""
        self.ask("POST", "/sellers", {"seller_id": seller_id, "name": f"Seller {seller_id}", "region": "EU", "marketplace_ids": [GERMANY]})
        for number, (sku, price) in enumerate(listings.items()):
            self.ask(
                "POST",
                "/listings",
                {
                    "seller_id": seller_id,
                    "marketplace_id": GERMANY,
                    "sku": sku,
                    "asin": f"B0{seller_id[-6:]}{number:02d}",
                    "title": f"Product {sku}",
                    "price": price,
                    "product_type": "DRINKING_CUP",
                    "kind": "mug",
                    "color": "#ffffff",
                    "quantity": 50,
                    "personalisable": sku.endswith("NAME"),
                },
            )

    def connect(self, *, psp_id: int, store_id: int, seller_id: str) -> None:
        """See ``Marketplace.connect``."""
        token = str(self.ask("POST", "/grants", {"seller_id": seller_id})["refresh_token"])
        grant = Grant(account_id=seller_id, refresh_token=token, access_token="", access_expires_in_s=0)
        with tenant(psp_id):
            attach_grant(store_id=store_id, grant=grant, region="EU")

    def place(self, *, seller_id: str, **wish: Any) -> list[str]:
        """See ``Marketplace.place``."""
        return list(self.ask("POST", "/orders", {"seller_id": seller_id, "marketplace_id": GERMANY, **wish})["order_ids"])

    def pay(self, order_id: str) -> bool:
        """See ``Marketplace.pay``."""
        return self.act(order_id, "clear-payment")

    def cancel(self, order_id: str) -> bool:
        """See ``Marketplace.cancel``: the buyer's doing."""
        return self.act(order_id, "cancel", by="BUYER", reason="NoLongerNeeded")

    def ask_to_cancel(self, order_id: str) -> bool:
        """See ``Marketplace.ask_to_cancel``."""
        return self.act(order_id, "request-cancellation", reason="Ordered twice")

    def orders(self, seller_id: str) -> list[dict[str, Any]]:
        """See ``Marketplace.orders``."""
        return [order | {"phase": PHASES.get(order["status"], "open")} for order in self._pages(seller_id=seller_id)]

    def package_key(self, package: Package) -> str:
        """See ``Marketplace.package_key``: the reference that Amazon keeps for us."""
        return str(package.number)

    def effect_key(self, doc: Mapping[str, Any]) -> str:
        """See ``Marketplace.effect_key``."""
        return str(doc["reference"])
