"""Several workers at the same rows, on real threads and a real PostgreSQL: each thing happens once."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from functools import partial
from unittest import mock

import pytest
from django.utils.timezone import now

from fulfillment.models import Push
from fulfillment.services.pushing import push_next
from fulfillment.services.shipping import Parcel, ship
from orders.models import IntakeRecord, Order, OrderLine
from orders.services.ledger import record_orders
from orders.services.mapping import map_listing
from orders.services.polling import Outcome, poll_leased, poll_next
from orders.services.production import release_order
from orders.services.take_in import take_in
from pod_hub.accounts.actors import HUB
from pod_hub.core.leases import kept_alive
from pod_hub.core.tenancy import tenant
from stores.channels.consent_types import Grant
from stores.channels.registry import ChannelKind
from stores.models import Authorization, Store
from stores.services.authorizations import attach_grant
from tests.factories.amazon_orders import amazon_order, bought, item, raw, record
from tests.factories.cast import House, northprint
from tests.races.channel import SlowChannel
from tests.races.together import raised, together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house() -> House:
    return northprint()


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> SlowChannel:
    slow = SlowChannel()
    monkeypatch.setattr("orders.services.polling.channel_for", slow.for_account)
    monkeypatch.setattr("fulfillment.services.pushing.channel_for", slow.for_account)
    return slow


def shipped(house: House, count: int) -> list[Push]:
    """Ship ``count`` orders in one package each; return their pushes."""
    with tenant(house.psp.pk):
        map_listing(listing_id=house.listing.pk, customer_product_id=house.mug.pk, design_id=house.design.pk, actor=HUB)
    for number, order in enumerate(bought(house, *(amazon_order() for _number in range(count)))):
        with tenant(house.psp.pk):
            release_order(order_id=order.pk, actor=HUB)
            ship(order_id=order.pk, parcels=[Parcel("DHL", f"0034043416109400{number:04d}", {order.lines.get().pk: 1})], actor=HUB)
    with tenant(house.psp.pk):
        return list(Push.objects.order_by("pk"))


def test_two_workers_lease_each_push_once(house: House) -> None:
    expected = {push.pk for push in shipped(house, 12)}

    def lease() -> list[int]:
        got: list[int] = []
        while True:
            with tenant(house.psp.pk):
                leased = Push.lease_next(limit=2)
            if not leased:
                return got
            got += [push.pk for push in leased]

    first, second = together(lease, lease)
    assert isinstance(first, list) and isinstance(second, list)
    assert set(first) | set(second) == expected
    assert not set(first) & set(second)
    assert len(first) + len(second) == len(expected)


def test_workers_that_push_at_once_tell_the_channel_of_each_package_once(house: House, channel: SlowChannel) -> None:
    pushes = shipped(house, 12)

    def work() -> int:
        done = 0
        while count := push_next():
            done += count
        return done

    results = together(work, work, work, work)
    assert raised(results) == []
    assert sum(results) == len(pushes)  # type: ignore[arg-type]
    assert len(channel.told) == len(set(channel.told)) == len(pushes)
    with tenant(house.psp.pk):
        assert set(Push.objects.values_list("delivery", flat=True)) == {"accepted"}


def test_a_worker_whose_lease_ran_out_changes_nothing(house: House) -> None:
    shipped(house, 1)
    with tenant(house.psp.pk):
        (slow,) = Push.lease_next(limit=1)
        Push.objects.update(leased_until=now() - timedelta(seconds=1))
        (quick,) = Push.lease_next(limit=1)
        assert quick.settle(delivery="accepted")
        assert not slow.still_leased()
        assert not slow.settle(delivery="parked", last_error="late")
        row = Push.objects.get()
        assert (row.delivery, row.last_error) == ("accepted", "")


def test_two_workers_take_in_the_same_records_and_make_each_order_once(house: House) -> None:
    payloads = [amazon_order() for _number in range(60)]
    record(house, *payloads)
    jobs = [lambda: take_in(authorization_id=house.connection.authorization_id or 0, psp_id=house.psp.pk, limit=25)] * 4
    for _turn in range(20):
        assert raised(together(*jobs)) == []
        with tenant(house.psp.pk):
            if not IntakeRecord.objects.filter(verdict="pending").exists():
                break
    with tenant(house.psp.pk):
        assert sorted(Order.objects.values_list("external_id", flat=True)) == sorted(payload["orderId"] for payload in payloads)
        assert OrderLine.objects.count() == 60
        assert set(IntakeRecord.objects.values_list("verdict", flat=True)) == {"imported"}


def test_one_order_by_two_roads_at_once_is_one_order(house: House) -> None:
    authorization_id = house.connection.authorization_id or 0
    for _round in range(10):
        placed = now() - timedelta(hours=2)
        number, line = amazon_order()["orderId"], item()
        revisions = [amazon_order(orderId=number, placed=placed, updated=placed + timedelta(seconds=n), orderItems=[line]) for n in (0, 7)]

        def come(road: IntakeRecord.Road, payload: dict[str, object]) -> None:
            with tenant(house.psp.pk):
                record_orders(authorization_id=authorization_id, orders=[raw(payload)], road=road)
            for _turn in range(50):
                taken = take_in(authorization_id=authorization_id, psp_id=house.psp.pk)
                if taken is not None and not taken.records:
                    return
                time.sleep(0.01)

        both = together(partial(come, IntakeRecord.Road.POLL, revisions[0]), partial(come, IntakeRecord.Road.ASKED, revisions[1]))
        assert raised(both) == []
        with tenant(house.psp.pk):
            order = Order.objects.get(external_id=number)
            assert order.lines.count() == 1
            assert order.revision == placed.replace(microsecond=0) + timedelta(seconds=7)
            assert not IntakeRecord.objects.filter(external_id=number, verdict="pending").exists()


def five_sellers(house: House) -> None:
    """Give the house four more connected stores with sellers of their own."""
    with tenant(house.psp.pk):
        for number in range(4):
            store = Store.objects.create(
                customer=house.customer, facility=house.facility, kind=ChannelKind.AMAZON, name=f"Store {number}", marketplace=house.store.marketplace
            )
            grant = Grant(account_id=f"A{number}MORE", refresh_token=f"Atzr|{number}", access_token="", access_expires_in_s=0)
            attach_grant(store_id=store.pk, grant=grant, region="EU")


def test_eight_workers_poll_five_sellers_each_once_and_never_two_at_one(house: House, channel: SlowChannel) -> None:
    five_sellers(house)

    def work() -> int:
        turns, idle = 0, 0
        while idle < 3:
            if poll_next() is None:
                idle += 1
                time.sleep(0.02)
            else:
                turns += 1
        return turns

    results = together(*[work] * 8)
    assert raised(results) == []
    assert sum(results) == 5  # type: ignore[arg-type]
    assert sorted(channel.calls.values()) == [1] * 5
    assert set(channel.most_at_once.values()) == {1}
    with tenant(house.psp.pk):
        assert Authorization.objects.filter(poll_lease=None, next_poll_at__gt=now(), orders_cursor__isnull=False).count() == 5


def test_a_stolen_poll_lease_changes_nothing(house: House, channel: SlowChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    thief, victim = uuid.uuid4(), uuid.uuid4()
    with tenant(house.psp.pk):
        row = Authorization.objects.get()
        Authorization.objects.update(poll_lease=victim, poll_leased_until=now() + timedelta(seconds=40), next_poll_at=now())
    channel.delay_s = 0.3

    def steal() -> None:
        time.sleep(0.1)
        with tenant(house.psp.pk):
            Authorization.objects.update(poll_lease=thief, poll_leased_until=now() + timedelta(seconds=40))

    outcome, stolen = together(lambda: poll_leased(authorization_id=row.pk, psp_id=house.psp.pk, lease=victim), steal)
    assert stolen is None and isinstance(outcome, Outcome)
    assert (outcome.pages, outcome.finished) == (0, False)
    with tenant(house.psp.pk):
        after = Authorization.objects.get()
        assert (after.poll_lease, after.orders_cursor, after.last_poll_ok_at) == (thief, None, None)


def test_a_seller_that_hangs_holds_up_no_other(house: House, channel: SlowChannel) -> None:
    five_sellers(house)
    with tenant(house.psp.pk):
        first = Authorization.objects.order_by("pk").first()
        assert first is not None
        Authorization.objects.update(next_poll_at=now())
        Authorization.objects.filter(pk=first.pk).update(next_poll_at=now() - timedelta(minutes=1))  # it is taken before the others
    release = channel.hang(first.public_id)

    def others() -> int:
        turns, ends = 0, time.monotonic() + 20
        while turns < 4 and time.monotonic() < ends:
            turns += poll_next() is not None
        release.set()
        return turns

    def stuck() -> int:
        return int(poll_next() is not None)

    hanging, polled = together(stuck, lambda: (channel.hanging.wait(20), others())[1])
    assert (hanging, polled) == (1, 4)
    assert sorted(channel.calls.values()) == [1] * 5


def test_sellers_that_do_not_answer_never_take_all_workers(house: House, channel: SlowChannel) -> None:
    five_sellers(house)
    with tenant(house.psp.pk):
        rows = list(Authorization.objects.order_by("pk"))
        troubled, healthy = rows[:4], rows[4]
        Authorization.objects.filter(pk__in=[row.pk for row in troubled]).update(calls_unanswered=5, next_poll_at=now() - timedelta(minutes=5))
        Authorization.objects.filter(pk__in=[row.pk for row in troubled[:3]]).update(
            poll_lease=uuid.uuid4(), poll_leased_until=now() + timedelta(seconds=20)
        )
        Authorization.objects.filter(pk=healthy.pk).update(next_poll_at=now())
    with mock.patch("orders.services.polling.MOST_TROUBLED_AT_ONCE", 3):
        assert poll_next() is not None
        assert channel.calls == {healthy.public_id: 1}  # although the fourth silent one was due before it
        assert poll_next() is None
        with tenant(house.psp.pk):
            Authorization.objects.filter(pk=troubled[0].pk).update(poll_lease=None, poll_leased_until=None, next_poll_at=now() + timedelta(minutes=1))
        assert poll_next() is not None
        assert channel.calls == {healthy.public_id: 1, troubled[3].public_id: 1}


def test_a_poll_that_takes_long_keeps_its_lease(house: House, channel: SlowChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders.services.polling.kept_alive", partial(kept_alive, every_s=0.02))
    with tenant(house.psp.pk):
        row = Authorization.objects.get()
        Authorization.objects.update(next_poll_at=now())
    release = channel.hang(row.public_id)

    def watch() -> bool:
        channel.hanging.wait(20)
        with tenant(house.psp.pk):
            claimed_until = Authorization.objects.get().poll_leased_until
        ends = time.monotonic() + 20
        while time.monotonic() < ends:
            with tenant(house.psp.pk):
                if Authorization.objects.get().poll_leased_until != claimed_until:
                    release.set()
                    return True
        release.set()
        return False

    outcome, renewed = together(poll_next, watch)
    assert renewed is True
    assert isinstance(outcome, Outcome) and outcome.finished
    with tenant(house.psp.pk):
        assert Authorization.objects.get().poll_lease is None
