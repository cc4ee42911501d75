"""Drawing one component hundreds of times: kept where its values repeat, poured into a mould where they do not.

Rendering a template is most of what a long list costs, and nearly all of that is finding out again, row by row, what is the same in every row.
"""

from __future__ import annotations

import html
import secrets
from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any, Self

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

# Letters and digits, so that it passes through addresses and escaping; unknown to whoever writes a text that we show.
_MARK = f"hole-{secrets.token_hex(6)}"


def kept(component: str, **values: Hashable) -> SafeString:
    """Draw a component that depends on nothing but ``values`` and the reader's language, and keep it for the next time."""
    return _kept(component, get_language(), **values)


def poured(component: str, holes: Mapping[str, object], **constants: Hashable) -> SafeString:
    """Draw a component by filling in ``holes``, each escaped unless it is safe already; the template is rendered once for all of them.

    The template writes a hole as it is, also into an attribute, a translated sentence or an address (``{% url %}``). It cannot ask about
    one: what decides about the markup is a constant, and each combination of constants is a mould of its own, so they should be few.
    A template that filters a hole or asks whether it is empty raises when its mould is made. A name with a dot is a part: ``chrome.brand``.
    """
    pattern = _mould(component, get_language(), tuple(holes), **constants)
    return mark_safe(pattern % {name: value if isinstance(value, SafeString) else html.escape(str(value)) for name, value in holes.items()})  # noqa: S308


class _Hole(str):
    """Stands for a value while a mould is made, and notes whether somebody asked what it is."""

    __slots__ = ("asked",)

    def __new__(cls, mark: str) -> Self:
        """Make one that nobody has asked about."""
        hole = super().__new__(cls, mark)
        hole.asked = False
        return hole

    def __bool__(self) -> bool:
        self.asked = True
        return True

    def __eq__(self, other: object) -> bool:
        self.asked = True
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        self.asked = True
        return str.__ne__(self, other)

    def __len__(self) -> int:
        self.asked = True
        return str.__len__(self)

    __hash__ = str.__hash__


# Typed: a safe text must not stand in for an equal one that has to be escaped.
@lru_cache(maxsize=4096, typed=True)
def _kept(component: str, _language: str | None, **values: Hashable) -> SafeString:
    return render_to_string(component, values)


@lru_cache(maxsize=512, typed=True)
def _mould(component: str, _language: str | None, holes: tuple[str, ...], **constants: Hashable) -> str:
    marks = {name: _Hole(f"{_MARK}-{name}-") for name in holes}
    pattern = str(render_to_string(component, _nested({**constants, **marks}))).replace("%", "%%")
    for name, mark in marks.items():
        if mark.asked:  # raising at once would not do: Django's {% if %} swallows what its operators raise
            raise TypeError(f"{component} asks about {name}, which its mould does not know yet. Give what decides as a constant.")
        if mark not in pattern:
            raise ValueError(f"{component} does not write {name} as it is, so its mould has no place for it.")
        pattern = pattern.replace(str(mark), f"%({name})s")
    if _MARK in pattern:
        raise ValueError(f"{component} changes one of {', '.join(holes)} on the way, which only the page that knows the value may do.")
    return pattern


def _nested(values: Mapping[str, object]) -> dict[str, Any]:
    """Return values whose names have a dot as parts of the one before it."""
    nested: dict[str, Any] = {}
    for name, value in values.items():
        whole, _dot, part = name.partition(".")
        if part:
            nested.setdefault(whole, {})[part] = value
        else:
            nested[whole] = value
    return nested
