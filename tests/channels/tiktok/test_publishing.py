"""Publishing and stock, between the adapter and the imitation TikTok Shop."""

from __future__ import annotations

import dataclasses
import io
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest
from django.conf import settings
from django.test.utils import override_settings
from PIL import Image

from pod_hub.core.redis_client import redis_client
from stores.channels.errors import NotFound, Refused, TryLater
from stores.channels.keeping import InHand
from stores.channels.publishing_types import (
    FieldKind,
    PictureSource,
    PriceNotice,
    ProductDraft,
    ProductState,
    StockNotice,
    VariantDraft,
    VariantOption,
)
from stores.channels.tiktok import tokens
from stores.channels.tiktok.adapter import TikTokChannel
from stores.channels.types import Account, Amount, IncomingListing
from stores.sandbox.tiktok import seed
from stores.sandbox.tiktok.records import Product, ProductFilter
from stores.sandbox.tiktok.server import ImitationTikTok

SHOP = seed.ADA_SHOP.shop_id
WORKSHOP, RETURNS = (place.warehouse_id for place in seed._warehouses(seed.ADA_SHOP))
MUGS, CERAMIC = "600031", "1001571"
ANSWERS = {"attribute.100157": CERAMIC, "package.weight": "0.9", "package.length": "6", "package.width": "6", "package.height": "5"}
DRAFT = ProductDraft(
    marketplace=SHOP,
    key="MUG-FOREST",
    attempt="one",
    product_type=MUGS,
    product_type_version="",
    values=ANSWERS,
    title="Mug “Forest” with a deer",
    description="A mug with a forest on it.\nDishwasher safe & sturdy.",
    brand="Generic",
    price=Amount(Decimal("16.90"), "USD"),
    quantity=20,
    handling_days=3,
)


@pytest.fixture
def imitation() -> Iterator[ImitationTikTok]:
    with ImitationTikTok(hub_url=settings.PUBLIC_URL) as running, override_settings(TIKTOK_SANDBOX_URL=running.url, TIME_FACTOR=1):
        running.clock.set(datetime.now(UTC))
        yield running


@pytest.fixture
def shop(imitation: ImitationTikTok) -> TikTokChannel:
    redis_client().flushdb()
    keeper = InHand(tokens.read_pair(imitation.tokens(seed.ADA.open_id)), {SHOP: seed.ADA_SHOP.cipher})
    key = f"aut_{uuid.uuid4().hex[:12]}"
    return TikTokChannel(Account(key=key, account_id=seed.ADA.open_id, region="US", refresh_token="", keeper=keeper))


def picture(colour: str = "teal", px: int = 400) -> PictureSource:
    content = io.BytesIO()
    Image.new("RGB", (px, px), colour).save(content, "JPEG")
    return PictureSource(colour, "https://hub.example/p/1", content.getvalue)


def draft(shop: TikTokChannel, **changed: object) -> ProductDraft:
    return dataclasses.replace(DRAFT, **{"pictures": (shop.keep_picture(picture(), marketplace=SHOP),), **changed})  # type: ignore[arg-type]


def made(imitation: ImitationTikTok, sku: str = DRAFT.key) -> list[Product]:
    return imitation.books.products(ProductFilter(shop_id=SHOP, seller_skus=(sku,)), limit=10)[0]


# --- what is asked ----------------------------------------------------------------------------------------------------
def test_categories_are_found_by_words_of_their_path_with_the_recommended_one_first(shop: TikTokChannel) -> None:
    first = shop.product_types(marketplace=SHOP, words="cup for coffee")[0]
    assert (first.id, first.path) == (MUGS, "Home Supplies > Kitchenware > Mugs")
    assert {one.name for one in shop.product_types(marketplace=SHOP, words="home decor")} == {"Posters & Prints", "Ornaments", "Throw Pillows"}
    assert shop.product_types(marketplace=SHOP, words="submarine") == ()
    assert "Medical Devices" not in {one.name for one in shop.product_types(marketplace=SHOP, words="")}


def test_the_tree_of_categories_is_asked_for_once(shop: TikTokChannel, imitation: ImitationTikTok) -> None:
    for words in ("mug", "poster", "tote"):
        shop.product_types(marketplace=SHOP, words=words)
    assert sum(entry.operation == "getCategories" for entry in imitation.books.requests(limit=100)) == 1


