"""Packages of orders: how units get into one, and what its carrier does afterwards.

[L] A carrier scans a package a day after it was shipped and delivers it three days later; a week after the delivery the order is complete. A number that
fits no carrier is never scanned: TikTok cancels the order at ``collection_due_time``. The seller centre and the control door can hurry each step.
"""

from __future__ import annotations

from stores.sandbox.tiktok import lifecycle
from stores.sandbox.tiktok.delivery import Provider
from stores.sandbox.tiktok.reasons import MARKETS
from stores.sandbox.tiktok.records import Line, Package, PlacedOrder, Status
from stores.sandbox.tiktok.world import COLLECT_AFTER_S, COMPLETE_AFTER_S, DELIVER_AFTER_S, World
from stores.sandbox.world import NotPossible

LINE_STATUS = {"PROCESSING": Status.AWAITING_COLLECTION, "FULFILLING": Status.IN_TRANSIT, "COMPLETED": Status.DELIVERED}


def new_package(world: World, order: PlacedOrder, line_ids: list[str], *, at: float) -> Package:
    """Return a package that waits to be shipped. The caller keeps it."""
    number = world.books.next_number("package")
    return Package(
        package_id=str(1_152_321_127_000_000_000 + number * 7_001),
        shop_id=order.shop_id,
        order_id=order.order_id,
        line_ids=line_ids,
        shipping_type=order.shipping_type,
        created=at,
        updated=int(at),
    )


def ship(world: World, order: PlacedOrder, package: Package, lines: list[Line], *, at: float) -> None:
    """Put units on their way: the package waits for its carrier from now on, and the order is kept with its new status."""
    package.line_ids, package.status, package.shipped = [line.line_id for line in lines], "PROCESSING", at
    for line in lines:
        line.status, line.package_id, line.shipped = Status.AWAITING_COLLECTION, package.package_id, at
        _deliver_stock(world, line)
    order.rts_time = order.rts_time or at
    keep(world, package, at=at)
    lifecycle.save(world, order, at=at)


def ship_by_hand(world: World, order: PlacedOrder, provider: Provider, number: str) -> PlacedOrder:
    """The seller types a tracking number in the seller centre: all units that are left go in one package."""
    now, lines = world.clock.epoch(), [line for line in order.lines_left if not line.shipped]
    if order.status not in (Status.AWAITING_SHIPMENT, Status.PARTIALLY_SHIPPING) or not lines:
        raise NotPossible(f"Order {order.order_id} is {order.status}; there is nothing to ship.")
    if not number:
        raise NotPossible("The tracking number is missing. Type the carrier's number.")
    package = new_package(world, order, [], at=now)
    package.provider_id, package.provider_name, package.tracking_number = provider.provider_id, provider.name, number
    package.traceable = bool(provider.pattern.fullmatch(number))
    ship(world, order, package, lines, at=now)
    world.note(order.shop_id, "shipped_by_hand", {"package_id": package.package_id, "tracking_number": number}, at=now, order_id=order.order_id)
    return order


def _deliver_stock(world: World, line: Line) -> None:
    product = world.books.product(line.product_id)
    sku = product.sku(line.sku_id) if product else None
    if product is not None and sku is not None:
        sku.committed = max(0, sku.committed - 1)
        world.books.keep_product(product)


def keep(world: World, package: Package, *, at: float) -> None:
    """Keep a changed package with a younger time, and when its carrier comes next."""
    package.updated = max(int(at), package.updated + 1)
    world.books.keep_package(package, due=_due(world, package))


def _due(world: World, package: Package) -> float | None:
    if package.status == "PROCESSING":
        if package.traceable:
            return package.shipped + world.clock.shortened(COLLECT_AFTER_S)
        order = world.books.order(package.order_id)
        return order.collect_by if order else None
    if package.status == "FULFILLING":
        return package.collected + world.clock.shortened(DELIVER_AFTER_S)
    if package.status == "COMPLETED":
        return package.delivered + world.clock.shortened(COMPLETE_AFTER_S)
    return None


