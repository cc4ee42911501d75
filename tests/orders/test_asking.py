"""Asking for one order by number (orders/services/asking.py), against the imitation Amazon."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import caches
from redis import Redis

from orders.models import IntakeRecord, Order
from orders.services.asking import Asked, ask_for
from pod_hub.core.tenancy import tenant
from stores.models import Authorization
from tests.journeys.stage import Stage, stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def on(db: None) -> Iterator[Stage]:
    Redis.from_url(settings.REDIS_URL).flushdb()
    caches["default"].clear()
    with stage() as ready:
        yield ready


def test_an_order_no_poll_has_brought_is_imported_on_the_spot_by_its_own_road(on: Stage) -> None:
    placed = on.amazon.place_order(sku="MUG-11OZ-WHITE")
    answer = ask_for(f" {placed.order_id} ", on.house.psp)
    assert (answer.outcome, answer.rule) == (Asked.IMPORTED, "accepted")
    with tenant(on.house.psp.pk):
        order = Order.objects.get()
        assert (order.external_id, order.public_id) == (placed.order_id, answer.order_public_id)
        assert IntakeRecord.objects.get().road == "asked"
    again = ask_for(placed.order_id, on.house.psp)
    assert (again.outcome, again.order_public_id) == (Asked.IMPORTED, answer.order_public_id)
    with tenant(on.house.psp.pk):
        assert Order.objects.count() == 1


def test_a_skipped_order_is_answered_with_the_rule_that_skips_it(on: Stage) -> None:
    placed = on.amazon.place_order(sku="MUG-11OZ-WHITE", paid=False)
    answer = ask_for(placed.order_id, on.house.psp)
    assert (answer.outcome, answer.rule, answer.order_public_id) == (Asked.SKIPPED, "status", "")
    assert "Pending" in answer.words


def test_a_number_that_amazon_does_not_know_is_said_so_with_who_was_asked(on: Stage) -> None:
    answer = ask_for("302-0000000-0000000", on.house.psp)
    assert answer.outcome == Asked.UNKNOWN and "Ada" in answer.words and len(answer.asked) == 1


def test_a_number_of_another_shape_is_asked_of_nobody(on: Stage) -> None:
    assert ask_for("#1001", on.house.psp).outcome == Asked.NOBODY_TO_ASK
    assert on.amazon.books.requests(operation="getOrder") == []


def test_an_answer_that_cannot_be_read_says_why(on: Stage) -> None:
    placed = on.amazon.place_order(sku="MUG-11OZ-WHITE")
    on.amazon.scenario("unknown_status", times=1)
    answer = ask_for(placed.order_id, on.house.psp)
    assert answer.outcome == Asked.UNREADABLE and "ON_THE_MOON" in answer.words


def test_a_lost_permission_is_not_taken_for_an_unknown_number(on: Stage) -> None:
    placed = on.amazon.place_order(sku="MUG-11OZ-WHITE")
    on.amazon.scenario("consent_revoked")
    on.later(hours=2)
    answer = ask_for(placed.order_id, on.house.psp)
    assert answer.outcome == Asked.NO_PERMISSION and "Reconnect" in answer.words
    with tenant(on.house.psp.pk):
        assert Authorization.objects.get().state == "reconnect"
    assert ask_for(placed.order_id, on.house.psp).outcome == Asked.NO_PERMISSION


def test_an_outage_is_not_taken_for_an_unknown_number(on: Stage) -> None:
    placed = on.amazon.place_order(sku="MUG-11OZ-WHITE")
    on.amazon.scenario("html_502", times=1)
    assert ask_for(placed.order_id, on.house.psp).outcome == Asked.TRY_LATER


def test_asking_inside_a_scope_is_a_fault_of_the_caller(on: Stage) -> None:
    with tenant(on.house.psp.pk), pytest.raises(RuntimeError):
        ask_for("302-0000000-0000000", on.house.psp)
