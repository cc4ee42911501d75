"""Three hundred pictures that mean harm, or are just broken: made here from a seed, small on disc, named by what they try."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from tests.factories.artwork_files import chunk, pdf, picture, png_of, svg

SEED = 20261128
Hostile = tuple[str, bytes]


def hostile_pictures() -> list[Hostile]:
    """Return (name, content) of each; names are unique."""
    chance = random.Random(SEED)  # noqa: S311 - the same files every time, no secret
    made = [
        *_floods(),
        *_lying_headers(chance),
        *_bombs_in_chunks(),
        *_frames(),
        *_deep_and_strange_colours(),
        *_polyglots(chance),
        *_truncated(chance),
        *_scrambled(chance),
        *_other_formats(),
    ]
    assert len({name for name, _content in made}) == len(made)
    return made


# --- Pixel floods -----------------------------------------------------------------------------------------------------
def _floods() -> Iterator[Hostile]:
    """Pictures that say they are enormous, with next to nothing behind it; and some that really are."""
    sides = ((65_535, 65_535), (60_001, 10), (10, 60_001), (2**31 - 1, 1), (1, 2**31 - 1), (2**31 - 1, 2**31 - 1), (40_000, 40_000), (20_000, 10_001))
    for number, (width, height) in enumerate(sides):
        for kind in (0, 2, 3, 4, 6):
            yield f"flood-png-{number}-{kind}", png_of(width, height, kind=kind, before=chunk(b"PLTE", bytes(768)) if kind == 3 else b"", pixels=b"x")
    for number, (width, height) in enumerate(((65_535, 65_535), (65_500, 65_500), (60_001, 100), (100, 60_001))):
        for way in ("baseline", "progressive"):
            yield f"flood-jpeg-{number}-{way}", _jpeg_saying(width, height, progressive=way == "progressive")
    # A hundred and ninety-nine megapixels of nothing, twenty kilobytes packed twice: taken or refused, but within memory.
    for number, (width, height, kind) in enumerate(((14_000, 14_000, 0), (50_000, 3_900, 0), (3_900, 50_000, 0), (5_000, 5_000, 6))):
        yield f"flood-real-{number}", png_of(width, height, kind=kind, pixels=_nothing(width, height, kind))
    for number, (width, height) in enumerate(((7_000, 7_000), (9_000, 5_000), (40_000, 1_200))):
        yield f"flood-interlaced-{number}", png_of(width, height, interlaced=1, pixels=b"x")


def _nothing(width: int, height: int, kind: int) -> bytes:
    packer, row = zlib.compressobj(1), bytes(1 + width * {0: 1, 2: 3, 6: 4}[kind])
    return b"".join([*(packer.compress(row) for _row in range(height)), packer.flush()])


def _jpeg_saying(width: int, height: int, *, progressive: bool = False, bits: int = 8) -> bytes:
    sheet = io.BytesIO()
    Image.new("RGB", (16, 16), "teal").save(sheet, "JPEG", progressive=progressive)
    body = bytearray(sheet.getvalue())
    at = body.index(b"\xff\xc2" if progressive else b"\xff\xc0")
    body[at + 4 : at + 9] = struct.pack(">BHH", bits, height, width)
    return bytes(body)


# --- Lies -------------------------------------------------------------------------------------------------------------
def _lying_headers(chance: random.Random) -> Iterator[Hostile]:
    """Sizes, depths and kinds that the pixels do not have."""
    for number in range(12):
        width, height = chance.randint(1, 3_000), chance.randint(1, 3_000)
        yield f"lies-size-{number}", png_of(width, height, pixels=zlib.compress(bytes(chance.randint(1, 5_000))))
    for bits in (0, 1, 2, 3, 4, 5, 7, 16, 32, 255):
        yield f"lies-bits-{bits}", png_of(40, 40, bits=bits, pixels=zlib.compress(bytes(40 * 121)))
    for kind in (1, 5, 7, 255):
        head = struct.pack(">IIBBBBB", 40, 40, 8, kind, 0, 0, 0)
        yield f"lies-kind-{kind}", b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(40 * 121))) + chunk(b"IEND", b"")
    for length in (0, 1, 2**31, 2**32 - 1, 0x7FFFFFFF, 12):
        yield f"lies-length-{length}", b"\x89PNG\r\n\x1a\n" + struct.pack(">I", length) + b"IHDR" + bytes(40)
    for width, height in ((0, 0), (0, 40), (40, 0)):
        yield f"lies-none-{width}-{height}", png_of(width, height, pixels=b"x")
    for size in ((1, 1), (8, 8), (3_000, 3_000), (20_000, 5_000), (16, 60_000)):
        yield f"lies-jpeg-{size[0]}-{size[1]}", _jpeg_saying(*size)
    for bits in (1, 12, 16):
        yield f"lies-jpeg-bits-{bits}", _jpeg_saying(16, 16, bits=bits)
    good = picture(kind="JPEG")
    at = good.index(b"\xff\xc0")
    for parts in (0, 2, 5, 255):
        yield f"lies-jpeg-parts-{parts}", good[: at + 9] + bytes([parts]) + good[at + 10 :]
    yield "lies-two-frames", good[:at] + good[at : at + 19] + good[at:]
    for length in (0, 1, 65_535):
        yield f"lies-segment-{length}", b"\xff\xd8\xff\xe0" + struct.pack(">H", length) + good[4:]


# --- Bombs inside -----------------------------------------------------------------------------------------------------
def _bombs_in_chunks() -> Iterator[Hostile]:
    """Packed texts and profiles that unpack to hundreds of megabytes."""
    for size in (1, 50, 300):
        packed = zlib.compress(bytes(size * 1_000_000), 1)
        for name, head in ((b"zTXt", b"Comment\0\0"), (b"iTXt", b"Comment\0\1\0\0\0"), (b"iCCP", b"profile\0\0")):
            yield f"bomb-{name.decode()}-{size}", png_of(40, 40, before=chunk(name, head + packed))
    packed = zlib.compress(bytes(100_000), 9)
    yield "bomb-texts", png_of(40, 40, before=b"".join(chunk(b"zTXt", b"C%d\0\0" % number + packed) for number in range(3_000)))
    yield "bomb-text-large", png_of(40, 40, before=chunk(b"tEXt", b"Comment\0" + b"A" * 5_000_000))
    yield "bomb-chunks", png_of(40, 40, before=chunk(b"tIME", bytes(7)) * 120_000)
    yield "bomb-pixels", png_of(40, 40, pixels=zlib.compress(bytes(300_000_000), 1))
    yield "bomb-profile-jpeg", b"\xff\xd8" + (b"\xff\xe2\xff\xff" + b"ICC_PROFILE\0" + bytes(65_521)) * 120 + picture(kind="JPEG")[2:]
    yield "bomb-segments", b"\xff\xd8" + b"\xff\xfe\x00\x04ab" * 150_000 + picture(kind="JPEG")[2:]
    yield "bomb-fill", b"\xff\xd8" + b"\xff" * 300_000 + picture(kind="JPEG")[2:]
    yield "bomb-exif", b"\xff\xd8\xff\xe1" + struct.pack(">H", 60_000) + b"Exif\0\0MM\0*\0\0\0\x08" + b"\xff" * 59_984 + picture(kind="JPEG")[2:]
    good = picture(kind="JPEG", progressive=True)
    scan = good[good.index(b"\xff\xda") : -2]
    yield "bomb-scans", good[:-2] + scan * 2_000 + b"\xff\xd9"


def _frames() -> Iterator[Hostile]:
    """Animations: with frames, with many frames, and saying so without any."""
    frames = [Image.new("RGB", (40, 40), (number, 0, 0)) for number in range(4)]
    sheet = io.BytesIO()
    frames[0].save(sheet, "PNG", save_all=True, append_images=frames[1:])
    yield "frames-apng", sheet.getvalue()
    for count in (2, 1_000, 2**31, 2**32 - 1):
        yield f"frames-said-{count}", png_of(40, 40, before=chunk(b"acTL", struct.pack(">II", count, 0)))
    sheet = io.BytesIO()
    frames[0].save(sheet, "GIF", save_all=True, append_images=frames[1:] * 60)
    yield "frames-gif", sheet.getvalue()
    sheet = io.BytesIO()
    frames[0].save(sheet, "WEBP", save_all=True, append_images=frames[1:] * 5)
    yield "frames-webp", sheet.getvalue()
    sheet = io.BytesIO()
    frames[0].save(sheet, "TIFF", save_all=True, append_images=frames[1:] * 20)
    yield "frames-tiff", sheet.getvalue()


def _deep_and_strange_colours() -> Iterator[Hostile]:
    """Inks, sixteen bits, palettes without colours, profiles that are none."""
    for mode in ("CMYK", "L", "RGB"):
        for turned in range(1, 9):
            exif = Image.Exif()
            exif[0x0112] = turned
            yield f"colours-{mode}-turned-{turned}", picture((60, 40), mode=mode, kind="JPEG", exif=exif)
    for kind in (0, 2, 4, 6):
        yield f"colours-deep-{kind}", png_of(60, 40, bits=16, kind=kind)
    yield "colours-no-palette", png_of(40, 40, kind=3)
    yield "colours-short-palette", png_of(40, 40, kind=3, before=chunk(b"PLTE", bytes(3)), pixels=zlib.compress((b"\0" + b"\xff" * 40) * 40))
    yield "colours-odd-palette", png_of(40, 40, kind=3, before=chunk(b"PLTE", bytes(4)))
    for number, profile in enumerate((b"", b"not a profile", bytes(128), b"\xff" * 4_000, b"\0\0\1\0" + b"acsp" * 200)):
        yield f"colours-profile-{number}", picture(icc_profile=profile or b" ")
        yield f"colours-profile-inks-{number}", picture(mode="CMYK", kind="JPEG", icc_profile=profile or b" ")
    for turned in (0, 9, 255, 65_535):
        exif = Image.Exif()
        exif[0x0112] = turned
        yield f"colours-turned-{turned}", picture(kind="JPEG", exif=exif)


# --- Two things at once -----------------------------------------------------------------------------------------------
def _polyglots(chance: random.Random) -> Iterator[Hostile]:
    """Files that are a picture and something else."""
    others = {
        "html": b"<script>alert(document.domain)</script>",
        "php": b"<?php system($_GET['c']); ?>",
        "zip": b"PK\x03\x04" + bytes(60) + b"PK\x05\x06" + bytes(18),
        "pdf": pdf(),
        "svg": svg(),
        "elf": b"\x7fELF\2\1\1" + bytes(60),
        "shell": b"#!/bin/sh\nid > /tmp/owned\n",
        "jar": b"PK\x03\x04" + bytes(26) + b"META-INF/MANIFEST.MF",
    }
    for name, body in others.items():
        yield f"two-png-{name}", picture() + body
        yield f"two-jpeg-{name}", picture(kind="JPEG") + body
        yield f"two-text-{name}", png_of(40, 40, before=chunk(b"tEXt", b"Comment\0" + body[:2_000]))
        yield f"two-comment-{name}", b"\xff\xd8\xff\xfe" + struct.pack(">H", len(body[:2_000]) + 2) + body[:2_000] + picture(kind="JPEG")[2:]
        yield f"two-begins-{name}", body + picture()
    yield "two-magic-html", b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script></html>"
    yield "two-magic-mvg", b"push graphic-context\nviewbox 0 0 640 480\nimage over 0,0 0,0 'https://127.0.0.1/x.php'\npop graphic-context"
    yield "two-magic-eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (w) file\n"
    yield "two-random-tail", picture() + chance.randbytes(50_000)


def _truncated(chance: random.Random) -> Iterator[Hostile]:
    """Pictures that break off, at the beginning, in the middle, in the last byte."""
    sources = {"png": picture(), "jpeg": picture(kind="JPEG"), "progressive": picture(kind="JPEG", progressive=True), "alpha": picture(mode="RGBA")}
    for name, body in sources.items():
        for number, cut in enumerate((1, 7, 8, 12, 20, 33, len(body) // 2, len(body) - 20, len(body) - 1, chance.randint(40, len(body) - 2))):
            yield f"short-{name}-{number}", body[:cut]


def _scrambled(chance: random.Random) -> Iterator[Hostile]:
    """Pictures with bytes turned over at random."""
    for name, body in (("png", picture()), ("jpeg", picture(kind="JPEG")), ("inks", picture(mode="CMYK", kind="JPEG"))):
        for number in range(8):
            harmed = bytearray(body)
            for _byte in range(chance.randint(1, 60)):
                harmed[chance.randrange(8, len(harmed))] = chance.randrange(256)
            yield f"scrambled-{name}-{number}", bytes(harmed)


def _other_formats() -> Iterator[Hostile]:
    """Formats that are on no list here, some with a history."""
    for kind in ("GIF", "BMP", "TIFF", "WEBP", "ICO", "PPM", "SGI", "TGA", "PCX"):
        sheet = io.BytesIO()
        Image.new("RGB", (32, 32), "teal").save(sheet, kind)
        yield f"other-{kind}", sheet.getvalue()
    yield "other-psd", b"8BPS\0\1" + bytes(400)
    yield "other-fits", b"SIMPLE  =                    T" + b" " * 2_850
    yield "other-xcf", b"gimp xcf v011\0" + bytes(300)
    yield "other-heic", b"\0\0\0\x18ftypheic" + bytes(400)
    yield "other-avif", b"\0\0\0\x18ftypavif" + bytes(400)
    yield "other-gzip", b"\x1f\x8b\x08" + bytes(60)
    yield "other-empty", b""
    yield "other-zero", bytes(5_000)
