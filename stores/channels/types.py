"""What a channel tells, in our words only.

An adapter (``stores/channels/<channel>/adapter.py``) implements ``Channel`` (``contract.py``), with what it is told in ``telling_types.py`` and
permission in ``consent_types.py``. It never touches the database and raises only
``ChannelError`` (``errors.py``). What a channel sends is kept raw in an intake record first and read by ``read_order`` afterwards, as a
pure function, so an interpretation can be repeated without asking again.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from stores.channels.keeping import AccountKeeper

Raw = Mapping[str, Any]


class ChannelState(enum.StrEnum):
    """Where the channel says the order is. Ours, not theirs: each mapper translates and raises ``Unreadable`` for an unknown value."""

    PENDING = "pending"  # not payable or not paid yet: never ship, no address
    UNSHIPPED = "unshipped"
    PARTIALLY_SHIPPED = "partially_shipped"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    UNFULFILLABLE = "unfulfillable"


class FulfilledBy(enum.StrEnum):
    """Who ships: the merchant (Amazon's MFN) or the channel's own warehouse (AFN)."""

    MERCHANT = "merchant"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Amount:
    """Money as the channel states it: exact, with its currency."""

    value: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Address:
    """A delivery address. ``country`` is ISO 3166-1 alpha-2 (the United Kingdom is GB)."""

    name: str
    lines: tuple[str, ...]
    city: str
    region: str
    postcode: str
    country: str
    company: str = ""
    district: str = ""
    phone: str = ""
    kind: str = ""  # the channel's word, e.g. RESIDENTIAL, COMMERCIAL, PICKUP_POINT
    instructions: str = ""  # what the buyer asks of the carrier: drop-off place, directions


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who bought, and what they wrote to the seller. The e-mail is usually a relay address; any of it may be missing."""

    name: str = ""
    email: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """A wish to cancel one line. ``requester`` and ``reason`` are the channel's words.

    ``reference`` names the wish at channels that take an answer to it, until ``answer_by``; ``quantity`` is set when only so many units are meant.
    """

    requester: str
    reason: str
    reference: str = ""
    answer_by: datetime | None = None
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class IncomingLine:
    """One line of an order.

    ``listing_key`` finds our Listing: the SKU, or another stable key where the channel gives no SKU; empty when it names no product.
    ``units`` are the channel's numbers of the single units, where it counts them one by one; ``personalisation_url`` is where the buyer's own
    text is fetched, and means something only to the adapter that gave it.
    """

    external_line_id: str
    listing_key: str
    sku: str
    product_id: str  # the channel's product number, e.g. an ASIN
    title: str
    quantity: int
    quantity_shipped: int
    unit_price: Amount | None
    line_total: Amount | None
    personalisation_url: str = ""  # may expire; fetched at intake
    gift_message: str = ""
    gift_wrap: str = ""
    cancel_request: CancelRequest | None = None
    cancelled_by: str = ""  # who cancelled this line already, in the channel's word; empty while it stands
    programs: tuple[str, ...] = ()  # the channel's words for this line, e.g. TRANSPARENCY
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonalText:
    """One text of the buyer's for a line, with the channel's name for its place. Personal data."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class SeenPackage:
    """A package as the channel shows it back to us: the proof that a push arrived.

    ``reference`` is ours where the channel keeps it; elsewhere it is the package's place in the order of shipping, and ``package_id`` the channel's
    own number.
    """

    reference: str
    carrier: str
    tracking_number: str
    shipped_at: datetime | None
    quantities: Mapping[str, int] = field(default_factory=dict)  # external line id -> quantity
    status: str = ""
    package_id: str = ""


@dataclass(frozen=True, slots=True)
class IncomingOrder:
    """An order as the channel tells it, in our words but without our decisions.

    ``revision`` grows whenever the channel changes the order; intake ignores anything not newer than what it holds.
    ``ship_to`` is None while the channel withholds the address; ``address_hidden`` says that it shows one with parts blacked out instead.
    ``held_until`` is about when the channel lets the order go on, and set only while it forbids to ship. With ``label_by_channel`` the shipping
    label comes from the channel. ``collect_by`` is when the carrier must have scanned it, ``lapses_at`` when the channel cancels it by itself.
    """

    external_id: str
    revision: datetime
    placed_at: datetime
    marketplace: str
    state: ChannelState
    channel_status: str  # the channel's own word, shown beside ours
    fulfilled_by: FulfilledBy
    ship_by: datetime | None
    ship_from: datetime | None
    deliver_by: datetime | None
    service_level: str
    programs: tuple[str, ...]
    total: Amount | None
    buyer: Buyer
    ship_to: Address | None
    lines: tuple[IncomingLine, ...]
    packages: tuple[SeenPackage, ...] = ()
    replaces: str = ""  # external id of the order this one replaces or exchanges
    seller_order_id: str = ""
    held_until: datetime | None = None
    address_hidden: bool = False
    label_by_channel: bool = False
    collect_by: datetime | None = None
    lapses_at: datetime | None = None
    delivery_option: str = ""  # the channel's number of the way of delivery, which says what carriers there are


@dataclass(frozen=True, slots=True)
class RawOrder:
    """One order exactly as received, with the two facts the ledger needs. Either may be empty when the answer is broken."""

    external_id: str
    revision: datetime | None
    payload: Raw


@dataclass(frozen=True, slots=True)
class OrdersPage:
    """One page of changed orders.

    ``high_water`` is the time up to which the channel vouches for its answer (Amazon's ``lastUpdatedBefore``): the next poll may start
    there minus an overlap, once the *last* page (``next_page`` empty) is stored. It may differ between the pages of one poll: keep the smallest.
    """

    orders: tuple[RawOrder, ...]
    next_page: str
    high_water: datetime


@dataclass(frozen=True, slots=True)
class IncomingListing:
    """One thing the store sells, as the channel tells it. ``key`` is stable for the life of the listing.

    ``variant`` is what tells it from its siblings ("Black, L"), where the title does not say it.
    ``family`` joins the variants of one product: the key of the parent's listing, which has it too and ``is_parent``, or the channel's number of
    the product, with its title as ``family_title``. Empty for a listing without variants; None where this answer does not tell.
    """

    key: str
    sku: str
    product_id: str
    title: str
    state: str  # the channel's word
    image_url: str = ""
    price: Amount | None = None
    quantity: int | None = None
    fulfilled_by: FulfilledBy = FulfilledBy.MERCHANT
    problems: tuple[str, ...] = ()  # what the channel finds wrong with it, in its words
    family: str | None = None
    family_title: str = ""
    is_parent: bool = False
    variant: str = ""


@dataclass(frozen=True, slots=True)
class ListingsPage:
    """One page of listings; ``next_page`` empty on the last. ``total`` is the channel's own count where it gives one.

    ``wait_s`` above zero means "not ready" (a report is being made): ask again with ``next_page`` after that time.
    """

    listings: tuple[IncomingListing, ...]
    next_page: str
    wait_s: float = 0
    total: int | None = None
    unreadable: tuple[str, ...] = ()  # a sentence for each row that could not be read


@dataclass(frozen=True, slots=True)
class Account:
    """Whose permission a conversation uses. ``key`` (authorization public id) names token cache entries; secrets stay sealed until used.

    ``keeper`` is there for channels that renew tokens in pairs; they leave ``refresh_token`` empty.
    """

    key: str
    account_id: str
    region: str
    refresh_token: str = field(repr=False)
    keeper: AccountKeeper | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class MarketplaceInfo:
    """One row of a channel's table of marketplaces."""

    id: str
    country: str  # ISO code
    name: str
    region: str
    currency: str


class NoticeAbout(enum.StrEnum):
    """What a channel's notice says has changed. It never says what it is now: whoever handles it asks again."""

    ORDER = "order"
    RETURN = "return"
    PRODUCT = "product"
    DEAUTHORISED = "deauthorised"  # the seller withdrew the permission at the channel
    EXPIRING = "expiring"  # the permission ends at ``ends_at``
    NOTHING = "nothing"  # a kind that is not known, or not ours to act on


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice as the channel sent it, its signature already found right. ``key`` is the same for every repetition of it.

    ``subjects`` are the numbers of what changed (orders, for ``ORDER`` and ``RETURN``).
    """

    key: str
    shop: str
    topic: str  # the channel's word
    about: NoticeAbout
    subjects: tuple[str, ...]
    told_at: datetime | None
    ends_at: datetime | None = None


class Notices(Protocol):
    """Reading what a channel tells by itself. One object per channel; no account."""

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Say in constant time whether the channel signed this very body. Pure."""

    def read(self, body: bytes) -> Notice:
        """Read a genuine body; whatever it holds, it is a notice, of a kind that is not known if need be. Pure, and never raises."""
