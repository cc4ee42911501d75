"""The design files of a bulk import: each link is fetched once, checked, and kept as the customer's artwork."""

from __future__ import annotations

import hashlib
import tempfile

import structlog
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from catalog.services.artwork import BadArtwork, keep_artwork
from orders.bulk_models import BulkImport, BulkImportFile, BulkImportRow, Verdict
from pod_hub.core.bulk import copy_rows, update_rows
from pod_hub.core.fetching import Fetched, NotFetched, fetch
from pod_hub.core.outbox import Delivery
from pod_hub.core.pace import scaled
from pod_hub.core.tenancy import across_tenants, tenant

log = structlog.get_logger(__name__)

LEASE_S = 60
MOST_TRIES = 4
AGAIN_S = (30, 120, 600)
SPOOLED = 4 * 1024 * 1024
AT_ONCE = 1000


def queue_files(row: BulkImport) -> bool:
    """Give rows of an applying import their file, a portion at a time; rows with the same link share it. False when none is left."""
    with tenant(row.psp_id):
        waiting = BulkImportRow.objects.filter(bulk_import=row, verdict=Verdict.READY, file=None, customer_product__product_model__needs_design=True)
        rows = list(waiting.order_by("number")[:AT_ONCE])
        hashes = {one.link: hashlib.sha256(one.link.encode()).hexdigest() for one in rows}
        columns = ("bulk_import_id", "link", "link_hash", "delivery", "not_before", "attempts", "last_error")
        moment = now()
        copy_rows(
            BulkImportFile,
            columns,
            [(row.pk, link, digest, Delivery.PENDING.value, moment, 0, "") for link, digest in hashes.items()],
            conflict=["bulk_import_id", "link_hash"],
        )
        files = {file.link_hash: file for file in BulkImportFile.objects.filter(bulk_import=row, link_hash__in=hashes.values())}
        update_rows(BulkImportRow, ("file_id",), ((one.pk, files[hashes[one.link]].pk) for one in rows))
        return bool(rows)


def imports_with_files() -> list[int]:
    """Return the imports, over all tenants, that have files to fetch now; one file of each is fetched in turn, so none waits for another's many."""
    with across_tenants(reason="find bulk imports with files to fetch"):
        due = BulkImportFile.due().filter(bulk_import__stage=BulkImport.Stage.APPLYING)
        return list(due.order_by("bulk_import").values_list("bulk_import", flat=True).distinct()[:100])


def fetch_one(import_id: int) -> bool:
    """Fetch one due file of an import. False when another worker has the last one."""
    with across_tenants(reason="lease a file of a bulk import"):
        leased = BulkImportFile.lease_next(limit=1, seconds=LEASE_S, only=Q(bulk_import=import_id, bulk_import__stage=BulkImport.Stage.APPLYING))
        if not leased:
            return False
        file = BulkImportFile.objects.select_related("bulk_import__store__customer").get(pk=leased[0].pk)
    if file.attempts > MOST_TRIES:  # a worker died over it, again and again
        _parked(file, _("The file could not be read within the time. Save it smaller and link that."))
        return True
    with tempfile.SpooledTemporaryFile(max_size=SPOOLED) as content:
        try:
            fetched = fetch(file.link, to=content)  # type: ignore[arg-type]
        except NotFetched as error:
            _not_fetched(file, error)
            return True
        _keep(file, content, fetched)
    return True


def _keep(file: BulkImportFile, content: tempfile.SpooledTemporaryFile[bytes], fetched: Fetched) -> None:
    """Have a fetched file checked and stored, outside any scope: both take their time."""
    content.seek(0)
    try:
        artwork = keep_artwork(customer=file.bulk_import.store.customer, content=content, file_name=fetched.file_name)  # type: ignore[arg-type]
    except BadArtwork as error:
        _parked(file, str(error))
        return
    with tenant(file.psp_id):
        file.settle(delivery=Delivery.CONFIRMED, artwork=artwork, fetched_at=now(), last_error="")


def _not_fetched(file: BulkImportFile, error: NotFetched) -> None:
    if error.again and file.attempts < MOST_TRIES:
        with tenant(file.psp_id):
            file.settle(not_before=now() + scaled(AGAIN_S[min(file.attempts, len(AGAIN_S)) - 1]), last_error=str(error))
        return
    _parked(file, str(error))


def _parked(file: BulkImportFile, why: str) -> None:
    with tenant(file.psp_id):
        file.settle(delivery=Delivery.PARKED, last_error=why, fetched_at=now())
