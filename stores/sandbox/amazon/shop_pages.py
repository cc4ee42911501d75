"""The shop: what a buyer sees and does."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from stores.sandbox.amazon import buying
from stores.sandbox.amazon.buying import Basket, Purchase
from stores.sandbox.amazon.control import example_address
from stores.sandbox.amazon.records import Listing
from stores.sandbox.amazon.world import World
from stores.sandbox.world import NotPossible

COUNTRIES = (
    ("DE", "Germany"), ("AT", "Austria"), ("BE", "Belgium"), ("CA", "Canada"), ("CH", "Switzerland"), ("DK", "Denmark"), ("ES", "Spain"),
    ("FR", "France"), ("GB", "United Kingdom"), ("IE", "Ireland"), ("IT", "Italy"), ("NL", "Netherlands"), ("PL", "Poland"), ("SE", "Sweden"),
    ("US", "United States"),
)  # fmt: skip


def add(pages: Blueprint, world: World) -> None:
    """Add shelves, product pages with their form, and the thank-you page."""

    @pages.get("/shop/")
    def shop() -> str:
        sellers = {seller.seller_id: seller for seller in world.books.sellers()}
        shelves: dict[tuple[str, str], list[Listing]] = {}
        for listing in world.books.all_listings():
            if listing.is_parent:
                continue
            shelves.setdefault((listing.seller_id, listing.marketplace_id), []).append(listing)
        return render_template("shop.html", shelves=shelves, sellers=sellers)

    @pages.route("/shop/<seller_id>/<marketplace_id>/<asin>/", methods=["GET", "POST"])
    def product(seller_id: str, marketplace_id: str, asin: str) -> str | AnyResponse | tuple[str, int]:
        listing = world.books.listing(seller_id, marketplace_id, asin=asin)
        if listing is None:
            abort(404)
        form: Mapping[str, str] = request.form
        problem = ""
        if request.method == "POST":
            try:
                order = buying.place_order(world, _purchase(listing, form))
                return redirect(url_for("pages.bought", order_id=order.order_id), code=303)
            except NotPossible as refused:
                problem = str(refused)
        else:
            form = {"quantity": "1", "pay": "now", "buyer_name": "Bea Buyer", **example_address(marketplace_id, ""), "name": ""}
        page = render_template("product.html", listing=listing, form=form, problem=problem, countries=COUNTRIES, seller=world.books.seller(seller_id))
        return (page, 422) if problem else page

    @pages.get("/shop/orders/<order_id>/")
    def bought(order_id: str) -> str:
        return render_template("bought.html", order=world.books.order(order_id) or abort(404))


def _purchase(listing: Listing, form: Mapping[str, str]) -> Purchase:
    quantity = form.get("quantity", "")
    if not quantity.isdecimal():
        raise NotPossible(f"The quantity {quantity!r} is not a number. Type one such as 1.")
    address = {key: form.get(key, "") for key in buying.ADDRESS_KEYS}
    for key, name in (("addressLine1", "street"), ("city", "city"), ("postalCode", "postcode")):
        if not address[key].strip():
            raise NotPossible(f"The {name} is missing. The parcel cannot be sent without it.")
    return Purchase(
        buyer_name=form.get("buyer_name", ""),
        address={**address, "name": address["name"].strip() or form.get("buyer_name", ""), "addressType": "RESIDENTIAL"},
        baskets=[
            Basket(
                listing,
                quantity=int(quantity),
                personalisation=form.get("personalisation", ""),
                gift_message=form.get("gift_message", ""),
            )
        ],
        paid=form.get("pay", "now") == "now",
        fulfilled_by=listing.fulfilled_by,
    )
