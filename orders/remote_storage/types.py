"""A storage that somebody else runs, in our words: what lies in it, page by page, and the way to one file. Nothing here touches the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

PAGE = 1000
LIST_S = 15.0
FETCH_S = 30.0
MOST_FILE_BYTES = 50 * 1024 * 1024
PORTS = frozenset({80, 443, 8080, 8443, 9000})  # 9000 is MinIO's


class StorageProblem(Exception):
    """The storage did not do what was asked; ``str()`` says why and what to do. ``again`` is true where a later try may succeed."""

    def __init__(self, message: str, *, again: bool = False) -> None:
        super().__init__(message)
        self.again = again


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One object as the listing tells it. ``etag`` changes with the content; of a plain upload to S3 it is the MD5 of it."""

    name: str
    etag: str
    size_bytes: int
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class FilePage:
    """One page of a listing; ``next_page`` is empty on the last one."""

    files: tuple[RemoteFile, ...]
    next_page: str


class RemoteStorage(Protocol):
    """One bucket or container below one prefix."""

    def page(self, *, after: str = "", most: int = PAGE) -> FilePage:
        """Return the page that the token ``after`` names, by name. Raises ``StorageProblem``."""

    def fetch(self, name: str, *, to: BinaryIO) -> int:
        """Write a file into ``to`` and return its size. Raises ``StorageProblem``, after which ``to`` may hold a part of it."""
