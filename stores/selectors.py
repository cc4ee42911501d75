"""Reads of the pages about stores and listings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from pod_hub.accounts.models import Customer
from pod_hub.core.keyset import Page, page_of, starts_with
from stores.models import (
    Connection,
    ConnectionWizard,
    ConsentAttempt,
    ConsentLink,
    SelfTest,
    Store,
)

ATTEMPTS_SHOWN = 20
INTEGRATIONS_SHOWN = 20
WIZARDS_SHOWN = 20


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


def attempts_of(store: Store) -> list[ConsentAttempt]:
    """Return the latest trips to the consent page, newest first."""
    return list(store.consent_attempts.select_related("started_by").order_by("-started_at", "-pk")[:ATTEMPTS_SHOWN])


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
