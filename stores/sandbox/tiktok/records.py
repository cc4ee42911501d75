"""What the imitation keeps of products, orders and what becomes of them. Plain data in our words; the API modules give it TikTok's shapes.

Times are seconds since the epoch. Money is a decimal string, as TikTok sends it. Ids are decimal strings longer than 2^53.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any, Self


class ProductStatus(enum.StrEnum):
    """``status`` of a product, which joins the product's own state and that of its audit."""

    DRAFT = "DRAFT"
    PENDING = "PENDING"
    FAILED = "FAILED"
    ACTIVATE = "ACTIVATE"
    SELLER_DEACTIVATED = "SELLER_DEACTIVATED"
    PLATFORM_DEACTIVATED = "PLATFORM_DEACTIVATED"
    FREEZE = "FREEZE"
    DELETED = "DELETED"


class Audit(enum.StrEnum):
    """``audit.status`` of a product."""

    NONE = "NONE"
    AUDITING = "AUDITING"
    FAILED = "FAILED"
    APPROVED = "APPROVED"


@dataclass(frozen=True, slots=True)
class Image:
    """One picture that was uploaded, or one that is drawn (``drawing``: what in which colour). ``uri`` is how the API names it."""

    uri: str
    use_case: str
    width: int
    height: int
    media_type: str = "image/png"
    drawing: str = ""
    content: bytes = b""


@dataclass(slots=True)
class Sku:
    """One variant of a product. Attributes are resolved: ``{id, name, value_id, value_name, uri?}``; inventory is TikTok's own shape."""

    sku_id: str
    seller_sku: str
    amount: str
    currency: str
    inventory: list[dict[str, Any]]
    attributes: list[dict[str, str]] = field(default_factory=list)
    further: dict[str, Any] = field(default_factory=dict)  # what was sent and only comes back: list_price, identifier_code, pre_sale, …
    committed: int = 0  # ordered and not shipped yet

    @property
    def name(self) -> str:
        """What an order calls the variant: "Black, M"."""
        return ", ".join(row["value_name"] for row in self.attributes) or "Default"


@dataclass(slots=True)
class Product:
    """One product with its variants. ``edited`` is a later version that waits for its audit; ``audit_due`` is when the audit ends."""

    product_id: str
    shop_id: str
    title: str
    description: str
    category_id: str
    images: list[str]
    package_weight: dict[str, str]
    skus: list[Sku]
    created: float
    updated: int
    status: ProductStatus = ProductStatus.ACTIVATE
    audit: Audit = Audit.APPROVED
    audit_due: float = 0
    was_live: bool = False
    failures: list[str] = field(default_factory=list)
    brand_id: str = ""
    package_dimensions: dict[str, str] | None = None
    attributes: list[dict[str, Any]] = field(default_factory=list)
    further: dict[str, Any] = field(default_factory=dict)
    edited: dict[str, Any] | None = None
    personalisable: bool = False
    fulfilled_by: str = "SELLER"  # or TIKTOK

    def sku(self, sku_id: str) -> Sku | None:
        """Return a variant by its id, or None."""
        return next((sku for sku in self.skus if sku.sku_id == sku_id), None)

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """Return the product that ``asdict`` made this row of."""
        parts = {"status": ProductStatus(row["status"]), "audit": Audit(row["audit"]), "skus": [Sku(**sku) for sku in row["skus"]]}
        return cls(**{**row, **parts})


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """Which products a search asks for; times are inclusive."""

    shop_id: str
    status: str = ""
    audits: tuple[str, ...] = ()
    seller_skus: tuple[str, ...] = ()
    sku_ids: tuple[str, ...] = ()
    created: tuple[int, int] | None = None
    updated: tuple[int, int] | None = None


class Status(enum.StrEnum):
    """Status of an order. Lines have the same, without ON_HOLD and PARTIALLY_SHIPPING."""

    UNPAID = "UNPAID"
    ON_HOLD = "ON_HOLD"
    AWAITING_SHIPMENT = "AWAITING_SHIPMENT"
    PARTIALLY_SHIPPING = "PARTIALLY_SHIPPING"
    AWAITING_COLLECTION = "AWAITING_COLLECTION"
    IN_TRANSIT = "IN_TRANSIT"
    DELIVERED = "DELIVERED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


@dataclass(slots=True)
class Address:
    """Where a parcel goes."""

    first_name: str
    last_name: str
    phone: str
    line1: str
    city: str
    state: str
    postcode: str
    region: str
    line2: str = ""
    county: str = ""
    drop_off: str = ""

    @property
    def name(self) -> str:
        """The whole name."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(slots=True)
class Line:
    """One unit of an order: there is no quantity, each unit has an id of its own."""

    line_id: str
    sku_id: str
    product_id: str
    product_name: str
    sku_name: str
    seller_sku: str
    image: str
    price: str
    status: Status
    seller_discount: str = "0"
    personalisation: str = ""
    pod_info_id: str = ""
    package_id: str = ""
    cancel_reason: str = ""
    cancel_user: str = ""
    shipped: float = 0

    @property
    def collected_by_carrier(self) -> bool:
        """Say whether the unit is out of the seller's hands."""
        return self.status in (Status.IN_TRANSIT, Status.DELIVERED, Status.COMPLETED)


