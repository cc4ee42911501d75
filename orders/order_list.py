"""What the order list reads: its page, its counts, its stores. Each is one kept statement (``pod_hub.core.statements``), answered as bare values.

The page is the most visited of the hub, and of a million orders it shows fifty: most of its time would go into writing SQL and making objects.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib.postgres.aggregates import JSONBAgg
from django.db.models import Case, F, Func, JSONField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.fields import CharField
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import READY, BuyerData, Hold, HoldKind, Order, OrderLine
from orders.states import NOT_MADE, OPEN_ORDER_STATES, OrderState
from pod_hub.core import keyset
from pod_hub.core.paging import PAGE, counting_sql, with_changes
from pod_hub.core.sealing import search_hash
from pod_hub.core.statements import Asked, Holes, KeptStatement, Rows, Written, written
from pod_hub.core.tenancy import current_psp_id
from stores.models import Store

# Saved views: the tabs of the list.
VIEWS: dict[str, tuple[Any, Q]] = {
    "open": (_("All open"), Q(state__in=OPEN_ORDER_STATES)),
    "attention": (_("On hold"), Q(open_holds__gt=0, state__in=OPEN_ORDER_STATES)),
    "ready": (_("Ready to release"), READY),
    "production": (
        _("In production"),
        Q(state__in=[OrderState.RELEASED, OrderState.PRINTING, OrderState.PACKING, OrderState.PARTIALLY_SHIPPED]),
    ),
    "shipped": (_("Shipped"), Q(state=OrderState.SHIPPED)),
    "cancelled": (_("Cancelled"), Q(state=OrderState.CANCELLED)),
}


# --- Stores -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ListedCustomer:
    """A customer as lists name it."""

    public_id: str
    name: str


@dataclass(frozen=True, slots=True)
class ListedSeller:
    """An authorization as lists tell how fresh it is; its fields are the model's."""

    pk: int
    public_id: str
    state: str
    last_poll_ok_at: datetime | None
    next_poll_at: datetime
    poll_failures: int
    last_error: str
    poll_waits_for: str
    poll_leased_until: datetime | None


@dataclass(frozen=True, slots=True)
class ListedStore:
    """A store with its customer. ``connection_state`` and ``seller`` are None until it is connected."""

    pk: int
    public_id: str
    name: str
    customer: ListedCustomer
    connection_state: str | None
    seller: ListedSeller | None


_OF_SELLER = tuple(f"connection__authorization__{name}" for name in ListedSeller.__slots__)


@KeptStatement
def _stores(_holes: Holes) -> Written:
    rows = Store.objects.order_by("name", "pk")
    return written(rows.values_list("pk", "public_id", "name", "customer__public_id", "customer__name", "connection__state", *_OF_SELLER))


def stores_asked() -> Asked:
    """Return the statement of the scope's stores by name, for ``stores_of``."""
    return _stores.asked()


def stores_of(rows: Rows) -> list[ListedStore]:
    """Return the stores that ``stores_asked`` has read."""
    return [
        ListedStore(pk, public_id, name, ListedCustomer(customer, called), state, ListedSeller(*seller) if seller[0] is not None else None)
        for pk, public_id, name, customer, called, state, *seller in rows
    ]


def listed_stores() -> list[ListedStore]:
    """Return the scope's stores with customer and seller, by name. One query."""
    return stores_of(stores_asked().rows())


# --- Counts -----------------------------------------------------------------------------------------------------------
@KeptStatement
def _counts(_holes: Holes) -> Written:
    return counting_sql({name: Order.objects.filter(condition) for name, (_label, condition) in VIEWS.items()})


def counts_asked() -> Asked:
    """Return the statement that counts each saved view, capped, for ``counts_of``."""
    return _counts.asked()


def counts_of(rows: Rows) -> dict[str, int]:
    """Return the counts that ``counts_asked`` has read."""
    return dict(zip(VIEWS, rows[0], strict=True)) if rows else dict.fromkeys(VIEWS, 0)


# --- Orders -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class LinesInShort:
    """What a list says of an order's lines: the first one's SKU or title, how many lines, how many pieces; cancelled lines only if all are."""

    what: str
    lines: int
    pieces: int


