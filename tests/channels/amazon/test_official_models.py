"""Our own requests, judged by Amazon's official models. Their files are not part of this repository."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from stores.channels.amazon import mapper, rates
from stores.channels.amazon.adapter import AmazonChannel
from stores.channels.amazon.rates import Operation
from stores.channels.telling_types import CancelNotice, CancelReason
from tests.channels.amazon.conftest import ScriptedAmazon
from tests.channels.amazon.test_client import notice
from tests.channels.tiny_server import Reply, Seen

MODELS = Path(__file__).resolve().parents[3].parent / "shared" / "contracts" / "amazon" / "models"
REPORT = (
    b"<AmazonEnvelope><Message><ProcessingReport><ProcessingSummary><MessagesProcessed>1</MessagesProcessed></ProcessingSummary><Result>"
    b"<MessageID>7</MessageID><ResultCode>Error</ResultCode><ResultMessageCode>18001</ResultMessageCode>"
    b"<ResultDescription>Unknown order</ResultDescription></Result></ProcessingReport></Message></AmazonEnvelope>"
)
FILES = {
    "searchOrders": "orders_2026-01-01.json",
    "getOrder": "orders_2026-01-01.json",
    "confirmShipment": "ordersV0.json",
    "searchListingsItems": "listingsItems_2021-08-01.json",
    "getListingsItem": "listingsItems_2021-08-01.json",
    "putListingsItem": "listingsItems_2021-08-01.json",
    "patchListingsItem": "listingsItems_2021-08-01.json",
    "searchDefinitionsProductTypes": "definitionsProductTypes_2020-09-01.json",
    "getDefinitionsProductType": "definitionsProductTypes_2020-09-01.json",
    "createReport": "reports_2021-06-30.json",
    "getReport": "reports_2021-06-30.json",
    "getReportDocument": "reports_2021-06-30.json",
    "createFeedDocument": "feeds_2021-06-30.json",
    "createFeed": "feeds_2021-06-30.json",
    "getFeeds": "feeds_2021-06-30.json",
    "getFeed": "feeds_2021-06-30.json",
    "getFeedDocument": "feeds_2021-06-30.json",
    "getMarketplaceParticipations": "sellers.json",
}
pytestmark = pytest.mark.skipif(
    not MODELS.is_dir(), reason="the official Amazon models are not beside this checkout (shared/contracts/amazon/models)"
)


@cache
def model(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((MODELS / name).read_text())
    return read


def described(operation: str) -> tuple[str, str, dict[str, Any]]:
    """Path, method and description of one operation."""
    for path, methods in model(FILES[operation])["paths"].items():
        for method, body in methods.items():
            if isinstance(body, dict) and body.get("operationId") == operation:
                return path, method.upper(), body
    raise LookupError(operation)


def parameters(operation: str) -> dict[str, dict[str, Any]]:
    whole = model(FILES[operation])
    found = {}
    for parameter in described(operation)[2].get("parameters", []):
        if "$ref" in parameter:
            parameter = whole["parameters"][parameter["$ref"].rsplit("/", 1)[1]]
        found[parameter["name"]] = parameter
    return found


def judge(operation: str, request: Seen) -> None:
    """Hold one request against the model: path, method, query parameters and body."""
    path, method, _body = described(operation)
    assert request.method == method
    assert re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)), request.path)
    known = parameters(operation)
    queries = {name for name, parameter in known.items() if parameter["in"] == "query"}
    assert set(request.query) <= queries
    for name, parameter in known.items():
        if parameter["in"] == "query" and parameter.get("required"):
            assert name in request.query
    for name, value in request.query.items():
        parameter = known[name]
        if parameter["type"] == "array":
            parts = value.split(",")
            assert len(parts) <= parameter.get("maxItems", 1000)
            allowed = parameter["items"].get("enum")
            assert allowed is None or set(parts) <= set(allowed)
        elif parameter["type"] == "integer":
            assert int(value) <= parameter.get("maximum", 10**9)
    bodies = [parameter for parameter in known.values() if parameter["in"] == "body"]
    if bodies:
        schema = {**bodies[0]["schema"], "definitions": model(FILES[operation])["definitions"]}
        jsonschema.Draft4Validator(schema).validate(request.json)
        _no_unknown_keys(request.json, bodies[0]["schema"], model(FILES[operation])["definitions"])
    else:
        assert request.body == b""


def _no_unknown_keys(value: Any, schema: dict[str, Any], definitions: dict[str, Any]) -> None:
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[1]]
    if isinstance(value, dict):
        assert set(value) <= set(schema.get("properties", {}))
        for name, inner in value.items():
            _no_unknown_keys(inner, schema["properties"][name], definitions)
    elif isinstance(value, list):
        for each in value:
            _no_unknown_keys(each, schema["items"], definitions)


def test_requests_about_orders_fit_the_models(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    amazon.routes["/orders/2026-01-01/orders"] = Reply(200, {"orders": [], "pagination": {"nextToken": "t"}})
    amazon.routes["/orders/2026-01-01/orders/"] = Reply(200, {"order": {"orderId": "1"}})
    amazon.routes["/orders/v0/"] = Reply(204, None)
    since = datetime(2026, 11, 20, tzinfo=UTC)
    channel.orders_page(marketplaces=["A1PA6795UKMFR9", "A1F83G8C2ARO7P"], changed_since=since)
    channel.orders_page(marketplaces=["A1PA6795UKMFR9"], changed_since=since, page="t/ö=")
    channel.fetch_order("305-1111111-1111111")
    channel.packages("305-1111111-1111111")
    channel.confirm_package(notice())
    channel.confirm_package(notice(carrier_code="Other", carrier_name="Bike", shipping_method=""))
    names = ["searchOrders", "searchOrders", "getOrder", "getOrder", "confirmShipment", "confirmShipment"]
    requests = [request for request in amazon.seen if request.path != amazon.TOKEN]
    assert len(requests) == len(names)
    for name, request in zip(names, requests, strict=True):
        judge(name, request)


def test_requests_about_listings_and_account_fit_the_models(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    amazon.routes["/listings/"] = Reply(200, {"numberOfResults": 1, "items": []})
    amazon.routes["/reports/2021-06-30/reports"] = Reply(202, {"reportId": "R"})
    amazon.routes["/reports/2021-06-30/reports/"] = Reply(200, {"processingStatus": "IN_QUEUE"})
    amazon.routes["/reports/2021-06-30/documents/"] = Reply(200, {"url": f"{amazon.url}/d", "reportDocumentId": "D"})
    amazon.routes["/sellers/"] = Reply(200, {"payload": []})
    amazon.routes["/d"] = Reply(200, b"seller-sku\n")
    for page in ("", "search:t", "report:new:1", "report:R:1", "document:D:0"):
        channel.listings_page(marketplace="A1PA6795UKMFR9", page=page)
    channel.participations()
    names = ["searchListingsItems", "searchListingsItems", "createReport", "getReport", "getReportDocument", "getMarketplaceParticipations"]
    requests = [request for request in amazon.seen if request.path not in {amazon.TOKEN, "/d"}]
    for name, request in zip(names, requests, strict=True):
        judge(name, request)


def test_requests_about_cancellations_fit_the_models(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    amazon.routes["/feeds/2021-06-30/documents"] = Reply(201, {"feedDocumentId": "D", "url": f"{amazon.url}/put"})
    amazon.routes["/feeds/2021-06-30/documents/"] = Reply(200, {"feedDocumentId": "D/1", "url": f"{amazon.url}/report"})
    amazon.routes["/feeds/2021-06-30/feeds"] = lambda seen: Reply(202, {"feedId": "F"}) if seen.method == "POST" else Reply(200, {"feeds": []})
    amazon.routes["/feeds/2021-06-30/feeds/"] = Reply(200, {"processingStatus": "IN_QUEUE"})
    amazon.routes["/orders/2026-01-01/orders"] = Reply(200, {"orders": []})
    amazon.routes["/put"] = Reply(200, b"")
    amazon.routes["/report"] = Reply(200, REPORT)
    cancel = CancelNotice("7", "305-1111111-1111111", ("40000000000001",), CancelReason.BUYER_CANCELLED)
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    assert channel.upload_cancellations([cancel]) == "D"
    assert channel.submit_batch("D", marketplace="A1PA6795UKMFR9") == "F"
    assert channel.recent_batches(marketplace="A1PA6795UKMFR9", since=moment) == ()
    assert not channel.batch_progress("F").finished
    assert channel.batch_report("D/1").refused == {"7": "Unknown order (18001)"}
    channel.placed_orders_page(marketplaces=["A1PA6795UKMFR9"], placed_since=moment)
    names = ["createFeedDocument", "createFeed", "getFeeds", "getFeed", "getFeedDocument", "searchOrders"]
    requests = [request for request in amazon.seen if request.path not in {amazon.TOKEN, "/put", "/report"}]
    assert len(requests) == len(names)
    for name, request in zip(names, requests, strict=True):
        judge(name, request)
    (put,) = [request for request in amazon.seen if request.path == "/put"]
    assert put.headers["content-type"] == "text/xml; charset=UTF-8"
    assert "x-amz-access-token" not in put.headers


@pytest.mark.parametrize("operation", rates.OPERATIONS, ids=lambda operation: operation.name)
def test_paths_and_quotas_are_those_of_the_models(operation: Operation) -> None:
    path, _method, body = described(operation.name)
    assert operation.template == path
    assert operation.query <= {name for name, parameter in parameters(operation.name).items() if parameter["in"] == "query"}
    plan = re.search(r"\|\s*([\d.]+)\s*\|\s*(\d+)\s*\|", body["description"])
    assert plan is not None
    assert (float(plan[1]), int(plan[2])) == (operation.rate, operation.burst)


def test_every_official_example_order_can_be_read() -> None:
    orders = []
    for operation in ("searchOrders", "getOrder"):
        for pair in described(operation)[2]["responses"]["200"]["x-amzn-api-sandbox"]["static"]:
            response = pair["response"]
            orders += response.get("orders", []) + ([response["order"]] if "order" in response else [])
    assert len(orders) >= 4
    for order in orders:
        read = mapper.read_order(order)
        assert read.external_id == order["orderId"]
        assert len(read.lines) == len(order["orderItems"])
        assert len(read.packages) == len(order.get("packages", []))


def test_every_official_example_listing_can_be_read() -> None:
    items = [
        item
        for pair in described("searchListingsItems")[2]["responses"]["200"]["x-amzn-api-sandbox"]["static"]
        for item in pair["response"].get("items", [])
    ]
    assert items
    for item in items:
        assert mapper.read_listing(item, marketplace="ATVPDKIKX0DER").key == item["sku"]
