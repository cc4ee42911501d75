"""Orders API 2026-01-01: ``searchOrders`` and ``getOrder``.

A list is a view of one moment, the horizon: two minutes ago. It never shows a younger change, and all its pages show the same moment. What an
answer holds beyond numbers, times and products is chosen by ``includedData``; personal data comes only for paid orders.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

from stores.sandbox import page_tokens
from stores.sandbox.amazon import customization
from stores.sandbox.amazon.answers import Answer, invalid, not_found
from stores.sandbox.amazon.marketplaces import MARKETPLACES
from stores.sandbox.amazon.operations import Call, Operation, checked_order_id
from stores.sandbox.amazon.records import OrderedItem, OrderFilter, Package, PlacedOrder, Status
from stores.sandbox.amazon.strict import Param
from stores.sandbox.amazon.world import DATA_LAG_S, PAGE_TOKEN_S
from stores.sandbox.clock import iso

INCLUDED_DATA = (
    "BUYER", "RECIPIENT", "PROCEEDS", "EXPENSE", "PROMOTION", "CANCELLATION", "FULFILLMENT", "PACKAGES", "TAX", "PAYMENT", "FULFILLMENT_ORDERS",
)  # fmt: skip
TWO_YEARS_S = 2 * 365 * 86_400  # amazon.md §5: older orders are not returned
NOT_PAID = (Status.PENDING, Status.PENDING_AVAILABILITY)
# The model lets these two change between pages; everything else must be repeated unchanged.
MAY_CHANGE_BETWEEN_PAGES = ("paginationToken", "maxResultsPerPage", "includedData")


def search_orders(call: Call) -> Answer:
    """Answer ``searchOrders``. Sorted by the time asked for, oldest first [L: Amazon publishes no order]."""
    query, now = call.query, call.world.clock.epoch()
    wanted, by = _wanted(call, now)
    horizon, start = now - call.world.clock.shortened(DATA_LAG_S), 0
    before = int(min(wanted.before, horizon))
    size = query.get("maxResultsPerPage", 100)
    if "paginationToken" in query:
        place = _read_token(call, query["paginationToken"], now)
        horizon, before, start = place["horizon"], place["before"], place["start"]
        if call.strike("page_repeats") is not None:
            start = max(0, start - place["size"])
        shift = call.strike("pages_shift")
        if shift is not None:
            start = max(0, start - int(shift["by"]))
    found = call.world.books.find_orders(
        OrderFilter(wanted.seller_id, wanted.marketplace_ids, wanted.by, wanted.after, before, wanted.statuses, wanted.fulfilled_by), horizon=horizon
    )
    page = [call.world.books.order(order_id, as_of=horizon) for order_id in found[start : start + size]]
    body: dict[str, Any] = {"orders": [_shaped(call, order) for order in page if order is not None]}
    if start + size < len(found):
        token = {"horizon": horizon, "before": before, "start": start + size, "size": size}
        body["pagination"] = {"nextToken": _write_token(call, token, now)}
    body["createdBefore" if by == "created" else "lastUpdatedBefore"] = iso(before)
    return Answer(200, body)


def _wanted(call: Call, now: float) -> tuple[OrderFilter, str]:
    """Check the times and return what to look for."""
    query = call.query
    if ("createdAfter" in query) == ("lastUpdatedAfter" in query):
        raise invalid("Invalid Input", details="Give exactly one of createdAfter and lastUpdatedAfter.")
    by, other = ("created", "lastUpdated") if "createdAfter" in query else ("lastUpdated", "created")
    for name in (f"{other}After", f"{other}Before"):
        if name in query:
            raise invalid("Invalid Input", details=f"{name} may not be given together with {by}After.")
    after, before = query[f"{by}After"], query.get(f"{by}Before")
    youngest = now - call.world.clock.shortened(DATA_LAG_S)
    if after > now:
        raise invalid("Invalid Input", details=f"{by}After is in the future.")
    if before is not None:
        if before > youngest:
            raise invalid("Invalid Input", details=f"{by}Before must be at least two minutes before the time of the request.")
        if before < after:
            raise invalid("Invalid Input", details=f"{by}Before is earlier than {by}After.")
    return (
        OrderFilter(
            call.seller.seller_id,
            call.marketplaces(query.get("marketplaceIds")),
            "created" if by == "created" else "updated",
            # A fraction of a second in the question means "from the next whole second on": stamps are whole seconds.
            int(-(-max(after, now - TWO_YEARS_S) // 1)),
            int(before if before is not None else youngest),
            query.get("fulfillmentStatuses", ()),
            query.get("fulfilledBy", ()),
        ),
        by,
    )


def _bound(call: Call) -> str:
    """Return a fingerprint of the parameters a page token belongs to."""
    kept = {name: value for name, value in call.query.items() if name not in MAY_CHANGE_BETWEEN_PAGES}
    return page_tokens.bound(call.world, call.seller.seller_id, kept)


def _write_token(call: Call, place: Mapping[str, Any], now: float) -> str:
    return page_tokens.write(call.world, {**place, "bound": _bound(call), "expires": now + call.world.clock.shortened(PAGE_TOKEN_S)})


def _read_token(call: Call, token: str, now: float) -> dict[str, Any]:
    place = page_tokens.read(call.world, token)
    if place is None:
        raise invalid("Invalid Input", details="paginationToken is not a token of this operation.")
    if place["expires"] <= now:
        raise invalid("Invalid Input", details="paginationToken has expired.")
    if place["bound"] != _bound(call):
        raise invalid("Invalid Input", details="paginationToken belongs to other parameters; repeat those of the first page.")
    return place


def get_order(call: Call) -> Answer:
    """Answer ``getOrder``: the order as it is now [L: the two-minute lag is documented for lists only]."""
    order_id = checked_order_id(call.path["orderId"])
    delayed = call.strike("read_back_delayed")
    order = call.world.books.order(order_id)
    if order is not None and delayed is not None:
        as_of = call.world.clock.epoch() - call.world.clock.shortened(delayed["seconds"])
        # A delayed read cannot un-place an order; before its first change it shows it as it was placed.
        order = call.world.books.order(order_id, as_of=as_of) or call.world.books.order_as_placed(order_id)
    # Another seller's order is not told apart from one that does not exist.
    if order is None or order.seller_id != call.seller.seller_id:
        raise not_found("The requested order was not found.")
    return Answer(200, {"order": _shaped(call, order)})


def _shaped(call: Call, order: PlacedOrder) -> dict[str, Any]:
    """Return an order in Amazon's shape with the asked-for data sets, and with what scenarios break in it."""
    included = set(call.query.get("includedData", ()))
    if order.address and order.status not in NOT_PAID and call.strike("address_withheld", order_id=order.order_id) is not None:
        included.discard("RECIPIENT")
    shaped = shape(order, included, customization_url=lambda item: customization.link(call.world, call.base_url, order, item))
    unknown = call.strike("unknown_status", order_id=order.order_id)
    if unknown:
        shaped.setdefault("fulfillment", {})["fulfillmentStatus"] = unknown["status"]
    if call.strike("malformed_order", order_id=order.order_id) is not None:
        shaped["orderItems"] = "unreadable"
    return shaped


