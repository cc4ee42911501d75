"""The order finder's page (fulfillment/views/dashboard/finder.py)."""

from __future__ import annotations

from unittest import mock

import pytest
from django.test import Client
from django.urls import reverse

from fulfillment.services.shipping import Parcel, ship
from orders.models import Order, OrderLine
from orders.services.asking import Answer, Asked
from orders.services.mapping import map_listing
from pod_hub.accounts.actors import HUB
from pod_hub.core.tenancy import scope_is_open, tenant
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.browsers import browser_of
from tests.factories.cast import House
from tests.factories.pages import at_most_queries

pytestmark = pytest.mark.django_db
TRACKING = "00340434161094000001"


@pytest.fixture
def nora(north: House) -> Client:
    return browser_of(north.owner)


@pytest.fixture
def shipped(north: House) -> Order:
    with tenant(north.psp.pk):
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=north.design.pk, actor=HUB)
    (order,) = bought(north)
    with tenant(north.psp.pk):
        OrderLine.objects.update(state="packing")
        ship(order_id=order.pk, parcels=[Parcel("DHL", TRACKING, {order.lines.get().pk: 1})], actor=HUB)
    return order


def found(client: Client, text: str) -> str:
    answer = client.get(reverse("fulfillment:finder"), {"q": text})
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_every_kind_of_number_tells_the_whole_story_on_one_page(shipped: Order, nora: Client) -> None:
    for number in (shipped.external_id, shipped.public_id, TRACKING, " 0034 0434 1610 9400 0001 "):
        with at_most_queries(10):
            page = found(nora, number)
        for shown in (shipped.external_id, TRACKING, "poll", "Passed every rule", "Package 1", "History"):
            assert shown in page, (number, shown)
        assert "Ask the marketplace now" not in page


def test_a_skipped_number_tells_its_rule_and_offers_to_ask(north: House, nora: Client) -> None:
    payload = amazon_order(status="PENDING")
    bought(north, payload)
    page = found(nora, payload["orderId"])
    assert "Skipped" in page and "Status of the order" in page and "Ask the marketplace now" in page


def test_an_order_that_the_marketplace_ships_itself_says_so_in_words(north: House, nora: Client) -> None:
    payload = amazon_order(fulfilled_by="AMAZON")
    bought(north, payload)
    page = found(nora, payload["orderId"])
    assert "Who ships it" in page and "The marketplace ships this order from its own warehouse" in page
    assert "fulfilled_by" not in page and "(AFN)" not in page


def test_a_tracking_number_names_the_package_it_belongs_to(north: House, nora: Client) -> None:
    with tenant(north.psp.pk):
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=north.design.pk, actor=HUB)
    (order,) = bought(north, amazon_order(orderItems=[item(quantity=2)]))
    with tenant(north.psp.pk):
        OrderLine.objects.update(state="packing")
        line = order.lines.get()
        ship(order_id=order.pk, parcels=[Parcel("DHL", TRACKING, {line.pk: 1}), Parcel("DHL", "JJD000000002", {line.pk: 1})], actor=HUB)
    page = found(nora, "jjd 000 000 002")
    assert "The number is that of package 2: <strong>DHL JJD000000002</strong>." in page and "is that of package 1" not in page
    assert page.count("The one you looked for") == 1
    assert page.index("The one you looked for") > page.index("<h3>Package 2</h3>")
    with tenant(north.psp.pk):
        (first, _second) = order.packages.order_by("number")
    assert "is that of package 1" in found(nora, first.public_id)
    assert "is that of package" not in found(nora, order.external_id)


def test_several_matches_are_listed_and_each_leads_to_its_own_story(north: House, nora: Client, shipped: Order) -> None:
    bought(north)
    with tenant(north.psp.pk):
        other = Order.objects.exclude(pk=shipped.pk).get()
        OrderLine.objects.filter(order=other).update(state="packing", customer_product=north.mug, print_file=north.print_file)
        ship(order_id=other.pk, parcels=[Parcel("DHL", TRACKING, {other.lines.get().pk: 1}, is_shared=True)], actor=HUB)
    page = found(nora, TRACKING)
    assert "Several orders match" in page
    for order in (shipped, other):
        assert f"?q={order.public_id}" in page and "<small>package 1</small>" in page
        assert "Several orders match" not in found(nora, order.public_id)


def test_a_number_never_seen_is_asked_for_outside_any_transaction_and_the_answer_is_told(north: House, nora: Client) -> None:
    assert "has never seen" in found(nora, "302-0000000-0000000")

    def answer(number: str, psp: object) -> Answer:
        assert not scope_is_open()
        assert (number, psp) == ("302-0000000-0000000", north.psp)
        return Answer(Asked.UNKNOWN, "None of your marketplace accounts knows it.")

    with mock.patch("fulfillment.views.dashboard.finder.ask_for", side_effect=answer):
        page = nora.post(reverse("fulfillment:ask"), {"q": "302-0000000-0000000"}, follow=True)
    assert page.redirect_chain[-1][0].endswith("?q=302-0000000-0000000")
    assert "None of your marketplace accounts knows it." in page.content.decode()


@pytest.mark.parametrize("number", ["", "\0", "x" * 200, "' OR 1=1 --", "<script>"])
def test_odd_input_is_answered_with_a_page(nora: Client, number: str) -> None:
    assert "<script>" not in found(nora, number).partition("<main")[2].replace("<script src", "")
    assert nora.post(reverse("fulfillment:ask"), {"q": "" if number != "x" * 200 else number}).status_code == 302


def test_another_tenant_finds_nothing_and_readers_may_not_ask(north: House, south: House, shipped: Order) -> None:
    assert "has never seen" in found(browser_of(south.owner), shipped.external_id)
    reader = browser_of(north.reader)
    assert TRACKING in found(reader, shipped.external_id)
    assert "Ask the marketplace now" not in found(reader, "302-0000000-0000000")
    assert reader.post(reverse("fulfillment:ask"), {"q": "302-0000000-0000000"}).status_code == 403
    assert Client().get(reverse("fulfillment:finder")).status_code == 302
