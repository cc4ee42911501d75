"""Telling channels how many of a listing can be bought and how soon they are sent (DS-13, DS-14). The row holds what is wanted; the latest wish wins.

A few listings are told one by one, and read back. Many of one store go as one document, where the channel takes such: its report is the proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Count, Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from pod_hub.accounts.actors import Actor
from pod_hub.core.crash_points import crash_point
from pod_hub.core.hints import hint
from pod_hub.core.outbox import MOST_ATTEMPTS, Delivery
from pod_hub.core.pace import scaled_s
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.abilities import PushesStock, PushesStockInBatches, able
from stores.channels.errors import ChannelError, ReconnectNeeded, Refused, TryLater
from stores.channels.publishing_types import StockNotice
from stores.channels.registry import capabilities, channel_for
from stores.channels.types import Account
from stores.models import Authorization, Connection, Listing, Publication, StockPush, Store
from stores.services import breaker
from stores.services.authorizations import account_of, permission_lost

log = structlog.get_logger(__name__)

TASK = "stores.push_stock"
ONE_BY_ONE = 50  # above this a document is kinder to the quota
PER_TURN = 10
MOST_IN_BATCH = 2000
BATCH_LEASE_S = 120
READ_BACK_AFTER_S = 60
MOST_READ_BACKS = 5


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
    wanted: dict[str, Any] = {
        "quantity": quantity,
        "handling_days": handling_days,
        "delivery": Delivery.PENDING,
        "not_before": now(),
        "attempts": 0,
        "lease": None,  # a worker that is telling the wish before this one settles nothing
        "leased_until": None,
        "last_error": "",
        "wanted_at": now(),
        "wanted_by_id": actor.user_id,
        "batch": "",
        "batch_number": None,
    }
    row, _made = StockPush.objects.update_or_create(listing=listing, defaults=wanted)
    hint(TASK)
    return row


# --- workers ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Turn:
    """A worker's turn at the stock of one store."""

    psp_id: int
    kind: str
    place: str
    account: Account
    authorization_id: int
    rows: tuple[tuple[StockPush, StockNotice], ...]


def push_stock_next() -> int:
    """Tell and read back due stock, a few listings of each store in turn, over all tenants. Returns how many rows had a turn."""
    ours = Q(listing__store__connection__inventory_paused=False, listing__store__connection__authorization__state=Authorization.State.ACTIVE)
    calm = Q(listing__store__connection__authorization__resting_since=None) & ~Q(listing__store__connection__state=Connection.State.DISABLED)
    with across_tenants(reason="find stores with due stock"):
        stores = list(
            StockPush.due().filter(ours, calm).order_by().values("listing__store_id", "psp_id").annotate(n=Count("pk")).order_by("-n")[:100]
        )
    done = 0
    for store in stores:
        done += push_stock_of(store_id=store["listing__store_id"], psp_id=store["psp_id"])
    return done


def push_stock_of(*, store_id: int, psp_id: int) -> int:
    """Work on the due stock of one store. Returns how many rows had a turn."""
    with tenant(psp_id):
        store = Store.objects.get(pk=store_id)
        mine = Q(listing__store=store)
        batched = StockPush.due().filter(mine, delivery=Delivery.ACCEPTED).exclude(batch="").values_list("batch", flat=True).first()
        pending = StockPush.due().filter(mine, delivery=Delivery.PENDING).count()
        in_batch = capabilities(store.kind).pushes_stock_in_batches and pending > ONE_BY_ONE
        if batched:
            only, limit, seconds = mine & Q(batch=batched), MOST_IN_BATCH, BATCH_LEASE_S
        elif in_batch:
            only, limit, seconds = mine & Q(delivery=Delivery.PENDING), MOST_IN_BATCH, BATCH_LEASE_S
        else:
            only, limit, seconds = mine & Q(batch=""), PER_TURN, BATCH_LEASE_S
        turn = _begin(store, StockPush.lease_next(limit=limit, seconds=seconds, only=only))
    crash_point("stock.leased")
    if turn is None or not turn.rows:
        return 0
    if batched:
        _read_batch(turn, batched)
    elif in_batch:
        _send_batch(turn)
    else:
        _one_by_one(turn)
    return len(turn.rows)


def _begin(store: Store, leased: Sequence[StockPush]) -> Turn | None:
    connection = Connection.objects.filter(store=store).select_related("authorization").first()
    if connection is None or connection.authorization is None:
        return None
    listings = {one.pk: one for one in Listing.objects.filter(pk__in=[row.listing_id for row in leased])}
    types = dict(Publication.objects.filter(listing__in=listings).exclude(product_type="").order_by("pk").values_list("listing_id", "product_type"))
    rows = tuple(
        (
            row,
            StockNotice(
                key=listings[row.listing_id].key,
                product_id=listings[row.listing_id].product_id,
                quantity=row.quantity,
                handling_days=row.handling_days,
                stock_place=connection.inventory_channel_code,
                product_type=types.get(row.listing_id, ""),
            ),
        )
        for row in leased
    )
    return Turn(store.psp_id, store.kind, store.place, account_of(connection.authorization), connection.authorization.pk, rows)


