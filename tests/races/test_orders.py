"""Several people and workers at one order: locks are taken in one order, so nobody waits for ever and nothing is lost between them."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.db.models import Count, F, Q
from django.utils.timezone import now

from fulfillment.models import Package, Push
from fulfillment.services import shipping
from fulfillment.services.shipping import CannotShip, Parcel, ship
from orders.models import Hold, Order, OrderLine
from orders.services import new_orders
from orders.services.filling import sweep_mapped
from orders.services.mapping import map_listing
from orders.services.production import HeldBack, IllegalTransition, move_lines, release_order
from orders.states import LineState
from pod_hub.accounts.actors import HUB
from pod_hub.core.tenancy import tenant
from tests.factories.amazon_orders import amazon_order, bought, item, record, take_in_all
from tests.factories.cast import House, northprint
from tests.races.together import raised, together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 40


@pytest.fixture
def house() -> House:
    return northprint()


def map_mug(house: House, design: bool = True, quantity: int = 1) -> None:
    with tenant(house.psp.pk):
        map_listing(
            listing_id=house.listing.pk,
            customer_product_id=house.mug.pk,
            design_id=house.design.pk if design else None,
            actor=HUB,
            quantity=quantity,
        )


def holds_and_lines_agree(house: House) -> None:
    """Assert what must be true of the cast's mapped listing whenever nothing runs."""
    with tenant(house.psp.pk):
        active = house.listing.mappings.get(retired_at=None)
        early = OrderLine.objects.filter(listing=house.listing, state__in=["received", "released"])
        assert not early.exclude(mapping=active).exists(), "a line missed its mapping"
        assert not Hold.objects.filter(kind="unmapped", released_at=None, line__mapping__isnull=False).exists(), "a mapped line is held for ever"
        counted = Order.objects.annotate(n=Count("holds", filter=Q(holds__released_at=None)))
        assert not counted.exclude(open_holds=F("n")).exists(), "an order miscounts its holds"


