"""Stores by API."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from pod_hub.accounts.api.lists import page_of
from pod_hub.accounts.api.views import ApiView
from pod_hub.accounts.models import Scope
from stores.api.shapes import STORE_EXAMPLE, StorePage, StoreParameters, StoreShape
from stores.models import Store


class Stores(ApiView):
    """The store list."""

    scopes = {"GET": Scope.ORDERS_READ}

    @extend_schema(
        operation_id="list_stores",
        tags=["Stores"],
        summary="List stores",
        description="Stores by name. Manual orders are entered into a store of kind `manual`.",
        parameters=[StoreParameters],
        responses=StorePage,
        examples=[OpenApiExample("A page", value={"items": [STORE_EXAMPLE], "next_cursor": None}, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """Answer a page of stores."""
        wanted = StoreParameters.read(request)
        rows = Store.objects.filter(removed_at=None).select_related("customer", "facility", "connection")
        if customer := wanted.get("customer"):
            rows = rows.filter(customer__public_id=customer)
        if kind := wanted.get("kind"):
            rows = rows.filter(kind=kind)
        return Response(page_of(request, rows, by=("name", "id"), wanted=wanted, show=lambda found: StoreShape(found, many=True).data))
