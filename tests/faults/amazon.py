"""The imitation Amazon seen from behind the stage: buyers, misbehaviour and the books, all through its control door."""

from __future__ import annotations

from typing import Any

import httpx

GERMANY = "A1PA6795UKMFR9"
PAGE = 1000


class Declined(Exception):
    """The imitation says that this is not possible now, such as cancelling what is shipped."""


class Amazon:
    """One imitation's control door."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=f"{url}/_control", timeout=60, trust_env=False)

    def ask(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        """Call one address of the door; raises ``Declined`` with the imitation's sentence."""
        answer = self._http.request(method, path, json=body, params=params)
        if answer.status_code == 400:
            raise Declined(answer.json()["error"])
        answer.raise_for_status()
        return answer.json()

    def add_seller(self, seller_id: str, listings: dict[str, str]) -> str:
        """Add a German seller with ``{sku: price}``; a SKU that ends in NAME can be personalised. Returns a refresh token."""
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
        return str(self.ask("POST", "/grants", {"seller_id": seller_id})["refresh_token"])

    def place(self, **wish: Any) -> list[str]:
        """Place an order, or ``count`` equal ones; returns the numbers."""
        return list(self.ask("POST", "/orders", wish)["order_ids"])

    def act(self, order_id: str, action: str, **options: Any) -> bool:
        """Do something to an order (``cancel``, ``clear-payment``, ``request-cancellation``); False when Amazon declines."""
        try:
            self.ask("POST", f"/orders/{order_id}/{action}", options)
        except Declined:
            return False
        return True

    def orders(self, seller_id: str) -> list[dict[str, Any]]:
        """Return every order of a seller as it is now."""
        found: list[dict[str, Any]] = []
        while len(page := self.ask("GET", "/orders", seller_id=seller_id, limit=PAGE, offset=len(found))["orders"]) == PAGE:
            found += page
        found += page
        return found

    def ledger(self, *, requests: int = 1) -> dict[str, Any]:
        """Return the books: accepted writes, buckets, and the newest ``requests``."""
        return dict(self.ask("GET", "/ledger", limit=requests))

    def misbehave(self, name: str, **options: Any) -> None:
        """Switch a scenario on."""
        self.ask("POST", "/scenarios", {"name": name, **options})

    def behave(self, name: str = "") -> None:
        """Switch one scenario off, or all."""
        self.ask("DELETE", f"/scenarios/{name}" if name else "/scenarios")

    def clock(self, **change: Any) -> None:
        """Set the clock: ``at`` (ISO), ``advance`` (seconds) or ``follow_wall``."""
        self.ask("POST", "/clock", change)
