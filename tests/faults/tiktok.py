"""The imitation TikTok Shop in the words of ``marketplace``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fulfillment.models import Package
from pod_hub.core.tenancy import tenant
from stores.channels.consent_types import Grant
from stores.channels.registry import ChannelKind, marketplace_info
from stores.channels.tiktok.tokens import read_pair
from stores.services.authorizations import attach_grant
from stores.services.connecting import check_place
from tests.faults.marketplace import Marketplace

PHASES = {"UNPAID": "unpaid", "ON_HOLD": "open", "AWAITING_SHIPMENT": "open", "PARTIALLY_SHIPPING": "open", "CANCELLED": "cancelled"}


class TikTok(Marketplace):
    """American sellers, each an account with one shop of the same number."""

    KIND, PLACE, CARRIER = ChannelKind.TIKTOK, "US", "USPS"
    LISTING_ORDERS, READING_ORDER, CONFIRMING, ERROR = "getOrderList", "", "markPackageAsShipped", "internal_error"
    CALLS_FOR_A_PACKAGE = 1  # each try reads the order as well, but so do polls, by the same operation

    def seller_id(self, number: int, name: str, mark: str) -> str:
        """See ``Marketplace.seller_id``: digits only."""
        return f"79{int(mark, 16):08d}{sum(name.encode()):05d}{number:04d}"

    def add_seller(self, seller_id: str, listings: Mapping[str, str]) -> None:
        """See ``Marketplace.add_seller``."""
        self.ask("POST", "/accounts", {"open_id": seller_id, "name": f"Seller {seller_id}", "region": "US"})
        warehouse: dict[str, Any] = {
            "warehouse_id": f"70{seller_id[2:]}",
            "name": "Workshop",
            "kind": "SALES_WAREHOUSE",
            "street": "1 Dock",
            "city": "Savannah",
        }
        warehouse |= {"state": "Georgia", "postcode": "31401", "default": True}
        shop = {"shop_id": seller_id, "open_id": seller_id, "name": f"Shop {seller_id}", "region": "US", "cipher": f"TTP_{seller_id}"}
        self.ask("POST", "/shops", shop | {"code": "USLCFAULT", "warehouses": [warehouse]})
        for sku, price in listings.items():
            wish = {"shop_id": seller_id, "title": f"Product {sku}", "skus": {sku: price}, "personalisable": sku.endswith("NAME")}
            self.ask("POST", "/products", wish)

    def connect(self, *, psp_id: int, store_id: int, seller_id: str) -> None:
        """See ``Marketplace.connect``."""
        place = marketplace_info(self.KIND, self.PLACE)
        assert place is not None
        told = self.ask("POST", "/grants", {"open_id": seller_id})
        pair = read_pair(told)
        grant = Grant(seller_id, pair.refresh_token, pair.access_token, 0, account_proven=True, pair=pair)
        found = check_place(self.KIND, grant=grant, place=place, key=f"fault-{seller_id}")
        with tenant(psp_id):
            attach_grant(store_id=store_id, grant=grant, region=place.region, shops=found.shops)

    def place(self, *, seller_id: str, **wish: Any) -> list[str]:
        """See ``Marketplace.place``: without the hour of remorse, which some cells would only wait for."""
        return list(self.ask("POST", "/orders", {"shop_id": seller_id, "holds": False, **wish})["order_ids"])

    def pay(self, order_id: str) -> bool:
        """See ``Marketplace.pay``."""
        return self.act(order_id, "pay")

    def cancel(self, order_id: str) -> bool:
        """See ``Marketplace.cancel``: in Seller Center, because a paid buyer can only ask."""
        return self.act(order_id, "cancel")

    def ask_to_cancel(self, order_id: str) -> bool:
        """See ``Marketplace.ask_to_cancel``."""
        return self.act(order_id, "request-cancellation")

    def orders(self, seller_id: str) -> list[dict[str, Any]]:
        """See ``Marketplace.orders``. Units of one variant, price and text are one line of people's."""
        return [self._order(told) for told in self._pages(shop_id=seller_id)]

    def _order(self, told: dict[str, Any]) -> dict[str, Any]:
        groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for line in told["lines"]:
            own = line["line_id"] if line["personalisation"] else ""
            groups.setdefault((line["sku_id"], line["price"], own), []).append(line)
        items: list[dict[str, Any]] = []
        of_unit: dict[str, str] = {}
        for units in groups.values():
            living = [unit for unit in units if unit["status"] != "CANCELLED"]
            items.append(
                {
                    "order_item_id": units[0]["line_id"],
                    "sku": units[0]["seller_sku"],
                    "quantity": len(living or units),
                    "unit_price": units[0]["price"],
                }
            )
            of_unit |= {unit["line_id"]: units[0]["line_id"] for unit in living}
        left: dict[str, int] = {}
        for line in told["lines"]:
            if line["shipped"] and line["line_id"] in of_unit:
                left[of_unit[line["line_id"]]] = left.get(of_unit[line["line_id"]], 0) + 1
        phase = PHASES.get(told["status"], "shipped")
        return told | {"phase": phase, "stamp": told["updated"], "items": items, "packages": [{"quantities": left}]}

    def package_key(self, package: Package) -> str:
        """See ``Marketplace.package_key``: the tracking number, which no two packages of a cell share."""
        return str(package.tracking_number)

    def effect_key(self, doc: Mapping[str, Any]) -> str:
        """See ``Marketplace.effect_key``."""
        return str(doc["tracking_number"])

    def passes(self, point: str) -> bool:
        """See ``Marketplace.passes``: cancellations go one by one, as pushes, so nothing comes to the points of batches."""
        return not point.startswith("batch.")

    def webhooks(self) -> list[dict[str, Any]]:
        """Return every delivery of a webhook, and how it was answered."""
        return list(self.ask("GET", "/webhooks", limit=100_000)["webhooks"])
