"""The part of the channel contract about what is told to a channel: packages, cancellations, answers, labels, and how each of them ends."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from stores.channels.types import Amount


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
