"""What the print file shows is what the editor showed: ten scenes, drawn by the browser and by the printing program, compared in pixels."""

from __future__ import annotations

import base64
import io
import math
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat
from playwright.sync_api import Browser, Page

from catalog.colour_profiles import profile_of
from catalog.models import Artwork, PrintArea
from catalog.rendering.workshop import WORKSHOP
from catalog.scenes import read_scene, write_scene
from catalog.services.rendering import DRAWING, told_to_program
from tests.browser.chromium import sign_in, tab
from tests.browser.stage import Stage
from tests.browser.test_editor import begin, layers, settled, upload

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PER_MM = 4
BLOCK = 16
MOST_MEAN, MOST_IN_A_BLOCK = 2.0, 24.0  # of 255
GROUNDS = ("#ffffff", "#f59e0b")  # what is see-through is compared on both
# The demo's mug (pod_hub/devstack, seed_demo).
WRAP = PrintArea(key="wrap", name="Wrap", width_mm=210, height_mm=90, bleed_mm=2, safe_mm=4, min_dpi=200, target_dpi=300)


# --- Pictures ---------------------------------------------------------------------------------------------------------
def photo() -> Image.Image:
    """Something like a photograph: soft gradients, round shapes, a little grain."""
    small = Image.new("RGB", (60, 26))
    for x in range(60):
        for y in range(26):
            small.putpixel((x, y), (int(128 + 120 * math.sin(x / 9)), int(128 + 110 * math.cos(y / 5 + x / 20)), int(120 + 4 * y)))
    large = small.resize((2600, 1120), Image.Resampling.BICUBIC)
    draw, dice = ImageDraw.Draw(large), random.Random(7)  # noqa: S311 - a picture that is the same each time
    for _shape in range(60):
        x, y, radius = dice.randrange(2600), dice.randrange(1120), dice.randrange(20, 160)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=tuple(dice.randrange(256) for _band in range(3)))
    return Image.blend(large, Image.effect_noise((2600, 1120), 60).convert("RGB"), 0.08)


def logo() -> Image.Image:
    """Hard edges on a transparent ground, not alike in any direction."""
    drawn = Image.new("RGBA", (900, 600), (0, 0, 0, 0))
    draw = ImageDraw.Draw(drawn)
    draw.rounded_rectangle((20, 20, 880, 580), 80, outline="#0f766e", width=36)
    draw.polygon([(120, 480), (320, 140), (520, 480)], fill="#c2410c")
    draw.ellipse((560, 320, 800, 520), fill=(29, 78, 216, 140))
    draw.rectangle((560, 120, 820, 180), fill="#111827")
    return drawn


def tiny() -> Image.Image:
    """Few pixels, to be enlarged."""
    drawn = Image.new("RGB", (120, 90), "#fde68a")
    ImageDraw.Draw(drawn).pieslice((10, 5, 110, 85), 20, 250, fill="#7c2d12")
    return drawn


PICTURES = {"photo.jpg": (photo, "JPEG", "image/jpeg"), "logo.png": (logo, "PNG", "image/png"), "tiny.png": (tiny, "PNG", "image/png")}


# --- Scenes -----------------------------------------------------------------------------------------------------------
def text(words: str, font: str, size: float, x: float, y: float, **more: Any) -> dict[str, Any]:
    return {"kind": "text", "text": words, "font": font, "size": size, "colour": "#111827", "x": x, "y": y} | more


def image(name: str, x: float, y: float, width: float, height: float, **more: Any) -> dict[str, Any]:
    return {"kind": "image", "artwork": name, "x": x, "y": y, "width": width, "height": height} | more


