"""Guards of views: who may come in at all. Objects are narrowed by each app's own ``access.py``."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from pod_hub.accounts.models import Customer, Facility, Invitation, Membership, TradingName
from pod_hub.core.tenancy import current_psp_id

Answer = TypeVar("Answer", bound=HttpResponseBase)


class Guard(Protocol):
    """A decorator that lets a view answer, whole or as a stream, or sends the visitor elsewhere."""

    def __call__(self, view: Callable[..., Answer], /) -> Callable[..., Answer | HttpResponseRedirect]:
        """Return the guarded view."""


def membership_of(request: HttpRequest) -> Membership:
    """Return the membership that the middleware found; a 404 when there is none."""
    membership: Membership | None = getattr(request, "membership", None)
    if membership is None:
        raise Http404
    return membership


def customer_for(public_id: str) -> Customer:
    """Return a customer of the PSP, or raise a 404."""
    customer = Customer.objects.filter(public_id=public_id).first()
    if customer is None:
        raise Http404
    return customer


def trading_name_for(public_id: str) -> TradingName:
    """Return a trading name of the PSP with its customer, or raise a 404."""
    trading_name = TradingName.objects.filter(public_id=public_id).select_related("customer").first()
    if trading_name is None:
        raise Http404
    return trading_name


def facility_for(public_id: str) -> Facility:
    """Return a facility of the PSP, or raise a 404."""
    facility = Facility.objects.filter(public_id=public_id).first()
    if facility is None:
        raise Http404
    return facility


def invitation_for(public_id: str) -> Invitation:
    """Return an invitation that the scope shows, with its customer, or raise a 404."""
    row = Invitation.objects.select_related("customer").filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return row


def member_for(membership_id: int) -> Membership:
    """Return a membership of the PSP with its user, or raise a 404. People of customers are seen by whoever sees the customer.

    Memberships are a global table, which no wall surrounds; that is why this asks the customer's.
    """
    row = Membership.objects.select_related("user").filter(pk=membership_id, psp_id=current_psp_id()).first()
    if row is None or (row.customer_id is not None and not Customer.objects.filter(pk=row.customer_id).exists()):
        raise Http404
    return row


def portal_customer(request: HttpRequest) -> Customer:
    """Return the customer whose portal this request is in, or raise a 404."""
    membership = membership_of(request)
    customer = membership.customer if membership.customer_id is not None else membership.entered
    if customer is None:
        raise Http404
    return customer


def _why_not(membership: Membership, may: str) -> str:
    if membership.entered is not None and membership.may_manage:
        return _("You are looking at the portal of “%(name)s”. Leave it, then change what belongs to all customers.") % {"name": membership.entered}
    if may == "may_set_up" and membership.may_manage:
        return _("You see only a part of this print provider, and this belongs to all of it. Ask an owner or a manager without limits to change it.")
    return _("Your role is “%(role)s”, which may look at this but not change it.") % {"role": membership.get_role_display()}


def refuse_without(membership: Membership, may: str) -> None:
    """Raise ``PermissionDenied`` with the reason when the right ``may`` (a property of Membership; empty for none) does not hold."""
    if may and not getattr(membership, may):
        raise PermissionDenied(_why_not(membership, may))


def sign_in_first(request: HttpRequest, *, come_back: str = "") -> HttpResponseRedirect:
    """Send a visitor to sign in and back again; ``come_back`` is that of ``staff_only``.

    A form that was sent after the session had ended did nothing, and its address answers no GET: who sent it comes back to the page it stood on, with a
    sentence that says so.
    """
    if come_back:
        return redirect_to_login(reverse(come_back))
    if request.method in {"GET", "HEAD"}:
        return redirect_to_login(request.get_full_path())
    messages.warning(request, _("You were signed out, so nothing was done. Sign in and do it again."))
    came_from = urlsplit(request.headers.get("Referer", ""))
    here = came_from.netloc == request.get_host()
    return redirect_to_login(came_from.path if here and came_from.path else "/")


def staff_only(*, may: str = "", come_back: str = "") -> Guard:
    """Let PSP staff in. ``may`` names a property of Membership that must hold as well (``may_change_orders``, ``may_manage``).

    ``come_back`` is the URL name to go to after signing in, for pages whose own address holds a secret. A visitor is sent to sign in; a merchant gets a 404, as if the page did not exist; staff without the right get a 403 that says so.
    """

    def decorate(view: Callable[..., Answer]) -> Callable[..., Answer | HttpResponseRedirect]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Answer | HttpResponseRedirect:
            if not request.user.is_authenticated:
                return sign_in_first(request, come_back=come_back)
            membership = membership_of(request)
            if not membership.is_staff_of_psp:
                raise Http404
            refuse_without(membership, may)
            return view(request, *args, **kwargs)

        guarded.audience = "staff"  # type: ignore[attr-defined]
        return guarded

    return decorate


def member_only(*, may: str = "", come_back: str = "") -> Guard:
    """Let everybody with a membership in, the PSP's staff and its merchants alike; the narrowed scope decides what they see.

    ``may`` and ``come_back`` are those of ``staff_only``.
    """

    def decorate(view: Callable[..., Answer]) -> Callable[..., Answer | HttpResponseRedirect]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Answer | HttpResponseRedirect:
            if not request.user.is_authenticated:
                return sign_in_first(request, come_back=come_back)
            membership = membership_of(request)
            refuse_without(membership, may)
            return view(request, *args, **kwargs)

        guarded.audience = "member"  # type: ignore[attr-defined]
        return guarded

    return decorate


def customer_narrowed_to(membership: Membership) -> int | None:
    """Return the only customer whose rows this person sees (a merchant's own, or the one that staff look after or have entered), or None."""
    customers = membership.narrowed_to.customers
    return next(iter(customers)) if customers is not None and len(customers) == 1 else None
