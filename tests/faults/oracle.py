"""The judge: an imitation marketplace's own books on one side, the hub's database on the other, and nothing else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.timezone import now

from fulfillment.models import Package, Push, PushBatch
from orders.models import BuyerData, Hold, IntakeRecord, Order, OrderEvent, Personalisation, PurgeRecord, Reconciliation
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from stores.models import Authorization
from tests.faults.designs import judge_designs
from tests.faults.marketplace import Marketplace
from tests.faults.scene import Scene

FORGOTTEN_AFTER = timedelta(seconds=60)
SHOWN = 8


@dataclass(slots=True)
class Verdict:
    """What the books say. Counts are of orders, lines, packages and rows; ``problems`` says each in words."""

    orders: int = 0
    lost: int = 0
    doubled: int = 0
    lines_missing: int = 0
    pushed_twice: int = 0
    told_again: int = 0
    forgotten: int = 0
    wrong: int = 0
    manual: int = 0
    problems: list[str] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)

    def blame(self, what: str, words: str) -> None:
        """Count one fault under ``what`` and keep its words."""
        setattr(self, what, getattr(self, what) + 1)
        self.problems.append(f"{what}: {words}")


def judge(
    scene: Scene, *, told_again_allowed: int = 0, faults_at: Iterable[datetime] = (), unreadable_allowed: frozenset[str] = frozenset()
) -> Verdict:
    """Compare the books with the database. ``told_again_allowed``: repeated calls that the cell's own fault makes unavoidable."""
    verdict = Verdict()
    sold = {order["order_id"]: order for seller in scene.sellers for order in scene.market.orders(seller)}
    writes = [entry for entry in scene.market.ledger()["writes"] if entry["order_id"] in sold]
    verdict.orders = len(sold)
    with tenant(scene.psp_id):
        held: dict[str, list[Order]] = defaultdict(list)
        for order in Order.objects.prefetch_related("lines"):
            held[order.external_id].append(order)
        recorded = set(IntakeRecord.objects.values_list("external_id", flat=True))
        for number, told in sold.items():
            _judge_order(verdict, told, held.get(number, []), recorded=number in recorded)
        for number in set(held) - set(sold):
            verdict.blame("wrong", f"{number} is in the hub and not in the books")
        _judge_production(verdict)
        _judge_packages(verdict, scene.market, sold, writes)
        _judge_cancellations(verdict, sold, writes)
        _judge_purges(verdict)
        judge_designs(verdict, scene.psp_id)
        _judge_rows(verdict, unreadable_allowed)
        verdict.recoveries = _recoveries(list(faults_at), writes)
    if verdict.told_again > told_again_allowed:
        verdict.problems.append(f"told_again: {verdict.told_again} calls told again what the marketplace knew ({told_again_allowed} allowed)")
    return verdict


def _judge_order(verdict: Verdict, told: dict[str, Any], rows: list[Order], *, recorded: bool) -> None:
    number, status, phase = told["order_id"], told["status"], told["phase"]
    if len(rows) > 1:
        verdict.blame("doubled", f"{number} is {len(rows)} orders")
    if not recorded:
        verdict.blame("lost", f"{number} ({status}) was never seen")
        return
    if not rows:
        if phase not in {"unpaid", "cancelled"}:
            verdict.blame("lost", f"{number} ({status}) is no order")
        return
    order = rows[0]
    if order.channel_status != status:
        verdict.blame("wrong", f"{number} is {status} in the books and {order.channel_status} in the hub")
    if phase != "cancelled" and (order.total, order.currency) != (Decimal(told["total"]), told["currency"]):
        verdict.blame("wrong", f"{number} costs {told['total']} {told['currency']} in the books and {order.total} {order.currency} in the hub")
    if phase == "shipped" and order.state != "shipped":
        verdict.blame("wrong", f"{number} is shipped in the books and {order.state} in the hub")
    lines = Counter(line.external_line_id for line in order.lines.all())
    for twice in (one for one, count in lines.items() if count > 1):
        verdict.blame("doubled", f"line {twice} of {number} is there {lines[twice]} times")
    _judge_lines(verdict, told, order)


