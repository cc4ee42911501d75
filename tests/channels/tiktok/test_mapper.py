"""TikTok Shop's JSON in our words: payload files in TikTok's shape against exact dataclasses."""

from __future__ import annotations

import contextlib
import copy
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test.utils import override_settings
from hypothesis import given, settings, strategies

from stores.channels.errors import Unreadable
from stores.channels.tiktok import mapper
from stores.channels.types import (
    Address,
    Amount,
    Buyer,
    CancelRequest,
    ChannelState,
    FulfilledBy,
    IncomingLine,
    IncomingListing,
    IncomingOrder,
    SeenPackage,
)
from tests.channels.tiktok.conftest import SHOP
from tests.channels.tiktok.published import FOLDER, MISSING

PAYLOADS = Path(__file__).parent / "payloads"


def payload(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text())
    return read


def read(name: str) -> IncomingOrder:
    return mapper.read_order(payload(name))


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


HOME = Address(
    name="David Kong",
    lines=("5800 Bristol Pkwy", "Suite 100"),
    city="Culver City",
    region="California",
    district="Los Angeles",
    postcode="90230",
    country="US",
    phone="(+1)213-555-1234",
    kind="HOME_DELIVERY",
    instructions="Front Door",
)
LINE = IncomingLine(
    external_line_id="",
    listing_key="MUG-11OZ-WHITE",
    sku="MUG-11OZ-WHITE",
    product_id="1729582718312380123",
    title="Ceramic mug 11oz, White",
    quantity=1,
    quantity_shipped=0,
    unit_price=Amount(Decimal("12.50"), "USD"),
    line_total=Amount(Decimal("12.50"), "USD"),
)


def unit(number: int) -> str:
    return f"57708651212375{number:04d}"


def line(*units: int, **changes: Any) -> IncomingLine:
    """What the payload files share: one line of so many units of the white mug."""
    made = replace(
        LINE,
        external_line_id=unit(units[0]),
        units=tuple(unit(number) for number in units),
        quantity=len(units),
        line_total=Amount(Decimal("12.50") * len(units), "USD"),
    )
    return replace(made, **changes)


def order(number: int, *lines: IncomingLine, **changes: Any) -> IncomingOrder:
    made = IncomingOrder(
        external_id=f"57646141303878{number:04d}",
        revision=at(1795168800),
        placed_at=at(1795165200),
        marketplace=SHOP,
        state=ChannelState.UNSHIPPED,
        channel_status="AWAITING_SHIPMENT",
        fulfilled_by=FulfilledBy.MERCHANT,
        ship_by=at(1795424340),
        ship_from=None,
        deliver_by=at(1795769940),
        service_level="Standard Shipping",
        programs=(),
        total=Amount(Decimal("32.09"), "USD"),
        buyer=Buyer(email="v2b2V5@chat.seller.tiktok.com"),
        ship_to=HOME,
        lines=lines,
        collect_by=at(1795510740),
        lapses_at=at(1795856340),
        delivery_option="7091146663229654785",
    )
    return replace(made, **changes)


def test_order_that_waits_for_shipment() -> None:
    buyer = Buyer(email="v2b2V5@chat.seller.tiktok.com", message="Please wrap it well")
    assert read("awaiting_shipment") == order(1, line(1, 2), buyer=buyer)


def test_units_are_grouped_by_sku_price_and_gift_and_known_by_the_first_of_them() -> None:
    black = line(5, sku="MUG-11OZ-BLACK", listing_key="MUG-11OZ-BLACK", title="Ceramic mug 11oz")
    black = replace(black, unit_price=Amount(Decimal("13.00"), "USD"), line_total=Amount(Decimal("13.00"), "USD"))
    cheaper = line(6, unit_price=Amount(Decimal("10.00"), "USD"), line_total=Amount(Decimal("10.00"), "USD"))
    free = line(7, unit_price=Amount(Decimal("0.00"), "USD"), line_total=Amount(Decimal("0.00"), "USD"), programs=("GIFT",))
    assert read("units_of_several_skus") == order(2, line(3, 4), black, cheaper, free)


def test_order_on_hold_is_held_until_an_hour_after_it_was_paid_and_has_no_address() -> None:
    held = {"channel_status": "ON_HOLD", "ship_to": None, "ship_by": None, "collect_by": None}
    assert read("on_hold") == order(3, line(8), held_until=at(1795165260) + timedelta(hours=1), **held)
    with override_settings(TIME_FACTOR=60):
        assert read("on_hold").held_until == at(1795165260) + timedelta(minutes=1)


def test_pre_order_is_held_until_its_release() -> None:
    assert read("pre_order_on_hold").held_until == at(1798000000)


def test_unpaid_order_is_pending() -> None:
    told = read("unpaid")
    assert (told.state, told.ship_to, told.held_until, told.address_hidden) == (ChannelState.PENDING, None, None, False)


def test_masked_address_is_recognised_and_never_given() -> None:
    assert read("masked_tiktok_shipping") == order(6, line(11), ship_to=None, address_hidden=True, label_by_channel=True)


def test_masked_telephone_hides_no_address() -> None:
    assert read("masked_phone_only") == order(7, line(12), ship_to=replace(HOME, phone=""))


