"""F9: one seller whose marketplace answers nothing, among others who must not notice."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from django.conf import settings
from django.utils.timezone import now

from orders.models import Order
from pod_hub.celery import POLL_TICK_S
from pod_hub.core.tenancy import tenant
from stores.models import Authorization
from tests.faults.alone import Outcome
from tests.faults.crowd import end_of, play
from tests.faults.marketplace import Marketplace
from tests.faults.scene import Scene, build_scene

NOISE_S = 0.5  # what a busy machine may cost a process on its way


def one_dead_seller(market: Marketplace, *, seed: int, orders: int, sellers: int, minutes: int) -> Outcome:
    """F9: one seller answers every call with 500; it comes to rest, is asked once a minute and comes back by itself; the others notice nothing.

    Minutes are the hub's: the cell runs at a slower pace than the others, so that a tick of a second is few of the hub's seconds.
    """
    scene = build_scene(market, "F9", sellers=sellers, seed=seed)
    dead, others = scene.sellers[0], scene.sellers[1:]
    minute_s = 60 / settings.TIME_FACTOR
    play(scene, orders=orders // 2, seconds=minutes * minute_s)
    turning = now()
    market.misbehave("http_500", times=None, seller_id=dead)
    # Two minutes may pass until its next poll, and one and a half until it rests.
    play(scene, orders=orders // 2, seconds=(minutes + 4) * minute_s)
    rests_since = _resting_since(scene, dead)
    healed = now()
    market.behave()
    while _resting_since(scene, dead) and now() - healed < timedelta(seconds=3 * minute_s):
        time.sleep(0.02)
    closed_s = (now() - healed).total_seconds()
    problems, notes = _breaker(market, dead, turning=turning, rests_since=rests_since, healed=healed)
    if closed_s > minute_s + POLL_TICK_S + NOISE_S:  # a probe may just have failed; the next one is found by the next tick
        problems.append(f"the breaker closed {closed_s / minute_s * 60:.0f} s after the seller had healed")
    outcome = end_of(scene, f"one dead for {minutes + 4} minutes", within_s=200)
    before, beside = _gaps(market, others, upto=turning), _gaps(market, others, after=turning, upto=healed)
    growth = _p95(beside) / _p95(before)
    if growth > 1.10:
        problems.append(f"the others were polled every {_p95(beside):.1f} s (p95) in place of every {_p95(before):.1f} s")
    lags = _lags(scene, others)
    well, ill = [lag for at, lag in lags if at < turning], [lag for at, lag in lags if turning <= at < healed]
    outcome.verdict.problems += problems
    outcome.notes += notes
    outcome.notes.append(f"it closed {closed_s / minute_s * 60:.0f} s of the hub's after healing ({closed_s:.1f} s real)")
    outcome.notes.append(
        f"others: p95 between two polls {_p95(before):.2f} s, then {_p95(beside):.2f} s ({growth:.2f}x); "
        f"orders' lag p50 {statistics.median(well):.1f} s, then {statistics.median(ill):.1f} s"
    )
    return outcome


def _breaker(market: Marketplace, dead: str, *, turning: datetime, rests_since: datetime | None, healed: datetime) -> tuple[list[str], list[str]]:
    """Return what is wrong with how often the dead seller was asked, and the figures."""
    if rests_since is None:
        return ["the breaker never opened"], []
    minute_s = 60 / settings.TIME_FACTOR
    entries = [entry for entry in market.ledger(requests=20_000)["requests"] if entry["seller_id"] == dead]
    # The books name the end of a request, and how long it took.
    asked = sorted(entry["at"] - entry["seconds"] for entry in entries if entry["status"] >= 500 and turning.timestamp() <= entry["at"])
    opening = [at for at in asked if at < rests_since.timestamp() + minute_s / 2]
    probes = [at for at in asked if rests_since.timestamp() + minute_s / 2 <= at < healed.timestamp()]
    gaps = [later - earlier for earlier, later in pairwise([opening[-1], *probes])]
    problems = []
    if len(opening) > 5:
        problems.append(f"the breaker opened after {len(opening)} failures")
    if not probes:
        problems.append("nobody asked whether the dead seller was back")
    if any(gap < minute_s - NOISE_S / 2 for gap in gaps) or len(probes) > (healed - rests_since).total_seconds() / minute_s + 1:
        problems.append(f"the dead seller was asked after {', '.join(f'{gap / minute_s * 60:.0f}' for gap in gaps)} s")
    about = ", ".join(f"{gap / minute_s * 60:.0f}" for gap in gaps)
    return problems, [f"it opened after {len(opening)} failures; {len(probes)} probes, {about} s of the hub's apart"]


def _resting_since(scene: Scene, seller: str) -> datetime | None:
    with tenant(scene.psp_id):
        return Authorization.objects.get(account_id=seller).resting_since


def _gaps(market: Marketplace, sellers: Sequence[str], *, after: datetime | None = None, upto: datetime) -> list[float]:
    """Return the seconds between two polls of one seller, for all of them."""
    entries = [entry for entry in market.ledger(requests=20_000)["requests"] if entry["operation"] == "searchOrders"]
    since = after.timestamp() if after else 0.0
    found = []
    for seller in sellers:
        polls = [entry["at"] - entry["seconds"] for entry in entries if entry["seller_id"] == seller and since <= entry["at"] < upto.timestamp()]
        found += [later - earlier for earlier, later in pairwise(polls)]
    return found


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))] if values else float("nan")


def _lags(scene: Scene, sellers: Sequence[str]) -> list[tuple[datetime, float]]:
    placed = {
        entry["order_id"]: datetime.fromtimestamp(entry["at"], UTC)
        for entry in scene.market.ledger()["writes"]
        if entry["kind"] == "order_placed" and entry["seller_id"] in sellers and entry["order_id"] in set(scene.open)
    }
    with tenant(scene.psp_id):
        rows = Order.objects.filter(external_id__in=list(placed)).values_list("external_id", "imported_at")
        return [(placed[number], (at - placed[number]).total_seconds()) for number, at in rows]
