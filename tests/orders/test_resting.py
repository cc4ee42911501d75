"""A seller whose marketplace does not answer: left to rest, asked once a minute, and back at the first answer (stores/services/breaker.py)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from django.conf import settings
from django.core.cache import caches
from django.urls import reverse
from django.utils.timezone import now
from redis import Redis

from fulfillment.models import Push
from orders.models import Order
from orders.services.polling import poll_next, request_import
from orders.services.reconciling import reconcile_next, request_reconciliation
from pod_hub.accounts.actors import HUB
from pod_hub.core.tenancy import tenant
from stores.channels.errors import ChannelError, Misconfigured, ReconnectNeeded, Refused, TryLater
from stores.models import Authorization, Connection
from stores.services import breaker
from stores.services.syncing import start_sync, sync_next
from tests.factories.browsers import browser_of
from tests.factories.cast import House
from tests.journeys.stage import Stage, stage

pytestmark = pytest.mark.django_db
SILENCE = TryLater("Amazon did not answer searchOrders in time.")


@pytest.fixture
def on(db: None) -> Iterator[Stage]:
    Redis.from_url(settings.REDIS_URL).flushdb()
    caches["default"].clear()
    with stage() as ready:
        yield ready


def seller(on: Stage) -> Authorization:
    with tenant(on.house.psp.pk):
        return Authorization.objects.get()


def calls(on: Stage) -> list[float]:
    """Return when Amazon was called, by any operation but those of buyers and tokens."""
    return [entry.at for entry in on.amazon.books.requests() if entry.seller_id and entry.operation not in {"placeOrder", "getAccessToken"}]


def fall_silent(on: Stage) -> None:
    """Let Amazon answer 500 to everything until the seller rests."""
    on.amazon.scenario("http_500", times=None)
    with tenant(on.house.psp.pk):
        Authorization.objects.update(next_poll_at=now())
    for _turn in range(60):
        on.work()
        if seller(on).resting_since:
            return
        on.later(seconds=5)
    pytest.fail("the seller never came to rest")


def test_a_silent_seller_rests_after_at_most_five_calls_and_is_then_asked_once_a_minute_until_it_answers(on: Stage) -> None:
    on.buy()
    before = len(calls(on))
    fall_silent(on)
    silent = calls(on)[before:]
    assert 3 <= len(silent) <= 5
    for _turn in range(60):
        on.later(seconds=5)
        on.work()
    probes = calls(on)[before + len(silent) - 1 :]
    assert len(probes) == 6  # the last call before the rest, and one a minute for five minutes
    assert all(later - earlier >= 60 for earlier, later in pairwise(probes))
    on.amazon.world.scenarios.stop_all()
    healed = now()
    while seller(on).resting_since and (now() - healed).total_seconds() <= 61:
        on.later(seconds=4)
        on.work()
    assert (now() - healed).total_seconds() <= 60
    with tenant(on.house.psp.pk):
        assert Connection.objects.get().state == Connection.State.CONNECTED
    row = seller(on)
    assert (row.calls_unanswered, row.poll_failures) == (0, 0)


def test_a_resting_seller_is_asked_by_nothing_but_its_poll(on: Stage) -> None:
    placed = on.buy()
    on.map_mug()
    order = on.order(placed)
    on.produce(order)
    fall_silent(on)
    on.ship(order, ("00340434161094000001", 1))
    with tenant(on.house.psp.pk):
        start_sync(store_id=on.house.store.pk)
        request_reconciliation(authorization_id=seller(on).pk, actor=HUB)
    asked = len(calls(on))
    on.later(seconds=30)
    on.work()
    assert sync_next() is None
    assert reconcile_next() is False
    assert len(calls(on)) == asked
    on.amazon.world.scenarios.stop_all()
    on.later(seconds=31)
    on.work()
    assert sync_next() is not None
    assert reconcile_next() is True
    assert [push.delivery for push in on.pushes(order)] == ["accepted"]


def test_pushes_that_get_no_answer_begin_the_rest_too_and_nothing_is_lost(on: Stage) -> None:
    on.map_mug()
    orders = [on.order(placed) for placed in [on.buy() for _number in range(4)]]
    for number, order in enumerate(orders):
        on.produce(order)
        on.ship(order, (f"0034043416109400{number:04d}", 1))
    on.amazon.scenario("http_500", times=None, operation="confirmShipment")
    before = len(calls(on))
    on.work()
    assert seller(on).resting_since is not None
    assert len(calls(on)) - before <= 5
    on.amazon.world.scenarios.stop_all()
    for _minute in range(20):
        on.later(minutes=1)
        on.work()
    with tenant(on.house.psp.pk):
        assert set(Push.objects.values_list("delivery", flat=True)) == {"confirmed"}
        assert set(Order.objects.values_list("state", flat=True)) == {"shipped"}
    writes = [entry for entry in on.amazon.books.writes() if entry.kind == "confirm_shipment" and entry.effect == "created"]
    assert len(writes) == 4


def test_a_person_who_presses_import_does_not_hurry_a_resting_seller(on: Stage) -> None:
    fall_silent(on)
    due = seller(on).next_poll_at
    with tenant(on.house.psp.pk):
        assert request_import(authorization_id=seller(on).pk) is True
    assert seller(on).next_poll_at == due
    assert poll_next() is None


def test_a_new_consent_ends_the_rest(on: Stage) -> None:
    from stores.channels.consent_types import Grant
    from stores.services.authorizations import attach_grant

    fall_silent(on)
    grant = Grant(seller(on).account_id, on.amazon.refresh_token(), "", 0)
    with tenant(on.house.psp.pk):
        attach_grant(store_id=on.house.store.pk, grant=grant, region="EU")
    row = seller(on)
    assert (row.resting_since, row.calls_unanswered) == (None, 0)
    assert row.next_poll_at <= now()


@pytest.mark.parametrize(
    "error",
    [
        TryLater("quota", throttled=True, wait_s=3),
        TryLater("the quota counters cannot be reached", ours=True),
        Misconfigured("Login with Amazon refuses our application."),
    ],
)
def test_quota_and_our_own_troubles_say_nothing_about_a_seller(north: House, error: ChannelError) -> None:
    with tenant(north.psp.pk):
        row = Authorization.objects.get()
        for _turn in range(9):
            assert breaker.note(row.pk, error) is False
        row.refresh_from_db()
        assert (row.calls_unanswered, row.resting_since) == (0, None)


@pytest.mark.parametrize("answer", [None, Refused("Amazon refused it: no such thing", status=400), ReconnectNeeded("the permission is gone")])
def test_an_answer_of_any_kind_ends_the_rest(north: House, answer: ChannelError | None) -> None:
    with tenant(north.psp.pk):
        row = Authorization.objects.get()
        assert [breaker.note(row.pk, SILENCE) for _turn in range(3)] == [False, False, True]
        assert Connection.objects.get().state == Connection.State.ATTENTION
        assert breaker.note(row.pk, answer) is False
        row.refresh_from_db()
        assert (row.calls_unanswered, row.resting_since) == (0, None)
        assert Connection.objects.get().state == Connection.State.CONNECTED


def test_an_answer_between_two_silences_begins_the_count_anew(north: House) -> None:
    with tenant(north.psp.pk):
        pk = Authorization.objects.get().pk
        assert [breaker.note(pk, error) for error in (SILENCE, SILENCE, None, SILENCE, SILENCE)] == [False] * 5


def test_the_store_page_says_since_when_the_marketplace_is_silent_and_that_nothing_is_to_do(north: House) -> None:
    with tenant(north.psp.pk):
        pk = Authorization.objects.get().pk
        for _turn in range(3):
            breaker.note(pk, SILENCE)
    browser = browser_of(north.owner)
    for address in (reverse("stores:connection", args=[north.store.public_id]), reverse("stores:stores")):
        shown = browser.get(address).content.decode()
        assert "Marketplace does not answer" in shown
        assert "Amazon has just stopped answering for this seller." in shown
        assert "none is lost" in shown
