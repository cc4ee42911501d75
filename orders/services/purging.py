"""Removing buyer data when its time is over, and proving it (P19; quality, finding 6).

When, by rule:

=================  =================================================================================================================
``delivered``      30 days after delivery: the marketplace's latest delivery date, else the last parcel's day plus 14 days, else 14
                   days after the ship-by date or, without one, after the import. Nothing of the order may be open any more.
``forgotten``      60 days after that date even though something is still open: nobody ships two months late.
``disconnected``   the day after a store was disconnected for orders that are through; a week after it for open ones, so that a
                   disconnection by mistake can be taken back.
``permission_gone``  30 days after the seller's permission was lost and not renewed.
``not_imported``   30 days after an order was skipped or could not be read.
``requested``      at once, by a person.
``seen_again``     in the very transaction in which the marketplace tells a purged order once more.
=================  =================================================================================================================

Removed are the sealed buyer data and its search hashes, the raw payloads of every revision, personalisation addresses and texts, and designs, print
files and artwork that were made for personalised lines alone. What stays is not personal: numbers, products, quantities, states, times, the country, the timeline.
Once purged, an order never holds buyer data again, whatever the marketplace tells. These are real days: no factor shortens them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import transaction
from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.timezone import now
from django.utils.translation import gettext as _

from catalog.services.kept_files import delete_stored
from orders.models import BuyerData, IntakeRecord, Order, Personalisation, PurgeRecord
from orders.services.holds import record_event
from orders.services.purging_artwork import remove_artwork
from orders.states import OPEN_ORDER_STATES
from pod_hub.accounts.actors import HUB, Actor
from pod_hub.accounts.models import Psp
from pod_hub.core.crash_points import crash_point
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from stores.models import Connection

log = structlog.get_logger(__name__)

KEPT_AFTER_DELIVERY = timedelta(days=30)
DELIVERY_TAKES = timedelta(days=14)
FORGOTTEN_AFTER = timedelta(days=60)
KEPT_AFTER_DISCONNECT = timedelta(days=1)
OPEN_KEPT_AFTER_DISCONNECT = timedelta(days=7)
KEPT_WITHOUT_PERMISSION = timedelta(days=30)
KEPT_NOT_IMPORTED = timedelta(days=30)
BATCH = 100
Rule = PurgeRecord.Rule
Verdict = IntakeRecord.Verdict


@dataclass(slots=True)
class Purged:
    """What a purge did: orders and never imported numbers, and how many of each kind of data."""

    orders: int = 0
    numbers: int = 0
    removed: dict[str, int] = field(default_factory=dict)

    def add(self, removed: dict[str, int]) -> None:
        """Count one order's removals in."""
        for kind, count in removed.items():
            self.removed[kind] = self.removed.get(kind, 0) + count


# --- what is due ------------------------------------------------------------------------------------------------------
def due_orders(moment: datetime | None = None) -> dict[PurgeRecord.Rule, QuerySet[Order]]:
    """Return the orders of the open scope that are due, by rule. Only orders that still have buyer data are looked at."""
    moment = moment or now()
    guess = ExpressionWrapper(Coalesce(F("last_shipped_at"), F("ship_by"), F("imported_at")) + DELIVERY_TAKES, output_field=DateTimeField())
    held = Order.objects.filter(buyer_data__purged_at=None).alias(delivered=Coalesce(F("deliver_by"), guess))
    is_open = Q(state__in=OPEN_ORDER_STATES)
    gone = Connection.objects.filter(store=OuterRef("store"), state=Connection.State.DISABLED)
    lost = Connection.objects.filter(
        store=OuterRef("store"), state=Connection.State.REVOKED, authorization__last_error_at__lt=moment - KEPT_WITHOUT_PERMISSION
    )
    return {
        Rule.DELIVERED: held.filter(~is_open, delivered__lt=moment - KEPT_AFTER_DELIVERY),
        Rule.FORGOTTEN: held.filter(is_open, delivered__lt=moment - FORGOTTEN_AFTER),
        Rule.DISCONNECTED: held.filter(
            Q(Exists(gone.filter(disconnected_at__lt=moment - KEPT_AFTER_DISCONNECT)), ~is_open)
            | Q(Exists(gone.filter(disconnected_at__lt=moment - OPEN_KEPT_AFTER_DISCONNECT)))
        ),
        Rule.PERMISSION_GONE: held.filter(Exists(lost)),
    }


def due_records(moment: datetime | None = None) -> QuerySet[IntakeRecord]:
    """Return records of orders that were never imported and whose payload is due. A record that waits to be read is never due."""
    decided = IntakeRecord.objects.filter(order=None, payload_sealed__isnull=False).exclude(verdict=Verdict.PENDING)
    return decided.filter(decided_at__lt=(moment or now()) - KEPT_NOT_IMPORTED)


def purge_due(*, psp_id: int, dry_run: bool = False, ends: float = math.inf) -> Purged:
    """Purge what is due of one PSP, in transactions of at most a hundred orders, until ``ends`` (``time.monotonic``). ``dry_run`` only counts."""
    total = Purged()
    for rule in (Rule.DELIVERED, Rule.FORGOTTEN, Rule.DISCONNECTED, Rule.PERMISSION_GONE):
        last = 0
        while time.monotonic() < ends:
            with tenant(psp_id):
                chosen = list(due_orders()[rule].filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH])
                if not chosen:
                    break
                last = chosen[-1]
                if dry_run:
                    total.orders += len(chosen)
                    continue
                for removed in purge_orders(order_ids=chosen, rule=rule, actor=HUB):
                    total.orders += 1
                    total.add(removed)
                crash_point("purge.writing")
            crash_point("purge.committed")
    total.numbers = _purge_records(psp_id, total, dry_run=dry_run, ends=ends)
    return total


