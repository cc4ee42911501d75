"""(f) One print file of 4500 x 5400 pixels with transparency: by the hub's program, and the same sheet by Pillow alone."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pyvips
from PIL import Image, ImageChops, ImageStat

from catalog.rendering.workshop import WORKSHOP
from catalog.services.rendering import DRAWING
from tests.benchmarks.measure import Result, Series, side_by_side

TITLE = "A print file of 4500 x 5400 pixels, beside plain Pillow"
ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT, DPI = 4500, 5400, 300
Image.MAX_IMAGE_PIXELS = None


def run(result: Result, *, quick: bool) -> None:
    """Draw the same three layers both ways, in turns."""
    share = 4 if quick else 1
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as name:
        folder = Path(name)
        sheet = _sheet(folder, share)
        (folder / "sheet.json").write_text(json.dumps(sheet))
        found: dict[str, list[dict[str, float]]] = {"hub": [], "pillow": [], "pillow level 1": []}
        ways = {
            "hub": lambda: _hub(sheet, folder, found["hub"]),
            "pillow": lambda: _pillow(folder, 6, found["pillow"]),
            "pillow level 1": lambda: _pillow(folder, 1, found["pillow level 1"]),
        }
        _hub(sheet, folder, [])  # starts the program, which stays
        times = side_by_side(ways, repeats=2 if quick else 5)
        apart = _apart(folder / "print.png", folder / "pillow-6.png")
        big = _hub_with_a_hundred_megapixels(folder) if not quick else {}
    peaks = {way: Series(tuple(one["peak_mb"] for one in all_)) for way, all_ in found.items()}
    cpu = {way: Series(tuple(one["cpu_s"] for one in all_)) for way, all_ in found.items()}
    for way, label in (("hub", "the hub's program"), ("pillow", "Pillow, as it saves by default"), ("pillow level 1", "Pillow, saving with level 1")):
        result.figure(f"{label}: seconds", times[way].text("{:.2f}"))
        result.figure(f"{label}: processor seconds", cpu[way].text("{:.2f}"))
        result.figure(f"{label}: peak memory, MB", peaks[way].text())
    result.figure("files an hour and core, by processor seconds", f"{3600 / cpu['hub'].median:,.0f}")
    shorter, lighter = times["hub"].per(times["pillow"]), peaks["hub"].per(peaks["pillow"])
    result.goal("at most half the time of plain Pillow", shorter.text("{:.2f}"), met=shorter.median <= 0.5)
    result.goal("at most a quarter of the memory of plain Pillow", lighter.text("{:.2f}"), met=lighter.median <= 0.25)
    result.goal("the same picture: mean difference of at most 1/255", f"{apart:.2f}", met=apart <= 1)
    if big:
        result.figure("an artwork of 100 megapixels, turned: seconds", f"{big['wall_s']:.1f}")
        result.goal("an artwork of 100 megapixels within 400 MB", f"{big['peak_mb']:.0f} MB", met=big["peak_mb"] <= 400)


def _sheet(folder: Path, share: int) -> dict[str, Any]:
    """A photograph that is turned and fills the sheet, a second one that shines through, and a drawing on a clear ground."""
    photo, stamp = folder / "photo.png", folder / "stamp.png"
    _photo(photo, 5600 // share, 6720 // share)
    place = pyvips.Image.xyz(2000 // share, 2000 // share) - 1000 // share
    rings = ((place[0] ** 2 + place[1] ** 2) ** 0.5 * (share * 4)).sin().linear(127, 128).cast("uchar")  # a ring every ninety pixels
    rings.bandjoin([60, 90, rings]).copy(interpretation="srgb").write_to_file(str(stamp), compression=1)
    width, height = WIDTH // share, HEIGHT // share
    plain = {"kind": "image", "file": "png", "flip_x": False, "flip_y": False, "x": width / 2, "y": height / 2, "opacity": 1.0, "rotation": 0}
    sizes = {"photo": [5600 // share, 6720 // share], "stamp": [2000 // share, 2000 // share]}
    layers = [
        plain | {"path": str(photo), "pixels": sizes["photo"], "width": width * 0.9, "height": height * 0.9, "rotation": 12},
        plain | {"path": str(photo), "pixels": sizes["photo"], "width": width * 0.4, "height": height * 0.4, "opacity": 0.6, "y": height * 0.3},
        plain | {"path": str(stamp), "pixels": sizes["stamp"], "width": width * 0.5, "height": width * 0.5, "rotation": 345, "y": height * 0.7},
    ]
    return {
        "width": width, "height": height, "dpi": DPI, "width_mm": width / DPI * 25.4, "height_mm": height / DPI * 25.4, "bleed_mm": 0,
        "background": "", "layers": layers, "output": "png", "profile": "srgb", "profile_name": "sRGB",
    }  # fmt: skip


def _photo(path: Path, width: int, height: int) -> None:
    """Write a picture with soft tones and fine grain, which packs about as badly as a photograph."""
    tones = pyvips.Image.xyz(width, height)
    soft = (tones[0] * (255 / width)).bandjoin([tones[1] * (255 / height), (tones[0] + tones[1]) * (255 / (width + height))])
    grain = pyvips.Image.gaussnoise(width, height, sigma=3, seed=7)
    (soft + grain).cast("uchar").copy(interpretation="srgb").write_to_file(str(path), compression=1)


def _hub(sheet: dict[str, Any], folder: Path, found: list[dict[str, float]]) -> float:
    began = time.perf_counter()
    found.append(WORKSHOP.do("draw", {"sheet": sheet, "folder": str(folder)}, limits=DRAWING))
    return time.perf_counter() - began


def _pillow(folder: Path, level: int, found: list[dict[str, float]]) -> float:
    command = [sys.executable, "-m", "tests.benchmarks.plain_pillow", str(folder), str(folder / "sheet.json"), str(level)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found.append(json.loads(done.stdout))
    return found[-1]["wall_s"]


def _apart(one: Path, other: Path) -> float:
    """Return the mean difference where both are opaque, and of how opaque they are, the worst of the bands."""
    with Image.open(one) as first, Image.open(other) as second:
        white = [Image.new("RGBA", picture.size, "white") for picture in (first, second)]
        for ground, picture in zip(white, (first, second), strict=True):
            ground.alpha_composite(picture.convert("RGBA"))
        return max(ImageStat.Stat(ImageChops.difference(*(ground.convert("RGB") for ground in white))).mean)


def _hub_with_a_hundred_megapixels(folder: Path) -> dict[str, float]:
    path = folder / "hundred.png"
    _photo(path, 10_000, 10_000)
    sheet = json.loads((folder / "sheet.json").read_text())
    sheet["layers"] = [sheet["layers"][0] | {"path": str(path), "pixels": [10_000, 10_000], "width": 6400, "height": 6400}]
    found: list[dict[str, float]] = []
    seconds = _hub(sheet, folder, found)
    return found[0] | {"wall_s": seconds}
