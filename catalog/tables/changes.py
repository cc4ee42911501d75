"""What a row of a catalog table would do."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db.models import Model

from catalog.tables.cells import BadCell
from pod_hub.core.spreadsheets import Row


class Outcome(enum.StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Change:
    """One row's outcome. ``what`` names the thing, ``why`` what changes or what is wrong; ``apply`` does it, inside the caller's transaction."""

    number: int
    outcome: Outcome
    what: str
    why: str = ""
    apply: Callable[[], object] | None = None


class CatalogTable(Protocol):
    """One kind of table. An object reads one file, chunk by chunk, and remembers what it met, so that twins are found."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, in the order in which the table is written."""

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns without which a file cannot be read."""

    def written(self) -> Iterator[list[object]]:
        """Return the catalog's rows, a value for each column."""

    def plan(self, rows: Sequence[Row]) -> Iterator[Change]:
        """Say what each row would do; changes nothing."""


def planned(row: Row, what: str, plan: Callable[[Row], Change]) -> Change:
    """Return a row's change, or that it is wrong."""
    try:
        return plan(row)
    except BadCell as error:
        return Change(row.number, Outcome.WRONG, what, str(error))


def put(instance: Model, values: Mapping[str, Any]) -> list[str]:
    """Set fields and return the names, for people, of those that change; all of them on a new instance."""
    changed = []
    for name, value in values.items():
        field = instance._meta.get_field(name)
        if getattr(instance, name) != value:
            setattr(instance, name, value)
            changed.append(str(getattr(field, "verbose_name", name)))
    return changed


def checked(instance: Model, fields: Sequence[str]) -> None:
    """Run the validators of some fields. Raises ``BadCell`` with the first complaint."""
    others = [field.name for field in instance._meta.fields if field.name not in fields]
    try:
        instance.clean_fields(exclude=others)
    except ValidationError as error:
        name, complaints = next(iter(error.message_dict.items()))
        label = str(getattr(instance._meta.get_field(name), "verbose_name", name))
        raise BadCell(f"{label}: {complaints[0]}") from None
