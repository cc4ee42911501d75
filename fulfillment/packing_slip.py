"""The packing slip: what the buyer finds in the parcel. In the trading name, never in ours; without prices when any of it is a gift; not stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django_countries import countries
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Spacer, Table, TableStyle

from fulfillment.models import Package
from fulfillment.paper import GREY, LINE, RIGHT, Sheets, any_direction, barcode, document, inner_width, page_size, plain, shortened, stored_picture
from orders.buyer_data import BuyerDetails, buyer_of
from orders.models import Order, OrderLine
from pod_hub.accounts.models import Facility, TradingName
from stores.channels.types import Address

LOGO_WIDTH, LOGO_HEIGHT = 60 * mm, 22 * mm
CODE = 66 * mm
COUNT, PRICE = 16 * mm, 30 * mm
MOST_TITLE = 300
NO_PADDING = [("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0), ("VALIGN", (0, 0), (-1, -1), "TOP")]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the slip."""

    line: OrderLine
    quantity: int


def packing_slips_pdf(orders: Sequence[Order], *, package: Package | None = None) -> bytes:
    """Return the slips of these orders as one PDF, each on sheets of its own; with ``package`` what that package of the one order holds.

    Without a package a slip lists what has not left yet, or everything once all has left. Read in the open scope.
    """
    first = orders[0]
    title = _("Packing slip %(number)s") % {"number": first.external_id} if len(orders) == 1 else _("%(n)s packing slips") % {"n": len(orders)}
    parts = [_sheets(order, package) for order in orders]
    return document(parts, title=title, author=_seller(first), subject=first.public_id if len(orders) == 1 else "")


def _sheets(order: Order, package: Package | None) -> Sheets:
    items = _items(order, package)
    buyer = buyer_of(order)
    size = page_size(order)
    width = inner_width(size)
    gifts = _gift_messages(items, buyer)
    story: list[Flowable] = [_head(order, package, width), Spacer(1, 7 * mm), _addresses(order, buyer, width), Spacer(1, 7 * mm)]
    story += [_table(items, width, with_prices=not _is_gift(items, buyer))]
    for message in gifts:
        story += [Spacer(1, 6 * mm), _gift(message, width)]
    return Sheets(size, story, _("Order %(number)s") % {"number": order.external_id})


def _items(order: Order, package: Package | None) -> list[Item]:
    if package is not None:
        return [Item(one.line, one.quantity) for one in package.items.select_related("line__customer_product").order_by("line_id")]
    lines = list(order.lines.select_related("customer_product").exclude(state="cancelled").order_by("pk"))
    left = [Item(line, line.quantity_open) for line in lines if line.quantity_open]
    return left or [Item(line, line.quantity) for line in lines]


def _seller(order: Order) -> str:
    return str(order.store.trading_name or order.store)


def _is_gift(items: list[Item], buyer: BuyerDetails | None) -> bool:
    return buyer is not None and any(item.line.external_line_id in buyer.gifts for item in items)


def _gift_messages(items: list[Item], buyer: BuyerDetails | None) -> list[str]:
    """Return what the buyer wrote for these items, each text once."""
    gifts = buyer.gifts if buyer else {}
    found = [gifts[item.line.external_line_id].message for item in items if item.line.external_line_id in gifts]
    return [message for message in dict.fromkeys(found) if message.strip()]


def _head(order: Order, package: Package | None, width: float) -> Table:
    left: list[Flowable] = []
    room = width - CODE - 4 * mm
    trading = order.store.trading_name
    logo = stored_picture(trading.logo_name, width=LOGO_WIDTH, height=LOGO_HEIGHT) if trading and trading.logo_name else None
    if logo is not None:
        left += [logo, Spacer(1, 2 * mm)]
    left.append(any_direction(_seller(order), room, 12 if logo else 17, bold=True))
    left += [any_direction(line, room, 8) for line in _sender_lines(trading)]
    left.append(plain(_("Packing slip"), 9, colour=GREY))
    placed = formats.date_format(timezone.localtime(order.placed_at), "DATE_FORMAT")
    facts = [_("Order %(number)s") % {"number": order.external_id}, _("Placed %(date)s") % {"date": placed}]
    if package is not None:
        facts.append(_("Package %(n)s") % {"n": package.number})
    # The number that a return is looked up by: scanning it types it into the order search.
    code = barcode(order.external_id, most=CODE)
    table = Table([[left, [*code, Spacer(1, 2 * mm), *(plain(fact, 9, align=RIGHT) for fact in facts)]]], colWidths=[width - CODE, CODE])
    table.setStyle(TableStyle(NO_PADDING))
    return table


