"""Listings: met in orders, and synced from the store page by page (GA-21, GA-22)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from pod_hub.core.crash_points import crash_point
from pod_hub.core.pace import scaled
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.errors import ChannelError, ReconnectNeeded, TryLater
from stores.channels.registry import channel_for
from stores.channels.types import Account, IncomingLine, IncomingListing, ListingsPage
from stores.models import Connection, Listing, Store
from stores.services import breaker
from stores.services.authorizations import account_of, permission_lost

log = structlog.get_logger(__name__)

LEASE_S = 40
PAGES_PER_TURN = 50
RUNNING, FAILED = "running", "failed"


def listings_for(pairs: Iterable[tuple[int, IncomingLine]]) -> dict[tuple[int, str], Listing]:
    """Return the listing of each (store, line), making the ones we never saw, so that they can be mapped."""
    wanted = {(store_id, line.listing_key): line for store_id, line in pairs}
    found = _find(wanted)
    missing = [key for key in wanted if key not in found]
    if missing:
        Listing.objects.bulk_create(
            [
                Listing(
                    store_id=store_id,
                    key=key[:200],
                    sku=wanted[store_id, key].sku[:200],
                    product_id=wanted[store_id, key].product_id[:40],
                    title=wanted[store_id, key].title,
                )
                for store_id, key in sorted(missing)  # one order for all writers, or two of them wait for each other
            ],
            ignore_conflicts=True,  # another order of the same batch's neighbour may have met it first
        )
        found = _find(wanted)
    return {(store_id, key): found[store_id, key] for store_id, key in wanted}


def _find(wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Listing]:
    keys = list(wanted)
    rows = Listing.objects.filter(store__in={store for store, _key in keys}, key__in={key[:200] for _store, key in keys})
    by_short = {(row.store_id, row.key): row for row in rows}
    return {(store, key): by_short[store, key[:200]] for store, key in keys if (store, key[:200]) in by_short}


def start_sync(*, store_id: int) -> bool:
    """Ask for a sync of a store's listings; False when one is running. It is a row, so it survives reloads and restarts."""
    store = Store.reread(store_id)
    if store.listing_sync_state == RUNNING:
        return False
    store.listing_sync_state, store.listing_sync_page, store.listing_sync_error = RUNNING, "", ""
    store.listing_sync_started_at = store.listing_sync_not_before = now()
    store.listing_sync_seen, store.listing_sync_total = 0, None
    store.save()
    return True


@dataclass(frozen=True, slots=True)
class SyncTurn:
    """A worker's turn at one store's sync."""

    store_id: int
    psp_id: int
    lease: uuid.UUID
    kind: str
    marketplace: str
    account: Account
    page: str
    authorization_id: int


def sync_next() -> int | None:
    """Take the store whose sync waits longest, over all tenants, and go on with it. Returns listings seen, or None when none waits."""
    with across_tenants(reason="find the store whose listing sync waits longest"):
        free = Q(listing_sync_leased_until=None) | Q(listing_sync_leased_until__lt=now())
        waiting = Store.objects.filter(free, listing_sync_state=RUNNING, listing_sync_not_before__lte=now())
        # A seller whose marketplace does not answer is asked by its polls alone, until one gets an answer.
        waiting = waiting.exclude(connection__authorization__resting_since__isnull=False)
        store = waiting.order_by("listing_sync_not_before", "pk").select_for_update(skip_locked=True, of=("self",)).first()
        if store is None:
            return None
        lease = uuid.uuid4()
        Store.objects.filter(pk=store.pk).update(listing_sync_lease=lease, listing_sync_leased_until=now() + timedelta(seconds=LEASE_S))
    crash_point("sync.claimed")
    turn = _begin(store.pk, store.psp_id, lease)
    return 0 if turn is None else _run(turn)


