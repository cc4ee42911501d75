"""Comparing a store with its marketplace now, and how far that is."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from orders.access import authorization_for
from orders.services.reconciling import CannotReconcile, request_reconciliation
from pod_hub.accounts.access import membership_of, staff_only
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.returning import back_to
from pod_hub.core.hints import hint
from stores.views.pages import checks_of


@require_safe
@staff_only()
def progress(request: HttpRequest, public_id: str) -> HttpResponse:
    """The panel alone, for the page that shows it and asks again while a comparison runs."""
    authorization = authorization_for(public_id)
    context = {
        "authorization": authorization,
        "checks": checks_of(authorization),
        "may_change": membership_of(request).may_change_orders,
        "back": request.htmx.current_url_abs_path or "",  # type: ignore[attr-defined]
    }
    response = render(request, "dashboard/stores/_reconciliation.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@staff_only(may="may_change_orders")
def check_now(request: HttpRequest, public_id: str) -> HttpResponse:
    """Begin a comparison of everything the marketplace lists with the ledger."""
    authorization = authorization_for(public_id)
    try:
        request_reconciliation(authorization_id=authorization.pk, actor=Actor.person(request.user))  # type: ignore[arg-type]
    except CannotReconcile as error:
        messages.error(request, str(error))
    else:
        hint("orders.reconcile")
        messages.success(request, _("The comparison runs; its result appears here by itself."))
    return back_to(request, "stores:stores")
