"""Which files a line is printed from: one for each print area of each product it is made of. The one place that answers it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.models import CustomerProduct, DesignSheet, PrintArea, PrintFile
from orders.models import OrderLine
from stores.models import MappingPart


@dataclass(frozen=True, slots=True)
class LineFile:
    """One file of a line, with how many pieces it is printed on. ``mark`` tells it from the line's first file, whose mark is empty.

    ``area`` is None for a file that was chosen for this order alone and belongs to no design.
    """

    product: CustomerProduct | None
    area: PrintArea | None
    print_file: PrintFile
    pieces: int
    mark: str = ""

    @property
    def place(self) -> str:
        """Where it is printed, in words; empty where there is only one place."""
        area = self.area.name if self.area else ""
        return f"{self.product}, {area}" if self.mark and self.product and area else area


@dataclass(frozen=True, slots=True)
class _Made:
    """One product that a line is made of."""

    product: CustomerProduct | None
    design_id: int | None
    print_file: PrintFile | None
    each: int


def files_of(lines: Sequence[OrderLine]) -> dict[int, list[LineFile]]:
    """Return the files of each line by its id: its first part's first area first. Two queries, whatever the number of lines.

    Give lines with ``print_file`` and ``customer_product``. A line's own file and design, chosen for its order alone, take the place of what its
    mapping says; the mapping's other areas and parts stay.
    """
    parts: dict[int, list[MappingPart]] = {}
    mappings = {line.mapping_id for line in lines if line.mapping_id}
    rows = MappingPart.objects.filter(mapping__in=mappings).select_related("customer_product", "print_file").order_by("mapping_id", "position")
    for part in rows if mappings else ():
        parts.setdefault(part.mapping_id, []).append(part)
    made = {line.pk: _made_of(line, parts.get(line.mapping_id or 0, [])) for line in lines}
    sheets = _sheets({one.design_id for several in made.values() for one in several if one.design_id})
    return {line.pk: _files(line, made[line.pk], sheets) for line in lines}


def _made_of(line: OrderLine, parts: Sequence[MappingPart]) -> list[_Made]:
    if not parts:
        return [_Made(line.customer_product, line.design_id, line.print_file, line.pieces_each)]
    first, *others = parts
    mine = _Made(line.customer_product, line.design_id or first.design_id, line.print_file, first.quantity)
    return [mine, *(_Made(part.customer_product, part.design_id, part.print_file, part.quantity) for part in others)]


def _sheets(designs: set[int]) -> dict[int, list[DesignSheet]]:
    found: dict[int, list[DesignSheet]] = {}
    rows = DesignSheet.objects.filter(design__in=designs, print_file__isnull=False).select_related("print_area", "print_file")
    for sheet in rows.order_by("design_id", "print_area__position", "print_area_id") if designs else ():
        found.setdefault(sheet.design_id, []).append(sheet)
    return found


def _files(line: OrderLine, made: Iterable[_Made], sheets: dict[int, list[DesignSheet]]) -> list[LineFile]:
    files: list[LineFile] = []
    for number, one in enumerate(made):
        if one.print_file is None:
            continue
        pieces, own = line.quantity * one.each, sheets.get(one.design_id or 0, [])
        rest = own[1:] if own else []
        name = one.product.uid if number and one.product else ""
        same = bool(own) and own[0].print_file_id == one.print_file.pk
        files.append(LineFile(one.product, own[0].print_area if same else None, one.print_file, pieces, name))
        for sheet in rest:
            mark = "-".join(filter(None, (name, sheet.print_area.key)))
            files += [LineFile(one.product, sheet.print_area, sheet.print_file, pieces, mark)] if sheet.print_file else []
    return files


def file_of(line: OrderLine, mark: str) -> LineFile | None:
    """Return one file of a line by its mark; None when it has none of that mark."""
    return next((one for one in files_of([line])[line.pk] if one.mark == mark), None)