def shape(order: PlacedOrder, included: Collection[str], *, customization_url: Callable[[OrderedItem], str]) -> dict[str, Any]:
    """Return an order in Amazon's shape. Pure but for the links that ``customization_url(item)`` makes."""
    site = MARKETPLACES[order.marketplace_id]
    paid = order.status not in NOT_PAID
    body: dict[str, Any] = {
        "orderId": order.order_id,
        "createdTime": iso(order.created),
        "lastUpdatedTime": iso(order.stamp),
        "programs": order.programs,
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": site.id, "marketplaceName": site.name},
        "orderItems": [_item(order, item, included, customization_url) for item in order.items],
    }
    if order.replaces:
        body["associatedOrders"] = [{"orderId": order.replaces, "associationType": "REPLACEMENT_ORIGINAL_ID"}]
    # amazon.md §5: a pending order has no address yet. [M] Nor buyer or totals, as v0 answers them.
    if "BUYER" in included and paid:
        buyer = {"buyerName": order.buyer_name}
        if order.fulfilled_by == "MERCHANT":
            buyer["buyerEmail"] = order.buyer_email
        body["buyer"] = buyer
    if "RECIPIENT" in included and paid and order.address:
        body["recipient"] = {"deliveryAddress": order.address}
    if "PROCEEDS" in included and paid:
        body["proceeds"] = {"grandTotal": _money(f"{order.total:.2f}", order.currency)}
    if "FULFILLMENT" in included:
        body["fulfillment"] = _fulfillment(order)
    if "PACKAGES" in included and order.fulfilled_by == "MERCHANT":
        body["packages"] = [_package(package) for package in order.packages]
    return body


def _money(amount: str, currency: str) -> dict[str, str]:
    return {"amount": amount, "currencyCode": currency}


