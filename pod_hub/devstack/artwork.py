"""Artwork of the demo: real pictures in print size, drawn here so that nothing has to be downloaded."""

from __future__ import annotations

import io
import math

from PIL import Image, ImageColor, ImageDraw, ImageFilter

BLANK_PX = 1200  # the edge of a blank's picture


def mug_wrap(width: int = 2528, height: int = 1110) -> bytes:
    """Return a wrap-around picture for an 11 oz mug: 210 x 90 mm and 2 mm of bleed at 300 dpi, hills under a low sun."""
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


def tee_blank(colour: str, *, back: bool = False, size: int = BLANK_PX) -> bytes:
    """Return a picture of a T-shirt from the front or back, for previews: flat shapes with a few soft folds."""
    big = size * 2  # drawn twice as large and scaled down, which smooths the edges

    def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x * big, y * big) for x, y in points]

    half = [
        (0.5, 0.135),
        (0.585, 0.115),
        (0.64, 0.1),
        (0.73, 0.135),
        (0.84, 0.2),
        (0.93, 0.385),
        (0.80, 0.452),
        (0.752, 0.37),
        (0.748, 0.62),
        (0.757, 0.93),
    ]
    outline = at(*half, (0.5, 0.945), *((1 - x, y) for x, y in reversed(half)))
    shape = Image.new("L", (big, big), 0)
    ImageDraw.Draw(shape).polygon(outline, fill=255)
    neck = 0.03 if back else 0.085
    ImageDraw.Draw(shape).ellipse((0.405 * big, (0.115 - neck) * big, 0.595 * big, (0.115 + neck) * big), fill=0)
    shade = Image.new("L", (big, big), 0)
    folds = ImageDraw.Draw(shade)
    for left, top, right, bottom in (
        (0.3, 0.5, 0.34, 0.93),
        (0.66, 0.45, 0.7, 0.93),
        (0.24, 0.36, 0.3, 0.47),
        (0.7, 0.36, 0.76, 0.47),
        (0.43, 0.8, 0.47, 0.95),
    ):
        folds.line((left * big, top * big, right * big, bottom * big), fill=120, width=big // 26)
    shade = shade.filter(ImageFilter.GaussianBlur(big / 34))
    sheet = Image.new("RGB", (big, big), "#eceef1")
    shadow = shape.filter(ImageFilter.GaussianBlur(big / 60)).point(lambda value: int(value * 0.3))
    sheet.paste("#5d6675", (0, big // 90), shadow)
    cloth = Image.new("RGB", (big, big), colour)
    cloth.paste("#000000", (0, 0), shade.point(lambda value: int(value * 0.3)))
    sheet.paste(cloth, (0, 0), shape)
    lines = ImageDraw.Draw(sheet)
    seam = tuple(max(0, int(part * 0.78)) if sum(ImageColor.getrgb(colour)) > 300 else min(255, part + 34) for part in ImageColor.getrgb(colour)[:3])
    for points in (at((0.752, 0.37), (0.73, 0.25), (0.735, 0.14)), at((0.248, 0.37), (0.27, 0.25), (0.265, 0.14))):
        lines.line(points, fill=seam, width=big // 300, joint="curve")
    lines.arc((0.39 * big, (0.115 - neck - 0.015) * big, 0.61 * big, (0.115 + neck + 0.018) * big), 8, 172, fill=seam, width=big // 90)
    return _png(sheet.resize((size, size), Image.Resampling.LANCZOS))


def mug_blank(size: int = BLANK_PX) -> bytes:
    """Return a picture of a wide white mug, for previews."""
    big = size * 2
    body = (0.1 * big, 0.3 * big, 0.8 * big, 0.78 * big)
    sheet = Image.new("RGB", (big, big), "#eceef1")
    shadow = Image.new("L", (big, big), 0)
    ImageDraw.Draw(shadow).ellipse((0.08 * big, 0.74 * big, 0.88 * big, 0.84 * big), fill=110)
    sheet.paste("#5d6675", (0, 0), shadow.filter(ImageFilter.GaussianBlur(big / 40)))
    draw = ImageDraw.Draw(sheet)
    draw.ellipse((0.7 * big, 0.38 * big, 0.94 * big, 0.68 * big), outline="#dfe2e6", width=big // 28)
    draw.ellipse((0.705 * big, 0.385 * big, 0.935 * big, 0.675 * big), outline="#f6f7f8", width=big // 60)
    shape = Image.new("L", (big, big), 0)
    ImageDraw.Draw(shape).rounded_rectangle(body, radius=big // 22, fill=255)
    glaze = Image.new("RGB", (big, 1))
    for x in range(big):
        turn = min(1.0, max(-1.0, (x / big - 0.45) / 0.35))
        light = int(255 - 52 * abs(turn + 0.08) ** 3)
        glaze.putpixel((x, 0), (light, light, min(255, light + 2)))
    sheet.paste(glaze.resize((big, big)), (0, 0), shape)
    draw.ellipse((0.1 * big, 0.268 * big, 0.8 * big, 0.338 * big), fill="#fbfbfc", outline="#d5d9de", width=big // 240)
    draw.ellipse((0.125 * big, 0.278 * big, 0.775 * big, 0.332 * big), fill="#dfe3e8")
    return _png(sheet.resize((size, size), Image.Resampling.LANCZOS))


def _png(picture: Image.Image) -> bytes:
    sheet = io.BytesIO()
    picture.save(sheet, "PNG", compress_level=1, dpi=(300, 300))
    return sheet.getvalue()
