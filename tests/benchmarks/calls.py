"""(b) What a seller's quota buys: calls for each imported order, and how long a backlog takes beside what the bucket allows."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.test import override_settings
from django.utils.timezone import now
from redis import Redis

from orders.models import Order
from orders.services.polling import poll_next
from orders.services.take_in import authorizations_with_work, take_in
from pod_hub.core.pace import scaled_s
from pod_hub.core.tenancy import tenant
from stores.channels.amazon import rates
from stores.models import Authorization, Connection
from stores.sandbox.amazon import seed
from stores.sandbox.amazon.server import ImitationAmazon
from stores.sandbox.tiktok.server import ImitationTikTok
from tests.benchmarks.measure import Result
from tests.factories.cast import House, make_house
from tests.faults.scene import build_scene, poll_now
from tests.faults.tiktok import TikTok

TITLE = "Calls for each imported order, and a backlog beside its quota"
PAGE = 100
DETAILS, SPARE_CALLS = 50, 6  # of TikTok Shop
# The way of Orders v0, by its published plan (requests a second, burst): a list, and three calls for every order on it.
V0_EACH = {"getOrderItems": (0.5, 30), "getOrderAddress": (0.5, 30), "getOrderBuyerInfo": (0.5, 30)}
FACTOR = 240
BACKLOG_FACTOR = 20  # four hours in twelve minutes; faster, and the hub's own work would be what is measured


def run(result: Result, *, quick: bool) -> None:
    """Import a thousand orders and then ten thousand, each time by a seller nobody polled before."""
    few, many = (200, 2_500) if quick else (1_000, 10_000)
    calls, _seconds = _import(few, factor=FACTOR)
    each = sum(calls.values()) / few
    listed = -(-few // PAGE)
    naive = listed + few * len(V0_EACH)
    result.figure(f"calls for {few:,} orders, by the imitation's books", ", ".join(f"{name} {count}" for name, count in sorted(calls.items())))
    result.figure("calls for each order", f"{each:.4f}")
    result.figure(
        "the v0 way by its rate table: getOrders, then items, address and buyer of each order",
        f"{naive:,} calls, {naive / few:.2f} for each order, at least {max((few - burst) / rate for rate, burst in V0_EACH.values()):,.0f} s",
    )
    result.goal("at most 0.02 calls for each order in bulk", f"{each:.4f}", met=each <= 0.02)
    calls = _import_from_tiktok(few)
    each = sum(calls.values()) / few
    result.figure(f"TikTok Shop: calls for {few:,} orders", ", ".join(f"{name} {count}" for name, count in sorted(calls.items())))
    result.figure("TikTok Shop: calls for each order", f"{each:.4f}")
    # Lists of a hundred and details of fifty are three calls for a hundred orders; a poll's end and its search of cancellations come on top.
    allowed_each = (few / PAGE + few / DETAILS + SPARE_CALLS) / few
    result.goal("TikTok Shop: no more calls than its pages and fifties make", f"{each:.4f} of {allowed_each:.4f}", met=each <= allowed_each)
    calls, spent = _import(many, factor=BACKLOG_FACTOR)
    pages = calls["searchOrders"]
    plan = rates.SEARCH_ORDERS
    allowed = (pages - plan.burst) / plan.rate / BACKLOG_FACTOR
    refused = calls["searchOrders refused"]
    result.figure(f"a backlog of {many:,} orders: pages, refused calls", f"{pages}, {refused}")
    result.figure(f"its time at {BACKLOG_FACTOR} times the clock's speed, beside (pages - burst) / rate", f"{spent:.1f} s beside {allowed:.1f} s")
    result.figure("in a seller's time", f"{spent * BACKLOG_FACTOR / 3600:.2f} h beside {allowed * BACKLOG_FACTOR / 3600:.2f} h")
    result.goal("at most 1.05 times what the bucket allows", f"{spent / allowed:.3f}x", met=spent / allowed <= 1.05)
    result.remarks.append(
        f"The quota's refill is {BACKLOG_FACTOR} times as fast (TIME_FACTOR), so every second that the hub's own work costs weighs {BACKLOG_FACTOR} times as "
        "much here as at the real rate: the figure is an upper bound. One call in twenty of the burst is kept in reserve on purpose."
    )


def _import(count: int, *, factor: float) -> tuple[Counter[str], float]:
    """Let a fresh hub poll a seller with ``count`` orders; return the calls by operation and the seconds until the last order was in."""
    Redis.from_url(settings.REDIS_URL).flushdb()  # the same seller polls again in the next import, and its quota is full then as well
    placed = datetime.now(UTC) - timedelta(hours=3)
    with ExitStack() as opened:
        amazon = opened.enter_context(ImitationAmazon(at=placed, factor=factor))
        for number in range(count):
            if number % 50 == 0:
                amazon.clock.set(placed + timedelta(seconds=number / 50))
            amazon.place_order(sku="MUG-11OZ-WHITE")
        amazon.clock.follow_wall()
        opened.enter_context(override_settings(AMAZON_SANDBOX_URL=amazon.url, TIME_FACTOR=factor))
        house = _house(amazon)
        began = time.monotonic()
        _work(count)
        spent = time.monotonic() - began
        calls: Counter[str] = Counter()
        for entry in amazon.books.requests():
            if entry.seller_id in {"", seed.NORTH.seller_id} and entry.operation != "placeOrder":
                calls[entry.operation + (" refused" if entry.status == 429 else "")] += 1
    with tenant(house.psp.pk):
        found = Order.objects.count()
        Authorization.objects.update(state="revoked")
        Connection.objects.update(state="disabled")
    if found != count:
        raise RuntimeError(f"{found} of {count} orders arrived.")
    return calls, spent


def _import_from_tiktok(count: int) -> Counter[str]:
    """Let a fresh hub poll a TikTok Shop with ``count`` orders; return the calls by operation."""
    with ImitationTikTok(factor=FACTOR) as tiktok, override_settings(TIKTOK_SANDBOX_URL=tiktok.url, TIME_FACTOR=FACTOR):
        market = TikTok(tiktok.url)
        scene = build_scene(market, "CALLS", sellers=1, seed=1)
        market.place(seller_id=scene.sellers[0], items=[{"sku": "MUG", "quantity": 2}], count=count)
        time.sleep(scaled_s(150))  # the lag until lists show them
        poll_now(scene.psp_id)
        _work(count)
        calls = Counter(entry.operation for entry in tiktok.books.requests(limit=100_000) if entry.seller_id == scene.sellers[0])
        with tenant(scene.psp_id):
            found = Order.objects.count()
        scene.leave()
    if found != count:
        raise RuntimeError(f"{found} of {count} orders of TikTok Shop arrived.")
    return calls


def _house(amazon: ImitationAmazon) -> House:
    mark = f"{time.time_ns() % 10**9}"
    house = make_house(
        f"Calls{mark}", owner="Olga", worker="Willi", reader="Rosa", customer="Ada", seller=seed.NORTH.seller_id, refresh_token=amazon.refresh_token()
    )
    with tenant(house.psp.pk):
        Authorization.objects.update(next_poll_at=now())
    return house


def _work(count: int) -> None:
    """Do what beat and workers do, without their five seconds between two looks, which the clock's factor would blow up."""
    got = 0
    while got < count:
        busy = poll_next() is not None
        for authorization_id, psp_id in authorizations_with_work():
            taken = take_in(authorization_id=authorization_id, psp_id=psp_id)
            got += taken.imported if taken else 0
            busy = True
        if not busy:
            time.sleep(0.005)
