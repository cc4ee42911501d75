"""The contract between the hub and a channel, in our words only.

An adapter (``stores/channels/<channel>/adapter.py``) implements ``Channel``. It never touches the database and raises only
``ChannelError`` (``errors.py``). What a channel sends is kept raw in an intake record first and read by ``read_order`` afterwards, as a
pure function, so an interpretation can be repeated without asking again.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from stores.channels.keeping import AccountKeeper, TokenPair

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
class Participation:
    """One marketplace the seller takes part in (or not), as the channel tells it.

    Where a seller has shops with numbers of their own, each is one of these: ``marketplace`` is then the shop's number, ``site`` the national
    site it sells on and ``key`` what the channel wants beside the number in every call.
    """

    marketplace: str
    country: str
    name: str
    participating: bool
    suspended: bool
    store_name: str = ""  # the seller's own name there
    site: str = ""
    key: str = field(default="", repr=False)
    seller_type: str = ""  # the channel's word
    why_not: str = ""  # why it cannot be used although the permission covers it, in a sentence


@dataclass(frozen=True, slots=True)
class Grant:
    """What a consent gave us. Both tokens are secrets: keep them sealed, never log them.

    ``pair`` is set where tokens are renewed in pairs and end when the channel says; ``account_proven`` where the channel itself named the
    account, so that what the browser said of it does not count.
    """

    account_id: str
    refresh_token: str = field(repr=False)
    access_token: str = field(repr=False)
    access_expires_in_s: int
    account_name: str = ""
    account_proven: bool = False
    pair: TokenPair | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ConsentAnswer:
    """What came back with the browser from a consent page; all of it is what the browser says, so none of it is trusted yet.

    ``code`` is a secret for some minutes, and empty when the seller declined; ``error`` is the channel's word for it, if any.
    """

    state: str
    code: str = field(repr=False)
    account_id: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class ConsentStart:
    """A consent that begins at the channel's own store of applications: where to answer, with which state of the channel's, and as whom.

    Some channels give the code at once, without a state that anybody here asked for. It is a secret, and of no use until a person who is signed
    in says for which store it is.
    """

    answer_to: str
    state: str
    account_id: str = ""
    code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CarrierOption:
    """A carrier that the channel takes for a way of delivery, under its own number."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class PackageNotice:
    """The fact "this package left", ready to be told. ``reference`` makes repeating it harmless: same reference = same package.

    ``placed_at`` is when the buyer ordered: channels refuse a ship date before it, so the adapter never sends one. ``carrier_id`` is the channel's
    number of the carrier, where somebody mapped ours to it. ``declines_request`` says that a person decided to ship although the buyer asks to
    cancel, which declines that wish.
    """

    external_id: str
    marketplace: str
    reference: str
    carrier_code: str
    carrier_name: str
    shipping_method: str
    tracking_number: str
    shipped_at: datetime
    quantities: Mapping[str, int]  # external line id -> quantity
    placed_at: datetime | None = None
    carrier_id: str = ""
    declines_request: bool = False
    package_id: str = ""  # the channel's own number of a package that was told before, when its carrier or tracking number is corrected


class CancelReason(enum.StrEnum):
    """Why the seller cancels. Ours, not theirs: each adapter translates. Only ``BUYER_CANCELLED`` leaves the seller's cancel rate alone."""

    BUYER_CANCELLED = "buyer_cancelled"
    NO_STOCK = "no_stock"
    PRICING_ERROR = "pricing_error"
    ADDRESS_UNDELIVERABLE = "address_undeliverable"
    NO_CARRIER = "no_carrier"
    EXCHANGE = "exchange"
    RETURN = "return"
    GOODS_NOT_RECEIVED = "goods_not_received"
    CREDIT_DECISION = "credit_decision"
    BAD_RISK_DATA = "bad_risk_data"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CancelNotice:
    """The fact "this will not be shipped", ready to be told. ``reference`` is a positive number as text, unique in its batch.

    ``lines`` are the channel's line numbers that are cancelled whole; a cancelled order names all of its lines. ``site`` is the national site, which
    at some channels decides what reasons there are.
    """

    reference: str
    external_id: str
    lines: tuple[str, ...]
    reason: CancelReason
    marketplace: str = ""
    site: str = ""


