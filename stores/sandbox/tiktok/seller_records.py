"""What the imitation remembers of sellers: accounts, shops, what they allowed, and where their webhooks go."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


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
