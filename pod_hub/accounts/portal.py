"""The merchant's portal: whose portal a request is in, and the guard of its pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from pod_hub.accounts.access import Answer, Guard, membership_of
from pod_hub.accounts.models import Customer


def portal_customer_id(request: HttpRequest) -> int | None:
    """Return the row id of the customer whose portal this request is in: a merchant's own, or the one that staff has entered."""
    membership = membership_of(request)
    entered: Customer | None = getattr(membership, "entered", None)
    return entered.pk if entered is not None else membership.customer_id


def portal_customer(request: HttpRequest) -> Customer:
    """Return the customer whose portal this page is; only in views that ``portal_only`` guards."""
    customer: Customer = request.portal_customer  # type: ignore[attr-defined]
    return customer


def portal_only(*, may: str = "") -> Guard:
    """Let a customer's merchants in, and the PSP's staff who entered its portal (GT-08). ``may`` names a property of Membership.

    A visitor is sent to sign in, staff who entered nobody's portal to the customers, to choose one. Where the PSP has switched a customer's
    storefronts off (GT-04), its merchants get a 403 that says whom to ask.
    """

    def decorate(view: Callable[..., Answer]) -> Callable[..., Answer | HttpResponseRedirect]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Answer | HttpResponseRedirect:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            membership = membership_of(request)
            customer_id = portal_customer_id(request)
            if customer_id is None:
                messages.info(request, _("This page belongs to a customer's portal. Choose the customer first, then enter its portal."))
                return redirect("accounts:customers")
            customer = Customer.objects.filter(pk=customer_id).first()
            if customer is None:
                raise Http404
            if not membership.is_staff_of_psp and not customer.storefronts_enabled:
                raise PermissionDenied(_("%(psp)s has closed this portal for now. Ask them to open it again.") % {"psp": membership.psp})
            if may and not getattr(membership, may):
                raise PermissionDenied(
                    _("Your role is “%(role)s”, which may look at this but not change it.") % {"role": membership.get_role_display()}
                )
            request.portal_customer = customer  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        guarded.audience = "portal"  # type: ignore[attr-defined]
        return guarded

    return decorate
