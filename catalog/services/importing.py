"""Taking in a table of the catalog: checked by a worker, looked at by a person, then taken in whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

import structlog
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from catalog.models import CatalogImport
from catalog.tables.changes import CatalogTable, Change, Outcome
from catalog.tables.kinds import TABLES
from pod_hub.accounts.models import User
from pod_hub.core.hints import hint
from pod_hub.core.outbox import Delivery
from pod_hub.core.public_ids import new_public_id
from pod_hub.core.spreadsheets import BadTable, Row, open_table
from pod_hub.core.tenancy import across_tenants, current_psp_id, tenant

log = structlog.get_logger(__name__)

MOST_ROWS = 5_000  # taken in within one transaction, inside a task's time limit
CHUNK = 250
LEASE_S = 60


class CannotApply(ValueError):
    """The table was not taken in; the message says why and what to do."""


def begin_import(*, kind: str, file: IO[bytes], file_name: str, user: User) -> CatalogImport:
    """Keep a file and have it checked. It is a row, so it survives reloads and restarts."""
    public_id = new_public_id("imp")
    name = default_storage.save(f"psp-{current_psp_id()}/imports/{public_id}", File(file))
    made: CatalogImport = CatalogImport.objects.create(public_id=public_id, kind=kind, file_name=file_name[:200], storage_name=name, asked_by=user)
    hint("catalog.imports")
    return made


@transaction.atomic
def apply_import(*, import_id: int) -> CatalogImport:
    """Say yes to a checked table. Raises ``CannotApply``; saying it twice is harmless."""
    row = CatalogImport.reread(import_id)
    if row.stage in {CatalogImport.Stage.APPLYING, CatalogImport.Stage.APPLIED}:
        return row
    if not row.may_apply:
        raise CannotApply(_("There is nothing to take in as it stands. Correct the rows that are wrong in your file, and upload it again."))
    row.stage, row.delivery, row.not_before, row.attempts = CatalogImport.Stage.APPLYING, Delivery.PENDING, now(), 0
    row.save()
    hint("catalog.imports")
    return row


@dataclass(slots=True)
class _Count:
    """What was found so far."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    findings: list[dict[str, object]] = field(default_factory=list)

    def add(self, change: Change) -> None:
        self.outcomes[change.outcome] += 1
        if change.outcome != Outcome.SAME and len(self.findings) < CatalogImport.MOST_FINDINGS:
            self.findings.append({"row": change.number, "outcome": change.outcome.value, "what": change.what[:120], "why": change.why[:500]})

    @property
    def done(self) -> int:
        return self.outcomes.total()

    def fields(self) -> dict[str, object]:
        counts = {f"count_{outcome.value}": self.outcomes[outcome] for outcome in Outcome}
        return {"rows_done": self.done, "findings": self.findings, **counts}


def import_next() -> str | None:
    """Take the catalog import that waits longest, over all tenants, and check or apply it. Returns its public id, or None when none waits."""
    with across_tenants(reason="lease a due catalog import"):
        leased = CatalogImport.lease_next(limit=1, seconds=LEASE_S)
    if not leased:
        return None
    row = leased[0]
    shape = TABLES[row.kind]
    try:
        with default_storage.open(row.storage_name) as file, open_table(file, columns=shape.columns) as table:
            if missing := [name for name in shape.needed if name in table.missing]:
                raise BadTable(_("The column %(column)s is missing. Keep the header of the exported file.") % {"column": ", ".join(missing)})
            rows = _rows(table.rows)
    except BadTable as error:
        _settle(row, stage=CatalogImport.Stage.REFUSED, last_error=str(error), finished_at=now())
        return row.public_id
    except OSError:
        _settle(row, stage=CatalogImport.Stage.REFUSED, last_error=_("The stored file is missing. Upload it again."), finished_at=now())
        return row.public_id
    if row.stage == CatalogImport.Stage.APPLYING:
        _apply(row, rows)
    else:
        _check(row, rows)
    return row.public_id


def _rows(rows: Iterator[Row]) -> list[Row]:
    found = []
    for row in rows:
        found.append(row)
        if len(found) > MOST_ROWS:
            raise BadTable(_("The file has more than %(n)s rows. Split it and upload the parts one after the other.") % {"n": MOST_ROWS})
    return found


def _settle(row: CatalogImport, **changes: object) -> None:
    with tenant(row.psp_id):
        row.settle(delivery=Delivery.CONFIRMED, **changes)


def _chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def _check(row: CatalogImport, rows: Sequence[Row]) -> None:
    """Plan chunk by chunk, each in a scope of its own, so that the page can count along."""
    count, table = _Count(), _opened(row)
    for chunk in _chunks(rows):
        with tenant(row.psp_id):
            for change in table.plan(chunk):
                count.add(change)
            mine = CatalogImport.objects.filter(pk=row.pk, lease=row.lease)
            if not mine.update(rows_total=len(rows), rows_done=count.done):
                return  # the lease was lost: somebody else checks it
    _settle(row, stage=CatalogImport.Stage.CHECKED, rows_total=len(rows), last_error="", **count.fields())


def _opened(row: CatalogImport) -> CatalogTable:
    with tenant(row.psp_id):
        return TABLES[row.kind]()


def _apply(row: CatalogImport, rows: Sequence[Row]) -> None:
    """Plan and apply in one transaction: what somebody changed since the check is seen, and a row that is wrong now undoes all."""
    with tenant(row.psp_id), transaction.atomic():
        count, table = _Count(), TABLES[row.kind]()
        point = transaction.savepoint()
        for chunk in _chunks(rows):
            for change in table.plan(chunk):
                count.add(_applied(change))
        if count.outcomes[Outcome.WRONG]:
            transaction.savepoint_rollback(point)
            row.settle(delivery=Delivery.CONFIRMED, stage=CatalogImport.Stage.CHECKED, **count.fields())
            return
        row.settle(delivery=Delivery.CONFIRMED, stage=CatalogImport.Stage.APPLIED, finished_at=now(), last_error="", **count.fields())
    log.info("catalog_imported", catalog_import=row.public_id, kind=row.kind, rows=len(rows))


def _applied(change: Change) -> Change:
    if change.apply is None:
        return change
    try:
        change.apply()
    except ValueError as error:  # AlreadyThere, Unfit: a rule that only the service knows
        return Change(change.number, Outcome.WRONG, change.what, str(error))
    return change
