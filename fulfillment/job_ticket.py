"""The job ticket: one sheet (or more) that goes with an order through the plant. Holds buyer data where production needs it; not stored."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from xml.sax.saxutils import escape

from django.core.files.storage import default_storage
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from reportlab.graphics.barcode import code128
from reportlab.lib.colors import Color, HexColor, black
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Image, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from catalog.models import PrintFile
from orders.buyer_data import BuyerDetails, buyer_of
from orders.models import Hold, Order, OrderLine
from orders.services.personalisation import personalised_text
from pod_hub.core.sealing import CannotOpen

# Countries whose printers hold Letter; everywhere else A4.
LETTER_COUNTRIES = frozenset({"US", "CA", "MX", "PH", "CL", "CO", "VE", "CR", "GT", "PA", "DO", "PR"})
THUMBNAIL = 34 * mm
MARGIN = 14 * mm
MOST_SIGNS, MOST_ROWS = 600, 16
GREY, LINE, WARN = HexColor("#5b6472"), HexColor("#c9ced6"), HexColor("#fff3d6")
FONTS = Path(__file__).parent / "fonts"


@lru_cache(maxsize=1)
def _fonts() -> tuple[str, str, str]:
    """Register the fonts once; return regular, bold and the one for East Asian text (which every PDF reader brings along)."""
    pdfmetrics.registerFont(TTFont("Ticket", FONTS / "DejaVuSans.ttf"))
    pdfmetrics.registerFont(TTFont("Ticket-Bold", FONTS / "DejaVuSans-Bold.ttf"))
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiKakuGo-W5"))
    return "Ticket", "Ticket-Bold", "HeiseiKakuGo-W5"


def page_size(order: Order) -> tuple[float, float]:
    """Return the sheet of the facility's country, in points."""
    return LETTER if order.facility.country.code in LETTER_COUNTRIES else A4


def job_ticket_pdf(order: Order) -> bytes:
    """Return the ticket as PDF. Order and buyer data are read in the open scope."""
    lines = list(order.lines.select_related("customer_product__product_model", "mapping", "print_file").exclude(state="cancelled").order_by("pk"))
    holds = list(Hold.objects.filter(order=order, released_at=None).order_by("opened_at", "pk"))
    buyer = buyer_of(order)
    size = page_size(order)
    width = size[0] - 2 * MARGIN
    sheet = io.BytesIO()
    document = SimpleDocTemplate(
        sheet, pagesize=size, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN + 8 * mm,
        title=_("Job ticket %(number)s") % {"number": order.external_id}, author=str(order.facility), subject=order.public_id,
    )  # fmt: skip
    story: list[Flowable] = [_head(order, width), Spacer(1, 5 * mm), _facts(order, lines, width)]
    story += [_box(_("Do not print: %(why)s") % {"why": f"{hold.get_kind_display()}. {hold.reason[:MOST_SIGNS]}"}, width) for hold in holds]
    for number, line in enumerate(lines, start=1):
        story += [Spacer(1, 5 * mm), _line(number, len(lines), line, buyer, width)]

    def foot(canvas: Canvas, _document: SimpleDocTemplate) -> None:
        canvas.setFont(_fonts()[0], 7)
        canvas.setFillColor(GREY)
        printed = formats.date_format(timezone.localtime(), "SHORT_DATETIME_FORMAT")
        canvas.drawString(
            MARGIN,
            10 * mm,
            _("%(number)s · printed %(at)s · holds buyer data: destroy after shipping") % {"number": order.external_id, "at": printed},
        )
        canvas.drawRightString(size[0] - MARGIN, 10 * mm, _("Page %(n)s") % {"n": canvas.getPageNumber()})

    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return sheet.getvalue()


def _style(size: float, *, bold: bool = False, colour: Color = black) -> ParagraphStyle:
    regular, heavy, _asian = _fonts()
    return ParagraphStyle("ticket", fontName=heavy if bold else regular, fontSize=size, leading=size * 1.3, textColor=colour, splitLongWords=1)


