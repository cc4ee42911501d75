"""What every page's frame shows: brand, navigation, the person signed in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from pod_hub.ui import navigation


@dataclass
class Chrome:
    """The frame around a page. Everything is computed when a template asks for it, so an error page costs nothing.

    Reads ``request.user`` and ``request.membership`` (with its ``psp``, ``customer`` and ``facility`` where they are already loaded) and
    ``request.nav_badges``, a mapping of badge names to numbers, each only if somebody set it. Makes no query of its own.
    """

    request: HttpRequest

    @cached_property
    def membership(self) -> Any:
        """The signed-in membership, or None."""
        return getattr(self.request, "membership", None)

    @cached_property
    def brand(self) -> str:
        """The print provider's name; the hub's own before anybody is signed in."""
        return self._name_of("psp") or "Pod Hub"

    @cached_property
    def place(self) -> str:
        """The customer whose portal this is, or the merchant or plant this membership is narrowed to, or an empty string."""
        return str(getattr(self.request, "portal_customer", "") or "") or self._name_of("customer") or self._name_of("facility")

    @cached_property
    def is_portal(self) -> bool:
        """Whether the page stands in a customer's portal: for its merchants, and for staff who entered it."""
        return not getattr(self.membership, "is_staff_of_psp", True) or getattr(self.membership, "entered", None) is not None

    @cached_property
    def layout(self) -> str:
        """The frame of pages that staff and merchants share: ``{% extends chrome.layout %}``."""
        return "layouts/portal.html" if self.is_portal else "layouts/dashboard.html"

    @cached_property
    def person(self) -> str:
        """How to call the person signed in; empty for nobody."""
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated:
            return ""
        return str(getattr(user, "get_full_name", str)() or getattr(user, "email", "") or user)

    @cached_property
    def email(self) -> str:
        """The address the person signs in with; empty for nobody."""
        return str(getattr(getattr(self.request, "user", None), "email", "") or "")

    @cached_property
    def is_demo(self) -> bool:
        """Whether a ribbon must say that nothing here is real."""
        return bool(settings.HUB_ENV == "demo")

    @cached_property
    def dashboard(self) -> tuple[navigation.LinkGroup, ...]:
        """Navigation of the print provider's pages."""
        return self._links(navigation.DASHBOARD)

    @cached_property
    def portal(self) -> tuple[navigation.LinkGroup, ...]:
        """Navigation of the merchant's pages."""
        return self._links(navigation.PORTAL)

    def _links(self, sections: tuple[navigation.Section, ...]) -> tuple[navigation.LinkGroup, ...]:
        return navigation.links(sections, path=self.request.path, badges=getattr(self.request, "nav_badges", None))

    def _name_of(self, relation: str) -> str:
        """Name of a related row, but only if it is there already: a page's frame must not query, least of all outside the tenant scope."""
        state = getattr(self.membership, "_state", None)
        if state is not None and relation not in state.fields_cache:
            return ""
        return str(getattr(getattr(self.membership, relation, None), "name", "") or "")


def chrome(request: HttpRequest) -> dict[str, Chrome]:
    """Context processor: ``chrome`` in every template."""
    return {"chrome": Chrome(request)}
