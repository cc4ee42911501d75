"""What the bill counts: connections that were connected at any time of a month (DS-07)."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.timezone import now

from stores.models import ConnectedPeriod, Store


@dataclass(frozen=True, slots=True)
class BillableStore:
    """One store in a month: since when in it, until when (None: still), and on how many of its days."""

    store: Store
    first_day: date
    last_day: date | None
    days: int


def month_of(text: str, *, zone: ZoneInfo) -> date:
    """Return the first day of the month that ``2026-11`` means; the current one for anything else, and never a future one."""
    today = now().astimezone(zone).date()
    try:
        chosen = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no time zone
    except ValueError:
        return today.replace(day=1)
    return min(chosen, today.replace(day=1))


def months_back(count: int, *, zone: ZoneInfo) -> list[date]:
    """Return the first days of the current month and those before it, newest first."""
    today = now().astimezone(zone).date()
    newest = today.year * 12 + today.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(newest, newest - count, -1)]


def billable(month: date, *, zone: ZoneInfo) -> list[BillableStore]:
    """Return the stores that were connected at any time of a month, by customer and name. One query; a store counts once."""
    last = calendar.monthrange(month.year, month.month)[1]
    begin = datetime(month.year, month.month, 1, tzinfo=zone)
    end = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=zone)
    until = min(end, now())
    periods = ConnectedPeriod.objects.filter(Q(ended_at=None) | Q(ended_at__gt=begin), began_at__lt=end).select_related("store__customer")
    days: dict[int, set[date]] = {}
    stores: dict[int, Store] = {}
    open_ones: set[int] = set()
    for period in periods:
        stores[period.store_id] = period.store
        first = max(period.began_at, begin).astimezone(zone).date()
        final = min(period.ended_at or until, until)
        if period.ended_at is None or period.ended_at >= until:
            open_ones.add(period.store_id)
        shown = min(final.astimezone(zone).date(), date(month.year, month.month, last))
        days.setdefault(period.store_id, set()).update(date.fromordinal(n) for n in range(first.toordinal(), shown.toordinal() + 1))
    rows = [
        BillableStore(store, min(days[key]), None if key in open_ones and until < end else max(days[key]), len(days[key]))
        for key, store in stores.items()
    ]
    return sorted(rows, key=lambda row: (row.store.customer.name.casefold(), row.store.name.casefold(), row.store.pk))
