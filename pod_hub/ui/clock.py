"""Moments in words: how late or how soon something is, computed once here and refreshed in the browser by ``ui/clock.js``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext, ngettext

from pod_hub.ui.look import Tone

SOON = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment by which something must happen: ``words`` are relative to now, ``tone`` is OK, WARN (within ``SOON``) or BAD (past)."""

    when: datetime
    words: str
    tone: Tone


def deadline(when: datetime, *, now: datetime, soon: timedelta = SOON) -> Deadline:
    """Judge a deadline. Both moments must carry a time zone."""
    left = when - now
    if left < timedelta(0):
        return Deadline(when, gettext("%(time)s late") % {"time": span(-left)}, Tone.BAD)
    return Deadline(when, gettext("%(time)s left") % {"time": span(left)}, Tone.WARN if left <= soon else Tone.OK)


def relative(when: datetime, *, now: datetime) -> str:
    """Say how far a moment is from now: ``5 minutes ago``, ``in 2 days``, ``just now`` within a minute."""
    passed = now - when
    if abs(passed) < timedelta(minutes=1):
        return gettext("just now")
    if passed > timedelta(0):
        return gettext("%(time)s ago") % {"time": span(passed)}
    return gettext("in %(time)s") % {"time": span(-passed)}


def span(length: timedelta) -> str:
    """Say a length of time in its largest whole unit: minutes below two hours, hours below two days, then days.

    ``ui/clock.js`` follows the same rule, so words do not jump when the browser takes over.
    """
    minutes = int(length.total_seconds() // 60)
    if minutes < 120:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    days = hours // 24
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
