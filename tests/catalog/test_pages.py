"""The catalog's pages: shelves, models, products with their grants, designs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.models import Category, CustomerProduct, Design, PrintArea, PrintFile, ProductModel
from catalog.selectors import usable_products
from orders.services.mapping import map_listing
from pod_hub.accounts.actors import HUB
from pod_hub.accounts.models import Customer
from pod_hub.core.tenancy import tenant
from tests.factories.browsers import browser_of
from tests.factories.cast import House, artwork

pytestmark = pytest.mark.django_db
FRAME = 8  # session, user, membership, opening and closing the scope, the number in the navigation
Budget = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture
def nora(north: House) -> Client:
    return browser_of(north.owner)


def page(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def model_at(name: str, house: House) -> str:
    return reverse(f"catalog:{name}", args=[house.mug.product_model.public_id])


def test_catalog_shows_categories_as_a_tree_with_models_and_products(nora: Client, north: House, django_assert_max_num_queries: Budget) -> None:
    with tenant(north.psp.pk):
        home = Category.objects.get()
        Category.objects.create(name="Kitchen", parent=home)
        Category.objects.create(name="Apparel", position=5)
    with django_assert_max_num_queries(FRAME + 6):
        answer = nora.get(reverse("catalog:products"))
    assert [(shelf.category.name, shelf.depth) for shelf in answer.context["shelves"]] == [("Home", 0), ("Kitchen", 1), ("Apparel", 0)]
    assert "MUG-11" in answer.content.decode()


def test_product_pages_keep_their_budget_and_count_listings(nora: Client, north: House, django_assert_max_num_queries: Budget) -> None:
    with tenant(north.psp.pk):
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=north.design.pk, actor=HUB)
    with django_assert_max_num_queries(FRAME + 10):
        product = nora.get(reverse("catalog:customer_product", args=[north.mug.public_id]))
    assert product.context["mapped"] == 1
    with django_assert_max_num_queries(FRAME + 10):
        model = nora.get(model_at("product_model", north))
    assert [row.mapped for row in model.context["products"]] == [1]
    assert "210 × 90 mm" in model.content.decode()


def test_category_is_added_once_in_a_place_and_never_below_itself(nora: Client, north: House) -> None:
    add = reverse("catalog:add_category")
    assert nora.post(add, {"name": "Home", "position": "0", "parent": ""}).status_code == 422
    with tenant(north.psp.pk):
        home = Category.objects.get()
    assert nora.post(add, {"name": "Home", "position": "0", "parent": home.pk}).status_code == 302
    with tenant(north.psp.pk):
        below = Category.objects.get(parent=home)
    answer = nora.post(reverse("catalog:edit_category", args=[home.public_id]), {"name": "Home", "position": "0", "parent": below.pk})
    assert answer.status_code == 422
    assert "cannot stand below itself" in answer.content.decode()


MODEL = {
    "name": "Poster",
    "sku": "BLANK-POSTER",
    "description": "",
    "needs_design": "on",
    "weight_g": "80",
    "length_mm": "420",
    "width_mm": "297",
    "height_mm": "1",
}
AREA = {
    "name": "Front",
    "key": "front",
    "position": "0",
    "width_mm": "297",
    "height_mm": "420",
    "bleed_mm": "3",
    "safe_mm": "5",
    "min_dpi": "150",
    "target_dpi": "300",
    "colour_modes": ["rgb", "cmyk"],
    "file_types": ["png", "pdf"],
    "output": "png",
}


def test_product_model_is_added_and_its_sku_is_its_own(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        home = Category.objects.get()
    assert nora.post(reverse("catalog:add_product_model"), MODEL | {"category": home.pk}).status_code == 302
    twin = nora.post(reverse("catalog:add_product_model"), MODEL | {"category": home.pk, "name": "Other"})
    assert twin.status_code == 422
    assert "Another product model has this blank SKU" in twin.content.decode()
    with tenant(north.psp.pk):
        row = ProductModel.objects.get(sku="BLANK-POSTER")
    assert (
        nora.post(reverse("catalog:edit_product_model", args=[row.public_id]), MODEL | {"category": home.pk, "name": "Poster A3"}).status_code == 302
    )


@pytest.mark.parametrize(("field", "value"), [("sku", ""), ("weight_g", "x"), ("length_mm", "-1")])
def test_bad_product_model_is_refused(nora: Client, north: House, field: str, value: str) -> None:
    with tenant(north.psp.pk):
        home = Category.objects.get()
    assert nora.post(reverse("catalog:add_product_model"), MODEL | {"category": home.pk, field: value}).status_code == 422


def test_a_print_area_is_added_once_by_its_key_and_the_model_s_revision_grows(nora: Client, north: House) -> None:
    model = north.mug.product_model
    assert nora.post(model_at("add_print_area", north), AREA).status_code == 302
    twin = nora.post(model_at("add_print_area", north), AREA | {"name": "Other"})
    assert (twin.status_code, "has an area with this key" in twin.content.decode()) == (422, True)
    with tenant(north.psp.pk):
        assert [area.key for area in model.print_areas.all()] == ["wrap", "front"]
        area = model.print_areas.get(key="front")
        assert ProductModel.objects.get(pk=model.pk).revision == model.revision + 1
    assert nora.post(reverse("catalog:edit_print_area", args=[area.public_id]), AREA | {"width_mm": "300"}).status_code == 302
    assert "300 × 420 mm" in page(nora, model_at("product_model", north))


@pytest.mark.parametrize(
    ("field", "value"), [("width_mm", "0"), ("min_dpi", "600"), ("key", "Front side"), ("bleed_mm", "-1"), ("file_types", "gif")]
)
def test_bad_print_area_is_refused(nora: Client, north: House, field: str, value: str) -> None:
    assert nora.post(model_at("add_print_area", north), AREA | {field: value}).status_code == 422


def test_the_colour_profile_is_chosen_and_cmyk_goes_with_pdf_alone(nora: Client, north: House) -> None:
    address = model_at("add_print_area", north)
    assert "CMYK, general offset proof" in page(nora, address)
    refused = nora.post(address, AREA | {"icc_profile": "cmyk", "output": "png"})
    assert (refused.status_code, "A PNG holds no CMYK." in refused.content.decode()) == (422, True)
    assert nora.post(address, AREA | {"icc_profile": "no-such"}).status_code == 422
    assert nora.post(address, AREA | {"icc_profile": "cmyk", "output": "pdf"}).status_code == 302
    assert "CMYK, general offset proof" in page(nora, model_at("product_model", north))


def test_an_area_whose_profile_was_taken_away_says_so_and_asks_for_another(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        area = north.mug.product_model.main_area
        PrintArea.objects.filter(pk=area.pk).update(icc_profile="press-1")
    address = reverse("catalog:edit_print_area", args=[area.public_id])
    assert "press-1 (not here any more)" in page(nora, address)
    refused = nora.post(address, AREA | {"key": "wrap", "icc_profile": "press-1"})
    assert (refused.status_code, "is not here any more" in refused.content.decode()) == (422, True)
    assert nora.post(address, AREA | {"key": "wrap", "icc_profile": ""}).status_code == 302


def test_another_tenants_category_is_refused(nora: Client, north: House, south: House) -> None:
    assert nora.post(reverse("catalog:add_product_model"), MODEL | {"category": south.mug.product_model.category_id}).status_code == 422


PRODUCT = {"name": "Mug", "variant": "blue", "uid": "MUG-BLUE", "price": "6.10", "currency": "EUR", "is_active": "on"}


def test_product_is_granted_to_customers_and_taken_away_again(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        grete = Customer.objects.create(name="Grete")
    form = PRODUCT | {"customers": [grete.pk], "facilities": [north.facility.pk]}
    assert nora.post(model_at("add_customer_product", north), form).status_code == 302
    with tenant(north.psp.pk):
        product = CustomerProduct.objects.get(uid="MUG-BLUE")
        assert product in usable_products(grete)
        assert product not in usable_products(north.customer)
    edit = reverse("catalog:edit_customer_product", args=[product.public_id])
    assert "checked" in page(nora, edit)
    assert nora.post(edit, PRODUCT | {"customers": [north.customer.pk]}).status_code == 302
    with tenant(north.psp.pk):
        assert product not in usable_products(grete)
        assert product in usable_products(north.customer)
        assert product.made_at.count() == 0


@pytest.mark.parametrize(
    ("field", "value"), [("uid", "MUG-11"), ("uid", "ab"), ("uid", "-x y"), ("price", "-1"), ("currency", "eur"), ("customers", ["0"])]
)
def test_bad_product_is_refused(nora: Client, north: House, field: str, value: Any) -> None:
    assert nora.post(model_at("add_customer_product", north), PRODUCT | {field: value}).status_code == 422
    with tenant(north.psp.pk):
        assert CustomerProduct.objects.count() == 2


def test_another_tenants_customer_is_granted_nothing(nora: Client, north: House, south: House) -> None:
    assert nora.post(model_at("add_customer_product", north), PRODUCT | {"customers": [south.customer.pk]}).status_code == 422


def upload(nora: Client, north: House, content: bytes, name: str = "art.png") -> Any:
    file = SimpleUploadedFile(name, content)
    return nora.post(model_at("add_design", north), {"customer": north.customer.pk, "name": "New art", "file": file})


def test_design_is_uploaded_checked_and_shown(nora: Client, north: House) -> None:
    content = artwork(colour="crimson")
    assert upload(nora, north, content).status_code == 302
    with tenant(north.psp.pk):
        design = Design.objects.select_related("print_file").get(name="New art")
    assert design.print_file is not None
    address = reverse("catalog:preview", args=[design.print_file.public_id])
    assert address in page(nora, model_at("product_model", north))
    preview = nora.get(address)
    assert (preview["Content-Type"], preview.content[:4]) == ("image/png", b"\x89PNG")
    assert nora.get(address, headers={"if-none-match": preview["ETag"]}).status_code == 304
    assert nora.get(reverse("catalog:print_file", args=[design.print_file.public_id])).content == content


@pytest.mark.parametrize(("content", "why"), [(artwork(200, 90), "at least 150 are needed"), (b"GIF89a", "is a GIF file"), (b"", "empty")])
def test_unprintable_file_is_refused_beside_the_field(nora: Client, north: House, content: bytes, why: str) -> None:
    answer = upload(nora, north, content)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    with tenant(north.psp.pk):
        assert (Design.objects.count(), PrintFile.objects.count()) == (1, 1)


def test_another_tenant_gets_no_product_no_model_and_no_file(north: House, south: House) -> None:
    mallory = browser_of(south.owner)
    for address in (
        model_at("product_model", north),
        model_at("edit_product_model", north),
        model_at("add_design", north),
        model_at("add_customer_product", north),
        reverse("catalog:customer_product", args=[north.mug.public_id]),
        reverse("catalog:edit_customer_product", args=[north.mug.public_id]),
        reverse("catalog:edit_category", args=[north.mug.product_model.category.public_id]),
        reverse("catalog:preview", args=[north.print_file.public_id]),
        reverse("catalog:print_file", args=[north.print_file.public_id]),
    ):
        assert mallory.get(address).status_code == 404
        assert Client().get(address).status_code == 302


def test_readers_look_and_change_nothing(north: House) -> None:
    rita = browser_of(north.reader)
    assert "Add product model" not in page(rita, reverse("catalog:products"))
    assert rita.post(model_at("add_customer_product", north), PRODUCT).status_code == 403
    assert rita.post(model_at("edit_product_model", north), MODEL).status_code == 403
