"""A PSP's colour: whether text on it can be read, and how it looks on dark pages (WCAG 2.2, contrast of at least 4.5 to 1)."""

from __future__ import annotations

import colorsys
import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

READABLE = 4.5
DARK_SURFACE = "#202632"  # the lightest dark surface of ui/hub.css on which the colour is used for text
HEX = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


def _channels(colour: str) -> tuple[float, float, float]:
    value = int(colour[1:], 16)
    return (value >> 16) / 255, (value >> 8 & 255) / 255, (value & 255) / 255


def _luminance(colour: str) -> float:
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (``#rrggbb``), from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable_colour(value: str) -> None:
    """Refuse what is no colour, and a colour on which white text could not be read."""
    if not HEX.fullmatch(value):
        raise ValidationError(_("Give the colour as # and six digits, such as #1f6f54."))
    ratio = contrast(value, "#ffffff")
    if ratio < READABLE:
        raise ValidationError(
            _("White text on %(colour)s has a contrast of %(ratio)s to 1; at least 4.5 is needed to read it. Choose a darker shade."),
            params={"colour": value, "ratio": f"{ratio:.1f}"},
        )


def mixed(colour: str, other: str, share: float) -> str:
    """Return ``colour`` with ``share`` (0 to 1) of ``other`` in it."""
    return "#" + "".join(f"{round((a * (1 - share) + b * share) * 255):02x}" for a, b in zip(_channels(colour), _channels(other), strict=True))


def lit(colour: str, *, on: str = DARK_SURFACE) -> str:
    """Return the colour made just light enough to be read as text on a dark page."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    while True:
        shade = "#" + "".join(f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue, lightness, saturation))
        if contrast(shade, on) >= READABLE or lightness >= 1:
            return shade
        lightness = min(1.0, lightness + 0.02)
