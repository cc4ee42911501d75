"""How states, holds and verdicts look: their words, tones and icons, each in one table."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from orders.bulk_models import BulkImport, Verdict
from orders.models import ArtworkCause, FileSource, FoundFile, HoldKind, IntakeRecord, Order
from orders.states import LineState, OrderState
from pod_hub.core.outbox import Delivery
from pod_hub.ui.look import Look, Tone
from stores.channels.registry import capabilities
from stores.channels.types import ChannelState

ORDER_STATE = {
    OrderState.RECEIVED: Look(_("Received"), Tone.INFO, "circle-dashed"),
    OrderState.RELEASED: Look(_("Released"), Tone.ACTIVE, "player-play"),
    OrderState.PRINTING: Look(_("Printing"), Tone.ACTIVE, "printer"),
    OrderState.PACKING: Look(_("Packing"), Tone.ACTIVE, "package"),
    OrderState.PARTIALLY_SHIPPED: Look(_("Partially shipped"), Tone.ACTIVE, "truck"),
    OrderState.SHIPPED: Look(_("Shipped"), Tone.OK, "truck"),
    OrderState.CANCELLED: Look(_("Cancelled"), Tone.NEUTRAL, "ban"),
    OrderState.NOT_OURS: Look(_("Not made here"), Tone.NEUTRAL, "building-store"),
}
LINE_STATE = {
    LineState.RECEIVED: Look(_("Received"), Tone.INFO, "circle-dashed"),
    LineState.RELEASED: Look(_("Released"), Tone.ACTIVE, "player-play"),
    LineState.PRINTING: Look(_("Printing"), Tone.ACTIVE, "printer"),
    LineState.PACKING: Look(_("Packing"), Tone.ACTIVE, "package"),
    LineState.SHIPPED: Look(_("Shipped"), Tone.OK, "truck"),
    LineState.CANCELLED: Look(_("Cancelled"), Tone.NEUTRAL, "ban"),
    LineState.NOT_OURS: Look(_("Not made here"), Tone.NEUTRAL, "building-store"),
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
# The marketplace's status for "the shipment is arranged, and no carrier has scanned it", by whether the label was bought there.
WAITS_FOR_COLLECTION = {
    True: Look(_("Label bought, waits for the carrier"), Tone.ACTIVE, "file-text"),
    False: Look(_("Shipped, waits for the carrier's scan"), Tone.OK, "truck"),
}
HOLD = {
    HoldKind.UNMAPPED: Look(_("Listing not mapped"), Tone.WARN, "link"),
    HoldKind.ARTWORK: Look(_("Artwork not ready"), Tone.WARN, "photo"),
    HoldKind.APPROVAL: Look(_("Waits for approval"), Tone.WARN, "shield-check"),
    HoldKind.PERSONALISATION: Look(_("Personalisation to review"), Tone.WARN, "writing"),
    HoldKind.CANCEL_REQUEST: Look(_("Cancellation requested"), Tone.BAD, "ban"),
    HoldKind.ADDRESS: Look(_("Address missing"), Tone.WARN, "map-pin"),
    HoldKind.CHANNEL_HOLD: Look(_("Held by the marketplace"), Tone.INFO, "hourglass"),
    HoldKind.UNREADABLE: Look(_("Change could not be read"), Tone.BAD, "file-text"),
}
# A hold for artwork says what is the matter with it, wherever it is told.
ARTWORK = {
    ArtworkCause.NO_DESIGN: Look(_("Design missing"), Tone.WARN, "photo"),
    ArtworkCause.IN_MAKING: Look(_("Print file being made"), Tone.ACTIVE, "loader-2"),
    ArtworkCause.FAILED: Look(_("Print file could not be made"), Tone.BAD, "photo"),
    ArtworkCause.DAMAGED: Look(_("Print file damaged or lost"), Tone.BAD, "photo"),
    ArtworkCause.MISFIT: Look(_("Design no longer fits"), Tone.WARN, "alert-triangle"),
}
BULK_STAGE = {
    BulkImport.Stage.READING: Look(_("Being read"), Tone.ACTIVE, "hourglass"),
    BulkImport.Stage.CHECKED: Look(_("Checked, waits for your yes"), Tone.WARN, "eye"),
    BulkImport.Stage.APPLYING: Look(_("Being connected"), Tone.ACTIVE, "link"),
    BulkImport.Stage.DONE: Look(_("Done"), Tone.OK, "check"),
    BulkImport.Stage.FAILED: Look(_("Could not be read"), Tone.BAD, "alert-circle"),
    BulkImport.Stage.CANCELLED: Look(_("Cancelled"), Tone.NEUTRAL, "ban"),
    BulkImport.Stage.UNDOING: Look(_("Being undone"), Tone.ACTIVE, "refresh"),
    BulkImport.Stage.UNDONE: Look(_("Undone"), Tone.NEUTRAL, "refresh"),
}
BULK_VERDICT = {
    Verdict.READY: Look(_("Will be connected"), Tone.INFO, "link"),
    Verdict.CONNECTED: Look(_("Connected"), Tone.OK, "check"),
    Verdict.UNCHANGED: Look(_("Already so"), Tone.NEUTRAL, "check"),
    Verdict.BLANK: Look(_("Nothing filled in"), Tone.NEUTRAL, ""),
    Verdict.NO_LISTING: Look(_("Product not found"), Tone.BAD, "search"),
    Verdict.NO_PRODUCT: Look(_("Product UID not usable"), Tone.BAD, "alert-circle"),
    Verdict.TWICE: Look(_("Named twice"), Tone.WARN, "alert-triangle"),
    Verdict.NO_DESIGN: Look(_("Design file missing"), Tone.BAD, "photo"),
    Verdict.BAD_LINK: Look(_("Link not usable"), Tone.BAD, "link"),
    Verdict.BAD_FILE: Look(_("Design file refused"), Tone.BAD, "photo"),
    Verdict.REFUSED: Look(_("Not connected"), Tone.BAD, "alert-circle"),
    Verdict.CANCELLED: Look(_("Not done"), Tone.NEUTRAL, "ban"),
    Verdict.UNDONE: Look(_("Undone"), Tone.NEUTRAL, "refresh"),
    Verdict.KEPT: Look(_("Changed since, left alone"), Tone.WARN, "alert-triangle"),
}
FOUND_STATE = {
    FoundFile.State.UNMATCHED: Look(_("No order yet"), Tone.INFO, "hourglass"),
    FoundFile.State.MATCHED: Look(_("Being copied"), Tone.ACTIVE, "cloud-download"),
    FoundFile.State.PREPARING: Look(_("Print file is being made"), Tone.ACTIVE, "printer"),
    FoundFile.State.ATTACHED: Look(_("Attached"), Tone.OK, "check"),
    FoundFile.State.MISNAMED: Look(_("Name does not fit"), Tone.WARN, "alert-triangle"),
    FoundFile.State.LATE: Look(_("Came too late"), Tone.WARN, "clock"),
    FoundFile.State.DUPLICATE: Look(_("Item has a file already"), Tone.WARN, "alert-triangle"),
    FoundFile.State.REFUSED: Look(_("Cannot be used"), Tone.BAD, "photo"),
}
FITS_NO_ITEM = Look(_("Not used yet"), Tone.WARN, "alert-triangle")


def found_look(file: FoundFile) -> Look:
    """Return how a found file is doing; one whose order is here, but none of whose items takes it, does not wait for an order."""
    state = FoundFile.State(file.state)
    return FITS_NO_ITEM if state == FoundFile.State.UNMATCHED and file.order_id is not None else FOUND_STATE[state]


def in_words(code: str) -> str:
    """Return a marketplace's own code as people read it: ``RETURN_AND_REFUND`` is "Return and refund"."""
    return code.replace("_", " ").capitalize() if code.isupper() else code


