"""Reads of the portal's pages about orders: what a merchant sees of them, each with its number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import PrintFile
from orders import attention
from orders.line_files import files_of
from orders.models import ArtworkCause, Hold, HoldKind, Order, OrderEvent, OrderLine
from orders.states import OPEN_ORDER_STATES, OrderState
from pod_hub.accounts.models import Customer
from pod_hub.core.paging import Page, capped_counts, page_of
from stores.models import Authorization, Connection, Store

# What the customer itself can solve; every other hold is the print provider's.
CUSTOMERS_HOLDS = (HoldKind.UNMAPPED, HoldKind.ARTWORK, HoldKind.APPROVAL)
IN_PRODUCTION = (OrderState.RELEASED, OrderState.PRINTING, OrderState.PACKING, OrderState.PARTIALLY_SHIPPED)
MOST_FOUND = 100
MOST_LINES_SHOWN = 200
MOST_LISTINGS = 8


def _waits_for_customer() -> Q:
    held = Hold.objects.filter(order=OuterRef("pk"), kind__in=CUSTOMERS_HOLDS, released_at=None).exclude(cause=ArtworkCause.IN_MAKING)
    return Q(Exists(held), open_holds__gt=0, state__in=OPEN_ORDER_STATES)


def views() -> dict[str, tuple[Any, Q]]:
    """Return the saved views: the tabs of the list."""
    return {
        "all": (_("All orders"), Q()),
        "waiting": (_("Waiting for you"), _waits_for_customer()),
        "production": (_("In production"), Q(state__in=IN_PRODUCTION)),
        "shipped": (_("Shipped"), Q(state=OrderState.SHIPPED)),
        "cancelled": (_("Cancelled"), Q(state=OrderState.CANCELLED)),
    }


VIEW_NAMES = ("all", "waiting", "production", "shipped", "cancelled")


def _of(customer: Customer) -> QuerySet[Order]:
    """Return the customer's orders. The scope is narrowed to it as well; saying it again costs nothing and leads the planner to its index."""
    rows: QuerySet[Order] = Order.objects.filter(customer=customer)
    return rows


def view_counts(customer: Customer) -> dict[str, int]:
    """Count each saved view, capped. One query."""
    return capped_counts({name: _of(customer).filter(condition) for name, (_label, condition) in views().items()})


def order_page(customer: Customer, *, view: str, wanted: dict[str, Any], query: QueryDict) -> Page[Order]:
    """Return a page of the customer's orders, newest first, with stores, lines, open holds and packages.

    Four queries, and one more for a search, which looks through all views.
    """
    q = wanted.get("q", "")
    rows = _of(customer).filter(pk__in=_found(customer, q)) if q else _of(customer).filter(views()[view][1])
    if store := wanted.get("store"):
        rows = rows.filter(store__public_id=store)
    if days := wanted.get("days"):
        rows = rows.filter(placed_at__gte=timezone.now() - timedelta(days=int(days)))
    rows = rows.select_related("store").prefetch_related(
        Prefetch("lines", OrderLine.objects.only("order_id", "psp_id", "quantity", "sku", "title", "state")),
        Prefetch("holds", Hold.objects.filter(released_at=None).order_by("opened_at", "pk"), to_attr="waiting"),
        # Packages stand on the upper floor; the order knows them only by the name of the relation.
        "packages",
    )
    return page_of(rows, by="placed_at", query=query)


def _found(customer: Customer, q: str) -> list[int]:
    """Return the orders with this number or tracking number, each as its own index has it. One query."""
    tracking = "".join(char for char in q.upper() if char.isalnum())
    by_number = _of(customer).filter(external_id=q).order_by().values_list("pk", flat=True)
    by_tracking = _of(customer).filter(packages__tracking_number=tracking).order_by().values_list("pk", flat=True)
    return list(by_number.union(by_tracking)[:MOST_FOUND])


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything the portal's order page shows, read in eight queries. Lines carry ``files``, ``packages`` ``told`` (their push, or None)."""

    order: Order
    lines: list[OrderLine]
    holds: list[Hold]
    events: list[OrderEvent]
    packages: list[Any]