FULL = image("photo.jpg", 105, 45, 218.2, 94)
SCENES: dict[str, dict[str, Any]] = {
    "grotesques of all sizes": {
        "layers": [
            text("Every morning\nbegins with coffee", "inter", 9, 60, 22),
            text("Waffles & Typography", "inter-bold", 14, 105, 45, colour="#b91c1c"),
            text("LIMITED EDITION 2026", "bebas-neue", 22, 105, 70, colour="#1d4ed8"),
            text("VAVA fi fl Tä Jördis", "oswald", 8, 165, 18),
            text("small print, three millimetres high", "montserrat", 3, 105, 86),
        ]
    },
    "scripts, turned": {
        "layers": [
            text("Happy Birthday", "pacifico", 20, 70, 30, rotation=352, colour="#be185d"),
            text("für immer", "dancing-script", 26, 150, 35, rotation=17),
            text("see you soon!", "caveat", 24, 105, 72, rotation=183, colour="#0f766e"),
        ]
    },
    "serifs with spacing and alignment": {
        "layers": [
            text("Left side\nof the\ncolumn", "lora", 9, 35, 45, align="left", line_height=1.5),
            text("right\nalignment\nhere", "lora-italic", 10, 175, 45, align="right", line_height=0.9),
            text("OFFICE AFFAIRS", "playfair-display", 11, 105, 22, letter_spacing=0.3),
            text("Tightly set", "playfair-display", 16, 105, 66, letter_spacing=-0.06),
        ]
    },
    "typewriter on a colour": {
        "background": "#1f2937",
        "layers": [
            text("def print_on_demand(order):\n    return mug\n", "roboto-mono", 7, 70, 30, align="left", colour="#a7f3d0"),
            text("0123456789 €$%&", "roboto-mono", 12, 105, 68, colour="#fbbf24", rotation=4),
        ],
    },
    "a photograph over the bleed, with words": {"layers": [FULL, text("Sommer", "pacifico", 34, 105, 45, colour="#ffffff")]},
    "a photograph, turned and see-through, on a colour": {
        "background": "#f5d0fe",
        "layers": [image("photo.jpg", 105, 45, 120, 51.7, rotation=17, opacity=0.6)],
    },
    "flips and quarter turns": {
        "layers": [
            image("logo.png", 35, 25, 45, 30, flip_x=True),
            image("logo.png", 95, 25, 45, 30, flip_y=True),
            image("logo.png", 150, 30, 45, 30, rotation=90),
            image("logo.png", 190, 45, 36, 24, rotation=270, flip_x=True),
            image("logo.png", 60, 68, 45, 30, rotation=180, flip_y=True),
        ]
    },
    "several layers over each other": {
        "layers": [
            FULL,
            image("logo.png", 80, 45, 110, 73, opacity=0.75, rotation=340),
            image("tiny.png", 150, 50, 60, 45, opacity=0.5),
            text("over and under", "caveat", 26, 110, 45, colour="#fef08a", opacity=0.7),
            image("logo.png", 105, 45, 40, 27),
        ]
    },
    "beyond every edge, and hidden": {
        "background": "#ecfccb",
        "layers": [
            image("logo.png", 0, 0, 90, 60, rotation=30),
            image("photo.jpg", 215, 60, 90, 39, rotation=75),
            text("cut off at the edge", "inter-bold", 18, 10, 80, colour="#3f6212"),
            image("tiny.png", 105, 45, 60, 45, visible=False),
        ],
    },
    "stretched and enlarged": {
        "layers": [
            image("tiny.png", 55, 45, 100, 60),
            image("logo.png", 150, 30, 80, 18, rotation=8, flip_x=True),
            text("dick\nund dünn", "dancing-script", 22, 155, 65, opacity=0.45, line_height=0.8),
        ]
    },
}


@dataclass(frozen=True, slots=True)
class Hand:
    """The open editor, what was uploaded (by file name), and where those files are."""

    page: Page
    artwork: dict[str, Artwork]
    files: dict[str, Path]

    def told(self, name: str) -> dict[str, Any]:
        """Return a scene as the editor saves it."""
        told = SCENES[name]
        numbered = [
            layer | {"id": f"l{number}"} | ({"artwork": self.artwork[layer["artwork"]].public_id} if layer["kind"] == "image" else {})
            for number, layer in enumerate(told["layers"])
        ]
        return write_scene(read_scene({"version": 1, "background": told.get("background", ""), "layers": numbered}))


