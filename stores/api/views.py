"""Stores by API."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from pod_hub.accounts.api.lists import page_of
from pod_hub.accounts.api.views import ApiView
from pod_hub.accounts.models import Scope
from stores.api.publications import PUBLICATION_EXAMPLE, PublicationPage, PublicationParameters, PublicationShape
from stores.api.shapes import STORE_EXAMPLE, StorePage, StoreParameters, StoreShape
from stores.models import Publication, Store


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


def _publications() -> QuerySet[Publication]:
    return Publication.objects.select_related("store", "customer_product", "design", "listing")


class Publications(ApiView):
    """The list of products that are added to stores."""

    scopes = {"GET": Scope.ORDERS_READ}

    @extend_schema(
        operation_id="list_publications",
        tags=["Stores"],
        summary="List products that are added",
        description="Products that are added to stores, most recently started first, with where they stand and what the marketplace finds wrong. "
        "Those that somebody gave up are left out.",
        parameters=[PublicationParameters],
        responses=PublicationPage,
        examples=[OpenApiExample("A page", value={"items": [PUBLICATION_EXAMPLE], "next_cursor": None}, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """Answer a page of products that are added."""
        wanted = PublicationParameters.read(request)
        rows = _publications().filter(dropped_at=None)
        if store := wanted.get("store"):
            rows = rows.filter(store__public_id=store)
        if state := wanted.get("state"):
            rows = rows.filter(state=state)
        return Response(page_of(request, rows, by=("-started_at", "-id"), wanted=wanted, show=lambda found: PublicationShape(found, many=True).data))


class OnePublication(ApiView):
    """One product that is added."""

    scopes = {"GET": Scope.ORDERS_READ}

    @extend_schema(
        operation_id="get_publication",
        tags=["Stores"],
        summary="Read a product that is added",
        description="Where one product stands on its way into a store: its state, the marketplace's sentences with the fields they are about, the "
        "marketplace's product id and the listing it became. One that was given up is still answered, with `dropped_at`.",
        parameters=[
            OpenApiParameter(
                "public_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Id of the product that is added, such as `pub_4e6g8j1m3p5r7t9w`."
            )
        ],
        responses=PublicationShape,
        examples=[OpenApiExample("Answer", value=PUBLICATION_EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Answer one product that is added."""
        return Response(PublicationShape(get_object_or_404(_publications(), public_id=public_id)).data)
