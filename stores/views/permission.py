"""What a merchant sees who opens a mailed link: who asks for what, and how it ended. No account is needed, and no scope is open.

Opening a page changes nothing, because mail programs open links too; leaving for the channel and declining are buttons.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from pod_hub.accounts.middleware import outside_scope
from pod_hub.accounts.models import Psp
from pod_hub.core.tenancy import tenant
from pod_hub.ui.look import Look
from pod_hub.ui.secret_addresses import without_trace
from stores.channels.registry import application_of, capabilities, marketplace_info
from stores.models import ConsentLink
from stores.presentation import LINK_UNKNOWN, NOTHING_CONNECTED, PERMISSION_GIVEN, link_title
from stores.services.connecting import CannotConnect, start_consent_by_link
from stores.services.consent_links import decline, find_link, why_useless
from stores.views.browsers import browser_of
from stores.views.pages import reach_channel

ANSWER_KEY = "consent_link_answer"


def message(request: HttpRequest, look: Look, text: str, *, provider: Psp | None = None, status: int = 200) -> HttpResponse:
    """Say one thing to somebody without an account, in the look of the mail that led here."""
    request.provider = provider  # type: ignore[attr-defined]
    return without_trace(render(request, "stores/permission/message.html", {"look": look, "text": text}, status=status))


def _unknown(request: HttpRequest) -> HttpResponse:
    return message(request, LINK_UNKNOWN, _("It may be incomplete: copy the whole address from the mail, or ask for a new link."), status=404)


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
    status = 409 if problem else 200
    if why := why_useless(link):
        return message(request, link_title(link), why, provider=link.psp, status=status)
    context: dict[str, Any] = {
        "link": link,
        "token": token,
        "problem": problem,
        "channel": capabilities(link.store.kind),
        "application": application_of(link.store.kind),
        "place": marketplace_info(link.store.kind, link.store.marketplace),
    }
    request.provider = link.psp  # type: ignore[attr-defined]
    with timezone.override(link.psp.time_zone):  # as in the mail
        return render(request, "stores/permission/ask.html", context, status=status)


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


def came_back(request: HttpRequest, *, psp_id: int, problem: str = "") -> HttpResponse:
    """Lead a merchant who came back from the channel to the page that says how it ended, which is the PSP's."""
    request.session[ANSWER_KEY] = [psp_id, problem]
    return without_trace(redirect("stores:permission_answer"))


@require_safe
@outside_scope
def permission_answer(request: HttpRequest) -> HttpResponse:
    """Say how the trip to the channel ended."""
    if (answer := request.session.get(ANSWER_KEY)) is None:
        return _unknown(request)
    psp_id, problem = answer
    provider = Psp.objects.get(pk=psp_id)
    if problem:
        return message(request, NOTHING_CONNECTED, problem, provider=provider)
    text = _("Thank you. %(name)s was told and finishes the connection; you need do nothing more, and may close this page.")
    return message(request, PERMISSION_GIVEN, text % {"name": provider.shown_name}, provider=provider)
