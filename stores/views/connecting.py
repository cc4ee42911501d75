"""A store's connection: authorize again, come back from the channel, pause, disconnect, delete."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pod_hub.accounts.access import member_only, membership_of
from pod_hub.accounts.middleware import outside_scope
from pod_hub.accounts.people import naming_for
from pod_hub.core.tenancy import tenant
from pod_hub.ui.secret_addresses import without_trace
from stores import selectors
from stores.access import store_for
from stores.channels.consent_types import ConsentAnswer
from stores.channels.errors import Refused
from stores.channels.registry import ChannelKind, NoAdapter, capabilities, consent_for
from stores.forms import MerchantEmailForm
from stores.models import Store
from stores.presentation import attempt_look, expiry_tone, link_look
from stores.services.connecting import CannotConnect, attempt_of, finish_consent, link_of_answer, start_consent
from stores.services.consent_links import NotSent, mailed_to, send_link
from stores.services.removing import FLOWS, StillConnected, delete_store, disconnect, pause
from stores.services.who_authorises import ways_to_authorise
from stores.views.browsers import browser_of, remember_start
from stores.views.pages import store_page
from stores.views.permission import came_back
from stores.views.self_test import panel_of

ALLOWED = {"may": "may_connect_stores"}


@require_safe
@member_only()
def connection(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a store's authorization, its flows, the self-test and the history of consents: the tab "Connection"."""
    return _connection_page(request, store_for(public_id))


def _connection_page(request: HttpRequest, row: Store, form: MerchantEmailForm | None = None, *, status: int = 200) -> HttpResponse:
    membership = membership_of(request)
    moment = now()
    attempts, named = [], naming_for(membership)
    for attempt in selectors.attempts_of(row):
        look, detail = attempt_look(attempt, now=moment)
        who = named(attempt.started_by) or _("the merchant, by a link")
        attempts.append({"at": attempt.started_at, "text": look.label, "detail": detail, "actor": who, "tone": look.tone, "icon": look.icon})
    link = selectors.latest_link(row)
    waiting = link if link is not None and link.wizard_id is None else None
    sent_to = mailed_to(link) if link and membership.may_connect_stores else ""
    context = {
        "attempts": attempts,
        "form": form or MerchantEmailForm(initial={"email": sent_to}),
        "ways": ways_to_authorise(kind=row.kind, customer=row.customer, membership=membership),
        "link": waiting,
        "link_look": link_look(waiting) if waiting else None,
        "mailed_to": sent_to if waiting else "",
        "wizard": selectors.wizards_by_store([row]).get(row.pk),
        "flows": _flows(row),
        "expiry_tone": expiry_tone(row.connection.authorization, now=moment) if _authorized(row) else "",
        "test": panel_of(row, membership),
    }
    return store_page(request, row, "stores/connection.html", tab="connection", status=status, **context)


def _authorized(row: Store) -> bool:
    known = getattr(row, "connection", None)
    return known is not None and known.authorization is not None


def _flows(row: Store) -> list[dict[str, object]]:
    """Return what a connection does, each with its state."""
    known = getattr(row, "connection", None)
    words = {
        "import": (_("Import orders"), _("New orders come in.")),
        "push": (_("Confirm packages"), _("Packages and cancellations are reported to the marketplace.")),
        "inventory": (_("Send stock levels and prices"), _("Stock levels and prices are sent to the marketplace.")),
    }
    return [
        {"flow": flow, "label": words[flow][0], "text": words[flow][1], "paused": bool(known and getattr(known, f"{flow}_paused"))} for flow in FLOWS
    ]


@require_POST
@member_only(**ALLOWED)
def authorize(request: HttpRequest, public_id: str) -> HttpResponse:
    """Start a trip to the channel's consent page that renews a store's permission."""
    membership = membership_of(request)
    row = store_for(public_id)
    try:
        address = start_consent(store_id=row.pk, membership=membership, session_key=browser_of(request))
    except CannotConnect as error:
        messages.error(request, str(error))
        return redirect("stores:connection", public_id)
    except NoAdapter:
        messages.error(request, _("Stores of this kind are not connected by permission."))
        return redirect("stores:connection", public_id)
    return redirect(address)


@require_POST
@member_only(**ALLOWED)
def ask_merchant(request: HttpRequest, public_id: str) -> HttpResponse:
    """Mail the merchant a link that renews a connected store's permission."""
    membership = membership_of(request)
    row = store_for(public_id)
    if not membership.is_staff_of_psp:
        raise Http404
    if not _authorized(row):
        messages.error(request, _("The store is not connected, so there is no permission to renew. Connect it instead."))
        return redirect("stores:connection", public_id)
    form = MerchantEmailForm(request.POST)
    if form.is_valid():
        try:
            send_link(store=row, email=form.cleaned_data["email"], user=membership.user)
        except NotSent as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The link is on its way; this page shows when the merchant has answered."))
            return redirect("stores:connection", public_id)
    return _connection_page(request, row, form, status=422)


