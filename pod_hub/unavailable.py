"""A calm page instead of a traceback while the database cannot be reached."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from pod_hub.accounts.api.views import API, problem_page

RETRY_AFTER_S = 30
# PostgreSQL's own words for "not now": connection failures, shutting down or starting up, no connection left.
_AWAY_CLASSES = ("08", "57P")
_AWAY_STATES = frozenset({"53300"})


def is_away(error: BaseException | None) -> bool:
    """Return whether the error says that the database cannot be reached, and not that it refused a statement."""
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    # No state at all: the server never answered, or the connection broke.
    return state is None or state.startswith(_AWAY_CLASSES) or state in _AWAY_STATES


@receiver(got_request_exception)
def _notice(request: HttpRequest | None = None, **_kwargs: Any) -> None:
    # Django makes a response of an exception at every middleware, so no middleware further out sees it. Its signal does.
    if request is not None and is_away(sys.exc_info()[1]):
        request.database_is_away = True  # type: ignore[attr-defined]


class DatabaseAwayMiddleware:
    """Answers 503 with ``Retry-After`` where the database could not be reached, wherever in the request that happened.

    Stands outside everything that asks the database. What a view had written is rolled back with its scope.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        response = self.get_response(request)
        if not getattr(request, "database_is_away", False):
            return response
        if request.path.startswith(API):
            words = _("The database cannot be reached just now. Nothing was changed; repeat the request in half a minute.")
            return problem_page("away", words, Retry_After=str(RETRY_AFTER_S))
        # Without the request: its context would ask who is signed in, and that asks the database.
        calm = HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": str(RETRY_AFTER_S)})
        add_never_cache_headers(calm)
        return calm
