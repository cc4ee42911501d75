"""Cancelling lines of an order: the rows that say what is cancelled, and in the same transaction the pushes that tell the channel.

Shipping and cancelling both lock the order first, so a line is either shipped or cancelled, never both, whoever comes first.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from fulfillment.models import Push
from fulfillment.services.wishes import Wish, agree, open_wishes
from orders.models import Hold, Order, OrderLine
from orders.services.holds import record_event, release_holds
from orders.services.production import refresh_state
from orders.states import BEFORE_PRINT, NOT_MADE, OPEN, LineState
from pod_hub.accounts.actors import Actor
from pod_hub.core.hints import hint
from stores.channels.registry import CANCEL_REASONS, cancel_reasons, capabilities
from stores.channels.telling_types import CancelReason
from stores.channels.types import ChannelState
from stores.models import Connection


class CannotCancel(Exception):
    """The lines cannot be cancelled as asked; nothing was written. The message says why and what to do."""


class PrintedAlready(CannotCancel):
    """Some of the lines are printed: ask the person, then repeat with ``confirm_printed=True``. ``lines`` holds them."""

    def __init__(self, message: str, lines: Sequence[OrderLine]) -> None:
        super().__init__(message)
        self.lines = list(lines)


@transaction.atomic
def cancel_lines(
    *, order_id: int, reason: CancelReason, actor: Actor, line_ids: Sequence[int] | None = None, confirm_printed: bool = False
) -> Push | None:
    """Cancel lines (all that are open by default) and write the push that tells the channel; None where there is nobody to tell.

    A line of which anything has left cannot be cancelled. Cancelling what is cancelled already, or not made here, changes nothing and returns None.
    Lines that the buyer asks to cancel, where the channel waits for an answer, are cancelled by agreeing; one of which only some units are meant stays,
    and shrinks when the channel tells so. Raises ``CannotCancel``, and ``PrintedAlready`` when printed lines are among them without ``confirm_printed``.
    """
    order = Order.reread(order_id)
    lines = list(order.lines.select_for_update().order_by("pk"))
    if line_ids is not None and (unknown := set(line_ids) - {line.pk for line in lines}):
        raise CannotCancel(_("%(n)s of the chosen lines are not part of this order. Reload the page and try again.") % {"n": len(unknown)})
    wanted = [line for line in lines if (line.pk in line_ids if line_ids is not None else line.state in OPEN and not line.quantity_shipped)]
    chosen = [line for line in wanted if line.state not in NOT_MADE]
    _refuse(order, chosen, asked_for_all=line_ids is None, any_cancelled=any(line.state == LineState.CANCELLED for line in lines))
    answered = _answered(order, chosen, reason)
    _refuse_reason(order, lines, [line for line in chosen if not any(line.pk in wish.lines for wish in answered)], reason)
    printed = [line for line in chosen if line.state not in BEFORE_PRINT]
    if printed and not confirm_printed:
        raise PrintedAlready(
            _("%(lines)s: printing has begun. Cancel anyway only if the goods can be stopped; otherwise ship, which declines the request.")
            % {"lines": ", ".join(str(line) for line in printed)},
            printed,
        )
    if not chosen:
        return None
    why = dict(CANCEL_REASONS)[reason.value]
    chosen = [line for line in chosen if not any(line.pk in wish.part for wish in answered)]
    for line in chosen:
        before, line.state = LineState(line.state), LineState.CANCELLED
        line.save(update_fields=["state"])
        record_event(
            order.pk,
            "state",
            f"{line.sku or line.title}: {before.label} → {LineState.CANCELLED.label}. " + _("Cancelled: %(why)s.") % {"why": why},
            actor=actor,
            line_id=line.pk,
            facts={"before": before.value, "after": LineState.CANCELLED.value, "reason": reason.value},
        )
    solved = list(Hold.objects.filter(order=order, line__in=chosen, released_at=None))
    if all(line.state in NOT_MADE for line in lines):
        solved += list(Hold.objects.filter(order=order, line=None, released_at=None))
    release_holds(solved, actor=actor, reason=_("the line was cancelled"))
    refresh_state(order, lines)
    push = _owe_push(order, chosen, reason, answered)
    if push is not None:
        hint("fulfillment.push")
    return push


def _refuse(order: Order, chosen: Sequence[OrderLine], *, asked_for_all: bool, any_cancelled: bool) -> None:
    left = [line for line in chosen if line.quantity_shipped or line.state == LineState.SHIPPED]
    if left:
        raise CannotCancel(
            _(
                "%(lines)s: something of it has left already, so it cannot be cancelled. Tell the buyer to return it, and refund it at the marketplace."
            )
            % {"lines": ", ".join(str(line) for line in left)}
        )
    if asked_for_all and not chosen and not any_cancelled:
        raise CannotCancel(_("Nothing of order %(number)s is open any more, so there is nothing to cancel.") % {"number": order.external_id})
    if chosen and order.channel_state == ChannelState.SHIPPED:
        raise CannotCancel(
            _("The marketplace shows order %(number)s as shipped, so it cannot be cancelled. Correct it there first.") % {"number": order.external_id}
        )
    if chosen and order.channel_state == ChannelState.PENDING:
        raise CannotCancel(
            _("Payment of order %(number)s is not settled yet; only the marketplace can cancel it until then.") % {"number": order.external_id}
        )


def _answered(order: Order, chosen: Sequence[OrderLine], reason: CancelReason) -> list[Wish]:
    """Return the buyer's wishes that cancelling these lines agrees to. A wish is answered as a whole and by nothing else."""
    picked = {line.pk for line in chosen}
    wishes = [wish for wish in open_wishes(order) if wish.lines & picked]
    for wish in wishes:
        if reason != CancelReason.BUYER_CANCELLED:
            raise CannotCancel(
                _("The buyer asks to cancel this, and the marketplace waits for the answer. Cancel with the reason “the buyer asked to cancel”.")
            )
        if missing := wish.lines - picked:
            others = ", ".join(str(line) for line in OrderLine.objects.filter(pk__in=missing).order_by("pk"))
            raise CannotCancel(_("The buyer asks in one request to cancel %(lines)s as well. Choose these lines too.") % {"lines": others})
    return wishes


