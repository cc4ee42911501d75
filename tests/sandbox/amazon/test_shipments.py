"""confirmShipment: what it accepts, each thing it refuses, and what a repetition does."""

from __future__ import annotations

from typing import Any

import pytest

from stores.sandbox.amazon import buying, seed
from stores.sandbox.amazon.server import ImitationAmazon
from tests.sandbox.amazon.conftest import Caller


def refusal(answer: Any) -> str:
    """Return what a 400 said; fails on anything else."""
    assert answer.status_code == 400, answer.text
    error = answer.json()["errors"][0]
    assert error["code"] == "InvalidInput"
    return f"{error['message']} {error['details']}"


def test_a_confirmation_is_204_with_an_empty_body(amazon: ImitationAmazon, ada: Caller) -> None:
    answer = ada.confirm(amazon.place_order(sku="MUG-11OZ-WHITE"))
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["x-amzn-ratelimit-limit"] == "2.0"
    assert "content-type" not in answer.headers


def test_two_packages_turn_the_order_partially_shipped_then_shipped(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE", quantity=3)
    assert ada.confirm(placed, reference="1", quantity=2).status_code == 204
    half = ada.order(placed.order_id)
    assert half["fulfillment"]["fulfillmentStatus"] == "PARTIALLY_SHIPPED"
    assert half["orderItems"][0]["fulfillment"] == {"quantityFulfilled": 2, "quantityUnfulfilled": 1}
    assert ada.confirm(placed, reference="2", trackingNumber="2222").status_code == 204
    whole = ada.order(placed.order_id)
    assert whole["fulfillment"]["fulfillmentStatus"] == "SHIPPED"
    assert [(p["packageReferenceId"], p["trackingNumber"], p["carrier"]) for p in whole["packages"]] == [
        ("1", "00340434161094000000", "DHL"),
        ("2", "2222", "DHL"),
    ]
    assert whole["packages"][0]["packageItems"] == [{"orderItemId": placed.items[0].order_item_id, "quantity": 2}]


def test_the_same_notice_again_changes_nothing(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE")
    notice = ada.notice(placed)
    path = f"/orders/v0/orders/{placed.order_id}/shipmentConfirmation"
    assert ada.post(path, notice).status_code == 204
    before = ada.order(placed.order_id)
    amazon.clock.advance(600)
    assert ada.post(path, notice).status_code == 204
    assert ada.order(placed.order_id) == before
    assert [entry.effect for entry in amazon.books.writes(kind="confirm_shipment")] == ["created", "repeated"]


def test_the_same_reference_with_other_facts_corrects_the_package(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE", quantity=2)
    assert ada.confirm(placed, quantity=2).status_code == 204
    assert ada.confirm(placed, quantity=1, trackingNumber="CORRECTED1").status_code == 204
    order = ada.order(placed.order_id)
    assert [package["trackingNumber"] for package in order["packages"]] == ["CORRECTED1"]
    assert order["fulfillment"]["fulfillmentStatus"] == "PARTIALLY_SHIPPED"
    assert [entry.effect for entry in amazon.books.writes(kind="confirm_shipment")] == ["created", "corrected"]


def test_another_carrier_is_shown_by_its_name(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE")
    assert ada.confirm(placed, carrierCode="Other", carrierName="Radkurier").status_code == 204
    assert ada.order(placed.order_id)["packages"][0]["carrier"] == "Radkurier"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reference": 1}, "invalid type [packageDetail.packageReferenceId]"),
        ({"reference": "0"}, "PackageReferenceId: is invalid, must be a positive numeric value."),
        ({"reference": "-1"}, "must be a positive numeric value"),
        ({"reference": "P-1"}, "must be a positive numeric value"),
        ({"packageReferenceId": ...}, "missing required fields [packageDetail.packageReferenceId]"),
        ({"carrierCode": ...}, "missing required fields [packageDetail.carrierCode]"),
        ({"carrierCode": ""}, "carrierCode"),
        ({"carrierCode": "dhl"}, "'dhl' is not a carrier code"),
        ({"carrierCode": "Other"}, "carrier name is required"),
        ({"trackingNumber": ...}, "missing required fields [packageDetail.trackingNumber]"),
        ({"trackingNumber": ""}, "trackingNumber"),
        ({"trackingNumber": "0034\u200b0434"}, "trackingNumber"),
        ({"trackingNumber": " 00340434"}, "trackingNumber"),
        ({"shipDate": "20.11.2026"}, "shipDate"),
        ({"shipDate": "2026-11-20T10:00:01Z"}, "in the future"),
        ({"shipDate": "2026-11-20T09:59:59Z"}, "before the order was placed"),
        ({"shipDate": "2026-11-20T10:00:00"}, "no time zone"),
        ({"quantity": 3}, "2 left to ship, not 3"),
        ({"quantity": 0}, "must be positive"),
        ({"quantity": "1"}, "invalid type [packageDetail.orderItems[0].quantity]"),
        ({"quantity": True}, "invalid type [packageDetail.orderItems[0].quantity]"),
        ({"orderItems": []}, "at least one item"),
        ({"orderItems": [{"orderItemId": "99999999999999", "quantity": 1}]}, "has no item 99999999999999"),
        ({"orderItems": ["1"]}, "invalid type [packageDetail.orderItems[0]]"),
        ({"weight": 12}, "unknown fields [packageDetail.weight]"),
    ],
)
def test_a_wrong_package_is_refused_and_has_no_effect(amazon: ImitationAmazon, ada: Caller, changed: dict[str, Any], said: str) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE", quantity=2)
    assert said in refusal(ada.confirm(placed, **changed))
    assert ada.order(placed.order_id)["packages"] == []
    assert amazon.books.writes(kind="confirm_shipment") == []


def test_items_named_twice_in_a_package_are_counted_together(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE", quantity=2)
    line = {"orderItemId": placed.items[0].order_item_id, "quantity": 2}
    assert "2 left to ship, not 4" in refusal(ada.confirm(placed, orderItems=[line, line]))


def test_a_wrong_marketplace_is_refused(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE")
    body = {**ada.notice(placed), "marketplaceId": seed.UK}
    assert "marketplaceId" in refusal(ada.post(f"/orders/v0/orders/{placed.order_id}/shipmentConfirmation", body))


def test_a_cancelled_order_is_refused(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE")
    buying.cancel_order(amazon.world, placed.order_id)
    assert "cancelled" in refusal(ada.confirm(placed))


def test_a_pending_order_is_refused(amazon: ImitationAmazon, ada: Caller) -> None:
    assert "pending" in refusal(ada.confirm(amazon.place_order(sku="MUG-11OZ-WHITE", paid=False)))


def test_an_order_that_amazon_ships_is_refused(amazon: ImitationAmazon, ada: Caller) -> None:
    assert "fulfilled by Amazon" in refusal(ada.confirm(amazon.place_order(sku="FBA-MUG-BLACK")))


def test_a_new_package_for_a_shipped_order_is_refused_in_amazons_words(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE")
    assert ada.confirm(placed).status_code == 204
    assert "PackageToUpdateNotFound" in refusal(ada.confirm(placed, reference="2"))


def test_an_unknown_order_is_404_and_a_malformed_number_400(amazon: ImitationAmazon, ada: Caller) -> None:
    body = ada.notice(amazon.place_order(sku="MUG-11OZ-WHITE"))
    assert ada.post("/orders/v0/orders/305-9999999-9999999/shipmentConfirmation", body).status_code == 404
    assert ada.post("/orders/v0/orders/12345/shipmentConfirmation", body).status_code == 400


def test_a_body_that_is_no_json_object_is_refused(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE")
    path = f"/orders/v0/orders/{placed.order_id}/shipmentConfirmation"
    assert "not valid" in refusal(ada.post(path, ["list"]))
    plain = ada.http.post(path, content=b"{broken", headers=ada.headers(**{"content-type": "application/json"}))
    assert plain.status_code == 400
    assert ada.http.post(path, content=b"{}", headers=ada.headers(**{"content-type": "text/plain"})).status_code == 415
