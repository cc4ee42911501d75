"""Listings that are sold but not made here: their lines never block, and come back when that is taken back (orders/services/ignoring.py)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now

from orders.models import Hold, HoldKind, Order, OrderLine
from orders.services.ignoring import ignore_listing, stop_ignoring, sweep_ignored
from orders.services.mapping import map_listing
from orders.services.production import IllegalTransition, move_lines, release_order
from orders.states import LineState, OrderState
from pod_hub.accounts.actors import HUB
from pod_hub.core.tenancy import tenant
from stores.models import Approval, Connection, Listing
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.cast import House

pytestmark = pytest.mark.django_db


def mapped(house: House) -> None:
    map_listing(listing_id=house.listing.pk, customer_product_id=house.mug.pk, design_id=house.design.pk, actor=HUB)


def foreign(house: House) -> Listing:
    """Return the listing that the house does not make, met in an order."""
    found: Listing = Listing.objects.get(store=house.store, key="COOKBOOK")
    return found


def open_holds(order: Order) -> list[str]:
    return list(Hold.objects.filter(order=order, released_at=None).values_list("kind", flat=True))


def test_an_ignored_line_no_longer_holds_up_the_rest_of_its_order(north: House) -> None:
    with tenant(north.psp.pk):
        mapped(north)
    (order,) = bought(north, amazon_order(orderItems=[item(), item("COOKBOOK")]))
    with tenant(north.psp.pk):
        assert open_holds(order) == [HoldKind.UNMAPPED]
        assert ignore_listing(listing_id=foreign(north).pk, actor=HUB) == 1
        assert open_holds(order) == []
        assert [line.sku for line in release_order(order_id=order.pk, actor=HUB)] == ["MUG-11OZ-WHITE"]
        order.refresh_from_db()
        assert (order.state, order.open_holds) == (OrderState.RELEASED, 0)
        aside = order.lines.get(sku="COOKBOOK")
        assert (aside.state, aside.quantity_open) == (LineState.NOT_OURS, 0)
        with pytest.raises(IllegalTransition):
            move_lines(order_id=order.pk, to=LineState.RELEASED, actor=HUB, line_ids=[aside.pk])


def test_an_order_of_ignored_listings_alone_comes_in_without_any_hold(north: House) -> None:
    bought(north, amazon_order(orderItems=[item("COOKBOOK")]))
    with tenant(north.psp.pk):
        Connection.objects.update(approval=Approval.MANUAL)
        ignore_listing(listing_id=foreign(north).pk, actor=HUB)
    first, later = bought(north, amazon_order(orderItems=[item("COOKBOOK")], recipient=None))
    with tenant(north.psp.pk):
        first.refresh_from_db()
        assert (first.state, later.state) == (OrderState.NOT_OURS, OrderState.NOT_OURS)
        assert open_holds(first) == open_holds(later) == []


def test_taking_it_back_holds_the_lines_for_a_product_and_asks_for_approval_like_a_new_order(north: House) -> None:
    bought(north, amazon_order(orderItems=[item("COOKBOOK")]))
    with tenant(north.psp.pk):
        Connection.objects.update(approval=Approval.MANUAL)
        ignore_listing(listing_id=foreign(north).pk, actor=HUB)
    bought(north, amazon_order(orderItems=[item("COOKBOOK")]))
    with tenant(north.psp.pk):
        assert stop_ignoring(listing_id=foreign(north).pk, actor=HUB) == 2
        assert foreign(north).state == Listing.State.UNMAPPED
        for order in Order.objects.order_by("pk"):
            assert order.state == OrderState.RECEIVED
            assert sorted(open_holds(order)) == [HoldKind.APPROVAL, HoldKind.UNMAPPED]


def test_a_mapped_listing_that_was_ignored_is_made_as_before_once_that_is_taken_back(north: House) -> None:
    with tenant(north.psp.pk):
        mapped(north)
        ignore_listing(listing_id=north.listing.pk, actor=HUB)
    (order,) = bought(north)
    with tenant(north.psp.pk):
        assert order.state == OrderState.NOT_OURS and order.lines.get().customer_product is None
        stop_ignoring(listing_id=north.listing.pk, actor=HUB)
        order.refresh_from_db()
        assert (order.state, open_holds(order)) == (OrderState.RECEIVED, [])
        assert order.lines.get().print_file == north.print_file


def test_connecting_an_ignored_listing_ends_its_being_ignored(north: House) -> None:
    (order,) = bought(north)
    with tenant(north.psp.pk):
        ignore_listing(listing_id=north.listing.pk, actor=HUB)
        mapped(north)
        assert Listing.objects.get(pk=north.listing.pk).state == Listing.State.MAPPED
        order.refresh_from_db()
        assert (order.state, open_holds(order)) == (OrderState.RECEIVED, [])


def test_what_is_being_printed_already_goes_on(north: House) -> None:
    with tenant(north.psp.pk):
        mapped(north)
    (order,) = bought(north)
    with tenant(north.psp.pk):
        OrderLine.objects.update(state=LineState.PRINTING)
        assert ignore_listing(listing_id=north.listing.pk, actor=HUB) == 0
        assert order.lines.get().state == LineState.PRINTING


def test_lines_that_are_not_ours_follow_the_marketplace_without_asking_anybody(north: House) -> None:
    with tenant(north.psp.pk):
        ignore_listing(listing_id=north.listing.pk, actor=HUB)
    line = item(number="40000000000001")
    payload = amazon_order(orderItems=[line], updated=now() - timedelta(minutes=30))
    wish = {"cancellation": {"cancellationRequest": {"requester": "BUYER", "cancelReason": "changed my mind"}}}
    asks = payload | {"lastUpdatedTime": now().strftime("%Y-%m-%dT%H:%M:%SZ"), "orderItems": [line | wish]}
    (order,) = bought(north, payload)
    bought(north, asks)
    with tenant(north.psp.pk):
        assert open_holds(order) == []
        assert order.lines.get().state == LineState.NOT_OURS


def test_a_line_whose_batch_looked_before_the_decision_is_set_aside_by_the_sweep_and_the_other_way_round(north: House) -> None:
    (order,) = bought(north)
    with tenant(north.psp.pk):
        ignore_listing(listing_id=north.listing.pk, actor=HUB)
        OrderLine.objects.update(state=LineState.RECEIVED)
    assert (sweep_ignored(), sweep_ignored()) == (1, 0)
    with tenant(north.psp.pk):
        assert order.lines.get().state == LineState.NOT_OURS
        stop_ignoring(listing_id=north.listing.pk, actor=HUB)
        OrderLine.objects.update(state=LineState.NOT_OURS)
        Hold.objects.filter(order=order).update(released_at=now())
    assert (sweep_ignored(), sweep_ignored()) == (1, 0)
    with tenant(north.psp.pk):
        assert open_holds(order) == [HoldKind.UNMAPPED]
