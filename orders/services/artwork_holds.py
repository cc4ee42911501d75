"""Holds of lines whose print files are there and must not be printed from: the storage lost one, or the product was changed under the design.

What is wrong stands on the print file and the design; this makes the holds of unprinted lines follow it, in both directions.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from catalog.models import Design, PrintFile
from orders.models import Hold, HoldKind, OrderLine
from orders.services.filling import UNPRINTED, locked_lines
from orders.services.holds import hold_for_artwork, release_holds
from orders.services.recipes import Lack, files_of_areas, lack_of, lack_of_files, lack_of_part
from pod_hub.accounts.actors import HUB, Actor
from pod_hub.core.tenancy import across_tenants, tenant
from stores.models import MappingPart

MOST_LINES = 500


def unprinted_lines_of(*, files: Iterable[int] = (), designs: Iterable[int] = ()) -> QuerySet[OrderLine]:
    """Return the lines that are not printed yet and need one of these print files or designs, for any of their areas and products."""
    files, designs = list(files), list(designs)
    drawn = Design.objects.filter(areas_used__gt=1, sheets__print_file__in=files).values("pk")
    of_design = Q(design__in=designs) | Q(design__in=drawn)
    # A first part's file is the line's own, which an index finds; only what else a mapping makes is found through it.
    made_of = MappingPart.objects.filter(Q(print_file__in=files, position__gt=0) | of_design, mapping__retired_at=None).values("mapping")
    own = OrderLine.objects.filter(Q(print_file__in=files) | of_design, state__in=UNPRINTED).values("pk")
    mapped = OrderLine.objects.filter(mapping__in=made_of, state__in=UNPRINTED).values("pk")
    return OrderLine.objects.filter(Q(pk__in=own) | Q(pk__in=mapped))


def settle_artwork(wanted: QuerySet[OrderLine], *, actor: Actor) -> tuple[int, int]:
    """Hold the lines whose artwork must not be printed, release those whose artwork is in order. Returns (held, released)."""
    lines = locked_lines(wanted.filter(state__in=UNPRINTED).exclude(customer_product=None))
    if not lines:
        return 0, 0
    why = flaws_of(lines)
    open_holds = {hold.line_id: hold for hold in Hold.objects.filter(line__in=lines, kind=HoldKind.ARTWORK, released_at=None)}
    held = 0
    for line in lines:
        hold, lack = open_holds.get(line.pk), why[line.pk]
        if lack is not None and (hold is None or (hold.reason, hold.cause, hold.design_id) != (lack.text, lack.cause, lack.design_id)):
            held += hold_for_artwork(line, lack, actor=actor)
    solved = [hold for line_id, hold in open_holds.items() if why[line_id or 0] is None]
    return held, release_holds(solved, actor=actor, reason=_("its artwork is in order"))


def flaws_of(lines: Iterable[OrderLine]) -> dict[int, Lack | None]:
    """Return by line why it cannot be printed as its artwork stands; None where it can. Four queries at most."""
    lines = list(lines)
    parts: dict[int, list[MappingPart]] = {}
    rows = MappingPart.objects.filter(mapping__in={line.mapping_id for line in lines if line.mapping_id})
    for part in rows.select_related("customer_product__product_model", "design", "print_file").order_by("mapping_id", "position"):
        parts.setdefault(part.mapping_id, []).append(part)
    several = {part.design.pk for each in parts.values() for part in each if part.design is not None and part.design.areas_used > 1}
    own_designs = Design.objects.in_bulk({line.design_id for line in lines if line.design_id})
    others = files_of_areas({*several, *own_designs})
    files = PrintFile.objects.in_bulk({line.print_file_id for line in lines if line.print_file_id})
    found: dict[int, Lack | None] = {}
    for line in lines:
        made_of = parts.get(line.mapping_id or 0, [])
        first, rest = (made_of[0] if made_of else None), made_of[1:]
        mine = own_designs.get(line.design_id or 0)
        if mine is not None or (first is not None and line.print_file_id and line.print_file_id != first.print_file_id):
            flaw = _own(line, mine, files, others)
        else:
            flaw = lack_of_part(first, others.get(first.design_id or 0, ())) if first is not None else _own(line, None, files, others)
        lacks = (lack_of_part(part, others.get(part.design_id or 0, ())) for part in rest)
        found[line.pk] = flaw or next(filter(None, lacks), None)
    return found


def _own(line: OrderLine, design: Design | None, files: dict[int, PrintFile], others: dict[int, list[PrintFile]]) -> Lack | None:
    """Judge the file or design that was chosen for a line's order alone."""
    product = line.customer_product
    if line.print_file_id is None and product is not None and product.product_model.needs_design:
        return lack_of(product, design)
    return lack_of_files(design, [files.get(line.print_file_id or 0), *(others.get(design.pk, ()) if design else ())])


# --- what was missed --------------------------------------------------------------------------------------------------
def sweep_flawed(*, limit: int = MOST_LINES) -> int:
    """Hold lines that came in while their artwork's flaw was being written, over all tenants. Returns how many.

    Found by what they lack; files in trouble and designs that misfit are few.
    """
    with across_tenants(reason="find lines of artwork that must not be printed, which nothing holds"):
        files = list(PrintFile.objects.exclude(trouble="").values_list("pk", "psp_id")[:limit])
        designs = list(Design.objects.exclude(misfits=[]).filter(state=Design.State.READY).values_list("pk", "psp_id")[:limit])
    held = 0
    for psp_id in dict.fromkeys(psp for _pk, psp in [*files, *designs]):
        with tenant(psp_id):
            wanted = unprinted_lines_of(files=[pk for pk, psp in files if psp == psp_id], designs=[pk for pk, psp in designs if psp == psp_id])
            untold = ~Exists(Hold.objects.filter(line=OuterRef("pk"), kind=HoldKind.ARTWORK, released_at=None))
            due = list(wanted.filter(untold).values_list("pk", flat=True)[:limit])
            held += settle_artwork(OrderLine.objects.filter(pk__in=due), actor=HUB)[0] if due else 0
    return held
