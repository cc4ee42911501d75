"""Product pictures, drawn: a plain shape in the listing's colour on a soft ground. No file is shipped and nothing is downloaded."""

from __future__ import annotations

import functools
import io

from PIL import Image, ImageColor, ImageDraw

SIZE = 500
OVER = 3  # drawn larger and reduced, for smooth edges
Box = tuple[float, float, float, float]


@functools.lru_cache(maxsize=256)
def picture(kind: str, color: str) -> bytes:
    """Return a PNG of 500 x 500 pixels."""
    image = Image.new("RGB", (SIZE * OVER, SIZE * OVER), "#eef1f4")
    draw = ImageDraw.Draw(image)
    draw.ellipse(_box(90, 395, 410, 440), fill="#dde2e8")
    {"mug": _mug, "tee": _tee, "tote": _tote, "case": _case, "cushion": _cushion}.get(kind, _poster)(draw, color)
    packed = io.BytesIO()
    image.resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def _box(left: float, top: float, right: float, bottom: float) -> Box:
    return left * OVER, top * OVER, right * OVER, bottom * OVER


def _path(*points: tuple[float, float]) -> list[tuple[float, float]]:
    return [(x * OVER, y * OVER) for x, y in points]


def _edge(color: str) -> str:
    """Return a darker tone, for outlines and shade."""
    red, green, blue = ImageColor.getrgb(color)[:3]
    return f"#{int(red * 0.78):02x}{int(green * 0.78):02x}{int(blue * 0.78):02x}"


def _mug(draw: ImageDraw.ImageDraw, color: str) -> None:
    draw.ellipse(_box(310, 185, 430, 345), fill=_edge(color))
    draw.ellipse(_box(338, 213, 402, 317), fill="#eef1f4")
    draw.rounded_rectangle(_box(110, 130, 350, 420), radius=34 * OVER, fill=color, outline=_edge(color), width=3 * OVER)
    draw.ellipse(_box(110, 105, 350, 160), fill=_edge(color))
    draw.ellipse(_box(124, 113, 336, 153), fill="#5b4636")
    _print(draw, 230, 275, 55)


def _tee(draw: ImageDraw.ImageDraw, color: str) -> None:
    body = _path(
        (170, 90), (105, 125), (55, 215), (115, 250), (145, 210), (145, 420), (355, 420), (355, 210), (385, 250), (445, 215), (395, 125), (330, 90)
    )
    draw.polygon(body, fill=color, outline=_edge(color), width=3 * OVER)
    draw.ellipse(_box(200, 62, 300, 132), fill="#eef1f4")
    _print(draw, 250, 235, 55)


def _poster(draw: ImageDraw.ImageDraw, color: str) -> None:
    draw.rectangle(_box(135, 70, 365, 410), fill="#ffffff", outline="#c9ced5", width=3 * OVER)
    draw.rectangle(_box(155, 90, 345, 390), fill=color)
    draw.polygon(_path((155, 390), (225, 250), (265, 320), (300, 270), (345, 390)), fill=_edge(color))
    draw.ellipse(_box(275, 130, 320, 175), fill="#fff4d6")


def _tote(draw: ImageDraw.ImageDraw, color: str) -> None:
    draw.arc(_box(180, 60, 320, 260), 180, 360, fill=_edge(color), width=16 * OVER)
    draw.polygon(_path((130, 165), (370, 165), (390, 420), (110, 420)), fill=color, outline=_edge(color), width=3 * OVER)
    _print(draw, 250, 295, 60)


def _case(draw: ImageDraw.ImageDraw, color: str) -> None:
    draw.rounded_rectangle(_box(165, 60, 335, 420), radius=32 * OVER, fill=color, outline=_edge(color), width=4 * OVER)
    draw.rounded_rectangle(_box(182, 78, 246, 160), radius=18 * OVER, fill=_edge(color))
    for top in (90, 124):
        draw.ellipse(_box(201, top, 227, top + 26), fill="#15171a")
    _print(draw, 250, 285, 50)


def _cushion(draw: ImageDraw.ImageDraw, color: str) -> None:
    draw.rounded_rectangle(_box(95, 100, 405, 410), radius=70 * OVER, fill=color, outline=_edge(color), width=4 * OVER)
    _print(draw, 250, 255, 70)


def _print(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float) -> None:
    """A stand-in for the artwork: a small sun over waves."""
    draw.ellipse(_box(x - radius, y - radius, x + radius, y + radius), fill="#f4a340")
    for step, tone in enumerate(("#2f7f86", "#1f5f68")):
        top = y + radius * (0.15 + 0.4 * step)
        draw.chord(_box(x - radius, y - radius, x + radius, y + radius), 10 + 25 * step, 170 - 25 * step, fill=tone)
        draw.line(_path((x - radius * 0.6, top), (x + radius * 0.6, top)), fill="#ffffff", width=2 * OVER)
