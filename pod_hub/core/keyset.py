"""Paging by key: a page starts after the last row of the one before, so deep pages cost what the first one costs."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, Model, Q, QuerySet
from django.utils.timezone import is_aware

Row = TypeVar("Row", bound=Model)
PAGE_SIZE = 50
COUNT_CAP = 1000


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list. ``before`` and ``after`` are tokens of the neighbours, empty where there is none."""

    rows: list[Row]
    before: str
    after: str


def page_of(queryset: QuerySet[Row], *, by: Sequence[str], token: str = "", size: int = PAGE_SIZE) -> Page[Row]:
    """Return the page that a token names, the first one without (or with a token that is none).

    ``by`` are fields or annotations that together are unique, all ascending or all descending (``-seen_at``, ``-id``). Changing rows move
    no boundary: a row added meanwhile appears where its key belongs.
    """
    names = [name.removeprefix("-") for name in by]
    backwards, values = _read(token, len(names))
    try:
        rows = rows_from(queryset, by=by, backwards=backwards, values=values)
    except (ValueError, TypeError, ValidationError):
        backwards, values = False, None
        rows = queryset.order_by(*by)
    found = list(rows[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page([], "", "")
    has_before, has_after = (more, True) if backwards else (values is not None, more)
    return Page(found, _token(found[0], names, backwards=True) if has_before else "", _token(found[-1], names, backwards=False) if has_after else "")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: beyond the row with this moment and id, towards the list's beginning if ``backwards``."""

    backwards: bool
    at: datetime
    pk: int


def place_of(token: str, *, by: DateTimeField[Any, Any]) -> Place | None:
    """Return the place that a token of ``token_of([moment, id])`` names, or None for the first page (or a token that is none)."""
    backwards, values = _read(token, 2)
    if values is None:
        return None
    try:
        at, pk = by.to_python(values[0]), int(values[1])
    except (ValueError, TypeError, ValidationError):
        return None
    if at is None or not is_aware(at) or not 0 <= pk < 2**63:
        return None
    return Place(backwards, at, pk)


def rows_from(queryset: QuerySet[Row], *, by: Sequence[str], backwards: bool, values: Sequence[Any] | None) -> QuerySet[Row]:
    """Return ``queryset`` in the order ``by`` (or the other way round), beyond ``values`` where there are any."""
    rows = queryset.order_by(*by)
    if values is not None:
        names = [name.removeprefix("-") for name in by]
        rows = rows.filter(_beyond(names, values, greater=by[0].startswith("-") == backwards))
    return rows.reverse() if backwards else rows


def token_of(values: Sequence[Any], *, backwards: bool) -> str:
    """Return the token of the page before (``backwards``) or after the row with these values."""
    text = json.dumps([backwards, *values], default=lambda value: value.isoformat(), separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def starts_with(field: str, prefix: str) -> Q:
    """Return the condition "begins with" as a range, which an index serves also behind row-level security."""
    return Q(**{f"{field}__gte": prefix, f"{field}__lt": prefix + chr(0x10FFFF)})


def _beyond(names: Sequence[str], values: Sequence[Any], *, greater: bool) -> Q:
    lookup = "gt" if greater else "lt"
    condition = Q()
    for position, name in enumerate(names):
        same = Q(**dict(zip(names[:position], values[:position], strict=True)))
        condition |= same & Q(**{f"{name}__{lookup}": values[position]})
    # Implied by the above, but an index range that the planner sees.
    return Q(**{f"{names[0]}__{lookup}e": values[0]}) & condition


def _token(row: Model, names: Sequence[str], *, backwards: bool) -> str:
    return token_of([getattr(row, name) for name in names], backwards=backwards)


def _read(token: str, length: int) -> tuple[bool, list[Any] | None]:
    try:
        told = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, binascii.Error):
        return False, None
    if not isinstance(told, list) or len(told) != length + 1 or not isinstance(told[0], bool):
        return False, None
    if not all(isinstance(value, str | int) and "\0" not in str(value) for value in told[1:]):
        return False, None
    return told[0], told[1:]
