"""Where to go after a button was pressed: back to the page it stood on, if that page is ours."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def wanted_return(request: HttpRequest) -> str:
    """Return the address in the page's or the form's ``next``; empty when there is none or it leads to another host.

    The page's comes first: a button may send a form elsewhere (``formaction``), whose own ``next`` was meant for another page.
    """
    wanted = request.GET.get("next", "") or request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if ours else ""


def back_to(request: HttpRequest, fallback: str, *args: object) -> HttpResponseRedirect:
    """Redirect to the address in ``next`` if it leads to this host, else to the named page."""
    return HttpResponseRedirect(wanted_return(request) or resolve_url(fallback, *args))


def with_query(address: str, **more: str) -> str:
    """Return an address with some values of its query set, the others as they were."""
    scheme, host, path, query, fragment = urlsplit(address)
    return urlunsplit((scheme, host, path, urlencode(dict(parse_qsl(query, keep_blank_values=True)) | more), fragment))