def _judge_lines(verdict: Verdict, told: dict[str, Any], order: Order) -> None:
    number, phase = told["order_id"], told["phase"]
    by_number = {line.external_line_id: line for line in order.lines.all()}
    if set(by_number) - {item["order_item_id"] for item in told["items"]}:
        verdict.blame("wrong", f"{number} has lines that are not in the books")
    for item in told["items"]:
        line = by_number.get(item["order_item_id"])
        if line is None:
            verdict.blame("lines_missing", f"line {item['order_item_id']} of {number}")
            continue
        facts = (line.sku, line.quantity, line.unit_price, line.currency)
        if facts != (item["sku"], item["quantity"], Decimal(item["unit_price"]), told["currency"]):
            verdict.blame("wrong", f"line {item['order_item_id']} of {number} is {facts}")
        if phase == "cancelled" and line.state not in {"cancelled", "shipped"}:
            verdict.blame("wrong", f"line {item['order_item_id']} of cancelled {number} is {line.state}")
        shipped = sum(package["quantities"].get(item["order_item_id"], 0) for package in told["packages"])
        if phase != "cancelled" and shipped != line.quantity_shipped:
            verdict.blame("wrong", f"line {item['order_item_id']} of {number}: {shipped} shipped in the books, {line.quantity_shipped} in the hub")


def _judge_production(verdict: Verdict) -> None:
    """Each line that was printed went to print once."""
    printed = Counter(OrderEvent.objects.filter(kind="state", facts__after="printing").values_list("line_id", flat=True))
    for line_id, count in printed.items():
        if count > 1:
            verdict.blame("doubled", f"line {line_id} went to print {count} times")


def _judge_packages(verdict: Verdict, market: Marketplace, sold: dict[str, dict[str, Any]], writes: list[dict[str, Any]]) -> None:
    """Each package is one effect in the books, and no effect is without a package."""
    effects: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for entry in writes:
        if entry["kind"] == "confirm_shipment":
            effects[entry["order_id"], market.effect_key(entry["doc"])][entry["effect"]] += 1
    known = set()
    for package in Package.objects.select_related("order", "push"):
        key = (package.order.external_id, market.package_key(package))
        known.add(key)
        push = Push.objects.filter(package=package).first()
        seen = effects[key]
        if push is None:
            verdict.blame("forgotten", f"package {key} owes no push")
        elif push.delivery == Delivery.CONFIRMED:
            if seen["created"] != 1 or seen["corrected"]:
                verdict.blame("pushed_twice", f"package {key} has the effects {dict(seen)}")
        elif sold[key[0]]["phase"] != "cancelled" or seen["created"]:
            # A package that left before the buyer's cancellation was heard of is the one that a person has to deal with.
            verdict.blame("manual", f"the push of package {key} is {push.delivery}: {push.last_error}")
        outcomes = list(push.history.values_list("outcome", flat=True)) if push else []
        if "confirmed" in outcomes and outcomes.index("confirmed") != len(outcomes) - 1 and "accepted" in outcomes[outcomes.index("confirmed") :]:
            verdict.blame("wrong", f"package {key} was settled by a worker that had lost it: {outcomes}")
        if outcomes.count("confirmed") > 1 or outcomes.count("accepted") > 1:
            verdict.blame("wrong", f"package {key} was settled twice: {outcomes}")
        verdict.told_again += seen["repeated"]
    for key in set(effects) - known:
        verdict.blame("pushed_twice", f"package {key} is in the books and not in the hub")