def test_a_categorys_properties_and_the_package_are_fields(shop: TikTokChannel) -> None:
    found = shop.product_type(marketplace=SHOP, product_type=MUGS)
    fields = {field.name: field for field in found.fields}
    assert fields["attribute.100157"].required
    assert (CERAMIC, "Ceramic") in [(option.value, option.words) for option in fields["attribute.100157"].options]
    assert fields["attribute.100392"].kind == FieldKind.SEVERAL
    assert "attribute.100000" not in fields  # a colour tells SKUs apart, and one is added at a time
    assert (fields["package.weight"].unit, fields["package.length"].unit, fields["package.height"].required) == ("lb", "in", True)
    assert (found.name, found.longest_title, found.most_pictures) == ("Mugs", 255, 9)


@pytest.mark.parametrize("category", ["600024", "999999"])
def test_a_category_that_takes_no_products_is_not_found(shop: TikTokChannel, category: str) -> None:
    with pytest.raises(NotFound):
        shop.product_type(marketplace=SHOP, product_type=category)


def test_a_picture_is_uploaded_and_the_same_one_is_the_same_again(shop: TikTokChannel, imitation: ImitationTikTok) -> None:
    uri = shop.keep_picture(picture(), marketplace=SHOP)
    kept = imitation.books.image(uri)
    assert kept is not None
    assert (kept.content, kept.width, kept.use_case) == (picture().read(), 400, "MAIN_IMAGE")
    assert shop.keep_picture(picture(), marketplace=SHOP) == uri
    with pytest.raises(Refused):
        shop.keep_picture(picture(px=100), marketplace=SHOP)


# --- checking and publishing ------------------------------------------------------------------------------------------
def test_a_check_finds_what_is_wrong_at_its_field_and_makes_nothing(shop: TikTokChannel, imitation: ImitationTikTok) -> None:
    wrong = draft(shop, title="", quantity=0, values={**ANSWERS, "attribute.100157": "", "package.height": "1.5"}, key="TWO WORDS", pictures=())
    answer = shop.check_product(wrong)
    assert not answer.accepted
    assert {trouble.field for trouble in answer.troubles} == {"title", "quantity", "attribute.100157", "package.height", "sku", "pictures"}
    assert made(imitation, "TWO WORDS") == []


def test_a_complete_draft_passes_the_check_and_still_makes_nothing(shop: TikTokChannel) -> None:
    answer = shop.check_product(draft(shop))
    assert (answer.accepted, answer.troubles) == (True, ())
    with pytest.raises(NotFound):
        shop.product_progress(marketplace=SHOP, key=DRAFT.key)


@pytest.mark.parametrize(
    ("brand", "field"), [("Ada's Mugs & More", None), ("Generic", None), ("Grand Maison", "brand"), ("ada's mugs & more", "brand")]
)
def test_a_brand_is_named_exactly_or_left_out(shop: TikTokChannel, brand: str, field: str | None) -> None:
    answer = shop.check_product(draft(shop, brand=brand))
    assert [trouble.field for trouble in answer.troubles] == ([field] if field else [])


def test_an_accepted_product_is_audited_first_and_live_later(shop: TikTokChannel, imitation: ImitationTikTok) -> None:
    answer = shop.publish_product(draft(shop, brand="Ada's Mugs & More"))
    assert (answer.accepted, answer.listing_key) == (True, DRAFT.key)
    early = shop.product_progress(marketplace=SHOP, key=DRAFT.key, product_id=answer.product_id)
    assert (early.state, early.product_id) == (ProductState.SUBMITTED, answer.product_id)
    imitation.clock.advance(700)
    late = shop.product_progress(marketplace=SHOP, key=DRAFT.key)
    assert (late.state, late.product_id, late.channel_state) == (ProductState.LIVE, answer.product_id, "ACTIVATE")
    assert late.image_url.startswith(imitation.url)
    (product,) = made(imitation)
    assert product.description == "<p>A mug with a forest on it.</p><p>Dishwasher safe &amp; sturdy.</p>"
    assert (product.skus[0].amount, product.brand_id) == ("16.90", "7082427311584347905")
    assert product.skus[0].inventory == [{"warehouse_id": WORKSHOP, "quantity": 20, "handling_time": 3}]
    assert product.attributes[0]["values"][0]["name"] == "Ceramic"


def test_what_creating_refuses_is_no_success(shop: TikTokChannel) -> None:
    answer = shop.publish_product(draft(shop, values={}))
    assert not answer.accepted
    assert answer.troubles


