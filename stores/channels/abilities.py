"""What only some channels can do, each as a protocol of its own beside ``Channel`` (docs/decisions/0008-abilities.md).

Who needs an ability asks for it: ``able(channel, CancelsDirectly)`` returns the channel typed by it, or raises ``NotAble``. The registry's
capabilities say the same to pages, without making a conversation.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar, runtime_checkable

from stores.channels.contract import Channel
from stores.channels.publishing_types import (
    PictureSource,
    PriceNotice,
    ProductAnswer,
    ProductDraft,
    ProductProgress,
    ProductType,
    ProductTypeOption,
    StockNotice,
)
from stores.channels.telling_types import (
    BatchProgress,
    BatchReport,
    CancelNotice,
    CarrierOption,
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


@runtime_checkable
class Publishes(Protocol):
    """Products can be made at the channel (GA-28, GT-19). Nothing it says at once means that a product is live: ``product_progress`` does."""

    def product_types(self, *, marketplace: str, words: str) -> tuple[ProductTypeOption, ...]:
        """Return the product types that fit some words, the likeliest first; at most fifty."""

    def product_type(self, *, marketplace: str, product_type: str, language: str = "") -> ProductType:
        """Return what the channel asks for a product type, in words of this language where it has them; ``NotFound`` for one that is none."""

    def keep_picture(self, picture: PictureSource, *, marketplace: str) -> str:
        """Return the reference under which drafts name a picture: its link, or what an upload gave. Repeating it is harmless."""

    def check_product(self, draft: ProductDraft) -> ProductAnswer:
        """Have the channel look at a draft without making anything."""

    def publish_product(self, draft: ProductDraft) -> ProductAnswer:
        """Make the product, or change the one of the same key. Repeating the same attempt makes no second one.

        ``TryLater(ambiguous=True)`` when it may have been made: ask ``product_progress`` before repeating it.
        """

    def product_progress(self, *, marketplace: str, key: str, product_id: str = "") -> ProductProgress:
        """Return how far the channel is with a product; ``NotFound`` when it knows none of this key."""


@runtime_checkable
class PublishesVariants(Protocol):
    """A draft may hold several variants, which become one product at the channel, all by one call or none; beside ``Publishes``."""

    def keys_in_use(self, *, marketplace: str, keys: Sequence[str]) -> frozenset[str]:
        """Return those of some keys under which the channel knows a product already."""


@runtime_checkable
class PushesStock(Protocol):
    """Stock and handling time of a listing can be told (DS-13, DS-14), one listing a call."""

    def push_stock(self, notice: StockNotice, *, marketplace: str) -> Receipt:
        """Set quantity and handling time, and nothing else; repeating it is harmless. ``Refused`` holds the channel's words."""

    def stock_of(self, notice: StockNotice, *, marketplace: str) -> StockNotice:
        """Return what the channel shows now of the notice's listing at the notice's place: the proof that a push arrived."""


@runtime_checkable
class PushesStockInBatches(Protocol):
    """Many listings' stock goes as one document that the channel works through later (Amazon's JSON feed); beside ``PushesStock``."""

    def upload_stock(self, notices: Sequence[StockNotice], *, marketplace: str) -> str:
        """Lay a document ready and return its name; messages are numbered from 1 in the order of the notices."""

    def submit_stock(self, document_id: str, *, marketplace: str) -> str:
        """Have the channel work through it; return the batch's name. Repeating the same stock in another batch is harmless."""

    def stock_progress(self, batch_id: str) -> BatchProgress:
        """Return how far a batch is."""

    def stock_report(self, result_id: str) -> BatchReport:
        """Read what was refused, by message number."""


@runtime_checkable
class PushesPrices(Protocol):
    """What a listing is sold for can be told, one listing a call, without looking at the product anew."""

    def push_price(self, notice: PriceNotice, *, marketplace: str) -> Receipt:
        """Set the price and nothing else: a discount that runs at the channel stays. Repeating it is harmless. ``Refused`` holds the channel's words."""

    def price_of(self, notice: PriceNotice, *, marketplace: str) -> PriceNotice:
        """Return what the channel sells the notice's listing for now, before discounts: the proof that a push arrived."""