@dataclass(frozen=True, slots=True)
class WishAnswer:
    """Our answer to a buyer's wish to cancel, ready to be given. ``key`` makes repeating it harmless; ``reason`` is the channel's own, to decline."""

    wish: str
    external_id: str
    marketplace: str
    key: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DeclineReason:
    """One reason with which the channel lets a wish be declined, in its own key and words."""

    key: str
    words: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a label is wanted for: units of one order (by external line id), their weight and size."""

    external_id: str
    marketplace: str
    quantities: Mapping[str, int]
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int


@dataclass(frozen=True, slots=True)
class LabelOffer:
    """One service that would carry a parcel."""

    service_id: str
    name: str
    carrier: str
    price: Amount | None
    earliest_days: int | None = None
    latest_days: int | None = None
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class LabelBought:
    """A label that was bought: the channel's number of the package, and what is known of carrier, tracking and price so far."""

    package_id: str
    carrier: str = ""
    tracking_number: str = ""
    price: Amount | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class SeenReturn:
    """A return as the channel tells it. ``kind``, ``status`` and ``reason`` are its words; ``units`` its numbers of lines or units."""

    number: str
    external_id: str
    marketplace: str
    kind: str
    status: str
    reason: str
    units: tuple[str, ...]
    opened_at: datetime
    changed_at: datetime
    tracking_number: str = ""
    carrier: str = ""
    answer_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How far the channel is with a batch. ``result_id`` is set once its report can be read; ``given_up`` holds its word for a failure."""

    result_id: str = ""
    given_up: str = ""

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to the batch."""
        return bool(self.result_id or self.given_up)


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What the channel's report says of a batch: how many facts it read, and its words against those it refused, by reference."""

    processed: int
    refused: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that the channel accepted a call: its request id, HTTP status, any warning it gave, and its own number of the package, if it has one."""

    request_id: str
    status: int
    warning: str = ""
    package_id: str = ""


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


class Channel(Protocol):
    """One seller account's conversation with its channel.

    ``marketplace`` names one place where the account sells, in the channel's way: a marketplace id at Amazon, a shop's number at TikTok Shop.

    Each call is one request to the channel, or the few that make up one answer (the channel's README says where), plus at most one token
    refresh or the transfer of one document. It ends within 15 seconds, takes its token from the shared bucket first and raises ``TryLater(throttled=True)`` instead of sleeping. Raises only ``ChannelError``. Never call it inside a
    database transaction: ``pod_hub.core.http`` refuses.
    """

    def orders_page(self, *, marketplaces: Sequence[str], changed_since: datetime, page: str = "") -> OrdersPage:
        """Return one page of orders changed at or after ``changed_since``, with all lines and every field we may read.

        Sends no status, channel or age filter. Repeat the same arguments with ``page`` = the previous ``next_page`` to go on.
        """

    def placed_orders_page(self, *, marketplaces: Sequence[str], placed_since: datetime, page: str = "") -> OrdersPage:
        """Return one page of the orders *placed* at or after ``placed_since``, whatever happened to them since; for reconciliation.

        Draws on the same quota as ``orders_page`` and leaves a reserve of it to polls. ``high_water`` is the time of placing up to which the
        channel vouches for its answer.
        """

    def fetch_order(self, external_id: str, *, marketplace: str = "") -> RawOrder:
        """Return one order by its number; ``NotFound`` when the channel does not know it.

        Naming the marketplace spares asking each of them, where numbers are looked up by marketplace.
        """

    def read_order(self, payload: Raw) -> IncomingOrder:
        """Interpret a stored order. Pure; raises ``Unreadable`` naming the field and value."""

    def listings_page(self, *, marketplace: str, page: str = "") -> ListingsPage:
        """Return one page of the seller's listings; small catalogues by search, large ones by report, which is the adapter's choice."""

    def participations(self) -> tuple[Participation, ...]:
        """Return the marketplaces of the account."""

    def confirm_package(self, notice: PackageNotice) -> Receipt:
        """Tell the channel that one package left. Repeating the same notice is harmless."""

    def packages(self, external_id: str, *, marketplace: str = "") -> tuple[SeenPackage, ...]:
        """Read back the packages the channel knows of this order."""

    def cancelled_lines(self, external_id: str, *, marketplace: str = "") -> frozenset[str]:
        """Read back which lines of an order the channel shows as cancelled; all of them when it is cancelled as a whole."""

    def fetch_personalisation(self, url: str) -> bytes:
        """Fetch the buyer's own content for a line (at most 20 MB); the address came from the order and may expire."""

    def read_personalisation(self, content: bytes) -> tuple[PersonalText, ...]:
        """Read what ``fetch_personalisation`` brought, which is hostile until checked. Pure; raises ``Unreadable`` without quoting it."""


class Consent(Protocol):
    """Getting a seller's permission. One object per channel; no account yet."""

    def consent_url(self, *, marketplace: str, state: str) -> str:
        """Return the channel's address to send the browser to. ``state`` comes back with the answer."""

    def read_answer(self, query: Mapping[str, str]) -> ConsentAnswer:
        """Read the query with which the browser comes back; missing parameters are empty. Pure."""

    def read_start(self, query: Mapping[str, str]) -> ConsentStart:
        """Read the query with which a seller arrives who started at the channel. ``Refused`` unless the answer would go to the channel. Pure."""

    def answer_start(self, start: ConsentStart, *, state: str) -> str:
        """Return the channel's address to send that seller on to; again ``Refused`` for an address that is not the channel's."""

    def exchange(self, *, code: str, account_id: str, region: str) -> Grant:
        """Trade the code of a consent for tokens, once, within its five minutes; ``ReconnectNeeded`` when the code is used up or too old."""
