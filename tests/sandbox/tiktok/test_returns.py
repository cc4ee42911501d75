"""Refunds, returns and replacements: what buyer, seller and time do with a wish."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from stores.sandbox.tiktok.reasons import RETURN_REJECTS
from stores.sandbox.tiktok.records import PlacedOrder
from stores.sandbox.tiktok.server import ImitationTikTok
from stores.sandbox.tiktok.world import ANSWER_S, REFUND_S, RETURN_WITHIN_S
from stores.sandbox.world import NotPossible
from tests.sandbox.tiktok.conftest import Caller
from tests.sandbox.tiktok.test_orders import detail
from tests.sandbox.tiktok.test_shipping import notice, path, ready

RETURNS = "/return_refund/202309/returns"
NO = {"reject_reason": next(iter(RETURN_REJECTS)), "comment": "We agreed on it."}
MISSING, WRONG = "ecom_order_delivered_refund_reason_missing_product_seller", "ecom_order_delivered_refund_and_return_reason_wrong_product_seller"


def delivered(tiktok: ImitationTikTok, caller: Caller, quantity: int = 1, **wish: Any) -> PlacedOrder:
    order = ready(tiktok, quantity, **wish)
    caller.ask("POST", path(order), body=notice(order))
    tiktok.act(order.order_id, "collect")
    return tiktok.act(order.order_id, "deliver")


def wished(tiktok: ImitationTikTok, caller: Caller, kind: str, quantity: int = 1, **wish: Any) -> tuple[PlacedOrder, str]:
    """Return a delivered order of which the buyer wishes something, and the wish's id."""
    order = delivered(tiktok, caller, quantity)
    tiktok.act(order.order_id, "request-return", kind=kind, **wish)
    return order, tiktok.books.returns(order_id=order.order_id)[0].return_id


def shown(caller: Caller, return_id: str) -> dict[str, Any]:
    (row,) = caller.ask("POST", f"{RETURNS}/search", body={"return_ids": [return_id]})["return_orders"]
    return dict(row)


def yes(caller: Caller, return_id: str, decision: str, **changed: Any) -> Any:
    return caller.ask("POST", f"{RETURNS}/{return_id}/approve", body={"decision": decision, **changed})


# --- wishes -----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "status", "action"),
    [
        ("REFUND", "RETURN_OR_REFUND_REQUEST_PENDING", "SELLER_RESPOND_REFUND"),
        ("RETURN_AND_REFUND", "RETURN_OR_REFUND_REQUEST_PENDING", "SELLER_RESPOND_RETURN"),
        ("REPLACEMENT", "REPLACEMENT_REQUEST_PENDING", "SELLER_RESPOND_REPLACEMENT"),
    ],
)
def test_wish_waits_for_the_sellers_answer(tiktok: ImitationTikTok, ada: Caller, kind: str, status: str, action: str) -> None:
    order, return_id = wished(tiktok, ada, kind, 2, line_ids=[], note="It is not what I ordered.")
    row = shown(ada, return_id)
    assert (row["order_id"], row["return_type"], row["return_status"], row["role"]) == (order.order_id, kind, status, "BUYER")
    deadline = int(tiktok.clock.epoch() + timedelta(hours=48).total_seconds())
    assert row["seller_next_action_response"] == [{"action": action, "deadline": deadline}]
    assert [line["order_line_item_id"] for line in row["return_line_items"]] == [line.line_id for line in order.lines]
    (record,) = ada.ask("GET", f"{RETURNS}/{return_id}/records")["records"]
    assert (record["event"], record["role"], record["note"]) == ("ORDER_RETURN", "BUYER", "It is not what I ordered.")


def test_only_what_arrived_can_be_asked_back_and_only_once(tiktok: ImitationTikTok, ada: Caller) -> None:
    with pytest.raises(NotPossible):
        tiktok.act(ready(tiktok).order_id, "request-return")
    order, _return_id = wished(tiktok, ada, "REFUND")
    with pytest.raises(NotPossible):
        tiktok.act(order.order_id, "request-return")
    tiktok.act(order.order_id, "withdraw-return")
    tiktok.act(order.order_id, "request-return", kind="REPLACEMENT")
    assert [row.status for row in tiktok.books.returns(order_id=order.order_id)] == ["RETURN_OR_REFUND_REQUEST_CANCEL", "REPLACEMENT_REQUEST_PENDING"]


