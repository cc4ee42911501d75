"""Where files are kept: a folder of this machine, or a bucket of an S3-compatible service. Both are private, write a file whole or not at all, and
give links that expire.

Which one it is, is a setting; everybody else speaks to ``default_storage``. Whatever a storage does not answer is an ``OSError``.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core import signing
from django.core.files import File
from django.core.files.storage import FileSystemStorage, storages
from django.urls import reverse
from django.utils.deconstruct import deconstructible
from django.utils.http import content_disposition_header
from storages.backends.s3 import S3Storage

LINK_S = 600
INCOMING = ".incoming"  # inside the folder, so that moving a file to its place is one step of the file system
LEFT_BEHIND_S = 86_400
IN_MEMORY = 2 * 1024 * 1024
_SALT = "pod_hub.core.storage.link"


@deconstructible
class WholeFiles(FileSystemStorage):
    """A folder. A file is written beside it, forced to disc and then named, so that no name ever stands for a part of a file."""

    def _save(self, name: str, content: File[bytes]) -> str:
        place = Path(self.path(name))
        incoming = Path(self.base_location) / INCOMING
        for folder in (place.parent, incoming):
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        _sweep(incoming)
        descriptor, half = tempfile.mkstemp(dir=incoming)
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            Path(half).chmod(self.file_permissions_mode or 0o644)
            Path(half).replace(place)
        except BaseException:
            Path(half).unlink(missing_ok=True)
            raise
        _force_names(place.parent)
        return name.replace("\\", "/")

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """List a folder without what is only arriving."""
        folders, files = super().listdir(path)
        return [folder for folder in folders if folder != INCOMING], files


def _sweep(incoming: Path) -> None:
    """Remove what processes that died left behind."""
    old = time.time() - LEFT_BEHIND_S
    for path in incoming.iterdir():
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < old:
                path.unlink()


def _force_names(folder: Path) -> None:
    """Force a folder's new name to disc too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _silence_is_an_os_error() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in {"404", "NoSuchKey"}:
            raise FileNotFoundError(code) from None
        raise OSError(f"the storage answered {code}") from None
    except (BotoCoreError, Boto3Error) as error:
        raise OSError(f"the storage did not answer ({type(error).__name__})") from None


@deconstructible
class PrivateBucket(S3Storage):  # type: ignore[misc]  # published without types
    """A bucket of an S3-compatible service. An upload is there when it is complete; nothing in it is public."""

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        """Bring the whole file here first: what was read halfway when the connection broke is not a file."""
        if mode != "rb":
            raise ValueError(f"files of a bucket are opened for reading alone, not with mode {mode!r}")
        brought: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by the File that has it
        with _silence_is_an_os_error():
            self.bucket.Object(self._normalize_name(posixpath.normpath(name))).download_fileobj(brought)
        brought.seek(0)
        return File(brought, name)

    def _save(self, name: str, content: File[bytes]) -> str:
        with _silence_is_an_os_error():
            return str(super()._save(name, content))

    def delete(self, name: str) -> None:
        """Remove a file; one that is not there is no fault."""
        with _silence_is_an_os_error():
            super().delete(name)

    def exists(self, name: str) -> bool:
        """Return whether there is a file of this name."""
        with _silence_is_an_os_error():
            return bool(super().exists(name))

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """List what begins with a path."""
        with _silence_is_an_os_error():
            folders, files = super().listdir(path)
        return list(folders), list(files)


# --- Links ------------------------------------------------------------------------------------------------------------
def signed_link(name: str, *, file_name: str, content_type: str, lifetime_s: int = LINK_S) -> str:
    """Return an address under which anybody who has it may download a stored file until it expires. It downloads, it is never shown in place.

    With a bucket the address is the bucket's own, so the hub is not in the way of large files.
    """
    disposition = content_disposition_header(True, file_name) or "attachment"
    storage = storages["default"]
    if isinstance(storage, PrivateBucket):
        headers = {"ResponseContentDisposition": disposition, "ResponseContentType": content_type}
        return str(storage.url(name, parameters=headers, expire=lifetime_s))
    told = {"n": name, "d": disposition, "t": content_type, "e": int(time.time()) + lifetime_s}
    return settings.PUBLIC_URL + reverse("stored_file", args=[signing.dumps(told, salt=_SALT, compress=True)])


class NoLink(Exception):
    """The link is not one of ours, or its time is over."""


def read_link(token: str) -> tuple[str, str, str]:
    """Return name, disposition and content type of a link's file. Raises ``NoLink``."""
    try:
        told = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        raise NoLink from None
    if told["e"] < time.time():
        raise NoLink
    return told["n"], told["d"], told["t"]
