"""The seller centre, the pages around it, and the JSON door behind the stage."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from stores.sandbox.tiktok import seed
from stores.sandbox.tiktok.records import PlacedOrder
from stores.sandbox.tiktok.scenarios import KINDS
from stores.sandbox.tiktok.server import ImitationTikTok
from tests.sandbox.imitations import check_page
from tests.sandbox.tiktok.conftest import SSL, Caller
from tests.sandbox.tiktok.products import PRODUCTS, mug
from tests.sandbox.tiktok.test_returns import delivered
from tests.sandbox.tiktok.test_shipping import NUMBER, ready
from tests.sandbox.tiktok.test_shop_pages import MUG


@pytest.fixture
def browser(tiktok: ImitationTikTok) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=tiktok.url, verify=SSL, follow_redirects=True) as client:
        yield client


def press(browser: httpx.Client, order: PlacedOrder, action: str, *, as_buyer: bool = False, **form: str | list[str]) -> httpx.Response:
    """Press a button on the seller's or the buyer's page of an order."""
    return browser.post(f"/{'shop' if as_buyer else 'seller'}/orders/{order.order_id}/{action}", data=form)


def status(tiktok: ImitationTikTok, order: PlacedOrder) -> str:
    now = tiktok.books.order(order.order_id)
    assert now is not None
    return now.status.value


# --- every page -------------------------------------------------------------------------------------------------------------
def test_every_page_says_it_is_an_imitation_and_loads_nothing_from_elsewhere(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    order = ready(tiktok, personalisation="", quantity=2)
    own = (f"/seller/orders/{order.order_id}/", f"/shop/orders/{order.order_id}/", "/seller/products/1729582718311000000/")
    seller = ("/seller/", "/seller/requests/", "/seller/products/", "/seller/apps/")
    for path in ("/", "/shop/", MUG, *seller, *own, "/webhooks/", "/control/", "/appstore/"):
        check_page(browser.get(path), says="Imitation TikTok Shop — not the real TikTok Shop")


def test_stylesheet_and_pictures_are_served(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    for path in ("/static/theme.css", "/static/shared/sheet.css", "/static/icon.svg"):
        assert browser.get(path).status_code == 200
    product = tiktok.books.product("1729582718311000000")
    assert product is not None
    assert browser.get(f"/images/{product.images[0]}").headers["content-type"] == "image/png"
    assert browser.get("/images/nothing").status_code == 404


@pytest.mark.parametrize("path", ["/seller/orders/1/", "/shop/orders/1/", "/seller/products/1/", "/nowhere"])
def test_unknown_address_is_said(browser: httpx.Client, path: str) -> None:
    page = browser.get(path)
    assert (page.status_code, "Nothing here" in page.text) == (404, True)


# --- orders -----------------------------------------------------------------------------------------------------------------
def test_orders_are_filtered_by_shop_and_paged(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    southern = ready(tiktok, shop_id=seed.SOUTH_SHOP.shop_id, sku=seed.SOUTH_ROWS[0][4][0][0]).order_id
    with tiktok.books.transaction():
        mine = [ready(tiktok).order_id for _ in range(51)]
    first = browser.get("/seller/", params={"shop": seed.ADA_SHOP.shop_id}).text
    assert (southern in first, sum(order_id in first for order_id in mine)) == (False, 50)
    second = browser.get("/seller/", params={"shop": seed.ADA_SHOP.shop_id, "page": 2}).text
    assert sum(order_id in second for order_id in mine) == 1


def test_seller_ships_by_hand_and_hurries_the_carrier(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    order = ready(tiktok, 2)
    assert press(browser, order, "ship", tracking_number=" ").status_code == 409
    page = press(browser, order, "ship", tracking_number=NUMBER)
    assert (status(tiktok, order), NUMBER in page.text) == ("AWAITING_COLLECTION", True)
    for action, then in (("collect", "IN_TRANSIT"), ("deliver", "DELIVERED"), ("complete", "COMPLETED")):
        assert press(browser, order, action).status_code == 200
        assert status(tiktok, order) == then
    page = press(browser, order, "collect")
    assert (page.status_code, "there is nothing to collect" in page.text) == (409, True)


def test_seller_cancels_ticked_units_and_then_the_rest(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    order = ready(tiktok, 3)
    ticked = [order.lines[0].line_id]
    assert press(browser, order, "cancel", reason="seller_cancel_reason_wrong_price", line_ids=ticked).status_code == 409
    press(browser, order, "cancel", reason="seller_cancel_reason_out_of_stock", line_ids=ticked)
    assert status(tiktok, order) == "AWAITING_SHIPMENT"
    assert "Out of stock" in press(browser, order, "cancel", reason="seller_cancel_reason_out_of_stock").text
    assert status(tiktok, order) == "CANCELLED"


def test_sellers_note_is_kept(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    assert "Wrap it well" in press(browser, ready(tiktok), "note", note="Wrap it well").text


def test_buttons_of_the_other_side_do_not_exist(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    order = ready(tiktok)
    assert press(browser, order, "request-cancellation").status_code == 404
    assert press(browser, order, "ship", as_buyer=True).status_code == 404


# --- the buyer --------------------------------------------------------------------------------------------------------------
def test_buyer_pays_corrects_the_address_and_cancels(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    order = ready(tiktok, paid=False)
    assert "Pay now" in browser.get(f"/shop/orders/{order.order_id}/").text
    press(browser, order, "pay", as_buyer=True)
    wrong = press(browser, order, "change-address", as_buyer=True, line1=" ", city="Oakland")
    assert (wrong.status_code, "The street is missing" in wrong.text, "Oakland" in wrong.text) == (409, True, True)
    press(browser, order, "change-address", as_buyer=True, line1="5 New Street", city="Oakland")
    now = tiktok.books.order(order.order_id)
    assert now is not None
    assert (now.address.line1, now.address.city, now.address.postcode, now.address_changed) == ("5 New Street", "Oakland", "95110", True)
    press(browser, order, "request-cancellation", as_buyer=True)
    assert status(tiktok, order) == "AWAITING_SHIPMENT"
    assert "Keep the order" in browser.get(f"/shop/orders/{order.order_id}/").text
    press(browser, order, "withdraw-cancellation", as_buyer=True)
    assert tiktok.books.cancellations(order_id=order.order_id)[0].status == "CANCELLATION_REQUEST_CANCELLED"


def test_seller_answers_a_request_to_cancel(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    order = ready(tiktok)
    press(browser, order, "request-cancellation", as_buyer=True)
    assert order.order_id in browser.get("/seller/requests/").text
    assert "To reject, ship the order" in browser.get(f"/seller/orders/{order.order_id}/").text
    assert press(browser, order, "reject-cancellation").status_code == 409
    press(browser, order, "approve-cancellation")
    assert status(tiktok, order) == "CANCELLED"
    other = ready(tiktok)
    press(browser, other, "request-cancellation", as_buyer=True)
    press(browser, other, "ship", tracking_number=NUMBER)
    assert tiktok.books.cancellations(order_id=other.order_id)[0].status == "CANCELLATION_REQUEST_CANCELLED"


def test_return_goes_back_and_forth_on_both_pages(tiktok: ImitationTikTok, browser: httpx.Client, ada: Caller) -> None:
    order = delivered(tiktok, ada, 2)
    unit = order.lines[0].line_id
    page = press(browser, order, "request-return", as_buyer=True, kind="RETURN_AND_REFUND", note="It is cracked.", line_ids=[unit])
    assert "It is cracked." in page.text
    press(browser, order, "approve-return")
    assert "Sent back" in browser.get(f"/shop/orders/{order.order_id}/").text
    press(browser, order, "send-back", as_buyer=True)
    assert "A return comes back" in browser.get(f"/seller/orders/{order.order_id}/").text
    press(browser, order, "approve-return")
    (returned,) = tiktok.books.returns(order_id=order.order_id)
    assert (returned.line_ids, returned.status) == ([unit], "RETURN_OR_REFUND_REQUEST_SUCCESS")


def test_seller_rejects_a_wish_and_the_buyer_withdraws_another(tiktok: ImitationTikTok, browser: httpx.Client, ada: Caller) -> None:
    order = delivered(tiktok, ada)
    press(browser, order, "request-return", as_buyer=True, kind="REFUND")
    press(browser, order, "reject-return")
    press(browser, order, "request-return", as_buyer=True, kind="REPLACEMENT")
    press(browser, order, "withdraw-return", as_buyer=True)
    found = [row.status for row in tiktok.books.returns(order_id=order.order_id)]
    assert found == ["REFUND_OR_RETURN_REQUEST_REJECT", "REPLACEMENT_REQUEST_CANCEL"]


# --- products, apps, webhooks -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("verdict", "then", "said"), [("pass", "ACTIVATE", "See it in the shop"), ("fail", "FAILED", "A trademark is on it.")])
def test_audit_is_ended_by_hand(tiktok: ImitationTikTok, browser: httpx.Client, ada: Caller, verdict: str, then: str, said: str) -> None:
    product_id = ada.ask("POST", PRODUCTS, body=mug(ada))["product_id"]
    assert "Under audit" in browser.get("/seller/products/").text
    page = browser.post(f"/seller/products/{product_id}/audit", data={"verdict": verdict, "reason": "A trademark is on it."})
    product = tiktok.books.product(product_id)
    assert product is not None
    assert (product.status.value, said in page.text) == (then, True)
    assert browser.post(f"/seller/products/{product_id}/audit", data={"verdict": "pass"}).status_code == 409


def test_seller_disconnects_the_app(tiktok: ImitationTikTok, browser: httpx.Client, ada: Caller) -> None:
    assert "Disconnect" in browser.get("/seller/apps/").text
    page = browser.post("/seller/apps/disconnect", data={"open_id": seed.ADA.open_id})
    assert "Disconnect" not in page.text
    assert ada.refused("GET", "/event/202309/webhooks") == 105002


def test_webhooks_are_shown_with_what_became_of_them(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    assert "--webhook-url" in browser.get("/webhooks/").text
    tiktok.world.application.webhook_url = "http://127.0.0.1:9/"
    ready(tiktok)
    tiktok.deliver_webhooks()
    page = browser.get("/webhooks/").text
    assert all(words in page for words in ("Order status change", "1 attempt, answered nothing", "AWAITING_SHIPMENT"))


# --- scenarios and the control door -----------------------------------------------------------------------------------------
def test_scenarios_are_switched_on_and_off_on_their_page(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    page = browser.get("/control/").text
    assert all(f"<code>{name}</code>" in page for name in KINDS)
    assert "on, 3 left" in browser.post("/control/start", data={"name": "timed_out", "times": "3", "operation": "getOrderList"}).text
    browser.post("/control/stop", data={"name": "timed_out"})
    assert tiktok.world.scenarios.running() == []
    assert browser.post("/control/start", data={"name": "meteor"}).status_code == 422


def test_control_door_places_orders_and_shows_them(browser: httpx.Client) -> None:
    answer = browser.post("/_control/orders", json={"sku": "TEE-CLASSIC-M", "quantity": 3, "buyer_name": "Ben Big", "count": 2, "holds": False})
    assert answer.status_code == 201
    placed = answer.json()
    assert (len(placed["order_ids"]), placed["order"]["status"], len(placed["order"]["lines"])) == (2, "AWAITING_SHIPMENT", 3)
    shown = browser.get(f"/_control/orders/{placed['order_id']}").json()
    assert (shown["order"]["address"]["last_name"], [entry["kind"] for entry in shown["writes"]]) == ("Big", ["order_placed"])
    acted = browser.post(f"/_control/orders/{placed['order_id']}/ship", json={"tracking_number": NUMBER}).json()
    assert acted["order"]["status"] == "AWAITING_COLLECTION"
    assert browser.get("/_control/orders", params={"shop_id": seed.SOUTH_SHOP.shop_id}).json()["orders"] == []


@pytest.mark.parametrize(
    "body", [{"sku": "NONE"}, {"colour": "blue"}, {"sku": "MUG-11OZ-WHITE", "quantity": 0}, {"sku": "MUG-11OZ-WHITE", "personalisation": "x"}]
)
def test_control_door_says_what_is_wrong(browser: httpx.Client, body: dict[str, object]) -> None:
    answer = browser.post("/_control/orders", json=body)
    assert (answer.status_code, bool(answer.json()["error"])) == (400, True)


@pytest.mark.parametrize(("action", "body"), [("fly", {}), ("change-address", {"planet": "Mars"})])
def test_control_door_names_what_an_action_does_not_take(tiktok: ImitationTikTok, browser: httpx.Client, action: str, body: dict[str, str]) -> None:
    answer = browser.post(f"/_control/orders/{ready(tiktok).order_id}/{action}", json=body)
    assert (answer.status_code, bool(answer.json()["error"])) == (400, True)


def test_grant_is_a_ready_permission(browser: httpx.Client) -> None:
    grant = browser.post("/_control/grants", json={"shop_id": seed.ATLANTIC_HOME.shop_id, "duration": "90-days"})
    assert (grant.status_code, len(grant.json()["shops"])) == (201, 3)
    assert browser.post("/_control/grants", json={"open_id": "1"}).status_code == 400
    assert browser.post("/_control/revoke", json={"shop_id": seed.ATLANTIC_HOME.shop_id}).json() == {"revoked": 1}


def test_control_door_runs_scenarios_clock_settings_and_reset(tiktok: ImitationTikTok, browser: httpx.Client) -> None:
    started = browser.post("/_control/scenarios", json={"name": "slow", "seconds": 1, "times": 2, "operation": "getOrderList"})
    assert (started.status_code, started.json()["times_left"]) == (201, 2)
    assert {row["name"] for row in browser.get("/_control/scenarios").json()["known"]} == set(KINDS)
    assert browser.delete("/_control/scenarios/slow").json() == {"running": []}
    assert browser.post("/_control/clock", json={"advance": 60}).json()["now"] == "2026-11-20T10:01:00+00:00"
    changed = {"us_rejects_by_call": True, "rate": [5, 10], "rates": {"getOrderList": [1, 1]}, "webhook_url": "http://localhost:8000/x"}
    told = browser.post("/_control/settings", json=changed).json()
    assert (told["settings"]["us_rejects_by_call"], told["application"]["webhook_url"]) == (True, "http://localhost:8000/x")
    assert browser.post("/_control/settings", json={"colour": 1}).status_code == 400
    ready(tiktok)
    assert browser.post("/_control/reset").json() == {"ok": True}
    assert (browser.get("/_control/ledger").json()["orders"], len(browser.get("/_control/shops").json()["shops"])) == (0, len(seed.SHOPS))


def test_ledger_tells_orders_writes_buckets_and_requests(tiktok: ImitationTikTok, browser: httpx.Client, ada: Caller) -> None:
    order = delivered(tiktok, ada)
    ledger = browser.get("/_control/ledger").json()
    assert (ledger["orders"], ledger["statuses"]) == (1, {"DELIVERED": 1})
    assert [(entry["kind"], entry["effect"], entry["order_id"]) for entry in ledger["writes"]][:2] == [
        ("order_placed", "done", order.order_id),
        ("confirm_shipment", "created", order.order_id),
    ]
    assert [(row["operation"], row["granted"], row["throttled"]) for row in ledger["buckets"]] == [("markPackageAsShipped", 1, 0)]
    assert [(entry["operation"], entry["status"]) for entry in ledger["requests"]] == [("markPackageAsShipped", 200)]
