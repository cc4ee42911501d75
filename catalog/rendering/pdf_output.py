"""Print files as PDF: one page with one picture, the boxes that plants cut by, and the colour profile it was made for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pikepdf
import pyvips

from catalog.rendering.colours import in_profile

PT_PER_MM = 72 / 25.4
_SPACES = {1: "/DeviceGray", 3: "/DeviceRGB", 4: "/DeviceCMYK"}


def write(canvas: pyvips.Image, sheet: Mapping[str, Any], folder: str) -> str:
    """Write a canvas as a PDF and return its path. Media and bleed box are the whole of it, the trim box is what is left after cutting."""
    drawn = f"{folder}/canvas.v"
    canvas.write_to_file(drawn)  # drawn once, read twice: for the colours and for what shines through
    canvas = pyvips.Image.new_from_file(drawn)
    width, height, bleed = (side * PT_PER_MM for side in (sheet["width_mm"], sheet["height_mm"], sheet["bleed_mm"]))
    with pikepdf.new() as pdf:
        profile = pdf.make_stream(_profile(sheet["profile"]))
        colours = in_profile(canvas[:3], sheet["profile"])
        profile.N = colours.bands
        profile.Alternate = pikepdf.Name(_SPACES[colours.bands])
        picture = _picture(pdf, colours, folder)
        picture.ColorSpace = pikepdf.Array([pikepdf.Name.ICCBased, profile])
        if canvas.bands == 4:
            mask = _picture(pdf, canvas[3], folder)
            mask.ColorSpace = pikepdf.Name.DeviceGray
            picture.SMask = mask
        page = pdf.add_blank_page(page_size=(width + 2 * bleed, height + 2 * bleed))
        page.BleedBox = pikepdf.Array([0, 0, *(round(side + 2 * bleed, 4) for side in (width, height))])
        page.TrimBox = pikepdf.Array([round(side, 4) for side in (bleed, bleed, bleed + width, bleed + height)])
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Sheet=picture))
        page.Contents = pdf.make_stream(f"q {width + 2 * bleed:.4f} 0 0 {height + 2 * bleed:.4f} 0 0 cm /Sheet Do Q".encode())
        intent = pikepdf.Dictionary(
            Type=pikepdf.Name.OutputIntent,
            S=pikepdf.Name.GTS_PDFX,
            OutputConditionIdentifier=pikepdf.String(sheet["profile_name"]),
            DestOutputProfile=profile,
        )
        pdf.Root.OutputIntents = pikepdf.Array([intent])
        path = f"{folder}/print.pdf"
        pdf.save(path, deterministic_id=True, compress_streams=True)
    return path


def _profile(name: str) -> bytes:
    """Return a profile of libvips' own by name, or of a file by its path."""
    return bytes(pyvips.Operation.call("profile_load", name))


def _picture(pdf: pikepdf.Pdf, picture: pyvips.Image, folder: str) -> pikepdf.Stream:
    """Return an image object. A PNG's packed pixels are what the format calls Flate with predictor 15, also where the four bands are inks."""
    path = Path(folder) / "bands.png"
    kind = {1: "b-w", 3: "srgb", 4: "srgb"}[picture.bands]
    picture.copy(interpretation=kind).pngsave(str(path), compression=4, keep="none")
    stream = pikepdf.Stream(pdf, b"".join(_packed(path.read_bytes())))
    stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    stream.Width, stream.Height, stream.BitsPerComponent = picture.width, picture.height, 8
    stream.Filter = pikepdf.Name.FlateDecode
    stream.DecodeParms = pikepdf.Dictionary(Predictor=15, Colors=picture.bands, BitsPerComponent=8, Columns=picture.width)
    return stream


def _packed(png: bytes) -> list[bytes]:
    parts, at = [], 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        if png[at + 4 : at + 8] == b"IDAT":
            parts.append(png[at + 8 : at + 8 + length])
        at += 12 + length
    return parts
