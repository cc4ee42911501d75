"""Showing a buyer to somebody who has to say why: written on the order's timeline before anything is opened."""

from __future__ import annotations

from django.utils.translation import gettext as _

from orders.buyer_data import BuyerDetails, buyer_of
from orders.models import BuyerLook, Order
from orders.services.holds import record_event
from orders.services.remembering_looks import remember_look
from pod_hub.accounts.actors import Actor
from pod_hub.core.tenancy import tenant


class NoReason(ValueError):
    """Nobody is shown a buyer without saying why."""


def show_buyer(*, order: Order, actor: Actor, reason: str) -> BuyerDetails | None:
    """Return the buyer of an order, or None once the data was purged; the asking stands on the timeline either way.

    Opens the scope of the order's own PSP, so it may be called in a scope for all. Raises ``NoReason`` for an empty reason, which must hold no
    buyer data itself: the PSP reads it.
    """
    why = reason.strip()
    if not why:
        raise NoReason
    with tenant(order.psp_id):
        summary = _("%(who)s looked at the buyer's data: %(reason)s") % {"who": actor.label, "reason": why}
        record_event(order.pk, "buyer_shown", summary, actor=actor)
        remember_look([order.pk], actor=actor, road=BuyerLook.Road.OPERATOR)
        return buyer_of(order)
