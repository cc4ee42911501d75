"""The whole chain in one process: a buyer orders at the imitation Amazon, we print and ship, and Amazon shows it (factor 1, set clock)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import caches
from redis import Redis

from fulfillment.models import PushAttempt
from fulfillment.services.pushing import try_again
from fulfillment.services.shipping import CannotShip
from orders.models import IntakeRecord, Order
from orders.services.mapping import map_listing
from orders.services.personalisation import CannotApprove, approve_personalisation, personalised_text
from pod_hub.accounts.actors import HUB
from pod_hub.core.tenancy import tenant
from stores.models import Authorization, Connection
from tests.journeys.stage import Stage, stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def on(db: None) -> Iterator[Stage]:
    Redis.from_url(settings.REDIS_URL).flushdb()
    caches["default"].clear()
    with stage() as ready:
        ready.map_mug()
        yield ready


def confirmations(on: Stage, order_id: str) -> list[str]:
    """What Amazon's own books say was confirmed: one effect each."""
    return [entry.effect for entry in on.amazon.books.writes(kind="confirm_shipment", order_id=order_id)]


def test_two_packages_are_shown_by_the_channel_and_read_back(on: Stage) -> None:
    placed = on.buy(quantity=3)
    order = on.order(placed)
    on.produce(order)
    on.ship(order, ("0034 0434 1610 9400 0001", 1), ("00340434161094000002", 2))
    on.work()
    seen = on.amazon.books.order(placed.order_id)
    assert seen is not None and seen.status == "SHIPPED"
    assert [(package.reference, package.tracking_number) for package in seen.packages] == [
        ("1", "00340434161094000001"),
        ("2", "00340434161094000002"),
    ]
    assert [push.delivery for push in on.pushes(order)] == ["accepted", "accepted"]
    on.later(minutes=5)
    on.work()
    pushes = on.pushes(order)
    assert [push.delivery for push in pushes] == ["confirmed", "confirmed"]
    assert all(push.sent_at and push.accepted_at and push.read_back_at and push.read_back for push in pushes)
    on.poll_now()
    assert on.order(placed).channel_status == "SHIPPED"
    assert on.order(placed).state == "shipped"


def test_a_lost_answer_is_read_back_and_never_told_twice(on: Stage) -> None:
    placed = on.buy()
    order = on.order(placed)
    on.produce(order)
    on.amazon.scenario("confirm_lost_after_success", times=1)
    (push,) = on.ship(order, ("00340434161094000001", 1))
    on.work()
    (push,) = on.pushes(order)
    assert (push.delivery, push.in_doubt) == ("pending", True)
    on.later(minutes=10)
    on.work()
    (push,) = on.pushes(order)
    assert push.delivery == "confirmed"
    assert len(confirmations(on, placed.order_id)) == 1
    seen = on.amazon.books.order(placed.order_id)
    assert seen is not None and len(seen.packages) == 1


def test_a_call_that_never_arrived_is_sent_again(on: Stage) -> None:
    placed = on.buy()
    order = on.order(placed)
    on.produce(order)
    on.amazon.scenario("confirm_lost_before_effect", times=1)
    on.ship(order, ("00340434161094000001", 1))
    on.work()
    on.later(minutes=10)
    on.work()
    on.later(minutes=10)
    on.work()
    assert [push.delivery for push in on.pushes(order)] == ["confirmed"]
    assert len(confirmations(on, placed.order_id)) == 1


def test_a_refused_push_is_parked_with_amazons_words_and_can_be_tried_again(on: Stage) -> None:
    placed = on.buy()
    order = on.order(placed)
    on.produce(order)
    on.ship(order, ("00340434161094000001", 1), carrier="No such carrier \u2603")
    with tenant(on.house.psp.pk):
        push = on.pushes(order)[0]
        push.package.carrier_code = ""
        push.package.save()
    on.work()
    (push,) = on.pushes(order)
    assert push.delivery == "parked" and "carrier" in push.last_error.lower()
    with tenant(on.house.psp.pk):
        push.package.carrier_code = "DHL"
        push.package.save()
        try_again(push_id=push.pk, actor=HUB)
    on.work()
    assert on.pushes(order)[0].delivery == "accepted"
    with tenant(on.house.psp.pk):
        assert list(PushAttempt.objects.filter(push=push).values_list("outcome", flat=True)) == ["refused", "try_again", "accepted"]


