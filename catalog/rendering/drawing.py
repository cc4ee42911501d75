"""Drawing a sheet: the layers of a scene, in pixels, onto the canvas of a print file. libvips does it in bands, so a file is never in memory as a whole."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyvips

from catalog.rendering import pdf_output, pdf_pages
from catalog.rendering.colours import in_profile, in_srgb
from catalog.rendering.headers import check_size
from catalog.rendering.lettering import lettered
from catalog.rendering.looking import PREVIEW_PX

Placed = tuple[pyvips.Image, int, int]
PNG_COMPRESSION = 4
MM_PER_INCH = 25.4
# Larger than this a layer that has to be turned lies on disc while it is, not in memory.
MOST_IN_MEMORY = 64 * 1024 * 1024


def draw(sheet: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """Draw a sheet and write its print file and ``preview.png`` into ``folder``. Raises ``Refused``."""
    width, height = sheet["width"], sheet["height"]
    check_size(width, height)
    placed = [found for number, layer in enumerate(sheet["layers"]) if (found := _layer(layer, width, height, Path(folder) / f"layer-{number}"))]
    canvas = _canvas(sheet["background"], width, height)
    if placed:
        pictures, across, down = zip(*placed, strict=True)
        canvas = canvas.composite(list(pictures), ["over"] * len(pictures), x=list(across), y=list(down), compositing_space="srgb")
    canvas = in_srgb(canvas)
    if sheet["background"]:
        canvas = canvas[:3]  # it covers everything, so nothing is transparent
    per_mm = sheet["dpi"] / MM_PER_INCH
    canvas = canvas.copy(xres=per_mm, yres=per_mm)
    if sheet["output"] == "pdf":
        path = pdf_output.write(canvas, sheet, folder)
    else:
        path = f"{folder}/print.png"
        in_profile(canvas, sheet["profile"]).pngsave(path, compression=PNG_COMPRESSION, profile=sheet["profile"])
    # Read back from what was written: what cannot be read here could not be printed either.
    shown = pdf_pages.drawn(path, *pdf_pages.within(path, PREVIEW_PX), folder=folder) if sheet["output"] == "pdf" else _small(path)
    shown.pngsave(f"{folder}/preview.png", compression=6)
    return {"path": path, "preview": f"{folder}/preview.png", "width": width, "height": height}


def _small(path: str) -> pyvips.Image:
    return in_srgb(pyvips.Image.thumbnail(path, PREVIEW_PX, size="down", export_profile="srgb", fail_on="truncated"))


def _canvas(background: str, width: int, height: int) -> pyvips.Image:
    ink = [int(background[at : at + 2], 16) for at in (1, 3, 5)] + [255] if background else [0, 0, 0, 0]
    return pyvips.Image.black(width, height, bands=4).linear([0] * 4, ink, uchar=True).copy(interpretation="srgb")


def _layer(layer: Mapping[str, Any], width: int, height: int, scratch: Path) -> Placed | None:
    placed = lettered(layer, width, height) if layer["kind"] == "text" else _picture(layer, width, height, scratch)
    if placed is None or layer["opacity"] >= 1:
        return placed
    picture, left, top = placed
    return picture[:3].bandjoin((picture[3] * layer["opacity"]).rint().cast("uchar")), left, top


def _picture(layer: Mapping[str, Any], width: int, height: int, scratch: Path) -> Placed | None:
    turns = layer["rotation"] / 90
    if turns == int(turns):
        return _straight(layer, int(turns) % 4, width, height, scratch)
    return _turned(layer, width, height, scratch)


def _straight(layer: Mapping[str, Any], quarters: int, width: int, height: int, scratch: Path) -> Placed | None:
    """Scale a picture to its place: read once, from top to bottom, where it is neither turned nor upside down."""
    across, down = max(1, round(layer["width"])), max(1, round(layer["height"]))
    picture = _flipped(_scaled(layer, across, down, scratch), layer, scratch)
    if quarters:
        picture = _at_hand(picture, scratch).rot(f"d{90 * quarters}")
    left, top = round(layer["x"] - picture.width / 2), round(layer["y"] - picture.height / 2)
    return _cut(picture, left, top, width, height)


def _cut(picture: pyvips.Image, left: int, top: int, width: int, height: int) -> Placed | None:
    """Leave away what lies beyond the canvas."""
    from_left, from_top = max(0, -left), max(0, -top)
    across = min(picture.width - from_left, width - left - from_left)
    down = min(picture.height - from_top, height - top - from_top)
    if across <= 0 or down <= 0:
        return None
    if (across, down) != (picture.width, picture.height):
        picture = picture.crop(from_left, from_top, across, down)
    return picture, left + from_left, top + from_top


def _turned(layer: Mapping[str, Any], width: int, height: int, scratch: Path) -> Placed | None:
    """Turn a picture by any angle: scaled down first, as far as it must be, then turned and enlarged in one step."""
    native = _size_of(layer)
    across, down = max(1, min(round(layer["width"]), native[0])), max(1, min(round(layer["height"]), native[1]))
    picture = _at_hand(_flipped(_scaled(layer, across, down, scratch), layer, scratch), scratch)
    angle = math.radians(layer["rotation"])
    wide, high = layer["width"] / across, layer["height"] / down
    matrix = (math.cos(angle) * wide, -math.sin(angle) * high, math.sin(angle) * wide, math.cos(angle) * high)
    half = (
        (abs(math.cos(angle)) * layer["width"] + abs(math.sin(angle)) * layer["height"]) / 2,
        (abs(math.sin(angle)) * layer["width"] + abs(math.cos(angle)) * layer["height"]) / 2,
    )
    left, top = max(0, math.floor(layer["x"] - half[0]) - 1), max(0, math.floor(layer["y"] - half[1]) - 1)
    right, bottom = min(width, math.ceil(layer["x"] + half[0]) + 1), min(height, math.ceil(layer["y"] + half[1]) + 1)
    if right <= left or bottom <= top:
        return None
    # The picture's centre comes to the layer's. Pixels are counted from their centres, half a pixel from their corners.
    middle = ((across - 1) / 2, (down - 1) / 2)
    shift = (
        layer["x"] - 0.5 - matrix[0] * middle[0] - matrix[1] * middle[1],
        layer["y"] - 0.5 - matrix[2] * middle[0] - matrix[3] * middle[1],
    )
    turned = picture.premultiply().affine(
        list(matrix),
        interpolate=pyvips.Interpolate.new("bicubic"),
        oarea=[left, top, right - left, bottom - top],
        odx=shift[0],
        ody=shift[1],
        extend="background",
        background=[0, 0, 0, 0],
    )
    return turned.unpremultiply().rint().cast("uchar").copy(interpretation="srgb"), left, top


def _size_of(layer: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many pixels a picture has, as it stands upright; a PDF has as many as are wanted."""
    if layer["file"] == "pdf":
        return max(1, round(layer["width"])), max(1, round(layer["height"]))
    return layer["pixels"][0], layer["pixels"][1]


