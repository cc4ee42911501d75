"""Keeping what customers upload: checked, named by content, one row for each content of a customer."""

from __future__ import annotations

import hashlib
from typing import BinaryIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from catalog.models import Artwork
from catalog.services.print_files import TYPES, BadPrintFile, _look
from pod_hub.accounts.models import Customer
from pod_hub.core.tenancy import current_psp_id


class BadArtwork(ValueError):
    """The file cannot be used; the message says why and what to do."""


def keep_artwork(*, customer: Customer, content: BinaryIO, file_name: str) -> Artwork:
    """Check and store a file of a customer. Raises ``BadArtwork``."""
    body = content.read()
    try:
        picture_format, width, height, preview = _look(body, file_name)
    except BadPrintFile as error:
        raise BadArtwork(str(error)) from None
    digest = hashlib.sha256(body).hexdigest()
    known = Artwork.objects.filter(customer=customer, sha256=digest).first()
    if known is not None:
        return known
    base = f"psp-{current_psp_id()}/artwork/{digest[:2]}/{digest}"
    made: Artwork = Artwork.objects.create(
        customer=customer,
        storage_name=default_storage.save(base, ContentFile(body)),
        preview_name=default_storage.save(f"{base}.preview.png", ContentFile(preview)),
        file_name=file_name[:200],
        content_type=TYPES[picture_format],
        size_bytes=len(body),
        sha256=digest,
        width_px=width,
        height_px=height,
    )
    return made
