"""Order API: ``getOrderList``, ``getOrderDetail``, ``getPriceDetail``. One entry of ``line_items`` for each unit; totals are before tax in the US."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from stores.sandbox.tiktok import addresses, images, paging
from stores.sandbox.tiktok.answers import Refusal
from stores.sandbox.tiktok.delivery import option_with_id
from stores.sandbox.tiktok.operations import Call, Operation
from stores.sandbox.tiktok.records import Line, OrderFilter, Package, PlacedOrder, Status

SCOPES = ("seller.order.info",)
IDS_LIMIT = 50
CENT = Decimal("0.01")
SHIPPED = (Status.AWAITING_COLLECTION, Status.IN_TRANSIT, Status.DELIVERED, Status.COMPLETED)


# --- lists and detail -------------------------------------------------------------------------------------------------------
def search_orders(call: Call) -> dict[str, Any]:
    """Answer ``getOrderList``. The page after a token begins behind the last order shown, wherever that is by now."""
    step = paging.size(call, at_most=100)
    wanted = _wanted(call)
    found = call.world.books.find_orders(wanted, now=call.now)
    start = _start(call, found, wanted, step)
    page = found[start : start + step]
    rest = start + step < len(found)
    orders = [order for _stamp, order_id in page if (order := call.world.books.order(order_id)) is not None]
    return {
        "orders": [shaped(call, order) for order in orders],
        "total_count": len(found),
        "next_page_token": paging.token(call, after=list(page[-1])) if rest and page else "",
    }


def _start(call: Call, found: Sequence[tuple[int, str]], wanted: OrderFilter, step: int) -> int:
    after = paging.place(call).get("after")
    if after is None:
        return 0
    last = (int(after[0]), str(after[1]))
    start = next((number for number, row in enumerate(found) if (row > last if wanted.ascending else row < last)), len(found))
    if call.strike("page_repeats") is not None:
        start = max(0, start - step)
    shift = call.strike("pages_shift")
    return max(0, start - int(shift["by"])) if shift else start


def _wanted(call: Call) -> OrderFilter:
    body, query = call.body, call.query
    if len(body.get("warehouse_ids", ())) > 100:
        raise call.invalid("warehouse_ids holds more than 100 values")
    return OrderFilter(
        shop_id=call.shop.shop_id,
        by="updated" if query.get("sort_field") == "update_time" else "created",
        ascending=query.get("sort_order") == "ASC",
        status=body.get("order_status", ""),
        shipping_type=body.get("shipping_type", ""),
        buyer_user_id=body.get("buyer_user_id", ""),
        cancel_asked=body.get("is_buyer_request_cancel"),
        warehouse_ids=tuple(body.get("warehouse_ids", ())),
        created=_window(body, "create_time"),
        updated=_window(body, "update_time"),
    )


def _window(body: Any, name: str) -> tuple[int, int]:
    # [L] TikTok lets an open end default to "now"; ours is open, so that a change of this very second is not missed on a clock that stands.
    return body.get(f"{name}_ge", 0), body.get(f"{name}_lt", 2**53)


def get_orders(call: Call) -> dict[str, Any]:
    """Answer ``getOrderDetail``: up to fifty by id. What does not exist is left out [L]; what is another shop's is refused."""
    if len(call.query["ids"]) > IDS_LIMIT:
        raise call.invalid(f"ids holds more than {IDS_LIMIT} values")
    orders = [order for order_id in dict.fromkeys(call.query["ids"]) if (order := _read(call, order_id)) is not None]
    if any(order.shop_id != call.shop.shop_id for order in orders):
        raise Refusal(21008111)
    return {"orders": [shaped(call, order) for order in orders]}


def _read(call: Call, order_id: str) -> PlacedOrder | None:
    delayed = call.strike("read_back_delayed", order_id=order_id)
    as_of = call.now - call.world.clock.shortened(delayed["seconds"]) if delayed else None
    return call.world.books.order(order_id, as_of=as_of)


def shaped(call: Call, order: PlacedOrder) -> dict[str, Any]:
    """Return an order in TikTok's shape, with what scenarios break in it."""
    body = shape(call, order)
    masked = call.strike("address_masked", order_id=order.order_id) if "recipient_address" in body else None
    if masked is not None:
        body["recipient_address"] = addresses.shape(order.address, masked=True)
    unknown = call.strike("unknown_status", order_id=order.order_id)
    if unknown is not None:
        body["status"] = unknown["status"]
    if call.strike("malformed_order", order_id=order.order_id) is not None:
        body["line_items"] = "unreadable"
    return body


