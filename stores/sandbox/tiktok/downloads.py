"""The files that answers link to: pictures."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from stores.sandbox.tiktok import images
from stores.sandbox.tiktok.world import World


def add(pages: Blueprint, world: World) -> None:
    """Add the addresses of the files."""

    @pages.get("/images/<path:uri>")
    def product_image(uri: str) -> Response:
        image = world.books.image(uri) or abort(404)
        return Response(images.content(image), mimetype=image.media_type, headers={"Cache-Control": "public, max-age=3600"})
