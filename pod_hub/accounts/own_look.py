"""Pages before signing in wear the look of the print provider at whose own sign-in page this browser was last: resetting a password, signing in again."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from pod_hub.accounts.models import Psp

COOKIE = "hub_at"  # holds a short name that stands in a public address; nothing depends on it but colours and a logo
LASTS_S = 365 * 86400
SHORT_NAME = re.compile(r"[-a-zA-Z0-9_]{1,50}")


def remember_provider(response: HttpResponse, psp: Psp) -> None:
    """Let this browser's next pages before signing in look like the PSP's own sign-in page."""
    response.set_cookie(COOKIE, psp.slug, max_age=LASTS_S, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)


class OwnLookMiddleware:
    """Sets ``request.provider`` on the account pages of somebody who is not signed in. One query, and none without the cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.account_pages = reverse("account_login").removesuffix("login/")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        slug = request.COOKIES.get(COOKIE, "")
        if SHORT_NAME.fullmatch(slug) and request.path_info.startswith(self.account_pages) and not request.user.is_authenticated:
            request.provider = Psp.objects.filter(slug=slug).first()  # type: ignore[attr-defined]
        return self.get_response(request)
