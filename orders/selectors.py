"""Reads of the order list and the order page, each with its prefetches and its number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.fields import CharField
from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.buyer_data import BuyerDetails, opened
from orders.models import READY, BuyerData, Hold, HoldKind, IntakeRecord, Order, OrderEvent, OrderLine, PurgeRecord
from orders.services.replacements import Replacements, replacements_of
from orders.states import OPEN_ORDER_STATES, LineState, OrderState
from pod_hub.core.paging import Counting, counting, page_of
from pod_hub.core.sealing import search_hash
from pod_hub.core.tenancy import current_psp_id
from stores.models import Store

# Saved views: the tabs of the list.
VIEWS: dict[str, tuple[Any, Q]] = {
    "open": (_("All open"), Q(state__in=OPEN_ORDER_STATES)),
    "attention": (_("Needs attention"), Q(open_holds__gt=0, state__in=OPEN_ORDER_STATES)),
    "ready": (_("Ready to release"), READY),
    "production": (
        _("In production"),
        Q(state__in=[OrderState.RELEASED, OrderState.PRINTING, OrderState.PACKING, OrderState.PARTIALLY_SHIPPED]),
    ),
    "shipped": (_("Shipped"), Q(state=OrderState.SHIPPED)),
    "cancelled": (_("Cancelled"), Q(state=OrderState.CANCELLED)),
}
MOST_LINES_SHOWN = 200
STORE_LISTED = (
    *("psp", "public_id", "name", "customer__psp", "customer__public_id", "customer__name"),
    *("connection__psp", "connection__store", "connection__authorization", "connection__state"),
    *(f"connection__authorization__{name}" for name in ("psp", "public_id", "state", "last_poll_ok_at", "next_poll_at", "poll_failures")),
    *(f"connection__authorization__{name}" for name in ("last_error", "poll_waits_for", "poll_leased_until")),
)
# The columns that the list shows or filters by.
LISTED = ("psp", "public_id", "store", "external_id", "state", "open_holds", "placed_at", "ship_by", "ship_to_country")


def stores_with_connection() -> list[Store]:
    """Return the stores of the open scope with customer, connection and authorization, by name; only what lists show of them. One query."""
    return list(Store.objects.select_related("customer", "connection__authorization").only(*STORE_LISTED).order_by("name", "pk"))


def view_counts() -> dict[str, int]:
    """Count each saved view, capped. One query."""
    return _view_counting(current_psp_id()).now()


@lru_cache(maxsize=256)
def _view_counting(_psp_id: int) -> Counting:
    """Return the statement that counts the views of the open scope; it is the same for every page of one print provider."""
    return counting({name: Order.objects.filter(condition) for name, (_label, condition) in VIEWS.items()})


@dataclass(frozen=True, slots=True)
class LinesInShort:
    """What a list says of an order's lines: the first one's SKU or title, how many lines, how many pieces; cancelled lines only if all are."""

    what: str
    lines: int
    pieces: int


NO_LINES = LinesInShort("", 0, 0)


@dataclass(frozen=True, slots=True)
class ListedOrder:
    """One order of the list. ``order`` has the columns that the list shows and no others; ``holds`` are the kinds of its open holds, oldest first."""

    order: Order
    store: Store
    lines: LinesInShort
    holds: tuple[HoldKind, ...]


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Some orders in the list's own order, and the addresses of the neighbouring pages."""

    rows: list[ListedOrder]
    newer: str
    older: str


