"""Reads of the pages about stores and listings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Lower

from pod_hub.accounts.models import Customer
from pod_hub.core.keyset import Page, page_of, starts_with
from pod_hub.core.paging import capped_counts, count_text
from stores.listing_search import find_listings
from stores.models import Connection, ConnectionWizard, ConsentAttempt, ConsentLink, Listing, ListingMapping, SelfTest, Store

ATTEMPTS_SHOWN = 20
INTEGRATIONS_SHOWN = 20
WIZARDS_SHOWN = 20
MOST_FOUND = 500  # beyond that a search is too wide to read; the filter narrows it


def _with_connection() -> Any:
    """Return stores with what their row shows, and ``folded``, their name in small letters. Deleted ones are in no list."""
    return Store.objects.filter(removed_at=None).select_related("customer", "facility", "connection__authorization").annotate(folded=Lower("name"))


def store_page(*, name: str = "", state: str = "", customer: Customer | None = None, token: str = "") -> Page[Store]:
    """Return stores by name with customer, facility, connection and authorization."""
    rows = _with_connection()
    if name:
        rows = rows.filter(starts_with("folded", name.lower()))
    if state:
        # A store without a connection row is one that waits for its first permission.
        rows = rows.filter(Q(connection__state=state) | Q(connection=None) if state == Connection.State.PENDING else Q(connection__state=state))
    if customer is not None:
        rows = rows.filter(customer=customer)
    return page_of(rows, by=("folded", "id"), token=token)


def stores_of(customer: Customer) -> list[Store]:
    """Return a customer's stores by name, with their connections."""
    return list(_with_connection().filter(customer=customer).order_by("folded", "pk"))


def places_of(connections: QuerySet[Connection]) -> list[str]:
    """Return the places of these connections' stores, as the channel names them, in order. One query."""
    return sorted({one.store.place for one in connections.select_related("store")})


def integrations() -> list[Store]:
    """Return the first stores by name, for the overview on the settings page."""
    return list(_with_connection().order_by("folded", "pk")[:INTEGRATIONS_SHOWN])


@dataclass(frozen=True, slots=True)
class ListingFilter:
    """What to show of a store's listings. ``show`` is "", ``mapped``, ``unmapped`` or ``gone``."""

    text: str = ""
    show: str = ""


def listings_of(store: Store, wanted: ListingFilter) -> QuerySet[Listing]:
    """Return the listings that a filter asks for. Without one, all of them, the gone ones too."""
    rows: QuerySet[Listing] = Listing.objects.filter(store=store)
    active = Exists(ListingMapping.objects.filter(listing=OuterRef("pk"), retired_at=None))
    if wanted.show == "gone":
        rows = rows.filter(gone_at__isnull=False)
    elif wanted.show == "mapped":
        rows = rows.filter(active, gone_at=None)
    elif wanted.show == "unmapped":
        rows = rows.filter(~active, gone_at=None)
    if wanted.text:
        named = find_listings(store_id=store.pk, text=wanted.text, limit=MOST_FOUND)
        rows = rows.filter(Q(pk__in=named) | Q(product_id=wanted.text.upper()))
    return rows


def listing_page(store: Store, wanted: ListingFilter, *, token: str = "") -> Page[Listing]:
    """Return listings by title; ``active_mappings`` holds none or one mapping, with its product and design."""
    mappings = ListingMapping.objects.filter(retired_at=None).select_related("customer_product__product_model", "design")
    rows = listings_of(store, wanted).prefetch_related(Prefetch("mappings", queryset=mappings, to_attr="active_mappings"))
    return page_of(rows, by=("title", "id"), token=token)


def listing_counts(store: Store) -> dict[str, str]:
    """Return capped counts for the two filters that people work by: all, and those that wait for a product."""
    counted = capped_counts({show: listings_of(store, ListingFilter(show=show)) for show in ("", "unmapped")})
    return {show: count_text(count) for show, count in counted.items()}


def attempts_of(store: Store) -> list[ConsentAttempt]:
    """Return the latest trips to the consent page, newest first."""
    return list(store.consent_attempts.select_related("started_by").order_by("-started_at", "-pk")[:ATTEMPTS_SHOWN])


def unmapped_listings(store: Store) -> str:
    """Return how many listings of a store wait for a product, capped."""
    return count_text(capped_counts({"unmapped": listings_of(store, ListingFilter(show="unmapped"))})["unmapped"])


def unfinished_wizards() -> list[ConnectionWizard]:
    """Return the wizards that wait for their next step, newest first."""
    rows = ConnectionWizard.objects.filter(cancelled_at=None).exclude(step=ConnectionWizard.Step.DONE)
    return list(rows.select_related("customer", "store", "started_by").order_by("-changed_at", "-pk")[:WIZARDS_SHOWN])


def wizards_by_store(stores: Iterable[Store]) -> dict[int, ConnectionWizard]:
    """Return the unfinished wizard of each store that has one. One query."""
    rows = ConnectionWizard.objects.filter(cancelled_at=None, store__in=[store.pk for store in stores]).exclude(step=ConnectionWizard.Step.DONE)
    return {row.store_id: row for row in rows.order_by("pk") if row.store_id is not None}


def latest_link(store: Store) -> ConsentLink | None:
    """Return the link that was mailed last for a store, with who sent it."""
    return store.consent_links.select_related("sent_by", "wizard").order_by("-sent_at", "-pk").first()


def latest_test(store: Store) -> SelfTest | None:
    """Return the newest self-test of a store with its results."""
    return store.self_tests.select_related("started_by").prefetch_related("steps").order_by("-started_at", "-pk").first()


def connectable_stores(*, kind: str, customer_id: int | None, but: int | None = None) -> QuerySet[Store]:
    """Return the stores of a kind that no consent serves yet, by name."""
    rows: QuerySet[Store] = Store.objects.filter(Q(connection=None) | Q(connection__authorization=None), kind=kind, removed_at=None)
    if customer_id is not None:
        rows = rows.filter(customer_id=customer_id)
    if but is not None:
        rows = rows.exclude(pk=but)
    return rows.select_related("customer").order_by("name", "pk")
