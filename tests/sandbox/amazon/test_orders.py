"""searchOrders and getOrder: the lag, the filters, the pages, what is withheld."""

from __future__ import annotations

from typing import Any

import pytest

from stores.sandbox.amazon import buying, seed
from stores.sandbox.amazon.server import ImitationAmazon
from stores.sandbox.world import NotPossible
from tests.sandbox.amazon.conftest import Caller


def ids(orders: list[dict[str, Any]]) -> list[str]:
    return [order["orderId"] for order in orders]


def test_a_new_order_is_listed_only_after_two_minutes(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE")
    amazon.clock.advance(119)
    assert ada.changed_since() == []
    amazon.clock.advance(1)
    assert ids(ada.changed_since()) == [placed.order_id]


def test_a_young_change_is_not_listed_but_read_at_once(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE", paid=False)
    amazon.clock.advance(300)
    buying.clear_payment(amazon.world, placed.order_id)
    (listed,) = ada.changed_since()
    assert listed["fulfillment"]["fulfillmentStatus"] == "PENDING"
    assert ada.order(placed.order_id)["fulfillment"]["fulfillmentStatus"] == "UNSHIPPED"
    amazon.clock.advance(120)
    (listed,) = ada.changed_since("2026-11-20T10:05:00Z")
    assert listed["fulfillment"]["fulfillmentStatus"] == "UNSHIPPED"


def test_the_answer_says_up_to_when_it_is_complete(amazon: ImitationAmazon, ada: Caller) -> None:
    updated = ada.search(lastUpdatedAfter="2026-11-20T00:00:00Z").json()
    assert updated == {"orders": [], "lastUpdatedBefore": "2026-11-20T09:58:00Z"}
    assert ada.search(createdAfter="2026-11-20T00:00:00Z", createdBefore="2026-11-20T09:00:00Z").json()["createdBefore"] == "2026-11-20T09:00:00Z"


def test_polling_from_each_answers_end_misses_nothing(amazon: ImitationAmazon, ada: Caller) -> None:
    placed, seen, since = [], [], "2026-11-20T09:00:00Z"
    for step in range(30):
        placed.append(amazon.place_order(sku="MUG-11OZ-WHITE").order_id)
        amazon.clock.advance(37.4)
        if step % 4 == 0:
            answer = ada.search(lastUpdatedAfter=since).json()
            seen += ids(answer["orders"])
            since = answer["lastUpdatedBefore"]
    amazon.clock.advance(121)
    seen += ids(ada.search(lastUpdatedAfter=since).json()["orders"])
    assert set(seen) == set(placed)


def test_each_change_moves_the_time_of_change_even_within_a_second(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE", quantity=2)
    times = [ada.order(placed.order_id)["lastUpdatedTime"]]
    for reference in ("1", "2"):
        assert ada.confirm(placed, reference=reference).status_code == 204
        times.append(ada.order(placed.order_id)["lastUpdatedTime"])
    assert times == ["2026-11-20T10:00:00Z", "2026-11-20T10:00:01Z", "2026-11-20T10:00:02Z"]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"createdAfter": "2026-11-20T00:00:00Z", "lastUpdatedAfter": "2026-11-20T00:00:00Z"},
        {"createdAfter": "2026-11-20T00:00:00Z", "lastUpdatedBefore": "2026-11-20T01:00:00Z"},
        {"lastUpdatedAfter": "2026-11-20T00:00:00Z", "createdBefore": "2026-11-20T01:00:00Z"},
        {"lastUpdatedAfter": "2026-11-20T00:00:00Z", "lastUpdatedBefore": "2026-11-20T09:58:01Z"},
        {"lastUpdatedAfter": "2026-11-20T05:00:00Z", "lastUpdatedBefore": "2026-11-20T04:00:00Z"},
        {"lastUpdatedAfter": "2026-11-20T10:00:01Z"},
        {"lastUpdatedAfter": "2026-11-20T00:00:00"},
        {"lastUpdatedAfter": "2026-11-20"},
        {"lastUpdatedAfter": "TEST_CASE_400"},
        {"lastUpdatedAfter": "2026-11-20T00:00:00Z", "maxResultsPerPage": "0"},
        {"lastUpdatedAfter": "2026-11-20T00:00:00Z", "maxResultsPerPage": "101"},
        {"lastUpdatedAfter": "2026-11-20T00:00:00Z", "maxResultsPerPage": "ten"},
        {"lastUpdatedAfter": "2026-11-20T00:00:00Z", "includedData": "BUYER,ADDRESS"},
        {"lastUpdatedAfter": "2026-11-20T00:00:00Z", "fulfillmentStatuses": "Unshipped"},
        {"lastUpdatedAfter": "2026-11-20T00:00:00Z", "fulfilledBy": "MFN"},
        {"lastUpdatedAfter": "2026-11-20T00:00:00Z", "marketplaceIds": "DE"},
        {"lastUpdatedAfter": "2026-11-20T00:00:00Z", "marketplaceIds": ",".join([seed.DE] * 51)},
        {"lastUpdatedAfter": "2026-11-20T00:00:00Z", "paginationToken": "made-up"},
        {"lastUpdatedAfter": "2026-11-20T00:00:00Z", "orderStatuses": "UNSHIPPED"},
    ],
)
def test_a_wrong_search_is_refused_as_invalid_input(ada: Caller, params: dict[str, str]) -> None:
    answer = ada.search(**params)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "InvalidInput"
    assert answer.headers["x-amzn-errortype"] == "InvalidInputException"


