"""How attempts of pushes look."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

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
    "reconnect_needed": Look(_("Permission missing"), Tone.BAD, "lock"),
    "withdrawn": Look(_("Withdrawn"), Tone.NEUTRAL, "ban"),
    "try_again": Look(_("Try again"), Tone.INFO, "refresh"),
}


def outcome_look(outcome: str) -> Look:
    """Return how an outcome looks; one that is not in the table is shown as it is."""
    return OUTCOME.get(outcome) or Look(outcome.replace("_", " "), Tone.NEUTRAL)
