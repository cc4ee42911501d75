"""Lists whose state stands in the address: neighbouring pages as links, and counts that stop counting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet
from django.http import QueryDict

from pod_hub.core import keyset

Row = TypeVar("Row", bound=Model)
PAGE = "page"


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list in its own order. ``newer`` and ``older`` are query strings (with ``?``), empty at the ends of the list."""

    rows: list[Row]
    newer: str
    older: str


def page_of(rows: QuerySet[Row], *, by: str, query: QueryDict, descending: bool = True) -> Page[Row]:
    """Return the page of ``rows`` that ``query`` (``request.GET``) asks for, ordered by the moment ``by`` and then by id. One query.

    ``by`` must not be null in ``rows`` and should lead an index.
    """
    sign = "-" if descending else ""
    found = keyset.page_of(rows, by=(f"{sign}{by}", f"{sign}id"), token=query.get(PAGE, ""))
    newer, older = (f"?{with_changes(query, page=token)}" if token else "" for token in (found.before, found.after))
    return Page(found.rows, newer, older)


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


def counting_sql(lists: Mapping[str, QuerySet[Any]], *, most: int = keyset.COUNT_CAP) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that counts several lists of one scope, none of them further than ``most`` + 1, and its values."""
    parts: list[str] = []
    values: list[Any] = []
    for rows in lists.values():
        # Two engines behind one statement: the querysets bring their tenant filter, the connection its row-level security.
        sql, params = rows.order_by().values("pk")[: most + 1].query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")
        values.extend(params)
    return "SELECT " + ", ".join(parts), tuple(values)


def capped_counts(lists: Mapping[str, QuerySet[Any]], *, most: int = keyset.COUNT_CAP) -> dict[str, int]:
    """Count several lists of one scope in one query, none of them further than ``most`` + 1."""
    if not lists:
        return {}
    try:
        statement = counting_sql(lists, most=most)
    except EmptyResultSet:  # a scope that is narrowed to nobody
        return dict.fromkeys(lists, 0)
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        return dict(zip(lists, cursor.fetchone(), strict=True))


def count_text(count: int, *, most: int = keyset.COUNT_CAP) -> str:
    """Say a capped count: "12", or "1,000+" beyond the cap."""
    return f"{most:,}+" if count > most else f"{count:,}"


def known(values: Sequence[str], wanted: str) -> str:
    """Return ``wanted`` if it is one of ``values``, else the first: for tabs, where a wrong word is no reason for an error."""
    return wanted if wanted in values else values[0]
