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


def _png(picture: Image.Image) -> bytes:
    sheet = io.BytesIO()
    picture.save(sheet, "PNG", compress_level=1, dpi=(300, 300))
    return sheet.getvalue()
