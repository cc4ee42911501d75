"""Moments in words: how late or how soon something is, computed once here and refreshed in the browser by ``ui/clock.js``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import get_language, gettext, ngettext

from pod_hub.ui.look import Tone

SOON = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment by which something must happen: ``words`` are relative to now, ``tone`` is OK, WARN (within ``SOON``) or BAD (past)."""

    when: datetime
    words: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment as pages write it, in the reader's time zone: ``iso`` for machines, ``full`` to look up, ``short`` for a list."""

    iso: str
    full: str
    short: str


def moment(when: datetime) -> Moment:
    """Write a moment, which must carry a time zone."""
    here = timezone.localtime(when)
    language = get_language()
    day, short_day = _day(here.date(), language)
    return Moment(here.isoformat(), f"{day}, {_time_of_day(here.hour, here.minute, language)} {here.tzname()}", f"{short_day}, {here:%H:%M}")


# A list writes a hundred moments of few days; Django's formatting reads its format anew for each.
@lru_cache(maxsize=2048)
def _day(day: date, _language: str | None) -> tuple[str, str]:
    return date_format(day, "DATE_FORMAT"), date_format(day, "j M")


@lru_cache(maxsize=2880)
def _time_of_day(hour: int, minute: int, _language: str | None) -> str:
    return time_format(time(hour, minute), "TIME_FORMAT")


def deadline(when: datetime, *, now: datetime, soon: timedelta = SOON) -> Deadline:
    """Judge a deadline. Both moments must carry a time zone."""
    left = when - now
    if left < timedelta(0):
        return Deadline(when, _said(*_largest(-left), "late", get_language()), Tone.BAD)
    return Deadline(when, _said(*_largest(left), "left", get_language()), Tone.WARN if left <= soon else Tone.OK)


def relative(when: datetime, *, now: datetime) -> str:
    """Say how far a moment is from now: ``5 minutes ago``, ``in 2 days``, ``just now`` within a minute."""
    passed = now - when
    if abs(passed) < timedelta(minutes=1):
        return gettext("just now")
    if passed > timedelta(0):
        return _said(*_largest(passed), "ago", get_language())
    return _said(*_largest(-passed), "in", get_language())


def span(length: timedelta) -> str:
    """Say a length of time in its largest whole unit: minutes below two hours, hours below two days, then days.

    ``ui/clock.js`` follows the same rule, so words do not jump when the browser takes over.
    """
    return _count(*_largest(length))


def _largest(length: timedelta) -> tuple[int, str]:
    minutes = int(length.total_seconds() // 60)
    if minutes < 120:
        return minutes, "minute"
    hours = minutes // 60
    return (hours, "hour") if hours < 48 else (hours // 24, "day")


def _count(number: int, unit: str) -> str:
    if unit == "minute":
        return ngettext("%(n)d minute", "%(n)d minutes", number) % {"n": number}
    if unit == "hour":
        return ngettext("%(n)d hour", "%(n)d hours", number) % {"n": number}
    return ngettext("%(n)d day", "%(n)d days", number) % {"n": number}


@lru_cache(maxsize=2048)
def _said(number: int, unit: str, way: str, _language: str | None) -> str:
    """Say a length of time and which way it lies. Kept: looking a sentence up costs more than a row of a list may."""
    words = {"late": gettext("%(time)s late"), "left": gettext("%(time)s left"), "ago": gettext("%(time)s ago"), "in": gettext("in %(time)s")}
    return words[way] % {"time": _count(number, unit)}
