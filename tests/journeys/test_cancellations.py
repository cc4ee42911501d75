"""Cancelling, from the buyer's wish to Amazon's own books (fulfillment/services/cancelling.py and batching.py)."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import pytest
from django.conf import settings
from django.core.cache import caches
from redis import Redis

from fulfillment.models import Push, PushAttempt, PushBatch
from fulfillment.services.batching import batch_next
from fulfillment.services.cancelling import CannotCancel, PrintedAlready, cancel_lines
from fulfillment.services.pushing import try_again
from fulfillment.services.shipping import CannotShip
from fulfillment.services.wishes import decline_cancellation
from orders.models import Order
from orders.services.production import HeldBack, release_order
from pod_hub.accounts.actors import HUB
from pod_hub.core.tenancy import tenant
from stores.channels.amazon.adapter import AmazonChannel
from stores.channels.telling_types import CancelReason
from stores.models import Connection
from stores.sandbox.amazon import buying
from stores.sandbox.amazon.records import PlacedOrder
from tests.journeys.stage import Stage, stage

pytestmark = pytest.mark.django_db
TRACKING = "00340434161094000001"


@pytest.fixture
def on(db: None) -> Iterator[Stage]:
    Redis.from_url(settings.REDIS_URL).flushdb()
    caches["default"].clear()
    with stage() as ready:
        ready.map_mug()
        yield ready


def cancel(on: Stage, order: Order, reason: CancelReason = CancelReason.BUYER_CANCELLED, **options: bool | list[int]) -> Push | None:
    with tenant(on.house.psp.pk):
        return cancel_lines(order_id=order.pk, reason=reason, actor=HUB, **options)  # type: ignore[arg-type]


def wish(on: Stage, placed: PlacedOrder) -> None:
    buying.request_cancellation(on.amazon.world, placed.order_id, reason="ORDERED_BY_MISTAKE")
    on.later(minutes=3)
    on.poll_now()


def run_through(on: Stage, minutes: int = 6) -> None:
    on.work()
    for _look in range(minutes):
        on.later(minutes=1)
        on.work()


def cancelled_in_the_books(on: Stage, placed: PlacedOrder) -> list[str]:
    return [entry.doc["status"] for entry in on.amazon.books.writes(kind="order_cancelled", order_id=placed.order_id)]


def feeds_in_the_books(on: Stage) -> int:
    return len(on.amazon.books.writes(kind="create_feed"))


def test_a_wish_to_cancel_holds_the_line_and_cancelling_reaches_amazon_and_is_read_back(on: Stage) -> None:
    placed = on.buy()
    wish(on, placed)
    order = on.order(placed)
    with tenant(on.house.psp.pk):
        assert "ORDERED_BY_MISTAKE" in order.holds.get(kind="cancel_request", released_at=None).reason
        with pytest.raises(HeldBack):
            release_order(order_id=order.pk, actor=HUB)
    push = cancel(on, order)
    assert push is not None and (push.kind, push.delivery, push.package_id) == ("order_cancelled", "pending", None)
    run_through(on)
    seen = on.amazon.books.order(placed.order_id)
    assert seen is not None and seen.status == "CANCELLED"
    assert seen.items[0].cancelled_reason == "BuyerCanceled"
    (push,) = on.pushes(order)
    assert (push.delivery, push.read_back) == ("confirmed", {"cancelled": push.line_numbers})
    assert on.order(placed).state == "cancelled" and on.order(placed).open_holds == 0
    with tenant(on.house.psp.pk):
        assert list(PushAttempt.objects.filter(push=push).values_list("step", "outcome")) == [
            ("send", "submitted"),
            ("send", "accepted"),
            ("read_back", "confirmed"),
        ]
    assert feeds_in_the_books(on) == 1


def test_a_declined_wish_lets_the_order_go_on_and_nothing_is_cancelled(on: Stage) -> None:
    placed = on.buy()
    wish(on, placed)
    order = on.order(placed)
    with tenant(on.house.psp.pk):
        assert decline_cancellation(order_id=order.pk, actor=HUB) == 1
    on.produce(order)
    on.ship(order, (TRACKING, 1))
    run_through(on)
    seen = on.amazon.books.order(placed.order_id)
    assert seen is not None and seen.status == "SHIPPED"
    assert cancelled_in_the_books(on, placed) == []
    on.poll_now()
    with tenant(on.house.psp.pk):
        assert not order.holds.filter(released_at=None).exists()


def test_one_line_is_cancelled_and_the_other_ships(on: Stage) -> None:
    placed = on.buy(items=[{"sku": "MUG-11OZ-WHITE"}, {"sku": "MUG-11OZ-WHITE"}])
    order = on.order(placed)
    with tenant(on.house.psp.pk):
        _first, second = order.lines.order_by("pk")
    cancel(on, order, CancelReason.NO_STOCK, line_ids=[second.pk])
    run_through(on)
    on.produce(order)
    on.ship(order, (TRACKING, 1))
    run_through(on)
    seen = on.amazon.books.order(placed.order_id)
    assert seen is not None and seen.status == "SHIPPED"
    assert [item.cancelled_reason for item in seen.items] == ["", "NoInventory"]
    assert [push.delivery for push in on.pushes(order)] == ["confirmed", "confirmed"]


def test_cancellations_of_one_seller_travel_in_one_feed_and_later_ones_in_the_next(on: Stage) -> None:
    placed = [on.buy() for _number in range(3)]
    for one in placed[:2]:
        cancel(on, on.order(one))
    on.work()
    cancel(on, on.order(placed[2]))
    on.work()
    assert feeds_in_the_books(on) == 1
    run_through(on, 10)
    assert feeds_in_the_books(on) == 2
    assert [cancelled_in_the_books(on, one) for one in placed] == [["CANCELLED"]] * 3


def test_printed_lines_ask_first(on: Stage) -> None:
    placed = on.buy()
    order = on.order(placed)
    on.produce(order)
    with pytest.raises(PrintedAlready, match="printing has begun") as asked:
        cancel(on, order)
    assert [line.order_id for line in asked.value.lines] == [order.pk]
    assert on.pushes(order) == []
    assert cancel(on, order, confirm_printed=True) is not None


def test_what_has_left_cannot_be_cancelled_and_what_is_cancelled_cannot_leave(on: Stage) -> None:
    shipped, cancelled = on.order(on.buy()), on.order(on.buy())
    on.produce(shipped)
    on.ship(shipped, (TRACKING, 1))
    with pytest.raises(CannotCancel, match="open any more"):
        cancel(on, shipped)
    with tenant(on.house.psp.pk):
        line_id = shipped.lines.get().pk
    with pytest.raises(CannotCancel, match="has left already"):
        cancel(on, shipped, line_ids=[line_id])
    on.produce(cancelled)
    cancel(on, cancelled, confirm_printed=True)
    with pytest.raises(CannotShip):
        on.ship(cancelled, (TRACKING, 1))
    assert [push.kind for push in on.pushes(shipped)] == ["package_shipped"]
    assert [push.kind for push in on.pushes(cancelled)] == ["order_cancelled"]


def test_cancelling_twice_tells_amazon_once(on: Stage) -> None:
    placed = on.buy()
    order = on.order(placed)
    assert cancel(on, order) is not None
    assert cancel(on, order) is None
    run_through(on)
    assert cancelled_in_the_books(on, placed) == ["CANCELLED"]


def test_an_unknown_line_changes_nothing(on: Stage) -> None:
    order = on.order(on.buy())
    with pytest.raises(CannotCancel, match="not part of this order"):
        cancel(on, order, line_ids=[10**9])
    with tenant(on.house.psp.pk):
        assert Order.objects.get(pk=order.pk).state == "received"


def test_a_lost_answer_to_create_feed_is_searched_for_and_no_second_feed_is_made(on: Stage) -> None:
    placed = on.buy()
    order = on.order(placed)
    on.amazon.scenario("feed_lost_after_success", times=1)
    cancel(on, order)
    on.work()
    with tenant(on.house.psp.pk):
        batch = PushBatch.objects.get()
        assert (batch.in_doubt, batch.channel_id, batch.delivery) == (True, "", "pending")
    run_through(on, 10)
    assert feeds_in_the_books(on) == 1
    assert [push.delivery for push in on.pushes(order)] == ["confirmed"]


def test_a_create_feed_that_never_arrived_is_sent_again(on: Stage) -> None:
    placed = on.buy()
    order = on.order(placed)
    on.amazon.scenario("feed_lost_before_effect", times=1)
    cancel(on, order)
    run_through(on, 12)
    assert feeds_in_the_books(on) == 1
    assert [push.delivery for push in on.pushes(order)] == ["confirmed"]


def test_a_worker_that_dies_after_each_step_is_continued_without_a_second_feed(on: Stage) -> None:
    class Died(BaseException):
        pass

    steps = ("upload_cancellations", "submit_batch", "batch_progress", "batch_report", "cancelled_lines")
    placed = on.buy()
    order = on.order(placed)
    cancel(on, order)
    for step in steps:
        real = getattr(AmazonChannel, step)

        def die(*args: object, _real: object = real, **kwargs: object) -> None:
            _real(*args, **kwargs)  # type: ignore[operator]
            raise Died

        with mock.patch.object(AmazonChannel, step, die):
            for _look in range(8):
                try:
                    batch_next()
                except Died:
                    break
                on.later(minutes=1)
            else:
                pytest.fail(f"{step} was never reached")
        on.later(minutes=2)  # the dead worker's lease runs out
    run_through(on, 10)
    assert feeds_in_the_books(on) == 1
    assert cancelled_in_the_books(on, placed) == ["CANCELLED"]
    assert [push.delivery for push in on.pushes(order)] == ["confirmed"]


def test_a_refusal_in_the_report_is_parked_with_amazons_words_and_can_be_tried_again(on: Stage) -> None:
    placed = on.buy()
    order = on.order(placed)
    push = cancel(on, order)
    assert push is not None
    with tenant(on.house.psp.pk):
        Push.objects.update(line_numbers=["99999999999999"])
    run_through(on)
    (push,) = on.pushes(order)
    assert push.delivery == "parked" and "has no item" in push.last_error
    with tenant(on.house.psp.pk):
        Push.objects.update(line_numbers=[order.lines.get().external_line_id])
        try_again(push_id=push.pk, actor=HUB)
    run_through(on)
    assert [push.delivery for push in on.pushes(order)] == ["confirmed"]
    assert feeds_in_the_books(on) == 2


def test_a_refusal_because_amazon_cancelled_it_meanwhile_counts_as_done(on: Stage) -> None:
    placed = on.buy()
    order = on.order(placed)
    cancel(on, order)
    on.work()
    buying.cancel_order(on.amazon.world, placed.order_id, by="BUYER", reason="BUYER_CANCELED")
    run_through(on)
    (push,) = on.pushes(order)
    assert push.delivery == "confirmed" and "cancelled already" in push.refusal


def test_a_feed_that_ends_fatal_is_judged_by_the_order_itself(on: Stage) -> None:
    placed = on.buy()
    order = on.order(placed)
    on.amazon.scenario("feed_fatal", times=1)
    cancel(on, order)
    run_through(on)
    (push,) = on.pushes(order)
    assert push.delivery == "parked" and "FATAL" in push.last_error
    with tenant(on.house.psp.pk):
        try_again(push_id=push.pk, actor=HUB)
    run_through(on)
    assert [push.delivery for push in on.pushes(order)] == ["confirmed"]


def test_cancellations_wait_for_quota_without_costing_an_attempt(on: Stage) -> None:
    placed = on.buy()
    order = on.order(placed)
    on.amazon.scenario("throttled", times=1, operation="createFeed")
    cancel(on, order)
    on.work()
    with tenant(on.house.psp.pk):
        batch = PushBatch.objects.get()
        assert (batch.attempts, batch.in_doubt, batch.last_error) == (0, False, "")
    Redis.from_url(settings.REDIS_URL).flushdb()
    run_through(on, 10)
    assert feeds_in_the_books(on) == 1
    assert [push.delivery for push in on.pushes(order)] == ["confirmed"]


def test_an_order_that_amazon_cancelled_stops_the_push_that_has_not_left(on: Stage) -> None:
    placed = on.buy()
    order = on.order(placed)
    on.produce(order)
    with tenant(on.house.psp.pk):
        Connection.objects.update(push_paused=True)
    on.ship(order, (TRACKING, 1))
    buying.cancel_order(on.amazon.world, placed.order_id, by="BUYER", reason="BUYER_CANCELED")
    on.later(minutes=3)
    on.poll_now()
    with tenant(on.house.psp.pk):
        Connection.objects.update(push_paused=False)
    run_through(on)
    assert [push.delivery for push in on.pushes(order)] == ["withdrawn"]
    assert on.amazon.books.writes(kind="confirm_shipment", order_id=placed.order_id) == []


def test_a_line_that_amazon_cancelled_is_not_printed_here(on: Stage) -> None:
    placed = on.buy(items=[{"sku": "MUG-11OZ-WHITE"}, {"sku": "MUG-11OZ-WHITE"}])
    order = on.order(placed)
    with on.amazon.books.transaction():
        at_amazon = on.amazon.books.order(placed.order_id)
        assert at_amazon is not None
        at_amazon.items[1].cancelled_by, at_amazon.items[1].cancelled_reason = "BUYER", "BUYER_CANCELED"
        on.amazon.books.change_order(at_amazon, at=on.amazon.clock.epoch())
    on.later(minutes=3)
    on.poll_now()
    with tenant(on.house.psp.pk):
        assert list(order.lines.order_by("pk").values_list("state", flat=True)) == ["received", "cancelled"]
