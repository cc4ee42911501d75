"""The web's door to the tenant scope: the signed-in person's membership decides it, once, for the whole request."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import timezone

from pod_hub.accounts.models import Membership
from pod_hub.accounts.operator_choice import scope_of_operator
from pod_hub.core.tenancy import scope_is_open, tenant

SESSION_KEY = "membership"
# Nearly every page can show a buyer: no proxy and no browser's cache keeps one, not even after signing out.
PRIVATE = "private, no-store"
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def outside_scope(view: View) -> View:
    """Mark a view that calls the network, which no transaction may wait for: it runs without a scope and opens its own short ones.

    ``request.membership`` is set all the same.
    """
    view.outside_scope = True  # type: ignore[attr-defined]
    return view


class TenantMiddleware:
    """Sets ``request.membership`` and runs the view inside that PSP's scope, which is one transaction.

    Answers to people who are signed in are kept by no cache, unless the view says otherwise. An answer of 500 or above rolls the transaction back. Without a membership no scope opens, so any query on a tenant's table raises.
    Views marked ``outside_scope`` run without one. An operator in Django admin looks at whom they chose, and only there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        signed_in = request.user.is_authenticated  # the view may sign them out
        membership = find_membership(request)
        request.membership = membership  # type: ignore[attr-defined]
        zone = timezone.override(membership.psp.time_zone) if membership else nullcontext()
        with zone, scope_of(request, membership):
            response = self.get_response(request)
            if scope_is_open() and response.status_code >= 500:
                transaction.set_rollback(True)
        if signed_in and not response.has_header("Cache-Control"):
            response["Cache-Control"] = PRIVATE
        return response


def scope_of(request: HttpRequest, membership: Membership | None) -> AbstractContextManager[None]:
    """Return the scope in which to answer a request."""
    match = _match(request)
    if match is not None and "admin" in match.namespaces and request.user.is_superuser:
        return scope_of_operator(request)
    if membership is None or (match is not None and getattr(match.func, "outside_scope", False)):
        return nullcontext()
    return tenant(membership.psp_id)


def _match(request: HttpRequest) -> ResolverMatch | None:
    try:
        return resolve(request.path_info, getattr(request, "urlconf", None))
    except Resolver404:
        return None


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
