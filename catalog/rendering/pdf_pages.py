"""PDF: structure read by pikepdf (qpdf), first page drawn by pdfium, whose build here has no JavaScript. What a page could do is refused, not ignored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pyvips

from catalog.rendering.headers import check_size
from catalog.rendering.refusals import Refused

MOST_OBJECTS = 200_000
MOST_PAGES = 2_000
MOST_SIDE_PT = 14_400  # what the format itself allows: 200 inches
MOST_LEVELS = 12
MOST_RESOURCES = 2_000
BAND_BYTES = 32 * 1024 * 1024
# Actions that do something beyond turning to a page. A link to a web address is left: a print has none.
_ACTING = frozenset({"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToR", "/GoToE", "/Rendition", "/Movie", "/Sound"})
_ACTIVE_ANNOTATIONS = frozenset({"/RichMedia", "/Screen", "/Movie", "/Sound", "/3D", "/FileAttachment"})


@dataclass(slots=True)
class PdfFacts:
    """What a PDF's first page is. ``size_pt`` is its crop box, turned as it is shown."""

    pages: int
    size_pt: tuple[float, float]
    fonts_missing: list[str] = field(default_factory=list)
    has_links: bool = False


def inspect(path: str) -> PdfFacts:
    """Read a PDF's structure. Raises ``Refused`` for one that is locked, acts, carries files, or cannot be read."""
    try:
        with pikepdf.open(path, access_mode=pikepdf.AccessMode.mmap, attempt_recovery=False, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise Refused("pdf_locked")
            if len(pdf.objects) > MOST_OBJECTS:
                raise Refused("too_demanding")
            _refuse_active(pdf)
            pages = len(pdf.pages)
            if not 1 <= pages <= MOST_PAGES:
                raise Refused("damaged" if pages < 1 else "too_demanding")
            return _first_page(pdf, pages)
    except pikepdf.PasswordError:
        raise Refused("pdf_locked") from None
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, KeyError, AttributeError, NotImplementedError, OverflowError):
        raise Refused("damaged") from None


def _refuse_active(pdf: pikepdf.Pdf) -> None:
    """Look at every object, wherever it hangs: an action that nothing reaches today may be reached by another reader."""
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Stream | pikepdf.Dictionary):
            _refuse_acting(thing)
    if "/XFA" in pdf.Root.get("/AcroForm", pikepdf.Dictionary()):
        raise Refused("pdf_active", what="XFA")


def _refuse_acting(thing: Any, level: int = 0) -> None:
    if level > MOST_LEVELS:
        return
    holder = thing.stream_dict if isinstance(thing, pikepdf.Stream) else thing
    if "/JS" in holder or "/JavaScript" in holder:
        raise Refused("pdf_active", what="JavaScript")
    kind, action = str(holder.get("/Subtype", "")), str(holder.get("/S", ""))
    if action in _ACTING or kind in _ACTIVE_ANNOTATIONS:
        raise Refused("pdf_active", what=(action if action in _ACTING else kind).lstrip("/"))
    if "/EmbeddedFiles" in holder or str(holder.get("/Type", "")) == "/EmbeddedFile" or "/EF" in holder:
        raise Refused("pdf_active", what="embedded files")
    if "/F" in holder and isinstance(thing, pikepdf.Stream):
        raise Refused("pdf_active", what="external data")  # a stream whose content is another file
    for value in holder.values():
        if isinstance(value, pikepdf.Array):
            inner = [one for one in value if isinstance(one, pikepdf.Dictionary) and not one.is_indirect]
        else:
            inner = [value] if isinstance(value, pikepdf.Dictionary) and not value.is_indirect else []
        for one in inner:
            _refuse_acting(one, level + 1)


