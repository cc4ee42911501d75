"""Shipped elsewhere: lines end without a print job, and the marketplace is told only with a tracking number."""

from __future__ import annotations

import pytest
from django.urls import reverse

from fulfillment.models import Package, Push
from fulfillment.services.elsewhere import ship_elsewhere
from fulfillment.services.shipping import CannotShip, Parcel
from orders.models import Hold, Order, OrderEvent, OrderLine
from orders.services.production import HeldBack, IllegalTransition, move_lines
from orders.states import LineState
from pod_hub.accounts.actors import HUB
from pod_hub.core.tenancy import tenant
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.browsers import browser_of
from tests.factories.cast import House

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(north: House) -> Order:
    """Two lines that nobody has mapped, so both are held."""
    (sold,) = bought(north, amazon_order(orderItems=[item("NEVER-SEEN", quantity=2), item("NOR-THIS")]))
    return sold


def test_lines_end_without_a_print_job_and_nothing_is_pushed(north: House, order: Order) -> None:
    with tenant(north.psp.pk):
        assert len(ship_elsewhere(order_id=order.pk, actor=HUB, reason="The merchant sent it.")) == 2
        order.refresh_from_db()
        assert (order.state, order.open_holds) == ("shipped", 0)
        assert not Push.objects.exists() and not Package.objects.exists()
        assert not Hold.objects.filter(released_at=None).exists()
        told = OrderEvent.objects.filter(kind="shipped_elsewhere").values_list("summary", flat=True)
        assert all("shipped elsewhere, not here" in one and "Nothing is pushed" in one and "The merchant sent it." in one for one in told)
        with pytest.raises((IllegalTransition, HeldBack)):
            move_lines(order_id=order.pk, to=LineState.PRINTING, actor=HUB, line_ids=[order.lines.earliest("pk").pk])


def test_with_a_tracking_number_the_marketplace_is_told_of_everything_that_was_open(north: House, order: Order) -> None:
    with tenant(north.psp.pk):
        first = order.lines.earliest("pk")
        ship_elsewhere(order_id=order.pk, actor=HUB, line_ids=[first.pk], parcel=Parcel("DHL", "JJD 000 001", {}))
        package = Package.objects.get()
        assert (package.tracking_number, [one.quantity for one in package.items.all()]) == ("JJD000001", [2])
        assert Push.objects.get().package == package
        order.refresh_from_db()
        assert order.state == "partially_shipped" and order.open_holds == 1


def test_doing_it_twice_changes_nothing_the_second_time(north: House, order: Order) -> None:
    with tenant(north.psp.pk):
        for _time in range(2):
            ship_elsewhere(order_id=order.pk, actor=HUB, parcel=Parcel("DHL", "JJD000001", {}))
        assert Push.objects.count() == Package.objects.count() == 1


def test_a_cancelled_order_and_another_orders_line_are_refused(north: House, order: Order) -> None:
    *_before, other = bought(north, amazon_order())
    with tenant(north.psp.pk):
        with pytest.raises(CannotShip, match="not part of this order"):
            ship_elsewhere(order_id=order.pk, actor=HUB, line_ids=[other.lines.get().pk])
        Order.objects.filter(pk=order.pk).update(channel_state="cancelled")
        with pytest.raises(CannotShip, match="is cancelled"):
            ship_elsewhere(order_id=order.pk, actor=HUB)


def test_the_page_is_one_click_from_the_order_and_asks_for_both_or_neither_of_carrier_and_number(north: House, order: Order) -> None:
    nora = browser_of(north.owner)
    page = reverse("fulfillment:shipped_elsewhere", args=[order.public_id])
    assert page in nora.get(reverse("orders:order", args=[order.public_id])).content.decode()
    with tenant(north.psp.pk):
        lines = list(OrderLine.objects.order_by("pk").values_list("public_id", flat=True))
    for wrong in ({"tracking_number": "JJD1"}, {"carrier_code": "DHL"}, {"tracking_number": "JJD1", "carrier_code": "Other"}):
        assert nora.post(page, {"lines": lines, "reason": "Sent by hand"} | wrong).status_code == 422
    assert nora.post(page, {"lines": lines}).status_code == 422, "what cannot be undone wants a reason"
    assert nora.post(page, {"lines": lines, "reason": "Sent by hand"}).status_code == 302
    shown = nora.get(reverse("orders:order", args=[order.public_id])).content.decode()
    assert "shipped elsewhere, not here" in shown and "Sent by hand" in shown and north.owner.get_full_name() in shown
    assert browser_of(north.reader).get(page).status_code == 403
