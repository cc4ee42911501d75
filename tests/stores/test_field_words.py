"""What forms about products say of an entry that cannot be taken (stores/field_words.py)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django import forms

from stores.field_words import say_what_is_wrong


def said(field: forms.Field, given: Any) -> str:
    class One(forms.Form):
        one = field

        def __init__(self) -> None:
            super().__init__({"one": given})
            say_what_is_wrong(self)

    return " ".join(map(str, One().errors["one"]))


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
