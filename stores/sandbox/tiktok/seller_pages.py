"""The seller centre: orders with their packages, what waits for an answer, products with their audit, connected apps, and what was announced."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from stores.sandbox.tiktok import audits, authorizations, order_actions, returns
from stores.sandbox.tiktok.cancellations import OPEN_STATUSES, PENDING, pending, unshipped
from stores.sandbox.tiktok.categories import chain
from stores.sandbox.tiktok.delivery import option_with_id
from stores.sandbox.tiktok.orders import payment
from stores.sandbox.tiktok.reasons import MARKETS
from stores.sandbox.tiktok.records import Cancellation, PlacedOrder, ProductFilter, Return, Status
from stores.sandbox.tiktok.shop_pages import form_values, grouped
from stores.sandbox.tiktok.world import World
from stores.sandbox.world import NotPossible

Page = str | AnyResponse | tuple[str, int]
A_PAGE = 50
ANNOUNCED = 100


def add(pages: Blueprint, world: World) -> None:
    """Add the seller centre."""
    _add_orders(pages, world)
    _add_products(pages, world)
    _add_apps(pages, world)


def _chosen() -> tuple[str | None, int]:
    return request.args.get("shop") or None, max(1, request.args.get("page", 1, type=int))


# --- orders ------------------------------------------------------------------------------------------------------------------
def _add_orders(pages: Blueprint, world: World) -> None:
    @pages.get("/seller/")
    def seller_orders() -> str:
        shop_id, page = _chosen()
        found = world.books.orders(shop_id=shop_id, limit=A_PAGE + 1, offset=(page - 1) * A_PAGE)
        rows = [(order, grouped(order), world.books.packages_of(order.order_id), payment(order)) for order in found[:A_PAGE]]
        return render_template("seller_orders.html", rows=rows, more=len(found) > A_PAGE, page=page, chosen=shop_id, shops=world.books.shops())

    @pages.get("/seller/requests/")
    def seller_requests() -> str:
        shop_id, _page = _chosen()
        cancelled = [(row, row.deadline if row.status == PENDING else 0) for row in world.books.cancellations(shop_id=shop_id)]
        returned = [(row, row.deadline if _waits_for_seller(row) else 0) for row in world.books.returns(shop_id=shop_id)]
        rows: list[tuple[Cancellation | Return, float]] = sorted([*cancelled, *returned], key=lambda row: (not row[1], -row[0].created))
        return render_template("seller_requests.html", rows=rows[:A_PAGE], chosen=shop_id, shops=world.books.shops())

    @pages.get("/seller/orders/<order_id>/")
    def seller_order(order_id: str) -> str:
        return order_page(world, order_id)

    @pages.post("/seller/orders/<order_id>/<action>")
    def seller_action(order_id: str, action: str) -> Page:
        if world.books.order(order_id) is None or action not in {**order_actions.SELLER, **order_actions.CARRIER}:
            abort(404)
        try:
            order_actions.act(world, order_id, action, form_values())
        except NotPossible as refused:
            return order_page(world, order_id, problem=str(refused)), 409
        return redirect(url_for("pages.seller_order", order_id=order_id), code=303)


def _waits_for_seller(returned: Return) -> bool:
    return returned.status in (*returns.ASKED, returns.SENT_BACK) and returned.offer != "OPEN"


def order_page(world: World, order_id: str, *, problem: str = "") -> str:
    """Return the seller's page of an order."""
    order: PlacedOrder = world.books.order(order_id) or abort(404)
    market, option = MARKETS[order.region], option_with_id(order.delivery_option_id)
    found = world.books.returns(order_id=order_id)
    return render_template(
        "seller_order.html",
        order=order,
        shop=world.books.shop(order.shop_id),
        rows=grouped(order),
        payment=payment(order),
        packages=world.books.packages_of(order_id),
        providers=option.providers if option and order.shipping_type == "SELLER" else (),
        request_open=pending(world, order_id),
        rejects_by_call=order.region != "US" or world.settings.us_rejects_by_call,
        returned=found,
        to_answer=next((row for row in found if _waits_for_seller(row)), None),
        cancellable=unshipped(order) if order.status in OPEN_STATUSES else [],
        reasons=market.seller_unpaid if order.status == Status.UNPAID else market.seller_paid,
        writes=world.books.writes(order_id=order_id),
        problem=problem,
    )


# --- products ----------------------------------------------------------------------------------------------------------------
def _add_products(pages: Blueprint, world: World) -> None:
    @pages.get("/seller/products/")
    def seller_products() -> str:
        shops = world.books.shops()
        shop_id, page = _chosen()
        shop_id = shop_id or shops[0].shop_id if shops else shop_id
        found, count = world.books.products(ProductFilter(shop_id or ""), limit=A_PAGE, offset=(page - 1) * A_PAGE)
        more = page * A_PAGE < count
        return render_template("seller_products.html", products=found, count=count, more=more, page=page, chosen=shop_id, shops=shops)

    def product_page(product_id: str, *, problem: str = "") -> str:
        product = world.books.product(product_id) or abort(404)
        category = " › ".join(row.name for row in chain(product.category_id))
        return render_template("seller_product.html", product=product, shop=world.books.shop(product.shop_id), category=category, problem=problem)

    @pages.get("/seller/products/<product_id>/")
    def seller_product(product_id: str) -> str:
        return product_page(product_id)

    @pages.post("/seller/products/<product_id>/audit")
    def seller_audit(product_id: str) -> Page:
        failed = request.form.get("verdict") == "fail"
        try:
            audits.end_now(world, product_id, reason=(request.form.get("reason", "").strip() or "It breaks a rule of the shop.") if failed else "")
        except NotPossible as refused:
            return product_page(product_id, problem=str(refused)), 409
        return redirect(url_for("pages.seller_product", product_id=product_id), code=303)


# --- apps and announcements --------------------------------------------------------------------------------------------------
def _add_apps(pages: Blueprint, world: World) -> None:
    @pages.get("/seller/apps/")
    def seller_apps() -> str:
        newest = {grant.open_id: grant for grant in world.books.grants()}
        rows = [(account, world.books.shops(account.open_id), newest.get(account.open_id)) for account in world.books.accounts()]
        return render_template("seller_apps.html", rows=rows, application=world.application)

    @pages.post("/seller/apps/disconnect")
    def seller_disconnect() -> AnyResponse:
        account = world.books.account(request.form.get("open_id", "")) or abort(404)
        authorizations.withdraw(world, open_id=account.open_id)
        return redirect(url_for("pages.seller_apps"), code=303)

    @pages.get("/webhooks/")
    def announced() -> str:
        shops = {shop.shop_id: shop.name for shop in world.books.shops()}
        rows = list(reversed(world.books.deliveries(limit=ANNOUNCED)))
        return render_template("webhooks.html", rows=rows, shops=shops, address=world.application.webhook_url)
