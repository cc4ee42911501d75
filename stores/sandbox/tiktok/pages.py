"""Pages for people: the start page, and where the others are."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for

from stores.sandbox import control_pages, pages
from stores.sandbox.tiktok import consent_pages, downloads, shop_pages
from stores.sandbox.tiktok.gateway import OPERATIONS
from stores.sandbox.tiktok.reasons import MARKETS
from stores.sandbox.tiktok.records import PlacedOrder, Status
from stores.sandbox.tiktok.world import World

TONES = {
    Status.UNPAID: "quiet",
    Status.ON_HOLD: "quiet",
    Status.AWAITING_SHIPMENT: "warm",
    Status.PARTIALLY_SHIPPING: "warm",
    Status.AWAITING_COLLECTION: "cool",
    Status.IN_TRANSIT: "cool",
    Status.DELIVERED: "good",
    Status.COMPLETED: "good",
    Status.CANCELLED: "bad",
}


def steps(order: PlacedOrder) -> list[tuple[str, bool]]:
    """Return how far an order is, step by step."""
    if order.status == Status.CANCELLED:
        return [("Placed", True), ("Cancelled", True)]
    return [
        ("Placed", True),
        ("Paid", bool(order.paid)),
        ("Shipped", bool(order.rts_time)),
        ("On its way", bool(order.collected)),
        ("Delivered", bool(order.delivered)),
    ]


def reason_words(order: PlacedOrder, reason: str) -> str:
    """Return the words of a cancel reason."""
    return MARKETS[order.region].label(reason)


def blueprint(world: World) -> Blueprint:
    """Return the pages of one imitation."""

    def surroundings() -> dict[str, Any]:
        return {
            "tones": TONES,
            "steps": steps,
            "reason_words": reason_words,
            "picture": lambda uri: url_for("pages.product_image", uri=uri),
        }

    def redirect_uris() -> tuple[str, ...]:
        return (world.application.redirect_uri,) if world.application.redirect_uri else ()

    made = pages.blueprint(world, surroundings=surroundings, redirect_uris=redirect_uris)

    @made.get("/")
    def index() -> str:
        return render_template(
            "index.html",
            shops=world.books.shops(),
            application=world.application,
            orders=world.books.order_count(),
            counts=world.books.status_counts(),
        )

    shop_pages.add(made, world)
    consent_pages.add(made, world)
    downloads.add(made, world)
    control_pages.add(
        made,
        world,
        operations=[operation.name for operation in OPERATIONS],
        whose="Shop",
        accounts=lambda: [(shop.shop_id, shop.name) for shop in world.books.shops()],
    )
    return made
