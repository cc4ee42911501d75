"""API keys, for owners: list, make (the secret is shown once), revoke."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pod_hub.accounts import selectors
from pod_hub.accounts.access import staff_only
from pod_hub.accounts.forms import ApiKeyForm
from pod_hub.accounts.models import ApiKey, Scope
from pod_hub.accounts.services.api_keys import make_key, revoke_key
from pod_hub.ui.form_pages import Crumb, FormPage


@require_safe
@staff_only(may="may_give_keys")
@cache_control(no_store=True)
def api_keys(request: HttpRequest) -> HttpResponse:
    """List the keys, live ones first."""
    return render(request, "dashboard/accounts/api_keys.html", {"keys": selectors.api_keys(), "labels": dict(Scope.choices)})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(may="may_give_keys")
@cache_control(no_store=True)
def add_api_key(request: HttpRequest) -> HttpResponse:
    """Make a key. Its text is in the answer to the form and nowhere else, so reloading that page asks before it makes another one."""
    form = ApiKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        days = chosen["lasts_days"]
        key, text = make_key(
            name=chosen["name"],
            scopes=[Scope(value) for value in chosen["scopes"]],
            expires_at=now() + timedelta(days=int(days)) if days else None,
            by=request.user,  # type: ignore[arg-type]
        )
        return render(request, "dashboard/accounts/new_api_key.html", {"key": key, "text": text}, status=201)
    crumbs = [Crumb(_("Settings"), reverse("accounts:settings")), Crumb(_("API keys"), reverse("accounts:api_keys")), Crumb(_("Add API key"))]
    page = FormPage(
        title=_("Add API key"),
        submit=_("Make key"),
        cancel=reverse("accounts:api_keys"),
        crumbs=crumbs,
        lead=_("One key for each program, with no more than it needs. The key is shown once."),
    )
    return page.answer(request, form)


@require_POST
@staff_only(may="may_give_keys")
def revoke_api_key(request: HttpRequest, public_id: str) -> HttpResponse:
    """Revoke a key."""
    key = get_object_or_404(ApiKey, public_id=public_id)
    if revoke_key(key_id=key.pk, by=request.user):  # type: ignore[arg-type]
        messages.success(request, _("“%(name)s” was revoked. Programs that use it get a 401 from now on.") % {"name": key})
    else:
        messages.info(request, _("“%(name)s” had been revoked already.") % {"name": key})
    return redirect("accounts:api_keys")
