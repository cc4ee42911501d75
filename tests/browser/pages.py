"""Every page that the staff of a print provider can open, found by following links from the first one, as people do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

from tests.journeys.form_reader import FormReader

# Not ours to style: Django's admin for operators, and allauth's JSON and provider addresses.
FOREIGN_NAMESPACES = frozenset({"admin"})


@dataclass(frozen=True, slots=True)
class Found:
    """One page: the name of its URL pattern and where it was found."""

    name: str
    address: str


def name_of(address: str) -> str:
    """Return the name of the URL pattern of an address of the hub; empty when there is none."""
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return ""


def pages_from(reader: FormReader, hub: str, *starts: str) -> list[Found]:
    """Follow all links from ``starts`` and return the HTML pages, one for each URL name and set of filters. Every link must answer."""
    waiting, seen, found = [f"{hub}/", *starts], set(), []
    while waiting:
        address = waiting.pop(0).partition("#")[0]
        name = name_of(address)
        kind = (name, frozenset(parse_qs(urlsplit(address).query))) if address not in starts else (address, frozenset())
        if not address.startswith(hub) or not name or name.split(":")[0] in FOREIGN_NAMESPACES or kind in seen:
            continue
        seen.add(kind)
        page = reader.open(address)
        if "html" not in page.answer.headers.get("content-type", ""):
            continue
        found.append(Found(name, address))
        waiting += [link for link, _text in page.links]
    return found


def names_of_the_url_table() -> set[str]:
    """Return the name of every URL pattern of the hub but the foreign ones."""
    return set(_names(get_resolver(), ""))


def _names(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace not in FOREIGN_NAMESPACES:
                yield from _names(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{prefix}{pattern.name}"
