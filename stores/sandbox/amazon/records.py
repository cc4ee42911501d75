"""What the imitation keeps: sellers, listings, orders, items, packages. Plain data in our words; the API modules give it Amazon's shapes.

Times are seconds since the epoch. Money is a decimal string, as Amazon sends it.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Self


class Status(enum.StrEnum):
    """``FulfillmentStatus`` of Orders 2026-01-01, complete."""

    PENDING_AVAILABILITY = "PENDING_AVAILABILITY"
    PENDING = "PENDING"
    UNSHIPPED = "UNSHIPPED"
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    SHIPPED = "SHIPPED"
    CANCELLED = "CANCELLED"
    UNFULFILLABLE = "UNFULFILLABLE"


@dataclass(slots=True)
class Seller:
    """A selling account of one region. ``suspended`` and ``not_participating`` hold marketplace ids; both stay visible to the API."""

    seller_id: str
    name: str
    region: str
    marketplace_ids: list[str]
    not_participating: list[str] = field(default_factory=list)
    suspended: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Listing:
    """One thing a seller sells on one marketplace. ``sku`` is empty for the listing that only has an ASIN."""

    seller_id: str
    marketplace_id: str
    sku: str
    asin: str
    title: str
    price: str
    product_type: str
    kind: str  # which picture to draw
    color: str
    quantity: int
    created: float
    updated: float
    description: str = ""
    personalisable: bool = False
    statuses: list[str] = field(default_factory=lambda: ["BUYABLE", "DISCOVERABLE"])
    fulfilled_by: str = "MERCHANT"
    parent_sku: str = ""  # of a variation
    variation_theme: str = ""  # of a parent and its variations
    issues: list[dict[str, Any]] = field(default_factory=list)  # as the API shows them
    attributes: dict[str, Any] = field(default_factory=dict)  # as they were submitted; empty for what was planted

    @property
    def is_parent(self) -> bool:
        """Whether it only holds variations together: nobody can buy it."""
        return bool(self.variation_theme) and not self.parent_sku


@dataclass(slots=True)
class OrderedItem:
    """One line of an order. ``cancel_reason`` is the buyer's wish; ``cancelled_by`` says who carried a cancellation out."""

    order_item_id: str
    sku: str
    asin: str
    title: str
    quantity: int
    unit_price: str
    personalisation: str = ""
    gift_message: str = ""
    gift_wrap: str = ""
    cancel_requested: bool = False
    cancel_reason: str = ""
    cancelled_by: str = ""
    cancelled_reason: str = ""


@dataclass(slots=True)
class Package:
    """One package as the seller confirmed it. ``carrier_shown`` is what the API shows back, which can differ (see scenarios)."""

    reference: str
    carrier_code: str
    carrier_name: str
    shipping_method: str
    tracking_number: str
    ship_date: float
    created: float
    quantities: dict[str, int]
    carrier_shown: str
    transparency_codes: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class PlacedOrder:
    """One order with everything the buyer gave and the seller did. ``stamp`` is the published ``lastUpdatedTime`` in whole seconds."""

    order_id: str
    seller_id: str
    marketplace_id: str
    created: float
    stamp: int
    status: Status
    currency: str
    buyer_name: str
    buyer_email: str
    address: dict[str, str]
    items: list[OrderedItem]
    packages: list[Package] = field(default_factory=list)
    fulfilled_by: str = "MERCHANT"
    service_level: str = "STANDARD"
    programs: list[str] = field(default_factory=list)
    ship_from: float = 0
    ship_by: float = 0
    deliver_from: float = 0
    deliver_by: float = 0
    replaces: str = ""

    def shipped(self, order_item_id: str, *, without: str = "") -> int:
        """Return how many pieces of an item the packages hold, leaving out the package with reference ``without``."""
        return sum(package.quantities.get(order_item_id, 0) for package in self.packages if package.reference != without)

    def item(self, order_item_id: str) -> OrderedItem | None:
        """Return a line by its number, or None."""
        return next((item for item in self.items if item.order_item_id == order_item_id), None)

    def package(self, reference: str) -> Package | None:
        """Return a package by its reference, or None."""
        return next((package for package in self.packages if package.reference == reference), None)

    @property
    def total(self) -> Decimal:
        """Return the sum of all lines."""
        return sum((Decimal(item.unit_price) * item.quantity for item in self.items), Decimal(0))

    def to_row(self) -> dict[str, Any]:
        """Return the order as plain data that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """Return the order that ``to_row`` wrote."""
        return cls(
            **{
                **row,
                "status": Status(row["status"]),
                "items": [OrderedItem(**item) for item in row["items"]],
                "packages": [Package(**package) for package in row["packages"]],
            }
        )


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders a list asks for. Times are whole seconds, inclusive; ``by`` is ``created`` or ``updated``."""

    seller_id: str
    marketplace_ids: Sequence[str]
    by: str
    after: int
    before: int
    statuses: Sequence[str] = ()
    fulfilled_by: Sequence[str] = ()
