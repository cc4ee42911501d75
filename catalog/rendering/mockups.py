"""A design on a picture of its product, or alone on white where there is none: what shops show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyvips

from catalog.rendering import pdf_pages
from catalog.rendering.colours import in_srgb

# Marketplaces zoom from a thousand pixels on, and want no more than a few thousand.
LEAST_PX = 1200
MOST_PX = 2400
MARGIN = 0.1  # of a picture that shows a design alone
WHITE = [255, 255, 255]


def mock_up(blank: str, print_file: Mapping[str, Any] | None, place: Mapping[str, int], folder: str) -> dict[str, Any]:
    """Write ``mockup.jpg`` into ``folder``: the print file, without its bleed, on its place of the blank's picture.

    ``print_file`` has ``path``, ``kind`` and ``bleed`` (its share of width and height on each side). An empty ``blank`` shows the design alone.
    """
    if blank:
        picture = in_srgb(pyvips.Image.new_from_file(blank, access="random", fail_on="truncated"))
        longest = max(picture.width, picture.height)
        by = min(max(1.0, LEAST_PX / longest), MOST_PX / longest)
        picture = _with_alpha(picture.resize(by) if by != 1 else picture)
        left, top, width, height = (round(place[name] * by) for name in ("left", "top", "width", "height"))
    else:
        picture = pyvips.Image.black(LEAST_PX, LEAST_PX, bands=3).linear([0, 0, 0], WHITE, uchar=True).copy(interpretation="srgb").bandjoin(255)
        left = top = round(LEAST_PX * MARGIN)
        width = height = LEAST_PX - 2 * left
    if print_file is not None:
        design = _inside(print_file, width, height, folder)
        across, down = left + (width - design.width) // 2, top + (height - design.height) // 2
        picture = picture.composite2(design, "over", x=across, y=down, compositing_space="srgb")
    picture = picture.flatten(background=WHITE)
    path = f"{folder}/mockup.jpg"
    picture.jpegsave(path, Q=90, optimize_coding=True, keep="none")
    return {"path": path, "width": picture.width, "height": picture.height}


def _inside(print_file: Mapping[str, Any], width: int, height: int, folder: str) -> pyvips.Image:
    """Return a print file as it is seen, as large as fits into a place."""
    across, down = (1 - 2 * share for share in print_file["bleed"])
    # Its bleed is cut away afterwards, so it is read that much larger.
    wanted = (max(1, round(width / across)), max(1, round(height / down)))
    if print_file["kind"] == "pdf":
        shown = pdf_pages.drawn(print_file["path"], *pdf_pages.within(print_file["path"], max(wanted)), folder=folder)
        shown = in_srgb(shown).thumbnail_image(wanted[0], height=wanted[1])
    else:
        shown = in_srgb(pyvips.Image.thumbnail(print_file["path"], wanted[0], height=wanted[1], export_profile="srgb", fail_on="truncated"))
    shown = _with_alpha(shown)
    cut_x, cut_y = round(shown.width * print_file["bleed"][0]), round(shown.height * print_file["bleed"][1])
    return shown.crop(cut_x, cut_y, max(1, shown.width - 2 * cut_x), max(1, shown.height - 2 * cut_y))


def _with_alpha(picture: pyvips.Image) -> pyvips.Image:
    return picture if picture.hasalpha() else picture.bandjoin(255)
