"""Choosing the variants of a product that is added, and what its pages show of them (stores/services/product_variants.py, stores/views/adding.py)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from catalog.models import CustomerProduct, Mockup, PrintArea, ProductGrant, Variant
from pod_hub.accounts.actors import Actor
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from stores.channels.publishing_types import VariantOption
from stores.models import Connection, Listing, Publication, PublicationVariant, Store
from stores.publishing_errors import CannotAdd
from stores.publishing_selectors import offered_variants, units_of
from stores.services import adding_products as adding
from stores.services.adding_products import Details, VariantDetails
from stores.services.product_variants import choose_variants
from stores.services.publication_skus import suggested_sku
from stores.variant_options import told_apart
from tests.factories.browsers import browser_of
from tests.factories.cast import House
from tests.factories.variants import BLACK_L, BLACK_M, WHITE_M, shirt_design, shirts

pytestmark = pytest.mark.django_db
Shirts = dict[tuple[str, str], CustomerProduct]


@pytest.fixture
def shop(north: House) -> Store:
    """A TikTok Shop of the house's customer, which takes products with variants."""
    with tenant(north.psp.pk):
        store = Store.objects.create(
            customer=north.customer, facility=north.facility, kind="tiktok", name="Ada on TikTok", marketplace="US", shop_number="749"
        )
        Connection.objects.create(store=store, authorization=north.connection.authorization, state=Connection.State.CONNECTED)
    return store


@pytest.fixture
def tees(north: House) -> Shirts:
    with tenant(north.psp.pk):
        return shirts(north)


def begun(house: House, store: Store, product: CustomerProduct) -> Publication:
    row = adding.start_publication(store_id=store.pk, customer_product_id=product.pk, actor=Actor.person(house.owner))
    return reread(row)


def reread(row: Publication) -> Publication:
    rows = Publication.objects.select_related("store__customer", "customer_product__product_model", "customer_product__model_variant")
    found: Publication = rows.get(pk=row.pk)
    return found


def details(row: Publication, **changed: Any) -> Details:
    given: dict[str, Any] = {"title": "Shirt", "description": "Soft.", "brand": "Generic", "price": Decimal("19.90"), "sku": row.sku, "quantity": 20}
    return Details(**{**given, "handling_days": None, "values": {}, **changed})


def all_of(tees: Shirts) -> list[int]:
    return [product.pk for product in tees.values()]


# --- what is offered --------------------------------------------------------------------------------------------------
def test_the_sizes_and_colours_that_the_customer_may_use_are_offered_in_the_catalogs_order(north: House, shop: Store, tees: Shirts) -> None:
    with tenant(north.psp.pk):
        CustomerProduct.objects.filter(pk=tees[WHITE_M].pk).update(for_all_customers=False)  # granted to nobody
        row = begun(north, shop, tees[BLACK_L])
        assert [product.uid for product in offered_variants(row)] == ["TEE-1", "TEE-2"]
        ProductGrant.objects.create(customer_product=tees[WHITE_M], customer=north.customer)
        assert [product.uid for product in offered_variants(row)] == ["TEE-1", "TEE-2", "TEE-3"]
        assert offered_variants(begun(north, shop, north.mug)) == [], "it has no siblings"
        assert offered_variants(begun(north, north.store, tees[BLACK_L])) == [], "Amazon takes each singly"


def test_what_the_catalog_does_not_tell_apart_is_no_variant(north: House, shop: Store, tees: Shirts) -> None:
    with tenant(north.psp.pk):
        black = tees[BLACK_M]
        CustomerProduct.objects.create(
            product_model=black.product_model, model_variant=black.model_variant, uid="TEE-1-RUSH", name="Shirt", variant=black.variant,
            price=9, currency="USD", for_all_customers=True,
        )  # fmt: skip
        assert [product.uid for product in offered_variants(begun(north, shop, black))] == ["TEE-1", "TEE-2", "TEE-3"]


