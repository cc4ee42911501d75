"""searchListingsItems and getListingsItem."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from stores.sandbox.amazon import seed
from stores.sandbox.amazon.records import Listing
from stores.sandbox.amazon.server import ImitationAmazon
from tests.sandbox.amazon.conftest import Caller

PATH = f"/listings/2021-08-01/items/{seed.NORTH.seller_id}"


def pages(ada: Caller, **params: Any) -> list[dict[str, Any]]:
    """Return the items of all pages."""
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        answer = ada.get(PATH, **{"marketplaceIds": seed.DE, **params, **token})
        if answer.status_code == 429:
            ada.amazon.clock.advance(1)
            continue
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        if "nextToken" not in answer.json().get("pagination", {}):
            return found
        token = {"pageToken": answer.json()["pagination"]["nextToken"]}


def many(amazon: ImitationAmazon, count: int) -> None:
    with amazon.books.transaction():
        for number in range(count):
            at = seed.OPENED.timestamp() - 86_400 * 30 - number
            sku, asin = f"BULK-{number:05d}", f"B0{number:08d}"
            amazon.books.keep_listing(
                Listing(seed.NORTH.seller_id, seed.DE, sku, asin, f"Bulk {number}", "5.00", "POSTER", "poster", "#777777", 1, created=at, updated=at)
            )


def test_all_skus_come_in_pages_of_ten_and_at_most_twenty(ada: Caller) -> None:
    first = ada.get(PATH, marketplaceIds=seed.DE).json()
    assert (first["numberOfResults"], len(first["items"])) == (12, 10)
    assert [item["sku"] for item in pages(ada)] == [*(row[0] for row in seed.NORTH_ROWS if row[0]), seed.TEES[0]]
    assert len(ada.get(PATH, marketplaceIds=seed.DE, pageSize=20).json()["items"]) == 12
    assert ada.get(PATH, marketplaceIds=seed.DE, pageSize=21).status_code == 400


def test_paging_ends_at_a_thousand_skus(amazon: ImitationAmazon, ada: Caller) -> None:
    many(amazon, 1100)
    found = pages(ada, pageSize=20)
    assert len({item["sku"] for item in found}) == 1000
    amazon.clock.advance(2)
    assert ada.get(PATH, marketplaceIds=seed.DE).json()["numberOfResults"] == 1112


def test_a_sku_shows_each_marketplace_it_is_sold_in(ada: Caller) -> None:
    item = ada.get(f"{PATH}/MUG-11OZ-WHITE", marketplaceIds=f"{seed.DE},{seed.UK}", includedData="summaries,offers,fulfillmentAvailability").json()
    assert [row["marketplaceId"] for row in item["summaries"]] == [seed.DE, seed.UK]
    assert [(row["price"]["currencyCode"], row["price"]["amount"]) for row in item["offers"]] == [("EUR", "14.90"), ("GBP", "12.90")]
    assert item["fulfillmentAvailability"] == [{"fulfillmentChannelCode": "DEFAULT", "quantity": 50}]


def test_only_asked_for_data_is_given(ada: Caller) -> None:
    assert set(ada.get(f"{PATH}/TEE-CLASSIC-M", marketplaceIds=seed.DE).json()) == {"sku", "summaries"}
    everything = "summaries,attributes,issues,offers,fulfillmentAvailability,relationships,productTypes"
    assert set(ada.get(f"{PATH}/TEE-CLASSIC-M", marketplaceIds=seed.DE, includedData=everything).json()) == {"sku", *everything.split(",")}


@pytest.mark.parametrize("encoded", ["MUG-NAME%2F%C3%84%C3%96%C3%9C%201", "CARD%2BENVELOPE%20%235", "POSTER-A3%2FFOREST", "TOTE%20NATURAL"])
def test_a_sku_with_odd_characters_is_found_when_encoded(ada: Caller, encoded: str) -> None:
    assert ada.get(f"{PATH}/{encoded}?marketplaceIds={seed.DE}").status_code == 200


def test_a_slash_that_is_not_encoded_is_another_address(ada: Caller) -> None:
    assert ada.get(f"{PATH}/POSTER-A3/FOREST?marketplaceIds={seed.DE}").status_code == 403


def test_an_unknown_sku_is_404(ada: Caller) -> None:
    assert ada.get(f"{PATH}/NO-SUCH-SKU", marketplaceIds=seed.DE).status_code == 404


def test_another_sellers_listings_are_denied(ada: Caller) -> None:
    assert ada.get(f"/listings/2021-08-01/items/{seed.SOUTH.seller_id}", marketplaceIds=seed.DE).status_code == 403


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"marketplaceIds": seed.DE, "includedData": "everything"},
        {"marketplaceIds": seed.DE, "identifiers": "TEE-CLASSIC-M"},
        {"marketplaceIds": seed.DE, "identifiersType": "SKU"},
        {"marketplaceIds": seed.DE, "pageToken": "made-up"},
        {"marketplaceIds": seed.DE, "status": "BUYABLE"},
    ],
)
def test_a_wrong_search_is_refused(ada: Caller, params: dict[str, Any]) -> None:
    assert ada.get(PATH, **params).status_code == 400


def test_identifiers_and_dates_narrow_a_search(amazon: ImitationAmazon, ada: Caller) -> None:
    found = pages(ada, identifiers="TEE-CLASSIC-M,TEE-CLASSIC-L", identifiersType="SKU", sortBy="sku", sortOrder="ASC")
    assert [item["sku"] for item in found] == ["TEE-CLASSIC-L", "TEE-CLASSIC-M"]
    assert [item["sku"] for item in pages(ada, lastUpdatedAfter="2026-03-02T00:00:00Z")] == ["MUG-11OZ-WHITE"]


def test_the_main_image_can_be_fetched(ada: Caller) -> None:
    summary = ada.get(f"{PATH}/MUG-11OZ-WHITE", marketplaceIds=seed.DE).json()["summaries"][0]
    image = Image.open(io.BytesIO(ada.http.get(summary["mainImage"]["link"]).content))
    assert (image.format, image.size) == ("PNG", (summary["mainImage"]["width"], summary["mainImage"]["height"]))
