"""Fetching a file from a link that somebody typed: the one way in which the hub opens such links (docs/security.md, "Links that people type")."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from email.message import EmailMessage
from typing import BinaryIO
from urllib.parse import unquote

import httpx
from django.utils.translation import gettext as _

from pod_hub.core.http import UnsafeAddress
from pod_hub.core.share_links import direct_link
from pod_hub.core.typed_addresses import asked, plain_address

MOST_BYTES = 50 * 1024 * 1024
TOTAL_S = 30.0
MOST_HOPS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
UNKNOWN_TYPE = "application/octet-stream"
_LOOK_AT = 1024  # bytes at the beginning that tell the type
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"%PDF-", "application/pdf"),
    (b"GIF8", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
)
_PAGE_TAGS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<title", b"<meta", b"<iframe", b"<!--")
_NOT_IN_A_NAME = re.compile(r"[\x00-\x1f\x7f/\\]+")


class NotFetched(Exception):
    """The file was not fetched; ``str()`` is a sentence that says why and what to do. ``again`` is true where a later try may succeed."""

    def __init__(self, message: str, *, again: bool = False) -> None:
        super().__init__(message)
        self.again = again


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was fetched. ``content_type`` is told by the content alone; ``final_url`` is where it lay after redirects."""

    final_url: str
    content_type: str
    size: int
    file_name: str


def fetch(url: str, *, to: BinaryIO, most_bytes: int = MOST_BYTES) -> Fetched:
    """Write the file behind a link into ``to``: at most ``most_bytes``, within 30 seconds, over at most three redirects to public addresses.

    Share pages of Dropbox and Google Drive are turned into the file. Raises ``NotFetched``, after which ``to`` may hold a part of the file.
    """
    ends_at = time.monotonic() + TOTAL_S
    try:
        place = direct_link(plain_address(url.strip()))
        for _hop in range(MOST_HOPS + 1):
            with asked("GET", str(place), service="link", total_s=max(ends_at - time.monotonic(), 0.001)) as response:
                if response.status_code not in REDIRECTS:
                    return _kept(response, place, to, most_bytes)
                place = direct_link(_next(place, response.headers.get("location", "")))
    except UnsafeAddress as error:
        raise NotFetched(str(error)) from None
    except httpx.HTTPError as error:
        raise _no_answer(error) from None
    raise NotFetched(_("The link leads on to another place more than %(n)s times. Use the link of the file itself.") % {"n": MOST_HOPS})


def _next(place: httpx.URL, location: str) -> httpx.URL:
    try:
        return plain_address(str(place.join(location)) if location else "")
    except (httpx.InvalidURL, ValueError):
        raise UnsafeAddress(_("The server sends on to an address that cannot be read.")) from None
    except UnsafeAddress as error:
        raise UnsafeAddress(_("The server sends on to another place: %(reason)s") % {"reason": error}) from None


def _kept(response: httpx.Response, place: httpx.URL, to: BinaryIO, most_bytes: int) -> Fetched:
    _require_success(response, place)
    if response.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise NotFetched(_("%(host)s sends the file packed, though it was asked not to. Put it on another server.") % {"host": place.host})
    too_large = NotFetched(_("The file is larger than %(n)s MB. Save it with compression, and link that file.") % {"n": most_bytes // 1024**2})
    told = response.headers.get("content-length", "")
    if told.isdecimal() and len(told) < 20 and int(told) > most_bytes:
        raise too_large
    size, start = 0, b""
    for chunk in response.iter_raw():
        size += len(chunk)
        if size > most_bytes:
            raise too_large
        if len(start) < _LOOK_AT:
            start = (start + chunk)[:_LOOK_AT]
            _refuse_page(start, place)
        to.write(chunk)
    if not size:
        raise NotFetched(_("%(host)s answered with an empty file.") % {"host": place.host})
    return Fetched(str(place), type_by_content(start), size, _file_name(response, place))


def _require_success(response: httpx.Response, place: httpx.URL) -> None:
    status, about = response.status_code, {"host": place.host, "status": response.status_code}
    if status in {200, 203}:
        return
    if status in {401, 402, 403, 407}:
        raise NotFetched(_("%(host)s does not let the hub open the file (%(status)s). Share it with everybody who has the link.") % about)
    if status in {404, 410}:
        raise NotFetched(_("There is no file at this link on %(host)s (%(status)s). Copy the link again.") % about)
    if status in {408, 425, 429} or status >= 500:
        raise NotFetched(_("%(host)s could not answer just now (%(status)s). Try again later.") % about, again=True)
    raise NotFetched(_("%(host)s did not answer with a file (%(status)s). Open the link in a browser to see why.") % about)


def _refuse_page(start: bytes, place: httpx.URL) -> None:
    if _first_markup(start).startswith(_PAGE_TAGS):
        raise NotFetched(
            _(
                "The link opens a web page on %(host)s and not the file. Use a direct link, which a browser downloads or shows without anything around."
            )
            % {"host": place.host}
        )


def type_by_content(start: bytes) -> str:
    """Return the media type that the first bytes of a file tell, whatever its name says; ``UNKNOWN_TYPE`` for what nobody prints."""
    for beginning, media_type in _BEGINNINGS:
        if start.startswith(beginning):
            return media_type
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    markup = _first_markup(start)
    if markup.startswith((b"<svg", b"<!doctype svg")):
        return "image/svg+xml"
    return "text/html" if markup.startswith(_PAGE_TAGS) else UNKNOWN_TYPE


def _first_markup(start: bytes) -> bytes:
    """Return the beginning in small letters, without the comments and the declaration that may stand before the first tag."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for opened, closed in ((b"<?xml", b"?>"), *[(b"<!--", b"-->")] * 9):
        if text.startswith(opened) and closed in text:
            text = text.partition(closed)[2].lstrip()
    return text


def _file_name(response: httpx.Response, place: httpx.URL) -> str:
    message = EmailMessage()
    try:
        message["Content-Disposition"] = response.headers.get("content-disposition", "")
        told = message.get_filename("")
    except (ValueError, LookupError):
        told = ""
    name = told or unquote(place.path.rpartition("/")[2])
    return _NOT_IN_A_NAME.sub("_", name).strip(" ._")[-200:] or place.host


def _no_answer(error: httpx.HTTPError) -> NotFetched:
    # The library's own text can quote the link, which may hold a secret.
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return NotFetched(_("The server's certificate is not valid, so nobody can tell whose server it is. Use a link of another server."))
    if isinstance(error, httpx.TimeoutException):
        return NotFetched(_("The server did not send the file within %(n)s seconds. Try again later.") % {"n": int(TOTAL_S)}, again=True)
    if isinstance(error, httpx.ConnectError):
        return NotFetched(_("The server could not be reached. Try again later."), again=True)
    return NotFetched(_("The server broke off before the file was complete. Try again later."), again=True)


__all__ = ["MOST_BYTES", "Fetched", "NotFetched", "fetch", "type_by_content"]
