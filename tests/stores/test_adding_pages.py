"""The pages that add a product and tell stock: what each shows, where it leads, and what it costs."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import escape

from catalog.models import Design, PrintArea
from pod_hub.accounts.returning import with_query
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from stores.models import Connection, Listing, Publication, PublicationPicture, StockPush
from tests.factories.browsers import browser_of
from tests.factories.cast import House, artwork

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


def test_a_misfit_stands_above_the_form_that_chose_it(north: House) -> None:
    with tenant(north.psp.pk):
        Design.objects.filter(pk=north.design.pk).update(
            misfits=[{"code": "area_resized", "values": {"area": "Wrap", "before": "1 × 1", "now": "2 × 2"}}]
        )
    row = begun(north)
    address = reverse("stores:product_design", args=[row.public_id])
    refused = browser_of(north.owner).post(address, {"design": north.design.public_id})
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "no longer fits its product" in text[text.index("hub-error-summary") :]
    with tenant(north.psp.pk):
        row.refresh_from_db()
    assert row.design_id is None


def test_the_editor_goes_on_with_the_design_that_was_begun_for_this_product(north: House) -> None:
    row, other = begun(north), begun(north, title="Other mug")
    browser = browser_of(north.owner)

    def editor(of: Publication) -> str:
        found = re.search(r'id="open-editor" method="post" action="([^"]+)"', page(north, "product_design", of))
        assert found
        return str(browser.post(unescape(found[1]))["Location"])

    opened = editor(row)
    with tenant(north.psp.pk):
        draft = Design.objects.get(begun_for=row.public_id)
        Design.objects.filter(pk=draft.pk).update(edits=3, name="Half a sun")
    address = reverse("stores:product_design", args=[other.public_id])
    text = page(north, "product_design", other)
    assert escape(with_query(reverse("designs:design", args=[draft.public_id]), next=address)) in text, "it may be used for another one"
    assert "Go on with “Half a sun”" in page(north, "product_design", row)
    assert editor(row) == opened
    assert editor(other) != opened, "what was begun for one product is not what another one wants"


def test_an_upload_is_not_called_optional_where_it_or_a_design_is_needed(north: House) -> None:
    text = page(north, "product_design", begun(north))
    assert "hub-optional" not in text


def test_the_design_that_comes_back_from_the_editor_is_the_chosen_one(north: House) -> None:
    row = begun(north)
    answer = browser_of(north.owner).get(reverse("stores:product_design", args=[row.public_id]), {"design": north.design.public_id})
    assert f'value="{north.design.public_id}" checked' in answer.content.decode()


@pytest.mark.parametrize(("size", "said"), [((900, 900), "900 × 900"), ((1400, 300), "500 on its shorter"), ((9000, 1000), "too narrow")])
def test_a_picture_that_is_too_small_for_shops_is_refused_with_what_is_needed(north: House, size: tuple[int, int], said: str) -> None:
    row = begun(north)
    small = SimpleUploadedFile("small.png", artwork(*size), "image/png")
    answer = browser_of(north.owner).post(reverse("stores:product_pictures", args=[row.public_id]), {"picture": small})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    with tenant(north.psp.pk):
        assert not row.pictures.exists()


def test_a_step_is_ticked_when_nothing_of_it_waits(north: House) -> None:
    def ticked(row: Publication) -> list[str]:
        return re.findall(r'is-done".*?<(?:a href="[^"]+"|span)>([^<]+)</', page(north, "product_publish", row), re.DOTALL)

    row = begun(north, design=north.design, product_type="CUP", title="New mug", price=5, fields=[FIELD])
    with tenant(north.psp.pk):
        picture = PublicationPicture.objects.create(publication=row, position=0, delivery=Delivery.PENDING)
    assert ticked(row) == ["Product", "Design", "Product type"], "the picture is being drawn, and the colour is not given"
    with tenant(north.psp.pk):
        picture.delivery = Delivery.CONFIRMED
        picture.save()
        Publication.objects.filter(pk=row.pk).update(description="A mug", brand="Generic", sku="NEW", values={"color": "Ecru"})
    assert ticked(row) == ["Product", "Design", "Pictures", "Product type", "Details"]
    with tenant(north.psp.pk):
        Publication.objects.filter(pk=row.pk).update(troubles=[{"severity": "error", "words": "No.", "field": "color", "code": "1"}])
    assert ticked(row) == ["Product", "Design", "Pictures", "Product type"]
    with tenant(north.psp.pk):
        Publication.objects.filter(pk=row.pk).update(asks="fields", delivery=Delivery.PENDING, troubles=[])
    assert "Product type" not in ticked(row)
    with tenant(north.psp.pk):
        Publication.objects.filter(pk=row.pk).update(asks="", state="live", delivery=Delivery.CONFIRMED, listing=north.listing)
    assert page(north, "product_publish", row).count(" (done)</span>") == 6, "the last step too"


def test_what_two_windows_did_is_said_where_it_can_be_seen(north: House) -> None:
    browser = browser_of(north.owner)
    row = begun(north, state="submitted")
    answer = browser.post(reverse("stores:product_design", args=[row.public_id]), {"design": north.design.public_id}, follow=True)
    assert "was published meanwhile, perhaps in another window" in answer.content.decode()
    kept = browser.post(reverse("stores:product_details", args=[row.public_id]), {"title": "Typed for long"})
    text = kept.content.decode()
    assert kept.status_code == 422 and "Typed for long" in text, "what was typed is not lost"
    assert text.index("hub-error-summary") < text.index("was published meanwhile") < text.index('id="id_sku"')
    assert 'id="id_sku_error"' not in text


def test_a_taken_sku_is_said_at_the_sku(north: House) -> None:
    row = begun(north, product_type="CUP")
    answer = browser_of(north.owner).post(
        reverse("stores:product_details", args=[row.public_id]),
        {"title": "M", "description": "M", "price": "5", "brand": "Generic", "sku": "MUG-11OZ-WHITE", "quantity": "5"},
    )
    text = answer.content.decode()
    assert "has the SKU MUG-11OZ-WHITE" in text[text.index('id="id_sku_error"') :]


def test_refused_details_are_summed_up_on_top_in_sentences_that_name_the_field(north: House) -> None:
    row = begun(north, product_type="CUP", fields=[FIELD, FIELD | {"name": "weight", "label": "Packed weight", "kind": "number", "unit": "lb"}])
    answer = browser_of(north.owner).post(
        reverse("stores:product_details", args=[row.public_id]), {"title": "", "price": "cheap", "about-weight": "x", "quantity": "-1", "do": "on"}
    )
    text = answer.content.decode()
    summary = text[text.index("hub-error-summary") : text.index("<form", text.index("hub-error-summary"))]
    for words in (
        'href="#id_title">Name</a>: Give the product a name.',
        'href="#id_price">“Price (EUR)” takes a number',
        'href="#id_about-weight">“Packed weight (lb)” takes a number',
        "“Quantity” takes numbers from 0",
        "Fill in “Colour there”.",
    ):
        assert words in summary, words
    assert "This field is required" not in text and "Enter a " not in text


def test_a_products_own_figures_stand_in_the_field_of_its_unit(north: House) -> None:
    with tenant(north.psp.pk):
        type(north.mug.product_model).objects.filter(pk=north.mug.product_model_id).update(weight_g=380)
    weight = FIELD | {"name": "weight", "label": "Packed weight", "kind": "number", "unit": "lb", "options": []}
    row = begun(
        north, product_type="CUP", fields=[weight | {"measure": {"size": "weight", "unit": "lb", "places": 2, "word": ""}}], values={"weight": "0.84"}
    )
    text = page(north, "product_details", row)
    assert "Packed weight (lb)" in text and 'value="0.84"' in text and "In the catalog: 380 g." in text


def test_the_page_of_types_has_one_primary_button_and_no_optional_search(north: House) -> None:
    option = {"id": "CUP", "name": "Drinking Cup", "path": "Kitchen"}
    for row in (begun(north), begun(north, type_options=[option])):
        text = page(north, "product_type", row)
        assert text[text.index("<main") : text.index("</main>")].count("btn-primary") == 1
        assert "hub-optional" not in text


def test_print_areas_are_listed_with_their_names(north: House) -> None:
    with tenant(north.psp.pk):
        PrintArea.objects.create(product_model=north.mug.product_model, key="base", name="Base", width_mm=60, height_mm=60, position=2)
    text = page(north, "add_product")
    assert re.search(r"Wrap\s+210 × 90 mm", text) and re.search(r"Base\s+60 × 60 mm", text)


def test_how_a_listing_stands_is_said_in_words(north: House) -> None:
    with tenant(north.psp.pk):
        Listing.objects.filter(pk=north.listing.pk).update(channel_state="BUYABLE, DISCOVERABLE", quantity=7)
    answer = browser_of(north.owner).get(reverse("orders:listing", args=[north.listing.public_id])).content.decode()
    assert re.search(r"State there</dt>\s*<dd[^>]*>\s*Live\s*<", answer)
    assert "DISCOVERABLE" not in answer
    listed = page(north, "store")
    assert ">Live<" in listed and "DISCOVERABLE" not in listed
    assert re.search(r"7\s*·\s*<a[^>]*>Change the stock", answer)


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
    said = text.index('id="id_about-color_error"')
    assert words in text[said:]
    assert text.index('href="#id_about-color"') < text.index(words) < said  # above the form too, with a way to the field
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
