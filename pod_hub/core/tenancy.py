"""The first wall: rows are read and written inside a tenant scope, or the query raises.

A scope is a transaction. Opening it sets the tenant for the ORM (this module's managers) and, ``LOCAL`` to the transaction, for
PostgreSQL's row-level security (``pod_hub.core.walls``, the second wall), so that neither can outlive the other. It also means that no
network call belongs inside a scope: read what you need, leave, call, come back.

The scope opens at three doors: the middleware, from the signed-in membership; the API, from the key; the task entrance, from the row the task
is about. A scope may be narrowed to some customers or facilities of the PSP (``pod_hub.core.narrowing``): the web's door does that for people
who may not see all of it, and no scope inside is wider.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeVar

from django.db import connection, models, transaction

from pod_hub.core import acting
from pod_hub.core.narrowing import CUSTOMERS_SETTING, FACILITIES_SETTING, Narrowing, Never, Sight, narrowing

EVERYONE_ROLE = "hub_everyone"
NARROWED_ROLE = "hub_narrowed"
SETTING = "app.psp_id"
# No PSP's id: it stands for one while a statement is written that is kept (pod_hub.core.statements).
PSP_TO_COME = 2**62


@dataclass(frozen=True, slots=True)
class _Scope:
    """What is open: one PSP, or all (``psp_id`` None); a PSP's may be narrowed."""

    psp_id: int | None
    narrowed: Narrowing


_WIDE = Narrowing()
_current: ContextVar[_Scope | None] = ContextVar("current_scope", default=None)
_bounds: ContextVar[Narrowing] = ContextVar("bounds_of_scopes", default=_WIDE)

_Model = TypeVar("_Model", bound="TenantModel")


class NoTenant(RuntimeError):
    """A tenant's table was queried outside ``tenant()``; the message names the model."""


class WrongTenant(RuntimeError):
    """A row of one tenant was about to be written in another tenant's scope."""


def current_psp_id() -> int:
    """Return the PSP of the open scope; raises ``NoTenant`` when there is none or when the scope is for all tenants."""
    current = _current.get()
    if current is None or current.psp_id is None:
        raise NoTenant("A single tenant's scope is needed here; open it with tenant(psp_id).")
    return current.psp_id


def current_psp_or_none() -> int | None:
    """Return the PSP of the open scope, or None in the scope for all; raises ``NoTenant`` when there is none."""
    current = _current.get()
    if current is None:
        raise NoTenant("A scope is needed here; open it with tenant(psp_id) or across_tenants(reason=…).")
    return current.psp_id


def scope_is_open() -> bool:
    """Return whether any scope is open, one tenant's or everybody's."""
    return _current.get() is not None


def narrowed() -> Narrowing:
    """Return what the open scope is narrowed to, or what the next one will be when none is open."""
    current = _current.get()
    return _bounds.get() if current is None else current.narrowed


def _tell_database(current: _Scope | None) -> None:
    """Set tenant, narrowing, role and who acts for the rest of this transaction. One round trip; all is undone by the database at its end."""
    psp_id, role, customers, facilities = "", "none", "", ""
    if current is not None and current.psp_id is None:
        role = EVERYONE_ROLE
    elif current is not None:
        psp_id = str(int(current.psp_id or 0))
        if current.narrowed:
            role = NARROWED_ROLE
            customers, facilities = current.narrowed.settings()
    # Setting "role" is what SET LOCAL ROLE does; as one statement it can travel with the BEGIN before it.
    values = (
        *(("role", role), (SETTING, psp_id), (CUSTOMERS_SETTING, customers), (FACILITIES_SETTING, facilities)),
        (acting.SETTING, acting.setting_value()),
        # A plan for any print provider suits the average one: for one with many rows it sorts what an index has in order.
        ("plan_cache_mode", "force_custom_plan"),
    )
    settings = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in values)
    connection.ensure_connection()
    with connection.cursor() as cursor, connection.wrap_database_errors, connection.connection.pipeline():
        cursor.execute(f"SELECT {settings}")


@contextmanager
def _scope(current: _Scope) -> Iterator[None]:
    outer = _current.get()
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        token = _current.set(current)
        try:
            _tell_database(current)
            yield
        finally:
            _current.reset(token)
        # On an exception the savepoint's rollback restores the outer values; after success we must, unless the transaction ends here as well.
        if not is_outermost and connection.in_atomic_block and not connection.needs_rollback:
            _tell_database(outer)


@contextmanager
def scope_to_come(to: Narrowing) -> Iterator[None]:
    """Let querysets be written for a tenant's scope that is opened later: ``PSP_TO_COME`` stands for its PSP.

    Opens no transaction and tells the database nothing, so a query that ran inside would find no row of anybody.
    """
    token = _current.set(_Scope(PSP_TO_COME, to))
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def bounded(*, customers: Iterable[int] | None = None, facilities: Iterable[int] | None = None) -> Iterator[None]:
    """Narrow every ``tenant()`` that is opened inside, without opening one: for requests that open short scopes of their own.

    Must be entered outside any scope.
    """
    if scope_is_open():
        raise NoTenant("bounded() came too late: a scope is open already.")
    token = _bounds.set(narrowing(customers, facilities).within(_bounds.get()))
    try:
        yield
    finally:
        _bounds.reset(token)


