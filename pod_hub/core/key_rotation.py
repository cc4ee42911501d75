"""Moving every sealed value to the newest key of the ring, while everything runs (docs/operations.md, "Changing the field keys").

A value names its key, so what is left to do stands in the data: stopping half-way and starting again costs nothing, and nothing has to be
remembered. Rows that somebody works on are passed over and looked at again, so that rotation never waits and nobody waits for more than a
batch.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import BinaryField
from django.db.models.functions import Substr

from pod_hub.core.sealing import CannotOpen, SealedJSON, active_key_id, key_prefix, reseal
from pod_hub.core.tenancy import TenantModel, across_tenants

BATCH = 500
BUSY_AGAIN_S = 0.5
MOST_PASSES = 20


@dataclass(frozen=True, slots=True)
class Unopenable:
    """A value that stayed as it is: its key is gone, or it was moved or altered. ``why`` holds no value."""

    table: str
    column: str
    pk: int
    why: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}, row {self.pk}: {self.why}"


@dataclass(slots=True)
class Rotated:
    """What a rotation did to one column. ``busy`` rows were locked by others to the very end; run it again for them."""

    table: str
    column: str
    resealed: int = 0
    busy: int = 0
    unopenable: list[Unopenable] = field(default_factory=list)


class Elsewhere(Protocol):
    """Sealed values that stand in no ``SealedJSON`` column of a tenant's table: a library's own table, say."""

    table: str
    column: str

    def keys_in_use(self) -> dict[str, int]:
        """Return {key id: values}; a value that is not sealed at all counts under ``"(not sealed)"``."""

    def rotate(self, *, batch: int) -> Rotated:
        """Reseal every value that the first key of ``FIELD_KEYS`` does not seal yet."""


_elsewhere: dict[tuple[str, str], Elsewhere] = {}


def also_rotate(place: Elsewhere) -> None:
    """Let rotation and its count include a place; an app says so when it is ready. Saying it twice changes nothing."""
    _elsewhere[place.table, place.column] = place


def sealed_columns() -> Iterator[tuple[type[TenantModel], SealedJSON]]:
    """Yield every sealed column of every table, found in the models, so that a new one cannot be forgotten."""
    for model in apps.get_models():
        for column in model._meta.local_fields:
            if isinstance(column, SealedJSON):
                if not issubclass(model, TenantModel):
                    raise TypeError(f"{model.__name__} holds a sealed column but belongs to no tenant")
                yield model, column


def keys_in_use() -> dict[tuple[str, str], dict[str, int]]:
    """Return {(table, column): {key id: rows}} over all tenants; a value that is not sealed at all counts under ``"(not sealed)"``."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    with across_tenants(reason="count rows by the key that seals them"), connection.cursor() as cursor:
        for model, column in sealed_columns():
            table, name = model._meta.db_table, str(column.column)
            quoted = connection.ops.quote_name(name)
            # "version byte | key id | NUL | ...": see pod_hub.core.sealing
            cursor.execute(
                f"SELECT CASE WHEN position('\\x00'::bytea IN {quoted}) > 2 "  # noqa: S608 - names of our own models, quoted
                f"THEN encode(substring({quoted} FROM 2 FOR position('\\x00'::bytea IN {quoted}) - 2), 'escape') ELSE '(not sealed)' END, count(*) "
                f"FROM {connection.ops.quote_name(table)} WHERE {quoted} IS NOT NULL GROUP BY 1 ORDER BY 1"
            )
            found[table, name] = dict(cursor.fetchall())
    return found | {key: place.keys_in_use() for key, place in _elsewhere.items()}


def rotate(*, batch: int = BATCH) -> Iterator[Rotated]:
    """Reseal every value that the first key of ``FIELD_KEYS`` does not seal yet; yield one result for each column when it is done."""
    for model, column in sealed_columns():
        done = Rotated(model._meta.db_table, str(column.column))
        for _pass in range(MOST_PASSES):
            last = 0
            while (reached := _next_batch(model, column, after=last, batch=batch, done=done)) is not None:
                last = reached
            done.busy = _left(model, column, done)
            if not done.busy:
                break
            time.sleep(BUSY_AGAIN_S)
        yield done
    for place in _elsewhere.values():
        yield place.rotate(batch=batch)


def _old(model: type[TenantModel], column: SealedJSON) -> models.QuerySet[TenantModel]:
    prefix = key_prefix(active_key_id())
    rows = model.objects.exclude(**{f"{column.name}__isnull": True})
    found: models.QuerySet[TenantModel] = rows.annotate(sealed_by=Substr(column.name, 1, len(prefix), output_field=BinaryField())).exclude(
        sealed_by=prefix
    )
    return found


def _left(model: type[TenantModel], column: SealedJSON, done: Rotated) -> int:
    with across_tenants(reason="count rows that rotation passed over"):
        return _old(model, column).exclude(pk__in=[one.pk for one in done.unopenable]).count()


def _next_batch(model: type[TenantModel], column: SealedJSON, *, after: int, batch: int, done: Rotated) -> int | None:
    """Reseal the next rows behind ``after`` in a transaction of its own; return the last primary key, or None when there are none."""
    known = {one.pk for one in done.unopenable}
    fresh = []
    with across_tenants(reason="move sealed values to the newest key"), transaction.atomic():
        rows = list(_old(model, column).filter(pk__gt=after).order_by("pk").select_for_update(skip_locked=True, of=("self",))[:batch])
        for row in rows:
            if row.pk in known:
                continue
            try:
                setattr(row, column.attname, reseal(getattr(row, column.attname), context=column.context(row)))
            except CannotOpen as error:
                done.unopenable.append(Unopenable(done.table, done.column, row.pk, str(error)))
            else:
                fresh.append(row)
        model.objects.bulk_update(fresh, [column.name], batch_size=100)
    done.resealed += len(fresh)
    return rows[-1].pk if rows else None
