"""What is said of people's files: looking at one in the program beside the hub, and every finding as a row with verdict, sentence and remedy.

A finding is kept as a code with values and becomes words when it is shown, so that it speaks the reader's language (docs/catalog.md, "Preflight").
"""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self

import structlog
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.rendering.confining import Limits
from catalog.rendering.refusals import Refused
from catalog.rendering.workshop import WORKSHOP, Unfinished

log = structlog.get_logger(__name__)

MOST_BYTES = 200_000_000
CHUNK = 1024 * 1024
LOOKING = Limits(memory_mb=512, cpu_s=10, wall_s=20.0)
CONTENT_TYPES = {"png": "image/png", "jpeg": "image/jpeg", "pdf": "application/pdf"}
SUFFIXES = {"png": ".png", "jpeg": ".jpg", "pdf": ".pdf"}
Stored = dict[str, Any]  # a finding as rows keep it: {"code": …, "values": {…}}


class Verdict(models.TextChoices):
    """How bad a finding is."""

    OK = "ok", gettext_lazy("good to know")
    WARNING = "warning", gettext_lazy("look at it")
    REFUSED = "refused", gettext_lazy("cannot be used")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that preflight found, for people."""

    verdict: Verdict
    sentence: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}".strip()


Words = tuple[Verdict, str | Promise, str | Promise]
_EXPORT_PICTURE = gettext_lazy("Export it as a PNG, JPEG or PDF and upload that.")
_EXPORT_AGAIN = gettext_lazy("Export it again and upload that.")

# code -> verdict, what was found, what to do. %(name)s is the file.
WORDS: Mapping[str, Words] = {
    # The file alone: why it is not taken.
    "empty": (Verdict.REFUSED, gettext_lazy("“%(name)s” is empty."), _EXPORT_AGAIN),
    "too_large": (Verdict.REFUSED, gettext_lazy("“%(name)s” is larger than 200 MB."), gettext_lazy("Save it with compression and upload it again.")),
    "web_page": (
        Verdict.REFUSED,
        gettext_lazy("“%(name)s” is a web page, not a picture."),
        gettext_lazy("The link probably leads to a page that shows the file. Use the link that downloads it."),
    ),
    "other_type": (Verdict.REFUSED, gettext_lazy("“%(name)s” is a %(type)s file, which cannot be printed from."), _EXPORT_PICTURE),
    "unknown_type": (Verdict.REFUSED, gettext_lazy("“%(name)s” is not a readable PNG, JPEG or PDF file."), _EXPORT_PICTURE),
    "damaged": (Verdict.REFUSED, gettext_lazy("“%(name)s” is damaged and cannot be read."), _EXPORT_AGAIN),
    "truncated": (Verdict.REFUSED, gettext_lazy("“%(name)s” ends in the middle, so a part of it is missing."), gettext_lazy("Upload it again.")),
    "animated": (
        Verdict.REFUSED,
        gettext_lazy("“%(name)s” moves, and a print stands still."),
        gettext_lazy("Export one frame of it and upload that."),
    ),
    "hidden_data": (Verdict.REFUSED, gettext_lazy("“%(name)s” carries a large amount of data that is no picture."), _EXPORT_AGAIN),
    "jpeg_bits": (Verdict.REFUSED, gettext_lazy("“%(name)s” is a JPEG of %(bits)s bits, which few programs read."), _EXPORT_PICTURE),
    "too_many_pixels": (
        Verdict.REFUSED,
        gettext_lazy("“%(name)s” has %(width)s × %(height)s pixels; at most %(most)s megapixels are taken."),
        gettext_lazy("Scale it down and upload it again."),
    ),
    "too_many_pixels_at_once": (
        Verdict.REFUSED,
        gettext_lazy("“%(name)s” is interlaced or progressive and has %(width)s × %(height)s pixels; at most %(most)s megapixels are taken so."),
        gettext_lazy("Save it without “interlaced” or “progressive” and upload it again."),
    ),
    "too_demanding": (
        Verdict.REFUSED,
        gettext_lazy("“%(name)s” takes too long or too much memory to open."),
        gettext_lazy("Simplify it, or export it as a PNG, and upload that."),
    ),
    "pdf_locked": (
        Verdict.REFUSED,
        gettext_lazy("“%(name)s” is protected."),
        gettext_lazy("Save it without a password and without restrictions, and upload that."),
    ),
    "pdf_active": (
        Verdict.REFUSED,
        gettext_lazy("“%(name)s” does more than show a page (%(what)s)."),
        gettext_lazy("Export it for printing, for example as PDF/X, and upload that."),
    ),
    "pdf_page_size": (Verdict.REFUSED, gettext_lazy("The first page of “%(name)s” has a size that no print has."), _EXPORT_AGAIN),
    "svg_unreadable": (
        Verdict.REFUSED,
        gettext_lazy("“%(name)s” is not a readable SVG drawing."),
        gettext_lazy("Save it as a plain SVG, or as a PNG."),
    ),
    "svg_active": (
        Verdict.REFUSED,
        gettext_lazy("“%(name)s” holds something that acts (%(what)s), not only shapes."),
        gettext_lazy("Save it as a plain SVG, or as a PNG."),
    ),
    "svg_external": (
        Verdict.REFUSED,
        gettext_lazy("“%(name)s” needs other files, which did not come with it."),
        gettext_lazy("Embed its pictures, or export it as a PNG."),
    ),
    "svg_text": (
        Verdict.REFUSED,
        gettext_lazy("“%(name)s” has text, whose typeface is on your computer and not here."),
        gettext_lazy("Convert texts to outlines (paths) and save it again."),
    ),
    "svg_circle": (Verdict.REFUSED, gettext_lazy("A part of “%(name)s” contains itself."), gettext_lazy("Export it as a PNG and upload that.")),
    "svg_size": (
        Verdict.REFUSED,
        gettext_lazy("“%(name)s” does not say how wide and high it is."),
        gettext_lazy("Save it with a view box, or export it as a PNG."),
    ),
    # The file alone: what is worth knowing.
    "cmyk": (
        Verdict.WARNING,
        gettext_lazy("“%(name)s” is in CMYK; the print file is made in the print area's own colours."),
        gettext_lazy("Compare the colours with the preview."),
    ),
    "sixteen_bits": (Verdict.OK, gettext_lazy("“%(name)s” has 16 bits a colour; it is printed with 8."), ""),
    "turned": (Verdict.OK, gettext_lazy("“%(name)s” is turned upright, as its camera noted."), ""),
    "tail": (Verdict.OK, gettext_lazy("“%(name)s” carries other data behind the picture, which is left out of the print file."), ""),
    "svg": (Verdict.OK, gettext_lazy("“%(name)s” was turned into a picture of %(width)s × %(height)s pixels."), ""),
    "links": (Verdict.OK, gettext_lazy("“%(name)s” has links; a print has none."), ""),
    "pages": (
        Verdict.WARNING,
        gettext_lazy("“%(name)s” has %(pages)s pages; the first one is printed."),
        gettext_lazy("Upload the other pages as files of their own."),
    ),
    "font_missing": (
        Verdict.WARNING,
        gettext_lazy("The typeface %(font)s is not in “%(name)s”, so another one may take its place."),
        gettext_lazy("Embed all typefaces, or convert texts to outlines, and compare the preview."),
    ),
    # The stored file.
    "lost": (Verdict.REFUSED, gettext_lazy("The stored file “%(name)s” is missing."), gettext_lazy("Upload the design again.")),
    "altered": (
        Verdict.REFUSED,
        gettext_lazy("The stored file “%(name)s” was altered after it was checked."),
        gettext_lazy("Upload the design again."),
    ),
    "storage_silent": (
        Verdict.REFUSED,
        gettext_lazy("The files of “%(name)s” could not be read or stored."),
        gettext_lazy("Try again; if it goes on, the storage needs its operator."),
    ),
    # The file on a print area.
    "no_area": (
        Verdict.REFUSED,
        gettext_lazy("%(model)s has no print area yet, so no file fits it."),
        gettext_lazy("Add one to the product model first."),
    ),
    "coarse": (
        Verdict.REFUSED,
        gettext_lazy("“%(name)s” gives %(dpi)s dpi on %(area)s; at least %(least)s are needed."),
        gettext_lazy("Upload a larger picture, or place it smaller."),
    ),
    "below_target": (
        Verdict.WARNING,
        gettext_lazy("“%(name)s” gives %(dpi)s dpi on %(area)s; %(target)s print best."),
        gettext_lazy("Use a larger picture if you have one."),
    ),
    "type_not_taken": (
        Verdict.REFUSED,
        gettext_lazy("“%(name)s” is a %(type)s file, which is not taken for %(area)s."),
        gettext_lazy("Upload one of these: %(types)s."),
    ),
    "colours_not_taken": (
        Verdict.REFUSED,
        gettext_lazy("“%(name)s” is in %(colours)s, which is not taken for %(area)s."),
        gettext_lazy("Save it as %(wanted)s and upload that."),
    ),
    "shape": (
        Verdict.WARNING,
        gettext_lazy("“%(name)s” has another shape than %(area)s, %(width)s × %(height)s mm with bleed, and is stretched to it."),
        gettext_lazy("Design it in these proportions, or place it in the editor."),
    ),
    "bleed_open": (
        Verdict.WARNING,
        gettext_lazy("The design reaches the edge of %(area)s but not its bleed, so a white line may stay after cutting."),
        gettext_lazy("Make it %(bleed)s mm larger on every side."),
    ),
    "strip_open": (
        Verdict.WARNING,
        gettext_lazy("“%(name)s” leaves a strip of %(mm)s mm of %(area)s unprinted."),
        gettext_lazy("Enlarge it or choose a background colour, unless the strip is meant to stay blank."),
    ),
    # The design on a product model that was changed since.
    "area_resized": (
        Verdict.REFUSED,
        gettext_lazy("%(area)s was %(before)s mm when the print file was made, and is %(now)s mm now (with bleed)."),
        gettext_lazy("Change the design, arrange it anew and save it."),
    ),
    "area_takes_other_type": (
        Verdict.REFUSED,
        gettext_lazy("The print file of %(area)s is a %(before)s, and the machine takes %(now)s now."),
        gettext_lazy("Change the design and save it, so that its print file is made anew."),
    ),
    "area_in_other_colours": (
        Verdict.REFUSED,
        gettext_lazy("The print file of %(area)s was made in the colours of %(before)s, and the area is printed in %(now)s now."),
        gettext_lazy("Change the design and save it, so that its print file is made anew."),
    ),
    "area_is_finer": (
        Verdict.REFUSED,
        gettext_lazy("The print file of %(area)s has %(dpi)s dpi; at least %(least)s are needed now."),
        gettext_lazy("Change the design, use a larger picture, and save it."),
    ),
}
COVERING = frozenset({"bleed_open", "strip_open"})  # what may stay blank although it was meant to be covered
REFUSALS = frozenset(code for code, words in WORDS.items() if words[0] == Verdict.REFUSED)


def finding(code: str, **values: Any) -> Stored:
    """Return a finding as rows keep it."""
    return {"code": code, "values": values}


def told(stored: Iterable[Stored], *, name: str = "") -> list[Finding]:
    """Return findings in words, the worst first. ``name`` is the file they are about, where they do not name it themselves."""
    order = {Verdict.REFUSED: 0, Verdict.WARNING: 1, Verdict.OK: 2}
    found = [_in_words(one["code"], {"name": name} | one["values"]) for one in stored if one["code"] in WORDS]
    return sorted(found, key=lambda one: order[one.verdict])


def _in_words(code: str, values: Mapping[str, Any]) -> Finding:
    verdict, sentence, remedy = WORDS[code]
    return Finding(verdict, str(sentence) % values, str(remedy) % values if remedy else "")


def words_of(code: str) -> str:
    """Return sentence and remedy of a finding with their places for values, for programs that fill them in themselves."""
    _verdict, sentence, remedy = WORDS[code]
    return f"{sentence} {remedy}".strip()


def refusals(stored: Iterable[Stored]) -> list[Stored]:
    """Return those findings that forbid the use."""
    return [one for one in stored if one["code"] in REFUSALS]


class BadFile(ValueError):
    """A file cannot be used. The message says why and what to do; ``finding`` has it in parts."""

    def __init__(self, found: Finding) -> None:
        super().__init__(str(found))
        self.finding = found

    @classmethod
    def of(cls, code: str, **values: Any) -> Self:
        """Return the error of a code of ``WORDS``."""
        return cls(_in_words(code, values))


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that was looked at and may be used. ``path``, ``preview`` and ``screen`` vanish when the check's context ends."""

    path: Path
    file_name: str
    kind: str
    sha256: str
    size_bytes: int
    width_px: int
    height_px: int
    colours: str
    transparent: bool
    as_is: bool
    findings: list[Stored]
    preview: Path
    screen: Path

    @property
    def content_type(self) -> str:
        """Its type by content."""
        return CONTENT_TYPES[self.kind]


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file on this machine's disc, not looked at yet."""

    path: Path
    file_name: str
    sha256: str
    size_bytes: int
    folder: Path


