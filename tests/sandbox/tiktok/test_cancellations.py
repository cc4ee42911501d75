"""Cancellations: by the buyer at once or as a request with an answer-by time, by the seller with the reasons of market and status."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from stores.sandbox.tiktok import seed
from stores.sandbox.tiktok.reasons import MARKETS
from stores.sandbox.tiktok.records import PlacedOrder
from stores.sandbox.tiktok.server import ImitationTikTok
from stores.sandbox.tiktok.world import ANSWER_S, REFUND_S
from stores.sandbox.world import NotPossible
from tests.sandbox.tiktok.conftest import Caller
from tests.sandbox.tiktok.official_contract import contract_folder
from tests.sandbox.tiktok.test_orders import detail
from tests.sandbox.tiktok.test_shipping import notice, path, ready

CANCEL = "/return_refund/202309/cancellations"
NO_STOCK, UNPAID_NO_STOCK = "seller_cancel_reason_out_of_stock", "seller_cancel_unpaid_reason_out_of_stock"
BRITISH: dict[str, Any] = {"shop_id": seed.HARBOUR_SHOP.shop_id, "sku": "UK-MUG-BLUE"}


def search(caller: Caller, **body: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = caller.ask("POST", f"{CANCEL}/search", body=body, sort_field="update_time", sort_order="ASC")["cancellations"]
    return found


def requested(tiktok: ImitationTikTok, quantity: int = 1, **wish: Any) -> tuple[PlacedOrder, str]:
    """Return an order whose buyer asks to cancel, and the request's id."""
    order = ready(tiktok, quantity, **wish)
    tiktok.act(order.order_id, "request-cancellation")
    return order, tiktok.books.cancellations(order_id=order.order_id)[0].cancel_id


def seller_cancels(order: PlacedOrder, *units: int, reason: str = NO_STOCK, **changed: Any) -> dict[str, Any]:
    body = {"order_id": order.order_id, "cancel_reason": reason, **changed}
    return {**body, "order_line_item_ids": [order.lines[unit].line_id for unit in units]} if units else body


@pytest.fixture
def harbour(tiktok: ImitationTikTok) -> Iterator[Caller]:
    caller = Caller(tiktok, seed.HARBOUR_SHOP)
    yield caller
    caller.http.close()


# --- the buyer --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("wish", "status"), [({"paid": False}, "UNPAID"), ({"holds": True}, "ON_HOLD")])
def test_buyer_cancels_at_once_while_unpaid_or_held(tiktok: ImitationTikTok, ada: Caller, wish: dict[str, Any], status: str) -> None:
    order = ready(tiktok, **wish)
    assert detail(ada, order.order_id)["status"] == status
    tiktok.act(order.order_id, "request-cancellation")
    shown = detail(ada, order.order_id)
    assert (shown["status"], shown["cancellation_initiator"], shown["is_buyer_request_cancel"]) == ("CANCELLED", "BUYER", False)
    (row,) = search(ada)
    assert (row["cancel_type"], row["cancel_status"], row["role"]) == ("BUYER_CANCEL", "CANCELLATION_REQUEST_SUCCESS", "BUYER")
    assert "seller_next_action_response" not in row


def test_later_wish_to_cancel_is_a_request_with_an_answer_by_time(tiktok: ImitationTikTok, ada: Caller) -> None:
    order, cancel_id = requested(tiktok)
    shown = detail(ada, order.order_id)
    assert (shown["status"], shown["is_buyer_request_cancel"]) == ("AWAITING_SHIPMENT", True)
    (row,) = search(ada, cancel_types=["BUYER_CANCEL"], cancel_status=["CANCELLATION_REQUEST_PENDING"])
    assert (row["cancel_id"], row["cancel_status"]) == (cancel_id, "CANCELLATION_REQUEST_PENDING")
    deadline = int(tiktok.clock.epoch() + timedelta(hours=48).total_seconds())
    assert row["seller_next_action_response"] == [{"action": "SELLER_RESPOND_CANCEL", "deadline": deadline}]
    assert row["cancel_reason_text"] == MARKETS["US"].buyer_paid[row["cancel_reason"]]
    assert row["refund_amount"]["refund_total"] == shown["payment"]["total_amount"]


