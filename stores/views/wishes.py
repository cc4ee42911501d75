"""What the pages of a listing's stock and of its price have in common: how far the wish is, and what stands in its way."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from pod_hub.ui.form_pages import Caution, Crumb
from stores.models import Listing
from stores.publishing_models import ListingPush
from stores.publishing_presentation import wish_look


def way_to(listing: Listing, here: str) -> list[Crumb]:
    """Return the breadcrumb of a page about a listing."""
    store = listing.store
    return [
        Crumb(_("Stores"), reverse("stores:stores")),
        Crumb(store.name, reverse("stores:store", args=[store.public_id])),
        Crumb(str(listing)),
        Crumb(here),
    ]


def cautions_about(listing: Listing, wish: ListingPush | None, *, wanted: str) -> list[Caution]:
    """Return what to know before wanting something else; ``wanted`` says the wish in words."""
    found = []
    if wish is not None:
        look = wish_look(wish)
        found.append(Caution(str(look.label), f"{wanted}. {wish.last_error}".strip(), tone=look.tone if look.tone in {"ok", "bad"} else "info"))
    connection = getattr(listing.store, "connection", None)
    if connection is not None and connection.inventory_paused:
        found.append(
            Caution(
                _("Telling stock and prices is paused for this store."),
                _("What you save is told once somebody ends the pause, on the store's Connection tab."),
            )
        )
    return found
