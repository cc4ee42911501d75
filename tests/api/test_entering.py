"""Manual orders and packages by API (orders/services/manual.py, fulfillment/api)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils.timezone import now

from fulfillment.models import Package, Push
from orders.buyer_data import buyer_of
from orders.models import IntakeRecord, Order, OrderLine
from pod_hub.core.sealing import sealed_field
from pod_hub.core.tenancy import tenant
from stores.models import Store
from tests.api.test_orders import line_of, mapped
from tests.factories.amazon_orders import amazon_order
from tests.factories.browsers import browser_of
from tests.factories.cast import House
from tests.factories.programs import Program, manual_order, manual_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def by_hand(north: House) -> Store:
    return manual_store(north)


def pointers(answer: Any) -> list[str]:
    assert answer.status_code == 422 and answer.json()["code"] == "invalid", answer.content
    return [error["pointer"] for error in answer.json()["errors"]]


# --- Manual orders ----------------------------------------------------------------------------------------------------
def test_an_entered_order_takes_the_road_of_every_other_through_the_ledger(north: House, plant: Program, by_hand: Store) -> None:
    answer = plant.post("orders", manual_order(by_hand, north))
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert answer["Location"] == f"/api/v1/orders/{told['id']}" and "buyer" not in told and "Bea" not in answer.content.decode()
    assert (told["state"], told["open_holds"], told["lines"][0]["quantity"]) == ("received", 0, 2)
    with tenant(north.psp.pk):
        order = Order.objects.get(public_id=told["id"])
        record = IntakeRecord.objects.get(order=order)
        buyer = buyer_of(order)
        payload = sealed_field(IntakeRecord, "payload_sealed").open_from(record)
        assert order.lines.get().print_file_id == north.print_file.pk
    assert (record.road, record.verdict, record.rule, record.external_id) == ("manual", "imported", "entered", "WEB-1001")
    assert payload["ship_to"]["name"] == "Bea Buyer"
    assert buyer is not None and buyer.address is not None and buyer.address.city == "Köln" and buyer.email == "bea@example.com"
    full = plant.get(f"orders/{told['id']}").json()
    assert full["timeline"][0]["summary"] == "Entered into Ada by hand by API key “Plant software”."


def test_an_entered_order_is_produced_and_shipped_like_any_other_and_nobody_is_told(north: House, plant: Program, by_hand: Store) -> None:
    order = plant.post("orders", manual_order(by_hand, north)).json()
    line = order["lines"][0]["id"]
    assert plant.post(f"orders/{order['id']}/release").status_code == 200
    package = {"carrier_code": "Van 3", "tracking_number": "ab-12 34", "contents": [{"line": line, "quantity": 2}]}
    shipped = plant.post(f"orders/{order['id']}/packages", {"packages": [package]})
    assert shipped.status_code == 201 and shipped.json()["state"] == "shipped" and shipped.json()["pushes"] == []
    assert shipped.json()["packages"][0]["tracking_number"] == "AB1234"


def test_an_entered_order_may_be_cancelled_because_nobody_has_to_be_told(north: House, plant: Program, by_hand: Store) -> None:
    order = plant.post("orders", manual_order(by_hand, north)).json()
    assert plant.post(f"orders/{order['id']}/lines/move", {"to": "cancelled"}).json()["state"] == "cancelled"


def test_people_see_an_entered_order_and_its_record_on_the_pages(north: House, plant: Program, by_hand: Store) -> None:
    order = plant.post("orders", manual_order(by_hand, north, lines=[{"product_uid": "MUG-11", "quantity": 1}])).json()
    nora = browser_of(north.owner)
    assert "WEB-1001" in nora.get(reverse("orders:orders")).content.decode()
    page = nora.get(reverse("orders:order", args=[order["id"]])).content.decode()
    assert "Lindenstraße 12" in page and "needs a print file" in page
    assert "WEB-1001" in nora.get(reverse("orders:ledger")).content.decode()
    with tenant(north.psp.pk):
        record = IntakeRecord.objects.get(external_id="WEB-1001")
    assert "ship_to.name" in nora.get(reverse("orders:record", args=[record.pk])).content.decode()
    assert nora.get(reverse("orders:attention")).status_code == 200


def test_a_line_without_the_artwork_it_needs_is_taken_in_and_held(north: House, plant: Program, by_hand: Store) -> None:
    told = plant.post(
        "orders", manual_order(by_hand, north, lines=[{"product_uid": "MUG-11", "quantity": 1}, {"product_uid": "STICKER", "quantity": 5}])
    ).json()
    assert told["open_holds"] == 1
    full = plant.get(f"orders/{told['id']}").json()
    assert [hold["kind"] for hold in full["holds"]] == ["artwork"]
    assert plant.post(f"orders/{told['id']}/release").json()["moved"] == [told["lines"][1]["id"]]


def test_a_number_is_entered_once_in_a_store(north: House, plant: Program, by_hand: Store) -> None:
    assert plant.post("orders", manual_order(by_hand, north)).status_code == 201
    again = plant.post("orders", manual_order(by_hand, north))
    assert again.status_code == 409 and "an order with this number" in again.json()["detail"]
    with tenant(north.psp.pk):
        assert Order.objects.count() == IntakeRecord.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"store": "sto_nothing"}, ["#/store"]),
        ({"order_number": ""}, ["#/order_number"]),
        ({"order_number": "a b"}, ["#/order_number"]),
        ({"email": "no address"}, ["#/email"]),
        ({"lines": []}, ["#/lines"]),
        ({"lines": [{"product_uid": "NOTHING", "quantity": 1}, {"product_uid": "MUG-11", "quantity": 0}]}, ["#/lines/1/quantity"]),
        ({"lines": [{"product_uid": "NOTHING", "quantity": 1}]}, ["#/lines/0/product_uid"]),
        ({"lines": [{"product_uid": "MUG-11", "quantity": 1, "design": "des_nothing"}]}, ["#/lines/0/design"]),
        ({"placed_at": "soon"}, ["#/placed_at"]),
        ({"ship_to": {"name": "Bea"}}, ["#/ship_to/lines", "#/ship_to/city", "#/ship_to/postcode", "#/ship_to/country"]),
        ({"ship_to": None}, ["#/ship_to"]),
    ],
    ids=str,
)
def test_what_is_wrong_with_an_order_is_pointed_at_and_nothing_is_written(
    north: House, plant: Program, by_hand: Store, changes: dict[str, Any], wrong: list[str]
) -> None:
    assert pointers(plant.post("orders", manual_order(by_hand, north, **changes))) == wrong
    with tenant(north.psp.pk):
        assert not Order.objects.exists() and not IntakeRecord.objects.exists()


def test_orders_are_not_entered_into_a_marketplaces_store(north: House, plant: Program) -> None:
    answer = plant.post("orders", manual_order(north.store, north))
    assert pointers(answer) == ["#/store"] and "from its marketplace" in answer.json()["errors"][0]["detail"]


def test_a_design_is_not_taken_for_a_product_without_one(north: House, plant: Program, by_hand: Store) -> None:
    lines = [{"product_uid": "STICKER", "quantity": 1, "design": north.design.public_id}]
    assert pointers(plant.post("orders", manual_order(by_hand, north, lines=lines))) == ["#/lines/0/design"]


# --- Packages ---------------------------------------------------------------------------------------------------------
def released(house: House, plant: Program) -> tuple[Order, OrderLine]:
    (order,) = mapped(house)
    assert plant.post(f"orders/{order.public_id}/release").status_code == 200
    return order, line_of(house, order)


def parcel(line: OrderLine, **changes: Any) -> dict[str, Any]:
    return {"carrier_code": "DHL", "tracking_number": "0034 0434 1610 9404 2557", "contents": [{"line": line.public_id, "quantity": 1}]} | changes


def test_a_package_leaves_and_the_push_is_written_with_it(north: House, plant: Program) -> None:
    order, line = released(north, plant)
    answer = plant.post(f"orders/{order.public_id}/packages", {"packages": [parcel(line)]})
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert told["state"] == "shipped" and told["packages"][0]["contents"] == [{"line": line.public_id, "quantity": 1}]
    assert told["pushes"][0]["delivery"] == "pending" and told["pushes"][0]["package"] == told["packages"][0]["id"]
    full = plant.get(f"orders/{order.public_id}").json()
    assert full["packages"] == told["packages"] and full["pushes"] == told["pushes"]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"carrier_code": "Flying Carpet"}, ["#/packages/0/carrier_code"]),
        ({"tracking_number": "?"}, ["#/packages/0/tracking_number"]),
        ({"contents": [{"line": "lin_nothing", "quantity": 1}]}, ["#/packages/0/contents/0/line"]),
        ({"contents": [{"line": "lin_nothing", "quantity": -1}]}, ["#/packages/0/contents/0/quantity"]),
        ({"contents": []}, ["#/packages/0/contents"]),
    ],
    ids=str,
)
def test_a_package_that_cannot_be_is_pointed_at(north: House, plant: Program, changes: dict[str, Any], wrong: list[str]) -> None:
    order, line = released(north, plant)
    assert pointers(plant.post(f"orders/{order.public_id}/packages", {"packages": [parcel(line, **changes)]})) == wrong
    with tenant(north.psp.pk):
        assert not Package.objects.exists() and not Push.objects.exists()


def test_nothing_leaves_in_the_future_or_before_it_was_ordered_or_twice_in_a_package(north: House, plant: Program) -> None:
    order, line = released(north, plant)
    for moment in (now() + timedelta(hours=1), now() - timedelta(days=30)):
        body = {"packages": [parcel(line)], "shipped_at": moment.isoformat()}
        assert pointers(plant.post(f"orders/{order.public_id}/packages", body)) == ["#/shipped_at"]
    twice = [{"line": line.public_id, "quantity": 1}] * 2
    assert pointers(plant.post(f"orders/{order.public_id}/packages", {"packages": [parcel(line, contents=twice)]})) == [
        "#/packages/0/contents/1/line"
    ]


def test_a_number_on_another_orders_package_is_pointed_at_and_taken_when_it_is_meant(north: House, plant: Program) -> None:
    first, second = mapped(north, amazon_order(), amazon_order())
    for order in (first, second):
        assert plant.post(f"orders/{order.public_id}/release").status_code == 200
    one, two = line_of(north, first), line_of(north, second)
    assert plant.post(f"orders/{first.public_id}/packages", {"packages": [parcel(one)]}).status_code == 201
    answer = plant.post(f"orders/{second.public_id}/packages", {"packages": [parcel(two)]})
    assert answer["Content-Type"] == "application/problem+json" and pointers(answer) == ["#/packages/0/tracking_number"]
    said = answer.json()["errors"][0]["detail"]
    assert first.external_id in said and "same_parcel" in said
    with tenant(north.psp.pk):
        assert not second.packages.exists()
    answer = plant.post(f"orders/{second.public_id}/packages", {"packages": [parcel(two, same_parcel=True)]})
    assert answer.status_code == 201, answer.content


def test_more_than_is_open_does_not_leave(north: House, plant: Program) -> None:
    order, line = released(north, plant)
    answer = plant.post(f"orders/{order.public_id}/packages", {"packages": [parcel(line), parcel(line, tracking_number="JJD00000001")]})
    assert answer.status_code == 409 and "only 1 are open" in answer.json()["detail"]
    with tenant(north.psp.pk):
        assert not Package.objects.exists()
