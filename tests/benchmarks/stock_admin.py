"""The control of (c): what a Django project gets for nothing, a plain ``ModelAdmin`` with the columns of our own list.

Our operators' pages are not it: they have other columns and leave the count of all rows out. Here nothing is set but columns, filters, search,
order and page size, and the two hints without which each row would ask again for its store, its lines and its holds. It is reached through the
same middleware, by a superuser in the scope for all tenants, so PostgreSQL filters by none. It is drawn by Django's own templates, because
those of our operators' pages do more.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLResolver, path

import pod_hub.urls
from orders.models import Order

PREFIX = "stock/"
ENGINE = "stock"
TEMPLATES = [
    *settings.TEMPLATES,
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "NAME": ENGINE,
        "DIRS": [Path(admin.__file__).parent / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]


class StockOrderAdmin(admin.ModelAdmin[Order]):
    """Orders as Django shows them."""

    list_display = ("external_id", "store", "customer", "products", "state", "waits_for", "ship_by", "placed_at", "ship_to_country")
    list_filter = ("psp", "state")
    list_per_page = 50
    list_select_related = ("store__customer",)
    ordering = ("-placed_at",)
    search_fields: ClassVar[tuple[str, ...]] = ("external_id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        """Fetch lines and holds with their orders."""
        return super().get_queryset(request).prefetch_related("lines", "holds")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Draw the list with Django's own templates."""
        answer = super().changelist_view(request, extra_context)
        if isinstance(answer, TemplateResponse):
            answer.using = ENGINE
        return answer

    def customer(self, order: Order) -> Any:
        """The merchant."""
        return order.store.customer

    def products(self, order: Order) -> str:
        """The lines."""
        return ", ".join(f"{line.quantity} x {line.sku}" for line in order.lines.all())

    def waits_for(self, order: Order) -> str:
        """The open holds."""
        return ", ".join(hold.get_kind_display() for hold in order.holds.all() if hold.released_at is None)


# The name that the tenant middleware knows as the operators' site: only there a superuser looks across tenants.
site = admin.AdminSite(name="admin")
site.register(Order, StockOrderAdmin)
urlpatterns = [
    path(PREFIX, site.urls),
    *(one for one in pod_hub.urls.urlpatterns if not (isinstance(one, URLResolver) and one.namespace == "admin")),
]
