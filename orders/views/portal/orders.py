"""The merchant's order history with tracking (GT-07)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from orders import portal_selectors as selectors
from orders.forms import PortalOrderFilters
from orders.models import Hold, Order
from orders.portal_selectors import CUSTOMERS_HOLDS
from orders.presentation import BEING_CHECKED, hold_look, order_look
from orders.states import NOT_MADE, OPEN_ORDER_STATES
from orders.tracking_links import tracking_link
from pod_hub.accounts.access import membership_of, portal_customer
from pod_hub.accounts.portal import portal_only
from pod_hub.core.paging import count_text, known, with_changes
from pod_hub.ui.look import Look

ROWS = "order-rows"
PACKAGES_SHOWN = 3


@require_safe
@portal_only()
@cache_control(no_store=True)
def orders(request: HttpRequest) -> HttpResponse:
    """The list. With ``HX-Target: order-rows`` only its rows, which is how an open page refreshes itself."""
    customer = portal_customer(request)
    form = PortalOrderFilters(request.GET, stores=selectors.stores_of(customer))
    wanted = form.wanted()
    view = known(selectors.VIEW_NAMES, request.GET.get("view", ""))
    page = selectors.order_page(customer, view=view, wanted=wanted, query=request.GET)
    context: dict[str, Any] = {"rows": [_row(order) for order in page.rows], "page": page, "ROWS": ROWS}
    if request.htmx.target == ROWS:  # type: ignore[attr-defined]
        return render(request, "portal/orders/_order_rows.html", context)
    counts = selectors.view_counts(customer)
    request.nav_badges = {"waiting": counts["waiting"]}  # type: ignore[attr-defined]
    context |= {
        "form": form,
        "view": view,
        "tabs": [
            {"label": label, "href": "?" + with_changes(request.GET, view=name, q=None, page=None), "active": name == view and not wanted.get("q"),
             "count": count_text(counts[name])}
            for name, (label, _condition) in selectors.views().items()
        ],
        "filtered": bool(wanted or form.errors),
        "searching": wanted.get("q", ""),
        "clear": f"?view={view}",
        "nothing": not counts["all"],
        "psp": membership_of(request).psp.shown_name,
    }  # fmt: skip
    return render(request, "portal/orders/orders.html", context)


def _row(order: Order) -> dict[str, Any]:
    lines = [line for line in order.lines.all() if line.state not in NOT_MADE] or list(order.lines.all())
    packages: list[Any] = list(order.packages.all())
    return {
        "order": order,
        "look": order_look(order),
        "holds": holds_as_seen(order.waiting),  # type: ignore[attr-defined]
        "what": lines[0].sku or lines[0].title if lines else "",
        "more": len(lines) - 1,
        "units": sum(line.quantity for line in lines),
        "packages": [package_as_seen(package) for package in packages[:PACKAGES_SHOWN]],
        "more_packages": max(len(packages) - PACKAGES_SHOWN, 0),
        "is_over": order.state not in OPEN_ORDER_STATES,
    }


def holds_as_seen(holds: Iterable[Hold]) -> list[Look]:
    """Return how open holds look to a merchant: theirs by name, all of the print provider's as one."""
    found = list(dict.fromkeys((hold.kind, hold.cause) for hold in holds))
    mine = [hold_look(kind, cause) for kind, cause in found if kind in CUSTOMERS_HOLDS]
    return mine + ([BEING_CHECKED] if len(mine) < len(found) else [])


def package_as_seen(package: Any) -> dict[str, Any]:
    """Return a package's carrier, number and tracking page."""
    carrier = package.carrier_name or package.carrier_code
    return {"package": package, "carrier": carrier, "number": package.tracking_number, "href": tracking_link(carrier, package.tracking_number)}
