"""Setting text: shaped by HarfBuzz from the very file that the editor's browser uses, drawn as outlines, so that nothing is hinted or substituted.

How lines are set is said at ``catalog.scenes.TextLayer``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyvips
import uharfbuzz as hb

_ALIGNED = {"left": 0.0, "center": 0.5, "right": 1.0}


@dataclass(slots=True)
class Outline:
    """A pen that writes SVG path data in pixels, as HarfBuzz draws glyphs in font units, and remembers how far it went."""

    scale: float
    x: float = 0.0
    y: float = 0.0
    parts: list[str] = field(default_factory=list)
    left: float = math.inf
    top: float = math.inf
    right: float = -math.inf
    bottom: float = -math.inf

    def moveTo(self, to: tuple[float, float]) -> None:  # noqa: N802 - the names of pens
        """Begin a contour."""
        self.parts.append("M" + self._at(to))

    def lineTo(self, to: tuple[float, float]) -> None:  # noqa: N802
        """Draw a line."""
        self.parts.append("L" + self._at(to))

    def qCurveTo(self, by: tuple[float, float], to: tuple[float, float]) -> None:  # noqa: N802
        """Draw a curve with one handle."""
        self.parts.append("Q" + self._at(by) + " " + self._at(to))

    def curveTo(self, first: tuple[float, float], second: tuple[float, float], to: tuple[float, float]) -> None:  # noqa: N802
        """Draw a curve with two handles."""
        self.parts.append("C" + " ".join(self._at(point) for point in (first, second, to)))

    def closePath(self) -> None:  # noqa: N802
        """End a contour."""
        self.parts.append("Z")

    def _at(self, point: tuple[float, float]) -> str:
        x, y = self.x + point[0] * self.scale, self.y - point[1] * self.scale
        self.left, self.right = min(self.left, x), max(self.right, x)
        self.top, self.bottom = min(self.top, y), max(self.bottom, y)
        return f"{x:.2f} {y:.2f}"


@lru_cache(maxsize=32)
def _font(path: str) -> hb.Font:
    return hb.Font(hb.Face(Path(path).read_bytes()))


@dataclass(frozen=True, slots=True)
class Glyph:
    """One glyph of a line: its number, and where it stands from the line's beginning, in font units."""

    number: int
    x: float
    y: float


def set_line(font: hb.Font, text: str, *, spacing: float) -> tuple[list[Glyph], float]:
    """Shape a line; return its glyphs and its width in font units. ``spacing`` stands between characters."""
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    ligatures = spacing == 0
    hb.shape(font, buffer, {"kern": True, "liga": ligatures, "clig": ligatures})
    glyphs, x, y = [], 0.0, 0.0
    infos, positions = buffer.glyph_infos or [], buffer.glyph_positions or []
    for place, (info, position) in enumerate(zip(infos, positions, strict=True)):
        if place and info.cluster != infos[place - 1].cluster:
            x += spacing
        glyphs.append(Glyph(info.codepoint, x + position.x_offset, y + position.y_offset))
        x, y = x + position.x_advance, y + position.y_advance
    return glyphs, x


def outline_of(layer: Mapping[str, Any]) -> Outline:
    """Return the outline of a text layer around its centre, before it is turned."""
    font = _font(layer["font"])
    scale = layer["size"] / font.face.upem
    lines = [set_line(font, line, spacing=layer["letter_spacing"] * font.face.upem) for line in layer["text"].replace("\r\n", "\n").split("\n")]
    width = max(line_width for _glyphs, line_width in lines) * scale
    pitch = layer["size"] * layer["line_height"]
    height = layer["size"] * (layer["ascent"] + layer["descent"]) + pitch * (len(lines) - 1)
    pen = Outline(scale)
    for number, (glyphs, line_width) in enumerate(lines):
        left = -width / 2 + (width - line_width * scale) * _ALIGNED[layer["align"]]
        base = -height / 2 + layer["size"] * layer["ascent"] + number * pitch
        for glyph in glyphs:
            pen.x, pen.y = left + glyph.x * scale, base - glyph.y * scale
            font.draw_glyph_with_pen(glyph.number, pen)
    return pen


def lettered(layer: Mapping[str, Any], width: int, height: int) -> tuple[pyvips.Image, int, int] | None:
    """Return a text layer as a picture with its place on a canvas; None where nothing of it is on the canvas."""
    pen = outline_of(layer)
    if not pen.parts:
        return None
    angle = math.radians(layer["rotation"])
    cosine, sine = math.cos(angle), math.sin(angle)
    corners = [(x * cosine - y * sine, x * sine + y * cosine) for x in (pen.left, pen.right) for y in (pen.top, pen.bottom)]
    left = max(0, math.floor(layer["x"] + min(x for x, _y in corners)) - 1)
    top = max(0, math.floor(layer["y"] + min(y for _x, y in corners)) - 1)
    right = min(width, math.ceil(layer["x"] + max(x for x, _y in corners)) + 1)
    bottom = min(height, math.ceil(layer["y"] + max(y for _x, y in corners)) + 1)
    if right <= left or bottom <= top:
        return None
    turn = f"translate({layer['x'] - left:.3f} {layer['y'] - top:.3f}) rotate({layer['rotation']:.6f})"
    size = f'width="{right - left}" height="{bottom - top}"'
    path = f'<path d="{"".join(pen.parts)}" fill="{layer["colour"]}" transform="{turn}"/>'
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{path}</svg>'
    return pyvips.Image.svgload_buffer(drawing.encode(), unlimited=True), left, top
