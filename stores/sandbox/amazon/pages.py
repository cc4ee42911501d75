"""Pages for people: the frame that all share, and the start page.

Every page says that it is an imitation, loads nothing from elsewhere and needs no script.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template

from stores.sandbox.amazon import control_pages, downloads, seller_pages, shop_pages
from stores.sandbox.amazon.marketplaces import MARKETPLACES
from stores.sandbox.amazon.records import Status
from stores.sandbox.amazon.world import World

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


def money(amount: str, currency: str) -> str:
    """Return an amount with its sign."""
    return f"{CURRENCY_SIGNS.get(currency, currency + ' ')}{amount}"


def moment(epoch: float) -> str:
    """Return a time for people."""
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
    def missing(_error: Exception) -> tuple[str, int]:
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

    shop_pages.add(pages, world)
    seller_pages.add(pages, world)
    seller_pages.add_consent(pages, world)
    seller_pages.add_appstore(pages, world)
    control_pages.add(pages, world)
    downloads.add(pages, world)
    return pages
