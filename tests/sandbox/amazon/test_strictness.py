"""What the door refuses, and the one list of what it forgives."""

from __future__ import annotations

import io
import socket
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from stores.sandbox.amazon import seed, strict
from stores.sandbox.amazon.server import ImitationAmazon
from tests.sandbox.amazon.conftest import Caller
from tests.sandbox.amazon.test_feeds import document as feed_document
from tests.sandbox.amazon.test_feeds import message as feed_message

PARTICIPATIONS = "/sellers/v1/marketplaceParticipations"
SINCE = "2026-11-20T00:00:00Z"


def test_every_answer_names_its_request_and_good_ones_the_rate(ada: Caller) -> None:
    good, bad = ada.get(PARTICIPATIONS), ada.search()
    assert good.headers["x-amzn-requestid"] != bad.headers["x-amzn-requestid"]
    assert good.headers["x-amzn-ratelimit-limit"] == "0.016"
    assert "x-amzn-errortype" not in good.headers
    assert bad.headers["x-amzn-errortype"] == "InvalidInputException"


@pytest.mark.parametrize(
    ("changed", "details"),
    [
        ({"x-amz-access-token": None}, "Access token is missing in the request header."),
        ({"x-amz-access-token": "Atza|made-up"}, "The access token you provided is revoked, malformed or invalid."),
    ],
)
def test_without_a_good_token_everything_is_denied(ada: Caller, changed: dict[str, str | None], details: str) -> None:
    answer = ada.get(PARTICIPATIONS, headers=changed)
    assert answer.status_code == 403
    assert answer.json()["errors"][0] == {"code": "Unauthorized", "message": "Access to requested resource is denied.", "details": details}
    assert answer.headers["x-amzn-errortype"] == "AccessDeniedException"


@pytest.mark.parametrize(
    "changed", [{"user-agent": ""}, {"user-agent": "x" * 501}, {"x-amz-date": "2026-11-20T10:00:00Z"}, {"x-amz-date": "Fri, 20 Nov 2026"}]
)
def test_a_wrong_header_is_refused(ada: Caller, changed: dict[str, str | None]) -> None:
    assert ada.get(PARTICIPATIONS, headers=changed).status_code == 400


def test_a_host_cut_by_eight_characters_is_refused(ada: Caller) -> None:
    # What the library makes of http://127.0.0.1:8090 unless it is helped (python-amazon-sp-api.md §4).
    answer = ada.get(PARTICIPATIONS, headers={"host": "27.0.0.1:8090"})
    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})


@pytest.mark.parametrize(("method", "path"), [("GET", "/orders/v0/orders"), ("DELETE", PARTICIPATIONS), ("GET", "/orders/2026-01-01/orders/1/2")])
def test_an_unknown_resource_or_method_is_denied(ada: Caller, method: str, path: str) -> None:
    assert ada.http.request(method, path, headers=ada.headers()).status_code == 403


def test_a_body_where_none_belongs_is_refused(ada: Caller) -> None:
    assert ada.http.request("GET", PARTICIPATIONS, content=b"{}", headers=ada.headers()).status_code == 400


def test_an_unknown_parameter_is_refused_where_the_library_adds_none(ada: Caller) -> None:
    assert "Unknown parameter colour" in ada.get(PARTICIPATIONS, colour="blue").text
    assert ada.get(PARTICIPATIONS, MarketplaceIds=seed.DE).status_code == 400


