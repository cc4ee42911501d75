"""Removing what was made for personalised lines alone: their designs with drawings and renderings, print files, artwork, and the stored bytes.

A buyer's name on a mug is in the picture. What anything else still uses is kept: every reference to a design, a file or an artwork protects it, so
nobody has to list here who may.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.db import transaction
from django.db.models import Model, ProtectedError, Q, QuerySet

from catalog.models import Artwork, Design, PrintFile
from catalog.services.kept_files import delete_stored, unnamed
from orders.models import FoundFile, Order, OrderLine


def remove_artwork(order: Order) -> dict[str, int]:
    """Delete what was made for a locked order's personalised lines alone; return how much of each kind. Bytes leave the storage after the commit."""
    lines = OrderLine.objects.filter(order=order, is_personalised=True)
    if not lines.exists():
        return {}
    found = FoundFile.objects.filter(line__in=lines)
    print_files = set(lines.filter(print_file__isnull=False).values_list("print_file", flat=True))
    designs = _designs_of(order, lines, found)
    print_files |= set(PrintFile.objects.filter(Q(designs__in=designs) | Q(sheets__design__in=designs)).values_list("pk", flat=True))
    artwork = set(Artwork.objects.filter(placed_on__sheet__design__in=designs).values_list("pk", flat=True))
    artwork |= set(found.filter(artwork__isnull=False).values_list("artwork", flat=True))
    for design in designs:  # a later version first: it refers to the one before
        _unless_needed(design, partial(_let_go_of_design, design, lines, found))
    names: list[str] = []
    counts = {"print_files": 0, "artwork": 0}
    for file in PrintFile.objects.select_for_update().filter(pk__in=print_files).order_by("pk"):
        if _unless_needed(file, partial(lines.filter(print_file=file).update, print_file=None)):
            names += [file.storage_name, file.preview_name]
            counts["print_files"] += 1
    for art in Artwork.objects.select_for_update().filter(pk__in=artwork).order_by("pk"):
        if _unless_needed(art, partial(found.filter(artwork=art).update, artwork=None)):
            names += [art.storage_name, art.preview_name, art.screen_name]
            counts["artwork"] += 1
    transaction.on_commit(partial(delete_stored, unnamed(names)), robust=True)
    return counts


def _designs_of(order: Order, lines: QuerySet[OrderLine], found: QuerySet[FoundFile]) -> list[Design]:
    """Return the designs made for these lines, the latest first: chosen for one of them after the order came, or made of a file that was found for it.

    A design that was there before belongs to the customer's others and is only used here.
    """
    chosen = Q(pk__in=[line.design_id for line in lines if line.design_id], created_at__gte=order.imported_at)
    ids = set(Design.objects.filter(chosen | Q(pk__in=[one.design_id for one in found if one.design_id])).values_list("pk", flat=True))
    while later := set(Design.objects.filter(replaces__in=ids).exclude(pk__in=ids).values_list("pk", flat=True)):
        ids |= later
    return list(Design.objects.select_for_update().filter(pk__in=ids).order_by("-pk"))


def _let_go_of_design(design: Design, lines: QuerySet[OrderLine], found: QuerySet[FoundFile]) -> None:
    lines.filter(design=design).update(design=None)
    found.filter(design=design).update(design=None)


def _unless_needed(row: Model, let_go: Callable[[], object]) -> bool:
    """Delete a row after its personalised lines have let it go; leave all as it is where something else refers to it."""
    try:
        with transaction.atomic():
            let_go()
            row.delete()
    except ProtectedError:
        return False
    return True
