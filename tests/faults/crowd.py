"""Cells on the whole stack: web server, workers, beats, PostgreSQL, Valkey and the imitation, all real processes."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Sum
from django.utils.timezone import now

from orders.models import IntakeRecord, Reconciliation
from orders.services.ledger import record_orders
from orders.services.polling import OVERLAP_S
from orders.services.reconciling import request_reconciliation
from pod_hub.accounts.actors import HUB
from pod_hub.core.pace import scaled_s
from pod_hub.core.tenancy import tenant
from stores.channels.registry import channel_for
from stores.models import Authorization
from stores.services.authorizations import account_of
from tests.faults import processes
from tests.faults.alone import EACH_S, Outcome
from tests.faults.marketplace import Marketplace
from tests.faults.oracle import judge
from tests.faults.scene import Scene, build_scene

VERY_LATE_S = 600.0  # twice what polls look back
BEAT_S = 5.0  # how often beat says "look now"; the one duration that the time factor leaves alone
Fault = tuple[float, Callable[[], object]]


def play(scene: Scene, *, orders: int, seconds: float, faults: Sequence[Fault] = (), tick: Callable[[], object] | None = None) -> list[datetime]:
    """Let buyers buy and the plant produce for a while, with faults at their moments. Returns when each fault struck."""
    began, bought, struck = time.monotonic(), 0, []
    waiting = sorted(faults, key=lambda fault: fault[0])
    while (passed := time.monotonic() - began) < seconds or waiting or bought < orders:
        due = min(orders, int(orders * passed / (seconds * 0.85)) + 1)
        if bought < due:
            scene.buy(due - bought)
            bought = due
        if waiting and waiting[0][0] <= passed:
            struck.append(now())
            waiting.pop(0)[1]()
        if tick is not None:
            tick()
        scene.meddle()
        try:
            scene.produce()
        except (DatabaseError, InterfaceError):  # the server was killed; the plant tries again in a moment
            connection.close()
        time.sleep(0.1)
    for number in scene.unpaid[::2]:
        scene.market.pay(number)
    return struck


def moments_of(scene: Scene, count: int, seconds: float) -> list[float]:
    """Return ``count`` moments of a play, by the scene's dice."""
    return sorted(scene.chance.uniform(0.1, 0.9) * seconds for _each in range(count))


def end_of(scene: Scene, dose: str, struck: Sequence[datetime] = (), *, within_s: float = 150, **allowed: Any) -> Outcome:
    tick, produce = allowed.pop("tick", None), allowed.pop("produce", True)
    left = scene.come_to_rest(within_s=within_s, tick=tick, produce=produce)
    verdict = judge(scene, faults_at=struck, **allowed)
    if left:
        verdict.blame("forgotten", left)
    scene.leave()
    return Outcome(f"{scene.placed} orders of {len(scene.sellers)} stores, {dose}", verdict)


# --- F1 ---------------------------------------------------------------------------------------------------------------
def kill_workers(market: Marketplace, *, seed: int, orders: int, sellers: int, kills: int) -> Outcome:
    """F1: pool processes and their parents are killed at random, four children for one parent."""
    scene = build_scene(market, "F1", sellers=sellers, seed=seed, sync=True)
    seconds = max(12.0, kills * 1.5)

    def kill_one(*, parent: bool) -> None:
        name = scene.chance.choice(processes.WORKERS)
        if parent:
            processes.kill(name)
        elif pool := processes.pool_of(name):
            processes.send(scene.chance.choice(pool), signal.SIGKILL)

    faults = [(at, partial(kill_one, parent=number % 5 == 4)) for number, at in enumerate(moments_of(scene, kills, seconds))]
    struck = play(scene, orders=orders, seconds=seconds, faults=faults)
    return end_of(scene, f"{kills} kills", struck, within_s=150 + orders * EACH_S)


