"""Reconciliation: what was taken away behind the hub's back is found, repaired and counted (orders/services/reconciling.py)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from redis import Redis

from orders.models import BuyerData, Hold, IntakeRecord, Order, OrderEvent, OrderLine, Reconciliation
from orders.services.reconciling import CannotReconcile, begin_nightly, last_reconciliation, reconcile_next, request_reconciliation
from pod_hub.accounts.actors import HUB
from pod_hub.core import buckets
from pod_hub.core.tenancy import tenant
from stores.channels.amazon import client, rates
from stores.models import Authorization, Connection
from stores.sandbox.amazon import buying
from stores.services.authorizations import account_of
from tests.journeys.stage import Stage, stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def on(db: None) -> Iterator[Stage]:
    Redis.from_url(settings.REDIS_URL).flushdb()
    caches["default"].clear()
    with stage() as ready:
        yield ready


def begin(on: Stage) -> None:
    with tenant(on.house.psp.pk):
        request_reconciliation(authorization_id=Authorization.objects.get().pk, actor=HUB)


def reconcile(on: Stage) -> Reconciliation:
    """Run one comparison to its end and take in what it found."""
    begin(on)
    for _turn in range(5):
        reconcile_next()
    on.work()
    with tenant(on.house.psp.pk):
        done = last_reconciliation(Authorization.objects.get())
        assert done is not None
        return done


def erase(model: Any, **which: Any) -> None:
    """Delete rows as no service ever would."""
    rows = model.objects.filter(**which)
    rows._raw_delete(rows.db)


def test_nothing_is_missing_after_polls_and_the_row_says_so(on: Stage) -> None:
    for _number in range(3):
        on.buy()
    done = reconcile(on)
    assert (done.checked, done.missing, done.different, done.repaired, done.numbers) == (3, 0, 0, 0, [])
    assert done.finished_at is not None and done.window_to is not None


def test_an_order_the_ledger_lost_is_found_taken_in_and_counted(on: Stage) -> None:
    placed = [on.buy() for _number in range(3)]
    lost = on.order(placed[1])
    with tenant(on.house.psp.pk):
        for model in (IntakeRecord, OrderEvent, Hold, BuyerData, OrderLine):
            erase(model, order=lost)
        erase(Order, pk=lost.pk)
    done = reconcile(on)
    assert (done.checked, done.missing, done.repaired, done.numbers) == (3, 1, 1, [placed[1].order_id])
    with tenant(on.house.psp.pk):
        assert Order.objects.get(external_id=placed[1].order_id).lines.count() == 1
        assert IntakeRecord.objects.get(external_id=placed[1].order_id).road == "reconciliation"
    on.later(hours=1)
    assert reconcile(on).missing == 0


def test_a_lost_line_and_a_changed_quantity_are_repaired(on: Stage) -> None:
    two = on.buy(items=[{"sku": "MUG-11OZ-WHITE"}, {"sku": "MUG-11OZ-WHITE", "quantity": 2}])
    other = on.buy(quantity=3)
    with tenant(on.house.psp.pk):
        second = on.order(two).lines.order_by("pk")[1]
        erase(OrderEvent, line=second)
        erase(Hold, line=second)
        erase(OrderLine, pk=second.pk)
        OrderLine.objects.filter(order=on.order(other)).update(quantity=1)
    done = reconcile(on)
    assert (done.checked, done.missing, done.different, done.repaired) == (2, 0, 2, 2)
    with tenant(on.house.psp.pk):
        assert list(on.order(two).lines.order_by("pk").values_list("quantity", flat=True)) == [1, 2]
        assert on.order(other).lines.get().quantity == 3


def test_what_the_polls_have_not_reached_yet_is_taken_in_early_but_not_called_missing(on: Stage) -> None:
    on.buy()
    fresh = on.amazon.place_order(sku="MUG-11OZ-WHITE")
    on.later(minutes=3)
    done = reconcile(on)
    assert (done.checked, done.missing) == (2, 0)
    assert on.order(fresh).external_id == fresh.order_id


def test_a_list_made_within_the_second_of_a_purchase_makes_no_order_missing(on: Stage) -> None:
    on.buy()
    on.later(seconds=0.9)
    fresh = on.amazon.place_order(sku="MUG-11OZ-WHITE")
    on.later(seconds=119.7)  # what was there three tenths before the purchase: it ends with the purchase's whole second, and does not hold it
    on.poll_now()
    on.later(seconds=1)
    done = reconcile(on)
    assert (done.checked, done.missing, done.different) == (2, 0, 0)
    assert on.order(fresh).external_id == fresh.order_id


def test_a_second_change_within_one_second_is_found_by_its_status_and_repaired(on: Stage) -> None:
    placed = on.buy()
    before = on.order(placed)
    buying.cancel_order(on.amazon.world, placed.order_id, by="BUYER", reason="BUYER_CANCELED")
    on.later(minutes=3)
    on.poll_now()
    with tenant(on.house.psp.pk):  # as if the first change of that second had been read, and the second one had looked like it
        Order.objects.update(channel_state=before.channel_state, channel_status=before.channel_status, state=before.state)
        OrderLine.objects.update(state="received")
    assert reconcile(on).different == 1
    order = on.order(placed)
    assert (order.channel_status, order.state, [line.state for line in order.lines.all()]) == ("CANCELLED", "cancelled", ["cancelled"])
    on.later(hours=1)
    assert reconcile(on).different == 0


def test_a_line_that_was_cancelled_here_is_no_difference(on: Stage) -> None:
    placed = on.buy()
    with tenant(on.house.psp.pk):
        OrderLine.objects.filter(order=on.order(placed)).update(state="cancelled", quantity=5)
    assert reconcile(on).different == 0


def test_polls_keep_their_share_of_the_quota(on: Stage) -> None:
    on.buy()
    with tenant(on.house.psp.pk):
        account = account_of(Authorization.objects.get())
    key = client.bucket_key(account, rates.SEARCH_ORDERS)
    while (level := buckets.fill(key)) is not None and level.tokens > 6.5:
        assert buckets.take(key, rate=rates.SEARCH_ORDERS.rate, burst=rates.SEARCH_ORDERS.usable_burst) == 0
    begin(on)
    reconcile_next()
    with tenant(on.house.psp.pk):
        waiting = Reconciliation.objects.get()
        assert (waiting.delivery, waiting.checked, waiting.attempts, waiting.last_error) == ("pending", 0, 0, "")
    placed = on.buy()
    assert on.order(placed).external_id == placed.order_id


def test_it_goes_on_page_by_page_after_a_failure(on: Stage) -> None:
    for _number in range(120):
        on.amazon.place_order(sku="MUG-11OZ-WHITE")
    on.later(minutes=3)
    on.poll_now()
    on.amazon.scenario("second_page_fails", times=1)
    begin(on)
    for _turn in range(4):
        reconcile_next()
    with tenant(on.house.psp.pk):
        assert Reconciliation.objects.get().checked == 100
    on.later(minutes=2)
    reconcile_next()
    with tenant(on.house.psp.pk):
        done = Reconciliation.objects.get()
        assert (done.delivery, done.checked, done.missing) == ("confirmed", 120, 0)


def test_every_night_one_is_begun_for_each_seller_and_never_two_at_once(on: Stage) -> None:
    on.buy()
    assert begin_nightly() == 0
    on.later(hours=25)
    on.poll_now()
    assert begin_nightly() == 1
    assert begin_nightly() == 0
    with tenant(on.house.psp.pk):
        row = Authorization.objects.get()
        assert request_reconciliation(authorization_id=row.pk, actor=HUB).pk == Reconciliation.objects.get().pk


def test_without_permission_or_store_it_says_why_not(on: Stage) -> None:
    with tenant(on.house.psp.pk):
        row = Authorization.objects.get()
        Connection.objects.update(import_paused=True)
        with pytest.raises(CannotReconcile, match="No store"):
            request_reconciliation(authorization_id=row.pk, actor=HUB)
        Authorization.objects.update(state="reconnect")
        with pytest.raises(CannotReconcile, match="Reconnect"):
            request_reconciliation(authorization_id=row.pk, actor=HUB)
