"""The order list, what can be done from it, and the inbox."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from orders import attention
from orders.access import authorization_for
from orders.models import HoldKind, Order
from orders.order_list import VIEWS, counts_asked, counts_of, listed_stores, order_page, stores_asked, stores_of
from orders.presentation import REMEDY, hold_look
from orders.services.approving import approve_orders
from orders.services.polling import request_import
from orders.services.production import HeldBack, IllegalTransition, release_order
from orders.services.remote.awaiting import FilesAwaited
from orders.views.approving import ask_first, is_meant
from orders.views.dashboard.list_drawing import filters_of, freshness_of, rows_of, tabs_of
from pod_hub.accounts.access import member_only, membership_of, staff_only
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.returning import back_to
from pod_hub.core.hints import hint
from pod_hub.core.paging import known
from pod_hub.core.statements import together
from pod_hub.ui.context import poured_page
from pod_hub.ui.look import Look, Tone
from pod_hub.ui.moulds import poured
from pod_hub.ui.templatetags.ui import pagination
from stores.models import Authorization
from stores.presentation import permission_end

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
    filters = filters_of(request.GET, stores)
    wanted = filters.wanted
    view = known(list(VIEWS), request.GET.get("view", ""))
    page = order_page(view=view, wanted=wanted, query=request.GET, stores=stores)
    path = request.get_full_path()
    rows = rows_of(page.rows)
    if rows_alone:
        return HttpResponse(poured("dashboard/orders/_order_rows.html", {"rows": rows, "path": path}, ROWS=ROWS))
    may_change = membership_of(request).may_change_orders
    holes = {
        "fields": filters.fields,
        "tabs": tabs_of(request.GET, counts, active="" if wanted.get("q") else view),
        "freshness": freshness_of(stores, importable=may_change, path=path, csrf_token=get_token(request)),
    }
    told = {"view": view, "clear": f"?view={view}", "filtered": bool(wanted) or not filters.are_right, "may_change": may_change, "ROWS": ROWS}
    if page.rows:
        pages = pagination(newer=page.newer, older=page.older, shown=len(page.rows), target="#orders")
        return poured_page(request, "dashboard/orders/orders.html", holes | {"rows": rows, "pages": pages}, has_rows=True, **told)
    nothing = not wanted and view == "open" and not any(counts.values())
    context = holes | told | {"has_rows": False, "path": path, "searching": wanted.get("q", ""), "nothing": nothing}
    return render(request, "dashboard/orders/orders.html", context)


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
    """Approve the selected orders that wait for it; the others are left as they are and counted. Asks first where files are still to come."""
    wanted = list(dict.fromkeys(request.POST.getlist("order")))[:MOST_SELECTED]
    if not wanted:
        messages.warning(request, _("No order was selected, so nothing was approved. Tick the orders first."))
        return back_to(request, "orders:orders")
    found = list(Order.objects.filter(public_id__in=[text for text in wanted if "\0" not in text]).values_list("pk", flat=True))
    try:
        approved = approve_orders(order_ids=found, actor=Actor.person(request.user), without_files=is_meant(request))  # type: ignore[arg-type]
    except FilesAwaited as asked:
        return ask_first(request, asked.awaited, back=reverse("orders:orders"), orders=wanted)
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
        {"pile": pile, "look": hold_look(pile.kind, pile.cause), "href": f"?view=attention&hold={pile.kind}", "remedy": REMEDY[HoldKind(pile.kind)]}
        for pile in box.holds
    ]
    context = {
        "box": box,
        "piles": piles,
        "ending": [{"row": one, "end": permission_end(one, now=now())} for one in box.ending],
        "designs": [{"waits": one, "look": hold_look(HoldKind.ARTWORK, one.cause)} for one in box.designs],
        "parked_look": Look(_("Not taken by the marketplace"), Tone.BAD, "alert-circle"),
        "mails_look": Look(_("Mail was not delivered"), Tone.WARN, "mail"),
        "unreadable_look": Look(_("Could not be read"), Tone.BAD, "file-text"),
        "may_manage": membership_of(request).may_manage,
        "may_change": membership_of(request).may_change_orders,
    }
    return render(request, "dashboard/orders/attention.html", context)
