"""Storing print files: checked first, named by content within a PSP, written whole or not at all."""

from __future__ import annotations

import hashlib
import io

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from catalog.models import PrintArea, PrintFile, ProductModel
from pod_hub.core.tenancy import current_psp_id, whole_psp

MOST_BYTES = 200_000_000
MOST_PIXELS = 200_000_000
PREVIEW_PX = 480
MM_PER_INCH = 25.4
TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}


class BadPrintFile(ValueError):
    """The file cannot be printed; the message says why and what to do."""


def keep_print_file(*, content: bytes, file_name: str, product_model: ProductModel, area: PrintArea | None = None) -> PrintFile:
    """Check and store a print file; the same content is stored once per PSP. Raises ``BadPrintFile``.

    Without an area it is the model's first. The resolution is what the picture gives on it, bleed included; below its minimum it is refused.
    """
    area = area or product_model.main_area
    if area is None:
        raise BadPrintFile(_("%(model)s has no print area yet, so no file fits it. Add one to the product model first.") % {"model": product_model})
    if len(content) > MOST_BYTES:
        raise BadPrintFile(_("“%(name)s” is larger than 200 MB. Save it with compression and upload it again.") % {"name": file_name})
    picture_format, width, height, preview = _look(content, file_name)
    dpi = resolution(width, height, area)
    if dpi < area.min_dpi:
        raise BadPrintFile(
            _("“%(name)s” gives %(dpi)s dpi on %(model)s; at least %(min)s are needed. Upload a larger picture.")
            % {"name": file_name, "dpi": dpi, "model": product_model, "min": area.min_dpi}
        )
    with whole_psp(reason="the same content is stored once, whoever uploaded it first"):
        return _stored(content, file_name, picture_format, (width, height), dpi, preview)


def _stored(content: bytes, file_name: str, picture_format: str, size: tuple[int, int], dpi: int, preview: bytes) -> PrintFile:
    digest = hashlib.sha256(content).hexdigest()
    same = list(PrintFile.objects.filter(sha256=digest))
    known = next((one for one in same if one.dpi == dpi), None)
    if known is not None:
        return known
    psp_id = current_psp_id()
    base = f"psp-{psp_id}/print-files/{digest[:2]}/{digest}"
    suffix = ".png" if picture_format == "PNG" else ".jpg"
    stored = same[0].storage_name if same else default_storage.save(base + suffix, ContentFile(content))
    previewed = same[0].preview_name if same else default_storage.save(base + ".preview.png", ContentFile(preview))
    created: PrintFile = PrintFile.objects.create(
        storage_name=stored,
        preview_name=previewed,
        file_name=file_name[:200],
        content_type=TYPES[picture_format],
        size_bytes=len(content),
        sha256=digest,
        width_px=size[0],
        height_px=size[1],
        dpi=dpi,
    )
    return created


def _look(content: bytes, file_name: str) -> tuple[str, int, int, bytes]:
    """Return format, width, height and a preview, having decoded the whole picture; sizes are checked before decoding."""
    try:
        with Image.open(io.BytesIO(content), formats=list(TYPES)) as picture:
            picture_format, (width, height) = str(picture.format), picture.size
            if width * height > MOST_PIXELS:
                raise BadPrintFile(_("“%(name)s” has more than 200 megapixels. Scale it down and upload it again.") % {"name": file_name})
            picture.load()
            small = picture.convert("RGBA")
            small.thumbnail((PREVIEW_PX, PREVIEW_PX))
            sheet = io.BytesIO()
            small.save(sheet, "PNG")
    except BadPrintFile:
        raise
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise BadPrintFile(_("“%(name)s” is not a readable PNG or JPEG picture. Export it again and upload that.") % {"name": file_name}) from None
    return picture_format, width, height, sheet.getvalue()


def resolution(width_px: int, height_px: int, area: PrintArea) -> int:
    """Return the dpi a picture gives on the print area with bleed: the worse of both directions."""
    across = (area.width_mm + 2 * area.bleed_mm) / MM_PER_INCH
    down = (area.height_mm + 2 * area.bleed_mm) / MM_PER_INCH
    return int(min(width_px / across, height_px / down))


def content_of(print_file: PrintFile) -> bytes:
    """Return the stored bytes, checked against the checksum; raises ``BadPrintFile`` when the storage lost or altered them."""
    try:
        with default_storage.open(print_file.storage_name) as stored:
            content: bytes = stored.read()
    except OSError:
        raise BadPrintFile(_("The stored file “%(name)s” is missing. Upload the design again.") % {"name": print_file}) from None
    if hashlib.sha256(content).hexdigest() != print_file.sha256:
        raise BadPrintFile(_("The stored file “%(name)s” was altered after it was checked. Upload the design again.") % {"name": print_file})
    return content
