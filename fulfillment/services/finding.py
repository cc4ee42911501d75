"""Finding out about any number: a marketplace's order number, one of our public ids, or a tracking number (P2).

The answer holds everything the hub knows in the order in which it happened: when it was seen and by which road, what was decided by which rule, where
the order is and why it waits, what left, what the marketplace was told and what it showed back. It stands on the uppermost floor because it reads all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, Q

from fulfillment.models import Package, Push, PushAttempt
from fulfillment.services.tracking_numbers import BadTrackingNumber, clean_tracking_number
from orders.models import Hold, IntakeRecord, Order, OrderEvent, OrderLine, PurgeRecord
from orders.services.ledger import printable

MOST_ORDERS = 20
MOST_RECORDS = 200


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """One order with all that belongs to it; everything is loaded. ``matching`` are those of its packages that the text names."""

    order: Order
    lines: list[OrderLine]
    holds: list[Hold]  # open ones first
    packages: list[Package]  # with their items
    pushes: list[Push]  # with ``history``, oldest first
    purges: list[PurgeRecord]
    events: list[OrderEvent]
    matching: list[Package]


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything known about a text. ``matched`` says what it was found as: order number, public id, tracking number, or nothing."""

    text: str
    records: list[IntakeRecord]
    orders: list[FoundOrder]
    matched: str = ""

    @property
    def found(self) -> bool:
        """Whether the hub has ever seen it."""
        return bool(self.records or self.orders)


def find(text: str) -> Findings:
    """Return what the hub knows about a number, in the open scope. At most ten queries, however much there is."""
    wanted = printable(text).strip()[:80]
    if not wanted:
        return Findings(wanted, [], [])
    orders, matched = _orders(wanted)
    numbers = {order.external_id for order in orders} | {wanted}
    records = list(
        IntakeRecord.objects.filter(Q(external_id__in=numbers) | Q(order__in=orders))
        .defer("payload_sealed")
        .select_related("authorization", "store", "order")
        .order_by("seen_at", "pk")[:MOST_RECORDS]
    )
    if records and not matched:
        matched = "order_number"
    return Findings(wanted, records, [_found(order, wanted) for order in orders], matched)


def _orders(wanted: str) -> tuple[list[Order], str]:
    """Return the orders that a text names, and as what."""
    everything = Order.objects.select_related("store__customer", "facility").prefetch_related(
        Prefetch("lines", OrderLine.objects.select_related("customer_product").order_by("pk")),
        Prefetch("holds", Hold.objects.select_related("released_by").order_by("released_at", "opened_at", "pk")),
        Prefetch("packages", Package.objects.prefetch_related("items").order_by("number")),
        Prefetch(
            "pushes",
            Push.objects.select_related("package").prefetch_related(Prefetch("history", PushAttempt.objects.order_by("at", "pk"))).order_by("pk"),
        ),
        Prefetch("purges", PurgeRecord.objects.order_by("pk")),
        Prefetch("events", OrderEvent.objects.order_by("at", "pk")),
    )
    by_name = Q(external_id=wanted) | Q(public_id=wanted)
    tracking = _as_tracking(wanted)
    by_parcel = Package.objects.filter(Q(tracking_number=tracking) | Q(public_id=wanted)).values("order")
    shown = Push.objects.filter(Q(read_back__tracking_number__in=[wanted, tracking]) | Q(public_id=wanted)).values("order")
    found = list(everything.filter(by_name | Q(pk__in=by_parcel) | Q(pk__in=shown)).order_by("pk")[:MOST_ORDERS])
    if not found:
        return [], ""
    if any(order.external_id == wanted for order in found):
        return found, "order_number"
    return found, "public_id" if wanted[:4] in {"ord_", "pkg_", "psh_"} else "tracking_number"


def _as_tracking(wanted: str) -> str:
    try:
        return clean_tracking_number(wanted)
    except BadTrackingNumber:
        return wanted


def _found(order: Order, wanted: str) -> FoundOrder:
    numbers = {wanted, _as_tracking(wanted)}
    shown = {push.package_id for push in order.pushes.all() if push.public_id == wanted or (push.read_back or {}).get("tracking_number") in numbers}
    packages = list(order.packages.all())
    holds = list(order.holds.all())
    return FoundOrder(
        order=order,
        lines=list(order.lines.all()),
        holds=sorted(holds, key=lambda hold: (hold.released_at is not None, hold.opened_at)),
        packages=packages,
        pushes=list(order.pushes.all()),
        purges=list(order.purges.all()),
        events=list(order.events.all()),
        matching=[one for one in packages if one.pk in shown or one.public_id == wanted or one.tracking_number in numbers],
    )


# --- in words ---------------------------------------------------------------------------------------------------------
def in_words(findings: Findings) -> list[str]:
    """Return the findings as lines of plain English for a terminal; they hold no buyer data."""
    if not findings.found:
        return [f"{findings.text}: the hub has never seen this number."]
    said = []
    for record in findings.records:
        where = f" for {record.store.name}" if record.store else ""
        rule = f" by rule “{record.rule}”" if record.rule else ""
        said.append(
            f"{record.seen_at:%Y-%m-%d %H:%M:%S} UTC  seen by {record.get_road_display()}{where}, revision {record.revision:%Y-%m-%d %H:%M:%S}"
        )
        said.append(f"    {record.get_verdict_display()}{rule}. {record.reason}".rstrip())
    for one in findings.orders:
        said += _order_in_words(one)
    return said


def _order_in_words(one: FoundOrder) -> Sequence[str]:
    order = one.order
    said = [
        f"Order {order.external_id} ({order.public_id}) of {order.store.name}: {order.get_state_display()}; the marketplace says {order.channel_status}"
    ]
    said += [f"    line {line.external_line_id}: {line.quantity} × {line.sku or line.title}, {line.get_state_display()}" for line in one.lines]
    said += [f"    waits: {hold.get_kind_display()}. {hold.reason}" for hold in one.holds if hold.released_at is None]
    if order.replaces:
        said.append(f"    replaces order {order.replaces}")
    for package in one.packages:
        said.append(
            f"    package {package.number}: {package.carrier_name or package.carrier_code} {package.tracking_number}, left {package.shipped_at:%Y-%m-%d %H:%M}"
            + (" (named by this number)" if package in one.matching else "")
        )
    for push in one.pushes:
        why = f" {push.last_error}" if push.last_error else ""
        said.append(f"    push {push.get_kind_display()}: {push.get_delivery_display()}, {len(push.history.all())} attempts.{why}")
        if push.read_back and push.read_back_at:
            said.append(f"        shown back {push.read_back_at:%Y-%m-%d %H:%M}: {push.read_back}")
    said += [f"    buyer data removed {purge.at:%Y-%m-%d}: {purge.reason}" for purge in one.purges]
    return said
