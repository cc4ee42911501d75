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
    """Who bought. The e-mail is usually a relay address; either may be missing."""

    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """A wish to cancel one line. ``requester`` and ``reason`` are the channel's words."""

    requester: str
    reason: str


@dataclass(frozen=True, slots=True)
class IncomingLine:
    """One line of an order.

    ``listing_key`` finds our Listing: the SKU, or another stable key where the channel gives no SKU; empty when it names no product.
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
    personalisation_url: str = ""  # expires; fetched at intake
    gift_message: str = ""
    gift_wrap: str = ""
    cancel_request: CancelRequest | None = None
    cancelled_by: str = ""  # who cancelled this line already, in the channel's word; empty while it stands
    programs: tuple[str, ...] = ()  # the channel's words for this line, e.g. TRANSPARENCY


@dataclass(frozen=True, slots=True)
class SeenPackage:
    """A package as the channel shows it back to us: the proof that a push arrived."""

    reference: str
    carrier: str
    tracking_number: str
    shipped_at: datetime | None
    quantities: Mapping[str, int] = field(default_factory=dict)  # external line id -> quantity
    status: str = ""


@dataclass(frozen=True, slots=True)
class IncomingOrder:
    """An order as the channel tells it, in our words but without our decisions.

    ``revision`` grows whenever the channel changes the order; intake ignores anything not newer than what it holds.
    ``ship_to`` is None while the channel withholds the address.
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
    """One marketplace the seller takes part in (or not), as the channel tells it."""

    marketplace: str
    country: str
    name: str
    participating: bool
    suspended: bool
    store_name: str = ""  # the seller's own name there


@dataclass(frozen=True, slots=True)
class Grant:
    """What a consent gave us. Both tokens are secrets: keep them sealed, never log them."""

    account_id: str
    refresh_token: str = field(repr=False)
    access_token: str = field(repr=False)
    access_expires_in_s: int


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
    """A consent that begins at the channel's own store of applications: where to answer, with which state of the channel's, and as whom."""

    answer_to: str
    state: str
    account_id: str = ""


@dataclass(frozen=True, slots=True)
class PackageNotice:
    """The fact "this package left", ready to be told. ``reference`` makes repeating it harmless: same reference = same package.

    ``placed_at`` is when the buyer ordered: channels refuse a ship date before it, so the adapter never sends one.
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


class CancelReason(enum.StrEnum):
    """Why the seller cancels. Ours, not theirs: each adapter translates. Only ``BUYER_CANCELLED`` leaves the seller's cancel rate alone."""

    BUYER_CANCELLED = "buyer_cancelled"
    NO_STOCK = "no_stock"
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

    ``lines`` are the channel's line numbers that are cancelled whole; a cancelled order names all of its lines.
    """

    reference: str
    external_id: str
    lines: tuple[str, ...]
    reason: CancelReason


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
    """Proof that the channel accepted a call: its request id, HTTP status and any warning it gave."""

    request_id: str
    status: int
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """Whose permission a conversation uses. ``key`` (authorization public id) names token cache entries; secrets stay sealed until used."""

    key: str
    account_id: str
    region: str
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MarketplaceInfo:
    """One row of a channel's table of marketplaces."""

    id: str
    country: str  # ISO code
    name: str
    region: str
    currency: str


class Channel(Protocol):
    """One seller account's conversation with its channel.

    Each call is one request to the channel (plus at most one token refresh, or the transfer of one document), ends within 15 seconds each, takes its token from the shared
    bucket first and raises ``TryLater(throttled=True)`` instead of sleeping. Raises only ``ChannelError``. Never call it inside a
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

    def fetch_order(self, external_id: str) -> RawOrder:
        """Return one order by its number; ``NotFound`` when the channel does not know it."""

    def read_order(self, payload: Raw) -> IncomingOrder:
        """Interpret a stored order. Pure; raises ``Unreadable`` naming the field and value."""

    def listings_page(self, *, marketplace: str, page: str = "") -> ListingsPage:
        """Return one page of the seller's listings; small catalogues by search, large ones by report, which is the adapter's choice."""

    def participations(self) -> tuple[Participation, ...]:
        """Return the marketplaces of the account."""

    def confirm_package(self, notice: PackageNotice) -> Receipt:
        """Tell the channel that one package left. Repeating the same notice is harmless."""

    def packages(self, external_id: str) -> tuple[SeenPackage, ...]:
        """Read back the packages the channel knows of this order."""

    def upload_cancellations(self, notices: Sequence[CancelNotice]) -> str:
        """Lay a document of cancellations ready at the channel and return its name. Nothing is cancelled yet; repeating only makes another document."""

    def submit_batch(self, document_id: str, *, marketplace: str) -> str:
        """Have the channel work through a document; return the batch's name.

        ``TryLater(ambiguous=True)`` when a batch may have been made: ask ``recent_batches`` before submitting again.
        """

    def recent_batches(self, *, marketplace: str, since: datetime) -> tuple[str, ...]:
        """Return the names of the cancellation batches that were made for us at or after ``since``, oldest first."""

    def batch_progress(self, batch_id: str) -> BatchProgress:
        """Return how far a batch is."""

    def batch_report(self, result_id: str) -> BatchReport:
        """Read the report of a finished batch. That a batch is through does not mean that any of its facts was taken."""

    def cancelled_lines(self, external_id: str) -> frozenset[str]:
        """Read back which lines of an order the channel shows as cancelled; all of them when it is cancelled as a whole."""

    def fetch_personalisation(self, url: str) -> bytes:
        """Download a personalisation archive (at most 20 MB); the address came from the order and expires."""


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