def _refuse_reason(order: Order, lines: Sequence[OrderLine], told: Sequence[OrderLine], reason: CancelReason) -> None:
    """Refuse a reason that the marketplace does not take, before anything is cancelled here."""
    if not told or not capabilities(order.store.kind).takes_cancellations:
        return
    whole = all(line in told or line.state == LineState.CANCELLED for line in lines)
    allowed = dict(cancel_reasons(order.store.kind, order.marketplace, whole=whole))
    if reason.value in allowed:
        return
    if whole or not allowed:
        raise CannotCancel(_("The marketplace takes no cancellation like this. Choose the whole order and another reason."))
    raise CannotCancel(
        _("The marketplace lets single lines be cancelled only because: %(reasons)s. Choose that reason, or cancel the whole order.")
        % {"reasons": ", ".join(str(label) for label in allowed.values())}
    )


def _owe_push(order: Order, lines: Sequence[OrderLine], reason: CancelReason, answered: Sequence[Wish]) -> Push | None:
    """Write the duty to tell the channel. None, with an event, where there is nobody to tell or the channel has cancelled it itself."""
    connection = Connection.objects.filter(store=order.store_id).select_related("store").first()
    if connection is None or connection.authorization_id is None or not capabilities(connection.store.kind).takes_cancellations:
        record_event(order.pk, "push_off", _("Nobody is told of the cancellation: this store has no connection that takes one. Cancel it there too."))
        return None
    if order.channel_state == ChannelState.CANCELLED:
        return None
    told_by = {"connection_id": connection.pk, "authorization_id": connection.authorization_id}
    pushes = [wish.agreed or agree(order, wish, [line for line in lines if line.pk in wish.lines], **told_by) for wish in answered]
    told = [line for line in lines if not any(line.pk in wish.lines for wish in answered)]
    if told:
        pushes.append(
            Push.objects.create(
                kind=Push.Kind.ORDER_CANCELLED,
                order=order,
                line_numbers=[line.external_line_id for line in told],
                reason=reason.value,
                deadline=order.ship_by,
                **told_by,
            )
        )
    return pushes[0] if pushes else None
