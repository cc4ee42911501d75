"""File names from a pattern that people may choose: ``{order_number}_{line}.{ext}``.

Names come out safe for every system that may unpack them: ASCII letters, digits, dot, dash and underscore, no name that Windows reserves, no
way out of the folder. A slash in the pattern makes folders; one in a value never does.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _

LONGEST_PATTERN = 120
LONGEST_VALUE = 60
LONGEST_PART = 180
ENDING = "{ext}"
_RESERVED = frozenset({"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))})
_NOT_SAFE = re.compile(r"[^A-Za-z0-9._-]+")
_SAFE_TEXT = re.compile(r"[A-Za-z0-9._\-/ ]*")
# What Unicode does not take apart into a letter and its accent.
_SPELLED = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i"}
)


class BadPattern(ValueError):
    """The pattern cannot be used; the message says why and what to write."""


def check_pattern(pattern: str, *, fields: Collection[str]) -> None:
    """Raise ``BadPattern`` unless every field is known and the pattern makes safe names that end in ``.{ext}``."""
    if len(pattern) > LONGEST_PATTERN:
        raise BadPattern(_("The pattern is longer than %(n)s characters. Shorten it.") % {"n": LONGEST_PATTERN})
    known = ", ".join(f"{{{name}}}" for name in fields)
    try:
        parts = list(string.Formatter().parse(pattern))
    except ValueError:
        raise BadPattern(_("A curly bracket has no partner. Write fields as {order_number}; there are %(fields)s.") % {"fields": known}) from None
    for text, name, form, conversion in parts:
        if not _SAFE_TEXT.fullmatch(text):
            raise BadPattern(
                _("“%(text)s” holds signs that some machines refuse. Use letters, digits, dots, dashes and underscores.") % {"text": text}
            )
        if name is None:
            continue
        if name not in fields or form or conversion:
            raise BadPattern(_("{%(name)s} is not a field. There are %(fields)s.") % {"name": name, "fields": known})
    if not pattern.endswith(f".{ENDING}"):
        raise BadPattern(_("The pattern must end with .{ext}, so that machines know a PNG from a JPEG."))
    if any(part.strip(". ") == "" for part in pattern.removesuffix(f".{ENDING}").split("/")):
        raise BadPattern(_("A file or folder would have no name. Put a field or a word between the slashes."))
    if not {name for _text, name, _form, _conversion in parts if name} - {"ext"}:
        raise BadPattern(_("Every file would have the same name. Use a field such as {order_number}."))


def safe_value(value: str) -> str:
    """Return a value as it may stand in a file name: accents taken off, everything unusual an underscore, never empty."""
    plain = unicodedata.normalize("NFKD", value.translate(_SPELLED)).encode("ascii", "ignore").decode()
    return _NOT_SAFE.sub("_", plain.strip())[:LONGEST_VALUE].strip("._-") or "_"


def file_name(pattern: str, values: Mapping[str, str]) -> str:
    """Fill a checked pattern."""
    safe = {name: safe_value(value) for name, value in values.items()}
    *folders, name = pattern.format_map(safe).split("/")
    stem, dot, ending = name.rpartition(".")
    return "/".join([*map(_safe_part, folders), f"{_safe_part(stem)}{dot}{ending}"])


def _safe_part(part: str) -> str:
    clean = _NOT_SAFE.sub("_", part)[:LONGEST_PART].strip("._-") or "_"
    return f"{'_' if clean.partition('.')[0].upper() in _RESERVED else ''}{clean}"


class UniqueNames:
    """Gives each name once: a second one gets ``-2`` before its ending. Letters' case does not count, as on Windows and macOS."""

    def __init__(self, *taken: str) -> None:
        self._taken = {name.casefold() for name in taken}

    def take(self, name: str) -> str:
        """Return the name, or the first numbered one that is free."""
        stem, dot, ending = name.rpartition(".")
        found, number = name, 2
        while found.casefold() in self._taken:
            found, number = f"{stem}-{number}{dot}{ending}", number + 1
        self._taken.add(found.casefold())
        return found
