"""Job tickets and packing slips: of one order, of one package, of a selection as one PDF."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from fulfillment.access import package_for
from fulfillment.job_ticket import job_tickets_pdf
from fulfillment.packing_slip import packing_slips_pdf
from orders.access import order_for
from orders.buyer_looks import BuyerLook
from orders.models import Order
from orders.services.remembering_looks import remember_look
from orders.states import NOTHING_TO_MAKE
from orders.views.dashboard.files import chosen
from pod_hub.accounts.access import staff_only
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.returning import back_to

# A sheet takes some ten milliseconds; more would keep the person and a web worker waiting.
MOST_ORDERS = 200


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


def _shown(request: HttpRequest, orders: list[Order]) -> list[Order]:
    """Remember who is given these orders' buyers on paper, and return the orders."""
    remember_look([order.pk for order in orders], actor=Actor.person(request.user), road=BuyerLook.Road.PAPER)  # type: ignore[arg-type]
    return orders


@require_safe
@staff_only()
@cache_control(no_store=True)
def job_ticket(request: HttpRequest, public_id: str) -> HttpResponse:
    """The sheet that goes with the goods through the plant."""
    order = _shown(request, [order_for(public_id)])[0]
    return _pdf(job_tickets_pdf([order]), f"job-{order.public_id}")


@require_safe
@staff_only()
@cache_control(no_store=True)
def packing_slip(request: HttpRequest, public_id: str) -> HttpResponse:
    """The sheet that goes to the buyer with what has not left yet."""
    order = _shown(request, [order_for(public_id)])[0]
    return _pdf(packing_slips_pdf([order]), f"slip-{order.public_id}")


@require_safe
@staff_only()
@cache_control(no_store=True)
def packing_slip_of_package(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """The sheet that lies in one package."""
    order = order_for(public_id)
    package = package_for(order, number)
    _shown(request, [order])
    return _pdf(packing_slips_pdf([order], package=package), f"slip-{order.public_id}-{number}")


@require_POST
@staff_only()
@cache_control(no_store=True)
def job_tickets(request: HttpRequest) -> HttpResponse:
    """The tickets of the ticked orders or lines."""
    return _of_selection(request, job_tickets_pdf, "job-tickets")


@require_POST
@staff_only()
@cache_control(no_store=True)
def packing_slips(request: HttpRequest) -> HttpResponse:
    """The slips of the ticked orders or lines."""
    return _of_selection(request, packing_slips_pdf, "packing-slips")


def _of_selection(request: HttpRequest, draw: Callable[[list[Order]], bytes], name: str) -> HttpResponse:
    wanted = Q(public_id__in=chosen(request, "order")) | Q(pk__in=Order.objects.filter(lines__public_id__in=chosen(request, "line")).values("pk"))
    rows = Order.objects.filter(wanted).exclude(state__in=NOTHING_TO_MAKE).select_related("store__trading_name", "facility")
    orders = list(rows.order_by(F("ship_by").asc(nulls_last=True), "pk")[: MOST_ORDERS + 1])
    if not orders:
        messages.warning(request, _("Nothing that can be printed was selected. Tick orders that are not cancelled."))
    elif len(orders) > MOST_ORDERS:
        messages.error(request, _("These are more than %(n)s orders. Select fewer and print the rest after them.") % {"n": MOST_ORDERS})
    else:
        return _pdf(draw(_shown(request, orders)), name)
    return back_to(request, "orders:orders")
