"""Whose rows an operator looks at: nobody's, until they choose a PSP, or all with a reason. Every choice is a row.

The choice stands in the session. A PSP's lasts as long as the session, "all" for an hour. The middleware opens the scope it names, so both
walls hold at the other PSPs' rows in Django admin too.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from pod_hub.accounts.models import Psp, User
from pod_hub.accounts.operator_visits import OperatorVisit
from pod_hub.core.tenancy import across_tenants, tenant

SESSION_KEY = "operator_choice"
ALL = "all"
ALL_LASTS_S = 3600


@dataclass(frozen=True, slots=True)
class Choice:
    """A valid choice; ``psp_id`` is None for all PSPs."""

    psp_id: int | None
    name: str
    reason: str

    @property
    def is_all(self) -> bool:
        """Whether every PSP's rows are shown."""
        return self.psp_id is None


def choice_of(request: HttpRequest) -> Choice | None:
    """Return what this operator has chosen in this session, or None. Costs no query."""
    kept = request.session.get(SESSION_KEY)
    if kept is None or (kept["psp"] is None and time.time() - kept["at"] > ALL_LASTS_S):
        return None
    return Choice(kept["psp"], kept["name"], kept["reason"])


def scope_of_operator(request: HttpRequest) -> AbstractContextManager[None]:
    """Return the scope in which Django admin answers this operator: the chosen one; none before a choice, where tenants' tables raise."""
    choice = choice_of(request)
    if choice is None:
        return nullcontext()
    if choice.psp_id is None:
        return across_tenants(reason="an operator chose to look at all PSPs in Django admin")
    return tenant(choice.psp_id)


class ChoiceForm(forms.Form):
    """Whose rows, and why. A reason is needed for all."""

    psp = forms.CharField(label=_("Whose rows do you want to see?"))
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        """Find the PSP, and insist on a reason for all."""
        cleaned = super().clean() or {}
        wanted = cleaned.get("psp", "")
        if wanted == ALL:
            if not cleaned.get("reason"):
                self.add_error("reason", _("Looking at all print providers at once is recorded with a reason. Say in a few words what you look for."))
        elif wanted:
            cleaned["found"] = Psp.objects.filter(public_id=wanted).first()
            if cleaned["found"] is None:
                self.add_error("psp", _("There is no such print provider (any more). Choose one of the list."))
        return cleaned


def choose(request: HttpRequest, *, operator: User, psp: Psp | None, reason: str) -> None:
    """Record the choice and let it hold from the next request on."""
    OperatorVisit.objects.create(operator=operator, psp=psp, reason=reason)
    name = psp.name if psp else ""
    request.session[SESSION_KEY] = {"psp": psp.pk if psp else None, "name": name, "reason": reason, "at": time.time()}


def leave(request: HttpRequest) -> None:
    """Forget the choice; tenants' rows are closed again."""
    request.session.pop(SESSION_KEY, None)


def next_address(request: HttpRequest) -> str:
    """Return where to go after choosing: the page that was asked for, if it is one of the admin's."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    start = reverse("admin:index")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith(start)
    return wanted if safe else start


def chosen_first(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Send an operator who has chosen nobody to the page where one chooses; the page is asked for again after it."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if choice_of(request) is None:
            return HttpResponseRedirect(f"{reverse('admin:choose')}?{urlencode({'next': request.get_full_path()})}")
        return view(request, *args, **kwargs)

    return guarded
