"""Reading an uploaded file in portions and judging each row. A worker that dies leaves what is stored; the next one goes on behind it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence

import structlog
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from orders.bulk_models import BulkImport, BulkImportRow
from orders.services.bulk.columns import READ, Told, lacking, told
from orders.services.bulk.counting import recount
from orders.services.bulk.judging import Judge, Judged
from pod_hub.core.bulk import copy_rows
from pod_hub.core.outbox import Delivery
from pod_hub.core.spreadsheets import BadTable, Table, open_table
from pod_hub.core.tenancy import tenant

log = structlog.get_logger(__name__)

PORTION = 1000
MOST_ROWS = 50_000
TURN_S = 20.0
LONGEST_LINK = 2048
LEASE_S = 60
_COLUMNS = ("bulk_import_id", "number", "sku", "uid", "link", "listing_id", "customer_product_id", "verdict", "message")


def read_on(row: BulkImport) -> None:
    """Store and judge the rows of a leased import that are not stored yet, until its end or for one turn."""
    ends = time.monotonic() + TURN_S
    try:
        with default_storage.open(row.storage_name) as file, open_table(file, columns=READ) as table:
            _require_columns(table)
            rows = (told(one) for one in table.rows if one.number > row.last_row)
            for portion in _portions(rows):
                if row.rows_total + len(portion) > MOST_ROWS:
                    raise BadTable(_("The file has more than %(n)s rows. Split it and upload the parts one after the other.") % {"n": MOST_ROWS})
                if not _stored(row, portion):
                    return
                if time.monotonic() > ends:
                    _yield_turn(row)
                    return
    except BadTable as error:
        _failed(row, str(error))
        return
    except OSError:
        _failed(row, _("The uploaded file is not there any more. Upload it again."))
        return
    _finished(row)


def _portions(rows: Iterator[Told]) -> Iterator[list[Told]]:
    while portion := list(itertools.islice(rows, PORTION)):
        yield portion


def _require_columns(table: Table) -> None:
    missing = lacking(table.columns)
    if missing:
        raise BadTable(
            _("The first row lacks the columns %(columns)s. Keep the header of the exported file.")
            % {"columns": ", ".join(f"“{name}”" for name in missing)}
        )


def _stored(row: BulkImport, portion: Sequence[Told]) -> bool:
    """Store a portion with its verdicts, all or nothing. False when the import is no longer this worker's: cancelled, or taken over."""
    with tenant(row.psp_id):
        fresh = BulkImport.objects.select_for_update().select_related("store__customer").filter(pk=row.pk, lease=row.lease).first()
        if fresh is None:
            return False
        copy_rows(BulkImportRow, _COLUMNS, (_values(fresh, judged) for judged in Judge(fresh).judge(portion)))
        row.last_row, row.rows_total = portion[-1].number, fresh.rows_total + len(portion)
        row.store = fresh.store
        return row.renew(seconds=LEASE_S, last_row=row.last_row, rows_total=row.rows_total)


def _values(row: BulkImport, judged: Judged) -> tuple[object, ...]:
    one = judged.told
    return (
        row.pk,
        one.number,
        (one.sku or one.product_id or one.listing)[:200],
        one.uid[:200],
        one.link[:LONGEST_LINK],
        judged.listing.pk if judged.listing else None,
        judged.product.pk if judged.product else None,
        judged.verdict.value,
        judged.message,
    )


def _yield_turn(row: BulkImport) -> None:
    with tenant(row.psp_id):
        row.settle(attempts=0, not_before=now())


def _finished(row: BulkImport) -> None:
    with tenant(row.psp_id):
        recount(row)
        if not row.rows_total:
            _failed(row, _("The file has a header and no rows below it. Fill it in and upload it again."))
            return
        stored = row.storage_name
        if row.settle(stage=BulkImport.Stage.CHECKED, delivery=Delivery.CONFIRMED, counts=row.counts, storage_name=""):
            transaction.on_commit(lambda: default_storage.delete(stored))


def _failed(row: BulkImport, why: str) -> None:
    with tenant(row.psp_id):
        stored = row.storage_name
        if row.settle(stage=BulkImport.Stage.FAILED, delivery=Delivery.PARKED, last_error=why, finished_at=now(), storage_name="", counts={}):
            BulkImportRow.objects.filter(bulk_import=row).delete()
            transaction.on_commit(lambda: default_storage.delete(stored))
