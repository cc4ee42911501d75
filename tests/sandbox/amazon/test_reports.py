"""The listings report: from request to file."""

from __future__ import annotations

import csv
import gzip
from typing import Any

import httpx
import pytest

from stores.sandbox.amazon import seed
from stores.sandbox.amazon.records import Seller
from stores.sandbox.amazon.server import ImitationAmazon
from tests.sandbox.amazon.conftest import Caller

ORDER = {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": [seed.DE]}


def document(amazon: ImitationAmazon, ada: Caller) -> dict[str, Any]:
    """Make a report and return its document answer."""
    report_id = ada.post("/reports/2021-06-30/reports", ORDER).json()["reportId"]
    amazon.clock.advance(91)
    done = ada.get(f"/reports/2021-06-30/reports/{report_id}").json()
    return dict(ada.get(f"/reports/2021-06-30/documents/{done['reportDocumentId']}").json())


def rows(text: str) -> list[dict[str, str]]:
    assert text.endswith("\r\n")
    return list(csv.DictReader(text.split("\r\n")[:-1], delimiter="\t", quoting=csv.QUOTE_NONE))


def test_a_report_waits_is_made_and_is_done(amazon: ImitationAmazon, ada: Caller) -> None:
    created = ada.post("/reports/2021-06-30/reports", ORDER)
    assert created.status_code == 202
    path = f"/reports/2021-06-30/reports/{created.json()['reportId']}"
    seen = []
    for seconds in (0, 30, 60):
        amazon.clock.advance(seconds)
        seen.append(ada.get(path).json())
    assert [row["processingStatus"] for row in seen] == ["IN_QUEUE", "IN_PROGRESS", "DONE"]
    assert ["reportDocumentId" in row for row in seen] == [False, False, True]


def test_the_file_lists_every_listing_by_column_names(amazon: ImitationAmazon, ada: Caller) -> None:
    answer = document(amazon, ada)
    assert answer["compressionAlgorithm"] == "GZIP"
    found = rows(gzip.decompress(httpx.get(answer["url"]).content).decode())
    assert [row["seller-sku"] for row in found] == [*(row[0] for row in seed.NORTH_ROWS), seed.TEES[0]]
    by_asin = {row["asin1"]: row for row in found}
    assert by_asin["B0DEMOMUG2"]["seller-sku"] == "MUG-NAME/ÄÖÜ 1"
    assert by_asin["B0DEMOASIN"]["seller-sku"] == ""
    assert (by_asin["B0DEMOFBA1"]["fulfillment-channel"], by_asin["B0DEMOFBA1"]["quantity"]) == ("AMAZON_EU", "")
    assert (by_asin["B0DEMOMUG1"]["fulfillment-channel"], by_asin["B0DEMOMUG1"]["price"]) == ("DEFAULT", "14.90")


@pytest.mark.parametrize(
    ("charset", "content_type", "codec"),
    [
        ("UTF-8", "text/plain; charset=UTF-8", "utf-8"),
        ("cp1252", "text/plain; charset=Cp1252", "cp1252"),
        ("cp932", "text/plain; charset=Windows-31J", "cp932"),
        ("", "text/plain", "cp1252"),
    ],
)
def test_only_the_content_type_names_the_charset(amazon: ImitationAmazon, ada: Caller, charset: str, content_type: str, codec: str) -> None:
    amazon.world.settings.report_charset = charset
    amazon.world.settings.report_gzip = False
    answer = document(amazon, ada)
    assert "compressionAlgorithm" not in answer
    download = httpx.get(answer["url"])
    assert download.headers["content-type"] == content_type
    sku = rows(download.content.decode(codec))[3]["seller-sku"]
    assert sku == ("MUG-NAME/??? 1" if codec == "cp932" else "MUG-NAME/ÄÖÜ 1")


def test_a_download_with_an_access_token_is_refused(amazon: ImitationAmazon, ada: Caller) -> None:
    url = document(amazon, ada)["url"]
    assert httpx.get(url, headers={"x-amz-access-token": ada.token}).status_code == 400
    assert httpx.get(url, headers={"Authorization": "Bearer x"}).status_code == 400


def test_a_link_lives_five_minutes_and_cannot_be_changed(amazon: ImitationAmazon, ada: Caller) -> None:
    url = document(amazon, ada)["url"]
    assert httpx.get(url.replace("Expires=1", "Expires=2")).status_code == 403
    amazon.clock.advance(299)
    assert httpx.get(url).status_code == 200
    amazon.clock.advance(1)
    assert httpx.get(url).status_code == 403


def test_nothing_to_report_is_cancelled(amazon: ImitationAmazon) -> None:
    amazon.books.keep_seller(Seller("A4EMPTY", "Empty", "EU", [seed.DE]))
    empty = Caller(amazon, "A4EMPTY")
    report_id = empty.post("/reports/2021-06-30/reports", ORDER).json()["reportId"]
    amazon.clock.advance(91)
    assert empty.get(f"/reports/2021-06-30/reports/{report_id}").json()["processingStatus"] == "CANCELLED"
    empty.http.close()


def test_another_sellers_report_is_not_found(ada: Caller, mallory: Caller) -> None:
    report_id = ada.post("/reports/2021-06-30/reports", ORDER).json()["reportId"]
    assert mallory.get(f"/reports/2021-06-30/reports/{report_id}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {**ORDER, "reportType": "GET_FLAT_FILE_ORDERS"},
        {**ORDER, "marketplaceIds": []},
        {**ORDER, "marketplaceIds": seed.DE},
        {**ORDER, "marketplaceIds": ["nowhere"]},
        {**ORDER, "dataStartTime": "yesterday"},
        {**ORDER, "colour": "blue"},
        {"marketplaceIds": [seed.DE]},
    ],
)
def test_a_wrong_report_request_is_refused(ada: Caller, body: dict[str, Any]) -> None:
    assert ada.post("/reports/2021-06-30/reports", body).status_code == 400


def test_a_document_that_is_not_ready_is_not_found(ada: Caller) -> None:
    assert ada.get("/reports/2021-06-30/documents/amzn1.spdoc.none").status_code == 404
