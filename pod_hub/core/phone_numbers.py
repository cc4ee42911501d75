"""Telephone numbers in one spelling, by Google's tables (``phonenumbers``)."""

from __future__ import annotations

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def international(typed: str, *, country: str = "") -> str:
    """Return a number as it is dialled from abroad: "+49 40 123456". Raises ``ValidationError`` for what no telephone has.

    ``country`` (ISO) is where a number without "+" belongs.
    """
    try:
        number = phonenumbers.parse(typed, country or None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise ValidationError(_("This is no telephone number. Write it with its country, such as +49 40 123456."))
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
