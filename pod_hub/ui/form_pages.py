"""The page that holds one form: the same frame, buttons and behaviour for everything that is added or edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the breadcrumb; the last one has no address."""

    label: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Caution:
    """Something to know before filling in the form."""

    title: str
    text: str = ""
    action_label: str = ""
    action_href: str = ""
    tone: str = "warn"


@dataclass(frozen=True, slots=True)
class FormPage:
    """What stands around a form. ``cancel`` is where "Cancel" leads."""

    title: str
    submit: str
    cancel: str
    crumbs: Sequence[Crumb] = ()
    lead: str = ""
    cautions: Sequence[Caution] = field(default_factory=tuple)

    def answer(self, request: HttpRequest, form: BaseForm) -> HttpResponse:
        """Draw the page; status 422 when the form was refused."""
        status = 422 if form.is_bound and form.errors else 200
        return render(request, "dashboard/form_page.html", {"page": self, "form": form, "multipart": form.is_multipart()}, status=status)
