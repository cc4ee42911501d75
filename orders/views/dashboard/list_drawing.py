"""How the order list is drawn: its rows, tabs, filters and freshness, each poured or kept (``pod_hub.ui.moulds``), for it is the most visited page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import now
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from orders import attention
from orders.forms import OrderFilters
from orders.models import HoldKind
from orders.order_list import VIEWS, ListedOrder, ListedStore
from orders.presentation import ORDER_STATE, hold_look
from orders.states import OPEN_ORDER_STATES, OrderState
from pod_hub.core.pace import scaled
from pod_hub.core.paging import count_text, with_changes
from pod_hub.ui.look import Tone
from pod_hub.ui.moulds import kept, poured
from pod_hub.ui.templatetags.ui import ago, ship_by, status_badge
from stores.models import Authorization, Connection

MOST_STORES_KEPT = 100
CHOICES = ("state", "store", "customer", "hold", "due")


# --- Rows -------------------------------------------------------------------------------------------------------------
def rows_of(listed: Iterable[ListedOrder]) -> SafeString:
    """Draw the orders of a page."""
    return mark_safe("".join(map(_row, listed)))  # noqa: S308 - each is poured, so escaped


def _row(listed: ListedOrder) -> SafeString:
    """Draw one order of the list. Its template is rendered once for all rows, so whatever differs between them is made here."""
    lines = listed.lines
    language = get_language()
    return poured(
        "dashboard/orders/_order_row.html",
        {
            "public_id": listed.public_id,
            "number": listed.number,
            "store": listed.store.name,
            "customer": listed.store.customer.name,
            "what": lines.what,
            "amount": _amount(lines.lines, lines.pieces, language),
            "states": _states(listed.state, listed.holds, language),
            "ship_by": ship_by(listed.ship_by, done=listed.state not in OPEN_ORDER_STATES),
            "placed": ago(listed.placed_at),
            "country": listed.country or "–",
        }
        | ({"more": lines.lines - 1} if lines.lines > 1 else {}),
        has_more=lines.lines > 1,
    )


@lru_cache(maxsize=1024)
def _states(state: OrderState, holds: tuple[tuple[HoldKind, str], ...], _language: str | None) -> SafeString:
    looks = [ORDER_STATE[state], *(hold_look(kind, cause) for kind, cause in holds)]
    return format_html_join("", "{}", ((status_badge(look),) for look in looks))


@lru_cache(maxsize=1024)
def _amount(lines: int, pieces: int, _language: str | None) -> str:
    counted = ngettext("%(n)s line", "%(n)s lines", lines) % {"n": lines}
    return f"{counted} · {ngettext('%(n)s piece', '%(n)s pieces', pieces) % {'n': pieces}}"


# --- Tabs -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Tab:
    """A saved view, as ``components/tabs.html`` draws it."""

    label: str
    href: str
    active: bool
    count: str


def tabs_of(query: QueryDict, counts: Mapping[str, int], *, active: str) -> SafeString:
    """Draw the saved views; the filters stay, a search and the page do not. ``active`` is empty while something is searched for."""
    others = with_changes(query, view=None, q=None, page=None)
    start = f"?{others}&view=" if others else "?view="
    tabs = tuple(Tab(str(label), start + name, name == active, count_text(counts[name])) for name, (label, _condition) in VIEWS.items())
    return kept("components/tabs.html", items=tabs, label=_("Saved views"))


# --- Filters ----------------------------------------------------------------------------------------------------------
class CustomerChoice(NamedTuple):
    """A customer of the drop-down."""

    public_id: str
    name: str


class StoreChoice(NamedTuple):
    """A store of the drop-down."""

    public_id: str
    name: str
    customer: CustomerChoice


@dataclass(frozen=True, slots=True)
class Chosen:
    """The drop-downs as they stand. It holds all that they show, so what was made of it serves everybody who sees the same."""

    stores: tuple[StoreChoice, ...]
    data: tuple[tuple[str, str], ...]

    @property
    def form(self) -> OrderFilters:
        """The filters without what is searched for."""
        return OrderFilters(dict(self.data), stores=self.stores)


@dataclass(frozen=True, slots=True)
class Filters:
    """What somebody asked of the list: the filters that are set and right, and their fields, drawn."""

    wanted: dict[str, str]
    are_right: bool
    fields: SafeString


def filters_of(query: QueryDict, stores: Iterable[ListedStore]) -> Filters:
    """Read and draw the filters. A wrong value is an error beside its field and filters nothing."""
    choices = tuple(StoreChoice(store.public_id, store.name, CustomerChoice(store.customer.public_id, store.customer.name)) for store in stores)
    if len(choices) > MOST_STORES_KEPT:
        return _drawn_anew(query, choices)
    chosen = Chosen(choices, tuple((name, value) for name in CHOICES if (value := query.get(name))))
    wanted, q = _wanted(chosen), _searched(query.get("q", ""))
    if wanted is None or q is None:
        return _drawn_anew(query, choices)
    searched = {"q": q} if q else {}
    return Filters(dict(wanted) | searched, are_right=True, fields=poured(_FIELDS, searched, chosen=chosen, has_q=bool(q)))


_FIELDS = "dashboard/orders/_order_fields.html"


def _drawn_anew(query: QueryDict, stores: tuple[StoreChoice, ...]) -> Filters:
    """Read and draw filters that are wrong, or too long to be kept."""
    form = OrderFilters(query, stores=stores)
    wanted = form.wanted()
    return Filters(wanted, are_right=not form.errors, fields=mark_safe(render_to_string(_FIELDS, {"chosen": {"form": form}, "has_q": False})))  # noqa: S308


def _searched(text: str) -> str | None:
    """Return what is searched for; None if nothing can be like that."""
    try:
        return str(OrderFilters.base_fields["q"].clean(text))
    except ValidationError:
        return None


@lru_cache(maxsize=512)
def _wanted(chosen: Chosen) -> tuple[tuple[str, str], ...] | None:
    """Return the drop-downs that are set; None if one is wrong."""
    form = chosen.form
    wanted = form.wanted()
    return None if form.errors else tuple(wanted.items())


# --- Freshness --------------------------------------------------------------------------------------------------------
def freshness_of(stores: Iterable[ListedStore], *, importable: bool, path: str, csrf_token: str) -> SafeString:
    """Draw one line for each seller: which stores, when they were read last, when they are next, and what is in the way."""
    names: dict[int, list[str]] = {}
    sellers = {}
    for store in stores:
        if store.seller is not None and store.connection_state != Connection.State.DISABLED:
            names.setdefault(store.seller.pk, []).append(store.name)
            sellers[store.seller.pk] = store.seller
    if not sellers:
        return mark_safe("")
    moment = now()
    lines = []
    for pk, seller in sellers.items():
        lost = seller.state != Authorization.State.ACTIVE
        quiet = seller.last_poll_ok_at is None or seller.last_poll_ok_at < moment - scaled(attention.STALE_AFTER_S)
        why = seller.last_error if (lost or seller.poll_failures) else seller.poll_waits_for if quiet else ""
        running = not lost and bool(seller.poll_leased_until and seller.poll_leased_until > moment)
        holes: dict[str, object] = {"stores": ", ".join(names[pk])}
        if not lost and not running:
            holes |= {"last": ago(seller.last_poll_ok_at, empty=_("never")), "next": ago(seller.next_poll_at, due=True)}
        if why:
            holes |= {"why": why}
        if importable and not lost:
            holes |= {"public_id": seller.public_id, "path": path, "csrf_token": csrf_token}
        tone = Tone.BAD if lost else Tone.WARN if quiet or seller.poll_failures else Tone.OK
        line = poured(
            "dashboard/orders/_freshness_line.html",
            holes,
            tone=tone,
            lost=lost,
            running=running,
            has_why=bool(why),
            importable=importable and not lost,
        )
        lines.append(line)
    return poured("dashboard/orders/_freshness.html", {"lines": mark_safe("".join(lines))})  # noqa: S308 - each is poured, so escaped
