"""Shipping and cancelling the same order at the same moment (F20): whoever comes first wins, and the marketplace is told one of the two."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.test import override_settings
from redis import Redis

from fulfillment.models import Push
from fulfillment.services.batching import batch_next
from fulfillment.services.cancelling import CannotCancel, cancel_lines
from fulfillment.services.pushing import push_next
from fulfillment.services.shipping import CannotShip, Parcel, ship
from orders.models import Order, OrderLine
from orders.services.mapping import map_listing
from orders.services.polling import poll_next
from orders.services.take_in import take_in
from orders.states import LineState
from pod_hub.accounts.actors import HUB
from pod_hub.core.tenancy import tenant
from stores.channels.telling_types import CancelReason
from stores.models import Authorization
from stores.sandbox.amazon.server import ImitationAmazon
from tests.factories.cast import House, northprint

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 200
SEED = 20261120
FACTOR = 2000.0


@pytest.fixture
def amazon() -> Iterator[ImitationAmazon]:
    Redis.from_url(settings.REDIS_URL).flushdb()
    caches["default"].clear()
    client_id = f"amzn1.application-oa2-client.{uuid.uuid4().hex}"
    with ImitationAmazon(factor=FACTOR) as running:
        running.world.application.client_id = client_id
        with override_settings(AMAZON_SANDBOX_URL=running.url, AMAZON_CLIENT_ID=client_id, TIME_FACTOR=FACTOR):
            yield running


def printed_orders(amazon: ImitationAmazon, house: House, count: int) -> list[tuple[int, int]]:
    """Buy, poll and take in; return (order, line) ids, all packed."""
    for _number in range(count):
        amazon.place_order(sku="MUG-11OZ-WHITE")
    time.sleep(0.2)
    with tenant(house.psp.pk):
        map_listing(listing_id=house.listing.pk, customer_product_id=house.mug.pk, design_id=house.design.pk, actor=HUB)
        Authorization.objects.update(next_poll_at=datetime.now(UTC) - timedelta(seconds=1))
    assert poll_next() is not None
    authorization_id = house.connection.authorization_id
    assert authorization_id is not None
    while (taken := take_in(authorization_id=authorization_id, psp_id=house.psp.pk)) is None or taken.records:
        pass
    with tenant(house.psp.pk):
        OrderLine.objects.update(state=LineState.PACKING)
        Order.objects.update(state="packing")
        pairs = list(OrderLine.objects.order_by("pk").values_list("order_id", "pk"))
    assert len(pairs) == count
    return pairs


class Pair:
    """Two threads that stay, each with a database connection of its own: making both anew for every round took most of the time."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(2)
        self._ready = threading.Barrier(2)

    def run_both(self, first: Callable[[], None], second: Callable[[], None], *, pause_s: float) -> None:
        """Run two calls at once, the second a moment after or before the first."""

        def run(call: Callable[[], None], wait_s: float) -> None:
            self._ready.wait(5)
            time.sleep(max(0.0, wait_s))
            call()

        for future in [self._pool.submit(run, first, -pause_s), self._pool.submit(run, second, pause_s)]:
            future.result(30)

    def close(self) -> None:
        """Close the connections in the threads that have them."""

        def leave() -> None:
            self._ready.wait(5)  # so that each thread gets one of the two
            connection.close()

        for future in [self._pool.submit(leave), self._pool.submit(leave)]:
            future.result(30)
        self._pool.shutdown()


@pytest.fixture
def pair() -> Iterator[Pair]:
    both = Pair()
    yield both
    both.close()


@pytest.mark.slow
def test_a_line_is_shipped_or_cancelled_and_amazon_is_told_just_that(amazon: ImitationAmazon, pair: Pair) -> None:
    house = northprint(amazon.refresh_token())
    pairs = printed_orders(amazon, house, ROUNDS)
    dice = random.Random(SEED)  # noqa: S311 - a seed that replays
    for number, (order_id, line_id) in enumerate(pairs):

        def leave(order_id: int = order_id, line_id: int = line_id, number: int = number) -> None:
            try:
                with tenant(house.psp.pk):
                    ship(order_id=order_id, parcels=[Parcel("DHL", f"0034043416{number:010d}", {line_id: 1})], actor=HUB)
            except CannotShip:
                pass

        def give_up(order_id: int = order_id) -> None:
            try:
                with tenant(house.psp.pk):
                    cancel_lines(order_id=order_id, reason=CancelReason.BUYER_CANCELLED, actor=HUB, confirm_printed=True)
            except CannotCancel:
                pass

        pair.run_both(leave, give_up, pause_s=dice.uniform(-0.004, 0.004))

    def done() -> bool:
        with tenant(house.psp.pk):
            return not Push.objects.exclude(delivery="confirmed").exists()

    ends = time.monotonic() + 300  # a bound for a stuck push, not for a busy machine
    while not done() and time.monotonic() < ends:
        if not push_next() + batch_next():
            time.sleep(0.02)

    with tenant(house.psp.pk):
        told: dict[int, list[str]] = {}
        for order_id, kind in Push.objects.order_by("pk").values_list("order_id", "kind"):
            told.setdefault(order_id, []).append(kind)
        states = dict(OrderLine.objects.values_list("order_id", "state"))
        numbers = dict(Order.objects.values_list("pk", "external_id"))
        unfinished = list(Push.objects.exclude(delivery="confirmed").values_list("kind", "delivery", "last_error"))
    assert unfinished == []
    outcomes = set()
    for order_id, _line_id in pairs:
        expected = {"shipped": ["package_shipped"], "cancelled": ["order_cancelled"]}[states[order_id]]
        assert told[order_id] == expected, f"seed {SEED}"
        writes = [entry.kind for entry in amazon.books.writes(order_id=numbers[order_id]) if entry.kind != "order_placed"]
        assert writes == [{"shipped": "confirm_shipment", "cancelled": "order_cancelled"}[states[order_id]]], f"seed {SEED}"
        outcomes.add(states[order_id])
    assert outcomes == {"shipped", "cancelled"}, "the dice never let one of the two win"
