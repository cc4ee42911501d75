"""Which stored print files are looked at, and when: as soon as an order comes in that is printed from one, and once a day while it waits.

One row stands for a file, however many orders use it. The look itself is a worker's (``orders.services.file_checks``).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.timezone import now

from catalog.models import PrintFile
from orders.models import FileCheck
from pod_hub.core.hints import hint
from pod_hub.core.outbox import Delivery
from pod_hub.core.pace import scaled
from pod_hub.core.tenancy import whole_psp

FRESH_S = 24 * 3600  # what was looked at within a day need not be looked at when an order comes
BACK_S = 600  # a file in trouble is looked at again, so that its orders go on by themselves when it is back


def watch_files(file_ids: Iterable[int | None]) -> None:
    """See to it that print files are looked at while lines wait to be printed from them: now, or when the last look is a day old.

    Two statements for any number of files and orders; the second only for files that nobody watches yet.
    """
    wanted = {file_id for file_id in file_ids if file_id}
    if not wanted:
        return
    with whole_psp(reason="a print file is kept once, and looked at once, for whoever prints from it"):
        unwatched = list(PrintFile.objects.filter(pk__in=wanted).exclude(check_row__delivery=Delivery.PENDING).only("pk", "checked_at", "trouble"))
        rows = [FileCheck(print_file=file, not_before=_next_look(file)) for file in unwatched]
        FileCheck.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["print_file"], update_fields=["delivery", "not_before", "attempts", "asked_at"]
        )
    if any(row.not_before <= now() for row in rows):
        hint("orders.check_files")


def _next_look(file: PrintFile) -> datetime:
    return now() if file.trouble else max(now(), file.checked_at + scaled(FRESH_S))


def look_now(file_id: int) -> None:
    """Have one file looked at next, because somebody met trouble with it."""
    watch_files([file_id])
    with whole_psp(reason="a print file is kept once, and looked at once, for whoever prints from it"):
        FileCheck.objects.filter(print_file=file_id, lease=None).update(not_before=now())
    hint("orders.check_files")
