"""What forms say of an entry that cannot be taken (pod_hub/ui/field_words.py)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.urls import get_resolver

from catalog.forms import PrintAreaForm
from catalog.models import PrintArea
from fulfillment.label_forms import LabelForm
from pod_hub.core.tenancy import tenant
from pod_hub.ui.field_words import InOurWords
from tests.factories.cast import House


def said(field: forms.Field, given: Any) -> str:
    class One(InOurWords, forms.Form):
        one = field

    return " ".join(map(str, One({"one": given}).errors["one"]))


@pytest.mark.parametrize(
    ("field", "given", "words"),
    [
        (forms.CharField(label="Colour"), "", "Fill in “Colour”."),
        (forms.CharField(label="100% wool", max_length=3), "wool", "“100% wool” may have 3 characters at most, and has 4."),
        (forms.IntegerField(label="Days"), "two", "“Days” takes a whole number, such as 12."),
        (forms.IntegerField(label="Days", min_value=1, max_value=30), "31", "“Days” takes numbers from 1 to 30."),
        (forms.DecimalField(label="Price", min_value=Decimal("0.01")), "0", "“Price” must be 0.01 or more."),
        (forms.DecimalField(label="Price", decimal_places=2), "1.234", "“Price” takes 2 digits after the point at most."),
        (forms.ChoiceField(label="Size", choices=[("s", "S")]), "", "Choose an entry for “Size”."),
        (forms.ChoiceField(label="Size", choices=[("s", "S")]), "xl", "The list of “Size” does not hold this entry. Choose one that it holds."),
        (forms.MultipleChoiceField(label="Care", choices=[("w", "Wash")]), [], "Tick what fits of “Care”."),
        (forms.CharField(label="Name", error_messages={"required": "Give the product a name."}), "", "Give the product a name."),
    ],
)
def test_a_sentence_names_the_field_and_what_would_be_right(field: forms.Field, given: Any, words: str) -> None:
    assert said(field, given) == words


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("width_mm", "0", "“Print width (mm)” takes numbers from 1 to 5,000."),
        ("height_mm", "-3", "“Print height (mm)” takes numbers from 1 to 5,000."),
        ("bleed_mm", "51", "“Bleed (mm)” takes numbers from 0 to 50."),
        ("min_dpi", "wide", "“Smallest resolution (dpi)” takes a whole number, such as 12."),
    ],
)
@pytest.mark.django_db
def test_a_models_own_checks_are_said_in_our_sentences_too(north: House, name: str, given: str, words: str) -> None:
    with tenant(north.psp.pk):
        form = PrintAreaForm({name: given}, instance=PrintArea())
        assert form.errors[name] == [words]


def test_a_labels_measures_are_said_in_our_sentences() -> None:
    form = LabelForm({"weight_g": "0", "length_cm": "400", "width_cm": "0", "height_cm": "1.23"}, lines=[])
    assert {name: form.errors[name][0] for name in ("weight_g", "length_cm", "width_cm", "height_cm")} == {
        "weight_g": "“Weight (g)” takes numbers from 1 to 70,000.",
        "length_cm": "“Length (cm)” takes numbers from 0.1 to 300.",
        "width_cm": "“Width (cm)” takes numbers from 0.1 to 300.",
        "height_cm": "“Height (cm)” takes 1 digit after the point at most.",
    }


def forms_of_ours(kind: type[forms.BaseForm] = forms.BaseForm) -> Iterator[type[forms.BaseForm]]:
    for one in kind.__subclasses__():
        if one.__module__.partition(".")[0] in {"pod_hub", "catalog", "stores", "orders", "fulfillment"}:
            yield one
        yield from forms_of_ours(one)


def test_every_form_with_numbers_speaks_our_sentences() -> None:
    """Numbers have bounds, and Django's "Ensure this value is …" names no field."""
    get_resolver().url_patterns  # noqa: B018 - imports every view, and so every form
    silent = {
        f"{one.__module__}.{one.__qualname__}"
        for one in forms_of_ours()
        if any(isinstance(field, forms.IntegerField) for field in getattr(one, "base_fields", {}).values()) and not issubclass(one, InOurWords)
    }
    assert not silent
