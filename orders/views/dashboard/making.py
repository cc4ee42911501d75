"""How far print files are that a listing or an order waits for: a fragment that its page asks for again and again, until the page is drawn anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from catalog.models import Design
from catalog.services.rendering import progress_of
from orders.access import listing_for, order_for
from orders.making import made_for_listing, made_for_order
from pod_hub.accounts.access import member_only
from pod_hub.core.hints import hint
from pod_hub.ui.context import Chrome


def making(designs: Sequence[Design], poll: str) -> dict[str, Any]:
    """Return what the fragment is drawn from; empty when nothing is being made."""
    if not designs:
        return {}
    if all(design.state == Design.State.READY for design in designs):
        hint("orders.sweep_mapped")  # the files are there: let the lines have them now
    return {"made": progress_of(*designs), "poll": poll}


def of_listing(public_id: str) -> str:
    """Return the address of a listing's fragment."""
    return reverse("orders:listing_making", args=[public_id])


def of_order(public_id: str) -> str:
    """Return the address of an order's fragment."""
    return reverse("orders:order_making", args=[public_id])


@require_safe
@member_only()
def listing(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show how far the print files of a listing are."""
    row = listing_for(public_id)
    return _answer(request, making(made_for_listing(row), of_listing(public_id)), reverse("orders:listing", args=[public_id]))


@require_safe
@member_only()
def order(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show how far the print files are that an order waits for."""
    row = order_for(public_id)
    page = reverse("portal:order" if Chrome(request).is_portal else "orders:order", args=[public_id])
    return _answer(request, making(made_for_order(row), of_order(public_id)), page)


def _answer(request: HttpRequest, context: dict[str, Any], page: str) -> HttpResponse:
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(page)
    return render(request, "designs/_making.html", context) if context else HttpResponseClientRefresh()