def test_a_carrier_that_amazon_dropped_silently_is_found_by_reading_back(on: Stage) -> None:
    placed = on.buy()
    order = on.order(placed)
    on.produce(order)
    on.amazon.scenario("carrier_dropped_silently", times=1)
    on.ship(order, ("00340434161094000001", 1))
    on.work()
    for _look in range(14):
        on.later(minutes=6)
        on.work()
    (push,) = on.pushes(order)
    assert push.delivery == "parked"
    assert "carrier" in push.last_error


def test_a_second_page_that_fails_loses_no_order(on: Stage) -> None:
    placed = [on.amazon.place_order(sku="MUG-11OZ-WHITE") for _number in range(130)]
    on.later(minutes=3)
    on.amazon.scenario("second_page_fails", times=1)
    on.poll_now()
    with tenant(on.house.psp.pk):
        assert Order.objects.count() == 100
        assert Authorization.objects.get().poll_page
    on.later(minutes=2)
    on.work()
    with tenant(on.house.psp.pk):
        assert set(Order.objects.values_list("external_id", flat=True)) == {one.order_id for one in placed}
        assert Authorization.objects.get().poll_page == ""


def test_an_expired_token_is_renewed_once_and_the_poll_goes_on(on: Stage) -> None:
    on.amazon.scenario("token_expired", times=1)
    placed = on.buy()
    assert on.order(placed).external_id == placed.order_id


def test_a_withdrawn_permission_pauses_the_store_and_says_so(on: Stage) -> None:
    on.amazon.scenario("consent_revoked")
    on.later(hours=2)
    on.poll_now()
    with tenant(on.house.psp.pk):
        assert Authorization.objects.get().state == "reconnect"
        connection = Connection.objects.get()
        assert connection.state == "revoked" and connection.state_reason


def test_a_poll_without_quota_waits_for_it_and_loses_nothing(on: Stage) -> None:
    on.amazon.scenario("throttled", times=1, operation="searchOrders")
    placed = on.buy()
    with tenant(on.house.psp.pk):
        row = Authorization.objects.get()
        assert row.poll_waits_for and row.poll_failures == 0
    on.later(minutes=10)
    Redis.from_url(settings.REDIS_URL).flushdb()
    on.poll_now()
    assert on.order(placed).external_id == placed.order_id


def test_personalisation_is_fetched_shown_and_must_be_approved(on: Stage) -> None:
    placed = on.buy(sku="MUG-NAME/ÄÖÜ 1", personalisation="Für Änna 🎂")
    order = on.order(placed)
    with tenant(on.house.psp.pk):
        line = order.lines.get()
        text = personalised_text(line)
        assert text is not None and "Für Änna 🎂" in [field["text"] for field in text]
        assert {"personalisation", "unmapped"} == set(order.holds.filter(released_at=None).values_list("kind", flat=True))
        with pytest.raises(CannotApprove, match="has none yet"):
            approve_personalisation(line_id=line.pk, actor=HUB)
        assert line.listing_id is not None
        map_listing(listing_id=line.listing_id, customer_product_id=on.house.mug.pk, design_id=on.house.design.pk, actor=HUB)
        assert approve_personalisation(line_id=line.pk, actor=HUB) == 1
        map_listing(listing_id=line.listing_id, customer_product_id=on.house.mug.pk, design_id=on.house.design.pk, quantity=2, actor=HUB)
        (again,) = order.holds.filter(released_at=None)
        assert again.kind == "personalisation" and "chosen anew" in again.reason, "what was approved was the text with another artwork"


def test_an_order_that_was_cancelled_at_amazon_is_not_shipped(on: Stage) -> None:
    placed = on.buy()
    order = on.order(placed)
    on.produce(order)
    with tenant(on.house.psp.pk):
        Order.objects.update(channel_state="cancelled")
    with pytest.raises(CannotShip, match="cancelled"):
        on.ship(order, ("00340434161094000001", 1))
    assert on.pushes(order) == []


def test_an_order_that_appears_late_is_found_by_the_overlap(on: Stage) -> None:
    on.amazon.scenario("order_appears_late", times=1)
    placed = on.amazon.place_order(sku="MUG-11OZ-WHITE")
    on.later(minutes=3)
    on.poll_now()
    with tenant(on.house.psp.pk):
        missing = not IntakeRecord.objects.filter(external_id=placed.order_id).exists()
    on.later(minutes=30)
    on.poll_now()
    assert on.order(placed).external_id == placed.order_id
    assert missing
