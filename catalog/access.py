"""May this person have this part of the catalog? The object, or a 404 like one that does not exist."""

from __future__ import annotations

from django.http import Http404

from catalog.models import Artwork, CatalogImport, Category, CustomerProduct, Design, Mockup, PrintArea, PrintFile, ProductModel, Variant
from catalog.selectors import usable_products
from pod_hub.accounts.models import Customer


def category_for(public_id: str) -> Category:
    """Return a category of the PSP, or raise a 404."""
    row = Category.objects.filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return row


def product_model_for(public_id: str) -> ProductModel:
    """Return a product model of the PSP with category and print areas, or raise a 404."""
    row = ProductModel.objects.select_related("category").prefetch_related("print_areas").filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return row


def print_area_for(public_id: str) -> PrintArea:
    """Return a print area of the PSP with its product model, or raise a 404."""
    row = PrintArea.objects.select_related("product_model__category").filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return row


def variant_for(public_id: str) -> Variant:
    """Return a variant of the PSP with its product model, or raise a 404."""
    row = Variant.objects.select_related("product_model").filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return row


def mockup_for(public_id: str) -> Mockup:
    """Return a mockup of the PSP with product model and print area, or raise a 404."""
    row = Mockup.objects.select_related("product_model", "print_area").filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return row


def catalog_import_for(public_id: str) -> CatalogImport:
    """Return a catalog import of the PSP with whoever asked for it, or raise a 404."""
    row = CatalogImport.objects.select_related("asked_by").filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return row


def customer_product_for(public_id: str) -> CustomerProduct:
    """Return a customer product of the PSP with model and category, or raise a 404."""
    row = (
        CustomerProduct.objects.select_related("product_model__category", "model_variant")
        .prefetch_related("product_model__print_areas")
        .filter(public_id=public_id)
        .first()
    )
    if row is None:
        raise Http404
    return row


def usable_product_for(customer: Customer, public_id: str) -> CustomerProduct:
    """Return a product that a customer may use, with model and category, or raise a 404."""
    row = (
        usable_products(customer)
        .select_related("product_model__category")
        .prefetch_related("product_model__print_areas")
        .filter(public_id=public_id)
        .first()
    )
    if row is None:
        raise Http404
    return row


def print_file_for(public_id: str) -> PrintFile:
    """Return a print file of the PSP, or raise a 404."""
    row = PrintFile.objects.filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return row


def design_for(public_id: str) -> Design:
    """Return a design with customer and product model, or raise a 404."""
    row = Design.objects.select_related("customer", "product_model").filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return row


def artwork_for(public_id: str) -> Artwork:
    """Return an artwork, or raise a 404."""
    row = Artwork.objects.filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return row


def designable_model_for(public_id: str, *, customer: Customer | None) -> ProductModel:
    """Return a product model that takes designs, or raise a 404; for a customer one of which it may use a product."""
    rows = ProductModel.objects.filter(public_id=public_id, needs_design=True)
    if customer is not None:
        rows = rows.filter(customer_products__in=usable_products(customer)).distinct()
    row = rows.prefetch_related("print_areas").first()
    if row is None:
        raise Http404
    return row