def test_a_connection_is_kept_open_also_after_a_refusal(amazon: ImitationAmazon, ada: Caller) -> None:
    placed = amazon.place_order(sku="MUG-11OZ-WHITE")
    host, port = amazon.url.removeprefix("http://").split(":")
    body = b'{"marketplaceId": "wrong"}'
    request = (
        f"POST /orders/v0/orders/{placed.order_id}/shipmentConfirmation HTTP/1.1\r\nHost: {host}\r\nuser-agent: t\r\nx-amz-access-token: none\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode() + body
    with socket.create_connection((host, int(port)), timeout=5) as line:
        for _ in range(3):
            line.sendall(request)
            answer = b""
            while b"revoked, malformed or invalid" not in answer:
                part = line.recv(65536)
                assert part, f"the connection was closed after {answer!r}"
                answer += part
            assert answer.startswith(b"HTTP/1.1 403")


# --- what the library adds ------------------------------------------------------------------------------------------------
sp_api = pytest.importorskip("sp_api.api")
from sp_api.auth import AccessTokenClient  # noqa: E402
from sp_api.base import SellingApiException  # noqa: E402


@pytest.fixture
def library(amazon: ImitationAmazon) -> dict[str, Any]:
    """Return constructor arguments for the library's classes, pointed at the imitation."""

    class Tokens(AccessTokenClient):  # type: ignore[misc]  # the library is untyped
        scheme = "http://"
        host = amazon.url.removeprefix("http://")

    return {
        "marketplace": SimpleNamespace(endpoint=amazon.url.replace("//", "//@"), marketplace_id=seed.DE, region="eu-west-1"),
        "refresh_token": amazon.refresh_token(),
        "credentials": {"lwa_app_id": amazon.world.application.client_id, "lwa_client_secret": amazon.world.application.client_secret},
        "auth_token_client_class": Tokens,
    }


def calls(amazon: ImitationAmazon, library: dict[str, Any]) -> dict[str, Any]:
    """Return one call of each operation in which the library is left to its own additions."""
    order = amazon.place_order(sku="MUG-11OZ-WHITE")
    report = Caller(amazon).post("/reports/2021-06-30/reports", {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": [seed.DE]}).json()
    detail = Caller(amazon).notice(order)["packageDetail"]
    place = Caller(amazon).post("/feeds/2021-06-30/documents", {"contentType": "text/xml; charset=UTF-8"}).json()
    content = feed_document(feed_message(order)).encode()
    assert httpx.put(place["url"], content=content, headers={"Content-Type": "text/xml; charset=UTF-8"}).status_code == 200
    feeds = sp_api.Feeds(**library)
    orders = sp_api.Orders(version="2026-01-01", **library)
    listings, reports = sp_api.ListingsItems(**library), sp_api.Reports(**library)
    types = sp_api.ProductTypeDefinitions(**library)
    stock = [{"op": "merge", "path": "/attributes/fulfillment_availability", "value": [{"fulfillment_channel_code": "DEFAULT", "quantity": 1}]}]
    made, changed = {"productType": "SHIRT", "attributes": {}}, {"productType": "SHIRT", "patches": stock}
    return {
        "getMarketplaceParticipations": lambda: sp_api.Sellers(**library).get_marketplace_participation(),
        "searchOrders": lambda: orders.search_orders(lastUpdatedAfter=SINCE, includedData=["BUYER", "RECIPIENT"]),
        "getOrder": lambda: orders.get_order(order.order_id, includedData=["PACKAGES"]),
        "confirmShipment": lambda: sp_api.Orders(**library).confirm_shipment(order.order_id, marketplaceId=seed.DE, packageDetail=detail),
        "searchListingsItems": lambda: listings.search_listings_items(seed.NORTH.seller_id, includedData="summaries"),
        "getListingsItem": lambda: listings.get_listings_item(seed.NORTH.seller_id, "MUG-NAME/ÄÖÜ 1"),
        "putListingsItem": lambda: listings.put_listings_item(seed.NORTH.seller_id, "NEW", marketplaceIds=seed.DE, body=dict(made)),
        "patchListingsItem": lambda: listings.patch_listings_item(seed.NORTH.seller_id, "TEE-CLASSIC-M", body=dict(changed)),
        "searchDefinitionsProductTypes": lambda: types.search_definitions_product_types(keywords="mug"),
        "getDefinitionsProductType": lambda: types.get_definitions_product_type("SHIRT"),
        "createReport": lambda: reports.create_report(reportType="GET_MERCHANT_LISTINGS_ALL_DATA"),
        "getReport": lambda: reports.get_report(report["reportId"]),
        "createFeedDocument": lambda: feeds.create_feed_document(io.BytesIO(content), content_type="text/xml; charset=UTF-8"),
        "createFeed": lambda: feeds.create_feed("POST_ORDER_ACKNOWLEDGEMENT_DATA", place["feedDocumentId"], marketplaceIds=[seed.DE]),
    }


def test_the_library_passes_with_its_known_additions(amazon: ImitationAmazon, library: dict[str, Any]) -> None:
    for name, call in calls(amazon, library).items():
        call()
        assert amazon.books.requests(operation=name)[-1].status < 300


def test_the_list_of_additions_is_needed_and_complete(amazon: ImitationAmazon, library: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the list exactly the operations in it are refused: it forgives nothing that the library does not do."""
    ready = calls(amazon, library)
    listed = set(strict.KNOWN_LIBRARY_ADDITIONS)
    monkeypatch.setattr(strict, "KNOWN_LIBRARY_ADDITIONS", {})
    refused = set()
    for name, call in ready.items():
        try:
            call()
        except SellingApiException:
            refused.add(name)
            assert "nknown" in amazon.books.requests(operation=name)[-1].error
    assert refused == listed
