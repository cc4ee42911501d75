"""What every page's frame shows: brand, navigation, the person signed in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

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
        """The print provider's name, as customers know it on pages for them; the hub's own before anybody is signed in."""
        if self.provider is not None:
            return str(self.provider.shown_name)
        return self._name_of("psp") or "Pod Hub"

    @cached_property
    def provider(self) -> Any:
        """The print provider whose look a page for its customers wears: of the portal, or of its own sign-in page (``request.provider``)."""
        named = getattr(self.request, "provider", None)
        if named is not None or (getattr(self.membership, "customer_id", None) is None and self.entered is None):
            return named
        return self.membership.psp

    @cached_property
    def stylesheet(self) -> str:
        """The address of the provider's colours, or an empty string. It changes with them, so browsers may keep it."""
        if self.provider is None or not self.provider.colour:
            return ""
        return f"{reverse('accounts:provider_colours', args=[self.provider.slug])}?v={self.provider.colour[1:]}"

    @cached_property
    def logo(self) -> str:
        """The address of the provider's logo, or an empty string."""
        if self.provider is None or not self.provider.logo_name:
            return ""
        return f"{reverse('accounts:provider_logo', args=[self.provider.slug])}?v={self.provider.logo_name[-12:-4]}"

    @cached_property
    def entered(self) -> Any:
        """The customer whose portal somebody of the print provider looks into, or None."""
        return getattr(self.membership, "entered", None)

    @cached_property
    def place(self) -> str:
        """The merchant or the plant this membership is narrowed to, or an empty string."""
        return str(self.entered or "") or self._name_of("customer") or self._name_of("facility")

    @cached_property
    def is_portal(self) -> bool:
        """Whether the page stands in a customer's portal: for its merchants, and for staff who entered it."""
        return not getattr(self.membership, "is_staff_of_psp", True) or self.entered is not None

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