def advance_due(world: World) -> None:
    """Let every carrier do what is due."""
    for package_id in world.books.due_packages(now=world.clock.epoch()):
        with world.books.transaction():
            package = world.books.package(package_id)
            while package is not None and (due := _due(world, package)) is not None and due <= world.clock.epoch():
                if not _advance(world, package, at=due):
                    break


def _advance(world: World, package: Package, *, at: float) -> bool:
    """Do the next thing to a package; False when nothing more is due."""
    order = world.books.order(package.order_id)
    if order is None:
        return False
    if package.status == "PROCESSING" and not package.traceable:
        _give_up(world, order, package, at=at)
    elif package.status == "PROCESSING":
        collect(world, order, package, at=at)
    elif package.status == "FULFILLING":
        deliver(world, order, package, at=at)
    else:
        return _complete(world, order, package, at=at)
    return True


def collect(world: World, order: PlacedOrder, package: Package, *, at: float) -> None:
    """The carrier scans the package."""
    package.status, package.collected = "FULFILLING", at
    _move(world, order, package, at=at)
    order.collected = order.collected or at
    lifecycle.save(world, order, at=at)


def deliver(world: World, order: PlacedOrder, package: Package, *, at: float) -> None:
    """The package arrives."""
    package.status, package.delivered = "COMPLETED", at
    _move(world, order, package, at=at)
    if all(line.status in (Status.DELIVERED, Status.COMPLETED) for line in order.lines_left):
        order.delivered = at
    lifecycle.save(world, order, at=at)


def _move(world: World, order: PlacedOrder, package: Package, *, at: float) -> None:
    for line in order.lines:
        if line.package_id == package.package_id and line.status != Status.CANCELLED:
            line.status = LINE_STATUS[package.status]
    keep(world, package, at=at)


def _complete(world: World, order: PlacedOrder, package: Package, *, at: float) -> bool:
    """Close an order whose last package arrived long enough ago; False while others are under way or it is closed."""
    world.books.keep_package(package, due=None)
    if order.status == Status.DELIVERED:
        complete(world, order, at=at)
    return False


def complete(world: World, order: PlacedOrder, *, at: float) -> None:
    """Close an order: nothing can be returned any more."""
    for line in order.lines_left:
        line.status = Status.COMPLETED
    order.completed = at
    lifecycle.save(world, order, at=at)


def _give_up(world: World, order: PlacedOrder, package: Package, *, at: float) -> None:
    reason = MARKETS[order.region].of_system("system_cancel_order_untracked")
    package.status = "CANCELLED"
    keep(world, package, at=at)
    lifecycle.cancel_lines(order, package.line_ids, reason=reason, by="SYSTEM")
    lifecycle.save(world, order, at=at)
    world.note(order.shop_id, "order_cancelled", {"by": "SYSTEM", "reason": reason}, at=at, order_id=order.order_id)


def hurry(world: World, order_id: str, step: str) -> PlacedOrder:
    """Let the next thing happen now to every package of an order: ``collect``, ``deliver`` or ``complete``."""
    now = world.clock.epoch()
    with world.books.transaction():
        order = world.books.order(order_id)
        if order is None:
            raise NotPossible(f"There is no order {order_id}. Look it up in the seller centre.")
        before = {"collect": "PROCESSING", "deliver": "FULFILLING"}.get(step)
        packages = [package for package in world.books.packages_of(order_id) if package.status == before]
        if step == "complete" and order.status == Status.DELIVERED:
            complete(world, order, at=now)
        elif not packages:
            raise NotPossible(f"Order {order_id} is {order.status}; there is nothing to {step}.")
        for package in packages:
            (collect if step == "collect" else deliver)(world, order, package, at=now)
        world.note(order.shop_id, f"carrier_{step}", {}, at=now, order_id=order_id)
    return order