# --- the shape --------------------------------------------------------------------------------------------------------------
def shape(call: Call, order: PlacedOrder) -> dict[str, Any]:
    """Return an order in TikTok's shape."""
    packages = {package.package_id: package for package in call.world.books.packages_of(order.order_id)}
    option = option_with_id(order.delivery_option_id)
    body: dict[str, Any] = {
        "id": order.order_id,
        "status": order.status,
        "order_type": order.order_type,
        "create_time": int(order.created),
        "update_time": order.updated,
        "user_id": order.buyer_user_id,
        "buyer_email": order.buyer_email,
        "buyer_message": order.buyer_message,
        "seller_note": order.seller_note,
        "fulfillment_type": f"FULFILLMENT_BY_{order.fulfilled_by}",
        "shipping_type": order.shipping_type,
        "delivery_type": "HOME_DELIVERY",
        "delivery_option_id": order.delivery_option_id,
        "delivery_option_name": option.name if option else "",
        "warehouse_id": order.warehouse_id,
        "payment_method_name": "Visa",
        "payment": payment(order),
        "line_items": [_line(call, order, line, packages.get(line.package_id)) for line in order.lines],
        "packages": [{"id": package_id} for package_id in packages],
        "is_on_hold_order": order.holds,
        "is_buyer_request_cancel": bool(order.cancel_asked),
        "has_updated_recipient_address": order.address_changed,
        "is_cod": False,
        "is_sample_order": False,
        "is_replacement_order": bool(order.replaces),
        "is_exchange_order": False,
    }
    address = addresses.recipient(call.world, order)
    if address is not None:
        body["recipient_address"] = address
    if len(packages) > 1:
        body["split_or_combine_tag"] = "SPLIT"
    if order.replaces:
        body["replaced_order_id"] = order.replaces
    if order.handling_days:
        body["handling_duration"] = {"days": str(order.handling_days), "type": "BUSINESS_DAY"}
    if packages:
        first = next(iter(packages.values()))
        body |= {"tracking_number": first.tracking_number, "shipping_provider": first.provider_name, "shipping_provider_id": first.provider_id}
    if order.cancel_reason:
        body |= {"cancel_reason": order.cancel_reason, "cancellation_initiator": order.cancelled_by}
    return body | {name: int(at) for name, at in _times(order).items() if at}


def _times(order: PlacedOrder) -> dict[str, float]:
    return {
        "paid_time": order.paid,
        "rts_sla_time": order.ship_by,
        "tts_sla_time": order.collect_by,
        "shipping_due_time": order.cancel_at,
        "cancel_order_sla_time": order.cancel_at,
        "collection_due_time": order.collect_by,
        "delivery_sla_time": order.deliver_by,
        "delivery_due_time": order.deliver_by and order.deliver_by + 30 * 86_400,
        "rts_time": order.rts_time,
        "collection_time": order.collected,
        "delivery_time": order.delivered,
        "cancel_time": order.cancelled,
        "request_cancel_time": order.cancel_asked,
    }


def _line(call: Call, order: PlacedOrder, line: Line, package: Package | None) -> dict[str, Any]:
    sale = Decimal(line.price) - Decimal(line.seller_discount)
    body: dict[str, Any] = {
        "id": line.line_id,
        "sku_id": line.sku_id,
        "product_id": line.product_id,
        "product_name": line.product_name,
        "sku_name": line.sku_name,
        "sku_image": images.url(call.base_url, line.image) if line.image else "",
        "seller_sku": line.seller_sku,
        "sku_type": order.order_type if order.order_type in ("PRE_ORDER", "MADE_TO_ORDER") else "NORMAL",
        "display_status": line.status,
        "currency": order.currency,
        "original_price": line.price,
        "sale_price": f"{sale:.2f}",
        "seller_discount": line.seller_discount,
        "platform_discount": "0.00",
        "is_gift": False,
        "is_dangerous_good": False,
        "needs_prescription": False,
        "item_tax": [{"tax_type": "SALES_TAX", "tax_amount": f"{tax(order, sale):.2f}", "tax_rate": order.tax_rate}],
    }
    if package is not None:
        body |= {
            "package_id": package.package_id,
            "package_status": package.status,
            "tracking_number": package.tracking_number,
            "shipping_provider_id": package.provider_id,
            "shipping_provider_name": package.provider_name,
        }
    if line.shipped:
        body["rts_time"] = int(line.shipped)
    if line.cancel_reason:
        body |= {"cancel_reason": line.cancel_reason, "cancel_user": line.cancel_user}
    if line.pod_info_id:
        body |= {"is_pod_customized": True, "pod_info_id": line.pod_info_id}
    return body


