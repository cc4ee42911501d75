"""Files as people upload them: good ones of every kind, small and made here."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pikepdf
from PIL import Image, ImageDraw


def picture(size: tuple[int, int] = (400, 300), *, mode: str = "RGB", colour: Any = None, kind: str = "PNG", **options: Any) -> bytes:
    """Return a picture with a bar down its left third, so that it has an up and a side."""
    grounds: dict[str, Any] = {"CMYK": (0, 60, 90, 0), "L": 200, "RGBA": (0, 0, 0, 0)}
    drawn = Image.new(mode, size, colour if colour is not None else grounds.get(mode, "teal"))
    if mode in {"RGB", "RGBA", "L"}:
        ImageDraw.Draw(drawn).rectangle((0, 0, size[0] // 3, size[1]), fill=60 if mode == "L" else "crimson")
    sheet = io.BytesIO()
    drawn.save(sheet, kind, **options)
    return sheet.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_of(width: int, height: int, *, bits: int = 8, kind: int = 2, interlaced: int = 0, before: bytes = b"", pixels: bytes | None = None) -> bytes:
    """Return a PNG by its parts: what it says of itself, chunks before its pixels, and the pixels as they are packed."""
    bands = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
    if pixels is None:
        row = b"\0" + bytes((width * bands * bits + 7) // 8)
        pixels = zlib.compress(row * height, 1)
    head = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, interlaced)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + before + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def pdf(size_pt: tuple[float, float] = (400, 300), *, pages: int = 1, content: bytes = b"0.8 0.1 0.2 rg 0 0 130 300 re f", **root: Any) -> bytes:
    """Return a PDF that draws a red bar on each page; ``root`` is added to its catalog."""
    made = pikepdf.new()
    for _number in range(pages):
        page = made.add_blank_page(page_size=size_pt)
        page.Contents = made.make_stream(content)
    for name, value in root.items():
        made.Root[f"/{name}"] = value
    sheet = io.BytesIO()
    made.save(sheet)
    return sheet.getvalue()


def svg(inside: str = '<rect width="40" height="90" fill="#c1272d"/>', *, head: str = "", attributes: str = 'viewBox="0 0 120 90"') -> bytes:
    """Return a drawing."""
    space = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<?xml version="1.0"?>{head}<svg {space} {attributes}>{inside}</svg>'.encode()
