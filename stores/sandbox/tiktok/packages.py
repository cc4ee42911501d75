"""Fulfilment API, packages: search, detail, tracking, and splitting an order before it is shipped."""

from __future__ import annotations

from typing import Any

from stores.sandbox.tiktok import addresses, images, lifecycle, paging, parcels, webhooks
from stores.sandbox.tiktok.answers import Refusal
from stores.sandbox.tiktok.delivery import OPTIONS, option_with_id
from stores.sandbox.tiktok.operations import Call, Operation
from stores.sandbox.tiktok.records import Package, PlacedOrder, Status
from stores.sandbox.tiktok.shipping import BASIC

SPLIT_SCOPE = ("seller.fulfillment.package.write",)


def search_packages(call: Call) -> dict[str, Any]:
    """Answer ``searchPackage``."""
    body, by_update = call.body, call.query.get("sort_field") == "update_time"
    status = body.get("package_status")
    rows = [
        package
        for package in call.world.books.packages(call.shop.shop_id)
        if status in (None, package.status)
        and paging.within(body, "create_time", package.created)
        and paging.within(body, "update_time", package.updated)
    ]
    rows.sort(key=lambda row: (row.updated if by_update else row.created, row.package_id), reverse=call.query.get("sort_order") != "ASC")
    page, token = paging.slice_of(call, rows, step=paging.size(call, at_most=50))
    return {"packages": [_row(call, package) for package in page], "total_count": len(rows), "next_page_token": token}


def _row(call: Call, package: Package) -> dict[str, Any]:
    return {
        "id": package.package_id,
        "orders": [{"id": package.order_id, "skus": _skus(call, package)}],
        "create_time": int(package.created),
        "update_time": package.updated,
        "status": package.status,
        "tracking_number": package.tracking_number,
        "shipping_provider_name": package.provider_name,
        "shipping_provider_id": package.provider_id,
        "order_line_item_ids": package.line_ids,
    }


def _order(call: Call, package: Package) -> PlacedOrder:
    order = call.world.books.order(package.order_id)
    assert order is not None, "a package without its order"
    return order


def _skus(call: Call, package: Package) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for line in _order(call, package).lines:
        if line.line_id in package.line_ids:
            row = rows.setdefault(
                line.sku_id, {"id": line.sku_id, "name": line.sku_name, "image_url": images.url(call.base_url, line.image), "quantity": 0}
            )
            row["quantity"] += 1
    return list(rows.values())


def get_package(call: Call) -> dict[str, Any]:
    """Answer ``getPackageDetail``."""
    package = call.world.books.package(call.path["package_id"])
    if package is None or package.shop_id != call.shop.shop_id:
        raise Refusal(10006402)
    order = _order(call, package)
    option, skus = option_with_id(order.delivery_option_id), _skus(call, package)
    masked = addresses.is_masked(call.world, order)
    shown = addresses.shape(order.address, masked=masked)
    body: dict[str, Any] = {
        "package_id": package.package_id,
        "orders": [{"id": order.order_id, "skus": skus}],
        "package_status": package.status,
        "split_and_combine_tag": "SPLIT" if len(call.world.books.packages_of(order.order_id)) > 1 else "DEFAULT",
        "has_multi_skus": len(skus) > 1,
        "note_tag": "BUYER_NOTED" if order.buyer_message else "BUYER_UNNOTED",
        "shipping_provider_name": package.provider_name,
        "shipping_provider_id": package.provider_id,
        "shipping_type": package.shipping_type,
        "delivery_option_name": option.name if option else "",
        "delivery_option_id": order.delivery_option_id,
        "tracking_number": package.tracking_number,
        "create_time": int(package.created),
        "update_time": package.updated,
        "order_line_item_ids": package.line_ids,
        "recipient_address": {name: shown[name] for name in OF_ADDRESS},
    }
    for name in ("weight", "dimension", "pickup_slot", "handover_method"):
        if getattr(package, name):
            body[name] = getattr(package, name)
    return body


