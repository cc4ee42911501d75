"""What is made of a listing: bundles, versions, taking back, print files that are still being made (orders/services/mapping.py, filling.py)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from catalog.models import CustomerProduct, Design
from catalog.services.artwork import keep_artwork
from catalog.services.designs import design_from_artwork
from catalog.services.rendering import render_next
from orders.models import Hold, HoldKind, Order, OrderLine
from orders.services.filling import designs_ready
from orders.services.mapping import CannotMap, Chosen, map_bundle, map_listing, restore_version, undo_mapping, unmap_listing
from orders.services.production import release_order
from orders.states import LineState
from pod_hub.accounts.actors import HUB, Actor
from pod_hub.core.tenancy import tenant
from stores.models import Listing, ListingMapping
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.browsers import browser_of
from tests.factories.cast import House, artwork

pytestmark = pytest.mark.django_db


def mug_and_stickers(house: House, *, stickers: int = 2) -> list[Chosen]:
    return [Chosen(house.mug.pk, house.design.pk), Chosen(house.sticker.pk, None, stickers)]


def open_kinds(order: Order) -> set[str]:
    return set(Hold.objects.filter(order=order, released_at=None).values_list("kind", flat=True))


def state_of(house: House) -> str:
    return str(Listing.objects.get(pk=house.listing.pk).state)


def test_mapping_a_bundle_releases_every_waiting_order_at_once(north: House) -> None:
    orders = bought(north, amazon_order(orderItems=[item(quantity=3)]), amazon_order())
    with tenant(north.psp.pk):
        mapped = map_bundle(listing_id=north.listing.pk, parts=mug_and_stickers(north), actor=HUB)
        assert (mapped.lines_filled, mapped.holds_released) == (2, 2)
        assert [open_kinds(order) for order in orders] == [set(), set()]
        first, second = OrderLine.objects.order_by("pk")
        assert (first.customer_product, first.print_file, first.quantity * first.pieces_each) == (north.mug, north.print_file, 9)
        assert [part.quantity for part in second.mapping.parts.all()] == [1, 2]


def test_an_order_of_a_bundle_comes_in_ready_to_print(north: House) -> None:
    with tenant(north.psp.pk):
        map_bundle(listing_id=north.listing.pk, parts=mug_and_stickers(north), actor=HUB)
    (order,) = bought(north)
    with tenant(north.psp.pk):
        assert open_kinds(order) == set()
        line = order.lines.get()
        assert (line.customer_product, line.pieces_each) == (north.mug, 3)


def test_a_bundle_waits_while_one_of_its_products_has_no_artwork(north: House) -> None:
    (order,) = bought(north)
    with tenant(north.psp.pk):
        map_bundle(listing_id=north.listing.pk, parts=[Chosen(north.sticker.pk), Chosen(north.mug.pk)], actor=HUB)
        assert open_kinds(order) == {HoldKind.ARTWORK}
        assert "“Mug” needs a print file" in Hold.objects.get(released_at=None).reason


def test_the_same_parts_again_make_no_new_version_and_another_order_of_them_does(north: House) -> None:
    with tenant(north.psp.pk):
        for parts in (mug_and_stickers(north), mug_and_stickers(north), mug_and_stickers(north)[::-1]):
            map_bundle(listing_id=north.listing.pk, parts=parts, actor=HUB)
        assert list(ListingMapping.objects.order_by("version").values_list("version", flat=True)) == [1, 2]


def test_a_mapping_needs_parts_and_each_part_pieces(north: House) -> None:
    with tenant(north.psp.pk):
        for parts in ([], [Chosen(north.sticker.pk)] * 21, [Chosen(north.sticker.pk, None, 0)]):
            with pytest.raises(CannotMap):
                map_bundle(listing_id=north.listing.pk, parts=parts, actor=HUB)
        assert not ListingMapping.objects.exists() and state_of(north) == Listing.State.UNMAPPED


# --- Print files that are being made ----------------------------------------------------------------------------------
def rendering(house: House) -> Design:
    made: Design = Design.objects.create(customer=house.customer, product_model=house.mug.product_model, name="Fresh", state=Design.State.RENDERING)
    return made


def test_orders_wait_for_a_print_file_that_is_being_made_and_go_on_by_themselves(north: House) -> None:
    (early,) = bought(north)
    with tenant(north.psp.pk):
        design = rendering(north)
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=design.pk, actor=HUB)
    orders = bought(north)
    with tenant(north.psp.pk):
        assert [open_kinds(order) for order in orders] == [{HoldKind.ARTWORK}] * 2
        assert all("is being made" in hold.reason for hold in Hold.objects.filter(kind=HoldKind.ARTWORK))
    assert designs_ready() == 0
    with tenant(north.psp.pk):
        Design.objects.filter(pk=design.pk).update(state=Design.State.READY, print_file=north.print_file)
    assert designs_ready() == 2
    assert designs_ready() == 0
    with tenant(north.psp.pk):
        assert [open_kinds(order) for order in orders] == [set(), set()]
        assert set(OrderLine.objects.values_list("print_file", flat=True)) == {north.print_file.pk}
        assert release_order(order_id=early.pk, actor=HUB)


def test_a_print_file_that_failed_is_said_once_and_holds_until_another_design_is_chosen(north: House) -> None:
    with tenant(north.psp.pk):
        design = rendering(north)
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=design.pk, actor=HUB)
    (order,) = bought(north)
    with tenant(north.psp.pk):
        Design.objects.filter(pk=design.pk).update(state=Design.State.FAILED)
    assert designs_ready() == 1
    assert designs_ready() == 0
    with tenant(north.psp.pk):
        assert "could not be made" in Hold.objects.get(order=order, released_at=None).reason
        with pytest.raises(CannotMap, match="could not be made"):
            map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=design.pk, actor=HUB)
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=north.design.pk, actor=HUB)
        assert open_kinds(order) == set()


def test_a_draft_cannot_be_mapped(north: House) -> None:
    with tenant(north.psp.pk):
        design = rendering(north)
        Design.objects.update(state=Design.State.DRAFT)
        with pytest.raises(CannotMap, match="is a draft"):
            map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=design.pk, actor=HUB)


# --- Taking back ------------------------------------------------------------------------------------------------------
def test_undoing_the_first_version_lets_its_unprinted_orders_wait_again(north: House) -> None:
    waiting, printed = bought(north, amazon_order(), amazon_order())
    with tenant(north.psp.pk):
        mapped = map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=north.design.pk, actor=HUB)
        OrderLine.objects.filter(order=printed).update(state=LineState.PRINTING)
        assert undo_mapping(mapping_id=mapped.mapping.pk, actor=Actor.person(north.owner)) is None
        assert state_of(north) == Listing.State.UNMAPPED
        assert open_kinds(waiting) == {HoldKind.UNMAPPED} and waiting.lines.get().customer_product is None
        assert open_kinds(printed) == set() and printed.lines.get().customer_product == north.mug
        mapped.mapping.refresh_from_db()
        assert mapped.mapping.retired_by == north.owner


def test_undoing_a_later_version_makes_what_was_there_before(north: House) -> None:
    with tenant(north.psp.pk):
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=north.design.pk, actor=HUB)
        second = map_listing(listing_id=north.listing.pk, customer_product_id=north.sticker.pk, design_id=None, actor=HUB)
        undone = undo_mapping(mapping_id=second.mapping.pk, actor=HUB)
        assert undone is not None and undone.mapping.version == 3 and "version 1 restored" in undone.mapping.because
        assert undone.mapping.parts.get().customer_product == north.mug
        with pytest.raises(CannotMap, match="connected anew since"):
            undo_mapping(mapping_id=second.mapping.pk, actor=HUB)


def test_an_old_version_is_restored_while_its_product_is_still_offered(north: House) -> None:
    with tenant(north.psp.pk):
        old = map_bundle(listing_id=north.listing.pk, parts=mug_and_stickers(north), actor=HUB).mapping
        map_listing(listing_id=north.listing.pk, customer_product_id=north.sticker.pk, design_id=None, actor=HUB)
        restored = restore_version(mapping_id=old.pk, actor=HUB).mapping
        assert (restored.version, restored.parts.count()) == (3, 2)
        CustomerProduct.objects.filter(pk=north.mug.pk).update(is_active=False)
        with pytest.raises(CannotMap, match="not offered"):
            restore_version(mapping_id=old.pk, actor=HUB)


def test_disconnecting_twice_is_harmless(north: House) -> None:
    (order,) = bought(north)
    with tenant(north.psp.pk):
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=north.design.pk, actor=HUB)
        assert [unmap_listing(listing_id=north.listing.pk, actor=HUB) for _time in range(2)] == [1, 0]
        assert open_kinds(order) == {HoldKind.UNMAPPED}


def test_pages_that_wait_for_a_print_file_show_how_far_it_is_and_are_drawn_anew_when_it_is_there(north: House) -> None:
    nora = browser_of(north.owner)
    with tenant(north.psp.pk):
        art = keep_artwork(customer=north.customer, content=artwork(2000, 1400, "olive"), file_name="olive.png")
        design = design_from_artwork(customer=north.customer, product_model=north.mug.product_model, artwork=art, name="Olive")
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=design.pk, actor=HUB)
    (order,) = bought(north)
    pages = {reverse("orders:listing", args=[north.listing.public_id]): reverse("orders:listing_making", args=[north.listing.public_id])}
    pages[reverse("orders:order", args=[order.public_id])] = reverse("orders:order_making", args=[order.public_id])
    for page, fragment in pages.items():
        assert f'hx-get="{fragment}"' in nora.get(page).content.decode()
        assert "0 of 1" in nora.get(fragment, headers={"HX-Request": "true"}).content.decode()
        assert nora.get(fragment).headers["Location"] == page
    assert render_next()
    for fragment in pages.values():
        assert "1 of 1" in nora.get(fragment, headers={"HX-Request": "true"}).content.decode()
    designs_ready()
    for page, fragment in pages.items():
        assert nora.get(fragment, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
        assert fragment not in nora.get(page).content.decode()
