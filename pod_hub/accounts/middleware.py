"""The web's door to the tenant scope: the signed-in person's membership decides it, once, for the whole request."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from pod_hub.accounts.models import Membership
from pod_hub.core.tenancy import tenant

SESSION_KEY = "membership"


class TenantMiddleware:
    """Sets ``request.membership`` and runs the view inside that PSP's scope, which is one transaction.

    An answer of 500 or above rolls the transaction back. Without a membership no scope opens, so any query on a tenant's table raises.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        membership = find_membership(request)
        request.membership = membership  # type: ignore[attr-defined]
        if membership is None:
            return self.get_response(request)
        with tenant(membership.psp_id), timezone.override(membership.psp.time_zone):
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
            return response


def find_membership(request: HttpRequest) -> Membership | None:
    """Return the active membership this browser works under: the one chosen in the session, else the person's first."""
    if not request.user.is_authenticated:
        return None
    mine = Membership.objects.filter(user_id=request.user.pk, is_active=True).select_related("psp").order_by("pk")
    chosen = request.session.get(SESSION_KEY)
    if chosen is not None:
        membership = mine.filter(pk=chosen).first()
        if membership is not None:
            return membership
    return mine.first()