@pytest.fixture(scope="module")
def hand(stage: Stage, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hand]:
    folder, artwork, files = tmp_path_factory.mktemp("artwork"), {}, {}
    with tab(browser) as page:
        sign_in(page, stage.hub, *stage.login("Northprint, owner"))
        begin(page, stage, "Ceramic mug 11 oz")
        for name, (draw, kind, content_type) in PICTURES.items():
            picture = draw()
            files[name] = folder / name
            picture.save(files[name], kind, **({"quality": 95} if kind == "JPEG" else {}))
            upload(page, (name, files[name].read_bytes()))
            public_id = layers(page)[-1]["artwork"]
            artwork[name] = Artwork(public_id=public_id, file_name=name, content_type=content_type, width_px=picture.width, height_px=picture.height)
        settled(page)
        yield Hand(page, artwork, files)
        settled(page)


def shown(hand: Hand, name: str) -> Image.Image:
    """The editor's own picture of the area with its bleed."""
    found = hand.page.evaluate(
        """async ([scene, perMm]) => {
          const { editor } = document.getElementById("editor");
          editor.draft.take("a scene", { wrap: scene });
          return editor.picture(perMm);
        }""",
        [hand.told(name), PER_MM],
    )
    return Image.open(io.BytesIO(base64.b64decode(found.partition(",")[2]))).convert("RGBA")


def printed(hand: Hand, name: str, folder: Path) -> Image.Image:
    """The print file."""
    rows = {row.public_id: row for row in hand.artwork.values()}
    paths = {hand.artwork[file].public_id: str(path) for file, path in hand.files.items()}
    told = told_to_program(read_scene(hand.told(name)), WRAP, rows, profile_of(""))
    told["layers"] = [layer | ({"path": paths[layer["artwork"]]} if layer["kind"] == "image" else {}) for layer in told["layers"]]
    made = WORKSHOP.do("draw", {"sheet": told, "folder": str(folder)}, limits=DRAWING)
    return Image.open(made["path"]).convert("RGBA")


def on(ground: str, picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """A picture on a ground, in this size; see-through edges are scaled as what they look like."""
    sheet = Image.new("RGBA", picture.size, ground)
    sheet.alpha_composite(picture)
    return sheet.convert("RGB").resize(size, Image.Resampling.BOX if picture.width > size[0] else Image.Resampling.LANCZOS)


def differences(first: Image.Image, second: Image.Image) -> tuple[float, float, Image.Image]:
    """Return how much two pictures differ on average and in the worst block, of 255, in the worst colour; and the difference itself."""
    difference = ImageChops.difference(first, second)
    blocks = difference.reduce(BLOCK).getextrema()
    return max(ImageStat.Stat(difference).mean), max(float(high) for _low, high in blocks), difference  # type: ignore[misc]


@pytest.mark.parametrize("name", SCENES)
def test_the_print_file_shows_what_the_editor_showed(hand: Hand, name: str, tmp_path: Path) -> None:
    mine, theirs = shown(hand, name), printed(hand, name, tmp_path)
    keep = os.environ.get("PARITY_PICTURES")  # a folder to look at what was compared
    for ground in GROUNDS:
        first, second = on(ground, mine, mine.size), on(ground, theirs, mine.size)
        mean, block, difference = differences(first, second)
        if keep:
            sheet = Image.new("RGB", (mine.width, mine.height * 3 + 8))
            for place, one in enumerate((first, second, difference.point(lambda value: min(255, value * 4)))):
                sheet.paste(one, (0, place * (mine.height + 4)))
            sheet.save(Path(keep) / f"{name}, on {ground}.png")
            print(f"{name} on {ground}: mean {mean:.2f}, worst block {block}")
        assert mean <= MOST_MEAN, f"on {ground}: the pictures differ by {mean:.2f} of 255 on average"
        assert block <= MOST_IN_A_BLOCK, f"on {ground}: a block of {BLOCK} x {BLOCK} pixels differs by {block} of 255"


def test_half_a_millimetre_would_be_noticed(hand: Hand, tmp_path: Path) -> None:
    name = "grotesques of all sizes"
    mine = shown(hand, name)
    moved = ImageChops.offset(printed(hand, name, tmp_path), round(0.5 * WRAP.target_dpi / 25.4), 0)
    mean, block, _difference = differences(on("#ffffff", mine, mine.size), on("#ffffff", moved, mine.size))
    assert mean > MOST_MEAN
    assert block > MOST_IN_A_BLOCK
