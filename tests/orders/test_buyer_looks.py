"""Who saw which buyer: pages, papers and the API leave a row; what shows no buyer leaves none."""

from __future__ import annotations

import pytest
from django.urls import reverse

from orders.models import BuyerLook, Order, OrderEvent, PurgeRecord
from orders.services.purging import purge_orders
from pod_hub.accounts.actors import HUB
from pod_hub.accounts.models import Scope
from pod_hub.core.tenancy import tenant
from tests.factories.amazon_orders import amazon_order, bought
from tests.factories.browsers import browser_of
from tests.factories.cast import House
from tests.factories.programs import program

pytestmark = pytest.mark.django_db


def looks(house: House) -> list[tuple[str, str, int]]:
    with tenant(house.psp.pk):
        return list(BuyerLook.objects.order_by("pk").values_list("actor_label", "road", "times"))


@pytest.fixture
def order(north: House) -> Order:
    (sold,) = bought(north, amazon_order())
    return sold


def test_pages_and_papers_count_up_one_row_a_day_for_each_person(north: House, order: Order) -> None:
    for person in (north.owner, north.owner, north.worker):
        browser_of(person).get(reverse("orders:order", args=[order.public_id]))
    browser_of(north.owner).get(reverse("fulfillment:packing_slip", args=[order.public_id]))
    assert looks(north) == [(str(north.owner), "page", 2), (str(north.worker), "page", 1), (str(north.owner), "paper", 1)]


def test_lists_show_no_buyer_and_leave_no_row(north: House, order: Order) -> None:
    for page in ("orders:orders", "orders:attention", "fulfillment:production"):
        browser_of(north.owner).get(reverse(page))
    assert looks(north) == []


def test_a_purged_order_has_nobody_to_look_at(north: House, order: Order) -> None:
    with tenant(north.psp.pk):
        purge_orders(order_ids=[order.pk], rule=PurgeRecord.Rule.REQUESTED, actor=HUB)
    browser_of(north.owner).get(reverse("orders:order", args=[order.public_id]))
    assert looks(north) == []


def test_a_program_that_reads_buyers_is_remembered_and_one_that_may_not_is_not(north: House, order: Order) -> None:
    program(north, scopes=[Scope.ORDERS_READ]).get(f"orders/{order.public_id}")
    assert looks(north) == []
    program(north, scopes=[Scope.ORDERS_READ, Scope.BUYERS_READ]).get(f"orders/{order.public_id}")
    assert [(road, times) for _who, road, times in looks(north)] == [("api", 1)]


def test_each_download_of_a_print_file_stands_on_the_timeline(north: House, order: Order) -> None:
    with tenant(north.psp.pk):
        line = order.lines.get()
        line.print_file = north.print_file
        line.save()
    browser_of(north.owner).get(reverse("orders:print_file", args=[line.public_id]))
    program(north, scopes=[Scope.ORDERS_READ]).get(f"orders/{order.public_id}/lines/{line.public_id}/print-file")
    with tenant(north.psp.pk):
        who = list(OrderEvent.objects.filter(kind="print_file_downloaded").order_by("pk").values_list("actor_label", flat=True))
    assert who[0] == str(north.owner) and len(who) == 2