def test_colour_and_size_tell_variants_apart_and_else_what_they_are_called(north: House, tees: Shirts) -> None:
    with tenant(north.psp.pk):
        both = [tees[BLACK_M], tees[WHITE_M]]
        assert told_apart(both) == [
            ((VariantOption.COLOUR, "Black"), (VariantOption.SIZE, "M")),
            ((VariantOption.COLOUR, "White"), (VariantOption.SIZE, "M")),
        ]
        Variant.objects.filter(customer_products=both[0]).update(colour="")  # one has a colour, the other one has none
        both = list(CustomerProduct.objects.filter(pk__in=[one.pk for one in both]).select_related("model_variant").order_by("uid"))
        assert told_apart(both) == [((VariantOption.KIND, "Black / M"),), ((VariantOption.KIND, "White / M"),)]
        CustomerProduct.objects.filter(pk__in=[one.pk for one in both]).update(variant="")
        assert told_apart(list(CustomerProduct.objects.filter(pk__in=[one.pk for one in both]).select_related("model_variant"))) == []


# --- choosing ---------------------------------------------------------------------------------------------------------
def test_chosen_variants_get_skus_of_their_own_and_the_firsts_price_and_quantity(north: House, shop: Store, tees: Shirts) -> None:
    with tenant(north.psp.pk):
        Listing.objects.create(store=shop, key="TEE-3", title="taken")
        row = begun(north, shop, tees[BLACK_L])
        adding.save_details(publication_id=row.pk, details=details(row))
        choose_variants(publication_id=row.pk, product_ids=all_of(tees))
        units = units_of(reread(row))
        assert [(unit.customer_product.uid, unit.sku, unit.price, unit.quantity) for unit in units] == [
            ("TEE-2", "TEE-2", Decimal("19.90"), 20),  # what was picked stays the first
            ("TEE-1", "TEE-1", Decimal("19.90"), 20),
            ("TEE-3", "TEE-3-2", Decimal("19.90"), 20),
        ]
        assert suggested_sku(shop, "TEE-3") == "TEE-3-3"


def test_a_name_that_nobody_changed_leaves_out_what_tells_the_variants_apart(north: House, shop: Store, tees: Shirts) -> None:
    with tenant(north.psp.pk):
        row = begun(north, shop, tees[BLACK_M])
        assert row.title == "Shirt, Black / M"
        assert choose_variants(publication_id=row.pk, product_ids=all_of(tees)).title == "Shirt"
        assert choose_variants(publication_id=row.pk, product_ids=[tees[WHITE_M].pk]).title == "Shirt, White / M"
        adding.save_details(publication_id=row.pk, details=details(row, title="Anchor"))
        assert choose_variants(publication_id=row.pk, product_ids=all_of(tees)).title == "Anchor"


def test_variants_come_and_go_while_the_product_is_a_draft_and_one_alone_is_none(north: House, shop: Store, tees: Shirts) -> None:
    with tenant(north.psp.pk):
        row = begun(north, shop, tees[BLACK_M])
        choose_variants(publication_id=row.pk, product_ids=all_of(tees))
        second = row.variants.get(position=1)
        mine = {second.public_id: VariantDetails(price=Decimal("25.00"), sku="MINE", quantity=3)}
        attempt = adding.save_details(publication_id=row.pk, details=details(row, variants=mine)).attempt
        choose_variants(publication_id=row.pk, product_ids=[tees[BLACK_L].pk, tees[WHITE_M].pk])
        row = reread(row)
        assert [(unit.customer_product.uid, unit.sku) for unit in units_of(row)] == [("TEE-2", "MINE"), ("TEE-3", "TEE-3")]
        assert (row.price, row.quantity) == (Decimal("25.00"), 3)
        assert row.attempt != attempt, "what was checked before is another product"
        choose_variants(publication_id=row.pk, product_ids=[tees[WHITE_M].pk])
        assert not PublicationVariant.objects.exists()
        assert reread(row).sku == "TEE-3"


