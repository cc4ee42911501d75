"""Panels about the catalog for pages of lower apps."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from catalog import selectors
from pod_hub.accounts.models import Customer

register = template.Library()
PRODUCTS_SHOWN = 50


@register.inclusion_tag("dashboard/catalog/_products_of_customer.html", takes_context=True)
def products_of(context: Context, customer: Customer) -> dict[str, Any]:
    """The panel of the products a customer may use."""
    products = selectors.usable_products(customer).select_related("product_model").order_by("name", "variant", "pk")
    return {"customer": customer, "products": products[:PRODUCTS_SHOWN], "request": context["request"]}
