"""The control door's part about orders: buying, and what happens to an order afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, request

from stores.sandbox import control
from stores.sandbox.clock import iso
from stores.sandbox.control import refuse_unknown
from stores.sandbox.tiktok import buying, order_actions, seed
from stores.sandbox.tiktok.buying import Basket, Purchase
from stores.sandbox.tiktok.orders import payment
from stores.sandbox.tiktok.records import Address, PlacedOrder, Product, ProductFilter
from stores.sandbox.tiktok.seller_records import Shop
from stores.sandbox.tiktok.world import World
from stores.sandbox.world import NotPossible

HOMES = {
    "US": {
        "line1": "1199 Coleman Ave",
        "city": "San Jose",
        "state": "California",
        "county": "Santa Clara",
        "postcode": "95110",
        "phone": "2135550123",
    },
    "GB": {"line1": "7 Harbour Road", "city": "Bristol", "state": "England", "postcode": "BS1 5TX", "phone": "7700900123"},
}
TIMES = (
    "created", "updated", "paid", "hold_until", "pay_until", "ship_by", "cancel_at", "collect_by", "deliver_by", "rts_time", "collected", "delivered",
    "completed", "cancelled", "cancel_asked",
)  # fmt: skip
OF_LINE = {"sku", "sku_id", "quantity", "personalisation", "personalisations", "price", "seller_discount"}
OF_ORDER = {
    "shop_id", "items", "buyer_name", "address", "paid", "holds", "shipping_type", "buyer_message", "order_type", "replaces", "buyer_user_id",
    "shipping_fee", "count",
}  # fmt: skip


def example_address(region: str, name: str) -> Address:
    """Return a made-up address in a market's own country."""
    first, _, last = name.partition(" ")
    return Address(first_name=first, last_name=last, region=region if region in HOMES else "US", **HOMES.get(region, HOMES["US"]))


def order_view(order: PlacedOrder) -> dict[str, Any]:
    """Return an order as the control door shows it: our record with readable times."""
    row = asdict(order)
    return {**row, **{name: iso(row[name]) if row[name] else None for name in TIMES}, "total": payment(order)["total_amount"]}


def place(world: World, wish: Mapping[str, Any]) -> PlacedOrder:
    """Place an order from the control door's JSON (see ``stores/sandbox/tiktok/README.md``)."""
    refuse_unknown(dict(wish), OF_ORDER | OF_LINE)
    shop = world.books.shop(str(wish.get("shop_id") or seed.ADA_SHOP.shop_id))
    if shop is None:
        raise NotPossible(f"There is no shop {wish['shop_id']}. Ask /_control/shops.")
    lines = wish.get("items") or [{name: wish[name] for name in OF_LINE if name in wish}]
    buyer = str(wish.get("buyer_name") or "Bea Buyer")
    address = example_address(shop.region, buyer)
    for name, value in wish.get("address", {}).items():
        setattr(address, name, str(value))
    plain = {
        name: str(wish[name])
        for name in ("shipping_type", "buyer_message", "order_type", "replaces", "buyer_user_id", "shipping_fee")
        if name in wish
    }
    return buying.place_order(
        world,
        Purchase(
            shop=shop,
            address=address,
            baskets=[_basket(world, shop, line) for line in lines],
            paid=bool(wish.get("paid", True)),
            holds=bool(wish.get("holds", True)),
            **plain,
        ),
    )


def _basket(world: World, shop: Shop, line: Mapping[str, Any]) -> Basket:
    refuse_unknown(dict(line), OF_LINE)
    product = _product(world, shop, line)
    sku = next(sku for sku in product.skus if sku.sku_id == line.get("sku_id") or sku.seller_sku == line.get("sku"))
    texts = line.get("personalisations") or ([line["personalisation"]] if line.get("personalisation") else [])
    return Basket(
        product,
        sku,
        quantity=int(line.get("quantity", 1)),
        texts=[str(text) for text in texts],
        price=str(line.get("price", "")),
        seller_discount=str(line.get("seller_discount", "0.00")),
    )


def _product(world: World, shop: Shop, line: Mapping[str, Any]) -> Product:
    wanted = ProductFilter(
        shop.shop_id,
        seller_skus=(str(line["sku"]),) if "sku" in line else (),
        sku_ids=(str(line["sku_id"]),) if "sku_id" in line else (),
    )
    found, _count = world.books.products(wanted, limit=1)
    if not found or not (wanted.seller_skus or wanted.sku_ids):
        raise NotPossible(f"{shop.name} has no product with the SKU {line.get('sku') or line.get('sku_id')!r}. Ask /_control/products.")
    return found[0]


def _shelved(world: World, wish: Mapping[str, Any]) -> Product:
    refuse_unknown(dict(wish), {"shop_id", "title", "skus", "personalisable"})
    shop = world.books.shop(str(wish.get("shop_id", "")))
    if shop is None or not wish.get("skus"):
        raise NotPossible("Name a shop, and at least one SKU with its price. Ask /_control/shops.")
    product = seed.shelved(
        world.books,
        shop,
        title=str(wish.get("title") or "Product"),
        prices={str(sku): str(price) for sku, price in wish["skus"].items()},
        personalisable=bool(wish.get("personalisable")),
        at=world.clock.epoch(),
    )
    world.books.keep_product(product)
    return product


def add(door: Blueprint, world: World) -> None:
    """Add buying and what happens to orders."""

    @door.get("/products")
    def products() -> dict[str, Any]:
        found = [product for shop in world.books.shops() for product in world.books.products(ProductFilter(shop.shop_id))[0]]
        return {"products": [asdict(product) for product in found]}

    @door.get("/orders")
    def orders() -> dict[str, Any]:
        limit, offset = int(request.args.get("limit", 200)), int(request.args.get("offset", 0))
        found = world.books.orders(shop_id=request.args.get("shop_id"), limit=limit, offset=offset)
        return {"orders": [order_view(order) for order in found]}

    @door.post("/products")
    def keep_product() -> tuple[dict[str, Any], int]:
        """Put a product on a shelf as if its audit had passed: ``{"shop_id", "title", "skus": {seller SKU: price}, "personalisable"?}``."""
        return {"product": asdict(_shelved(world, control.wish()))}, 201

    control.add_buying(door, place=lambda asked: place(world, asked), view=order_view)

    @door.get("/orders/<order_id>")
    def order(order_id: str) -> tuple[dict[str, Any], int]:
        found = world.books.order(order_id)
        if found is None:
            return {"error": f"There is no order {order_id}."}, 404
        packages = [asdict(package) for package in world.books.packages_of(order_id)]
        cancelled = [asdict(row) for row in world.books.cancellations(order_id=order_id)]
        returned = [asdict(row) for row in world.books.returns(order_id=order_id)]
        writes = [asdict(entry) for entry in world.books.writes(order_id=order_id)]
        aftersales = {"cancellations": cancelled, "returns": returned}
        return {"order": order_view(found), "packages": packages, **aftersales, "writes": writes}, 200

    @door.post("/orders/<order_id>/<action>")
    def act(order_id: str, action: str) -> dict[str, Any]:
        return {"order": order_view(order_actions.act(world, order_id, action, control.wish()))}