def _scaled(layer: Mapping[str, Any], across: int, down: int, scratch: Path) -> pyvips.Image:
    """Return a layer's picture in sRGB with transparency, scaled to exactly this size."""
    check_size(across, down)
    if layer["file"] == "pdf":
        return pdf_pages.drawn(layer["path"], across, down, folder=str(scratch.parent), name=f"{scratch.name}.raw")
    picture = pyvips.Image.thumbnail(
        layer["path"], across, height=down, size="force", export_profile="srgb", import_profile="cmyk", fail_on="truncated"
    )
    picture = in_srgb(picture)
    return picture if picture.hasalpha() else picture.bandjoin(255).copy(interpretation="srgb")


def _flipped(picture: pyvips.Image, layer: Mapping[str, Any], scratch: Path) -> pyvips.Image:
    if layer["flip_x"]:
        picture = picture.fliphor()
    return _at_hand(picture, scratch).flipver() if layer["flip_y"] else picture


def _at_hand(picture: pyvips.Image, scratch: Path) -> pyvips.Image:
    """Return a picture that can be read in any order: in memory if it is small, else on disc."""
    if picture.width * picture.height * picture.bands <= MOST_IN_MEMORY:
        return picture.copy_memory()
    path = f"{scratch}.v"
    if not Path(path).exists():
        picture.write_to_file(path)
    return pyvips.Image.new_from_file(path)
