"""Moving lines through production. A line carries the state; the order's is derived from its lines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from orders.models import Hold, Order, OrderLine
from orders.services.holds import blocking, record_event, release_holds
from orders.states import TRANSITIONS, LineState, derive_order_state
from pod_hub.accounts.actors import Actor
from pod_hub.core.crash_points import crash_point


class IllegalTransition(Exception):
    """A line was asked to go where it cannot; the message says from where, to where, and what would help."""


class HeldBack(Exception):
    """Nothing could be released because holds are open; the message names them."""


@transaction.atomic
def move_lines(*, order_id: int, to: LineState, actor: Actor, line_ids: Sequence[int] | None = None, reason: str = "") -> list[OrderLine]:
    """Move an order's lines (all open ones by default) to another state and write the events that explain it.

    Lines that are in the state already are left alone, so a repeated request is harmless. Lines with an open hold may not advance.
    Raises ``IllegalTransition`` or ``HeldBack`` and changes nothing when a line cannot go.
    """
    order = Order.reread(order_id)
    lines = list(order.lines.select_for_update().order_by("pk"))
    chosen = [line for line in lines if (line.pk in line_ids if line_ids is not None else can_follow(line, to))]
    moved = []
    for line in chosen:
        if line.state == to:
            continue
        if to not in TRANSITIONS[LineState(line.state)]:
            raise IllegalTransition(
                _("“%(line)s” is %(now)s and cannot become %(to)s from there.")
                % {"line": line.sku or line.title, "now": LineState(line.state).label, "to": to.label}
            )
        if to != LineState.CANCELLED and (holds := blocking(order, line)):
            raise HeldBack(
                _("“%(line)s” waits: %(why)s. Solve that first, then try again.")
                % {"line": line.sku or line.title, "why": "; ".join(f"{hold.get_kind_display()} ({hold.reason})" for hold in holds)}
            )
        before, line.state = line.state, to
        line.save(update_fields=["state"])
        record_event(
            order.pk,
            "state",
            f"{line.sku or line.title}: {LineState(before).label} → {to.label}" + (f" ({reason})" if reason else ""),
            actor=actor,
            line_id=line.pk,
            facts={"before": before, "after": to.value},
        )
        moved.append(line)
        if to == LineState.CANCELLED:
            waiting = Hold.objects.filter(order=order, line=line, released_at=None)
            release_holds(list(waiting), actor=actor, reason=_("the line was cancelled"))
    if moved:
        refresh_state(order, lines)
        crash_point("move.writing")
        transaction.on_commit(partial(crash_point, "move.committed"))
    return moved


def release_order(*, order_id: int, actor: Actor) -> list[OrderLine]:
    """Release every line that nothing holds to production; raises ``HeldBack`` with all reasons when not one line could go."""
    with transaction.atomic():
        order = Order.reread(order_id)
        waiting = list(order.lines.filter(state=LineState.RECEIVED).order_by("pk"))
        free = [line for line in waiting if not blocking(order, line)]
        if waiting and not free:
            reasons = {f"{hold.get_kind_display()}: {hold.reason}" for hold in blocking(order)}
            raise HeldBack(_("Nothing was released, because every line waits. %(reasons)s") % {"reasons": " ".join(sorted(reasons))})
        return move_lines(order_id=order_id, to=LineState.RELEASED, actor=actor, line_ids=[line.pk for line in free])


def refresh_state(order: Order, lines: Sequence[OrderLine]) -> None:
    """Derive and store the order's state from its lines."""
    state = derive_order_state((line.state, line.quantity_shipped) for line in lines)
    if order.state != state:
        order.state = state
        order.save(update_fields=["state"])


def can_follow(line: OrderLine, to: LineState) -> bool:
    """Return whether the line could go there by its state alone."""
    return to in TRANSITIONS[LineState(line.state)]
