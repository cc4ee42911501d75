"""What the program draws (catalog/rendering/drawing.py, lettering.py, pdf_output.py): exact pixels, in place, in the area's colours."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageCms, ImageStat

from catalog.fonts import FONTS
from catalog.rendering.confining import Limits
from catalog.rendering.refusals import Refused
from catalog.rendering.workshop import WORKSHOP
from tests.factories.artwork_files import pdf, picture

LIMITS = Limits(memory_mb=1024, cpu_s=60, wall_s=45.0)
INTER = FONTS["inter"]


def sheet(*layers: dict[str, Any], **changes: Any) -> dict[str, Any]:
    plain = {
        "width": 600, "height": 400, "dpi": 254, "width_mm": 54, "height_mm": 34, "bleed_mm": 3,
        "background": "", "layers": list(layers), "output": "png", "profile": "srgb", "profile_name": "sRGB",
    }  # fmt: skip
    return plain | changes


def image(path: Path, **changes: Any) -> dict[str, Any]:
    plain = {
        "kind": "image", "file": "png", "path": str(path), "pixels": [400, 300], "x": 300, "y": 200, "width": 200, "height": 150,
        "rotation": 0, "flip_x": False, "flip_y": False, "opacity": 1.0,
    }  # fmt: skip
    return plain | changes


def text(words: str, **changes: Any) -> dict[str, Any]:
    plain = {
        "kind": "text", "text": words, "font": str(INTER.path), "ascent": INTER.ascent, "descent": INTER.descent, "size": 60, "colour": "#000000",
        "x": 300, "y": 200, "rotation": 0, "align": "center", "line_height": 1.2, "letter_spacing": 0.0, "opacity": 1.0,
    }  # fmt: skip
    return plain | changes


@pytest.fixture
def art(tmp_path: Path) -> Path:
    """A teal picture of 400 x 300 pixels whose left third is crimson."""
    path = tmp_path / "art"
    path.write_bytes(picture())
    return path


def drawn(tmp_path: Path, told: dict[str, Any]) -> Image.Image:
    made = WORKSHOP.do("draw", {"sheet": told, "folder": str(tmp_path)}, limits=LIMITS)
    return Image.open(made["path"])


CRIMSON, TEAL, NOTHING = (220, 20, 60, 255), (0, 128, 128, 255), (0, 0, 0, 0)


def test_a_picture_lies_exactly_where_it_was_placed(tmp_path: Path, art: Path) -> None:
    made = drawn(tmp_path, sheet(image(art)))
    assert (made.size, made.mode, made.info["dpi"]) == ((600, 400), "RGBA", (254, 254))
    assert made.getbbox() == (200, 125, 400, 275)
    assert [made.getpixel(at) for at in ((210, 200), (390, 200), (100, 100))] == [CRIMSON, TEAL, NOTHING]


@pytest.mark.parametrize(
    ("change", "box", "crimson"),
    [
        ({"flip_x": True}, (200, 125, 400, 275), (390, 200)),
        ({"rotation": 90}, (225, 100, 375, 300), (300, 110)),
        ({"rotation": 180}, (200, 125, 400, 275), (390, 200)),
        ({"rotation": 270}, (225, 100, 375, 300), (300, 290)),
        ({"rotation": 90, "flip_x": True}, (225, 100, 375, 300), (300, 290)),
        ({"rotation": 90, "flip_y": True}, (225, 100, 375, 300), (300, 110)),
        ({"x": 0, "y": 0}, (0, 0, 100, 75), None),
        ({"width": 2000, "height": 1500}, (0, 0, 600, 400), None),
    ],
)
def test_flipping_turning_and_cutting(
    tmp_path: Path, art: Path, change: dict[str, Any], box: tuple[int, ...], crimson: tuple[int, int] | None
) -> None:
    made = drawn(tmp_path, sheet(image(art, **change)))
    assert made.getbbox() == box
    if crimson:
        assert made.getpixel(crimson) == CRIMSON


def test_a_slanted_picture_is_turned_clockwise_about_its_centre(tmp_path: Path, art: Path) -> None:
    made = drawn(tmp_path, sheet(image(art, rotation=30)))
    whole = Image.new("RGBA", (600, 400))
    with Image.open(art) as source:
        whole.paste(source.convert("RGBA").resize((200, 150), Image.Resampling.LANCZOS), (200, 125))
    expected = whole.rotate(-30, Image.Resampling.BICUBIC, center=(300, 200))
    apart = ImageStat.Stat(Image.merge("L", [made.getchannel("A")]), mask=None).mean[0] - ImageStat.Stat(expected.getchannel("A")).mean[0]
    assert abs(apart) < 0.5
    for at in ((225, 160), (370, 240), (300, 200)):
        assert made.getpixel(at) == expected.getpixel(at)


def test_a_slanted_picture_that_is_enlarged_is_as_large_as_it_should_be(tmp_path: Path, art: Path) -> None:
    box = drawn(tmp_path, sheet(image(art, width=800, height=600, rotation=45, x=0, y=0))).getbbox()
    assert box is not None and box[:2] == (0, 0) and abs(box[2] - 495) <= 2 and box[3] == 400


def test_layers_lie_on_one_another_and_shine_through(tmp_path: Path, art: Path) -> None:
    made = drawn(tmp_path, sheet(image(art), image(art, x=400, opacity=0.5), background="#ffffff"))
    assert made.mode == "RGB"
    assert _near(made.getpixel((320, 200)), (110, 74, 94))  # half crimson over teal
    assert _near(made.getpixel((480, 200)), (127, 191, 191))
    assert made.getpixel((5, 5)) == (255, 255, 255)


def test_camera_pictures_and_inks_are_brought_to_srgb_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "photo"
    path.write_bytes(picture(kind="JPEG", exif=exif, quality=95))
    made = drawn(tmp_path, sheet(image(path, file="jpeg", pixels=[300, 400], width=150, height=200)))
    red, green, blue, _alpha = made.getpixel((300, 110))  # type: ignore[misc]  # four bands
    assert red > 190 and green < 60 and blue < 90
    path.write_bytes(picture(mode="CMYK", colour=(0, 150, 230, 0), kind="JPEG", quality=95))
    red, green, blue, _alpha = drawn(tmp_path, sheet(image(path, file="jpeg"))).getpixel((300, 200))  # type: ignore[misc]
    assert red > 180 and 60 < green < 170 and blue < 90


def test_a_pdf_is_drawn_sharp_in_any_size_and_stays_clear_where_its_page_is(tmp_path: Path) -> None:
    path = tmp_path / "page"
    path.write_bytes(pdf((40, 30), content=b"0.8 0.1 0.2 rg 0 0 13 30 re f"))
    made = drawn(tmp_path, sheet(image(path, file="pdf", width=400, height=300)))
    assert made.getbbox() == (100, 50, 230, 350)


def test_text_stands_centred_on_its_place_as_wide_as_the_font_says(tmp_path: Path) -> None:
    made = drawn(tmp_path, sheet(text("HHHH")))
    box = made.getbbox()
    assert box is not None
    left, top, right, bottom = box
    assert abs((left + right) / 2 - 300) <= 1
    # Inter's capitals are 0.727 em high; its baseline is as far below the block's top as the font's ascent.
    baseline = 200 - 60 * (INTER.ascent + INTER.descent) / 2 + 60 * INTER.ascent
    assert abs(bottom - baseline) <= 1 and abs(top - (baseline - 0.727 * 60)) <= 1


def test_lines_spacing_alignment_and_kerning(tmp_path: Path) -> None:
    def width(words: str, **changes: Any) -> int:
        box = drawn(tmp_path, sheet(text(words, **changes))).getbbox()
        assert box is not None
        return box[2] - box[0]

    assert abs(width("HH", letter_spacing=0.5) - width("HH") - 30) <= 1
    assert width("AVAVAV") < width("A") * 3 + width("V") * 3 - 10
    made = drawn(tmp_path, sheet(text("HHHH\nH", align="left", line_height=2.0)))
    first, second = made.crop((0, 0, 600, 200)).getbbox(), made.crop((0, 200, 600, 400)).getbbox()
    assert first and second and abs(first[0] - second[0]) <= 1 and second[2] < 300
    assert abs(second[3] + 200 - first[3] - 120) <= 1
    assert abs(drawn(tmp_path, sheet(text("HHHH\nH", align="right"))).crop((0, 200, 600, 400)).getbbox()[2] - first[2]) <= 1  # type: ignore[index]


def test_text_turns_with_its_layer_and_beyond_the_canvas_is_cut(tmp_path: Path) -> None:
    flat, upright = (drawn(tmp_path, sheet(text("Hill", rotation=turn))).getbbox() for turn in (0, 90))
    assert flat and upright and abs((flat[2] - flat[0]) - (upright[3] - upright[1])) <= 1
    assert drawn(tmp_path, sheet(text("Hill", x=5000))).getbbox() is None
    assert drawn(tmp_path, sheet(text("x" * 2000, size=4000))).size == (600, 400)


def test_a_png_says_its_profile(tmp_path: Path, art: Path) -> None:
    made = drawn(tmp_path, sheet(image(art)))
    assert "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(made.info["icc_profile"])))


def test_a_pdf_has_the_boxes_a_plant_cuts_by_and_looks_like_the_png(tmp_path: Path, art: Path) -> None:
    told = sheet(image(art, rotation=20), text("Hello"))
    flat = drawn(tmp_path, told).convert("RGBA")
    made = WORKSHOP.do("draw", {"sheet": told | {"output": "pdf"}, "folder": str(tmp_path)}, limits=LIMITS)
    mm = 72 / 25.4
    with pikepdf.open(made["path"]) as opened:
        page = opened.pages[0]
        assert [round(float(side) / mm, 2) for side in page.mediabox] == [0, 0, 60, 40]
        assert [round(float(side) / mm, 2) for side in page.BleedBox] == [0, 0, 60, 40]
        assert [round(float(side) / mm, 2) for side in page.TrimBox] == [3, 3, 57, 37]
        assert opened.Root.OutputIntents[0].OutputConditionIdentifier == "sRGB"
        assert (int(page.Resources.XObject.Sheet.Width), int(page.Resources.XObject.Sheet.Height)) == (600, 400)
    again = pypdfium2.PdfDocument(made["path"])[0].render(scale=600 / (60 * mm), fill_color=(255, 255, 255, 255)).to_pil().convert("RGB")
    white = Image.new("RGBA", flat.size, "white")
    white.alpha_composite(flat)
    assert again.size == flat.size
    assert max(ImageStat.Stat(ImageChops.difference(again, white.convert("RGB"))).mean) < 1


def _near(pixel: Any, wanted: tuple[int, ...]) -> bool:
    return all(abs(one - other) <= 1 for one, other in zip(pixel, wanted, strict=True))


def test_inks_are_the_profiles_and_come_back_as_the_colours_that_were_meant(tmp_path: Path, art: Path) -> None:
    told = sheet(image(art, width=600, height=450), background="#ffffff", output="pdf", profile="cmyk", profile_name="CMYK")
    made = WORKSHOP.do("draw", {"sheet": told, "folder": str(tmp_path)}, limits=LIMITS)
    with pikepdf.open(made["path"]) as opened:
        inks = opened.pages[0].Resources.XObject.Sheet
        assert inks.ColorSpace[0] == pikepdf.Name.ICCBased and inks.ColorSpace[1].N == 4 and "/SMask" not in inks
        assert len(inks.read_bytes()) == 600 * 400 * 4
    with Image.open(tmp_path / "preview.png") as preview:
        red, green, blue = preview.convert("RGB").getpixel((40, 200))  # type: ignore[misc]
    assert red > 150 and green < 110 and blue < 120


def test_the_same_sheet_gives_the_same_bytes(tmp_path: Path, art: Path) -> None:
    for output in ("png", "pdf"):
        bodies = []
        for turn in ("one", "two"):
            (tmp_path / turn).mkdir(exist_ok=True)
            told = sheet(image(art, rotation=10), text("Same"), output=output)
            bodies.append(Path(WORKSHOP.do("draw", {"sheet": told, "folder": str(tmp_path / turn)}, limits=LIMITS)["path"]).read_bytes())
        assert bodies[0] == bodies[1]


def test_a_canvas_beyond_all_bounds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="too_many_pixels"):
        drawn(tmp_path, sheet(width=50_000, height=50_000))
