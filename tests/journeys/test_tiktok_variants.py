"""Several variants of one product of the catalog become one product of a TikTok Shop, whatever happens on the way (requirements GT-19, GT-20)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from catalog.models import CustomerProduct
from orders.models import OrderLine
from pod_hub.accounts.actors import Actor
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from stores.models import Listing, Publication, PublicationVariant, StockPush
from stores.publishing_errors import CannotAdd
from stores.publishing_selectors import units_of
from stores.sandbox.tiktok.records import Product, ProductFilter
from stores.services import adding_products as adding
from stores.services import publishing
from stores.services.adding_products import Details, VariantDetails
from stores.services.product_variants import choose_variants
from stores.services.publishing import publish_next
from stores.services.syncing import start_sync, sync_next
from tests.factories.variants import BLACK_L, BLACK_M, WHITE_M, shirt_design, shirts
from tests.factories.workers import dying_at, publish_due
from tests.journeys.tiktok_stage import SHOP, TikTokStage

pytestmark = pytest.mark.django_db
TEES = "601194"
ANSWERS: dict[str, str | tuple[str, ...]] = {
    "attribute.100701": ("1007011",),
    "package.weight": "0.4",
    "package.length": "9",
    "package.width": "7",
    "package.height": "1",
}
SKUS = {BLACK_M: "TEE-1", BLACK_L: "TEE-2", WHITE_M: "TEE-3"}
Shirts = dict[tuple[str, str], CustomerProduct]


def seen(on: TikTokStage, row: Publication) -> Publication:
    with tenant(on.house.psp.pk):
        found: Publication = Publication.objects.select_related("listing", "store__customer", "customer_product__product_model").get(pk=row.pk)
    return found


@pytest.fixture
def tees(on: TikTokStage) -> Shirts:
    with tenant(on.house.psp.pk):
        return shirts(on.house)


def details(row: Publication, **changed: object) -> Details:
    """What people fill in: everything, and another price and stock for the second variant."""
    second = row.variants.get(position=1)
    given = Details(
        title="Shirt “Anchor”",
        description="A soft shirt.",
        brand="Generic",
        price=Decimal("19.90"),
        sku=row.sku,
        quantity=20,
        handling_days=3,
        values=ANSWERS,
        variants={second.public_id: VariantDetails(price=Decimal("21.90"), sku=second.sku, quantity=7)},
    )
    return replace(given, **changed)  # type: ignore[arg-type]


def filled(on: TikTokStage, tees: Shirts) -> Publication:
    """Take the steps of the pages for all three shirts, up to the details."""
    house = on.house
    with tenant(house.psp.pk):
        row = adding.start_publication(store_id=on.store.pk, customer_product_id=tees[BLACK_M].pk, actor=Actor.person(house.owner))
        choose_variants(publication_id=row.pk, product_ids=[product.pk for product in tees.values()])
        adding.choose_design(publication_id=row.pk, design_id=shirt_design(house).pk)
        adding.choose_type(publication_id=row.pk, product_type=TEES)
    publish_due()
    with tenant(house.psp.pk):
        row = Publication.objects.get(pk=row.pk)
        adding.save_details(publication_id=row.pk, details=details(row))
        # The third one keeps what was suggested, but a price: it was begun before the first had one.
        third = row.variants.get(position=2)
        more = {third.public_id: VariantDetails(price=Decimal("19.90"), sku=third.sku, quantity=20)}
        return adding.save_details(publication_id=row.pk, details=details(row, variants=more))


def checked(on: TikTokStage, tees: Shirts) -> Publication:
    row = filled(on, tees)
    check(on, row)
    return row


def check(on: TikTokStage, row: Publication) -> None:
    with tenant(on.house.psp.pk):
        adding.ask_check(publication_id=row.pk)
    publish_due()


def publish(on: TikTokStage, row: Publication) -> None:
    with tenant(on.house.psp.pk):
        adding.ask_publish(publication_id=row.pk, actor=Actor.person(on.house.owner))


def audited(on: TikTokStage) -> None:
    on.later(minutes=11)
    on.hear()
    publish_due()


def published(on: TikTokStage, tees: Shirts) -> Publication:
    row = checked(on, tees)
    publish(on, row)
    publish_due()
    audited(on)
    return seen(on, row)


def there(on: TikTokStage, *skus: str) -> list[Product]:
    return on.tiktok.books.products(ProductFilter(shop_id=SHOP.shop_id, seller_skus=skus or tuple(SKUS.values())), limit=10)[0]


# --- the whole way ----------------------------------------------------------------------------------------------------
def test_variants_are_one_product_there_and_a_mapped_listing_each_here(on: TikTokStage, tees: Shirts) -> None:
    row = published(on, tees)
    assert (row.state, row.delivery, row.troubles) == (Publication.State.LIVE, Delivery.CONFIRMED, [])
    (product,) = there(on)
    assert product.product_id == row.product_id
    shown = [(sku.seller_sku, sku.amount, sku.inventory[0]["quantity"], [part["value_name"] for part in sku.attributes]) for sku in product.skus]
    assert shown == [("TEE-1", "19.90", 20, ["Black", "M"]), ("TEE-2", "21.90", 7, ["Black", "L"]), ("TEE-3", "19.90", 20, ["White", "M"])]
    with tenant(on.house.psp.pk):
        for kind, sku in SKUS.items():
            listing = Listing.objects.get(store=on.store, key=sku)
            part = listing.mappings.get(retired_at=None).parts.get()
            assert (part.customer_product_id, part.design_id) == (tees[kind].pk, row.design_id)
            assert (listing.family, listing.family_title, listing.variant) == (row.product_id, "Shirt “Anchor”", ", ".join(kind))
            assert (listing.product_id, listing.gone_at, listing.channel_state) == (row.product_id, None, "ACTIVATE")
        assert dict(StockPush.objects.values_list("listing__key", "quantity")) == {"TEE-1": 20, "TEE-2": 7, "TEE-3": 20}


def test_an_order_of_any_variant_prints_at_once_as_what_was_bought(on: TikTokStage, tees: Shirts) -> None:
    published(on, tees)
    placed = on.buy(sku="TEE-3")
    assert on.holds(placed) == []
    with tenant(on.house.psp.pk):
        line = OrderLine.objects.get(order__external_id=placed.order_id)
        assert line.customer_product_id == tees[WHITE_M].pk


def test_a_sync_finds_nothing_to_change_in_what_was_published(on: TikTokStage, tees: Shirts) -> None:
    published(on, tees)
    with tenant(on.house.psp.pk):
        names = ("family", "family_title", "variant", "title", "price", "quantity", "sku", "product_id")
        before = list(Listing.objects.filter(key__in=SKUS.values()).order_by("key").values(*names))
        start_sync(store_id=on.store.pk)
    for _turn in range(20):
        sync_next()
        on.later(seconds=30)
    with tenant(on.house.psp.pk):
        assert list(Listing.objects.filter(key__in=SKUS.values()).order_by("key").values(*names)) == before


# --- once, whatever happens -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("point", ["publish.leased", "publish.sending", "publish.answered", "publish.settling"])
def test_a_worker_that_dies_anywhere_leaves_one_product_with_all_its_variants(on: TikTokStage, tees: Shirts, point: str) -> None:
    row = checked(on, tees)
    publish(on, row)

    with dying_at(point, publishing):
        publish_next()
    on.later(minutes=2)  # its lease runs out
    publish_due()
    assert seen(on, row).asks == Publication.Asks.PROGRESS
    audited(on)
    assert seen(on, row).state == Publication.State.LIVE
    (product,) = there(on)
    assert [sku.seller_sku for sku in product.skus] == list(SKUS.values())
    with tenant(on.house.psp.pk):
        assert [listing.mappings.count() for listing in Listing.objects.filter(key__in=SKUS.values())] == [1, 1, 1]


@pytest.mark.parametrize("scenario", ["create_lost_after_success", "create_lost_before_effect"])
def test_an_answer_that_is_lost_leaves_one_product_with_all_its_variants(on: TikTokStage, tees: Shirts, scenario: str) -> None:
    row = checked(on, tees)
    on.tiktok.scenario(scenario)
    publish(on, row)
    publish_due()
    assert seen(on, row).asks == Publication.Asks.PUBLISH
    on.later(minutes=20)
    publish_due()
    audited(on)
    assert seen(on, row).state == Publication.State.LIVE
    assert len(there(on)) == 1
    with tenant(on.house.psp.pk):
        assert Listing.objects.filter(store=on.store, key__in=SKUS.values(), state=Listing.State.MAPPED).count() == 3


def test_a_sku_that_the_marketplace_knows_refuses_the_whole_product_and_names_the_variant(on: TikTokStage, tees: Shirts) -> None:
    row = filled(on, tees)
    with tenant(on.house.psp.pk):
        taken = {row.variants.get(position=2).public_id: VariantDetails(price=Decimal("19.90"), sku="MUG-11OZ-BLACK", quantity=20)}
        adding.save_details(publication_id=row.pk, details=details(row, variants=taken))
    check(on, row)
    publish(on, row)
    publish_due()
    row = seen(on, row)
    assert (row.state, row.sent_at) == (Publication.State.REJECTED, None)
    assert [(one["field"], one["variant"]) for one in row.troubles] == [("sku", "MUG-11OZ-BLACK")]
    assert there(on, "TEE-1", "TEE-2") == [], "nothing was sent"


# --- rejected ---------------------------------------------------------------------------------------------------------
def test_what_the_check_finds_wrong_names_the_variant_and_nothing_is_made(on: TikTokStage, tees: Shirts) -> None:
    row = filled(on, tees)
    with tenant(on.house.psp.pk):
        second = row.variants.get(position=1)
        none_left = {second.public_id: VariantDetails(price=Decimal("21.90"), sku=second.sku, quantity=0)}
        adding.save_details(publication_id=row.pk, details=details(row, variants=none_left))
    check(on, row)
    assert [(one["field"], one["variant"]) for one in seen(on, row).troubles] == [("quantity", "TEE-2")]
    assert there(on) == []


def test_a_rejected_product_loses_a_variant_and_is_published_again(on: TikTokStage, tees: Shirts) -> None:
    on.tiktok.scenario("audit_fails")
    row = published(on, tees)
    assert row.state == Publication.State.REJECTED
    number, actor = row.product_id, Actor.person(on.house.owner)
    with tenant(on.house.psp.pk):
        assert Listing.objects.filter(key__in=SKUS.values(), gone_at=None).count() == 0, "nobody can buy any of them"
        choose_variants(publication_id=row.pk, product_ids=[tees[BLACK_L].pk, tees[WHITE_M].pk])
    publish_due()
    check(on, row)
    with tenant(on.house.psp.pk):
        adding.ask_publish(publication_id=row.pk, actor=actor)
    publish_due()
    audited(on)
    row = seen(on, row)
    assert (row.state, row.product_id, row.sku) == (Publication.State.LIVE, number, "TEE-2")
    (product,) = there(on)
    assert [sku.seller_sku for sku in product.skus] == ["TEE-2", "TEE-3"]
    with tenant(on.house.psp.pk):
        gone = dict(Listing.objects.filter(key__in=SKUS.values()).values_list("key", "gone_at"))
    assert gone["TEE-1"] is not None and gone["TEE-2"] is gone["TEE-3"] is None


def test_another_sku_of_a_rejected_product_is_asked_for_before_it_is_sent(on: TikTokStage, tees: Shirts) -> None:
    on.tiktok.scenario("audit_fails")
    row = published(on, tees)
    with tenant(on.house.psp.pk):
        taken = {row.variants.get(position=2).public_id: VariantDetails(price=Decimal("19.90"), sku="MUG-11OZ-BLACK", quantity=20)}
        adding.save_details(publication_id=row.pk, details=details(row, variants=taken))
    check(on, row)
    publish(on, row)
    publish_due()
    assert [(one["field"], one["variant"]) for one in seen(on, row).troubles] == [("sku", "MUG-11OZ-BLACK")]
    assert [sku.seller_sku for sku in there(on)[0].skus] == list(SKUS.values())


def test_a_product_that_the_marketplace_has_with_variants_keeps_at_least_two(on: TikTokStage, tees: Shirts) -> None:
    on.tiktok.scenario("audit_fails")
    row = published(on, tees)
    with tenant(on.house.psp.pk):
        with pytest.raises(CannotAdd, match="at least two"):
            choose_variants(publication_id=row.pk, product_ids=[tees[BLACK_L].pk])
        assert PublicationVariant.objects.filter(publication=row).count() == 2
        assert len(units_of(Publication.objects.get(pk=row.pk))) == 3