@dataclass(frozen=True, slots=True)
class ListedOrder:
    """One order of the list; ``holds`` are its open holds, oldest first, each by its kind and cause (empty where its kind has none)."""

    pk: int
    public_id: str
    number: str
    state: OrderState
    placed_at: datetime
    ship_by: datetime | None
    country: str
    store: ListedStore
    lines: LinesInShort
    holds: tuple[tuple[HoldKind, str], ...]


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Some orders in the list's own order, and the addresses of the neighbouring pages."""

    rows: list[ListedOrder]
    newer: str
    older: str


# Which filters are set shapes the statement, and so do the values of those with few; the others' values are holes.
_FREE = ("store", "customer")
_MOMENTS: dict[str, Any] = {name: Order._meta.get_field(name) for name in ("placed_at", "ship_by")}
_COLUMNS = ("pk", "public_id", "external_id", "state", "placed_at", "ship_by", "ship_to_country", "store_id")


def order_page(*, view: str, wanted: dict[str, str], query: QueryDict, stores: Iterable[ListedStore]) -> OrderPage:
    """Return a page of the order list: newest first, or most urgent first for deadlines.

    One query, and one more for a search. ``stores`` are those of the scope; those that were connected since they were read cost a third.
    """
    by = "ship_by" if wanted.get("due") else "placed_at"
    values: dict[str, Any] = {name: wanted[name] for name in _FREE if wanted.get(name)}
    if wanted.get("due"):
        values |= {"now": timezone.now(), "midnight": _midnight()} if wanted["due"] == "today" else {"now": timezone.now()}
    keys: tuple[str, ...] | None = None
    if q := wanted.get("q", ""):
        known = _keys_of(q)
        keys = _known_keys(known)
        if not keys:
            return OrderPage([], "", "")
        values |= {name: known[name] for name in keys}
    place = keyset.place_of(query.get(PAGE, ""), by=_MOMENTS[by])
    if place is not None:
        values |= {"at": place.at, "pk": place.pk}
    shaping = tuple(sorted((name, "" if name in _FREE else value) for name, value in wanted.items() if name != "q"))
    found = _page.asked(view, keys, shaping, None if place is None else place.backwards, **values).rows()
    more, found = len(found) > keyset.PAGE_SIZE, found[: keyset.PAGE_SIZE]
    if place is not None and place.backwards:
        found.reverse()
    if not found:
        return OrderPage([], "", "")
    has_newer, has_older = (more, True) if place is not None and place.backwards else (place is not None, more)
    at = _COLUMNS.index(by)
    ends = ((found[0], True, has_newer), (found[-1], False, has_older))
    newer, older = (
        f"?{with_changes(query, page=keyset.token_of([row[at], row[0]], backwards=backwards))}" if exists else "" for row, backwards, exists in ends
    )
    return OrderPage(_listed(found, stores), newer, older)


@KeptStatement
def _page(holes: Holes, view: str, keys: tuple[str, ...] | None, shaping: tuple[tuple[str, str], ...], backwards: bool | None) -> Written:
    wanted = {name: holes.text(name) if name in _FREE else value for name, value in shaping}
    found = None if keys is None else _having(keys, {key: holes.text(key) for key in keys})
    rows = _passing(holes, view=view, wanted=wanted, found=found)
    by = ("ship_by", "id") if "due" in wanted else ("-placed_at", "-id")
    beyond = None if backwards is None else (holes.moment("at"), holes.number("pk"))
    rows = keyset.rows_from(rows, by=by, backwards=bool(backwards), values=beyond)
    line = Func(F("sku"), F("title"), F("quantity"), F("pieces_each"), F("state"), function="jsonb_build_array", output_field=JSONField())
    # Inside one statement each order asks its own index entries, fifty times; that is less than a statement of its own.
    lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order").values(every=JSONBAgg(line, order_by="pk"))
    holds = Hold.objects.filter(order=OuterRef("pk"), released_at=None).order_by().values("order")
    hold = Func(F("kind"), F("cause"), function="jsonb_build_array", output_field=JSONField())
    kinds = holds.values(every=JSONBAgg(hold, order_by=("opened_at", "pk")))
    waits = Case(When(open_holds__gt=0, then=Subquery(kinds)), default=None, output_field=JSONField())
    return written(rows.annotate(in_short=Subquery(lines), waits=waits).values_list(*_COLUMNS, "in_short", "waits")[: keyset.PAGE_SIZE + 1])