def order_page(*, view: str, wanted: dict[str, str], query: QueryDict, stores: Iterable[Store]) -> OrderPage:
    """Return a page of the order list: newest first, or most urgent first for deadlines.

    Two queries, one more for open holds if there are any, and one more for a search. ``stores`` are those of the scope with their customers.
    """
    rows = filtered_orders(view=view, wanted=wanted).only(*LISTED)
    page = page_of(rows, by="ship_by", query=query, descending=False) if wanted.get("due") else page_of(rows, by="placed_at", query=query)
    lines = _lines_in_short([order.pk for order in page.rows])
    holds = _open_holds([order.pk for order in page.rows if order.open_holds])
    known = {store.pk: store for store in stores}
    listed = [
        # A store that was connected since the stores were read is read by itself.
        ListedOrder(order, known.get(order.store_id) or order.store, lines.get(order.pk, NO_LINES), holds.get(order.pk, ()))
        for order in page.rows
    ]
    return OrderPage(listed, page.newer, page.older)


def _lines_in_short(order_ids: list[int]) -> dict[int, LinesInShort]:
    """Read the lines as bare values: a list shows three facts of each, and making objects of them costs more than reading them."""
    if not order_ids:
        return {}
    found: dict[int, list[tuple[str, int, bool]]] = {}
    values = OrderLine.objects.filter(order__in=order_ids).order_by("pk").values_list("order_id", "sku", "title", "quantity", "pieces_each", "state")
    for order_id, sku, title, quantity, each, state in values:
        found.setdefault(order_id, []).append((sku or title, quantity * each, state == LineState.CANCELLED))
    short = {}
    for order_id, lines in found.items():
        kept = [line for line in lines if not line[2]] or lines
        short[order_id] = LinesInShort(kept[0][0], len(kept), sum(pieces for _what, pieces, _cancelled in kept))
    return short


def _open_holds(order_ids: list[int]) -> dict[int, tuple[HoldKind, ...]]:
    if not order_ids:
        return {}
    found: dict[int, dict[HoldKind, None]] = {}
    values = Hold.objects.filter(order__in=order_ids, released_at=None).order_by("opened_at", "pk").values_list("order_id", "kind")
    for order_id, kind in values:
        found.setdefault(order_id, {})[HoldKind(kind)] = None
    return {order_id: tuple(kinds) for order_id, kinds in found.items()}


def filtered_orders(*, view: str, wanted: dict[str, str]) -> QuerySet[Order]:
    """Return the orders of a saved view that pass the filters. A search looks through all views."""
    q = wanted.get("q", "")
    rows: QuerySet[Order] = Order.objects.filter(_found_by(q)) if q else Order.objects.filter(VIEWS[view][1])
    if state := wanted.get("state"):
        rows = rows.filter(state=state)
    if store := wanted.get("store"):
        rows = rows.filter(store__public_id=store)
    if customer := wanted.get("customer"):
        rows = rows.filter(store__customer__public_id=customer)
    hold = wanted.get("hold")
    if hold == "any":
        rows = rows.filter(open_holds__gt=0)
    elif hold == "none":
        rows = rows.filter(open_holds=0)
    elif hold:
        rows = rows.filter(open_holds__gt=0, pk__in=Hold.objects.filter(kind=hold, released_at=None).values("order_id"))
    if due := wanted.get("due"):
        moment = timezone.now()
        rows = rows.filter(~Q(state__in=["shipped", "cancelled"]))
        rows = rows.filter(ship_by__lt=moment) if due == "late" else rows.filter(ship_by__gte=moment, ship_by__lt=_midnight())
    return rows


