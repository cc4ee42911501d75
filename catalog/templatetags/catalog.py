"""Panels about the catalog for pages of lower apps."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from catalog import selectors
from catalog.models import CatalogImport, Design
from catalog.presentation import ROW_OUTCOME, design_look, stage_look
from pod_hub.accounts.models import Customer
from pod_hub.ui.templatetags.ui import status_badge

register = template.Library()
PRODUCTS_SHOWN = 50


@register.simple_tag
def import_stage(row: CatalogImport) -> str:
    """Where a catalog import stands, as a badge."""
    return str(status_badge(stage_look(row)))


@register.simple_tag
def import_outcome(outcome: str) -> str:
    """What becomes of a row of a table, as a badge."""
    return str(status_badge(ROW_OUTCOME[outcome]))


@register.inclusion_tag("dashboard/catalog/_products_of_customer.html", takes_context=True)
def products_of(context: Context, customer: Customer) -> dict[str, Any]:
    """The panel of the products a customer may use."""
    products = selectors.usable_products(customer).select_related("product_model").order_by("name", "variant", "pk")
    return {"customer": customer, "products": products[:PRODUCTS_SHOWN], "request": context["request"]}


@register.simple_tag
def design_state(design: Design) -> str:
    """The badge that says where a design stands."""
    return str(status_badge(design_look(design)))
