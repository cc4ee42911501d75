"""File names from which the hub reads an order and one of its items (RF-05): ``{order_number}_{order_item_number}.{ext}``."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass

from django.utils.translation import gettext as _

from pod_hub.core.file_names import BadPattern, check_pattern, safe_value

ORDER, ITEM, ANYTHING = "order_number", "order_item_number", "any"
FIELDS = (ORDER, ITEM, ANYTHING, "ext")
ENDINGS = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "pdf": "application/pdf"}  # RF-06
LONGEST = 80


@dataclass(frozen=True, slots=True)
class NamedFor:
    """What a name says. ``item`` is empty where the pattern has none: then the order has but one line to print."""

    order: str
    item: str


def is_print_file(name: str) -> bool:
    """Return whether a name has the ending of a print file; others are not looked at."""
    return name.rpartition(".")[2].lower() in ENDINGS


def check_name_pattern(pattern: str) -> None:
    """Raise ``BadPattern`` unless names can be read by the pattern."""
    check_pattern(pattern, fields=FIELDS)
    names = [name for _text, name, _form, _conversion in string.Formatter().parse(pattern) if name]
    if names.count(ORDER) != 1:
        raise BadPattern(_("The pattern needs {order_number} once: without it nobody knows which order a file is for."))
    if names.count(ITEM) > 1:
        raise BadPattern(_("{order_item_number} stands twice in the pattern. Write it once."))
    if re.search(r"\}\{", pattern.removesuffix(".{ext}")):
        raise BadPattern(_("Two fields stand side by side, so nobody knows where one ends. Put a sign such as _ between them."))


class NameReader:
    """Reads names below a folder by one pattern; letters' case of endings does not matter."""

    def __init__(self, pattern: str, *, prefix: str = "") -> None:
        self._prefix, self._depth = prefix, pattern.count("/")
        parts = []
        for text, name, _form, _conversion in string.Formatter().parse(pattern):
            parts.append(re.escape(text))
            if name == ORDER:
                parts.append(rf"(?P<order>[^/]{{1,{LONGEST}}})")  # as much as fits: order numbers hold underscores, item numbers do not
            elif name == ITEM:
                parts.append(rf"(?P<item>[^/_]{{1,{LONGEST}}})")
            elif name == "ext":
                parts.append(rf"(?i:{'|'.join(ENDINGS)})")
            elif name:
                parts.append(r"[^/]{0,200}?")
        self._reads = re.compile("".join(parts))

    def read(self, name: str) -> NamedFor | None:
        """Return what a full name says, or None when it does not fit. Folders above the pattern's own do not matter."""
        below = name.removeprefix(self._prefix).lstrip("/")
        found = self._reads.fullmatch("/".join(below.split("/")[-(self._depth + 1) :]))
        if found is None:
            return None
        groups = found.groupdict()
        return NamedFor(groups["order"], groups.get("item") or "")


def expected_name(pattern: str, *, prefix: str = "", order: str, item: str) -> str:
    """Return a name that is read as this item of this order; where the pattern lets anything stand, it says so in words."""
    filled = {ORDER: safe_value(order), ITEM: safe_value(item), ANYTHING: _("anything"), "ext": "png"}
    parts = [text + (filled[name] if name else "") for text, name, _form, _conversion in string.Formatter().parse(pattern)]
    folder = f"{prefix.rstrip('/')}/" if prefix else ""
    return folder + "".join(parts)


def spellings(number: str) -> set[str]:
    """Return how a number may stand in a name: as it is, and as it looks after what file systems do not like was taken out."""
    return {number.casefold(), safe_value(number).casefold()}
