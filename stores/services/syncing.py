"""Syncing the listings of a store, page by page (GA-21): begun by a person, done by workers, cancelled by a person, kept as a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from pod_hub.accounts.actors import HUB, Actor
from pod_hub.core.crash_points import crash_point
from pod_hub.core.outbox import Delivery
from pod_hub.core.pace import scaled_s
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.errors import ChannelError, ReconnectNeeded, TryLater
from stores.channels.registry import channel_for
from stores.channels.types import Account, ListingsPage
from stores.models import Connection, ListingSync, Store
from stores.services import breaker
from stores.services.authorizations import account_of, permission_lost
from stores.services.listings import find_gone, keep_listings, note_difference

log = structlog.get_logger(__name__)

LEASE_S = 40
PAGES_PER_TURN = 50
WAIT_S = 60
KEPT = 20  # syncs of a store; the differences of older ones are nobody's business any more


@transaction.atomic
def start_sync(*, store_id: int, actor: Actor = HUB) -> bool:
    """Ask for a sync of a store's listings; False when one is running. It is a row, so it survives reloads and restarts."""
    store = Store.reread(store_id)
    if ListingSync.objects.filter(store=store, delivery=Delivery.PENDING).exists():
        return False
    ListingSync.objects.create(store=store, started_by_id=actor.user_id)
    old = ListingSync.objects.filter(store=store).order_by("-started_at", "-pk").values_list("pk", flat=True)[KEPT:]
    # The last one that went through stays, however many failed after it: pages say from it when listings were read.
    good = ListingSync.objects.filter(store=store, delivery=Delivery.CONFIRMED).order_by("-started_at", "-pk").values_list("pk", flat=True).first()
    ListingSync.objects.filter(pk__in=[pk for pk in old if pk != good]).delete()
    return True


@transaction.atomic
def cancel_sync(*, store_id: int) -> bool:
    """End the running sync; what it has read stays. False when none is running. A worker that is at it finds out when it stores its page."""
    running = ListingSync.objects.select_for_update().filter(store=store_id, delivery=Delivery.PENDING).first()
    if running is None:
        return False
    running.delivery, running.finished_at, running.lease, running.leased_until = Delivery.WITHDRAWN, now(), None, None
    running.met = []
    running.save(update_fields=["delivery", "finished_at", "lease", "leased_until", "met"])
    return True


@dataclass(frozen=True, slots=True)
class SyncTurn:
    """A worker's turn at one store's sync."""

    row: ListingSync
    kind: str
    marketplace: str
    account: Account
    authorization_id: int


def sync_next() -> int | None:
    """Take the sync that waits longest, over all tenants, and go on with it. Returns listings seen, or None when none waits."""
    # A seller whose marketplace does not answer is asked by its polls alone, until one gets an answer.
    resting = Q(store__connection__authorization__resting_since__isnull=False)
    with across_tenants(reason="find the store whose listing sync waits longest"):
        leased = ListingSync.lease_next(limit=1, seconds=LEASE_S, only=Q(delivery=Delivery.PENDING) & ~resting)
    if not leased:
        return None
    crash_point("sync.claimed")
    turn = _begin(leased[0])
    return 0 if turn is None else _run(turn)


def _begin(row: ListingSync) -> SyncTurn | None:
    with tenant(row.psp_id):
        store = Store.objects.get(pk=row.store_id)
        connection = Connection.objects.filter(store=store).select_related("authorization").exclude(state=Connection.State.DISABLED).first()
        if connection is None or connection.authorization is None:
            _end(row, error=_("The store is not connected. Connect it, then sync again."))
            return None
        return SyncTurn(row, store.kind, store.place, account_of(connection.authorization), connection.authorization.pk)


def _run(turn: SyncTurn) -> int:
    channel, page, seen = channel_for(turn.kind, turn.account), turn.row.page, 0
    for _number in range(PAGES_PER_TURN):
        try:
            answer = channel.listings_page(marketplace=turn.marketplace, page=page)
        except ChannelError as error:
            _stop(turn, error)
            return seen
        crash_point("sync.answered")
        if not _store_page(turn, answer):
            return seen
        crash_point("sync.stored")
        seen += len(answer.listings)
        page = answer.next_page
        if not page or answer.wait_s:
            return seen
    with tenant(turn.row.psp_id):
        turn.row.settle()
    return seen


def _store_page(turn: SyncTurn, answer: ListingsPage) -> bool:
    """Write a page and the place of the next one in one transaction. False when the turn is over: another worker has it, or it was cancelled."""
    with tenant(turn.row.psp_id):
        row = ListingSync.objects.select_for_update().select_related("store").get(pk=turn.row.pk)
        if row.lease != turn.row.lease or row.delivery != Delivery.PENDING:
            return False
        difference = keep_listings(row.store, answer.listings)
        note_difference(row, difference)
        row.met += difference.met
        row.seen += len(answer.listings)
        row.total = answer.total if answer.total is not None else row.total
        row.page, row.last_error = answer.next_page, ""
        row.leased_until = now() + timedelta(seconds=LEASE_S)
        if answer.unreadable:
            row.unreadable = " ".join([*filter(None, [row.unreadable]), *answer.unreadable[:5]])[:2000]
        if answer.wait_s:
            row.not_before, row.lease, row.leased_until = now() + timedelta(seconds=answer.wait_s), None, None
        if not answer.next_page:
            if not row.unreadable:  # a row that could not be read is not a listing that is gone
                find_gone(row)
            row.met = []
            row.delivery, row.finished_at, row.lease, row.leased_until = Delivery.CONFIRMED, now(), None, None
        row.save()
        breaker.note(turn.authorization_id)
        crash_point("sync.storing")
        return True


def _end(row: ListingSync, *, error: str) -> None:
    row.settle(delivery=Delivery.PARKED, finished_at=now(), last_error=error, met=[])


def _stop(turn: SyncTurn, error: ChannelError) -> None:
    with tenant(turn.row.psp_id):
        if isinstance(error, TryLater):
            wait_s = error.wait_s if error.wait_s is not None else scaled_s(WAIT_S)
            if turn.row.settle(not_before=turn.row.next_try(wait_s=wait_s), last_error=str(error)):
                breaker.note(turn.authorization_id, error)
            return
        if not turn.row.still_leased():
            return
        _end(turn.row, error=str(error))
        if isinstance(error, ReconnectNeeded):
            connection = Connection.objects.select_related("authorization").get(store=turn.row.store_id)
            if connection.authorization is not None:
                permission_lost(connection.authorization, str(error))
