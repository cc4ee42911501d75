"""What we told marketplaces of packages and cancellations, whether they show it, and trying again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from fulfillment.access import push_for
from fulfillment.models import Push
from fulfillment.presentation import STEP, outcome_look
from fulfillment.selectors import delivery_counts, history_of, push_page
from fulfillment.services.pushing import try_again as try_push_again
from orders.presentation import DELIVERY, push_look
from pod_hub.accounts.access import membership_of, staff_only
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.returning import back_to
from pod_hub.core.hints import hint
from pod_hub.core.outbox import Delivery
from pod_hub.core.paging import count_text, known, with_changes

MOST_TRIED_AGAIN = 300


@require_safe
@staff_only()
def shipments(request: HttpRequest) -> HttpResponse:
    """Every package and cancellation that a marketplace must know of, newest first."""
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
        "rows": [{"push": push, "look": push_look(push)} for push in page.rows],
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
        "look": push_look(found),
        "history": [{"attempt": one, "step": STEP.get(one.step, one.step), "look": outcome_look(one.outcome)} for one in history_of(found)],
        "proof": proof(found.read_back),
        "may_change": membership_of(request).may_change_orders,
    }
    return render(request, "dashboard/fulfillment/push.html", context)


def proof(read_back: Any) -> list[tuple[str, str]]:
    """Return what the marketplace showed us as pairs of words, in the order people look for them."""
    if not isinstance(read_back, dict):
        return []
    if "cancelled" in read_back:
        return [(_("Cancelled lines"), ", ".join(str(number) for number in read_back["cancelled"]))]
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


@require_POST
@staff_only(may="may_change_orders")
def try_all_again(request: HttpRequest) -> HttpResponse:
    """Put every parked push back to work, the oldest first and not more than a few hundred at a time."""
    parked = list(Push.objects.filter(delivery=Delivery.PARKED).order_by("created_at", "pk").values_list("pk", flat=True)[:MOST_TRIED_AGAIN])
    for push_id in parked:
        try_push_again(push_id=push_id, actor=Actor.person(request.user))  # type: ignore[arg-type]
    if parked:
        hint("fulfillment.push")
        messages.success(request, ngettext("%(n)s push is tried again now.", "%(n)s pushes are tried again now.", len(parked)) % {"n": len(parked)})
    else:
        messages.info(request, _("No push waited for a person any more, so nothing was changed."))
    return back_to(request, "orders:attention")
