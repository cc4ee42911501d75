"""What the imitation keeps: accounts, shops, products, orders and what becomes of them. Plain data in our words; the API modules give it TikTok's shapes.

Times are seconds since the epoch. Money is a decimal string, as TikTok sends it. Ids are decimal strings longer than 2^53.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any, Self


class UserType(enum.IntEnum):
    """Whose account it is (tiktok.md §2)."""

    SELLER = 0
    CREATOR = 1
    PARTNER = 3


@dataclass(slots=True)
class Account:
    """Somebody who can log in and consent. One account may hold several shops."""

    open_id: str
    name: str
    region: str
    user_type: int = UserType.SELLER


@dataclass(slots=True)
class Warehouse:
    """A place goods leave from (SALES_WAREHOUSE) or come back to (RETURN_WAREHOUSE)."""

    warehouse_id: str
    name: str
    kind: str
    street: str
    city: str
    state: str
    postcode: str
    default: bool = False


@dataclass(slots=True)
class Shop:
    """One shop on one market."""

    shop_id: str
    open_id: str
    name: str
    region: str
    cipher: str
    code: str
    seller_type: str = "LOCAL"  # or CROSS_BORDER
    active: bool = True
    warehouses: list[Warehouse] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Grant:
    """One consent of an account. ``expires`` is the end of the authorization."""

    grant_id: str
    open_id: str
    scopes: tuple[str, ...]
    expires: float
    revoked: float | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where a shop's events of one type go."""

    event_type: str
    address: str
    created: float
    updated: float


@dataclass(slots=True)
class Delivery:
    """One webhook on its way. ``due`` None: nothing more is sent. States: pending, delivered, given_up, lost (a scenario), elsewhere (not this machine)."""

    notification_id: str
    shop_id: str
    event_type: str
    address: str
    body: str
    authorization: str
    created: float
    due: float | None
    attempts: int = 0
    state: str = "pending"
    status: int = 0
    id: int = 0


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
