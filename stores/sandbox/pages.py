"""What the imitations' pages for people share.

Every page says that it is an imitation, loads nothing from elsewhere and needs no script.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template

from stores.sandbox.world import World

CURRENCY_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$"}


def money(amount: str, currency: str) -> str:
    """Return an amount with its sign."""
    return f"{CURRENCY_SIGNS.get(currency, currency + ' ')}{amount}"


def moment(epoch: float) -> str:
    """Return a time for people."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%d %b %Y, %H:%M UTC")


def words(name: str) -> str:
    """Return an enumeration value as words: PARTIALLY_SHIPPED becomes Partially shipped."""
    return name.replace("_", " ").capitalize()


def blueprint(world: World, *, surroundings: Callable[[], Mapping[str, Any]], redirect_uris: Callable[[], tuple[str, ...]]) -> Blueprint:
    """Return the blueprint of an imitation's pages, with the frame around each.

    ``surroundings`` are further names for every template; forms may end at ``redirect_uris``, because consent does.
    """
    pages = Blueprint("pages", __name__)
    pages.add_app_template_filter(moment, "moment")
    pages.add_app_template_filter(words, "words")

    @pages.app_context_processor
    def around() -> dict[str, Any]:
        return {
            "money": money,
            "factor": world.clock.factor,
            "hub_url": world.hub_url,
            "now": world.clock.epoch(),
            "running": world.scenarios.running(),
            **surroundings(),
        }

    @pages.after_app_request
    def protect(response: Response) -> Response:
        if response.mimetype == "text/html":
            # Chrome applies form-action to the redirect after a form too, and consent ends at the hub.
            targets = {f"{urlsplit(uri).scheme}://{urlsplit(uri).netloc}" for uri in redirect_uris()}
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

    return pages
