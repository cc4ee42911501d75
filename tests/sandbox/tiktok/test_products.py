"""Products as the API shows and takes them: search, detail, pictures, listing, audit, price and stock."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from stores.sandbox.tiktok import products, seed
from stores.sandbox.tiktok.product_rules import SKUS_LIMIT
from stores.sandbox.tiktok.server import ImitationTikTok
from stores.sandbox.tiktok.world import AUDIT_S
from tests.sandbox.tiktok.conftest import START, Caller
from tests.sandbox.tiktok.products import PRODUCTS, UPLOAD, mug, multipart, png, sku, uploaded

SEARCH = "/product/202502/products/search"
CATEGORIES = "/product/202309/categories"
NOW = int(START.timestamp())


def titles(found: dict[str, Any]) -> list[str]:
    return [product["title"] for product in found["products"]]


def audited(tiktok: ImitationTikTok) -> None:
    tiktok.clock.advance(AUDIT_S)
    tiktok.deliver_webhooks()


# --- search and detail ------------------------------------------------------------------------------------------------------
def test_search_shows_each_product_with_its_skus_newest_first(ada: Caller) -> None:
    found = ada.ask("POST", SEARCH, body={"status": "ALL"}, page_size=100)
    assert titles(found) == [row[0] for row in seed.ADA_ROWS]
    assert (found["total_count"], found["next_page_token"]) == (11, "")
    shirt = found["products"][1]
    assert [(row["seller_sku"], row["price"]) for row in shirt["skus"]] == [
        (name, {"currency": "USD", "sale_price": "19.90"}) for name in ("TEE-CLASSIC-M", "TEE-CLASSIC-L", "TEE-CLASSIC-XL")
    ]


def test_search_goes_on_by_tokens_that_hold_plus_slash_and_equals(ada: Caller) -> None:
    seen: list[str] = []
    query: dict[str, Any] = {"page_size": 4}
    for _ in range(3):
        found = ada.ask("POST", SEARCH, body={}, **query)
        seen += titles(found)
        query["page_token"] = found["next_page_token"]
        if found["next_page_token"]:
            assert set("+/=") <= set(found["next_page_token"])
    assert (seen, query["page_token"]) == ([row[0] for row in seed.ADA_ROWS], "")


def test_token_is_bound_to_shop_and_filters(ada: Caller, south: Caller) -> None:
    token = ada.ask("POST", SEARCH, body={}, page_size=2)["next_page_token"]
    assert ada.refused("POST", SEARCH, body={"status": "ACTIVATE"}, page_size=2, page_token=token) == 12052910
    assert south.refused("POST", SEARCH, body={}, page_size=2, page_token=token) == 12052910
    assert ada.refused("POST", SEARCH, body={}, page_size=2, page_token="made+up/==") == 12052910


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({"seller_skus": ["TOTE-NATURAL", "TEE-CLASSIC-L"]}, 2),
        ({"status": "ACTIVATE"}, 11),
        ({"status": "DRAFT"}, 0),
        ({"audit_status": ["AUDITING"]}, 0),
        ({"update_time_ge": int(seed.OPENED.timestamp())}, 1),
        ({"update_time_le": int(seed.OPENED.timestamp()) - 1}, 10),
        ({"create_time_ge": NOW, "create_time_le": NOW + 10}, 0),
    ],
)
def test_search_filters(ada: Caller, body: dict[str, Any], count: int) -> None:
    assert ada.ask("POST", SEARCH, body=body, page_size=100)["total_count"] == count


@pytest.mark.parametrize(
    ("body", "query", "code"),
    [
        ({}, {"page_size": 101}, 12019109),
        ({}, {"page_size": 0}, 12019109),
        ({}, {}, 12052910),
        ({"seller_skus": [str(number) for number in range(11)]}, {"page_size": 10}, 12019027),
        ({"sku_ids": [str(number) for number in range(11)]}, {"page_size": 10}, 12019087),
        ({"update_time_ge": 20, "update_time_le": 10}, {"page_size": 10}, 12019119),
        ({"create_time_ge": 20, "create_time_le": 10}, {"page_size": 10}, 12019118),
        ({"status": "SOLD"}, {"page_size": 10}, 12052910),
    ],
)
def test_wrong_search_is_refused(ada: Caller, body: dict[str, Any], query: dict[str, Any], code: int) -> None:
    assert ada.refused("POST", SEARCH, body=body, **query) == code


def test_search_stops_at_ten_thousand_results_and_a_window_goes_on(ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    assert products.SEARCH_LIMIT == 10_000
    monkeypatch.setattr(products, "SEARCH_LIMIT", 8)
    token = ada.ask("POST", SEARCH, body={}, page_size=4)["next_page_token"]
    found = ada.ask("POST", SEARCH, body={}, page_size=4, page_token=token)
    assert (found["total_count"], len(found["products"])) == (11, 4)
    assert ada.refused("POST", SEARCH, body={}, page_size=4, page_token=found["next_page_token"]) == 12052180
    oldest = found["products"][-1]["update_time"]
    assert titles(ada.ask("POST", SEARCH, body={"update_time_le": oldest}, page_size=4)) == [row[0] for row in seed.ADA_ROWS[7:]]


def test_detail_shows_category_pictures_attributes_and_variants(ada: Caller) -> None:
    found = ada.ask("POST", SEARCH, body={"seller_skus": ["TEE-CLASSIC-M"]}, page_size=1)["products"][0]
    product = ada.ask("GET", f"{PRODUCTS}/{found['id']}")
    assert [row["local_name"] for row in product["category_chains"]] == ["Womenswear & Menswear", "T-shirts"]
    assert (product["status"], product["audit"]["status"]) == ("ACTIVATE", "APPROVED")
    colour, size = product["skus"][0]["sales_attributes"]
    assert (colour["name"], colour["value_name"], size["name"], size["value_name"]) == ("Color", "Black", "Size", "M")
    picture = httpx.get(product["main_images"][0]["urls"][0])
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert httpx.get(colour["sku_img"]["urls"][0]).status_code == 200


def test_personalisable_product_has_a_template(ada: Caller) -> None:
    found = ada.ask("POST", SEARCH, body={"seller_skus": ["PHONE-CASE-15"]}, page_size=1)["products"][0]
    product = ada.ask("GET", f"{PRODUCTS}/{found['id']}")
    (template,) = product["pod_info"]["pod_templates"]
    assert template["sku_ids"] == [product["skus"][0]["id"]]


def test_foreign_product_does_not_exist(ada: Caller, south: Caller) -> None:
    found = south.ask("POST", SEARCH, body={}, page_size=1)["products"][0]
    assert ada.refused("GET", f"{PRODUCTS}/{found['id']}") == 12052032
    assert ada.refused("GET", f"{PRODUCTS}/1") == 12052032


# --- categories and brands --------------------------------------------------------------------------------------------------
def test_us_shop_must_name_the_second_tree(ada: Caller, tiktok: ImitationTikTok) -> None:
    assert ada.refused("GET", CATEGORIES) == 12052217
    assert ada.refused("GET", CATEGORIES, category_version="v1") == 12052217
    rows = ada.ask("GET", CATEGORIES, category_version="v2")["categories"]
    assert {row["id"] for row in rows if row["parent_id"] == "0"} >= {"600001", "601152"}
    assert [row["local_name"] for row in ada.ask("GET", CATEGORIES, category_version="v2", keyword="mug")["categories"]] == ["Mugs"]
    harbour = Caller(tiktok, seed.HARBOUR_SHOP)
    assert harbour.ask("GET", CATEGORIES)["categories"]
    harbour.http.close()


def test_leaf_has_rules_and_attributes_and_others_have_none(ada: Caller) -> None:
    rules = ada.ask("GET", f"{CATEGORIES}/601194/rules", category_version="v2")
    assert (rules["size_chart"]["is_supported"], rules["package_dimension"]["is_required"]) == (True, True)
    rows = ada.ask("GET", f"{CATEGORIES}/600031/attributes", category_version="v2")["attributes"]
    assert {(row["name"], row["type"], row["is_requried"]) for row in rows} >= {
        ("Color", "SALES_PROPERTY", False),
        ("Material", "PRODUCT_PROPERTY", True),
    }
    assert ada.refused("GET", f"{CATEGORIES}/600001/rules", category_version="v2") == 12052024
    assert ada.refused("GET", f"{CATEGORIES}/7/attributes", category_version="v2") == 12052023


def test_category_is_recommended_by_the_title(ada: Caller) -> None:
    path = f"{CATEGORIES}/recommend"
    found = ada.ask("POST", path, body={"product_title": "A Tote for the market", "category_version": "v2"})
    assert (found["leaf_category_id"], [row["level"] for row in found["categories"]]) == ("824330", [1, 2])
    assert ada.refused("POST", path, body={"product_title": "Xyzzy", "category_version": "v2"}) == 12019064


def test_brands_are_listed_made_and_never_twice(ada: Caller) -> None:
    brands = ada.ask("GET", "/product/202309/brands", page_size=2)
    assert (brands["total_count"], len(brands["brands"])) == (3, 2)
    made = ada.ask("POST", "/product/202309/brands", body={"name": "Night Train"}, cipher=None)["id"]
    found = ada.ask("GET", "/product/202309/brands", page_size=10, brand_name="night", is_authorized="true")["brands"]
    assert [row["id"] for row in found] == [made]
    for name, code in (("Night Train", 12052205), ("x", 12052189), ("x" * 31, 12052190)):
        assert ada.refused("POST", "/product/202309/brands", body={"name": name}, cipher=None) == code


# --- pictures ---------------------------------------------------------------------------------------------------------------
def test_uploaded_picture_is_kept_and_can_be_fetched(ada: Caller) -> None:
    content = png(800, 700)
    kept = uploaded(ada, content, use_case="DESCRIPTION_IMAGE")
    assert (kept["width"], kept["height"], kept["use_case"]) == (800, 700, "DESCRIPTION_IMAGE")
    assert httpx.get(kept["url"]).content == content


@pytest.mark.parametrize(
    ("content", "fields", "code"),
    [
        (b"", {}, 12038002),
        (b"no picture", {}, 12038004),
        (png(200, 600), {}, 12038014),
        (png(kind="GIF"), {}, 12038015),
        (png(), {"use_case": "PORTRAIT"}, 11050001),
        (png() + b"\0" * (10 * 1024 * 1024), {}, 12038005),
    ],
)
def test_wrong_picture_is_refused(ada: Caller, content: bytes, fields: dict[str, str], code: int) -> None:
    body, kind = multipart(content, **fields)
    assert ada.send("POST", UPLOAD, content=body, content_type=kind, cipher=None).json()["code"] == code


def test_picture_must_come_as_multipart_and_without_a_cipher(ada: Caller) -> None:
    assert ada.send("POST", UPLOAD, content=png(), content_type="image/png", cipher=None).json()["code"] == 36009023
    body, kind = multipart(png())
    assert ada.send("POST", UPLOAD, content=body, content_type=kind).json()["code"] == 36009004


# --- creating ---------------------------------------------------------------------------------------------------------------
def test_created_product_is_audited_and_then_live(tiktok: ImitationTikTok, ada: Caller) -> None:
    made = ada.ask("POST", PRODUCTS, body=mug(ada))
    path = f"{PRODUCTS}/{made['product_id']}"
    assert [row["seller_sku"] for row in made["skus"]] == ["NEW-MUG"]
    product = ada.ask("GET", path)
    assert (product["status"], product["audit"]["status"]) == ("PENDING", "AUDITING")
    assert ada.ask("GET", path, return_under_review_version="true")["title"] == product["title"]
    audited(tiktok)
    product = ada.ask("GET", path)
    assert (product["status"], product["audit"]["status"], product["product_attributes"][0]["values"]) == (
        "ACTIVATE",
        "APPROVED",
        [{"id": "1001571", "name": "Ceramic"}],
    )
    assert ada.refused("GET", path, return_under_review_version="true") == 12052547


def test_draft_waits_until_it_is_listed(tiktok: ImitationTikTok, ada: Caller) -> None:
    made = ada.ask("POST", PRODUCTS, body=mug(ada, save_mode="AS_DRAFT", product_attributes=...))
    path = f"{PRODUCTS}/{made['product_id']}"
    audited(tiktok)
    assert ada.ask("GET", path)["status"] == "DRAFT"
    assert ada.ask("POST", f"{PRODUCTS}/activate", body={"product_ids": [made["product_id"]]}) == {"errors": []}
    assert ada.ask("GET", path)["status"] == "PENDING"


@pytest.mark.parametrize("how", ["word", "scenario"])
def test_failed_audit_says_why_and_can_be_tried_again(tiktok: ImitationTikTok, ada: Caller, how: str) -> None:
    if how == "scenario":
        tiktok.scenario("audit_fails", reason="The main picture shows a trademark.")
    body = mug(ada, title="Replica mug" if how == "word" else "Mug")
    product_id = ada.ask("POST", PRODUCTS, body=body)["product_id"]
    audited(tiktok)
    product = ada.ask("GET", f"{PRODUCTS}/{product_id}")
    assert (product["status"], product["audit"]["status"]) == ("FAILED", "FAILED")
    assert product["audit_failed_reasons"][0]["reasons"][0]
    ada.ask("PUT", f"/product/202509/products/{product_id}", body=mug(ada, title="Honest mug"))
    audited(tiktok)
    assert ada.ask("GET", f"{PRODUCTS}/{product_id}")["status"] == "ACTIVATE"


def test_same_idempotency_key_creates_once(tiktok: ImitationTikTok, ada: Caller) -> None:
    body = mug(ada, idempotency_key="6f1c7a0e")
    tiktok.scenario("create_lost_after_success")
    with pytest.raises(httpx.TransportError):
        ada.send("POST", PRODUCTS, body=body)
    first, second = ada.ask("POST", PRODUCTS, body=body), ada.ask("POST", PRODUCTS, body=body)
    assert first == second
    assert ada.ask("POST", SEARCH, body={"seller_skus": ["NEW-MUG"]}, page_size=10)["total_count"] == 1
    assert [entry.effect for entry in tiktok.books.writes(kind="create_product")] == ["created", "repeated", "repeated"]


def test_answer_lost_before_the_effect_leaves_nothing(tiktok: ImitationTikTok, ada: Caller) -> None:
    tiktok.scenario("create_lost_before_effect")
    with pytest.raises(httpx.TransportError):
        ada.send("POST", PRODUCTS, body=mug(ada))
    assert tiktok.books.writes(kind="create_product") == []


def test_unknown_brand_is_cleared_with_a_warning(ada: Caller) -> None:
    made = ada.ask("POST", PRODUCTS, body=mug(ada, brand_id="123"))
    assert "Brand does not exist" in made["warnings"][0]["message"]


RED, BLUE = ({"name": "Shade", "value_name": name} for name in ("Red", "Blue"))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"category_version": ...}, 12052217),
        ({"category_id": "1"}, 12052023),
        ({"category_id": "600001"}, 12052024),
        ({"category_id": "700612"}, 12052223),
        ({"title": " "}, 12052261),
        ({"title": "x" * 256}, 12052051),
        ({"description": " "}, 12052015),
        ({"description": "x" * 10_001}, 12052013),
        ({"description": '<img src="https://elsewhere.test/x.png">'}, 12052340),
        ({"main_images": []}, 12052028),
        ({"main_images": [{"uri": "https://elsewhere.test/x.png"}]}, 12052300),
        ({"package_weight": {"value": "0", "unit": "POUND"}}, 12052181),
        ({"package_weight": {"value": "1", "unit": "STONE"}}, 12019011),
        ({"package_dimensions": ...}, 12052116),
        ({"package_dimensions": {"length": "6", "width": "6", "height": "5.5", "unit": "INCH"}}, 12052003),
        ({"package_dimensions": {"length": "6", "width": "6", "height": "5", "unit": "CENTIMETER"}}, 12052915),
        ({"product_attributes": []}, 12052104),
        ({"product_attributes": [{"id": "100157", "values": [{"id": "1"}]}]}, 12052529),
        ({"product_attributes": [{"id": "100157", "values": [{"id": "1001571"}, {"id": "1001572"}]}]}, 12052246),
        ({"skus": []}, 12052910),
        ({"colour": "red"}, 36009004),
        ({"title": ...}, 12052910),
        ({"idempotency_key": "x" * 129}, 12052910),
    ],
)
def test_product_that_breaks_a_rule_is_refused(ada: Caller, changed: dict[str, Any], code: int) -> None:
    assert ada.refused("POST", PRODUCTS, body=mug(ada, **changed)) == code


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"seller_sku": "x" * 51}, 12052054),
        ({"seller_sku": "with space"}, 12052910),
        ({"price": {"amount": "0", "currency": "USD"}}, 12052073),
        ({"price": {"amount": "7600.01", "currency": "USD"}}, 12052073),
        ({"price": {"amount": "12.999", "currency": "USD"}}, 12052073),
        ({"price": {"amount": "12.00", "currency": "EUR"}}, 12052084),
        ({"inventory": [{"warehouse_id": "1", "quantity": 1}]}, 12052530),
        ({"inventory": [{"warehouse_id": "7068517275540000101", "quantity": 1}]}, 12052532),
        ({"inventory": [{"warehouse_id": "7068517275539000101", "quantity": 0}]}, 12052055),
        ({"inventory": [{"warehouse_id": "7068517275539000101", "quantity": 5, "handling_time": 99}]}, 12052490),
        ({"pre_sale": {"type": "MADE_TO_ORDER", "fulfillment_type": {"handling_duration_days": 15}}}, 12052269),
        ({"pre_sale": {"type": "CUSTOM"}}, 12019098),
        ({"sales_attributes": [RED, BLUE]}, 12052560),
        ({"sales_attributes": [{"name": "Shade"}]}, 12052248),
        ({"sales_attributes": [{"value_name": "Red"}]}, 12052241),
        ({"sales_attributes": [{"name": "S" * 21, "value_name": "Red"}]}, 12052242),
        ({"sales_attributes": [{"name": "Shade", "value_name": "R" * 51}]}, 12052249),
        ({"sales_attributes": [{"name": name, "value_name": "x"} for name in "abcd"]}, 12052525),
        ({"sales_attributes": [{**RED, "sku_img": {"uri": "nowhere"}}]}, 12052520),
    ],
)
def test_variant_that_breaks_a_rule_is_refused(ada: Caller, changed: dict[str, Any], code: int) -> None:
    assert ada.refused("POST", PRODUCTS, body=mug(ada, skus=[sku(ada, **changed)])) == code


def test_variants_must_differ_in_the_same_attributes(ada: Caller) -> None:
    def attempt(*attributes: list[dict[str, str]]) -> int:
        rows = [sku(ada, f"V{number}", sales_attributes=row) for number, row in enumerate(attributes)]
        return int(ada.send("POST", PRODUCTS, body=mug(ada, skus=rows)).json()["code"])

    assert attempt([RED], [BLUE]) == 0
    assert attempt([RED], [RED]) == 12052251
    assert attempt([RED], []) == 12052550
    assert attempt([], []) == 12052550
    assert attempt(*([{"name": "No", "value_name": str(number)}] for number in range(SKUS_LIMIT + 1))) == 12052050


def test_seller_from_abroad_cannot_create(tiktok: ImitationTikTok) -> None:
    lantern = Caller(tiktok, seed.LANTERN_SHOP)
    assert lantern.refused("POST", PRODUCTS, body=mug(lantern)) == 12052701
    lantern.http.close()


def test_listing_check_names_everything_at_once_and_creates_nothing(tiktok: ImitationTikTok, ada: Caller) -> None:
    body = mug(ada, save_mode=..., category_version=..., title=" ", product_attributes=[])
    found = ada.ask("POST", f"{PRODUCTS}/listing_check", body=body)
    assert (found["check_result"], [row["code"] for row in found["fail_reasons"]]) == ("FAILED", [12052261, 12052104])
    body = mug(ada, save_mode=..., category_version=...)
    assert ada.ask("POST", f"{PRODUCTS}/listing_check", body=body) == {"check_result": "PASS", "fail_reasons": []}
    assert tiktok.books.writes() == []


def test_prerequisites_name_the_missing_return_warehouse(tiktok: ImitationTikTok, ada: Caller) -> None:
    path = "/product/202312/prerequisites"
    assert not any(row["is_failed"] for row in ada.ask("GET", path)["check_results"])
    shop = tiktok.books.shop(ada.shop.shop_id)
    assert shop is not None
    shop.warehouses.pop()
    tiktok.books.keep_shop(shop)
    assert [row["check_item"] for row in ada.ask("GET", path)["check_results"] if row["is_failed"]] == ["RETURN_WAREHOUSE"]


# --- editing ----------------------------------------------------------------------------------------------------------------
def seeded(ada: Caller, seller_sku: str = "TEE-CLASSIC-M") -> dict[str, Any]:
    found = ada.ask("POST", SEARCH, body={"seller_skus": [seller_sku]}, page_size=1)["products"][0]
    return dict(ada.ask("GET", f"{PRODUCTS}/{found['id']}"))


def test_live_product_stays_as_it_was_until_its_edit_passes(tiktok: ImitationTikTok, ada: Caller) -> None:
    before = seeded(ada)
    path = f"/product/202509/products/{before['id']}/partial_edit"
    assert ada.ask("POST", path, body={"title": "Classic T-shirt, deep black"})["audit"] == {"status": "AUDITING"}
    now = ada.ask("GET", f"{PRODUCTS}/{before['id']}")
    assert (now["title"], now["status"], now["audit"]["status"]) == (before["title"], "ACTIVATE", "AUDITING")
    assert ada.ask("GET", f"{PRODUCTS}/{before['id']}", return_under_review_version="true")["title"] == "Classic T-shirt, deep black"
    audited(tiktok)
    now = ada.ask("GET", f"{PRODUCTS}/{before['id']}")
    assert (now["title"], len(now["skus"]), now["description"]) == ("Classic T-shirt, deep black", 3, before["description"])


def test_edit_that_fails_leaves_the_live_version(tiktok: ImitationTikTok, ada: Caller) -> None:
    before = seeded(ada)
    ada.ask("POST", f"/product/202509/products/{before['id']}/partial_edit", body={"description": "<p>A fake.</p>"})
    audited(tiktok)
    now = ada.ask("GET", f"{PRODUCTS}/{before['id']}")
    assert (now["description"], now["status"], now["audit"]["status"]) == (before["description"], "ACTIVATE", "FAILED")


def test_partial_edit_deletes_the_skus_it_leaves_out_and_keeps_ids(tiktok: ImitationTikTok, ada: Caller) -> None:
    before = seeded(ada)
    kept = before["skus"][1]
    ada.ask("POST", f"/product/202509/products/{before['id']}/partial_edit", body={"skus": [{"id": kept["id"], "seller_sku": "TEE-L"}]})
    audited(tiktok)
    now = ada.ask("GET", f"{PRODUCTS}/{before['id']}")
    assert [(row["id"], row["seller_sku"], row["price"]) for row in now["skus"]] == [(kept["id"], "TEE-L", kept["price"])]


def test_full_edit_replaces_everything(tiktok: ImitationTikTok, ada: Caller) -> None:
    before = seeded(ada, "MUG-11OZ-WHITE")
    ada.ask("PUT", f"/product/202509/products/{before['id']}", body=mug(ada, title="Another mug"))
    audited(tiktok)
    now = ada.ask("GET", f"{PRODUCTS}/{before['id']}")
    assert (now["title"], [row["seller_sku"] for row in now["skus"]]) == ("Another mug", ["NEW-MUG"])


@pytest.mark.parametrize(("body", "code"), [({"skus": []}, 12052902), ({"skus": [{"id": "1"}]}, 12052557), ({"save_mode": "AS_DRAFT"}, 12052901)])
def test_wrong_edit_is_refused(ada: Caller, body: dict[str, Any], code: int) -> None:
    assert ada.refused("POST", f"/product/202509/products/{seeded(ada)['id']}/partial_edit", body=body) == code


def test_foreign_product_cannot_be_changed(ada: Caller, south: Caller) -> None:
    theirs = south.ask("POST", SEARCH, body={}, page_size=1)["products"][0]["id"]
    assert ada.refused("POST", f"/product/202509/products/{theirs}/partial_edit", body={"title": "Mine"}) == 12052048
    errors = ada.ask("POST", f"{PRODUCTS}/deactivate", body={"product_ids": [theirs]})["errors"]
    assert [(row["code"], row["detail"]) for row in errors] == [(12052048, {"product_id": theirs})]


# --- price, stock, status ---------------------------------------------------------------------------------------------------
def test_price_takes_effect_at_once_and_all_or_nothing(ada: Caller) -> None:
    before = seeded(ada)
    path = f"{PRODUCTS}/{before['id']}/prices/update"
    first, second = (row["id"] for row in before["skus"][:2])
    assert ada.ask("POST", path, body={"skus": [{"id": first, "price": {"amount": "21.00", "currency": "USD"}}]}) == {}
    wrong = [{"id": second, "price": {"amount": "22.00", "currency": "USD"}}, {"id": "1", "price": {"amount": "1.00", "currency": "USD"}}]
    assert ada.refused("POST", path, body={"skus": wrong}) == 12052557
    assert ada.refused("POST", path, body={"skus": [wrong[0], wrong[0]]}) == 12052553
    now = seeded(ada)
    assert [row["price"]["sale_price"] for row in now["skus"]] == ["21.00", "19.90", "19.90"]
    assert (now["audit"]["status"], now["update_time"] >= NOW) == ("APPROVED", True)


def test_stock_is_changed_for_each_sku_by_itself(tiktok: ImitationTikTok, ada: Caller) -> None:
    before = seeded(ada)
    good, bad = (row["id"] for row in before["skus"][:2])
    rows = [
        {"id": good, "inventory": [{"warehouse_id": ada.shop.warehouses[0].warehouse_id, "quantity": 7, "handling_time": 3}]},
        {"id": bad, "inventory": [{"warehouse_id": "1", "quantity": 7}]},
    ]
    errors = ada.ask("POST", f"{PRODUCTS}/{before['id']}/inventory/update", body={"skus": rows})["errors"]
    assert [(row["code"], row["detail"]["sku_id"], row["detail"]["extra_errors"][0]["code"]) for row in errors] == [(12052990, bad, 12052097)]
    found = ada.ask("POST", "/product/202309/inventory/search", body={"sku_ids": [good, bad]})["inventory"]
    assert {row["id"]: row["total_available_quantity"] for row in found[0]["skus"]} == {good: 7, bad: 500}
    assert seeded(ada)["skus"][0]["inventory"][0]["handling_time"] == 3
    assert tiktok.books.writes(kind="update_inventory")[0].doc["quantities"] == {good: 7}


def test_product_is_delisted_listed_deleted_and_recovered(ada: Caller) -> None:
    product_id = seeded(ada)["id"]

    ids = {"product_ids": [product_id]}
    assert ada.ask("POST", f"{PRODUCTS}/deactivate", body=ids) == {"errors": []}
    assert seeded(ada)["status"] == "SELLER_DEACTIVATED"
    again = ada.ask("POST", f"{PRODUCTS}/deactivate", body=ids)["errors"]
    assert [row["code"] for row in again] == [12052901]
    assert ada.ask("POST", f"{PRODUCTS}/activate", body=ids) == {"errors": []}
    refused = ada.ask("POST", f"{PRODUCTS}/activate", body=ids)["errors"]
    assert (refused[0]["code"], refused[0]["detail"]["extra_errors"][0]["code"]) == (12052990, 12052901)
    assert ada.ask("DELETE", PRODUCTS, body=ids) == {"errors": []}
    assert ada.refused("GET", f"{PRODUCTS}/{product_id}") == 12052901
    assert ada.ask("POST", SEARCH, body={"seller_skus": ["TEE-CLASSIC-M"]}, page_size=1)["total_count"] == 0
    assert ada.ask("POST", f"{PRODUCTS}/recover", body=ids) == {"errors": []}
    assert seeded(ada)["status"] == "SELLER_DEACTIVATED"
    assert ada.refused("POST", f"{PRODUCTS}/deactivate", body={"product_ids": ["1"] * 21}) == 12019120
