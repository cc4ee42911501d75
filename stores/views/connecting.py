"""A store's connection: authorize, come back from the channel, disconnect."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pod_hub.accounts.access import membership_of, staff_only
from pod_hub.accounts.middleware import outside_scope
from pod_hub.core.tenancy import tenant
from stores import selectors
from stores.access import store_for
from stores.channels.registry import ChannelKind, NoAdapter, consent_for
from stores.models import Store
from stores.presentation import attempt_look
from stores.services.connecting import CannotConnect, attempted_store, disconnect, finish_consent, start_consent
from stores.views.pages import store_page

BROWSER_KEY = "consent_browser"


def _browser_of(request: HttpRequest) -> str:
    """Return a random value that stands for this browser session. The session's own key would not do: it changes at sign-in."""
    known = request.session.get(BROWSER_KEY)
    if not isinstance(known, str):
        known = request.session[BROWSER_KEY] = secrets.token_urlsafe(32)
    return known


@require_safe
@staff_only()
def connection(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a store's authorization and the history of consents: the tab "Connection"."""
    row = store_for(public_id)
    moment = now()
    attempts = []
    for attempt in selectors.attempts_of(row):
        look, detail = attempt_look(attempt, now=moment)
        attempts.append(
            {"at": attempt.started_at, "text": look.label, "detail": detail, "actor": attempt.started_by, "tone": look.tone, "icon": look.icon}
        )
    return store_page(request, row, "dashboard/stores/connection.html", tab="connection", attempts=attempts)


@require_POST
@staff_only(may="may_manage")
def authorize(request: HttpRequest, public_id: str) -> HttpResponse:
    """Start a trip to the channel's consent page."""
    row = store_for(public_id)
    try:
        address = start_consent(store_id=row.pk, user=membership_of(request).user, session_key=_browser_of(request))
    except CannotConnect as error:
        messages.error(request, str(error))
        return redirect("stores:connection", public_id)
    except NoAdapter:
        messages.error(request, _("Stores of this kind are not connected by permission."))
        return redirect("stores:connection", public_id)
    return redirect(address)


@require_safe
@outside_scope
@staff_only(may="may_manage", come_back="stores:stores")
def connect_return(request: HttpRequest, kind: str) -> HttpResponse:
    """Take the answer of a consent page. It asks the channel, so no scope is open.

    The address holds a code, so every answer leads away from it at once, and neither caches nor referrers keep it.
    """
    if kind not in ChannelKind.values:
        raise Http404
    try:
        answer = consent_for(kind).read_answer(request.GET.dict())
    except NoAdapter:
        raise Http404 from None
    psp_id, user_id = membership_of(request).psp_id, membership_of(request).user_id
    try:
        store_id = finish_consent(psp_id=psp_id, answer=answer, user_id=user_id, session_key=_browser_of(request))
    except CannotConnect as error:
        messages.error(request, str(error))
        with tenant(psp_id):
            store = attempted_store(state=answer.state, user_id=user_id)
        return _without_trace(redirect("stores:connection", store.public_id) if store else redirect("stores:stores"))
    with tenant(psp_id):
        store = Store.objects.get(pk=store_id)
    messages.success(
        request, _("“%(name)s” is connected. Its first orders are being fetched; press “Sync Products” for its listings.") % {"name": store}
    )
    return _without_trace(redirect("stores:store", store.public_id))


def _without_trace(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(may="may_manage")
def disconnect_store(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask, then end a store's connection (CS-18, CS-19)."""
    row = store_for(public_id)
    if request.method != "POST":
        return render(request, "dashboard/stores/disconnect.html", {"store": row})
    if getattr(row, "connection", None) is None or row.connection.authorization is None:
        messages.info(request, _("The store is not connected, so nothing was changed."))
        return redirect("stores:connection", public_id)
    disconnect(store_id=row.pk)
    messages.success(request, _("“%(name)s” is disconnected. Its mappings and history are kept for a reconnect.") % {"name": row})
    return redirect("stores:connection", public_id)
