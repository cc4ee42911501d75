"""Telling channels how many of a listing can be bought and how soon they are sent (DS-13, DS-14).

A few listings are told one by one, and read back (``services/listing_pushes.py``). Many of one store go as one document, where the channel takes such:
its report is the proof.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from pod_hub.accounts.actors import Actor
from pod_hub.core.crash_points import crash_point
from pod_hub.core.hints import hint
from pod_hub.core.outbox import Delivery
from pod_hub.core.pace import scaled_s
from pod_hub.core.tenancy import tenant
from stores.channels.abilities import PushesStock, PushesStockInBatches, able
from stores.channels.contract import Channel
from stores.channels.errors import ChannelError
from stores.channels.publishing_types import StockNotice
from stores.channels.registry import capabilities
from stores.channels.telling_types import Receipt
from stores.models import Connection, Listing, StockPush, Store
from stores.services import breaker
from stores.services.listing_pushes import PER_TURN, READ_BACK_AFTER_S, ListingPushes, Turn, wish

TASK = "stores.push_stock"
ONE_BY_ONE = 50  # above this a document is kinder to the quota
MOST_IN_BATCH = 2000


class CannotSetStock(Exception):
    """Nothing was changed; the message says why and what to do."""


@transaction.atomic
def set_stock(*, listing_id: int, quantity: int, handling_days: int | None, actor: Actor) -> StockPush:
    """Want a listing's stock and handling time to be these; a worker tells the channel. Raises ``CannotSetStock``."""
    listing = Listing.objects.select_for_update().select_related("store").get(pk=listing_id)
    if not capabilities(listing.store.kind).pushes_stock:
        raise CannotSetStock(_("The stock of this store is not told from here."))
    if listing.gone_at is not None or listing.is_parent:
        raise CannotSetStock(_("The store does not sell this product (any more), so it has no stock."))
    if listing.quantity is None:
        # Telling it our stock would take it out of the marketplace's warehouse.
        raise CannotSetStock(_("The marketplace ships this product from its own warehouse, so its stock is not ours to tell."))
    wanted = wish(actor) | {"quantity": quantity, "handling_days": handling_days, "batch": "", "batch_number": None}
    row, _made = StockPush.objects.update_or_create(listing=listing, defaults=wanted)
    hint(TASK)
    return row


def push_stock_next() -> int:
    """Tell and read back due stock, a few listings of each store in turn, over all tenants. Returns how many rows had a turn."""
    return StockPushes().push_next()


class StockPushes(ListingPushes[StockPush, StockNotice]):
    """Stock and handling time."""

    model = StockPush
    name = "stock"

    def notice(self, row: StockPush, listing: Listing, connection: Connection, *, product_type: str) -> StockNotice:
        """See ``ListingPushes``."""
        return StockNotice(
            key=listing.key,
            product_id=listing.product_id,
            quantity=row.quantity,
            handling_days=row.handling_days,
            stock_place=connection.inventory_channel_code,
            product_type=product_type,
        )

    def push(self, channel: Channel, notice: StockNotice, *, place: str) -> Receipt:
        """See ``ListingPushes``."""
        return able(channel, PushesStock).push_stock(notice, marketplace=place)

    def shown(self, channel: Channel, notice: StockNotice, *, place: str) -> StockNotice:
        """See ``ListingPushes``."""
        return able(channel, PushesStock).stock_of(notice, marketplace=place)

    def is_same(self, wanted: StockNotice, shown: StockNotice) -> bool:
        """See ``ListingPushes``."""
        return shown.quantity == wanted.quantity and wanted.handling_days in {None, shown.handling_days}

    def difference(self, wanted: StockNotice, shown: StockNotice) -> str:
        """See ``ListingPushes``."""
        words = _("The marketplace took the stock but shows %(shown)s in place of %(wanted)s. Look at the listing there, then set it again.")
        return words % {"shown": shown.quantity, "wanted": wanted.quantity}

    def note_confirmed(self, row: StockPush) -> None:
        """See ``ListingPushes``."""
        Listing.objects.filter(pk=row.listing_id).update(quantity=row.quantity)

    def park(self, row: StockPush, words: str) -> None:
        """See ``ListingPushes``; a document that failed is not waited for any more."""
        row.settle(delivery=Delivery.PARKED, last_error=words, batch="", batch_number=None)

    # --- many at once -------------------------------------------------------------------------------------------------
    def choose(self, store: Store) -> Turn[StockPush, StockNotice] | None:
        """See ``ListingPushes``; a document that is under way comes first, and many wishes become one."""
        mine = Q(listing__store=store)
        batch = StockPush.due().filter(mine, delivery=Delivery.ACCEPTED).exclude(batch="").values_list("batch", flat=True).first()
        if batch:
            return self.begin(store, only=mine & Q(batch=batch), limit=MOST_IN_BATCH, document=batch)
        pending = mine & Q(delivery=Delivery.PENDING)
        if capabilities(store.kind).pushes_stock_in_batches and StockPush.due().filter(pending).count() > ONE_BY_ONE:
            return self.begin(store, only=pending, limit=MOST_IN_BATCH, document="")
        return self.begin(store, only=mine & Q(batch=""), limit=PER_TURN)

    def work_on(self, turn: Turn[StockPush, StockNotice]) -> None:
        """See ``ListingPushes``."""
        if turn.document is None:
            self.tell_each(turn)
        elif turn.document:
            self._read_batch(turn, turn.document)
        else:
            self._send_batch(turn)

    def _send_batch(self, turn: Turn[StockPush, StockNotice]) -> None:
        channel = able(turn.channel, PushesStockInBatches)
        try:
            document = channel.upload_stock([notice for _row, notice in turn.rows], marketplace=turn.place)
            batch = channel.submit_stock(document, marketplace=turn.place)
        except ChannelError as error:
            self._batch_failed(turn, error)
            return
        crash_point("stock.batch_sent")
        with tenant(turn.psp_id):
            for number, (row, _notice) in enumerate(turn.rows, start=1):
                self.told(turn, row, batch=batch, batch_number=number)

    def _read_batch(self, turn: Turn[StockPush, StockNotice], batch: str) -> None:
        channel = able(turn.channel, PushesStockInBatches)
        try:
            progress = channel.stock_progress(batch)
            report = channel.stock_report(progress.result_id) if progress.result_id else None
        except ChannelError as error:
            self._batch_failed(turn, error)
            return
        with tenant(turn.psp_id):
            for row, _notice in turn.rows:
                if not progress.finished:
                    row.settle(not_before=row.next_try(wait_s=scaled_s(READ_BACK_AFTER_S)))
                elif report is None or report.refused.get("0"):
                    # Nothing of it was done; each listing is told again.
                    again, words = row.next_try(), _("The batch was not worked through.")
                    row.settle(delivery=Delivery.PENDING, batch="", batch_number=None, not_before=again, last_error=words)
                elif words := report.refused.get(str(row.batch_number), ""):
                    self.park(row, words)
                else:
                    self.confirmed(row)
            breaker.note(turn.authorization_id)

    def _batch_failed(self, turn: Turn[StockPush, StockNotice], error: ChannelError) -> None:
        with tenant(turn.psp_id):
            self.failed(turn, [row for row, _notice in turn.rows], error)
