"""Shipping with TikTok's label: services, buying, the document and its time; handing over outside the US."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from stores.sandbox.tiktok import seed
from stores.sandbox.tiktok.labels import SERVICES
from stores.sandbox.tiktok.records import PlacedOrder
from stores.sandbox.tiktok.server import ImitationTikTok
from stores.sandbox.tiktok.world import LABEL_READY_S
from tests.sandbox.tiktok.conftest import Caller
from tests.sandbox.tiktok.test_orders import detail
from tests.sandbox.tiktok.test_shipping import ready

BUY = "/fulfillment/202512/packages"
PARCEL = {"weight": {"value": "2.5", "unit": "POUND"}, "dimension": {"length": "6", "width": "6", "height": "5", "unit": "INCH"}}


def labelled(tiktok: ImitationTikTok, quantity: int = 1, **wish: Any) -> PlacedOrder:
    return ready(tiktok, quantity, **{"shipping_type": "TIKTOK", **wish})


def document(caller: Caller, package_id: str, **query: Any) -> httpx.Response:
    return caller.send("GET", f"/fulfillment/202309/packages/{package_id}/shipping_documents", **{"document_type": "SHIPPING_LABEL", **query})


def test_services_have_prices_by_weight_and_one_is_the_default(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = labelled(tiktok)
    services = ada.ask("POST", f"/fulfillment/202309/orders/{order.order_id}/shipping_services/query", body=PARCEL)["shipping_services"]
    assert [(row["name"], row["price"]) for row in services] == [("USPS Ground Advantage", "6.55"), ("UPS Ground", "9.10"), ("FedEx 2Day", "18.90")]
    assert [row["is_default"] for row in services] == [True, False, False]


@pytest.mark.parametrize(
    ("wish", "body", "code"), [({"shipping_type": "SELLER"}, PARCEL, 21001001), ({}, {"weight": {"value": "100", "unit": "POUND"}}, 21011037)]
)
def test_no_service_for_other_orders_or_heavy_parcels(
    tiktok: ImitationTikTok, ada: Caller, wish: dict[str, Any], body: dict[str, Any], code: int
) -> None:
    order = labelled(tiktok, **wish)
    assert ada.refused("POST", f"/fulfillment/202309/orders/{order.order_id}/shipping_services/query", body=body) == code


def test_label_is_bought_shipped_and_drawn_and_works_for_a_day(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = labelled(tiktok, 2)
    made = ada.ask("POST", BUY, body={"ship_type": "1", "order_id": order.order_id, "shipping_service_id": SERVICES[1].service_id, **PARCEL})
    assert made["shipping_service_info"]["shipping_provider_name"] == "UPS"
    shown = detail(ada, order.order_id)
    assert (shown["status"], shown["shipping_provider"]) == ("AWAITING_COLLECTION", "UPS")
    assert document(ada, made["package_id"]).json()["code"] == 11034037
    tiktok.clock.advance(LABEL_READY_S)
    given = document(ada, made["package_id"]).json()["data"]
    assert given["tracking_number"] == shown["tracking_number"]
    label = httpx.get(given["doc_url"])
    assert (label.status_code, label.headers["content-type"], label.content[:5]) == (200, "application/pdf", b"%PDF-")
    tiktok.clock.advance(86_400 - 1)
    assert httpx.get(given["doc_url"]).status_code == 200
    tiktok.clock.advance(1)
    assert httpx.get(given["doc_url"]).status_code == 403
    assert httpx.get(given["doc_url"].partition("?")[0]).status_code == 403


def test_documents_end_with_the_pick_up(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = labelled(tiktok)
    made = ada.ask("POST", BUY, body={"ship_type": "1", "order_id": order.order_id})["package_id"]
    tiktok.act(order.order_id, "collect")
    assert document(ada, made).json()["code"] == 21042102
    assert document(ada, "1").json()["code"] == 21008109
    assert document(ada, made, document_type="POSTCARD").json()["code"] == 36009004
    assert document(ada, made, document_format="ZPL").json()["code"] == 36009004


def test_late_label_comes_when_the_scenario_ends(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = labelled(tiktok)
    made = ada.ask("POST", BUY, body={"ship_type": "1", "order_id": order.order_id})["package_id"]
    tiktok.clock.advance(LABEL_READY_S)
    tiktok.scenario("label_late", times=2)
    assert [document(ada, made).json()["code"] for _ in range(3)] == [11034037, 11034037, 0]


def test_some_lines_or_several_orders_go_under_one_label(tiktok: ImitationTikTok, ada: Caller) -> None:
    order, twin = labelled(tiktok, 2), labelled(tiktok)
    ada.ask("POST", BUY, body={"ship_type": "2", "order_id": order.order_id, "order_line_item": [{"order_line_id": order.lines[0].line_id}]})
    assert detail(ada, order.order_id)["status"] == "PARTIALLY_SHIPPING"
    other = labelled(tiktok)
    ada.ask("POST", BUY, body={"ship_type": "3", "order_list_ids": [twin.order_id, other.order_id]})
    assert detail(ada, twin.order_id)["tracking_number"] == detail(ada, other.order_id)["tracking_number"]
    elsewhere = labelled(tiktok, address={"line1": "5 New Street"})
    assert ada.refused("POST", BUY, body={"ship_type": "3", "order_list_ids": [elsewhere.order_id, order.order_id]}) in (21001001, 21011048)


@pytest.mark.parametrize(
    ("wish", "changed", "code"),
    [
        ({"shipping_type": "SELLER"}, {}, 21011012),
        ({"holds": True}, {}, 21011044),
        ({"paid": False}, {}, 21011003),
        ({}, {"shipping_service_id": "1"}, 21004008),
        ({}, {"weight": {"value": "heavy", "unit": "POUND"}}, 11021009),
        ({}, {"ship_type": "4"}, 21001001),
        ({}, {"ship_type": "2"}, 21001001),
        ({}, {"ship_type": None}, 21001001),
    ],
)
def test_label_that_cannot_be_bought_is_refused(
    tiktok: ImitationTikTok, ada: Caller, wish: dict[str, Any], changed: dict[str, Any], code: int
) -> None:
    order = labelled(tiktok, **wish)
    body = {name: value for name, value in {"ship_type": "1", "order_id": order.order_id, **changed}.items() if value is not None}
    assert ada.refused("POST", BUY, body=body) == code


def test_older_version_buys_as_well_and_never_twice(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = labelled(tiktok)
    made = ada.ask("POST", "/fulfillment/202309/packages", body={"order_id": order.order_id, **PARCEL})
    assert made["order_line_item_ids"] == [order.lines[0].line_id]
    assert ada.refused("POST", "/fulfillment/202309/packages", body={"order_id": order.order_id}) == 21011006
    assert ada.ask("GET", "/fulfillment/202508/tts_tracking_validation", tracking_number=detail(ada, order.order_id)["tracking_number"]) == {
        "is_tiktok_shipping": True,
        "is_tiktok_collection": False,
    }


def test_british_package_exists_since_payment_and_is_handed_over(tiktok: ImitationTikTok) -> None:
    harbour = Caller(tiktok, seed.HARBOUR_SHOP)
    order = labelled(tiktok, shop_id=seed.HARBOUR_SHOP.shop_id, sku="UK-MUG-BLUE")
    (package,) = detail(harbour, order.order_id)["packages"]
    path = f"/fulfillment/202309/packages/{package['id']}"
    slots = harbour.ask("GET", f"{path}/handover_time_slots")["pickup_slots"]
    assert harbour.refused("POST", f"{path}/ship", body={}) == 21011054
    assert document(harbour, package["id"]).json()["code"] == 21042104
    slot = {"start_time": slots[0]["start_time"], "end_time": slots[0]["end_time"]}
    assert harbour.ask("POST", f"{path}/ship", body={"handover_method": "PICKUP", "pickup_slot": slot}) == {}
    assert detail(harbour, order.order_id)["status"] == "AWAITING_COLLECTION"
    again = harbour.ask("POST", "/fulfillment/202309/packages/ship", body={"packages": [{"id": package["id"], "handover_method": "DROP_OFF"}]})
    assert [(row["code"], row["detail"]) for row in again["errors"]] == [(21011040, {"package_id": package["id"]})]
    harbour.http.close()
