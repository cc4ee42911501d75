"""Amazon's JSON in our words: payload files in Amazon's shape against exact dataclasses."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies

from stores.channels.amazon import mapper
from stores.channels.errors import Unreadable
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
    RawOrder,
    SeenPackage,
)

PAYLOADS = Path(__file__).parent / "payloads"


def payload(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text())
    return read


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


BARE_LINE = IncomingLine(
    external_line_id="",
    listing_key="TEE-M",
    sku="TEE-M",
    product_id="B0TESTTEE1",
    title="Tee",
    quantity=1,
    quantity_shipped=0,
    unit_price=None,
    line_total=None,
)


def bare_order(number: int, **changes: Any) -> IncomingOrder:
    """What the payload files share, so that each test shows only its own case."""
    order = IncomingOrder(
        external_id=f"305-{number * 1111111:07d}-{number:07d}",
        revision=at("2026-11-20T09:00:00Z"),
        placed_at=at("2026-11-20T08:00:00Z"),
        marketplace="ATVPDKIKX0DER",
        state=ChannelState.UNSHIPPED,
        channel_status="UNSHIPPED",
        fulfilled_by=FulfilledBy.MERCHANT,
        ship_by=None,
        ship_from=None,
        deliver_by=None,
        service_level="",
        programs=(),
        total=None,
        buyer=Buyer(),
        ship_to=None,
        lines=(replace(BARE_LINE, external_line_id=f"3050000000{number:04d}"),),
    )
    return replace(order, **changes)


def only_line(number: int, **changes: Any) -> tuple[IncomingLine, ...]:
    return (replace(BARE_LINE, external_line_id=f"3050000000{number:04d}", **changes),)


def test_minimal_order_has_required_fields_and_nothing_invented() -> None:
    assert mapper.read_order(payload("minimal_pending")) == IncomingOrder(
        external_id="305-1111111-0000001",
        revision=datetime(2026, 11, 20, 8, 5, tzinfo=UTC),
        placed_at=datetime(2026, 11, 20, 8, 0, tzinfo=UTC),
        marketplace="",
        state=ChannelState.PENDING,
        channel_status="PENDING",
        fulfilled_by=FulfilledBy.MERCHANT,
        ship_by=None,
        ship_from=None,
        deliver_by=None,
        service_level="",
        programs=(),
        total=None,
        buyer=Buyer(),
        ship_to=None,
        lines=(
            IncomingLine(
                external_line_id="30511111110001",
                listing_key="",
                sku="",
                product_id="",
                title="",
                quantity=1,
                quantity_shipped=0,
                unit_price=None,
                line_total=None,
            ),
        ),
    )


def test_full_order_is_read_exactly_and_unknown_fields_are_ignored() -> None:
    assert mapper.read_order(payload("full_unshipped")) == IncomingOrder(
        external_id="305-2222222-0000002",
        revision=datetime(2026, 11, 20, 9, 30, 15, 250_000, tzinfo=UTC),
        placed_at=datetime(2026, 11, 20, 8, 0, tzinfo=UTC),
        marketplace="A1PA6795UKMFR9",
        state=ChannelState.UNSHIPPED,
        channel_status="UNSHIPPED",
        fulfilled_by=FulfilledBy.MERCHANT,
        ship_by=datetime(2026, 11, 24, 22, 59, 59, tzinfo=UTC),
        ship_from=datetime(2026, 11, 20, 23, 0, tzinfo=UTC),
        deliver_by=datetime(2026, 11, 28, 22, 59, 59, tzinfo=UTC),
        service_level="STANDARD",
        programs=("PRIME", "AMAZON_BUSINESS"),
        total=Amount(Decimal("47.97"), "EUR"),
        buyer=Buyer(name="Käthe Müller", email="x7k2@marketplace.amazon.de"),
        ship_to=Address(
            name="Käthe Müller",
            company="Müller KG",
            lines=("Hauptstraße 5", "Hinterhaus"),
            district="Ehrenfeld",
            city="Köln",
            region="NRW",
            postcode="50823",
            country="DE",
            phone="+49 221 000000",
            kind="COMMERCIAL",
            instructions="Garage; Second yard, ring twice",
        ),
        lines=(
            IncomingLine(
                external_line_id="30522222220001",
                listing_key="MUG/11 oz ü+#%",
                sku="MUG/11 oz ü+#%",
                product_id="B0TESTMUG1",
                title="Mug “Äpfel” 11 oz",
                quantity=2,
                quantity_shipped=0,
                unit_price=Amount(Decimal("21.99"), "EUR"),
                line_total=Amount(Decimal("43.98"), "EUR"),
                programs=("TRANSPARENCY",),
            ),
        ),
        seller_order_id="SHOP-77",
    )


def test_buyers_wish_to_cancel_and_cancelled_lines_are_told_apart() -> None:
    lines = (
        replace(BARE_LINE, external_line_id="30500000000003", cancel_request=CancelRequest("BUYER", "ORDERED_BY_MISTAKE")),
        replace(
            BARE_LINE,
            external_line_id="30500000001003",
            listing_key="TEE-L",
            sku="TEE-L",
            product_id="B0TESTTEE2",
            title="",
            quantity=0,
            cancelled_by="MERCHANT",
        ),
    )
    assert mapper.read_order(payload("cancellation_request")) == bare_order(3, lines=lines)


def test_packages_are_read_with_quantities_summed_per_line() -> None:
    assert mapper.read_order(payload("packages")) == bare_order(
        4,
        state=ChannelState.PARTIALLY_SHIPPED,
        channel_status="PARTIALLY_SHIPPED",
        lines=only_line(4, quantity=3, quantity_shipped=2),
        packages=(
            SeenPackage(
                reference="1",
                carrier="USPS",
                tracking_number="9400100000000000000000",
                shipped_at=datetime(2026, 11, 20, 10, 0, tzinfo=UTC),
                quantities={"30500000000004": 2},
                status="SHIPPED",
            ),
            SeenPackage(reference="2", carrier="", tracking_number="", shipped_at=None),
        ),
    )


def test_packages_asked_for_alone_are_the_same() -> None:
    order = payload("packages")
    alone = {"orderId": order["orderId"], "packages": order["packages"]}
    assert mapper.read_packages(alone) == mapper.read_order(order).packages
    assert mapper.read_packages({"orderId": order["orderId"]}) == ()


def test_gift_message_and_wrap_are_read() -> None:
    assert mapper.read_order(payload("gift")) == bare_order(5, lines=only_line(5, gift_message="Happy birthday, Zoë!", gift_wrap="Standard"))


def test_personalisation_address_is_read() -> None:
    expected = only_line(6, personalisation_url="https://zme-caps.amazon.com/t/abc?X-Amz-Signature=feed")
    assert mapper.read_order(payload("customisation")) == bare_order(6, lines=expected)


def test_address_without_a_street_counts_as_withheld() -> None:
    assert mapper.read_order(payload("address_withheld")) == bare_order(7)


def test_unknown_status_is_unreadable_and_named() -> None:
    with pytest.raises(Unreadable, match="fulfillmentStatus is 'ON_THE_MOON'"):
        mapper.read_order(payload("unknown_status"))


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("PENDING_AVAILABILITY", ChannelState.PENDING),
        ("PENDING", ChannelState.PENDING),
        ("UNSHIPPED", ChannelState.UNSHIPPED),
        ("PARTIALLY_SHIPPED", ChannelState.PARTIALLY_SHIPPED),
        ("SHIPPED", ChannelState.SHIPPED),
        ("CANCELLED", ChannelState.CANCELLED),
        ("UNFULFILLABLE", ChannelState.UNFULFILLABLE),
    ],
)
def test_every_status_of_the_model_is_known(status: str, state: ChannelState) -> None:
    order = payload("gift")
    order["fulfillment"]["fulfillmentStatus"] = status
    read = mapper.read_order(order)
    assert (read.state, read.channel_status) == (state, status)


def test_replacement_names_the_order_it_replaces() -> None:
    assert mapper.read_order(payload("replacement")) == bare_order(9, replaces="305-8888888-0000008")


def test_exchange_names_the_order_it_exchanges() -> None:
    assert mapper.read_order(payload("exchange")) == bare_order(10, replaces="305-7777777-0000007")


def test_line_without_sku_is_found_by_its_asin() -> None:
    assert mapper.read_order(payload("no_sku")) == bare_order(11, lines=only_line(11, sku="", listing_key="asin:B0TESTTEE1"))


def test_yen_amounts_have_no_cents_and_discounts_do_not_change_the_line() -> None:
    read = mapper.read_order(payload("japan_yen"))
    assert read == bare_order(
        12,
        marketplace="A1VC38T7YXB528",
        total=Amount(Decimal(19940), "JPY"),
        ship_to=Address(name="山田 太郎", lines=("千代田1-1",), city="千代田区", region="東京都", postcode="100-0001", country="JP"),
        lines=only_line(12, unit_price=Amount(Decimal(5980), "JPY"), line_total=Amount(Decimal(5980), "JPY")),
    )
    assert read.total is not None
    assert str(read.total.value) == "19940"


def test_uk_becomes_gb_and_blank_address_parts_are_left_out() -> None:
    assert mapper.read_order(payload("united_kingdom")) == bare_order(
        13,
        marketplace="A1F83G8C2ARO7P",
        ship_to=Address(
            name="Sarah Thompson",
            lines=("45 Oak Avenue", "Flat 2A"),
            city="London",
            region="",
            postcode="SW1A 1AA",
            country="GB",
            kind="RESIDENTIAL",
        ),
    )


def test_brazilian_street_is_put_together_from_its_parts() -> None:
    assert mapper.read_order(payload("brazil_extended_fields")) == bare_order(
        14,
        marketplace="A2Q3Y263D00KWC",
        ship_to=Address(
            name="Maria Silva",
            lines=("Rua das Flores 123", "Apto 45"),
            city="São Paulo",
            district="Vila Madalena",
            region="SP",
            postcode="01234-567",
            country="BR",
        ),
    )


def test_order_shipped_by_amazon_is_told_apart() -> None:
    expected = bare_order(15, state=ChannelState.SHIPPED, channel_status="SHIPPED", fulfilled_by=FulfilledBy.CHANNEL)
    assert mapper.read_order(payload("fulfilled_by_amazon")) == expected


def _broken(path: str, value: object) -> dict[str, Any]:
    order = copy.deepcopy(payload("full_unshipped"))
    place: Any = order
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for parent in parents:
        place = place[parent]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return order


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("orderId", ..., "order.orderId is missing"),
        ("orderId", "  ", "order.orderId is empty"),
        ("lastUpdatedTime", None, "order.lastUpdatedTime is missing"),
        ("lastUpdatedTime", "yesterday", "order.lastUpdatedTime is 'yesterday'"),
        ("createdTime", "2026-11-20T08:00:00", "a time without a zone"),
        ("fulfillment", ..., "order.fulfillment is missing"),
        ("fulfillment.fulfilledBy", "ROBOTS", "fulfilledBy is 'ROBOTS'"),
        ("orderItems", {}, "order.orderItems is an object where a list is expected"),
        ("orderItems.0", "line", r"order.orderItems\[0\] is text where an object is expected"),
        ("orderItems.0.orderItemId", ..., r"order.orderItems\[0\].orderItemId is missing"),
        ("orderItems.0.quantityOrdered", "two", r"quantityOrdered is text where a whole number is expected"),
        ("orderItems.0.quantityOrdered", True, r"quantityOrdered is true or false where a whole number is expected"),
        ("orderItems.0.quantityOrdered", -1, r"quantityOrdered is -1"),
        ("proceeds.grandTotal.amount", "12,50", "order.proceeds.grandTotal.amount is '12,50'"),
        ("proceeds.grandTotal.amount", "NaN", "which is no amount"),
    ],
)
def test_what_cannot_be_read_names_its_field(path: str, value: object, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        mapper.read_order(_broken(path, value))


def test_message_about_a_broken_address_does_not_quote_it() -> None:
    with pytest.raises(Unreadable) as raised:
        mapper.read_order(_broken("recipient.deliveryAddress.addressLine1", ["5 Secret Lane"]))
    assert "Secret" not in str(raised.value)
    assert "order.recipient.deliveryAddress.addressLine1" in str(raised.value)


def test_amount_given_as_a_number_keeps_its_digits() -> None:
    read = mapper.read_order(_broken("proceeds.grandTotal.amount", 47.9))
    assert read.total == Amount(Decimal("47.9"), "EUR")


def test_raw_order_keeps_the_payload_and_never_raises() -> None:
    whole = mapper.raw_order(payload("full_unshipped"))
    assert (whole.external_id, whole.revision) == ("305-2222222-0000002", at("2026-11-20T09:30:15.250Z"))
    assert whole.payload == payload("full_unshipped")
    assert mapper.raw_order({"orderId": 5, "lastUpdatedTime": "x"}) == RawOrder("", None, {"orderId": 5, "lastUpdatedTime": "x"})
    assert mapper.raw_order("nonsense") == RawOrder("", None, {"unreadable": "nonsense"})


def test_listing_is_read_for_its_marketplace_only() -> None:
    item = {
        "sku": "GM-ZDPI-9B4E",
        "summaries": [
            {"marketplaceId": "A2EUQ1WTGCTBG2", "asin": "B0OTHER", "productType": "X", "status": [], "itemName": "Autre"},
            {
                "marketplaceId": "ATVPDKIKX0DER",
                "asin": "B071VG5N9D",
                "productType": "LUGGAGE",
                "status": ["BUYABLE", "DISCOVERABLE"],
                "itemName": "Suitcase",
                "mainImage": {"link": "https://www.example.com/luggage.png", "height": 500, "width": 500},
            },
        ],
        "offers": [
            {"marketplaceId": "ATVPDKIKX0DER", "offerType": "B2B", "price": {"currencyCode": "USD", "amount": "90.00"}},
            {"marketplaceId": "ATVPDKIKX0DER", "offerType": "B2C", "price": {"currencyCode": "USD", "amount": "100.00"}},
        ],
        "fulfillmentAvailability": [{"fulfillmentChannelCode": "DEFAULT", "quantity": 100}],
    }
    assert mapper.read_listing(item, marketplace="ATVPDKIKX0DER") == IncomingListing(
        key="GM-ZDPI-9B4E",
        sku="GM-ZDPI-9B4E",
        product_id="B071VG5N9D",
        title="Suitcase",
        state="BUYABLE, DISCOVERABLE",
        image_url="https://www.example.com/luggage.png",
        price=Amount(Decimal("100.00"), "USD"),
        quantity=100,
    )


def test_listing_in_amazons_warehouse_is_told_apart() -> None:
    item = {"sku": "A", "fulfillmentAvailability": [{"fulfillmentChannelCode": "AMAZON_NA"}]}
    expected = IncomingListing(key="A", sku="A", product_id="", title="", state="", fulfilled_by=FulfilledBy.CHANNEL)
    assert mapper.read_listing(item, marketplace="ATVPDKIKX0DER") == expected


ANY_JSON = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.floats() | strategies.text(max_size=20),
    lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(strategies.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, child in children for place in _places(child, (*path, key)))]


@settings(max_examples=150, deadline=None, database=None)
@given(data=strategies.data())
def test_whatever_stands_in_a_field_the_order_is_read_or_unreadable(data: strategies.DataObject) -> None:
    name = data.draw(strategies.sampled_from(sorted(path.stem for path in PAYLOADS.glob("*.json"))))
    order: Any = payload(name)
    for _ in range(data.draw(strategies.integers(1, 3))):
        *parents, last = data.draw(strategies.sampled_from([place for place in _places(order) if place]))
        place = order
        for parent in parents:
            place = place[parent]
        place[last] = data.draw(ANY_JSON)
    mapper.raw_order(order)
    words = "order."
    try:
        mapper.read_order(order)
    except Unreadable as error:  # anything else fails the test
        words = str(error)
    assert words.startswith("order.")


def test_nul_characters_are_left_out() -> None:
    order = payload("gift")
    order["orderItems"][0]["product"]["title"] = "Te\0e"
    assert mapper.read_order(order).lines[0].title == "Tee"
