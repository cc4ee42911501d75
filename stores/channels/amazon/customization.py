"""Amazon Custom's archive: read as hostile input, never unpacked to disk.

Its shape is ``version3.0`` → customizationInfo → surfaces → areas. What is not text or an option is named but not opened here.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

import orjson
from django.utils.translation import gettext as _

from stores.channels.errors import Unreadable
from stores.channels.types import PersonalText

MOST_ENTRIES = 50
MOST_JSON_BYTES = 2_000_000


def read_archive(archive: bytes) -> tuple[PersonalText, ...]:
    """Return the texts of a personalisation archive; raises ``Unreadable``. Sizes are checked before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            entries = opened.infolist()
            if len(entries) > MOST_ENTRIES:
                raise Unreadable(_("It holds more than %(n)s files.") % {"n": MOST_ENTRIES})
            sheets = [entry for entry in entries if entry.filename.endswith(".json") and "/" not in entry.filename and "\\" not in entry.filename]
            if not sheets:
                raise Unreadable(_("It holds no description of the personalisation."))
            if sheets[0].file_size > MOST_JSON_BYTES:
                raise Unreadable(_("Its description is too large."))
            with opened.open(sheets[0]) as stream:
                body = stream.read(MOST_JSON_BYTES + 1)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise Unreadable(_("It is damaged or not a ZIP archive.")) from None
    if len(body) > MOST_JSON_BYTES:
        raise Unreadable(_("Its description is larger than it says."))
    try:
        tree = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Unreadable(_("Its description is not JSON.")) from None
    return _areas(tree)


def _areas(tree: Any) -> tuple[PersonalText, ...]:
    found = []
    info = tree.get("version3.0", {}).get("customizationInfo", {}) if isinstance(tree, dict) else {}
    for surface in info.get("surfaces", []) if isinstance(info, dict) else []:
        for area in surface.get("areas", []) if isinstance(surface, dict) else []:
            if not isinstance(area, dict):
                continue
            text = area.get("text") or area.get("optionValue") or ""
            found.append(PersonalText(str(area.get("label") or area.get("customizationType") or "")[:200], str(text)[:2000]))
    if not found:
        raise Unreadable(_("Its description has a shape that is not known."))
    return tuple(found)