def _midnight() -> datetime:
    """Return the end of today in the print provider's time zone."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    return timezone.make_aware(datetime.combine(tomorrow, time.min))


def _found_by(q: str) -> Q:
    """Return the condition for a search: the exact order number, SKU or tracking number, or the buyer's postcode, e-mail or surname.

    First one query asks which of these keys knows the text at all; the list is then filtered by those alone, because one OR over
    several tables would make PostgreSQL read the whole list.
    """
    psp_id = current_psp_id()
    tracking = "".join(char for char in q.upper() if char.isalnum())

    def hashed(kind: str) -> str:
        return search_hash(q, kind=kind, psp_id=psp_id)

    keys: dict[str, tuple[QuerySet[Any], Q]] = {}

    def key(name: str, rows: QuerySet[Any], column: str) -> None:
        keys[name] = (rows, Q(pk__in=rows.order_by().values(column)))

    key("number", Order.objects.filter(external_id=q), "pk")
    if "@" in q:
        key("email", BuyerData.objects.filter(email_hash=hashed("email")), "order_id")
    else:
        key("sku", OrderLine.objects.filter(sku=q), "order_id")
        # Packages stand on the upper floor; the order knows them only by the name of the relation.
        key("tracking", Order.objects.filter(packages__tracking_number=tracking), "pk")
        key("postcode", BuyerData.objects.filter(postcode_hash=hashed("postcode")), "order_id")
        key("surname", BuyerData.objects.filter(surname_hash=hashed("surname")), "order_id")
    first, *others = (rows.order_by().annotate(hit=Value(name, output_field=CharField())).values_list("hit")[:1] for name, (rows, _q) in keys.items())
    hits = [name for (name,) in first.union(*others, all=True)]
    condition = Q(pk__in=[])
    for name in hits:
        condition |= keys[name][1]
    return condition


@dataclass(frozen=True, slots=True)
class OrderSheet:
    """Everything the order page shows, read in ten queries. ``packages`` carry their ``push``; ``cancellations`` are pushes without a package."""

    order: Order
    lines: list[OrderLine]
    holds: list[Hold]
    events: list[OrderEvent]
    buyer: BuyerDetails | None
    buyer_purged: bool
    record: IntakeRecord | None
    packages: list[Any]
    cancellations: list[Any]
    purges: list[PurgeRecord]
    replacements: Replacements


def order_sheet(public_id: str) -> OrderSheet:
    """Read an order with all that its page shows; a 404 when it is not in the open scope."""
    order = (
        Order.objects.filter(public_id=public_id)
        .select_related("store__customer", "store__trading_name", "store__connection__authorization", "facility", "buyer_data")
        .first()
    )
    if order is None:
        raise Http404
    lines = list(
        order.lines.select_related("listing", "mapping__design", "customer_product__product_model", "print_file", "personalisation").order_by("pk")[
            :MOST_LINES_SHOWN
        ]
    )
    for number, line in enumerate(lines, start=1):
        line.order, line.number = order, number  # type: ignore[attr-defined]
    holds = list(order.holds.filter(released_at=None).order_by("opened_at", "pk")) if order.open_holds else []
    events = list(order.events.select_related("actor").order_by("at", "pk"))
    row = getattr(order, "buyer_data", None)
    purged = row is None or row.purged_at is not None
    packages, cancellations = _told(order, lines)
    record = IntakeRecord.objects.filter(order=order).defer("payload_sealed").order_by("-revision", "-pk").first()
    return OrderSheet(
        order=order,
        lines=lines,
        holds=holds,
        events=events,
        buyer=None if row is None else opened(row),
        buyer_purged=purged,
        record=record,
        packages=packages,
        cancellations=cancellations,
        purges=list(order.purges.order_by("pk")) if purged else [],
        replacements=replacements_of(order),
    )


def _told(order: Order, lines: list[OrderLine]) -> tuple[list[Any], list[Any]]:
    """Return the packages, each with its ``told`` (a push or None) and its items' lines, and the cancellations. Four queries.

    Both stand on the upper floor; the order knows them only by the names of the relations.
    """
    by_id = {line.pk: line for line in lines}
    packages: list[Any] = list(order.packages.prefetch_related("items").order_by("number"))
    pushes = list(order.pushes.prefetch_related("history").order_by("pk"))
    by_package = {push.package_id: push for push in pushes if push.package_id is not None}
    for package in packages:
        package.told = by_package.get(package.pk)
        for one in package.items.all():
            if one.line_id in by_id:  # beyond the lines shown, Django reads it by itself
                one.line = by_id[one.line_id]
    return packages, [push for push in pushes if push.package_id is None]
