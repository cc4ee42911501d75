"""Statements that are asked again and again: written by the ORM once a process, read by PostgreSQL once a connection.

Django writes a queryset's SQL anew each time, which for the few rows of a page costs more than reading them. A ``KeptStatement`` is written
once, with holes where values go, and later only filled in. Neither wall is lower for it: the print provider is a hole too, and it is always
filled from the open scope; what a scope is narrowed to is part of the key, so a narrowed scope has statements of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from psycopg import sql

from pod_hub.core.narrowing import Narrowing
from pod_hub.core.tenancy import PSP_TO_COME, current_psp_id, narrowed, scope_to_come

Rows = list[tuple[Any, ...]]
Written = tuple[str, tuple[Any, ...]]
MOST_KEPT = 512  # of one statement, over its shapes and narrowings
PSP = "scope_psp"
# These only ever stand in for a value while SQL is written; no row holds them.
_FIRST_MOMENT = datetime(1, 1, 1, tzinfo=UTC)


class Holes:
    """Hands out what stands for a value while a statement is written. Give each to the queryset unchanged."""

    def __init__(self) -> None:
        self.names: dict[Hashable, str] = {PSP_TO_COME: PSP}

    def text(self, name: str) -> str:
        """Return the place of a text."""
        mark = f"\x01{name}\x01"
        self.names[mark] = name
        return mark

    def moment(self, name: str) -> datetime:
        """Return the place of a moment."""
        mark = _FIRST_MOMENT + timedelta(seconds=len(self.names))
        self.names[mark] = name
        return mark

    def number(self, name: str) -> int:
        """Return the place of a whole number."""
        mark = PSP_TO_COME + len(self.names)
        self.names[mark] = name
        return mark


def written(rows: QuerySet[Any, Any]) -> Written:
    """Return a queryset's SQL and its parameters, as a statement's builder gives them back."""
    text, params = rows.query.sql_with_params()
    return str(text), tuple(params)


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement with its values, to be asked alone (``rows``) or with others (``together``)."""

    sql: str
    values: dict[str, Any]

    def rows(self) -> Rows:
        """Ask. One round trip, none if the scope is narrowed to nobody."""
        if not self.sql:
            return []
        with _cursor() as cursor:
            cursor.execute(self.sql, self.values)
            return list(cursor.fetchall())


class KeptStatement:
    """A statement that is written once for each of its shapes.

    The builder is given holes and the shape, and returns what ``written`` returns; it may only read through the managers. Shapes decide what
    the SQL looks like, so they should be few: all else is a hole. What is neither is written into the SQL, and the same for everybody.
    """

    _every: ClassVar[list[KeptStatement]] = []

    def __init__(self, build: Callable[..., Written]) -> None:
        self._build = build
        self._write = lru_cache(maxsize=MOST_KEPT, typed=True)(self._written_for)
        self._every.append(self)

    @classmethod
    def forget_written(cls) -> None:
        """Write every statement anew when it is next asked; for tests that change what managers filter by."""
        for statement in cls._every:
            statement._write.cache_clear()

    def asked(self, *shape: Hashable, **values: Any) -> Asked:
        """Return the statement for the open scope. Raises ``NoTenant`` when it reads a tenant's rows and no single tenant's scope is open."""
        text, is_tenants = self._write(narrowed(), *shape)
        if is_tenants:
            values[PSP] = current_psp_id()
        return Asked(text, values)

    def _written_for(self, to: Narrowing, *shape: Hashable) -> tuple[str, bool]:
        holes = Holes()
        try:
            with scope_to_come(to):
                text, params = self._build(holes, *shape)
        except EmptyResultSet:  # Django knows that no row can answer: the scope is narrowed to nobody
            return "", True
        connection.ensure_connection()
        # What is no hole is written out, so that PostgreSQL may use an index whose condition it is.
        places = [_place(holes, param) for param in params]
        names = {name for name in places if name}
        if missing := set(holes.names.values()) - names - {PSP}:
            raise ValueError(f"The statement has no place for {', '.join(sorted(missing))}: something changed it on the way.")
        filled = tuple(f"%({name})s" if name else _literal(param) for name, param in zip(places, params, strict=True))
        return text.replace("%%", "%%%%") % filled, PSP in names


def together(*asked: Asked) -> list[Rows]:
    """Ask several statements that do not need each other's answers, in one round trip."""
    connection.ensure_connection()
    with ExitStack() as stack:
        cursors = [stack.enter_context(_cursor()) if one.sql else None for one in asked]
        with connection.wrap_database_errors, connection.connection.pipeline():
            for cursor, one in zip(cursors, asked, strict=True):
                if cursor is not None:
                    cursor.execute(one.sql, one.values)
        return [[] if cursor is None else list(cursor.fetchall()) for cursor in cursors]


def _place(holes: Holes, param: Any) -> str:
    return holes.names.get(param, "") if isinstance(param, str | int | datetime) else ""


def _literal(param: Any) -> str:
    return sql.Literal(param).as_string(connection.connection).replace("%", "%%")


class _Cursor(psycopg.Cursor[tuple[Any, ...]]):
    """Remembers what it sends also where that is prepared already, because Django's log of queries asks for it."""

    def _convert_query(self, query: Any, params: Any = None) -> Any:
        self._query = super()._convert_query(query, params)
        return self._query


def _cursor() -> CursorWrapper:
    """Return a cursor that sends values apart from the SQL, without which nothing can be prepared. Django's own writes them into it."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor: CursorWrapper = connection._prepare_cursor(_Cursor(connection.connection))  # type: ignore[attr-defined]
    return cursor