def test_repeated_array_parameters_are_refused(ada: Caller) -> None:
    answer = ada.get(f"/orders/2026-01-01/orders?lastUpdatedAfter=2026-11-20T00:00:00Z&marketplaceIds={seed.DE}&marketplaceIds={seed.UK}")
    assert answer.status_code == 400
    assert "join its values with commas" in answer.text


def test_a_marketplace_of_someone_else_is_denied(ada: Caller) -> None:
    for marketplace_id in (seed.US, seed.FR):
        answer = ada.search(lastUpdatedAfter="2026-11-20T00:00:00Z", marketplaceIds=marketplace_id)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "Unauthorized")


def test_filters_choose_by_marketplace_status_and_fulfilment(amazon: ImitationAmazon, ada: Caller) -> None:
    german = amazon.place_order(sku="MUG-11OZ-WHITE", marketplace_id=seed.DE)
    british = amazon.place_order(sku="MUG-11OZ-WHITE", marketplace_id=seed.UK, paid=False)
    by_amazon = amazon.place_order(sku="FBA-MUG-BLACK")
    amazon.clock.advance(121)
    assert set(ids(ada.changed_since())) == {german.order_id, british.order_id, by_amazon.order_id}
    assert ids(ada.changed_since(marketplaceIds=seed.UK)) == [british.order_id]
    assert ids(ada.changed_since(fulfillmentStatuses="PENDING")) == [british.order_id]
    assert ids(ada.changed_since(fulfilledBy="AMAZON")) == [by_amazon.order_id]