def test_choosing_the_same_again_changes_nothing(north: House, shop: Store, tees: Shirts) -> None:
    with tenant(north.psp.pk):
        row = begun(north, shop, tees[BLACK_M])
        choose_variants(publication_id=row.pk, product_ids=all_of(tees))
        before = reread(row).attempt
        choose_variants(publication_id=row.pk, product_ids=all_of(tees))
        assert reread(row).attempt == before


def test_a_product_that_is_not_offered_is_no_variant(north: House, shop: Store, tees: Shirts) -> None:
    with tenant(north.psp.pk):
        row = begun(north, shop, tees[BLACK_M])
        for products in ([tees[BLACK_M].pk, north.mug.pk], []):
            with pytest.raises(CannotAdd, match="not offered"):
                choose_variants(publication_id=row.pk, product_ids=products)
        single = begun(north, north.store, tees[BLACK_M])
        with pytest.raises(CannotAdd, match="not offered"):
            choose_variants(publication_id=single.pk, product_ids=all_of(tees))


def test_mockups_of_the_first_variant_come_before_those_of_the_others(north: House, shop: Store, tees: Shirts) -> None:
    with tenant(north.psp.pk):
        area = PrintArea.objects.get(product_model__sku="BLANK-TEE")
        for position, kind in enumerate((WHITE_M, BLACK_M)):
            Mockup.objects.create(
                product_model=area.product_model, print_area=area, variant=tees[kind].model_variant, picture_name="m.png", width_px=900,
                height_px=900, position=position,
            )  # fmt: skip
        row = begun(north, shop, tees[BLACK_M])
        adding.choose_design(publication_id=row.pk, design_id=shirt_design(north).pk)
        assert [one.mockup.variant_id for one in row.pictures.all()] == [tees[BLACK_M].model_variant_id]
        choose_variants(publication_id=row.pk, product_ids=all_of(tees))
        assert [one.mockup.variant_id for one in row.pictures.all()] == [tees[BLACK_M].model_variant_id, tees[WHITE_M].model_variant_id]


# --- SKUs -------------------------------------------------------------------------------------------------------------
def test_a_sku_that_anything_in_the_store_has_is_refused_at_its_variant(north: House, shop: Store, tees: Shirts) -> None:
    with tenant(north.psp.pk):
        Listing.objects.create(store=shop, key="SOLD", title="sold")
        begun(north, shop, north.mug)
        row = begun(north, shop, tees[BLACK_M])
        choose_variants(publication_id=row.pk, product_ids=all_of(tees))
        second = row.variants.get(position=1)
        for sku, said in (("SOLD", "Another product"), ("MUG-11", "being added"), ("TEE-1", "Two of the variants")):
            given = {second.public_id: VariantDetails(price=Decimal(20), sku=sku, quantity=1)}
            with pytest.raises(CannotAdd, match=said) as refused:
                adding.save_details(publication_id=row.pk, details=details(row, variants=given))
            assert refused.value.field in {f"sku-{second.public_id}", "sku"}
        mug = begun(north, shop, north.mug)
        with pytest.raises(CannotAdd, match="being added"):
            adding.save_details(publication_id=mug.pk, details=details(mug, sku="TEE-2"))


def test_two_variants_may_change_places(north: House, shop: Store, tees: Shirts) -> None:
    with tenant(north.psp.pk):
        row = begun(north, shop, tees[BLACK_M])
        choose_variants(publication_id=row.pk, product_ids=all_of(tees))
        second, third = row.variants.all()
        swapped = {one.public_id: VariantDetails(price=Decimal(20), sku=other.sku, quantity=1) for one, other in ((second, third), (third, second))}
        adding.save_details(publication_id=row.pk, details=details(row, variants=swapped))
        assert list(row.variants.values_list("sku", flat=True)) == ["TEE-3", "TEE-2"]


