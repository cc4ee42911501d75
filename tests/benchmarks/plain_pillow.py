"""``python -m tests.benchmarks.plain_pillow FOLDER SHEET LEVEL``: the same sheet drawn as one would with Pillow alone; prints seconds as JSON.

A program of its own, so that its memory is its own.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from PIL import Image

Image.MAX_IMAGE_PIXELS = None


def draw(sheet: dict[str, Any], folder: Path, *, level: int) -> Path:
    """Resize, turn, compose, save."""
    canvas = Image.new("RGBA", (sheet["width"], sheet["height"]), (0, 0, 0, 0))
    for layer in sheet["layers"]:
        with Image.open(layer["path"]) as source:
            picture = source.convert("RGBA").resize((round(layer["width"]), round(layer["height"])), Image.Resampling.LANCZOS)
        if layer["rotation"]:
            picture = picture.rotate(-layer["rotation"], Image.Resampling.BICUBIC, expand=True)
        if layer["opacity"] < 1:
            picture.putalpha(picture.getchannel("A").point(lambda alpha, share=layer["opacity"]: round(alpha * share)))
        left, top = round(layer["x"] - picture.width / 2), round(layer["y"] - picture.height / 2)
        cut = picture.crop((max(0, -left), max(0, -top), min(picture.width, canvas.width - left), min(picture.height, canvas.height - top)))
        canvas.alpha_composite(cut, (max(0, left), max(0, top)))
    path = folder / f"pillow-{level}.png"
    canvas.save(path, compress_level=level, dpi=(sheet["dpi"], sheet["dpi"]))
    return path


if __name__ == "__main__":
    began = time.perf_counter()
    made = draw(json.loads(Path(sys.argv[2]).read_text()), Path(sys.argv[1]), level=int(sys.argv[3]))
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "wall_s": time.perf_counter() - began,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
        "bytes": made.stat().st_size,
    }
    print(json.dumps(told))
