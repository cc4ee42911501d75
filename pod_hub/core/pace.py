"""How long things wait: every duration goes through ``scaled`` so that one factor shortens them together (decision 0004)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings


def scaled_s(seconds: float) -> float:
    """Return the real seconds to wait for a rule that says ``seconds``."""
    return seconds / float(settings.TIME_FACTOR)


def scaled(seconds: float) -> timedelta:
    """Return the real time to wait for a rule that says ``seconds``."""
    return timedelta(seconds=scaled_s(seconds))
