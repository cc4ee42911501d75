"""Narrowing: how much of a print provider's rows a scope shows. Some people may see some customers only, or some facilities only.

Each tenant model says in ``narrowed_by`` how a narrowed scope sees its table; the managers (the first wall) and the policies of the role
``hub_narrowed`` (the second wall, ``pod_hub.core.walls.Narrow``) are both made from it. A table that says nothing is not seen at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from django.apps import apps
from django.apps.registry import Apps
from django.db.models import Exists, Model, OuterRef, Q

CUSTOMERS_SETTING, FACILITIES_SETTING = "app.customer_ids", "app.facility_ids"
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a scope is narrowed to. None means all of that kind; an empty set means none."""

    customers: frozenset[int] | None = None
    facilities: frozenset[int] | None = None

    def __bool__(self) -> bool:
        return self.customers is not None or self.facilities is not None

    def within(self, outer: Narrowing) -> Narrowing:
        """Return what both allow: a scope inside another is never wider."""
        return Narrowing(_both(self.customers, outer.customers), _both(self.facilities, outer.facilities))

    def settings(self) -> tuple[str, str]:
        """Return the values of the two settings as the database reads them."""
        return _array(self.customers), _array(self.facilities)


def narrowing(customers: Iterable[int] | None = None, facilities: Iterable[int] | None = None) -> Narrowing:
    """Return a narrowing to row ids of customers and facilities."""
    return Narrowing(None if customers is None else frozenset(customers), None if facilities is None else frozenset(facilities))


def _both(one: frozenset[int] | None, other: frozenset[int] | None) -> frozenset[int] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _array(ids: frozenset[int] | None) -> str:
    return EVERYTHING if ids is None else "{" + ",".join(str(int(one)) for one in sorted(ids)) + "}"


class Sight(Protocol):
    """How a narrowed scope sees one table."""

    @property
    def writes(self) -> bool:
        """Whether the scope may change what it sees."""

    def condition(self, model: type[Model], to: Narrowing) -> Q | None:
        """Return the managers' condition; None when every row of the print provider is seen."""

    def policy(self, model: type[Model], state: Apps) -> str:
        """Return the policy's condition, in SQL."""


def _all(setting: str) -> str:
    # As a subselect it is evaluated once for a statement and not once for a row.
    return f"(SELECT current_setting('{setting}', true)) = '{EVERYTHING}'"


def _ids(setting: str) -> str:
    # The second cast does nothing but say that the subselect is an array: ANY (SELECT …) alone would mean its rows.
    return f"(SELECT NULLIF(NULLIF(current_setting('{setting}', true), '{EVERYTHING}'), '')::bigint[])::bigint[]"


def _one_of(name: str, ids: frozenset[int]) -> Q:
    # One customer is an equality, which an index serves in the order of the list; a list of them is not.
    return Q(**{name: next(iter(ids))}) if len(ids) == 1 else Q(**{f"{name}__in": sorted(ids)})


def _column(model: type[Model], name: str) -> str:
    return f'"{model._meta.db_table}"."{model._meta.get_field(name).column}"'  # type: ignore[union-attr]


@dataclass(frozen=True, slots=True)
class ByColumns:
    """Seen by columns of the table itself: ``customer`` and ``facility`` name fields. ``past_facilities`` names an array of earlier ones."""

    customer: str = ""
    facility: str = ""
    past_facilities: str = ""
    writes: bool = True

    def condition(self, model: type[Model], to: Narrowing) -> Q | None:
        """Compare the columns."""
        found = Q()
        if self.customer and to.customers is not None:
            found &= _one_of(self.customer, to.customers)
        if self.facility and to.facilities is not None:
            here = _one_of(self.facility, to.facilities)
            if self.past_facilities:
                here |= Q(**{f"{self.past_facilities}__overlap": sorted(to.facilities)})
            found &= here
        return found or None

    def policy(self, model: type[Model], state: Apps) -> str:
        """Compare the columns."""
        parts = []
        if self.customer:
            parts.append(f"({_all(CUSTOMERS_SETTING)} OR {_column(model, self.customer)} = ANY ({_ids(CUSTOMERS_SETTING)}))")
        if self.facility:
            ids = _ids(FACILITIES_SETTING)
            past = f" OR {_column(model, self.past_facilities)} && {ids}" if self.past_facilities else ""
            parts.append(f"({_all(FACILITIES_SETTING)} OR {_column(model, self.facility)} = ANY ({ids}){past})")
        return " AND ".join(parts)


