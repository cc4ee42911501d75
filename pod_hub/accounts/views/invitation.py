"""The page behind an invitation's link: who invites to what, and taking the place.

The link's secret stands in the query string, which no log of the hub holds; no page leads out of here with it (``Referrer-Policy``), no cache
keeps it, and opening the page changes nothing, because mail scanners open links too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from pod_hub.accounts.forms import AcceptForm
from pod_hub.accounts.middleware import SESSION_KEY, outside_scope
from pod_hub.accounts.models import Membership, User
from pod_hub.accounts.services import invitations
from pod_hub.accounts.services.invitations import Invited, LinkIsDead, SignInFirst
from pod_hub.ui.secret_addresses import without_trace

WAITING = "invitation"  # where the secret waits in the session while somebody signs in
BACKEND = "django.contrib.auth.backends.ModelBackend"


def _without_trace(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def kept_quiet(request: HttpRequest) -> HttpResponse:
        return without_trace(view(request), has_form=True)

    return kept_quiet


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
@outside_scope
@_without_trace
def invitation(request: HttpRequest) -> HttpResponse:
    """Show an invitation; POST takes it. A link that opens nothing gets one and the same page, whatever is wrong with it."""
    token = request.GET.get("link") or request.session.get(WAITING, "")
    try:
        invited = invitations.look_behind(token)
        request.provider = invited.psp  # type: ignore[attr-defined]
        if request.method == "POST":
            return _take(request, token, invited)
        return _page(request, token, invited, AcceptForm(initial={"first_name": invited.first_name, "last_name": invited.last_name}))
    except LinkIsDead:
        request.provider = None  # type: ignore[attr-defined]
        return render(request, "accounts/dead_link.html", status=404)


def _page(request: HttpRequest, token: str, invited: Invited, form: AcceptForm, status: int = 200) -> HttpResponse:
    here = request.user
    is_theirs = here.is_authenticated and here.email.lower() == invited.email.lower()
    context = {
        "invited": invited,
        "form": form,
        "is_theirs": is_theirs,
        "action": _address(token),
        "somebody_else": here.is_authenticated and not is_theirs,
    }
    return render(request, "accounts/invitation.html", context, status=status)


def _address(token: str) -> str:
    return f"{reverse('accounts:invitation')}?{urlencode({'link': token})}"


def _take(request: HttpRequest, token: str, invited: Invited) -> HttpResponse:
    user = request.user
    if isinstance(user, User):
        if user.email.lower() != invited.email.lower():
            return _page(request, token, invited, AcceptForm(), status=409)
        return _welcome(request, invitations.accept_as(token, user=user), invited)
    if invited.has_account:
        return _sign_in_first(request, token)
    form = AcceptForm(request.POST)
    if not form.is_valid():
        return _page(request, token, invited, form, status=422)
    try:
        membership = invitations.accept_as_new(token, **form.cleaned_data)
    except ValidationError as error:
        form.add_error("password", error)
        return _page(request, token, invited, form, status=422)
    except SignInFirst:
        return _sign_in_first(request, token)
    login(request, membership.user, backend=BACKEND)
    return _welcome(request, membership, invited)


def _sign_in_first(request: HttpRequest, token: str) -> HttpResponse:
    """Send somebody to sign in; the secret waits in the session, not in the sign-in page's address."""
    request.session[WAITING] = token
    return redirect_to_login(reverse("accounts:invitation"))


def _welcome(request: HttpRequest, membership: Membership, invited: Invited) -> HttpResponse:
    request.session.pop(WAITING, None)
    request.session[SESSION_KEY] = membership.pk
    messages.success(request, _("Welcome to %(psp)s.") % {"psp": invited.customer_name or invited.psp.shown_name})
    return redirect("accounts:start")


invitation.audience = "everybody"  # type: ignore[attr-defined]
