"""Orders as lists and details show them: windows, pages, units, holds, masking, deadlines, personalisation."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stores.sandbox.tiktok import seed
from stores.sandbox.tiktok.server import ImitationTikTok
from stores.sandbox.world import NotPossible
from tests.sandbox.tiktok.conftest import START, Caller

SEARCH, DETAIL = "/order/202309/orders/search", "/order/202507/orders"
NOW = int(START.timestamp())


def found(caller: Caller, body: dict[str, Any] | None = None, **query: Any) -> list[dict[str, Any]]:
    return list(caller.ask("POST", SEARCH, body=body or {}, **{"page_size": 100, **query})["orders"])


def detail(caller: Caller, order_id: str) -> dict[str, Any]:
    (order,) = caller.ask("GET", DETAIL, ids=order_id)["orders"]
    return dict(order)


# --- lists ------------------------------------------------------------------------------------------------------------------
def test_order_is_in_the_list_with_everything(tiktok: ImitationTikTok, ada: Caller) -> None:
    placed = tiktok.place_order(sku="MUG-11OZ-WHITE", quantity=2, buyer_message="Please hurry!", holds=False)
    (order,) = found(ada)
    assert (order["id"], order["status"], order["buyer_message"]) == (placed.order_id, "AWAITING_SHIPMENT", "Please hurry!")
    assert order == detail(ada, placed.order_id)
    assert (order["fulfillment_type"], order["shipping_type"], order["order_type"]) == ("FULFILLMENT_BY_SELLER", "SELLER", "NORMAL")


def test_each_unit_is_a_line_of_its_own(tiktok: ImitationTikTok, ada: Caller) -> None:
    placed = tiktok.place_order(items=[{"sku": "MUG-11OZ-WHITE", "quantity": 3}, {"sku": "TEE-CLASSIC-L"}], holds=False)
    lines = detail(ada, placed.order_id)["line_items"]
    assert [line["seller_sku"] for line in lines] == ["MUG-11OZ-WHITE"] * 3 + ["TEE-CLASSIC-L"]
    assert len({line["id"] for line in lines}) == 4
    assert (lines[3]["sku_name"], lines[3]["product_name"]) == ("Black, L", "Classic T-shirt, black")
    assert all("quantity" not in line for line in lines)


def test_update_window_is_from_inclusive_to_exclusive(tiktok: ImitationTikTok, ada: Caller) -> None:
    placed = tiktok.place_order(sku="MUG-11OZ-WHITE").order_id

    def ids(**window: int) -> list[str]:
        return [order["id"] for order in found(ada, window)]

    assert ids(update_time_ge=NOW) == [placed]
    assert ids(update_time_ge=NOW + 1) == []
    assert ids(update_time_ge=NOW - 5, update_time_lt=NOW) == []
    assert ids(create_time_ge=NOW, create_time_lt=NOW + 1) == [placed]


def test_every_change_moves_the_update_time_by_a_second_at_least(tiktok: ImitationTikTok, ada: Caller) -> None:
    placed = tiktok.place_order(sku="MUG-11OZ-WHITE", paid=False)
    tiktok.act(placed.order_id, "pay")
    tiktok.act(placed.order_id, "note", note="Gift")
    assert detail(ada, placed.order_id)["update_time"] == NOW + 2


@pytest.mark.parametrize("order", ["ASC", "DESC"])
def test_pages_bring_every_order_once_in_its_order(tiktok: ImitationTikTok, ada: Caller, order: str) -> None:
    placed = []
    for _ in range(7):
        placed.append(tiktok.place_order(sku="MUG-11OZ-WHITE").order_id)
        tiktok.clock.advance(1)
    seen: list[str] = []
    query: dict[str, Any] = {"page_size": 3, "sort_field": "update_time", "sort_order": order}
    while True:
        page = ada.ask("POST", SEARCH, body={}, **query)
        seen += [row["id"] for row in page["orders"]]
        assert page["total_count"] == 7
        if not page["next_page_token"]:
            break
        query["page_token"] = page["next_page_token"]
    assert seen == (placed if order == "ASC" else placed[::-1])


def test_order_that_changes_while_paging_is_met_again_and_none_is_skipped(tiktok: ImitationTikTok, ada: Caller) -> None:
    placed = []
    for _ in range(4):
        placed.append(tiktok.place_order(sku="MUG-11OZ-WHITE").order_id)
        tiktok.clock.advance(1)
    query: dict[str, Any] = {"page_size": 2, "sort_field": "update_time", "sort_order": "ASC"}
    first = ada.ask("POST", SEARCH, body={}, **query)
    tiktok.act(placed[0], "note", note="moved")
    second = ada.ask("POST", SEARCH, body={}, **query, page_token=first["next_page_token"])
    third = ada.ask("POST", SEARCH, body={}, **query, page_token=second["next_page_token"])
    pages = [[row["id"] for row in page["orders"]] for page in (first, second, third)]
    assert pages == [placed[:2], placed[2:], placed[:1]]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"order_status": "ON_HOLD"}, [1]),
        ({"order_status": "UNPAID"}, [0]),
        ({"shipping_type": "TIKTOK"}, [2]),
        ({"buyer_user_id": "7021436810468230477"}, [2]),
        ({"is_buyer_request_cancel": True}, []),
        ({"warehouse_ids": ["7068517275539000101"]}, [2, 1, 0]),
        ({"warehouse_ids": ["1"]}, []),
    ],
)
def test_list_filters(tiktok: ImitationTikTok, ada: Caller, body: dict[str, Any], expected: list[int]) -> None:
    placed = []
    for wish in ({"paid": False}, {}, {"shipping_type": "TIKTOK", "buyer_user_id": "7021436810468230477", "holds": False}):
        placed.append(tiktok.place_order(sku="MUG-11OZ-WHITE", **wish).order_id)
        tiktok.clock.advance(1)
    assert [order["id"] for order in found(ada, body)] == [placed[number] for number in expected]


@pytest.mark.parametrize(
    ("body", "query"),
    [
        ({}, {"page_size": 101}),
        ({}, {"page_size": 0}),
        ({}, {"page_size": None}),
        ({}, {"sort_field": "status"}),
        ({}, {"sort_order": "UP"}),
        ({}, {"page_token": "a+b/c=="}),
        ({"order_status": "SHIPPED"}, {}),
        ({"update_time_ge": "yesterday"}, {}),
        ({"update_time_ge": 1.5}, {}),
        ({"updated_after": 1}, {}),
    ],
)
def test_wrong_list_is_refused(ada: Caller, body: dict[str, Any], query: dict[str, Any]) -> None:
    asked = {name: value for name, value in {"page_size": 20, **query}.items() if value is not None}
    assert ada.refused("POST", SEARCH, body=body, **asked) == 36009004


def test_detail_takes_fifty_leaves_out_what_is_not_and_refuses_what_is_foreign(tiktok: ImitationTikTok, ada: Caller) -> None:
    own = [tiktok.place_order(sku="MUG-11OZ-WHITE").order_id for _ in range(2)]
    foreign = tiktok.place_order(shop_id=seed.SOUTH_SHOP.shop_id, sku="US-MUG-15OZ").order_id
    assert [order["id"] for order in ada.ask("GET", DETAIL, ids=[*own, "576461413038785752"])["orders"]] == own
    assert ada.refused("GET", DETAIL, ids=[own[0], foreign]) == 21008111
    assert ada.refused("GET", DETAIL, ids=[str(number) for number in range(51)]) == 36009004
    assert found(ada, {"order_status": "ON_HOLD"})[0]["id"] in own


# --- payment and hold -------------------------------------------------------------------------------------------------------
def test_unpaid_order_is_paid_held_for_an_hour_and_then_released(tiktok: ImitationTikTok, ada: Caller) -> None:
    placed = tiktok.place_order(sku="MUG-11OZ-WHITE", paid=False)
    order = detail(ada, placed.order_id)
    assert (order["status"], order["line_items"][0]["display_status"], "paid_time" in order) == ("UNPAID", "UNPAID", False)
    tiktok.act(placed.order_id, "pay")
    order = detail(ada, placed.order_id)
    assert (order["status"], order["is_on_hold_order"], order["paid_time"]) == ("ON_HOLD", True, NOW)
    assert "recipient_address" not in order
    tiktok.clock.advance(3599)
    assert detail(ada, placed.order_id)["status"] == "ON_HOLD"
    tiktok.clock.advance(600)
    order = detail(ada, placed.order_id)
    assert (order["status"], order["recipient_address"]["name"]) == ("AWAITING_SHIPMENT", "Bea Buyer")
    assert order["update_time"] == NOW + 3600, "the change bears the time at which it happened, not the one at which somebody looked"


def test_factor_shortens_the_hold() -> None:
    with ImitationTikTok(at=START, factor=60) as tiktok:
        caller = Caller(tiktok)
        placed = tiktok.place_order(sku="MUG-11OZ-WHITE")
        tiktok.clock.advance(60)
        assert detail(caller, placed.order_id)["status"] == "AWAITING_SHIPMENT"
        caller.http.close()


def test_order_that_nobody_pays_is_cancelled_by_the_system(tiktok: ImitationTikTok, ada: Caller) -> None:
    placed = tiktok.place_order(sku="MUG-11OZ-WHITE", paid=False)
    tiktok.clock.advance(86_400)
    order = detail(ada, placed.order_id)
    assert (order["status"], order["cancel_reason"], order["cancellation_initiator"]) == ("CANCELLED", "system_cancel_unpaid_time_out", "SYSTEM")
    assert order["cancel_time"] == NOW + 86_400


def test_order_that_nobody_ships_is_cancelled_at_the_deadline_it_names(tiktok: ImitationTikTok, ada: Caller) -> None:
    placed = tiktok.place_order(sku="MUG-11OZ-WHITE", holds=False)
    due = detail(ada, placed.order_id)["cancel_order_sla_time"]
    tiktok.clock.set(datetime.fromtimestamp(due - 1, UTC))
    ada.token = tiktok.tokens()["access_token"]
    assert detail(ada, placed.order_id)["status"] == "AWAITING_SHIPMENT"
    tiktok.clock.advance(1)
    assert (detail(ada, placed.order_id)["status"], detail(ada, placed.order_id)["cancel_reason"]) == ("CANCELLED", "package_cancel")


def test_deadlines_are_business_days_that_end_at_midnight_pacific(tiktok: ImitationTikTok, ada: Caller) -> None:
    placed = tiktok.place_order(sku="MUG-11OZ-WHITE", holds=False)  # a Friday
    order = detail(ada, placed.order_id)
    assert datetime.fromtimestamp(order["rts_sla_time"], UTC) == datetime(2026, 11, 25, 7, 59, 59, tzinfo=UTC)  # Tuesday, in Los Angeles
    assert order["rts_sla_time"] < order["tts_sla_time"]
    assert order["rts_sla_time"] < order["shipping_due_time"] == order["cancel_order_sla_time"] < order["delivery_due_time"]


def test_handling_time_of_a_made_to_order_product_moves_the_deadline(tiktok: ImitationTikTok, ada: Caller) -> None:
    product = tiktok.books.product_of_sku(str(1_729_582_718_312_000_000))
    assert product is not None
    product.skus[0].further["pre_sale"] = {"type": "MADE_TO_ORDER", "fulfillment_type": {"handling_duration_days": 5}}
    tiktok.books.keep_product(product)
    order = detail(ada, tiktok.place_order(sku="MUG-11OZ-WHITE", holds=False).order_id)
    assert (order["order_type"], order["handling_duration"]) == ("MADE_TO_ORDER", {"days": "5", "type": "BUSINESS_DAY"})
    assert datetime.fromtimestamp(order["rts_sla_time"], UTC).date() == datetime(2026, 11, 28, tzinfo=UTC).date()


# --- addresses --------------------------------------------------------------------------------------------------------------
def test_address_has_lines_levels_and_a_phone(tiktok: ImitationTikTok, ada: Caller) -> None:
    placed = tiktok.place_order(sku="MUG-11OZ-WHITE", holds=False, address={"line2": "Apt 4", "drop_off": "Front Door"})
    address = detail(ada, placed.order_id)["recipient_address"]
    assert (address["address_line1"], address["address_line2"], address["postal_code"]) == ("1199 Coleman Ave", "Apt 4", "95110")
    assert {row["address_level"]: row["address_name"] for row in address["district_info"]} == {
        "L0": "United States",
        "L1": "California",
        "L2": "Santa Clara",
        "L3": "San Jose",
    }
    assert (address["phone_number"], address["delivery_preferences"]) == ("(+1)2135550123", {"drop_off_location": "Front Door"})


@pytest.mark.parametrize(("wish", "clear"), [({}, True), ({"shipping_type": "TIKTOK"}, False), ({"sku": "FBT-MUG-NAVY"}, False)])
def test_name_phone_and_street_are_masked_where_tiktok_ships(tiktok: ImitationTikTok, ada: Caller, wish: dict[str, str], clear: bool) -> None:
    order = detail(ada, tiktok.place_order(**{"sku": "MUG-11OZ-WHITE", "holds": False, **wish}).order_id)
    address = order["recipient_address"]
    shown = [address[name] for name in ("name", "phone_number", "address_line1", "full_address")]
    assert all(("*" in text) != clear for text in shown)
    assert (address["postal_code"], address["district_info"][1]["address_name"]) == ("95110", "California")


def test_product_of_tiktoks_own_warehouse_says_so(tiktok: ImitationTikTok, ada: Caller) -> None:
    assert detail(ada, tiktok.place_order(sku="FBT-MUG-NAVY").order_id)["fulfillment_type"] == "FULFILLMENT_BY_TIKTOK"


def test_masking_can_be_set_to_what_the_other_sources_say(tiktok: ImitationTikTok, ada: Caller) -> None:
    held = tiktok.place_order(sku="MUG-11OZ-WHITE").order_id
    label = tiktok.place_order(sku="MUG-11OZ-WHITE", shipping_type="TIKTOK", holds=False).order_id
    tiktok.world.settings.mask_before_shipment, tiktok.world.settings.mask_tiktok_shipping = True, False
    assert detail(ada, held)["recipient_address"]["name"] == "B*** B***"
    assert detail(ada, label)["recipient_address"]["name"] == "Bea Buyer"


def test_address_changed_after_import_says_so(tiktok: ImitationTikTok, ada: Caller) -> None:
    placed = tiktok.place_order(sku="MUG-11OZ-WHITE", holds=False)
    assert detail(ada, placed.order_id)["has_updated_recipient_address"] is False
    tiktok.act(placed.order_id, "change-address", line1="5 New Street", postcode="95112")
    order = detail(ada, placed.order_id)
    assert (order["recipient_address"]["address_line1"], order["has_updated_recipient_address"]) == ("5 New Street", True)
    assert order["update_time"] == NOW + 1


def test_british_address_has_a_post_town(tiktok: ImitationTikTok) -> None:
    harbour = Caller(tiktok, seed.HARBOUR_SHOP)
    placed = tiktok.place_order(shop_id=seed.HARBOUR_SHOP.shop_id, sku="UK-MUG-BLUE", holds=False)
    order = detail(harbour, placed.order_id)
    assert (order["recipient_address"]["post_town"], order["payment"]["currency"], order["payment"]["tax"]) == ("Bristol", "GBP", "0.00")
    harbour.http.close()


# --- money, replacements, personalisation -----------------------------------------------------------------------------------
def test_totals_are_before_tax_and_add_up(tiktok: ImitationTikTok, ada: Caller) -> None:
    placed = tiktok.place_order(items=[{"sku": "MUG-11OZ-WHITE", "quantity": 2, "seller_discount": "1.40"}, {"sku": "TOTE-NATURAL"}], holds=False)
    order = detail(ada, placed.order_id)
    paid = order["payment"]
    assert (paid["original_total_product_price"], paid["seller_discount"], paid["sub_total"]) == ("45.80", "2.80", "43.00")
    assert (paid["tax"], paid["shipping_fee"], paid["total_amount"]) == ("3.02", "4.99", "51.01")
    assert [line["sale_price"] for line in order["line_items"]] == ["13.50", "13.50", "16.00"]
    prices = ada.ask("GET", f"/order/202407/orders/{placed.order_id}/price_detail")
    assert (prices["total"], prices["subtotal"], len(prices["line_items"])) == ("51.01", "43.00", 3)
    assert ada.refused("GET", "/order/202407/orders/1/price_detail") == 21008111


def test_replacement_names_the_order_it_replaces(tiktok: ImitationTikTok, ada: Caller) -> None:
    first = tiktok.place_order(sku="MUG-11OZ-WHITE").order_id
    order = detail(ada, tiktok.place_order(sku="MUG-11OZ-WHITE", replaces=first).order_id)
    assert (order["is_replacement_order"], order["replaced_order_id"]) == (True, first)


def test_personalised_units_have_their_texts_one_by_one(tiktok: ImitationTikTok, ada: Caller) -> None:
    placed = tiktok.place_order(sku="MUG-NAME/ÄÖÜ-1", quantity=2, personalisations=["Zoë\n2026", "Max"], holds=False)
    lines = detail(ada, placed.order_id)["line_items"]
    assert all(line["is_pod_customized"] for line in lines)
    asked = [
        {"order_line_id": row["id"], "product_id": row["product_id"], "sku_id": row["sku_id"], "pod_order_data_id": row["pod_info_id"]}
        for row in lines
    ]
    body = {"main_order_id": placed.order_id, "query_order_lines": asked}
    got = ada.ask("POST", "/fulfillment/202606/pod_details/get", body=body)["pod_details"]
    assert [json.loads(row["pod_info_json"])["surfaces"][0]["areas"][0]["text"] for row in got] == ["Zoë", "Max"]
    also = ada.ask("POST", "/order/202606/pod_details/search", body=body)["pod_details"]
    assert [row["pod_detail"] for row in also] == [row["pod_info_json"] for row in got]
    asked[0]["pod_order_data_id"] = "1"
    assert ada.refused("POST", "/fulfillment/202606/pod_details/get", body=body) == 36009004


def test_plain_units_have_no_personalisation(tiktok: ImitationTikTok, ada: Caller) -> None:
    line = detail(ada, tiktok.place_order(sku="MUG-11OZ-WHITE").order_id)["line_items"][0]
    assert "pod_info_id" not in line
    with pytest.raises(NotPossible, match="cannot be personalised"):
        tiktok.place_order(sku="MUG-11OZ-WHITE", personalisation="Zoë")


def test_order_takes_stock(tiktok: ImitationTikTok, ada: Caller) -> None:
    placed = tiktok.place_order(sku="TOTE-NATURAL", quantity=3)
    found_stock = ada.ask("POST", "/product/202309/inventory/search", body={"sku_ids": [placed.lines[0].sku_id]})["inventory"]
    (row,) = found_stock[0]["skus"]
    assert (row["total_available_quantity"], row["total_committed_quantity"]) == (497, 3)


def test_ids_are_strings_beyond_what_a_double_holds(tiktok: ImitationTikTok) -> None:
    placed = [tiktok.place_order(sku="MUG-11OZ-WHITE").order_id for _ in range(50)]
    assert len(set(placed)) == 50
    assert all(order_id.isdecimal() and int(order_id) > 2**53 for order_id in placed)


def test_two_fresh_imitations_give_the_same_numbers() -> None:
    rows = []
    for _ in range(2):
        with ImitationTikTok(at=START) as tiktok:
            tiktok.place_order(sku="MUG-11OZ-WHITE")
            rows.append((tiktok.books.shops(), tiktok.books.orders()))
    assert rows[0] == rows[1]


def test_hold_counts_from_the_payment_not_from_the_order(tiktok: ImitationTikTok, ada: Caller) -> None:
    placed = tiktok.place_order(sku="MUG-11OZ-WHITE", paid=False)
    tiktok.clock.advance(timedelta(hours=5).total_seconds())
    tiktok.act(placed.order_id, "pay")
    tiktok.clock.advance(3599)
    assert detail(ada, placed.order_id)["status"] == "ON_HOLD"
    tiktok.clock.advance(1)
    assert detail(ada, placed.order_id)["status"] == "AWAITING_SHIPMENT"
