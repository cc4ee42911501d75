"""How the API shows the catalog."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pod_hub.accounts.api.lists import ListParameters


class PrintAreaShape(serializers.Serializer[Any]):
    """One place that is printed."""

    key = serializers.CharField()
    name = serializers.CharField()
    width_mm = serializers.IntegerField()
    height_mm = serializers.IntegerField()
    bleed_mm = serializers.IntegerField()
    min_dpi = serializers.IntegerField()
    target_dpi = serializers.IntegerField()


class ProductModelShape(serializers.Serializer[Any]):
    """The blank thing that is printed on, with its print areas."""

    id = serializers.CharField(source="public_id")
    name = serializers.CharField()
    sku = serializers.CharField()
    needs_design = serializers.BooleanField()
    print_areas = PrintAreaShape(many=True, source="print_areas.all")


class ProductShape(serializers.Serializer[Any]):
    """A customer product. ``uid`` is what a manual order names it by."""

    id = serializers.CharField(source="public_id")
    uid = serializers.CharField()
    name = serializers.CharField()
    variant = serializers.CharField()
    price = serializers.DecimalField(max_digits=12, decimal_places=4)
    currency = serializers.CharField()
    active = serializers.BooleanField(source="is_active")
    product_model = ProductModelShape()


class ProductPage(serializers.Serializer[Any]):
    """A page of products."""

    items = ProductShape(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class ProductParameters(ListParameters):
    """The filters of the product list."""

    customer = serializers.CharField(required=False, max_length=40, help_text="Only products that this customer may use.")


class DesignShape(serializers.Serializer[Any]):
    """A customer's artwork for one product model."""

    id = serializers.CharField(source="public_id")
    name = serializers.CharField()
    customer = serializers.CharField(source="customer.public_id")
    product_model = serializers.CharField(source="product_model.public_id")
    has_print_file = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    def get_has_print_file(self, design: Any) -> bool:
        """Whether it can be printed."""
        return design.print_file_id is not None


class DesignPage(serializers.Serializer[Any]):
    """A page of designs."""

    items = DesignShape(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class DesignParameters(ListParameters):
    """The filters of the design list."""

    customer = serializers.CharField(required=False, max_length=40, help_text="Only designs of this customer.")
    product_model = serializers.CharField(required=False, max_length=40, help_text="Only designs for this product model.")


PRODUCT_EXAMPLE = {
    "id": "prd_4k7m2x9q1d8e5v3a",
    "uid": "MUG-11",
    "name": "Mug",
    "variant": "11 oz",
    "price": "5.2000",
    "currency": "EUR",
    "active": True,
    "product_model": {
        "id": "mod_1p9z6c3b8n4w2k5f", "name": "Ceramic mug", "sku": "BLANK-MUG", "needs_design": True,
        "print_areas": [{"key": "front", "name": "Front", "width_mm": 210, "height_mm": 90, "bleed_mm": 3, "min_dpi": 150, "target_dpi": 300}],
    },
}  # fmt: skip
DESIGN_EXAMPLE = {
    "id": "des_8d2f5h7j9k1m3n4p",
    "name": "Teal",
    "customer": "cus_2a4c6e8g1j3m5p7r",
    "product_model": "mod_1p9z6c3b8n4w2k5f",
    "has_print_file": True,
    "created_at": "2026-11-02T09:30:00Z",
}