def _text(text: object, size: float = 9, *, bold: bool = False, colour: Color = black) -> Paragraph:
    """Return a paragraph of plain text: line breaks stay, markup does not act, East Asian characters get their own font."""
    return Paragraph(marked_up(str(text)), _style(size, bold=bold, colour=colour))


def shortened(text: str) -> str:
    """Return as much of a text as a frame holds, so that a line's frames together never outgrow a sheet."""
    return "\n".join(text.splitlines()[:MOST_ROWS])[:MOST_SIGNS]


def missing(text: str) -> list[str]:
    """Return the characters of a text that the ticket's own fonts do not hold, each once."""
    face = pdfmetrics.getFont(_fonts()[0]).face  # type: ignore[attr-defined]
    return list(dict.fromkeys(char for char in text if not char.isspace() and ord(char) not in face.charToGlyph))


def marked_up(text: str) -> str:
    """Escape text for a paragraph and put characters that the main font lacks into the East Asian one."""
    strange = set(missing(text))
    parts: list[tuple[bool, str]] = []
    for char in text:
        plain = char not in strange
        if parts and parts[-1][0] == plain:
            parts[-1] = (plain, parts[-1][1] + char)
        else:
            parts.append((plain, char))
    marked = "".join(escape(part) if plain else f'<font name="{_fonts()[2]}">{escape(part)}</font>' for plain, part in parts)
    return marked.replace("\n", "<br/>")


def _head(order: Order, width: float) -> Table:
    trading = order.store.trading_name.name if order.store.trading_name else order.store.name
    left = [
        _text(_("Job ticket"), 9, colour=GREY),
        _text(order.external_id, 17, bold=True),
        _text(trading, 10),
        _text(order.store.name, 8, colour=GREY),
    ]
    barcode = code128.Code128(order.public_id, barHeight=14 * mm, barWidth=0.3 * mm, humanReadable=False, quiet=True)
    right: list[Flowable] = [barcode, Paragraph(order.public_id, ParagraphStyle("code", parent=_style(7, colour=GREY), alignment=TA_CENTER))]
    table = Table([[left, right]], colWidths=[width - barcode.width, barcode.width])
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)]))
    return table


