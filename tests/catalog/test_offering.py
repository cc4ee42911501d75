"""Offering the catalog: order and pictures of shelves, mockups, variants, prices, dates and access (GA-11..13, GA-24)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from catalog.models import Category, CustomerPrice, CustomerProduct, Design, Mockup, Variant
from catalog.selectors import usable_products
from pod_hub.accounts.models import Customer, Role
from pod_hub.core.tenancy import tenant
from tests.factories.browsers import browser_of
from tests.factories.cast import House, artwork, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def nora(north: House) -> Client:
    return browser_of(north.owner)


def picture(width: int = 400, height: int = 300) -> SimpleUploadedFile:
    return SimpleUploadedFile("blank.png", artwork(width, height))


def model_at(name: str, house: House) -> str:
    return reverse(f"catalog:{name}", args=[house.mug.product_model.public_id])


def shelves(browser: Client) -> list[str]:
    return [shelf.category.name for shelf in browser.get(reverse("catalog:products")).context["shelves"]]


def test_shelves_change_places_and_stop_at_the_ends(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        home, last = Category.objects.get(), Category.objects.create(name="Paper", position=3)
        Category.objects.create(name="Clothing", position=2)
    assert shelves(nora) == ["Home", "Clothing", "Paper"]
    nora.post(reverse("catalog:move_category", args=[last.public_id]), {"to": "up"})
    assert shelves(nora) == ["Home", "Paper", "Clothing"]
    nora.post(reverse("catalog:move_category", args=[home.public_id]), {"to": "up"})
    nora.post(reverse("catalog:move_category", args=[home.public_id]), {"to": "down"})
    assert shelves(nora) == ["Paper", "Home", "Clothing"]


def test_a_shelf_s_picture_is_shown_to_merchants_and_can_be_taken_away(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        home = Category.objects.get()
    edit = reverse("catalog:edit_category", args=[home.public_id])
    assert nora.post(edit, {"name": "Home", "position": "0", "parent": "", "picture": picture()}).status_code == 302
    address = reverse("catalog:category_picture", args=[home.public_id])
    mia = browser_of(person(north.psp, "Mia", Role.MERCHANT, north.customer))
    assert address in mia.get(reverse("portal:products")).content.decode()
    shown = mia.get(address)
    assert (shown.status_code, shown["Content-Type"], shown.content[:4]) == (200, "image/png", b"\x89PNG")
    assert nora.post(edit, {"name": "Home", "position": "0", "parent": "", "remove_picture": "on"}).status_code == 302
    assert nora.get(address).status_code == 404


def test_what_is_no_picture_is_refused_beside_the_field(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        home = Category.objects.get()
    form = {"name": "Home", "position": "0", "parent": "", "picture": SimpleUploadedFile("x.png", b"<svg onload=alert(1)>")}
    answer = nora.post(reverse("catalog:edit_category", args=[home.public_id]), form)
    assert (answer.status_code, "not a readable PNG or JPEG" in answer.content.decode()) == (422, True)


def place(north: House, **more: object) -> dict[str, object]:
    with tenant(north.psp.pk):
        area = north.mug.product_model.print_areas.get()
    return {"print_area": area.pk, "variant": "", "left": "20", "top": "25.5", "width": "60", "height": "40", "position": "0"} | more


def test_a_mockup_has_its_picture_and_the_place_of_the_print_area(nora: Client, north: House) -> None:
    assert nora.post(model_at("add_mockup", north), place(north, picture=picture(1000, 800))).status_code == 302
    with tenant(north.psp.pk):
        mockup = Mockup.objects.get()
    assert (mockup.width_px, mockup.height_px, tuple(mockup.place)) == (1000, 800, (200, 204, 600, 320))
    shown = nora.get(reverse("catalog:edit_mockup", args=[mockup.public_id])).content.decode()
    assert 'value="25.5' in shown and reverse("catalog:mockup_picture", args=[mockup.public_id]) in shown
    # Without a new picture the earlier one stays.
    assert nora.post(reverse("catalog:edit_mockup", args=[mockup.public_id]), place(north, left="10")).status_code == 302
    with tenant(north.psp.pk):
        changed = Mockup.objects.get()
    assert (changed.left, changed.picture_name) == (1000, mockup.picture_name)
    assert nora.post(reverse("catalog:delete_mockup", args=[mockup.public_id])).status_code == 302
    with tenant(north.psp.pk):
        assert not Mockup.objects.exists()


@pytest.mark.parametrize(("field", "value", "why"), [("width", "90", "beyond the picture"), ("left", "101", "100"), ("picture", "", "required")])
def test_a_mockup_that_cannot_be_is_refused(nora: Client, north: House, field: str, value: str, why: str) -> None:
    form = place(north, picture=picture()) | {field: value}
    answer = nora.post(model_at("add_mockup", north), form)
    assert (answer.status_code, why in answer.content.decode()) == (422, True)


def test_variants_are_added_once_and_products_are_made_of_them(nora: Client, north: House, south: House) -> None:
    form = {"colour": "white", "colour_code": "#ffffff", "size": "11 oz", "sku": "BLANK-MUG-W", "position": "0", "is_active": "on"}
    form |= {"weight_g": "0", "length_mm": "0", "width_mm": "0", "height_mm": "0"}
    assert nora.post(model_at("add_variant", north), form).status_code == 302
    twin = nora.post(model_at("add_variant", north), form | {"sku": "OTHER"})
    assert (twin.status_code, "one of the same size and colour" in twin.content.decode()) == (422, True)
    with tenant(north.psp.pk):
        variant = Variant.objects.get()
    with tenant(south.psp.pk):
        foreign = Variant.objects.create(product_model=south.mug.product_model, colour="x", sku="X")
    edit = reverse("catalog:edit_customer_product", args=[north.mug.public_id])
    product = {"name": "Mug", "variant": "white", "uid": "MUG-11", "price": "5.20", "currency": "EUR", "is_active": "on"}
    assert nora.post(edit, product | {"model_variant": foreign.pk}).status_code == 422
    assert nora.post(edit, product | {"model_variant": variant.pk}).status_code == 302
    assert "BLANK-MUG-W" in nora.get(reverse("catalog:customer_product", args=[north.mug.public_id])).content.decode()


def test_an_area_that_designs_use_cannot_be_deleted(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        area = north.mug.product_model.print_areas.get()
        spare = north.mug.product_model.print_areas.create(key="inside", name="Inside", width_mm=10, height_mm=10)
    for one in (area, spare):
        nora.post(reverse("catalog:delete_print_area", args=[one.public_id]))
    with tenant(north.psp.pk):
        assert [one.key for one in north.mug.product_model.print_areas.all()] == ["wrap"]


def test_the_last_area_of_a_model_that_needs_a_design_stays(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        area = north.mug.product_model.print_areas.get()
        Design.objects.all().delete()
    answer = nora.post(reverse("catalog:delete_print_area", args=[area.public_id]), follow=True)
    assert "is the only print area" in answer.content.decode()


def test_a_product_is_offered_between_its_dates(north: House) -> None:
    today = localdate()
    with tenant(north.psp.pk):
        for begins, ends, offered in (
            (None, None, True),
            (today, today, True),
            (today + timedelta(days=1), None, False),
            (None, today - timedelta(days=1), False),
        ):
            CustomerProduct.objects.filter(pk=north.mug.pk).update(active_from=begins, active_until=ends)
            product = CustomerProduct.objects.get(pk=north.mug.pk)
            assert (product in usable_products(north.customer), product.is_offered) == (offered, offered)


def test_a_customer_sees_its_own_price_and_the_others_the_list_price(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        grete = Customer.objects.create(name="Grete")
    address = reverse("catalog:prices", args=[north.sticker.public_id])
    assert nora.post(address, {north.customer.public_id: "0.8500", grete.public_id: ""}).status_code == 302
    with tenant(north.psp.pk):
        prices = {one.name: vars(usable_products(one).get(uid="STICKER"))["customer_price"] for one in (north.customer, grete)}
        assert prices == {"Ada": Decimal("0.85"), "Grete": Decimal(1)}
    assert nora.post(address, {north.customer.public_id: "-1"}).status_code == 422
    assert nora.post(address, {north.customer.public_id: ""}).status_code == 302
    with tenant(north.psp.pk):
        assert not CustomerPrice.objects.exists()


def test_access_is_given_and_taken_for_many_at_once(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        grete = Customer.objects.create(name="Grete")
        cup = CustomerProduct.objects.create(product_model=north.mug.product_model, uid="CUP-11", name="Cup", price="4", currency="EUR")
    form = {"products": [north.mug.public_id, cup.public_id], "customers": [north.customer.public_id, grete.public_id]}
    address = reverse("catalog:access")
    assert "3 permissions were given" in nora.post(address, form | {"give": "yes"}, follow=True).content.decode()
    assert "0 permissions were given" in nora.post(address, form | {"give": "yes"}, follow=True).content.decode()
    with tenant(north.psp.pk):
        assert {one.uid for one in usable_products(grete)} == {"MUG-11", "CUP-11", "STICKER"}
    assert "4 permissions were taken away" in nora.post(address, form | {"give": "no"}, follow=True).content.decode()
    assert nora.post(address, {"give": "yes", "customers": [grete.public_id]}).status_code == 422


def test_another_tenants_products_and_customers_cannot_be_chosen(nora: Client, north: House, south: House) -> None:
    address = reverse("catalog:access")
    for form in (
        {"products": [south.mug.public_id], "customers": [north.customer.public_id]},
        {"products": [north.mug.public_id], "customers": [south.customer.public_id]},
    ):
        assert nora.post(address, form | {"give": "yes"}).status_code == 422