# --- money ------------------------------------------------------------------------------------------------------------------
def tax(order: PlacedOrder, amount: Decimal) -> Decimal:
    """Return the sales tax on an amount."""
    return (amount * Decimal(order.tax_rate)).quantize(CENT, ROUND_HALF_UP)


def payment(order: PlacedOrder) -> dict[str, str]:
    """Return what the buyer paid, cancelled units included."""
    original = sum((Decimal(line.price) for line in order.lines), Decimal(0))
    discount = sum((Decimal(line.seller_discount) for line in order.lines), Decimal(0))
    product_tax = sum((tax(order, Decimal(line.price) - Decimal(line.seller_discount)) for line in order.lines), Decimal(0))
    fee = Decimal(order.shipping_fee)
    sums = {
        "sub_total": original - discount,
        "shipping_fee": fee,
        "seller_discount": discount,
        "platform_discount": Decimal(0),
        "total_amount": original - discount + fee + product_tax,
        "original_total_product_price": original,
        "original_shipping_fee": fee,
        "shipping_fee_seller_discount": Decimal(0),
        "shipping_fee_platform_discount": Decimal(0),
        "tax": product_tax,
        "product_tax": product_tax,
        "shipping_fee_tax": Decimal(0),
    }
    return {"currency": order.currency, **{name: f"{amount:.2f}" for name, amount in sums.items()}}


def price_detail(call: Call) -> dict[str, Any]:
    """Answer ``getPriceDetail``."""
    order = call.world.books.order(call.path["order_id"])
    if order is None or order.shop_id != call.shop.shop_id:
        raise Refusal(21008111)
    paid = payment(order)
    rows = []
    for line in order.lines:
        sale = Decimal(line.price) - Decimal(line.seller_discount)
        rows.append({"id": line.line_id, **_prices(order, Decimal(line.price), sale, tax(order, sale))})
    total = Decimal(paid["total_amount"])
    whole = _prices(order, Decimal(paid["original_total_product_price"]), Decimal(paid["sub_total"]), Decimal(paid["tax"]))
    shipping = {"shipping_list_price": paid["original_shipping_fee"], "shipping_sale_price": paid["shipping_fee"]}
    return {**whole, **shipping, "payment": f"{total:.2f}", "total": f"{total:.2f}", "line_items": rows}


def _prices(order: PlacedOrder, listed: Decimal, sale: Decimal, taxed: Decimal) -> dict[str, str]:
    amounts = {
        "sku_list_price": listed,
        "sku_sale_price": sale,
        "subtotal": sale,
        "subtotal_deduction_seller": listed - sale,
        "subtotal_tax_amount": taxed,
        "tax_amount": taxed,
        "net_price_amount": sale,
        "payment": sale + taxed,
        "total": sale + taxed,
    }
    return {"currency": order.currency, "tax_rate": order.tax_rate, **{name: f"{amount:.2f}" for name, amount in amounts.items()}}


OPERATIONS = (
    Operation(
        "getOrderList",
        "POST",
        "/order/202309/orders/search",
        search_orders,
        scopes=SCOPES,
        query="page_size!:int sort_order=ASC|DESC page_token sort_field=create_time|update_time",
        body=(
            "order_status=UNPAID|ON_HOLD|AWAITING_SHIPMENT|PARTIALLY_SHIPPING|AWAITING_COLLECTION|IN_TRANSIT|DELIVERED|COMPLETED|CANCELLED"
            " create_time_ge:int create_time_lt:int update_time_ge:int update_time_lt:int shipping_type=TIKTOK|SELLER|TIKTOK_DIGITAL buyer_user_id"
            " is_buyer_request_cancel:bool warehouse_ids[]"
        ),
        invalid_code=36009004,
    ),
    Operation("getOrderDetail", "GET", "/order/202507/orders", get_orders, scopes=SCOPES, query="ids!:list", invalid_code=36009004),
    Operation("getPriceDetail", "GET", "/order/202407/orders/{order_id}/price_detail", price_detail, scopes=SCOPES),
)