def test_order_that_tiktok_ships_from_its_warehouse_is_not_the_sellers() -> None:
    assert read("fulfilled_by_tiktok").fulfilled_by is FulfilledBy.CHANNEL


def test_packages_are_read_from_the_units_in_the_order_of_shipping() -> None:
    told = read("partially_shipped")
    assert told.state is ChannelState.PARTIALLY_SHIPPED
    assert told.lines == (line(14, 15, 16, quantity_shipped=2),)
    about: dict[str, Any] = {"carrier": "USPS", "quantities": {unit(14): 1}, "status": "PROCESSING"}
    assert told.packages == (
        SeenPackage("1", tracking_number="94001118", shipped_at=at(1795168000), package_id="1153132168123859123", **about),
        SeenPackage("2", tracking_number="94001119", shipped_at=at(1795168500), package_id="1153132168123859124", **about),
    )


def test_wish_to_cancel_names_its_units_its_number_and_the_time_to_answer() -> None:
    wish = CancelRequest("BUYER", "Bought by mistake", "4035318504086604100", at(1795342800), quantity=1)
    assert read("cancel_requested_for_one_unit") == order(10, line(17, 18, cancel_request=wish), revision=at(1795170000))


def test_wish_without_details_is_about_everything() -> None:
    told = read("cancel_requested_without_details")
    assert told.lines == (line(19, cancel_request=CancelRequest("BUYER", "")),)
    assert told.revision == at(1795170100)


def test_withdrawn_wish_is_no_wish_and_news_all_the_same() -> None:
    told = read("cancel_request_withdrawn")
    assert told.lines == (line(20),)
    assert told.revision == at(1795171000), "TikTok's time of change is that of the status, so the cancellation's counts too"


def test_cancelled_unit_leaves_its_line_known_by_the_same_number() -> None:
    assert read("one_unit_cancelled").lines == (line(21, 22, quantity=1, line_total=Amount(Decimal("12.50"), "USD")),)


def test_cancelled_order_says_who_cancelled_and_shows_no_address() -> None:
    told = read("cancelled")
    assert (told.state, told.ship_to, told.address_hidden) == (ChannelState.CANCELLED, None, True)
    assert told.lines == (line(23, cancelled_by="BUYER"),)


def test_replacement_and_exchange_name_the_order_before() -> None:
    assert read("replacement").replaces == "576461416728782174"
    assert read("exchange").replaces == "576461416728782175"


def test_personalised_units_are_lines_of_their_own_with_an_address_to_ask() -> None:
    told = read("personalised")
    assert [one.units for one in told.lines] == [(unit(26),), (unit(27),)]
    at_first = mapper.PodAddress.read(told.lines[0].personalisation_url)
    assert at_first == mapper.PodAddress(SHOP, told.external_id, unit(26), "1729582718312380123", "2729382476852921560", "pod-1")
    with pytest.raises(Unreadable):
        mapper.PodAddress.read("https://example.com/archive.zip")


def test_line_without_a_sellers_sku_is_found_by_tiktoks_own_number_and_programs_are_told() -> None:
    told = read("without_seller_sku")
    assert told.lines[0].listing_key == "sku:2729382476852921560"
    assert told.programs == ("MADE_TO_ORDER", "3_DAY_DELIVERY", "SAMPLE")


def test_collection_point_in_a_british_address() -> None:
    address = read("british_collection_point").ship_to
    assert address is not None
    assert (address.city, address.region, address.country, address.kind) == ("Bristol", "", "GB", "COLLECTION_POINT")
    assert address.lines == ("12 Dock Road",)


def test_order_with_nothing_but_what_is_required_can_be_read() -> None:
    told = read("minimal")
    assert (told.state, told.ship_to, told.total, told.ship_by) == (ChannelState.SHIPPED, None, None, None)
    assert told.lines[0].listing_key == ""


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("order", "status"), "TELEPORTED"),
        (("order", "fulfillment_type"), "FULFILLMENT_BY_DRONE"),
        (("order", "shipping_type"), "PIGEON"),
        (("order", "status"), None),
        (("order", "update_time"), None),
        (("order", "line_items"), None),
        (("order", "payment", "total_amount"), "lots"),
        (("shop",), None),
    ],
)
def test_what_is_not_known_is_unreadable_and_named(where: tuple[str, ...], value: object) -> None:
    told = payload("awaiting_shipment")
    part: Any = told
    for name in where[:-1]:
        part = part[name]
    if value is None:
        del part[where[-1]]
    else:
        part[where[-1]] = value
    with pytest.raises(Unreadable) as raised:
        mapper.read_order(told)
    assert where[-1] in str(raised.value)
    assert "Kong" not in str(raised.value)


def test_nulls_and_unknown_fields_change_nothing() -> None:
    told = payload("awaiting_shipment")
    told["order"] |= {"brand_new": {"a": 1}, "release_date": None, "shipping_due_time": None, "cancel_order_sla_time": 1795856340}
    told["order"]["line_items"][0] |= {"package_id": None, "something": []}
    assert mapper.read_order(told) == read("awaiting_shipment")


