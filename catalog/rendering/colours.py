"""Between colour spaces: everything is looked at and composed in 8-bit sRGB and leaves in the print area's profile."""

from __future__ import annotations

import pyvips


def in_srgb(picture: pyvips.Image) -> pyvips.Image:
    """Return a picture in 8-bit sRGB, with its transparency if it has one."""
    if picture.interpretation not in {"srgb", "rgb"}:
        picture = picture.colourspace("srgb")
    if picture.format != "uchar":
        picture = picture.cast("uchar", shift=picture.format == "ushort")
    if picture.bands > 4:
        picture = picture[:3]
    return picture.copy(interpretation="srgb")


def in_profile(canvas: pyvips.Image, profile: str) -> pyvips.Image:
    """Return a picture in sRGB converted to a profile, its transparency as it was."""
    if profile == "srgb":
        return canvas
    colours = canvas[:3].icc_transform(profile, input_profile="srgb", intent="relative", black_point_compensation=True)
    return colours.bandjoin(canvas[3]) if canvas.bands == 4 else colours
