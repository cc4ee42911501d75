"""What cancellations and returns have in common at the API: windows, order, amounts, units, and keys that make a repetition harmless (tiktok.md §8)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from stores.sandbox.tiktok import images, orders, paging
from stores.sandbox.tiktok.answers import Refusal
from stores.sandbox.tiktok.operations import Call
from stores.sandbox.tiktok.records import AfterSale, Line, PlacedOrder

SCOPES = ("seller.return_refund.basic",)
SORTED = "sort_field=create_time|update_time sort_order=ASC|DESC page_size:int page_token"
IMAGES = "images[{image_id! mime_type height:int width:int}]"
IDEMPOTENCY_LIMIT = 255


def sorted_rows(call: Call, rows: list[Any]) -> list[Any]:
    """Return cancellations or returns in the order asked for; the default is by creation, oldest first."""
    by_update = call.query.get("sort_field") == "update_time"
    rows.sort(key=lambda row: row.updated if by_update else row.created, reverse=call.query.get("sort_order") == "DESC")
    return rows


def refund(order: PlacedOrder, lines: Iterable[Line], *, whole: bool) -> dict[str, str]:
    """Return what the buyer gets back for units; the shipping fee only with the whole order."""
    rows = list(lines)
    subtotal = sum((Decimal(line.price) - Decimal(line.seller_discount) for line in rows), Decimal(0))
    tax = sum((orders.tax(order, Decimal(line.price) - Decimal(line.seller_discount)) for line in rows), Decimal(0))
    fee = Decimal(order.shipping_fee) if whole else Decimal(0)
    return {
        "currency": order.currency,
        "refund_total": f"{subtotal + tax + fee:.2f}",
        "refund_subtotal": f"{subtotal:.2f}",
        "refund_shipping_fee": f"{fee:.2f}",
        "refund_tax": f"{tax:.2f}",
    }


def of_line(call: Call, order: PlacedOrder, line: Line) -> dict[str, Any]:
    """Return what cancellations and returns show of a unit."""
    image = call.world.books.image(line.image)
    return {
        "order_line_item_id": line.line_id,
        "sku_id": line.sku_id,
        "sku_name": line.sku_name,
        "product_name": line.product_name,
        "seller_sku": line.seller_sku,
        "product_image": {"url": images.url(call.base_url, line.image), "width": image.width if image else 0, "height": image.height if image else 0},
        "refund_amount": refund(order, [line], whole=False),
    }


def fits(call: Call, row: AfterSale) -> bool:
    """Say whether a cancellation or return lies in the windows, orders and buyers that a search names."""
    body, order = call.body, call.world.books.order(row.order_id)
    return (
        row.order_id in body.get("order_ids", (row.order_id,))
        and (order is None or order.buyer_user_id in body.get("buyer_user_ids", (order.buyer_user_id,)))
        and paging.within(body, "create_time", row.created)
        and paging.within(body, "update_time", row.updated)
    )


def own_order(call: Call, row: AfterSale | None) -> PlacedOrder:
    """Return the order of a cancellation or return of this shop, or refuse."""
    order = call.world.books.order(row.order_id) if row else None
    if row is None or order is None:
        raise Refusal(25007006)
    if row.shop_id != call.shop.shop_id:
        raise Refusal(25020005)
    return order


def once(call: Call, about: str, do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do something, or answer as before when this idempotency key did it already."""
    key = call.query.get("idempotency_key", "")
    if len(key) > IDEMPOTENCY_LIMIT:
        raise Refusal(25001001)
    fact = f"idempotency:{call.shop.shop_id}:{call.operation}:{about}:{key}"
    with call.world.books.transaction():
        known = call.world.books.fact(fact, "") if key else ""
        answered: dict[str, Any] = json.loads(known) if known else do()
        if key:
            call.world.books.set_fact(fact, json.dumps(answered))
    return answered


def chosen(order: PlacedOrder, body: Mapping[str, Any], left: list[Line]) -> list[str]:
    """Return the units a body names: by id, by SKU and quantity, or all that are left."""
    named = body.get("order_line_item_ids") or [row["order_line_item_id"] for row in body.get("order_line_list", [])]
    if named:
        return _known(order, named, {line.line_id for line in left})
    if body.get("skus"):
        return [line.line_id for row in body["skus"] for line in _of_sku(left, row)]
    return [line.line_id for line in left]


def _known(order: PlacedOrder, named: Iterable[str], left: set[str]) -> list[str]:
    ids = list(dict.fromkeys(named))
    if any(order.line(line_id) is None for line_id in ids):
        raise Refusal(25001001)
    if not set(ids) <= left:
        raise Refusal(25005011)
    return ids


def _of_sku(left: list[Line], row: Mapping[str, Any]) -> list[Line]:
    lines = [line for line in left if line.sku_id == row["sku_id"]]
    if not 1 <= row["quantity"] <= len(lines):
        raise Refusal(25005011)
    return lines[: row["quantity"]]
