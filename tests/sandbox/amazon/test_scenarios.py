"""Each named scenario does what it says, as often as it says, and then stops."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from stores.sandbox.amazon import seed
from stores.sandbox.amazon.scenarios import KINDS
from stores.sandbox.amazon.server import ImitationAmazon
from stores.sandbox.scenarios import UnknownScenario
from tests.sandbox.amazon.conftest import Caller

SINCE = "2026-11-20T00:00:00Z"
PARTICIPATIONS = "/sellers/v1/marketplaceParticipations"


def test_every_scenario_has_a_test_here() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    elsewhere = {"consent_revoked"}  # in test_consent_and_tokens.py
    feeds = (Path(__file__).parents[2] / "journeys/test_cancellations.py").read_text(encoding="utf-8")
    publishing = (Path(__file__).parents[2] / "channels/amazon/test_publishing.py").read_text(encoding="utf-8")
    stores = (Path(__file__).parents[2] / "stores/test_publishing.py").read_text(encoding="utf-8")
    elsewhere |= {name for name in KINDS for text in (feeds, publishing, stores) if f'scenario("{name}"' in text}
    assert [name for name in KINDS if name not in elsewhere and f'scenario("{name}"' not in here and f'("{name}", ' not in here] == []


def test_token_expired_kills_this_token_and_a_new_one_works(amazon: ImitationAmazon, ada: Caller) -> None:
    amazon.scenario("token_expired")
    for _ in range(2):
        answer = ada.get(PARTICIPATIONS)
        assert (answer.status_code, answer.json()["errors"][0]["details"]) == (403, "The access token you provided has expired.")
    ada.token = amazon.access_token()
    assert ada.get(PARTICIPATIONS).status_code == 200


@pytest.mark.parametrize(("name", "status"), [("throttled", 429), ("http_500", 500), ("html_502", 502), ("message_403", 403)])
def test_a_faulty_answer_comes_in_doses_and_only_where_asked(amazon: ImitationAmazon, ada: Caller, name: str, status: int) -> None:
    amazon.scenario(name, times=2, operation="searchOrders")
    assert ada.get(PARTICIPATIONS).status_code == 200
    assert [ada.search(lastUpdatedAfter=SINCE).status_code for _ in range(3)] == [status, status, 200]
    assert [entry.scenario for entry in amazon.books.requests(operation="searchOrders")] == [name, name, ""]


def test_html_502_is_a_page_and_message_403_has_no_errors_list(amazon: ImitationAmazon, ada: Caller) -> None:
    amazon.scenario("html_502")
    page = ada.get(PARTICIPATIONS)
    assert page.headers["content-type"].startswith("text/html")
    assert "x-amzn-requestid" not in page.headers
    amazon.scenario("message_403")
    assert set(ada.get(PARTICIPATIONS).json()) == {"message"}


def test_connection_reset_answers_nothing_and_has_no_effect(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE")
    amazon.scenario("connection_reset")
    with pytest.raises(httpx.TransportError):
        ada.confirm(placed)
    assert amazon.books.writes(kind="confirm_shipment") == []
    assert ada.confirm(placed).status_code == 204


def test_confirm_lost_after_success_keeps_the_package(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE")
    amazon.scenario("confirm_lost_after_success")
    with pytest.raises(httpx.TransportError):
        ada.confirm(placed)
    assert len(ada.order(placed.order_id)["packages"]) == 1
    assert ada.confirm(placed).status_code == 204
    assert [entry.effect for entry in amazon.books.writes(kind="confirm_shipment")] == ["created", "repeated"]
    assert len(ada.order(placed.order_id)["packages"]) == 1


def test_confirm_lost_before_effect_keeps_nothing(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE")
    amazon.scenario("confirm_lost_before_effect")
    with pytest.raises(httpx.TransportError):
        ada.confirm(placed)
    assert ada.order(placed.order_id)["packages"] == []
    assert ada.confirm(placed).status_code == 204


def test_a_refused_confirmation_uses_up_no_lost_answer(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE")
    amazon.scenario("confirm_lost_after_success")
    assert ada.confirm(placed, carrierCode="").status_code == 400
    with pytest.raises(httpx.TransportError):
        ada.confirm(placed)


def test_carrier_dropped_silently_says_204_and_shows_no_carrier(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE")
    amazon.scenario("carrier_dropped_silently")
    assert ada.confirm(placed).status_code == 204
    (package,) = ada.order(placed.order_id)["packages"]
    assert "carrier" not in package
    assert package["trackingNumber"] == "00340434161094000000"


def test_slow_answers_late_and_right(amazon: ImitationAmazon, ada: Caller) -> None:
    amazon.scenario("slow", seconds=0.3)
    began = time.monotonic()
    assert ada.get(PARTICIPATIONS).status_code == 200
    assert time.monotonic() - began >= 0.3


def test_buckets_cut_leaves_a_quarter_and_says_so(amazon: ImitationAmazon, ada: Caller) -> None:
    amazon.scenario("buckets_cut", share=0.25)
    answers = [ada.search(lastUpdatedAfter=SINCE) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[0].headers["x-amzn-ratelimit-limit"] == "0.0014"
    amazon.world.scenarios.stop("buckets_cut")
    amazon.clock.advance(179)
    assert ada.search(lastUpdatedAfter=SINCE).headers["x-amzn-ratelimit-limit"] == "0.0056"


def test_second_page_fails_leaves_the_first_page_alone(amazon: ImitationAmazon, ada: Caller) -> None:
    for _ in range(3):
        amazon.place_order(sku="MUG-11OZ-WHITE")
    amazon.clock.advance(121)
    amazon.scenario("second_page_fails")
    first = ada.search(lastUpdatedAfter=SINCE, maxResultsPerPage=2)
    token = first.json()["pagination"]["nextToken"]
    assert ada.search(lastUpdatedAfter=SINCE, maxResultsPerPage=2, paginationToken=token).status_code == 500
    assert len(ada.search(lastUpdatedAfter=SINCE, maxResultsPerPage=2, paginationToken=token).json()["orders"]) == 1


def walk(ada: Caller) -> list[str]:
    seen: list[str] = []
    token: dict[str, str] = {}
    while True:
        answer = ada.search(lastUpdatedAfter=SINCE, maxResultsPerPage=2, **token).json()
        seen += [order["orderId"] for order in answer["orders"]]
        if "pagination" not in answer:
            return seen
        token = {"paginationToken": answer["pagination"]["nextToken"]}


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("page_repeats", {}, [0, 1, 0, 1, 2, 3, 4]),
        ("pages_shift", {"by": 1}, [0, 1, 1, 2, 3, 4]),
        ("pages_shift", {"by": -1}, [0, 1, 3, 4]),
    ],
)
def test_pages_repeat_or_shift(amazon: ImitationAmazon, ada: Caller, name: str, options: dict[str, int], expected: list[int]) -> None:
    placed = []
    for _ in range(5):
        placed.append(amazon.place_order(sku="MUG-11OZ-WHITE").order_id)
        amazon.clock.advance(1)
    amazon.clock.advance(121)
    amazon.scenario(name, **options)
    assert walk(ada) == [placed[number] for number in expected]


def test_order_appears_late_with_its_old_time(amazon: ImitationAmazon, ada: Caller) -> None:
    amazon.scenario("order_appears_late", seconds=600)
    late, punctual = (amazon.place_order(sku="MUG-11OZ-WHITE").order_id for _ in range(2))
    amazon.clock.advance(130)
    assert [order["orderId"] for order in ada.changed_since()] == [punctual]
    amazon.clock.advance(600)
    (found,) = (order for order in ada.changed_since() if order["orderId"] == late)
    assert found["lastUpdatedTime"] == "2026-11-20T10:00:00Z"


def test_unknown_status_strikes_the_named_order(amazon: ImitationAmazon, ada: Caller) -> None:
    first, second = (amazon.place_order(sku="MUG-11OZ-WHITE") for _ in range(2))
    amazon.clock.advance(121)
    amazon.scenario("unknown_status", order_id=second.order_id)
    path = "/orders/2026-01-01/orders"
    # Held against no model: the point is that it breaks it.
    answer = ada.http.get(path, params={"lastUpdatedAfter": SINCE, "includedData": "FULFILLMENT"}, headers=ada.headers())
    found = {order["orderId"]: order["fulfillment"]["fulfillmentStatus"] for order in answer.json()["orders"]}
    assert found == {first.order_id: "UNSHIPPED", second.order_id: "ON_THE_MOON"}
    assert ada.order(second.order_id)["fulfillment"]["fulfillmentStatus"] == "UNSHIPPED"


def test_malformed_order_breaks_one_order_of_a_page(amazon: ImitationAmazon, ada: Caller) -> None:
    for _ in range(2):
        amazon.place_order(sku="MUG-11OZ-WHITE")
    amazon.clock.advance(121)
    amazon.scenario("malformed_order")
    answer = ada.http.get("/orders/2026-01-01/orders", params={"lastUpdatedAfter": SINCE}, headers=ada.headers())
    assert [type(order["orderItems"]) for order in answer.json()["orders"]] == [str, list]


def test_address_withheld_hides_a_paid_orders_recipient_once(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE")
    amazon.scenario("address_withheld")
    assert "recipient" not in ada.order(placed.order_id)
    assert "recipient" in ada.order(placed.order_id)


def test_read_back_delayed_shows_the_order_as_it_was(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE")
    amazon.scenario("read_back_delayed", seconds=600)
    assert ada.confirm(placed).status_code == 204
    assert ada.order(placed.order_id)["packages"] == []
    amazon.clock.advance(601)
    assert len(ada.order(placed.order_id)["packages"]) == 1


def test_a_scenario_can_be_meant_for_one_seller(amazon: ImitationAmazon, ada: Caller, mallory: Caller) -> None:
    amazon.scenario("http_500", times=None, seller_id=seed.SOUTH.seller_id)
    assert ada.get(PARTICIPATIONS).status_code == 200
    assert [mallory.get(PARTICIPATIONS).status_code for _ in range(3)] == [500] * 3
    amazon.world.scenarios.stop_all()
    assert mallory.get(PARTICIPATIONS).status_code == 200


def test_an_unknown_scenario_or_option_is_named(amazon: ImitationAmazon) -> None:
    with pytest.raises(UnknownScenario, match="no scenario 'meteor'"):
        amazon.scenario("meteor")
    with pytest.raises(UnknownScenario, match="takes no colour"):
        amazon.scenario("slow", colour="blue")
    with pytest.raises(UnknownScenario, match="cannot strike getOrder"):
        amazon.scenario("confirm_lost_after_success", operation="getOrder")
