"""How form fields become markup: as Django draws them, but a drop-down in one go and only once for equal ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import conditional_escape

from pod_hub.ui.moulds import kept

SELECT = "django/forms/widgets/select.html"
MOST_CHOICES_KEPT = 100


class FormRenderer(DjangoTemplates):
    """Django's own, except for drop-downs: its template includes two more for each choice, and a list's filters have dozens."""

    def render(self, template_name: str, context: Mapping[str, Any], request: HttpRequest | None = None) -> str:
        """Return a widget's or a form's markup."""
        if template_name == SELECT:
            return _select(context["widget"])
        drawn: str = super().render(template_name, context, request)
        return drawn


def _select(widget: Mapping[str, Any]) -> str:
    groups = tuple(
        (
            conditional_escape(name or ""),
            tuple((conditional_escape(str(choice["value"])), conditional_escape(choice["label"]), flatatt(choice["attrs"])) for choice in choices),
        )
        for name, choices, _index in widget["optgroups"]
    )
    values: dict[str, Any] = {"name": str(widget["name"]), "attributes": flatatt(widget["attrs"]), "groups": groups}
    if sum(len(choices) for _name, choices, _index in widget["optgroups"]) > MOST_CHOICES_KEPT:
        return render_to_string("components/select.html", values)
    return kept("components/select.html", **values)
