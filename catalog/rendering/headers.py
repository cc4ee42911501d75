"""What a file says of itself, read by hand before any decoder sees it: its type by content, its size, and what would make decoding dangerous."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from catalog.rendering.refusals import Refused

HEAD_BYTES = 1024
MOST_PIXELS = 200_000_000
MOST_SIDE = 60_000
# Interlaced and progressive pictures are decoded as a whole, so their decoded size has to fit into the program's memory.
MOST_PIXELS_AT_ONCE = 40_000_000
MOST_CHUNKS = 100_000
MOST_PROFILE_BYTES = 4_000_000
MOST_FRAMES = 1

PNG, JPEG, PDF, SVG = "png", "jpeg", "pdf", "svg"
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF8", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"8BPS", "Photoshop"),
    (b"%!PS", "PostScript"),
    (b"\xc5\xd0\xd3\xc6", "EPS"),
    (b"BM", "BMP"),
    (b"SIMPLE  =", "FITS"),
    (b"gimp xcf", "GIMP"),
    (b"PK\x03\x04", "ZIP"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7-Zip"),
)
_MARKUP = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>|<!--.*?-->|<!DOCTYPE\s+svg\b[^>\[]*(?:\[[^\]]*\])?\s*>|\s)*<(?:\w+:)?svg\b", re.DOTALL
)
_PAGE = re.compile(rb"<(?:!doctype html|html|head|body|script|title|meta|iframe)\b", re.IGNORECASE)


def type_of(head: bytes) -> str:
    """Return ``png``, ``jpeg``, ``pdf`` or ``svg`` by the first ``HEAD_BYTES``; raises ``Refused`` with what it is instead."""
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            if kind in {PNG, JPEG}:
                return kind
            raise Refused("other_type", type=kind)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        raise Refused("other_type", type="WebP")
    if head[4:8] == b"ftyp":
        raise Refused("other_type", type={b"heic": "HEIC", b"avif": "AVIF"}.get(head[8:12], "MP4"))
    if b"%PDF-" in head and not _PAGE.search(head.partition(b"%PDF-")[0]):
        return PDF
    if _MARKUP.match(head):
        return SVG
    if _PAGE.search(head):
        raise Refused("web_page")
    raise Refused("unknown_type" if head else "empty")


@dataclass(frozen=True, slots=True)
class Header:
    """What a PNG or JPEG says of itself. ``tail`` is how many bytes stand behind the picture's end."""

    width: int
    height: int
    bits: int
    colours: str  # of catalog.models.ColourMode
    has_alpha: bool
    at_once: bool
    tail: int


def header_of(kind: str, file: BinaryIO, size: int) -> Header:
    """Walk through a picture's structure without decoding it. Raises ``Refused`` for what must not be decoded."""
    file.seek(0)
    header = _png(file, size) if kind == PNG else _jpeg(file.read(), size)
    check_size(header.width, header.height, at_once=header.at_once)
    return header


def check_size(width: int, height: int, *, at_once: bool = False) -> None:
    """Raise ``Refused`` for more pixels than the program takes."""
    if width < 1 or height < 1:
        raise Refused("damaged")
    if width > MOST_SIDE or height > MOST_SIDE or width * height > MOST_PIXELS:
        raise Refused("too_many_pixels", width=width, height=height, most=MOST_PIXELS // 1_000_000)
    if at_once and width * height > MOST_PIXELS_AT_ONCE:
        raise Refused("too_many_pixels_at_once", width=width, height=height, most=MOST_PIXELS_AT_ONCE // 1_000_000)


# --- PNG --------------------------------------------------------------------------------------------------------------
_PNG_KINDS = {0: ("grey", False), 2: ("rgb", False), 3: ("rgb", False), 4: ("grey", True), 6: ("rgb", True)}


def _png(file: BinaryIO, size: int) -> Header:
    head = file.read(8 + 25)
    if len(head) < 33 or head[8:16] != b"\0\0\0\rIHDR":
        raise Refused("damaged")
    width, height = int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
    bits, kind, interlaced = head[24], head[25], head[28]
    if kind not in _PNG_KINDS or bits not in {1, 2, 4, 8, 16} or interlaced > 1:
        raise Refused("damaged")
    colours, has_alpha = _PNG_KINDS[kind]
    at, has_pixels = 33, False
    for _number in range(MOST_CHUNKS):
        file.seek(at)
        length_and_name = file.read(8)
        if len(length_and_name) < 8:
            raise Refused("truncated")
        length, name = int.from_bytes(length_and_name[:4], "big"), length_and_name[4:]
        end = at + 12 + length
        if end > size:
            raise Refused("truncated")
        if name == b"acTL" and int.from_bytes(file.read(4), "big") > MOST_FRAMES:
            raise Refused("animated")
        if name == b"iCCP" and length > MOST_PROFILE_BYTES:
            raise Refused("damaged")
        if name in {b"zTXt", b"iTXt", b"tEXt"} and length > MOST_PROFILE_BYTES:
            raise Refused("hidden_data")
        has_alpha = has_alpha or name == b"tRNS"
        has_pixels = has_pixels or name == b"IDAT"
        if name == b"IEND":
            if not has_pixels:
                raise Refused("damaged")
            return Header(width, height, bits, colours, has_alpha, bool(interlaced), tail=size - end)
        at = end
    raise Refused("damaged")


# --- JPEG -------------------------------------------------------------------------------------------------------------
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_END, _SCAN, _APP2, _FILL = 0xD9, 0xDA, 0xE2, 0xFF
_JPEG_COLOURS = {1: "grey", 3: "rgb", 4: "cmyk"}
# A marker inside picture data: FF followed by neither a stuffed zero, nor a restart, nor more FFs.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def _jpeg(content: bytes, size: int) -> Header:
    frame, profile = None, 0
    for kind, at, length in _segments(content, size):
        if kind in _FRAMES:
            if frame is not None:
                raise Refused("damaged")
            frame = _frame(content[at + 4 : at + 2 + length], progressive=kind in _PROGRESSIVE)
        elif kind == _APP2 and content[at + 4 : at + 15] == b"ICC_PROFILE":
            profile += length
        elif kind == _END and frame is not None:
            if profile > MOST_PROFILE_BYTES:
                break
            width, height, bits, colours, progressive = frame
            return Header(width, height, bits, colours, False, progressive, tail=size - at - 2)
    raise Refused("damaged")


def _segments(content: bytes, size: int) -> Iterator[tuple[int, int, int]]:
    """Yield each marker with its place and length up to the picture's end. Raises ``Refused`` when that does not come."""
    at = 2
    for _number in range(MOST_CHUNKS):
        if at + 2 > size:
            break
        if content[at] != 0xFF:
            raise Refused("damaged")
        kind = content[at + 1]
        if kind == _FILL:
            at += 1
            continue
        if kind == _END:
            yield kind, at, 0
            return
        if kind in _STANDALONE:
            at += 2
            continue
        length = int.from_bytes(content[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > size:
            break
        yield kind, at, length
        at += 2 + length
        if kind == _SCAN:
            found = _MARKER.search(content, at)
            at = found.start() if found else size
    raise Refused("truncated")


def _frame(body: bytes, *, progressive: bool) -> tuple[int, int, int, str, bool]:
    if len(body) < 6 or body[5] not in _JPEG_COLOURS:
        raise Refused("damaged")
    if body[0] != 8:
        raise Refused("jpeg_bits", bits=body[0])
    return int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big"), body[0], _JPEG_COLOURS[body[5]], progressive
