"""One line when a request begins and one when it ends, with its id, and nothing that people typed."""

from __future__ import annotations

from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware


class RequestLogMiddleware(RequestMiddleware):
    """django-structlog's middleware without the query string: it holds what was searched for, and codes and states of consents."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Name the request by method and path; paths hold public ids only."""
        return f"{request.method} {request.path}"