def _first_page(pdf: pikepdf.Pdf, pages: int) -> PdfFacts:
    page = pdf.pages[0]
    left, bottom, right, top = (float(side) for side in page.cropbox)
    width, height = abs(right - left), abs(top - bottom)
    if int(page.get("/Rotate", 0)) % 180:
        width, height = height, width
    if not (1 <= width <= MOST_SIDE_PT and 1 <= height <= MOST_SIDE_PT):
        raise Refused("pdf_page_size")
    facts = PdfFacts(pages, (width, height))
    facts.has_links = any(str(one.get("/Subtype", "")) == "/Link" for one in page.get("/Annots", []) if isinstance(one, pikepdf.Dictionary))
    for resources in _resources(page.get("/Resources", pikepdf.Dictionary())):
        for font in _values(resources.get("/Font")):
            name = _missing_font(font)
            if name and name not in facts.fonts_missing:
                facts.fonts_missing.append(name)
    return facts


def _resources(first: Any) -> Iterator[Any]:
    """Walk through the resources of a page and of the forms in it, each once."""
    waiting: list[Any] = [first]
    seen: set[Any] = set()
    while waiting and len(seen) < MOST_RESOURCES:
        resources = waiting.pop()
        if not isinstance(resources, pikepdf.Dictionary):
            continue
        mark = resources.objgen if resources.is_indirect else id(resources)
        if mark in seen:
            continue
        seen.add(mark)
        yield resources
        for thing in [*_values(resources.get("/XObject")), *_values(resources.get("/Pattern"))]:
            if isinstance(thing, pikepdf.Stream) and "/Resources" in thing and thing.objgen not in seen:
                seen.add(thing.objgen)
                waiting.append(thing["/Resources"])


def _values(holder: Any) -> list[Any]:
    return [one for one in holder.values() if isinstance(one, pikepdf.Dictionary | pikepdf.Stream)] if isinstance(holder, pikepdf.Dictionary) else []


def _missing_font(font: Any) -> str:
    """Return the name of a font that is not in the file, or an empty text."""
    if str(font.get("/Subtype", "")) == "/Type3":
        return ""  # drawn by the file itself
    inner = font.get("/DescendantFonts")
    if isinstance(inner, pikepdf.Array) and len(inner):
        font = inner[0]
    descriptor = font.get("/FontDescriptor", pikepdf.Dictionary())
    if any(name in descriptor for name in ("/FontFile", "/FontFile2", "/FontFile3")):
        return ""
    return str(font.get("/BaseFont", "?")).lstrip("/")[:60]


def within(path: str, longest: int) -> tuple[int, int]:
    """Return the first page's size in pixels, its longer side as given."""
    with _document(path) as document:
        width, height = document[0].get_size()
    scale = longest / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def drawn(path: str, width: int, height: int, *, folder: str, name: str = "page.raw") -> pyvips.Image:
    """Draw the first page at exactly this size, on nothing: what the page leaves free is transparent. It lies on disc, drawn a band at a time."""
    check_size(width, height)
    rows = max(1, BAND_BYTES // (4 * width))
    raw = f"{folder}/{name}"
    with _document(path) as document, Path(raw).open("wb") as out:
        page = document[0]
        for top in range(0, height, rows):
            band = pypdfium2.PdfBitmap.new_native(width, min(rows, height - top), pypdfium2.raw.FPDFBitmap_BGRA, rev_byteorder=True)
            band.fill_rect((255, 255, 255, 0), 0, 0, width, band.height)
            pypdfium2.raw.FPDF_RenderPageBitmap(band, page, 0, -top, width, height, 0, pypdfium2.raw.FPDF_REVERSE_BYTE_ORDER)
            out.write(band.buffer)
            band.close()
    return pyvips.Image.rawload(raw, width, height, 4).copy(interpretation="srgb")


@contextmanager
def _document(path: str) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF. Raises ``Refused``."""
    try:
        document = pypdfium2.PdfDocument(path)
        try:
            yield document
        finally:
            document.close()
    except pypdfium2.PdfiumError:
        raise Refused("damaged") from None
