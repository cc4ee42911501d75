"""Pages for people: index, shop, Seller Central, consent, scenarios; and the files that links point to.

Every page says that it is an imitation, loads nothing from elsewhere and needs no script.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from stores.sandbox.amazon import buying, consent, customization, feeds, reports
from stores.sandbox.amazon.books import RequestEntry
from stores.sandbox.amazon.buying import Basket, NotPossible, Purchase
from stores.sandbox.amazon.consent import ConsentRefused
from stores.sandbox.amazon.control import example_address, scenario_view, start_scenario
from stores.sandbox.amazon.marketplaces import MARKETPLACES
from stores.sandbox.amazon.pictures import picture
from stores.sandbox.amazon.records import Listing, PlacedOrder, Status
from stores.sandbox.amazon.scenarios import KINDS, UnknownScenario
from stores.sandbox.amazon.world import World

COUNTRIES = (
    ("DE", "Germany"), ("AT", "Austria"), ("BE", "Belgium"), ("CA", "Canada"), ("CH", "Switzerland"), ("DK", "Denmark"), ("ES", "Spain"),
    ("FR", "France"), ("GB", "United Kingdom"), ("IE", "Ireland"), ("IT", "Italy"), ("NL", "Netherlands"), ("PL", "Poland"), ("SE", "Sweden"),
    ("US", "United States"),
)  # fmt: skip
CURRENCY_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$"}
STATUS_TONES = {
    Status.PENDING_AVAILABILITY: "quiet",
    Status.PENDING: "quiet",
    Status.UNSHIPPED: "warm",
    Status.PARTIALLY_SHIPPED: "cool",
    Status.SHIPPED: "good",
    Status.CANCELLED: "bad",
    Status.UNFULFILLABLE: "bad",
}
ORDERS_A_PAGE = 50


def note_visit(world: World, operation: str, *, status: int, error: str = "", query: str = "", seller_id: str = "") -> None:
    """Write a request outside the API into the ledger."""
    world.books.note_request(
        RequestEntry(
            at=world.clock.epoch(),
            request_id=str(uuid.uuid4()),
            operation=operation,
            seller_id=seller_id,
            method=request.method,
            path=request.path,
            query=query,
            status=status,
            error=error,
            scenario="",
            user_agent=request.headers.get("User-Agent", "")[:500],
            seconds=0.0,
        )
    )


def money(amount: str, currency: str) -> str:
    return f"{CURRENCY_SIGNS.get(currency, currency + ' ')}{amount}"


def moment(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%d %b %Y, %H:%M UTC")


def words(name: str) -> str:
    """Return an enumeration value as words: PARTIALLY_SHIPPED becomes Partially shipped."""
    return name.replace("_", " ").capitalize()


def blueprint(world: World) -> Blueprint:
    """Return the pages of one imitation."""
    pages = Blueprint("pages", __name__)
    pages.add_app_template_filter(moment, "moment")
    pages.add_app_template_filter(words, "words")

    @pages.app_context_processor
    def surroundings() -> dict[str, Any]:
        return {
            "sites": MARKETPLACES,
            "money": money,
            "tones": STATUS_TONES,
            "factor": world.clock.factor,
            "hub_url": world.hub_url,
            "now": world.clock.epoch(),
            "running": world.scenarios.running(),
        }

    @pages.after_app_request
    def protect(response: Response) -> Response:
        if response.mimetype == "text/html":
            # Chrome applies form-action to the redirect after a form too, and consent ends at the hub.
            targets = {f"{urlsplit(uri).scheme}://{urlsplit(uri).netloc}" for uri in world.application.redirect_uris}
            response.headers["Content-Security-Policy"] = (
                f"default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' {' '.join(sorted(targets))}"
            )
            response.headers["Referrer-Policy"] = "no-referrer"
            response.headers["X-Content-Type-Options"] = "nosniff"
            response.headers["Cache-Control"] = "no-store"
        return response

    @pages.app_errorhandler(404)
    def missing(error: Exception) -> tuple[str, int]:
        return render_template(
            "message.html", title="Nothing here", text="This address does not exist in the imitation. Go back to the start page."
        ), 404

    @pages.get("/")
    def index() -> str:
        return render_template(
            "index.html",
            sellers=world.books.sellers(),
            counts=world.books.status_counts(),
            orders=world.books.order_count(),
            application=world.application,
        )

    # --- shop ----------------------------------------------------------------------------------------------------------
    @pages.get("/shop/")
    def shop() -> str:
        sellers = {seller.seller_id: seller for seller in world.books.sellers()}
        shelves: dict[tuple[str, str], list[Listing]] = {}
        for listing in world.books.all_listings():
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
        return render_template("bought.html", order=_order(world, order_id))

    # --- Seller Central ------------------------------------------------------------------------------------------------
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

    # --- scenarios -----------------------------------------------------------------------------------------------------
    @pages.get("/control/")
    def control_page() -> str:
        return _control_page(world)

    @pages.post("/control/start")
    def control_start() -> AnyResponse | tuple[str, int]:
        try:
            start_scenario(world, _scenario_form(request.form))
        except (UnknownScenario, ValueError) as refused:
            return _control_page(world, problem=str(refused)), 422
        return redirect(url_for("pages.control_page"), code=303)

    @pages.post("/control/stop")
    def control_stop() -> AnyResponse:
        world.scenarios.stop(request.form.get("name", ""))
        return redirect(url_for("pages.control_page"), code=303)

    # --- files behind links --------------------------------------------------------------------------------------------
    @pages.get("/pictures/<asin>.png")
    def product_picture(asin: str) -> Response:
        listing = world.books.listing_with_asin(asin)
        if listing is None:
            abort(404)
        return Response(picture(listing.kind, listing.color), mimetype="image/png", headers={"Cache-Control": "public, max-age=3600"})

    @pages.get("/custom/<order_id>/<item_id>.zip")
    def custom(order_id: str, item_id: str) -> Response:
        order = world.books.order(order_id)
        item = order.item(item_id) if order else None
        if order is None or item is None or not item.personalisation:
            return _s3_error(404, "NoSuchKey", "The specified key does not exist.")
        refused = _link_refusal(world)
        note_visit(world, "customization", status=refused.status_code if refused else 200, seller_id=order.seller_id)
        return refused or Response(customization.archive(order, item), mimetype="application/zip")

    @pages.get("/documents/<document_id>")
    def document(document_id: str) -> Response:
        refused = _link_refusal(world)
        found = reports.download(world, document_id)
        if found is None:
            refused = refused or _s3_error(404, "NoSuchKey", "The specified key does not exist.")
        note_visit(world, "reportDownload", status=refused.status_code if refused else 200)
        if refused or found is None:
            return refused or _s3_error(404, "NoSuchKey", "The specified key does not exist.")
        content, content_type = found
        answer = Response(content)
        answer.headers["Content-Type"] = content_type  # exactly as set, also without a charset
        return answer

    @pages.put("/feed-documents/<document_id>")
    def feed_upload(document_id: str) -> Response:
        refused = _link_refusal(world)
        status = feeds.put_document(world, document_id, content=request.get_data(), content_type=request.headers.get("Content-Type", ""))
        if refused is None and status != 200:
            code = "SignatureDoesNotMatch" if status == 403 else "NoSuchKey"
            refused = _s3_error(status, code, "The upload is not what the address was signed for.")
        note_visit(world, "feedUpload", status=refused.status_code if refused else 200)
        return refused or Response(b"")

    @pages.get("/feed-documents/<document_id>")
    def feed_report(document_id: str) -> Response:
        refused = _link_refusal(world)
        found = feeds.download(world, document_id)
        if found is None:
            refused = refused or _s3_error(404, "NoSuchKey", "The specified key does not exist.")
        note_visit(world, "feedReport", status=refused.status_code if refused else 200)
        if refused or found is None:
            return refused or _s3_error(404, "NoSuchKey", "The specified key does not exist.")
        return Response(found, mimetype="text/xml")

    return pages


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


def _control_page(world: World, *, problem: str = "") -> str:
    running = {row["name"]: row for row in map(scenario_view, world.scenarios.running())}
    return render_template(
        "control.html",
        kinds=KINDS.values(),
        active=running,
        problem=problem,
        buckets=world.books.buckets(),
        requests=list(reversed(world.books.requests(limit=40))),
        sellers=world.books.sellers(),
    )


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


def _scenario_form(form: Mapping[str, str]) -> dict[str, Any]:
    """Read the scenarios page's form: empty fields mean the scenario's own value, numbers become numbers."""
    asked: dict[str, Any] = {"name": form.get("name", "")}
    kind = KINDS.get(asked["name"])
    for key, text in form.items():
        if key in ("name", "") or not text.strip():
            continue
        if key == "times":
            asked["times"] = int(text)
        elif kind is not None and isinstance(kind.options.get(key), float | int):
            asked[key] = float(text)
        else:
            asked[key] = text.strip()
    return asked


def _link_refusal(world: World) -> Response | None:
    """Check a signed link; S3's own answers otherwise. An access token beside the signature is refused, as S3 does."""
    if "x-amz-access-token" in request.headers or "Authorization" in request.headers:
        return _s3_error(
            400,
            "InvalidArgument",
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified",
        )
    expires, signature = request.args.get("Expires", ""), request.args.get("Signature", "")
    try:
        good = world.link_is_good(request.path, expires=expires, signature=signature)
    except ValueError:
        good = False
    return None if good else _s3_error(403, "AccessDenied", "Request has expired")


def _s3_error(status: int, code: str, text: str) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{text}</Message></Error>'
    return Response(body, status=status, mimetype="application/xml")
