"""Turning intake records into orders, a batch at a time, or writing why not.

No network here: everything is in the records, so a batch can be repeated. One batch of an authorization runs at a time (advisory lock);
the unique order number is the guard beneath. A record that breaks the batch is taken in alone, and kept as unreadable if it still breaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import Min, Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from orders.models import BuyerData, HoldKind, IntakeRecord, Order
from orders.services.change_order import apply_change
from orders.services.holds import open_hold
from orders.services.new_orders import NewOrder, create_orders
from orders.services.order_questions import watch_clocks
from orders.services.purging import keep_purged
from orders.services.rules import decide
from pod_hub.core.bulk import update_rows
from pod_hub.core.crash_points import crash_point
from pod_hub.core.pace import scaled
from pod_hub.core.sealing import CannotOpen, sealed_field
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.errors import Unreadable
from stores.channels.registry import capabilities, channel_for
from stores.channels.types import IncomingOrder
from stores.models import Authorization, Connection
from stores.services.authorizations import account_of

log = structlog.get_logger(__name__)

BATCH = 500  # a fixed dozen of statements and one commit each; the next authorization waits half a second for its turn
MOST_READS = 5
READ_AGAIN_S = 60
Verdict = IntakeRecord.Verdict


@dataclass(slots=True)
class Taken:
    """What one batch did, in records."""

    imported: int = 0
    changed: int = 0
    skipped: int = 0
    unreadable: int = 0
    records: int = 0
    order_ids: list[int] = field(default_factory=list)


def authorizations_with_work(limit: int = 50) -> list[tuple[int, int]]:
    """Return (authorization, psp) ids that have records due, over all tenants, longest waiting first."""
    with across_tenants(reason="find authorizations with intake records to read"):
        due = IntakeRecord.objects.filter(verdict=Verdict.PENDING, not_before__lte=now(), authorization__isnull=False)
        # By authorization, not by record: a backlog of one seller must not hide the others behind its first thousand rows.
        waiting = due.values("authorization_id", "psp_id").annotate(since=Min("not_before")).order_by("since", "authorization_id")
        return list(waiting.values_list("authorization_id", "psp_id")[:limit])


def take_in(*, authorization_id: int, psp_id: int, limit: int = BATCH) -> Taken | None:
    """Take in one batch of an authorization's records; None when another worker is at it."""
    with tenant(psp_id):
        taken = _take_in(authorization_id, limit)
    crash_point("intake.committed")
    return taken


def _take_in(authorization_id: int, limit: int) -> Taken | None:
    if not _alone(authorization_id):
        return None
    due = IntakeRecord.objects.filter(authorization_id=authorization_id, verdict=Verdict.PENDING, not_before__lte=now())
    records = list(due.select_for_update(skip_locked=True).order_by("not_before", "id")[:limit])
    if not records:
        return Taken()
    crash_point("intake.locked")
    desk = Desk.for_authorization(authorization_id)
    total = Taken()
    try:
        with transaction.atomic():
            total = desk.take(records)
    except DatabaseError as error:
        log.warning("intake_batch_broke", authorization=desk.authorization.public_id, error=type(error).__name__)
        for record in records:
            total = _alone_or_unreadable(desk, record, total)
    if desk.answers_in_time:
        watch_clocks(total.order_ids)
    return total


def _alone(authorization_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('take_in'), %s)", [authorization_id % 2**31])
        return bool(cursor.fetchone()[0])


def _alone_or_unreadable(desk: Desk, record: IntakeRecord, total: Taken) -> Taken:
    try:
        with transaction.atomic():
            one = desk.take([record])
    except DatabaseError as error:
        # The channel sent something a column cannot hold; say which kind, never the value.
        with transaction.atomic():
            desk.cannot_read(record, _("The database refused a value of this order (%(kind)s).") % {"kind": type(error).__name__})
        one = Taken(unreadable=1, records=1)
    total.imported, total.changed = total.imported + one.imported, total.changed + one.changed
    total.skipped, total.unreadable, total.records = total.skipped + one.skipped, total.unreadable + one.unreadable, total.records + one.records
    total.order_ids += one.order_ids
    return total