def test_wishes_are_found_by_what_they_are(tiktok: ImitationTikTok, ada: Caller, south: Caller) -> None:
    order, return_id = wished(tiktok, ada, "REFUND")
    wished(tiktok, ada, "REPLACEMENT")
    for body in (
        {"order_ids": [order.order_id]},
        {"return_types": ["REFUND"]},
        {"return_status": ["RETURN_OR_REFUND_REQUEST_PENDING"]},
        {"buyer_user_ids": [order.buyer_user_id]},
    ):
        assert [row["return_id"] for row in ada.ask("POST", f"{RETURNS}/search", body=body)["return_orders"]] == [return_id]
    assert ada.ask("POST", "/return_refund/202602/returns/search", body={}, page_size=10)["total_count"] == 2
    assert ada.refused("POST", f"{RETURNS}/search", body={}, page_size=9) == 25001001
    assert ada.ask("POST", f"{RETURNS}/search", body={"arbitration_status": ["IN_PROGRESS"]})["total_count"] == 0
    assert south.ask("POST", f"{RETURNS}/search", body={})["total_count"] == 0
    assert south.refused("POST", f"{RETURNS}/{return_id}/approve", body={"decision": "APPROVE_REFUND"}) == 25020005


# --- yes --------------------------------------------------------------------------------------------------------------------
def test_refund_is_granted_and_paid_and_closes_the_order(tiktok: ImitationTikTok, ada: Caller) -> None:
    order, return_id = wished(tiktok, ada, "REFUND")
    yes(ada, return_id, "APPROVE_REFUND")
    assert shown(ada, return_id)["return_status"] == "RETURN_OR_REFUND_REQUEST_SUCCESS"
    tiktok.clock.advance(REFUND_S)
    assert shown(ada, return_id)["return_status"] == "RETURN_OR_REFUND_REQUEST_COMPLETE"
    assert detail(ada, order.order_id)["status"] == "COMPLETED"
    assert ada.refused("POST", f"{RETURNS}/{return_id}/approve", body={"decision": "APPROVE_REFUND"}) == 25011012


def test_return_is_sent_back_looked_at_and_refunded(tiktok: ImitationTikTok, ada: Caller) -> None:
    order, return_id = wished(tiktok, ada, "RETURN_AND_REFUND")
    receive = {"decision": "APPROVE_RECEIVED_PACKAGE"}
    assert ada.refused("POST", f"{RETURNS}/{return_id}/approve", body=receive) == 25011013
    yes(ada, return_id, "APPROVE_RETURN")
    assert shown(ada, return_id)["return_status"] == "AWAITING_BUYER_SHIP"
    tiktok.act(order.order_id, "send-back")
    on_its_way = shown(ada, return_id)
    assert (on_its_way["return_status"], on_its_way["return_provider_name"]) == ("BUYER_SHIPPED_ITEM", "USPS")
    assert "seller_next_action_response" not in on_its_way
    assert ada.refused("POST", f"{RETURNS}/{return_id}/reject", body={"decision": "REJECT_RECEIVED_PACKAGE", **NO}) == 25011035
    tiktok.clock.advance(timedelta(days=3).total_seconds())
    assert shown(ada, return_id)["seller_next_action_response"][0]["action"] == "SELLER_RESPOND_RECEIVE_PACKAGE"
    yes(ada, return_id, "APPROVE_RECEIVED_PACKAGE")
    tiktok.clock.advance(REFUND_S)
    assert shown(ada, return_id)["return_status"] == "RETURN_OR_REFUND_REQUEST_COMPLETE"
    said = [row["description"] for row in ada.ask("GET", f"{RETURNS}/{return_id}/records")["records"]]
    assert said == [
        "Buyer asked for a return", "The return was approved", "Buyer shipped the return", "The seller accepted the return", "The buyer was refunded",
    ]  # fmt: skip


