"""What a parcel weighs and measures as far as the catalog knows: a proposal for whoever describes one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from catalog.models import CustomerProduct, Packed
from orders.models import OrderLine

UNKNOWN = Packed(0, 0, 0, 0)


def pieces_of(line: OrderLine) -> list[tuple[CustomerProduct | None, int]]:
    """Return what one unit of a line is made of, with how many pieces of each. Give lines with product, mapping and parts fetched."""
    parts = list(line.mapping.parts.all()) if line.mapping else []
    return [(part.customer_product, part.quantity) for part in parts] or [(line.customer_product, line.pieces_each)]


def packed_together(lines: Iterable[tuple[OrderLine, int]]) -> Packed:
    """Return weight and size of some units in one parcel, laid on each other. A figure that one piece lacks is 0 for the whole parcel."""
    pieces = [(product.packed if product else UNKNOWN, number * units) for line, units in lines for product, number in pieces_of(line) if units]
    if not pieces:
        return UNKNOWN
    weight, height = (_sum([(getattr(one, name), number) for one, number in pieces]) for name in ("weight_g", "height_mm"))
    length, width = (_largest([getattr(one, name) for one, _number in pieces]) for name in ("length_mm", "width_mm"))
    return Packed(weight_g=weight, length_mm=length, width_mm=width, height_mm=height)


def _sum(figures: Sequence[tuple[int, int]]) -> int:
    return sum(figure * number for figure, number in figures) if all(figure for figure, _number in figures) else 0


def _largest(figures: Sequence[int]) -> int:
    return max(figures) if all(figures) else 0
