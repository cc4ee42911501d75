"""The order list, what can be done from it, and the inbox."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from orders import attention
from orders.access import authorization_for
from orders.forms import OrderFilters
from orders.models import HoldKind, Order
from orders.presentation import HOLD, REMEDY, order_look
from orders.selectors import VIEWS, order_page, stores_with_connection, view_counts
from orders.services.approving import approve_orders
from orders.services.polling import request_import
from orders.services.production import HeldBack, IllegalTransition, release_order
from pod_hub.accounts.access import member_only, membership_of, staff_only
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.returning import back_to
from pod_hub.core.hints import hint
from pod_hub.core.pace import scaled
from pod_hub.core.paging import count_text, known, with_changes
from pod_hub.ui.look import Look, Tone
from stores.models import Authorization, Connection, Store

ROWS = "order-rows"
MOST_SELECTED = 500


@require_safe
@staff_only()
@cache_control(no_store=True)
def orders(request: HttpRequest) -> HttpResponse:
    """The list. With ``HX-Target: order-rows`` only its rows, which is how an open page refreshes itself."""
    stores = stores_with_connection()
    form = OrderFilters(request.GET, stores=stores)
    wanted = form.wanted()
    view = known(list(VIEWS), request.GET.get("view", ""))
    page = order_page(view=view, wanted=wanted, query=request.GET)
    may_change = membership_of(request).may_change_orders
    context: dict[str, Any] = {"rows": [_row(order) for order in page.rows], "page": page, "may_change": may_change, "ROWS": ROWS}
    if request.htmx.target == ROWS:  # type: ignore[attr-defined]
        return render(request, "dashboard/orders/_order_rows.html", context)
    counts = view_counts()
    request.nav_badges = {"attention": counts["attention"]}  # type: ignore[attr-defined]
    context |= {
        "form": form,
        "view": view,
        "tabs": [
            {"label": label, "href": "?" + with_changes(request.GET, view=name, q=None, page=None), "active": name == view and not wanted.get("q"),
             "count": count_text(counts[name])}
            for name, (label, _condition) in VIEWS.items()
        ],
        "filtered": bool(wanted or form.errors),
        "searching": wanted.get("q", ""),
        "clear": f"?view={view}",
        "freshness": freshness(stores),
        "has_stores": bool(stores),
        "nothing": not page.rows and not wanted and view == "open" and not any(counts.values()),
    }  # fmt: skip
    return render(request, "dashboard/orders/orders.html", context)


def _row(order: Order) -> dict[str, Any]:
    lines = [line for line in order.lines.all() if line.state != "cancelled"] or list(order.lines.all())
    kinds = dict.fromkeys(hold.kind for hold in order.waiting)  # type: ignore[attr-defined]
    return {
        "order": order,
        "look": order_look(order),
        "lines": len(lines),
        "pieces": sum(line.quantity * line.pieces_each for line in lines),
        "what": lines[0].sku or lines[0].title if lines else "",
        "more": len(lines) - 1,
        "holds": [HOLD[HoldKind(kind)] for kind in kinds],
        "is_over": order.state in {"shipped", "cancelled"},
        "may_release": order.state == "received",
    }


def freshness(stores: list[Store]) -> list[dict[str, Any]]:
    """Return one line for each authorization: which stores, when they were read last, when they are next, and what is in the way."""
    lines: dict[int, dict[str, Any]] = {}
    moment = now()
    for store in stores:
        connection = getattr(store, "connection", None)
        if connection is None or connection.authorization is None or connection.state == Connection.State.DISABLED:
            continue
        authorization = connection.authorization
        line = lines.setdefault(authorization.pk, {"authorization": authorization, "stores": []})
        line["stores"].append(store.name)
        lost = authorization.state != Authorization.State.ACTIVE
        quiet = authorization.last_poll_ok_at is None or authorization.last_poll_ok_at < moment - scaled(attention.STALE_AFTER_S)
        line["lost"] = lost
        line["tone"] = Tone.BAD if lost else Tone.WARN if quiet or authorization.poll_failures else Tone.OK
        line["why"] = authorization.last_error if (lost or authorization.poll_failures) else authorization.poll_waits_for if quiet else ""
        line["running"] = bool(authorization.poll_leased_until and authorization.poll_leased_until > moment)
    return list(lines.values())


@require_POST
@staff_only(may="may_change_orders")
def bulk_release(request: HttpRequest) -> HttpResponse:
    """Release the selected orders, each with its own result, all told together."""
    wanted = list(dict.fromkeys(request.POST.getlist("order")))[:MOST_SELECTED]
    actor = Actor.person(request.user)  # type: ignore[arg-type]
    found = Order.objects.filter(public_id__in=[text for text in wanted if "\0" not in text]).order_by("pk").values_list("pk", "external_id")
    released, unchanged, refused = 0, 0, []
    for order_id, number in found:
        try:
            moved = release_order(order_id=order_id, actor=actor)
        except (HeldBack, IllegalTransition) as error:
            refused.append(f"{number}: {error}")
            continue
        released, unchanged = released + bool(moved), unchanged + (not moved)
    if not wanted:
        messages.warning(request, _("No order was selected, so nothing was released. Tick the orders first."))
    if released:
        messages.success(
            request, ngettext("%(n)s order was released to production.", "%(n)s orders were released to production.", released) % {"n": released}
        )
    if unchanged:
        words = ngettext("%(n)s order had nothing left to release.", "%(n)s orders had nothing left to release.", unchanged)
        messages.info(request, words % {"n": unchanged})
    if refused:
        head = ngettext("%(n)s order was not released.", "%(n)s orders were not released.", len(refused)) % {"n": len(refused)}
        messages.warning(request, " ".join([head, *refused[:10], *([_("And %(n)s more.") % {"n": len(refused) - 10}] if len(refused) > 10 else [])]))
    return back_to(request, "orders:orders")


@require_POST
@staff_only(may="may_change_orders")
def bulk_approve(request: HttpRequest) -> HttpResponse:
    """Approve the selected orders that wait for it; the others are left as they are and counted."""
    wanted = list(dict.fromkeys(request.POST.getlist("order")))[:MOST_SELECTED]
    if not wanted:
        messages.warning(request, _("No order was selected, so nothing was approved. Tick the orders first."))
        return back_to(request, "orders:orders")
    found = list(Order.objects.filter(public_id__in=[text for text in wanted if "\0" not in text]).values_list("pk", flat=True))
    approved = approve_orders(order_ids=found, actor=Actor.person(request.user))  # type: ignore[arg-type]
    if approved:
        messages.success(request, ngettext("%(n)s order was approved.", "%(n)s orders were approved.", approved) % {"n": approved})
    if len(found) > approved:
        words = ngettext("%(n)s order did not wait for approval.", "%(n)s orders did not wait for approval.", len(found) - approved)
        messages.info(request, words % {"n": len(found) - approved})
    return back_to(request, "orders:orders")


@require_POST
@member_only(may="may_import")
def import_now(request: HttpRequest, public_id: str) -> HttpResponse:
    """Make a seller's poll due now (CS-17)."""
    authorization = authorization_for(public_id)
    if request_import(authorization_id=authorization.pk):
        hint("orders.poll")
        messages.success(request, _("The import was started. New orders appear here by themselves within a few seconds."))
    elif authorization.state != Authorization.State.ACTIVE:
        messages.error(
            request,
            _("Nothing was imported, because the seller's permission is %(state)s. Reconnect the store first.")
            % {"state": authorization.get_state_display()},
        )
    else:
        messages.info(request, _("An import of this seller is running already. New orders appear here by themselves."))
    return back_to(request, "orders:orders")


@require_safe
@staff_only()
def attention_inbox(request: HttpRequest) -> HttpResponse:
    """Everything that waits for a person, most urgent first."""
    box = attention.inbox()
    piles = [
        {"pile": pile, "look": HOLD[HoldKind(pile.kind)], "href": f"?view=attention&hold={pile.kind}", "remedy": REMEDY[HoldKind(pile.kind)]}
        for pile in box.holds
    ]
    total = sum(pile.count for pile in box.holds) + box.parked.count + box.unreadable.count
    request.nav_badges = {"attention": total}  # type: ignore[attr-defined]
    context = {
        "box": box,
        "piles": piles,
        "parked_look": Look(_("Not taken by the marketplace"), Tone.BAD, "alert-circle"),
        "unreadable_look": Look(_("Could not be read"), Tone.BAD, "file-text"),
        "may_manage": membership_of(request).may_manage,
        "may_change": membership_of(request).may_change_orders,
    }
    return render(request, "dashboard/orders/attention.html", context)