def test_buyer_may_keep_the_goods(tiktok: ImitationTikTok, ada: Caller) -> None:
    _order, return_id = wished(tiktok, ada, "RETURN_AND_REFUND")
    yes(ada, return_id, "APPROVE_RETURN", buyer_keep_item=True)
    row = shown(ada, return_id)
    assert (row["return_status"], row["can_buyer_keep_item"]) == ("RETURN_OR_REFUND_REQUEST_SUCCESS", True)


def test_replacement_is_an_order_of_its_own_that_names_the_first(tiktok: ImitationTikTok, ada: Caller) -> None:
    order, return_id = wished(tiktok, ada, "REPLACEMENT", 2)
    yes(ada, return_id, "APPROVE_REPLACEMENT")
    assert shown(ada, return_id)["return_status"] == "REPLACEMENT_REQUEST_COMPLETE"
    again = detail(ada, tiktok.books.returns(order_id=order.order_id)[0].replacement_id)
    assert (again["is_replacement_order"], again["replaced_order_id"], again["status"]) == (True, order.order_id, "AWAITING_SHIPMENT")
    assert (len(again["line_items"]), again["payment"]["total_amount"]) == (2, "0.00")


def test_money_instead_of_a_replacement(tiktok: ImitationTikTok, ada: Caller) -> None:
    _order, return_id = wished(tiktok, ada, "REPLACEMENT")
    yes(ada, return_id, "ISSUE_REPLACEMENT_REFUND")
    assert shown(ada, return_id)["return_status"] == "REPLACEMENT_REQUEST_REFUND_SUCCESS"


def test_part_of_the_money_is_offered_refused_and_offered_again(tiktok: ImitationTikTok, ada: Caller) -> None:
    order, return_id = wished(tiktok, ada, "REFUND")
    approve = f"{RETURNS}/{return_id}/approve"
    too_much = {"decision": "OFFER_PARTIAL_REFUND", "partial_refund": {"currency": "USD", "amount": "1000"}}
    assert ada.refused("POST", approve, body=too_much) == 25001001
    part = {"partial_refund": {"currency": "USD", "amount": "5.00"}}
    yes(ada, return_id, "OFFER_PARTIAL_REFUND", **part)
    row = shown(ada, return_id)
    assert (row["seller_proposed_return_type"], row["partial_refund"]) == ("PARTIAL_REFUND", part["partial_refund"])
    assert "seller_next_action_response" not in row
    assert ada.refused("POST", approve, body={"decision": "APPROVE_REFUND"}) == 25001044
    tiktok.act(order.order_id, "reject-offer")
    assert shown(ada, return_id)["buyer_rejected_partial_refund"] is True
    yes(ada, return_id, "OFFER_PARTIAL_REFUND", **part)
    tiktok.act(order.order_id, "accept-offer")
    row = shown(ada, return_id)
    assert (row["return_status"], row["refund_amount"]["refund_total"]) == ("RETURN_OR_REFUND_REQUEST_SUCCESS", "5.00")


@pytest.mark.parametrize(
    ("kind", "decision"), [("REFUND", "APPROVE_RETURN"), ("RETURN_AND_REFUND", "APPROVE_REPLACEMENT"), ("REPLACEMENT", "APPROVE_REFUND")]
)
def test_answer_must_fit_the_wish(tiktok: ImitationTikTok, ada: Caller, kind: str, decision: str) -> None:
    _order, return_id = wished(tiktok, ada, kind)
    assert ada.refused("POST", f"{RETURNS}/{return_id}/approve", body={"decision": decision}) == 25020004
    assert ada.refused("POST", f"{RETURNS}/{return_id}/approve", body={"decision": "PERHAPS"}) == 25001001


def test_same_idempotency_key_answers_once(tiktok: ImitationTikTok, ada: Caller) -> None:
    _order, return_id = wished(tiktok, ada, "REFUND")
    for _ in range(2):
        assert ada.ask("POST", f"{RETURNS}/{return_id}/approve", body={"decision": "APPROVE_REFUND"}, idempotency_key="one") == {}
    assert len(ada.ask("GET", f"{RETURNS}/{return_id}/records")["records"]) == 2