def test_request_nobody_answers_is_granted_at_its_deadline(tiktok: ImitationTikTok, ada: Caller) -> None:
    order, cancel_id = requested(tiktok)
    asked = tiktok.clock.epoch()
    tiktok.clock.advance(ANSWER_S - 1)
    assert detail(ada, order.order_id)["status"] == "AWAITING_SHIPMENT"
    tiktok.clock.advance(3600)
    shown = detail(ada, order.order_id)
    assert (shown["status"], shown["update_time"]) == ("CANCELLED", int(asked + ANSWER_S))
    (row,) = search(ada, cancel_ids=[cancel_id])
    assert row["cancel_status"] == "CANCELLATION_REQUEST_COMPLETE"
    assert [entry.kind for entry in tiktok.books.writes(order_id=order.order_id)][-2:] == ["cancel_granted_by_time", "order_cancelled"]


@pytest.mark.parametrize("spelling", ["CANCELLATION_REQUEST_CANCEL", "CANCELLATION_REQUEST_CANCELLED"])
def test_withdrawn_request_is_found_under_both_spellings(tiktok: ImitationTikTok, ada: Caller, spelling: str) -> None:
    order, cancel_id = requested(tiktok)
    tiktok.act(order.order_id, "withdraw-cancellation")
    (row,) = search(ada, cancel_status=[spelling])
    assert (row["cancel_id"], row["cancel_status"]) == (cancel_id, "CANCELLATION_REQUEST_CANCELLED")
    shown = detail(ada, order.order_id)
    assert (shown["status"], shown["is_buyer_request_cancel"]) == ("AWAITING_SHIPMENT", False)


def test_buyer_cannot_cancel_what_is_shipped_nor_ask_twice(tiktok: ImitationTikTok, ada: Caller) -> None:
    order, _cancel_id = requested(tiktok)
    with pytest.raises(NotPossible):
        tiktok.act(order.order_id, "request-cancellation")
    shipped = ready(tiktok)
    ada.ask("POST", path(shipped), body=notice(shipped))
    with pytest.raises(NotPossible):
        tiktok.act(shipped.order_id, "request-cancellation")


# --- the answer -------------------------------------------------------------------------------------------------------------
def test_approved_request_cancels_and_refunds_a_little_later(tiktok: ImitationTikTok, ada: Caller) -> None:
    order, cancel_id = requested(tiktok, 2)
    assert ada.ask("POST", f"{CANCEL}/{cancel_id}/approve") == {}
    shown = detail(ada, order.order_id)
    assert (shown["status"], shown["cancellation_initiator"]) == ("CANCELLED", "BUYER")
    assert search(ada)[0]["cancel_status"] == "CANCELLATION_REQUEST_SUCCESS"
    tiktok.clock.advance(REFUND_S)
    assert search(ada)[0]["cancel_status"] == "CANCELLATION_REQUEST_COMPLETE"
    assert ada.refused("POST", f"{CANCEL}/{cancel_id}/approve") == 25011012


def test_same_idempotency_key_does_nothing_again(tiktok: ImitationTikTok, ada: Caller) -> None:
    _order, cancel_id = requested(tiktok)
    for _ in range(2):
        assert ada.ask("POST", f"{CANCEL}/{cancel_id}/approve", idempotency_key="one") == {}
    assert ada.refused("POST", f"{CANCEL}/{cancel_id}/approve", idempotency_key="two") == 25011012
    assert ada.refused("POST", f"{CANCEL}/{cancel_id}/approve", idempotency_key="x" * 256) == 25001001
    assert len(tiktok.books.writes(kind="cancel_approved")) == 1


def test_withdrawn_unknown_or_foreign_request_cannot_be_approved(tiktok: ImitationTikTok, ada: Caller, south: Caller) -> None:
    order, cancel_id = requested(tiktok)
    assert ada.refused("POST", f"{CANCEL}/1/approve") == 25007006
    assert south.refused("POST", f"{CANCEL}/{cancel_id}/approve") == 25020005
    tiktok.act(order.order_id, "withdraw-cancellation")
    assert ada.refused("POST", f"{CANCEL}/{cancel_id}/approve") == 25020009


def test_american_seller_rejects_by_shipping(tiktok: ImitationTikTok, ada: Caller) -> None:
    order, cancel_id = requested(tiktok)
    reason = next(iter(MARKETS["US"].seller_rejects))
    assert ada.refused("POST", f"{CANCEL}/{cancel_id}/reject", body={"reject_reason": reason}) == 25020004
    ada.ask("POST", path(order), body=notice(order))
    shown = detail(ada, order.order_id)
    assert (shown["status"], shown["is_buyer_request_cancel"]) == ("AWAITING_COLLECTION", False)
    assert search(ada)[0]["cancel_status"] == "CANCELLATION_REQUEST_CANCELLED"
    tiktok.world.settings.us_rejects_by_call = True
    _other, cancel_id = requested(tiktok)
    assert ada.ask("POST", f"{CANCEL}/{cancel_id}/reject", body={"reject_reason": reason}) == {}


