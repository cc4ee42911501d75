"""Reads of the production board and of the pushes, each with its prefetches and its number of queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import F, QuerySet
from django.http import QueryDict

from fulfillment.models import Label, Push, PushAttempt
from orders.line_files import files_of
from orders.models import Hold, Order, OrderLine
from orders.states import LineState
from pod_hub.accounts.models import Facility
from pod_hub.core.outbox import Delivery
from pod_hub.core.paging import Page, capped_counts, page_of
from stores.channels.registry import CAPABILITIES, capabilities, carriers_for
from stores.models import CarrierMapping, Store, StoreCarrier

BOARD_STATES = (LineState.RELEASED, LineState.PRINTING, LineState.PACKING)
MOST_ON_BOARD = 40


@dataclass(frozen=True, slots=True)
class Column:
    """One state of the board: the most urgent lines and how many there are."""

    state: LineState
    lines: list[OrderLine]
    count: int


def facilities() -> list[Facility]:
    """Return the active facilities by name. One query."""
    return list(Facility.objects.filter(is_active=True).order_by("name", "pk"))


def board(*, facility: Facility | None) -> list[Column]:
    """Return the lines in production by state, most urgent ship-by first, with their open holds as ``line.waiting``. Five queries."""
    counts = capped_counts({state: _lines(state, facility) for state in BOARD_STATES})
    columns = [Column(state, list(_shown(state, facility)), counts[state]) for state in BOARD_STATES]
    lines = [line for column in columns for line in column.lines]
    waiting: dict[int, list[Hold]] = defaultdict(list)
    for hold in Hold.objects.filter(order__in={line.order_id for line in lines}, released_at=None).order_by("opened_at", "pk"):
        waiting[hold.order_id].append(hold)
    files = files_of(lines)
    for line in lines:
        line.files = files[line.pk]  # type: ignore[attr-defined]
        line.waiting = [hold for hold in waiting[line.order_id] if hold.line_id in {None, line.pk}]  # type: ignore[attr-defined]
    return columns


def _lines(state: LineState, facility: Facility | None) -> QuerySet[OrderLine]:
    rows: QuerySet[OrderLine] = OrderLine.objects.filter(state=state)
    return rows.filter(order__facility=facility) if facility else rows


def _shown(state: LineState, facility: Facility | None) -> QuerySet[OrderLine]:
    rows = _lines(state, facility).select_related("order__store", "customer_product__product_model", "print_file")
    rows = rows.prefetch_related("customer_product__product_model__print_areas")
    return rows.order_by(F("order__ship_by").asc(nulls_last=True), "pk")[:MOST_ON_BOARD]


def push_page(*, delivery: str, query: QueryDict) -> Page[Push]:
    """Return a page of pushes, newest first, with order, store and package. One query."""
    rows = Push.objects.select_related("order__store", "package")
    if delivery:
        rows = rows.filter(delivery=delivery)
    return page_of(rows, by="created_at", query=query)


def delivery_counts() -> dict[str, int]:
    """Count pushes by where they stand, capped. One query."""
    return capped_counts({state.value: Push.objects.filter(delivery=state) for state in Delivery})


def history_of(push: Push) -> list[PushAttempt]:
    """Return every exchange of a push, oldest first."""
    return list(push.history.order_by("at", "pk"))


def waiting_labels(order: Order) -> list[Label]:
    """Return the labels that were bought at the marketplace and whose parcels have not left. One query, where labels are bought there."""
    if not order.is_labelled_by_channel:
        return []
    return list(Label.objects.filter(order=order, bought_at__isnull=False, package=None).order_by("pk"))


def carriers_of(order: Order) -> tuple[str, ...]:
    """Return the carriers to offer; empty where people type one (no channel, a marketplace that is not in its table, or a list not told yet)."""
    if capabilities(order.store.kind).lists_carriers:
        return _listed_carriers(order)
    try:
        return carriers_for(order.store.kind, order.marketplace)
    except KeyError:
        return ()


def _listed_carriers(order: Order) -> tuple[str, ...]:
    """Return ours that are mapped to a carrier of the marketplace, and those it takes for the order's way of delivery. Two queries."""
    told = (
        StoreCarrier.objects.filter(store=order.store_id, delivery_option=order.delivery_option).order_by("name", "pk").values_list("name", flat=True)
    )
    ours = CarrierMapping.objects.filter(store=order.store_id).order_by("carrier").values_list("carrier", flat=True)
    return tuple(dict.fromkeys([*ours, *told])) if told else ()


@dataclass(frozen=True, slots=True)
class StoreCarriers:
    """One store whose marketplace has a list of carriers: that list, and which of them are meant by ours."""

    store: Store
    mappings: list[CarrierMapping]
    options: list[tuple[str, str]]  # the marketplace's number, its name


def stores_with_carriers() -> list[StoreCarriers]:
    """Return the connected stores whose marketplace has a list of carriers, by name. Three queries."""
    kinds = [kind.value for kind, can in CAPABILITIES.items() if can.lists_carriers]
    stores = list(Store.objects.filter(kind__in=kinds, connection__authorization__isnull=False).select_related("customer").order_by("name", "pk"))
    mappings: dict[int, list[CarrierMapping]] = defaultdict(list)
    for mapping in CarrierMapping.objects.filter(store__in=stores).select_related("mapped_by").order_by("carrier", "pk"):
        mappings[mapping.store_id].append(mapping)
    options: dict[int, dict[str, str]] = defaultdict(dict)
    for option in StoreCarrier.objects.filter(store__in=stores).order_by("name", "pk"):
        options[option.store_id].setdefault(option.option_id, option.name)
    return [StoreCarriers(store, mappings[store.pk], list(options[store.pk].items())) for store in stores]