def rule_in_words(code: str) -> str:
    """Return a rule of the intake as people read it; one that is not in the table is shown as it is."""
    return str(RULE.get(code, code))


def storage_look(source: FileSource) -> Look:
    """Return how a remote file storage is doing."""
    if not source.customer.remote_files_enabled:
        return Look(_("Not in the plan"), Tone.NEUTRAL, "lock")
    if not source.is_active:
        return Look(_("Paused"), Tone.NEUTRAL, "player-pause")
    if source.last_error:
        return Look(_("Does not work"), Tone.BAD, "alert-circle")
    if source.scan_started_at is not None or source.scanned_at is None:
        return Look(_("Being looked through"), Tone.ACTIVE, "hourglass")
    return Look(_("Works"), Tone.OK, "check")


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
# By which rule a record was decided (orders/services/rules.py and take_in.py).
RULE = {
    "accepted": _("Passed every rule"),
    "change": _("Change of a known order"),
    "entered": _("Entered by hand"),
    "fulfilled_by": _("Who ships it"),
    "import_paused": _("Import is paused"),
    "no_store": _("No store of yours"),
    "older": _("Older than what is known"),
    "status": _("Status of the order"),
    "too_old": _("Maximum order age"),
    "unreadable": _("Could not be read"),
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
LABEL_NOT_NEEDED = Look(_("Not needed any more"), Tone.NEUTRAL, "ban")
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
    "artwork": _("pictures placed for them"),
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


def hold_look(kind: str, cause: str = "") -> Look:
    """Return how a hold looks: by what is the matter with the artwork, where it is that."""
    return ARTWORK[ArtworkCause(cause)] if cause else HOLD[HoldKind(kind)]


def order_look(order: Order) -> Look:
    """Return how the order's own state looks."""
    return ORDER_STATE[OrderState(order.state)]


def channel_look(order: Order) -> Look:
    """Return how the marketplace's status looks: our reading of it, with its own word beside it where that is another one. Asks for ``store``."""
    status = order.channel_status
    if status and status == capabilities(order.store.kind).waits_for_collection:
        read = WAITS_FOR_COLLECTION[order.is_labelled_by_channel]
    else:
        read = CHANNEL_STATE[ChannelState(order.channel_state)]
    says_the_same = status.replace("_", " ").casefold() == str(read.label).casefold()
    return read if not status or says_the_same else Look(f"{read.label} ({status})", read.tone, read.icon)


def push_look(push: Any) -> Look:
    """Return how a push looks, by where it stands. Pushes stand on the upper floor, so their type has no name here."""
    if push.package_id is not None:
        return DELIVERY[Delivery(push.delivery)]
    if push.delivery == Delivery.PENDING and push.sent_at is not None:
        return IN_QUEUE
    return CANCELLATION[Delivery(push.delivery)]
