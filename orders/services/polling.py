"""Asking a channel for changed orders: one poll per authorization with all its marketplaces, page by page, resumable.

Every page is stored in one transaction together with the position of the next one, under a lease. A worker that dies or runs out of quota
leaves a poll that the next one continues; the cursor moves only with the commit of the last page (quality R6).
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db.models import Max, Q, QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _

from orders.models import IntakeRecord
from orders.services.ledger import Recorded, record_orders
from pod_hub.core.crash_points import crash_point
from pod_hub.core.leases import kept_alive
from pod_hub.core.pace import scaled
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.errors import ChannelError, Misconfigured, ReconnectNeeded, Refused, TryLater
from stores.channels.registry import channel_for
from stores.channels.types import Account, OrdersPage
from stores.models import Authorization, Connection
from stores.selectors import places_of
from stores.services import breaker
from stores.services.authorizations import account_of, permission_lost

log = structlog.get_logger(__name__)

LEASE_S = 20  # and a beat every five seconds; a call ends within fifteen (quality R3)
OVERLAP_S = 300  # quality R6: the channel's own time minus five minutes
PAGES_PER_TURN = 20  # 2,000 orders: then others get their turn
FIRST_RETRY_S = 30
MOST_TROUBLED_AT_ONCE = 6  # of sixteen poll threads: what hangs on silent marketplaces leaves most of them to everybody else
DEFAULT_AGE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Turn:
    """A worker's turn at one authorization's poll: what to ask, under which lease."""

    authorization_id: int
    psp_id: int
    lease: uuid.UUID
    kind: str
    account: Account
    marketplaces: tuple[str, ...]
    since: datetime
    page: str


@dataclass(slots=True)
class Outcome:
    """What one turn did. ``finished`` is false when pages are left for another turn."""

    seen: int = 0
    new: int = 0
    pages: int = 0
    finished: bool = False
    waits: str = ""


def poll_next(*, claimed: Callable[[], object] = lambda: None) -> Outcome | None:
    """Take the authorization that is due longest, over all tenants, and poll it; ``claimed`` is called in between. None when nothing is due."""
    with across_tenants(reason="find the authorization whose poll is due longest"):
        waiting = due_authorizations().order_by("next_poll_at", "pk").select_for_update(skip_locked=True)
        due = waiting.first()
        if due is not None and due.calls_unanswered and _troubled_polls() >= MOST_TROUBLED_AT_ONCE:
            due = waiting.filter(calls_unanswered=0).first()
        if due is None:
            return None
        # Claimed here, under the row lock, so that the next worker goes on to the next one.
        lease = uuid.uuid4()
        Authorization.objects.filter(pk=due.pk).update(poll_lease=lease, poll_leased_until=now() + timedelta(seconds=LEASE_S))
    crash_point("poll.claimed")
    claimed()
    return poll_leased(authorization_id=due.pk, psp_id=due.psp_id, lease=lease)


def poll_now(*, authorization_id: int, psp_id: int) -> Outcome | None:
    """Poll one authorization at once, due or not; None while another worker polls it."""
    lease = uuid.uuid4()
    with tenant(psp_id):
        free = Q(poll_leased_until=None) | Q(poll_leased_until__lt=now())
        mine = Authorization.objects.filter(free, pk=authorization_id, state=Authorization.State.ACTIVE)
        if not mine.update(poll_lease=lease, poll_leased_until=now() + timedelta(seconds=LEASE_S)):
            return None
    return poll_leased(authorization_id=authorization_id, psp_id=psp_id, lease=lease)


def due_authorizations() -> QuerySet[Authorization]:
    """Return active authorizations that are due and not leased, as a queryset in the open scope."""
    free = Q(poll_leased_until=None) | Q(poll_leased_until__lt=now())
    return Authorization.objects.filter(free, state=Authorization.State.ACTIVE, next_poll_at__lte=now())


def more_is_due() -> bool:
    """Return whether another poll is due now, over all tenants, so that another worker may be woken for it."""
    with across_tenants(reason="see whether another poll is due"):
        return due_authorizations().exists()


def _troubled_polls() -> int:
    """Count the polls under way of sellers who did not answer lately; each may hang as long as a call may."""
    return Authorization.objects.filter(poll_leased_until__gt=now(), calls_unanswered__gt=0).count()


def poll_leased(*, authorization_id: int, psp_id: int, lease: uuid.UUID) -> Outcome:
    """Run one turn of a poll whose lease we hold."""
    outcome = Outcome()
    turn = _begin(authorization_id, psp_id, lease)
    if turn is None:
        outcome.finished = True
        return outcome
    crash_point("poll.begun")
    with structlog.contextvars.bound_contextvars(authorization=turn.account.key), kept_alive(lambda: _renewed(turn)):
        return _poll(turn, outcome)


def _renewed(turn: Turn) -> bool:
    with tenant(turn.psp_id):
        mine = Authorization.objects.filter(pk=turn.authorization_id, poll_lease=turn.lease)
        return bool(mine.update(poll_leased_until=now() + timedelta(seconds=LEASE_S)))


def _poll(turn: Turn, outcome: Outcome) -> Outcome:
    channel = channel_for(turn.kind, turn.account)
    page = turn.page
    while True:
        try:
            answer = channel.orders_page(marketplaces=turn.marketplaces, changed_since=turn.since, page=page)
        except ChannelError as error:
            crash_point("poll.stopping")
            _stop(turn, error, page=page)
            crash_point("poll.stopped")
            outcome.waits = str(error)
            return outcome
        crash_point("poll.answered")
        recorded = _store(turn, answer)
        crash_point("poll.stored")
        if recorded is None:  # the lease was lost: another worker goes on from the stored position
            log.warning("poll_lease_lost")
            return outcome
        outcome.seen, outcome.new, outcome.pages = outcome.seen + recorded.seen, outcome.new + recorded.new, outcome.pages + 1
        page = answer.next_page
        if not page:
            outcome.finished = True
            return outcome
        if outcome.pages >= PAGES_PER_TURN:
            _yield_turn(turn)
            return outcome


def _begin(authorization_id: int, psp_id: int, lease: uuid.UUID) -> Turn | None:
    """Read what to ask; start a new poll or continue the unfinished one. Without anything to ask, settle at once."""
    with tenant(psp_id):
        row = Authorization.reread(authorization_id)
        if row.poll_lease != lease:
            return None
        connections = Connection.objects.filter(authorization=row).exclude(state=Connection.State.DISABLED).exclude(import_paused=True)
        marketplaces = places_of(connections)
        if not marketplaces:
            row.next_poll_at, row.poll_lease, row.poll_leased_until = now() + scaled(settings.POLL_INTERVAL_S), None, None
            row.poll_waits_for = _("no store of this permission imports orders")
            row.save(update_fields=["next_poll_at", "poll_lease", "poll_leased_until", "poll_waits_for"])
            return None
        if not row.poll_page or row.poll_since is None or row.poll_marketplaces != marketplaces:
            oldest = connections.aggregate(days=Max("max_order_age_days"))["days"]
            start = row.orders_cursor or now() - (timedelta(days=oldest) if oldest else DEFAULT_AGE)
            row.poll_since, row.poll_page, row.poll_high_water = start - scaled(OVERLAP_S), "", None
            row.poll_marketplaces = marketplaces
        row.last_poll_started_at = now()
        row.save(update_fields=["poll_since", "poll_page", "poll_high_water", "poll_marketplaces", "last_poll_started_at"])
        return Turn(row.pk, psp_id, lease, row.kind, account_of(row), tuple(marketplaces), row.poll_since, row.poll_page)


def _store(turn: Turn, answer: OrdersPage) -> Recorded | None:
    """Store one page and the position of the next in one transaction; None when the lease was lost."""
    with tenant(turn.psp_id):
        row = Authorization.reread(turn.authorization_id)
        if row.poll_lease != turn.lease:
            return None
        recorded = record_orders(authorization_id=row.pk, orders=answer.orders, road=IntakeRecord.Road.POLL)
        row.poll_high_water = min(row.poll_high_water or answer.high_water, answer.high_water)
        row.poll_page, row.poll_leased_until = answer.next_page, now() + timedelta(seconds=LEASE_S)
        breaker.heard(row)
        if not answer.next_page:
            # The last page: only now may the cursor move, and never backwards.
            row.orders_cursor = max(row.orders_cursor or row.poll_high_water, row.poll_high_water)
            row.poll_since = row.poll_high_water = row.poll_lease = row.poll_leased_until = None
            row.next_poll_at, row.last_poll_ok_at = now() + scaled(settings.POLL_INTERVAL_S), now()
            row.poll_failures, row.poll_waits_for, row.last_error = 0, "", ""
            asked = Q(store__shop_number__in=turn.marketplaces) | Q(store__shop_number="", store__marketplace__in=turn.marketplaces)
            Connection.objects.filter(asked, authorization=row).update(last_import_at=now())
            Connection.objects.filter(authorization=row, state__in=[Connection.State.PENDING, Connection.State.ATTENTION]).update(
                state=Connection.State.CONNECTED, state_reason=""
            )
        row.save()
        crash_point("poll.storing")
        return recorded


def _yield_turn(turn: Turn) -> None:
    """Give others their turn; the poll goes on from the stored page."""
    with tenant(turn.psp_id):
        Authorization.objects.filter(pk=turn.authorization_id, poll_lease=turn.lease).update(
            poll_lease=None, poll_leased_until=None, next_poll_at=now()
        )


def _stop(turn: Turn, error: ChannelError, *, page: str) -> None:
    """Settle a turn that ended in an error, by the kind of error; the position stays unless the page itself was refused."""
    with tenant(turn.psp_id):
        row = Authorization.reread(turn.authorization_id)
        if row.poll_lease != turn.lease:
            return
        row.poll_lease = row.poll_leased_until = None
        if isinstance(error, TryLater) and error.throttled:
            row.next_poll_at = now() + timedelta(seconds=error.wait_s or 1)
            row.poll_waits_for = _("the marketplace's quota")
            row.save()
            return
        row.poll_failures += 1
        row.last_error, row.last_error_at = str(error), now()
        row.next_poll_at = now() + _backoff(row, error)
        row.poll_waits_for = _("the next try after an error")
        if breaker.heard(row, error):
            # From its beginning, not its end: a call that hangs for fifteen seconds makes no minute longer.
            row.next_poll_at = max(breaker.next_probe(row.last_poll_started_at or now()), now())
            row.poll_waits_for = _("the marketplace to answer again; it is asked once a minute")
        if isinstance(error, Refused):
            # A refused page (its token lives a day) is no reason to lose the poll: begin again from the cursor.
            row.poll_page, row.poll_since = "", None
            log.error("poll_refused", status=error.status, code=error.code, first_page=not page)
        row.save()
        if isinstance(error, ReconnectNeeded):
            permission_lost(row, str(error))
        elif isinstance(error, Misconfigured):
            log.critical("application_refused", kind=row.kind, detail=str(error))
        if row.poll_failures >= 3 or isinstance(error, Misconfigured):
            Connection.objects.filter(authorization=row, state=Connection.State.CONNECTED).update(
                state=Connection.State.ATTENTION, state_reason=str(error)
            )


def _backoff(row: Authorization, error: ChannelError) -> timedelta:
    """Return the wait after a failed poll: what was asked for, else doubling from half a minute to the usual interval, spread a little."""
    if isinstance(error, TryLater) and error.wait_s is not None:
        return timedelta(seconds=error.wait_s)
    doubled = min(FIRST_RETRY_S * 2.0 ** min(row.poll_failures - 1, 10), settings.POLL_INTERVAL_S)
    return scaled(doubled * random.uniform(0.75, 1.0))  # noqa: S311 - spreading retries, no secret


def request_import(*, authorization_id: int) -> bool:
    """Make a poll due now (CS-17). Returns False when one is running already. Call inside the tenant's scope.

    A seller whose marketplace does not answer is asked within the minute anyway, and not more often because a person is impatient.
    """
    free = Authorization.objects.filter(pk=authorization_id, state=Authorization.State.ACTIVE).exclude(poll_leased_until__gt=now())
    return bool(free.filter(breaker.CALM).update(next_poll_at=now())) or free.exists()
