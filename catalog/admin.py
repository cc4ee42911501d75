"""The catalog for operators."""

from __future__ import annotations

from django.contrib import admin

from catalog.models import Category, CustomerProduct, Design, PrintFile, ProductFacility, ProductGrant, ProductModel
from pod_hub.accounts.operators import TenantAdmin


@admin.register(Category)
class CategoryAdmin(TenantAdmin[Category]):
    """Shelves."""

    list_display = ("name", "parent", "position")
    search_fields = ("public_id",)


@admin.register(ProductModel)
class ProductModelAdmin(TenantAdmin[ProductModel]):
    """Blanks."""

    list_display = ("name", "sku", "category", "print_width_mm", "print_height_mm", "min_dpi", "needs_design")
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

    list_display = ("file_name", "public_id", "width_px", "height_px", "dpi", "size_bytes", "created_at")
    search_fields = ("public_id", "sha256")
