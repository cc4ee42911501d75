"""Intake: records become orders, once, with every line, or say why not (orders/services/take_in.py)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now

from orders.buyer_data import buyer_of
from orders.models import BuyerData, Hold, IntakeRecord, Order, OrderEvent, OrderLine
from orders.services.ledger import decide_again
from orders.services.mapping import map_listing
from pod_hub.accounts.actors import HUB
from pod_hub.core.sealing import search_hash
from pod_hub.core.tenancy import tenant
from stores.models import Connection, Listing
from tests.factories.amazon_orders import amazon_order, bought, item, record, take_in_all
from tests.factories.cast import House

pytestmark = pytest.mark.django_db


def verdicts(house: House) -> list[tuple[str, str]]:
    with tenant(house.psp.pk):
        return list(IntakeRecord.objects.order_by("pk").values_list("verdict", "rule"))


def test_an_order_is_imported_with_its_lines_buyer_and_ship_by(north: House) -> None:
    payload = amazon_order(orderItems=[item(quantity=2), item("TEE-CLASSIC-M")])
    (order,) = bought(north, payload)
    with tenant(north.psp.pk):
        assert order.external_id == payload["orderId"]
        assert [(line.sku, line.quantity) for line in order.lines.all()] == [("MUG-11OZ-WHITE", 2), ("TEE-CLASSIC-M", 1)]
        buyer = buyer_of(order)
        assert buyer is not None and buyer.address is not None
        assert (buyer.name, buyer.address.city, buyer.address.lines) == ("Bea Buyer", "Köln", ("Lindenstraße 12",))
        assert order.ship_by is not None and order.ship_by > now()
        assert BuyerData.objects.get(postcode_hash=search_hash("50674", kind="postcode", psp_id=north.psp.pk)).order_id == order.pk


def test_repeated_poll_creates_no_second_order(north: House) -> None:
    payload = amazon_order()
    bought(north, payload)
    orders = bought(north, payload)
    assert len(orders) == 1
    assert verdicts(north) == [("imported", "accepted")]


def test_reordered_revisions_end_with_the_newest(north: House) -> None:
    placed = now() - timedelta(hours=3)
    number, line = "302-7654321-0000009", "40000000000001"
    old = amazon_order(orderId=number, placed=placed, orderItems=[item(number=line, quantity=1)])
    new = amazon_order(orderId=number, placed=placed, updated=placed + timedelta(hours=1), orderItems=[item(number=line, quantity=3)])
    bought(north, new)
    (order,) = bought(north, old)
    with tenant(north.psp.pk):
        assert order.lines.get().quantity == 3
    assert verdicts(north) == [("imported", "accepted"), ("superseded", "older")]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"fulfilled_by": "AMAZON"}, "fulfilled_by"),
        ({"status": "PENDING"}, "status"),
        ({"status": "SHIPPED"}, "status"),
        ({"placed": now() - timedelta(days=8)}, "too_old"),
        ({"salesChannel": {"channelName": "AMAZON", "marketplaceId": "A13V1IB3VIYZZH"}}, "no_store"),
    ],
)
def test_a_skipped_order_is_listed_with_the_rule_that_skipped_it(north: House, changes: dict[str, object], rule: str) -> None:
    assert bought(north, amazon_order(**changes)) == []
    with tenant(north.psp.pk):
        entry = IntakeRecord.objects.get()
        assert (entry.verdict, entry.rule) == ("skipped", rule)
        assert entry.reason.endswith(".") and len(entry.reason) > 30


def test_a_pending_order_is_imported_once_it_is_paid(north: House) -> None:
    placed = now() - timedelta(hours=3)
    number = "302-7654321-0000010"
    assert bought(north, amazon_order(orderId=number, placed=placed, status="PENDING", recipient=None)) == []
    (order,) = bought(north, amazon_order(orderId=number, placed=placed, updated=placed + timedelta(hours=1)))
    assert order.external_id == number


def test_a_changed_setting_decides_skipped_records_again(north: House) -> None:
    assert bought(north, amazon_order(placed=now() - timedelta(days=9))) == []
    with tenant(north.psp.pk):
        Connection.objects.update(max_order_age_days=30)
        assert decide_again(authorization_id=north.connection.authorization_id) == 1
    take_in_all(north)
    assert verdicts(north) == [("imported", "accepted")]


def test_an_unreadable_order_is_kept_and_holds_nobody_else_up(north: House) -> None:
    orders = bought(north, amazon_order(status="TELEPORTED"), amazon_order(), {"nonsense": True}, amazon_order(orderItems=[{"bad": 1}]))
    assert len(orders) == 1
    with tenant(north.psp.pk):
        strange = IntakeRecord.objects.exclude(verdict="imported")
        assert strange.count() == 3
        assert all(entry.verdict == "pending" and entry.attempts == 1 and entry.reason for entry in strange)
        strange.update(not_before=now(), attempts=4)
    take_in_all(north)
    with tenant(north.psp.pk):
        assert IntakeRecord.objects.filter(verdict="unreadable").count() == 3


def test_an_order_that_came_crippled_once_is_read_when_the_same_revision_comes_whole(north: House) -> None:
    whole = amazon_order()
    bought(north, whole | {"orderItems": "unreadable"})
    with tenant(north.psp.pk):
        crippled = IntakeRecord.objects.get()
        IntakeRecord.objects.update(verdict="unreadable", attempts=5)
        assert not Order.objects.exists()
    (order,) = bought(north, whole)
    assert order.external_id == whole["orderId"]
    with tenant(north.psp.pk):
        record = IntakeRecord.objects.get()
        assert (record.pk, record.verdict, record.order_id) == (crippled.pk, "imported", order.pk)


def test_an_order_that_changes_twice_within_one_second_ends_as_the_marketplace_told_it_last(north: House) -> None:
    placed, number, line = now() - timedelta(hours=3), "302-7654321-0000019", "40000000000019"
    before = amazon_order(orderId=number, placed=placed, updated=placed, orderItems=[item(number=line, quantity=1)])
    after = amazon_order(orderId=number, placed=placed, updated=placed, orderItems=[item(number=line, quantity=3)])
    bought(north, before)
    (order,) = bought(north, after)
    with tenant(north.psp.pk):
        assert order.lines.get().quantity == 3
        assert [(record.verdict, record.rule) for record in IntakeRecord.objects.all()] == [("imported", "change")]


def test_a_purged_record_takes_no_content_again(north: House) -> None:
    payload = amazon_order()
    bought(north, payload)
    with tenant(north.psp.pk):
        IntakeRecord.objects.update(payload_sealed=None)
    bought(north, payload)
    with tenant(north.psp.pk):
        assert IntakeRecord.objects.get().payload_sealed is None


def test_the_same_crippled_content_again_starts_no_new_tries(north: House) -> None:
    crippled = amazon_order(orderItems="unreadable")
    bought(north, crippled)
    bought(north, crippled)
    with tenant(north.psp.pk):
        assert [(record.verdict, record.attempts) for record in IntakeRecord.objects.all()] == [("pending", 1)]


def test_an_order_with_an_unmapped_listing_is_imported_and_waits_and_mapping_releases_all_of_them(north: House) -> None:
    orders = bought(north, *(amazon_order() for _number in range(5)))
    assert {order.open_holds for order in orders} == {1}
    with tenant(north.psp.pk):
        done = map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=north.design.pk, actor=HUB)
        assert (done.lines_filled, done.holds_released) == (5, 5)
        assert not Order.objects.filter(open_holds__gt=0).exists()
        assert set(OrderLine.objects.values_list("print_file", flat=True)) == {north.print_file.pk}
    (last,) = bought(north, amazon_order())[-1:]
    assert last.open_holds == 0


def test_a_mapping_without_artwork_leaves_an_artwork_hold(north: House) -> None:
    (order,) = bought(north)
    with tenant(north.psp.pk):
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=None, actor=HUB)
        assert list(order.holds.filter(released_at=None).values_list("kind", flat=True)) == ["artwork"]
        order.refresh_from_db()
        assert order.open_holds == 1


@pytest.mark.parametrize("sku", ["A/B 1", "MUG-NAME/ÄÖÜ 1", " leading", "100% #1+2", "日本語-SKU", "x" * 40])
def test_any_sku_finds_its_way_to_a_listing_that_can_be_mapped(north: House, sku: str) -> None:
    (order,) = bought(north, amazon_order(orderItems=[item(sku)]))
    with tenant(north.psp.pk):
        assert Listing.objects.get(order_lines=order.lines.get()).key == sku


def test_a_line_without_sku_is_found_by_its_asin(north: House) -> None:
    (order,) = bought(north, amazon_order(orderItems=[item(None)]))
    with tenant(north.psp.pk):
        line = order.lines.get()
        assert line.listing is not None and line.listing.key == "asin:B0DEMOMUG1"
        assert order.holds.get(released_at=None).kind == "unmapped"


def test_an_order_without_address_waits_and_goes_on_when_the_address_comes(north: House) -> None:
    placed = now() - timedelta(hours=3)
    number, line = "302-7654321-0000011", item()
    (order,) = bought(north, amazon_order(orderId=number, placed=placed, recipient=None, orderItems=[line]))
    with tenant(north.psp.pk):
        assert "address" in order.holds.filter(released_at=None).values_list("kind", flat=True)
    bought(north, amazon_order(orderId=number, placed=placed, updated=placed + timedelta(minutes=9), orderItems=[line]))
    with tenant(north.psp.pk):
        assert "address" not in order.holds.filter(released_at=None).values_list("kind", flat=True)
        buyer = buyer_of(order)
        assert buyer is not None and buyer.address is not None


def test_an_address_that_is_withheld_again_never_overwrites_the_one_we_have(north: House) -> None:
    placed = now() - timedelta(hours=3)
    number, line = "302-7654321-0000012", item()
    bought(north, amazon_order(orderId=number, placed=placed, orderItems=[line]))
    (order,) = bought(
        north, amazon_order(orderId=number, placed=placed, updated=placed + timedelta(hours=1), recipient=None, buyer=None, orderItems=[line])
    )
    with tenant(north.psp.pk):
        buyer = buyer_of(order)
        assert buyer is not None and buyer.address is not None and buyer.address.postcode == "50674"


def test_a_cancellation_at_the_marketplace_cancels_what_is_not_printed(north: House) -> None:
    placed = now() - timedelta(hours=3)
    number, line = "302-7654321-0000013", item()
    bought(north, amazon_order(orderId=number, placed=placed, orderItems=[line]))
    (order,) = bought(north, amazon_order(orderId=number, placed=placed, updated=placed + timedelta(hours=1), status="CANCELLED", orderItems=[line]))
    with tenant(north.psp.pk):
        order.refresh_from_db()
        assert (order.state, order.open_holds) == ("cancelled", 0)
        assert order.lines.get().state == "cancelled"


def test_a_buyers_wish_to_cancel_holds_the_line_with_its_reason(north: House) -> None:
    placed = now() - timedelta(hours=3)
    number, line = "302-7654321-0000014", item()
    bought(north, amazon_order(orderId=number, placed=placed, orderItems=[line]))
    wish = {"cancellation": {"cancellationRequest": {"requester": "BUYER", "cancelReason": "Bought by mistake"}}}
    (order,) = bought(north, amazon_order(orderId=number, placed=placed, updated=placed + timedelta(hours=1), orderItems=[line | wish]))
    with tenant(north.psp.pk):
        hold = order.holds.get(kind="cancel_request", released_at=None)
        assert "Bought by mistake" in hold.reason


def test_every_decision_stands_on_the_timeline(north: House) -> None:
    (order,) = bought(north)
    with tenant(north.psp.pk):
        assert list(OrderEvent.objects.filter(order=order).values_list("kind", flat=True)) == ["imported", "hold_opened"]


def test_no_line_is_lost_on_the_way(north: House) -> None:
    payloads = [amazon_order(orderItems=[item(f"SKU-{n}-{k}") for k in range(n % 7 + 1)]) for n in range(40)]
    orders = bought(north, *payloads)
    told = {payload["orderId"]: len(payload["orderItems"]) for payload in payloads}
    with tenant(north.psp.pk):
        assert {order.external_id: order.lines.count() for order in orders} == told
        assert Hold.objects.filter(kind="unmapped").count() == sum(told.values())


def test_text_that_a_database_cannot_hold_breaks_nobody_else(north: House) -> None:
    nul = amazon_order(orderItems=[item("MUG\u0000EVIL", product={"title": "nul \u0000 byte"})])
    emoji = amazon_order(orderItems=[item("MUG-🎁", product={"title": "‮RTL and 🎁"})])
    orders = bought(north, nul, emoji, amazon_order())
    assert emoji["orderId"] in {order.external_id for order in orders}
    assert len(orders) >= 2
    record(north, nul)
    with tenant(north.psp.pk):
        assert IntakeRecord.objects.count() == 3