def _judge_cancellations(verdict: Verdict, sold: dict[str, dict[str, Any]], writes: list[dict[str, Any]]) -> None:
    """What the plant cancelled is cancelled in the books, once."""
    told = Counter(entry["order_id"] for entry in writes if entry["kind"] == "order_cancelled")
    for number, count in told.items():
        if count > 1:
            verdict.blame("pushed_twice", f"{number} was cancelled {count} times")
    for push in Push.objects.filter(kind=Push.Kind.ORDER_CANCELLED).select_related("order"):
        number = push.order.external_id
        if push.delivery != Delivery.CONFIRMED:
            verdict.blame("manual", f"the cancellation of {number} is {push.delivery}: {push.last_error}")
        elif sold[number]["phase"] != "cancelled":
            verdict.blame("wrong", f"{number} is cancelled in the hub and {sold[number]['status']} in the books")


def _judge_purges(verdict: Verdict) -> None:
    """Buyer data is there in full, or gone with a record that says so."""
    recorded = set(PurgeRecord.objects.values_list("order_id", flat=True))
    for data in BuyerData.objects.select_related("order"):
        if (data.purged_at is not None) != (data.order_id in recorded) or (data.sealed is None) != (data.purged_at is not None):
            verdict.blame("wrong", f"the buyer data of {data.order} is purged by half")
    left = IntakeRecord.objects.filter(order__in=recorded, payload_sealed__isnull=False)
    for record in left:
        verdict.blame("wrong", f"{record} of a purged order still has its content")


def _judge_rows(verdict: Verdict, unreadable_allowed: frozenset[str]) -> None:
    """Nothing due is forgotten, nothing is leased by the dead, nobody has to do anything by hand."""
    moment = now()
    for record in IntakeRecord.objects.filter(verdict=IntakeRecord.Verdict.PENDING, not_before__lt=moment - FORGOTTEN_AFTER):
        verdict.blame("forgotten", f"intake record {record}")
    for record in IntakeRecord.objects.filter(verdict=IntakeRecord.Verdict.UNREADABLE).exclude(external_id__in=unreadable_allowed):
        verdict.blame("manual", f"intake record {record} cannot be read: {record.reason}")
    for model in (Push, PushBatch, Personalisation, Reconciliation):
        for row in model.due().filter(not_before__lt=moment - FORGOTTEN_AFTER):
            verdict.blame("forgotten", f"{row} is due and nobody works on it")
        for row in model.objects.filter(leased_until__lt=moment).exclude(lease=None):
            verdict.blame("forgotten", f"{row} is leased by somebody who is gone")
    for personal in Personalisation.objects.filter(delivery=Delivery.PARKED):
        verdict.blame("manual", f"{personal}: {personal.last_error}")
    for lost in Authorization.objects.filter(poll_leased_until__lt=moment).exclude(poll_lease=None):
        verdict.blame("forgotten", f"the poll of {lost} is leased by somebody who is gone")
    for refused in Authorization.objects.exclude(state=Authorization.State.ACTIVE):
        verdict.blame("manual", f"{refused} is {refused.state}: {refused.last_error}")
    for hold in Hold.objects.filter(released_at=None).exclude(order__channel_state="cancelled"):
        if hold.order.external_id not in unreadable_allowed:
            verdict.blame("manual", f"{hold}: {hold.reason}")


def _recoveries(faults_at: list[datetime], writes: list[dict[str, Any]]) -> list[float]:
    """Return, for each piece of work that was waiting when something died, the seconds until it was done.

    A piece of work is an order from payment to import, or a package from leaving to the marketplace's yes.
    """
    paid = {
        entry["order_id"]: datetime.fromtimestamp(entry["at"], UTC)
        for entry in writes
        if entry["kind"] in {"payment_cleared", "order_paid", "order_placed"}
    }
    spans = [(paid[order.external_id], order.imported_at) for order in Order.objects.all() if order.external_id in paid]
    spans += [(push.created_at, push.accepted_at) for push in Push.objects.all() if push.accepted_at]
    return [(end - fault).total_seconds() for fault in faults_at for start, end in spans if start <= fault < end]
