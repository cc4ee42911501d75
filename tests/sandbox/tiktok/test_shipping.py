"""Shipping by the seller: packages per unit, carriers, warnings, one correction, and what carriers do afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from stores.sandbox.tiktok import seed
from stores.sandbox.tiktok.delivery import FEDEX, ROYAL_MAIL, UPS, USPS
from stores.sandbox.tiktok.records import PlacedOrder
from stores.sandbox.tiktok.server import ImitationTikTok
from tests.sandbox.tiktok.conftest import Caller
from tests.sandbox.tiktok.test_orders import detail

NUMBER, OTHER = "9400111899223817428490", "9400111899223817428491"
UPS_NUMBER = "1Z999AA10123456784"


def ready(tiktok: ImitationTikTok, quantity: int = 1, **wish: Any) -> PlacedOrder:
    return tiktok.place_order(**{"sku": "MUG-11OZ-WHITE", "quantity": quantity, "holds": False, **wish})


def path(order: PlacedOrder) -> str:
    return f"/fulfillment/202309/orders/{order.order_id}/packages"


def notice(order: PlacedOrder, *units: int, **changed: Any) -> dict[str, Any]:
    """Return a good notice about some units, or about the whole order."""
    body = {"tracking_number": NUMBER, "shipping_provider_id": USPS.provider_id, **changed}
    return {"order_line_item_ids": [order.lines[unit].line_id for unit in units], **body} if units else body


# --- marking as shipped -----------------------------------------------------------------------------------------------------
def test_whole_order_is_shipped_in_one_package(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = ready(tiktok, 2)
    told = ada.ask("POST", path(order), body=notice(order))
    assert told["order_line_item_ids"] == [line.line_id for line in order.lines]
    assert "warning" not in told
    shown = detail(ada, order.order_id)
    assert (shown["status"], shown["packages"], shown["tracking_number"]) == ("AWAITING_COLLECTION", [{"id": told["package_id"]}], NUMBER)
    assert {(line["display_status"], line["package_id"], line["package_status"], line["shipping_provider_name"]) for line in shown["line_items"]} == {
        ("AWAITING_COLLECTION", told["package_id"], "PROCESSING", "USPS")
    }
    (entry,) = tiktok.books.writes(kind="confirm_shipment")
    assert (entry.effect, entry.doc["tracking_number"], entry.doc["quantities"]) == ("created", NUMBER, {order.lines[0].sku_id: 2})


def test_units_are_shipped_one_by_one(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = ready(tiktok, 2)
    ada.ask("POST", path(order), body=notice(order, 0))
    assert detail(ada, order.order_id)["status"] == "PARTIALLY_SHIPPING"
    ada.ask("POST", path(order), body=notice(order, 1, tracking_number=OTHER))
    shown = detail(ada, order.order_id)
    assert (shown["status"], shown["split_or_combine_tag"], len(shown["packages"])) == ("AWAITING_COLLECTION", "SPLIT", 2)
    assert [line["tracking_number"] for line in shown["line_items"]] == [NUMBER, OTHER]


def test_second_notice_about_the_same_units_is_refused_and_changes_nothing(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = ready(tiktok, 2)
    ada.ask("POST", path(order), body=notice(order, 0))
    assert ada.refused("POST", path(order), body=notice(order, 0, tracking_number=OTHER)) == 21011006
    assert ada.refused("POST", path(order), body=notice(order)) == 21011048
    ada.ask("POST", path(order), body=notice(order, 1))
    assert ada.refused("POST", path(order), body=notice(order)) == 21011006
    assert len(tiktok.books.writes(kind="confirm_shipment")) == 2


@pytest.mark.parametrize(
    ("wish", "changed", "code"),
    [
        ({"holds": True}, {}, 21011044),
        ({"paid": False}, {}, 21011003),
        ({"sku": "FBT-MUG-NAVY"}, {}, 21008025),
        ({"shipping_type": "TIKTOK"}, {}, 21011004),
        ({}, {"shipping_provider_id": "1"}, 21011022),
        ({}, {"shipping_provider_id": ROYAL_MAIL.provider_id}, 21011022),
        ({}, {"tracking_number": "94001118 99"}, 21004012),
        ({}, {"tracking_number": "№ 1"}, 21004012),
        ({}, {"order_line_item_ids": ["577086512123755123"]}, 21011029),
        ({}, {"order_line_item_ids": []}, 21001001),
        ({}, {"tracking_number": None}, 21001001),
        ({}, {"note": "x"}, 36009004),
    ],
)
def test_notice_that_cannot_be_is_refused(tiktok: ImitationTikTok, ada: Caller, wish: dict[str, Any], changed: dict[str, Any], code: int) -> None:
    order = ready(tiktok, **wish)
    assert ada.refused("POST", path(order), body={**notice(order), **changed}) == code
    assert tiktok.books.packages_of(order.order_id) == []


def test_foreign_or_unknown_order_is_refused(tiktok: ImitationTikTok, ada: Caller, south: Caller) -> None:
    order = ready(tiktok)
    assert south.refused("POST", path(order), body=notice(order)) == 21001001
    assert ada.refused("POST", "/fulfillment/202309/orders/1/packages", body=notice(order)) == 21001001


@pytest.mark.parametrize(("number", "words"), [(UPS_NUMBER, "matches UPS, not USPS"), ("ABC123", "matches no provider")])
def test_number_that_does_not_fit_is_taken_with_a_warning_or_refused(tiktok: ImitationTikTok, ada: Caller, number: str, words: str) -> None:
    order = ready(tiktok)
    tiktok.world.settings.refuse_odd_tracking = True
    assert ada.refused("POST", path(order), body=notice(order, tracking_number=number)) == (21004015 if number == UPS_NUMBER else 11028006)
    tiktok.world.settings.refuse_odd_tracking = False
    assert words in ada.ask("POST", path(order), body=notice(order, tracking_number=number))["warning"]["message"]


def test_one_number_serves_twenty_orders_of_one_recipient(tiktok: ImitationTikTok, ada: Caller) -> None:
    orders = [ready(tiktok) for _ in range(21)]
    for order in orders[:20]:
        ada.ask("POST", path(order), body=notice(order))
        tiktok.clock.advance(1)
    assert ada.refused("POST", path(orders[20]), body=notice(orders[20])) == 21011026
    elsewhere = ready(tiktok, address={"line1": "5 New Street"})
    assert ada.refused("POST", path(elsewhere), body=notice(elsewhere)) == 21011025


def test_newer_version_takes_lists(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = ready(tiktok, 2)
    body = {
        "order_line_list": [{"order_line_id": order.lines[0].line_id}],
        "shipping_info_list": [{"tracking_number": NUMBER, "shipping_provider_id": USPS.provider_id}],
    }
    newer = path(order).replace("202309", "202610")
    told = ada.ask("POST", newer, body=body)
    assert told["order_line_item_ids"] == [order.lines[0].line_id]
    assert ada.refused("POST", newer, body={"shipping_info_list": []}) == 21001001


def test_british_shop_ships_with_british_carriers(tiktok: ImitationTikTok) -> None:
    harbour = Caller(tiktok, seed.HARBOUR_SHOP)
    order = ready(tiktok, shop_id=seed.HARBOUR_SHOP.shop_id, sku="UK-MUG-BLUE")
    body = notice(order, tracking_number="AB123456789GB", shipping_provider_id=ROYAL_MAIL.provider_id)
    assert "warning" not in harbour.ask("POST", path(order), body=body)
    harbour.http.close()


# --- lost answers -----------------------------------------------------------------------------------------------------------
def test_answer_lost_after_the_effect_reads_back_as_shipped(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = ready(tiktok)
    tiktok.scenario("confirm_lost_after_success")
    with pytest.raises(httpx.TransportError):
        ada.send("POST", path(order), body=notice(order))
    assert ada.refused("POST", path(order), body=notice(order)) == 21011006
    assert detail(ada, order.order_id)["tracking_number"] == NUMBER
    assert [entry.effect for entry in tiktok.books.writes(kind="confirm_shipment")] == ["created"]


def test_answer_lost_before_the_effect_leaves_nothing(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = ready(tiktok)
    tiktok.scenario("confirm_lost_before_effect")
    with pytest.raises(httpx.TransportError):
        ada.send("POST", path(order), body=notice(order))
    assert detail(ada, order.order_id)["status"] == "AWAITING_SHIPMENT"
    ada.ask("POST", path(order), body=notice(order))


def test_refused_notice_uses_up_no_lost_answer(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = ready(tiktok)
    tiktok.scenario("confirm_lost_after_success")
    assert ada.refused("POST", path(order), body=notice(order, shipping_provider_id="1")) == 21011022
    with pytest.raises(httpx.TransportError):
        ada.send("POST", path(order), body=notice(order))


# --- correcting -------------------------------------------------------------------------------------------------------------
def test_tracking_is_corrected_once_within_seventy_two_hours(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = ready(tiktok)
    correct = f"/fulfillment/202309/orders/{order.order_id}/shipping_info/update"
    body = {"tracking_number": UPS_NUMBER, "shipping_provider_id": UPS.provider_id}
    assert ada.refused("POST", correct, body=body) == 21011043
    ada.ask("POST", path(order), body=notice(order))
    assert ada.ask("POST", correct, body=body) == {}
    shown = detail(ada, order.order_id)
    assert (shown["tracking_number"], shown["shipping_provider"]) == (UPS_NUMBER, "UPS")
    assert ada.refused("POST", correct, body=body) == 21011049
    assert [entry.effect for entry in tiktok.books.writes(kind="confirm_shipment")] == ["created", "corrected"]


def test_package_is_corrected_by_its_own_number(tiktok: ImitationTikTok, ada: Caller, south: Caller) -> None:
    order = ready(tiktok, 2)
    first, second = (ada.ask("POST", path(order), body=notice(order, unit))["package_id"] for unit in (0, 1))
    body = {"tracking_number": OTHER, "shipping_provider_id": USPS.provider_id}

    def correct(package_id: str) -> str:
        return f"/fulfillment/202309/packages/{package_id}/shipping_info/update"

    assert ada.refused("POST", f"/fulfillment/202309/orders/{order.order_id}/shipping_info/update", body=body) == 10007002
    assert south.refused("POST", correct(first), body=body) == 21011028
    assert ada.refused("POST", correct(first), body={**body, "shipping_provider_id": "1"}) == 21011022
    ada.ask("POST", correct(first), body=body)
    assert ada.refused("POST", correct(second), body=body) == 21011051, "once per order"
    assert [line["tracking_number"] for line in detail(ada, order.order_id)["line_items"]] == [OTHER, NUMBER]


def test_correction_after_seventy_two_hours_or_delivery_is_refused(tiktok: ImitationTikTok, ada: Caller) -> None:
    order, delivered = ready(tiktok), ready(tiktok)
    packages = [
        ada.ask("POST", path(row), body=notice(row, tracking_number=number))["package_id"] for row, number in ((order, "ABC123"), (delivered, NUMBER))
    ]
    body = {"tracking_number": OTHER, "shipping_provider_id": USPS.provider_id}
    tiktok.act(delivered.order_id, "collect")
    tiktok.act(delivered.order_id, "deliver")
    assert ada.refused("POST", f"/fulfillment/202309/packages/{packages[1]}/shipping_info/update", body=body) == 21011030
    tiktok.clock.advance(timedelta(hours=72, seconds=1).total_seconds())
    assert ada.refused("POST", f"/fulfillment/202309/packages/{packages[0]}/shipping_info/update", body=body) == 21011050


# --- carriers ---------------------------------------------------------------------------------------------------------------
def test_package_is_scanned_delivered_and_the_order_completed_as_time_passes(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = ready(tiktok)
    ada.ask("POST", path(order), body=notice(order))
    seen = [detail(ada, order.order_id)["status"]]
    for days in (1, 3, 7):
        tiktok.clock.advance(timedelta(days=days).total_seconds())
        ada.token = tiktok.tokens()["access_token"]
        seen.append(detail(ada, order.order_id)["status"])
    assert seen == ["AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED"]
    said = ada.ask("GET", f"/fulfillment/202309/orders/{order.order_id}/tracking")["tracking"]
    assert said[0]["description"] == "Your package was delivered!"
    assert len(said) == 3


def test_address_is_masked_again_thirty_days_after_completion(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = ready(tiktok)
    ada.ask("POST", path(order), body=notice(order))
    for step in ("collect", "deliver", "complete"):
        tiktok.act(order.order_id, step)
    assert detail(ada, order.order_id)["recipient_address"]["name"] == "Bea Buyer"
    tiktok.clock.advance(timedelta(days=30).total_seconds())
    ada.token = tiktok.tokens()["access_token"]
    assert detail(ada, order.order_id)["recipient_address"]["name"] == "B*** B***"


def test_untraceable_number_leads_to_a_cancellation_by_tiktok(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = ready(tiktok)
    ada.ask("POST", path(order), body=notice(order, tracking_number="ABC123"))
    due = detail(ada, order.order_id)["collection_due_time"]
    tiktok.clock.advance(due - tiktok.clock.epoch())
    ada.token = tiktok.tokens()["access_token"]
    shown = detail(ada, order.order_id)
    assert (shown["status"], shown["cancel_reason"], shown["cancellation_initiator"]) == ("CANCELLED", "system_cancel_order_untracked", "SYSTEM")


def test_order_is_delivered_when_its_last_package_is(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = ready(tiktok, 2)
    ada.ask("POST", path(order), body=notice(order, 0))
    tiktok.act(order.order_id, "collect")
    tiktok.act(order.order_id, "deliver")
    assert detail(ada, order.order_id)["status"] == "PARTIALLY_SHIPPING"
    ada.ask("POST", path(order), body=notice(order, 1, tracking_number=OTHER))
    assert detail(ada, order.order_id)["status"] == "AWAITING_COLLECTION"
    tiktok.act(order.order_id, "collect")
    tiktok.act(order.order_id, "deliver")
    assert detail(ada, order.order_id)["status"] == "DELIVERED"


# --- packages and splitting -------------------------------------------------------------------------------------------------
def test_packages_are_found_and_shown(tiktok: ImitationTikTok, ada: Caller, south: Caller) -> None:
    order = ready(tiktok, 2)
    made = ada.ask("POST", path(order), body=notice(order))["package_id"]
    search = "/fulfillment/202309/packages/search"
    found = ada.ask("POST", search, body={"package_status": "PROCESSING"}, page_size=50)
    assert (found["total_count"], found["packages"][0]["id"], found["packages"][0]["orders"][0]["skus"][0]["quantity"]) == (1, made, 2)
    assert ada.ask("POST", search, body={"package_status": "COMPLETED"}, page_size=50)["packages"] == []
    assert ada.refused("POST", search, body={}, page_size=51) == 36009004
    shown = ada.ask("GET", f"/fulfillment/202309/packages/{made}")
    assert (shown["tracking_number"], shown["recipient_address"]["name"], shown["package_status"]) == (NUMBER, "Bea Buyer", "PROCESSING")
    assert south.refused("GET", f"/fulfillment/202309/packages/{made}") == 10006402


def test_order_is_split_by_units_before_it_is_shipped(tiktok: ImitationTikTok, ada: Caller) -> None:
    order, single = ready(tiktok, 3), ready(tiktok)
    attributes = ada.ask("GET", "/fulfillment/202309/orders/split_attributes", order_ids=[order.order_id, single.order_id])["split_attributes"]
    assert [(row["can_split"], row["reason"]) for row in attributes] == [(True, ""), (False, "Order has a single item")]
    ids = [line.line_id for line in order.lines]
    split = f"/fulfillment/202309/orders/{order.order_id}/split"
    groups = [{"id": "a", "order_line_item_ids": ids[:2]}, {"id": "b", "order_line_item_ids": ids[2:]}]
    assert ada.refused("POST", split, body={"splittable_groups": groups[:1]}) == 21011005
    made = ada.ask("POST", split, body={"splittable_groups": groups})["packages"]
    assert [row["splittable_group_id"] for row in made] == ["a", "b"]
    told = ada.ask("POST", path(order), body=notice(order, 2))
    assert told["package_id"] == made[1]["id"]
    assert ada.refused("POST", split, body={"splittable_groups": groups}) == 21011035


# --- logistics --------------------------------------------------------------------------------------------------------------
def test_warehouses_options_and_carriers_lead_to_a_provider_id(tiktok: ImitationTikTok, ada: Caller) -> None:
    places = ada.ask("GET", "/logistics/202309/warehouses")["warehouses"]
    assert [(row["type"], row["is_default"]) for row in places] == [("SALES_WAREHOUSE", True), ("RETURN_WAREHOUSE", False)]
    options = ada.ask("GET", f"/logistics/202309/warehouses/{places[0]['id']}/delivery_options")["delivery_options"]
    order = detail(ada, ready(tiktok).order_id)
    assert order["delivery_option_id"] == options[0]["id"]
    carriers = ada.ask("GET", f"/logistics/202309/delivery_options/{options[0]['id']}/shipping_providers")["shipping_providers"]
    assert {row["name"] for row in carriers} >= {"USPS", "UPS", "FedEx"}
    assert FEDEX.provider_id in {row["id"] for row in carriers}
    assert ada.refused("GET", f"/logistics/202309/delivery_options/{options[1]['id']}/shipping_providers") == 21008117
    assert ada.refused("GET", "/logistics/202309/delivery_options/1/shipping_providers") == 21008116
    assert ada.ask("GET", "/logistics/202309/warehouses/1/delivery_options") == {"delivery_options": []}