def order_sheet(customer: Customer, public_id: str) -> Sheet:
    """Read an order of the customer; a 404 when it has none with this id."""
    order = _of(customer).select_related("store__connection", "store__trading_name").filter(public_id=public_id).first()
    if order is None:
        raise Http404
    shown = ("file_name", "preview_name", "width_px", "height_px", "dpi", "area_name", "width_mm", "height_mm", "bleed_mm")
    files = Prefetch("print_file", PrintFile.objects.only("psp_id", "public_id", *shown))
    lines = list(
        order.lines.select_related("listing", "customer_product__product_model", "personalisation").prefetch_related(
            files, "customer_product__product_model__print_areas"
        )[:MOST_LINES_SHOWN]
    )
    printed = files_of(lines)
    for line in lines:
        line.files = printed[line.pk]  # type: ignore[attr-defined]
    by_id = {line.pk: line for line in lines}
    packages: list[Any] = list(order.packages.prefetch_related("items").order_by("number"))
    told = {push.package_id: push for push in order.pushes.exclude(package=None)} if packages else {}
    for package in packages:
        package.told = told.get(package.pk)
        package.contents = [(one.quantity, by_id.get(one.line_id)) for one in package.items.all()]
    holds = list(order.holds.filter(released_at=None).select_related("design").order_by("opened_at", "pk")) if order.open_holds else []
    return Sheet(order, lines, holds, list(order.events.order_by("at", "pk")), packages)


def stores_of(customer: Customer) -> list[Store]:
    """Return the customer's stores by name, for a filter. One query."""
    return list(Store.objects.filter(customer=customer).order_by("name", "pk"))


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures of the home page, capped like all counts."""

    week: int
    waiting: int
    production: int
    shipped: int


def overview(customer: Customer) -> Overview:
    """Count what the home page shows, in one query: orders placed and shipped since Monday, and what is under way."""
    rows, monday = _of(customer), _monday()
    counts = capped_counts(
        {
            "week": rows.filter(placed_at__gte=monday),
            "waiting": rows.filter(_waits_for_customer()),
            "production": rows.filter(state__in=IN_PRODUCTION),
            "shipped": rows.filter(last_shipped_at__gte=monday),
        }
    )
    return Overview(**counts)


def _monday() -> datetime:
    """Return the start of this week in the print provider's time zone."""
    today = timezone.localdate()
    return timezone.make_aware(datetime.combine(today - timedelta(days=today.weekday()), datetime.min.time()))


def waiting_listings(customer: Customer) -> Sequence[Any]:
    """Return the listings that the customer has to connect, the most urgent first, with ``waiting_lines`` and ``nearest`` ship-by. One query."""
    return list(attention.waiting_listings().filter(store__customer=customer)[:MOST_LISTINGS])


def waiting_designs(customer: Customer) -> Sequence[attention.WaitedFor]:
    """Return the customer's designs that have to be mended before orders go on, the most urgent first. Two queries."""
    return attention.waiting_designs(customer=customer, limit=MOST_LISTINGS)


def approvals(customer: Customer) -> int:
    """Return how many of the customer's orders wait for its approval, capped. One query."""
    held = Hold.objects.filter(order=OuterRef("pk"), kind=HoldKind.APPROVAL, released_at=None)
    return capped_counts({"n": _of(customer).filter(Exists(held), open_holds__gt=0, state__in=OPEN_ORDER_STATES)})["n"]


def ending_permissions(customer: Customer) -> list[Authorization]:
    """Return the customer's permissions that have ended or end within a month, each with its ``shown`` connections and their stores. Two queries."""
    connections = Connection.objects.exclude(state=Connection.State.DISABLED).select_related("store").order_by("pk")
    ending = Q(state=Authorization.State.RECONNECT) | Q(state=Authorization.State.ACTIVE, expires_at__lt=timezone.now() + Authorization.ENDS_SOON)
    rows = Authorization.objects.filter(ending, customer=customer).prefetch_related(Prefetch("connections", connections, to_attr="shown"))
    return [row for row in rows.order_by("expires_at", "pk") if row.shown]
