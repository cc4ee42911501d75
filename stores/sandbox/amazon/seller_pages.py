"""Seller Central: orders, what a seller or buyer may do with them, and the consent page."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from stores.sandbox.amazon import buying, consent
from stores.sandbox.amazon.consent import ConsentRefused
from stores.sandbox.amazon.records import PlacedOrder
from stores.sandbox.amazon.world import World
from stores.sandbox.visits import note_visit
from stores.sandbox.world import NotPossible

ORDERS_A_PAGE = 50


def add(pages: Blueprint, world: World) -> None:
    """Add the list of orders, the order page and its actions."""

    @pages.get("/seller/")
    def seller_orders() -> str:
        seller_id = request.args.get("seller") or None
        page = max(1, request.args.get("page", 1, type=int))
        found = world.books.orders(seller_id=seller_id, limit=ORDERS_A_PAGE + 1, offset=(page - 1) * ORDERS_A_PAGE)
        return render_template(
            "seller_orders.html",
            orders=found[:ORDERS_A_PAGE],
            more=len(found) > ORDERS_A_PAGE,
            page=page,
            sellers=world.books.sellers(),
            chosen=seller_id,
        )

    @pages.get("/seller/orders/<order_id>/")
    def seller_order(order_id: str) -> str:
        return _seller_order(world, order_id)

    @pages.post("/seller/orders/<order_id>/<action>")
    def seller_action(order_id: str, action: str) -> AnyResponse | tuple[str, int]:
        _order(world, order_id)
        try:
            if action == "request-cancellation":
                buying.request_cancellation(world, order_id, reason=request.form.get("reason", ""))
            elif action == "cancel":
                buying.cancel_order(world, order_id, reason=request.form.get("reason") or "NoInventory")
            elif action == "clear-payment":
                buying.clear_payment(world, order_id)
            else:
                abort(404)
        except NotPossible as refused:
            return _seller_order(world, order_id, problem=str(refused)), 409
        return redirect(url_for("pages.seller_order", order_id=order_id), code=303)


def add_consent(pages: Blueprint, world: World) -> None:
    """Add the page on which a seller authorises the application."""

    @pages.route("/apps/authorize/consent", methods=["GET", "POST"])
    def consent_page() -> str | AnyResponse | tuple[str, int]:
        given: Mapping[str, str] = request.values
        try:
            asked = consent.checked(
                world,
                application_id=given.get("application_id", ""),
                state=given.get("state", ""),
                redirect_uri=given.get("redirect_uri", ""),
                version=given.get("version", ""),
            )
        except ConsentRefused as refused:
            note_visit(world, "consent", status=400, error=refused.code)
            return render_template("message.html", title=refused.title, text=refused.text, code=refused.code), 400
        if request.method == "GET":
            note_visit(world, "consent", status=200)
            return render_template("consent.html", application=world.application, sellers=world.books.sellers(), given=given)
        if given.get("answer") != "confirm":
            note_visit(world, "consent", status=302, error="declined")
            return redirect(consent.declined(asked), code=302)
        seller = world.books.seller(given.get("seller_id", ""))
        if seller is None:
            return render_template(
                "message.html", title="Choose an account", text="No selling account was chosen. Go back and choose one.", code=""
            ), 400
        note_visit(world, "consent", status=302, seller_id=seller.seller_id)
        return redirect(consent.confirmed(world, asked, seller_id=seller.seller_id), code=302)


def add_appstore(pages: Blueprint, world: World) -> None:
    """Add Amazon's store of applications, where a seller may begin, and the address at which the application answers."""

    @pages.route("/appstore/", methods=["GET", "POST"])
    def appstore() -> str | AnyResponse | tuple[str, int]:
        if request.method == "GET":
            return render_template("appstore.html", application=world.application, sellers=world.books.sellers())
        seller = world.books.seller(request.form.get("seller_id", ""))
        if seller is None:
            return render_template("message.html", title="Choose an account", text="No selling account was chosen. Go back and choose one."), 400
        return redirect(consent.started(world, seller_id=seller.seller_id, base=request.host_url), code=302)

    @pages.get("/apps/authorize/confirm/<application_id>")
    def confirm_start(application_id: str) -> AnyResponse | tuple[str, int]:
        try:
            return redirect(consent.answered_start(world, application_id=application_id, given=request.args), code=302)
        except ConsentRefused as refused:
            return render_template("message.html", title=refused.title, text=refused.text, code=refused.code), 400


def _order(world: World, order_id: str) -> PlacedOrder:
    order = world.books.order(order_id)
    if order is None:
        abort(404)
    return order


def _seller_order(world: World, order_id: str, *, problem: str = "") -> str:
    order = _order(world, order_id)
    return render_template(
        "seller_order.html", order=order, seller=world.books.seller(order.seller_id), writes=world.books.writes(order_id=order_id), problem=problem
    )
