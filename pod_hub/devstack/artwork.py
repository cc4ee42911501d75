"""Artwork of the demo: real pictures in print size, drawn here so that nothing has to be downloaded."""

from __future__ import annotations

import io
import math

from PIL import Image, ImageDraw


def mug_wrap(width: int = 2480, height: int = 1063) -> bytes:
    """Return a wrap-around picture for an 11 oz mug: 210 x 90 mm at 300 dpi, hills under a low sun."""
    picture = Image.new("RGB", (width, height), "#fff6e6")
    draw = ImageDraw.Draw(picture)
    for row in range(height):
        warmth = row / height
        draw.line((0, row, width, row), fill=(255, int(236 - 70 * warmth), int(205 - 105 * warmth)))
    draw.ellipse((width * 0.68, height * 0.16, width * 0.68 + height * 0.42, height * 0.58), fill="#fff3c4")
    for layer, colour in enumerate(("#e59a6f", "#c46b4e", "#7d4a4c", "#3d3142")):
        base = height * (0.52 + 0.12 * layer)
        ridge = [
            (x, base + math.sin(x / (170 + 60 * layer) + layer * 1.7) * height * 0.07 + math.sin(x / 61 + layer) * 14)
            for x in range(0, width + 20, 20)
        ]
        draw.polygon([(0, height), *ridge, (width, height)], fill=colour)
    return _png(picture)


def tee_print(width: int = 3543, height: int = 4724, ink: str = "#f2c84b") -> bytes:
    """Return a chest print on a transparent ground: 300 x 400 mm at 300 dpi, rings like a cut tree."""
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    centre = (width / 2, height * 0.42)
    for ring in range(17, 0, -1):
        radius = ring * width * 0.026
        wobble = math.sin(ring * 1.3) * width * 0.012
        box = (centre[0] - radius - wobble, centre[1] - radius, centre[0] + radius, centre[1] + radius + wobble)
        draw.ellipse(box, outline=ink, width=max(8, int(width * 0.006)))
    draw.rectangle((width * 0.22, height * 0.78, width * 0.78, height * 0.785), fill=ink)
    for step in range(9):
        left = width * (0.24 + step * 0.06)
        draw.polygon([(left, height * 0.87), (left + width * 0.02, height * 0.81), (left + width * 0.04, height * 0.87)], fill=ink)
    return _png(picture)


def blank_mug(size: int = 1200) -> bytes:
    """Return a picture of an empty white mug, for the place of a design on it (left 18 %, top 26 %, width 44 %, height 50 %)."""
    picture, draw = _studio(size)
    draw.ellipse(_part(size, 0.60, 0.30, 0.90, 0.68), outline="#d3d8df", width=int(size * 0.055))
    draw.rounded_rectangle(_part(size, 0.16, 0.18, 0.70, 0.84), radius=size * 0.07, fill="#fdfdfe", outline="#d3d8df", width=int(size * 0.006))
    draw.ellipse(_part(size, 0.16, 0.13, 0.70, 0.25), fill="#eef1f4", outline="#d3d8df", width=int(size * 0.006))
    draw.ellipse(_part(size, 0.20, 0.155, 0.66, 0.235), fill="#dfe4ea")
    return _png(picture.resize((size // 2, size // 2), Image.Resampling.LANCZOS))


def blank_tee(size: int = 1200, colour: str = "#23272f") -> bytes:
    """Return a picture of an empty T-shirt, for the place of a design on it (left 33 %, top 27 %, width 34 %, height 46 %)."""
    picture, draw = _studio(size)
    outline = [
        (0.34, 0.13), (0.20, 0.20), (0.06, 0.42), (0.19, 0.50), (0.27, 0.40), (0.27, 0.90),
        (0.73, 0.90), (0.73, 0.40), (0.81, 0.50), (0.94, 0.42), (0.80, 0.20), (0.66, 0.13),
    ]  # fmt: skip
    draw.polygon([(x * size, y * size) for x, y in outline], fill=colour)
    draw.ellipse(_part(size, 0.38, 0.06, 0.62, 0.20), fill="#eceff3")
    return _png(picture.resize((size // 2, size // 2), Image.Resampling.LANCZOS))


def _studio(size: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("RGB", (size, size), "#eceff3")
    draw = ImageDraw.Draw(picture)
    draw.ellipse(_part(size, 0.12, 0.82, 0.88, 0.92), fill="#dde2e8")
    return picture, draw


def _part(size: int, left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
    return left * size, top * size, right * size, bottom * size


def _png(picture: Image.Image) -> bytes:
    sheet = io.BytesIO()
    picture.save(sheet, "PNG", compress_level=1, dpi=(300, 300))
    return sheet.getvalue()