def test_a_product_may_fail_its_audit_after_it_was_accepted(shop: TikTokChannel, imitation: ImitationTikTok) -> None:
    imitation.scenario("audit_fails")
    assert shop.publish_product(draft(shop)).accepted
    imitation.clock.advance(700)
    progress = shop.product_progress(marketplace=SHOP, key=DRAFT.key)
    assert progress.state == ProductState.REJECTED
    assert "trademark" in progress.troubles[0].words


@pytest.mark.parametrize(("scenario", "there"), [("create_lost_after_success", 1), ("create_lost_before_effect", 0)])
def test_a_lost_answer_is_ambiguous_and_repeating_the_attempt_makes_one_product(
    shop: TikTokChannel, imitation: ImitationTikTok, scenario: str, there: int
) -> None:
    wanted = draft(shop)
    imitation.scenario(scenario)
    with pytest.raises(TryLater) as lost:
        shop.publish_product(wanted)
    assert lost.value.ambiguous
    assert len(made(imitation)) == there
    first, again = shop.publish_product(wanted), shop.publish_product(wanted)
    assert first.product_id == again.product_id
    assert len(made(imitation)) == 1


def test_a_change_of_a_live_product_is_audited_while_the_product_stays(shop: TikTokChannel, imitation: ImitationTikTok) -> None:
    number = shop.publish_product(draft(shop)).product_id
    imitation.clock.advance(700)
    assert shop.publish_product(draft(shop, attempt="two", title="Mug “Forest” with two deer", product_id=number)).accepted
    assert shop.product_progress(marketplace=SHOP, key=DRAFT.key, product_id=number).state == ProductState.SUBMITTED
    imitation.clock.advance(700)
    assert shop.product_progress(marketplace=SHOP, key=DRAFT.key, product_id=number).state == ProductState.LIVE
    (product,) = made(imitation)
    assert product.title == "Mug “Forest” with two deer"


# --- variants ---------------------------------------------------------------------------------------------------------
TEES, COTTON = "601194", {"attribute.100701": ("1007011",)}


def tee(*variants: tuple[str, str, str], quantity: int = 5) -> tuple[VariantDraft, ...]:
    return tuple(
        VariantDraft(sku, ((VariantOption.COLOUR, colour), (VariantOption.SIZE, size)), Amount(Decimal("19.90") + number, "USD"), quantity)
        for number, (sku, colour, size) in enumerate(variants)
    )


def tees(shop: TikTokChannel, *variants: VariantDraft, **changed: object) -> ProductDraft:
    package = {name: value for name, value in ANSWERS.items() if name.startswith("package.")}
    about = {"key": variants[0].key, "product_type": TEES, "values": {**package, **COTTON}, "price": variants[0].price, "variants": variants}
    return draft(shop, **{**about, **changed})


def test_variants_become_one_product_whose_skus_are_told_apart_by_the_categorys_attributes(shop: TikTokChannel, imitation: ImitationTikTok) -> None:
    wanted = tees(shop, *tee(("TEE-BM", "Black", "M"), ("TEE-BL", "Black", "l"), ("TEE-SM", "Sand", "M")))
    assert shop.check_product(wanted).accepted
    answer = shop.publish_product(wanted)
    assert (answer.accepted, answer.listing_key) == (True, "TEE-BM")
    (product,) = made(imitation, "TEE-SM")
    told = [(sku.seller_sku, sku.amount, [(row["id"], row["value_name"]) for row in sku.attributes]) for sku in product.skus]
    black, sand = ("100000", "Black"), ("100000", "Sand")  # sand is the seller's own value of TikTok's attribute
    assert told == [
        ("TEE-BM", "19.90", [black, ("100007", "M")]),
        ("TEE-BL", "20.90", [black, ("100007", "L")]),
        ("TEE-SM", "21.90", [sand, ("100007", "M")]),
    ]
    assert [sku.attributes[0]["value_id"] for sku in product.skus[:2]] == ["1000002", "1000002"]
    imitation.clock.advance(700)
    found = listings_of(shop)
    assert {(found[key].family, found[key].variant) for key in ("TEE-BM", "TEE-BL")} == {
        (answer.product_id, "Black, M"),
        (answer.product_id, "Black, L"),
    }


