"""Pages of long lists: by key instead of by offset, and counts that stop counting.

The five-thousandth page costs what the first one costs, and rows that arrive while somebody pages neither repeat nor hide others.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import orjson
from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

Row = TypeVar("Row", bound=Model)

PAGE_ROWS = 50
MOST_COUNTED = 1000
AFTER, BEFORE = "after", "before"


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list in its own order. ``newer`` and ``older`` are query strings (with ``?``), empty at the ends of the list."""

    rows: list[Row]
    newer: str
    older: str


def page_of(rows: QuerySet[Row], *, by: str, query: QueryDict, descending: bool = True, size: int = PAGE_ROWS) -> Page[Row]:
    """Return the page of ``rows`` that ``query`` (``request.GET``) asks for, ordered by the moment ``by`` and then by id.

    ``by`` must not be null in ``rows`` and should lead an index. A mark that cannot be read means the first page. One query.
    """
    mark, backwards = _mark(query)
    falling = descending != backwards
    if mark is not None:
        moment, pk = mark
        way = "lt" if falling else "gt"
        # The first condition alone bounds the index scan; the second one is exact among rows of the same moment.
        rows = rows.filter(**{f"{by}__{way}e": moment}).filter(Q(**{f"{by}__{way}": moment}) | Q(**{f"pk__{way}": pk}))
    sign = "-" if falling else ""
    found = list(rows.order_by(f"{sign}{by}", f"{sign}pk")[: size + 1])
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    has_newer, has_older = (more, True) if backwards else (mark is not None, more)
    return Page(
        found,
        newer=_address(query, BEFORE, found[0], by) if found and has_newer else "",
        older=_address(query, AFTER, found[-1], by) if found and has_older else "",
    )


def _mark(query: QueryDict) -> tuple[tuple[datetime, int] | None, bool]:
    """Return the mark of a page and whether the rows before it are meant."""
    backwards = BEFORE in query
    text = query.get(BEFORE) or query.get(AFTER) or ""
    try:
        moment, pk = orjson.loads(base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)))
        mark = datetime.fromisoformat(moment), int(pk)
    except (binascii.Error, ValueError, TypeError):
        return None, False
    if mark[0].tzinfo is None or abs(mark[1]) >= 2**63:
        return None, False
    return mark, backwards


def _address(query: QueryDict, way: str, row: Model, by: str) -> str:
    value: Any = row
    for name in by.split("__"):
        value = getattr(value, name)
    mark = base64.urlsafe_b64encode(orjson.dumps([value.isoformat(), row.pk])).decode().rstrip("=")
    return "?" + with_changes(query, **{AFTER: None, BEFORE: None, way: mark})


def with_changes(query: QueryDict, **changes: str | None) -> str:
    """Return a query string with some values set, or dropped where None; empty values go too, so that addresses stay short."""
    kept = QueryDict(mutable=True)
    for name, values in query.lists():
        if name not in changes:
            kept.setlist(name, [value for value in values if value])
    for name, value in changes.items():
        if value:
            kept[name] = value
    return kept.urlencode()


def capped_counts(lists: Mapping[str, QuerySet[Any]], *, most: int = MOST_COUNTED) -> dict[str, int]:
    """Count several lists of one scope in one query, none of them further than ``most`` + 1."""
    if not lists:
        return {}
    parts: list[str] = []
    values: list[Any] = []
    for rows in lists.values():
        # Two engines behind one statement: the querysets bring their tenant filter, the connection its row-level security.
        sql, params = rows.order_by().values("pk")[: most + 1].query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608 - Django's own SQL; values stay parameters
        values.extend(params)
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(parts), values)
        return dict(zip(lists, cursor.fetchone(), strict=True))


def count_text(count: int, *, most: int = MOST_COUNTED) -> str:
    """Say a capped count: "12", or "1,000+" beyond the cap."""
    return f"{most:,}+" if count > most else f"{count:,}"


def known(values: Sequence[str], wanted: str) -> str:
    """Return ``wanted`` if it is one of ``values``, else the first: for tabs, where a wrong word is no reason for an error."""
    return wanted if wanted in values else values[0]
