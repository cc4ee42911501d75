"""Mails of the PSP that could not be delivered, for the people who can do something about it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from pod_hub.accounts.access import staff_only
from pod_hub.core.hints import hint
from pod_hub.core.outbox import Delivery
from pod_hub.core.sealing import CannotOpen, sealed_field
from pod_hub.mail.delivering import drop, try_again
from pod_hub.mail.models import Mail

MOST_SHOWN = 100


@require_safe
@staff_only(may="may_set_up")
@cache_control(no_store=True)
def mails(request: HttpRequest) -> HttpResponse:
    """List the mails that were given up, oldest first: to whom, what about, why. Never what they say: their links open accounts."""
    rows = Mail.objects.filter(delivery=Delivery.PARKED).order_by("created_at", "pk")[: MOST_SHOWN + 1]
    shown = [_shown(row) for row in rows[:MOST_SHOWN]]
    return render(request, "dashboard/accounts/mails.html", {"mails": shown, "more": len(rows) > MOST_SHOWN})


def _shown(row: Mail) -> dict[str, Any]:
    try:
        to = sealed_field(Mail, "to_sealed").open_from(row) or ""
        subject = (sealed_field(Mail, "content_sealed").open_from(row) or {}).get("subject", "")
    except CannotOpen:
        to = subject = ""
    return {"row": row, "to": to, "subject": subject}


@require_POST
@staff_only(may="may_set_up")
def decide(request: HttpRequest, public_id: str) -> HttpResponse:
    """Send a mail again, or drop it (``do``)."""
    found = Mail.objects.filter(public_id=public_id).values_list("pk", flat=True).first()
    if found is None:
        raise Http404
    if request.POST.get("do") == "drop":
        drop(mail_id=found)
        messages.success(request, _("The mail was dropped. Whoever waits for it has to ask again."))
    else:
        try_again(mail_id=found)
        hint("mail.deliver")
        messages.success(request, _("The mail is being sent again. If it comes back here, its address is wrong."))
    return redirect("accounts:mails")
