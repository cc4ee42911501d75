"""The left navigation: one table for the print provider's dashboard and one for the merchant's portal.

An entry whose URL name does not exist yet is left out, so pages can arrive one by one. The entry whose address is the longest prefix of
the current one is active.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class Entry:
    """A link to a page. ``badge`` names a number in ``request.nav_badges`` to show beside it, ``counted`` what is counted; ``key`` is its shortcut after ``g``."""

    label: str | _StrPromise
    icon: str
    url_name: str
    badge: str = ""
    key: str = ""
    counted: str | _StrPromise = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A group of links; the first ones of the table need no title."""

    title: str | _StrPromise
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as the template draws it, in the reader's language: two equal ones look the same, so what is drawn of them can be kept."""

    label: str
    icon: str
    href: str
    active: bool
    count: int
    key: str
    counted: str


@dataclass(frozen=True, slots=True)
class LinkGroup:
    """A section as the template draws it; never empty."""

    title: str
    links: tuple[Link, ...]


DASHBOARD = (
    Section(
        "",
        (
            Entry(_("Customers"), "users", "accounts:customers", key="c"),
            Entry(_("Stores"), "building-store", "stores:stores", key="s"),
            Entry(_("Catalog"), "shirt", "catalog:products", key="k"),
        ),
    ),
    Section(
        _("Order intake"),
        (
            Entry(_("Manage orders"), "inbox", "orders:orders", key="o"),
            Entry(_("Order finder"), "search", "fulfillment:finder", key="f"),
            Entry(
                _("Needs attention"),
                "hand-stop",
                "orders:attention",
                badge="attention",
                key="a",
                counted=_("matters wait for a person; an order may have several"),
            ),
            Entry(_("Intake ledger"), "list-details", "orders:ledger", key="i"),
        ),
    ),
    Section(
        _("Fulfillment"),
        (
            Entry(_("Production"), "printer", "fulfillment:production", key="p"),
            Entry(_("Shipments"), "truck-delivery", "fulfillment:shipments", key="h"),
        ),
    ),
    Section("", (Entry(_("Settings"), "settings", "accounts:settings"),)),
)
PORTAL = (
    Section(
        "",
        (
            Entry(_("Home"), "home", "portal:home", key="h"),
            Entry(_("Stores"), "building-store", "stores:stores", key="s"),
            Entry(_("Products"), "shirt", "portal:products", key="k"),
            Entry(_("Orders"), "inbox", "portal:orders", badge="waiting", key="o", counted=_("orders wait for you")),
            Entry(_("Settings"), "settings", "portal:settings", key="e"),
        ),
    ),
)


def links(sections: Iterable[Section], *, path: str, badges: Mapping[str, int] | None = None) -> tuple[LinkGroup, ...]:
    """Resolve a navigation table for the page at ``path``; no query, and nothing that leads nowhere."""
    known = {entry.url_name: href for section in sections for entry in section.entries if (href := _address_of(entry.url_name))}
    current = max((href for href in known.values() if path == href or path.startswith(_folder(href))), key=len, default=None)
    groups = []
    for section in sections:
        drawn = tuple(
            Link(str(entry.label), entry.icon, href, href == current, (badges or {}).get(entry.badge, 0), entry.key, str(entry.counted))
            for entry in section.entries
            if (href := known.get(entry.url_name))
        )
        if drawn:
            groups.append(LinkGroup(str(section.title), drawn))
    return tuple(groups)


def _address_of(url_name: str) -> str | None:
    return _address(url_name, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())


@lru_cache(maxsize=256)
def _address(url_name: str, urlconf: str, _prefix: str) -> str | None:
    try:
        return reverse(url_name, urlconf)
    except NoReverseMatch:
        return None


def _folder(href: str) -> str:
    return href if href.endswith("/") else href + "/"
