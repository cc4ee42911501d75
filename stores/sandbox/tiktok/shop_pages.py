"""The shop: what a buyer sees and does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from stores.sandbox.tiktok import buying, order_actions, orders, returns
from stores.sandbox.tiktok.buying import Basket, Purchase
from stores.sandbox.tiktok.cancellations import OPEN_STATUSES, unshipped
from stores.sandbox.tiktok.order_door import example_address
from stores.sandbox.tiktok.reasons import MARKETS
from stores.sandbox.tiktok.records import Address, Line, PlacedOrder, Product, ProductFilter, ProductStatus, Status
from stores.sandbox.tiktok.seller_records import Shop
from stores.sandbox.tiktok.world import World
from stores.sandbox.world import NotPossible

Page = str | AnyResponse | tuple[str, int]
ADDRESS_FIELDS = ("first_name", "last_name", "phone", "line1", "line2", "city", "state", "postcode")


def add(pages: Blueprint, world: World) -> None:
    """Add the feed of products, product pages with their form, and the buyer's own order page."""

    @pages.get("/shop/")
    def shop() -> str:
        shops = world.books.shops()
        chosen = world.books.shop(request.args.get("shop", "")) or shops[0] if shops else None
        wanted = ProductFilter(chosen.shop_id, status=ProductStatus.ACTIVATE) if chosen else None
        found = world.books.products(wanted)[0] if wanted else []
        return render_template("shop.html", shops=shops, chosen=chosen, products=found)

    @pages.route("/shop/products/<product_id>/", methods=["GET", "POST"])
    def product(product_id: str) -> Page:
        found = world.books.product(product_id)
        owner = world.books.shop(found.shop_id) if found else None
        if found is None or owner is None or found.status != ProductStatus.ACTIVATE:
            abort(404)
        return _bought(world, owner, found) if request.method == "POST" else _product_page(owner, found, _filled_in(owner, found))

    @pages.get("/shop/orders/<order_id>/")
    def buyer_order(order_id: str) -> str:
        return order_page(world, order_id)

    @pages.post("/shop/orders/<order_id>/<action>")
    def buyer_action(order_id: str, action: str) -> Page:
        if world.books.order(order_id) is None or action not in order_actions.BUYER:
            abort(404)
        try:
            order_actions.act(world, order_id, action, form_values())
        except NotPossible as refused:
            typed = request.form if action == "change-address" else None
            return order_page(world, order_id, form=typed, problem=str(refused)), 409
        return redirect(url_for("pages.buyer_order", order_id=order_id), code=303)


def _filled_in(shop: Shop, product: Product) -> dict[str, str]:
    address = example_address(shop.region, "Bea Buyer")
    first = product.skus[0].sku_id if product.skus else ""
    return {"quantity": "1", "pay": "now", "sku_id": first, **{name: str(getattr(address, name)) for name in ADDRESS_FIELDS}}


def _product_page(shop: Shop, product: Product, form: Mapping[str, str], *, problem: str = "") -> str:
    return render_template("product.html", product=product, shop=shop, form=form, problem=problem)


def _bought(world: World, shop: Shop, product: Product) -> Page:
    try:
        order = buying.place_order(world, _purchase(shop, product, request.form))
    except NotPossible as refused:
        return _product_page(shop, product, request.form, problem=str(refused)), 422
    return redirect(url_for("pages.buyer_order", order_id=order.order_id, thanks=1), code=303)


def _purchase(shop: Shop, product: Product, form: Mapping[str, str]) -> Purchase:
    sku = product.sku(form.get("sku_id", ""))
    if sku is None:
        raise NotPossible("No variant is chosen. Choose one.")
    quantity = form.get("quantity", "")
    if not quantity.isdecimal():
        raise NotPossible(f"The quantity {quantity!r} is not a number. Type one such as 1.")
    return Purchase(
        shop=shop,
        address=Address(region=shop.region, **{name: form.get(name, "").strip() for name in ADDRESS_FIELDS}),
        baskets=[Basket(product, sku, quantity=int(quantity), texts=[form["personalisation"]] if form.get("personalisation") else ())],
        paid=form.get("pay", "now") == "now",
        shipping_type="TIKTOK" if form.get("shipping") == "TIKTOK" else "SELLER",
        buyer_message=form.get("buyer_message", ""),
    )


def form_values() -> dict[str, Any]:
    """Return what a form sent: plain values, and the units that were ticked as a list."""
    values: dict[str, Any] = dict(request.form.items())
    return {**values, "line_ids": request.form.getlist("line_ids")} if "line_ids" in values else values


def grouped(order: PlacedOrder) -> list[tuple[Line, int]]:
    """Return the units as people read them: equal ones together, with their number."""
    rows: dict[tuple[str, str, str, Status], list[Line]] = {}
    for line in order.lines:
        rows.setdefault((line.sku_id, line.personalisation, line.package_id, line.status), []).append(line)
    return [(lines[0], len(lines)) for lines in rows.values()]


def order_page(world: World, order_id: str, *, form: Mapping[str, str] | None = None, problem: str = "") -> str:
    """Return the buyer's page of an order. ``form``: an address that was typed and not taken."""
    order: PlacedOrder = world.books.order(order_id) or abort(404)
    market, found = MARKETS[order.region], world.books.returns(order_id=order_id)
    return render_template(
        "buyer_order.html",
        order=order,
        shop=world.books.shop(order.shop_id),
        rows=grouped(order),
        packages=world.books.packages_of(order_id),
        payment=orders.payment(order),
        cancellable=not order.cancel_asked and order.status in OPEN_STATUSES and bool(unshipped(order)),
        reasons=market.buyer_unpaid if order.status == Status.UNPAID else market.buyer_paid,
        address_open=order.status in buying.ADDRESS_OPEN,
        form=form or {name: str(getattr(order.address, name)) for name in ADDRESS_FIELDS},
        returned=found,
        returnable=returns.free_lines(world, order),
        open_return=next((row for row in found if row.status in returns.WITHDRAWABLE), None),
        thanks="thanks" in request.args,
        problem=problem,
    )
