"""What we told marketplaces of packages, whether they show it, and trying again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from fulfillment.access import push_for
from fulfillment.presentation import STEP, outcome_look
from fulfillment.selectors import delivery_counts, history_of, push_page
from fulfillment.services.pushing import try_again as try_push_again
from orders.presentation import DELIVERY
from pod_hub.accounts.access import membership_of, staff_only
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.returning import back_to
from pod_hub.core.hints import hint
from pod_hub.core.outbox import Delivery
from pod_hub.core.paging import count_text, known, with_changes


@require_safe
@staff_only()
def shipments(request: HttpRequest) -> HttpResponse:
    """Every package that a marketplace must know of, newest first."""
    delivery = known(["", *Delivery.values], request.GET.get("delivery", ""))
    page = push_page(delivery=delivery, query=request.GET)
    counts = delivery_counts()
    tabs: list[dict[str, Any]] = [{"label": _("All"), "href": "?" + with_changes(request.GET, delivery=None, page=None), "active": not delivery}]
    tabs += [
        {
            "label": DELIVERY[state].label,
            "href": "?" + with_changes(request.GET, delivery=state.value, page=None),
            "active": delivery == state,
            "count": count_text(counts[state.value]),
        }
        for state in Delivery
    ]
    context = {
        "tabs": tabs,
        "page": page,
        "rows": [{"push": push, "look": DELIVERY[Delivery(push.delivery)]} for push in page.rows],
        "filtered": bool(delivery),
        "may_change": membership_of(request).may_change_orders,
    }
    return render(request, "dashboard/fulfillment/shipments.html", context)


@require_safe
@staff_only()
def push(request: HttpRequest, public_id: str) -> HttpResponse:
    """One push: where it stands, every exchange, and the proof read back from the marketplace."""
    found = push_for(public_id)
    context = {
        "push": found,
        "look": DELIVERY[Delivery(found.delivery)],
        "history": [{"attempt": one, "step": STEP.get(one.step, one.step), "look": outcome_look(one.outcome)} for one in history_of(found)],
        "proof": proof(found.read_back),
        "may_change": membership_of(request).may_change_orders,
    }
    return render(request, "dashboard/fulfillment/push.html", context)


def proof(read_back: Any) -> list[tuple[str, str]]:
    """Return what the marketplace showed us as pairs of words, in the order people look for them."""
    if not isinstance(read_back, dict):
        return []
    words = {
        "reference": _("Package reference"),
        "carrier": _("Carrier"),
        "tracking_number": _("Tracking number"),
        "shipped_at": _("Shipped"),
        "quantities": _("Quantities"),
        "status": _("Status"),
    }
    pairs = []
    for name, label in words.items():
        value = read_back.get(name)
        if isinstance(value, dict):
            value = ", ".join(f"{line}: {quantity}" for line, quantity in value.items())
        if name == "shipped_at" and isinstance(value, str) and (moment := parse_datetime(value)):
            value = date_format(localtime(moment), "DATETIME_FORMAT")
        pairs.append((label, "" if value is None else str(value)))
    return pairs


@require_POST
@staff_only(may="may_change_orders")
def try_again(request: HttpRequest, public_id: str) -> HttpResponse:
    """Put a parked push back to work."""
    found = push_for(public_id)
    if found.delivery != Delivery.PARKED:
        messages.info(request, _("This push does not wait for a person, so nothing was changed."))
    else:
        try_push_again(push_id=found.pk, actor=Actor.person(request.user))  # type: ignore[arg-type]
        hint("fulfillment.push")
        messages.success(request, _("The push is tried again now. Its history shows the outcome in a few seconds."))
    return back_to(request, "fulfillment:push", public_id)
