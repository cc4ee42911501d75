"""The imitation against Amazon's own model files: the published pairs, and every dynamic request and answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import jsonschema
import pytest

from stores.sandbox.amazon import buying, seed
from stores.sandbox.amazon.gateway import OPERATIONS
from stores.sandbox.amazon.official_pairs import MODEL_FILES, load_pairs
from stores.sandbox.amazon.server import ImitationAmazon
from tests.sandbox.amazon.conftest import ALL_DATA, SSL, START, Caller
from tests.sandbox.amazon.official_models import FILES, FOLDER, OfficialModels, models_folder
from tests.sandbox.amazon.test_feeds import document as feed_document
from tests.sandbox.amazon.test_feeds import message as feed_message
from tests.sandbox.amazon.test_feeds import submit
from tests.sandbox.amazon.test_publishing import new_mug, stock_patch

SUPPORTED = {operation.name for operation in OPERATIONS}


ADDRESSES = {(operation.name, operation.path) for operation in OPERATIONS}
PAIRS = [pair for pair in load_pairs(FOLDER) if (pair.operation, pair.path) in ADDRESSES] if FOLDER.is_dir() else []


@pytest.fixture(scope="module")
def static() -> Iterator[Caller]:
    with ImitationAmazon(at=START, models=models_folder()) as amazon:
        caller = Caller(amazon)
        yield caller
        caller.http.close()


def test_the_models_are_where_this_file_looks_for_them() -> None:
    models_folder()
    assert {pair.operation for pair in PAIRS} == SUPPORTED
    assert FILES == MODEL_FILES


@pytest.mark.parametrize("pair", PAIRS, ids=[f"{pair.operation}-{pair.status}-{number}" for number, pair in enumerate(PAIRS)])
def test_the_published_pair_is_answered_word_for_word(static: Caller, pair: Any) -> None:
    static.amazon.clock.advance(3)  # the static sandbox grants five a second
    operation = next(row for row in OPERATIONS if row.name == pair.operation)
    given = dict(pair.parameters)
    body = given.pop("body", None)
    path = "/".join(quote(str(given.pop(part.strip("{}"), "any")), safe="") if part.startswith("{") else part for part in operation.path.split("/"))
    query = urlencode({name: ",".join(map(str, value)) if isinstance(value, list) else value for name, value in given.items()})
    answer = static.http.request(
        operation.method,
        f"{path}?{query}" if query else path,
        content=json.dumps(body) if body is not None else None,
        headers={**static.headers(), "content-type": "application/json"},
    )
    assert answer.status_code == pair.status
    assert (answer.json() if answer.content else {}) == pair.response


def test_the_static_sandbox_refuses_what_it_has_no_pair_for(static: Caller) -> None:
    static.amazon.clock.advance(3)
    answer = static.search(createdAfter="2001-01-01T00:00:00Z")
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (400, "Could not match input arguments")


def test_the_static_sandbox_grants_a_burst_of_fifteen(static: Caller) -> None:
    static.amazon.clock.advance(10)
    assert [static.get("/sellers/v1/marketplaceParticipations").status_code for _ in range(16)] == [200] * 15 + [429]


def test_every_exchange_of_a_whole_tour_obeys_the_models(amazon: ImitationAmazon) -> None:
    """Orders of every kind, read in every way, confirmed, refused, throttled: requests and answers fit the models, closed against inventions."""
    models = OfficialModels(models_folder())
    checked: list[tuple[str, int]] = []

    def check(response: httpx.Response) -> None:
        response.read()
        target = response.request.url.raw_path.decode()
        if response.status_code < 400:
            operation = models.check_request(response.request.method, target, response.request.content)
        else:
            operation = models.find(response.request.method, target.partition("?")[0])
        models.check_answer(operation, response.status_code, response.content)
        checked.append((operation.name, response.status_code))

    ada = Caller(amazon)
    ada.http = httpx.Client(base_url=amazon.url, event_hooks={"response": [check]}, verify=SSL)
    paid = amazon.place_order(
        items=[{"sku": "MUG-NAME/ÄÖÜ 1", "quantity": 2, "personalisation": "Zoë", "gift_message": "Hi"}, {"asin": "B0DEMOASIN"}]
    )
    pending = amazon.place_order(sku="TEE-CLASSIC-M", paid=False)
    amazon.place_order(sku="FBA-MUG-BLACK", programs=["PRIME"])
    amazon.place_order(sku="MUG-11OZ-WHITE", marketplace_id=seed.UK, replaces=paid.order_id)
    wished = amazon.place_order(sku="TOTE NATURAL")
    buying.request_cancellation(amazon.world, wished.order_id, reason="No longer needed")
    cancelled = amazon.place_order(sku="CUSHION-40X40")
    buying.cancel_order(amazon.world, cancelled.order_id)
    amazon.clock.advance(130)

    assert ada.get("/sellers/v1/marketplaceParticipations").status_code == 200
    first = ada.search(createdAfter="2026-11-20T00:00:00Z", includedData=ALL_DATA, maxResultsPerPage=2, marketplaceIds=f"{seed.DE},{seed.UK}").json()
    again = {"paginationToken": first["pagination"]["nextToken"], "maxResultsPerPage": 2, "marketplaceIds": f"{seed.DE},{seed.UK}"}
    assert ada.search(createdAfter="2026-11-20T00:00:00Z", includedData=ALL_DATA, **again).status_code == 200
    assert len(ada.changed_since()) == 6
    ada.search(lastUpdatedAfter="2026-11-20T00:00:00Z", fulfillmentStatuses="UNSHIPPED,PENDING", fulfilledBy="MERCHANT")
    assert (
        ada.confirm(
            paid, quantity=2, orderItems=[{"orderItemId": paid.items[0].order_item_id, "quantity": 1, "transparencyCodes": ["T1"]}]
        ).status_code
        == 204
    )
    assert ada.confirm(paid, reference="2", carrierCode="Other", carrierName="Radkurier").status_code == 204
    for order in (paid, pending, wished, cancelled):
        ada.order(order.order_id)
    for wrong in (pending, cancelled):
        assert ada.confirm(wrong).status_code == 400
    assert ada.search().status_code == 400
    assert ada.get("/orders/2026-01-01/orders/305-9999999-9999999").status_code == 404

    listings = f"/listings/2021-08-01/items/{seed.NORTH.seller_id}"
    everything = "summaries,attributes,issues,offers,fulfillmentAvailability,procurement,relationships,productTypes"
    ada.get(listings, marketplaceIds=f"{seed.DE},{seed.UK}", includedData=everything, pageSize=3)
    ada.get(f"{listings}/MUG-NAME%2F%C3%84%C3%96%C3%9C%201", marketplaceIds=seed.DE, includedData=everything)
    assert ada.get(f"{listings}/NONE", marketplaceIds=seed.DE).status_code == 404

    types = "/definitions/2020-09-01/productTypes"
    ada.get(types, marketplaceIds=seed.DE, keywords="mug")
    ada.get(f"{types}/DRINKING_CUP", marketplaceIds=seed.DE, requirements="LISTING")
    assert ada.get(f"{types}/SUBMARINE", marketplaceIds=seed.DE).status_code == 404
    for mode in ({"mode": "VALIDATION_PREVIEW"}, {}):
        ada.send("PUT", f"{listings}/NEW", new_mug(), marketplaceIds=seed.DE, includedData="issues", **mode)
    ada.send("PUT", f"{listings}/NEW", new_mug(color=[]), marketplaceIds=seed.DE)
    ada.get(f"{listings}/NEW", marketplaceIds=seed.DE, includedData=everything)
    ada.send("PATCH", f"{listings}/NEW", stock_patch(5), marketplaceIds=seed.DE)
    report_id = ada.post("/reports/2021-06-30/reports", {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": [seed.DE]}).json()[
        "reportId"
    ]
    report: dict[str, Any] = {}
    for seconds in (0, 31, 60):
        amazon.clock.advance(seconds)
        report = ada.get(f"/reports/2021-06-30/reports/{report_id}").json()
    ada.get(f"/reports/2021-06-30/documents/{report['reportDocumentId']}")
    feed_id = submit(ada, feed_document(feed_message(wished)))
    feed: dict[str, Any] = {}
    for seconds in (0, 200, 200):
        amazon.clock.advance(seconds)
        feed = ada.get(f"/feeds/2021-06-30/feeds/{feed_id}").json()
    ada.get("/feeds/2021-06-30/feeds", feedTypes="POST_ORDER_ACKNOWLEDGEMENT_DATA")
    ada.get(f"/feeds/2021-06-30/documents/{feed['resultFeedDocumentId']}")
    for name in ("throttled", "http_500", "token_expired"):
        amazon.scenario(name)
        assert ada.get("/sellers/v1/marketplaceParticipations").status_code >= 400
    ada.http.close()
    assert {name for name, _ in checked} == SUPPORTED
    assert {status for _, status in checked} >= {200, 202, 204, 400, 403, 404, 429, 500}


def test_the_model_check_notices_an_invented_and_a_missing_field() -> None:
    models = OfficialModels(models_folder())
    operation = models.find("GET", "/orders/2026-01-01/orders/305-1234567-1234567")
    good: dict[str, Any] = {
        "orderId": "305-1234567-1234567",
        "createdTime": "2026-11-20T10:00:00Z",
        "lastUpdatedTime": "2026-11-20T10:00:00Z",
        "salesChannel": {"channelName": "AMAZON"},
        "orderItems": [],
    }
    models.check_answer(operation, 200, json.dumps({"order": good}).encode())
    for bad in (
        {**good, "shippingAddress": {}},
        {key: value for key, value in good.items() if key != "createdTime"},
        {**good, "createdTime": "today"},
    ):
        with pytest.raises(jsonschema.ValidationError):
            models.check_answer(operation, 200, json.dumps({"order": bad}).encode())


def test_no_copy_of_a_model_is_in_this_repository() -> None:
    here = Path(__file__).resolve().parents[3]
    assert [path for name in MODEL_FILES for folder in ("stores", "tests") for path in (here / folder).rglob(name)] == []
