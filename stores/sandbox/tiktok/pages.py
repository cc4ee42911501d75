"""Pages for people: the start page, and where the others are."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from stores.sandbox import control_pages, pages
from stores.sandbox.tiktok import consent_pages
from stores.sandbox.tiktok.gateway import OPERATIONS
from stores.sandbox.tiktok.world import World


def blueprint(world: World) -> Blueprint:
    """Return the pages of one imitation."""

    def surroundings() -> dict[str, Any]:
        return {}

    def redirect_uris() -> tuple[str, ...]:
        return (world.application.redirect_uri,) if world.application.redirect_uri else ()

    made = pages.blueprint(world, surroundings=surroundings, redirect_uris=redirect_uris)

    @made.get("/")
    def index() -> str:
        return render_template("index.html", shops=world.books.shops(), application=world.application)

    consent_pages.add(made, world)
    control_pages.add(
        made,
        world,
        operations=[operation.name for operation in OPERATIONS],
        whose="Shop",
        accounts=lambda: [(shop.shop_id, shop.name) for shop in world.books.shops()],
    )
    return made