@contextmanager
def arrived(content: BinaryIO | Path | bytes, *, file_name: str) -> Iterator[Arrived]:
    """Put an upload on disc, at most ``MOST_BYTES`` of it, with its checksum. Raises ``BadFile``. Nothing is read into memory as a whole."""
    file_name = file_name.strip()[-200:] or _("artwork")
    if isinstance(content, bytes):
        content = io.BytesIO(content)
    with tempfile.TemporaryDirectory(prefix="hub-file-") as folder:
        path = content if isinstance(content, Path) else Path(folder) / "arrived"
        digest, size = hashlib.sha256(), 0
        with path.open("rb" if isinstance(content, Path) else "w+b") as file:
            source: BinaryIO = file if isinstance(content, Path) else content
            while chunk := source.read(CHUNK):
                size += len(chunk)
                if size > MOST_BYTES:
                    raise BadFile.of("too_large", name=file_name)
                digest.update(chunk)
                if source is not file:
                    file.write(chunk)
        yield Arrived(path, file_name, digest.hexdigest(), size, Path(folder))


def looked_at(file: Arrived) -> CheckedFile:
    """Have a file opened in the program beside the hub, within its limits. Raises ``BadFile`` with what is wrong."""
    try:
        look = WORKSHOP.do("look", {"path": str(file.path), "folder": str(file.folder)}, limits=LOOKING)
    except Refused as error:
        raise BadFile.of(error.code, **{"name": file.file_name} | error.values) from None
    except Unfinished as error:
        log.warning("file_too_demanding", why=error.why, sha256=file.sha256, bytes=file.size_bytes)
        raise BadFile.of("too_demanding", name=file.file_name) from None
    path, digest, size = Path(look["path"]), file.sha256, file.size_bytes
    if path != file.path:  # a drawing, kept as the picture that was made of it
        with path.open("rb") as made:
            digest, size = hashlib.file_digest(made, "sha256").hexdigest(), path.stat().st_size
    return CheckedFile(
        path=path,
        file_name=file.file_name,
        kind=look["kind"],
        sha256=digest,
        size_bytes=size,
        width_px=look["width"],
        height_px=look["height"],
        colours=look["colours"],
        transparent=look["transparent"],
        as_is=look["as_is"],
        findings=look["findings"],
        preview=Path(look["preview"]),
        screen=Path(look["screen"]),
    )
