"""Staff enter a customer's portal with their own login and leave it again (GT-08)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pod_hub.accounts.access import customer_for, membership_of, staff_only
from pod_hub.accounts.middleware import ENTERED_KEY
from pod_hub.accounts.services.portal_access import enter_portal, leave_portal


@require_POST
@staff_only()
def enter(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the portal as this customer sees it, until "Leave". Noted."""
    customer = customer_for(public_id)
    leave_portal(customer_id=customer.pk, user=request.user)  # type: ignore[arg-type]
    enter_portal(customer=customer, user=request.user)  # type: ignore[arg-type]
    request.session[ENTERED_KEY] = customer.pk
    return redirect("accounts:start")


@require_POST
@staff_only()
def leave(request: HttpRequest) -> HttpResponse:
    """Go back to the print provider's own pages."""
    entered = membership_of(request).entered
    request.session.pop(ENTERED_KEY, None)
    if entered is None:
        return redirect("accounts:start")
    leave_portal(customer_id=entered.pk, user=request.user)  # type: ignore[arg-type]
    messages.info(request, _("You left the portal of “%(name)s”.") % {"name": entered})
    return redirect("accounts:customer", entered.public_id)