def test_british_seller_rejects_by_call_with_a_reason_of_the_market(tiktok: ImitationTikTok, harbour: Caller) -> None:
    order, cancel_id = requested(tiktok, **BRITISH)
    reasons = harbour.ask("GET", "/return_refund/202309/reject_reasons", return_or_cancel_id=cancel_id)["reasons"]
    assert {row["name"]: row["text"] for row in reasons} == MARKETS["GB"].seller_rejects
    american = next(iter(MARKETS["US"].seller_rejects))
    assert harbour.refused("POST", f"{CANCEL}/{cancel_id}/reject", body={"reject_reason": american}) == 25001014
    assert harbour.refused("POST", path(order), body=notice(order)) == 21011007
    body = {"reject_reason": reasons[0]["name"], "comment": "It is packed."}
    assert harbour.ask("POST", f"{CANCEL}/{cancel_id}/reject", body=body) == {}
    assert detail(harbour, order.order_id)["is_buyer_request_cancel"] is False
    assert harbour.refused("POST", f"{CANCEL}/{cancel_id}/reject", body=body) == 25011011


# --- the seller -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("wish", "reason"), [({"paid": False}, UNPAID_NO_STOCK), ({"holds": True}, NO_STOCK), ({}, NO_STOCK)])
def test_seller_cancels_with_a_reason_of_the_status(tiktok: ImitationTikTok, ada: Caller, wish: dict[str, Any], reason: str) -> None:
    order = ready(tiktok, **wish)
    told = ada.ask("POST", CANCEL, body=seller_cancels(order, reason=reason))
    assert told["cancel_status"] == "CANCELLATION_REQUEST_SUCCESS"
    shown = detail(ada, order.order_id)
    assert (shown["status"], shown["cancel_reason"], shown["cancellation_initiator"]) == ("CANCELLED", reason, "SELLER")
    assert [row["cancel_type"] for row in search(ada, cancel_ids=[told["cancel_id"]])] == ["CANCEL"]
    assert ada.refused("POST", CANCEL, body=seller_cancels(order, reason=reason)) == 25001051


@pytest.mark.parametrize(
    ("wish", "reason", "code"),
    [
        ({}, UNPAID_NO_STOCK, 25001021),
        ({"paid": False}, NO_STOCK, 25001021),
        ({}, f"{NO_STOCK}_uk", 25001014),
        ({}, "ecom_order_to_ship_canceled_reason_better_price", 25001015),
        ({}, "because", 25001014),
    ],
)
def test_reason_that_does_not_fit_is_refused(tiktok: ImitationTikTok, ada: Caller, wish: dict[str, Any], reason: str, code: int) -> None:
    assert ada.refused("POST", CANCEL, body=seller_cancels(ready(tiktok, **wish), reason=reason)) == code


