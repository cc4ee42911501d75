"""Every remedy is at most three clicks away from Needs attention: walked by following links and buttons that the pages offer."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from fulfillment.models import Push
from fulfillment.services.cancelling import cancel_lines
from orders.models import Hold, HoldKind, Order, OrderLine
from orders.services.holds import open_hold
from pod_hub.accounts.actors import HUB
from pod_hub.core.tenancy import tenant
from stores.channels.telling_types import CancelReason
from stores.models import Authorization
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.browsers import browser_of
from tests.factories.cast import House

pytestmark = pytest.mark.django_db
MOST_CLICKS = 3


def targets(page: str) -> set[str]:
    """Every address that a page's links, forms and buttons lead to, inside its main part."""
    main = page[page.index("<main") :]
    found = re.findall(r'(?:href|action|formaction)="([^"#][^"]*)"', main)
    return {address.replace("&amp;", "&") for address in found}


def clicks_to(browser: Client, wanted: Callable[[str], bool]) -> int:
    """Return how many clicks lead from Needs attention to an address that fits; the last one is the remedy's own button."""
    seen, layer = set[str](), {reverse("orders:attention")}
    for clicks in range(1, MOST_CLICKS + 2):
        following = set[str]()
        for address in sorted(layer - seen):
            seen.add(address)
            path = address if address.startswith("/") else reverse("orders:orders") + address
            answer = browser.get(path)
            if answer.status_code == 200 and "html" in answer["Content-Type"] and not hasattr(answer, "streaming_content"):
                following |= targets(answer.content.decode())
        if any(wanted(address) for address in following):
            return clicks
        layer = {address for address in following if address.startswith(("/orders/", "/production/", "/stores/", "?")) and ".pdf" not in address}
    return MOST_CLICKS + 1


def held(house: House, kind: HoldKind, *, on_line: bool = True) -> Order:
    (order,) = bought(house, amazon_order(orderItems=[item("NEVER-SEEN")]))
    with tenant(house.psp.pk):
        line = order.lines.get()
        if kind != HoldKind.UNMAPPED:
            Hold.objects.filter(order=order).delete()
            open_hold(Order.objects.get(pk=order.pk), kind, "because", line=line if on_line else None)
            OrderLine.objects.filter(pk=line.pk).update(customer_product=house.mug)
    return order


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [
        (HoldKind.UNMAPPED, r"/orders/map/"),
        (HoldKind.ARTWORK, r"/orders/map/|/artwork/"),
        (HoldKind.ADDRESS, r"/address/"),
        (HoldKind.APPROVAL, r"/orders/approve/|/holds/\w+/release/"),
        (HoldKind.CANCEL_REQUEST, r"/cancel/|/decline-cancellation/"),
        (HoldKind.UNREADABLE, r"/holds/\w+/release/"),
        (HoldKind.PERSONALISATION, r"/personalisation/|/orders/ord_\w+/$"),
    ],
)
def test_a_hold_is_answered_within_three_clicks(north: House, kind: HoldKind, remedy: str) -> None:
    held(north, kind)
    assert clicks_to(browser_of(north.owner), lambda address: re.search(remedy, address) is not None) <= MOST_CLICKS


def test_goods_that_left_elsewhere_are_marked_within_three_clicks(north: House) -> None:
    held(north, HoldKind.UNMAPPED)
    assert clicks_to(browser_of(north.owner), lambda address: "/shipped-elsewhere/" in address) <= MOST_CLICKS


def test_a_refused_push_is_tried_again_within_one_click_for_all_and_three_for_one(north: House) -> None:
    order = held(north, HoldKind.UNMAPPED)
    with tenant(north.psp.pk):
        cancel_lines(order_id=order.pk, reason=CancelReason.NO_STOCK, actor=HUB)
        Push.objects.update(delivery="parked", last_error="Too late")
    nora = browser_of(north.owner)
    assert clicks_to(nora, lambda address: "try-all-again" in address) == 1
    assert clicks_to(nora, lambda address: re.search(r"/shipments/psh_\w+/try-again/", address) is not None) <= MOST_CLICKS


def test_a_lost_permission_is_given_again_within_two_clicks(north: House) -> None:
    with tenant(north.psp.pk):
        Authorization.objects.update(state="reconnect", last_error="The seller withdrew it.")
    assert clicks_to(browser_of(north.owner), lambda address: address.endswith(("/authorize/", "/ask-merchant/"))) <= 2


def test_a_cancellation_that_the_marketplace_refused_is_said_plainly_with_what_to_do(north: House) -> None:
    order = held(north, HoldKind.UNMAPPED)
    with tenant(north.psp.pk):
        cancel_lines(order_id=order.pk, reason=CancelReason.NO_STOCK, actor=HUB)
        Push.objects.update(delivery="parked", last_error="Order already shipped")
    page = browser_of(north.owner).get(reverse("orders:order", args=[order.public_id])).content.decode()
    assert "Amazon still expects NEVER-SEEN: it did not take the cancellation." in page
    assert "Order already shipped" in page and "Look again" in page


def test_a_quantity_that_was_lowered_here_says_what_the_marketplace_still_expects(north: House) -> None:
    (order,) = bought(north, amazon_order(orderItems=[item("NEVER-SEEN", quantity=3)]))
    with tenant(north.psp.pk):
        OrderLine.objects.update(quantity=1, quantity_told=3)
    page = browser_of(north.owner).get(reverse("orders:order", args=[order.public_id])).content.decode()
    assert "Amazon still expects 3 of NEVER-SEEN." in page and "Refund the missing 2 at Amazon" in page
    assert "Make them after all" in page
