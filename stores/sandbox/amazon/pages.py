"""Pages for people: the start page, and where the others are."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from stores.sandbox import control_pages, pages
from stores.sandbox.amazon import downloads, seller_pages, shop_pages
from stores.sandbox.amazon.gateway import OPERATIONS
from stores.sandbox.amazon.marketplaces import MARKETPLACES
from stores.sandbox.amazon.records import Status
from stores.sandbox.amazon.world import World

STATUS_TONES = {
    Status.PENDING_AVAILABILITY: "quiet",
    Status.PENDING: "quiet",
    Status.UNSHIPPED: "warm",
    Status.PARTIALLY_SHIPPED: "cool",
    Status.SHIPPED: "good",
    Status.CANCELLED: "bad",
    Status.UNFULFILLABLE: "bad",
}


def blueprint(world: World) -> Blueprint:
    """Return the pages of one imitation."""

    def surroundings() -> dict[str, Any]:
        return {"sites": MARKETPLACES, "tones": STATUS_TONES}

    made = pages.blueprint(world, surroundings=surroundings, redirect_uris=lambda: world.application.redirect_uris)

    @made.get("/")
    def index() -> str:
        return render_template(
            "index.html",
            sellers=world.books.sellers(),
            counts=world.books.status_counts(),
            orders=world.books.order_count(),
            application=world.application,
        )

    shop_pages.add(made, world)
    seller_pages.add(made, world)
    seller_pages.add_consent(made, world)
    seller_pages.add_appstore(made, world)
    control_pages.add(
        made,
        world,
        operations=[operation.name for operation in OPERATIONS],
        whose="Seller",
        accounts=lambda: [(seller.seller_id, seller.name) for seller in world.books.sellers()],
    )
    downloads.add(made, world)
    return made
