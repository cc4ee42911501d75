"""The editor's page and its endpoints, and the way there and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.models import Artwork, Design, Mockup, PrintArea, RenderJob, Variant
from catalog.services.drafts import start_design
from pod_hub.accounts.models import Customer, Role, User
from pod_hub.core.tenancy import tenant
from tests.factories.browsers import browser_of
from tests.factories.cast import House, artwork, person

pytestmark = pytest.mark.django_db
FRAME = 8
Budget = Callable[[int], AbstractContextManager[Any]]
TEXT = {"id": "t1", "kind": "text", "text": "Hallo", "font": "lora", "size": 12, "colour": "#1a1f29", "x": 105, "y": 45}


@pytest.fixture
def nora(north: House) -> Client:
    return browser_of(north.owner)


@pytest.fixture
def ada(north: House) -> Client:
    merchant: User = person(north.psp, "Ada", Role.MERCHANT, north.customer)
    return browser_of(merchant)


@pytest.fixture
def draft(north: House) -> Design:
    with tenant(north.psp.pk):
        return start_design(customer=north.customer, model=north.mug.product_model, name="Summer")


def at(name: str, design: Design) -> str:
    return reverse(f"designs:{name}", args=[design.public_id])


def document(answer: Any) -> dict[str, Any]:
    told: dict[str, Any] = answer.context["document"]
    return told


def put(browser: Client, design: Design, *, edits: int = 0, layers: Any = (TEXT,), **more: Any) -> Any:
    body = {"edits": edits, "scenes": {"wrap": {"version": 1, "background": "", "layers": list(layers)}}} | more
    return browser.post(at("draft", design), json.dumps(body), content_type="application/json")


def upload(browser: Client, design: Design, content: bytes = b"", name: str = "sun.png") -> Any:
    return browser.post(at("upload", design), {"file": SimpleUploadedFile(name, content or artwork())})


def test_staff_begin_a_design_for_a_customer_and_merchants_for_themselves(nora: Client, ada: Client, north: House) -> None:
    start = reverse("designs:start") + f"?model={north.mug.product_model.public_id}"
    assert "Ada" in nora.get(start).content.decode()
    to_editor = nora.post(start, {"name": "For Ada", "customer": north.customer.public_id})
    assert "For Ada" in nora.get(to_editor["Location"]).content.decode()
    assert "customer" not in ada.get(start).context["form"].fields
    assert "My own" in ada.get(ada.post(start, {"name": "My own"})["Location"]).content.decode()


def test_a_button_elsewhere_begins_a_design_with_what_its_address_names(ada: Client, north: House) -> None:
    back = f"/orders/map/{north.listing.public_id}/?product={north.mug.public_id}"
    address = (
        reverse("designs:start") + f"?model={north.mug.product_model.public_id}&name=Ceramic+mug&next={back.replace('?', '%3F').replace('=', '%3D')}"
    )
    answer = ada.get(ada.post(address, {"quantity": "1", "next": "/stores/"})["Location"])
    assert answer.context["design"].name == "Ceramic mug"
    assert answer.context["back"] == back


def test_nobody_begins_a_design_for_what_needs_none_or_is_not_offered_to_them(nora: Client, ada: Client, north: House) -> None:
    plain = f"?model={north.sticker.product_model.public_id}"
    assert nora.get(reverse("designs:start") + plain).status_code == 404
    with tenant(north.psp.pk):
        north.mug.grants.all().delete()
    assert ada.get(reverse("designs:start") + f"?model={north.mug.product_model.public_id}").status_code == 404


def test_the_editor_is_given_areas_scenes_mockups_colours_fonts_and_artwork(
    ada: Client, north: House, draft: Design, django_assert_max_num_queries: Budget
) -> None:
    with tenant(north.psp.pk):
        model = north.mug.product_model
        area = PrintArea.objects.get(product_model=model)
        PrintArea.objects.create(product_model=model, key="base", name="Base", position=1, width_mm=60, height_mm=60, bleed_mm=2)
        red = Variant.objects.create(product_model=model, colour="red", colour_code="#aa2211", sku="MUG-RED")
        Mockup.objects.create(
            product_model=model, print_area=area, variant=red, picture_name="x.png", width_px=800, height_px=600, left=1000, width=2000
        )
    picture = upload(ada, draft).json()["artwork"]
    put(ada, draft, layers=[TEXT, {"id": "i", "kind": "image", "artwork": picture["id"], "x": 1, "y": 2, "width": 30, "height": 13}])
    with django_assert_max_num_queries(FRAME + 13):
        told = document(ada.get(at("design", draft)))
    assert [(one["key"], one["width"], one["bleed"]) for one in told["areas"]] == [("wrap", 210, 0), ("base", 60, 2)]
    assert [layer["kind"] for layer in told["areas"][0]["scene"]["layers"]] == ["text", "image"]
    assert told["areas"][0]["mockups"][0]["place"] == [1000, 2500, 3000, 7500]
    assert [one["colour"] for one in told["variants"]] == ["#aa2211"]
    assert [one["id"] for one in told["artwork"]] == [picture["id"]]
    assert {"inter", "pacifico"} < {one["key"] for one in told["fonts"]}
    assert (told["design"]["edits"], bool(told["design"]["saved"])) == (1, True)


def test_a_save_counts_and_one_that_has_not_seen_the_newest_is_told_so(ada: Client, nora: Client, draft: Design) -> None:
    assert put(ada, draft, name="Sommer").json()["design"]["edits"] == 1
    refused = put(nora, draft, layers=[TEXT | {"text": "Anders"}])
    assert (refused.status_code, refused.json()["design"]["edits"], refused.json()["design"]["name"]) == (409, 1, "Sommer")
    assert put(nora, draft, edits=1, layers=[TEXT | {"text": "Anders"}]).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"edits": "0"}',
        '{"edits": true}',
        '{"edits": 0, "scenes": []}',
        '{"edits": 0, "name": 7}',
        '{"edits": 0, "name": "a\\u0000"}',
    ],
)
def test_what_the_editor_never_sends_is_refused(ada: Client, draft: Design, body: str) -> None:
    answer = ada.post(at("draft", draft), body, content_type="application/json")
    assert (answer.status_code, "error" in answer.json()) == (422, True)


def test_artwork_of_another_customer_in_a_scene_is_refused(ada: Client, north: House, draft: Design) -> None:
    with tenant(north.psp.pk):
        grete = Customer.objects.create(name="Grete")
        theirs = start_design(customer=grete, model=north.mug.product_model, name="Theirs")
    strange = upload(browser_of(north.owner), theirs).json()["artwork"]
    answer = put(ada, draft, layers=[{"id": "i", "kind": "image", "artwork": strange["id"], "x": 1, "y": 2, "width": 30, "height": 13}])
    assert (answer.status_code, "does not belong to this customer" in answer.json()["error"]) == (422, True)
    assert ada.get(strange["picture"]).status_code == 404


def test_uploads_are_kept_once_and_listed_newest_first(ada: Client, north: House, draft: Design) -> None:
    first = upload(ada, draft, artwork(colour="teal"), "teal.png").json()["artwork"]
    assert upload(ada, draft, artwork(colour="teal"), "again.png").json()["artwork"]["id"] == first["id"]
    second = upload(ada, draft, artwork(colour="plum"), "plum.png").json()["artwork"]
    listed = ada.get(at("artwork", draft)).json()
    assert ([one["id"] for one in listed["artwork"]], listed["more"]) == ([second["id"], first["id"]], "")
    assert [one["id"] for one in ada.get(at("artwork", draft), {"before": second["id"]}).json()["artwork"]] == [first["id"]]
    assert [one["name"] for one in ada.get(at("artwork", draft), {"search": "PLU"}).json()["artwork"]] == ["plum.png"]
    assert ada.get(first["picture"])["Content-Type"].startswith("image/")
    with tenant(north.psp.pk):
        assert Artwork.objects.count() == 2


def test_an_upload_that_is_no_picture_is_refused_with_a_sentence(ada: Client, draft: Design) -> None:
    refused = upload(ada, draft, b"<html>no picture</html>", "page.png")
    assert (refused.status_code, "page.png" in refused.json()["error"]) == (422, True)
    assert ada.post(at("upload", draft)).status_code == 422


def test_saving_a_design_asks_for_its_print_files_and_shows_how_far_they_are(ada: Client, north: House, draft: Design) -> None:
    back = f"/orders/map/{north.listing.public_id}/?product={north.mug.public_id}"
    put(ada, draft)
    answer = ada.post(at("save", draft) + "?next=" + back.replace("?", "%3F").replace("=", "%3D"))
    with tenant(north.psp.pk):
        assert RenderJob.objects.filter(sheet__design=draft).count() == 1
    progress = ada.get(answer["Location"])
    assert "0 of 1" in progress.content.decode()
    assert f"{back}&amp;design={draft.public_id}" in progress.content.decode(), "one may go on without waiting"
    with tenant(north.psp.pk):
        Design.objects.filter(pk=draft.pk).update(state=Design.State.READY)
    assert ada.get(answer["Location"])["Location"] == f"{back}&design={draft.public_id}"
    assert ada.get(answer["Location"], headers={"hx-request": "true"})["HX-Redirect"] == f"{back}&design={draft.public_id}"


def test_saving_says_what_stays_blank_and_so_does_the_designs_page(ada: Client, north: House, draft: Design) -> None:
    placed = upload(ada, draft, artwork(2400, 1600)).json()["artwork"]["id"]
    layer = {"id": "p1", "kind": "image", "artwork": placed, "x": 70, "y": 45, "width": 140, "height": 90}
    assert put(ada, draft, layers=[layer]).status_code == 200
    saved = ada.post(at("save", draft), follow=True).content.decode()
    assert "leaves a strip of 70 mm of Wrap unprinted" in saved
    shown = ada.get(at("design", draft)).content.decode()
    assert "A part may stay blank" in shown
    assert "leaves a strip of 70 mm of Wrap unprinted" in shown


def test_the_listing_is_connected_with_the_design_that_comes_back(ada: Client, north: House) -> None:
    page = ada.get(f"/orders/map/{north.listing.public_id}/?product={north.mug.public_id}&design={north.design.public_id}")
    assert page.context["chosen_design"] == north.design.public_id
    assert "Open the design editor" in page.content.decode()


def test_nothing_and_too_coarse_pictures_are_not_saved_for_printing(ada: Client, north: House, draft: Design) -> None:
    empty = ada.post(at("save", draft), follow=True)
    assert "othing" in str(next(iter(empty.context["messages"])))
    picture = upload(ada, draft, artwork(300, 120)).json()["artwork"]
    put(ada, draft, layers=[{"id": "i", "kind": "image", "artwork": picture["id"], "x": 105, "y": 45, "width": 210, "height": 84}])
    coarse = ada.post(at("save", draft), follow=True)
    assert "36 dpi" in str(next(iter(coarse.context["messages"])))
    with tenant(north.psp.pk):
        assert not RenderJob.objects.exists()


def test_a_saved_design_is_shown_and_changed_as_a_draft_of_its_own(ada: Client, north: House) -> None:
    shown = ada.get(at("design", north.design))
    assert "Change this design" in shown.content.decode()
    first, second = (ada.post(at("change", north.design))["Location"] for _time in range(2))
    assert first == second, "the draft that was begun is gone on with"
    assert first != at("design", north.design)
    assert ada.get(first).context["design"].replaces_id == north.design.pk


def test_another_site_is_no_way_back(ada: Client, draft: Design) -> None:
    page = ada.get(at("design", draft) + "?next=https://evil.test/")
    assert page.context["back"] == reverse("portal:products")
    put(ada, draft)
    assert "evil" not in ada.post(at("save", draft) + "?next=//evil.test/")["Location"]


def test_without_javascript_a_picture_is_placed_and_saved(ada: Client, north: House, draft: Design) -> None:
    place = at("place", draft)
    with tenant(north.psp.pk):
        wrap = PrintArea.objects.get(product_model=north.mug.product_model).public_id
    assert ada.post(place, {"area": wrap, "fit": "fill"}).status_code == 422
    placed = ada.post(place, {"area": wrap, "fit": "fill", "file": SimpleUploadedFile("sun.png", artwork())})
    assert placed["Location"] == at("design", draft)
    with tenant(north.psp.pk):
        known = Artwork.objects.get()
    assert ada.post(place, {"area": wrap, "fit": "fit", "artwork": known.public_id}).status_code == 302
    page = ada.get(at("design", draft)).content.decode()
    assert "1 layer" in page
    assert ada.post(at("save", draft))["Location"].startswith(at("progress", draft))


def test_the_plain_form_offers_no_artwork_of_others(ada: Client, north: House, draft: Design) -> None:
    with tenant(north.psp.pk):
        grete = Customer.objects.create(name="Grete")
        theirs = start_design(customer=grete, model=north.mug.product_model, name="Theirs")
        wrap = PrintArea.objects.get(product_model=north.mug.product_model).public_id
    strange = upload(browser_of(north.owner), theirs).json()["artwork"]
    assert ada.post(at("place", draft), {"area": wrap, "fit": "fill", "artwork": strange["id"]}).status_code == 422


def test_products_list_designs_with_where_they_stand(ada: Client, nora: Client, north: House, draft: Design) -> None:
    for browser, address in (
        (ada, reverse("portal:product", args=[north.mug.public_id])),
        (nora, reverse("catalog:product_model", args=[north.mug.product_model.public_id])),
    ):
        page = browser.get(address).content.decode()
        assert at("design", draft) in page
        assert "Draft" in page
