"""What forms say of an entry that cannot be taken: which field is meant, and what would be right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class InOurWords(forms.BaseForm):
    """A form whose fields say what is wrong in our sentences, also those that are added while it is made, and what the model's own checks find."""

    def full_clean(self) -> None:
        """Check the entries."""
        say_what_is_wrong(self)
        super().full_clean()


def say_what_is_wrong(form: forms.BaseForm) -> None:
    """Give every field of a form our sentences, in which its name stands. What a field says in words of its own stays."""
    for name, field in form.fields.items():
        said = field.error_messages
        own = {code for code, words in said.items() if words is not _djangos(field, code)}
        said.update({code: words for code, words in _sentences(field, _checks_of_model(form, name)).items() if code not in own})


def _checks_of_model(form: forms.BaseForm, name: str) -> Sequence[Any]:
    """Return what the model checks of a field that the form took over from it as it is."""
    if not isinstance(form, forms.BaseModelForm) or name in getattr(form, "declared_fields", {}):
        return ()
    checks: Sequence[Any] = form._meta.model._meta.get_field(name).validators
    return checks


def _djangos(field: forms.Field, code: str) -> Any:
    known: list[dict[str, Any]] = [getattr(kind, "default_error_messages", {}) for kind in type(field).__mro__]
    return next((messages[code] for messages in known if code in messages), None)


def _sentences(field: forms.Field, checks: Sequence[Any]) -> dict[str, str]:
    named = {"name": field.label}
    said = {"required": _required(field) % named}
    if isinstance(field, forms.IntegerField):  # so are decimal numbers
        whole = not isinstance(field, forms.DecimalField | forms.FloatField)
        said["invalid"] = (_("“%(name)s” takes a whole number, such as 12.") if whole else _("“%(name)s” takes a number, such as 12.50.")) % named
        said |= _bounds(field, checks)
    for code, words in {
        "max_length": _("“%(name)s” may have %(most)s characters at most, and has %(found)s."),
        "max_digits": _("“%(name)s” has more than %(digits)s digits. Shorten it."),
        "max_decimal_places": ngettext(
            "“%(name)s” takes %(digits)s digit after the point at most.",
            "“%(name)s” takes %(digits)s digits after the point at most.",
            getattr(field, "decimal_places", None) or 2,
        ),
        "max_whole_digits": _("“%(name)s” has more than %(digits)s digits before the point. Check it."),
        "invalid_choice": _("The list of “%(name)s” does not hold this entry. Choose one that it holds."),
    }.items():
        # Django fills its own names in when an entry is refused.
        said[code] = words % {"name": _later(field), "most": "%(limit_value)s", "found": "%(show_value)s", "digits": "%(max)s"}
    return said


def _required(field: forms.Field) -> str:
    if isinstance(field, forms.MultipleChoiceField):
        return _("Tick what fits of “%(name)s”.")
    if isinstance(field, forms.ChoiceField):
        return _("Choose an entry for “%(name)s”.")
    return _("Choose a file.") if isinstance(field, forms.FileField) else _("Fill in “%(name)s”.")


def _bounds(field: forms.IntegerField, checks: Sequence[Any]) -> dict[str, str]:
    lowest = [field.min_value, *(one.limit_value for one in checks if isinstance(one, MinValueValidator))]
    highest = [field.max_value, *(one.limit_value for one in checks if isinstance(one, MaxValueValidator))]
    bounds = [[bound() if callable(bound) else bound for bound in found if bound is not None] for found in (lowest, highest)]
    if not any(bounds):
        return {}
    least = number_format(max(bounds[0]), force_grouping=True) if bounds[0] else ""
    most = number_format(min(bounds[1]), force_grouping=True) if bounds[1] else ""
    words = (
        _("“%(name)s” takes numbers from %(least)s to %(most)s.")
        if least and most
        else _("“%(name)s” must be %(least)s or more.")
        if least
        else _("“%(name)s” may be %(most)s at most.")
    )
    return dict.fromkeys(("min_value", "max_value"), words % {"name": _later(field), "least": least, "most": most})


def _later(field: forms.Field) -> str:
    """Return a field's name for a sentence in which something is filled in later."""
    return str(field.label).replace("%", "%%")
