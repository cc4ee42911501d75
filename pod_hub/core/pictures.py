"""Small pictures that people upload to be shown: decoded and encoded again, so that nothing but pixels of the file is ever kept or shown."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG")


class BadPicture(ValueError):
    """The file is not a picture that can be shown; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a kind of picture may be: looked at before decoding, because a small file can hold a flood. ``fits`` is what it is scaled down to."""

    most_bytes: int
    most_pixels: int
    fits: tuple[int, int]


@dataclass(frozen=True, slots=True)
class CleanPicture:
    """Pixels alone, as PNG: no text chunks, no profile, no EXIF place."""

    content: bytes
    width: int
    height: int


def clean_picture(content: bytes, limits: Limits) -> CleanPicture:
    """Check a picture and encode it anew. Raises ``BadPicture``."""
    if len(content) > limits.most_bytes:
        raise BadPicture(_("The picture is larger than %(n)s MB. Save it smaller and upload it again.") % {"n": limits.most_bytes // 1_000_000})
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > limits.most_pixels:
                raise BadPicture(
                    _("The picture has more than %(n)s megapixels. Scale it down and upload it again.") % {"n": limits.most_pixels // 1_000_000}
                )
            small = ImageOps.exif_transpose(picture).convert("RGBA")
    except BadPicture:
        raise
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise BadPicture(_("The file is not a readable PNG or JPEG picture. Export it again as PNG and upload that.")) from None
    small.thumbnail(limits.fits)
    sheet = io.BytesIO()
    clean = Image.new("RGBA", small.size)
    clean.paste(small)
    clean.save(sheet, "PNG", optimize=True)
    return CleanPicture(sheet.getvalue(), small.width, small.height)


def store_picture(picture: CleanPicture, *, folder: str) -> str:
    """Store a picture under a name made of its content and return where Django's storage keeps it; the same picture is stored once a folder."""
    name = f"{folder}/{hashlib.sha256(picture.content).hexdigest()}.png"
    return name if default_storage.exists(name) else default_storage.save(name, ContentFile(picture.content))
