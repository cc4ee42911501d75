"""Deadlines of an order, as real dates: the clock's factor shortens waiting times, not promises (requirements D.2, "SLA (US)").

Dispatch within two business days, cut-off 23:59 Pacific; without shipment TikTok cancels after seven business days.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONES = {"US": ZoneInfo("America/Los_Angeles"), "GB": ZoneInfo("Europe/London")}
DISPATCH_DAYS, CANCEL_DAYS, COLLECT_DAYS = 2, 7, 9
AFTER_CUSTOM_DAYS = 4  # quality.md §4.1: made-to-order is cancelled four days after its dispatch limit
DELIVERY_DAYS, DELIVERY_LIMIT_DAYS = 8, 40


def business_day(start: float, days: int, *, region: str) -> float:
    """Return the last second of the nth business day after a moment, on the market's own calendar; only weekends are holidays."""
    day = datetime.fromtimestamp(start, ZONES.get(region, ZONES["US"]))
    while days:
        day += timedelta(days=1)
        if day.weekday() < 5:
            days -= 1
    return datetime.combine(day.date(), time(23, 59, 59), day.tzinfo).timestamp()
