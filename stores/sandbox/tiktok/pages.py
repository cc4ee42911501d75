"""Pages for people: the start page, and where the others are."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, render_template, url_for

from stores.sandbox import control_pages, pages
from stores.sandbox.tiktok import consent_pages, downloads, seller_pages, shop_pages
from stores.sandbox.tiktok.gateway import OPERATIONS
from stores.sandbox.tiktok.reasons import MARKETS, return_label
from stores.sandbox.tiktok.records import Audit, PlacedOrder, ProductStatus, Status
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
    ProductStatus.ACTIVATE: "good",
    ProductStatus.PENDING: "warm",
    ProductStatus.FAILED: "bad",
    ProductStatus.PLATFORM_DEACTIVATED: "bad",
    Audit.APPROVED: "good",
    Audit.AUDITING: "warm",
    "delivered": "good",
    "pending": "warm",
    "given_up": "bad",
    "lost": "bad",
}
ON_SALE = {"ACTIVATE": "Live", "PENDING": "Under audit", "FAILED": "Audit failed", "SELLER_DEACTIVATED": "Off sale"}
# What is asked in the end: the last word of the long names of cancellations and returns.
OUTCOMES = {
    "PENDING": "warm", "AWAITING_BUYER_SHIP": "cool", "BUYER_SHIPPED_ITEM": "cool", "SUCCESS": "good", "COMPLETE": "good", "REJECT": "bad",
    "REJECT_RECEIVE_PACKAGE": "bad", "CANCELLED": "quiet", "CANCEL": "quiet",
}  # fmt: skip
LONG = re.compile(r"CANCELLATION_REQUEST_|RETURN_OR_REFUND_REQUEST_|REFUND_OR_RETURN_REQUEST_|REPLACEMENT_REQUEST_(?:REFUND_)?")


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


def outcome(status: str) -> tuple[str, str]:
    """Return the short words and the colour of a cancellation's or return's status."""
    short = LONG.sub("", status)
    return {"SUCCESS": "Granted", "COMPLETE": "Done", "REJECT": "Rejected", "CANCEL": "Withdrawn", "CANCELLED": "Withdrawn"}.get(
        short, short.replace("_", " ").capitalize()
    ), OUTCOMES.get(short, "quiet")


def reason(key: str) -> str:
    """Return the words of a reason of any market; whatever else was written stays as it is."""
    return next((words for market in MARKETS.values() if (words := market.label(key)) != key), return_label(key))


def blueprint(world: World) -> Blueprint:
    """Return the pages of one imitation."""

    def surroundings() -> dict[str, Any]:
        return {
            "tones": TONES,
            "steps": steps,
            "outcome": outcome,
            "on_sale": lambda status: ON_SALE.get(status, pages.words(status)),
            "picture": lambda uri: url_for("pages.product_image", uri=uri),
        }

    def redirect_uris() -> tuple[str, ...]:
        return (world.application.redirect_uri,) if world.application.redirect_uri else ()

    made = pages.blueprint(world, surroundings=surroundings, redirect_uris=redirect_uris)

    made.add_app_template_filter(reason, "reason")

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
    seller_pages.add(made, world)
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
