"""Shipping an order in one or more packages."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from fulfillment.forms import ShipForm
from fulfillment.selectors import carriers_of
from fulfillment.services.carriers import ask_soon
from fulfillment.services.shipping import CannotShip, LeftAlready, refuse_repeated
from fulfillment.services.shipping import ship as ship_packages
from orders.models import Order
from orders.presentation import hold_look
from orders.services.holds import blocking
from pod_hub.accounts.access import staff_only
from pod_hub.accounts.actors import Actor
from pod_hub.core.hints import hint
from stores.channels.registry import capabilities
from stores.channels.types import ChannelState


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(may="may_change_orders")
def ship(request: HttpRequest, public_id: str) -> HttpResponse:
    """Describe the packages and let them leave; the marketplace is told by a push that is written with them."""
    order = Order.objects.filter(public_id=public_id).select_related("store__connection", "facility").first()
    if order is None:
        raise Http404
    if order.is_labelled_by_channel:
        return redirect("fulfillment:label", public_id)
    lines = list(order.lines.select_related("customer_product").order_by("pk"))
    carriers, can = carriers_of(order), capabilities(order.store.kind)
    if can.lists_carriers and not carriers:
        ask_soon(order)
    form = ShipForm(order, lines, carriers=carriers, data=request.POST if request.method == "POST" else None)
    if request.method == "POST" and not form.is_asking:
        try:
            refuse_repeated(order, form.as_typed)
        except LeftAlready as repeated:
            messages.success(request, str(repeated))
            return redirect("orders:order", public_id)
    if request.method == "POST" and not form.is_asking and form.lines and form.is_valid():
        try:
            shipment = ship_packages(order_id=order.pk, parcels=form.parcels(), actor=Actor.person(request.user))  # type: ignore[arg-type]
        except LeftAlready as repeated:  # both presses were under way at once
            messages.success(request, str(repeated))
            return redirect("orders:order", public_id)
        except CannotShip as error:
            form.error = str(error)
        else:
            hint("fulfillment.push")
            count = len(form.packages)
            words = ngettext("%(n)s package of %(order)s has left.", "%(n)s packages of %(order)s have left.", count) % {
                "n": count,
                "order": order.external_id,
            }
            told = shipment.packages.filter(push__isnull=False).exists()
            messages.success(
                request, words + " " + (_("The marketplace is being told.") if told else _("The marketplace is not told: see the timeline."))
            )
            return redirect("orders:order", public_id)
    holds = blocking(order)
    context = {
        "order": order,
        "form": form,
        "holds": [{"hold": hold, "look": hold_look(hold.kind, hold.cause)} for hold in holds],
        "is_pending": order.channel_state == ChannelState.PENDING,
        "channel": can,
        "must_be_listed": can.lists_carriers,
        "is_told": getattr(getattr(order.store, "connection", None), "mark_as_despatched", False),
    }
    return render(request, "dashboard/fulfillment/ship.html", context)
