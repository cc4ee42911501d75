"""The web's door to the tenant scope: the signed-in person's membership decides it, once, for the whole request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import TypeVar

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import timezone

from pod_hub.accounts.actors import acting_in
from pod_hub.accounts.models import Customer, Membership, Psp
from pod_hub.accounts.operator_choice import scope_of_operator
from pod_hub.accounts.second_factor import has_factor
from pod_hub.core.acting import acting
from pod_hub.core.statements import Holes, KeptStatement, Written, written
from pod_hub.core.tenancy import bounded, scope_is_open, tenant

SESSION_KEY = "membership"
WANTED_KEY = "wanted_psp"  # the print provider at whose own page somebody signed in
ENTERED_KEY = "entered_customer"  # the customer whose portal somebody of the PSP looks into
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
    Who may see only a part of the PSP gets a scope that is narrowed to it. Views marked ``outside_scope`` run without a scope; those they open
    are narrowed all the same. An operator in Django admin looks at whom they chose, and only there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        signed_in = request.user.is_authenticated  # the view may sign them out
        membership = find_membership(request)
        request.membership = membership  # type: ignore[attr-defined]
        zone = timezone.override(membership.psp.time_zone) if membership else nullcontext()
        with acting(acting_in(request)), zone, scope_of(request, membership):
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
    if membership is None:
        return nullcontext()
    return _scope_of_member(membership, opens=match is None or not getattr(match.func, "outside_scope", False))


@contextmanager
def _scope_of_member(membership: Membership, *, opens: bool) -> Iterator[None]:
    to = membership.narrowed_to
    with ExitStack() as stack:
        stack.enter_context(bounded(customers=to.customers, facilities=to.facilities))
        if opens:
            stack.enter_context(tenant(membership.psp_id))
        yield


def _match(request: HttpRequest) -> ResolverMatch | None:
    try:
        return resolve(request.path_info, getattr(request, "urlconf", None))
    except Resolver404:
        return None


def find_membership(request: HttpRequest) -> Membership | None:
    """Return the active membership this browser works under: the one chosen in the session, else the person's first.

    A merchant's counts only while its customer's storefronts are enabled. All of it is read for each request, so what ends, ends at once.
    """
    if not request.user.is_authenticated:
        return None
    mine = memberships_of(request.user.pk)
    chosen = request.session.get(SESSION_KEY)
    wanted = request.session.get(WANTED_KEY)
    found = sorted(mine, key=lambda membership: (membership.pk != chosen, membership.psp_id != wanted))
    return next((membership for membership in found if _may_come_in(membership, request)), None)


_OF_MEMBERSHIP, _OF_PSP = (tuple(field.attname for field in model._meta.concrete_fields) for model in (Membership, Psp))


@KeptStatement
def _memberships(holes: Holes) -> Written:
    mine = Membership.objects.filter(user_id=holes.number("user"), is_active=True).order_by("pk").annotate(has_second_factor=has_factor())
    return written(mine.values_list(*_OF_MEMBERSHIP, *(f"psp__{name}" for name in _OF_PSP), "has_second_factor"))


def memberships_of(user_id: int) -> list[Membership]:
    """Return a person's active memberships with their PSPs, oldest first, and whether the person has a second factor. One query."""
    found = []
    for row in _memberships.asked(user=user_id).rows():
        membership = Membership.from_db("default", _OF_MEMBERSHIP, row[: len(_OF_MEMBERSHIP)])
        membership.psp = Psp.from_db("default", _OF_PSP, row[len(_OF_MEMBERSHIP) : -1])
        membership.has_second_factor = row[-1]  # type: ignore[attr-defined]  # for SecondFactorMiddleware
        found.append(membership)
    return found


def _may_come_in(membership: Membership, request: HttpRequest) -> bool:
    """Say whether a merchant's portal is open, and bring staff into the portal they entered. Loads the customer either way."""
    wanted = membership.customer_id or request.session.get(ENTERED_KEY)
    if wanted is None:
        return True
    own = membership.narrowed_to
    with tenant(membership.psp_id, customers=own.customers, facilities=own.facilities):
        customer = Customer.objects.filter(pk=wanted).first()
    if membership.customer_id is not None:
        membership.customer = customer
        return customer is not None and customer.storefronts_enabled
    membership.entered = customer
    return True
