"""What only some channels can do, each as a protocol of its own beside ``Channel`` (docs/decisions/0008-abilities.md).

Who needs an ability asks for it: ``able(channel, CancelsDirectly)`` returns the channel typed by it, or raises ``NotAble``. The registry's
capabilities say the same to pages, without making a conversation.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar, runtime_checkable

from stores.channels.types import (
    BatchProgress,
    BatchReport,
    CancelNotice,
    CarrierOption,
    Channel,
    DeclineReason,
    LabelBought,
    LabelOffer,
    Parcel,
    Receipt,
    SeenReturn,
    WishAnswer,
)

Ability = TypeVar("Ability")


class NotAble(LookupError):
    """The channel cannot do this. Ask ``capabilities`` first."""


def able(channel: Channel, ability: type[Ability]) -> Ability:
    """Return the channel as one that has the ability; raises ``NotAble``."""
    if not isinstance(channel, ability):
        raise NotAble(f"{type(channel).__name__} is not {ability.__name__}.")
    return channel


@runtime_checkable
class CancelsInBatches(Protocol):
    """Cancellations are laid ready as a document that the channel works through later (Amazon's feeds)."""

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


@runtime_checkable
class CancelsDirectly(Protocol):
    """Cancellations are told one by one."""

    def cancel(self, notice: CancelNotice) -> Receipt:
        """Cancel the lines of an order, or all of it. Repeating the same notice is harmless: what is cancelled already counts as done."""


@runtime_checkable
class AnswersWishes(Protocol):
    """A buyer's wish to cancel takes an answer, within a time that the channel sets."""

    def agree_to_cancel(self, answer: WishAnswer) -> Receipt:
        """Agree; repeating it is harmless."""

    def decline_to_cancel(self, answer: WishAnswer) -> Receipt:
        """Decline by a call, with one of ``decline_reasons``. Where shipping declines, no call does."""

    def decline_reasons(self, *, marketplace: str, wish: str) -> tuple[DeclineReason, ...]:
        """Return the reasons with which this very wish may be declined."""

    def pending_wishes(self, external_id: str, *, marketplace: str) -> frozenset[str]:
        """Return the numbers of an order's wishes that still wait for an answer."""


@runtime_checkable
class ListsCarriers(Protocol):
    """The channel takes only carriers of its own list, which differs by the way of delivery."""

    def carriers(self, *, marketplace: str, delivery_option: str) -> tuple[CarrierOption, ...]:
        """Return the carriers of one way of delivery; empty where the channel delivers by itself."""


@runtime_checkable
class MakesLabels(Protocol):
    """For some orders the shipping label is bought at the channel, which then knows of the package by itself."""

    def label_offers(self, parcel: Parcel) -> tuple[LabelOffer, ...]:
        """Return the services that would carry a parcel, with their prices."""

    def buy_label(self, parcel: Parcel, *, service_id: str) -> LabelBought:
        """Buy a label, which marks the parcel's units as shipped. ``TryLater(ambiguous=True)`` when one may have been bought: ``find_label`` tells."""

    def find_label(self, parcel: Parcel, *, known: Sequence[str]) -> LabelBought | None:
        """Return the label that an earlier try bought for this parcel; ``known`` are the channel's numbers of packages that are others."""

    def label_document(self, *, marketplace: str, package_id: str) -> tuple[bytes, LabelBought]:
        """Fetch the label to print (PDF), at most 20 MB, and what the channel says of it; ``TryLater`` while it is being made."""


@runtime_checkable
class TellsReturns(Protocol):
    """Goods and money that come back are told apart from the orders."""

    def returns_page(self, *, marketplaces: Sequence[str], changed_since: datetime, page: str = "") -> tuple[tuple[SeenReturn, ...], str]:
        """Return one page of returns that changed at or after ``changed_since``, and the token of the next page (empty: the last)."""
