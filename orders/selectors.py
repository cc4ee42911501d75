"""What the order page reads, with its number of queries. The order list has a module of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Min, Prefetch
from django.http import Http404
from django.utils.timezone import now

from orders.buyer_data import BuyerDetails, opened
from orders.line_files import files_of, parts_with_files
from orders.models import Hold, IntakeRecord, Order, OrderEvent, OrderLine, OrderReturn, PurgeRecord
from orders.services.replacements import Replacements, replacements_of
from orders.states import OPEN, OPEN_ORDER_STATES
from stores.channels.registry import capabilities

MOST_LINES_SHOWN = 200


@dataclass(frozen=True, slots=True)
class OrderSheet:
    """Everything the order page shows, read in eleven queries; one more each where a design uses several areas, for labels and returns, and where
    the marketplace waits for answers to wishes: ``declined_until`` is when it cancels by itself what a person declined and nobody has shipped.

    ``lapses_at`` is when the marketplace cancels by itself as things stand: a label that was bought there ends the clock for shipping, and
    ``waits_for_carrier`` says that the one for the carrier runs. Lines carry ``number`` and ``files``, ``packages`` their ``push``; ``cancellations`` are pushes without a package.
    """

    order: Order
    lines: list[OrderLine]
    holds: list[Hold]
    events: list[OrderEvent]
    buyer: BuyerDetails | None
    buyer_purged: bool
    record: IntakeRecord | None
    packages: list[Any]
    cancellations: list[Any]
    labels: list[Any]
    returns: list[OrderReturn]
    purges: list[PurgeRecord]
    replacements: Replacements
    declined_until: datetime | None
    lapses_at: datetime | None
    waits_for_carrier: bool


def _waits_for_carrier(order: Order, lines: list[OrderLine], labels: list[Any], packages: list[Any]) -> bool:
    """Whether the marketplace calls all of the order shipped: it says so, or the labels that were bought there hold everything that is open."""
    if order.channel_status and order.channel_status == capabilities(order.store.kind).waits_for_collection:
        return True
    left = {package.label_id for package in packages}
    waiting = [label for label in labels if label.bought_at is not None and label.pk not in left]
    open_lines = [line for line in lines if line.state in OPEN]
    return bool(waiting) and all(line.quantity_open <= sum(label.quantities.get(str(line.pk), 0) for label in waiting) for line in open_lines)


def _lapses_at(order: Order, *, declined_until: datetime | None, waits_for_carrier: bool) -> datetime | None:
    if order.state not in OPEN_ORDER_STATES:
        return None
    if waits_for_carrier:
        is_told = order.channel_status == capabilities(order.store.kind).waits_for_collection
        return order.lapses_at if is_told else None
    return min(filter(None, [order.lapses_at, declined_until]), default=None)


def _declined_until(order: Order) -> datetime | None:
    if order.state not in OPEN_ORDER_STATES or not capabilities(order.store.kind).answers_wishes:
        return None
    declined = Hold.objects.filter(order=order, declined_at__isnull=False, answer_by__gt=now())
    until: datetime | None = declined.aggregate(until=Min("answer_by"))["until"]
    return until


def order_sheet(public_id: str) -> OrderSheet:
    """Read an order with all that its page shows; a 404 when it is not in the open scope."""
    order = (
        Order.objects.filter(public_id=public_id)
        .select_related("store__customer", "store__trading_name", "store__connection__authorization", "facility", "buyer_data")
        .first()
    )
    if order is None:
        raise Http404
    lines = list(
        order.lines.select_related("listing", "mapping", "customer_product__product_model", "print_file", "personalisation")
        .prefetch_related("customer_product__product_model__print_areas", Prefetch("mapping__parts", parts_with_files()))
        .order_by("pk")[:MOST_LINES_SHOWN]
    )
    files = files_of(lines, parts={line.mapping.pk: line.mapping.parts.all() for line in lines if line.mapping})
    for number, line in enumerate(lines, start=1):
        line.order, line.number, line.files = order, number, files[line.pk]  # type: ignore[attr-defined]
    holds = list(order.holds.filter(released_at=None).select_related("design").order_by("opened_at", "pk")) if order.open_holds else []
    events = list(order.events.select_related("actor").order_by("at", "pk"))
    row = getattr(order, "buyer_data", None)
    purged = row is None or row.purged_at is not None
    packages, cancellations = _told(order, lines)
    can = capabilities(order.store.kind)
    labels: list[Any] = list(order.labels.order_by("pk")) if order.is_labelled_by_channel else []
    waits_for_carrier = _waits_for_carrier(order, lines, labels, packages)
    declined_until = None if waits_for_carrier else _declined_until(order)
    record = IntakeRecord.objects.filter(order=order).defer("payload_sealed").order_by("-revision", "-pk").first()
    return OrderSheet(
        order=order,
        lines=lines,
        holds=holds,
        events=events,
        buyer=None if row is None else opened(row),
        buyer_purged=purged,
        record=record,
        packages=packages,
        cancellations=cancellations,
        labels=labels,
        returns=list(order.returns.order_by("opened_at", "pk")) if can.tells_returns else [],
        purges=list(order.purges.order_by("pk")) if purged else [],
        replacements=replacements_of(order),
        declined_until=declined_until,
        lapses_at=_lapses_at(order, declined_until=declined_until, waits_for_carrier=waits_for_carrier),
        waits_for_carrier=waits_for_carrier,
    )


def _told(order: Order, lines: list[OrderLine]) -> tuple[list[Any], list[Any]]:
    """Return the packages, each with its ``told`` (a push or None) and its items' lines, and the cancellations. Four queries.

    Both stand on the upper floor; the order knows them only by the names of the relations.
    """
    by_id = {line.pk: line for line in lines}
    packages: list[Any] = list(order.packages.prefetch_related("items").order_by("number"))
    pushes = list(order.pushes.prefetch_related("history").order_by("pk"))
    by_package = {push.package_id: push for push in pushes if push.package_id is not None}
    for package in packages:
        package.told = by_package.get(package.pk)
        for one in package.items.all():
            if one.line_id in by_id:  # beyond the lines shown, Django reads it by itself
                one.line = by_id[one.line_id]
    return packages, [push for push in pushes if push.package_id is None]