def test_the_database_knows_one_sku_per_store_and_no_store_but_the_publications(north: House, shop: Store, tees: Shirts) -> None:
    with tenant(north.psp.pk):
        row = begun(north, shop, tees[BLACK_M])
        other = begun(north, shop, tees[BLACK_M])
        choose_variants(publication_id=row.pk, product_ids=all_of(tees))
        for publication, store in ((other, shop), (row, north.store)):
            with pytest.raises(IntegrityError), transaction.atomic():
                PublicationVariant.objects.create(publication=publication, store=store, customer_product=north.mug, position=9, sku="TEE-2")
                with transaction.get_connection().cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_giving_a_product_up_frees_the_skus_of_its_variants(north: House, shop: Store, tees: Shirts) -> None:
    with tenant(north.psp.pk):
        row = begun(north, shop, tees[BLACK_M])
        choose_variants(publication_id=row.pk, product_ids=all_of(tees))
        adding.drop_publication(publication_id=row.pk)
        assert suggested_sku(shop, "TEE-2") == "TEE-2"


# --- pages ------------------------------------------------------------------------------------------------------------
def in_variants(north: House, shop: Store, tees: Shirts, **changed: Any) -> Publication:
    with tenant(north.psp.pk):
        row = begun(north, shop, tees[BLACK_M])
        choose_variants(publication_id=row.pk, product_ids=all_of(tees))
        Publication.objects.filter(pk=row.pk).update(**{"product_type": "TEE", "price": Decimal("19.90")} | changed)
        return reread(row)


def page(house: House, name: str, row: Publication) -> str:
    answer = browser_of(house.owner).get(reverse(f"stores:{name}", args=[row.public_id]))
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_picking_a_product_with_siblings_offers_them_unticked_and_all_at_once_by_choice(north: House, shop: Store, tees: Shirts) -> None:
    browser = browser_of(north.owner)
    answer = browser.post(reverse("stores:add_product", args=[shop.public_id]), {"product": tees[BLACK_M].public_id}, follow=True)
    with tenant(north.psp.pk):
        row = Publication.objects.get()
    address = reverse("stores:product_variants", args=[row.public_id])
    assert answer.redirect_chain[-1][0] == address
    ticked = re.compile(r'name="products" value="(prd_\w+)" checked')
    assert ticked.findall(answer.content.decode()) == [tees[BLACK_M].public_id]
    assert len(ticked.findall(browser.get(address, {"tick": "all"}).content.decode())) == 3
    chosen = {"products": [tees[BLACK_M].public_id, tees[WHITE_M].public_id]}
    assert browser.post(address, chosen)["Location"] == reverse("stores:product_design", args=[row.public_id])
    assert ticked.findall(browser.get(address).content.decode()) == chosen["products"]
    assert address in page(north, "product_design", row), "the way back is a step"


def test_going_on_without_a_tick_makes_a_product_without_variants(north: House, shop: Store, tees: Shirts) -> None:
    with tenant(north.psp.pk):
        row = begun(north, shop, tees[BLACK_M])
    address = reverse("stores:product_variants", args=[row.public_id])
    browser_of(north.owner).post(address, {"products": [tees[BLACK_M].public_id]})
    with tenant(north.psp.pk):
        assert not PublicationVariant.objects.exists()
    text = page(north, "product_details", row)
    assert 'id="id_sku"' in text and "<table" not in text[text.index("<main") :]


def test_choosing_none_or_what_is_not_offered_is_refused(north: House, shop: Store, tees: Shirts) -> None:
    with tenant(north.psp.pk):
        row = begun(north, shop, tees[BLACK_M])
    address, browser = reverse("stores:product_variants", args=[row.public_id]), browser_of(north.owner)
    for products, said in (([], "Choose at least one variant."), ([north.mug.public_id], "not offered")):
        answer = browser.post(address, {"products": products})
        assert answer.status_code == 422
        assert said in answer.content.decode()


