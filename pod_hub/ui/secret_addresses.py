"""Pages whose own address holds a secret: mailed links, and the way back from a channel's consent."""

from __future__ import annotations

from django.http import HttpResponse


def without_trace(response: HttpResponse, *, has_form: bool = False) -> HttpResponse:
    """Keep the answer's address out of caches, search engines and other hosts' logs; returns the same response.

    A page that ``has_form`` names itself to the hub: without that the browser sends "Origin: null" with the form, which the CSRF check refuses.
    """
    response["Referrer-Policy"] = "same-origin" if has_form else "no-referrer"
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
