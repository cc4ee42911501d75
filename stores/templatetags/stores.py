"""Panels about stores for pages of lower apps, and the badge of a store's state."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context
from django.utils.timezone import now
from django.utils.translation import gettext

from pod_hub.accounts.models import Customer
from pod_hub.core.outbox import Delivery
from pod_hub.ui.look import Look
from stores import selectors
from stores.channels.registry import capabilities, marketplace_info
from stores.listing_presentation import listing_looks, state_there
from stores.listing_selectors import ShownListing
from stores.models import ConnectionWizard, Listing, Store
from stores.presentation import WIZARD_WAITS, StoreStatus, status_of
from stores.publishing_models import ListingPush
from stores.publishing_presentation import wish_look

register = template.Library()


@register.filter
def store_status(store: Store) -> StoreStatus:
    """Judge a store's connection; fetch ``connection__authorization`` with the store."""
    return status_of(store, now=now())


@register.filter
def marketplace_of(store: Store) -> str:
    """Return the name of a store's marketplace, in the reader's language."""
    place = marketplace_info(store.kind, store.marketplace)
    return gettext(place.name) if place else store.marketplace


@register.filter
def waits_for(wizard: ConnectionWizard) -> str:
    """Return what a wizard that was left waits for."""
    return str(WIZARD_WAITS.get(wizard.step, ""))


@register.filter
def looks(shown: ShownListing) -> list[Look]:
    """Judge a listing of ``listing_selectors``."""
    return listing_looks(shown)


@register.filter
def standing_there(listing: Listing) -> str:
    """Return how a listing stands at its marketplace, in words; fetch ``store`` with it."""
    return state_there(listing.store.kind, listing.channel_state)


@register.filter
def tells_prices(store: Store) -> bool:
    """Return whether the hub can tell the store's marketplace what its listings cost."""
    return capabilities(store.kind).pushes_prices


@register.filter
def wished(listing: Listing, what: str) -> Look | None:
    """Return how far a wish about a listing's ``stock`` or ``wanted_price`` is, until the marketplace shows it; fetch that relation with the listing."""
    wish: ListingPush | None = getattr(listing, what, None)
    return None if wish is None or wish.delivery == Delivery.CONFIRMED else wish_look(wish)


@register.inclusion_tag("dashboard/stores/_stores_of_customer.html", takes_context=True)
def stores_of(context: Context, customer: Customer) -> dict[str, Any]:
    """The panel of a customer's stores."""
    return {"customer": customer, "stores": selectors.stores_of(customer), "request": context["request"]}


@register.inclusion_tag("dashboard/stores/_integrations.html", takes_context=True)
def integrations(context: Context) -> dict[str, Any]:
    """The panel of all stores' connections that this person sees: the PSP's, or in a portal the customer's own."""
    return {
        "stores": selectors.integrations(),
        "may": context["request"].membership.may_connect_stores,
        "billed": not context["chrome"].is_portal,
    }
