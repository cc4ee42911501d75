"""Shipping: rows and pushes in one transaction, and a sentence for everything that must not leave (fulfillment/services/shipping.py)."""

from __future__ import annotations

import pytest
from django.db import transaction

from fulfillment.models import Package, Push
from fulfillment.services.shipping import CannotShip, Parcel, ship
from fulfillment.services.tracking_numbers import BadTrackingNumber, clean_tracking_number
from orders.models import Order
from orders.services.production import release_order
from pod_hub.accounts.actors import HUB
from pod_hub.core.tenancy import tenant
from stores.models import Connection
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.cast import House

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(north: House) -> Order:
    """A released order of three mugs."""
    (made,) = bought(north, amazon_order(orderItems=[item(quantity=3)]))
    with tenant(north.psp.pk):
        made.holds.update(released_at=made.imported_at)
        release_order(order_id=made.pk, actor=HUB)
    return made


def parcel(order: Order, count: int, *, tracking: str = "00340434161094000001", carrier: str = "DHL", name: str = "") -> Parcel:
    return Parcel(carrier, tracking, {order.lines.get().pk: count}, carrier_name=name)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" 0034 0434-1610.9400/0001 ", "00340434161094000001"),
        ("1z999aa10123456784", "1Z999AA10123456784"),
        ("\u200bRR123456785DE\ufeff", "RR123456785DE"),
        ("００３４０４３４", "00340434"),
        ("TRK:\t12345\r\n", "TRK12345"),
    ],
)
def test_stray_characters_leave_a_tracking_number(typed: str, kept: str) -> None:
    assert clean_tracking_number(typed) == kept


@pytest.mark.parametrize("typed", ["", "   ", "abc", "12345🎁", "https://track.example/?id=5", "x" * 51, "0034<script>"])
def test_what_is_no_tracking_number_is_refused_in_words(typed: str) -> None:
    with pytest.raises(BadTrackingNumber, match=r"tracking number"):
        clean_tracking_number(typed)


def test_each_package_gets_its_number_its_push_and_its_line_on_the_timeline(north: House, order: Order) -> None:
    with tenant(north.psp.pk):
        ship(order_id=order.pk, parcels=[parcel(order, 1)], actor=HUB)
        order.refresh_from_db()
        assert (order.state, order.lines.get().quantity_open) == ("partially_shipped", 2)
        ship(order_id=order.pk, parcels=[parcel(order, 1, tracking="TWO2222"), parcel(order, 1, tracking="THREE333")], actor=HUB)
        order.refresh_from_db()
        assert order.state == "shipped"
        assert list(Package.objects.values_list("number", "tracking_number")) == [(1, "00340434161094000001"), (2, "TWO2222"), (3, "THREE333")]
        assert Push.objects.filter(package__order=order).count() == 3
        assert order.events.filter(kind="shipped").count() == 3


def test_a_package_and_its_push_are_written_together_or_not_at_all(north: House, order: Order) -> None:
    with tenant(north.psp.pk):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            ship(order_id=order.pk, parcels=[parcel(order, 1)], actor=HUB)
            raise ZeroDivisionError
        assert (Package.objects.count(), Push.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("parcels", "sentence"),
    [
        ([], "No package"),
        ([("DHL", "00340434161094000001", 4)], "only 3 are open"),
        ([("DHL", "00340434161094000001", 2), ("DHL", "AAAA1111", 2)], "only 3 are open"),
        ([("DHL", "00340434161094000001", 0)], "empty"),
        ([("DHL", "00340434161094000001", -1)], "not part of this order"),
        ([("DHL", "", 1)], "tracking number is empty"),
        ([("DHL", "12345☃", 1)], "Copy it from the label"),
        ([("", "00340434161094000001", 1)], "carrier is missing"),
        ([("Other", "00340434161094000001", 1)], "Name the carrier"),
    ],
)
def test_a_package_that_must_not_leave_is_refused_and_nothing_is_written(
    north: House, order: Order, parcels: list[tuple[str, str, int]], sentence: str
) -> None:
    with tenant(north.psp.pk):
        wanted = [parcel(order, count, tracking=tracking, carrier=carrier) for carrier, tracking, count in parcels]
        with pytest.raises(CannotShip, match=sentence):
            ship(order_id=order.pk, parcels=wanted, actor=HUB)
        assert (Package.objects.count(), Push.objects.count()) == (0, 0)
        assert order.lines.get().quantity_shipped == 0


def test_a_held_order_and_an_unreleased_line_do_not_leave(north: House) -> None:
    (held,) = bought(north)
    with tenant(north.psp.pk):
        with pytest.raises(CannotShip, match="not connected to a product"):
            ship(order_id=held.pk, parcels=[parcel(held, 1)], actor=HUB)
        held.holds.update(released_at=held.imported_at)
        with pytest.raises(CannotShip, match="only released lines"):
            ship(order_id=held.pk, parcels=[parcel(held, 1)], actor=HUB)


def test_a_cancelled_order_does_not_leave(north: House, order: Order) -> None:
    with tenant(north.psp.pk):
        Order.objects.update(channel_state="cancelled")
        with pytest.raises(CannotShip, match="is cancelled"):
            ship(order_id=order.pk, parcels=[parcel(order, 1)], actor=HUB)


def test_a_store_that_does_not_want_despatch_marks_gets_none_and_the_timeline_says_so(north: House, order: Order) -> None:
    with tenant(north.psp.pk):
        Connection.objects.update(mark_as_despatched=False)
        ship(order_id=order.pk, parcels=[parcel(order, 3)], actor=HUB)
        assert Push.objects.count() == 0
        assert order.events.filter(kind="push_off").exists()
