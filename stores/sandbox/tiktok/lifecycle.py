"""What an order is and becomes: its status from its units, what happens to it when time passes, and the webhook that tells of each change."""

from __future__ import annotations

from stores.sandbox.tiktok import deadlines, webhooks
from stores.sandbox.tiktok.reasons import MARKETS
from stores.sandbox.tiktok.records import PlacedOrder, Status
from stores.sandbox.tiktok.world import World

# Webhook 1 spells one status otherwise and does not list another (tiktok.md §6).
SPELLED = {Status.CANCELLED: "CANCEL", Status.PARTIALLY_SHIPPING: "AWAITING_SHIPMENT"}
SHIPPED = (Status.AWAITING_COLLECTION, Status.IN_TRANSIT, Status.DELIVERED, Status.COMPLETED)


def status_of(order: PlacedOrder, *, at: float) -> Status:
    """Return the status that follows from payment, hold and units."""
    states = {line.status for line in order.lines_left}
    if not states:
        return Status.CANCELLED
    if not order.paid:
        return Status.UNPAID
    if order.hold_until > at:
        return Status.ON_HOLD
    if Status.AWAITING_SHIPMENT in states:
        return Status.AWAITING_SHIPMENT if len(states) == 1 else Status.PARTIALLY_SHIPPING
    # All are on their way: the order is where its slowest unit is.
    return next(status for status in SHIPPED if status in states)


def save(world: World, order: PlacedOrder, *, at: float, listed_from: float | None = None) -> None:
    """Keep a changed order, with a younger ``update_time`` and its new status, and announce a change of status."""
    before = order.status if order.updated else None
    order.status = status_of(order, at=at)
    # Whole seconds are published: each change moves them by at least one, so that a reader who compares them sees it [L].
    order.updated = max(int(at), order.updated + 1)
    if order.status == Status.CANCELLED and not order.cancelled:
        order.cancelled = at
    world.books.keep_order(order, at=at, due=_due(order), listed_from=listed_from)
    if order.status != before:
        tell = {
            "order_id": order.order_id,
            "order_status": SPELLED.get(order.status, order.status.value),
            "is_on_hold_order": order.holds,
            "update_time": order.updated,
        }
        webhooks.announce(world, "ORDER_STATUS_CHANGE", tell, shop_id=order.shop_id, at=at)


def _due(order: PlacedOrder) -> float | None:
    if order.status == Status.UNPAID:
        return order.pay_until
    if order.status == Status.ON_HOLD:
        return order.hold_until
    if order.status in (Status.AWAITING_SHIPMENT, Status.PARTIALLY_SHIPPING):
        return order.cancel_at
    return None


def set_deadlines(order: PlacedOrder, *, start: float) -> None:
    """Set the deadlines that count from the moment an order may be shipped."""
    region = order.region

    def day(days: int) -> float:
        return deadlines.business_day(start, days, region=region)

    own = order.handling_days
    order.ship_by = day(own or deadlines.DISPATCH_DAYS)
    order.cancel_at = day(own + deadlines.AFTER_CUSTOM_DAYS if own else deadlines.CANCEL_DAYS)
    order.collect_by = day(own + deadlines.COLLECT_DAYS)
    order.deliver_by = day(own + deadlines.DELIVERY_DAYS)


def cancel_lines(order: PlacedOrder, line_ids: list[str], *, reason: str, by: str) -> None:
    """Cancel units. The caller saves the order."""
    for line in order.lines:
        if line.line_id in line_ids and line.status != Status.CANCELLED:
            line.status, line.cancel_reason, line.cancel_user = Status.CANCELLED, reason, by
    if not order.lines_left:
        # The order surfaces the reason of its first unit.
        order.cancel_reason, order.cancelled_by = order.lines[0].cancel_reason, by


def advance_due(world: World) -> None:
    """Let everything happen to orders that is due, each at its own time."""
    for order_id in world.books.due_orders(now=world.clock.epoch()):
        with world.books.transaction():
            order = world.books.order(order_id)
            while order is not None and (due := _due(order)) is not None and due <= world.clock.epoch():
                _advance(world, order, at=due)


def _advance(world: World, order: PlacedOrder, *, at: float) -> None:
    if order.status == Status.ON_HOLD:
        save(world, order, at=at)
        world.note(order.shop_id, "hold_ended", {}, at=at, order_id=order.order_id)
        return
    what = "system_cancel_unpaid_time_out" if order.status == Status.UNPAID else "package_cancel"
    reason = MARKETS[order.region].of_system(what)
    cancel_lines(
        order, [line.line_id for line in order.lines if line.status in (Status.UNPAID, Status.AWAITING_SHIPMENT)], reason=reason, by="SYSTEM"
    )
    order.cancel_asked = 0
    save(world, order, at=at)
    world.note(order.shop_id, "order_cancelled", {"by": "SYSTEM", "reason": reason}, at=at, order_id=order.order_id)