def _facts(order: Order, lines: list[OrderLine], width: float) -> Table:
    def moment(when: object) -> str:
        return formats.date_format(timezone.localtime(when), "D j M, H:i") if when else "–"  # type: ignore[arg-type]

    pieces = sum(line.quantity * line.pieces_each for line in lines)
    pairs = [
        (_("Ship by"), moment(order.ship_by)),
        (_("Facility"), order.facility.name),
        (_("Service"), order.service_level or "–"),
        (_("Ships to"), order.ship_to_country or "–"),
        (_("Lines / pieces"), f"{len(lines)} / {pieces}"),
    ]
    widths = [width * share for share in (0.29, 0.23, 0.18, 0.13, 0.17)]
    table = Table(
        [[_text(label, 7, colour=GREY) for label, _value in pairs], [_text(value, 10, bold=True) for _label, value in pairs]], colWidths=widths
    )
    table.setStyle(
        TableStyle(
            [
                ("BOX", (0, 0), (-1, -1), 0.6, LINE),
                ("INNERGRID", (0, 0), (-1, -1), 0, HexColor("#ffffff")),
                ("LINEAFTER", (0, 0), (-2, -1), 0.6, LINE),
                ("BOTTOMPADDING", (0, 0), (-1, 0), 0),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return table


def _box(text: str, width: float) -> Table:
    table = Table([[_text(text, 9, bold=True)]], colWidths=[width], spaceBefore=3 * mm)
    table.setStyle(TableStyle([("BACKGROUND", (0, 0), (-1, -1), WARN), ("BOX", (0, 0), (-1, -1), 0.8, HexColor("#b27300"))]))
    return table


def _line(number: int, count: int, line: OrderLine, buyer: BuyerDetails | None, width: float) -> Table:
    product = line.customer_product
    model = product.product_model if product else None
    title = str(product) if product else line.title[:300]
    what: list[Flowable] = [_text(_("Line %(n)s of %(count)s") % {"n": number, "count": count}, 7, colour=GREY), _text(title, 13, bold=True)]
    facts = [(_("SKU"), line.sku or "–")]
    if product and model:
        facts.append((_("Product"), f"{product.uid} · {model.name} · {model.sku}"))
        facts.append(
            (_("Print area"), _("%(w)s × %(h)s mm, bleed %(b)s mm") % {"w": model.print_width_mm, "h": model.print_height_mm, "b": model.bleed_mm})
        )
    if line.print_file:
        file = line.print_file
        facts.append((_("Print file"), f"{file.file_name} · {file.width_px} × {file.height_px} px · {file.dpi} dpi"))
    if line.mapping:
        facts.append((_("Mapping"), _("version %(n)s") % {"n": line.mapping.version}))
    what += [_text(f"{label}: {value}", 8.5) for label, value in facts]
    for label, value in _personal(line, buyer):
        what.append(_framed(label, value, width - THUMBNAIL - 38 * mm))
    pieces = line.quantity * line.pieces_each
    amount: list[Flowable] = [_text(_("Quantity"), 7, colour=GREY), _text(f"{pieces} ×", 26, bold=True)]
    if line.pieces_each > 1:
        amount.append(_text(_("%(units)s sold of %(each)s pieces") % {"units": line.quantity, "each": line.pieces_each}, 7, colour=GREY))
    if line.quantity_shipped:
        amount.append(_text(_("%(n)s shipped already") % {"n": line.quantity_shipped}, 7, colour=GREY))
    table = Table([[_picture(line.print_file), what, amount]], colWidths=[THUMBNAIL + 4 * mm, width - THUMBNAIL - 34 * mm, 30 * mm])
    table.setStyle(
        TableStyle(
            [
                ("BOX", (0, 0), (-1, -1), 0.6, LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 6),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 8),
            ]
        )
    )
    return table


def _personal(line: OrderLine, buyer: BuyerDetails | None) -> list[tuple[str, str]]:
    """Return what the buyer wrote for this line: the text to print, the gift message, the wrapping."""
    found = []
    if line.is_personalised:
        try:
            fields = personalised_text(line)
        except CannotOpen:
            fields = None
        words = "\n".join(f"{one['label']}: {one['text']}" for one in fields) if fields else _("not fetched yet")
        found.append((_("Personalisation"), words))
    gift = buyer.gifts.get(line.external_line_id) if buyer else None
    if gift and gift.message:
        found.append((_("Gift message"), gift.message))
    if gift and gift.wrap:
        found.append((_("Gift wrap"), gift.wrap[:100]))
    return found


def _framed(label: str, value: str, width: float) -> Table:
    shown = shortened(value)
    rows = [[_text(label, 7, colour=GREY)], [_text(shown, 10)]]
    if shown != value:
        rows.append([_text(_("The text goes on: read the rest on the order's page."), 7.5, bold=True)])
    if strange := missing(value):
        # The East Asian font is the reader's own and emoji have none: never let a sign vanish from what is printed on goods.
        codes = " ".join(f"U+{ord(char):04X}" for char in strange[:12])
        rows.append(
            [_text(_("Paper may not show every sign of this text (%(codes)s). Compare it on the order's page.") % {"codes": codes}, 7.5, bold=True)]
        )
    table = Table(rows, colWidths=[width], spaceBefore=2 * mm, hAlign="LEFT")
    table.setStyle(TableStyle([("BOX", (0, 0), (-1, -1), 0.6, black), ("BOTTOMPADDING", (0, 0), (-1, 0), 0), ("TOPPADDING", (0, 1), (-1, 1), 0)]))
    return table


def _picture(file: PrintFile | None) -> Flowable:
    """Return the artwork's preview in its own proportions, or words where there is none."""
    if file is None or not file.preview_name:
        return _text(_("No artwork"), 8, colour=GREY)
    try:
        with default_storage.open(file.preview_name) as stored:
            content = io.BytesIO(stored.read())
    except OSError:
        return _text(_("Preview missing"), 8, colour=GREY)
    width, height = ImageReader(content).getSize()
    scale = THUMBNAIL / max(width, height)
    content.seek(0)
    return Image(content, width * scale, height * scale, mask="auto")