OF_ADDRESS = (
    "full_address", "phone_number", "name", "postal_code", "address_detail", "region_code", "address_line1", "address_line2", "address_line3",
    "address_line4",
)  # fmt: skip


def tracking(call: Call) -> dict[str, Any]:
    """Answer ``getTracking``: what carriers said, newest first."""
    order = call.world.books.order(call.path["order_id"])
    if order is None or order.shop_id != call.shop.shop_id:
        return {"tracking": []}
    said = []
    for package in call.world.books.packages_of(order.order_id):
        said += [(package.shipped, "The seller has arranged shipment."), (package.collected, "Your package was picked up by the carrier.")]
        said.append((package.delivered, "Your package was delivered!"))
    rows = sorted(((at, text) for at, text in said if at), reverse=True)
    return {"tracking": [{"description": text, "update_time_millis": int(at * 1000)} for at, text in rows]}


def is_tiktoks(call: Call) -> dict[str, Any]:
    """Answer ``ttsTrackingValidation``."""
    number = call.query["tracking_number"]
    own = any(package.tracking_number == number and package.shipping_type == "TIKTOK" for package in call.world.books.packages(call.shop.shop_id))
    return {"is_tiktok_shipping": own, "is_tiktok_collection": False}


# --- splitting --------------------------------------------------------------------------------------------------------------
def _why_not(order: PlacedOrder | None) -> str:
    if order is None:
        return "Order not found"
    if order.status == Status.CANCELLED:
        return "Order has been canceled"
    if order.status != Status.AWAITING_SHIPMENT:
        return "Order is not awaiting shipment"
    return "" if len(order.lines_left) > 1 else "Order has a single item"


def split_attributes(call: Call) -> dict[str, Any]:
    """Answer ``getOrderSplitAttributes``."""
    rows = []
    for order_id in call.query["order_ids"]:
        order = call.world.books.order(order_id)
        reason = _why_not(order if order and order.shop_id == call.shop.shop_id else None)
        rows.append({"order_id": order_id, "can_split": not reason, "reason": reason, "must_split": False})
    return {"split_attributes": rows}


def split(call: Call) -> dict[str, Any]:
    """Answer ``splitOrders``: each group of units becomes a package that waits to be shipped."""
    with call.world.books.transaction():
        order = call.world.books.order(call.path["order_id"])
        if order is None or order.shop_id != call.shop.shop_id or _why_not(order):
            raise Refusal(21011035)
        groups = call.body["splittable_groups"]
        named = [line_id for group in groups for line_id in group["order_line_item_ids"]]
        if len(groups) < 2 or sorted(named) != sorted(line.line_id for line in order.lines_left):
            raise Refusal(21011005)
        made = []
        for group in groups:
            package = parcels.new_package(call.world, order, group["order_line_item_ids"], at=call.now)
            parcels.keep(call.world, package, at=call.now)
            made.append((group["id"], package.package_id))
        lifecycle.save(call.world, order, at=call.now)
        call.world.note(order.shop_id, "order_split", {"packages": [package_id for _id, package_id in made]}, at=call.now, order_id=order.order_id)
    tell = {
        "sc_type": "SPLIT",
        "role_type": "ROLE_SELLER",
        "package_list": [{"package_id": package_id, "order_id_list": [order.order_id]} for _id, package_id in made],
        "update_time": order.updated,
    }
    webhooks.announce(call.world, "PACKAGE_UPDATE", tell, shop_id=order.shop_id, at=call.now)
    return {"packages": [{"splittable_group_id": group_id, "id": package_id} for group_id, package_id in made]}


