"""An imitation marketplace seen from behind the stage: buyers, misbehaviour and the books, all through its control door.

What cells and judge ask for is the same for every marketplace; each says it in the words of its own imitation (``amazon``, ``tiktok``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import httpx

from fulfillment.models import Package
from stores.channels.registry import ChannelKind

PAGE = 1000


class Declined(Exception):
    """The imitation says that this is not possible now, such as cancelling what is shipped."""


class Marketplace(ABC):
    """One imitation's control door."""

    KIND: ClassVar[ChannelKind]
    PLACE: ClassVar[str]  # where the cells' stores sell
    CARRIER: ClassVar[str]
    LISTING_ORDERS: ClassVar[str]  # the imitation's names of three operations
    READING_ORDER: ClassVar[str]  # empty where polls read by it too
    CONFIRMING: ClassVar[str]
    ERROR: ClassVar[str]  # the scenario in which a call fails without an effect
    CALLS_FOR_A_PACKAGE: ClassVar[int]  # with nothing lost: confirming, and reading where that is told apart

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

    # --- sellers and buyers -------------------------------------------------------------------------------------------
    @abstractmethod
    def seller_id(self, number: int, name: str, mark: str) -> str:
        """Return the number of a cell's nth seller, which is also the hub's account and the name of the store."""

    @abstractmethod
    def add_seller(self, seller_id: str, listings: Mapping[str, str]) -> None:
        """Add a seller with ``{sku: price}``; a SKU that ends in NAME can be personalised."""

    @abstractmethod
    def connect(self, *, psp_id: int, store_id: int, seller_id: str) -> None:
        """Have the seller give the hub a permission, and connect a store by it. Call outside any scope."""

    @abstractmethod
    def place(self, *, seller_id: str, **wish: Any) -> list[str]:
        """Place an order, or ``count`` equal ones; returns the numbers."""

    @abstractmethod
    def pay(self, order_id: str) -> bool:
        """Let the buyer pay; False when the marketplace declines."""

    @abstractmethod
    def cancel(self, order_id: str) -> bool:
        """Cancel an order outside the hub."""

    @abstractmethod
    def ask_to_cancel(self, order_id: str) -> bool:
        """Let the buyer ask for a cancellation."""

    def act(self, order_id: str, action: str, **options: Any) -> bool:
        """Do something to an order; False when the imitation declines."""
        try:
            self.ask("POST", f"/orders/{order_id}/{action}", options)
        except Declined:
            return False
        return True

    # --- books --------------------------------------------------------------------------------------------------------
    @abstractmethod
    def orders(self, seller_id: str) -> list[dict[str, Any]]:
        """Return every order of a seller as it is now.

        Each has ``order_id``, ``status`` (the marketplace's word), ``phase`` (``unpaid``, ``open``, ``shipped`` or ``cancelled``), ``stamp``,
        ``total``, ``currency``, ``items`` (``order_item_id``, ``sku``, ``quantity``, ``unit_price``) and ``packages`` (``quantities`` by item).
        """

    @abstractmethod
    def package_key(self, package: Package) -> str:
        """Return what tells a package of ours from the order's others in the books."""

    @abstractmethod
    def effect_key(self, doc: Mapping[str, Any]) -> str:
        """Return the same of a notice of shipment that the books hold."""

    def passes(self, point: str) -> bool:
        """Say whether work for this marketplace comes to a crash point."""
        return bool(point)

    def _pages(self, **params: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while len(page := list(self.ask("GET", "/orders", limit=PAGE, offset=len(found), **params)["orders"])) == PAGE:
            found += page
        return found + page

    def ledger(self, *, requests: int = 1) -> dict[str, Any]:
        """Return the books: accepted writes, buckets, and the newest ``requests``."""
        return dict(self.ask("GET", "/ledger", limit=requests))

    # --- misbehaviour -------------------------------------------------------------------------------------------------
    def misbehave(self, name: str, **options: Any) -> None:
        """Switch a scenario on."""
        self.ask("POST", "/scenarios", {"name": name, **options})

    def fail(self, operation: str, **options: Any) -> None:
        """Let the next call of an operation fail without an effect."""
        self.misbehave(self.ERROR, times=1, operation=operation, **options)

    def behave(self, name: str = "") -> None:
        """Switch one scenario off, or all."""
        self.ask("DELETE", f"/scenarios/{name}" if name else "/scenarios")

    def clock(self, **change: Any) -> None:
        """Set the clock: ``at`` (ISO), ``advance`` (seconds) or ``follow_wall``."""
        self.ask("POST", "/clock", change)
