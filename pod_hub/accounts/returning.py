"""Where to go after a button was pressed: back to the page it stood on, if that page is ours."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def back_to(request: HttpRequest, fallback: str, *args: object) -> HttpResponseRedirect:
    """Redirect to the address in the form's ``next`` if it leads to this host, else to the named page."""
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return HttpResponseRedirect(wanted)
    return HttpResponseRedirect(resolve_url(fallback, *args))
