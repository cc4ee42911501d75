"""A line with several files (orders/line_files.py): areas of a product, products of a bundle; everywhere files of lines are shown or handed out."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
from django.urls import reverse

from catalog.models import CustomerProduct, Design, PrintArea, ProductModel
from catalog.placing import Fit, placed
from catalog.scenes import Scene
from catalog.services.artwork import keep_artwork
from catalog.services.designs import save_design
from catalog.services.sheets import keep_scene
from orders.line_files import files_of
from orders.models import Hold, HoldKind, Order, OrderLine
from orders.services.editing import edit_artwork
from orders.services.line_designs import own_designs_ready
from orders.services.mapping import Chosen, map_bundle
from orders.services.production import release_order
from orders.tasks import sweep
from pod_hub.accounts.actors import HUB
from pod_hub.core.tenancy import tenant
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.artwork_files import picture
from tests.factories.browsers import browser_of
from tests.factories.cast import House, artwork
from tests.factories.programs import Program, program

pytestmark = pytest.mark.django_db


def two_sided(north: House, *, name: str = "Both sides", colour: str = "teal") -> Design:
    """Return a ready design for the mug with a picture on the wrap and one on its back; call it in Northprint's scope."""
    model = north.mug.product_model
    wrap = PrintArea.objects.get(product_model=model, key="wrap")
    back, _made = PrintArea.objects.get_or_create(
        product_model=model, key="back", defaults={"name": "Back", "position": 1, "width_mm": 50, "height_mm": 40, "min_dpi": 100}
    )
    design = Design.objects.create(customer=north.customer, product_model=model, name=name, state=Design.State.DRAFT)
    for area, size in ((wrap, (1680, 720)), (back, (500, 400))):
        file = keep_artwork(customer=north.customer, content=artwork(*size, colour=colour), file_name=f"{area.key}.png")
        keep_scene(design, area, Scene((placed(file, area, fit=Fit.FILL),)))
    return save_design(design=design, actor=HUB)


@pytest.fixture
def bundle(north: House) -> OrderLine:
    """A released line of two units: each is a mug printed on two sides and two coasters."""
    with tenant(north.psp.pk):
        design = two_sided(north)
        coaster_model = ProductModel.objects.create(category=north.mug.product_model.category, name="Coaster", sku="BLANK-COASTER")
        area = PrintArea.objects.create(product_model=coaster_model, key="top", name="Top", width_mm=90, height_mm=90, min_dpi=100)
        coaster = CustomerProduct.objects.create(
            product_model=coaster_model, uid="COASTER", name="Coaster", price=Decimal(1), currency="EUR", for_all_customers=True
        )
        flat = Design.objects.create(customer=north.customer, product_model=coaster_model, name="Flat", state=Design.State.DRAFT)
        file = keep_artwork(customer=north.customer, content=picture((600, 600)), file_name="top.png")
        keep_scene(flat, area, Scene((placed(file, area, fit=Fit.FILL),)))
        flat = save_design(design=flat, actor=HUB)
        parts = [Chosen(north.mug.pk, design.pk, 1), Chosen(coaster.pk, flat.pk, 2)]
        map_bundle(listing_id=north.listing.pk, parts=parts, actor=HUB)
    bought(north, amazon_order(orderItems=[item(quantity=2)]))
    with tenant(north.psp.pk):
        order = Order.objects.get()
        release_order(order_id=order.pk, actor=HUB)
        return OrderLine.objects.select_related("order", "customer_product", "print_file").get()


def test_a_line_has_a_file_for_each_area_of_each_product_with_its_pieces(north: House, bundle: OrderLine, django_assert_num_queries: Any) -> None:
    with tenant(north.psp.pk):
        with django_assert_num_queries(2):
            files = files_of([bundle])[bundle.pk]
        found = [(one.product.uid if one.product else "", one.area.key if one.area else "", one.pieces, one.mark) for one in files]
    assert found == [("MUG-11", "wrap", 2, ""), ("MUG-11", "back", 2, "back"), ("COASTER", "", 4, "COASTER")]
    assert len({one.print_file.pk for one in files}) == 3


