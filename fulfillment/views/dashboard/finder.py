"""The order finder: any number, one page with its whole story, and asking the marketplace for a number that was never seen."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from fulfillment.forms import FinderForm
from fulfillment.presentation import ANSWER_FLASH, STEP, outcome_look
from fulfillment.services.finding import FoundOrder, find
from fulfillment.views.dashboard.pushes import proof
from orders.presentation import EVENT, LINE_STATE, VERDICT, channel_look, hold_look, order_look, push_look, rule_in_words
from orders.services.asking import ask_for
from orders.states import OPEN_ORDER_STATES, LineState
from pod_hub.accounts.access import membership_of, staff_only
from pod_hub.accounts.middleware import outside_scope
from pod_hub.ui.look import Tone


@require_safe
@staff_only()
@cache_control(no_store=True)
def finder(request: HttpRequest) -> HttpResponse:
    """What the hub knows about a number. One order is told in full; several are listed, each with a link that tells it."""
    form = FinderForm(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    findings = find(text)
    only = findings.orders[0] if len(findings.orders) == 1 else None
    context: dict[str, Any] = {
        "form": form,
        "findings": findings,
        "records": [{"record": record, "look": VERDICT[record.verdict], "rule": rule_in_words(record.rule)} for record in findings.records],  # type: ignore[index]
        "matches": [{"order": one.order, "look": order_look(one.order), "packages": one.matching} for one in findings.orders],
        "one": _story(only) if only else None,
        "may_ask": bool(findings.text) and not findings.orders and membership_of(request).may_change_orders,
        "may_change": membership_of(request).may_change_orders,
    }
    return render(request, "dashboard/fulfillment/finder.html", context)


def _story(one: FoundOrder) -> dict[str, Any]:
    order = one.order
    told = {push.package_id: push for push in one.pushes if push.package_id is not None}
    return {
        "order": order,
        "matching": one.matching,
        "look": order_look(order),
        "channel_look": channel_look(order),
        "is_over": order.state not in OPEN_ORDER_STATES,
        "lines": [{"line": line, "look": LINE_STATE[LineState(line.state)]} for line in one.lines],
        "waits": [{"hold": hold, "look": hold_look(hold.kind, hold.cause)} for hold in one.holds if hold.released_at is None],
        "untold": [package for package in one.packages if package.pk not in told],
        "pushes": [
            {
                "push": push,
                "is_named": any(package.pk == push.package_id for package in one.matching),
                "look": push_look(push),
                "proof": proof(push.read_back),
                "history": [
                    {"attempt": attempt, "step": STEP.get(attempt.step, attempt.step), "look": outcome_look(attempt.outcome)}
                    for attempt in push.history.all()
                ],
            }
            for push in one.pushes
        ],
        "purges": one.purges,
        "events": [
            {"at": event.at, "text": event.summary, "actor": event.actor_label, "tone": tone, "icon": icon}
            for event in one.events
            for tone, icon in [EVENT.get(event.kind, (Tone.NEUTRAL, ""))]
        ],
    }


@require_POST
@outside_scope
@staff_only(may="may_change_orders")
def ask(request: HttpRequest) -> HttpResponse:
    """Ask the marketplaces for a number, take in what comes back, and say how it went. It waits for them, so no scope is open."""
    form = FinderForm(request.POST)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    if not text:
        messages.error(request, _("Nobody was asked, because no number was given. Type the order number as the marketplace shows it."))
        return redirect("fulfillment:finder")
    answer = ask_for(text, membership_of(request).psp)
    messages.add_message(request, ANSWER_FLASH[answer.outcome], answer.words)
    return redirect(reverse("fulfillment:finder") + "?" + urlencode({"q": text}))
