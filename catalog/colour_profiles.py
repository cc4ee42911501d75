"""The colour profiles that print areas may be printed in: two that come with libvips, and the plant's own, from the folder that the operator names.

A profile for exactly this machine and this material is worth more than any general one, and belongs to whoever made it: the hub ships none of those.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MOST_BYTES = 4_000_000
_SPACES = {b"RGB ": "rgb", b"CMYK": "cmyk", b"GRAY": "grey"}


@dataclass(frozen=True, slots=True)
class ColourProfile:
    """One profile. ``source`` is a name that libvips knows, or a path; ``colours`` one of ``ColourMode``."""

    key: str
    name: str | Promise
    source: str
    colours: str


SRGB = ColourProfile("", "sRGB", "srgb", "rgb")  # CC0
BUILT_IN = (
    SRGB,
    # "Chemical proof" by Graeme W. Gill, in the public domain; compiled into libvips.
    ColourProfile("cmyk", gettext_lazy("CMYK, general offset proof"), "cmyk", "cmyk"),
)


class UnknownProfile(ValueError):
    """No profile of this name is here; the message says where they come from."""


def profiles() -> dict[str, ColourProfile]:
    """Return every profile by its key."""
    return {one.key: one for one in (*BUILT_IN, *_own(str(settings.COLOUR_PROFILES)))}


def profile_of(key: str) -> ColourProfile:
    """Return a profile by key, or raise ``UnknownProfile``."""
    found = profiles().get(key)
    if found is None:
        raise UnknownProfile(
            _("The colour profile “%(key)s” is not here any more. Choose another one for the print area, or put its file back.") % {"key": key}
        )
    return found


@lru_cache(maxsize=4)
def _own(folder: str) -> tuple[ColourProfile, ...]:
    """Read the folder once a process: a profile's key is its file's name without suffix."""
    found = []
    for path in sorted(Path(folder).glob("*.ic[cm]")) if folder else ():
        head = path.read_bytes()[:128]
        colours = _SPACES.get(head[16:20])
        if colours in {"rgb", "cmyk"} and head[36:40] == b"acsp" and path.stat().st_size <= MOST_BYTES:
            found.append(ColourProfile(path.stem[:60], path.stem, str(path), str(colours)))
    return tuple(found)
