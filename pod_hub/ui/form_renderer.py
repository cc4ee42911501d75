"""How form fields become markup: as Django draws them, but a drop-down in one go and only once for equal ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeData

from pod_hub.ui.moulds import kept

Groups = tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]
SELECT = "django/forms/widgets/select.html"
MOST_CHOICES_KEPT = 100


class FormRenderer(DjangoTemplates):
    """Django's own, except for drop-downs: its template includes two more for each choice, and a list's filters have dozens."""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """Return a widget's or a form's markup."""
        if template_name == SELECT and (groups := _choices(context["widget"])) is not None:
            return _select(context["widget"], groups)
        drawn: str = super().render(template_name, context, request)
        return drawn


def _choices(widget: Mapping[str, Any]) -> Groups | None:
    """Return names and choices (value, label, attributes) of a drop-down's groups; None if one is markup already, which is not ours to escape."""
    groups = []
    for name, choices, _index in widget["optgroups"]:
        if isinstance(name, SafeData) or any(isinstance(choice["label"], SafeData) for choice in choices):
            return None
        drawn = tuple((str(choice["value"]), str(choice["label"]), flatatt(choice["attrs"]) if choice["attrs"] else "") for choice in choices)
        groups.append((str(name or ""), drawn))
    return tuple(groups)


def _select(widget: Mapping[str, Any], groups: Groups) -> str:
    values: dict[str, Any] = {"name": str(widget["name"]), "attributes": flatatt(widget["attrs"]), "groups": groups}
    if sum(len(choices) for _name, choices in groups) > MOST_CHOICES_KEPT:
        return render_to_string("components/select.html", values)
    return kept("components/select.html", **values)