def test_what_a_category_has_no_attribute_for_is_told_by_a_name_of_the_sellers_own(shop: TikTokChannel, imitation: ImitationTikTok) -> None:
    cups = tuple(VariantDraft(f"CUP-{size[:2]}", ((VariantOption.SIZE, size),), DRAFT.price, 5) for size in ("11 oz", "15 oz"))
    assert shop.publish_product(draft(shop, key="CUP-11", variants=cups)).accepted
    (product,) = made(imitation, "CUP-15")
    assert [[(row["name"], row["value_name"]) for row in sku.attributes] for sku in product.skus] == [[("Size", "11 oz")], [("Size", "15 oz")]]


def test_a_refusal_names_the_variants_that_break_the_rule(shop: TikTokChannel) -> None:
    first, second, third = tee(("TEE-BM", "Black", "M"), ("TEE BL", "Black", "L"), ("TEE-SM", "Sand" * 13, "M"))
    answer = shop.check_product(tees(shop, first, second, dataclasses.replace(third, quantity=0)))
    assert {(one.field, one.variant) for one in answer.troubles} == {("sku", "TEE BL"), ("quantity", "TEE-SM"), ("variants", "TEE-SM")}


def test_variants_that_nothing_tells_apart_are_refused_as_a_whole(shop: TikTokChannel) -> None:
    answer = shop.publish_product(tees(shop, *tee(("TEE-BM", "Black", "M"), ("TEE-BM2", "Black", "M"))))
    assert not answer.accepted
    assert [(one.field, one.variant) for one in answer.troubles] == [("variants", "")]


def test_a_change_keeps_the_skus_that_exist_and_drops_those_that_are_left_out(shop: TikTokChannel, imitation: ImitationTikTok) -> None:
    wanted = tee(("TEE-BM", "Black", "M"), ("TEE-BL", "Black", "L"), ("TEE-SM", "Sand", "M"))
    number = shop.publish_product(tees(shop, *wanted)).product_id
    before = {sku.seller_sku: sku.sku_id for sku in made(imitation, "TEE-BM")[0].skus}
    left = (wanted[1], wanted[2], *tee(("TEE-SL", "Sand", "L")))
    assert shop.publish_product(tees(shop, *left, attempt="two", product_id=number)).accepted
    (product,) = made(imitation, "TEE-BL")
    after = {sku.seller_sku: sku.sku_id for sku in product.skus}
    assert list(after) == ["TEE-BL", "TEE-SM", "TEE-SL"]
    assert {key: after[key] for key in ("TEE-BL", "TEE-SM")} == {key: before[key] for key in ("TEE-BL", "TEE-SM")}


def test_skus_in_use_are_found_however_many_are_asked(shop: TikTokChannel, imitation: ImitationTikTok) -> None:
    asked = [f"FREE-{number}" for number in range(12)] + ["MUG-11OZ-BLACK", "TOTE-NATURAL"]
    assert shop.keys_in_use(marketplace=SHOP, keys=asked) == {"MUG-11OZ-BLACK", "TOTE-NATURAL"}
    searches = [entry for entry in imitation.books.requests(limit=100) if entry.operation == "searchProducts"]
    assert len(searches) == 2, "ten of them in one search"


# --- stock ------------------------------------------------------------------------------------------------------------
def test_telling_stock_keeps_what_it_does_not_mention(shop: TikTokChannel, imitation: ImitationTikTok) -> None:
    number = shop.publish_product(draft(shop)).product_id
    imitation.clock.advance(700)
    shop.push_stock(StockNotice(DRAFT.key, number, 4), marketplace=SHOP)
    assert made(imitation)[0].skus[0].inventory == [{"warehouse_id": WORKSHOP, "quantity": 4, "handling_time": 3}]
    notice = StockNotice(DRAFT.key, number, 7, handling_days=2, stock_place=WORKSHOP)
    shop.push_stock(notice, marketplace=SHOP)
    assert shop.stock_of(notice, marketplace=SHOP) == notice


def test_stock_changes_one_variant_and_leaves_the_others(shop: TikTokChannel, imitation: ImitationTikTok) -> None:
    shop.push_stock(StockNotice("MUG-11OZ-BLACK", "", 9), marketplace=SHOP)
    (product,) = made(imitation, "MUG-11OZ-BLACK")
    assert {sku.seller_sku: sku.inventory[0]["quantity"] for sku in product.skus} == {"MUG-11OZ-WHITE": 500, "MUG-11OZ-BLACK": 9}


