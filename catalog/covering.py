"""Whether a picture that is meant to cover a print area does so, up to every edge and over the bleed.

Nobody says what is meant, so it is judged by where a picture lies: one that reaches three edges, or two that meet with more than a third of the area,
or fills most of an area that is cut, is no logo. ``catalog/static/catalog/editor/covering.js`` says the same while somebody works.
"""

from __future__ import annotations

from collections.abc import Mapping

from catalog.models import PrintArea
from catalog.scenes import ImageLayer, Scene

TOUCHES_MM = 0.1
SIDES = ("left", "top", "right", "bottom")
WITH_A_CORNER = 1 / 3
NEARLY_ALL = 0.7


def gaps_of(layer: ImageLayer, area: PrintArea) -> Mapping[str, float] | None:
    """Return how far inside the cut edge a picture ends on each side, below zero beyond it; None where it stands slanted."""
    if layer.rotation % 90:
        return None
    across, down = (layer.height, layer.width) if layer.rotation % 180 else (layer.width, layer.height)
    return {
        "left": layer.x - across / 2,
        "top": layer.y - down / 2,
        "right": area.width_mm - layer.x - across / 2,
        "bottom": area.height_mm - layer.y - down / 2,
    }


def stops_in_bleed(layer: ImageLayer, area: PrintArea) -> bool:
    """Return whether a picture reaches a cut edge and ends before the bleed does."""
    gaps = gaps_of(layer, area)
    return gaps is not None and any(TOUCHES_MM - area.bleed_mm < gap < TOUCHES_MM for gap in gaps.values())


def open_strip_mm(layer: ImageLayer, scene: Scene, area: PrintArea) -> float:
    """Return how wide a strip stays blank at an edge beside a picture that is meant to cover the area; zero where none does."""
    gaps = gaps_of(layer, area)
    if gaps is None or scene.background or not _is_meant_to_cover(gaps, area):
        return 0.0
    others = [found for one in scene.layers if isinstance(one, ImageLayer) and one.visible and one != layer and (found := gaps_of(one, area))]
    return max((gaps[side] for side in SIDES if gaps[side] >= TOUCHES_MM and all(one[side] >= TOUCHES_MM for one in others)), default=0.0)


def _is_meant_to_cover(gaps: Mapping[str, float], area: PrintArea) -> bool:
    left, top, right, bottom = (gaps[side] < TOUCHES_MM for side in SIDES)
    wide = area.width_mm - max(0.0, gaps["left"]) - max(0.0, gaps["right"])
    high = area.height_mm - max(0.0, gaps["top"]) - max(0.0, gaps["bottom"])
    if wide <= 0 or high <= 0:
        return False
    share = wide * high / (area.width_mm * area.height_mm)
    in_a_corner = (left or right) and (top or bottom)
    return left + top + right + bottom >= 3 or (in_a_corner and share > WITH_A_CORNER) or (area.bleed_mm > 0 and share > NEARLY_ALL)
