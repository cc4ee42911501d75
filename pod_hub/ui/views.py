"""The styleguide: every component in all its states, for the people who build pages and for the accessibility scan."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from pod_hub.ui.look import Look, Tone


class SampleFilters(forms.Form):
    """A row of filters."""

    q = forms.CharField(label="Search", required=False, widget=forms.TextInput(attrs={"type": "search"}))
    state = forms.ChoiceField(
        label="State", required=False, choices=[("", "Any state"), ("new", "New"), ("held", "On hold"), ("printing", "Printing")]
    )
    store = forms.ChoiceField(label="Store", required=False, choices=[("", "All stores"), ("ada", "Ada's Prints · amazon.de")])


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Store name", help_text="Merchants see it in their portal.")
    facility = forms.ChoiceField(label="Prints at", choices=[("hh", "Hamburg"), ("kl", "Kaiserslautern")])
    email = forms.EmailField(label="Reply to")
    note = forms.CharField(label="Note for production", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    label_kind = forms.ChoiceField(
        label="Label size", widget=forms.RadioSelect, choices=[("a6", "A6, 105 × 148 mm"), ("4x6", "4 × 6 in")], initial="a6"
    )
    artwork = forms.FileField(label="Artwork", required=False, help_text="PNG or PDF, at least 150 dpi.")
    notify = forms.BooleanField(label="E-mail me when an order needs attention", required=False, initial=True)


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every component. ``?layout=portal`` puts them into the merchant's frame."""
    now = timezone.now()
    broken = SampleForm({"name": "", "facility": "hh", "email": "ada@", "label_kind": "a6"})
    broken.add_error(None, "The store was not saved: two fields need another look. Nothing was changed.")
    context: dict[str, Any] = {
        "layout": "layouts/portal.html" if request.GET.get("layout") == "portal" else "layouts/dashboard.html",
        "looks": [
            Look("Skipped", Tone.NEUTRAL, "ban"),
            Look("New", Tone.INFO, "circle-dashed"),
            Look("Printing", Tone.ACTIVE, "printer"),
            Look("Shipped", Tone.OK, "truck"),
            Look("On hold", Tone.WARN, "hand-stop"),
            Look("Refused", Tone.BAD, "circle-x"),
        ],
        "tones": list(Tone),
        "filters": SampleFilters(request.GET or None),
        "filtered": any(request.GET.get(name) for name in SampleFilters.base_fields),
        "chips": [{"label": "State: On hold", "remove": "?"}, {"label": "Store: Ada's Prints", "remove": "?state=held"}],
        "steps": [
            {"number": 1, "label": "Platform", "done": True},
            {"number": 2, "label": "Store setup", "done": True, "href": "#steps"},
            {"number": 3, "label": "Authorize", "here": True},
            {"number": 4, "label": "Finish"},
        ],
        "tabs": [
            {"label": "All", "href": "?", "active": True, "count": "1,000+"},
            {"label": "Needs attention", "href": "?tab=attention", "active": False, "count": 12},
            {"label": "Due today", "href": "?tab=due", "active": False, "count": 0},
            {"label": "Shipped", "href": "?tab=shipped", "active": False},
        ],
        "rows": [
            _row("028-1234567-1234567", "Lena Vogel", 2, "39.80", "EUR", Look("New", Tone.INFO, "circle-dashed"), now + timedelta(hours=46)),
            _row(
                "028-7654321-7654321", "José Ibáñez-Etxeberria", 1, "24.90", "EUR", Look("On hold", Tone.WARN, "hand-stop"), now + timedelta(hours=7)
            ),
            _row("113-9081726-5544332", "Priya Raman", 12, "1248.00", "USD", Look("Printing", Tone.ACTIVE, "printer"), now - timedelta(hours=3)),
            _row(
                "249-5566778-1122334", "Müller & Söhne GmbH", 1, "2980", "JPY", Look("Shipped", Tone.OK, "truck"), now - timedelta(days=1), done=True
            ),
        ],
        "entries": [
            SimpleNamespace(
                at=now - timedelta(minutes=4),
                text="Amazon confirmed the package",
                detail="Read back: 1Z999AA10123456784, UPS",
                actor="Push",
                tone=Tone.OK,
                icon="check",
            ),
            SimpleNamespace(at=now - timedelta(hours=2), text="Moved to printing", detail="", actor="Ben Okafor", tone=Tone.ACTIVE, icon="printer"),
            SimpleNamespace(
                at=now - timedelta(hours=5),
                text="Held: the listing is not mapped",
                detail="SKU MUG-11-BLÅ is mapped to no product",
                actor="Intake",
                tone=Tone.WARN,
                icon="hand-stop",
            ),
            SimpleNamespace(
                at=now - timedelta(hours=5, minutes=1), text="Taken in from amazon.de", detail="", actor="Intake", tone=Tone.NEUTRAL, icon=""
            ),
        ],
        "address": SimpleNamespace(
            name="Lena Vogel",
            company="",
            lines=("Große Elbstraße 47", "2. Stock links"),
            district="",
            city="Hamburg",
            region="",
            postcode="22767",
            country="Germany",
            phone="+49 40 5550123",
        ),
        "form": SampleForm(),
        "broken": broken,
        "now": now,
        "moments": {
            "early": now + timedelta(days=3),
            "soon": now + timedelta(hours=5),
            "late": now - timedelta(hours=30),
            "past": now - timedelta(minutes=12),
        },
        "amount": Decimal("1248.5"),
        "progress_url": reverse("ui:styleguide_progress"),
    }
    return render(request, "ui/styleguide.html", context)


@require_safe
def styleguide_progress(request: HttpRequest) -> HttpResponse:
    """Answer the sample progress bar as a finished one, which ends its polling."""
    done = {"id": "progress-sample", "label": "Listings synced", "value": 500, "max": 500, "text": "500 of 500", "tone": Tone.OK}
    return render(request, "components/progress.html", done)


def _row(number: str, buyer: str, items: int, total: str, currency: str, look: Look, due: datetime, *, done: bool = False) -> SimpleNamespace:
    return SimpleNamespace(number=number, buyer=buyer, items=items, total=Decimal(total), currency=currency, look=look, due=due, done=done)