# --- logistics --------------------------------------------------------------------------------------------------------------
def warehouses(call: Call) -> dict[str, Any]:
    """Answer ``getWarehouseList``."""
    region = {"US": "United States", "GB": "United Kingdom"}.get(call.shop.region, call.shop.region)
    return {
        "warehouses": [
            {
                "id": place.warehouse_id,
                "entity_id": f"{place.warehouse_id[:-2]}99",
                "name": place.name,
                "effect_status": "ENABLED",
                "type": place.kind,
                "sub_type": "DOMESTIC_WAREHOUSE",
                "is_default": place.default,
                "address": {
                    "region": region,
                    "region_code": call.shop.region,
                    "state": place.state,
                    "city": place.city,
                    "postal_code": place.postcode,
                    "address_line1": place.street,
                    "full_address": f"{place.street}, {place.city}, {place.state} {place.postcode}",
                    "contact_person": call.shop.name,
                    "phone_number": "213****0100",
                },
            }
            for place in call.shop.warehouses
        ]
    }


def delivery_options(call: Call) -> dict[str, Any]:
    """Answer ``getWarehouseDeliveryOptions``; a warehouse of somebody else has none."""
    if not any(place.warehouse_id == call.path["warehouse_id"] for place in call.shop.warehouses):
        return {"delivery_options": []}
    return {
        "delivery_options": [
            {
                "id": option.option_id,
                "name": option.name,
                "type": option.kind,
                "description": option.name,
                "dimension_limit": {"max_height": 100, "max_length": 100, "max_width": 100, "unit": "INCH"},
                "weight_limit": {"max_weight": 31_751, "min_weight": 1, "unit": "GRAM"},
                "platform": ["TIKTOK_SHOP"],
            }
            for option in OPTIONS.get(call.shop.region, ())
        ]
    }


def shipping_providers(call: Call) -> dict[str, Any]:
    """Answer ``getShippingProviders``: none where TikTok ships."""
    option = option_with_id(call.path["delivery_option_id"])
    if option is None or option not in OPTIONS.get(call.shop.region, ()):
        raise Refusal(21008116)
    if option.shipping_type == "TIKTOK":
        raise Refusal(21008117)
    return {"shipping_providers": [{"id": provider.provider_id, "name": provider.name} for provider in option.providers]}


LOGISTICS = ("seller.logistics",)
OPERATIONS = (
    Operation(
        "searchPackage",
        "POST",
        "/fulfillment/202309/packages/search",
        search_packages,
        scopes=BASIC,
        query="page_size!:int sort_field=create_time|update_time|order_pay_time sort_order=ASC|DESC page_token",
        body="create_time_ge:int create_time_lt:int update_time_ge:int update_time_lt:int package_status",
        invalid_code=36009004,
    ),
    Operation("getPackageDetail", "GET", "/fulfillment/202309/packages/{package_id}", get_package, scopes=BASIC, invalid_code=36009004),
    Operation("getTracking", "GET", "/fulfillment/202309/orders/{order_id}/tracking", tracking, scopes=LOGISTICS, invalid_code=36009004),
    Operation(
        "ttsTrackingValidation",
        "GET",
        "/fulfillment/202508/tts_tracking_validation",
        is_tiktoks,
        scopes=LOGISTICS,
        query="tracking_number!",
        invalid_code=36009004,
    ),
    Operation(
        "getOrderSplitAttributes",
        "GET",
        "/fulfillment/202309/orders/split_attributes",
        split_attributes,
        scopes=SPLIT_SCOPE,
        query="order_ids!:list",
        invalid_code=36009004,
    ),
    Operation(
        "splitOrders",
        "POST",
        "/fulfillment/202309/orders/{order_id}/split",
        split,
        scopes=SPLIT_SCOPE,
        body="splittable_groups![{id! order_line_item_ids![]}]",
        invalid_code=36009004,
    ),
    Operation("getWarehouseList", "GET", "/logistics/202309/warehouses", warehouses, scopes=LOGISTICS),
    Operation(
        "getWarehouseDeliveryOptions",
        "GET",
        "/logistics/202309/warehouses/{warehouse_id}/delivery_options",
        delivery_options,
        scopes=LOGISTICS,
        query="scope",
    ),
    Operation(
        "getShippingProviders",
        "GET",
        "/logistics/202309/delivery_options/{delivery_option_id}/shipping_providers",
        shipping_providers,
        scopes=("seller.fulfillment.basic", "seller.logistics"),
    ),
)
