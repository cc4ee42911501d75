"""The typefaces of designs: every one is there, open-licensed, and has the measures that its file gives."""

from __future__ import annotations

import json

import pytest
from PIL import ImageFont

from catalog.fonts import FONTS, Font
from pod_hub.ui.vendored import VENDOR

each_font = pytest.mark.parametrize("font", FONTS.values(), ids=list(FONTS))


@each_font
def test_its_file_gives_the_measures_that_both_sides_set_lines_by(font: Font) -> None:
    units = int.from_bytes(font.path.read_bytes()[_table(font, b"head") :][18:20], "big")
    face = ImageFont.truetype(font.path, units, layout_engine=ImageFont.Layout.BASIC)
    assert face.getmetrics() == (round(font.ascent * units), round(font.descent * units))


@each_font
def test_it_is_the_face_that_its_name_says(font: Font) -> None:
    family, style = ImageFont.truetype(font.path, 20).getname()
    assert str(family).startswith(font.family)
    assert font.italic == ("Italic" in str(style))


def test_every_vendored_typeface_is_offered_and_has_an_open_licence_beside_it() -> None:
    packages = json.loads((VENDOR / "VENDOR.json").read_text())["packages"]
    faces = {f"{package['name']}/{name}": package for package in packages for name in package["files"] if name.endswith(".ttf")}
    assert faces.keys() == {font.file for font in FONTS.values()}
    for font in FONTS.values():
        assert faces[font.file]["licence"] == font.licence
        assert "SIL Open Font License, Version 1.1" in (font.path.parent / "LICENSE").read_text()


def _table(font: Font, tag: bytes) -> int:
    """Where a table of the TrueType file begins."""
    content = font.path.read_bytes()
    for at in range(12, 12 + 16 * int.from_bytes(content[4:6], "big"), 16):
        if content[at : at + 4] == tag:
            return int.from_bytes(content[at + 8 : at + 12], "big")
    raise AssertionError(f"{font.key} has no table {tag!r}")
