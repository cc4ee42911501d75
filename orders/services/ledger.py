"""The intake ledger: every order a channel shows us becomes a record before anybody interprets it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from django.db.models import Q
from django.utils.timezone import now

from orders.models import IntakeRecord, intake_mark
from pod_hub.core.bulk import copy_rows
from pod_hub.core.sealing import CannotOpen, column_context, seal, sealed_field
from pod_hub.core.tenancy import current_psp_id
from stores.channels.types import RawOrder

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many orders a page held and how many of them were news."""

    seen: int
    new: int


def record_again(*, authorization_id: int, orders: Iterable[RawOrder], road: IntakeRecord.Road) -> Recorded:
    """Store orders whose revision may be in the ledger already, and have them decided once more; for repairs."""
    return record_orders(authorization_id=authorization_id, orders=orders, road=road, again=True)


def record_orders(*, authorization_id: int, orders: Iterable[RawOrder], road: IntakeRecord.Road, again: bool = False) -> Recorded:
    """Store orders exactly as received; a revision that is told as before is left alone, unless ``again``. Call inside the tenant's scope.

    A revision that is told with another content takes it and is decided again: a time of change is a whole second, in which an order may
    change twice, and a marketplace may send an order crippled once and whole the next time without moving that time.
    An answer without order number or time is stored too, under a name made from its content, so that it can be shown and tried again.
    """
    psp_id, moment = current_psp_id(), now()
    table = IntakeRecord._meta.db_table
    rows, told = {}, {}
    for raw in orders:
        body = orjson.dumps(raw.payload)
        external_id = printable(raw.external_id)[:80] or "unreadable:" + hashlib.sha256(body).hexdigest()[:40]
        revision = raw.revision or BEGINNING
        context = column_context(table, "payload_sealed", psp_id, intake_mark(authorization_id, external_id))
        told[external_id, revision] = raw.payload
        rows[external_id, revision] = (
            authorization_id,
            external_id,
            revision,
            "",
            road.value,
            seal(body, context=context),
            moment,
            IntakeRecord.Verdict.PENDING.value,
            "",
            "",
            0,
            moment,
        )
    columns = ["authorization_id", "external_id", "revision", "marketplace", "road", "payload_sealed", "seen_at"]
    columns += ["verdict", "rule", "reason", "attempts", "not_before"]
    renewed = ["road", "payload_sealed", "verdict", "rule", "reason", "attempts", "not_before"] if again else []
    key = ["authorization_id", "external_id", "revision"]
    made = copy_rows(IntakeRecord, columns, rows.values(), conflict=key, update=renewed) if rows else []
    taken = _take_other_content(authorization_id, told) if len(made) < len(rows) else 0
    return Recorded(seen=len(rows), new=len(made) + taken)


def _take_other_content(authorization_id: int, told: Mapping[tuple[str, datetime], Any]) -> int:
    """Give records of a revision that is told with another content now that content, and put them back to pending. Returns how many.

    What was purged stays purged: a record without content takes none.
    """
    records = IntakeRecord.objects.filter(authorization_id=authorization_id, payload_sealed__isnull=False)
    numbers = {number for number, _revision in told}
    others = [row.pk for row in records.filter(external_id__in=numbers) if _tells_otherwise(row, told)]
    if not others:
        return 0
    sealed, taken = sealed_field(IntakeRecord, "payload_sealed"), 0
    for row in records.select_for_update().filter(pk__in=others).order_by("pk"):
        if _tells_otherwise(row, told):
            sealed.seal_into(row, told[row.external_id, row.revision])
            row.verdict, row.attempts, row.not_before, row.decided_at = IntakeRecord.Verdict.PENDING, 0, now(), None
            row.save(update_fields=["payload_sealed", "verdict", "attempts", "not_before", "decided_at"])
            taken += 1
    return taken


def _tells_otherwise(row: IntakeRecord, told: Mapping[tuple[str, datetime], Any]) -> bool:
    fresh = told.get((row.external_id, row.revision))
    return fresh is not None and fresh != _content_of(row)


def _content_of(row: IntakeRecord) -> Any:
    try:
        return sealed_field(IntakeRecord, "payload_sealed").open_from(row)
    except CannotOpen:
        return None


def printable(text: str) -> str:
    """Drop what a database text or a page cannot hold (NUL and other control characters)."""
    return text if text.isprintable() else "".join(char for char in text if char.isprintable())


def decide_again(*, authorization_id: int | None = None, record_ids: Iterable[int] | None = None, rules: Iterable[str] = ()) -> int:
    """Put skipped and unreadable records back to pending, so that today's rules and settings decide them. Returns how many.

    Superseded records stay: a newer revision speaks for the order.
    """
    wanted = Q(verdict__in=[IntakeRecord.Verdict.SKIPPED, IntakeRecord.Verdict.UNREADABLE])
    if authorization_id is not None:
        wanted &= Q(authorization_id=authorization_id)
    if record_ids is not None:
        wanted &= Q(pk__in=list(record_ids))
    if rules:
        wanted &= Q(rule__in=list(rules))
    return IntakeRecord.objects.filter(wanted).update(verdict=IntakeRecord.Verdict.PENDING, attempts=0, not_before=now(), decided_at=None)
