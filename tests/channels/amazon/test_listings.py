"""Listings by search and by report: page tokens, encodings, packing, and what cannot be read."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from pod_hub.core import http
from stores.channels.amazon import listing_report, listings
from stores.channels.amazon.adapter import AmazonChannel
from stores.channels.amazon.listing_report import BrokenReport, ListingRows
from stores.channels.errors import NotFound, Refused, TryLater
from stores.channels.types import Account, Amount, FulfilledBy, IncomingListing
from tests.channels.amazon.conftest import ScriptedAmazon
from tests.channels.tiny_server import Reply, Seen

DE, JP = "A1PA6795UKMFR9", "A1VC38T7YXB528"
SEARCH = "/listings/2021-08-01/items/"
REPORTS = "/reports/2021-06-30/reports"
DOCUMENTS = "/reports/2021-06-30/documents/"
COLUMNS = (
    "item-name\titem-description\tlisting-id\tseller-sku\tprice\tquantity\timage-url\tproduct-id-type\tasin1\tproduct-id\tfulfillment-channel\tstatus"
)


def row(sku: str, *, name: str = "Mug", price: str = "19.99", quantity: str = "5", asin: str = "B0A", channel: str = "DEFAULT") -> str:
    return f'{name}\tA "fine" mug\tL1\t{sku}\t{price}\t{quantity}\t\t1\t{asin}\t{asin}\t{channel}\tActive'


def text_of(*rows: str) -> str:
    return "\r\n".join([COLUMNS, *rows, ""])


def item(sku: str) -> dict[str, Any]:
    summary = {"marketplaceId": DE, "asin": "B0A", "productType": "MUG", "status": ["BUYABLE"], "itemName": "Mug"}
    return {"sku": sku, "summaries": [summary | {"createdDate": "2026-01-01T00:00:00Z", "lastUpdatedDate": "2026-01-01T00:00:00Z"}]}


def whole_sync(channel: AmazonChannel, marketplace: str = DE, page: str = "") -> Iterator[Any]:
    while True:
        answer = channel.listings_page(marketplace=marketplace, page=page)
        yield answer
        page = answer.next_page
        if not page:
            return


def serve_document(amazon: ScriptedAmazon, content: bytes, *, packing: str | None = None, content_type: str = "text/plain") -> None:
    document = {"reportDocumentId": "amzn1.spdoc.1:3", "url": f"{amazon.url}/download?X-Amz-Signature=s"}
    amazon.routes[DOCUMENTS] = Reply(200, document | ({"compressionAlgorithm": packing} if packing else {}))
    amazon.routes["/download"] = Reply(200, content, {"Content-Type": content_type})


def test_small_catalogue_is_searched_page_by_page(amazon: ScriptedAmazon, channel: AmazonChannel, account: Account) -> None:
    def pages(request: Seen) -> Reply:
        if "pageToken" not in request.query:
            return Reply(200, {"numberOfResults": 3, "pagination": {"nextToken": "to:k/en="}, "items": [item("A/B"), item("C D")]})
        return Reply(200, {"numberOfResults": 3, "items": [item("Ü")]})

    amazon.routes[SEARCH] = pages
    answers = list(whole_sync(channel))
    assert [listing.key for answer in answers for listing in answer.listings] == ["A/B", "C D", "Ü"]
    assert [answer.total for answer in answers] == [3, 3]
    first, second = amazon.asked(SEARCH)
    assert first.path == f"{SEARCH}{account.account_id}"
    assert first.query == {"marketplaceIds": DE, "includedData": "summaries,offers,fulfillmentAvailability,issues,relationships", "pageSize": "20"}
    assert second.query["pageToken"] == "to:k/en="


def test_unreadable_listing_is_told_and_holds_up_no_other(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    amazon.routes[SEARCH] = Reply(200, {"numberOfResults": 2, "items": [{"noSku": 1}, item("A")]})
    (answer,) = whole_sync(channel)
    assert [listing.key for listing in answer.listings] == ["A"]
    assert answer.unreadable == ("A listing cannot be read: listing.sku is missing.",)


def test_large_catalogue_goes_by_report(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    amazon.routes[SEARCH] = Reply(200, {"numberOfResults": 1000, "items": [item("A")]})
    states = iter(["IN_QUEUE", "IN_PROGRESS", "DONE"])

    def reports(request: Seen) -> Reply:
        if request.method == "POST":
            return Reply(202, {"reportId": "R:1"})
        status = next(states)
        return Reply(200, {"reportId": "R:1", "processingStatus": status} | ({"reportDocumentId": "amzn1.spdoc.1:3"} if status == "DONE" else {}))

    amazon.routes[REPORTS] = reports
    serve_document(amazon, text_of(row("A"), row("B", channel="AMAZON_EU", quantity="", price="")).encode())
    answers = list(whole_sync(channel))
    assert [answer.next_page for answer in answers] == [
        "report:new:1",
        "report:R:1:1",
        "report:R:1:1",
        "report:R:1:1",
        "document:amzn1.spdoc.1:3:0",
        "",
    ]
    assert [bool(answer.wait_s) for answer in answers] == [False, True, True, True, False, False]
    assert answers[0].total == 1000
    assert answers[-1].listings == (
        IncomingListing("A", "A", "B0A", "Mug", "Active", "", Amount(Decimal("19.99"), "EUR"), 5, FulfilledBy.MERCHANT),
        IncomingListing("B", "B", "B0A", "Mug", "Active", "", None, None, FulfilledBy.CHANNEL),
    )
    assert amazon.asked(REPORTS)[0].json == {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": [DE]}
    assert amazon.asked(REPORTS)[1].query == {}
    (download,) = amazon.asked("/download")
    assert "x-amz-access-token" not in download.headers


def test_given_up_report_is_asked_for_again_and_then_refused(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    amazon.routes[REPORTS] = lambda request: Reply(202, {"reportId": "R1"}) if request.method == "POST" else Reply(200, {"processingStatus": "FATAL"})
    with pytest.raises(Refused, match="gave up on the listing report 3 times"):
        list(whole_sync(channel, page="report:new:1"))
    assert len([request for request in amazon.asked(REPORTS) if request.method == "POST"]) == 3


def test_report_is_read_in_pages_that_share_one_address(amazon: ScriptedAmazon, channel: AmazonChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "ROWS_PER_PAGE", 2)
    rows = [row(f"S{number}") for number in range(5)]
    rows.insert(2, "")  # a blank line counts as a line and yields nothing
    serve_document(amazon, text_of(*rows).encode())
    answers = list(whole_sync(channel, page="document:D:0"))
    assert [[listing.key for listing in answer.listings] for answer in answers] == [["S0", "S1"], ["S2"], ["S3", "S4"], []]
    assert len(amazon.asked(DOCUMENTS)) == 1
    assert len(amazon.asked("/download")) == 4


@pytest.mark.parametrize(
    ("marketplace", "encoding", "content_type", "name"),
    [
        (DE, "utf-8", "text/plain; charset=UTF-8", "Tasse „Äpfel“ – groß"),
        (DE, "cp1252", "text/plain;charset=Cp1252", "Tasse „Äpfel“ – groß"),
        (DE, "utf-8", "text/plain", "Tasse „Äpfel“ – groß"),
        (DE, "cp1252", "text/plain", "Tasse „Äpfel“ – groß"),
        (DE, "cp1252", "text/plain; charset=klingon", "Tasse „Äpfel“ – groß"),
        (DE, "utf-8-sig", "text/plain", "Tasse"),
        (JP, "cp932", "text/plain; charset=Windows-31J", "マグカップ ソ表"),
        (JP, "cp932", "text/plain", "マグカップ ソ表"),
        (JP, "utf-8", "text/plain", "マグカップ"),
    ],
)
@pytest.mark.parametrize("packing", [None, "GZIP"])
def test_report_is_read_in_each_encoding_packed_or_not(
    amazon: ScriptedAmazon, channel: AmazonChannel, marketplace: str, encoding: str, content_type: str, name: str, packing: str | None
) -> None:
    content = text_of(row("A/1 +#", name=name)).encode(encoding)
    serve_document(amazon, gzip.compress(content) if packing else content, packing=packing, content_type=content_type)
    (answer,) = whole_sync(channel, marketplace, page="document:D:0")
    assert [(listing.key, listing.title) for listing in answer.listings] == [("A/1 +#", name)]
    assert answer.listings[0].price == Amount(Decimal("19.99"), "EUR" if marketplace == DE else "JPY")


def test_columns_are_found_by_name_in_any_order(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    serve_document(amazon, b"status\tNew Column\tseller-sku\tasin1\r\nInactive\tx\tA\tB0Z\r\nActive\ty\tB")
    (answer,) = whole_sync(channel, page="document:D:0")
    assert [(listing.key, listing.product_id, listing.state) for listing in answer.listings] == [("A", "B0Z", "Inactive"), ("B", "", "Active")]


def test_rows_that_cannot_be_read_are_told_with_their_line(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    serve_document(amazon, text_of(row("A"), row("B", price="12,50"), row("C", quantity="many"), row("", asin=""), row("", asin="B0Q")).encode())
    (answer,) = whole_sync(channel, page="document:D:0")
    assert [listing.key for listing in answer.listings] == ["A", "asin:B0Q"]
    assert answer.unreadable == (
        "Line 3 of the listing report (B) has the price '12,50', which is no amount.",
        "Line 4 of the listing report (C) has the quantity 'many', which is no whole number.",
        "Line 5 of the listing report names neither a SKU nor an ASIN.",
    )


def test_empty_report_means_no_listings(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    serve_document(amazon, b"")
    (answer,) = whole_sync(channel, page="document:D:0")
    assert (answer.listings, answer.next_page) == ((), "")


def test_report_without_the_sku_column_is_refused_with_its_columns(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    serve_document(amazon, "商品名\t価格\r\nx\t1\r\n".encode())
    with pytest.raises(Refused, match="no column seller-sku but 商品名, 価格"):
        list(whole_sync(channel, JP, page="document:D:0"))


def test_damaged_and_cut_gzip_are_refused(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    packed = gzip.compress(text_of(*(row(f"S{number}") for number in range(200))).encode())
    serve_document(amazon, packed[:-9], packing="GZIP")
    with pytest.raises(Refused, match="ends in the middle"):
        list(whole_sync(channel, page="document:D1:0"))
    serve_document(amazon, b"no gzip at all", packing="GZIP")
    with pytest.raises(Refused, match="compression is damaged"):
        list(whole_sync(channel, page="document:D2:0"))


def test_expired_address_is_asked_for_again(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    serve_document(amazon, text_of(row("A")).encode())
    amazon.routes["/download"] = Reply(403, b"<Error><Code>AccessDenied</Code></Error>")
    for expected in (1, 2):
        with pytest.raises(TryLater):
            channel.listings_page(marketplace=DE, page="document:D:0")
        assert len(amazon.asked(DOCUMENTS)) == expected


def test_report_bomb_ends_early() -> None:
    bomb = gzip.compress(b"seller-sku\r\n" + b"x" * (5 * 1024 * 1024))
    with pytest.raises(BrokenReport, match="line longer than 1 MiB"):
        list(ListingRows(listing_report.gunzip([bomb]), encoding="", country="DE", currency="EUR"))


def test_gzip_of_several_members_is_read_whole() -> None:
    parts = [gzip.compress(b"seller-sku\nA\n"), gzip.compress(b"B\n")]
    joined = b"".join(parts)
    rows = ListingRows(
        listing_report.gunzip(joined[index : index + 7] for index in range(0, len(joined), 7)), encoding="", country="DE", currency="EUR"
    )
    assert [found.key for found in rows if isinstance(found, IncomingListing)] == ["A", "B"]


def test_page_token_of_another_version_is_refused_in_words(channel: AmazonChannel) -> None:
    with pytest.raises(Refused, match="Start it again"):
        channel.listings_page(marketplace=DE, page="cursor:9")


def test_unknown_marketplace_is_refused(channel: AmazonChannel) -> None:
    with pytest.raises(Refused, match="no marketplace 'XX'"):
        channel.listings_page(marketplace="XX")


# --- Personalisation archives --------------------------------------------------------------------------------------------------------


def test_personalisation_is_fetched_without_a_token(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    amazon.routes["/archive.zip"] = Reply(200, b"PK\x03\x04", {"Content-Type": "application/zip"})
    assert channel.fetch_personalisation(f"{amazon.url}/archive.zip?X-Amz-Signature=s") == b"PK\x03\x04"
    (request,) = amazon.asked("/archive.zip")
    assert "x-amz-access-token" not in request.headers


def test_expired_personalisation_says_what_to_do(amazon: ScriptedAmazon, channel: AmazonChannel) -> None:
    amazon.routes["/archive.zip"] = Reply(403, b"<Error/>")
    with pytest.raises(NotFound, match="Fetch the order again"):
        channel.fetch_personalisation(f"{amazon.url}/archive.zip")


def test_personalisation_above_the_limit_is_refused(amazon: ScriptedAmazon, channel: AmazonChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stores.channels.amazon.adapter.PERSONALISATION_BYTES", 1000)
    amazon.routes["/archive.zip"] = Reply(200, b"x" * 1001)
    with pytest.raises(Refused, match="larger than"):
        channel.fetch_personalisation(f"{amazon.url}/archive.zip")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/x", "https://127.0.0.1/x", "https://user@example.com/", "file:///etc/passwd", "https://[::1]/", "x"]
)
def test_personalisation_is_never_fetched_from_our_own_network(amazon: ScriptedAmazon, channel: AmazonChannel, url: str) -> None:
    with pytest.raises(Refused, match="cannot be fetched"):
        channel.fetch_personalisation(url)
    assert amazon.seen == []


def test_public_address_check_looks_at_every_address_of_a_host() -> None:
    http.require_public_https("https://host.example/x", resolve=lambda host, port: ["93.184.216.34"])
    for mixed in (["93.184.216.34", "10.0.0.1"], ["169.254.169.254"], ["fd00::1"], [], ["::ffff:10.0.0.1"]):
        with pytest.raises(http.UnsafeAddress):
            http.require_public_https("https://host.example/x", resolve=lambda host, port, mixed=mixed: mixed)
