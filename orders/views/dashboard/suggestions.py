"""Accepting many suggestions of a store at once: choosing the level, watching the run, taking it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders.forms import LevelForm
from orders.services.suggesting import CannotRun, start_run, stop_run, undo_run
from pod_hub.accounts.access import member_only
from pod_hub.core.hints import hint
from pod_hub.core.outbox import Delivery
from pod_hub.core.paging import count_text
from pod_hub.ui.progress import answer_progress
from stores.access import store_for
from stores.listing_presentation import why_suggested
from stores.listing_selectors import ListingFilter, listing_page
from stores.models import SuggestionRun
from stores.views.pages import reach_channel

RUNS_SHOWN = 8
MAPPINGS_SHOWN = 60


@require_http_methods(["GET", "HEAD", "POST"])
@member_only(may="may_act_for_customer")
def suggestions(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what would be accepted first at each level, and the last runs; POST begins one."""
    store = store_for(public_id)
    form = LevelForm(request.POST or None)
    request.nav_path = reverse("stores:store", args=[public_id])  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            run = start_run(store_id=store.pk, level=form.cleaned_data["level"], by=request.user)  # type: ignore[arg-type]
        except CannotRun as error:
            messages.error(request, str(error))
            return redirect("orders:suggestions", public_id)
        hint("orders.accept_suggestions")
        return redirect("orders:suggestion_run", run.public_id)
    page = listing_page(store, ListingFilter(show="unmapped"), token=request.GET.get("page", ""))
    rows = [{"shown": one, "why": why_suggested(one.suggestion)} for one in page.rows if one.suggestion]
    runs = store.suggestion_runs.select_related("started_by").order_by("-started_at", "-pk")[:RUNS_SHOWN]
    context = {"store": store, "form": form, "rows": rows, "page": page, "looked": len(page.rows), "runs": [_run(one) for one in runs]}
    return reach_channel(render(request, "dashboard/orders/suggestions.html", context), store.kind)


@require_safe
@member_only(may="may_act_for_customer")
def run(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show how far a run is and what it connected, each with its reason."""
    row = _run_for(public_id)
    request.nav_path = reverse("stores:store", args=[row.store.public_id])  # type: ignore[attr-defined]
    made = row.mappings.select_related("listing").prefetch_related("parts__customer_product", "parts__design").order_by("pk")
    connected = made.filter(retired_at=None)
    context = {"run": _run(row), "store": row.store, "mappings": list(connected[:MAPPINGS_SHOWN]), "more": max(row.accepted - MAPPINGS_SHOWN, 0)}
    return render(request, "dashboard/orders/suggestion_run.html", context)


@require_safe
@member_only(may="may_act_for_customer")
def run_progress(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer the progress of a run. When it ends, the page that asks is told to load itself again."""
    shown = _run(_run_for(public_id))
    return answer_progress(request, "dashboard/orders/_suggestion_run.html", {"run": shown}, done=not shown["poll"])


@require_POST
@member_only(may="may_act_for_customer")
def stop(request: HttpRequest, public_id: str) -> HttpResponse:
    """End a run that is at work; what it did stays."""
    row = _run_for(public_id)
    if stop_run(run_id=row.pk):
        messages.success(request, _("Stopped. What was done so far stays, and can be undone."))
    else:
        messages.info(request, _("It had ended already, so nothing was stopped."))
    return redirect("orders:suggestion_run", public_id)


@require_POST
@member_only(may="may_act_for_customer")
def undo(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take everything back that a run connected, but what was changed since."""
    row = _run_for(public_id)
    try:
        undo_run(run_id=row.pk)
    except CannotRun as error:
        messages.error(request, str(error))
    hint("orders.accept_suggestions")
    return redirect("orders:suggestion_run", public_id)


def _run_for(public_id: str) -> SuggestionRun:
    row = SuggestionRun.objects.select_related("store__customer", "started_by").filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return row


def _run(row: SuggestionRun) -> dict[str, Any]:
    """Return what the page and the progress component need of a run."""
    running = row.delivery == Delivery.PENDING
    numbers = {"seen": f"{row.seen:,}", "total": f"{row.total:,}", "accepted": count_text(row.accepted, most=10**9), "undone": f"{row.undone:,}"}
    if row.undoing:
        label = _("Taking back") if running else _("Taken back")
        text = _("%(undone)s taken back") % numbers
    else:
        label = (
            _("Accepting suggestions from %(level)s %% on") % {"level": row.level}
            if running
            else _("Suggestions from %(level)s %% on") % {"level": row.level}
        )
        text = _("%(seen)s of %(total)s products looked at, %(accepted)s connected") % numbers
    return {
        "row": row,
        "label": label,
        "text": text,
        "value": row.seen,
        "max": row.total or 1,
        "poll": reverse("orders:suggestion_progress", args=[row.public_id]) if running else "",
        "cancel": reverse("orders:stop_suggestions", args=[row.public_id]),
        "tone": "" if running else "ok",
        "stopped": row.delivery == Delivery.WITHDRAWN,
        "may_undo": not running and row.accepted > 0,
    }
