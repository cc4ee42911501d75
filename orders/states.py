"""Where a line stands in production, and what may follow. The order's state is derived from its lines."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _


class LineState(models.TextChoices):
    """The production state of one order line."""

    RECEIVED = "received", _("received")
    RELEASED = "released", _("released to production")
    PRINTING = "printing", _("printing")
    PACKING = "packing", _("packing")
    SHIPPED = "shipped", _("shipped")
    CANCELLED = "cancelled", _("cancelled")
    NOT_OURS = "not_ours", _("not made here")


S = LineState

# What may follow what. A test walks every pair.
TRANSITIONS: dict[LineState, frozenset[LineState]] = {
    # Taken in; may still be held. Shipping elsewhere (the channel says so) ends it directly.
    S.RECEIVED: frozenset({S.RELEASED, S.CANCELLED, S.SHIPPED}),
    # The plant has it, nothing is printed yet: it may be called back.
    S.RELEASED: frozenset({S.PRINTING, S.RECEIVED, S.CANCELLED, S.SHIPPED}),
    # Material is being used; a reprint goes back to released.
    S.PRINTING: frozenset({S.PACKING, S.RELEASED, S.CANCELLED, S.SHIPPED}),
    # Printed and waiting for its parcel; damage sends it back.
    S.PACKING: frozenset({S.SHIPPED, S.RELEASED, S.CANCELLED}),
    # Left the facility: final.
    S.SHIPPED: frozenset(),
    # Final too: a buyer who changes their mind orders again.
    S.CANCELLED: frozenset(),
    # Its listing is ignored: somebody else makes it. Comes and goes with that (orders/services/ignoring.py), never by a move.
    S.NOT_OURS: frozenset(),
}

# The order in which states progress, for "the least advanced line speaks for the order".
PROGRESS = (S.RECEIVED, S.RELEASED, S.PRINTING, S.PACKING, S.SHIPPED)
BEFORE_PRINT = frozenset({S.RECEIVED, S.RELEASED})
NOT_PRINTED = BEFORE_PRINT | {S.NOT_OURS}
OPEN = frozenset({S.RECEIVED, S.RELEASED, S.PRINTING, S.PACKING})
# Lines of which nothing is made, and orders of which nothing is.
NOT_MADE = frozenset({S.CANCELLED, S.NOT_OURS})


class OrderState(models.TextChoices):
    """The state of an order, derived from its lines and stored for lists."""

    RECEIVED = "received", _("received")
    RELEASED = "released", _("released to production")
    PRINTING = "printing", _("printing")
    PACKING = "packing", _("packing")
    PARTIALLY_SHIPPED = "partially_shipped", _("partially shipped")
    SHIPPED = "shipped", _("shipped")
    CANCELLED = "cancelled", _("cancelled")
    NOT_OURS = "not_ours", _("not made here")


NOTHING_TO_MAKE = (OrderState.CANCELLED, OrderState.NOT_OURS)
OPEN_ORDER_STATES = (OrderState.RECEIVED, OrderState.RELEASED, OrderState.PRINTING, OrderState.PACKING, OrderState.PARTIALLY_SHIPPED)


def derive_order_state(lines: Iterable[tuple[str, int]]) -> OrderState:
    """Return the order's state from (line state, quantity shipped) pairs.

    Lines that nothing is made of (cancelled, not ours) count only when nothing else is left; the least advanced open line speaks for the rest,
    except that an order with anything shipped and anything open is partially shipped.
    """
    pairs = [(LineState(state), shipped) for state, shipped in lines]
    living = [(state, shipped) for state, shipped in pairs if state not in NOT_MADE]
    if not living:
        if any(state == S.NOT_OURS for state, _shipped in pairs):
            return OrderState.NOT_OURS
        return OrderState.CANCELLED if pairs else OrderState.RECEIVED
    if all(state == S.SHIPPED for state, _shipped in living):
        return OrderState.SHIPPED
    if any(state == S.SHIPPED or shipped for state, shipped in living):
        return OrderState.PARTIALLY_SHIPPED
    return OrderState(min((state for state, _shipped in living), key=PROGRESS.index).value)
