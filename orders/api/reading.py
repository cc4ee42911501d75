"""What the API reads of orders and of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404

from orders.buyer_data import BuyerDetails, opened
from orders.line_files import files_of
from orders.models import Hold, IntakeRecord, Order, OrderEvent, OrderLine, Personalisation
from pod_hub.core.sealing import CannotOpen, sealed_field


def orders(wanted: dict[str, Any]) -> QuerySet[Order]:
    """Return the orders that the filters ask for, with store, customer and lines. Two queries for a page."""
    rows: QuerySet[Order] = Order.objects.select_related("store__customer", "facility").prefetch_related(
        Prefetch("lines", OrderLine.objects.select_related("customer_product", "print_file").order_by("pk"))
    )
    for name, condition in FILTERS.items():
        if name in wanted:
            rows = rows.filter(**{condition: wanted[name]})
    if "updated_since" in wanted:
        # Whatever changes an order writes on its timeline.
        rows = rows.filter(pk__in=OrderEvent.objects.filter(at__gte=wanted["updated_since"]).order_by().values("order_id"))
    return rows


def with_files(found: Sequence[Order]) -> Sequence[Order]:
    """Give the lines of these orders their ``files``. One query, and one more where a design uses several areas."""
    lines = [line for order in found for line in order.lines.all()]
    files = files_of(lines)
    for line in lines:
        line.files = files[line.pk]  # type: ignore[attr-defined]
    return found


FILTERS = {
    "state": "state",
    "store": "store__public_id",
    "customer": "store__customer__public_id",
    "placed_since": "placed_at__gte",
    "order_number": "external_id",
}


@dataclass(frozen=True, slots=True)
class FullOrder:
    """An order with everything that one answer of the API shows; ``buyer`` is None unless it was asked for, and once it was purged."""

    order: Order
    lines: list[OrderLine]
    holds: list[Hold]
    packages: list[Any]
    pushes: list[Any]
    events: list[OrderEvent]
    buyer: BuyerDetails | None
    texts: dict[str, list[dict[str, str]]]


def full_order(public_id: str, *, with_buyer: bool) -> FullOrder:
    """Read an order in eight queries, or raise a 404. Buyer data is read, and unsealed, only ``with_buyer``."""
    joined = ["store__customer", "facility", *(["buyer_data"] if with_buyer else [])]
    order = Order.objects.select_related(*joined).filter(public_id=public_id).first()
    if order is None:
        raise Http404
    told = ["customer_product", "print_file", *(["personalisation"] if with_buyer else [])]
    lines = list(order.lines.select_related(*told).order_by("pk"))
    files = files_of(lines)
    for line in lines:
        line.files = files[line.pk]  # type: ignore[attr-defined]
    packages = list(order.packages.prefetch_related("items__line").order_by("number"))
    row = getattr(order, "buyer_data", None) if with_buyer else None
    return FullOrder(
        order=order,
        lines=lines,
        holds=list(order.holds.select_related("line").order_by("opened_at", "pk")),
        packages=packages,
        pushes=list(order.pushes.select_related("package").order_by("created_at", "pk")),
        events=list(order.events.select_related("line").order_by("at", "pk")),
        buyer=opened(row) if row is not None else None,
        texts={line.public_id: text for line in lines if (text := _text(line))} if with_buyer else {},
    )


def _text(line: OrderLine) -> list[dict[str, str]]:
    row = getattr(line, "personalisation", None)
    if row is None:
        return []
    try:
        return sealed_field(Personalisation, "content_sealed").open_from(row) or []
    except CannotOpen:
        return []


def records(wanted: dict[str, Any]) -> QuerySet[IntakeRecord]:
    """Return the ledger's records that the filters ask for, without their payloads."""
    rows: QuerySet[IntakeRecord] = IntakeRecord.objects.select_related("store", "order").defer("payload_sealed")
    conditions = {"verdict": "verdict", "road": "road", "store": "store__public_id", "order_number": "external_id", "seen_since": "seen_at__gte"}
    for name, condition in conditions.items():
        if name in wanted:
            rows = rows.filter(**{condition: wanted[name]})
    return rows
