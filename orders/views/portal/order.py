"""One order as its merchant sees it, and what the merchant may do about it: approve it, look up the buyer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe
from django_countries import countries

from orders.buyer_data import BuyerDetails, buyer_of
from orders.line_files import sizes_of
from orders.making import made_for_order
from orders.models import BuyerLook, Hold, HoldKind, OrderLine
from orders.portal_history import history
from orders.portal_selectors import CUSTOMERS_HOLDS, Sheet, order_sheet
from orders.presentation import LINE_STATE, channel_look, hold_look, order_look
from orders.services.approving import approve_orders
from orders.services.holds import record_event
from orders.services.remembering_looks import remember_look
from orders.services.remote.awaiting import FilesAwaited, awaited_files
from orders.states import OPEN_ORDER_STATES, LineState
from orders.views.approving import ask_first, is_meant
from orders.views.dashboard.making import making, of_order
from orders.views.portal.orders import package_as_seen
from pod_hub.accounts.access import membership_of, portal_customer
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.people import known_in_portal
from pod_hub.accounts.portal import portal_only
from pod_hub.accounts.returning import back_to
from pod_hub.core.outbox import Delivery
from stores.channels.registry import capabilities, marketplace_info


@require_safe
@portal_only()
@cache_control(no_store=True)
def order(request: HttpRequest, public_id: str) -> HttpResponse:
    """The order with its products, parcels and history. The buyer is shown only on request (``buyer``)."""
    return _page(request, order_sheet(portal_customer(request), public_id))


@require_POST
@portal_only()
@cache_control(no_store=True)
def buyer(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the order with the buyer's name and address, and write on its timeline who looked. A reload hides them again."""
    sheet = order_sheet(portal_customer(request), public_id)
    found = buyer_of(sheet.order)
    if found is not None:
        actor = Actor.person(request.user)  # type: ignore[arg-type]
        seen = record_event(sheet.order.pk, "buyer_viewed", _("The buyer's name and address were looked at in the portal."), actor=actor)
        sheet.events.append(seen)
        remember_look([sheet.order.pk], actor=actor, road=BuyerLook.Road.PORTAL)
    return _page(request, sheet, found, asked=True)


@require_POST
@portal_only(may="may_act_for_customer")
def approve(request: HttpRequest, public_id: str) -> HttpResponse:
    """Approve an order that waits for it; repeating it is harmless. Asks first where files are still to come from the merchant's storage."""
    sheet = order_sheet(portal_customer(request), public_id)
    actor = Actor.person(request.user)  # type: ignore[arg-type]
    try:
        approved = approve_orders(order_ids=[sheet.order.pk], actor=actor, without_files=is_meant(request))
    except FilesAwaited as asked:
        return ask_first(request, asked.awaited, back=reverse("portal:order", args=[public_id]))
    if approved:
        messages.success(request, _("Order %(number)s is approved and goes on.") % {"number": sheet.order.external_id})
    else:
        messages.info(request, _("Order %(number)s does not wait for approval any more.") % {"number": sheet.order.external_id})
    return back_to(request, "portal:order", public_id)


def _page(request: HttpRequest, sheet: Sheet, shown: BuyerDetails | None = None, *, asked: bool = False) -> HttpResponse:
    found, membership = sheet.order, membership_of(request)
    channel, place = capabilities(found.store.kind), marketplace_info(found.store.kind, found.marketplace)
    mine = [hold for hold in sheet.holds if hold.kind in CUSTOMERS_HOLDS]
    events = history(sheet, own_people=known_in_portal(membership), psp=membership.psp.shown_name, channel=str(channel.label))
    context: dict[str, Any] = {
        "order": found,
        "look": order_look(found),
        "channel": channel,
        "channel_look": channel_look(found),
        "marketplace": place.name if place else found.marketplace,
        "country": countries.name(found.ship_to_country) or found.ship_to_country,
        "is_over": found.state not in OPEN_ORDER_STATES,
        "may_act": membership.may_act_for_customer,
        "psp": membership.psp.shown_name,
        "holds": [_hold(hold, sheet.lines) for hold in mine],
        "with_psp": len(mine) < len(sheet.holds),
        "lines": [_line(line) for line in sheet.lines],
        "making": making(made_for_order(found), of_order(found.public_id)) if any(hold.kind == HoldKind.ARTWORK for hold in mine) else {},
        "packages": [_package(package) for package in sheet.packages],
        "events": list(events)[::-1],
        "awaited": awaited_files([found.pk]) if any(hold.kind == HoldKind.APPROVAL for hold in mine) else [],
        "buyer": shown,
        "asked": asked,
    }
    return render(request, "portal/orders/order.html", context)


def _hold(hold: Hold, lines: list[OrderLine]) -> dict[str, Any]:
    line = next((line for line in lines if line.pk == hold.line_id), None)
    text = {
        HoldKind.UNMAPPED: _("Say what is printed for this listing. Later orders of it then need nothing more."),
        HoldKind.ARTWORK: hold.reason,
        HoldKind.APPROVAL: _("Look at it, then approve it. It is not printed before."),
    }[HoldKind(hold.kind)]
    return {"hold": hold, "look": hold_look(hold.kind, hold.cause), "line": line, "text": text}


def _line(line: OrderLine) -> dict[str, Any]:
    product = line.customer_product
    return {"line": line, "look": LINE_STATE[LineState(line.state)], "product": product, "sizes": sizes_of(line, line.files)}  # type: ignore[attr-defined]


def _package(package: Any) -> dict[str, Any]:
    told = package.told
    return package_as_seen(package) | {
        "contents": [(quantity, line) for quantity, line in package.contents if line is not None],
        "is_shown": told is not None and told.delivery == Delivery.CONFIRMED,
        "is_told": told is not None,
    }
