"""Each named scenario does what it says, as often as it says, and then stops."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from stores.sandbox.scenarios import UnknownScenario
from stores.sandbox.tiktok import seed
from stores.sandbox.tiktok.scenarios import KINDS
from stores.sandbox.tiktok.server import ImitationTikTok
from tests.sandbox.tiktok.conftest import Caller
from tests.sandbox.tiktok.test_orders import SEARCH, detail, found

WEBHOOKS = "/event/202309/webhooks"


def test_every_scenario_has_a_test() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert [name for name in KINDS if f'"{name}"' not in text] == []


# --- any request ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("throttled", 429, 36009002),
        ("token_expired", 401, 105002),
        ("internal_error", 500, 36009003),
        ("timed_out", 504, 36009007),
        ("ip_refused", 403, 36009033),
    ],
)
def test_faulty_answer_comes_in_doses_and_only_where_asked(tiktok: ImitationTikTok, ada: Caller, name: str, status: int, code: int) -> None:
    tiktok.scenario(name, times=2, operation="getOrderList")
    assert ada.ask("GET", WEBHOOKS)
    for _ in range(2):
        answer = ada.send("POST", SEARCH, body={}, page_size=10)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        ada.token = str(tiktok.tokens()["access_token"])
    assert found(ada) == []


def test_throttled_answer_says_when_to_come_again(tiktok: ImitationTikTok, ada: Caller) -> None:
    tiktok.scenario("throttled")
    assert int(ada.send("GET", WEBHOOKS).headers["retry-after"]) >= 1


def test_gateways_answer_without_json(tiktok: ImitationTikTok, ada: Caller) -> None:
    tiktok.scenario("html_502")
    tiktok.scenario("overloaded_503")
    answers = [ada.send("GET", WEBHOOKS) for _ in range(3)]
    assert [(answer.status_code, answer.headers["content-type"]) for answer in answers] == [
        (502, "text/html"),
        (503, "text/plain"),
        (200, "application/json"),
    ]


def test_connection_reset_answers_nothing_and_has_no_effect(tiktok: ImitationTikTok, ada: Caller) -> None:
    tiktok.scenario("connection_reset")
    with pytest.raises(httpx.TransportError):
        ada.send("PUT", WEBHOOKS, body={"event_type": "ORDER_STATUS_CHANGE", "address": "https://partner.tiktokshop.com"})
    assert ada.ask("GET", WEBHOOKS)["total_count"] == 0


def test_expired_token_is_dead_and_a_new_one_works(tiktok: ImitationTikTok, ada: Caller) -> None:
    tiktok.scenario("token_expired")
    assert [ada.refused("GET", WEBHOOKS) for _ in range(2)] == [105002, 105002]
    ada.token = str(tiktok.tokens()["access_token"])
    assert ada.ask("GET", WEBHOOKS)["webhooks"] == []


def test_slow_answers_late_and_right(tiktok: ImitationTikTok, ada: Caller) -> None:
    tiktok.scenario("slow", seconds=0.2)
    began = time.monotonic()
    assert ada.ask("GET", WEBHOOKS)["webhooks"] == []
    assert time.monotonic() - began >= 0.2


def test_cut_buckets_keep_a_share_until_it_is_switched_off(tiktok: ImitationTikTok, ada: Caller) -> None:
    tiktok.scenario("buckets_cut", share=0.04)
    assert [ada.send("GET", WEBHOOKS).status_code for _ in range(3)] == [200, 200, 429]
    tiktok.world.scenarios.stop("buckets_cut")
    tiktok.clock.advance(1)
    assert ada.send("GET", WEBHOOKS).status_code == 200


def test_scenario_can_be_meant_for_one_shop(tiktok: ImitationTikTok, ada: Caller, south: Caller) -> None:
    tiktok.scenario("internal_error", seller_id=seed.SOUTH_SHOP.shop_id)
    assert found(ada) == []
    assert south.refused("POST", SEARCH, body={}, page_size=10) == 36009003


@pytest.mark.parametrize("asked", [{"name": "meteor"}, {"name": "slow", "colour": "blue"}])
def test_unknown_scenario_or_option_is_named(tiktok: ImitationTikTok, asked: dict[str, Any]) -> None:
    with pytest.raises(UnknownScenario):
        tiktok.scenario(**asked)


# --- lists ------------------------------------------------------------------------------------------------------------------
def placed(tiktok: ImitationTikTok, number: int = 6) -> list[str]:
    ids = []
    for _ in range(number):
        ids.append(tiktok.place_order(sku="MUG-11OZ-WHITE", holds=False).order_id)
        tiktok.clock.advance(1)
    return ids


def pages(caller: Caller, **body: Any) -> list[list[str]]:
    seen: list[list[str]] = []
    token = ""
    while not seen or token:
        answer = caller.ask("POST", SEARCH, body=body, page_size=2, sort_field="create_time", sort_order="ASC", page_token=token)
        seen.append([order["id"] for order in answer["orders"]])
        token = answer["next_page_token"]
    return seen


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("page_repeats", {}, [[0, 1], [0, 1], [2, 3], [4, 5]]),
        ("pages_shift", {"by": 1}, [[0, 1], [1, 2], [3, 4], [5]]),
        ("pages_shift", {"by": -1}, [[0, 1], [3, 4], [5]]),
    ],
)
def test_pages_repeat_or_shift(tiktok: ImitationTikTok, ada: Caller, name: str, options: dict[str, int], expected: list[list[int]]) -> None:
    ids = placed(tiktok)
    tiktok.scenario(name, **options)
    assert pages(ada) == [[ids[number] for number in page] for page in expected]


def test_second_page_fails_and_the_first_does_not(tiktok: ImitationTikTok, ada: Caller) -> None:
    placed(tiktok, 3)
    tiktok.scenario("second_page_fails")
    first = ada.ask("POST", SEARCH, body={}, page_size=2)
    assert ada.refused("POST", SEARCH, body={}, page_size=2, page_token=first["next_page_token"]) == 36009003
    assert len(ada.ask("POST", SEARCH, body={}, page_size=2, page_token=first["next_page_token"])["orders"]) == 1


# --- orders -----------------------------------------------------------------------------------------------------------------
def test_order_appears_late_with_its_old_time(tiktok: ImitationTikTok, ada: Caller) -> None:
    tiktok.scenario("order_appears_late", seconds=600)
    order = tiktok.place_order(sku="MUG-11OZ-WHITE", holds=False)
    tiktok.clock.advance(599)
    assert found(ada) == []
    tiktok.clock.advance(1)
    (shown,) = found(ada)
    assert (shown["id"], shown["update_time"]) == (order.order_id, int(order.created))


def test_unknown_status_strikes_the_named_order(tiktok: ImitationTikTok, ada: Caller) -> None:
    ids = placed(tiktok, 2)
    tiktok.scenario("unknown_status", order_id=ids[1])
    assert {row["id"]: row["status"] for row in found(ada)} == {ids[0]: "AWAITING_SHIPMENT", ids[1]: "ON_THE_MOON"}
    assert detail(ada, ids[1])["status"] == "AWAITING_SHIPMENT"


def test_malformed_order_breaks_one_order_of_a_page(tiktok: ImitationTikTok, ada: Caller) -> None:
    ids = placed(tiktok, 2)
    tiktok.scenario("malformed_order", order_id=ids[0])
    ada.contract = None
    assert {row["id"]: isinstance(row["line_items"], list) for row in found(ada)} == {ids[0]: False, ids[1]: True}


def test_clear_address_comes_masked_once(tiktok: ImitationTikTok, ada: Caller) -> None:
    (order_id,) = placed(tiktok, 1)
    tiktok.scenario("address_masked")
    assert [detail(ada, order_id)["recipient_address"]["name"] for _ in range(2)] == ["B*** B***", "Bea Buyer"]


def test_detail_shows_an_order_as_it_was(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = tiktok.place_order(sku="MUG-11OZ-WHITE", paid=False)
    tiktok.scenario("read_back_delayed", seconds=60)
    tiktok.clock.advance(60)
    tiktok.act(order.order_id, "pay")
    assert (detail(ada, order.order_id)["status"], found(ada)[0]["status"]) == ("UNPAID", "ON_HOLD")
    tiktok.clock.advance(60)
    assert detail(ada, order.order_id)["status"] == "ON_HOLD"


def test_personalisation_cannot_be_read_once(tiktok: ImitationTikTok, ada: Caller) -> None:
    order = tiktok.place_order(sku="MUG-NAME/ÄÖÜ-1", personalisation="Zoë", holds=False)
    line = order.lines[0]
    asked = {"order_line_id": line.line_id, "product_id": line.product_id, "sku_id": line.sku_id, "pod_order_data_id": line.pod_info_id}
    body = {"main_order_id": order.order_id, "query_order_lines": [asked]}
    tiktok.scenario("personalisation_missing")
    assert ada.refused("POST", "/fulfillment/202606/pod_details/get", body=body) == 36009003
    assert "Zoë" in ada.ask("POST", "/fulfillment/202606/pod_details/get", body=body)["pod_details"][0]["pod_info_json"]