# --- no ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "decision", "status"),
    [
        ("REFUND", "REJECT_REFUND", "REFUND_OR_RETURN_REQUEST_REJECT"),
        ("RETURN_AND_REFUND", "REJECT_RETURN", "REFUND_OR_RETURN_REQUEST_REJECT"),
        ("REPLACEMENT", "REJECT_REPLACEMENT", "REPLACEMENT_REQUEST_REJECT"),
    ],
)
def test_wish_is_rejected_with_one_of_the_reasons_given(tiktok: ImitationTikTok, ada: Caller, kind: str, decision: str, status: str) -> None:
    _order, return_id = wished(tiktok, ada, kind)
    reasons = ada.ask("GET", "/return_refund/202309/reject_reasons", return_or_cancel_id=return_id)["reasons"]
    reject = f"{RETURNS}/{return_id}/reject"
    assert ada.refused("POST", reject, body={"decision": decision, "reject_reason": "because"}) == 25001014
    assert ada.refused("POST", reject, body={"decision": "REJECT_RECEIVED_PACKAGE", **NO}) == 25020012
    assert ada.ask("POST", reject, body={"decision": decision, "reject_reason": reasons[0]["name"]}) == {}
    assert shown(ada, return_id)["return_status"] == status
    assert ada.refused("POST", reject, body={"decision": decision, **NO}) == 25001003


def test_parcel_that_came_back_is_rejected(tiktok: ImitationTikTok, ada: Caller) -> None:
    order, return_id = wished(tiktok, ada, "RETURN_AND_REFUND")
    yes(ada, return_id, "APPROVE_RETURN")
    tiktok.act(order.order_id, "send-back")
    assert ada.refused("POST", f"{RETURNS}/{return_id}/reject", body={"decision": "REJECT_RETURN", **NO}) == 25020010
    tiktok.clock.advance(timedelta(days=3).total_seconds())
    ada.ask(
        "POST",
        "/return_refund/202606" + f"{RETURNS}/{return_id}/reject".removeprefix("/return_refund/202309"),
        body={"decision": "REJECT_RECEIVED_PACKAGE", **NO},
    )
    assert shown(ada, return_id)["return_status"] == "REJECT_RECEIVE_PACKAGE"


def test_withdrawn_wish_cannot_be_approved(tiktok: ImitationTikTok, ada: Caller) -> None:
    order, return_id = wished(tiktok, ada, "REFUND")
    tiktok.act(order.order_id, "withdraw-return")
    assert ada.refused("POST", f"{RETURNS}/{return_id}/approve", body={"decision": "APPROVE_REFUND"}) == 25020009
    assert ada.refused("POST", f"{RETURNS}/1/approve", body={"decision": "APPROVE_REFUND"}) == 25007006


# --- time -------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("REFUND", "RETURN_OR_REFUND_REQUEST_SUCCESS"),
        ("RETURN_AND_REFUND", "AWAITING_BUYER_SHIP"),
        ("REPLACEMENT", "REPLACEMENT_REQUEST_COMPLETE"),
    ],
)
def test_wish_nobody_answers_is_granted_at_its_deadline(tiktok: ImitationTikTok, ada: Caller, kind: str, status: str) -> None:
    _order, return_id = wished(tiktok, ada, kind)
    tiktok.clock.advance(ANSWER_S - 1)
    assert shown(ada, return_id)["return_status"].endswith("REQUEST_PENDING")
    tiktok.clock.advance(1)
    assert shown(ada, return_id)["return_status"] == status


def test_return_that_is_never_sent_off_is_closed(tiktok: ImitationTikTok, ada: Caller) -> None:
    _order, return_id = wished(tiktok, ada, "RETURN_AND_REFUND")
    yes(ada, return_id, "APPROVE_RETURN")
    tiktok.clock.advance(RETURN_WITHIN_S)
    assert shown(ada, return_id)["return_status"] == "RETURN_OR_REFUND_REQUEST_CANCEL"


def test_parcel_nobody_looks_at_is_refunded(tiktok: ImitationTikTok, ada: Caller) -> None:
    order, return_id = wished(tiktok, ada, "RETURN_AND_REFUND")
    yes(ada, return_id, "APPROVE_RETURN")
    tiktok.act(order.order_id, "send-back")
    tiktok.clock.advance(timedelta(days=5).total_seconds())
    assert shown(ada, return_id)["return_status"] == "RETURN_OR_REFUND_REQUEST_SUCCESS"


