"""The order page and what can be done on it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from orders.access import hold_for, line_for, order_for
from orders.buyer_looks import BuyerLook
from orders.line_files import kept_sizes, sizes_of
from orders.making import made_for_order
from orders.models import Hold, HoldKind, OrderEvent, OrderLine, OrderReturn, Personalisation
from orders.presentation import (
    BACK_STEP,
    EVENT,
    LABEL,
    LABEL_NOT_NEEDED,
    LINE_STATE,
    NEXT_STEP,
    PURGED,
    channel_look,
    hold_look,
    in_words,
    order_look,
    push_look,
    rule_in_words,
)
from orders.selectors import OrderSheet, order_sheet
from orders.services.approving import judged_window
from orders.services.holds import NotByHand, release_by_person
from orders.services.personalisation import CannotApprove, approve_personalisation, fetch_again
from orders.services.production import HeldBack, IllegalTransition, move_lines, release_order
from orders.services.remembering_looks import remember_look
from orders.services.remote.awaiting import FilesAwaited, awaited_files
from orders.states import BEFORE_PRINT, NOT_MADE, OPEN, OPEN_ORDER_STATES, LineState, OrderState
from orders.views.approving import ask_first, is_meant
from orders.views.dashboard.making import making, of_order
from pod_hub.accounts.access import membership_of, staff_only
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.returning import back_to
from pod_hub.core.hints import hint
from pod_hub.core.outbox import Delivery
from pod_hub.core.sealing import CannotOpen, sealed_field
from pod_hub.ui.look import Look, Tone
from stores.channels.registry import capabilities, marketplace_info
from stores.models import MappingPart


@require_safe
@staff_only()
@cache_control(no_store=True)
def order(request: HttpRequest, public_id: str) -> HttpResponse:
    """The order: customer information, product specification, design files, shipping details (GA-34), holds and timeline."""
    sheet = order_sheet(public_id)
    membership = membership_of(request)
    found = sheet.order
    if sheet.buyer is not None:
        remember_look([found.pk], actor=Actor.person(request.user), road=BuyerLook.Road.PAGE)  # type: ignore[arg-type]
    lines = [_line(line, sheet) for line in sheet.lines]
    labels = [_label(one, sheet) for one in sheet.labels]
    connection = getattr(found.store, "connection", None)
    place = marketplace_info(found.store.kind, found.marketplace)
    context: dict[str, Any] = {
        "sheet": sheet,
        "order": found,
        "look": order_look(found),
        "channel_look": channel_look(found),
        "channel": capabilities(found.store.kind),
        "marketplace": place.name if place else found.marketplace,
        "authorization": connection.authorization if connection else None,
        "lines": lines,
        "holds": [_hold(hold, sheet) for hold in sheet.holds],
        "events": [_event(event) for event in sheet.events],
        "packages": [_package(package) for package in sheet.packages],
        "labels": labels,
        "waiting": [item for item in labels if item["is_ready"]],
        "record_rule": rule_in_words(sheet.record.rule) if sheet.record else "",
        "returns": [_return(one, sheet) for one in sheet.returns],
        "cancellations": [{"push": push, "look": push_look(push), "history": list(push.history.all())} for push in sheet.cancellations],
        "purges": [{"purge": one, "removed": [(PURGED.get(kind, kind), n) for kind, n in one.removed.items()]} for one in sheet.purges],
        "window": judged_window(next((hold for hold in sheet.holds if hold.kind == HoldKind.APPROVAL), None), [line.state for line in sheet.lines]),
        "may_edit_address": membership.may_change_orders
        and found.state in OPEN_ORDER_STATES
        and not sheet.buyer_purged
        and not found.is_labelled_by_channel,
        "is_over": found.state not in OPEN_ORDER_STATES,
        "may_change": membership.may_change_orders,
        "may_manage": membership.may_manage,
        "steps": _steps(sheet),
        "making": making(made_for_order(found), of_order(public_id)) if any(hold.kind == HoldKind.ARTWORK for hold in sheet.holds) else {},
        "expected": _still_expected(sheet),
        "awaited": awaited_files([found.pk]) if any(hold.kind == HoldKind.APPROVAL for hold in sheet.holds) else [],
        "may_end": any(line.state in OPEN for line in sheet.lines),
        "may_ship": any(line.state in {"released", "printing", "packing"} and line.quantity_open > line.quantity_labelled for line in sheet.lines),
        "may_cancel": any(line.state in OPEN and not line.quantity_shipped for line in sheet.lines),
    }
    return render(request, "dashboard/orders/order.html", context)


def _still_expected(sheet: OrderSheet) -> list[dict[str, Any]]:
    """Return what the marketplace still expects and will not get: refused cancellations, and quantities that were lowered here."""
    titles = {line.external_line_id: line.sku or line.title for line in sheet.lines}
    refused = [
        {"push": push, "lines": [titles.get(number, number) for number in push.line_numbers], "why": push.last_error}
        for push in sheet.cancellations
        if push.delivery == Delivery.PARKED
    ]
    lowered = [
        {"line": line, "told": line.quantity_told, "missing": line.quantity_told - line.quantity, "may_edit": LineState(line.state) in BEFORE_PRINT}
        for line in sheet.lines
        if line.quantity_told is not None and line.quantity_told > line.quantity and line.state not in NOT_MADE
    ]
    return [*refused, *lowered]


def _steps(sheet: OrderSheet) -> list[dict[str, Any]]:
    """Return the forward steps that some line of the order can take, first things first. What a hold stops is not offered."""
    held = {hold.line_id for hold in sheet.holds}
    states = {LineState(line.state) for line in sheet.lines if line.pk not in held and None not in held}
    return [{"to": to.value, "label": label, "icon": icon} for state, (to, label, icon) in NEXT_STEP.items() if state in states]


def _line(line: OrderLine, sheet: OrderSheet) -> dict[str, Any]:
    state = LineState(line.state)
    step, back = NEXT_STEP.get(state), BACK_STEP.get(state)
    held = [hold for hold in sheet.holds if hold.line_id in {None, line.pk}]
    model = line.customer_product.product_model if line.customer_product else None
    sizes = sizes_of(line, line.files)  # type: ignore[attr-defined]
    gift = sheet.buyer.gifts.get(line.external_line_id) if sheet.buyer else None
    return {
        "line": line,
        "look": LINE_STATE[state],
        "model": model,
        "parts": _parts(line),
        "sizes": sizes,
        "kept_sizes": kept_sizes(sizes, held),
        "gift": gift,
        "pieces": line.quantity * line.pieces_each,
        "held": held,
        "next": {"to": step[0].value, "label": step[1], "icon": step[2]} if step and not held else None,
        "back": {"to": back[0].value, "label": back[1]} if back else None,
        "may_edit": state in BEFORE_PRINT,
        "may_cancel": state in OPEN and not line.quantity_shipped,
        "text": personalised(line) if line.is_personalised else None,
    }


def _parts(line: OrderLine) -> list[MappingPart]:
    """Return what a bundle's line is made of, each part with its ``pieces``; nothing where one product is all."""
    parts = list(line.mapping.parts.all()) if line.mapping else []
    for part in parts:
        part.pieces = part.quantity * line.quantity
    return parts if len(parts) > 1 else []


