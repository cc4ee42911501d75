"""Tracking numbers as people paste them: cleaned of what a scanner or a mail adds, refused when something stays that no carrier prints."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

LONGEST = 50
_STRAY = re.compile(r"[\s.\-_/–—:]+")
_ALLOWED = re.compile(r"[A-Z0-9]+")


class BadTrackingNumber(ValueError):
    """The text is not a tracking number; the message says which characters are in the way."""


def clean_tracking_number(text: str) -> str:
    """Return the number in capital letters and digits.

    Spaces, dashes, dots, slashes and invisible characters are dropped, full-width characters become plain ones. Anything else raises.
    """
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(char for char in plain if unicodedata.category(char) not in {"Cf", "Cc"} or char.isspace())
    number = _STRAY.sub("", plain).upper()
    if not number:
        raise BadTrackingNumber(_("The tracking number is empty. The marketplace refuses packages without one; copy it from the label."))
    strange = sorted({char for char in number if not _ALLOWED.fullmatch(char)})
    if strange:
        raise BadTrackingNumber(
            _("“%(text)s” holds %(strange)s, which no tracking number has. Copy it from the label again.")
            % {"text": text.strip()[:60], "strange": " ".join(strange)}
        )
    if not 4 <= len(number) <= LONGEST:
        raise BadTrackingNumber(_("“%(number)s” has %(n)s characters; tracking numbers have 4 to 50.") % {"number": number[:60], "n": len(number)})
    return number
