"""How attempts of pushes look."""

from __future__ import annotations

from django.contrib import messages
from django.utils.translation import gettext_lazy as _

from orders.services.asking import Asked
from pod_hub.ui.look import Look, Tone

STEP = {"send": _("Sent"), "read_back": _("Read back"), "person": _("By hand")}
OUTCOME = {
    "accepted": Look(_("Accepted"), Tone.OK, "check"),
    "accepted_late": Look(_("Accepted, but too late to count"), Tone.WARN, "clock"),
    "confirmed": Look(_("Confirmed"), Tone.OK, "circle-check"),
    "not_there": Look(_("Had not arrived"), Tone.WARN, "refresh"),
    "not_yet": Look(_("Not shown yet"), Tone.INFO, "hourglass"),
    "parked": Look(_("Parked"), Tone.BAD, "alert-circle"),
    "refused": Look(_("Refused"), Tone.BAD, "circle-x"),
    "gave_up": Look(_("Gave up"), Tone.BAD, "circle-x"),
    "try_later": Look(_("Tried again later"), Tone.WARN, "clock"),
    "wish_open": Look(_("Waits for the answer to the buyer"), Tone.WARN, "hand-stop"),
    "reconnect_needed": Look(_("Permission missing"), Tone.BAD, "lock"),
    "withdrawn": Look(_("Withdrawn"), Tone.NEUTRAL, "ban"),
    "submitted": Look(_("In the marketplace's queue"), Tone.INFO, "send"),
    "not_needed": Look(_("Not needed"), Tone.NEUTRAL, "check"),
    "shipped_there": Look(_("Shipped there already"), Tone.BAD, "truck"),
    "try_again": Look(_("Try again"), Tone.INFO, "refresh"),
}


def outcome_look(outcome: str) -> Look:
    """Return how an outcome looks; one that is not in the table is shown as it is."""
    return OUTCOME.get(outcome) or Look(outcome.replace("_", " "), Tone.NEUTRAL)


# How loud the answer to "ask the marketplace now" is.
ANSWER_FLASH = {
    Asked.IMPORTED: messages.SUCCESS,
    Asked.SKIPPED: messages.INFO,
    Asked.UNREADABLE: messages.ERROR,
    Asked.UNKNOWN: messages.WARNING,
    Asked.NO_PERMISSION: messages.ERROR,
    Asked.TRY_LATER: messages.WARNING,
    Asked.NOBODY_TO_ASK: messages.WARNING,
}
