"""How a state looks: the words, tone and icon that an app's ``presentation.py`` gives each of its states."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Tone(StrEnum):
    """What a colour means; the same everywhere. Colour is never alone: a label always stands beside it."""

    NEUTRAL = "neutral"  # nothing to say, or over and done long ago
    INFO = "info"  # new, or for your information
    ACTIVE = "active"  # being worked on right now
    OK = "ok"  # finished well
    WARN = "warn"  # waits for a person, or will be late soon
    BAD = "bad"  # failed, late or refused


@dataclass(frozen=True, slots=True)
class Look:
    """One state as people see it. ``label`` should be lazy (``gettext_lazy``); ``icon`` is a name from ``frontend/icons.txt``."""

    label: str | _StrPromise
    tone: Tone = Tone.NEUTRAL
    icon: str = ""
