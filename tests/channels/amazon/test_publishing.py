"""Publishing and stock, between the adapter and the imitation Amazon."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.test.utils import override_settings

from pod_hub.core.redis_client import redis_client
from stores.channels.amazon.adapter import AmazonChannel
from stores.channels.errors import NotFound, Refused, TryLater
from stores.channels.publishing_types import FieldKind, PriceNotice, ProductDraft, ProductState, StockNotice, Value
from stores.channels.types import Account, Amount
from stores.sandbox.amazon import seed
from stores.sandbox.amazon.publishing import attributes_of, write_attributes
from stores.sandbox.amazon.server import ImitationAmazon
from tests.sandbox.amazon.conftest import START

DE = seed.DE
ANSWERS: dict[str, Value] = {
    "bullet_point": ("Holds 330 ml", "Dishwasher safe"),
    "country_of_origin": "DE",
    "supplier_declared_dg_hz_regulation": "not_applicable",
    "color": "White",
    "material": ("Ceramic",),
    "capacity": "330",
    "capacity.unit": "milliliters",
    "is_dishwasher_safe": "true",
    "number_of_items": "1",
}
DRAFT = ProductDraft(
    marketplace=DE,
    key="MUG FOREST/1",
    attempt="one",
    product_type="DRINKING_CUP",
    product_type_version="",
    values=ANSWERS,
    title="Mug “Forest”",
    description="A mug with a forest on it.",
    brand="Generic",
    price=Amount(Decimal("16.90"), "EUR"),
    quantity=20,
    handling_days=3,
    pictures=("https://hub.example/p/1", "https://hub.example/p/2"),
)


@pytest.fixture
def imitation() -> Iterator[ImitationAmazon]:
    with ImitationAmazon(at=START) as running, override_settings(AMAZON_SANDBOX_URL=running.url, TIME_FACTOR=1):
        yield running


@pytest.fixture
def shop(imitation: ImitationAmazon) -> AmazonChannel:
    redis_client().flushdb()  # one seller's quota would not do for all of these tests
    key = f"aut_{uuid.uuid4().hex[:12]}"
    return AmazonChannel(Account(key=key, account_id=seed.NORTH.seller_id, region="EU", refresh_token=imitation.refresh_token()))


def publish(shop: AmazonChannel, imitation: ImitationAmazon, draft: ProductDraft = DRAFT) -> None:
    answer = shop.publish_product(draft)
    assert answer.accepted, answer.troubles
    imitation.clock.advance(400)
    shop.product_progress(marketplace=DE, key=draft.key)


def stock_at(imitation: ImitationAmazon, sku: str) -> list[dict[str, object]]:
    (listing,) = imitation.world.books.listings(seed.NORTH.seller_id, marketplace_ids=[DE], sku=sku)
    return list(listing.attributes["fulfillment_availability"])


# --- what is asked ----------------------------------------------------------------------------------------------------
def test_product_types_are_found_by_words(shop: AmazonChannel) -> None:
    assert [(one.id, one.name) for one in shop.product_types(marketplace=DE, words="mug")] == [("DRINKING_CUP", "Drinking Cup")]
    assert len(shop.product_types(marketplace=DE, words="")) > 3
    assert shop.product_types(marketplace=DE, words="submarine") == ()


def test_a_product_types_attributes_are_flat_fields_without_what_the_hub_fills_in(shop: AmazonChannel) -> None:
    found = shop.product_type(marketplace=DE, product_type="DRINKING_CUP")
    fields = {field.name: field for field in found.fields}
    assert not {"item_name", "brand", "purchasable_offer", "fulfillment_availability", "condition_type", "main_product_image_locator"} & set(fields)
    assert fields["country_of_origin"].kind == FieldKind.CHOICE
    assert fields["country_of_origin"].required
    assert ("DE", "Germany") in [(option.value, option.words) for option in fields["country_of_origin"].options]
    assert (fields["capacity"].kind, fields["capacity.unit"].kind) == (FieldKind.NUMBER, FieldKind.CHOICE)
    assert fields["color"].open_choice
    assert (fields["bullet_point"].kind, fields["bullet_point"].most) == (FieldKind.SEVERAL, 5)
    assert fields["is_dishwasher_safe"].kind == FieldKind.YES_NO
    assert not fields["is_dishwasher_safe"].required
    assert [field.required for field in found.fields] == sorted((field.required for field in found.fields), reverse=True)
    assert (found.version, found.longest_title) == ("RELEASE-2026-11", 200)


def test_attributes_within_attributes_are_named_by_the_way_to_them(shop: AmazonChannel) -> None:
    names = {field.name for field in shop.product_type(marketplace=DE, product_type="WALL_ART").fields}
    assert {"item_dimensions.length", "item_dimensions.length.unit", "item_dimensions.width"} <= names


def test_a_schema_that_arrives_damaged_is_asked_for_again_and_not_read(shop: AmazonChannel, imitation: ImitationAmazon) -> None:
    imitation.scenario("schema_damaged")
    with pytest.raises(TryLater, match="damaged"):
        shop.product_type(marketplace=DE, product_type="HANDBAG")


def test_a_schema_is_downloaded_once_for_each_version(shop: AmazonChannel, imitation: ImitationAmazon) -> None:
    shop.product_type(marketplace=DE, product_type="PILLOW")
    imitation.scenario("schema_damaged", times=None)  # would show if it were downloaded again
    assert shop.product_type(marketplace=DE, product_type="PILLOW").fields


def test_an_unknown_product_type_is_not_found(shop: AmazonChannel) -> None:
    with pytest.raises(NotFound):
        shop.product_type(marketplace=DE, product_type="SUBMARINE")


# --- checking and publishing ------------------------------------------------------------------------------------------
def test_a_preview_finds_what_is_missing_at_its_field_and_makes_nothing(shop: AmazonChannel, imitation: ImitationAmazon) -> None:
    lacking = dataclasses.replace(DRAFT, values={**ANSWERS, "color": "", "capacity.unit": ""})
    answer = shop.check_product(lacking)
    assert not answer.accepted
    assert {trouble.field for trouble in answer.troubles} == {"color", "capacity"}
    assert "required" in answer.troubles[0].words
    assert imitation.world.books.submissions(seed.NORTH.seller_id) == []


def test_a_brand_that_is_not_approved_is_told_at_the_brand_in_its_exact_spelling(shop: AmazonChannel) -> None:
    assert shop.check_product(dataclasses.replace(DRAFT, brand="Northlight")).accepted
    answer = shop.check_product(dataclasses.replace(DRAFT, brand="northlight"))
    assert [(trouble.field, trouble.code) for trouble in answer.troubles] == [("brand", "5665")]


def test_a_complete_draft_passes_the_preview_and_still_makes_nothing(shop: AmazonChannel, imitation: ImitationAmazon) -> None:
    answer = shop.check_product(DRAFT)
    assert (answer.accepted, answer.troubles) == (True, ())
    with pytest.raises(NotFound):
        shop.product_progress(marketplace=DE, key=DRAFT.key)


def test_an_accepted_product_is_submitted_first_and_live_later_with_its_asin(shop: AmazonChannel, imitation: ImitationAmazon) -> None:
    assert shop.publish_product(DRAFT).accepted
    early = shop.product_progress(marketplace=DE, key=DRAFT.key)
    assert (early.state, early.product_id) == (ProductState.SUBMITTED, "")
    imitation.clock.advance(400)
    late = shop.product_progress(marketplace=DE, key=DRAFT.key)
    assert late.state == ProductState.LIVE
    assert late.product_id.startswith("B0")
    (listing,) = imitation.world.books.listings(seed.NORTH.seller_id, marketplace_ids=[DE], sku=DRAFT.key)
    assert (listing.title, listing.price, listing.quantity) == ("Mug “Forest”", "16.90", 20)
    assert listing.attributes["capacity"] == [{"value": 330, "unit": "milliliters", "marketplace_id": DE}]
    assert listing.attributes["main_product_image_locator"] == [{"media_location": "https://hub.example/p/1", "marketplace_id": DE}]
    assert [point["value"] for point in listing.attributes["bullet_point"]] == ["Holds 330 ml", "Dishwasher safe"]
    assert listing.attributes["bullet_point"][0]["language_tag"] == "de_DE"


def test_invalid_with_status_200_is_no_success(shop: AmazonChannel) -> None:
    answer = shop.publish_product(dataclasses.replace(DRAFT, values={}))
    assert not answer.accepted
    assert "country_of_origin" in {trouble.field for trouble in answer.troubles}


def test_a_product_may_be_refused_after_it_was_accepted(shop: AmazonChannel, imitation: ImitationAmazon) -> None:
    imitation.scenario("product_rejected")
    assert shop.publish_product(DRAFT).accepted
    imitation.clock.advance(400)
    progress = shop.product_progress(marketplace=DE, key=DRAFT.key)
    assert progress.state == ProductState.REJECTED
    assert [trouble.field for trouble in progress.troubles] == ["product_type"]


def test_a_publish_whose_answer_is_lost_is_ambiguous_and_repeating_it_makes_no_second_product(
    shop: AmazonChannel, imitation: ImitationAmazon
) -> None:
    imitation.scenario("product_lost_after_success")
    with pytest.raises(TryLater) as lost:
        shop.publish_product(DRAFT)
    assert lost.value.ambiguous
    assert shop.product_progress(marketplace=DE, key=DRAFT.key).state == ProductState.SUBMITTED
    publish(shop, imitation)
    assert len(imitation.world.books.listings(seed.NORTH.seller_id, marketplace_ids=[DE], sku=DRAFT.key)) == 1


# --- stock ------------------------------------------------------------------------------------------------------------
def test_telling_stock_keeps_the_handling_time_that_it_does_not_mention(shop: AmazonChannel, imitation: ImitationAmazon) -> None:
    publish(shop, imitation)
    shop.push_stock(StockNotice(DRAFT.key, "", 4), marketplace=DE)
    assert stock_at(imitation, DRAFT.key) == [{"fulfillment_channel_code": "DEFAULT", "quantity": 4, "lead_time_to_ship_max_days": 3}]


def test_stock_of_another_place_stands_beside_and_is_read_back(shop: AmazonChannel, imitation: ImitationAmazon) -> None:
    publish(shop, imitation)
    notice = StockNotice(DRAFT.key, "", 7, handling_days=2, stock_place="LEIPZIG")
    with pytest.raises(NotFound, match="LEIPZIG"):
        shop.stock_of(notice, marketplace=DE)
    shop.push_stock(notice, marketplace=DE)
    assert len(stock_at(imitation, DRAFT.key)) == 2
    assert shop.stock_of(notice, marketplace=DE) == notice


def test_stock_that_amazon_declines_is_refused_in_its_words(shop: AmazonChannel, imitation: ImitationAmazon) -> None:
    publish(shop, imitation)
    with pytest.raises(Refused, match="not valid"):
        shop.push_stock(StockNotice(DRAFT.key, "", 99_999_999), marketplace=DE)


def test_a_feed_tells_the_stock_of_many_and_names_those_it_refuses(shop: AmazonChannel, imitation: ImitationAmazon) -> None:
    publish(shop, imitation)
    notices = [StockNotice(DRAFT.key, "", 11), StockNotice("NO-SUCH-SKU", "", 1), StockNotice("MUG-11OZ-WHITE", "", 6, handling_days=4)]
    document = shop.upload_stock(notices, marketplace=DE)
    batch = shop.submit_stock(document, marketplace=DE)
    assert not shop.stock_progress(batch).finished
    imitation.clock.advance(120)
    report = shop.stock_report(shop.stock_progress(batch).result_id)
    assert (report.processed, list(report.refused)) == (3, ["2"])
    assert "NO-SUCH-SKU" in report.refused["2"]
    assert stock_at(imitation, DRAFT.key)[0]["quantity"] == 11
    assert stock_at(imitation, "MUG-11OZ-WHITE") == [{"fulfillment_channel_code": "DEFAULT", "quantity": 6, "lead_time_to_ship_max_days": 4}]


# --- prices -----------------------------------------------------------------------------------------------------------
def test_telling_a_price_leaves_a_sale_that_runs_beside_it(shop: AmazonChannel, imitation: ImitationAmazon) -> None:
    sale = {"schedule": [{"value_with_tax": 9.9, "start_at": "2026-01-01T00:00:00Z", "end_at": "2027-01-01T00:00:00Z"}]}
    (listing,) = imitation.world.books.listings(seed.NORTH.seller_id, marketplace_ids=[DE], sku="MUG-11OZ-WHITE")
    held = {**attributes_of(listing)}
    held["purchasable_offer"] = [{**held["purchasable_offer"][0], "discounted_price": [sale]}]
    write_attributes(imitation.world, seed.NORTH.seller_id, DE, "MUG-11OZ-WHITE", held)

    notice = PriceNotice("MUG-11OZ-WHITE", "B0DEMOMUG1", Amount(Decimal("18.50"), "EUR"))
    assert shop.price_of(notice, marketplace=DE) != notice
    shop.push_price(notice, marketplace=DE)
    assert shop.price_of(notice, marketplace=DE) == notice
    (listing,) = imitation.world.books.listings(seed.NORTH.seller_id, marketplace_ids=[DE], sku="MUG-11OZ-WHITE")
    (offer,) = listing.attributes["purchasable_offer"]
    assert offer["discounted_price"] == [sale]
    assert listing.price == "18.50"


def test_a_price_that_amazon_declines_is_refused_in_its_words(shop: AmazonChannel) -> None:
    with pytest.raises(Refused, match="NO-SUCH-SKU"):
        shop.push_price(PriceNotice("NO-SUCH-SKU", "", Amount(Decimal("18.50"), "EUR")), marketplace=DE)
    with pytest.raises(NotFound):
        shop.price_of(PriceNotice("NO-SUCH-SKU", "", Amount(Decimal("18.50"), "EUR")), marketplace=DE)


def test_a_price_in_another_currency_than_the_offers_is_not_taken_for_the_same(shop: AmazonChannel) -> None:
    with pytest.raises(NotFound, match="USD"):
        shop.price_of(PriceNotice("MUG-11OZ-WHITE", "", Amount(Decimal("14.90"), "USD")), marketplace=DE)