# --- the seller begins ------------------------------------------------------------------------------------------------------
def begun(order: PlacedOrder, **changed: Any) -> dict[str, Any]:
    return {"order_id": order.order_id, "return_type": "REFUND", "return_reason": MISSING, **changed}


def test_seller_begins_a_refund_in_the_buyers_name(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = delivered(tiktok, ada, 2)
    body = begun(order, skus=[{"sku_id": order.lines[0].sku_id, "quantity": 1}], refund_total="3.00", currency="USD")
    made = ada.ask("POST", RETURNS, body=body, idempotency_key="one")
    assert made["return_status"] == "RETURN_OR_REFUND_REQUEST_PENDING"
    assert ada.ask("POST", RETURNS, body=body, idempotency_key="one") == made
    row = shown(ada, made["return_id"])
    assert (row["role"], row["refund_amount"]["refund_total"], len(row["return_line_items"])) == ("SELLER", "3.00", 1)
    again = begun(order, return_type="RETURN_AND_REFUND", return_reason=WRONG)
    assert ada.ask("POST", "/return_refund/202602/returns", body=again)["return_id"] != made["return_id"]
    assert ada.refused("POST", RETURNS, body=begun(order)) == 25001011


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"return_reason": WRONG}, 25001021),
        ({"return_reason": "because"}, 25001014),
        ({"return_reason": MISSING.removesuffix("_seller")}, 25001015),
        ({"return_type": "REPLACEMENT"}, 25001001),
        ({"refund_total": "1000"}, 25005005),
        ({"refund_total": "much"}, 25001001),
        ({"currency": "GBP"}, 25001001),
        ({"order_id": "1"}, 25001001),
    ],
)
def test_wish_of_a_seller_that_cannot_be_is_refused(tiktok: ImitationTikTok, ada: Caller, changed: dict[str, str], code: int) -> None:
    assert ada.refused("POST", RETURNS, body=begun(delivered(tiktok, ada), **changed)) == code


def test_seller_begins_nothing_before_the_delivery_after_completion_or_elsewhere(tiktok: ImitationTikTok, ada: Caller, south: Caller) -> None:
    assert ada.refused("POST", RETURNS, body=begun(ready(tiktok))) == 25001003
    order = delivered(tiktok, ada)
    assert south.refused("POST", RETURNS, body=begun(order)) == 25020005
    tiktok.act(order.order_id, "complete")
    assert ada.refused("POST", RETURNS, body=begun(order)) == 25001051


# --- what is possible -------------------------------------------------------------------------------------------------------
def test_eligibility_follows_the_order(tiktok: ImitationTikTok, ada: Caller) -> None:
    def options(order: PlacedOrder, version: str = "202309", **query: str) -> dict[str, bool]:
        (sku,) = ada.ask("GET", f"/return_refund/{version}/orders/{order.order_id}/aftersale_eligibility", **query)["sku_eligibility"]
        return {row["request_type"]: row["eligible"] for row in sku["line_item_eligibility"]}

    assert options(ready(tiktok)) == {"CANCEL": True, "REFUND": False, "RETURN_AND_REFUND": False}
    assert options(delivered(tiktok, ada)) == {"CANCEL": False, "REFUND": True, "RETURN_AND_REFUND": True}
    assert options(ready(tiktok), "202512", request_types="CANCEL", initiate_aftersale_user="BUYER") == {"CANCEL": True}


def test_refund_is_calculated_with_the_shipping_fee_for_a_whole_order_only(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = delivered(tiktok, ada, 2)

    def total(**chosen: Any) -> str:
        body = {"order_id": order.order_id, "request_type": "REFUND", "reason_name": MISSING, **chosen}
        return str(ada.ask("POST", "/return_refund/202309/refunds/calculate", body=body)["order_refund_amount"]["refund_total"])

    assert total() == detail(ada, order.order_id)["payment"]["total_amount"]
    assert total(order_line_item_ids=[order.lines[0].line_id]) == "15.94"
    unknown = {"order_id": "1", "request_type": "REFUND", "reason_name": MISSING}
    assert ada.refused("POST", "/return_refund/202309/refunds/calculate", body=unknown) == 25007006
