"""What every page's frame shows: brand, navigation, the person signed in."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext

from pod_hub.ui.moulds import kept, poured
from pod_hub.ui.navigation import DASHBOARD, PORTAL, LinkGroup, Section, links
from pod_hub.ui.shortcuts import PageKey
from pod_hub.ui.templatetags.ui import drawn_avatar


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
    def dashboard(self) -> tuple[LinkGroup, ...]:
        """Navigation of the print provider's pages."""
        return self._links(DASHBOARD)

    @cached_property
    def initial(self) -> str:
        """What stands for a logo."""
        return self.brand[:1].upper()

    @cached_property
    def audience(self) -> str:
        """What stands under the brand on the print provider's pages."""
        return self.place or gettext("Print provider")

    @cached_property
    def footing(self) -> str:
        """What stands in the footer."""
        return f"{self.brand} · {self.place}" if self.place else self.brand

    @cached_property
    def zone(self) -> str:
        """The time zone of the page's times."""
        return str(localtime().tzname())

    @cached_property
    def navigation(self) -> SafeString:
        """The print provider's navigation, drawn."""
        return kept("layouts/_navigation.html", groups=self.dashboard)

    @cached_property
    def shortcuts(self) -> SafeString:
        """The help dialog of its keyboard shortcuts, drawn."""
        return kept("layouts/_shortcuts.html", groups=self.dashboard, keys=self.page_keys)

    @cached_property
    def page_keys(self) -> tuple[PageKey, ...]:
        """The keys that this page has beside every page's (``pod_hub.ui.shortcuts``)."""
        return tuple(getattr(self.request, "page_keys", ()))

    @cached_property
    def account_menu(self) -> SafeString:
        """Theme switch, account links and sign-out, drawn; without a person only the switch."""
        if not self.person:
            return kept("layouts/_account_menu.html", signed_in=False)
        holes = {"person": self.person, "avatar": drawn_avatar(self.person), "csrf_token": get_token(self.request)}
        told = {"email": self.email} if self.email != self.person else {}
        return poured("layouts/_account_menu.html", holes | told, signed_in=True, has_email=bool(told))

    @cached_property
    def flash(self) -> SafeString:
        """The messages of the last request, drawn; empty without any."""
        found = get_messages(self.request)
        return render_to_string("components/flash.html", {"messages": found}) if len(found) else mark_safe("")

    @cached_property
    def portal(self) -> tuple[LinkGroup, ...]:
        """Navigation of the merchant's pages."""
        return self._links(PORTAL)

    def _links(self, sections: tuple[Section, ...]) -> tuple[LinkGroup, ...]:
        path = getattr(self.request, "nav_path", self.request.path)  # a page that stands below another entry than its address says
        return links(sections, path=path, badges=getattr(self.request, "nav_badges", None))

    def _name_of(self, relation: str) -> str:
        """Name of a related row, but only if it is there already: a page's frame must not query, least of all outside the tenant scope."""
        state = getattr(self.membership, "_state", None)
        if state is not None and relation not in state.fields_cache:
            return ""
        return str(getattr(getattr(self.membership, relation, None), "name", "") or "")


def chrome(request: HttpRequest) -> dict[str, Chrome]:
    """Context processor: ``chrome`` in every template."""
    return {"chrome": Chrome(request)}


# What the frame of the print provider's pages shows, each written as it is.
_HOLES = ("brand", "initial", "audience", "footing", "zone", "navigation", "shortcuts", "account_menu", "flash")


def poured_page(request: HttpRequest, template: str, holes: Mapping[str, object], **constants: Hashable) -> HttpResponse:
    """Answer with a page of the dashboard whose template, frame and all, is rendered once for all and then filled in (``pod_hub.ui.moulds``).

    The template gets the holes, the constants, ``chrome``, ``csrf_token`` and ``path`` (the page's own address), and no request: what is
    neither hole nor constant cannot get into the mould, so nothing of one person stays there for the next.
    """
    chrome = Chrome(request)
    given = {**holes, "csrf_token": get_token(request), "path": request.get_full_path()}
    if chrome.provider is not None or chrome.entered is not None:  # a portal's look has too many shapes to keep
        return HttpResponse(render_to_string(template, {**given, **constants, "chrome": chrome}))
    frame = {f"chrome.{name}": getattr(chrome, name) for name in _HOLES}
    return HttpResponse(poured(template, given | frame, **constants, **{"chrome.is_demo": chrome.is_demo}))
