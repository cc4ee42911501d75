"""Cells that need no workers: the services themselves, in dying children and racing threads."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils.timezone import now

from orders.models import IntakeRecord, Order, OrderEvent
from orders.services.asking import ask_for
from orders.services.ledger import record_orders
from orders.services.polling import poll_next
from orders.services.reconciling import request_reconciliation
from orders.services.take_in import Desk, take_in
from orders.states import TRANSITIONS, LineState
from orders.tasks import purge, reconcile
from pod_hub.accounts.actors import HUB
from pod_hub.accounts.models import Psp
from pod_hub.core.crash_points import CRASHED, POINTS
from pod_hub.core.pace import scaled_s
from pod_hub.core.tenancy import tenant
from stores.channels.registry import channel_for
from stores.channels.types import RawOrder
from stores.models import Authorization, Store
from stores.services.authorizations import account_of
from stores.services.syncing import start_sync
from tests.faults import children
from tests.faults.designs import save_a_design
from tests.faults.marketplace import Marketplace
from tests.faults.oracle import Verdict, judge
from tests.faults.scene import Scene, build_scene, poll_now, work_once
from tests.races.together import raised, together

MOST_ROUNDS = 40
EACH_S = 0.5  # what an order's push and its read-back take one process, where others use the machine too


@dataclass(slots=True)
class Outcome:
    """What a cell did: its dose in words, the judge's verdict, and when things died."""

    dose: str
    verdict: Verdict
    notes: list[str] = field(default_factory=list)


def let_it_be_listed() -> None:
    """Wait for the marketplace's data lag of two minutes, and half a minute more."""
    time.sleep(scaled_s(150))


def past_the_overlap() -> None:
    """Wait longer than the five minutes by which polls overlap, so that a cursor moved too early shows."""
    time.sleep(scaled_s(480))


# Drawing and publishing need designs and days; their own tests let workers die at these.
ELSEWHERE = ("mockup.", "publish.", "stock.", "listing_push.")
REACHED = tuple(point for point in POINTS if not point.startswith(ELSEWHERE))


# --- F2 ---------------------------------------------------------------------------------------------------------------
def crash_at_every_point(market: Marketplace, *, seed: int, times: int, points: Sequence[str] = REACHED) -> Outcome:
    """F2: a worker dies at each named point, ``times`` times, and others go on."""
    chosen = [point for point in points if market.passes(point)]
    polls = [point for point in chosen if point.startswith("poll.")]
    scene = build_scene(market, "F2", sellers=max(3, len(polls) + 1), seed=seed)
    for seller in scene.sellers:
        scene.buy(2, seller=seller)
    past_the_overlap() if polls else let_it_be_listed()
    # Polls first, each of a seller that was never polled: what such a poll loses no overlap brings back.
    plans = [(point, 1) for point in polls]
    others = [(point, scene.chance.randint(1, 2) if turn else 1) for turn in range(times) for point in chosen if turn or point not in polls]
    scene.chance.shuffle(others)
    hits: Counter[str] = Counter()
    notes = []
    for number, (point, nth) in enumerate(plans + others):
        seller = scene.sellers[number % len(scene.sellers)]
        for turn in range(MOST_ROUNDS):
            _prepare(scene, point, seller, turn)
            code = children.run(partial(_a_workers_round, scene, point), f"{point}:{1 if turn > 4 else nth}")
            children.let_leases_run_out(scene.psp_id)
            if code not in {0, CRASHED}:
                notes.append(f"a worker ended with code {code} on its way to {point}")
            if code == CRASHED:
                hits[point] += 1
                break
            # A comparison leaves part of the quota to polls and has to wait for the rest of it.
            time.sleep(1.0 if point.startswith("reconcile.") else 0.1)
    left = scene.come_to_rest(within_s=120, work=lambda: _in_child(scene))
    # A worker that died between the marketplace's yes and writing it down reads back first, so nothing is ever told again.
    verdict = judge(scene)
    verdict.problems += [f"point {point} was not reached" for point in chosen if not hits[point]] + notes
    if left:
        verdict.blame("forgotten", left)
    scene.leave()
    return Outcome(f"{sum(hits.values())} crashes at {len(hits)} of {len(chosen)} points", verdict)


def _a_workers_round(scene: Scene, point: str = "") -> None:
    """Do what workers and people do, so that the point is on the way."""
    group = point.partition(".")[0]
    if group == "ask":
        ask_for(scene.chance.choice(scene.open), Psp.objects.get(pk=scene.psp_id))
    elif group == "reconcile":
        reconcile()
    elif group == "purge":
        purge()
    work_once()
    if group == "batch":
        scene.cancel_one()
    scene.produce(most=6)
    work_once()


