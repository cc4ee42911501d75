"""A design that was changed takes the place of the one before, in listings and in orders that wait."""

from __future__ import annotations

import pytest
from django.urls import reverse

from catalog.models import CustomerProduct, Design
from catalog.services.designs import revise
from orders.models import OrderLine
from orders.services.mapping import Chosen, map_bundle, map_listing
from orders.services.production import release_order
from orders.services.revised_designs import print_from_now_on
from pod_hub.accounts.actors import HUB
from pod_hub.core.tenancy import tenant
from stores.models import ListingMapping, MappingPart
from tests.factories.amazon_orders import amazon_order, bought
from tests.factories.browsers import browser_of
from tests.factories.cast import House

pytestmark = pytest.mark.django_db


def changed(design: Design) -> Design:
    """A version of a design that is ready."""
    newer = revise(design)
    Design.objects.filter(pk=newer.pk).update(state=Design.State.READY, print_file=design.print_file)
    newer.refresh_from_db()
    return newer


def test_listings_and_waiting_orders_move_to_the_new_version_and_printed_ones_stay(north: House) -> None:
    printed, waiting = bought(north, amazon_order(), amazon_order())
    with tenant(north.psp.pk):
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=north.design.pk, actor=HUB)
        release_order(order_id=printed.pk, actor=HUB)
        OrderLine.objects.filter(order=printed).update(state="printing")
        newer = changed(changed(north.design))  # over two versions, the one between never used
        assert print_from_now_on(design=newer, actor=HUB).listings == 1
        active = ListingMapping.objects.get(listing=north.listing, retired_at=None)
        assert [part.design for part in active.parts.all()] == [newer]
        used = {line.order_id: line.mapping.parts.get().design for line in OrderLine.objects.all()}
        assert used == {printed.pk: north.design, waiting.pk: newer}
        assert print_from_now_on(design=newer, actor=HUB).listings == 0


def test_the_other_products_of_a_bundle_stay_what_they_are(north: House) -> None:
    with tenant(north.psp.pk):
        map_bundle(listing_id=north.listing.pk, parts=[Chosen(north.sticker.pk, None, 3), Chosen(north.mug.pk, north.design.pk, 2)], actor=HUB)
        newer = changed(north.design)
        print_from_now_on(design=newer, actor=HUB)
        parts = MappingPart.objects.filter(mapping__retired_at=None).order_by("position")
        assert [(part.customer_product, part.design, part.quantity) for part in parts] == [(north.sticker, None, 3), (north.mug, newer, 2)]


def test_a_listing_whose_product_is_not_offered_any_more_is_left_and_named(north: House) -> None:
    with tenant(north.psp.pk):
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=north.design.pk, actor=HUB)
        CustomerProduct.objects.filter(pk=north.mug.pk).update(is_active=False)
        moved = print_from_now_on(design=changed(north.design), actor=HUB)
    assert moved.listings == 0
    assert "not offered" in moved.refused[0]


def test_the_design_s_page_offers_it_where_listings_print_an_earlier_version(north: House) -> None:
    nora = browser_of(north.owner)
    with tenant(north.psp.pk):
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=north.design.pk, actor=HUB)
        newer = changed(north.design)
    address = reverse("designs:design", args=[newer.public_id])
    assert "1 listing still prints an earlier version" in nora.get(address).content.decode()
    assert "There is a newer version" in nora.get(reverse("designs:design", args=[north.design.public_id])).content.decode()
    answer = nora.post(reverse("orders:print_design", args=[newer.public_id]), follow=True)
    assert (answer.request["PATH_INFO"], "1 listing prints" in answer.content.decode()) == (address, True)
    assert "still prints" not in answer.content.decode()
