"""Keeping what customers upload: checked, named by content, one row for each content of a customer.

Everybody who is given a file by a customer keeps it here; nobody else opens one.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from django.core.files.uploadedfile import UploadedFile

from catalog.models import Artwork
from catalog.services.kept_files import check_bytes, keep_bytes
from catalog.services.preflight import SUFFIXES, BadFile, CheckedFile, arrived, looked_at
from pod_hub.accounts.models import Customer
from pod_hub.core.tenancy import tenant


class BadArtwork(BadFile):
    """The file cannot be used; the message says why and what to do."""


def keep_artwork(*, customer: Customer, content: BinaryIO | Path | bytes, file_name: str) -> Artwork:
    """Check and store a file of a customer. Raises ``BadArtwork``; the same content gives the row that is there.

    Looking at the file takes seconds for a large one, and storing it may be a call of the network: where that matters, call it outside a scope;
    it opens its own.
    """
    try:
        with arrived(content, file_name=file_name) as file:
            known = _known(customer, file.sha256)
            return known or _kept(customer, looked_at(file))
    except BadFile as error:
        raise BadArtwork(error.finding) from None


def kept_upload(upload: UploadedFile[bytes], *, customer: Customer) -> Artwork | BadArtwork:
    """Return an upload kept as a customer's artwork, or why it cannot be. For views, before they open their scope."""
    try:
        return keep_artwork(customer=customer, content=upload, file_name=upload.name or "")  # type: ignore[arg-type]  # an upload reads like a file
    except BadArtwork as error:
        return error


def _known(customer: Customer, sha256: str) -> Artwork | None:
    with tenant(customer.psp_id):
        row: Artwork | None = Artwork.objects.filter(customer=customer, sha256=sha256).first()
    if row is None:
        return None
    try:
        check_bytes(row.storage_name, row.sha256, file_name=row.file_name)
    except BadFile:
        return None  # the storage lost or altered it: what was uploaded takes its place
    return row


def _kept(customer: Customer, file: CheckedFile) -> Artwork:
    base = f"psp-{customer.psp_id}/artwork/{file.sha256[:2]}/{file.sha256}"
    names = {
        "storage_name": keep_bytes(f"{base}{SUFFIXES[file.kind]}", file.path),
        "preview_name": keep_bytes(f"{base}.preview.png", file.preview),
        "screen_name": keep_bytes(f"{base}.screen{file.screen.suffix}", file.screen),
    }
    facts = {
        "file_name": file.file_name,
        "content_type": file.content_type,
        "size_bytes": file.size_bytes,
        "width_px": file.width_px,
        "height_px": file.height_px,
        "colour_mode": file.colours,
        "has_transparency": file.transparent,
        "prints_as_is": file.as_is,
        "findings": file.findings,
    }
    with tenant(customer.psp_id):
        row, _made = Artwork.objects.get_or_create(customer=customer, sha256=file.sha256, defaults=names | facts)
    return row
