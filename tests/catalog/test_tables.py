"""The catalog as spreadsheets (catalog/tables, catalog/services/importing.py): out, checked, and in."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.models import CatalogImport, Category, CustomerPrice, CustomerProduct, PrintArea, ProductModel, Variant
from catalog.services import importing
from catalog.services.importing import import_next
from pod_hub.core.spreadsheets import open_table
from pod_hub.core.tenancy import tenant
from tests.factories.browsers import browser_of
from tests.factories.cast import House

pytestmark = pytest.mark.django_db
Kind = CatalogImport.Kind


@pytest.fixture
def nora(north: House) -> Client:
    return browser_of(north.owner)


def sent(nora: Client, kind: str, text: str | bytes, name: str = "catalog.csv") -> str:
    """Upload a table, have it checked, and return the address of its page."""
    content = text if isinstance(text, bytes) else text.encode()
    answer = nora.post(reverse("catalog:tables"), {"kind": kind, "file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302, answer.content
    assert import_next()
    return str(answer["Location"])


def row(house: House) -> CatalogImport:
    with tenant(house.psp.pk):
        return CatalogImport.objects.order_by("-pk")[0]


def taken_in(nora: Client, house: House, kind: str, text: str | bytes) -> CatalogImport:
    page = sent(nora, kind, text)
    assert nora.post(f"{page}apply/").status_code == 302
    assert import_next()
    return row(house)


def counts(one: CatalogImport) -> tuple[int, int, int, int]:
    return one.count_new, one.count_changed, one.count_same, one.count_wrong


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", Kind.values)
def test_what_was_downloaded_is_taken_in_again_without_a_change(nora: Client, north: House, kind: str, ending: str) -> None:
    with tenant(north.psp.pk):
        Variant.objects.create(product_model=north.mug.product_model, colour="white", size="11 oz", sku="BLANK-MUG-W", colour_code="#ffffff")
        CustomerPrice.objects.create(customer_product=north.mug, customer=north.customer, price=Decimal("4.80"))
    told = nora.get(reverse("catalog:export", args=[kind, ending])).content
    page = nora.get(sent(nora, kind, told, f"catalog.{ending}")).content.decode()
    assert counts(row(north))[:2] == (0, 0)
    assert row(north).count_same > 0
    assert "just as the table says" in page


def test_a_table_changes_nothing_until_somebody_says_yes(nora: Client, north: House) -> None:
    page = sent(nora, Kind.PRODUCTS, "Product UID;Name;Price\nMUG-11;Big mug;6,50\n")
    shown = nora.get(page).content.decode()
    assert "Nothing has changed yet" in shown and "Take it in" in shown
    with tenant(north.psp.pk):
        assert CustomerProduct.objects.get(uid="MUG-11").name == "Mug"
    nora.post(f"{page}apply/")
    nora.post(f"{page}apply/")  # a second click
    assert import_next() and import_next() is None
    with tenant(north.psp.pk):
        product = CustomerProduct.objects.get(uid="MUG-11")
        assert (product.name, product.price, product.currency) == ("Big mug", Decimal("6.5"), "EUR")
        assert product.grants.count() == 1  # a column that was left out keeps what it has
    assert (row(north).stage, counts(row(north))) == ("applied", (0, 1, 0, 0))


def test_models_with_several_areas_variants_and_products_come_in_from_three_tables(nora: Client, north: House) -> None:
    models = (
        "Blank SKU,Name,Category,Weight (g),Area,Area name,Print width (mm),Print height (mm),Bleed (mm),Smallest dpi,Target dpi,File types\n"
        "TEE,T-shirt,Clothing > Shirts,180,front,Front,300,400,0,150,300,png; pdf\n"
        "TEE,,,,back,Back,300,400,0,150,300,\n"
    )
    assert counts(taken_in(nora, north, Kind.MODELS, models)) == (2, 0, 0, 0)
    variants = "Blank SKU,Product model,Colour,Colour code,Size\nTEE-B-M,TEE,black,#000000,M\nTEE-B-L,tee,black,#000000,L\n"
    assert counts(taken_in(nora, north, Kind.VARIANTS, variants)) == (2, 0, 0, 0)
    products = 'Product UID,Name,Variant,Blank SKU,Price,Currency,Customers,Facilities\nTEE-BLACK-M,T-shirt,"black, M",TEE-B-M,8.40,EUR,Ada,Northprint plant\n'
    assert counts(taken_in(nora, north, Kind.PRODUCTS, products)) == (1, 0, 0, 0)
    with tenant(north.psp.pk):
        model = ProductModel.objects.get(sku="TEE")
        assert [(area.key, area.file_types) for area in model.print_areas.all()] == [("front", ["png", "pdf"]), ("back", ["png", "jpeg", "pdf"])]
        assert model.category.name == "Shirts" and model.category.parent is not None and model.category.parent.name == "Clothing"
        product = CustomerProduct.objects.select_related("model_variant").get(uid="TEE-BLACK-M")
        assert product.model_variant is not None and product.model_variant.sku == "TEE-B-M"
        assert [grant.customer.name for grant in product.grants.all()] == ["Ada"]
        assert Category.objects.filter(name="Shirts").count() == 1


def test_prices_of_single_customers_are_set_and_taken_away(nora: Client, north: House) -> None:
    assert counts(taken_in(nora, north, Kind.PRICES, "Product UID,Customer,Price\nMUG-11,ada,4.80\n")) == (1, 0, 0, 0)
    assert counts(taken_in(nora, north, Kind.PRICES, "Product UID,Customer,Price\nMUG-11,Ada,\n")) == (0, 1, 0, 0)
    with tenant(north.psp.pk):
        assert not CustomerPrice.objects.exists()


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        (Kind.PRODUCTS, "Product UID,Name\n,x\n", "“Product UID” is empty"),
        (Kind.PRODUCTS, "Product UID,Price\nMUG-11,cheap\n", "“Price” is “cheap”; it takes an amount"),
        (Kind.PRODUCTS, "Product UID,Price\nMUG-11,-1\n", "it takes an amount"),
        (Kind.PRODUCTS, "Product UID,Name\nMUG-11,a\nMUG-11,b\n", "stands in the file twice"),
        (Kind.PRODUCTS, "Product UID,Customers\nMUG-11,Nobody\n", "no customer named “Nobody”"),
        (Kind.PRODUCTS, "Product UID,Facilities\nMUG-11,Moon\n", "no facility named “Moon”"),
        (Kind.PRODUCTS, "Product UID,Active\nMUG-11,perhaps\n", "it takes yes or no"),
        (Kind.PRODUCTS, "Product UID,Offered from,Offered until\nMUG-11,2026-12-31,2026-01-01\n", "end before it begins"),
        (Kind.PRODUCTS, "Product UID,Offered from\nMUG-11,soon\n", "it takes a day"),
        (Kind.PRODUCTS, "Product UID,Name,Blank SKU,Price,Currency\nNEW-1,New,NOWHERE,1,EUR\n", "no product model or variant"),
        (Kind.PRODUCTS, "Product UID,Name,Blank SKU,Price,Currency\nNEW-1,New,BLANK-MUG,1,EURO\n", "at most 3 fit"),
        (Kind.PRODUCTS, "Product UID,Name,Blank SKU,Price,Currency\n?!,New,BLANK-MUG,1,EUR\n", "Use 3 to 60 letters"),
        (Kind.PRODUCTS, "Product UID,Blank SKU\nMUG-11,STOCK-STICKER\n", "made of another product model"),
        (Kind.MODELS, "Blank SKU,Name\nNEW,New\n", "“Category” is empty"),
        (Kind.MODELS, "Blank SKU,Area,Smallest dpi,Target dpi\nBLANK-MUG,wrap,600,300\n", "above “Target dpi”"),
        (Kind.MODELS, "Blank SKU,Area,Print width (mm)\nBLANK-MUG,wrap,0\n", "greater than or equal to 1"),
        (Kind.MODELS, "Blank SKU,Area,Print width (mm),Print height (mm)\nBLANK-MUG,Front side,10,10\n", "lower-case letters"),
        (Kind.MODELS, "Blank SKU,Area,File types\nBLANK-MUG,wrap,gif\n", "names “gif”"),
        (Kind.MODELS, "Blank SKU,Area\nBLANK-MUG,wrap\nBLANK-MUG,wrap\n", "stands in the file twice"),
        (Kind.VARIANTS, "Blank SKU,Product model,Colour\nX,NOWHERE,red\n", "no product model with the blank SKU"),
        (Kind.VARIANTS, "Blank SKU,Product model,Colour\nX,BLANK-MUG,\n", "Give a size or a colour"),
        (Kind.VARIANTS, "Blank SKU,Product model,Colour,Colour code\nX,BLANK-MUG,red,red\n", "Use a code such as"),
        (Kind.PRICES, "Product UID,Customer,Price\nNOTHING,Ada,1\n", "no product with the UID"),
    ],
)
def test_a_wrong_row_is_named_and_the_table_cannot_be_taken_in(nora: Client, north: House, kind: str, text: str, why: str) -> None:
    page = sent(nora, kind, text)
    shown = nora.get(page).content.decode()
    assert why in shown.replace("&quot;", '"')
    assert "Take it in" not in shown
    nora.post(f"{page}apply/")
    assert import_next() is None
    assert row(north).count_wrong == 1


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "empty"), (b"\x89PNG\r\n\x1a\n\0\0", "names none of the columns"), (b"Name\nMug\n", "column Product UID is missing")]
)
def test_a_file_that_is_no_such_table_is_refused_with_the_reason(nora: Client, north: House, content: bytes, why: str) -> None:
    answer = nora.post(reverse("catalog:tables"), {"kind": Kind.PRODUCTS, "file": SimpleUploadedFile("x.csv", content)})
    if answer.status_code == 422:
        assert why in answer.content.decode()
        return
    assert import_next()
    assert why in nora.get(answer["Location"]).content.decode()
    assert row(north).stage == "refused"


def test_a_row_that_went_wrong_since_the_check_undoes_the_whole_table(nora: Client, north: House) -> None:
    page = sent(nora, Kind.PRODUCTS, "Product UID,Name,Customers\nMUG-11,Changed,Ada\nSTICKER,Sticker,Ada\n")
    nora.post(f"{page}apply/")
    with tenant(north.psp.pk):
        north.customer.name = "Ada and Sons"
        north.customer.save()
    assert import_next()
    with tenant(north.psp.pk):
        assert CustomerProduct.objects.get(uid="MUG-11").name == "Mug"
    assert (row(north).stage, row(north).count_wrong) == ("checked", 2)


def test_a_worker_that_dies_while_taking_in_leaves_nothing_half_done(nora: Client, north: House, monkeypatch: pytest.MonkeyPatch) -> None:
    page = sent(nora, Kind.PRODUCTS, "Product UID,Name\nMUG-11,Changed\nSTICKER,Changed too\n")
    nora.post(f"{page}apply/")
    real, calls = importing._applied, []

    def dies(change: Any) -> Any:
        calls.append(change)
        if len(calls) == 2:
            raise SystemExit
        return real(change)

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(importing, "_applied", dies)
        import_next()
    with tenant(north.psp.pk):
        assert CustomerProduct.objects.get(uid="MUG-11").name == "Mug"
        CatalogImport.objects.update(leased_until=None)
    assert import_next()
    assert (row(north).stage, counts(row(north))) == ("applied", (0, 2, 0, 0))


def test_another_tenants_names_are_not_known(nora: Client, north: House, south: House) -> None:
    sent(nora, Kind.PRODUCTS, f"Product UID,Customers\nMUG-11,{south.customer.name}\n")
    assert row(north).count_wrong == 1


def test_an_area_in_use_stays_and_a_changed_one_raises_the_model_s_revision(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        before = ProductModel.objects.get(pk=north.mug.product_model_id).revision
    taken_in(nora, north, Kind.MODELS, "Blank SKU,Area,Print width (mm)\nBLANK-MUG,wrap,220\n")
    with tenant(north.psp.pk):
        assert PrintArea.objects.get().width_mm == 220
        assert ProductModel.objects.get(pk=north.mug.product_model_id).revision == before + 1


def test_the_exported_table_holds_what_stands_in_the_catalog(nora: Client, north: House) -> None:
    answer = nora.get(reverse("catalog:export", args=["products", "xlsx"]))
    with open_table(io.BytesIO(answer.content), columns=["Product UID", "Customers", "Price"]) as table:
        assert [(one["Product UID"], one["Customers"], one["Price"]) for one in table.rows] == [
            ("MUG-11", "Ada", "5.2000"),
            ("STICKER", "", "1.0000"),
        ]
    assert "attachment" in answer["Content-Disposition"]
    assert nora.get(reverse("catalog:export", args=["secrets", "csv"])).status_code == 404


def test_a_page_of_a_running_import_counts_and_ends_by_itself(nora: Client, north: House) -> None:
    answer = nora.post(reverse("catalog:tables"), {"kind": Kind.PRODUCTS, "file": SimpleUploadedFile("p.csv", b"Product UID,Name\nMUG-11,x\n")})
    page = answer["Location"]
    assert "hx-get" in nora.get(page).content.decode()
    assert "progress" in nora.get(f"{page}?part=progress").content.decode()
    import_next()
    assert nora.get(f"{page}?part=progress")["HX-Refresh"] == "true"