def _in_child(scene: Scene) -> None:
    if scene.chance.random() < 0.2:
        poll_now(scene.psp_id)
    children.run(work_once)
    children.let_leases_run_out(scene.psp_id)


def _prepare(scene: Scene, point: str, seller: str, turn: int) -> None:
    """See to it that there is something to do at the point."""
    group = point.partition(".")[0]
    with tenant(scene.psp_id):
        _make_due(scene, group, seller)
    if point in {"poll.stopping", "poll.stopped"}:
        scene.market.fail(scene.market.LISTING_ORDERS, seller_id=seller)
    elif point in {"push.failing", "push.failed"}:
        scene.market.fail(scene.market.CONFIRMING)
    elif point == "reconcile.failing":
        scene.market.fail(scene.market.LISTING_ORDERS, seller_id=seller)
    elif point == "batch.failing":
        scene.market.fail("createFeedDocument")
    elif point == "batch.searched":
        scene.market.misbehave(scene.chance.choice(("feed_lost_after_success", "feed_lost_before_effect")), times=1)
    if group == "batch":
        scene.buy(1, seller=seller, plain=True)
    elif turn % 8 == 0 and group not in {"poll", "render"}:
        items = [{"sku": "MUG-NAME", "quantity": 1, "personalisation": "For Jördis"}] if group == "personalise" else [{"sku": "MUG", "quantity": 2}]
        scene.placed += len(scene.market.place(seller_id=seller, items=items))
    scene.meddle()


def _make_due(scene: Scene, group: str, seller: str) -> None:
    mine = Authorization.objects.filter(account_id=seller)
    if group != "reconcile":
        mine.update(next_poll_at=now())
    if group == "sync":
        start_sync(store_id=Store.objects.values_list("pk", flat=True).get(name=seller))
    elif group == "reconcile":
        request_reconciliation(authorization_id=mine.get().pk, actor=HUB)
    elif group == "render":
        save_a_design(scene.chance.randrange(10**9))
    elif group == "purge":
        kept = Order.objects.filter(state="shipped", buyer_data__purged_at=None).order_by("?")
        Order.objects.filter(pk__in=list(kept.values_list("pk", flat=True)[:1])).update(deliver_by=now() - timedelta(days=40))


# --- F5, the frozen worker --------------------------------------------------------------------------------------------
FREEZE_AT = ("push.leased", "push.answered", "push.read", "poll.answered", "poll.begun", "personalise.downloaded", "sync.answered")


def freeze_and_overtake(market: Marketplace, *, seed: int, times: int, points: Sequence[str] = FREEZE_AT) -> Outcome:
    """F5: a worker freezes holding a lease, another one overtakes it, and what the first does on waking changes nothing."""
    scene = build_scene(market, "F5Z", sellers=3, seed=seed)
    scene.buy(9)
    let_it_be_listed()
    frozen_times: Counter[str] = Counter()
    notes = []
    for _turn, point in itertools.product(range(times), points):
        seller = scene.chance.choice(scene.sellers)
        for turn in range(MOST_ROUNDS):
            _prepare(scene, point, seller, turn)
            frozen = children.run_until_frozen(lambda: _a_workers_round(scene), f"{point}:1:stop")
            if frozen is None:
                children.let_leases_run_out(scene.psp_id)
                time.sleep(0.2)
                continue
            frozen_times[point] += 1
            children.let_leases_run_out(scene.psp_id)
            for _other in range(3):  # the others go on until what it held is settled
                _in_child(scene)
                time.sleep(0.5)
            if code := children.thaw(frozen):
                notes.append(f"the worker that was frozen at {point} ended with code {code}")
            break
    left = scene.come_to_rest(within_s=90, work=lambda: _in_child(scene))
    verdict = judge(scene)
    verdict.problems += [f"nobody was frozen at {point}" for point in points if not frozen_times[point]] + notes
    if left:
        verdict.blame("forgotten", left)
    scene.leave()
    return Outcome(f"{sum(frozen_times.values())} frozen workers at {len(frozen_times)} points", verdict)


