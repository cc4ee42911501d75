"""The files that answers link to: pictures, personalisation archives, report and feed documents. Links are signed and expire, as S3's do."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from stores.sandbox.amazon import customization, feeds, product_types, reports
from stores.sandbox.amazon.marketplaces import MARKETPLACES
from stores.sandbox.amazon.world import World
from stores.sandbox.pictures import picture
from stores.sandbox.visits import note_visit


def add(pages: Blueprint, world: World) -> None:
    """Add the addresses of the files."""

    @pages.get("/pictures/<asin>.png")
    def product_picture(asin: str) -> Response:
        listing = world.books.listing_with_asin(asin)
        if listing is None:
            abort(404)
        fetched = world.books.picture(asin)
        if fetched is not None:
            return Response(fetched[0], mimetype=fetched[1], headers={"Cache-Control": "public, max-age=3600"})
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

    @pages.get("/schemas/<product_type>/<marketplace_id>/<requirements>")
    def schema(product_type: str, marketplace_id: str, requirements: str) -> Response:
        refused = _link_refusal(world)
        found = product_types.TYPES.get(product_type)
        if refused or found is None:
            return refused or _s3_error(404, "NoSuchKey", "The specified key does not exist.")
        language = MARKETPLACES[marketplace_id].language
        return Response(product_types.written(product_types.schema(found, marketplace_id, language, requirements)), mimetype="application/json")

    @pages.put("/feed-documents/<document_id>")
    def feed_upload(document_id: str) -> Response:
        refused = _link_refusal(world)
        if refused is None:
            status = feeds.put_document(world, document_id, content=request.get_data(), content_type=request.headers.get("Content-Type", ""))
            if status == 403:
                refused = _s3_error(403, "SignatureDoesNotMatch", "The upload is not what the address was signed for.")
            elif status == 404:
                refused = _s3_error(404, "NoSuchKey", "The specified key does not exist.")
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


def _link_refusal(world: World) -> Response | None:
    """Check a signed link; S3's own answers otherwise. An access token beside the signature is refused, as S3 does."""
    if "x-amz-access-token" in request.headers or "Authorization" in request.headers:
        return _s3_error(
            400,
            "InvalidArgument",
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified",
        )
    expires, signature = request.args.get("Expires", ""), request.args.get("Signature", "")
    good = world.link_is_good(request.path, expires=expires, signature=signature)
    return None if good else _s3_error(403, "AccessDenied", "Request has expired")


def _s3_error(status: int, code: str, text: str) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{text}</Message></Error>'
    return Response(body, status=status, mimetype="application/xml")
