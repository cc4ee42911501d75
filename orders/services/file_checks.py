"""Looking at the stored print files that are due (``orders.services.watching_files``), by a worker, outside any transaction.

A file that the storage lost or altered holds its orders until it is back, or another one has taken its place.
"""

from __future__ import annotations

import structlog
from django.db.models import Q
from django.utils.timezone import now

from catalog.models import PrintFile
from catalog.services.kept_files import check_bytes
from catalog.services.preflight import BadFile
from orders.models import FileCheck
from orders.services.artwork_holds import settle_artwork, unprinted_lines_of
from orders.services.watching_files import BACK_S, FRESH_S
from pod_hub.accounts.actors import HUB
from pod_hub.core.outbox import Delivery
from pod_hub.core.pace import scaled
from pod_hub.core.tenancy import across_tenants, tenant

log = structlog.get_logger(__name__)

LEASE_S = 75  # a look may take as long as the task, and outlives no lease
SILENT_TRIES = 6  # some fifteen minutes of a storage that does not answer


def check_next() -> bool:
    """Look at the stored file that is due longest, over all tenants. False when none is."""
    with across_tenants(reason="find a print file to look at"):
        due = FileCheck.due().values_list("pk", "psp_id").first()
    if due is None:
        return False
    with tenant(due[1]):
        leased = FileCheck.lease_next(limit=1, seconds=LEASE_S, only=Q(pk=due[0]))
        if not leased:
            return True  # a colleague was faster
        row = leased[0]
        if not unprinted_lines_of(files=[row.print_file_id]).exists():
            row.settle(delivery=Delivery.CONFIRMED, attempts=0, last_error="")
            return True
        file = PrintFile.objects.get(pk=row.print_file_id)
    try:
        trouble = _look(file)
    except OSError as error:
        log.warning("print_file_not_checked", failure=type(error).__name__, attempts=row.attempts)
        if row.attempts < SILENT_TRIES:
            with tenant(due[1]):
                row.settle(not_before=row.next_try(longest_s=BACK_S), last_error=type(error).__name__)
            return True
        trouble = str(BadFile.of("storage_silent", name=file))
    with tenant(due[1]):
        _write(row, trouble)
    return True


def _look(file: PrintFile) -> str:
    """Say what is wrong with a stored file, or nothing. Reads all of it, a piece at a time; raises ``OSError`` when the storage does not answer."""
    try:
        check_bytes(file.storage_name, file.sha256, file_name=file.file_name)
    except BadFile as error:
        return str(error)
    return ""


def _write(row: FileCheck, trouble: str) -> None:
    """Keep what was found, and hold or release the lines that are printed from the file, in one transaction."""
    again = now() + scaled(BACK_S if trouble else FRESH_S)
    if not row.settle(not_before=again, attempts=0, last_error=trouble):
        log.warning("file_check_lease_lost")
        return
    file = PrintFile.reread(row.print_file_id)
    before, file.trouble, file.checked_at = file.trouble, trouble, now()
    file.save(update_fields=["trouble", "checked_at"])
    if trouble != before:
        log.warning("print_file_trouble" if trouble else "print_file_is_back", print_file=file.public_id)
        settle_artwork(unprinted_lines_of(files=[file.pk]), actor=HUB)
