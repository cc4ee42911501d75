"""Links of share pages, turned into links of the file itself where the way is known (GT-23)."""

from __future__ import annotations

import re

import httpx
from django.utils.translation import gettext as _

from pod_hub.core.http import UnsafeAddress

_DROPBOX = frozenset({"dropbox.com", "www.dropbox.com"})
_DRIVE = frozenset({"drive.google.com", "docs.google.com"})
_DRIVE_FILE = re.compile(r"/(?:a/[^/]+/)?file/(?:u/\d+/)?d/([\w-]{10,})(?:/|$)")
_DRIVE_ID = re.compile(r"[\w-]{10,}")
_DRIVE_DOCUMENT = re.compile(r"/(?:a/[^/]+/)?(?:document|spreadsheets|presentation|forms|drawings)/")


def direct_link(url: httpx.URL) -> httpx.URL:
    """Return the link of the file behind a share page of Dropbox or Google Drive; any other link unchanged.

    Raises ``UnsafeAddress`` for what is shared there and is no single file: a folder, a document of Google's own.
    """
    host = url.host.lower()
    if host in _DROPBOX:
        return _of_dropbox(url)
    if host in _DRIVE:
        return _of_drive(url)
    return url


def _of_dropbox(url: httpx.URL) -> httpx.URL:
    # https://help.dropbox.com/share/force-download: dl=1 in place of dl=0 answers with the file. /scl/fi/ and /s/ are files.
    if url.path.startswith(("/scl/fo/", "/sh/", "/home")):
        raise UnsafeAddress(_("This Dropbox link shows a folder. Open the folder, choose the file, and copy the link of the file."))
    if url.path.startswith(("/scl/fi/", "/s/")):
        return url.copy_remove_param("raw").copy_set_param("dl", "1")
    return url


def _of_drive(url: httpx.URL) -> httpx.URL:
    if url.path.startswith(("/drive/folders", "/drive/u/", "/drive/my-drive", "/embeddedfolderview")):
        raise UnsafeAddress(_("This Google Drive link shows a folder. Open the folder, choose the file, and copy the link of the file."))
    if _DRIVE_DOCUMENT.match(url.path):
        raise UnsafeAddress(_("This link shows a Google document, which is no print file. Download it as PDF, PNG or JPEG and link that file."))
    found = _DRIVE_FILE.match(url.path)
    file_id = found[1] if found else url.params.get("id", "") if url.path in {"/open", "/uc", "/thumbnail"} else ""
    if not _DRIVE_ID.fullmatch(file_id):
        return url
    # "confirm" answers the question whether a file too large for Drive's virus scan shall be downloaded all the same.
    direct = httpx.URL("https://drive.usercontent.google.com/download", params={"id": file_id, "export": "download", "confirm": "t"})
    key = url.params.get("resourcekey", "")
    return direct.copy_set_param("resourcekey", key) if key else direct
