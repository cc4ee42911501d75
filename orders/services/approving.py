"""Approval of new orders: a store may want a person's yes, or a while in which orders can still be changed, before they go to production.

A hold is opened at intake and is released by a person or, where the store says so, by the hub after one hour or 24 hours. That time is also the
edit window. It never takes more than a quarter of what was left until ship-by when the order came, and ends at once when nothing was left: an order
that must leave in two hours waits half an hour, whatever the store's setting.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from orders.models import Hold, HoldKind, Order
from orders.services.holds import release_holds
from orders.services.remote.awaiting import refuse_while_awaited
from orders.states import BEFORE_PRINT, NOT_MADE, LineState
from pod_hub.accounts.actors import HUB, Actor
from pod_hub.core.pace import scaled
from pod_hub.core.tenancy import across_tenants, tenant
from stores.models import Approval

DELAYS = {Approval.AFTER_1_H: 3600, Approval.AFTER_24_H: 24 * 3600}
SHARE_OF_DEADLINE = 4
BATCH = 500


def approval_ends(approval: str, *, moment: datetime, ship_by: datetime | None) -> datetime | None:
    """Return when an order that came at ``moment`` is approved by itself; None when it waits for a person."""
    delay_s = DELAYS.get(Approval(approval))
    if delay_s is None:
        return None
    delay = scaled(delay_s)
    if ship_by is not None:
        delay = min(delay, max(ship_by - moment, timedelta(0)) / SHARE_OF_DEADLINE)
    return moment + delay


def approval_hold(approval: str, *, moment: datetime, ship_by: datetime | None) -> tuple[str, datetime | None] | None:
    """Return the sentence of a fresh order's approval hold and when it ends by itself; None for stores without approval."""
    if approval == Approval.NONE:
        return None
    ends = approval_ends(approval, moment=moment, ship_by=ship_by)
    if ends is None:
        return _("This store's orders are approved by a person. Check it, then approve."), None
    return _("It can still be changed. It is approved by itself at %(at)s UTC, or when a person approves it.") % {
        "at": f"{ends:%Y-%m-%d %H:%M}"
    }, ends


@transaction.atomic
def approve_orders(*, order_ids: Iterable[int], actor: Actor, without_files: bool = False) -> int:
    """Release the approval holds of these orders, as a person says so. Returns how many waited; repeating it is harmless.

    Raises ``FilesAwaited`` and approves none where files of a storage are still to come, unless ``without_files`` says that this is meant.
    """
    orders = list(Order.objects.select_for_update().filter(pk__in=list(order_ids)).order_by("pk"))
    if not without_files:
        refuse_while_awaited(order.pk for order in orders)
    waiting = Hold.objects.filter(order__in=orders, kind=HoldKind.APPROVAL, released_at=None).order_by("pk")
    return release_holds(list(waiting), actor=actor, reason=_("approved"))


def release_due() -> int:
    """Release every hold whose own end has come, over all tenants. Returns how many."""
    with across_tenants(reason="find holds whose time is over"):
        due = Hold.objects.filter(released_at=None, release_at__lte=now()).order_by("release_at", "pk")
        by_psp: dict[int, list[int]] = {}
        for psp_id, order_id in due.values_list("psp_id", "order_id")[:BATCH]:
            by_psp.setdefault(psp_id, []).append(order_id)
    released = 0
    for psp_id, order_ids in by_psp.items():
        with tenant(psp_id):
            orders = list(Order.objects.select_for_update().filter(pk__in=order_ids).order_by("pk"))
            over = Hold.objects.filter(order__in=orders, released_at=None, release_at__lte=now()).order_by("pk")
            released += release_holds(list(over), actor=HUB, reason=_("approved by itself: the store's waiting time is over"))
    return released


def shorten_window(order: Order) -> None:
    """Bring the end of an open approval forward when the marketplace moved the ship-by date; it is never put off."""
    hold = Hold.objects.filter(order=order, kind=HoldKind.APPROVAL, released_at=None, release_at__isnull=False).first()
    if hold is None or hold.release_at is None or order.ship_by is None:
        return
    ends = hold.opened_at + max(order.ship_by - hold.opened_at, timedelta(0)) / SHARE_OF_DEADLINE
    if ends < hold.release_at:
        Hold.objects.filter(pk=hold.pk).update(release_at=ends)


@dataclass(frozen=True, slots=True)
class EditWindow:
    """Whether an order may still be changed by the customer, until when (None: until it is approved), and in words why."""

    is_open: bool
    until: datetime | None
    why: str


def edit_window(order: Order) -> EditWindow:
    """Return the edit window of an order. It is open while its approval waits and nothing of it is being printed."""
    hold = Hold.objects.filter(order=order, kind=HoldKind.APPROVAL, released_at=None).first()
    return judged_window(hold, order.lines.values_list("state", flat=True) if hold else ())


def judged_window(hold: Hold | None, line_states: Iterable[str]) -> EditWindow:
    """Return the edit window from what is read already: the open approval hold, or None, and the states of the order's lines. No query."""
    if hold is None:
        return EditWindow(False, None, _("The order is approved, so it can no longer be changed here. Ask the print provider."))
    if not {LineState(state) for state in line_states} <= BEFORE_PRINT | NOT_MADE:
        return EditWindow(False, None, _("Printing has begun, so it can no longer be changed."))
    if hold.release_at is not None and hold.release_at <= now():
        return EditWindow(False, hold.release_at, _("The time for changes is over; the order goes to production."))
    return EditWindow(True, hold.release_at, _("It can be changed until it is approved."))
