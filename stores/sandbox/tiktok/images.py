"""Pictures: uploaded ones are kept as they came, those of the cast are drawn. External addresses are never accepted (tiktok.md §9)."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from PIL import Image as Pictures
from PIL import UnidentifiedImageError

from stores.sandbox.pictures import SIZE, picture
from stores.sandbox.tiktok.answers import Refusal
from stores.sandbox.tiktok.books import Books
from stores.sandbox.tiktok.operations import Call, Operation
from stores.sandbox.tiktok.records import Image

USE_CASES = ("MAIN_IMAGE", "ATTRIBUTE_IMAGE", "DESCRIPTION_IMAGE", "CERTIFICATION_IMAGE", "SIZE_CHART_IMAGE")
LARGEST = 10 * 1024 * 1024
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "BMP": "image/bmp"}  # HEIC as well, which Pillow cannot read by itself
SMALLEST_PX, LARGEST_PX = 300, 4000


def url(base_url: str, uri: str) -> str:
    """Return where a picture lies."""
    return f"{base_url}/images/{uri}"


def shape(books: Books, base_url: str, uri: str) -> dict[str, Any]:
    """Return a picture as a product shows it."""
    image = books.image(uri)
    address = url(base_url, uri)
    return {
        "uri": uri,
        "width": image.width if image else 0,
        "height": image.height if image else 0,
        "urls": [address],
        "thumb_urls": [f"{address}?thumb"],
    }


def drawn(books: Books, kind: str, color: str) -> str:
    """Keep a drawn picture and return its URI."""
    uri = f"tos-imitation-i-drawn/{kind}-{color.removeprefix('#')}"
    if books.image(uri) is None:
        books.keep_image(Image(uri, "MAIN_IMAGE", SIZE, SIZE, drawing=f"{kind} {color}"))
    return uri


def content(image: Image) -> bytes:
    """Return a picture's bytes."""
    if not image.drawing:
        return image.content
    kind, color = image.drawing.split(" ")
    return picture(kind, color)


def upload_image(call: Call) -> dict[str, Any]:
    """Answer ``uploadProductImage``."""
    file = call.files.get("data")
    if file is None or not file.content:
        raise Refusal(12038002)
    use_case = call.body.get("use_case", "MAIN_IMAGE")
    if use_case not in USE_CASES:
        raise Refusal(11050001)
    if len(file.content) > LARGEST:
        raise Refusal(12038005)
    try:
        with Pictures.open(io.BytesIO(file.content)) as opened:
            width, height, kind = opened.width, opened.height, opened.format or ""
    except (UnidentifiedImageError, OSError, Pictures.DecompressionBombError):
        raise Refusal(12038004) from None
    if kind not in FORMATS:
        raise Refusal(12038015)
    if use_case == "MAIN_IMAGE" and not (SMALLEST_PX <= width <= LARGEST_PX and SMALLEST_PX <= height <= LARGEST_PX):
        raise Refusal(12038014)
    uri = f"tos-imitation-i-sent/{hashlib.sha256(use_case.encode() + file.content).hexdigest()[:32]}"
    call.world.books.keep_image(Image(uri, use_case, width, height, FORMATS[kind], content=file.content))
    return {"uri": uri, "url": url(call.base_url, uri), "width": width, "height": height, "use_case": use_case}


OPERATIONS = (
    Operation(
        "uploadProductImage",
        "POST",
        "/product/202309/images/upload",
        upload_image,
        scopes=("seller.product.basic",),
        body="use_case",
        cipher=False,
        multipart=True,
    ),
)
