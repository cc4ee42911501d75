"""The answer to a page that asks how far something is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def answer_progress(request: HttpRequest, template: str, context: Mapping[str, Any], *, done: bool) -> HttpResponse:
    """Render the moving part of a page, never kept by anybody; once it is ``done`` the page is told to load itself again."""
    response = render(request, template, dict(context))
    if done:
        response["HX-Refresh"] = "true"
    response["Cache-Control"] = "no-store"
    return response
