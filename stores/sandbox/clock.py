"""The imitation's idea of time: the wall clock, or a clock that stands still until it is set or advanced.

One factor divides *durations* (data lag, quota refill, token life, preparation of documents). Time stamps are never scaled.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta


class Clock:
    """Tell the time in UTC. Without ``at`` it follows the wall clock; with it, it stands until ``set`` or ``advance``."""

    def __init__(self, *, factor: float = 1.0, at: datetime | None = None) -> None:
        if factor < 1:
            raise ValueError(f"The time factor is {factor}; it divides waiting times and must be 1 or more.")
        self.factor = factor
        self._at = at
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the time, in UTC."""
        with self._lock:
            return self._at or datetime.now(UTC)

    def epoch(self) -> float:
        """Return the time as seconds since 1970."""
        return self.now().timestamp()

    @property
    def stands(self) -> bool:
        """Say whether the clock was set and does not move by itself."""
        return self._at is not None

    def set(self, at: datetime) -> None:
        """Stand at ``at`` (time zone required) until told otherwise."""
        if at.tzinfo is None:
            raise ValueError("The clock needs a time with a time zone, for example 2026-11-20T10:00:00Z.")
        with self._lock:
            self._at = at.astimezone(UTC)

    def advance(self, seconds: float) -> None:
        """Move a standing clock; a clock that follows the wall is stopped at now plus ``seconds``."""
        with self._lock:
            self._at = (self._at or datetime.now(UTC)) + timedelta(seconds=seconds)

    def follow_wall(self) -> None:
        """Go with the wall clock again."""
        with self._lock:
            self._at = None

    def shortened(self, seconds: float) -> float:
        """Return how many wall-clock seconds a published duration takes here."""
        return seconds / self.factor


def iso(epoch: float) -> str:
    """Return an epoch in ISO 8601: UTC, whole seconds, a Z."""
    return datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
