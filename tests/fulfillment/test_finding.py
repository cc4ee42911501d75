"""The finder: any number tells its whole story (fulfillment/services/finding.py); replacements are linked (orders/services/replacements.py)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from fulfillment.models import Push
from fulfillment.services.finding import find, in_words
from fulfillment.services.shipping import Parcel, ship
from orders.models import Order, OrderLine
from orders.services.mapping import map_listing
from orders.services.replacements import replacements_of
from pod_hub.accounts.actors import HUB
from pod_hub.core.tenancy import tenant
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.cast import House

pytestmark = pytest.mark.django_db
TRACKING = "00340434161094000001"


@pytest.fixture
def shipped(north: House) -> Order:
    """An order that left in two packages."""
    with tenant(north.psp.pk):
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=north.design.pk, actor=HUB)
    order = bought(north, amazon_order(orderItems=[item(quantity=2)]))[-1]
    with tenant(north.psp.pk):
        OrderLine.objects.update(state="packing")
        line_id = order.lines.get().pk
        parcels = [Parcel("DHL", TRACKING, {line_id: 1}), Parcel("DHL", "00340434161094000002", {line_id: 1})]
        ship(order_id=order.pk, parcels=parcels, actor=HUB)
        Push.objects.update(read_back={"tracking_number": "SHOWN123", "reference": "1"}, read_back_at=now(), delivery="confirmed")
    return order


def test_order_number_public_id_and_tracking_number_find_the_same_order(north: House, shipped: Order) -> None:
    with tenant(north.psp.pk):
        wanted = {
            shipped.external_id: "order_number",
            shipped.public_id: "public_id",
            TRACKING: "tracking_number",
            "0034 0434 1610 9400 0001": "tracking_number",
            "SHOWN123": "tracking_number",
        }
        for text, matched in wanted.items():
            findings = find(text)
            assert ([one.order.pk for one in findings.orders], findings.matched) == ([shipped.pk], matched), text
            (one,) = findings.orders
            assert len(one.packages) == len(one.pushes) == 2
            assert [(record.verdict, record.rule, record.road) for record in findings.records] == [("imported", "accepted", "poll")]


def test_a_skipped_number_tells_the_rule_although_there_is_no_order(north: House) -> None:
    payload = amazon_order(status="PENDING")
    bought(north, payload)
    with tenant(north.psp.pk):
        findings = find(f"  {payload['orderId']} ")
        assert findings.found and findings.orders == []
        assert any("status" in line for line in in_words(findings))


def test_the_whole_story_takes_at_most_ten_queries(north: House, shipped: Order, django_assert_max_num_queries: Any) -> None:
    with tenant(north.psp.pk), django_assert_max_num_queries(10):
        words = in_words(find(shipped.external_id))
    assert any(TRACKING in line for line in words)


def test_another_tenant_finds_nothing(south: House, north: House, shipped: Order) -> None:
    with tenant(south.psp.pk):
        assert not find(shipped.external_id).found
        assert not find(TRACKING).found
        assert not find("").found


def test_the_command_says_it_in_plain_words_without_buyer_data(shipped: Order, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("find_order", shipped.external_id)
    said = capsys.readouterr().out
    assert "Northprint" in said and "accepted" in said and TRACKING in said
    assert not any(personal in said for personal in ("Bea", "Lindenstraße", "50674"))


def test_the_command_says_when_nobody_has_seen_the_number(north: House, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("find_order", "302-0000000-0000000")
    assert "never seen" not in capsys.readouterr().err
    with pytest.raises(CommandError, match="There is no PSP"):
        call_command("find_order", "302-0000000-0000000", "--psp", "nobody")


def test_a_replacement_is_imported_beside_its_original_and_shown_from_both_sides(north: House) -> None:
    original = amazon_order()
    linked = amazon_order(associatedOrders=[{"orderId": original["orderId"], "associationType": "REPLACEMENT_ORIGINAL_ID"}])
    first, second = bought(north, original, linked)
    with tenant(north.psp.pk):
        there, back = replacements_of(second), replacements_of(first)
        assert (there.replaces, there.replaced_by) == (first, [])
        assert (back.replaces, back.replaced_by) == (None, [second])


def test_a_replacement_of_an_order_that_was_never_imported_keeps_the_number(north: House) -> None:
    number = "302-9999999-9999999"
    (order,) = bought(north, amazon_order(associatedOrders=[{"orderId": number, "associationType": "EXCHANGE_ORIGINAL_ID"}]))
    with tenant(north.psp.pk):
        assert replacements_of(order).replaces_number == number
        assert replacements_of(order).replaces is None