def test_an_order_that_comes_in_while_its_listing_is_mapped_is_filled_by_the_sweep(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mapping commits after intake has looked for one and before its lines can be seen: the worst moment."""
    record(house, amazon_order())
    looked, mapped = threading.Event(), threading.Event()
    draft = new_orders._draft

    def pause_before_writing(*args: Any) -> Any:
        looked.set()
        assert mapped.wait(10)
        return draft(*args)

    monkeypatch.setattr(new_orders, "_draft", pause_before_writing)

    def map_meanwhile() -> None:
        assert looked.wait(10)
        map_mug(house)
        mapped.set()

    assert raised(together(lambda: take_in_all(house), map_meanwhile)) == []
    with tenant(house.psp.pk):
        order = Order.objects.get()
        assert (order.open_holds, order.lines.get().mapping_id) == (1, None), "the race did not happen"
    assert sweep_mapped() == 1
    holds_and_lines_agree(house)
    with tenant(house.psp.pk):
        order = Order.objects.get()
        assert (order.open_holds, order.lines.get().print_file_id) == (0, house.print_file.pk)
        assert release_order(order_id=order.pk, actor=HUB)
    assert sweep_mapped() == 0


def test_an_order_that_comes_in_while_its_listing_is_mapped_anew_gets_the_new_version(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    map_mug(house)
    record(house, amazon_order())
    looked, mapped = threading.Event(), threading.Event()
    draft = new_orders._draft

    def pause_before_writing(*args: Any) -> Any:
        looked.set()
        assert mapped.wait(10)
        return draft(*args)

    monkeypatch.setattr(new_orders, "_draft", pause_before_writing)

    def map_meanwhile() -> None:
        assert looked.wait(10)
        map_mug(house, quantity=3)
        mapped.set()

    assert raised(together(lambda: take_in_all(house), map_meanwhile)) == []
    with tenant(house.psp.pk):
        assert OrderLine.objects.get().pieces_each == 1, "the race did not happen"
    assert sweep_mapped() == 1
    holds_and_lines_agree(house)
    with tenant(house.psp.pk):
        assert OrderLine.objects.get().pieces_each == 3


def test_mapping_while_intake_runs_loses_no_line_and_no_hold(house: House) -> None:
    for number in range(8):
        record(house, *(amazon_order() for _number in range(30)))
        quantities = itertools.count(number * 10 + 1)

        def map_anew(quantities: Iterator[int] = quantities) -> None:
            for design in (True, False, True):
                map_mug(house, design=design, quantity=next(quantities))

        results = together(lambda: take_in_all(house), map_anew, lambda: [sweep_mapped() for _turn in range(3)])
        assert raised(results) == []
    map_mug(house)
    sweep_mapped()
    holds_and_lines_agree(house)
    with tenant(house.psp.pk):
        assert OrderLine.objects.count() == 240
        assert not Hold.objects.filter(released_at=None).exists()


def test_the_sweep_leaves_printed_lines_and_unmapped_listings_alone(house: House) -> None:
    map_mug(house)
    (printed, waiting) = bought(house, amazon_order(), amazon_order(orderItems=[item("NEVER-MAPPED")]))
    with tenant(house.psp.pk):
        release_order(order_id=printed.pk, actor=HUB)
        move_lines(order_id=printed.pk, to=LineState.PRINTING, actor=HUB)
        version = printed.lines.get().mapping_id
    map_mug(house, quantity=2)
    assert sweep_mapped() == 0
    with tenant(house.psp.pk):
        assert printed.lines.get().mapping_id == version
        assert waiting.lines.get().mapping_id is None


def test_a_cancellation_between_read_and_write_of_shipping_waits_and_then_finds_it_shipped(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    map_mug(house)
    placed, line = now() - timedelta(hours=3), item()
    first = amazon_order(placed=placed, orderItems=[line])
    (order,) = bought(house, first)
    record(house, amazon_order(orderId=first["orderId"], placed=placed, updated=placed + timedelta(hours=1), status="CANCELLED", orderItems=[line]))
    with tenant(house.psp.pk):
        release_order(order_id=order.pk, actor=HUB)
        line_id = order.lines.get().pk
    has_read, refuse = threading.Event(), shipping._refuse

    def pause_after_reading(*args: Any) -> None:
        refuse(*args)
        has_read.set()
        threading.Event().wait(0.5)  # the cancellation arrives now

    monkeypatch.setattr(shipping, "_refuse", pause_after_reading)

    def send() -> None:
        with tenant(house.psp.pk):
            ship(order_id=order.pk, parcels=[Parcel("DHL", "00340434161094000001", {line_id: 1})], actor=HUB)

    def cancel() -> None:
        assert has_read.wait(10)
        take_in_all(house)

    assert raised(together(send, cancel)) == []
    with tenant(house.psp.pk):
        order.refresh_from_db()
        assert (order.state, order.channel_state) == ("shipped", "cancelled")
        assert order.lines.get().quantity_shipped == 1
        assert Push.objects.filter(order=order).count() == Package.objects.filter(order=order).count() == 1


def test_a_cancellation_that_comes_first_stops_the_shipping(house: House) -> None:
    map_mug(house)
    outcomes = set()
    for _round in range(10):
        placed, line = now() - timedelta(hours=3), item()
        first = amazon_order(placed=placed, orderItems=[line])
        order = bought(house, first)[-1]
        record(
            house, amazon_order(orderId=first["orderId"], placed=placed, updated=placed + timedelta(hours=1), status="CANCELLED", orderItems=[line])
        )
        with tenant(house.psp.pk):
            release_order(order_id=order.pk, actor=HUB)
            line_id = order.lines.get().pk

        def send(order: Order = order, line_id: int = line_id) -> None:
            with tenant(house.psp.pk):
                ship(order_id=order.pk, parcels=[Parcel("DHL", "00340434161094000001", {line_id: 1})], actor=HUB)

        errors = raised(together(send, lambda: take_in_all(house)))
        assert all(isinstance(error, CannotShip) for error in errors)
        with tenant(house.psp.pk):
            order.refresh_from_db()
            packages = Package.objects.filter(order=order).count()
            outcomes.add((order.state, packages, len(errors)))
    assert outcomes <= {("shipped", 1, 0), ("cancelled", 0, 1)}


def test_production_shipping_changes_and_mapping_in_any_order_never_deadlock(house: House) -> None:
    """Each round: the same four orders are moved, shipped, changed by the marketplace and mapped at once, from both ends."""
    map_mug(house)
    chance = random.Random(7)  # noqa: S311 - only to vary the rounds
    revision, parcel = itertools.count(1), itertools.count(340434161094000001)
    placed = now() - timedelta(hours=5)
    numbers = {f"302-5550000-{n:07d}": [item(quantity=50), item(quantity=50)] for n in range(4)}
    bought(house, *(amazon_order(orderId=number, placed=placed, orderItems=lines) for number, lines in numbers.items()))
    with tenant(house.psp.pk):
        orders = list(Order.objects.order_by("pk"))
        lines = {order.pk: list(order.lines.order_by("pk").values_list("pk", flat=True)) for order in orders}
        for order in orders:
            release_order(order_id=order.pk, actor=HUB)

    def one_by_one(act: Callable[[Order], object], *, backwards: bool) -> Callable[[], None]:
        def run() -> None:
            for order in reversed(orders) if backwards else orders:
                try:
                    with tenant(house.psp.pk):
                        act(order)
                except (HeldBack, IllegalTransition, CannotShip):
                    continue

        return run

    def move(order: Order) -> None:
        move_lines(order_id=order.pk, to=chance.choice([LineState.PRINTING, LineState.RELEASED]), actor=HUB)

    def send(order: Order) -> None:
        picked = lines[order.pk][::-1] if chance.random() < 0.5 else lines[order.pk]
        ship(order_id=order.pk, parcels=[Parcel("DHL", f"{next(parcel):020d}", dict.fromkeys(picked, 1))], actor=HUB)

    def change() -> None:
        told = [
            amazon_order(orderId=number, placed=placed, updated=placed + timedelta(seconds=next(revision)), orderItems=list(reversed(items)))
            for number, items in numbers.items()
        ]
        chance.shuffle(told)
        record(house, *told)
        take_in_all(house)

    for number in range(ROUNDS):
        results = together(
            one_by_one(move, backwards=bool(number % 2)),
            one_by_one(send, backwards=not number % 2),
            change,
            lambda number=number: map_mug(house, design=number % 3 > 0, quantity=number + 1),  # type: ignore[misc]
        )
        assert [error for error in raised(results) if isinstance(error, DatabaseError)] == []
        assert raised(results) == []
    with tenant(house.psp.pk):
        sent: dict[int, int] = {}
        for line_id, quantity in Package.objects.values_list("items__line", "items__quantity"):
            sent[line_id] = sent.get(line_id, 0) + quantity
        assert sum(sent.values()) > ROUNDS
        assert {line.pk: line.quantity_shipped for line in OrderLine.objects.filter(pk__in=sent)} == sent
        assert Push.objects.count() == Package.objects.count()
