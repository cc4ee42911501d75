"""Approval and changes before printing (orders/services/approving.py and editing.py)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings
from django.utils.timezone import now

from catalog.services.print_files import keep_print_file
from orders.buyer_data import buyer_of
from orders.models import BuyerData, Hold, Order, OrderEvent, OrderLine
from orders.services.approving import approval_ends, approve_orders, edit_window, release_due
from orders.services.editing import CannotEdit, edit_address, edit_artwork, edit_quantity
from orders.services.mapping import map_listing
from pod_hub.accounts.actors import HUB, Actor
from pod_hub.core.sealing import search_hash
from pod_hub.core.tenancy import tenant
from stores.channels.types import Address
from stores.models import Approval, Connection
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.cast import House, artwork

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
NEW = Address(name="Bea Neighbour", lines=("Ringstraße 1",), city="Bonn", region="", postcode="53111", country="DE")


def with_approval(house: House, approval: Approval) -> None:
    with tenant(house.psp.pk):
        Connection.objects.update(approval=approval)
        map_listing(listing_id=house.listing.pk, customer_product_id=house.mug.pk, design_id=house.design.pk, actor=HUB)


@pytest.mark.parametrize(
    ("approval", "ship_by_h", "ends_after_h"),
    [
        (Approval.MANUAL, 48, None),
        (Approval.AFTER_1_H, 48, 1),
        (Approval.AFTER_24_H, 200, 24),
        (Approval.AFTER_24_H, 48, 12),  # a quarter of what is left
        (Approval.AFTER_1_H, 2, 0.5),
        (Approval.AFTER_24_H, -1, 0),
        (Approval.AFTER_24_H, None, 24),
    ],
)
@override_settings(TIME_FACTOR=1)
def test_the_window_ends_after_the_delay_or_a_quarter_of_the_time_left(
    approval: Approval, ship_by_h: float | None, ends_after_h: float | None
) -> None:
    ship_by = None if ship_by_h is None else MOMENT + timedelta(hours=ship_by_h)
    ends = approval_ends(approval, moment=MOMENT, ship_by=ship_by)
    assert ends == (None if ends_after_h is None else MOMENT + timedelta(hours=ends_after_h))


def test_a_person_approves_and_the_event_names_them(north: House) -> None:
    with_approval(north, Approval.MANUAL)
    (order,) = bought(north)
    assert order.open_holds == 1
    with tenant(north.psp.pk):
        assert order.holds.get().kind == "approval"
        assert approve_orders(order_ids=[order.pk], actor=Actor.person(north.owner)) == 1
        assert approve_orders(order_ids=[order.pk], actor=Actor.person(north.owner)) == 0
        assert order.holds.get().released_by == north.owner
        assert Order.objects.get().open_holds == 0
    assert release_due() == 0


def test_the_sweep_approves_when_the_time_is_over_and_not_before(north: House) -> None:
    with_approval(north, Approval.AFTER_24_H)
    (order,) = bought(north)
    assert release_due() == 0
    with tenant(north.psp.pk):
        Hold.objects.update(release_at=now() - timedelta(seconds=1))
    assert release_due() == 1
    assert release_due() == 0
    with tenant(north.psp.pk):
        assert not edit_window(order).is_open
        assert Order.objects.get().open_holds == 0


def test_a_ship_by_that_comes_nearer_shortens_the_window_and_one_that_moves_away_does_not_extend_it(north: House) -> None:
    with_approval(north, Approval.AFTER_24_H)
    placed, number, line = now() - timedelta(hours=1), "302-7654321-0000050", item()
    (order,) = bought(north, amazon_order(orderId=number, placed=placed, orderItems=[line], ship_by=placed + timedelta(days=9)))
    with tenant(north.psp.pk):
        first = order.holds.get().release_at
    nearer = {"updated": placed + timedelta(minutes=1), "ship_by": placed + timedelta(hours=1, minutes=4)}
    bought(north, amazon_order(orderId=number, placed=placed, orderItems=[line], **nearer))
    with tenant(north.psp.pk):
        second = order.holds.get().release_at
        assert first is not None and second is not None and second < first
    further = {"updated": placed + timedelta(minutes=2), "ship_by": placed + timedelta(days=30)}
    bought(north, amazon_order(orderId=number, placed=placed, orderItems=[line], **further))
    with tenant(north.psp.pk):
        assert order.holds.get().release_at == second


def test_a_store_without_approval_holds_nothing(north: House) -> None:
    with_approval(north, Approval.NONE)
    (order,) = bought(north)
    assert order.open_holds == 0
    with tenant(north.psp.pk):
        assert not edit_window(order).is_open


def test_an_edited_address_is_sealed_found_by_its_hash_and_not_overwritten_by_the_old_one(north: House) -> None:
    with_approval(north, Approval.MANUAL)
    placed, number, line = now() - timedelta(hours=1), "302-7654321-0000051", item()
    (order,) = bought(north, amazon_order(orderId=number, placed=placed, orderItems=[line]))
    with tenant(north.psp.pk):
        assert edit_address(order_id=order.pk, address=NEW, actor=HUB)
        assert not edit_address(order_id=order.pk, address=NEW, actor=HUB)
        row = BuyerData.objects.get(postcode_hash=search_hash("53111", kind="postcode", psp_id=north.psp.pk))
        assert b"Bonn" not in bytes(row.sealed)
        event = OrderEvent.objects.get(order=order, kind="address")
        assert "Bonn" not in event.summary + str(event.facts)
    bought(north, amazon_order(orderId=number, placed=placed, updated=placed + timedelta(minutes=1), orderItems=[line]))
    with tenant(north.psp.pk):
        buyer = buyer_of(order)
        assert buyer is not None and buyer.address == NEW
    moved = amazon_order(orderId=number, placed=placed, updated=placed + timedelta(minutes=2), orderItems=[line])
    moved["recipient"]["deliveryAddress"]["city"] = "Aachen"
    bought(north, moved)
    with tenant(north.psp.pk):
        buyer = buyer_of(order)
        assert buyer is not None and buyer.address is not None and buyer.address.city == "Aachen"


def test_a_missing_address_that_is_entered_ends_its_hold(north: House) -> None:
    (order,) = bought(north, amazon_order(recipient=None))
    with tenant(north.psp.pk):
        assert edit_address(order_id=order.pk, address=NEW, actor=HUB, within_window=False)
        assert "address" not in order.holds.filter(released_at=None).values_list("kind", flat=True)
        with pytest.raises(CannotEdit, match="incomplete"):
            edit_address(order_id=order.pk, address=replace(NEW, city=""), actor=HUB, within_window=False)


def test_quantity_goes_down_and_stays_down_when_the_marketplace_repeats_itself(north: House) -> None:
    with_approval(north, Approval.MANUAL)
    placed, number, line = now() - timedelta(hours=1), "302-7654321-0000052", item(quantity=3)
    (order,) = bought(north, amazon_order(orderId=number, placed=placed, orderItems=[line]))
    with tenant(north.psp.pk):
        line_id = order.lines.get().pk
        assert edit_quantity(line_id=line_id, quantity=2, actor=HUB, reason="one is broken")
        for wrong, words in ((0, "cancellation"), (4, "ordered 3")):
            with pytest.raises(CannotEdit, match=words):
                edit_quantity(line_id=line_id, quantity=wrong, actor=HUB)
    bought(north, amazon_order(orderId=number, placed=placed, updated=placed + timedelta(minutes=1), orderItems=[line]))
    with tenant(north.psp.pk):
        assert OrderLine.objects.get(pk=line_id).quantity == 2
        assert edit_quantity(line_id=line_id, quantity=3, actor=HUB)
        assert OrderLine.objects.get(pk=line_id).quantity_told is None


def test_another_artwork_for_one_line_leaves_the_mapping_alone_and_solves_its_hold(north: House) -> None:
    with_approval(north, Approval.MANUAL)
    (order,) = bought(north)
    with tenant(north.psp.pk):
        line = order.lines.get()
        other = keep_print_file(content=artwork(colour="red"), file_name="red.png", product_model=north.design.product_model)
        assert edit_artwork(line_id=line.pk, print_file_id=other.pk, actor=HUB)
        assert not edit_artwork(line_id=line.pk, print_file_id=other.pk, actor=HUB)
        line.refresh_from_db()
        assert line.print_file == other and line.mapping is not None and line.mapping.parts.get().print_file == north.print_file


def test_after_the_window_only_the_print_provider_changes_and_after_printing_nobody(north: House) -> None:
    with_approval(north, Approval.MANUAL)
    (order,) = bought(north, amazon_order(orderItems=[item(quantity=3)]))
    with tenant(north.psp.pk):
        line_id = order.lines.get().pk
        approve_orders(order_ids=[order.pk], actor=HUB)
        with pytest.raises(CannotEdit, match="approved"):
            edit_quantity(line_id=line_id, quantity=2, actor=HUB)
        assert edit_quantity(line_id=line_id, quantity=2, actor=HUB, within_window=False)
        OrderLine.objects.update(state="printing")
        with pytest.raises(CannotEdit, match="printing"):
            edit_quantity(line_id=line_id, quantity=1, actor=HUB, within_window=False)
