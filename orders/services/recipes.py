"""What an order line is made of: its listing's mapping in the words of a line, with what is missing before it can be printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _

from catalog.models import CustomerProduct, Design, DesignSheet, PrintFile
from catalog.services.fitting import flaw_of
from orders.models import ArtworkCause
from stores.models import Listing, MappingPart


@dataclass(frozen=True, slots=True)
class Lack:
    """Why something cannot be printed: the cause, the sentence that says what to do, and the design that is to be mended, if it is one's."""

    cause: ArtworkCause
    text: str
    design_id: int | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """One mapping as a line holds it: the first part's product and file, the pieces of all parts; ``lack`` says what is missing.

    ``file_ids`` are the print files of all its parts and their areas.
    """

    mapping_id: int
    version: int
    customer_product_id: int
    print_file_id: int | None
    pieces_each: int
    lack: Lack | None
    what: str
    file_ids: frozenset[int]


def recipes_of(listings: Iterable[Listing]) -> dict[int, Recipe]:
    """Return the recipe of each listing that has an active mapping. One query, whatever their number, and one more where designs use several areas."""
    rows = list(
        MappingPart.objects.filter(mapping__listing__in=list(listings), mapping__retired_at=None)
        .select_related("mapping", "customer_product__product_model", "design", "print_file")
        .order_by("mapping_id", "position")
    )
    others = files_of_areas(part.design.pk for part in rows if part.design is not None and part.design.areas_used > 1)
    grouped = (list(parts) for _key, parts in groupby(rows, key=lambda part: part.mapping_id))
    return {parts[0].mapping.listing_id: _recipe(parts, others) for parts in grouped}


def recipe_of(listing: Listing) -> Recipe | None:
    """Return the recipe of one listing; None when it is not mapped. One query, or two."""
    return recipes_of([listing]).get(listing.pk)


def files_of_areas(designs: Iterable[int]) -> dict[int, list[PrintFile]]:
    """Return the print files of designs that use several areas. One query where there are any."""
    found: dict[int, list[PrintFile]] = {}
    wanted = set(designs)
    sheets = DesignSheet.objects.filter(design__in=wanted, print_file__isnull=False).select_related("print_file") if wanted else ()
    for sheet in sheets:
        found.setdefault(sheet.design_id, []).append(sheet.print_file)
    return found


def _recipe(parts: Sequence[MappingPart], others: Mapping[int, Sequence[PrintFile]]) -> Recipe:
    first = parts[0]
    lacks = (lack_of_part(part, others.get(part.design_id or 0, ())) for part in parts)
    files = {part.print_file_id or 0 for part in parts} | {file.pk for part in parts for file in others.get(part.design_id or 0, ())}
    return Recipe(
        mapping_id=first.mapping_id,
        version=first.mapping.version,
        customer_product_id=first.customer_product_id,
        print_file_id=first.print_file_id,
        pieces_each=sum(part.quantity for part in parts),
        lack=next(filter(None, lacks), None),
        what=" + ".join(str(part.customer_product) for part in parts),
        file_ids=frozenset(files - {0}),
    )


def lack_of_part(part: MappingPart, others: Iterable[PrintFile] = ()) -> Lack | None:
    """Return why a part of a mapping cannot be printed, if so; ``others`` are the files of its design's further areas."""
    if part.lacks_file:
        return lack_of(part.customer_product, part.design)
    return lack_of_files(part.design, [part.print_file, *others])


def lack_of(product: CustomerProduct, design: Design | None) -> Lack:
    """Return why a product that is printed cannot be printed yet: no design, one whose file is being made, or one whose file failed."""
    if design is None:
        text = _("“%(product)s” needs a print file and its mapping has none. Choose a design for the listing.")
        return Lack(ArtworkCause.NO_DESIGN, text % {"product": product})
    if design.state == Design.State.FAILED:
        return could_not_be_made(design)
    text = _("The print file of “%(product)s” is being made. The order goes on by itself as soon as it is there.")
    return Lack(ArtworkCause.IN_MAKING, text % {"product": product}, design.pk)


def lack_of_files(design: Design | None, files: Iterable[PrintFile | None]) -> Lack | None:
    """Return why print files that are there are not printed from, if so; see ``flaw_of``."""
    flaw = flaw_of(design, files)
    if flaw is None:
        return None
    return Lack(ArtworkCause.MISFIT if flaw.is_misfit else ArtworkCause.DAMAGED, flaw.text, design.pk if design else None)


def could_not_be_made(design: Design) -> Lack:
    """Return what is said of a design whose print file failed."""
    text = _("The print file of “%(design)s” could not be made. Open the design to see why and change it, or choose another.")
    return Lack(ArtworkCause.FAILED, text % {"design": design}, design.pk)
