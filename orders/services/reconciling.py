"""Comparing everything a marketplace lists for a window with the ledger, repairing what differs, and keeping the figures (P1, P15; R7).

One row is one comparison of one authorization: begun by a person or every night, worked on page by page under a lease, and kept as the proof of
"0 missing of N". It asks for orders by the time they were *placed*, which no poll does, so that an order which a poll could not see is found by
another question. Polls come first: a reconciliation leaves part of the shared quota alone and simply waits for its next page.

An order counts as missing when the ledger has never seen its number although the polls are past its last change, and as different when it is in the
hub with another status, other lines or quantities at the same revision (a time of change is a whole second, in which an order may change twice).
Both are put into the ledger by the road "reconciliation" and taken in, which repairs them. What the polls have not reached yet is only put into the
ledger early. Lines that were cancelled here are not compared: the marketplace learns that later than we do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.timezone import now
from django.utils.translation import gettext as _

from orders.models import IntakeRecord, Order, OrderLine, Reconciliation
from orders.services.ledger import printable, record_again, record_orders
from orders.states import NOT_MADE, LineState
from pod_hub.accounts.actors import HUB, Actor
from pod_hub.core.crash_points import crash_point
from pod_hub.core.outbox import MOST_ATTEMPTS, Delivery
from pod_hub.core.pace import scaled
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.contract import Channel
from stores.channels.errors import ChannelError, ReconnectNeeded, Refused, TryLater, Unreadable
from stores.channels.registry import channel_for
from stores.channels.types import IncomingOrder, OrdersPage, RawOrder
from stores.models import Authorization, Connection
from stores.selectors import places_of
from stores.services import breaker
from stores.services.authorizations import account_of, permission_lost

log = structlog.get_logger(__name__)

LEASE_S = 60
WINDOW = timedelta(days=30)
NIGHTLY_S = 24 * 3600
MOST_BEGUN = 50
MOST_NUMBERS = 50  # kept to be shown; the counts are complete
Verdict = IntakeRecord.Verdict


class CannotReconcile(Exception):
    """The comparison was not begun; the message says why and what to do."""


# --- beginning --------------------------------------------------------------------------------------------------------
@transaction.atomic
def request_reconciliation(*, authorization_id: int, actor: Actor, window: timedelta = WINDOW) -> Reconciliation:
    """Begin a comparison, or return the one that is running. Call inside the tenant's scope. Raises ``CannotReconcile``."""
    authorization = Authorization.objects.select_for_update().get(pk=authorization_id)
    running = Reconciliation.objects.filter(authorization=authorization, delivery=Delivery.PENDING).first()
    if running is not None:
        return running
    if authorization.state != Authorization.State.ACTIVE:
        raise CannotReconcile(_("The marketplace cannot be asked, because the seller's permission is gone. Reconnect the store first."))
    connections = Connection.objects.filter(authorization=authorization).exclude(state=Connection.State.DISABLED).exclude(import_paused=True)
    marketplaces = places_of(connections)
    if not marketplaces:
        raise CannotReconcile(_("No store of this permission imports orders, so there is nothing to compare."))
    # What was placed before the newest store was connected, no poll was ever asked to bring.
    connected = connections.aggregate(newest=Max("connected_at"))["newest"]
    window_from = max(now() - window, connected or now() - window)
    return Reconciliation.objects.create(authorization=authorization, window_from=window_from, marketplaces=marketplaces, asked_by=actor.label)


def begin_nightly() -> int:
    """Begin a comparison for every authorization that imports and had none for a day, over all tenants. Returns how many were begun."""
    with across_tenants(reason="find authorizations whose nightly reconciliation is due"):
        since = now() - scaled(NIGHTLY_S)
        had = Reconciliation.objects.filter(Q(started_at__gt=since) | Q(delivery=Delivery.PENDING), authorization=OuterRef("pk"))
        # A first poll must have gone through: before it, everything would look missing.
        due = Authorization.objects.filter(~Exists(had), state=Authorization.State.ACTIVE, orders_cursor__isnull=False, granted_at__lt=since)
        rows = list(due.order_by("pk").values_list("pk", "psp_id")[:MOST_BEGUN])
    begun = 0
    for authorization_id, psp_id in rows:
        with tenant(psp_id):
            try:
                with transaction.atomic():
                    request_reconciliation(authorization_id=authorization_id, actor=HUB)
                begun += 1
            except (CannotReconcile, IntegrityError):
                continue  # nothing to compare, or another worker was first
    return begun


# --- going on ---------------------------------------------------------------------------------------------------------
def reconcile_next() -> bool:
    """Compare one page of the comparison that is due longest, over all tenants, having begun the nightly ones. False when none is due."""
    begin_nightly()
    with across_tenants(reason="find a reconciliation that is due"):
        ready = Reconciliation.due().filter(breaker.CALM_AUTHORIZATION, delivery=Delivery.PENDING, authorization__state=Authorization.State.ACTIVE)
        due = ready.values_list("pk", "psp_id").first()
    if due is None:
        return False
    with tenant(due[1]):
        leased = Reconciliation.lease_next(limit=1, only=Q(pk=due[0], delivery=Delivery.PENDING), seconds=LEASE_S)
        if not leased:
            return True
        row = leased[0]
        authorization = Authorization.objects.get(pk=row.authorization_id)
        channel = channel_for(authorization.kind, account_of(authorization))
    crash_point("reconcile.leased")
    try:
        page = channel.placed_orders_page(marketplaces=row.marketplaces, placed_since=row.window_from, page=row.page)
    except ChannelError as error:
        with tenant(due[1]):
            _failed(row, error)
            breaker.note(row.authorization_id, error)
            crash_point("reconcile.failing")
        return True
    crash_point("reconcile.answered")
    with tenant(due[1]):
        _compared(row, authorization, channel, page)
        breaker.note(row.authorization_id)
        crash_point("reconcile.storing")
    crash_point("reconcile.stored")
    return True