@dataclass(frozen=True, slots=True, init=False)
class Through:
    """Seen when the row it refers to is seen. Of several references the first that is set decides."""

    references: tuple[str, ...]
    writes: bool

    def __init__(self, *references: str, writes: bool = True) -> None:
        object.__setattr__(self, "references", references)
        object.__setattr__(self, "writes", writes)

    def condition(self, model: type[Model], to: Narrowing) -> Q | None:
        """Ask the other table's manager, which is narrowed itself. A subquery and no join, so that rows can still be locked."""
        found, unset = Q(), Q()
        for name in self.references:
            target: Any = model._meta.get_field(name).related_model
            found |= unset & Q(**{f"{name}__in": target.objects.order_by().values("pk")})
            unset &= Q(**{name: None})
        return found

    def policy(self, model: type[Model], state: Apps) -> str:
        """Ask the other table, whose own policy narrows it."""
        choices, unset = [], ""
        for name in self.references:
            target: Any = model._meta.get_field(name).related_model
            column = _column(model, name)
            seen = f'EXISTS (SELECT FROM "{target._meta.db_table}" seen WHERE seen.psp_id = "{model._meta.db_table}".psp_id AND seen.id = {column})'
            choices.append(f"({unset}{seen})")
            unset += f"{column} IS NULL AND "
        return "(" + " OR ".join(choices) + ")"


@dataclass(frozen=True, slots=True, init=False)
class UsedBy:
    """Seen when a row that is seen refers to it (``app.Model.field``), or when the boolean ``shared`` says that it is for all customers.

    Facilities do not narrow it.
    """

    users: tuple[str, ...]
    shared: str
    writes: bool

    def __init__(self, *users: str, shared: str = "", writes: bool = True) -> None:
        object.__setattr__(self, "users", users)
        object.__setattr__(self, "shared", shared)
        object.__setattr__(self, "writes", writes)

    def condition(self, model: type[Model], to: Narrowing) -> Q | None:
        """Ask the other tables' managers."""
        if to.customers is None:
            return None
        found = Q(**{self.shared: True}) if self.shared else Q()
        for user in self.users:
            label, name = user.rsplit(".", 1)
            other: Any = apps.get_model(label)
            found |= Q(Exists(other.objects.order_by().filter(**{f"{name}_id": OuterRef("pk")})))
        return found

    def policy(self, model: type[Model], state: Apps) -> str:
        """Ask the other tables, whose own policies narrow them."""
        table = model._meta.db_table
        choices = [_all(CUSTOMERS_SETTING)]
        if self.shared:
            choices.append(_column(model, self.shared))
        for user in self.users:
            label, name = user.rsplit(".", 1)
            other = state.get_model(label)
            choices.append(
                f'EXISTS (SELECT FROM "{other._meta.db_table}" used WHERE used.psp_id = "{table}".psp_id AND used."{name}_id" = "{table}".id)'
            )
        return "(" + " OR ".join(choices) + ")"


@dataclass(frozen=True, slots=True)
class Always:
    """Seen whole by everybody of the print provider: for what no customer owns, such as the catalog's shelves."""

    writes: bool = False

    def condition(self, model: type[Model], to: Narrowing) -> Q | None:
        """No condition."""
        return None

    def policy(self, model: type[Model], state: Apps) -> str:
        """No condition."""
        return "true"


@dataclass(frozen=True, slots=True)
class Never:
    """Not seen by a narrowed scope: for what belongs to the print provider as a whole."""

    writes: bool = False

    def condition(self, model: type[Model], to: Narrowing) -> Q | None:
        """Nothing passes."""
        return Q(pk__in=[])

    def policy(self, model: type[Model], state: Apps) -> str:
        """Nothing passes."""
        return "false"
