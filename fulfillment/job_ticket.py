"""The job ticket: one sheet (or more) that goes with an order through the plant. Holds buyer data where production needs it; not stored."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Prefetch
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor, black
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer, Table, TableStyle

from catalog.models import PrintFile
from fulfillment.paper import (
    GREY,
    LINE,
    MOST_SIGNS,
    Sheets,
    any_direction,
    barcode,
    document,
    inner_width,
    missing,
    page_size,
    plain,
    shortened,
    stored_picture,
)
from fulfillment.right_to_left import is_right_to_left
from orders.buyer_data import BuyerDetails, buyer_of
from orders.line_files import LineFile, files_of, kept_sizes, parts_with_files, sizes_of
from orders.models import Hold, Order, OrderLine
from orders.services.personalisation import personalised_text
from orders.states import NOT_MADE
from pod_hub.core.sealing import CannotOpen

THUMBNAIL = 34 * mm
CODE = 70 * mm
MOST_PICTURES = 4
WARN = HexColor("#fff3d6")


def job_tickets_pdf(orders: Sequence[Order]) -> bytes:
    """Return the tickets of these orders as one PDF, each on sheets of its own. Orders and buyer data are read in the open scope."""
    first = orders[0]
    title = _("Job ticket %(number)s") % {"number": first.external_id} if len(orders) == 1 else _("%(n)s job tickets") % {"n": len(orders)}
    return document(
        [_sheets(order) for order in orders], title=title, author=str(first.facility), subject=first.public_id if len(orders) == 1 else ""
    )


def _sheets(order: Order) -> Sheets:
    lines = list(
        order.lines.select_related("customer_product__product_model", "mapping", "print_file")
        .prefetch_related("customer_product__product_model__print_areas", Prefetch("mapping__parts", parts_with_files()))
        .exclude(state__in=NOT_MADE)
        .order_by("pk")
    )
    holds = list(Hold.objects.filter(order=order, released_at=None).order_by("opened_at", "pk"))
    buyer = buyer_of(order)
    size = page_size(order)
    width = inner_width(size)
    story: list[Flowable] = [_head(order, width), Spacer(1, 5 * mm), _facts(order, lines, width)]
    story += [_box(_("Do not print: %(why)s") % {"why": f"{hold.said}. {hold.reason[:MOST_SIGNS]}"}, width) for hold in holds]
    files = files_of(lines, parts={line.mapping.pk: line.mapping.parts.all() for line in lines if line.mapping})
    for number, line in enumerate(lines, start=1):
        story += [
            Spacer(1, 5 * mm),
            _line(number, len(lines), line, files[line.pk], [hold for hold in holds if hold.line_id in {None, line.pk}], buyer, width),
        ]
    printed = formats.date_format(timezone.localtime(), "SHORT_DATETIME_FORMAT")
    foot = _("%(number)s · printed %(at)s · holds buyer data: destroy after shipping") % {"number": order.external_id, "at": printed}
    return Sheets(size, story, foot)


def _head(order: Order, width: float) -> Table:
    trading = order.store.trading_name.name if order.store.trading_name else order.store.name
    left = [
        plain(_("Job ticket"), 9, colour=GREY),
        plain(order.external_id, 17, bold=True),
        plain(trading, 10),
        plain(order.store.name, 8, colour=GREY),
    ]
    table = Table([[left, barcode(order.public_id, most=CODE)]], colWidths=[width - CODE, CODE])
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
        [[plain(label, 7, colour=GREY) for label, _value in pairs], [plain(value, 10, bold=True) for _label, value in pairs]], colWidths=widths
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
    table = Table([[plain(text, 9, bold=True)]], colWidths=[width], spaceBefore=3 * mm)
    table.setStyle(TableStyle([("BACKGROUND", (0, 0), (-1, -1), WARN), ("BOX", (0, 0), (-1, -1), 0.8, HexColor("#b27300"))]))
    return table


def _line(number: int, count: int, line: OrderLine, files: list[LineFile], holds: list[Hold], buyer: BuyerDetails | None, width: float) -> Table:
    product = line.customer_product
    model = product.product_model if product else None
    title = str(product) if product else line.title[:300]
    what: list[Flowable] = [plain(_("Line %(n)s of %(count)s") % {"n": number, "count": count}, 7, colour=GREY), plain(title, 13, bold=True)]
    facts = [(_("SKU"), line.sku or "–")]
    if product and model:
        facts.append((_("Product"), f"{product.uid} · {model.name} · {model.sku}"))
    sizes = sizes_of(line, files)
    for size in sizes:
        words = _("%(w)s × %(h)s mm, bleed %(b)s mm") % {"w": size.width_mm, "h": size.height_mm, "b": size.bleed_mm}
        facts.append((_("Print area"), f"{size.place}: {words}"))
    if line.mapping and len(parts := list(line.mapping.parts.all())) > 1:
        facts.append((_("Made of"), " + ".join(f"{part.quantity * line.quantity} × {part.customer_product}" for part in parts)))
    for one in files:
        file = one.print_file
        where = f"{_('Print file')}, {one.place}" if len(files) > 1 and one.place else _("Print file")
        several = f"{one.pieces} × · " if one.pieces != line.quantity * line.pieces_each else ""
        facts.append((where, f"{several}{file.file_name} · {file.width_px} × {file.height_px} px · {file.dpi} dpi"))
    if line.mapping:
        facts.append((_("Mapping"), _("version %(n)s") % {"n": line.mapping.version}))
    what += [plain(f"{label}: {value}", 8.5) for label, value in facts]
    what += [plain(words, 8.5, bold=True) for words in kept_sizes(sizes, holds)]
    for label, value in _personal(line, buyer):
        what.append(_framed(label, value, width - THUMBNAIL - 38 * mm))
    pieces = line.quantity * line.pieces_each
    amount: list[Flowable] = [plain(_("Quantity"), 7, colour=GREY), plain(f"{pieces} ×", 26, bold=True)]
    if line.pieces_each > 1:
        amount.append(plain(_("%(units)s sold of %(each)s pieces") % {"units": line.quantity, "each": line.pieces_each}, 7, colour=GREY))
    if line.quantity_shipped:
        amount.append(plain(_("%(n)s shipped already") % {"n": line.quantity_shipped}, 7, colour=GREY))
    table = Table(
        [[[_picture(one.print_file) for one in files[:MOST_PICTURES]] or _picture(None), what, amount]],
        colWidths=[THUMBNAIL + 4 * mm, width - THUMBNAIL - 34 * mm, 30 * mm],
    )
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
    rows = [[plain(label, 7, colour=GREY)], [any_direction(shown, width - 12, 10, turns=True) if is_right_to_left(shown) else plain(shown, 10)]]
    if shown != value:
        rows.append([plain(_("The text goes on: read the rest on the order's page."), 7.5, bold=True)])
    if strange := missing(value):
        # The East Asian font is the reader's own and emoji have none: never let a sign vanish from what is printed on goods.
        codes = " ".join(f"U+{ord(char):04X}" for char in strange[:12])
        rows.append(
            [plain(_("Paper may not show every sign of this text (%(codes)s). Compare it on the order's page.") % {"codes": codes}, 7.5, bold=True)]
        )
    table = Table(rows, colWidths=[width], spaceBefore=2 * mm, hAlign="LEFT")
    table.setStyle(TableStyle([("BOX", (0, 0), (-1, -1), 0.6, black), ("BOTTOMPADDING", (0, 0), (-1, 0), 0), ("TOPPADDING", (0, 1), (-1, 1), 0)]))
    return table


def _picture(file: PrintFile | None) -> Flowable:
    """Return the artwork's preview in its own proportions, or words where there is none."""
    if file is None or not file.preview_name:
        return plain(_("No artwork"), 8, colour=GREY)
    return stored_picture(file.preview_name, width=THUMBNAIL, height=THUMBNAIL) or plain(_("Preview missing"), 8, colour=GREY)