def _begin(store_id: int, psp_id: int, lease: uuid.UUID) -> SyncTurn | None:
    with tenant(psp_id):
        store = Store.reread(store_id)
        connection = Connection.objects.filter(store=store).select_related("authorization").exclude(state=Connection.State.DISABLED).first()
        if connection is None or connection.authorization is None:
            _end(store, error=_("The store is not connected. Connect it, then sync again."))
            return None
        return SyncTurn(
            store.pk,
            psp_id,
            lease,
            store.kind,
            store.place,
            account_of(connection.authorization),
            store.listing_sync_page,
            connection.authorization.pk,
        )


def _run(turn: SyncTurn) -> int:
    channel, page, seen = channel_for(turn.kind, turn.account), turn.page, 0
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
    with tenant(turn.psp_id):
        Store.objects.filter(pk=turn.store_id, listing_sync_lease=turn.lease).update(listing_sync_lease=None, listing_sync_leased_until=None)
    return seen


def _store_page(turn: SyncTurn, answer: ListingsPage) -> bool:
    with tenant(turn.psp_id):
        store = Store.reread(turn.store_id)
        if store.listing_sync_lease != turn.lease:
            return False
        keep_listings(store, answer.listings)
        store.listing_sync_seen += len(answer.listings)
        store.listing_sync_total = answer.total if answer.total is not None else store.listing_sync_total
        store.listing_sync_page = answer.next_page
        store.listing_sync_leased_until = now() + timedelta(seconds=LEASE_S)
        if answer.unreadable:
            store.listing_sync_error = " ".join(answer.unreadable[:5])
        if answer.wait_s:
            store.listing_sync_not_before, store.listing_sync_lease, store.listing_sync_leased_until = (
                now() + timedelta(seconds=answer.wait_s),
                None,
                None,
            )
        if not answer.next_page:
            if not store.listing_sync_error:  # a row that could not be read is not a listing that is gone
                Listing.objects.filter(store=store, gone_at=None, seen_at__lt=store.listing_sync_started_at).update(gone_at=now())
            _end(store, error=store.listing_sync_error, failed=False)
        store.save()
        breaker.note(turn.authorization_id)
        crash_point("sync.storing")
        return True


def keep_listings(store: Store, told: Sequence[IncomingListing]) -> None:
    """Write one page of listings: new ones appear, known ones are brought up to date, gone ones come back."""
    moment = now()
    Listing.objects.bulk_create(
        [
            Listing(
                store=store,
                key=one.key[:200],
                sku=one.sku[:200],
                product_id=one.product_id[:40],
                title=one.title,
                channel_state=one.state[:60],
                image_url=one.image_url[:500],
                price=one.price.value if one.price else None,
                currency=one.price.currency if one.price else "",
                quantity=one.quantity,
                seen_at=moment,
                gone_at=None,
            )
            for _key, one in sorted({one.key[:200]: one for one in told}.items())  # the same order in which intake adds listings
        ],
        update_conflicts=True,
        unique_fields=["store", "key"],
        update_fields=["sku", "product_id", "title", "channel_state", "image_url", "price", "currency", "quantity", "seen_at", "gone_at"],
    )


def _end(store: Store, *, error: str, failed: bool = True) -> None:
    store.listing_sync_state, store.listing_sync_error = (FAILED if failed else ""), error
    store.listing_sync_lease = store.listing_sync_leased_until = store.listing_sync_not_before = None
    if not failed:
        store.listings_synced_at = now()
    store.save()


def _stop(turn: SyncTurn, error: ChannelError) -> None:
    with tenant(turn.psp_id):
        store = Store.reread(turn.store_id)
        if store.listing_sync_lease != turn.lease:
            return
        if isinstance(error, TryLater):
            wait = timedelta(seconds=error.wait_s) if error.wait_s is not None else scaled(60)
            store.listing_sync_not_before, store.listing_sync_lease, store.listing_sync_leased_until = now() + wait, None, None
            store.listing_sync_error = str(error)
            store.save()
            breaker.note(turn.authorization_id, error)
            return
        _end(store, error=str(error))
        if isinstance(error, ReconnectNeeded):
            connection = Connection.objects.select_related("authorization").get(store=store)
            if connection.authorization is not None:
                permission_lost(connection.authorization, str(error))
