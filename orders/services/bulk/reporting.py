"""The result of a bulk import as a file with one verdict a row: on the page, and by mail."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from django.conf import settings
from django.urls import reverse

from orders.bulk_models import BulkImport, BulkImportRow, Verdict
from orders.services.bulk.columns import LINK, SKU, UID
from orders.services.bulk.counting import TROUBLES, troubles
from pod_hub.core.csv_files import csv_head, csv_lines
from pod_hub.core.file_names import safe_value
from pod_hub.core.narrowing import Narrowing
from pod_hub.core.tenancy import across_tenants, tenant
from pod_hub.mail.delivering import Attachment
from pod_hub.mail.queueing import queue_mail

PORTION = 2000
EVERYTHING_SEEN = Narrowing()
PACKED_FROM = 1024 * 1024  # mail servers refuse large mails
HEADER = ("Row", SKU, UID, LINK, "Result", "What to do")


def result_lines(*, import_id: int, psp_id: int, narrowed: Narrowing = EVERYTHING_SEEN, only_troubles: bool = False) -> Iterator[bytes]:
    """Yield the result as CSV in portions, each read in a scope of its own. Its columns can be corrected and uploaded again."""
    yield csv_head(HEADER)
    last = 0
    while True:
        with tenant(psp_id, customers=narrowed.customers, facilities=narrowed.facilities):
            rows = BulkImportRow.objects.filter(bulk_import=import_id, number__gt=last)
            if only_troubles:
                rows = rows.filter(verdict__in=TROUBLES)
            found = list(rows.order_by("number").values_list("number", "sku", "uid", "link", "verdict", "message")[:PORTION])
        if not found:
            return
        last = found[-1][0]
        yield csv_lines((number, sku, uid, link, Verdict(verdict).label, message) for number, sku, uid, link, verdict, message in found)


def result_name(row: BulkImport) -> str:
    """Return the name of an import's result: that of the uploaded file, with a word before its ending."""
    stem = row.file_name.rpartition(".")[0] or row.file_name
    return f"{safe_value(stem)}-result.csv"


def result_file(public_id: str) -> Attachment | None:
    """Return the result as it goes along with a mail, packed where it is long; None when the import is gone."""
    with across_tenants(reason="find the bulk import that a mail is about"):
        row = BulkImport.objects.filter(public_id=public_id).first()
    if row is None:
        return None
    name, content = result_name(row), b"".join(result_lines(import_id=row.pk, psp_id=row.psp_id))
    if len(content) <= PACKED_FROM:
        return Attachment(name, content, "text/csv")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return Attachment(f"{name}.zip", packed.getvalue(), "application/zip")


def mail_result(row: BulkImport) -> None:
    """Mail the result to the address that was given, once for each end: done, or undone. In the caller's transaction."""
    address = settings.PUBLIC_URL + reverse("orders:bulk_import", args=[row.public_id])
    context = {
        "file_name": row.file_name,
        "store": row.store.name,
        "undone": row.stage == BulkImport.Stage.UNDONE,
        "connected": row.counts.get(Verdict.CONNECTED, 0),
        "taken_back": row.counts.get(Verdict.UNDONE, 0),
        "unchanged": row.counts.get(Verdict.UNCHANGED, 0) + row.counts.get(Verdict.BLANK, 0),
        "troubles": troubles(row.counts),
        "address": address,
    }
    queue_mail(
        to=row.email, template="bulk_import", context=context, key=f"bulk:{row.public_id}:{row.stage}", attachment=f"bulk_import:{row.public_id}"
    )
