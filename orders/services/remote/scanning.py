"""Looking through customers' storages every hour (RF-02): page by page under a lease, only new and changed files are looked at twice."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.db.models import Q, QuerySet
from django.utils.timezone import now

from orders.models import FileSource, FoundFile
from orders.remote_names import LONGEST, NameReader, is_print_file
from orders.remote_storage.opening import opened
from orders.remote_storage.types import RemoteFile, StorageProblem
from orders.services.remote.matching import match_files
from pod_hub.core.bulk import copy_rows, update_rows
from pod_hub.core.outbox import Delivery
from pod_hub.core.pace import scaled
from pod_hub.core.tenancy import across_tenants, tenant

log = structlog.get_logger(__name__)

EVERY_S = 3600
LEASE_S = 60
TURN_S = 20.0
AGAIN_S = (300, 900, 1800, EVERY_S)
LONGEST_NAME = 1024
State = FoundFile.State
_COLUMNS = (
    "public_id", "source_id", "name", "etag", "size_bytes", "changed_at", "found_at", "order_number", "item_number", "state", "message", "delivery",
    "not_before", "attempts", "last_error",
)  # fmt: skip


def scan_next() -> bool:
    """Go on with the storage whose scan is due longest, over all tenants, for one turn. False when none is due."""
    with across_tenants(reason="find the storage that is to be looked through"):
        free = Q(scan_leased_until=None) | Q(scan_leased_until__lt=now())
        due = FileSource.objects.filter(free, is_active=True, removed_at=None, customer__remote_files_enabled=True, next_scan_at__lte=now())
        source = due.order_by("next_scan_at", "pk").select_for_update(skip_locked=True, of=("self",)).first()
        if source is None:
            return False
        source.scan_lease, source.scan_leased_until = uuid.uuid4(), now() + timedelta(seconds=LEASE_S)
        if source.scan_started_at is None:
            source.scan_started_at, source.scan_page = now(), ""
            source.scan_seen = source.scan_new = source.scan_ignored = 0
        source.save()
    _scan(source)
    return True


def _scan(source: FileSource) -> None:
    ends, storage = time.monotonic() + TURN_S, opened(source)
    while time.monotonic() < ends:
        try:
            page = storage.page(after=source.scan_page)
        except StorageProblem as error:
            _failed(source, error)
            return
        last = not page.next_page or page.next_page == source.scan_page
        if not _stored(source, page.files, next_page="" if last else page.next_page):
            return
        if last:
            _finished(source)
            return
    with tenant(source.psp_id):
        _mine(source).update(scan_lease=None, scan_leased_until=None)


def _mine(source: FileSource) -> QuerySet[FileSource]:
    """Return the storage's row while the lease of this scan holds, for an update that must change nothing otherwise."""
    return FileSource.objects.filter(pk=source.pk, scan_lease=source.scan_lease)


def _stored(source: FileSource, files: Sequence[RemoteFile], *, next_page: str) -> bool:
    """Store what is new and changed of a page, with the position of the next one. False when the lease was lost."""
    with tenant(source.psp_id):
        if not FileSource.objects.select_for_update().filter(pk=source.pk, scan_lease=source.scan_lease).exists():
            return False
        wanted = {
            file.name: file
            for file in files
            if is_print_file(file.name) and len(file.name) <= LONGEST_NAME and "\0" not in file.name and file.size_bytes
        }
        source.scan_new += keep_files(source, wanted)
        source.scan_seen += len(wanted)
        source.scan_ignored += len(files) - len(wanted)
        source.scan_page = next_page
        _mine(source).update(
            scan_page=next_page,
            scan_seen=source.scan_seen,
            scan_new=source.scan_new,
            scan_ignored=source.scan_ignored,
            scan_leased_until=now() + timedelta(seconds=LEASE_S),
        )
        return True


def keep_files(source: FileSource, wanted: dict[str, RemoteFile]) -> int:
    """Write down files that are new or have changed; return how many. Two statements and a query, however many files."""
    reader = NameReader(source.pattern, prefix=source.prefix)
    known = {row.name: row for row in FoundFile.objects.filter(source=source, name__in=wanted)}
    moment = now()
    new = [_new(source, file, reader, moment) for name, file in sorted(wanted.items()) if name not in known]
    changed = [(known[name], file) for name, file in wanted.items() if name in known and known[name].etag != file.etag]
    copy_rows(FoundFile, _COLUMNS, new, conflict=["source_id", "name"])
    update_rows(
        FoundFile,
        ("etag", "size_bytes", "changed_at", "state", "message", "delivery", "line_id", "lease", "leased_until", "found_at"),
        [(row.pk, file.etag, file.size_bytes, file.changed_at, *_told_anew(row), moment) for row, file in changed],
    )
    return len(new) + len(changed)


def _told_anew(row: FoundFile) -> tuple[object, ...]:
    """A changed file is matched again; whether it comes in time is the matching's question. A name that does not fit does not begin to."""
    state = State.MISNAMED if row.state == State.MISNAMED else State.UNMATCHED
    return state.value, "" if state == State.UNMATCHED else row.message, Delivery.CONFIRMED.value, None, None, None


def _new(source: FileSource, file: RemoteFile, reader: NameReader, moment: object) -> tuple[object, ...]:
    read = reader.read(file.name)
    order, item = (read.order[:LONGEST], read.item[:LONGEST]) if read else ("", "")
    state = State.UNMATCHED if read else State.MISNAMED
    public_id = FoundFile._meta.get_field("public_id").get_default()
    head = (public_id, source.pk, file.name, file.etag, file.size_bytes, file.changed_at, moment)
    return (*head, order, item, state.value, "", Delivery.CONFIRMED.value, moment, 0, "")


def _finished(source: FileSource) -> None:
    with tenant(source.psp_id):
        result = {"seen": source.scan_seen, "new": source.scan_new, "ignored": source.scan_ignored}
        settled = _mine(source).update(
            scan_lease=None, scan_leased_until=None, scan_started_at=None, scan_page="", scan_failures=0, scanned_at=now(), scan_result=result,
            last_error="", next_scan_at=now() + scaled(EVERY_S),
        )  # fmt: skip
    if settled:
        match_files(source)


def _failed(source: FileSource, error: StorageProblem) -> None:
    """Try again soon where that may help, with the next hour where only a person can; the reason stands on the page either way."""
    failures = source.scan_failures + 1
    wait = AGAIN_S[min(failures, len(AGAIN_S)) - 1] if error.again else EVERY_S
    with tenant(source.psp_id):
        _mine(source).update(
            scan_lease=None, scan_leased_until=None, scan_started_at=None, scan_page="", scan_failures=failures, last_error=str(error),
            next_scan_at=now() + scaled(wait),
        )  # fmt: skip
    log.warning("storage_not_scanned", source=source.public_id, failures=failures)