def test_one_unit_is_cancelled_only_when_it_is_out_of_stock(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = ready(tiktok, 3)
    assert ada.refused("POST", CANCEL, body=seller_cancels(order, 0, reason="seller_cancel_reason_wrong_price")) == 25005010
    ada.ask("POST", CANCEL, body=seller_cancels(order, 1))
    shown = detail(ada, order.order_id)
    assert (shown["status"], [line["display_status"] for line in shown["line_items"]]) == (
        "AWAITING_SHIPMENT",
        ["AWAITING_SHIPMENT", "CANCELLED", "AWAITING_SHIPMENT"],
    )
    (row,) = search(ada)
    assert [line["order_line_item_id"] for line in row["cancel_line_items"]] == [order.lines[1].line_id]
    assert ada.refused("POST", CANCEL, body=seller_cancels(order, 1)) == 25005011
    sku = order.lines[0].sku_id
    ada.ask("POST", CANCEL, body=seller_cancels(order, skus=[{"sku_id": sku, "quantity": 1}]))
    assert ada.refused("POST", CANCEL, body=seller_cancels(order, skus=[{"sku_id": sku, "quantity": 2}])) == 25005011
    ada.ask("POST", CANCEL, body=seller_cancels(order))
    assert detail(ada, order.order_id)["status"] == "CANCELLED"


def test_newer_version_cancels_by_lists(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = ready(tiktok, 2)
    body = seller_cancels(order, order_line_list=[{"order_line_item_id": order.lines[0].line_id}])
    assert ada.ask("POST", "/return_refund/202602/cancellations", body=body)["cancel_status"] == "CANCELLATION_REQUEST_SUCCESS"
    found = ada.ask("POST", "/return_refund/202602/cancellations/search", body={"order_ids": [order.order_id]})
    assert found["total_count"] == 1


def test_seller_cannot_cancel_while_a_request_is_open_nor_another_shops_order(tiktok: ImitationTikTok, ada: Caller, south: Caller) -> None:
    order, _cancel_id = requested(tiktok)
    assert ada.refused("POST", CANCEL, body=seller_cancels(order)) == 25001011
    assert south.refused("POST", CANCEL, body=seller_cancels(order)) == 25020005
    assert ada.refused("POST", CANCEL, body={"order_id": "1", "cancel_reason": NO_STOCK}) == 25001001


def test_shipped_order_is_cancelled_until_it_is_collected_in_the_us_alone(tiktok: ImitationTikTok, ada: Caller, harbour: Caller) -> None:
    british = ready(tiktok, **BRITISH)
    provider = harbour.ask("GET", f"/logistics/202309/delivery_options/{british.delivery_option_id}/shipping_providers")["shipping_providers"][0]
    harbour.ask("POST", path(british), body=notice(british, shipping_provider_id=provider["id"]))
    assert harbour.refused("POST", CANCEL, body=seller_cancels(british, reason=f"{NO_STOCK}_uk")) == 25001045
    order, gone = ready(tiktok), ready(tiktok)
    for each in (order, gone):
        ada.ask("POST", path(each), body=notice(each))
    tiktok.act(gone.order_id, "collect")
    assert ada.refused("POST", CANCEL, body=seller_cancels(gone)) == 25001045
    ada.ask("POST", CANCEL, body=seller_cancels(order))
    assert detail(ada, order.order_id)["status"] == "CANCELLED"
    assert tiktok.books.packages_of(order.order_id)[0].status == "CANCELLED"


# --- finding ----------------------------------------------------------------------------------------------------------------
def test_cancellations_are_found_by_time_and_in_pages(tiktok: ImitationTikTok, ada: Caller, south: Caller) -> None:
    found = []
    for _ in range(3):
        found.append(requested(tiktok)[1])
        tiktok.clock.advance(100)
    first = ada.ask("POST", f"{CANCEL}/search", body={}, page_size=2)
    second = ada.ask("POST", f"{CANCEL}/search", body={}, page_size=2, page_token=first["next_page_token"])
    assert [row["cancel_id"] for page in (first, second) for row in page["cancellations"]] == found
    assert (first["total_count"], second["next_page_token"]) == (3, "")
    since = int(tiktok.clock.epoch()) - 200
    assert [row["cancel_id"] for row in search(ada, update_time_ge=since)] == found[1:]
    assert [row["cancel_id"] for row in search(ada, create_time_lt=since)] == found[:1]
    assert search(south) == []


# --- lost answers -----------------------------------------------------------------------------------------------------------
def test_answer_lost_after_the_effect_reads_back_as_cancelled(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = ready(tiktok)
    tiktok.scenario("cancel_lost_after_success")
    with pytest.raises(httpx.TransportError):
        ada.send("POST", CANCEL, body=seller_cancels(order))
    assert detail(ada, order.order_id)["status"] == "CANCELLED"
    assert ada.refused("POST", CANCEL, body=seller_cancels(order)) == 25001051


def test_answer_lost_before_the_effect_leaves_nothing(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = ready(tiktok)
    tiktok.scenario("cancel_lost_before_effect")
    with pytest.raises(httpx.TransportError):
        ada.send("POST", CANCEL, body=seller_cancels(order))
    assert (detail(ada, order.order_id)["status"], search(ada)) == ("AWAITING_SHIPMENT", [])


# --- reasons ----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("region", ["US", "GB"])
def test_reasons_are_those_of_tiktoks_list(region: str) -> None:
    markets = json.loads((contract_folder() / "cancel-reasons.json").read_text(encoding="utf-8"))["markets"]
    said, ours = markets[{"GB": "UK"}.get(region, region)], MARKETS[region]

    def of(who: str, paid: bool) -> dict[str, str]:
        return {row["key"]: row["label"] for row in said[who] if ("UNPAID" in row["order_status"]) != paid}

    assert (ours.buyer_unpaid, ours.buyer_paid) == (of("buyer_initiates", False), of("buyer_initiates", True))
    assert (ours.seller_unpaid, ours.seller_paid) == (of("seller_initiates", False), of("seller_initiates", True))
    assert ours.seller_rejects == {row["key"]: row["label"] for row in said["seller_rejects_request"]}
    assert ours.system.items() <= {row["key"]: row["label"] for row in said["system"]}.items()
