"""Cells of the catalog's tables: texts to values, with the sentence that says what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from django.utils.translation import gettext as _

from pod_hub.core.spreadsheets import Row

YES = frozenset(["yes", "y", "true", "1", "x", "ja", "oui", "si", "sí"])
NO = frozenset(["no", "n", "false", "0", "", "nein", "non"])
SEPARATOR = ";"
DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y")
Value = TypeVar("Value")


class BadCell(ValueError):
    """A cell cannot be used; the message names the column, the value and what is expected."""


def text(row: Row, column: str, *, most: int, needed: bool = False) -> str:
    """Return a text."""
    value = row[column]
    if needed and not value:
        raise BadCell(_("“%(column)s” is empty; it is needed.") % {"column": column})
    if len(value) > most:
        raise BadCell(_("“%(column)s” has %(n)s characters; at most %(most)s fit.") % {"column": column, "n": len(value), "most": most})
    return value


def whole(row: Row, column: str, *, default: int, least: int = 0, most: int = 100_000) -> int:
    """Return a whole number; ``default`` for an empty cell."""
    value = row[column]
    if not value:
        return default
    number = _decimal(value)
    if number is None or number != number.to_integral_value() or not least <= number <= most:
        raise BadCell(
            _("“%(column)s” is “%(value)s”; it takes a whole number from %(least)s to %(most)s.")
            % {"column": column, "value": value, "least": least, "most": most}
        )
    return int(number)


def amount(row: Row, column: str) -> Decimal | None:
    """Return an amount of money; None for an empty cell. A comma may stand for the point."""
    value = row[column]
    if not value:
        return None
    number = _decimal(value)
    if number is None or number < 0 or number >= Decimal(10) ** 8 or number != round(number, 4):
        raise BadCell(_("“%(column)s” is “%(value)s”; it takes an amount such as 5.20.") % {"column": column, "value": value})
    return number


def _decimal(value: str) -> Decimal | None:
    plain = value.replace(" ", "").replace("\u00a0", "").replace("'", "")
    if "," in plain and "." in plain:  # the last of the two is the decimal mark, the other one groups thousands
        group, mark = (",", ".") if plain.rfind(".") > plain.rfind(",") else (".", ",")
        plain = plain.replace(group, "").replace(mark, ".")
    try:
        number = Decimal(plain.replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def truth(row: Row, column: str, *, default: bool) -> bool:
    """Return yes or no; ``default`` where the table has no such column or the cell is empty."""
    value = row[column].casefold()
    if column not in row.cells or not value:
        return default
    if value in YES:
        return True
    if value in NO:
        return False
    raise BadCell(_("“%(column)s” is “%(value)s”; it takes yes or no.") % {"column": column, "value": row[column]})


def day(row: Row, column: str) -> date | None:
    """Return a day; None for an empty cell."""
    value = row[column]
    if not value:
        return None
    for shape in DATES:
        try:
            return datetime.strptime(value, shape).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise BadCell(_("“%(column)s” is “%(value)s”; it takes a day such as 2026-12-31.") % {"column": column, "value": value})


def choice(row: Row, column: str, choices: Iterable[str], *, default: str) -> str:
    """Return one of some words, in any case of letters; ``default`` for an empty cell."""
    value, known = row[column].casefold(), list(choices)
    if not value:
        return default
    if value not in known:
        raise BadCell(_("“%(column)s” is “%(value)s”; it takes %(known)s.") % {"column": column, "value": row[column], "known": ", ".join(known)})
    return value


def words(row: Row, column: str, choices: Iterable[str], *, default: list[str]) -> list[str]:
    """Return several words with semicolons between them."""
    known = list(choices)
    given = [one.casefold() for one in _parts(row[column])]
    if not given:
        return default
    for one in given:
        if one not in known:
            raise BadCell(_("“%(column)s” names “%(value)s”; it takes %(known)s.") % {"column": column, "value": one, "known": ", ".join(known)})
    return [one for one in known if one in given]


def named(row: Row, column: str, rows: Mapping[str, Value], *, missing: Callable[[str], str]) -> list[Value]:
    """Return the rows that are named with semicolons between them; ``rows`` has them by name in small letters."""
    found = []
    for name in _parts(row[column]):
        if (one := rows.get(name.casefold())) is None:
            raise BadCell(missing(name))
        found.append(one)
    return found


def _parts(value: str) -> list[str]:
    return [part.strip() for part in value.split(SEPARATOR) if part.strip()]


def joined(values: Iterable[object]) -> str:
    """Return texts as one cell."""
    return f"{SEPARATOR} ".join(str(value) for value in values)


def yes_no(value: bool) -> str:
    """Return the word for a truth."""
    return "yes" if value else "no"
