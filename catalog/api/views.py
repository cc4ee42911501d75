"""The catalog by API: products and designs."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.shapes import (
    DESIGN_EXAMPLE,
    PRODUCT_EXAMPLE,
    DesignPage,
    DesignParameters,
    DesignShape,
    ProductPage,
    ProductParameters,
    ProductShape,
)
from catalog.models import CustomerProduct, Design, ProductGrant
from pod_hub.accounts.api.lists import page_of
from pod_hub.accounts.api.views import ApiView
from pod_hub.accounts.models import Scope


class Products(ApiView):
    """The product list."""

    scopes = {"GET": Scope.ORDERS_READ}

    @extend_schema(
        operation_id="list_products",
        tags=["Catalog"],
        summary="List products",
        description="Customer products by UID, inactive ones too.",
        parameters=[ProductParameters],
        responses=ProductPage,
        examples=[OpenApiExample("A page", value={"items": [PRODUCT_EXAMPLE], "next_cursor": None}, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """Answer a page of products."""
        wanted = ProductParameters.read(request)
        rows = CustomerProduct.objects.select_related("product_model").prefetch_related("product_model__print_areas")
        if customer := wanted.get("customer"):
            granted = ProductGrant.objects.filter(customer_product=OuterRef("pk"), customer__public_id=customer)
            rows = rows.filter(Q(for_all_customers=True) | Exists(granted))
        return Response(page_of(request, rows, by=("uid", "id"), wanted=wanted, show=lambda found: ProductShape(found, many=True).data))


class Designs(ApiView):
    """The design list."""

    scopes = {"GET": Scope.ORDERS_READ}

    @extend_schema(
        operation_id="list_designs",
        tags=["Catalog"],
        summary="List designs",
        description="Artwork, newest first. A manual order names the design of a line by its id.",
        parameters=[DesignParameters],
        responses=DesignPage,
        examples=[OpenApiExample("A page", value={"items": [DESIGN_EXAMPLE], "next_cursor": None}, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """Answer a page of designs."""
        wanted = DesignParameters.read(request)
        rows = Design.objects.select_related("customer", "product_model")
        if customer := wanted.get("customer"):
            rows = rows.filter(customer__public_id=customer)
        if model := wanted.get("product_model"):
            rows = rows.filter(product_model__public_id=model)
        return Response(page_of(request, rows, by=("-created_at", "-id"), wanted=wanted, show=lambda found: DesignShape(found, many=True).data))
