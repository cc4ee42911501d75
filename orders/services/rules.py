"""Whether an order from a channel is imported: our rules, applied to everything a poll returns (DS-11, DS-12, CS-14).

Pure functions. Nothing is filtered at the channel, so every skip is a row with its rule and can be decided again when the order or the
setting changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from stores.channels.types import ChannelState, FulfilledBy, IncomingOrder
from stores.models import Connection


@dataclass(frozen=True, slots=True)
class Decision:
    """Import or skip, by which rule, in a sentence that people may read."""

    imported: bool
    rule: str
    reason: str


STATE_WORDS = {
    ChannelState.PENDING: "Pending",
    ChannelState.UNSHIPPED: "Unshipped",
    ChannelState.PARTIALLY_SHIPPED: "PartiallyShipped",
    ChannelState.SHIPPED: "Shipped",
    ChannelState.CANCELLED: "Canceled",
    ChannelState.UNFULFILLABLE: "Unfulfillable",
}


def decide(incoming: IncomingOrder, connection: Connection | None, *, moment: datetime) -> Decision:
    """Return the verdict for an order that is not in the hub yet."""
    if connection is None:
        return Decision(False, "no_store", _("No store of yours is connected for marketplace %(id)s.") % {"id": incoming.marketplace})
    if connection.import_paused:
        return Decision(False, "import_paused", _("Import is paused for this store. Resume it on the store's page and decide again."))
    if incoming.fulfilled_by != connection.fulfilled_by:
        by_channel = _("The marketplace ships this order from its own warehouse, which this store's setting leaves out.")
        by_merchant = _("The merchant ships this order, which this store's setting leaves out.")
        return Decision(False, "fulfilled_by", by_channel if incoming.fulfilled_by == FulfilledBy.CHANNEL else by_merchant)
    if incoming.state not in connection.import_states:
        return Decision(
            False,
            "status",
            _("Its status is %(status)s; this store imports %(wanted)s. It is decided again when the status changes.")
            % {"status": STATE_WORDS[incoming.state], "wanted": ", ".join(STATE_WORDS[ChannelState(s)] for s in connection.import_states)},
        )
    if incoming.placed_at < moment - connection.max_order_age:
        return Decision(
            False,
            "too_old",
            _("It was placed more than %(days)s days before it was seen, the maximum order age of this store.")
            % {"days": connection.max_order_age_days},
        )
    return Decision(True, "accepted", _("It passed every rule of the store."))
