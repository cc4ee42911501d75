"""Keys that one page has beside those of every page; the dialog of shortcuts lists them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class PageKey:
    """What pressing one of ``keys`` does. A view says so with ``request.page_keys = (PageKey(…), …)``; the page's own script acts on them."""

    label: str | Promise
    keys: tuple[str, ...]
