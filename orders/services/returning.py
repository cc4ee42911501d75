"""Returns: what marketplaces tell of goods and money that come back, linked to the orders and lines they are about. Deciding happens there.

They are listed apart from orders, so each authorization is asked by itself: every hour, and at once when a notice says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from orders.models import Order, OrderReturn
from orders.presentation import in_words
from orders.services.holds import record_event
from pod_hub.core.pace import scaled
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.abilities import TellsReturns, able
from stores.channels.errors import ChannelError, ReconnectNeeded, TryLater
from stores.channels.registry import CAPABILITIES, channel_for
from stores.channels.telling_types import SeenReturn
from stores.models import Authorization, Connection
from stores.selectors import places_of
from stores.services import breaker
from stores.services.authorizations import account_of, permission_lost

EVERY_S = 3600
OVERLAP_S = 300
LOOKS_BACK = timedelta(days=60)  # a first reading: as long as a return takes
LEASE_S = 60
KINDS = frozenset(kind.value for kind, can in CAPABILITIES.items() if can.tells_returns)


@dataclass(frozen=True, slots=True)
class Turn:
    """A worker's turn at one authorization's returns."""

    authorization_id: int
    psp_id: int
    since: datetime
    places: tuple[str, ...]


def ask_for_returns(*, authorization_id: int) -> None:
    """Make an authorization's returns due now. Call inside the tenant's scope."""
    Authorization.objects.filter(pk=authorization_id, next_returns_at__gt=now()).update(next_returns_at=now())


def read_next() -> bool:
    """Read the returns of the authorization that is due longest, over all tenants. False when none is."""
    with across_tenants(reason="find the authorization whose returns are due longest"):
        due = Authorization.objects.filter(breaker.CALM, state=Authorization.State.ACTIVE, kind__in=KINDS, next_returns_at__lte=now())
        row = due.order_by("next_returns_at", "pk").select_for_update(skip_locked=True).first()
        if row is None:
            return False
        # Due again when this turn should long be over: whoever dies in between loses nothing.
        Authorization.objects.filter(pk=row.pk).update(next_returns_at=now() + timedelta(seconds=LEASE_S))
    began = now()
    turn = _begin(row.pk, row.psp_id)
    if turn is None:
        return True
    try:
        _read(turn)
    except ChannelError as error:
        with tenant(turn.psp_id):
            _failed(turn, error)
        return True
    with tenant(turn.psp_id):
        Authorization.objects.filter(pk=turn.authorization_id).update(returns_cursor=began, next_returns_at=now() + scaled(EVERY_S))
        breaker.note(turn.authorization_id)
    return True


def _begin(authorization_id: int, psp_id: int) -> Turn | None:
    with tenant(psp_id):
        row = Authorization.reread(authorization_id)
        live = Connection.objects.filter(authorization=row).exclude(state=Connection.State.DISABLED)
        places = tuple(places_of(live))
        if not places:
            row.next_returns_at = now() + scaled(EVERY_S)
            row.save(update_fields=["next_returns_at"])
            return None
        since = (row.returns_cursor - scaled(OVERLAP_S)) if row.returns_cursor else now() - LOOKS_BACK
        return Turn(row.pk, psp_id, since, places)


def _read(turn: Turn) -> None:
    """Read page after page of every place; each page keeps the turn a while longer."""
    with tenant(turn.psp_id):
        row = Authorization.objects.get(pk=turn.authorization_id)
        channel = able(channel_for(row.kind, account_of(row)), TellsReturns)
        key = row.public_id
    page = ""
    while True:
        with structlog.contextvars.bound_contextvars(authorization=key):
            seen, page = channel.returns_page(marketplaces=turn.places, changed_since=turn.since, page=page)
        with tenant(turn.psp_id):
            keep_returns(turn.authorization_id, seen)
            Authorization.objects.filter(pk=turn.authorization_id).update(next_returns_at=now() + timedelta(seconds=LEASE_S))
        if not page:
            return


def _failed(turn: Turn, error: ChannelError) -> None:
    wait = timedelta(seconds=error.wait_s) if isinstance(error, TryLater) and error.wait_s is not None else scaled(EVERY_S / 6)
    row = Authorization.reread(turn.authorization_id)
    row.next_returns_at = now() + wait
    row.save(update_fields=["next_returns_at"])
    if isinstance(error, ReconnectNeeded):
        permission_lost(row, str(error))
    breaker.heard(row, error)


def keep_returns(authorization_id: int, seen: Sequence[SeenReturn]) -> int:
    """Write down returns of orders that are here, newer tellings over older ones. Returns how many changed; others' orders are passed over."""
    stores = Connection.objects.filter(authorization=authorization_id).values("store")
    orders = {one.external_id: one for one in Order.objects.filter(store__in=stores, external_id__in=[told.external_id for told in seen])}
    changed = 0
    for told in sorted(seen, key=lambda one: (one.number, one.changed_at)):
        order = orders.get(told.external_id)
        if order is None:
            continue
        row = OrderReturn.objects.select_for_update().filter(order=order, number=told.number[:80]).first()
        if row is not None and (row.changed_at > told.changed_at or (row.changed_at, row.status) == (told.changed_at, told.status[:60])):
            continue
        fresh, before = row is None, row.status if row else ""
        row = row or OrderReturn(order=order, number=told.number[:80])
        row.kind, row.status, row.reason = told.kind[:40], told.status[:60], told.reason
        row.tracking_number, row.carrier, row.answer_by = told.tracking_number[:80], told.carrier[:80], told.answer_by
        row.opened_at, row.changed_at = told.opened_at, told.changed_at
        units = Q(units__overlap=list(told.units)) | Q(external_line_id__in=told.units)
        row.lines = list(order.lines.filter(units).order_by("pk").values_list("pk", flat=True)) if told.units else []
        row.save()
        words = _("A return was opened at the marketplace: %(what)s.") if fresh else _("A return changed at the marketplace: %(what)s.")
        if fresh or before != row.status:
            record_event(order.pk, "return", words % {"what": in_words(row.status)}, facts={"return": row.number})
        changed += 1
    return changed
