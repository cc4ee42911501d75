"""What is printed where, from which file and in which size: a line has a file for each print area of each product. The one place that answers it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.models import CustomerProduct, DesignSheet, PrintArea, PrintFile
from orders.models import Hold, HoldKind, OrderLine
from orders.states import OPEN
from stores.models import MappingPart


@dataclass(frozen=True, slots=True)
class LineFile:
    """One file of a line, with how many pieces it is printed on. ``mark`` tells it from the line's first file, whose mark is empty.

    ``area`` is None where it goes without saying: the design uses one area alone, or the file was chosen for this order alone.
    """

    product: CustomerProduct | None
    area: PrintArea | None
    print_file: PrintFile
    pieces: int
    mark: str = ""

    @property
    def place(self) -> str:
        """Where it is printed, in words; empty for the one place of a line with one file."""
        area = self.area.name if self.area else ""
        return ", ".join(filter(None, (str(self.product), area))) if self.mark and self.product else area


@dataclass(frozen=True, slots=True)
class PrintSize:
    """What a line is printed in, in millimetres; the bleed is not in the sides. ``area`` names the print area, ``product`` that of a bundle's other parts.

    ``today`` is the area as it is now (width, height and bleed), where it was changed since and the line is not over.
    """

    area: str
    width_mm: int
    height_mm: int
    bleed_mm: int
    product: str = ""
    today: tuple[int, int, int] | None = None

    @property
    def place(self) -> str:
        """Where it is printed, in words."""
        return ", ".join(filter(None, (self.product, self.area)))

    @property
    def as_designed(self) -> str:
        """Say that it is printed in another size than its area has today; empty where it is not."""
        if self.today is None:
            return ""
        before, after = (self.width_mm, self.height_mm, self.bleed_mm), self.today
        if before[2] == after[2]:
            words = _("Printed as designed for %(w)s × %(h)s mm; the area is %(now_w)s × %(now_h)s mm now.")
        else:
            words = _(
                "Printed as designed for %(w)s × %(h)s mm and %(b)s mm bleed; the area is %(now_w)s × %(now_h)s mm with %(now_b)s mm bleed now."
            )
        return words % {"w": before[0], "h": before[1], "b": before[2], "now_w": after[0], "now_h": after[1], "now_b": after[2]}


def kept_sizes(sizes: Iterable[PrintSize], holds: Iterable[Hold]) -> list[str]:
    """Return in sentences which of a line's sizes a person decided to keep although the area was changed. Give the line's open holds."""
    if any(hold.kind == HoldKind.ARTWORK for hold in holds):
        return []  # nobody has decided yet, and the hold says what is the matter
    return [size.as_designed for size in sizes if size.today is not None]


def sizes_of(line: OrderLine, files: Sequence[LineFile]) -> list[PrintSize]:
    """Return the sizes that a line is printed in. Give its ``files_of``.

    They are those of the files, which remember what their areas were: an area that is changed later does not change what was printed. A line that
    waits for its file will be printed in the model's areas as they are today (give it with ``print_areas``).
    """
    if not files:
        model = line.customer_product.product_model if line.customer_product else None
        areas = model.print_areas.all() if model and model.needs_design else ()
        return [PrintSize(area.name, area.width_mm, area.height_mm, area.bleed_mm) for area in areas]
    sizes = []
    today = _areas_today(line)
    for one in files:
        file, other = one.print_file, one.product if one.product and one.product.pk != line.customer_product_id else None
        if file.width_mm and file.height_mm:
            size = PrintSize(file.area_name, file.width_mm, file.height_mm, file.bleed_mm or 0, str(other or ""))
            area = today.get(file.area_name) if other is None else None
            changed = area is not None and area != (size.width_mm, size.height_mm, size.bleed_mm)
            sizes.append(replace(size, today=area) if changed else size)
    return sizes


def _areas_today(line: OrderLine) -> dict[str, tuple[int, int, int]]:
    """Return the print areas of a line's product as they are, by name; nothing once the line is over, because it stays what it was."""
    if line.customer_product is None or line.state not in OPEN:
        return {}
    return {area.name: (area.width_mm, area.height_mm, area.bleed_mm) for area in line.customer_product.product_model.print_areas.all()}


@dataclass(frozen=True, slots=True)
class _Made:
    """One product that a line is made of. ``design_id`` is set where the design may have more print files than ``print_file``."""

    product: CustomerProduct | None
    design_id: int | None
    print_file: PrintFile | None
    each: int


def parts_with_files() -> QuerySet[MappingPart]:
    """Return parts of mappings as ``files_of`` wants them."""
    return MappingPart.objects.select_related("customer_product", "print_file", "design").order_by("mapping_id", "position")


def files_of(lines: Sequence[OrderLine], *, parts: Mapping[int, Sequence[MappingPart]] | None = None) -> dict[int, list[LineFile]]:
    """Return the files of each line by its id: its first part's first area first. One query, and one more where a design uses several areas.

    Give lines with ``print_file`` and ``customer_product``, and where they are at hand the ``parts_with_files`` by their mapping's id, which saves
    the first query. A line's own file and design, chosen for its order alone, take the place of what its mapping says; the mapping's other areas
    and parts stay.
    """
    if parts is None:
        parts = _parts({line.mapping_id for line in lines if line.mapping_id})
    made = {line.pk: _made_of(line, parts.get(line.mapping_id or 0, ())) for line in lines}
    sheets = _sheets({one.design_id for several in made.values() for one in several if one.design_id})
    return {line.pk: _files(line, made[line.pk], sheets) for line in lines}


def _parts(mappings: set[int]) -> dict[int, list[MappingPart]]:
    found: dict[int, list[MappingPart]] = {}
    for part in parts_with_files().filter(mapping__in=mappings) if mappings else ():
        found.setdefault(part.mapping_id, []).append(part)
    return found


def _made_of(line: OrderLine, parts: Sequence[MappingPart]) -> list[_Made]:
    if not parts:
        return [_Made(line.customer_product, line.design_id, line.print_file, line.pieces_each)]
    first, *others = parts
    mine = _Made(line.customer_product, line.design_id or _several(first), line.print_file, first.quantity)
    return [mine, *(_Made(part.customer_product, _several(part), part.print_file, part.quantity) for part in others)]


def _several(part: MappingPart) -> int | None:
    return part.design_id if part.design is not None and part.design.areas_used > 1 else None


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
        name = one.product.uid if number and one.product else ""
        area = own[0].print_area if own and own[0].print_file_id == one.print_file.pk else None
        files.append(LineFile(one.product, area, one.print_file, pieces, name))
        for sheet in own[1:]:
            mark = "-".join(filter(None, (name, sheet.print_area.key)))
            files += [LineFile(one.product, sheet.print_area, sheet.print_file, pieces, mark)] if sheet.print_file else []
    return files


def file_of(line: OrderLine, mark: str) -> LineFile | None:
    """Return one file of a line by its mark; None when it has none of that mark."""
    return next((one for one in files_of([line])[line.pk] if one.mark == mark), None)