@require_safe
@outside_scope
def connect_return(request: HttpRequest, kind: str) -> HttpResponse:
    """Take the answer of a consent page. It asks the channel, so no scope is open.

    The address holds a code, so every answer leads away from it at once, and neither caches nor referrers keep it. Whoever came by a
    mailed link needs no account; everybody else must be who left.
    """
    if kind not in ChannelKind.values:
        raise Http404
    try:
        consent = consent_for(kind)
        answer = consent.read_answer(request.GET.dict())
    except NoAdapter:
        raise Http404 from None
    if answer.code and not answer.state:
        try:
            remember_start(request, kind, consent.read_start(request.GET.dict()))
        except Refused:
            pass  # nobody here began it, and this channel's sellers do not begin there: it is ignored like any answer without a state
        else:
            # Whoever comes back did not leave from here, so nothing may be attached: the code waits until somebody says for which store it is.
            return without_trace(redirect("stores:channel_start", kind))
    by_link = link_of_answer(answer.state) if answer.state else None
    return _return_by_link(request, answer, by_link[0]) if by_link else _return_of_member(request, answer)


def _return_by_link(request: HttpRequest, answer: ConsentAnswer, psp_id: int) -> HttpResponse:
    try:
        finish_consent(psp_id=psp_id, answer=answer, session_key=browser_of(request), user_id=None)
    except CannotConnect as error:
        return came_back(request, psp_id=psp_id, problem=str(error))
    return came_back(request, psp_id=psp_id)


@member_only(may="may_connect_stores", come_back="stores:platforms")
def _return_of_member(request: HttpRequest, answer: ConsentAnswer) -> HttpResponse:
    membership = membership_of(request)
    psp_id, user_id = membership.psp_id, membership.user_id
    try:
        trip = finish_consent(psp_id=psp_id, answer=answer, session_key=browser_of(request), user_id=user_id)
    except CannotConnect as error:
        messages.error(request, str(error))
        with tenant(psp_id):
            attempt = attempt_of(state=answer.state, user_id=user_id)
            address = _where_it_began(attempt.wizard.public_id if attempt.wizard else "", attempt.store) if attempt else reverse("stores:platforms")
        return without_trace(redirect(address))
    with tenant(psp_id):
        store = Store.objects.get(pk=trip.store_id)
    if trip.wizard:
        messages.success(request, _("The permission was given. One step is left."))
        return without_trace(redirect("stores:wizard_finish", trip.wizard))
    messages.success(
        request, _("“%(name)s” is connected. Its first orders are being fetched; press “Sync Products” for its listings.") % {"name": store}
    )
    return without_trace(redirect("stores:connection" if not membership.is_staff_of_psp else "stores:store", store.public_id))


def _where_it_began(wizard: str, store: Store) -> str:
    return reverse("stores:wizard", args=[wizard]) if wizard else reverse("stores:connection", args=[store.public_id])


@require_POST
@member_only(**ALLOWED)
def pause_flow(request: HttpRequest, public_id: str) -> HttpResponse:
    """Pause one flow of a connection, or let it go on."""
    row = store_for(public_id)
    flow, paused = request.POST.get("flow", ""), request.POST.get("paused") == "yes"
    if flow not in FLOWS:
        raise Http404
    pause(store_id=row.pk, flow=flow, paused=paused)
    messages.success(request, _("Paused. Nothing is lost; press “Go on” when it shall.") if paused else _("It goes on."))
    return redirect("stores:connection", public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@member_only(**ALLOWED)
def disconnect_store(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask, then end a store's connection (CS-18, CS-19)."""
    row = store_for(public_id)
    if request.method != "POST":
        return render(request, "stores/disconnect.html", {"store": row})
    if not _authorized(row):
        messages.info(request, _("The store is not connected, so nothing was changed."))
        return redirect("stores:connection", public_id)
    disconnect(store_id=row.pk)
    messages.success(request, _("“%(name)s” is disconnected. Its mappings and history are kept for a reconnect.") % {"name": row})
    return redirect("stores:connection", public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@member_only(**ALLOWED)
def remove_store(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask, then take a disconnected store out of the lists."""
    membership = membership_of(request)
    row = store_for(public_id)
    if request.method != "POST":
        return render(request, "stores/delete.html", {"store": row, "channel": capabilities(row.kind)})
    try:
        delete_store(store_id=row.pk)
    except StillConnected as error:
        messages.error(request, str(error))
        return redirect("stores:connection", public_id)
    messages.success(request, _("“%(name)s” was deleted. Connecting the same seller and marketplace again brings it back.") % {"name": row})
    return redirect("stores:stores" if membership.is_staff_of_psp else "stores:platforms")
