"""Applying a newer revision of an order that is in the hub: forward only, nothing silently, printed things never undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from orders.buyer_data import BuyerDetails, opened, write_buyer
from orders.models import BuyerData, Hold, HoldKind, Order, OrderLine, Personalisation
from orders.services.approving import shorten_window
from orders.services.holds import open_hold, record_event, release_holds
from orders.services.new_orders import cancel_wish, first_state, held_by_channel, late_wish, line_holds, order_holds
from orders.services.production import refresh_state
from orders.services.recipes import recipe_of
from orders.states import NOT_PRINTED, LineState, OrderState
from pod_hub.accounts.actors import HUB
from pod_hub.core.sealing import sealed_field
from stores.channels.types import CancelRequest, ChannelState, IncomingLine, IncomingOrder
from stores.models import Connection
from stores.services.listings import listings_for

CHANNEL_FACTS = [
    "revision", "channel_state", "channel_status", "ship_by", "ship_from", "deliver_by", "collect_by", "lapses_at", "service_level",
    "delivery_option", "label_by_channel", "total", "currency", "ship_to_country",
]  # fmt: skip


def apply_change(order: Order, told: IncomingOrder) -> bool:
    """Bring a locked order up to what the channel tells. Returns False when that is older than what we hold.

    The revision we hold may be told once more with another content (the ledger lets nothing else come twice), or applied again as a repair.
    """
    if told.revision < order.revision:
        return False
    before = (order.channel_status, order.ship_by)
    order.revision, order.channel_state, order.channel_status = told.revision, told.state, told.channel_status[:40]
    order.ship_by, order.ship_from, order.deliver_by = _ship_by(order, told), told.ship_from, told.deliver_by or order.deliver_by
    order.collect_by, order.lapses_at = told.collect_by or order.collect_by, told.lapses_at
    order.service_level, order.delivery_option = told.service_level[:40], told.delivery_option[:40] or order.delivery_option
    order.label_by_channel = told.label_by_channel
    if told.total:
        order.total, order.currency = told.total.value, told.total.currency
    if order.channel_status != before[0]:
        _say(order, "channel_status", _("The marketplace's status went from %(a)s to %(b)s.") % {"a": before[0], "b": order.channel_status})
    if order.ship_by != before[1]:
        _say(order, "ship_by", _("The ship-by date moved."))
        shorten_window(order)
    _channel_hold(order, told)
    _buyer(order, told)
    _lines(order, told)
    _unreadable_is_solved(order)
    order.save(update_fields=CHANNEL_FACTS)  # never a whole row: holds opened above have counted themselves
    refresh_state(order, list(order.lines.all()))
    return True


def _ship_by(order: Order, told: IncomingOrder) -> datetime | None:
    """Return by when to ship: a declined wish is answered by shipping alone, before the marketplace agrees to it by itself (GT-29)."""
    asked = {wish.reference: wish for line in told.lines if (wish := line.cancel_request) is not None and wish.reference and wish.answer_by}
    owed = [wish.answer_by for wish in asked.values() if _was_declined(order, wish)]
    return min(filter(None, [told.ship_by or order.ship_by, *owed]), default=None)


def _say(order: Order, kind: str, summary: str, line: OrderLine | None = None) -> None:
    record_event(order.pk, kind, summary, line_id=line.pk if line else None)


def _channel_hold(order: Order, told: IncomingOrder) -> None:
    """Follow the marketplace's own hold: open while it lasts, over as soon as the marketplace says so and not by any clock of ours."""
    if told.held_until is None and not order.open_holds:
        return
    waiting = Hold.objects.filter(order=order, kind=HoldKind.CHANNEL_HOLD, released_at=None)
    if told.held_until is None:
        release_holds(list(waiting), actor=HUB, reason=_("the marketplace lets the order go on"))
    elif not waiting.exclude(ends_about=told.held_until).update(ends_about=told.held_until):
        open_hold(order, HoldKind.CHANNEL_HOLD, held_by_channel(), ends_about=told.held_until)