@dataclass(slots=True)
class PlacedOrder:
    """One order with everything the buyer gave. ``updated`` is the published ``update_time`` in whole seconds; deadlines are epochs, 0 for none."""

    order_id: str
    shop_id: str
    region: str
    created: float
    updated: int
    status: Status
    currency: str
    buyer_user_id: str
    address: Address
    lines: list[Line]
    shipping_fee: str = "0.00"
    tax_rate: str = "0.07"
    shipping_type: str = "SELLER"
    fulfilled_by: str = "SELLER"
    delivery_option_id: str = ""
    warehouse_id: str = ""
    order_type: str = "NORMAL"
    handling_days: int = 0
    buyer_message: str = ""
    seller_note: str = ""
    holds: bool = True  # whether the hour of remorse applies
    paid: float = 0
    hold_until: float = 0
    pay_until: float = 0
    ship_by: float = 0
    cancel_at: float = 0
    collect_by: float = 0
    deliver_by: float = 0
    rts_time: float = 0
    collected: float = 0
    delivered: float = 0
    completed: float = 0
    cancelled: float = 0
    cancel_reason: str = ""
    cancelled_by: str = ""
    cancel_asked: float = 0
    replaces: str = ""
    address_changed: bool = False

    @property
    def buyer_email(self) -> str:
        """The anonymous relay."""
        return f"v2b{int(self.buyer_user_id) % 10**9:09d}@chat.seller.tiktok.com"

    @property
    def lines_left(self) -> list[Line]:
        """The units that were not cancelled."""
        return [line for line in self.lines if line.status != Status.CANCELLED]

    def line(self, line_id: str) -> Line | None:
        """Return a unit by its id, or None."""
        return next((line for line in self.lines if line.line_id == line_id), None)

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """Return the order that ``asdict`` made this row of."""
        lines = [Line(**{**line, "status": Status(line["status"])}) for line in row["lines"]]
        return cls(**{**row, "status": Status(row["status"]), "address": Address(**row["address"]), "lines": lines})


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders a list asks for; windows are from (inclusive) and to (exclusive) in whole seconds."""

    shop_id: str
    by: str = "created"
    ascending: bool = False
    status: str = ""
    shipping_type: str = ""
    buyer_user_id: str = ""
    cancel_asked: bool | None = None
    warehouse_ids: tuple[str, ...] = ()
    created: tuple[int, int] | None = None
    updated: tuple[int, int] | None = None


@dataclass(slots=True)
class Package:
    """One package. ``traceable``: whether the number fits its carrier, so that scans come. ``corrected``: its tracking was changed once."""

    package_id: str
    shop_id: str
    order_id: str
    line_ids: list[str]
    shipping_type: str
    created: float
    updated: int
    status: str = "TO_FULFILL"  # PROCESSING, FULFILLING, COMPLETED, CANCELLED
    provider_id: str = ""
    provider_name: str = ""
    tracking_number: str = ""
    shipped: float = 0
    collected: float = 0
    delivered: float = 0
    traceable: bool = True
    corrected: bool = False
    service_id: str = ""
    weight: dict[str, str] | None = None
    dimension: dict[str, str] | None = None
    handover_method: str = ""
    pickup_slot: dict[str, int] | None = None


@dataclass(slots=True, kw_only=True)
class AfterSale:
    """What a cancellation and a return have in common: a wish that waits for an answer until ``deadline``, or one that was granted."""

    order_id: str
    shop_id: str
    kind: str
    status: str
    role: str
    reason: str
    line_ids: list[str]
    created: float
    updated: int
    deadline: float = 0
    refund_at: float = 0


@dataclass(slots=True, kw_only=True)
class Cancellation(AfterSale):
    """One cancellation. Kinds: BUYER_CANCEL needs an answer, CANCEL is by seller or system."""

    cancel_id: str


@dataclass(slots=True, kw_only=True)
class Return(AfterSale):
    """One wish for a REFUND, RETURN_AND_REFUND or REPLACEMENT. ``offer``: what became of a partial refund the seller offered."""

    return_id: str
    arrives: float = 0
    tracking_number: str = ""
    refund_total: str = ""
    offer: str = ""  # OPEN, ACCEPTED, REJECTED
    buyer_keeps: bool = False
    replacement_id: str = ""
    history: list[dict[str, Any]] = field(default_factory=list)  # who did what when