def _sender_lines(trading: TradingName | None) -> list[str]:
    if trading is None:
        return []
    reached = " · ".join(filter(None, (trading.sender_email, trading.sender_phone)))
    return [line for line in (*map(str.strip, trading.sender.splitlines()), reached) if line]


def _addresses(order: Order, buyer: BuyerDetails | None, width: float) -> Table:
    half = width / 2 - 4 * mm
    to = _to_lines(buyer)
    back = _return_lines(_seller(order), order.facility)
    cells = [
        [plain(label, 8, colour=GREY), *(any_direction(text, half, 10) for text in lines)]
        for label, lines in ((_("Ship to"), to), (_("Returns to"), back))
    ]
    table = Table([cells], colWidths=[width / 2, width / 2])
    table.setStyle(TableStyle([*NO_PADDING, ("RIGHTPADDING", (0, 0), (0, 0), width / 2 - half)]))
    return table


def _to_lines(buyer: BuyerDetails | None) -> list[str]:
    if buyer is None or (buyer.address is None and not buyer.name):
        return ["–"]
    if buyer.address is None:
        return [buyer.name]
    address: Address = buyer.address
    place = f"{address.postcode} {address.city}".strip() + (f", {address.region}" if address.region else "")
    lines = [address.name or buyer.name, address.company, *address.lines, address.district, place, countries.name(address.country) or address.country]
    return [line for line in lines if line]


def _return_lines(seller: str, facility: Facility) -> list[str]:
    place = f"{facility.postcode} {facility.city}".strip() + (f", {facility.region}" if facility.region else "")
    return [line for line in (seller, facility.name, *facility.address_lines.splitlines(), place, str(facility.country.name)) if line]


def _table(items: list[Item], width: float, *, with_prices: bool) -> Table:
    """Return the list of items; prices only when every item has one."""
    with_prices = with_prices and all(item.line.unit_price is not None for item in items)
    prices = [_("Price"), _("Sum")] if with_prices else []
    room = width - COUNT - PRICE * len(prices)
    rows: list[list[object]] = [
        [plain(_("Quantity"), 8, colour=GREY), plain(_("Item"), 8, colour=GREY), *(plain(one, 8, colour=GREY, align=RIGHT) for one in prices)]
    ]
    for item in items:
        line = item.line
        what = [any_direction(line.title[:MOST_TITLE] or line.sku, room - 6 * mm, 10)]
        if line.sku:
            what.append(any_direction(line.sku, room - 6 * mm, 8))
        row: list[object] = [plain(f"{item.quantity} ×", 11, bold=True), what]
        if with_prices and line.unit_price is not None:
            row += [plain(_money(amount, line.currency), 9, align=RIGHT) for amount in (line.unit_price, line.unit_price * item.quantity)]
        rows.append(row)
    table = Table(rows, colWidths=[COUNT, room, *(PRICE for _one in prices)], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (0, -1), 0),
                ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
                ("LINEBELOW", (0, 0), (-1, -1), 0.6, LINE),
                ("TOPPADDING", (0, 1), (-1, -1), 5),
                ("BOTTOMPADDING", (0, 1), (-1, -1), 6),
            ]
        )
    )
    return table


def _money(amount: Decimal, currency: str) -> str:
    return f"{formats.number_format(amount, decimal_pos=None if amount == amount.to_integral_value() and currency == 'JPY' else 2)} {currency}"


def _gift(message: str, width: float) -> Flowable:
    """Return a message in its frame, never parted by the end of a sheet."""
    inner = width - 16 * mm
    rows = [[plain(_("A message for you"), 8, colour=GREY)], [any_direction(shortened(message), inner, 12, turns=True)]]
    table = Table(rows, colWidths=[width])
    table.setStyle(
        TableStyle(
            [
                ("BOX", (0, 0), (-1, -1), 0.8, LINE),
                ("LEFTPADDING", (0, 0), (-1, -1), 8 * mm),
                ("RIGHTPADDING", (0, 0), (-1, -1), 8 * mm),
                ("TOPPADDING", (0, 0), (-1, 0), 10),
                ("BOTTOMPADDING", (0, 1), (-1, 1), 12),
            ]
        )
    )
    return KeepTogether([table])