@pytest.mark.parametrize(
    ("status", "lapses_at"),
    [
        ("ON_HOLD", 1795856340),
        ("AWAITING_SHIPMENT", 1795856340),
        ("PARTIALLY_SHIPPING", 1795856340),
        ("AWAITING_COLLECTION", 1795942740),
        ("IN_TRANSIT", None),
        ("COMPLETED", None),
        ("CANCELLED", None),
    ],
)
@pytest.mark.parametrize("name", ["awaiting_shipment", "masked_tiktok_shipping"])
def test_an_order_lapses_by_the_clock_of_its_status_and_by_none_once_the_carrier_has_it(name: str, status: str, lapses_at: int | None) -> None:
    told = payload(name)
    told["order"] |= {"status": status, "collection_due_time": 1795942740}
    assert mapper.read_order(told).lapses_at == (at(lapses_at) if lapses_at else None)


def test_what_is_kept_has_number_and_revision_or_neither() -> None:
    kept = payload("cancel_requested_for_one_unit")
    raw = mapper.keep(SHOP, kept["order"], kept["cancellations"])
    assert (raw.external_id, raw.revision) == ("576461413038780010", at(1795170000))
    assert raw.payload == kept
    broken = mapper.keep(SHOP, {"id": 7, "update_time": "soon"}, ())
    assert (broken.external_id, broken.revision) == ("", None)


@settings(max_examples=150, deadline=None)
@given(data=strategies.data())
def test_no_broken_payload_raises_anything_but_unreadable(data: strategies.DataObject) -> None:
    told = copy.deepcopy(payload("cancel_requested_for_one_unit"))
    part: Any = told
    while True:
        key = data.draw(strategies.sampled_from(sorted(part) if isinstance(part, dict) else list(range(len(part)))))
        if isinstance(part[key], dict | list) and part[key] and data.draw(strategies.booleans()):
            part = part[key]
            continue
        part[key] = data.draw(
            strategies.none()
            | strategies.booleans()
            | strategies.integers()
            | strategies.text(max_size=5)
            | strategies.just([])
            | strategies.just({})
        )
        break
    with contextlib.suppress(Unreadable):
        mapper.read_order(told)


# --- Listings -----------------------------------------------------------------------------------------------------------------------


def product(**changes: Any) -> dict[str, Any]:
    sku = {
        "id": "1729592969712207012",
        "seller_sku": "MUG-11OZ-WHITE",
        "price": {"currency": "USD", "sale_price": "12.50", "tax_exclusive_price": "12.00"},
        "inventory": [{"warehouse_id": "1", "quantity": 5}, {"warehouse_id": "2", "quantity": 7}],
    }
    return {"id": "1729592969712207008", "title": "Ceramic mug", "status": "ACTIVATE", "skus": [sku, {"id": "13"}]} | changes


def test_each_sku_of_a_product_is_a_listing() -> None:
    assert mapper.read_product(product()) == [
        IncomingListing(
            key="MUG-11OZ-WHITE",
            sku="MUG-11OZ-WHITE",
            product_id="1729592969712207008",
            title="Ceramic mug",
            state="ACTIVATE",
            price=Amount(Decimal("12.50"), "USD"),
            quantity=12,
            family="1729592969712207008",
            family_title="Ceramic mug",
        ),
        IncomingListing(
            key="sku:13",
            sku="",
            product_id="1729592969712207008",
            title="Ceramic mug",
            state="ACTIVATE",
            family="1729592969712207008",
            family_title="Ceramic mug",
        ),
    ]


def test_a_sku_is_told_with_what_tells_it_apart_and_with_its_own_picture() -> None:
    attributes = [{"name": "Color", "value_name": "Black", "sku_img": {"urls": ["https://p/black"]}}, {"name": "Size", "value_name": "L"}]
    told = product(
        main_images=[{"urls": ["https://p/main"], "thumb_urls": ["https://p/small"]}], skus=[{"id": "1", "sales_attributes": attributes}, {"id": "2"}]
    )
    assert [(one.variant, one.image_url) for one in mapper.read_product(told)] == [("Black, L", "https://p/black"), ("", "https://p/small")]


def test_state_of_a_sku_goes_before_its_products() -> None:
    told = product(skus=[{"id": "1", "status_info": {"status": "DEACTIVATED"}}])
    assert mapper.read_product(told)[0].state == "DEACTIVATED"


def test_product_without_skus_is_no_listing_and_a_broken_one_unreadable() -> None:
    assert mapper.read_product(product(skus=None)) == []
    with pytest.raises(Unreadable):
        mapper.read_product({"title": "no number"})


# --- The published examples ---------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not FOLDER.is_dir(), reason=MISSING)
@pytest.mark.parametrize("path", ["/order/202507/orders", "/order/202309/orders/search"])
def test_published_example_of_an_order_can_be_read(path: str) -> None:
    operations = json.loads((FOLDER / "operations" / "orders.json").read_text())["operations"]
    (example,) = [one["example_response"] for one in operations if one["path"] == path]
    for told in example["data"]["orders"]:
        mapper.read_order({"shop": SHOP, "order": told, "cancellations": []})