class Desk:
    """One authorization's intake: its stores' settings and its channel's reader, loaded once for a batch."""

    def __init__(self, authorization: Authorization, connections: Sequence[Connection]) -> None:
        self.authorization = authorization
        self.by_place = {one.store.place: one for one in connections}
        self.reader = channel_for(authorization.kind, account_of(authorization))
        self.answers_in_time = capabilities(authorization.kind).answers_wishes

    @classmethod
    def for_authorization(cls, authorization_id: int) -> Desk:
        """Load what a batch needs in two queries."""
        authorization = Authorization.objects.get(pk=authorization_id)
        live = Connection.objects.filter(authorization=authorization).exclude(state=Connection.State.DISABLED)
        return cls(authorization, list(live.select_related("store__facility", "store__customer")))

    def take(self, records: Sequence[IntakeRecord]) -> Taken:
        """Read, decide and write a batch in the open transaction."""
        taken = Taken(records=len(records))
        newest = self._newest(records)
        # Before anything else is locked, and in the order that everybody uses.
        known = self._known(newest)
        gone = BuyerData.objects.filter(order__in=[order.pk for order in known.values()], purged_at__isnull=False)
        purged = set(gone.values_list("order_id", flat=True)) if known else set()
        incoming = {}
        for record in newest:
            read = self._read(record)
            if read is None:
                taken.unreadable += 1
            else:
                incoming[record.pk] = read
        readable = [record for record in newest if record.pk in incoming]
        fresh: list[NewOrder] = []
        for record in readable:
            told = incoming[record.pk]
            connection = self.by_place.get(told.marketplace)
            record.marketplace = connection.store.marketplace if connection else told.marketplace[:24]
            record.store = connection.store if connection else None
            order = known.get((connection.store_id, told.external_id)) if connection else None
            if order is not None:
                apply_change(order, told)
                if order.pk in purged:
                    keep_purged(order, record)
                self._imported(record, order.pk, _("A change of an order that is in the hub."), rule="change")
                taken.changed += 1
                taken.order_ids.append(order.pk)
                continue
            decision = decide(told, connection, moment=record.seen_at)
            if decision.imported and connection is not None:
                fresh.append(NewOrder(record, connection, told, decision))
            else:
                record.verdict, record.rule, record.reason, record.decided_at = Verdict.SKIPPED, decision.rule, decision.reason, now()
                taken.skipped += 1
        made = create_orders(fresh)
        crash_point("intake.created")
        for one in fresh:
            order_id = made.get((one.connection.store_id, one.incoming.external_id))
            if order_id is None:
                continue  # the same order was created a moment ago by another road; this record stays pending and becomes a change
            self._imported(one.record, order_id, one.decision.reason, rule=one.decision.rule)
            taken.imported += 1
            taken.order_ids.append(order_id)
        columns = ["verdict", "rule", "reason", "decided_at", "order_id", "store_id", "marketplace", "attempts", "not_before"]
        update_rows(IntakeRecord, columns, [(record.pk, *(getattr(record, name) for name in columns)) for record in records])
        crash_point("intake.decided")
        return taken

    def cannot_read(self, record: IntakeRecord, reason: str) -> None:
        """Keep an unreadable record: tried again a few times by itself, then shown to people. A known order gets a hold."""
        record.attempts += 1
        record.reason, record.rule, record.decided_at = reason, "unreadable", now()
        if record.attempts >= MOST_READS:
            record.verdict = Verdict.UNREADABLE
        else:
            record.not_before = now() + scaled(READ_AGAIN_S * 2 ** (record.attempts - 1))
        record.save(update_fields=["attempts", "reason", "rule", "decided_at", "verdict", "not_before"])
        order = (
            Order.objects.select_for_update().filter(store__in=[c.store_id for c in self.by_place.values()], external_id=record.external_id).first()
        )
        if order is not None:
            open_hold(order, HoldKind.UNREADABLE, _("The marketplace changed this order and the change cannot be read. %(why)s") % {"why": reason})

    def _newest(self, records: Sequence[IntakeRecord]) -> list[IntakeRecord]:
        """Mark all but the newest revision of each order in the batch, and all that are not newer than what was read, as superseded."""
        best: dict[str, IntakeRecord] = {}
        for record in records:
            held = best.get(record.external_id)
            if held is None or record.revision > held.revision:
                best[record.external_id] = record
        numbers = list(best)
        read = Q(authorization=self.authorization, external_id__in=numbers, verdict__in=[Verdict.IMPORTED, Verdict.SKIPPED])
        latest: dict[str, datetime] = {}
        for number, revision in IntakeRecord.objects.filter(read).values_list("external_id", "revision"):
            latest[number] = max(revision, latest.get(number, revision))
        for record in records:
            newer = latest.get(record.external_id)
            if best[record.external_id] is not record or (newer is not None and newer > record.revision):
                record.verdict, record.decided_at = Verdict.SUPERSEDED, now()
                record.rule, record.reason = "older", _("A newer revision of this order speaks for it.")
        return [record for record in best.values() if record.verdict == Verdict.PENDING]

    def _read(self, record: IntakeRecord) -> IncomingOrder | None:
        try:
            payload = sealed_field(IntakeRecord, "payload_sealed").open_from(record)
            if payload is None:
                raise Unreadable(_("Its content was purged; ask the marketplace for it again."))
            told = self.reader.read_order(payload)
            if told.external_id != record.external_id:
                raise Unreadable(_("It names another order number than it was listed under."))
        except (Unreadable, CannotOpen) as error:
            self.cannot_read(record, str(error))
            return None
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # A reader should say Unreadable; a shape it did not foresee must not hold up anybody else. No value is quoted: it may be personal.
            log.error("reader_broke", authorization=self.authorization.public_id, error=type(error).__name__)  # noqa: TRY400 - a traceback could quote buyer data
            self.cannot_read(record, _("Its shape is unexpected (%(kind)s).") % {"kind": type(error).__name__})
            return None
        return told

    def _known(self, records: Sequence[IntakeRecord]) -> dict[tuple[int, str], Order]:
        stores = [connection.store_id for connection in self.by_place.values()]
        numbers = [record.external_id for record in records]
        found = Order.objects.select_for_update().filter(store__in=stores, external_id__in=numbers).order_by("pk")
        return {(order.store_id, order.external_id): order for order in found}

    @staticmethod
    def _imported(record: IntakeRecord, order_id: int, reason: str, *, rule: str) -> None:
        record.verdict, record.rule, record.reason, record.decided_at, record.order_id = Verdict.IMPORTED, rule, reason, now(), order_id


def oldest_waiting() -> timedelta | None:
    """Return how long the oldest due record of the open scope has waited, or None."""
    seen = (
        IntakeRecord.objects.filter(verdict=Verdict.PENDING, not_before__lte=now())
        .order_by("not_before")
        .values_list("not_before", flat=True)
        .first()
    )
    return now() - seen if seen else None
