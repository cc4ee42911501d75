"""Files in the storage that are named by their content: written once, whole or not at all, and the same wherever they are asked for."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage

from catalog.models import Artwork, PrintFile
from catalog.services.preflight import BadFile

CHUNK = 256 * 1024


def keep_bytes(name: str, source: Path) -> str:
    """Store a file under a name made of its content; return the name. What stands there is kept if it is the same, and replaced otherwise."""
    if default_storage.exists(name):
        with source.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        try:
            check_bytes(name, digest, file_name=source.name)
        except BadFile:
            default_storage.delete(name)
        else:
            return name
    with source.open("rb") as content:
        stored: str = default_storage.save(name, File(content, name=source.name))
    return stored


def bring(name: str, target: Path) -> None:
    """Copy a stored file to this machine's disc. Raises ``OSError``."""
    with default_storage.open(name) as stored, target.open("wb") as copy:
        shutil.copyfileobj(stored, copy, CHUNK)


def check_bytes(name: str, sha256: str, *, file_name: str) -> None:
    """Read a stored file to its end and compare it with its checksum. Raises ``BadFile``, or ``OSError`` when the storage does not answer."""
    digest = hashlib.sha256()
    try:
        with default_storage.open(name) as stored:
            for chunk in stored.chunks(CHUNK):
                digest.update(chunk)
    except FileNotFoundError:
        raise BadFile.of("lost", name=file_name) from None
    if digest.hexdigest() != sha256:
        raise BadFile.of("altered", name=file_name)


# --- Letting go -------------------------------------------------------------------------------------------------------
def unnamed(names: Iterable[str]) -> list[str]:
    """Return those names that no row of the PSP holds: the same content is stored once, and another customer may have uploaded it too."""
    gone = {name for name in names if name}
    for model, columns in ((PrintFile, ("storage_name", "preview_name")), (Artwork, ("storage_name", "preview_name", "screen_name"))):
        for column in columns:
            gone -= set(model.objects.filter(**{f"{column}__in": gone}).values_list(column, flat=True))
    return sorted(gone)


def delete_stored(names: Iterable[str]) -> None:
    """Delete files from the storage. Those that are not there are no problem."""
    for name in names:
        default_storage.delete(name)
