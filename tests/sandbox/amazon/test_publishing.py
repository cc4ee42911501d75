"""Product types, products and stock at the imitation Amazon: what it checks, what it keeps, and when something is sold."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from stores.sandbox.amazon import product_types, seed
from stores.sandbox.amazon.server import ImitationAmazon
from tests.sandbox.amazon.conftest import Caller

ITEMS = f"/listings/2021-08-01/items/{seed.NORTH.seller_id}"
TYPES = "/definitions/2020-09-01/productTypes"
EVERYTHING = "summaries,attributes,issues,fulfillmentAvailability,productTypes"


def said(value: Any, *, language: bool = False) -> list[dict[str, Any]]:
    return [{"value": value, "marketplace_id": seed.DE, **({"language_tag": "de_DE"} if language else {})}]


def new_mug(**changed: Any) -> dict[str, Any]:
    """Return the body of a complete mug; changed attributes replace its own."""
    attributes = {
        "item_name": said("Mug", language=True),
        "brand": said("Generic", language=True),
        "product_description": said("A mug", language=True),
        "bullet_point": said("Holds 330 ml", language=True),
        "country_of_origin": said("DE"),
        "supplier_declared_dg_hz_regulation": said("not_applicable"),
        "condition_type": said("new_new"),
        "color": said("White", language=True),
        "material": said("Ceramic", language=True),
        "capacity": [{"value": 330, "unit": "milliliters", "marketplace_id": seed.DE}],
        "purchasable_offer": [
            {"currency": "EUR", "audience": "ALL", "our_price": [{"schedule": [{"value_with_tax": 9.9}]}], "marketplace_id": seed.DE}
        ],
        "fulfillment_availability": [{"fulfillment_channel_code": "DEFAULT", "quantity": 3, "lead_time_to_ship_max_days": 2}],
        "main_product_image_locator": [{"media_location": "https://pictures.example/1.jpg", "marketplace_id": seed.DE}],
    }
    return {"productType": "DRINKING_CUP", "requirements": "LISTING", "attributes": {**attributes, **changed}}


def stock_patch(quantity: int, op: str = "merge") -> dict[str, Any]:
    value = [{"fulfillment_channel_code": "DEFAULT", "quantity": quantity}]
    return {"productType": "DRINKING_CUP", "patches": [{"op": op, "path": "/attributes/fulfillment_availability", "value": value}]}


def put(ada: Caller, body: dict[str, Any] | None = None, sku: str = "NEW", **params: Any) -> dict[str, Any]:
    answer = ada.send("PUT", f"{ITEMS}/{sku}", body or new_mug(), **({"marketplaceIds": seed.DE} | params))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def item(ada: Caller, sku: str = "NEW") -> dict[str, Any]:
    return dict(ada.get(f"{ITEMS}/{sku}", marketplaceIds=seed.DE, includedData=EVERYTHING).json())


# --- product types ----------------------------------------------------------------------------------------------------
def test_a_schema_is_downloaded_by_its_link_has_its_checksum_and_needs_no_token(ada: Caller) -> None:
    told = ada.get(f"{TYPES}/SHIRT", marketplaceIds=seed.DE).json()["schema"]
    answer = httpx.get(told["link"]["resource"], trust_env=False)
    assert product_types.md5(answer.content) == told["checksum"]
    schema = json.loads(answer.content)
    assert {"item_name", "shirt_size", "purchasable_offer"} <= set(schema["required"])
    assert httpx.get(told["link"]["resource"], headers={"x-amz-access-token": ada.token}, trust_env=False).status_code == 400


def test_a_schemas_link_expires(ada: Caller, amazon: ImitationAmazon) -> None:
    link = ada.get(f"{TYPES}/SHIRT", marketplaceIds=seed.DE).json()["schema"]["link"]["resource"]
    amazon.clock.advance(8 * 86_400)
    assert httpx.get(link, trust_env=False).status_code == 403


def test_a_definition_is_of_one_marketplace(ada: Caller) -> None:
    assert ada.get(f"{TYPES}/SHIRT", marketplaceIds=f"{seed.DE},{seed.UK}").status_code == 400


# --- products ---------------------------------------------------------------------------------------------------------
def test_a_preview_keeps_nothing(ada: Caller) -> None:
    assert put(ada, mode="VALIDATION_PREVIEW")["status"] == "VALID"
    assert ada.get(f"{ITEMS}/NEW", marketplaceIds=seed.DE).status_code == 404


@pytest.mark.parametrize(
    ("changed", "code", "attribute"),
    [
        ({"color": []}, "90220", "color"),
        ({"country_of_origin": said("Atlantis")}, "99010", "country_of_origin"),
        ({"capacity": [{"value": 330, "marketplace_id": seed.DE}]}, "99022", "capacity"),
        ({"item_name": said("x" * 201, language=True)}, "99010", "item_name"),
        ({"brand": said("My brand", language=True)}, "5665", "brand"),
        ({"color": [{"value": "White", "language_tag": "de_DE", "marketplace_id": seed.UK}]}, "99010", "color"),
    ],
)
def test_what_is_wrong_is_invalid_with_status_200_and_names_the_attribute(ada: Caller, changed: dict[str, Any], code: str, attribute: str) -> None:
    answer = put(ada, new_mug(**changed))
    assert answer["status"] == "INVALID"
    assert (code, [attribute]) in [(issue["code"], issue["attributeNames"]) for issue in answer["issues"]]


def test_an_accepted_product_has_no_asin_until_it_was_looked_at(ada: Caller, amazon: ImitationAmazon) -> None:
    assert put(ada)["status"] == "ACCEPTED"
    (early,) = item(ada)["summaries"]
    assert (early["status"], early.get("asin")) == ([], None)
    amazon.clock.advance(400)
    (late,) = item(ada)["summaries"]
    assert "BUYABLE" in late["status"] and late["asin"]


def test_a_product_without_a_picture_is_not_sold(ada: Caller, amazon: ImitationAmazon) -> None:
    put(ada, new_mug(main_product_image_locator=[]))
    amazon.clock.advance(400)
    told = item(ada)
    assert told["summaries"][0]["status"] == []
    assert [issue["attributeNames"] for issue in told["issues"]] == [["main_product_image_locator"]]


def test_a_picture_that_cannot_be_fetched_stops_the_product_where_pictures_are_fetched(ada: Caller, amazon: ImitationAmazon) -> None:
    amazon.world.settings.fetches_pictures = True
    put(ada, new_mug(main_product_image_locator=[{"media_location": f"{amazon.url}/nothing-here", "marketplace_id": seed.DE}]))
    put(ada, new_mug(main_product_image_locator=[{"media_location": f"{amazon.url}/pictures/B0DEMOMUG1.png", "marketplace_id": seed.DE}]), sku="GOOD")
    amazon.clock.advance(400)
    assert item(ada)["issues"]
    assert "BUYABLE" in item(ada, "GOOD")["summaries"][0]["status"]


def test_putting_again_changes_the_same_product(ada: Caller, amazon: ImitationAmazon) -> None:
    for title in ("Mug", "Better mug"):
        put(ada, new_mug(item_name=said(title, language=True)))
        amazon.clock.advance(400)
        item(ada)
    (only,) = amazon.world.books.listings(seed.NORTH.seller_id, marketplace_ids=[seed.DE], sku="NEW")
    assert only.title == "Better mug"


def test_a_put_is_for_exactly_one_marketplace_and_for_ones_own_account(ada: Caller) -> None:
    assert ada.send("PUT", f"{ITEMS}/NEW", new_mug(), marketplaceIds=f"{seed.DE},{seed.UK}").status_code == 400
    assert ada.send("PUT", "/listings/2021-08-01/items/SOMEBODY/NEW", new_mug(), marketplaceIds=seed.DE).status_code == 403
    assert ada.send("PUT", f"{ITEMS}/NEW", {**new_mug(), "invented": 1}, marketplaceIds=seed.DE).status_code == 400


# --- patches ----------------------------------------------------------------------------------------------------------
def test_merge_keeps_the_handling_time_and_replace_wipes_it(ada: Caller) -> None:
    put(ada)
    ada.send("PATCH", f"{ITEMS}/NEW", stock_patch(8), marketplaceIds=seed.DE)
    kept = item(ada)["attributes"]["fulfillment_availability"]
    assert kept == [{"fulfillment_channel_code": "DEFAULT", "quantity": 8, "lead_time_to_ship_max_days": 2}]
    ada.send("PATCH", f"{ITEMS}/NEW", stock_patch(9, "replace"), marketplaceIds=seed.DE)
    assert item(ada)["attributes"]["fulfillment_availability"] == [{"fulfillment_channel_code": "DEFAULT", "quantity": 9}]


def test_only_whole_attributes_are_patched(ada: Caller) -> None:
    put(ada)
    body = {"productType": "DRINKING_CUP", "patches": [{"op": "replace", "path": "/attributes/capacity/0/value", "value": [{"value": 1}]}]}
    assert ada.send("PATCH", f"{ITEMS}/NEW", body, marketplaceIds=seed.DE).status_code == 400
    assert ada.send("PATCH", f"{ITEMS}/NONE", stock_patch(1), marketplaceIds=seed.DE).json()["status"] == "INVALID"