@contextmanager
def tenant(psp_id: int, *, customers: Iterable[int] | None = None, facilities: Iterable[int] | None = None) -> Iterator[None]:
    """Open a transaction in which only this PSP's rows exist. Nested scopes of another PSP are allowed and close in order.

    ``customers`` and ``facilities`` are row ids to which it is narrowed; None is all. A scope inside a narrowed one is narrowed as well.
    """
    if not isinstance(psp_id, int) or isinstance(psp_id, bool):
        raise NoTenant(f"tenant() needs a PSP's id, got {psp_id!r}: nobody must not come to mean everybody.")
    to = narrowing(customers, facilities).within(_bounds.get())
    token = _bounds.set(to)
    try:
        with _scope(_Scope(psp_id, to)):
            yield
    finally:
        _bounds.reset(token)


@contextmanager
def whole_psp(*, reason: str) -> Iterator[None]:
    """Leave the narrowing of the open scope for a moment, for what a narrowed person causes and must not see (``reason``: for whoever greps).

    Return nothing from it that the person did not bring.
    """
    if not reason:
        raise NoTenant("whole_psp() needs a reason.")
    psp_id = current_psp_id()
    token = _bounds.set(_WIDE)
    try:
        with _scope(_Scope(psp_id, _WIDE)):
            yield
    finally:
        _bounds.reset(token)


@contextmanager
def across_tenants(*, reason: str) -> Iterator[None]:
    """Open a transaction over all PSPs' rows, for the few jobs that serve all (``reason`` is for whoever greps).

    The database is told by a change of role, not by an empty setting, so that forgetting to set a tenant can never look like this.
    """
    if not reason:
        raise NoTenant("across_tenants() needs a reason.")
    with _scope(_Scope(None, _WIDE)):
        yield


class TenantQuerySet(models.QuerySet[_Model]):
    """Querysets of tenant rows; ``bulk_create`` checks the tenant that ``save()`` would check."""

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        """Create rows, after checking each one's tenant."""
        rows = list(objs)
        for row in rows:
            row.check_tenant()
        return super().bulk_create(rows, *args, **kwargs)

    def select_for_update(self, nowait: bool = False, skip_locked: bool = False, of: Any = (), no_key: bool = True) -> Any:
        """Lock rows without locking their keys, which never change.

        A lock on the key too would make every insert of a row that references this one wait until the lock ends, at commit and in any
        order, which is how two careful workers come to wait for each other.
        """
        return super().select_for_update(nowait=nowait, skip_locked=skip_locked, of=of, no_key=no_key)


class TenantManager(models.Manager[_Model]):
    """Rows of the open scope only; raises ``NoTenant`` outside one."""

    def get_queryset(self) -> models.QuerySet[_Model]:
        """Return the scope's rows."""
        current = _current.get()
        if current is None:
            raise NoTenant(f"{self.model.__name__} was queried outside tenant()")
        queryset: models.QuerySet[_Model] = TenantQuerySet(self.model, using=self._db)
        if current.psp_id is None:
            return queryset
        queryset = queryset.filter(psp_id=current.psp_id)
        if current.narrowed:
            sight: Sight = self.model.narrowed_by
            condition = sight.condition(self.model, current.narrowed)
            return queryset if condition is None else queryset.filter(condition)
        return queryset


class TenantModel(models.Model):
    """A row that belongs to exactly one PSP.

    ``psp`` fills itself from the open scope. The database repeats the rule by row-level security and by composite foreign keys
    (``TenantForeignKey``). ``narrowed_by`` says how a narrowed scope sees the table; a migration repeats it with ``Narrow``.
    """

    narrowed_by: ClassVar[Sight] = Never()

    psp = models.ForeignKey("accounts.Psp", on_delete=models.PROTECT, related_name="+", editable=False, db_index=False)

    objects = TenantManager()

    class Meta:
        abstract = True
        # Related lookups (order.lines, line.order) pass the wall too.
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, after checking the tenant."""
        self.check_tenant()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete, after checking the tenant."""
        self.check_tenant()
        return super().delete(*args, **kwargs)

    def check_tenant(self) -> None:
        """Fill ``psp`` from the scope, or raise ``WrongTenant`` when the row is another tenant's."""
        current = _current.get()
        if current is None:
            raise NoTenant(f"{type(self).__name__} was written outside tenant()")
        if current.psp_id is None:
            if self.psp_id is None:
                raise NoTenant(f"{type(self).__name__} needs its psp named in a scope for all tenants")
        elif self.psp_id is None:
            self.psp_id = current.psp_id
        elif self.psp_id != current.psp_id:
            raise WrongTenant(f"{type(self).__name__} of PSP {self.psp_id} was written in the scope of PSP {current.psp_id}")

    @classmethod
    def reread(cls, pk: int) -> Self:
        """Return the row locked for update; the usual first line of a service."""
        row: Self = cls.objects.select_for_update().get(pk=pk)
        return row


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A reference to a row of the same tenant.

    Foreign keys ignore row-level security, so a plain one would accept another tenant's row. Django's own constraint is left out and
    ``RaiseWall`` makes a composite one over (psp_id, id) instead. ``same_as`` names another reference of the model whose row refers to
    the same object by a column of the same name: that reference's constraint then holds this column too, and keeps the copy true.
    """

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, *, same_as: str = "", **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        self.same_as = same_as
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> Any:
        """Leave out what this class always sets."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        if self.same_as:
            kwargs["same_as"] = self.same_as
        return name, path, args, kwargs


class TenantOneToOneField(models.OneToOneField[Any, Any]):
    """``TenantForeignKey`` with at most one row on this side."""

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> Any:
        """Leave out what this class always sets."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        return name, path, args, kwargs


class OwnerRouter:
    """Keeps the ``owner`` alias for migrations: nothing reads or writes rows through it."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        """Always the application role."""
        return "default"

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str:
        """Always the application role."""
        return "default"

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """Tables are made by the owner role only."""
        return db == "owner"