def _listed(found: Rows, stores: Iterable[ListedStore]) -> list[ListedOrder]:
    known = {store.pk: store for store in stores}
    if any(row[7] not in known for row in found):  # connected since the stores were read
        known = {store.pk: store for store in listed_stores()}
    return [
        ListedOrder(pk, public_id, number, OrderState(state), placed_at, ship_by, country, known[store_id], _in_short(lines), _causes(holds))
        for pk, public_id, number, state, placed_at, ship_by, country, store_id, lines, holds in found
    ]


def _in_short(text: str | None) -> LinesInShort:
    lines = json.loads(text) if text else []
    kept = [line for line in lines if line[4] not in NOT_MADE] or lines
    if not kept:
        return LinesInShort("", 0, 0)
    return LinesInShort(kept[0][0] or kept[0][1], len(kept), sum(quantity * each for _sku, _title, quantity, each, _state in kept))


def _causes(text: str | None) -> tuple[tuple[HoldKind, str], ...]:
    found = dict.fromkeys((kind, cause) for kind, cause in json.loads(text)) if text else ()
    return tuple((HoldKind(kind), cause) for kind, cause in found)


# --- Filters ----------------------------------------------------------------------------------------------------------
def _passing(holes: Holes, *, view: str, wanted: dict[str, str], found: Q | None) -> QuerySet[Order]:
    """Return the orders of a saved view, or those of all views that a search has found, that pass the filters."""
    rows: QuerySet[Order] = Order.objects.filter(VIEWS[view][1] if found is None else found)
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
        rows = rows.filter(~Q(state__in=["shipped", "cancelled", "not_ours"]))
        now = holes.moment("now")
        rows = rows.filter(ship_by__lt=now) if due == "late" else rows.filter(ship_by__gte=now, ship_by__lt=holes.moment("midnight"))
    return rows


def _midnight() -> datetime:
    """Return the end of today in the print provider's time zone."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    return timezone.make_aware(datetime.combine(tomorrow, time.min))


# --- Search -----------------------------------------------------------------------------------------------------------
def _keys_of(q: str) -> dict[str, str]:
    """Return what a text may be, with the value to look for: an order number, SKU or tracking number, or a buyer's postcode, e-mail or surname."""
    psp_id = current_psp_id()

    def hashed(kind: str) -> str:
        return search_hash(q, kind=kind, psp_id=psp_id)

    if "@" in q:
        return {"number": q, "email": hashed("email")}
    tracking = "".join(char for char in q.upper() if char.isalnum())
    return {"number": q, "sku": q, "tracking": tracking, "postcode": hashed("postcode"), "surname": hashed("surname")}


def _rows_with(key: str, value: str) -> tuple[QuerySet[Any], str]:
    """Return the rows that have a key, and the column that names their order."""
    if key == "number":
        return Order.objects.filter(external_id=value), "pk"
    if key == "sku":
        return OrderLine.objects.filter(sku=value), "order_id"
    if key == "tracking":  # packages stand on the upper floor; the order knows them only by the name of the relation
        return Order.objects.filter(packages__tracking_number=value), "pk"
    return BuyerData.objects.filter(**{f"{key}_hash": value}), "order_id"


def _known_keys(values: dict[str, str]) -> tuple[str, ...]:
    """Return which keys any order has. One query.

    The list is then filtered by those alone, because one OR over several tables would make PostgreSQL read the whole list.
    """
    return tuple(key for (key,) in _knowing.asked(tuple(values), **values).rows())


@KeptStatement
def _knowing(holes: Holes, keys: tuple[str, ...]) -> Written:
    first, *others = (
        _rows_with(key, holes.text(key))[0].order_by().annotate(key=Value(key, output_field=CharField())).values_list("key")[:1] for key in keys
    )
    return written(first.union(*others, all=True))


def _having(keys: tuple[str, ...], values: dict[str, str]) -> Q:
    condition = Q()
    for key in keys:
        rows, column = _rows_with(key, values[key])
        condition |= Q(external_id=values[key]) if key == "number" else Q(pk__in=rows.order_by().values(column))
    return condition
