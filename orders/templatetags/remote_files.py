"""The panel about a customer's remote file storages, for pages of lower apps."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from orders.presentation import storage_look
from orders.remote_selectors import storages_of
from pod_hub.accounts.models import Customer

register = template.Library()


@register.inclusion_tag("dashboard/orders/_storages_of_customer.html", takes_context=True)
def remote_storages_of(context: Context, customer: Customer) -> dict[str, Any]:
    """The panel of a customer's storages; the print provider's owner turns the feature on and off here."""
    request = context["request"]
    rows = [{"source": row, "look": storage_look(row)} for row in storages_of(customer)]
    return {"customer": customer, "rows": rows, "request": request, "staff": request.membership.is_staff_of_psp and not request.membership.entered}