def _buyer(order: Order, told: IncomingOrder) -> None:
    row = BuyerData.objects.select_for_update().filter(order=order).first()
    if row is None or row.purged_at is not None:
        return
    held = opened(row)
    fresh = BuyerDetails.of_incoming(told)
    if fresh.address is None and held is not None and held.address is not None:
        # Withheld again, or hidden behind asterisks (after shipping, or a lost role): never overwrite what we have with less.
        fresh = BuyerDetails(
            fresh.name or held.name,
            fresh.email or held.email,
            held.address,
            fresh.gifts or held.gifts,
            held.told_address,
            fresh.message or held.message,
        )
    elif held is not None and held.told_address is not None and fresh.address == held.told_address:
        # Changed by hand here, and the marketplace still tells what it told before: ours stands.
        fresh = replace(fresh, address=held.address, told_address=held.told_address)
    if held is None or fresh != held:
        first = held is None or held.address is None
        moved = fresh.address is not None and held is not None and fresh.address != held.address
        write_buyer(row, fresh)
        order.ship_to_country = fresh.address.country if fresh.address else ""
        if moved:
            _say(order, "address", _("The delivery address was filled in.") if first else _("The marketplace changed the delivery address."))
    waiting = Hold.objects.filter(order=order, kind=HoldKind.ADDRESS, released_at=None)
    if fresh.address is not None:
        release_holds(list(waiting), actor=HUB, reason=_("the marketplace gave the address"))
    elif told.label_by_channel:
        release_holds(list(waiting), actor=HUB, reason=_("the shipping label comes from the marketplace"))
    elif told.state in {ChannelState.UNSHIPPED, ChannelState.PARTIALLY_SHIPPED} and order.state != OrderState.NOT_OURS:
        for kind, why in order_holds(told):
            open_hold(order, kind, why)


def _lines(order: Order, told: IncomingOrder) -> None:
    held = {line.external_line_id: line for line in order.lines.select_for_update().order_by("pk")}
    for incoming in told.lines:
        line = held.pop(incoming.external_line_id, None)
        if line is None:
            _new_line(order, told, incoming)
        else:
            _changed_line(order, told, line, incoming)
    for line in held.values():
        if line.quantity_open or line.state == LineState.NOT_OURS:
            _take_back(order, line, _("The marketplace no longer lists this line."))


def _new_line(order: Order, told: IncomingOrder, incoming: IncomingLine) -> None:
    listing = listings_for([(order.store_id, incoming)])[order.store_id, incoming.listing_key]
    shipped = min(incoming.quantity_shipped, incoming.quantity)
    state = first_state(told.state, incoming, shipped, listing)
    recipe = recipe_of(listing) if state != LineState.NOT_OURS else None
    line = OrderLine.objects.create(
        order=order,
        external_line_id=incoming.external_line_id,
        listing=listing,
        mapping_id=recipe.mapping_id if recipe else None,
        customer_product_id=recipe.customer_product_id if recipe else None,
        print_file_id=recipe.print_file_id if recipe else None,
        sku=incoming.sku[:200],
        product_id=incoming.product_id[:40],
        title=incoming.title,
        quantity=incoming.quantity,
        quantity_shipped=shipped,
        pieces_each=recipe.pieces_each if recipe else 1,
        unit_price=incoming.unit_price.value if incoming.unit_price else None,
        currency=incoming.unit_price.currency if incoming.unit_price else "",
        state=state,
        is_personalised=bool(incoming.personalisation_url),
        units=list(incoming.units),
    )
    _say(order, "line_added", _("The marketplace added a line: %(line)s.") % {"line": line}, line)
    if incoming.personalisation_url and not BuyerData.objects.filter(order=order, purged_at__isnull=False).exists():
        row = Personalisation(line=line, authorization_id=_authorization_id(order))
        row.check_tenant()
        sealed_field(Personalisation, "address_sealed").seal_into(row, incoming.personalisation_url)
        row.save()
    for kind, reason in line_holds(incoming, listing, recipe) if line.state == LineState.RECEIVED else ():
        wish = incoming.cancel_request if kind == HoldKind.CANCEL_REQUEST else None
        open_hold(order, kind, reason, line=line, wish=wish, lack=recipe.lack if recipe is not None and kind == HoldKind.ARTWORK else None)


def _authorization_id(order: Order) -> int | None:
    return Connection.objects.filter(store=order.store_id).values_list("authorization_id", flat=True).first()


