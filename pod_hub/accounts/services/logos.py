"""Logos of trading names and PSPs: decoded and encoded again, so that nothing but pixels of the uploaded file is ever kept or shown."""

from __future__ import annotations

import hashlib
import io

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from pod_hub.accounts.models import TradingName

MOST_BYTES = 1_000_000
MOST_PIXELS = 16_000_000  # looked at before decoding: a small file can hold a flood
FITS = (1200, 600)  # 500 dpi in the slip's box
FORMATS = ("PNG", "JPEG")


class BadLogo(ValueError):
    """The file cannot be a logo; the message says why and what to do."""


def keep_logo(*, trading_name: TradingName, content: bytes) -> None:
    """Check, encode and store a logo in place of the earlier one. Raises ``BadLogo``."""
    trading_name.logo_name = store_logo(psp_id=trading_name.psp_id, content=content)
    trading_name.save(update_fields=["logo_name"])


def store_logo(*, psp_id: int, content: bytes) -> str:
    """Check, encode and store a logo; return where Django's storage keeps it. Raises ``BadLogo``."""
    if len(content) > MOST_BYTES:
        raise BadLogo(_("The logo is larger than 1 MB. Save it smaller and upload it again."))
    encoded = _encoded(content)
    name = f"psp-{psp_id}/logos/{hashlib.sha256(encoded).hexdigest()}.png"
    # Named by content, so the same logo of two trading names is one file and nothing is ever overwritten with something else.
    return name if default_storage.exists(name) else default_storage.save(name, ContentFile(encoded))


def remove_logo(*, trading_name: TradingName) -> None:
    """Print this trading name without a logo from now on. The file stays for others that use the same."""
    trading_name.logo_name = ""
    trading_name.save(update_fields=["logo_name"])


def _encoded(content: bytes) -> bytes:
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise BadLogo(_("The logo has more than 16 megapixels. Scale it down and upload it again."))
            small = ImageOps.exif_transpose(picture).convert("RGBA")
    except BadLogo:
        raise
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise BadLogo(_("The file is not a readable PNG or JPEG picture. Export the logo again as PNG and upload that.")) from None
    small.thumbnail(FITS)
    sheet = io.BytesIO()
    # A new picture holds pixels alone: no text chunks, no profile, no EXIF place.
    clean = Image.new("RGBA", small.size)
    clean.paste(small)
    clean.save(sheet, "PNG", optimize=True)
    return sheet.getvalue()