# --- F19 --------------------------------------------------------------------------------------------------------------
def meet_on_many_roads(market: Marketplace, *, seed: int, races: int, together_each: int = 5) -> Outcome:
    """F19: the same orders by a poll, asked for by number, and by a road without the batch lock, at one moment."""
    scene = build_scene(market, "F19", sellers=2, seed=seed)
    problems: list[str] = []
    raced = 0
    while raced < races:
        seller = scene.sellers[raced // together_each % 2]
        numbers = scene.buy(together_each, seller=seller, plain=True)
        let_it_be_listed()
        with tenant(scene.psp_id):
            authorization = Authorization.objects.get(account_id=seller)
            Authorization.objects.filter(pk=authorization.pk).update(next_poll_at=now())
            account = account_of(authorization)
        channel = channel_for(authorization.kind, account)
        told = [channel.fetch_order(number) for number in numbers]

        def by_poll() -> None:
            poll_next()
            take_in(authorization_id=authorization.pk, psp_id=scene.psp_id)  # noqa: B023 - run before the loop goes on

        def asked() -> None:
            with tenant(scene.psp_id):
                record_orders(authorization_id=authorization.pk, orders=told, road=IntakeRecord.Road.ASKED)  # noqa: B023
            take_in(authorization_id=authorization.pk, psp_id=scene.psp_id)  # noqa: B023

        def by_hand() -> None:
            with tenant(scene.psp_id):
                # Records of its own, locked before anything else as every road does; without the batch lock only the order number is common.
                # Their revision is one that no marketplace tells, and never later than the truth.
                copies = [RawOrder(one.external_id, one.revision and one.revision - timedelta(microseconds=1), one.payload) for one in told]  # noqa: B023
                record_orders(authorization_id=authorization.pk, orders=copies, road=IntakeRecord.Road.MANUAL)  # noqa: B023
                mine = IntakeRecord.objects.filter(authorization=authorization, road=IntakeRecord.Road.MANUAL)  # noqa: B023
                records = list(mine.filter(verdict=IntakeRecord.Verdict.PENDING).select_for_update().order_by("not_before", "id"))
                desk = Desk.for_authorization(authorization.pk)  # noqa: B023
                with transaction.atomic():
                    desk.take(records)

        problems += [f"a road ended with {type(error).__name__}: {error}" for error in raised(together(by_poll, asked, by_hand, asked))]
        raced += together_each
    left = scene.come_to_rest(within_s=60 + races * EACH_S, work=work_once)
    verdict = judge(scene)
    verdict.problems += problems
    if left:
        verdict.blame("forgotten", left)
    scene.leave()
    return Outcome(f"{raced} orders by 4 roads at once", verdict)


# --- F20 --------------------------------------------------------------------------------------------------------------
def cancel_while_shipping(market: Marketplace, *, seed: int, orders: int, together_each: int = 6) -> Outcome:
    """F20: the buyer cancels while the plant prints and ships, in every interleaving that threads find."""
    scene = build_scene(market, "F20", sellers=2, seed=seed)
    problems: list[str] = []
    done = 0
    while done < orders:
        numbers = scene.buy(together_each, plain=True, seller=scene.sellers[done // together_each % 2])
        let_it_be_listed()
        poll_now(scene.psp_id)
        work_once()
        done += together_each
        delays = [scene.chance.random() * 0.3 for _each in range(3)]

        def cancel(numbers: Sequence[str] = numbers, wait_s: float = delays[0]) -> None:
            time.sleep(wait_s)
            for number in numbers[::2]:
                market.cancel(number)
            let_it_be_listed()
            poll_now(scene.psp_id)
            work_once()

        def produce(wait_s: float = delays[1]) -> None:
            time.sleep(wait_s)
            for _turn in range(3):
                scene.produce()

        def tell(wait_s: float = delays[2]) -> None:
            time.sleep(wait_s)
            for _turn in range(8):
                work_once()
                time.sleep(0.3)

        problems += [f"{type(error).__name__}: {error}" for error in raised(together(cancel, produce, tell))]
    left = scene.come_to_rest(within_s=60 + orders * EACH_S, work=work_once)
    verdict = judge(scene)
    verdict.problems += problems + _illegal_moves(scene) + _told_after_cancel(scene)
    if left:
        verdict.blame("forgotten", left)
    scene.leave()
    return Outcome(f"{done} orders, every other one cancelled", verdict)


def _illegal_moves(scene: Scene) -> list[str]:
    with tenant(scene.psp_id):
        moves = OrderEvent.objects.filter(kind="state").values_list("facts__before", "facts__after")
        return [f"a line went from {a} to {b}" for a, b in moves if LineState(b) not in TRANSITIONS[LineState(a)]]


def _told_after_cancel(scene: Scene) -> list[str]:
    cancelled: set[str] = set()
    found = []
    for entry in scene.market.ledger()["writes"]:
        if entry["kind"] == "order_cancelled":
            cancelled.add(entry["order_id"])
        elif entry["kind"] == "confirm_shipment" and entry["order_id"] in cancelled:
            found.append(f"{entry['order_id']} was told as shipped after its cancellation")
    return found


Cell = Callable[..., Outcome]
