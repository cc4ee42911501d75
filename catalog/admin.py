"""The catalog for operators."""

from __future__ import annotations

from django.contrib import admin

from catalog.models import (
    Artwork,
    CatalogImport,
    Category,
    CustomerPrice,
    CustomerProduct,
    Design,
    DesignSheet,
    Mockup,
    PrintArea,
    PrintFile,
    ProductFacility,
    ProductGrant,
    ProductModel,
    RenderJob,
    SheetArtwork,
    Variant,
)
from pod_hub.accounts.operators import TenantAdmin


@admin.register(Category)
class CategoryAdmin(TenantAdmin[Category]):
    """Shelves."""

    list_display = ("name", "parent", "position")
    search_fields = ("public_id",)


@admin.register(ProductModel)
class ProductModelAdmin(TenantAdmin[ProductModel]):
    """Blanks."""

    list_display = ("name", "sku", "category", "weight_g", "needs_design", "revision")
    search_fields = ("public_id", "sku")


@admin.register(CustomerProduct)
class CustomerProductAdmin(TenantAdmin[CustomerProduct]):
    """Products as offered."""

    list_display = ("name", "variant", "uid", "product_model", "price", "currency", "is_active")
    list_filter = ("is_active", "for_all_customers")
    search_fields = ("public_id", "uid")


@admin.register(ProductGrant)
class ProductGrantAdmin(TenantAdmin[ProductGrant]):
    """Who may use what."""

    list_display = ("customer_product", "customer")


@admin.register(ProductFacility)
class ProductFacilityAdmin(TenantAdmin[ProductFacility]):
    """Where what is made."""

    list_display = ("customer_product", "facility")


@admin.register(Design)
class DesignAdmin(TenantAdmin[Design]):
    """Artwork as merchants mean it."""

    list_display = ("name", "customer", "product_model", "print_file", "created_at")
    search_fields = ("public_id",)


@admin.register(PrintFile)
class PrintFileAdmin(TenantAdmin[PrintFile]):
    """Checked, stored files."""

    list_display = ("file_name", "public_id", "area_name", "width_mm", "height_mm", "width_px", "height_px", "dpi", "size_bytes", "created_at")
    search_fields = ("public_id", "sha256")


@admin.register(PrintArea)
class PrintAreaAdmin(TenantAdmin[PrintArea]):
    """Places that are printed."""

    list_display = ("name", "key", "product_model", "width_mm", "height_mm", "bleed_mm", "min_dpi", "target_dpi", "output")
    search_fields = ("public_id",)


@admin.register(Variant)
class VariantAdmin(TenantAdmin[Variant]):
    """Sizes and colours."""

    list_display = ("sku", "product_model", "size", "colour", "is_active")
    search_fields = ("public_id", "sku")


@admin.register(Mockup)
class MockupAdmin(TenantAdmin[Mockup]):
    """Pictures for previews."""

    list_display = ("public_id", "product_model", "print_area", "variant", "width_px", "height_px")
    search_fields = ("public_id",)


@admin.register(CustomerPrice)
class CustomerPriceAdmin(TenantAdmin[CustomerPrice]):
    """Prices of single customers."""

    list_display = ("customer_product", "customer", "price")


@admin.register(Artwork)
class ArtworkAdmin(TenantAdmin[Artwork]):
    """What was uploaded."""

    list_display = ("file_name", "public_id", "customer", "width_px", "height_px", "colour_mode", "size_bytes", "created_at")
    search_fields = ("public_id",)


@admin.register(DesignSheet)
class DesignSheetAdmin(TenantAdmin[DesignSheet]):
    """What a design puts on an area."""

    list_display = ("public_id", "design", "print_area", "print_file")
    search_fields = ("public_id",)


@admin.register(SheetArtwork)
class SheetArtworkAdmin(TenantAdmin[SheetArtwork]):
    """What is placed where."""

    list_display = ("sheet", "artwork")


@admin.register(RenderJob)
class RenderJobAdmin(TenantAdmin[RenderJob]):
    """Print files being made."""

    list_display = ("sheet", "delivery", "asked_at", "finished_at", "attempts", "last_error")
    list_filter = ("delivery",)


@admin.register(CatalogImport)
class CatalogImportAdmin(TenantAdmin[CatalogImport]):
    """Tables that were sent."""

    list_display = ("file_name", "public_id", "kind", "stage", "rows_total", "count_wrong", "asked_by", "asked_at", "last_error")
    list_filter = ("kind", "stage")
    search_fields = ("public_id",)
