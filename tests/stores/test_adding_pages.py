"""The pages that add a product and tell stock: what each shows, where it leads, and what it costs."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils.html import escape

from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from stores.models import Connection, Listing, Publication, PublicationPicture, StockPush
from tests.factories.browsers import browser_of
from tests.factories.cast import House

pytestmark = pytest.mark.django_db
FIELD = {
    "name": "color",
    "label": "Colour there",
    "kind": "choice",
    "required": True,
    "help": "",
    "options": [{"value": "White", "words": "White"}],
    "open_choice": True,
    "unit": "",
    "longest": 100,
    "smallest": None,
    "largest": None,
    "most": None,
    "example": "",
    "group": "",
}


def begun(house: House, **changed: Any) -> Publication:
    with tenant(house.psp.pk):
        row: Publication = Publication.objects.create(
            **{"store": house.store, "customer_product": house.mug, "currency": "EUR", "delivery": Delivery.CONFIRMED, "title": "New mug"} | changed
        )
    return row


def page(house: House, name: str, row: Publication | None = None) -> str:
    answer = browser_of(house.owner).get(reverse(f"stores:{name}", args=[(row or house.store).public_id]))
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_a_stores_page_offers_to_add_a_product_where_the_channel_takes_any(north: House) -> None:
    assert reverse("stores:add_product", args=[north.store.public_id]) in page(north, "store")


def test_picking_a_product_begins_one_and_leads_to_its_design(north: House) -> None:
    browser = browser_of(north.owner)
    address = reverse("stores:add_product", args=[north.store.public_id])
    assert "MUG-11" in browser.get(address).content.decode()
    answer = browser.post(address, {"product": north.mug.public_id}, follow=True)
    with tenant(north.psp.pk):
        row = Publication.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("stores:product_design", args=[row.public_id])
    assert row.started_by_id == north.owner.pk


def test_a_search_finds_products_by_every_word(north: House) -> None:
    address = reverse("stores:add_product", args=[north.store.public_id])
    found = browser_of(north.owner).get(address, {"q": "home mug"}).content.decode()
    assert "MUG-11" in found and "STICKER" not in found


def test_a_product_that_is_not_offered_to_the_customer_is_not_begun(north: House) -> None:
    with tenant(north.psp.pk):
        north.mug.grants.all().delete()
    answer = browser_of(north.owner).post(reverse("stores:add_product", args=[north.store.public_id]), {"product": north.mug.public_id})
    assert "not offered" in answer.content.decode()
    with tenant(north.psp.pk):
        assert not Publication.objects.exists()


def test_choosing_a_design_has_its_mockup_drawn_and_leads_to_the_pictures(north: House) -> None:
    row = begun(north)
    answer = browser_of(north.owner).post(reverse("stores:product_design", args=[row.public_id]), {"design": north.design.public_id})
    assert answer["Location"] == reverse("stores:product_pictures", args=[row.public_id])
    with tenant(north.psp.pk):
        assert PublicationPicture.objects.get().delivery == Delivery.PENDING
    assert 'hx-get="' + reverse("stores:product_pictures_progress", args=[row.public_id]) in page(north, "product_pictures", row)


def test_what_the_product_type_asks_are_fields_of_the_form_and_kept_unfinished(north: House) -> None:
    row = begun(north, product_type="CUP", product_type_name="Cup", fields=[FIELD])
    assert "Colour there" in page(north, "product_details", row)
    address = reverse("stores:product_details", args=[row.public_id])
    refused = browser_of(north.owner).post(address, {"title": "Half", "do": "on"})
    assert refused.status_code == 422
    kept = browser_of(north.owner).post(address, {"title": "Half", "about-color": "Ecru", "do": "later"})
    assert kept.status_code == 302
    with tenant(north.psp.pk):
        row.refresh_from_db()
    assert (row.title, row.values) == ("Half", {"color": "Ecru"})


def test_the_marketplaces_sentence_stands_at_its_field(north: House) -> None:
    words = "This colour is none."
    troubles = [{"severity": "error", "words": words, "field": "color", "code": "1"}]
    row = begun(north, product_type="CUP", fields=[FIELD], troubles=troubles, state="rejected")
    text = page(north, "product_details", row)
    assert text.index('id="id_about-color_error"') < text.index(words)
    publish = page(north, "product_publish", row)
    assert words in publish and f"{reverse('stores:product_details', args=[row.public_id])}#id_about-color" in publish


def test_what_is_missing_is_listed_and_nothing_can_be_checked_until_it_is_there(north: House) -> None:
    row = begun(north)
    text = page(north, "product_publish", row)
    assert "Choose a design" in text and "Choose the product type" in text
    assert reverse("stores:check_product", args=[row.public_id]) not in text


def test_brand_guidance_stands_beside_the_brand(north: House) -> None:
    text = page(north, "product_details", begun(north))
    for words in ("“Generic” by default", "not Brand Registration", "48 hours", "case-sensitive"):
        assert escape(words) in text or words in text


def test_while_a_worker_asks_the_page_shows_it_and_asks_again_by_itself(north: House) -> None:
    row = begun(north, asks="check", state="checking", delivery=Delivery.PENDING)
    assert 'hx-get="' + reverse("stores:product_progress", args=[row.public_id]) in page(north, "product_publish", row)
    address = reverse("stores:product_progress", args=[row.public_id])
    assert "HX-Refresh" not in browser_of(north.owner).get(address).headers
    with tenant(north.psp.pk):
        Publication.objects.update(asks="", state="draft", delivery=Delivery.CONFIRMED)
    assert browser_of(north.owner).get(address)["HX-Refresh"] == "true"


def test_what_a_worker_gave_up_has_a_button_that_goes_on(north: House) -> None:
    row = begun(north, asks="publish", state="submitted", delivery=Delivery.PARKED, last_error="The permission is gone.")
    assert "The permission is gone." in page(north, "product_publish", row)
    browser_of(north.owner).post(reverse("stores:product_again", args=[row.public_id]))
    with tenant(north.psp.pk):
        row.refresh_from_db()
    assert row.delivery == Delivery.PENDING


def test_the_list_of_added_products_costs_the_same_however_many(north: House, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        begun(north, title=f"Mug {number}", sku=f"SKU-{number}")
    browser = browser_of(north.owner)
    address = reverse("stores:publications", args=[north.store.public_id])
    browser.get(address)
    with django_assert_max_num_queries(20):
        text = browser.get(address).content.decode()
    assert text.count("/stores/products/pub_") == 30


def test_a_reader_sees_and_changes_nothing(north: House) -> None:
    row = begun(north)
    reader = browser_of(north.reader)
    assert reader.get(reverse("stores:product_publish", args=[row.public_id])).status_code == 200
    for name in ("check_product", "publish_product", "drop_product"):
        assert reader.post(reverse(f"stores:{name}", args=[row.public_id])).status_code == 403


def test_stock_is_set_on_a_page_of_its_own_which_says_how_far_it_is(north: House) -> None:
    with tenant(north.psp.pk):
        Listing.objects.filter(pk=north.listing.pk).update(quantity=5)
        Connection.objects.filter(pk=north.connection.pk).update(inventory_paused=True)
    browser, address = browser_of(north.owner), reverse("stores:stock", args=[north.listing.public_id])
    assert browser.post(address, {"quantity": "12", "handling_days": "3"}).status_code == 302
    text = browser.get(address).content.decode()
    assert "Waits to be told" in text and "paused" in text
    with tenant(north.psp.pk):
        assert (StockPush.objects.get().quantity, StockPush.objects.get().handling_days) == (12, 3)
    assert browser.post(address, {"quantity": "-1"}).status_code == 422
