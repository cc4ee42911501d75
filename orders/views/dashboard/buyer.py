"""Removing an order's buyer data at a person's request."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from orders.access import order_for
from orders.models import PurgeRecord
from orders.services.purging import purge_orders
from orders.states import OPEN_ORDER_STATES
from pod_hub.accounts.access import staff_only
from pod_hub.accounts.actors import Actor


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(may="may_manage")
@cache_control(no_store=True)
def remove(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask, then remove everything personal of an order for good."""
    order = order_for(public_id)
    if request.method != "POST":
        return render(request, "dashboard/orders/remove_buyer_data.html", {"order": order, "is_open": order.state in OPEN_ORDER_STATES})
    removed = purge_orders(order_ids=[order.pk], rule=PurgeRecord.Rule.REQUESTED, actor=Actor.person(request.user))  # type: ignore[arg-type]
    if removed:
        messages.success(request, _("The buyer's data was removed. The record of it stands on this page."))
    else:
        messages.info(request, _("Nothing personal was left, so nothing was changed."))
    return redirect("orders:order", public_id)