def personalised(line: OrderLine) -> dict[str, Any]:
    """Return the buyer's own text of a line, or why it is not there."""
    row: Personalisation | None = getattr(line, "personalisation", None)
    if row is None:
        return {"fields": [], "why": _("No text came with this line."), "parked": False}
    try:
        fields = sealed_field(Personalisation, "content_sealed").open_from(row)
    except CannotOpen:
        fields = None
    why = "" if fields else row.last_error or _("The text is being fetched.")
    return {"fields": fields or [], "why": why, "parked": row.delivery == Delivery.PARKED}


def _hold(hold: Hold, sheet: OrderSheet) -> dict[str, Any]:
    number = next((line.number for line in sheet.lines if line.pk == hold.line_id), None)  # type: ignore[attr-defined]
    line = next((line for line in sheet.lines if line.pk == hold.line_id), None)
    # A wish with a number is one, whatever lines it is about.
    about = {one.line_id for one in sheet.holds if one == hold or (hold.reference and one.reference == hold.reference)}
    return {
        "hold": hold,
        "look": hold_look(hold.kind, hold.cause),
        "number": number,
        "line": line,
        "lacks_artwork": any(one.line_id == hold.line_id and one.kind in {HoldKind.UNMAPPED, HoldKind.ARTWORK} for one in sheet.holds),
        "concerns": [one for one in sheet.lines if one.state in OPEN and not one.quantity_shipped and {None, one.pk} & about],
        "text": personalised(line) if line is not None and hold.kind == HoldKind.PERSONALISATION else None,
    }


def _event(event: OrderEvent) -> dict[str, Any]:
    tone, icon = EVENT.get(event.kind, (Tone.NEUTRAL, ""))
    return {"at": event.at, "text": event.summary, "actor": event.actor_label, "tone": tone, "icon": icon, "detail": ""}


def _package(package: Any) -> dict[str, Any]:
    push = package.told
    return {
        "package": package,
        "push": push,
        "look": push_look(push) if push else Look(_("Not told to the marketplace"), Tone.NEUTRAL, "bell"),
        "history": list(push.history.all()) if push else [],
    }