def test_stock_that_tiktok_declines_is_refused_in_its_words(shop: TikTokChannel) -> None:
    with pytest.raises(Refused, match="warehouse"):
        shop.push_stock(StockNotice("MUG-11OZ-BLACK", "", 9, stock_place="7000000000000000001"), marketplace=SHOP)
    with pytest.raises(NotFound, match="7000000000000000001"):
        shop.stock_of(StockNotice("MUG-11OZ-BLACK", "", 9, stock_place="7000000000000000001"), marketplace=SHOP)


# --- families ---------------------------------------------------------------------------------------------------------
def listings_of(shop: TikTokChannel) -> dict[str, IncomingListing]:
    found: dict[str, IncomingListing] = {}
    page = ""
    while True:
        try:
            answer = shop.listings_page(marketplace=SHOP, page=page)
        except TryLater as error:  # a quota of so many calls a second, and a test that asks faster
            time.sleep(error.wait_s or 0.05)
            continue
        assert not answer.unreadable
        found |= {one.key: one for one in answer.listings}
        page = answer.next_page
        if not page:
            return found


def test_variants_stand_under_their_product_and_single_ones_alone(shop: TikTokChannel) -> None:
    listings = listings_of(shop)
    white, black, tote = listings["MUG-11OZ-WHITE"], listings["MUG-11OZ-BLACK"], listings["TOTE-NATURAL"]
    assert white.family == black.family == white.product_id
    assert (white.family_title, tote.family, tote.family_title) == ("Ceramic mug 11 oz", "", "")


def test_each_variant_is_told_with_its_size_or_colour_and_a_picture_that_can_be_fetched(imitation: ImitationTikTok, shop: TikTokChannel) -> None:
    listings = listings_of(shop)
    white, black = listings["MUG-11OZ-WHITE"], listings["MUG-11OZ-BLACK"]
    assert (white.variant, black.variant) == ("White", "Black")
    assert white.image_url != black.image_url
    assert all(one.image_url.startswith(imitation.url) for one in listings.values())
    assert httpx.get(black.image_url).headers["Content-Type"].startswith("image/")


def test_a_product_that_was_deleted_since_it_was_found_is_no_listing(imitation: ImitationTikTok, shop: TikTokChannel) -> None:
    found = shop.listings_page(marketplace=SHOP)
    assert not found.listings and found.next_page
    (mug, *_others), _count = imitation.books.products(ProductFilter(SHOP, seller_skus=("MUG-11OZ-WHITE",)))
    told = shop.listings_page(marketplace=SHOP, page=found.next_page.replace(mug.product_id, "1729582718399999999"))
    assert told.listings and not told.unreadable
    assert mug.product_id not in {one.product_id for one in told.listings}


# --- prices -----------------------------------------------------------------------------------------------------------
def test_a_price_changes_one_variant_without_an_audit_and_is_read_back(shop: TikTokChannel, imitation: ImitationTikTok) -> None:
    (before,) = made(imitation, "MUG-11OZ-BLACK")
    notice = PriceNotice("MUG-11OZ-BLACK", before.product_id, Amount(Decimal("21.50"), "USD"))
    assert shop.price_of(notice, marketplace=SHOP) != notice
    shop.push_price(notice, marketplace=SHOP)
    assert shop.price_of(notice, marketplace=SHOP) == notice
    (product,) = made(imitation, "MUG-11OZ-BLACK")
    others = {sku.seller_sku: sku.amount for sku in before.skus} | {"MUG-11OZ-BLACK": "21.50"}
    assert {sku.seller_sku: sku.amount for sku in product.skus} == others
    assert product.status == before.status


def test_a_price_that_tiktok_declines_is_refused_in_its_words(shop: TikTokChannel) -> None:
    with pytest.raises(Refused, match="price|currency"):
        shop.push_price(PriceNotice("MUG-11OZ-BLACK", "", Amount(Decimal("21.50"), "EUR")), marketplace=SHOP)
    with pytest.raises(Refused, match="price"):
        shop.push_price(PriceNotice("MUG-11OZ-BLACK", "", Amount(Decimal(90_000), "USD")), marketplace=SHOP)
    with pytest.raises(NotFound):
        shop.push_price(PriceNotice("NO-SUCH-SKU", "", Amount(Decimal("21.50"), "USD")), marketplace=SHOP)
