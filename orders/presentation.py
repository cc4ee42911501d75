"""How states, holds and verdicts look: their words, tones and icons, each in one table."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from orders.models import HoldKind, IntakeRecord, Order
from orders.states import LineState, OrderState
from pod_hub.core.outbox import Delivery
from pod_hub.ui.look import Look, Tone
from stores.channels.types import ChannelState

ORDER_STATE = {
    OrderState.RECEIVED: Look(_("Received"), Tone.INFO, "circle-dashed"),
    OrderState.RELEASED: Look(_("Released"), Tone.ACTIVE, "player-play"),
    OrderState.PRINTING: Look(_("Printing"), Tone.ACTIVE, "printer"),
    OrderState.PACKING: Look(_("Packing"), Tone.ACTIVE, "package"),
    OrderState.PARTIALLY_SHIPPED: Look(_("Partially shipped"), Tone.ACTIVE, "truck"),
    OrderState.SHIPPED: Look(_("Shipped"), Tone.OK, "truck"),
    OrderState.CANCELLED: Look(_("Cancelled"), Tone.NEUTRAL, "ban"),
}
LINE_STATE = {
    LineState.RECEIVED: Look(_("Received"), Tone.INFO, "circle-dashed"),
    LineState.RELEASED: Look(_("Released"), Tone.ACTIVE, "player-play"),
    LineState.PRINTING: Look(_("Printing"), Tone.ACTIVE, "printer"),
    LineState.PACKING: Look(_("Packing"), Tone.ACTIVE, "package"),
    LineState.SHIPPED: Look(_("Shipped"), Tone.OK, "truck"),
    LineState.CANCELLED: Look(_("Cancelled"), Tone.NEUTRAL, "ban"),
}
# What the marketplace says, in our reading; its own word stands beside it.
CHANNEL_STATE = {
    ChannelState.PENDING: Look(_("Payment pending"), Tone.WARN, "hourglass"),
    ChannelState.UNSHIPPED: Look(_("Unshipped"), Tone.INFO, "circle-dashed"),
    ChannelState.PARTIALLY_SHIPPED: Look(_("Partially shipped"), Tone.ACTIVE, "truck"),
    ChannelState.SHIPPED: Look(_("Shipped"), Tone.OK, "truck"),
    ChannelState.CANCELLED: Look(_("Cancelled"), Tone.NEUTRAL, "ban"),
    ChannelState.UNFULFILLABLE: Look(_("Unfulfillable"), Tone.BAD, "circle-x"),
}
HOLD = {
    HoldKind.UNMAPPED: Look(_("Listing not mapped"), Tone.WARN, "link"),
    HoldKind.ARTWORK: Look(_("Artwork missing"), Tone.WARN, "photo"),
    HoldKind.APPROVAL: Look(_("Waits for approval"), Tone.WARN, "shield-check"),
    HoldKind.PERSONALISATION: Look(_("Personalisation to review"), Tone.WARN, "writing"),
    HoldKind.CANCEL_REQUEST: Look(_("Cancellation requested"), Tone.BAD, "ban"),
    HoldKind.ADDRESS: Look(_("Address missing"), Tone.WARN, "map-pin"),
    HoldKind.CHANNEL_HOLD: Look(_("Held by the marketplace"), Tone.INFO, "hourglass"),
    HoldKind.UNREADABLE: Look(_("Change could not be read"), Tone.BAD, "file-text"),
}
# What a merchant sees of holds that are the print provider's to solve.
BEING_CHECKED = Look(_("Being checked"), Tone.INFO, "eye")
# What a person does about a pile of holds, as the button to it says.
REMEDY = {
    HoldKind.UNMAPPED: _("Show orders"),
    HoldKind.ARTWORK: _("Show orders"),
    HoldKind.APPROVAL: _("Approve…"),
    HoldKind.PERSONALISATION: _("Review…"),
    HoldKind.CANCEL_REQUEST: _("Answer…"),
    HoldKind.ADDRESS: _("Enter addresses…"),
    HoldKind.CHANNEL_HOLD: _("Show orders"),
    HoldKind.UNREADABLE: _("Decide…"),
}
VERDICT = {
    IntakeRecord.Verdict.PENDING: Look(_("Waiting to be read"), Tone.INFO, "hourglass"),
    IntakeRecord.Verdict.IMPORTED: Look(_("Imported"), Tone.OK, "check"),
    IntakeRecord.Verdict.SKIPPED: Look(_("Skipped"), Tone.NEUTRAL, "ban"),
    IntakeRecord.Verdict.SUPERSEDED: Look(_("Superseded"), Tone.NEUTRAL, "rotate-clockwise"),
    IntakeRecord.Verdict.UNREADABLE: Look(_("Unreadable"), Tone.BAD, "alert-circle"),
}
# Where a push or another row of work stands with the outside world.
DELIVERY = {
    Delivery.PENDING: Look(_("Waiting to be sent"), Tone.INFO, "hourglass"),
    Delivery.ACCEPTED: Look(_("Accepted"), Tone.ACTIVE, "send"),
    Delivery.CONFIRMED: Look(_("Read back"), Tone.OK, "circle-check"),
    Delivery.PARKED: Look(_("Needs a person"), Tone.BAD, "alert-circle"),
    Delivery.WITHDRAWN: Look(_("Withdrawn"), Tone.NEUTRAL, "ban"),
}
LABEL = DELIVERY | {
    Delivery.PENDING: Look(_("Being bought"), Tone.INFO, "hourglass"),
    Delivery.ACCEPTED: Look(_("Bought, being drawn"), Tone.ACTIVE, "file-text"),
    Delivery.CONFIRMED: Look(_("Ready to print"), Tone.OK, "printer"),
}
# A cancellation travels in a document that the marketplace works through, so it has a place more and other words.
CANCELLATION = DELIVERY | {
    Delivery.PENDING: Look(_("Waiting to be told"), Tone.INFO, "hourglass"),
    Delivery.ACCEPTED: Look(_("Told, not shown yet"), Tone.ACTIVE, "send"),
}
IN_QUEUE = Look(_("In the marketplace's queue"), Tone.ACTIVE, "send")
# Kinds of timeline entries: (tone, icon). What is not here gets a plain dot.
EVENT = {
    "imported": (Tone.INFO, "cloud-download"),
    "state": (Tone.ACTIVE, "progress"),
    "hold_opened": (Tone.WARN, "hand-stop"),
    "hold_released": (Tone.OK, "check"),
    "mapped": (Tone.INFO, "link"),
    "shipped": (Tone.OK, "truck"),
    "shipped_elsewhere": (Tone.WARN, "truck"),
    "push_confirmed": (Tone.OK, "circle-check"),
    "push_parked": (Tone.BAD, "alert-circle"),
    "push_retried": (Tone.INFO, "refresh"),
    "push_off": (Tone.WARN, "bell"),
    "personalisation": (Tone.INFO, "writing"),
    "channel_status": (Tone.INFO, "transfer"),
    "ship_by": (Tone.WARN, "clock"),
    "address": (Tone.INFO, "map-pin"),
    "quantity": (Tone.WARN, "stack-2"),
    "print_file_downloaded": (Tone.NEUTRAL, "download"),
    "line_added": (Tone.INFO, "plus"),
    "return": (Tone.WARN, "transfer"),
    "corrected": (Tone.WARN, "edit"),
    "label": (Tone.INFO, "file-text"),
    "artwork": (Tone.INFO, "photo"),
    "purged": (Tone.NEUTRAL, "trash"),
    "buyer_viewed": (Tone.NEUTRAL, "eye"),
}
# What a purge can remove, as its record names it.
PURGED = {
    "buyer_data": _("buyer's name and address"),
    "raw_payloads": _("messages of the marketplace"),
    "personalisations": _("buyer's own texts"),
    "print_files": _("print files made for them"),
    "labels": _("shipping labels"),
}
# The button that takes a line to its next state.
NEXT_STEP = {
    LineState.RECEIVED: (LineState.RELEASED, _("Release"), "player-play"),
    LineState.RELEASED: (LineState.PRINTING, _("Start printing"), "printer"),
    LineState.PRINTING: (LineState.PACKING, _("Printed, to packing"), "package"),
}
BACK_STEP = {
    LineState.RELEASED: (LineState.RECEIVED, _("Call back from production")),
    LineState.PRINTING: (LineState.RELEASED, _("Back for a reprint")),
    LineState.PACKING: (LineState.RELEASED, _("Back for a reprint")),
}


def order_look(order: Order) -> Look:
    """Return how the order's own state looks."""
    return ORDER_STATE[OrderState(order.state)]


def channel_look(order: Order) -> Look:
    """Return how the marketplace's status looks: its own word, in the tone of our reading."""
    read = CHANNEL_STATE[ChannelState(order.channel_state)]
    return Look(order.channel_status or read.label, read.tone, read.icon)


def push_look(push: Any) -> Look:
    """Return how a push looks, by where it stands. Pushes stand on the upper floor, so their type has no name here."""
    if push.package_id is not None:
        return DELIVERY[Delivery(push.delivery)]
    if push.delivery == Delivery.PENDING and push.sent_at is not None:
        return IN_QUEUE
    return CANCELLATION[Delivery(push.delivery)]
