"""The base of every view of the API: one caller, one tenant's scope, one transaction, no cache, times in UTC."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from typing import Any, ClassVar, cast

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework.exceptions import APIException
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from pod_hub.accounts.actors import acting_in
from pod_hub.accounts.api.keys import Caller
from pod_hub.accounts.api.problems import CONTENT_TYPE, problem
from pod_hub.accounts.api.repetition import answer_once, key_of
from pod_hub.accounts.models import Scope
from pod_hub.core.acting import acting
from pod_hub.core.tenancy import tenant

API = "/api/"


class AlwaysJson(BaseContentNegotiation):
    """Answers what the address answers, whatever the client says it accepts: there is only one form of everything."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """Return the parser whose media type the body has, or None."""
        return next((parser for parser in parsers if request.content_type.partition(";")[0].strip().lower() == parser.media_type), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple[BaseRenderer, str]:
        """Return the only renderer."""
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """A view of the API. ``scopes`` names for each method the scope that a key needs.

    The handler runs inside the caller's tenant scope, which is one transaction: a refusal (4xx) undoes its effects, an exception that nobody
    foresaw rolls everything back. POSTs honour idempotency keys. ``opens_scope = False`` is for a handler that waits for something other than
    the database; it opens ``self.scope()`` itself.
    """

    scopes: ClassVar[Mapping[str, Scope]] = {}
    opens_scope: ClassVar[bool] = True
    content_negotiation_class = AlwaysJson

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the view, marked so that the middleware opens no scope of a session beside the key's."""
        view: Any = super().as_view(**initkwargs)
        view.outside_scope = True
        view.audience = "api"
        return view

    @property
    def caller(self) -> Caller:
        """The key that the request came with; only after authentication."""
        return cast("Caller", self.request.auth)

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Open the caller's tenant scope; the audit trail names the key for what is done in it."""
        with acting(acting_in(self.request, label=self.caller.actor.label)), tenant(self.caller.psp_id):
            yield

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a request. As in the base class, but with the handler inside the scope and the rendering outside."""
        self.args, self.kwargs = args, kwargs
        self.request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers | {"Cache-Control": "no-store"}
        with timezone.override(UTC):
            try:
                self.initial(self.request, *args, **kwargs)
                answer = self._answer(self.request, *args, **kwargs)
            except Exception as error:  # noqa: BLE001 - raised again unless it is one that the API has an answer for
                answer = self.handle_exception(error)
            self.response = self.finalize_response(self.request, answer, *args, **kwargs)
        return self.response

    def _answer(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        handler = getattr(self, (request.method or "").lower(), self.http_method_not_allowed)
        if not self.opens_scope:
            return handler(request, *args, **kwargs)
        key = key_of(request) if request.method == "POST" else ""
        with self.scope():
            if not key:
                return handler(request, *args, **kwargs)
            return answer_once(request, self.caller, key, lambda: self._decide(lambda: handler(request, *args, **kwargs)))

    def _decide(self, handle: Callable[[], Response]) -> Response:
        """Return the handler's answer, or its refusal with all effects undone."""
        try:
            with transaction.atomic():
                return handle()
        except (APIException, Http404) as error:
            return self.handle_exception(error)

    # OPTIONS would describe the view; the schema does.
    options = APIView.http_method_not_allowed


class NothingHere(ApiView):
    """Every address below /api/ that is none: a problem like any other, with or without a key."""

    authentication_classes = ()
    permission_classes = ()
    schema = None
    opens_scope = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer 404 to any method."""
        return problem_page("not_found", _("There is nothing at this address. The reference at /api/v1/docs/ lists what there is."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what nobody foresaw (Django's ``handler500``): a problem below /api/, the hub's page elsewhere. Everything was rolled back."""
    if not request.path.startswith(API):
        return defaults.server_error(request)
    return problem_page(
        "fault", _("The hub failed while it answered, and nothing was changed. Repeat the request; if it fails again, tell your operator.")
    )


def problem_page(code: str, detail: str, **headers: str) -> HttpResponse:
    """Return a problem outside of a view, for errors that are met before or after one."""
    body = problem(code, detail)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return JsonResponse(body, status=body["status"], content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"} | named)
