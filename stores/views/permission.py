"""What a merchant sees who opens a mailed link: who asks for what, and how it ended. No account is needed, and no scope is open.

Opening a page changes nothing, because mail programs open links too; leaving for the channel and declining are buttons.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from pod_hub.accounts.middleware import outside_scope
from pod_hub.core.tenancy import tenant
from pod_hub.ui.secret_addresses import without_trace
from stores.channels.registry import capabilities, marketplace_info
from stores.models import ConsentLink
from stores.services.connecting import CannotConnect, start_consent_by_link
from stores.services.consent_links import decline, find_link, why_useless
from stores.views.browsers import browser_of
from stores.views.pages import reach_channel

ANSWER_KEY = "consent_link_answer"


def _unknown(request: HttpRequest) -> HttpResponse:
    context = {
        "title": _("This link is not known"),
        "text": _("It may be incomplete: copy the whole address from the mail, or ask for a new link."),
    }
    return without_trace(render(request, "stores/permission/message.html", context, status=404))


@require_safe
@outside_scope
def permission(request: HttpRequest, token: str) -> HttpResponse:
    """Show who asks for what, or why the link works no longer."""
    found = find_link(token)
    if found is None:
        return _unknown(request)
    psp_id, link_id = found
    with tenant(psp_id):
        link = ConsentLink.objects.select_related("store__customer", "wizard", "sent_by", "psp").get(pk=link_id)
        return without_trace(reach_channel(_ask(request, link, token), link.store.kind), has_form=True)


def _ask(request: HttpRequest, link: ConsentLink, token: str, *, problem: str = "") -> HttpResponse:
    context: dict[str, Any] = {
        "link": link,
        "token": token,
        "useless": why_useless(link),
        "problem": problem,
        "channel": capabilities(link.store.kind),
        "place": marketplace_info(link.store.kind, link.store.marketplace),
        "asked_at": now(),
    }
    request.provider = link.psp  # type: ignore[attr-defined]  # the page wears the look of the mail that led here
    return render(request, "stores/permission/ask.html", context, status=409 if problem else 200)


@require_POST
@outside_scope
def permission_give(request: HttpRequest, token: str) -> HttpResponse:
    """Leave for the channel's consent page."""
    found = find_link(token)
    if found is None:
        return _unknown(request)
    psp_id, link_id = found
    with tenant(psp_id):
        link = ConsentLink.objects.select_related("store__customer", "wizard", "sent_by", "psp").get(pk=link_id)
        try:
            address = start_consent_by_link(link=link, session_key=browser_of(request))
        except CannotConnect as error:
            return without_trace(_ask(request, link, token, problem=str(error)), has_form=True)
    return without_trace(redirect(address))


@require_POST
@outside_scope
def permission_decline(request: HttpRequest, token: str) -> HttpResponse:
    """Take the merchant's no."""
    found = find_link(token)
    if found is None:
        return _unknown(request)
    psp_id, link_id = found
    with tenant(psp_id):
        decline(link_id=link_id)
    return without_trace(redirect("stores:permission", token))


def came_back(request: HttpRequest, *, problem: str = "") -> HttpResponse:
    """Lead a merchant who came back from the channel to the page that says how it ended."""
    request.session[ANSWER_KEY] = problem
    return without_trace(redirect("stores:permission_answer"))


@require_safe
@outside_scope
def permission_answer(request: HttpRequest) -> HttpResponse:
    """Say how the trip to the channel ended."""
    problem = request.session.get(ANSWER_KEY)
    if problem is None:
        return _unknown(request)
    if problem:
        context = {"title": _("Nothing was connected"), "text": problem, "tone": "bad"}
    else:
        text = _("Thank you. Whoever asked you was told and finishes the connection; you need do nothing more, and may close this page.")
        context = {"title": _("The permission was given"), "text": text, "tone": "ok"}
    return without_trace(render(request, "stores/permission/message.html", context))
