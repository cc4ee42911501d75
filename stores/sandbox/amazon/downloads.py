"""The files that answers link to: pictures, personalisation archives, report documents. Links are signed and expire, as S3's do."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from stores.sandbox.amazon import customization, reports
from stores.sandbox.amazon.pictures import picture
from stores.sandbox.amazon.visits import note_visit
from stores.sandbox.amazon.world import World


def add(pages: Blueprint, world: World) -> None:
    """Add the addresses of the files."""

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
