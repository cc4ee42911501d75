"""What every sheet that goes through the plant has in common: fonts for any script, paper of the facility's country, frames and feet.

A document holds one or many orders; each begins on a sheet of its own, in its own plant's format, and counts its own pages.
"""

from __future__ import annotations

import io
import itertools
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image as Picture
from reportlab.graphics.barcode import code128
from reportlab.lib.colors import Color, HexColor, black
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, Image, NextPageTemplate, PageBreak, PageTemplate, Paragraph

from fulfillment.right_to_left import begins_right, is_right_to_left, visual_lines
from orders.models import Order

# Countries whose printers hold Letter; everywhere else A4.
LETTER_COUNTRIES = frozenset({"US", "CA", "MX", "PH", "CL", "CO", "VE", "CR", "GT", "PA", "DO", "PR"})
MARGIN = 14 * mm
FOOT = 8 * mm
MOST_SIGNS, MOST_ROWS = 600, 16
GREY, LINE = HexColor("#5b6472"), HexColor("#c9ced6")
FONTS = Path(__file__).parent / "fonts"
KOREAN = "HYSMyeongJo-Medium"
# reportlab.lib.enums spells these as plain integers, which its own style does not accept from a type checker.
Align = Literal[0, 1, 2]
LEFT: Align = 0
CENTER: Align = 1
RIGHT: Align = 2


@lru_cache(maxsize=1)
def fonts() -> tuple[str, str, str]:
    """Register the fonts once; return regular, bold and the one for East Asian text (which every PDF reader brings along)."""
    pdfmetrics.registerFont(TTFont("Ticket", FONTS / "DejaVuSans.ttf"))
    pdfmetrics.registerFont(TTFont("Ticket-Bold", FONTS / "DejaVuSans-Bold.ttf"))
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiKakuGo-W5"))
    pdfmetrics.registerFont(UnicodeCIDFont(KOREAN))
    return "Ticket", "Ticket-Bold", "HeiseiKakuGo-W5"


def page_size(order: Order) -> tuple[float, float]:
    """Return the sheet of the facility's country, in points."""
    return LETTER if order.facility.country.code in LETTER_COUNTRIES else A4


# --- Text -------------------------------------------------------------------------------------------------------------
def style(size: float, *, bold: bool = False, colour: Color = black, align: Align = LEFT) -> ParagraphStyle:
    """Return a paragraph style; words longer than the line are broken."""
    regular, heavy, _asian = fonts()
    name = heavy if bold else regular
    return ParagraphStyle("paper", fontName=name, fontSize=size, leading=size * 1.3, textColor=colour, splitLongWords=1, alignment=align)


def plain(text: object, size: float = 9, *, bold: bool = False, colour: Color = black, align: Align = LEFT) -> Paragraph:
    """Return a paragraph of plain text: line breaks stay, markup does not act, East Asian characters get their own font."""
    return Paragraph(marked_up(str(text)), style(size, bold=bold, colour=colour, align=align))


def shortened(text: str) -> str:
    """Return as much of a text as a frame holds, so that a line's frames together never outgrow a sheet."""
    return "\n".join(text.splitlines()[:MOST_ROWS])[:MOST_SIGNS]


def missing(text: str) -> list[str]:
    """Return the characters of a text that the embedded fonts do not hold, each once."""
    face = pdfmetrics.getFont(fonts()[0]).face  # type: ignore[attr-defined]
    return list(dict.fromkeys(char for char in text if not char.isspace() and ord(char) not in face.charToGlyph))


def marked_up(text: str) -> str:
    """Escape text for a paragraph and put characters that the main font lacks into the East Asian ones."""
    strange = set(missing(text))
    parts: list[tuple[str, str]] = []
    for char in text:
        font = "" if char not in strange else KOREAN if _is_hangul(char) else fonts()[2]
        if parts and parts[-1][0] == font:
            parts[-1] = (font, parts[-1][1] + char)
        else:
            parts.append((font, char))
    marked = "".join(f'<font name="{font}">{escape(part)}</font>' if font else escape(part) for font, part in parts)
    return marked.replace("\n", "<br/>")


def _is_hangul(char: str) -> bool:
    return "\u1100" <= char <= "\u11ff" or "\u3130" <= char <= "\u318f" or "\uac00" <= char <= "\ud7a3"


