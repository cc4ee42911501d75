"""Suggestions from SKU, title and earlier choices, and accepting them one by one or all at once (stores/suggestions.py, orders/services/suggesting.py)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from catalog.models import CustomerProduct, Design, ProductGrant, ProductModel
from orders.forms import LevelForm
from orders.models import Hold
from orders.services import suggesting
from orders.services.mapping import CannotMap, Chosen, map_bundle, map_listing
from orders.services.suggesting import CannotRun, accept_suggestion, run_next, start_run, stop_run, undo_run
from pod_hub.accounts.actors import HUB
from pod_hub.accounts.models import Customer
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from stores.listing_presentation import why_suggested
from stores.matching import Reason
from stores.models import Listing, ListingMapping, Store, SuggestionRun
from stores.suggestions import Suggester, Suggestion
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.browsers import browser_of
from tests.factories.cast import UNITED_KINGDOM, House

pytestmark = pytest.mark.django_db


def listing(house: House, sku: str, title: str = "Something", **more: Any) -> Listing:
    made: Listing = Listing.objects.create(store=more.pop("store", house.store), key=sku, sku=sku, title=title, **more)
    made.refresh_from_db()
    return made


def suggested(house: House, *listings: Listing) -> Suggestion | None:
    return Suggester(house.customer).judge(listings).get(listings[0].pk)


def other_store(house: House, customer: Customer | None = None) -> Store:
    made: Store = Store.objects.create(
        customer=customer or house.customer, facility=house.facility, kind="amazon", name="Ada Amazon.co.uk", marketplace=UNITED_KINGDOM
    )
    return made


def connect(house: House, one: Listing) -> None:
    map_listing(listing_id=one.pk, customer_product_id=house.mug.pk, design_id=house.design.pk, actor=HUB)


# --- Where suggestions come from --------------------------------------------------------------------------------------
def test_a_sku_that_is_the_product_uid_is_certain_where_no_design_is_needed(north: House) -> None:
    with tenant(north.psp.pk):
        found = suggested(north, listing(north, "sticker"))
        assert found is not None
        assert (found.product, found.confidence, found.reason, found.is_ready) == (north.sticker, 100, Reason.UID, True)
        assert why_suggested(found) == "The SKU is the product UID."


def test_the_design_is_the_one_that_the_listing_names_or_else_the_only_one(north: House) -> None:
    with tenant(north.psp.pk):
        alone = suggested(north, listing(north, "MUG-11"))
        assert alone is not None and alone.parts[0].design == north.design and alone.confidence < 80
        Design.objects.create(customer=north.customer, product_model=north.mug.product_model, name="Sunset", print_file=north.print_file)
        named, open_ = suggested(north, listing(north, "MUG-11-SUNSET")), suggested(north, listing(north, "ADA-MUG-11"))
        assert named is not None and named.parts[0].design is not None and named.parts[0].design.name == "Sunset"
        assert "the listing names it" in why_suggested(named)
        assert open_ is not None and not open_.is_ready and "Its design is to be chosen." in why_suggested(open_)


def test_what_the_customer_chose_for_the_same_sku_in_another_store_is_suggested_bundles_too(north: House) -> None:
    with tenant(north.psp.pk):
        parts = [Chosen(north.mug.pk, north.design.pk), Chosen(north.sticker.pk, None, 2)]
        map_bundle(listing_id=north.listing.pk, parts=parts, actor=HUB)
        found = suggested(north, listing(north, "mug 11oz white", store=other_store(north)))
        assert found is not None and (found.reason, found.confidence) == (Reason.SAME_SKU, 96)
        assert [(part.product, part.quantity) for part in found.parts] == [(north.mug, 1), (north.sticker, 2)]
        assert "Ada Amazon.de" in why_suggested(found)


def test_the_same_product_of_the_marketplace_and_a_sibling_are_remembered(north: House) -> None:
    with tenant(north.psp.pk):
        connect(north, north.listing)
        Listing.objects.filter(pk=north.listing.pk).update(family="MUGS")
        same = suggested(north, listing(north, "X-1", product_id="B0DEMOMUG1", store=other_store(north)))
        sibling = suggested(north, listing(north, "X-2", family="MUGS"))
        assert same is not None and (same.reason, same.product) == (Reason.SAME_PRODUCT, north.mug)
        assert sibling is not None and (sibling.reason, sibling.product) == (Reason.SIBLING, north.mug)


def test_a_sibling_of_another_size_is_suggested_the_product_of_its_size(north: House) -> None:
    with tenant(north.psp.pk):
        CustomerProduct.objects.filter(pk=north.mug.pk).update(variant="small")
        large = CustomerProduct.objects.create(
            product_model=north.mug.product_model, uid="BIG-ONE", name="Mug", variant="large", price=6, currency="EUR", for_all_customers=True
        )
        connect(north, north.listing)
        Listing.objects.filter(pk=north.listing.pk).update(family="MUGS")
        found = suggested(north, listing(north, "X-2", "Ceramic, large", family="MUGS"))
        assert found is not None and (found.product, found.parts[0].design) == (large, north.design)
        assert suggested(north, listing(north, "X-3", "Ceramic, huge", family="MUGS")) is None


# --- Variants: never another size or colour ---------------------------------------------------------------------------
TIKTOK_TEE, TIKTOK_MUG = "1729582718311001000", "1729582718311000000"


def tees(house: House, *sizes: str) -> list[CustomerProduct]:
    model = ProductModel.objects.create(category=house.mug.product_model.category, name="Classic T-shirt", sku="BLANK-TEE", needs_design=False)
    return [
        CustomerProduct.objects.create(
            product_model=model, uid=f"SHIRT-{size}", name="T-shirt black", variant=size, price=9, currency="EUR", for_all_customers=True
        )
        for size in sizes
    ]


def tiktok_store(house: House) -> Store:
    made: Store = Store.objects.create(customer=house.customer, facility=house.facility, kind="tiktok", name="Ada TikTok", marketplace="7495")
    return made


def choose(one: Listing, product: CustomerProduct, design: Design | None = None) -> None:
    map_listing(listing_id=one.pk, customer_product_id=product.pk, design_id=design.pk if design else None, actor=HUB)


@pytest.mark.parametrize("family", [TIKTOK_TEE, ""])  # a line of an order names the product alone, not that it has variants
def test_sizes_of_a_tiktok_product_share_its_number_and_each_is_suggested_its_own_size(north: House, family: str) -> None:
    with tenant(north.psp.pk):
        medium, large, extra = tees(north, "M", "L", "XL")
        shop = tiktok_store(north)
        m, size_l, xl, xxl = (
            listing(north, f"TEE-CLASSIC-{size}", "Classic T-shirt, black", store=shop, product_id=TIKTOK_TEE, family=family)
            for size in ("M", "L", "XL", "XXL")
        )
        choose(m, medium)
        found = Suggester(north.customer).judge([size_l, xl, xxl])
        assert {pk: (one.product, one.reason) for pk, one in found.items()} == {size_l.pk: (large, Reason.SIBLING), xl.pk: (extra, Reason.SIBLING)}
        assert all(one.confidence == 85 for one in found.values())


def test_colours_of_a_tiktok_product_whose_kind_lacks_that_colour_are_suggested_nothing(north: House) -> None:
    with tenant(north.psp.pk):
        CustomerProduct.objects.filter(pk=north.mug.pk).update(name="Mug 11 oz white", variant="white")
        shop = tiktok_store(north)
        white, black = (
            listing(north, f"CUP-{colour}", "Ceramic mug 11 oz", store=shop, product_id=TIKTOK_MUG, family=TIKTOK_MUG)
            for colour in ("WHITE", "BLACK")
        )
        choose(white, north.mug, north.design)
        assert suggested(north, black) is None


def test_variants_of_an_amazon_parent_are_suggested_their_own_size_and_the_word_men_s_is_none(north: House) -> None:
    with tenant(north.psp.pk):
        small, medium, large = tees(north, "S", "M", "L")
        a, b, c = (
            listing(north, f"AM-{n}", f"Men's T-shirt, {size}", product_id=f"B0TEE{n}", family="AM-PARENT") for n, size in enumerate(("M", "L", "XL"))
        )
        choose(a, medium)
        found = Suggester(north.customer).judge([b, c])
        assert {pk: (one.product, one.confidence) for pk, one in found.items()} == {b.pk: (large, 85)}
        assert small not in [one.product for one in found.values()]


def test_the_same_asin_elsewhere_is_the_same_thing_but_not_where_it_was_connected_in_two_ways(north: House) -> None:
    with tenant(north.psp.pk):
        medium, large = tees(north, "M", "L")
        other = other_store(north)
        first = listing(north, "FBM-1", "Shirt", product_id="B0TEE1", store=other)
        choose(first, medium)
        mine = listing(north, "FBA-1", "Something else", product_id="B0TEE1")
        found = suggested(north, mine)
        assert found is not None and (found.product, found.confidence) == (medium, 94)
        choose(listing(north, "FBM-2", "Garment", product_id="B0TEE1", store=other), large)
        assert suggested(north, mine) is None


def test_a_number_that_a_family_shares_proves_nothing_in_another_store_either(north: House) -> None:
    with tenant(north.psp.pk):
        medium, _large = tees(north, "M", "L")
        first = listing(north, "ONE", "Garment", product_id="B0PARENT", family="B0PARENT", store=other_store(north))
        choose(first, medium)
        assert suggested(north, listing(north, "TWO", "Something", product_id="B0PARENT")) is None


def test_siblings_of_a_kind_without_variants_are_guesses_below_every_level_that_accepts_many(north: House) -> None:
    with tenant(north.psp.pk):
        shop = tiktok_store(north)
        one, two = (listing(north, sku, "Our mug", store=shop, product_id="1", family="1") for sku in ("A-SUN", "A-MOON"))
        choose(one, north.mug, north.design)
        found = suggested(north, two)
        assert found is not None and found.confidence < min(level for level, _label in LevelForm().fields["level"].choices)  # type: ignore[attr-defined]
    page = browser_of(north.owner).get(reverse("stores:store", args=[shop.public_id])).content.decode()
    (accept,) = re.findall(r'<button class="([^"]*)"[^>]*aria-label="Accept', page)
    assert "btn-primary" not in accept, "a guess is looked at first"


def test_a_uid_inside_a_sku_is_never_as_sure_as_what_is_accepted_unseen(north: House) -> None:
    with tenant(north.psp.pk):
        (shirt,) = tees(north, "M")
        CustomerProduct.objects.filter(pk=shirt.pk).update(uid="TEE-CLASSIC-UNISEX-ORGANIC-COTTON-BLACK")
        found = suggested(north, listing(north, "TEE-CLASSIC-UNISEX-ORGANIC-COTTON-BLACK-L", "Shirt"))
        assert found is not None and found.confidence < LevelForm.base_fields["level"].initial


def test_another_customers_choices_products_and_designs_are_never_suggested(north: House) -> None:
    with tenant(north.psp.pk):
        connect(north, north.listing)
        grete = Customer.objects.create(name="Grete")
        theirs = listing(north, "MUG-11OZ-WHITE", "Ceramic mug", store=other_store(north, grete), product_id="B0DEMOMUG1")
        assert Suggester(grete).judge([theirs]) == {}
        ProductGrant.objects.create(customer=grete, customer_product=north.mug)
        found = Suggester(grete).judge([theirs])
        assert all(part.design is None for one in found.values() for part in one.parts)


def test_judging_a_page_costs_as_many_queries_as_judging_one(north: House, django_assert_max_num_queries: Any) -> None:
    with tenant(north.psp.pk):
        connect(north, north.listing)
        many = [listing(north, f"MUG-11-{n}", f"Ceramic mug {n}", product_id=f"B{n}", family="F") for n in range(60)]
        with django_assert_max_num_queries(7):
            assert len(Suggester(north.customer).judge(many)) == 60


# --- Accepting one ----------------------------------------------------------------------------------------------------
def test_accepting_connects_and_says_why_in_the_history(north: House) -> None:
    (order,) = bought(north, amazon_order(orderItems=[item("STICKER")]))
    with tenant(north.psp.pk):
        one = Listing.objects.get(sku="STICKER")
        found = suggested(north, one)
        assert found is not None
        accept_suggestion(listing_id=one.pk, seen=found.token, actor=HUB)
        assert "suggestion accepted, 100 %" in one.mappings.get().because
        assert not Hold.objects.filter(order=order, released_at=None).exists()


def test_a_suggestion_that_is_another_one_by_now_is_not_accepted(north: House) -> None:
    with tenant(north.psp.pk):
        one = listing(north, "STICKER")
        for seen in ("", "prd_other~~1"):
            with pytest.raises(CannotMap, match="another one by now"):
                accept_suggestion(listing_id=one.pk, seen=seen, actor=HUB)
        assert not ListingMapping.objects.exists()


# --- Accepting many ---------------------------------------------------------------------------------------------------
def run_all() -> None:
    while run_next():
        pass


def test_all_above_a_level_are_accepted_and_the_rest_is_left_alone(north: House) -> None:
    bought(north, amazon_order(orderItems=[item("STICKER")]))
    with tenant(north.psp.pk):
        unsure, ignored = listing(north, "THING", "Sticker sheet"), listing(north, "sticker ", state=Listing.State.IGNORED)
        gone, parent = listing(north, "Sticker-", gone_at="2026-01-01T00:00:00Z"), listing(north, "STICKER.", is_parent=True)
        run = start_run(store_id=north.store.pk, level=97, by=north.owner)
        with pytest.raises(CannotRun, match="already"):
            start_run(store_id=north.store.pk, level=50, by=north.owner)
    run_all()
    with tenant(north.psp.pk):
        run.refresh_from_db()
        assert (run.delivery, run.seen, run.total, run.accepted) == (Delivery.CONFIRMED, 3, 3, 1)
        assert ListingMapping.objects.get().listing.sku == "STICKER"
        assert not Hold.objects.filter(released_at=None).exists()
        states = {one.pk: one.state for one in Listing.objects.filter(pk__in=[unsure.pk, ignored.pk, gone.pk, parent.pk])}
        assert states == {unsure.pk: "unmapped", ignored.pk: "ignored", gone.pk: "unmapped", parent.pk: "unmapped"}


def test_undoing_a_run_takes_back_what_nobody_changed_since(north: House) -> None:
    bought(north, amazon_order(orderItems=[item("STICKER"), item("sticker_")]))
    with tenant(north.psp.pk):
        run = start_run(store_id=north.store.pk, level=97, by=north.owner)
    run_all()
    with tenant(north.psp.pk):
        kept = Listing.objects.get(sku="sticker_")
        connect(north, kept)
        undo_run(run_id=run.pk)
    run_all()
    with tenant(north.psp.pk):
        run.refresh_from_db()
        assert (run.delivery, run.undone, run.accepted) == (Delivery.CONFIRMED, 1, 0)
        assert Listing.objects.get(sku="STICKER").state == Listing.State.UNMAPPED
        assert Listing.objects.get(pk=kept.pk).state == Listing.State.MAPPED
        assert Hold.objects.filter(released_at=None, kind="unmapped").count() == 1


def test_a_run_goes_on_in_lots_after_a_worker_died_and_can_be_stopped(north: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggesting, "CHUNK", 2)
    monkeypatch.setattr(suggesting, "CHUNKS_PER_TURN", 1)
    with tenant(north.psp.pk):
        for number in range(5):
            listing(north, f"STICKER{'-' * number}")
        run = start_run(store_id=north.store.pk, level=97, by=north.owner)
    assert run_next()
    with tenant(north.psp.pk):
        run.refresh_from_db()
        assert (run.seen, run.accepted, run.delivery) == (2, 1, Delivery.PENDING)  # the first is the house's own mug
    assert run_next()
    with tenant(north.psp.pk):
        assert stop_run(run_id=run.pk) and not stop_run(run_id=run.pk)
    assert not run_next()
    with tenant(north.psp.pk):
        assert SuggestionRun.objects.get().delivery == Delivery.WITHDRAWN
        assert ListingMapping.objects.count() == 3