# --- F3 ---------------------------------------------------------------------------------------------------------------
def lose_the_broker(market: Marketplace, *, seed: int, orders: int, kills: int, flushes: int, hang_s: float) -> Outcome:
    """F3: Valkey is killed, emptied, frozen and full."""
    scene = build_scene(market, "F3", sellers=3, seed=seed)
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2)
    before = {name: processes.running(name) for name in processes.WORKERS}
    problems: list[str] = []

    def ask(*command: str) -> None:
        try:
            client.execute_command(*command)  # type: ignore[no-untyped-call]
        except redis.RedisError as error:
            problems.append(f"{command} was not possible: {error}")

    def hang() -> None:
        with processes.frozen(processes.running("valkey")):
            ends = time.monotonic() + hang_s
            while time.monotonic() < ends:
                scene.produce()  # what people do goes on without a broker
                scene.buy(1)
                time.sleep(0.3)

    seconds = max(16.0, 4.0 * (kills + flushes + 2))
    moments = moments_of(scene, kills + flushes, seconds * 0.7)
    scene.chance.shuffle(moments)
    faults: list[Fault] = [(at, lambda: processes.kill("valkey")) for at in moments[:kills]]
    faults += [(at, lambda: ask("FLUSHALL")) for at in moments[kills:]]
    faults += [(seconds * 0.75, hang)]
    faults += [(seconds * 0.85, lambda: ask("CONFIG", "SET", "maxmemory", "1")), (seconds * 0.95, lambda: ask("CONFIG", "SET", "maxmemory", "0"))]
    struck = play(scene, orders=orders, seconds=seconds, faults=faults)
    outcome = end_of(scene, f"{kills} kills, {flushes} flushes, {hang_s:g} s frozen, full once", struck)
    outcome.verdict.problems += [problem for problem in problems if "maxmemory" not in problem]
    again = [name for name, pids in before.items() if processes.running(name) != pids]
    outcome.notes += [f"{name} ended by itself and was started again" for name in again]
    return outcome


# --- F5 ---------------------------------------------------------------------------------------------------------------
def kill_schedulers(market: Marketplace, *, seed: int, orders: int, sellers: int, kills: int, freeze_s: float) -> Outcome:
    """F5: three beats at once, killed and frozen; a frozen worker too. No seller is polled twice at a time, and none is left out."""
    scene = build_scene(market, "F5", sellers=sellers, seed=seed)
    seconds = max(20.0, kills * 2.0, freeze_s + 12)

    def freeze_some() -> None:
        some = processes.running("beat")[:1] + processes.pool_of("worker-intake")[:1]
        with processes.frozen(some):
            time.sleep(freeze_s)

    faults: list[Fault] = [(at, lambda: processes.kill("beat")) for at in moments_of(scene, kills, seconds)]
    faults.append((seconds * 0.3, freeze_some))
    began = time.time()
    struck = play(scene, orders=orders, seconds=seconds, faults=faults)
    ended = time.time()
    requests = [entry for entry in market.ledger(requests=20_000)["requests"] if entry["operation"] == "searchOrders" and entry["at"] >= began]
    outcome = end_of(scene, f"{kills} beats killed, one beat and one worker frozen {freeze_s:g} s", struck)
    longest = 0.0
    for seller in scene.sellers:
        polls = [(entry["at"] - entry["seconds"], entry["at"]) for entry in requests if entry["seller_id"] == seller]
        for earlier, later in pairwise(polls):
            if later[0] < earlier[1]:
                outcome.verdict.problems.append(f"{seller} was polled twice at once")
        times = [began, *(end for _start, end in polls), ended]
        longest = max(longest, *(later - earlier for earlier, later in pairwise(times)))
    # Twice the interval, which on a shortened clock is beat's own five seconds, and whatever was frozen with the lease of a poll.
    bound = 2 * max(BEAT_S, settings.POLL_INTERVAL_S / settings.TIME_FACTOR) + freeze_s + 40
    if longest > bound:
        outcome.verdict.problems.append(f"a seller was not polled for {longest:.1f} s")
    outcome.notes.append(f"longest time between two polls of a store {longest:.1f} s")
    return outcome


# --- F6 ---------------------------------------------------------------------------------------------------------------
def lose_answers(market: Marketplace, *, seed: int, orders: int) -> Outcome:
    """F6: the answer to a confirmation is lost, after it took effect or before it arrived."""
    scene = build_scene(market, "F6", sellers=3, seed=seed)
    losses = orders // 2
    market.misbehave("confirm_lost_after_success", times=losses)
    before = {entry["request_id"] for entry in market.ledger(requests=20_000)["requests"]}
    seconds = max(10.0, orders / 6)
    play(scene, orders=orders, seconds=seconds, faults=[(seconds / 2, lambda: market.misbehave("confirm_lost_before_effect", times=losses))])
    ended = scene.come_to_rest(within_s=90 + orders * EACH_S)
    market.behave()
    calls = [
        entry for entry in market.ledger(requests=20_000)["requests"] if entry["request_id"] not in before and entry["seller_id"] in scene.sellers
    ]
    outcome = end_of(scene, f"{2 * losses} answers to lose")
    if ended:
        outcome.notes.append(ended)
    lost = sum(entry["operation"] == market.CONFIRMING and entry["status"] == 0 for entry in calls)
    told = sum(entry["operation"] == market.CONFIRMING for entry in calls)
    read = sum(entry["operation"] == market.READING_ORDER for entry in calls)
    packages = sum(
        entry["kind"] == "confirm_shipment" and entry["effect"] == "created"
        for entry in market.ledger()["writes"]
        if entry["seller_id"] in scene.sellers
    )
    extra = told + read - market.CALLS_FOR_A_PACKAGE * packages
    if extra > 2 * lost:
        outcome.verdict.problems.append(f"{lost} lost answers cost {extra} extra calls")
    outcome.notes.append(f"{lost} answers lost of {told} calls for {packages} packages; {read} read-backs")
    return outcome


