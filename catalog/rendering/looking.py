"""Looking at one file of artwork: what it is, whether it can be decoded to its end, and small pictures of it for pages and for the editor."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyvips

from catalog.rendering import pdf_pages, svg_shapes
from catalog.rendering.colours import in_srgb
from catalog.rendering.headers import HEAD_BYTES, PDF, PNG, SVG, Header, header_of, type_of
from catalog.rendering.refusals import Refused

PREVIEW_PX = 480
SCREEN_PX = 2000  # the editor's: sharp on a screen that shows a whole print area
# Vector artwork has no pixels of its own; it is counted at this resolution.
VECTOR_DPI = 300
SVG_LONGEST_PX = 4000
_QUARTER_TURNS = 5  # of EXIF's eight orientations, those from here on swap width and height


@dataclass(slots=True)
class Look:
    """What a file is. ``path`` is the file to keep: the one that came, or the picture that was made of an SVG."""

    kind: str
    path: str
    width: int
    height: int
    colours: str = "rgb"
    bits: int = 8
    transparent: bool = False
    pages: int = 1
    as_is: bool = False
    findings: list[dict[str, Any]] = field(default_factory=list)

    def found(self, code: str, **values: str | int) -> None:
        """Note something that people should know."""
        self.findings.append({"code": code, "values": values})


def look_at(path: str, folder: str) -> dict[str, Any]:
    """Look at a file and write ``preview.png`` and ``screen.png`` or ``screen.jpg`` into ``folder``. Raises ``Refused``."""
    source = Path(path)
    size = source.stat().st_size
    with source.open("rb") as file:
        kind = type_of(file.read(HEAD_BYTES))
        if kind == PDF:
            look, picture = _pdf(path, folder)
        elif kind == SVG:
            look, picture = _svg(source, folder)
        else:
            header = header_of(kind, file, size)
            look, picture = _picture(kind, path, header)
    return _told(look, picture, folder)


def _picture(kind: str, path: str, header: Header) -> tuple[Look, pyvips.Image]:
    """Return what a picture is, and itself as the editor shows it; every pixel was read."""
    look = Look(kind, path, header.width, header.height, header.colours, header.bits)
    opened = opened_picture(path, kind)
    if (opened.width, opened.height) != (header.width, header.height):
        raise Refused("damaged")
    orientation = opened.get("orientation") if opened.get_typeof("orientation") else 1
    if orientation >= _QUARTER_TURNS:
        look.width, look.height = look.height, look.width
    picture = small(path, SCREEN_PX)
    if header.has_alpha and picture.hasalpha():
        look.transparent = picture[picture.bands - 1].min() < 255
    if look.colours == "cmyk":
        look.found("cmyk")
    if look.bits == 16:
        look.found("sixteen_bits")
    if orientation > 1:
        look.found("turned")
    if header.tail:
        look.found("tail", bytes=header.tail)
    look.as_is = kind == PNG and look.bits == 8 and not look.findings and _is_srgb(opened)
    return look, picture


def _is_srgb(opened: pyvips.Image) -> bool:
    """Return whether the numbers of a picture are sRGB: it says so, or says nothing."""
    if not opened.get_typeof("icc-profile-data"):
        return True
    profile = bytes(opened.get("icc-profile-data"))
    return b"sRGB" in profile or "sRGB".encode("utf-16-be") in profile


def opened_picture(path: str, kind: str) -> pyvips.Image:
    """Open a PNG or JPEG with the loader of its kind and no other. Reads the header alone."""
    load = pyvips.Image.pngload if kind == "png" else pyvips.Image.jpegload
    return load(path, access="sequential", fail_on="truncated")


def small(path: str, side: int) -> pyvips.Image:
    """Return a picture turned upright, in sRGB with 8 bits, no side longer than ``side``; decoded to its end, in memory."""
    picture = pyvips.Image.thumbnail(path, side, size="down", export_profile="srgb", import_profile="cmyk", fail_on="truncated")
    return in_srgb(picture).copy_memory()


def _pdf(path: str, folder: str) -> tuple[Look, pyvips.Image]:
    facts = pdf_pages.inspect(path)
    width, height = (max(1, round(side / 72 * VECTOR_DPI)) for side in facts.size_pt)
    look = Look(PDF, path, width, height, pages=facts.pages)
    if facts.pages > 1:
        look.found("pages", pages=facts.pages)
    for name in facts.fonts_missing[:3]:
        look.found("font_missing", font=name)
    if facts.has_links:
        look.found("links")
    look.as_is = facts.pages == 1 and not facts.fonts_missing
    picture = pdf_pages.drawn(path, *pdf_pages.within(path, SCREEN_PX), folder=folder)
    look.transparent = picture[3].min() < 255
    return look, picture


def _svg(source: Path, folder: str) -> tuple[Look, pyvips.Image]:
    """Turn the drawing into a picture once and for all: nothing later reads SVG."""
    made = Path(folder) / "drawing.png"
    made.write_bytes(svg_shapes.drawn(source.read_bytes(), longest=SVG_LONGEST_PX))
    with made.open("rb") as file:
        header = header_of("png", file, made.stat().st_size)
    look, picture = _picture(PNG, str(made), header)
    look.found("svg", width=header.width, height=header.height)
    return look, picture


def _told(look: Look, picture: pyvips.Image, folder: str) -> dict[str, Any]:
    if look.transparent:
        screen = f"{folder}/screen.png"
        picture.pngsave(screen, compression=6)
    else:
        picture = picture.flatten(background=255) if picture.hasalpha() else picture
        screen = f"{folder}/screen.jpg"
        picture.jpegsave(screen, Q=92, subsample_mode="off")
    picture.thumbnail_image(PREVIEW_PX, size="down").pngsave(f"{folder}/preview.png", compression=6)
    return {
        "kind": look.kind,
        "path": look.path,
        "width": look.width,
        "height": look.height,
        "colours": look.colours,
        "bits": look.bits,
        "transparent": look.transparent,
        "pages": look.pages,
        "as_is": look.as_is,
        "findings": look.findings,
        "screen": screen,
        "preview": f"{folder}/preview.png",
    }
