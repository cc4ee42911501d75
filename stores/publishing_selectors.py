"""Reads of the pages about products that are added to stores."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Prefetch, Q

from stores.listing_search import find_listings
from stores.models import Listing, ListingMapping, MappingPart, Publication, Store

MOST_LISTINGS = 60
MOST_FOUND = 500  # of each store, before those that are not connected are left out
MOST_PUBLICATIONS = 100


def copyable_listings(store: Store, *, words: str) -> list[Listing]:
    """Return what other stores of the same customer sell and is made of one product, each with ``made_of``. Five queries at most."""
    active = Q(mappings__retired_at=None)
    rows = (
        Listing.objects.filter(store__customer=store.customer_id, store__removed_at=None, state=Listing.State.MAPPED, gone_at=None)
        .exclude(store=store)
        .annotate(parts_now=Count("mappings__parts", filter=active))
        .filter(parts_now=1)
        .select_related("store")
    )
    if words:
        others = Store.objects.filter(customer=store.customer_id, removed_at=None).exclude(pk=store.pk)
        rows = rows.filter(pk__in=find_listings(store_ids=list(others.values_list("pk", flat=True)), text=words, limit=MOST_FOUND))
    parts = MappingPart.objects.select_related("customer_product", "design__print_file")
    mappings = ListingMapping.objects.filter(retired_at=None).prefetch_related(Prefetch("parts", queryset=parts))
    found: list[Any] = list(rows.prefetch_related(Prefetch("mappings", queryset=mappings, to_attr="now")).order_by("title", "pk")[:MOST_LISTINGS])
    for listing in found:
        listing.made_of = listing.now[0].parts.all()[0]
    return found


def publications_of(store: Store) -> list[Publication]:
    """Return the products that were or are being added to a store, newest first. One query."""
    rows = Publication.objects.filter(store=store, dropped_at=None).select_related("customer_product", "design__print_file", "listing")
    return list(rows.order_by("-started_at", "-pk")[:MOST_PUBLICATIONS])


def count_unfinished(store: Store) -> int:
    """Return how many products of a store are on their way and not live."""
    return Publication.objects.filter(store=store, dropped_at=None).exclude(state=Publication.State.LIVE).count()
