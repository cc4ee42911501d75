"""The pages for people, and the JSON door behind the stage."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator

import httpx
import pytest

from stores.sandbox.amazon import seed
from stores.sandbox.amazon.scenarios import KINDS
from stores.sandbox.amazon.server import ImitationAmazon
from tests.sandbox.amazon.conftest import SSL, Caller
from tests.sandbox.imitations import check_page

MUG = f"/shop/{seed.NORTH.seller_id}/{seed.DE}/B0DEMOMUG1/"
NAME_MUG = f"/shop/{seed.NORTH.seller_id}/{seed.DE}/B0DEMOMUG2/"
WISH = {
    "quantity": "2",
    "buyer_name": "Bea Buyer",
    "addressLine1": "Lindenstraße 12",
    "city": "Köln",
    "postalCode": "50674",
    "countryCode": "DE",
    "pay": "now",
}


@pytest.fixture
def browser(amazon: ImitationAmazon) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=amazon.url, verify=SSL, follow_redirects=True) as client:
        yield client


def test_every_page_says_it_is_an_imitation_and_loads_nothing_from_elsewhere(amazon: ImitationAmazon, browser: httpx.Client) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE")
    for path in ("/", "/shop/", MUG, "/seller/", f"/seller/orders/{placed.order_id}/", f"/shop/orders/{placed.order_id}/", "/control/"):
        check_page(browser.get(path), says="Imitation Amazon — not the real Amazon")


def test_the_stylesheet_and_pictures_are_served(browser: httpx.Client) -> None:
    assert browser.get("/static/theme.css").status_code == 200
    assert browser.get("/static/shared/sheet.css").status_code == 200
    assert browser.get("/static/icon.svg").status_code == 200
    assert browser.get("/pictures/B0DEMOMUG1.png").headers["content-type"] == "image/png"
    assert browser.get("/pictures/NOTHING.png").status_code == 404


def test_buying_leads_to_an_order_number_and_the_api_has_the_order(amazon: ImitationAmazon, browser: httpx.Client, ada: Caller) -> None:
    page = browser.post(NAME_MUG, data={**WISH, "name": "Max", "personalisation": "Zoë\r\n2026", "gift_message": "Alles Gute"})
    assert "Thank you, Bea Buyer" in page.text
    (placed,) = amazon.books.orders()
    assert placed.order_id in page.text
    order = ada.order(placed.order_id)
    assert (order["buyer"]["buyerName"], order["recipient"]["deliveryAddress"]["name"]) == ("Bea Buyer", "Max")
    assert order["orderItems"][0]["quantityOrdered"] == 2
    assert order["orderItems"][0]["fulfillment"]["packing"]["giftOption"] == {"giftMessage": "Alles Gute", "giftWrapLevel": "STANDARD"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"quantity": "0"}, "Choose between 1 and 999"),
        ({"quantity": "many"}, "is not a number"),
        ({"buyer_name": " "}, "name is missing"),
        ({"city": ""}, "city is missing"),
        ({"countryCode": "Germany"}, "two-letter code"),
        ({"personalisation": "Zoë"}, "cannot be personalised"),
    ],
)
def test_a_wrong_purchase_says_why_and_keeps_what_was_typed(
    amazon: ImitationAmazon, browser: httpx.Client, changed: dict[str, str], said: str
) -> None:
    page = browser.post(MUG, data={**WISH, **changed})
    assert page.status_code == 422
    assert said in page.text
    assert "Lindenstraße 12" in page.text
    assert amazon.books.order_count() == 0


def test_a_buyers_text_is_escaped(amazon: ImitationAmazon, browser: httpx.Client) -> None:
    browser.post(NAME_MUG, data={**WISH, "personalisation": "<b>Zoë</b>"})
    page = browser.get(f"/seller/orders/{amazon.books.orders()[0].order_id}/")
    assert "&lt;b&gt;Zoë&lt;/b&gt;" in page.text


def test_seller_central_clears_payment_asks_and_cancels(amazon: ImitationAmazon, browser: httpx.Client) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE", paid=False)
    base = f"/seller/orders/{placed.order_id}"
    assert "Shown when the payment has cleared" in browser.get(f"{base}/").text
    assert "Unshipped" in browser.post(f"{base}/clear-payment").text
    assert "The buyer asks to cancel: Too late" in browser.post(f"{base}/request-cancellation", data={"reason": "Too late"}).text
    assert "Cancelled" in browser.post(f"{base}/cancel", data={"reason": "BuyerCanceled"}).text
    refused = browser.post(f"{base}/cancel")
    assert (refused.status_code, "can no longer be cancelled" in refused.text) == (409, True)


def test_seller_central_shows_each_package_with_its_tracking_number(amazon: ImitationAmazon, browser: httpx.Client, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE", quantity=2)
    ada.confirm(placed, reference="1", trackingNumber="TRACK0001")
    assert "Partially shipped" in browser.get(f"/seller/orders/{placed.order_id}/").text
    ada.confirm(placed, reference="2", trackingNumber="TRACK0002")
    page = browser.get(f"/seller/orders/{placed.order_id}/").text
    assert all(
        text in page for text in ("TRACK0001", "TRACK0002", "Package 1", "Package 2", '<span class="badge good" id="order-status">Shipped</span>')
    )


def test_orders_are_filtered_by_seller_and_paged(amazon: ImitationAmazon, browser: httpx.Client) -> None:
    northern = [amazon.place_order(sku="MUG-11OZ-WHITE").order_id for _ in range(51)]
    southern = amazon.place_order(sku="US-TEE-S", seller_id=seed.SOUTH.seller_id).order_id
    first = browser.get("/seller/", params={"seller": seed.NORTH.seller_id}).text
    assert southern not in first
    assert sum(order_id in first for order_id in northern) == 50
    second = browser.get("/seller/", params={"seller": seed.NORTH.seller_id, "page": 2}).text
    assert sum(order_id in second for order_id in northern) == 1


def test_scenarios_are_switched_on_and_off_on_their_page(amazon: ImitationAmazon, browser: httpx.Client) -> None:
    page = browser.get("/control/").text
    assert all(f"<code>{name}</code>" in page for name in KINDS)
    assert "on, 3 left" in browser.post("/control/start", data={"name": "http_500", "times": "3", "operation": "searchOrders"}).text
    assert [row.kind.name for row in amazon.world.scenarios.running()] == ["http_500"]
    browser.post("/control/stop", data={"name": "http_500"})
    assert amazon.world.scenarios.running() == []
    assert browser.post("/control/start", data={"name": "meteor"}).status_code == 422


# --- personalisation --------------------------------------------------------------------------------------------------------
def test_a_personalised_item_links_to_an_archive_with_the_buyers_text(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-NAME/ÄÖÜ 1", personalisation="Zoë & Max\n2026")
    item = ada.order(placed.order_id)["orderItems"][0]
    packed = zipfile.ZipFile(io.BytesIO(ada.http.get(item["product"]["customization"]["customizedUrl"]).content))
    assert packed.namelist() == [f"{item['orderItemId']}.json", f"{item['orderItemId']}.svg"]
    document = json.loads(packed.read(packed.namelist()[0]))
    areas = document["version3.0"]["customizationInfo"]["surfaces"][0]["areas"]
    assert [(area["customizationType"], area["label"], area["text"]) for area in areas] == [
        ("TextPrinting", "Line 1", "Zoë & Max"),
        ("TextPrinting", "Line 2", "2026"),
    ]
    assert set(areas[0]) == {"customizationType", "label", "text", "fontFamily", "fill"}


def test_an_archives_link_expires_and_cannot_be_guessed(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-NAME/ÄÖÜ 1", personalisation="Zoë")
    url = ada.order(placed.order_id)["orderItems"][0]["product"]["customization"]["customizedUrl"]
    assert ada.http.get(url.partition("?")[0]).status_code == 403
    amazon.clock.advance(86_400)
    assert ada.http.get(url).status_code == 403
    ada.token = amazon.access_token()
    fresh = ada.order(placed.order_id)["orderItems"][0]["product"]["customization"]["customizedUrl"]
    assert ada.http.get(fresh).status_code == 200


# --- the control door -------------------------------------------------------------------------------------------------------
def test_the_control_door_places_orders_and_shows_them(browser: httpx.Client) -> None:
    answer = browser.post("/_control/orders", json={"sku": "TEE-CLASSIC-M", "quantity": 3, "buyer_name": "Ben", "count": 2})
    assert answer.status_code == 201
    placed = answer.json()
    assert len(placed["order_ids"]) == 2
    assert (placed["order"]["status"], placed["order"]["total"], placed["order"]["items"][0]["quantity"]) == ("UNSHIPPED", "59.70", 3)
    shown = browser.get(f"/_control/orders/{placed['order_id']}").json()
    assert (shown["order"]["buyer_name"], [entry["kind"] for entry in shown["writes"]]) == ("Ben", ["order_placed"])
    assert len(browser.get("/_control/orders", params={"seller_id": seed.NORTH.seller_id}).json()["orders"]) == 2


@pytest.mark.parametrize(
    "body", [{"sku": "NONE"}, {"colour": "blue"}, {"sku": "MUG-11OZ-WHITE", "quantity": 0}, {"sku": "MUG-11OZ-WHITE", "personalisation": "x"}]
)
def test_the_control_door_says_what_is_wrong(browser: httpx.Client, body: dict[str, object]) -> None:
    answer = browser.post("/_control/orders", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_grant_is_a_ready_permission(amazon: ImitationAmazon, browser: httpx.Client) -> None:
    grant = browser.post("/_control/grants", json={"seller_id": seed.SOUTH.seller_id})
    assert grant.status_code == 201
    assert (grant.json()["region"], grant.json()["marketplace_ids"]) == ("NA", [seed.US])
    form = {
        "grant_type": "refresh_token",
        "refresh_token": grant.json()["refresh_token"],
        "client_id": "amzn1.application-oa2-client.demo",
        "client_secret": "amzn1.oa2-cs.v1.demo",
    }
    assert browser.post("/auth/o2/token", data=form).status_code == 200
    assert browser.post("/_control/grants", json={"seller_id": "A0NOBODY"}).status_code == 400
    assert browser.post("/_control/revoke", json={"seller_id": seed.SOUTH.seller_id}).json() == {"revoked": 1}
    assert browser.post("/auth/o2/token", data=form).status_code == 400


def test_the_control_door_runs_scenarios_clock_settings_and_reset(amazon: ImitationAmazon, browser: httpx.Client) -> None:
    started = browser.post("/_control/scenarios", json={"name": "slow", "seconds": 1, "times": 2, "operation": "getOrder"})
    assert (started.status_code, started.json()["times_left"], started.json()["options"]) == (201, 2, {"seconds": 1})
    assert browser.get("/_control/scenarios").json()["running"][0]["name"] == "slow"
    assert {row["name"] for row in browser.get("/_control/scenarios").json()["known"]} == set(KINDS)
    assert browser.delete("/_control/scenarios/slow").json() == {"running": []}
    assert browser.post("/_control/scenarios", json={"name": "meteor"}).status_code == 400
    assert browser.post("/_control/clock", json={"at": "2026-12-01T00:00:00Z"}).json()["now"] == "2026-12-01T00:00:00+00:00"
    assert browser.post("/_control/clock", json={"advance": 60}).json()["now"] == "2026-12-01T00:01:00+00:00"
    assert browser.post("/_control/clock", json={"follow_wall": True}).json()["stands"] is False
    assert browser.post("/_control/settings", json={"report_charset": "cp1252"}).json()["settings"]["report_charset"] == "cp1252"
    assert "client_secret" not in browser.get("/_control/settings").json()["application"]
    amazon.place_order(sku="MUG-11OZ-WHITE")
    assert browser.post("/_control/reset").json() == {"ok": True}
    assert browser.get("/_control/ledger").json()["orders"] == 0
    assert len(browser.get("/_control/sellers").json()["sellers"]) == 3


def test_the_ledger_tells_orders_writes_buckets_and_requests(amazon: ImitationAmazon, browser: httpx.Client, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE")
    ada.confirm(placed)
    ledger = browser.get("/_control/ledger").json()
    assert (ledger["orders"], ledger["statuses"]) == (1, {"SHIPPED": 1})
    assert [(entry["kind"], entry["effect"], entry["order_id"]) for entry in ledger["writes"]] == [
        ("order_placed", "done", placed.order_id),
        ("confirm_shipment", "created", placed.order_id),
    ]
    assert [(row["operation"], row["granted"], row["throttled"]) for row in ledger["buckets"]] == [("confirmShipment", 1, 0)]
    assert [(entry["operation"], entry["status"]) for entry in ledger["requests"]] == [("confirmShipment", 204)]
