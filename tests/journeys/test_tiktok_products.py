"""Adding a product to a TikTok Shop, from the catalog to a live, mapped listing whose audit a webhook tells of (requirements GT-19, GT-20)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils.timezone import now

from pod_hub.accounts.actors import Actor
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from stores.models import Listing, Publication, StockPush
from stores.sandbox.tiktok.records import Product, ProductFilter
from stores.services import adding_products as adding
from stores.services.adding_products import Details
from stores.services.prices import push_prices_next, set_price
from stores.services.stock import push_stock_next, set_stock
from tests.factories.workers import publish_due
from tests.journeys.tiktok_stage import SHOP, TikTokStage

pytestmark = pytest.mark.django_db
SKU = "MUG-TEAL"
ANSWERS = {"attribute.100157": "1001571", "package.weight": "0.9", "package.length": "6", "package.width": "6", "package.height": "5"}


def seen(on: TikTokStage, row: Publication) -> Publication:
    with tenant(on.house.psp.pk):
        found: Publication = Publication.objects.select_related("listing").get(pk=row.pk)
    return found


def filled(on: TikTokStage, **answers: str) -> Publication:
    """Take the steps of the pages, up to the details."""
    house = on.house
    with tenant(house.psp.pk):
        row = adding.start_publication(store_id=on.store.pk, customer_product_id=house.mug.pk, actor=Actor.person(house.owner))
        adding.choose_design(publication_id=row.pk, design_id=house.design.pk)
        adding.search_types(publication_id=row.pk, words="mug")
    publish_due()
    (option, *_rest) = seen(on, row).type_options
    with tenant(house.psp.pk):
        adding.choose_type(publication_id=row.pk, product_type=option["id"])
    publish_due()
    wanted = Details(
        title="Mug “Teal” for tea", description="A teal mug.", brand="Generic", price=Decimal("16.90"), sku=SKU, quantity=20, handling_days=3,
        values=ANSWERS | answers,
    )  # fmt: skip
    with tenant(house.psp.pk):
        return adding.save_details(publication_id=row.pk, details=wanted)


def published(on: TikTokStage) -> Publication:
    row = filled(on)
    with tenant(on.house.psp.pk):
        adding.ask_check(publication_id=row.pk)
    publish_due()
    with tenant(on.house.psp.pk):
        adding.ask_publish(publication_id=row.pk, actor=Actor.person(on.house.owner))
    publish_due()
    return seen(on, row)


def there(on: TikTokStage) -> list[Product]:
    return on.tiktok.books.products(ProductFilter(shop_id=SHOP.shop_id, seller_skus=(SKU,)), limit=10)[0]


def test_a_product_is_live_and_mapped_as_soon_as_tiktok_tells_that_its_audit_ended(on: TikTokStage) -> None:
    row = published(on)
    assert (row.state, row.asks, there(on)[0].status) == (Publication.State.SUBMITTED, Publication.Asks.PROGRESS, "PENDING")
    with tenant(on.house.psp.pk):
        Publication.objects.filter(pk=row.pk).update(not_before=now().replace(year=2030))  # only a webhook makes it due
    on.later(minutes=11)
    on.hear()
    publish_due()
    row = seen(on, row)
    assert (row.state, row.channel_state, row.delivery) == (Publication.State.LIVE, "ACTIVATE", Delivery.CONFIRMED)
    with tenant(on.house.psp.pk):
        listing = Listing.objects.get(store=on.store, key=SKU)
        assert listing.mappings.get(retired_at=None).parts.get().customer_product_id == on.house.mug.pk
    (product,) = there(on)
    assert (product.product_id, product.skus[0].amount) == (row.product_id, "16.90")
    placed = on.buy(sku=SKU)
    assert on.holds(placed) == [], "its first order prints at once"


def test_a_product_that_fails_its_audit_says_why(on: TikTokStage) -> None:
    on.tiktok.scenario("audit_fails")
    row = published(on)
    on.later(minutes=11)
    on.hear()
    publish_due()
    row = seen(on, row)
    assert row.state == Publication.State.REJECTED
    assert "trademark" in row.troubles[0]["words"]


def test_what_tiktok_finds_missing_stands_at_its_field_and_nothing_is_made(on: TikTokStage) -> None:
    row = filled(on, **{"package.height": "4.5"})
    with tenant(on.house.psp.pk):
        adding.ask_check(publication_id=row.pk)
    publish_due()
    assert [trouble["field"] for trouble in seen(on, row).troubles] == ["package.height"]
    assert there(on) == []


def test_stock_is_told_and_read_back(on: TikTokStage) -> None:
    published(on)
    on.later(minutes=11)
    on.hear()
    publish_due()
    with tenant(on.house.psp.pk):
        listing = Listing.objects.get(store=on.store, key=SKU)
        set_stock(listing_id=listing.pk, quantity=7, handling_days=2, actor=Actor.person(on.house.owner))
    for _turn in range(4):
        push_stock_next()
        on.later(minutes=2)
    assert there(on)[0].skus[0].inventory[0] | {"warehouse_id": ""} == {"warehouse_id": "", "quantity": 7, "handling_time": 2}
    with tenant(on.house.psp.pk):
        assert StockPush.objects.get(listing=listing).delivery == Delivery.CONFIRMED


def test_a_price_is_told_and_read_back_without_another_audit(on: TikTokStage) -> None:
    published(on)
    on.later(minutes=11)
    on.hear()
    publish_due()
    with tenant(on.house.psp.pk):
        listing = Listing.objects.get(store=on.store, key=SKU)
        set_price(listing_id=listing.pk, amount=Decimal("19.40"), actor=Actor.person(on.house.owner))
    for _turn in range(4):
        push_prices_next()
        on.later(minutes=2)
    (product,) = there(on)
    assert (product.skus[0].amount, product.status) == ("19.40", "ACTIVATE")
    with tenant(on.house.psp.pk):
        listing.refresh_from_db()
        assert (listing.price, listing.wanted_price.delivery, listing.wanted_price.before) == (Decimal("19.40"), Delivery.CONFIRMED, Decimal("16.90"))