def _failed(row: Reconciliation, error: ChannelError) -> None:
    if isinstance(error, TryLater) and error.throttled:
        row.settle(not_before=row.next_try(wait_s=error.wait_s), attempts=max(row.attempts - 1, 0))
    elif isinstance(error, Refused) and row.page:
        # A page's token lives a day. What was compared stays repaired; the counting begins again.
        row.settle(page="", checked=0, missing=0, different=0, repaired=0, numbers=[], not_before=row.next_try(), last_error=str(error))
    elif isinstance(error, TryLater) and row.attempts < MOST_ATTEMPTS:
        row.settle(not_before=row.next_try(wait_s=error.wait_s), last_error=str(error))
    else:
        if isinstance(error, ReconnectNeeded):
            permission_lost(Authorization.reread(row.authorization_id), str(error))
        row.settle(delivery=Delivery.PARKED, finished_at=now(), last_error=str(error))


# --- comparing --------------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class Difference:
    """What is wrong with one page: numbers the ledger lacks, orders that differ, and news that polls will reach by themselves."""

    missing: list[RawOrder]
    different: list[RawOrder]
    early: list[RawOrder]


def _compared(row: Reconciliation, authorization: Authorization, channel: Channel, page: OrdersPage) -> None:
    """Compare a page, put what differs into the ledger, and move on, all in one transaction under the lease."""
    if not row.still_leased():
        log.warning("reconciliation_lease_lost", authorization=authorization.public_id)
        return
    found = _differences(authorization, channel, page.orders)
    road = IntakeRecord.Road.RECONCILIATION
    if found.early or found.missing:
        record_orders(authorization_id=authorization.pk, orders=[*found.missing, *found.early], road=road)
    if found.different:
        record_again(authorization_id=authorization.pk, orders=found.different, road=road)
    wrong = [raw.external_id for raw in (*found.missing, *found.different)]
    high_water = min(row.window_to or page.high_water, page.high_water)
    changes: dict[str, object] = {
        "checked": row.checked + len(page.orders),
        "missing": row.missing + len(found.missing),
        "different": row.different + len(found.different),
        "repaired": row.repaired + len(wrong),
        "numbers": [*row.numbers, *wrong][:MOST_NUMBERS],
        "page": page.next_page,
        "window_to": high_water,
        "attempts": 0,
        "not_before": now(),
        "last_error": "",
    }
    if not page.next_page:
        changes |= {"delivery": Delivery.CONFIRMED, "finished_at": now()}
    row.settle(**changes)
    if wrong:
        log.error("orders_were_missing", authorization=authorization.public_id, missing=len(found.missing), different=len(found.different))


def _differences(authorization: Authorization, channel: Channel, orders: Sequence[RawOrder]) -> Difference:
    numbers = [printable(raw.external_id)[:80] for raw in orders if raw.external_id]
    known: dict[str, datetime] = {}
    mine = IntakeRecord.objects.filter(authorization=authorization, external_id__in=numbers)
    for number, revision in mine.values_list("external_id", "revision"):
        known[number] = max(revision, known.get(number, revision))
    imported = set(mine.filter(verdict=Verdict.IMPORTED).values_list("external_id", flat=True))
    stores = Connection.objects.filter(authorization=authorization).values("store")
    held = {order.external_id: order for order in Order.objects.filter(store__in=stores, external_id__in=numbers)}
    lines: dict[int, dict[str, tuple[int, str]]] = {}
    told = Coalesce("quantity_told", "quantity")  # what was changed here by hand is no difference
    rows = OrderLine.objects.filter(order__in=held.values()).values_list("order_id", "external_line_id", told, "state")
    for order_id, number, quantity, state in rows:
        lines.setdefault(order_id, {})[number] = (quantity, state)
    found = Difference([], [], [])
    for raw in orders:
        number = printable(raw.external_id)[:80]
        order = held.get(number)
        # Past it, and not just in the same second: a list that was made earlier within that second ends with the same cursor.
        polled = authorization.orders_cursor is not None and raw.revision is not None and raw.revision < authorization.orders_cursor
        if number not in known:
            (found.missing if polled else found.early).append(raw)
        elif order is None:
            if number in imported and polled:
                found.different.append(raw)  # imported once, and gone since
        elif raw.revision is not None and raw.revision > known[number]:
            (found.different if polled else found.early).append(raw)
        elif raw.revision == order.revision and not _same(order, lines.get(order.pk, {}), _read(channel, raw)):
            found.different.append(raw)
    return found


def _read(channel: Channel, raw: RawOrder) -> IncomingOrder | None:
    try:
        return channel.read_order(raw.payload)
    except Unreadable:
        return None


def _same(order: Order, held: dict[str, tuple[int, str]], told: IncomingOrder | None) -> bool:
    """Whether the hub's status and lines are those of the marketplace; an order that cannot be read is intake's business and counts as the same."""
    if told is None:
        return True
    if order.channel_state != told.state:
        return False
    theirs = {line.external_line_id: line.quantity for line in told.lines}
    if set(theirs) - set(held):
        return False
    return all(
        state in {*NOT_MADE, LineState.SHIPPED, LineState.PRINTING, LineState.PACKING} or theirs.get(number) == quantity
        for number, (quantity, state) in held.items()
    )


def last_reconciliation(authorization: Authorization) -> Reconciliation | None:
    """Return the newest comparison that went through, for "0 missing of N, checked at …"."""
    return Reconciliation.objects.filter(authorization=authorization, delivery=Delivery.CONFIRMED).order_by("-started_at").first()