def purge_everything_due(*, ends: float = math.inf) -> Purged:
    """Purge what is due over all tenants; the regular job. What ``ends`` cuts off is due again next time."""
    total = Purged()
    for psp_id in Psp.objects.order_by("pk").values_list("pk", flat=True):
        done = purge_due(psp_id=psp_id, ends=ends)
        total.orders, total.numbers = total.orders + done.orders, total.numbers + done.numbers
        total.add(done.removed)
    if total.orders or total.numbers:
        log.info("buyer_data_purged", orders=total.orders, numbers=total.numbers, **total.removed)
    return total


# --- purging ----------------------------------------------------------------------------------------------------------
@transaction.atomic
def purge_orders(*, order_ids: Sequence[int], rule: PurgeRecord.Rule, actor: Actor, reason: str = "") -> list[dict[str, int]]:
    """Purge these orders and write a record for each; an order that has nothing personal left is passed over.

    Returns what was removed of each purged order. Print files leave the storage once the transaction is committed.
    """
    found = []
    for order in Order.objects.select_for_update(of=("self",)).filter(pk__in=list(order_ids)).order_by("pk"):
        removed = _empty(order)
        if not removed:
            continue
        words = reason or str(rule.label)
        PurgeRecord.objects.create(
            order=order,
            store_id=order.store_id,
            external_id=order.external_id,
            rule=rule,
            reason=words,
            removed=removed,
            actor_id=actor.user_id,
            actor_label=actor.label,
        )
        record_event(
            order.pk,
            "purged",
            _("The buyer's data was removed: %(why)s.") % {"why": words},
            actor=actor,
            facts={"rule": rule.value, "removed": removed},
        )
        found.append(removed)
    return found


def _empty(order: Order) -> dict[str, int]:
    """Remove everything personal of a locked order; return how much of each kind."""
    counts = {
        "buyer_data": BuyerData.objects.filter(order=order, purged_at=None).update(
            sealed=None, postcode_hash="", email_hash="", surname_hash="", purged_at=now()
        ),
        "raw_payloads": IntakeRecord.objects.filter(_records_of(order), payload_sealed__isnull=False).update(payload_sealed=None),
        "personalisations": Personalisation.objects.filter(
            Q(address_sealed__isnull=False) | Q(content_sealed__isnull=False), line__order=order
        ).update(address_sealed=None, content_sealed=None),
        **remove_artwork(order),
        "labels": _remove_labels(order),
    }
    # What was still to be fetched is not any more, and whoever is fetching it at this moment finds its lease gone.
    fetching = Personalisation.objects.filter(line__order=order, delivery=Delivery.PENDING)
    fetching.update(delivery=Delivery.WITHDRAWN, lease=None, leased_until=None)
    return {kind: count for kind, count in counts.items() if count}


def _records_of(order: Order) -> Q:
    """Match every revision of the order in the ledger, also those that were superseded before it was read."""
    told = IntakeRecord.objects.filter(order=order).values("authorization")
    return Q(order=order) | Q(external_id=order.external_id, authorization__in=told)


def _remove_labels(order: Order) -> int:
    """Delete the documents of shipping labels, which show the address. Labels stand on the upper floor, known by the name of the relation."""
    names = list(order.labels.exclude(document_name="").values_list("document_name", flat=True))
    order.labels.exclude(document_name="").update(document_name="")
    order.labels.filter(delivery__in=[Delivery.PENDING, Delivery.ACCEPTED]).update(delivery=Delivery.WITHDRAWN, lease=None, leased_until=None)
    transaction.on_commit(partial(delete_stored, names), robust=True)
    return len(names)


def _purge_records(psp_id: int, total: Purged, *, dry_run: bool, ends: float) -> int:
    """Purge payloads of numbers that never became orders, and write a record for each number."""
    numbers = last = 0
    while time.monotonic() < ends:
        with tenant(psp_id):
            due = due_records().filter(pk__gt=last).order_by("pk")
            records = list((due if dry_run else due.select_for_update(skip_locked=True)).only("pk", "external_id", "store_id")[:BATCH])
            if not records:
                return numbers
            last = records[-1].pk
            by_number: dict[str, list[IntakeRecord]] = {}
            for record in records:
                by_number.setdefault(record.external_id, []).append(record)
            numbers += len(by_number)
            if dry_run:
                continue
            IntakeRecord.objects.filter(pk__in=[record.pk for record in records]).update(payload_sealed=None)
            PurgeRecord.objects.bulk_create(
                PurgeRecord(
                    store_id=revisions[0].store_id,
                    external_id=number,
                    rule=Rule.NOT_IMPORTED,
                    reason=str(Rule.NOT_IMPORTED.label),
                    removed={"raw_payloads": len(revisions)},
                    actor_label=HUB.label,
                )
                for number, revisions in by_number.items()
            )
            total.add({"raw_payloads": len(records)})
    return numbers


def keep_purged(order: Order, record: IntakeRecord) -> None:
    """Take the content of a record away again, because its order was purged before the marketplace told it once more."""
    if not IntakeRecord.objects.filter(pk=record.pk, payload_sealed__isnull=False).update(payload_sealed=None):
        return
    PurgeRecord.objects.create(
        order=order,
        store_id=order.store_id,
        external_id=order.external_id,
        rule=Rule.SEEN_AGAIN,
        reason=str(Rule.SEEN_AGAIN.label),
        removed={"raw_payloads": 1},
        actor_label=HUB.label,
    )


def is_purged(order: Order) -> bool:
    """Whether the order's buyer data was removed for good."""
    return BuyerData.objects.filter(order=order, purged_at__isnull=False).exists()
