"""Beginning a bulk import: the file is put aside, a worker reads it; and what a person does with it then: connect, cancel, undo."""

from __future__ import annotations

import io
from typing import IO

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from orders.bulk_models import BulkImport, Verdict
from orders.services.bulk.counting import recount
from pod_hub.accounts.models import User
from pod_hub.core.outbox import Delivery
from pod_hub.core.public_ids import new_public_id
from pod_hub.core.spreadsheets import MOST_BYTES
from pod_hub.core.tenancy import current_psp_id
from stores.models import Store

Stage = BulkImport.Stage
RUNNING = frozenset({Stage.READING, Stage.APPLYING, Stage.UNDOING})


class CannotImport(Exception):
    """The import was not begun or not changed; the message says why and what to do."""


@transaction.atomic
def start_import(*, store: Store, file: IO[bytes], file_name: str, email: str, by: User) -> BulkImport:
    """Keep an uploaded file and have it read and checked; nothing is connected by that. Raises ``CannotImport``."""
    Store.reread(store.pk)
    if BulkImport.objects.filter(store=store, stage__in=RUNNING).exists():
        raise CannotImport(_("Another file of this store is at work. Wait until it is done, or cancel it; then upload again."))
    file.seek(0, io.SEEK_END)
    size = file.tell()
    if not size:
        raise CannotImport(_("The file is empty. Export it again, fill it in, and upload that."))
    if size > MOST_BYTES:
        raise CannotImport(_("The file is larger than 50 MB. Split it and upload the parts one after the other."))
    file.seek(0)
    stored = default_storage.save(f"psp-{current_psp_id()}/bulk-imports/{new_public_id('upl')}", File(file))
    return BulkImport.objects.create(store=store, file_name=file_name[-200:], storage_name=stored, email=email, started_by=by)


@transaction.atomic
def apply_import(*, import_id: int) -> None:
    """Connect what the check found ready, as a person says so. Doing it twice is harmless. Raises ``CannotImport``."""
    row = BulkImport.reread(import_id)
    if row.stage == Stage.APPLYING:
        return
    if row.stage != Stage.CHECKED:
        raise CannotImport(_("This file was %(stage)s already. Upload it again to connect its rows.") % {"stage": row.get_stage_display()})
    if BulkImport.objects.filter(store=row.store_id, stage__in=RUNNING).exists():
        raise CannotImport(_("Another file of this store is at work. Wait until it is done, or cancel it."))
    if not row.counts.get(Verdict.READY):
        raise CannotImport(_("No row of this file can be connected. Correct the rows that are listed and upload it again."))
    _to_work(row, Stage.APPLYING, apply_from=now())


@transaction.atomic
def cancel_import(*, import_id: int) -> None:
    """Stop an import where it is. What is connected stays so and can be undone; the rest is left. Doing it twice is harmless."""
    row = BulkImport.reread(import_id)
    if row.stage not in {Stage.READING, Stage.CHECKED, Stage.APPLYING}:
        return
    row.rows.filter(verdict=Verdict.READY).update(verdict=Verdict.CANCELLED, message="")
    row.files.filter(delivery=Delivery.PENDING).update(delivery=Delivery.WITHDRAWN)
    recount(row)
    storage_name, row.storage_name = row.storage_name, ""
    row.stage, row.delivery, row.finished_at, row.lease, row.leased_until = Stage.CANCELLED, Delivery.WITHDRAWN, now(), None, None
    row.save()
    if storage_name:
        transaction.on_commit(lambda: default_storage.delete(storage_name))


@transaction.atomic
def undo_import(*, import_id: int) -> None:
    """Have every mapping of an import taken back to the version before, where nobody changed it since. Raises ``CannotImport``."""
    row = BulkImport.reread(import_id)
    if row.stage == Stage.UNDOING:
        return
    if row.stage not in {Stage.DONE, Stage.CANCELLED} or not row.counts.get(Verdict.CONNECTED):
        raise CannotImport(_("There is nothing of this file to undo."))
    if BulkImport.objects.filter(store=row.store_id, stage__in=RUNNING).exists():
        raise CannotImport(_("Another file of this store is at work. Wait until it is done; then undo this one."))
    _to_work(row, Stage.UNDOING)


def _to_work(row: BulkImport, stage: BulkImport.Stage, **changes: object) -> None:
    row.stage, row.delivery, row.not_before, row.attempts, row.last_error = stage, Delivery.PENDING, now(), 0, ""
    row.lease, row.leased_until, row.finished_at = None, None, None
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()
