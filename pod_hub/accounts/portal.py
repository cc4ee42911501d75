"""The guard of the portal's pages: a customer's merchants, and staff who entered its portal."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from pod_hub.accounts.access import Answer, Guard, membership_of, refuse_without, sign_in_first


def portal_only(*, may: str = "") -> Guard:
    """Let a customer's merchants in, and the PSP's staff who entered its portal (GT-08). ``may`` names a property of Membership.

    The scope is narrowed to that customer for both; ``access.portal_customer`` says whose portal it is. A visitor is sent to sign in, staff who
    entered nobody's portal to the customers, to choose one.
    """

    def decorate(view: Callable[..., Answer]) -> Callable[..., Answer | HttpResponseRedirect]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Answer | HttpResponseRedirect:
            if not request.user.is_authenticated:
                return sign_in_first(request)
            membership = membership_of(request)
            if membership.is_staff_of_psp and membership.entered is None:
                messages.info(request, _("This page belongs to a customer's portal. Choose the customer first, then enter its portal."))
                return redirect("accounts:customers")
            refuse_without(membership, may)
            return view(request, *args, **kwargs)

        guarded.audience = "portal"  # type: ignore[attr-defined]
        return guarded

    return decorate