# --- F8 ---------------------------------------------------------------------------------------------------------------
def cut_buckets(market: Marketplace, *, seed: int, orders: int, seconds: float) -> Outcome:
    """F8: in the middle of the run every bucket keeps a quarter of its plan."""
    scene = build_scene(market, "F8", sellers=3, seed=seed)
    cut_at: list[float] = []

    def cut() -> None:
        market.misbehave("buckets_cut", share=0.25)
        cut_at.append(time.time())

    play(scene, orders=orders, seconds=seconds, faults=[(seconds / 3, cut)])
    calls = [entry for entry in market.ledger(requests=20_000)["requests"] if entry["seller_id"] in scene.sellers]
    settled = [entry for entry in calls if entry["at"] > cut_at[0] + 60 / settings.TIME_FACTOR]
    refused = sum(entry["status"] == 429 for entry in settled)
    market.behave()
    outcome = end_of(scene, "buckets cut to 25 %")
    if refused > max(1, 0.01 * len(settled)):
        outcome.verdict.problems.append(f"{refused} of {len(settled)} calls were throttled a minute after the cut")
    span = time.time() - cut_at[0]
    polls = sum(entry["operation"] == "searchOrders" for entry in settled)
    granted = 0.0056 * 0.25 * settings.TIME_FACTOR * len(scene.sellers) * max(span, 1)
    outcome.notes.append(f"{refused} of {len(settled)} calls throttled after the first minute; {polls} polls, refill {granted:.1f}")
    return outcome


# --- F12 --------------------------------------------------------------------------------------------------------------
HOSTILE = (
    "Nul\x00 Byte",
    "\u202eright to left\u202c",
    "👩‍👩‍👧‍👦 Familie 🖨️",
    "x" * 20_000,
    "Robert'); DROP TABLE orders_order;--",
    "<script>alert(1)</script>",
    "a\u0301\u0327\ufeff\u200b",
    "\ud83d",
)


def poison(market: Marketplace, *, seed: int, orders: int) -> Outcome:
    """F12: orders without readable lines and with hostile texts; the rest is unaffected, and asking again heals all."""
    scene = build_scene(market, "F12", sellers=2, seed=seed)
    sick = scene.buy(1, plain=True, seller=scene.sellers[0])[0]
    market.misbehave("malformed_order", times=None, order_id=sick)
    strange = scene.buy(1, plain=True, seller=scene.sellers[0])[0]
    market.misbehave("unknown_status", times=None, order_id=strange)
    for name in HOSTILE:
        try:
            scene.placed += len(market.place(seller_id=scene.sellers[1], items=[{"sku": "MUG", "quantity": 1}], buyer_name=name))
        except (UnicodeEncodeError, ValueError):
            continue  # half a surrogate cannot be sent as UTF-8 by this client either
    play(scene, orders=orders, seconds=max(10.0, orders / 10))
    notes = []
    ends = time.monotonic() + 60
    shown: dict[str, str] = {}
    while time.monotonic() < ends and len(shown) < 2:
        with tenant(scene.psp_id):
            found = IntakeRecord.objects.filter(external_id__in=[sick, strange]).exclude(verdict=IntakeRecord.Verdict.PENDING)
            shown = dict(found.values_list("external_id", "verdict"))
        scene.produce()
        time.sleep(0.3)
    notes.append(f"poison ended as {shown.get(sick, 'not shown')}, unknown status as {shown.get(strange, 'not shown')}")
    market.behave()
    _ask_again(scene, [sick, strange])
    outcome = end_of(scene, f"2 sick orders, {len(HOSTILE)} hostile texts")
    outcome.notes += notes
    return outcome


def _ask_again(scene: Scene, numbers: Sequence[str]) -> None:
    """Ask the marketplace for orders by number, as a person does who was told that they could not be read."""
    with tenant(scene.psp_id):
        authorization = Authorization.objects.get(account_id=scene.sellers[0])
        account = account_of(authorization)
    channel = channel_for(authorization.kind, account)
    told = [channel.fetch_order(number) for number in numbers]
    with tenant(scene.psp_id):
        record_orders(authorization_id=authorization.pk, orders=told, road=IntakeRecord.Road.ASKED)


