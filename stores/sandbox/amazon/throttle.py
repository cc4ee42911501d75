"""Amazon's published rate table, kept by one token bucket per seller and operation.

The refill period is a duration, so the clock's factor shortens it. ``x-amzn-RateLimit-Limit`` states the rate as it is on the wall clock
(published rate times factor): a client that believes the header is right at every factor.
"""

from __future__ import annotations

from dataclasses import dataclass

from stores.sandbox.amazon.books import Books
from stores.sandbox.amazon.clock import Clock


@dataclass(frozen=True, slots=True)
class Plan:
    """A usage plan: requests per second in the long run, and how many may come at once."""

    rate: float
    burst: int


# Rates of the models' usage plans; getReportDocument and the others as in amazon.md §3.
PLANS: dict[str, Plan] = {
    "searchOrders": Plan(0.0056, 20),
    "getOrder": Plan(0.5, 30),
    "confirmShipment": Plan(2, 10),
    "getListingsItem": Plan(5, 10),
    "searchListingsItems": Plan(5, 5),
    "createReport": Plan(0.0167, 15),
    "getReport": Plan(2, 15),
    "getReportDocument": Plan(0.0167, 15),
    "createFeedDocument": Plan(0.5, 15),
    "createFeed": Plan(0.0083, 15),
    "getFeeds": Plan(0.0222, 10),
    "getFeed": Plan(2, 15),
    "getFeedDocument": Plan(0.0222, 10),
    "getMarketplaceParticipations": Plan(0.016, 15),
}
# The static sandbox has one plan for everything (amazon.md §1).
STATIC_PLAN = Plan(5, 15)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, and the rate to state in the answer."""

    granted: bool
    rate: float


class Throttle:
    """Grant or refuse requests. ``cut`` in a call is the share of the plan that is left (1 = all, 0.25 = a quarter)."""

    def __init__(self, books: Books, clock: Clock, *, static: bool = False) -> None:
        self._books = books
        self._clock = clock
        self._static = static

    def plan(self, operation: str) -> Plan:
        """Return the usage plan of an operation."""
        return STATIC_PLAN if self._static else PLANS[operation]

    def ask(self, seller_id: str, operation: str, *, cut: float = 1.0) -> Verdict:
        """Take one token from a bucket, or refuse; both are counted."""
        plan = self.plan(operation)
        rate, burst = plan.rate * self._clock.factor * cut, max(1.0, plan.burst * cut)
        now = self._clock.epoch()
        with self._books.transaction():
            tokens, since = self._books.bucket(seller_id, operation) or (burst, now)
            # A clock set back must not drain the bucket.
            tokens = min(burst, tokens + max(0.0, now - since) * rate)
            granted = tokens >= 1 - 1e-9
            self._books.keep_bucket(seller_id, operation, tokens=tokens - 1 if granted else tokens, at=now, granted=granted)
        return Verdict(granted, rate)


def rate_header(rate: float) -> str:
    """Return a rate as Amazon writes it: no trailing zeros beyond the first."""
    text = f"{rate:.6f}".rstrip("0")
    return f"{text}0" if text.endswith(".") else text