def _label(label: Any, sheet: OrderSheet) -> dict[str, Any]:
    """Return a label; ``is_ready`` while its parcel waits to leave, ``is_needless`` when all that it was bought for was cancelled before it left."""
    has_left = any(package.label_id == label.pk for package in sheet.packages)
    by_id = {str(line.pk): line for line in sheet.lines}
    contents = [(quantity, by_id[key]) for key, quantity in label.quantities.items() if key in by_id]
    is_cancelled = sheet.order.state == OrderState.CANCELLED or (contents and all(line.state == LineState.CANCELLED for _n, line in contents))
    is_needless = bool(is_cancelled) and not has_left
    return {
        "label": label,
        "look": LABEL_NOT_NEEDED if is_needless else LABEL[Delivery(label.delivery)],
        "contents": contents,
        "has_left": has_left,
        "is_needless": is_needless,
        "is_ready": label.delivery == Delivery.CONFIRMED and not has_left and not is_needless,
        "may_retry": bool(label.channel_id or label.in_doubt),
    }


def _return(told: OrderReturn, sheet: OrderSheet) -> dict[str, Any]:
    lines = [line for line in sheet.lines if line.pk in told.lines]
    return {"return": told, "kind": in_words(told.kind), "look": Look(in_words(told.status), Tone.WARN, "transfer"), "lines": lines}


@require_POST
@staff_only(may="may_change_orders")
def release(request: HttpRequest, public_id: str) -> HttpResponse:
    """Release every line that nothing holds."""
    found = order_for(public_id)
    try:
        moved = release_order(order_id=found.pk, actor=Actor.person(request.user))  # type: ignore[arg-type]
    except (HeldBack, IllegalTransition) as error:
        messages.error(request, str(error))
    else:
        if moved:
            words = ngettext("%(n)s line was released to production.", "%(n)s lines were released to production.", len(moved))
            messages.success(request, words % {"n": len(moved)})
        else:
            messages.info(request, _("Nothing was left to release."))
    return back_to(request, "orders:order", public_id)


@require_POST
@staff_only(may="may_change_orders")
def move(request: HttpRequest, public_id: str) -> HttpResponse:
    """Move one line (``line``), or every line that can go there, to the state ``to``."""
    found = order_for(public_id)
    try:
        to = LineState(request.POST.get("to", ""))
    except ValueError:
        messages.error(request, _("Nothing was moved, because the page asked for a state that does not exist. Reload it and try again."))
        return back_to(request, "orders:order", public_id)
    if to == LineState.SHIPPED:
        messages.error(request, _("A line is shipped by packing it: enter its package and tracking number."))
        return back_to(request, "orders:order", public_id)
    if to == LineState.CANCELLED:
        messages.error(request, _("A line is cancelled with a reason, because the marketplace is told: press “Cancel order…”."))
        return back_to(request, "orders:order", public_id)
    wanted = request.POST.get("line", "")
    line_ids = None
    if wanted:
        line = line_for(wanted)
        line_ids = [line.pk] if line.order_id == found.pk else []
    try:
        moved = move_lines(
            order_id=found.pk,
            to=to,
            actor=Actor.person(request.user),  # type: ignore[arg-type]
            line_ids=line_ids,
            reason=request.POST.get("reason", "").strip()[:300],
        )
    except (HeldBack, IllegalTransition) as error:
        messages.error(request, str(error))
    else:
        if moved:
            words = ngettext("%(n)s line of %(order)s is now %(state)s.", "%(n)s lines of %(order)s are now %(state)s.", len(moved))
            messages.success(request, words % {"n": len(moved), "order": found.external_id, "state": to.label})
        else:
            messages.info(request, _("Nothing had to be moved: somebody was there first."))
    return back_to(request, "orders:order", public_id)


@require_POST
@staff_only(may="may_change_orders")
def release_hold(request: HttpRequest, public_id: str, hold_id: str) -> HttpResponse:
    """Release a hold that a person may decide; asks first where an approval would end the waiting for files."""
    hold = hold_for(order_for(public_id), hold_id)
    reason = request.POST.get("reason", "").strip()[:300] or _("decided by hand")
    try:
        released = release_by_person(hold_id=hold.pk, actor=Actor.person(request.user), reason=reason, without_files=is_meant(request))  # type: ignore[arg-type]
    except FilesAwaited as asked:
        return ask_first(request, asked.awaited, back=reverse("orders:order", args=[public_id]))
    except NotByHand as error:
        messages.error(request, str(error))
    else:
        words = _("“%(hold)s” was released.") if released else _("“%(hold)s” had been released already.")
        messages.success(request, words % {"hold": hold.get_kind_display()})
    return back_to(request, "orders:order", public_id)


@require_POST
@staff_only(may="may_change_orders")
def personalisation(request: HttpRequest, public_id: str) -> HttpResponse:
    """Approve the buyer's own text of a line, or fetch it again."""
    line = line_for(public_id)
    if request.POST.get("do") == "approve":
        try:
            released = approve_personalisation(line_id=line.pk, actor=Actor.person(request.user))  # type: ignore[arg-type]
        except CannotApprove as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The buyer's own text was approved.") if released else _("The text had been approved already."))
    else:
        fetch_again(line_id=line.pk)
        hint("orders.personalise")
        messages.info(request, _("The text is being fetched again. Reload the page in a few seconds."))
    return back_to(request, "orders:order", line.order.public_id)
