"""Cancelling from the pages: lines and reason, the question about printed lines, and cancellations beside packages everywhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fulfillment.models import Push
from fulfillment.services.cancelling import cancel_lines
from orders.models import HoldKind, Order, OrderLine
from orders.services.holds import open_hold, record_event
from pod_hub.accounts.actors import HUB
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from stores.channels.telling_types import CancelReason
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.browsers import browser_of
from tests.factories.cast import UNITED_STATES, House
from tests.factories.pages import at_most_queries, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def nora(north: House) -> Client:
    return browser_of(north.owner)


def sent(client: Client, order: Order, **data: Any) -> Any:
    return client.post(reverse("fulfillment:cancel", args=[order.public_id]), data, follow=True)


def cancelled(house: House) -> tuple[Order, Push]:
    (order,) = bought(house, amazon_order(orderItems=[item(), item("TEE-CLASSIC-M")]))
    with tenant(house.psp.pk):
        push = cancel_lines(order_id=order.pk, reason=CancelReason.NO_STOCK, actor=HUB)
    assert push is not None
    return order, push


@pytest.mark.parametrize("name", ["cancel", "decline_cancellation", "shipped_elsewhere"])
def test_pages_about_one_order_stand_under_the_list_of_orders(north: House, nora: Client, name: str) -> None:
    (order,) = bought(north)
    page = text(nora, reverse(f"fulfillment:{name}", args=[order.public_id]))
    assert set(re.findall(r'<a href="([^"]*)" aria-current="page" data-go=', page)) == {reverse("orders:orders")}


@pytest.mark.parametrize("delivery", Delivery.values)
def test_a_cancellation_is_shown_in_every_state_on_every_page_that_shows_pushes(north: House, nora: Client, delivery: str) -> None:
    order, push = cancelled(north)
    with tenant(north.psp.pk):
        Push.objects.update(delivery=delivery, last_error="FeedError 99", read_back={"cancelled": push.line_numbers})
    pages = {
        name: text(nora, address)
        for name, address in {
            "list": reverse("fulfillment:shipments"),
            "push": reverse("fulfillment:push", args=[push.public_id]),
            "order": reverse("orders:order", args=[order.public_id]),
            "finder": reverse("fulfillment:finder") + f"?q={order.external_id}",
        }.items()
    }
    for name, page in pages.items():
        assert "Cancellation of 2 lines" in page and "not in stock" in page, name
        assert "FeedError 99" in page, name
    assert push.line_numbers[0] in pages["push"]
    assert ("Try again" in pages["order"]) == (delivery == Delivery.PARKED)
    inbox = text(nora, reverse("orders:attention"))
    assert ("Not taken by the marketplace" in inbox) == (delivery == Delivery.PARKED)


def test_one_line_is_cancelled_with_its_reason_and_the_rest_stays(north: House, nora: Client) -> None:
    (order,) = bought(north, amazon_order(orderItems=[item(), item("TEE-CLASSIC-M")]))
    with tenant(north.psp.pk):
        mug, tee = order.lines.order_by("pk")
    form = text(nora, reverse("fulfillment:cancel", args=[order.public_id]) + f"?line={tee.public_id}")
    assert form.count("checked") == 1
    assert "1 line was cancelled" in sent(nora, order, reason="no_carrier", lines=[tee.public_id]).content.decode()
    with tenant(north.psp.pk):
        assert [line.state for line in order.lines.order_by("pk")] == ["received", "cancelled"]
        push = Push.objects.get()
        assert (push.line_numbers, push.reason) == ([tee.external_line_id], "no_carrier")
    again = sent(nora, order, reason="no_carrier", lines=[tee.public_id]).content.decode()
    assert "had been cancelled already" in again
    with tenant(north.psp.pk):
        assert Push.objects.count() == 1
        mug.refresh_from_db()
        assert mug.state == "received"


def test_the_question_quotes_the_buyers_reason_once(north: House, nora: Client) -> None:
    (order,) = bought(north, amazon_order(orderItems=[item(), item("TEE-CLASSIC-M")]))
    with tenant(north.psp.pk):
        for line in order.lines.all():
            open_hold(order, HoldKind.CANCEL_REQUEST, "Buyer asks to cancel: Ordered twice.", line=line)
    form = text(nora, reverse("fulfillment:cancel", args=[order.public_id]))
    assert form.count("Buyer asks to cancel: Ordered twice.") == 1
    assert 'value="buyer_cancelled" selected' in form


def test_printed_lines_are_asked_about_first(north: House, nora: Client) -> None:
    (order,) = bought(north)
    with tenant(north.psp.pk):
        OrderLine.objects.update(state="printing")
        line = order.lines.get()
    asked = sent(nora, order, reason="other", lines=[line.public_id]).content.decode()
    assert "Printed already" in asked and str(line) in asked
    with tenant(north.psp.pk):
        assert not Push.objects.exists()
    assert "1 line was cancelled" in sent(nora, order, reason="other", lines=[line.public_id], printed="on").content.decode()


def test_wrong_input_is_told_and_changes_nothing(north: House, south: House, nora: Client) -> None:
    (order,) = bought(north)
    foreign = bought(south, amazon_order(salesChannel={"channelName": "AMAZON", "marketplaceId": UNITED_STATES}))[-1]
    with tenant(north.psp.pk):
        line = order.lines.get().public_id
    with tenant(south.psp.pk):
        other = [foreign.lines.get().public_id]
    for data in (
        {"lines": [line]},
        {"reason": "bored", "lines": [line]},
        {"reason": "other"},
        {"reason": "other", "lines": other},
        {"reason": "other", "lines": ["\0"]},
    ):
        assert sent(nora, order, **data).status_code == 422, data
    with tenant(north.psp.pk):
        assert not Push.objects.exists() and order.lines.get().state == "received"
        OrderLine.objects.update(state="shipped", quantity_shipped=1)
    refused = sent(nora, order, reason="other", lines=[line])
    assert refused.status_code == 422 and "has left already" in refused.content.decode()
    assert "Nothing can be cancelled" in text(nora, reverse("fulfillment:cancel", args=[order.public_id]))


def test_rights_and_tenants_are_kept(north: House, south: House) -> None:
    (order,) = bought(north)
    for name in ("cancel", "decline_cancellation"):
        address = reverse(f"fulfillment:{name}", args=[order.public_id])
        assert browser_of(south.owner).post(address).status_code == 404
        assert browser_of(north.reader).post(address).status_code == 403
        assert Client().post(address).status_code == 302
    with tenant(north.psp.pk):
        assert order.lines.get().state == "received"


def test_the_order_page_with_packages_cancellations_and_a_replacement_keeps_its_budget(north: House, nora: Client) -> None:
    order, _push = cancelled(north)
    bought(north, amazon_order(orderAliases=[{"aliasId": order.external_id, "aliasType": "SELLER_ORDER_ID"}]))
    with tenant(north.psp.pk):
        later = Order.objects.exclude(pk=order.pk).get()
        Order.objects.filter(pk=later.pk).update(replaces=order.external_id)
        record_event(order.pk, "note", "Something")
    with at_most_queries(10):
        page = text(nora, reverse("orders:order", args=[order.public_id]))
    assert "Replaced by" in page and later.external_id in page
    other = text(nora, reverse("orders:order", args=[later.public_id]))
    assert "Replaces" in other and reverse("orders:order", args=[order.public_id]) in other