def _fulfillment(order: PlacedOrder) -> dict[str, Any]:
    return {
        "fulfillmentStatus": order.status.value,
        "fulfilledBy": order.fulfilled_by,
        "fulfillmentServiceLevel": order.service_level,
        "shipByWindow": {"earliestDateTime": iso(order.ship_from), "latestDateTime": iso(order.ship_by)},
        "deliverByWindow": {"earliestDateTime": iso(order.deliver_from), "latestDateTime": iso(order.deliver_by)},
    }


def _item(order: PlacedOrder, item: OrderedItem, included: Collection[str], customization_url: Callable[[OrderedItem], str]) -> dict[str, Any]:
    product: dict[str, Any] = {
        "asin": item.asin,
        "title": item.title,
        "condition": {"conditionType": "NEW", "conditionSubtype": "NEW", "conditionNote": ""},
        "price": {"unitPrice": _money(item.unit_price, order.currency)},
    }
    if item.sku:
        product["sellerSku"] = item.sku
    # Empty without personal-data permission, so also empty while the order is not paid (amazon.md §5, Amazon Custom).
    if item.personalisation and order.status not in NOT_PAID:
        product["customization"] = {"customizedUrl": customization_url(item)}
    body: dict[str, Any] = {"orderItemId": item.order_item_id, "quantityOrdered": item.quantity, "product": product}
    if "PROCEEDS" in included and order.status not in NOT_PAID:
        line = _money(f"{Decimal(item.unit_price) * item.quantity:.2f}", order.currency)
        body["proceeds"] = {"proceedsTotal": line, "breakdowns": [{"type": "ITEM", "subtotal": line}]}
    if "CANCELLATION" in included and (item.cancel_requested or item.cancelled_by):
        cancellation: dict[str, Any] = {}
        if item.cancel_requested:
            cancellation["cancellationRequest"] = {"requester": "BUYER", "cancelReason": item.cancel_reason}
        if item.cancelled_by:
            cancellation["cancellationExecution"] = {"cancelledBy": item.cancelled_by, "cancelReason": item.cancelled_reason}
        body["cancellation"] = cancellation
    if "FULFILLMENT" in included:
        done = item.quantity if order.fulfilled_by == "AMAZON" and order.status == Status.SHIPPED else order.shipped(item.order_item_id)
        fulfillment: dict[str, Any] = {
            "quantityFulfilled": done,
            "quantityUnfulfilled": 0 if order.status == Status.CANCELLED or item.cancelled_by else item.quantity - done,
        }
        if item.gift_message or item.gift_wrap:
            gift = {"giftMessage": item.gift_message, "giftWrapLevel": item.gift_wrap}
            fulfillment["packing"] = {"giftOption": {name: value for name, value in gift.items() if value}}
        body["fulfillment"] = fulfillment
    return body


def _package(package: Package) -> dict[str, Any]:
    body: dict[str, Any] = {
        "packageReferenceId": package.reference,
        "createdTime": iso(package.created),
        "packageStatus": {"status": "SHIPPED"},
        "shipTime": iso(package.ship_date),
        "trackingNumber": package.tracking_number,
        "packageItems": [
            {
                "orderItemId": order_item_id,
                "quantity": quantity,
                **({"transparencyCodes": package.transparency_codes[order_item_id]} if order_item_id in package.transparency_codes else {}),
            }
            for order_item_id, quantity in package.quantities.items()
        ],
    }
    if package.carrier_shown:
        body["carrier"] = package.carrier_shown
    if package.shipping_method:
        body["shippingService"] = package.shipping_method
    return body


OPERATIONS = (
    Operation(
        "searchOrders",
        "GET",
        "/orders/2026-01-01/orders",
        search_orders,
        params=(
            Param("createdAfter", "datetime"),
            Param("createdBefore", "datetime"),
            Param("lastUpdatedAfter", "datetime"),
            Param("lastUpdatedBefore", "datetime"),
            Param("fulfillmentStatuses", "list", allowed=tuple(Status)),
            Param("marketplaceIds", "list", at_most=50),
            Param("fulfilledBy", "list", allowed=("MERCHANT", "AMAZON")),
            Param("maxResultsPerPage", "int", at_least=1, at_most=100),
            Param("paginationToken"),
            Param("includedData", "list", allowed=INCLUDED_DATA),
        ),
    ),
    Operation("getOrder", "GET", "/orders/2026-01-01/orders/{orderId}", get_order, params=(Param("includedData", "list", allowed=INCLUDED_DATA),)),
)