def _changed_line(order: Order, told: IncomingOrder, line: OrderLine, incoming: IncomingLine) -> None:
    if incoming.units and list(incoming.units) != line.units:
        line.units = list(incoming.units)
        line.save(update_fields=["units"])
    taken_back = told.state == ChannelState.CANCELLED or incoming.cancelled_by or (incoming.quantity == 0 and line.quantity > 0)
    if line.state in {LineState.SHIPPED, LineState.CANCELLED} or not taken_back:
        _wish_is_over(order, line, incoming)
    if line.state in {LineState.SHIPPED, LineState.CANCELLED}:
        if line.state == LineState.SHIPPED and not taken_back:
            _asked_too_late(order, line, incoming)
        return
    if taken_back:
        _take_back(order, line, _who_cancelled(order, line))
        return
    told_before = line.quantity if line.quantity_told is None else line.quantity_told
    if incoming.quantity != told_before:
        if line.state in NOT_PRINTED and incoming.quantity >= line.quantity_shipped:
            _say(order, "quantity", _("Quantity went from %(a)s to %(b)s.") % {"a": line.quantity, "b": incoming.quantity}, line)
            line.quantity, line.quantity_told = incoming.quantity, None
            line.save(update_fields=["quantity", "quantity_told"])
        else:
            words = _("The marketplace changed the quantity from %(a)s to %(b)s after printing began. Decide what to ship.")
            open_hold(order, HoldKind.CANCEL_REQUEST, words % {"a": line.quantity, "b": incoming.quantity}, line=line)
    asked = incoming.cancel_request
    if asked is not None and line.state != LineState.NOT_OURS and not _was_declined(order, asked):
        open_hold(order, HoldKind.CANCEL_REQUEST, cancel_wish(asked), line=line, wish=asked)
    if incoming.quantity_shipped > line.quantity_shipped + line.quantity_labelled:
        # More than we shipped: somebody marked it at the marketplace. Our own pushes only ever echo what we hold already.
        line.quantity_shipped = min(incoming.quantity_shipped, line.quantity)
        if line.quantity_shipped == line.quantity:
            line.state = LineState.SHIPPED
        line.save(update_fields=["quantity_shipped", "state"])
        if order.last_shipped_at is None:
            order.last_shipped_at = now()  # the marketplace does not say when; this is when we learnt it
            order.save(update_fields=["last_shipped_at"])
        _say(order, "shipped_elsewhere", _("%(line)s was marked as shipped at the marketplace, not here.") % {"line": line.sku or line.title}, line)


def _asked_too_late(order: Order, line: OrderLine, incoming: IncomingLine) -> None:
    """Ask a person about a wish for a line that has left and that the marketplace has not heard of: there, telling it is an answer (GT-29)."""
    asked = incoming.cancel_request
    if asked is not None and asked.reference and incoming.quantity_shipped < line.quantity_shipped and not _was_declined(order, asked):
        open_hold(order, HoldKind.CANCEL_REQUEST, late_wish(asked), line=line, wish=asked)


def _wish_is_over(order: Order, line: OrderLine, incoming: IncomingLine) -> None:
    """Release a wish to cancel that the marketplace no longer tells of: withdrawn, or answered. Wishes without a number are never taken back."""
    if not order.open_holds:
        return
    told = incoming.cancel_request.reference if incoming.cancel_request else ""
    waiting = Hold.objects.filter(order=order, line=line, kind=HoldKind.CANCEL_REQUEST, released_at=None).exclude(reference__in=["", told])
    release_holds(list(waiting), actor=HUB, reason=_("the marketplace shows the request no longer: it was withdrawn or answered there"))


def _was_declined(order: Order, wish: CancelRequest) -> bool:
    """Whether a person decided already to ship in spite of this very wish."""
    return bool(wish.reference) and Hold.objects.filter(order=order, reference=wish.reference, declined_at__isnull=False).exists()


def _who_cancelled(order: Order, line: OrderLine) -> str:
    """Say how the marketplace came to cancel a line: by itself, or because a wish was not answered in time."""
    asked = Hold.objects.filter(Q(line=line) | Q(line=None), order=order, kind=HoldKind.CANCEL_REQUEST, released_at=None, answer_by__lte=now())
    if asked.exists():
        return _("The marketplace agreed to the buyer's request by itself, because it was not answered in time.")
    return _("The marketplace cancelled it.")


def _take_back(order: Order, line: OrderLine, why: str) -> None:
    """Cancel a line that is not printed; ask a person about one that is."""
    if line.state in NOT_PRINTED:
        before, line.state = line.state, LineState.CANCELLED
        line.save(update_fields=["state"])
        record_event(
            order.pk,
            "state",
            f"{line.sku or line.title}: {LineState(before).label} → {LineState.CANCELLED.label}. {why}",
            line_id=line.pk,
            facts={"before": before, "after": LineState.CANCELLED.value},
        )
        waiting = Hold.objects.filter(order=order, line=line, released_at=None)
        release_holds(list(waiting), actor=HUB, reason=_("the line was cancelled"))
    else:
        open_hold(
            order, HoldKind.CANCEL_REQUEST, _("%(why)s It is printed already: stop it, or ship it and tell the buyer.") % {"why": why}, line=line
        )


def _unreadable_is_solved(order: Order) -> None:
    waiting = Hold.objects.filter(order=order, kind=HoldKind.UNREADABLE, released_at=None)
    release_holds(list(waiting), actor=HUB, reason=_("a newer revision could be read"))