def test_the_zip_names_and_counts_every_file(north: House, bundle: OrderLine) -> None:
    answer = browser_of(north.owner).post("/orders/print-files/", {"order": bundle.order.public_id})
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer)))
    number = bundle.order.external_id
    assert archive.namelist() == [f"{number}_1.png", f"{number}_1_back.png", f"{number}_1_COASTER.png", "manifest.csv"]
    rows = archive.read("manifest.csv").decode("utf-8-sig").splitlines()
    assert "print_area" in rows[0] and [row.split(",")[4] + "/" + row.split(",")[6] + "/" + row.split(",")[7] for row in rows[1:]] == [
        "MUG-11/Wrap/2", "MUG-11/Back/2", "COASTER//4",
    ]  # fmt: skip


def test_pages_ticket_and_api_show_and_give_each_file(north: House, bundle: OrderLine) -> None:
    plant: Program = program(north)
    nora = browser_of(north.owner)
    page = nora.get(reverse("orders:order", args=[bundle.order.public_id])).content.decode()
    address = reverse("orders:print_file", args=[bundle.public_id])
    assert f'href="{address}"' in page and f'href="{address}?file=back"' in page and f'href="{address}?file=COASTER"' in page
    back = nora.get(f"{address}?file=back")
    assert back.content == artwork(500, 400) and "_1_back.png" in back["Content-Disposition"]
    assert "has no print file yet" in nora.get(f"{address}?file=none", follow=True).content.decode()
    ticket = pypdfium2.PdfDocument(nora.get(reverse("fulfillment:job_ticket", args=[bundle.order.public_id])).content)
    text = ticket[0].get_textpage().get_text_range()
    assert "Made of: 2 × Mug + 4 × Coaster" in text and "Print file, Back" in text.replace("MUG-11, ", "").replace("Mug, ", "") and "top.png" in text
    told = plant.get(f"orders/{bundle.order.public_id}").json()["lines"][0]["print_files"]
    assert [(one["mark"], one["product_uid"], one["print_area"], one["pieces"]) for one in told] == [
        ("", "MUG-11", "wrap", 2), ("back", "MUG-11", "back", 2), ("COASTER", "COASTER", None, 4),
    ]  # fmt: skip
    assert plant.get(f"orders/{bundle.order.public_id}/lines/{bundle.public_id}/print-file?file=COASTER").content == picture((600, 600))


def test_artwork_chosen_for_one_order_takes_the_place_of_the_mappings_and_other_parts_stay(north: House, bundle: OrderLine) -> None:
    with tenant(north.psp.pk):
        Order.objects.update(state="received")
        OrderLine.objects.update(state="received")
        other = two_sided(north, name="Red", colour="red")
        assert other.print_file_id is not None
        edit_artwork(line_id=bundle.pk, print_file_id=other.print_file_id, design_id=other.pk, actor=HUB, within_window=False)
        line = OrderLine.objects.select_related("customer_product", "print_file").get()
        files = files_of([line])[line.pk]
        assert [one.print_file.pk for one in files[:2]] == list(other.sheets.order_by("print_area__position").values_list("print_file", flat=True))
        assert [one.mark for one in files] == ["", "back", "COASTER"]


def test_a_line_with_a_design_in_the_making_waits_and_goes_on_by_itself(north: House) -> None:
    with tenant(north.psp.pk):
        file = keep_artwork(customer=north.customer, content=picture((1500, 1500)), file_name="square.png")
        wrap = PrintArea.objects.get(product_model=north.mug.product_model)
        design = Design.objects.create(customer=north.customer, product_model=north.mug.product_model, name="Waits", state=Design.State.DRAFT)
        keep_scene(design, wrap, Scene((placed(file, wrap, fit=Fit.FIT),)))
        design = save_design(design=design, actor=HUB)
    bought(north, amazon_order())
    with tenant(north.psp.pk):
        line = OrderLine.objects.get()
        OrderLine.objects.update(design=design, customer_product=north.mug, print_file=None)
        Hold.objects.create(order_id=line.order_id, line=line, kind=HoldKind.ARTWORK, reason="being made")
        Design.objects.filter(pk=design.pk).update(state=Design.State.FAILED)
    assert own_designs_ready() == 1 and own_designs_ready() == 0
    with tenant(north.psp.pk):
        assert "could not be made" in Hold.objects.get(kind=HoldKind.ARTWORK).reason
        Design.objects.filter(pk=design.pk).update(state=Design.State.READY, print_file=north.print_file)
    assert sweep() == 1
    with tenant(north.psp.pk):
        assert OrderLine.objects.get().print_file_id == north.print_file.pk
        assert not Hold.objects.filter(kind=HoldKind.ARTWORK, released_at=None).exists()