def test_a_channel_that_takes_no_variants_says_so_where_products_are_picked(north: House, tees: Shirts) -> None:
    words = "added to Amazon one by one"
    browser = browser_of(north.owner)
    address = reverse("stores:add_product", args=[north.store.public_id])
    assert words in browser.get(address).content.decode()
    answer = browser.post(address, {"product": tees[BLACK_M].public_id}, follow=True)
    assert answer.redirect_chain[-1][0].endswith("/design/"), "nothing is offered that cannot be"
    assert ">Variants<" not in answer.content.decode()
    assert words not in browser.get(address, {"q": "mug"}).content.decode(), "what has one kind only needs no such words"


def test_each_variant_has_a_row_of_sku_price_and_quantity_and_the_rest_is_said_once(north: House, shop: Store, tees: Shirts) -> None:
    row = in_variants(north, shop, tees)
    text = page(north, "product_details", row)
    assert 'href="#id_price-' not in text, "nothing is wrong with what nobody has sent"
    table = text[text.index("<table") : text.index("</table>")]
    assert re.findall(r'<th scope="row">([^<]+)</th>', table) == ["Black / M", "Black / L", "White / M"]
    assert re.findall(r'name="sku[^"]*" value="([^"]+)"', table) == ["TEE-1", "TEE-2", "TEE-3"]
    assert "SKU of White / M" in table and text.count('id="id_title"') == 1 and text.count('id="id_price"') == 1
    with tenant(north.psp.pk):
        second, third = row.variants.all()
    given = {"title": "Shirt", "description": "Soft", "brand": "Generic", "price": "19.90", "sku": "TEE-1", "quantity": "20", "do": "on"}
    more = {
        f"{name}-{one.public_id}": value
        for one, values in ((second, ("L-1", "21.90", "7")), (third, ("W-1", "22.90", "8")))
        for name, value in zip(("sku", "price", "quantity"), values, strict=True)
    }
    browser, address = browser_of(north.owner), reverse("stores:product_details", args=[row.public_id])
    assert browser.post(address, given | more)["Location"] == reverse("stores:product_publish", args=[row.public_id])
    with tenant(north.psp.pk):
        assert list(row.variants.values_list("sku", "price", "quantity")) == [("L-1", Decimal("21.90"), 7), ("W-1", Decimal("22.90"), 8)]
    browser.post(address, given | more | {f"price-{second.public_id}": ""})
    with tenant(north.psp.pk):
        assert row.variants.get(position=1).price == Decimal("19.90"), "without a price of its own it costs what the first costs"
    refused = browser.post(address, given | more | {f"sku-{third.public_id}": "TWO WORDS", f"price-{second.public_id}": "cheap"}).content.decode()
    summary = refused[refused.index("hub-error-summary") : refused.index("<form", refused.index("hub-error-summary"))]
    assert f'href="#id_price-{second.public_id}"' in summary and f'href="#id_sku-{third.public_id}"' in summary
    assert "SKU of White / M" in summary
    first = browser.post(address, given | more | {"price": ""}).content.decode()
    assert 'href="#id_price">Price of Black / M</a>' in first
    unfinished = browser.post(address, given | {"price": "", "do": "variants"})
    assert unfinished["Location"] == reverse("stores:product_variants", args=[row.public_id]), "what was typed is kept on the way"


def test_what_the_marketplace_says_of_a_variant_names_it_and_stands_at_its_field(north: House, shop: Store, tees: Shirts) -> None:
    trouble = {"severity": "error", "words": "Too few of it.", "field": "quantity", "code": "1", "variant": "TEE-2"}
    row = in_variants(north, shop, tees, troubles=[trouble, trouble | {"words": "No.", "field": "sku", "variant": ""}], state="rejected")
    with tenant(north.psp.pk):
        second = row.variants.get(position=1)
    publish = page(north, "product_publish", row)
    assert "Quantity of Black / L" in publish
    assert f"{reverse('stores:product_details', args=[row.public_id])}#id_quantity-{second.public_id}" in publish
    text = page(north, "product_details", row)
    assert "Too few of it." in text[text.index(f'id="id_quantity-{second.public_id}_error"') :]


