"""Fulfilment API for goods that the seller ships: mark a package as shipped, and correct its tracking once (tiktok.md §7).

There is no key that makes a repetition harmless: the second call for the same units is refused as shipped already, and reading the order back tells
with which number. Effect and ledger entry are one transaction; a lost answer never means half an effect.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from stores.sandbox.door import Dropped
from stores.sandbox.tiktok import cancellations, lifecycle, parcels
from stores.sandbox.tiktok.answers import Refusal
from stores.sandbox.tiktok.delivery import OPTIONS, Provider, option_with_id
from stores.sandbox.tiktok.operations import Call, Operation
from stores.sandbox.tiktok.records import Line, Package, PlacedOrder, Status
from stores.sandbox.tiktok.world import TRACKING_UPDATE_S

ORDERS_A_NUMBER = 20  # tiktok.md §7: one number may serve at most twenty orders, of the same recipient
PLAIN = re.compile(r"[A-Za-z0-9-]{4,60}")
ON_HOLD = 21011044  # requirements D.2; the reference of this operation does not list it
SHIPPING = "tracking_number! shipping_provider_id!"


def own_order(call: Call, order_id: str) -> PlacedOrder:
    """Return an order of the shop, or refuse."""
    order = call.world.books.order(order_id)
    if order is None or order.shop_id != call.shop.shop_id:
        raise Refusal(21001001)
    return order


def mark_shipped(call: Call) -> dict[str, Any]:
    """Answer ``markPackageAsShipped``."""
    body = call.body
    return _marked(call, body.get("order_line_item_ids"), number=body["tracking_number"], provider_id=body["shipping_provider_id"])


def mark_shipped_by_lists(call: Call) -> dict[str, Any]:
    """Answer the newer version, whose body has lists; we take one carrier and number, as the older one does [M]."""
    told = call.body.get("shipping_info_list", [])
    if len(told) != 1 or not told[0].get("tracking_number") or not told[0].get("shipping_provider_id"):
        raise Refusal(21001001)
    lines = [row["order_line_id"] for row in call.body.get("order_line_list", []) if row.get("order_line_id")]
    return _marked(call, lines or None, number=told[0]["tracking_number"], provider_id=told[0]["shipping_provider_id"])


def _marked(call: Call, line_ids: Sequence[str] | None, *, number: str, provider_id: str) -> dict[str, Any]:
    if call.strike("confirm_lost_before_effect") is not None:
        raise Dropped
    world = call.world
    with world.books.transaction():
        order = own_order(call, call.path["order_id"])
        _check_order(call, order)
        lines = chosen_lines(order, line_ids)
        provider = _provider(order, provider_id)
        warning = _check_number(call, order, provider, number)
        cancellations.reject_by_shipping(world, order, at=call.now)
        package = _package(call, order, lines)
        package.provider_id, package.provider_name, package.tracking_number = provider.provider_id, provider.name, number
        package.traceable = not warning
        parcels.ship(world, order, package, lines, at=call.now)
        _note(call, package, lines, "created")
    if call.strike("confirm_lost_after_success") is not None:
        raise Dropped
    answer: dict[str, Any] = {"order_id": order.order_id, "order_line_item_ids": package.line_ids, "package_id": package.package_id}
    return {**answer, "warning": {"message": warning}} if warning else answer


def _note(call: Call, package: Package, lines: list[Line], effect: str) -> None:
    quantities: dict[str, int] = {}
    for line in lines:
        quantities[line.sku_id] = quantities.get(line.sku_id, 0) + 1
    doc = {
        "package_id": package.package_id,
        "carrier_name": package.provider_name,
        "tracking_number": package.tracking_number,
        "line_ids": package.line_ids,
        "quantities": quantities,
    }
    call.world.note(package.shop_id, "confirm_shipment", doc, at=call.now, effect=effect, order_id=package.order_id)


def _check_order(call: Call, order: PlacedOrder) -> None:
    if order.region not in ("US", "GB"):
        raise Refusal(21008106)
    if order.fulfilled_by == "TIKTOK":
        raise Refusal(21008025)
    if order.shipping_type != "SELLER":
        raise Refusal(21011004)
    if order.status == Status.ON_HOLD:
        raise Refusal(ON_HOLD)
    if order.status in (Status.UNPAID, Status.CANCELLED):
        raise Refusal(21011003)
    if order.cancel_asked and order.region != "US":
        raise Refusal(21011007)


def chosen_lines(order: PlacedOrder, line_ids: Sequence[str] | None, *, cancelled: int = 21011003) -> list[Line]:
    """Return the units to ship: those named, or all when none are named and none were shipped before. ``cancelled``: how one that is gone is refused."""
    if line_ids is None:
        left = order.lines_left
        shipped = [line for line in left if line.shipped]
        if shipped:
            raise Refusal(21011006 if len(shipped) == len(left) else 21011048)
        return left
    lines = []
    for line_id in dict.fromkeys(line_ids):
        line = order.line(line_id)
        if line is None:
            raise Refusal(21011029)
        if line.status == Status.CANCELLED:
            raise Refusal(cancelled)
        lines.append(line)
    if not lines:
        raise Refusal(21001001)
    if any(line.shipped for line in lines):
        raise Refusal(21011006)
    return lines


def _package(call: Call, order: PlacedOrder, lines: list[Line]) -> Package:
    """Return the package these units were split into before, or a new one."""
    ids = [line.line_id for line in lines]
    waiting = [package for package in call.world.books.packages_of(order.order_id) if package.status == "TO_FULFILL"]
    return next((package for package in waiting if set(package.line_ids) == set(ids)), None) or parcels.new_package(
        call.world, order, ids, at=call.now
    )


def _provider(order: PlacedOrder, provider_id: str) -> Provider:
    option = option_with_id(order.delivery_option_id)
    provider = next((row for row in option.providers if row.provider_id == provider_id), None) if option else None
    if provider is None:
        raise Refusal(21011022)
    return provider


def _check_number(call: Call, order: PlacedOrder, provider: Provider, number: str) -> str:
    """Refuse a number that cannot be, and return the warning about one that fits no or another carrier."""
    if not PLAIN.fullmatch(number):
        raise Refusal(21004012)
    served = call.world.books.orders_with_tracking(order.shop_id, number) - {order.order_id}
    others = [other for order_id in served if (other := call.world.books.order(order_id)) is not None]
    if any(other.address != order.address for other in others):
        raise Refusal(21011025)
    if len(others) >= ORDERS_A_NUMBER:
        raise Refusal(21011026)
    if provider.pattern.fullmatch(number):
        return ""
    fitting = [row.name for option in OPTIONS[order.region] for row in option.providers if row.pattern.fullmatch(number)]
    if call.world.settings.refuse_odd_tracking:
        raise Refusal(21004015 if fitting else 11028006)
    return f"The tracking number matches {' and '.join(fitting)}, not {provider.name}." if fitting else "The tracking number matches no provider."


# --- correcting -------------------------------------------------------------------------------------------------------------
def update_order_shipping(call: Call) -> dict[str, Any]:
    """Answer ``updateShippingInfo``: for an order in one package."""
    with call.world.books.transaction():
        order = own_order_to_correct(call, call.path["order_id"])
        packages = [package for package in call.world.books.packages_of(order.order_id) if package.shipped]
        if order.status == Status.CANCELLED:
            raise Refusal(21011041)
        if not packages:
            raise Refusal(21011043)
        if len(packages) > 1:
            raise Refusal(10007002)
        _correct(call, order, packages[0], dict(call.body), late=21011049, again=21011049)
    return {}


def own_order_to_correct(call: Call, order_id: str) -> PlacedOrder:
    """Return an order of the shop whose tracking may be looked at, or refuse."""
    order = call.world.books.order(order_id)
    if order is None or order.shop_id != call.shop.shop_id:
        raise Refusal(21011028)
    return order


def update_package_shipping(call: Call) -> dict[str, Any]:
    """Answer ``updatePackageShippingInfo``."""
    return _package_corrected(call, dict(call.body))


def update_package_shipping_by_lists(call: Call) -> dict[str, Any]:
    """Answer the newer version, whose body has a list [M]."""
    told = call.body["shipping_info_list"]
    if len(told) != 1 or not told[0].get("tracking_number") or not told[0].get("shipping_provider_id"):
        raise Refusal(36009004, "Invalid parameter: shipping_info_list must hold one carrier and number.")
    return _package_corrected(call, told[0])


def _package_corrected(call: Call, told: dict[str, Any]) -> dict[str, Any]:
    with call.world.books.transaction():
        package = call.world.books.package(call.path["package_id"])
        if package is None or package.shop_id != call.shop.shop_id:
            raise Refusal(21011028)
        order = own_order_to_correct(call, package.order_id)
        if package.status == "CANCELLED" or order.status == Status.CANCELLED:
            raise Refusal(21011042)
        if not package.shipped:
            raise Refusal(21011043)
        _correct(call, order, package, told, late=21011050, again=21011051)
    return {}


def _correct(call: Call, order: PlacedOrder, package: Package, told: dict[str, Any], *, late: int, again: int) -> None:
    if package.shipping_type != "SELLER":
        raise Refusal(21011004)
    if package.status == "COMPLETED":
        raise Refusal(21011030)
    provider, number = _provider(order, told["shipping_provider_id"]), told["tracking_number"]
    if not PLAIN.fullmatch(number):
        raise Refusal(21011022)
    if call.now > package.shipped + call.world.clock.shortened(TRACKING_UPDATE_S):
        raise Refusal(late)
    if any(other.corrected for other in call.world.books.packages_of(order.order_id)):
        raise Refusal(again)  # once per order
    package.provider_id, package.provider_name, package.tracking_number = provider.provider_id, provider.name, number
    package.corrected, package.traceable = True, bool(provider.pattern.fullmatch(number))
    parcels.keep(call.world, package, at=call.now)
    lifecycle.save(call.world, order, at=call.now)
    _note(call, package, [line for line in order.lines if line.package_id == package.package_id], "corrected")


OF_ORDER, OF_PACKAGE = "/fulfillment/{}/orders/{{order_id}}", "/fulfillment/{}/packages/{{package_id}}"
BASIC = ("seller.fulfillment.basic",)
INFOS = "shipping_info_list{}[{{tracking_number shipping_provider_id note}}]"
OPERATIONS = (
    Operation(
        "markPackageAsShipped",
        "POST",
        f"{OF_ORDER.format('202309')}/packages",
        mark_shipped,
        scopes=BASIC,
        body=f"order_line_item_ids[] {SHIPPING}",
    ),
    Operation(
        "markPackageAsShippedByLists",
        "POST",
        f"{OF_ORDER.format('202610')}/packages",
        mark_shipped_by_lists,
        scopes=BASIC,
        body=f"order_line_list[{{order_line_id sub_item_id}}] {INFOS.format('')}",
    ),
    Operation(
        "updateShippingInfo",
        "POST",
        f"{OF_ORDER.format('202309')}/shipping_info/update",
        update_order_shipping,
        scopes=("seller.logistics",),
        body=SHIPPING,
        invalid_code=36009004,
    ),
    Operation(
        "updatePackageShippingInfo",
        "POST",
        f"{OF_PACKAGE.format('202309')}/shipping_info/update",
        update_package_shipping,
        scopes=BASIC,
        body=SHIPPING,
        invalid_code=36009004,
    ),
    Operation(
        "updatePackageShippingInfoByLists",
        "POST",
        f"{OF_PACKAGE.format('202610')}/shipping_info/update",
        update_package_shipping_by_lists,
        scopes=BASIC,
        body=INFOS.format("!"),
        invalid_code=36009004,
    ),
)
