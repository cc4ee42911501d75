"""Cancellations: by the buyer at once while the order is held, later as a request with an answer-by time, by the seller, by the system (tiktok.md §8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stores.sandbox.tiktok import lifecycle, webhooks
from stores.sandbox.tiktok.reasons import MARKETS, OUT_OF_STOCK
from stores.sandbox.tiktok.records import Cancellation, Line, PlacedOrder, Status
from stores.sandbox.tiktok.world import ANSWER_S, REFUND_S, World
from stores.sandbox.world import NotPossible

PENDING, SUCCESS = "CANCELLATION_REQUEST_PENDING", "CANCELLATION_REQUEST_SUCCESS"
# Answers and webhooks say CANCELLED, requests CANCEL: withdrawn by the buyer, or rejected.
CANCELLED, COMPLETE = "CANCELLATION_REQUEST_CANCELLED", "CANCELLATION_REQUEST_COMPLETE"
OPEN_STATUSES = (Status.UNPAID, Status.ON_HOLD, Status.AWAITING_SHIPMENT, Status.PARTIALLY_SHIPPING)


def pending(world: World, order_id: str) -> Cancellation | None:
    """Return the request of an order that waits for an answer, or None."""
    return next((row for row in world.books.cancellations(order_id=order_id) if row.status == PENDING), None)


def unshipped(order: PlacedOrder) -> list[Line]:
    """Return the units that could still be cancelled."""
    return [line for line in order.lines_left if not line.shipped]


def checked_reason(known: Mapping[str, str], reason: str) -> str:
    """Return the reason that was given, or the first that fits; one that does not fit is said."""
    if reason and reason not in known:
        raise NotPossible(f"{reason!r} is no reason here. There are: {', '.join(known)}.")
    return reason or next(iter(known))


def request_by_buyer(world: World, order_id: str, reason: str = "") -> PlacedOrder:
    """The buyer cancels: at once while unpaid or held, else as a request."""
    now = world.clock.epoch()
    with world.books.transaction():
        order = world.books.order(order_id)
        if order is None:
            raise NotPossible(f"There is no order {order_id}. Look it up in the seller centre.")
        if order.status not in OPEN_STATUSES or not unshipped(order):
            raise NotPossible(f"Order {order_id} is {order.status}; a buyer can only cancel what is not shipped.")
        if pending(world, order_id):
            raise NotPossible(f"A request to cancel order {order_id} waits for its answer already.")
        market = MARKETS[order.region]
        known = market.buyer_unpaid if order.status == Status.UNPAID else market.buyer_paid
        reason = checked_reason(known, reason)
        at_once = order.status in (Status.UNPAID, Status.ON_HOLD)
        units = [line.line_id for line in unshipped(order)]
        made = new(world, order, units, kind="BUYER_CANCEL", role="BUYER", reason=reason, status=SUCCESS if at_once else PENDING, at=now)
        if at_once:
            carry_out(world, order, made, at=now)
        else:
            made.deadline, order.cancel_asked = now + world.clock.shortened(ANSWER_S), now
            keep(world, made, at=now)
            lifecycle.save(world, order, at=now)
        world.note(order.shop_id, "cancel_requested", {"cancel_id": made.cancel_id, "reason": reason}, at=now, order_id=order_id)
    return order


def new(world: World, order: PlacedOrder, line_ids: Sequence[str], *, kind: str, role: str, reason: str, status: str, at: float) -> Cancellation:
    """Return a new cancellation. The caller keeps it."""
    return Cancellation(
        cancel_id=str(4_035_318_504_000_000_000 + world.books.next_number("cancellation") * 7_907),
        order_id=order.order_id,
        shop_id=order.shop_id,
        kind=kind,
        status=status,
        role=role,
        reason=reason,
        line_ids=list(line_ids),
        created=at,
        updated=0,
    )


def keep(world: World, cancellation: Cancellation, *, at: float) -> None:
    """Keep a changed cancellation with a younger time, and announce it."""
    cancellation.updated = max(int(at), cancellation.updated + 1)
    due = cancellation.deadline if cancellation.status == PENDING else cancellation.refund_at if cancellation.status == SUCCESS else None
    world.books.keep_cancellation(cancellation, due=due)
    tell = {
        "order_id": cancellation.order_id,
        "cancellations_role": cancellation.role,
        "cancel_status": cancellation.status,
        "cancel_id": cancellation.cancel_id,
        "create_time": int(cancellation.created),
    }
    webhooks.announce(world, "CANCELLATION_STATUS_CHANGE", tell, shop_id=cancellation.shop_id, at=at)


def carry_out(world: World, order: PlacedOrder, cancellation: Cancellation, *, at: float) -> None:
    """Cancel the units and plan the refund."""
    cancellation.status, cancellation.refund_at = SUCCESS, at + world.clock.shortened(REFUND_S)
    lifecycle.cancel_lines(order, cancellation.line_ids, reason=cancellation.reason, by=cancellation.role)
    order.cancel_asked = 0
    _drop_packages(world, order, at=at)
    lifecycle.save(world, order, at=at)
    keep(world, cancellation, at=at)
    doc = {"by": cancellation.role, "reason": cancellation.reason, "cancel_id": cancellation.cancel_id, "line_ids": cancellation.line_ids}
    world.note(order.shop_id, "order_cancelled", doc, at=at, order_id=order.order_id)


def _drop_packages(world: World, order: PlacedOrder, *, at: float) -> None:
    """Cancel the packages of which nothing is left."""
    left = {line.line_id for line in order.lines_left}
    for package in world.books.packages_of(order.order_id):
        if not left & set(package.line_ids):
            package.status, package.updated = "CANCELLED", max(int(at), package.updated + 1)
            world.books.keep_package(package, due=None)


def close(world: World, order: PlacedOrder, cancellation: Cancellation, *, at: float, how: str) -> None:
    """End a request without cancelling: the buyer withdrew it, or the seller rejected it."""
    cancellation.status, order.cancel_asked = CANCELLED, 0
    keep(world, cancellation, at=at)
    lifecycle.save(world, order, at=at)
    world.note(order.shop_id, how, {"cancel_id": cancellation.cancel_id}, at=at, order_id=order.order_id)


def withdraw_by_buyer(world: World, order_id: str) -> PlacedOrder:
    """The buyer changes their mind."""
    with world.books.transaction():
        order, request = world.books.order(order_id), pending(world, order_id)
        if order is None or request is None:
            raise NotPossible(f"No request to cancel order {order_id} is open. Nothing was changed.")
        close(world, order, request, at=world.clock.epoch(), how="cancel_withdrawn")
    return order


def answer_by_seller(world: World, order_id: str, *, approve: bool) -> PlacedOrder:
    """The seller answers a request in the seller centre."""
    now = world.clock.epoch()
    with world.books.transaction():
        order, request = world.books.order(order_id), pending(world, order_id)
        if order is None or request is None:
            raise NotPossible(f"No request to cancel order {order_id} is open. Nothing was changed.")
        if approve:
            carry_out(world, order, request, at=now)
        elif order.region == "US" and not world.settings.us_rejects_by_call:
            raise NotPossible("In the United States a request is rejected by shipping the order.")
        else:
            close(world, order, request, at=now, how="cancel_rejected")
    return order


def cancel_by_seller(world: World, order_id: str, reason: str = "", line_ids: Sequence[str] = ()) -> PlacedOrder:
    """The seller cancels in the seller centre, wholly or some units."""
    now = world.clock.epoch()
    with world.books.transaction():
        order = world.books.order(order_id)
        if order is None:
            raise NotPossible(f"There is no order {order_id}.")
        if order.status not in OPEN_STATUSES or pending(world, order_id):
            raise NotPossible(f"Order {order_id} is {order.status}, or a request waits for its answer; the seller cannot cancel it.")
        market = MARKETS[order.region]
        known = market.seller_unpaid if order.status == Status.UNPAID else market.seller_paid
        reason = checked_reason(known, reason)
        free = [line.line_id for line in unshipped(order)]
        chosen = list(line_ids) or free
        whole = set(chosen) == {line.line_id for line in order.lines_left}
        if not set(chosen) <= set(free) or not (whole or reason.removesuffix("_uk") in OUT_OF_STOCK):
            raise NotPossible("Single units are only cancelled when they are out of stock, and not shipped.")
        made = new(world, order, chosen, kind="CANCEL", role="SELLER", reason=reason, status=SUCCESS, at=now)
        carry_out(world, order, made, at=now)
    return order


def reject_by_shipping(world: World, order: PlacedOrder, *, at: float) -> None:
    """In the US, shipping is how a seller rejects a request: end it. The caller keeps the order."""
    request = pending(world, order.order_id)
    if request is None:
        return
    request.status, order.cancel_asked = CANCELLED, 0
    keep(world, request, at=at)
    world.note(order.shop_id, "cancel_rejected", {"cancel_id": request.cancel_id, "how": "shipped"}, at=at, order_id=order.order_id)


def settle_due(world: World) -> None:
    """Grant every request whose time ran out, and refund what was granted."""
    now = world.clock.epoch()
    for cancel_id in world.books.due_cancellations(now=now):
        with world.books.transaction():
            cancellation = world.books.cancellation(cancel_id)
            order = world.books.order(cancellation.order_id) if cancellation else None
            if cancellation is None or order is None:
                continue
            if cancellation.status == PENDING and cancellation.deadline <= now:
                world.note(order.shop_id, "cancel_granted_by_time", {"cancel_id": cancel_id}, at=cancellation.deadline, order_id=order.order_id)
                carry_out(world, order, cancellation, at=cancellation.deadline)
            if cancellation.status == SUCCESS and cancellation.refund_at <= now:
                cancellation.status = COMPLETE
                keep(world, cancellation, at=cancellation.refund_at)