def test_what_a_variant_lacks_is_listed_with_the_way_to_it(north: House, shop: Store, tees: Shirts) -> None:
    row = in_variants(north, shop, tees)
    with tenant(north.psp.pk):
        row.variants.filter(position=2).update(sku="")
        third = row.variants.get(position=2)
    text = page(north, "product_publish", row)
    assert "SKU of White / M" in text and f"#id_sku-{third.public_id}" in text
    assert "Price of Black / L" in text, "the first had no price when it was chosen"


def test_variants_that_the_catalog_stopped_telling_apart_are_not_published(north: House, shop: Store, tees: Shirts) -> None:
    row = in_variants(north, shop, tees)
    with tenant(north.psp.pk):
        CustomerProduct.objects.filter(pk__in=all_of(tees)).update(variant="", model_variant=None)
    publish = page(north, "product_publish", row)
    assert "does not tell these variants apart any more" in publish
    assert reverse("stores:product_variants", args=[row.public_id]) in publish[publish.index("Still missing") :], "the way to where they are chosen"
    answer = browser_of(north.owner).get(reverse("stores:product", args=[row.public_id]))
    assert answer["Location"] == reverse("stores:product_variants", args=[row.public_id])
    again = browser_of(north.owner).post(answer["Location"], {"products": [product.public_id for product in tees.values()]})
    assert again.status_code == 422 and "does not tell these variants apart" in again.content.decode()
    browser_of(north.owner).post(answer["Location"], {"products": [tees[BLACK_M].public_id]})
    assert "Variants" not in page(north, "product_publish", row), "one alone is a way out"


def test_the_last_page_shows_every_variant_and_leads_to_its_listing(north: House, shop: Store, tees: Shirts) -> None:
    row = in_variants(north, shop, tees, state="live", delivery=Delivery.CONFIRMED)
    with tenant(north.psp.pk):
        listings = [Listing.objects.create(store=shop, key=sku, sku=sku, title="Shirt") for sku in ("TEE-1", "TEE-2", "TEE-3")]
        Publication.objects.filter(pk=row.pk).update(listing=listings[0])
        for variant, listing in zip(row.variants.all(), listings[1:], strict=True):
            PublicationVariant.objects.filter(pk=variant.pk).update(listing=listing)
    text = page(north, "product_publish", row)
    for listing in listings:
        assert reverse("orders:listing", args=[listing.public_id]) in text
    listed = browser_of(north.owner).get(reverse("stores:publications", args=[shop.public_id])).content.decode()
    assert "and 2 more variants" in listed


def test_pages_cost_the_same_however_many_variants_there_are(north: House, shop: Store, tees: Shirts, django_assert_max_num_queries: Any) -> None:
    with tenant(north.psp.pk):
        model = tees[BLACK_M].product_model
        for number in range(10, 40):
            blank = Variant.objects.create(product_model=model, colour="Black", size=f"S{number}", sku=f"B-{number}", position=number)
            CustomerProduct.objects.create(
                product_model=model, model_variant=blank, uid=f"TEE-{number}", name="Shirt", variant=f"Black / S{number}", price=8, currency="USD",
                for_all_customers=True,
            )  # fmt: skip
        row = begun(north, shop, tees[BLACK_M])
        choose_variants(publication_id=row.pk, product_ids=[product.pk for product in offered_variants(row)])
    browser = browser_of(north.owner)
    browser.get("/")
    for name in ("product_variants", "product_details", "product_publish"):
        with django_assert_max_num_queries(32):
            assert browser.get(reverse(f"stores:{name}", args=[row.public_id])).content.decode().count("Black / S") >= 30
