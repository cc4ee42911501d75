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
    """What a kind of picture may be: looked at before decoding, because a small file can hold a flood. ``fits`` is what it is scaled down to.

    ``least`` are the pixels that its longer and its shorter side need to have left then.
    """

    most_bytes: int
    most_pixels: int
    fits: tuple[int, int]
    least: tuple[int, int] = (1, 1)


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
    found = small.size
    small.thumbnail(limits.fits)
    _refuse_small(found, small.size, limits.least)
    sheet = io.BytesIO()
    clean = Image.new("RGBA", small.size)
    clean.paste(small)
    clean.save(sheet, "PNG", optimize=True)
    return CleanPicture(sheet.getvalue(), small.width, small.height)


def _refuse_small(found: tuple[int, int], kept: tuple[int, int], least: tuple[int, int]) -> None:
    longer, shorter = least
    if max(kept) >= longer and min(kept) >= shorter:
        return
    words = {"width": found[0], "height": found[1], "longer": longer, "shorter": shorter}
    if kept == found:
        raise BadPicture(
            _(
                "The picture has %(width)s × %(height)s pixels. At least %(longer)s are needed on its longer side and %(shorter)s on its shorter; "
                "upload a larger one."
            )
            % words
        )
    raise BadPicture(
        _(
            "The picture has %(width)s × %(height)s pixels and is too narrow: scaled to what marketplaces take, %(left)s pixels are left on its shorter "
            "side, where %(shorter)s are needed. Cut it to a squarer shape and upload that."
        )
        % {**words, "left": min(kept)}
    )


def store_picture(picture: CleanPicture, *, folder: str) -> str:
    """Store a picture under a name made of its content and return where Django's storage keeps it; the same picture is stored once a folder."""
    name = f"{folder}/{hashlib.sha256(picture.content).hexdigest()}.png"
    return name if default_storage.exists(name) else default_storage.save(name, ContentFile(picture.content))