def _one_by_one(turn: Turn) -> None:
    channel = able(channel_for(turn.kind, turn.account), PushesStock)
    for at, (row, notice) in enumerate(turn.rows):
        try:
            if row.delivery == Delivery.ACCEPTED:
                _read_back(turn, row, notice, channel.stock_of(notice, marketplace=turn.place))
            else:
                receipt = channel.push_stock(notice, marketplace=turn.place)
                crash_point("stock.told")
                with tenant(turn.psp_id):
                    _told(turn, row, request_id=receipt.request_id[:120])
        except ChannelError as error:
            with tenant(turn.psp_id):
                _failed(turn, row, error)
            if not isinstance(error, Refused):
                # A marketplace that has no time or no answer now is not asked for the others in the same turn.
                _put_back(turn, [other for other, _notice in turn.rows[at + 1 :]])
                return


def _told(turn: Turn, row: StockPush, **changes: Any) -> None:
    row.settle(
        delivery=Delivery.ACCEPTED, told_at=now(), attempts=0, last_error="", not_before=row.next_try(wait_s=scaled_s(READ_BACK_AFTER_S)), **changes
    )
    breaker.note(turn.authorization_id)


def _read_back(turn: Turn, row: StockPush, wanted: StockNotice, shown: StockNotice) -> None:
    same = shown.quantity == wanted.quantity and wanted.handling_days in {None, shown.handling_days}
    with tenant(turn.psp_id):
        if same:
            _confirmed(row)
        elif row.attempts < MOST_READ_BACKS:
            row.settle(not_before=row.next_try(wait_s=scaled_s(READ_BACK_AFTER_S * row.attempts)))
        else:
            words = _("The marketplace took the stock but shows %(shown)s in place of %(wanted)s. Look at the listing there, then set it again.")
            row.settle(delivery=Delivery.PARKED, last_error=words % {"shown": shown.quantity, "wanted": wanted.quantity})
        breaker.note(turn.authorization_id)


def _confirmed(row: StockPush) -> None:
    if row.settle(delivery=Delivery.CONFIRMED, confirmed_at=now(), attempts=0, last_error=""):
        Listing.objects.filter(pk=row.listing_id).update(quantity=row.quantity)


# --- many at once -----------------------------------------------------------------------------------------------------
def _send_batch(turn: Turn) -> None:
    channel = able(channel_for(turn.kind, turn.account), PushesStockInBatches)
    try:
        document = channel.upload_stock([notice for _row, notice in turn.rows], marketplace=turn.place)
        batch = channel.submit_stock(document, marketplace=turn.place)
    except ChannelError as error:
        _batch_failed(turn, error)
        return
    crash_point("stock.batch_sent")
    with tenant(turn.psp_id):
        for number, (row, _notice) in enumerate(turn.rows, start=1):
            _told(turn, row, batch=batch, batch_number=number)


def _read_batch(turn: Turn, batch: str) -> None:
    channel = able(channel_for(turn.kind, turn.account), PushesStockInBatches)
    try:
        progress = channel.stock_progress(batch)
        report = channel.stock_report(progress.result_id) if progress.result_id else None
    except ChannelError as error:
        _batch_failed(turn, error)
        return
    with tenant(turn.psp_id):
        for row, _notice in turn.rows:
            if not progress.finished:
                row.settle(not_before=row.next_try(wait_s=scaled_s(READ_BACK_AFTER_S)))
            elif report is None or report.refused.get("0"):
                # Nothing of it was done; each listing is told again.
                row.settle(
                    delivery=Delivery.PENDING,
                    batch="",
                    batch_number=None,
                    not_before=row.next_try(),
                    last_error=_("The batch was not worked through."),
                )
            elif words := report.refused.get(str(row.batch_number)):
                row.settle(delivery=Delivery.PARKED, last_error=words, batch="", batch_number=None)
            else:
                _confirmed(row)
        breaker.note(turn.authorization_id)


def _batch_failed(turn: Turn, error: ChannelError) -> None:
    with tenant(turn.psp_id):
        for row, _notice in turn.rows:
            _settle_failed(row, error)
        breaker.note(turn.authorization_id, error)
        if isinstance(error, ReconnectNeeded):
            permission_lost(Authorization.reread(turn.authorization_id), str(error))


def _failed(turn: Turn, row: StockPush, error: ChannelError) -> None:
    _settle_failed(row, error)
    breaker.note(turn.authorization_id, error)
    if isinstance(error, ReconnectNeeded):
        permission_lost(Authorization.reread(turn.authorization_id), str(error))


def _settle_failed(row: StockPush, error: ChannelError) -> None:
    if isinstance(error, TryLater) and (error.throttled or row.attempts < MOST_ATTEMPTS):
        row.settle(not_before=row.next_try(wait_s=error.wait_s), last_error=str(error))
    else:
        row.settle(delivery=Delivery.PARKED, last_error=str(error), batch="", batch_number=None)


def _put_back(turn: Turn, rows: Sequence[StockPush]) -> None:
    with tenant(turn.psp_id):
        for row in rows:
            row.settle(attempts=max(row.attempts - 1, 0))
