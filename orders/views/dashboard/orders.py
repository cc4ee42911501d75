"""The order list, what can be done from it, and the inbox."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from orders import attention
from orders.access import authorization_for
from orders.forms import OrderFilters
from orders.models import HoldKind, Order
from orders.order_list import VIEWS, ListedOrder, ListedStore, counts_asked, counts_of, listed_stores, order_page, stores_asked, stores_of
from orders.presentation import HOLD, ORDER_STATE, REMEDY
from orders.services.approving import approve_orders
from orders.services.polling import request_import
from orders.services.production import HeldBack, IllegalTransition, release_order
from orders.states import OrderState
from pod_hub.accounts.access import member_only, membership_of, staff_only
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.returning import back_to
from pod_hub.core.hints import hint
from pod_hub.core.pace import scaled
from pod_hub.core.paging import count_text, known, with_changes
from pod_hub.core.statements import together
from pod_hub.ui.look import Look, Tone
from pod_hub.ui.moulds import poured
from pod_hub.ui.templatetags.ui import ago, ship_by, status_badge
from stores.models import Authorization, Connection

ROWS = "order-rows"
MOST_SELECTED = 500


@require_safe
@staff_only()
@cache_control(no_store=True)
def orders(request: HttpRequest) -> HttpResponse:
    """The list. With ``HX-Target: order-rows`` only its rows, which is how an open page refreshes itself."""
    rows_alone = request.htmx.target == ROWS  # type: ignore[attr-defined]
    counts: dict[str, int] = {}
    if rows_alone:
        stores = listed_stores()
    else:
        stores_read, counts_read = together(stores_asked(), counts_asked())
        stores, counts = stores_of(stores_read), counts_of(counts_read)
    form = OrderFilters(request.GET, stores=stores)
    wanted = form.wanted()
    view = known(list(VIEWS), request.GET.get("view", ""))
    page = order_page(view=view, wanted=wanted, query=request.GET, stores=stores)
    may_change = membership_of(request).may_change_orders
    context: dict[str, Any] = {"rows": [_row(listed) for listed in page.rows], "page": page, "may_change": may_change, "ROWS": ROWS}
    if rows_alone:
        return render(request, "dashboard/orders/_order_rows.html", context)
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
            "ship_by": ship_by(listed.ship_by, done=listed.state in {OrderState.SHIPPED, OrderState.CANCELLED}),
            "placed": ago(listed.placed_at),
            "country": listed.country or "–",
        }
        | ({"more": lines.lines - 1} if lines.lines > 1 else {}),
        has_more=lines.lines > 1,
    )


@lru_cache(maxsize=1024)
def _states(state: OrderState, holds: tuple[HoldKind, ...], _language: str | None) -> SafeString:
    looks = [ORDER_STATE[state], *(HOLD[kind] for kind in holds)]
    return format_html_join("", "{}", ((status_badge(look),) for look in looks))


@lru_cache(maxsize=1024)
def _amount(lines: int, pieces: int, _language: str | None) -> str:
    counted = ngettext("%(n)s line", "%(n)s lines", lines) % {"n": lines}
    return f"{counted} · {ngettext('%(n)s piece', '%(n)s pieces', pieces) % {'n': pieces}}"


def freshness(stores: list[ListedStore]) -> list[dict[str, Any]]:
    """Return one line for each authorization: which stores, when they were read last, when they are next, and what is in the way."""
    lines: dict[int, dict[str, Any]] = {}
    moment = now()
    for store in stores:
        authorization = store.seller
        if authorization is None or store.connection_state == Connection.State.DISABLED:
            continue
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
    total = sum(pile.count for pile in box.holds) + box.parked.count + box.unreadable.count + box.mails.count + len(box.permissions)
    request.nav_badges = {"attention": total}  # type: ignore[attr-defined]  # counted already, and to the moment
    context = {
        "box": box,
        "piles": piles,
        "parked_look": Look(_("Not taken by the marketplace"), Tone.BAD, "alert-circle"),
        "mails_look": Look(_("Mail was not delivered"), Tone.WARN, "mail"),
        "unreadable_look": Look(_("Could not be read"), Tone.BAD, "file-text"),
        "may_manage": membership_of(request).may_manage,
        "may_change": membership_of(request).may_change_orders,
    }
    return render(request, "dashboard/orders/attention.html", context)