def test_a_seller_never_sees_anothers_orders(amazon: ImitationAmazon, ada: Caller, mallory: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE")
    amazon.clock.advance(121)
    assert mallory.changed_since() == []
    assert mallory.get(f"/orders/2026-01-01/orders/{placed.order_id}").status_code == 404
    assert mallory.confirm(placed).status_code == 404


def test_pages_hold_every_order_once_while_orders_change(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = [amazon.place_order(sku="MUG-11OZ-WHITE").order_id for _ in range(25)]
    amazon.clock.advance(121)
    seen: list[str] = []
    token: dict[str, str] = {}
    pages = 0
    while True:
        answer = ada.search(lastUpdatedAfter="2026-11-20T00:00:00Z", maxResultsPerPage=10, **token).json()
        seen += ids(answer["orders"])
        pages += 1
        assert answer["lastUpdatedBefore"] == "2026-11-20T10:00:01Z"
        if "pagination" not in answer:
            break
        token = {"paginationToken": answer["pagination"]["nextToken"]}
        buying.cancel_order(amazon.world, placed[0] if pages == 1 else placed[1])
        amazon.clock.advance(200)
    assert (pages, sorted(seen)) == (3, sorted(placed))
    assert len(seen) == len(set(seen))


def test_a_page_token_belongs_to_its_parameters_seller_and_day(amazon: ImitationAmazon, ada: Caller, mallory: Caller) -> None:
    for _ in range(3):
        amazon.place_order(sku="MUG-11OZ-WHITE")
    amazon.clock.advance(121)
    asked = {"lastUpdatedAfter": "2026-11-20T00:00:00Z", "maxResultsPerPage": 1}
    token = ada.search(**asked).json()["pagination"]["nextToken"]
    other_time = ada.search(**{**asked, "lastUpdatedAfter": "2026-11-19T00:00:00Z"}, paginationToken=token)
    assert "other parameters" in other_time.json()["errors"][0]["details"]
    assert mallory.search(**asked, paginationToken=token).status_code == 400
    # The model lets these two change between pages.
    assert ada.search(**{**asked, "maxResultsPerPage": 2}, includedData="BUYER", paginationToken=token).status_code == 200
    amazon.clock.advance(86_400)
    ada.token = amazon.access_token()
    assert "expired" in ada.search(**asked, paginationToken=token).json()["errors"][0]["details"]


def test_only_asked_for_data_is_given(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE")
    bare = ada.get(f"/orders/2026-01-01/orders/{placed.order_id}").json()["order"]
    assert set(bare) == {"orderId", "createdTime", "lastUpdatedTime", "programs", "salesChannel", "orderItems"}
    assert set(bare["orderItems"][0]) == {"orderItemId", "quantityOrdered", "product"}
    for name, key in (
        ("BUYER", "buyer"),
        ("RECIPIENT", "recipient"),
        ("PROCEEDS", "proceeds"),
        ("FULFILLMENT", "fulfillment"),
        ("PACKAGES", "packages"),
    ):
        assert set(ada.order(placed.order_id, includedData=name)) - set(bare) == {key}


def test_a_pending_order_tells_neither_address_nor_buyer_nor_total(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-NAME/ÄÖÜ 1", paid=False, personalisation="Zoë")
    pending = ada.order(placed.order_id)
    assert pending["fulfillment"]["fulfillmentStatus"] == "PENDING"
    assert not {"recipient", "buyer", "proceeds"} & set(pending)
    assert "customization" not in pending["orderItems"][0]["product"]
    buying.clear_payment(amazon.world, placed.order_id)
    paid = ada.order(placed.order_id)
    assert paid["recipient"]["deliveryAddress"]["postalCode"] == "50674"
    assert paid["proceeds"]["grandTotal"] == {"amount": "18.50", "currencyCode": "EUR"}


def test_a_listing_without_a_sku_is_ordered_by_its_asin(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(asin="B0DEMOASIN")
    product = ada.order(placed.order_id)["orderItems"][0]["product"]
    assert product["asin"] == "B0DEMOASIN"
    assert "sellerSku" not in product


def test_a_buyers_wish_to_cancel_shows_on_the_item_and_leaves_the_status(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE")
    buying.request_cancellation(amazon.world, placed.order_id, reason="Ordered by mistake")
    order = ada.order(placed.order_id)
    assert order["fulfillment"]["fulfillmentStatus"] == "UNSHIPPED"
    assert order["orderItems"][0]["cancellation"] == {"cancellationRequest": {"requester": "BUYER", "cancelReason": "Ordered by mistake"}}
    assert "cancellation" not in ada.order(placed.order_id, includedData="FULFILLMENT")["orderItems"][0]


def test_a_cancelled_order_says_who_cancelled(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE")
    buying.cancel_order(amazon.world, placed.order_id, by="MERCHANT", reason="NoInventory")
    order = ada.order(placed.order_id)
    assert order["fulfillment"]["fulfillmentStatus"] == "CANCELLED"
    assert order["orderItems"][0]["cancellation"]["cancellationExecution"] == {"cancelledBy": "MERCHANT", "cancelReason": "NoInventory"}
    with pytest.raises(NotPossible):
        buying.cancel_order(amazon.world, placed.order_id)


def test_orders_older_than_two_years_are_not_returned(amazon: ImitationAmazon, ada: Caller) -> None:
    amazon.place_order(sku="MUG-11OZ-WHITE")
    amazon.clock.advance(2 * 365 * 86_400 + 1)
    ada.token = amazon.access_token()
    assert ada.changed_since("2026-01-01T00:00:00Z") == []


@pytest.mark.parametrize(("order_id", "status"), [("305-0000000-0000000", 404), ("TEST_CASE_400", 400), ("305-1-2", 400)])
def test_an_unknown_order_is_404_and_a_malformed_number_400(ada: Caller, order_id: str, status: int) -> None:
    assert ada.get(f"/orders/2026-01-01/orders/{order_id}").status_code == status


def test_the_factor_shortens_the_lag_and_leaves_time_stamps_alone() -> None:
    from tests.sandbox.amazon.conftest import START

    with ImitationAmazon(at=START, factor=60) as amazon:
        ada = Caller(amazon)
        placed = amazon.place_order(sku="MUG-11OZ-WHITE")
        amazon.clock.advance(1.9)
        assert ada.changed_since() == []
        amazon.clock.advance(0.1)
        (order,) = ada.changed_since()
        assert (order["orderId"], order["createdTime"]) == (placed.order_id, "2026-11-20T10:00:00Z")
        ada.http.close()
