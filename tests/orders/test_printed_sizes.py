"""What a line was printed in stays what it was, whatever becomes of the product's print areas (orders/line_files.py)."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Design, PrintArea, PrintFile
from catalog.services.artwork import keep_artwork
from catalog.services.designs import design_from_artwork
from catalog.services.print_files import keep_print_file
from catalog.services.product_models import save_print_area
from fulfillment.services.shipping import Parcel, ship
from orders.models import Order
from orders.services.editing import edit_artwork
from orders.services.fitting import judge_next, keep_design
from orders.services.mapping import map_listing
from orders.services.production import release_order
from pod_hub.accounts.actors import HUB
from pod_hub.accounts.models import Role
from pod_hub.core.tenancy import tenant
from tests.factories.amazon_orders import amazon_order, bought
from tests.factories.browsers import browser_of
from tests.factories.cast import House, artwork, person
from tests.factories.programs import program

pytestmark = pytest.mark.django_db


@pytest.fixture
def mapped(north: House) -> House:
    with tenant(north.psp.pk):
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=north.design.pk, actor=HUB)
    return north


def resize(house: House, **values: Any) -> None:
    """Change the mug's print area as its form does; call it in the house's scope."""
    area = PrintArea.objects.get(product_model=house.mug.product_model_id)
    for name, value in values.items():
        setattr(area, name, value)
    save_print_area(area=area)


def shipped(house: House, order: Order) -> None:
    with tenant(house.psp.pk):
        release_order(order_id=order.pk, actor=HUB)
        ship(order_id=order.pk, parcels=[Parcel("DHL", "JJD000000001", {order.lines.get().pk: 1})], actor=HUB)


def ticket(browser: Client, order: Order) -> str:
    content = browser.get(reverse("fulfillment:job_ticket", args=[order.public_id])).content
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(io.BytesIO(content)))


def pages(house: House, order: Order) -> list[str]:
    """Return what the plant and the merchant are shown of an order: both pages, the job ticket and the API's answer."""
    nora, ada = browser_of(house.owner), browser_of(person(house.psp, f"Ada{order.pk}", Role.MERCHANT, house.customer))
    page = nora.get(reverse("orders:order", args=[order.public_id])).content.decode()
    portal = ada.get(reverse("portal:order", args=[order.public_id])).content.decode()
    (file,) = program(house).get(f"orders/{order.public_id}").json()["lines"][0]["print_files"]
    return [page, portal, ticket(nora, order), f"{file['width_mm']} × {file['height_mm']} mm"]


def test_a_shipped_order_keeps_its_print_size_and_a_new_one_has_the_new_size(mapped: House) -> None:
    (order,) = bought(mapped)
    shipped(mapped, order)
    with tenant(mapped.psp.pk):
        resize(mapped, width_mm=150, height_mm=120)
    for place in pages(mapped, order):
        assert "210 × 90 mm" in place and "150 × 120 mm" not in place

    with tenant(mapped.psp.pk):
        file = keep_artwork(customer=mapped.customer, content=artwork(1500, 1200, "navy"), file_name="new.png")
        design = design_from_artwork(customer=mapped.customer, product_model=mapped.mug.product_model, artwork=file, name="New")
        map_listing(listing_id=mapped.listing.pk, customer_product_id=mapped.mug.pk, design_id=design.pk, actor=HUB)
    later = max(bought(mapped, amazon_order()), key=lambda one: one.pk)
    for place in pages(mapped, later):
        assert "150 × 120 mm" in place and "210 × 90 mm" not in place


def test_a_design_that_is_kept_in_the_old_size_says_so_on_the_page_and_the_ticket_while_it_is_made(mapped: House) -> None:
    (order,) = bought(mapped)
    with tenant(mapped.psp.pk):
        resize(mapped, width_mm=150)
    while judge_next():
        pass
    nora = browser_of(mapped.owner)
    said = "Printed as designed for 210 × 90 mm; the area is 150 × 90 mm now."

    def told() -> list[bool]:
        page = nora.get(reverse("orders:order", args=[order.public_id])).content.decode()
        return [said in page, said in " ".join(ticket(nora, order).split())]

    assert told() == [False, False], "nobody has decided so yet"
    with tenant(mapped.psp.pk):
        keep_design(design=Design.objects.get(pk=mapped.design.pk), because="the print is centred", actor=HUB)
    assert told() == [True, True]
    shipped(mapped, order)
    assert told() == [False, False]


def test_a_file_chosen_for_one_order_remembers_its_area_too(mapped: House) -> None:
    (order,) = bought(mapped)
    with tenant(mapped.psp.pk):
        model = mapped.mug.product_model
    file = keep_print_file(content=artwork(colour="red"), file_name="red.png", product_model=model)
    with tenant(mapped.psp.pk):
        edit_artwork(line_id=order.lines.get().pk, print_file_id=file.pk, design_id=None, actor=HUB, within_window=False)
    shipped(mapped, order)
    with tenant(mapped.psp.pk):
        resize(mapped, width_mm=150, height_mm=120, bleed_mm=2, name="All around")
    for place in pages(mapped, order):
        assert "210 × 90 mm" in place and "150 × 120 mm" not in place
    assert "Print area: Wrap: 210 × 90 mm, bleed 0 mm" in ticket(browser_of(mapped.owner), order)


def test_the_same_file_on_an_area_of_another_size_is_another_print_file(north: House) -> None:
    with tenant(north.psp.pk):
        model = north.mug.product_model
    first = keep_print_file(content=artwork(colour="plum"), file_name="a.png", product_model=model)
    with tenant(north.psp.pk):
        resize(north, width_mm=140, height_mm=60)
    second = keep_print_file(content=artwork(colour="plum"), file_name="a.png", product_model=model)
    again = keep_print_file(content=artwork(colour="plum"), file_name="a.png", product_model=model)
    assert first.pk != second.pk == again.pk
    assert (first.width_mm, second.width_mm, first.storage_name) == (210, 140, second.storage_name)


def test_a_line_that_waits_for_its_artwork_is_told_todays_size(north: House) -> None:
    with tenant(north.psp.pk):
        Design.objects.update(print_file=None, state=Design.State.RENDERING)
        resize(north, width_mm=150, height_mm=120)
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=north.design.pk, actor=HUB)
    (order,) = bought(north)
    page = browser_of(north.owner).get(reverse("orders:order", args=[order.public_id])).content.decode()
    with tenant(north.psp.pk):
        assert PrintFile.objects.exists() and order.lines.get().print_file_id is None
    assert "150 × 120 mm" in page