# --- F13 --------------------------------------------------------------------------------------------------------------
def skew_clocks(market: Marketplace, *, seed: int, orders: int) -> Outcome:
    """F13: the marketplace's clock is five minutes behind, five ahead, and then steps back a minute of the hub's pace."""
    scene = build_scene(market, "F13", sellers=3, seed=seed)
    offset = timedelta(0)

    def keep_time() -> None:
        market.clock(at=(datetime.now(UTC) + offset).isoformat())

    try:
        # Upwards first: what a clock that steps back by minutes has stamped comes to light only minutes later.
        for seconds in (-300.0, 300.0, 300 - scaled_s(60)):
            offset = timedelta(seconds=seconds)
            keep_time()
            play(scene, orders=orders // 3, seconds=8, tick=keep_time)
        with tenant(scene.psp_id):
            late = datetime.now(UTC) + offset
            ahead = [row for row in Authorization.objects.all() if row.orders_cursor and row.orders_cursor > late]
        outcome = end_of(scene, "clock -5 min, +5 min, back a minute at the hub's pace", tick=keep_time)
    finally:
        market.clock(follow_wall=True)
    outcome.verdict.problems += [f"the cursor of {row} is in the marketplace's future" for row in ahead]
    return outcome


# --- F14 --------------------------------------------------------------------------------------------------------------
def shift_pages(market: Marketplace, *, seed: int, rounds: int, page_orders: int = 230) -> Outcome:
    """F14: pages repeat, shift, fail and come late while a long list is read; an order appears in lists after its time."""
    scene = build_scene(market, "F14", sellers=max(2, rounds), seed=seed)
    for number in range(rounds):
        seller = scene.sellers[number]
        with tenant(scene.psp_id):
            Authorization.objects.filter(account_id=seller).update(next_poll_at=now() + timedelta(hours=1))
        scene.placed += len(market.place(seller_id=seller, items=[{"sku": "MUG", "quantity": 1}], count=page_orders))
        market.misbehave("order_appears_late", times=1, seller_id=seller, seconds=240.0)
        scene.buy(1, seller=seller, plain=True)
    time.sleep(3)
    for number in range(rounds):
        name = ("pages_shift", "page_repeats", "second_page_fails", "http_500")[number % 4]
        market.misbehave(name, times=2, seller_id=scene.sellers[number], operation="searchOrders")
        with tenant(scene.psp_id):
            Authorization.objects.filter(account_id=scene.sellers[number]).update(next_poll_at=now())
        ends = time.monotonic() + 20
        while time.monotonic() < ends and any(one["name"] == name for one in market.ask("GET", "/scenarios")["running"]):
            time.sleep(0.3)
        market.behave(name)
    very_late = _bring_very_late(scene, rounds)
    outcome = end_of(scene, f"{rounds} long lists", produce=False)  # lists are at stake here, not the plant
    with tenant(scene.psp_id):
        roads = set(IntakeRecord.objects.filter(external_id__in=very_late).values_list("road", flat=True))
        repaired = Reconciliation.objects.aggregate(found=Sum("missing"))["found"]
    if roads != {IntakeRecord.Road.RECONCILIATION} or repaired != len(very_late):
        outcome.verdict.problems.append(f"{len(very_late)} orders came too late for polls, {repaired} were found by comparing, by the roads {roads}")
    outcome.notes.append(f"{len(very_late)} orders entered lists ten minutes late, beyond the overlap: {repaired} found by reconciliation")
    return outcome


def _bring_very_late(scene: Scene, rounds: int) -> list[str]:
    """Place orders that enter lists later than polls look back; only comparing can find them, and then is asked to. Returns their numbers."""
    numbers = []
    for seller in scene.sellers[:rounds]:
        scene.market.misbehave("order_appears_late", times=1, seller_id=seller, seconds=VERY_LATE_S)
        numbers += scene.buy(1, seller=seller, plain=True)
    placed = now()
    ends = time.monotonic() + 90
    while time.monotonic() < ends:  # until every poll's cursor is past them by more than the overlap, and the lists show them
        time.sleep(0.5)
        with tenant(scene.psp_id):
            sellers = Authorization.objects.filter(account_id__in=scene.sellers[:rounds])
            passed = placed + timedelta(seconds=(VERY_LATE_S + OVERLAP_S) / settings.TIME_FACTOR)
            if sellers.filter(orders_cursor__gt=passed).count() == rounds:
                break
    with tenant(scene.psp_id):
        for authorization_id in Authorization.objects.filter(account_id__in=scene.sellers[:rounds]).values_list("pk", flat=True):
            request_reconciliation(authorization_id=authorization_id, actor=HUB)
    return numbers
