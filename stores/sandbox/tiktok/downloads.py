"""The files that answers link to: pictures and shipping documents. Links to documents are signed and expire."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from stores.sandbox.tiktok import images, labels
from stores.sandbox.tiktok.world import World
from stores.sandbox.visits import note_visit


def add(pages: Blueprint, world: World) -> None:
    """Add the addresses of the files."""

    @pages.get("/images/<path:uri>")
    def product_image(uri: str) -> Response:
        image = world.books.image(uri) or abort(404)
        return Response(images.content(image), mimetype=image.media_type, headers={"Cache-Control": "public, max-age=3600"})

    @pages.get("/documents/<package_id>/<kind>-<size>.pdf")
    def document(package_id: str, kind: str, size: str) -> Response:
        package = world.books.package(package_id)
        order = world.books.order(package.order_id) if package else None
        if package is None or order is None:
            abort(404)
        good = world.link_is_good(request.path, expires=request.args.get("Expires", ""), signature=request.args.get("Signature", ""))
        note_visit(world, "shippingDocument", status=200 if good else 403, seller_id=order.shop_id)
        if not good:
            abort(403)
        return Response(labels.draw(package, order, kind=kind, size=size), mimetype="application/pdf")
