"""A rate table, kept by one token bucket per seller and operation. The refill period is a duration, so the clock's factor shortens it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from stores.sandbox.clock import Clock
from stores.sandbox.memory import Memory


@dataclass(frozen=True, slots=True)
class Plan:
    """A usage plan: requests per second in the long run, and how many may come at once."""

    rate: float
    burst: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, the rate on the wall clock, and the seconds until the next token."""

    granted: bool
    rate: float
    wait_s: float


class Throttle:
    """Grant or refuse requests. ``cut`` in a call is the share of the plan that is left (1 = all, 0.25 = a quarter)."""

    def __init__(self, books: Memory, clock: Clock, *, plan: Callable[[str], Plan]) -> None:
        """``plan`` returns the usage plan of an operation."""
        self._books = books
        self._clock = clock
        self._plan = plan

    def ask(self, seller_id: str, operation: str, *, cut: float = 1.0) -> Verdict:
        """Take one token from a bucket, or refuse; both are counted."""
        plan = self._plan(operation)
        rate, burst = plan.rate * self._clock.factor * cut, max(1.0, plan.burst * cut)
        now = self._clock.epoch()
        with self._books.transaction():
            tokens, since = self._books.bucket(seller_id, operation) or (burst, now)
            # A clock set back must not drain the bucket.
            tokens = min(burst, tokens + max(0.0, now - since) * rate)
            granted = tokens >= 1 - 1e-9
            self._books.keep_bucket(seller_id, operation, tokens=tokens - 1 if granted else tokens, at=now, granted=granted)
        return Verdict(granted, rate, 0.0 if granted else (1 - tokens) / rate)