def _is_east_asian(char: str) -> bool:
    return _is_hangul(char) or "\u2e80" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\uff00" <= char <= "\uffef"


def printable(text: str) -> str:
    """Return the text without what no font here shows: emoji and invisible signs go, a letter becomes a white square.

    For sheets that buyers read. The job ticket tells staff which signs those are.
    """
    lost = {char for char in missing(text) if not _is_east_asian(char)}
    lost |= {char for char in text if unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f"}  # joiners, directions, looks of emoji
    kept = (char if char not in lost else "\u25a1" if unicodedata.category(char)[0] in "LN" else "" for char in text)
    return "".join(kept).strip()


def any_direction(text: str, width: float, size: float = 9, *, bold: bool = False, turns: bool = False) -> Paragraph:
    """Return a paragraph of printable text that reads right in Hebrew and Arabic too; ``width`` is the room it gets, in points.

    ``turns`` puts a text that begins from the right at the right margin; without it, it stays in its column's line.
    """
    shown = printable(text)
    if not is_right_to_left(shown):
        return plain(shown, size, bold=bold)
    font = fonts()[1 if bold else 0]
    rows = visual_lines(shown, fits=lambda row: pdfmetrics.stringWidth(row, font, size) <= width - 2)
    return plain("\n".join(rows), size, bold=bold, align=RIGHT if turns and begins_right(shown) else LEFT)


# --- Pictures and codes -----------------------------------------------------------------------------------------------
def barcode(code: str, *, most: float) -> list[Flowable]:
    """Return a Code 128 no wider than ``most`` points with its text below; only the text where the code has signs that no bar shows."""
    below = Paragraph(marked_up(code), style(7, colour=GREY, align=CENTER))
    if not code.isascii() or not code.isprintable():
        return [below]
    bars = code128.Code128(code, barHeight=14 * mm, barWidth=0.3 * mm, humanReadable=False, quiet=True)
    if bars.width > most:
        bars = code128.Code128(code, barHeight=14 * mm, barWidth=0.3 * mm * most / bars.width, humanReadable=False, quiet=True)
    bars.hAlign = "CENTER"
    return [bars, below]


def stored_picture(name: str, *, width: float, height: float) -> Image | None:
    """Return a stored picture that fits into the box in its own proportions; None when the storage lost it or cannot read it."""
    try:
        with default_storage.open(name) as stored:
            content = io.BytesIO(stored.read())
        real_width, real_height = ImageReader(content).getSize()
    except (OSError, Picture.DecompressionBombError):
        return None
    scale = min(width / real_width, height / real_height)
    content.seek(0)
    return Image(content, real_width * scale, real_height * scale, mask="auto", hAlign="LEFT")


# --- Documents --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Sheets:
    """The pages of one order: their size, what stands on them, and the left part of each foot."""

    size: tuple[float, float]
    story: list[Flowable]
    foot: str


def inner_width(size: tuple[float, float]) -> float:
    """Return the width between the margins."""
    return size[0] - 2 * MARGIN


def document(parts: Sequence[Sheets], *, title: str, author: str, subject: str) -> bytes:
    """Return a PDF of one or more orders' sheets."""
    out = io.BytesIO()
    papers = BaseDocTemplate(out, title=title, author=author, subject=subject)
    story: list[Flowable] = []
    for number, part in enumerate(parts):
        frame = Frame(
            MARGIN, MARGIN + FOOT, inner_width(part.size), part.size[1] - 2 * MARGIN - FOOT, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0
        )  # fmt: skip
        papers.addPageTemplates(PageTemplate(id=f"order-{number}", frames=[frame], pagesize=part.size, onPage=_foot(part)))
        story += [NextPageTemplate(f"order-{number}"), PageBreak()] if number else []
        story += part.story
    papers.build(story)
    return out.getvalue()


def _foot(part: Sheets) -> Callable[[Canvas, BaseDocTemplate], None]:
    pages = itertools.count(1)

    def draw(canvas: Canvas, _document: BaseDocTemplate) -> None:
        canvas.setFont(fonts()[0], 7)
        canvas.setFillColor(GREY)
        canvas.drawString(MARGIN, 10 * mm, part.foot)
        canvas.drawRightString(part.size[0] - MARGIN, 10 * mm, _("Page %(n)s") % {"n": next(pages)})

    return draw
