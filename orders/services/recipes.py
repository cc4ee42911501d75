"""What an order line is made of: its listing's mapping in the words of a line, with what is missing before it can be printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _

from catalog.models import CustomerProduct, Design
from stores.models import Listing, MappingPart

NOTHING_LACKS = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One mapping as a line holds it: the first part's product and file, the pieces of all parts; ``lack`` says what is missing, or nothing."""

    mapping_id: int
    version: int
    customer_product_id: int
    print_file_id: int | None
    pieces_each: int
    lack: str
    what: str


def recipes_of(listings: Iterable[Listing]) -> dict[int, Recipe]:
    """Return the recipe of each listing that has an active mapping. One query, whatever their number."""
    rows = (
        MappingPart.objects.filter(mapping__listing__in=list(listings), mapping__retired_at=None)
        .select_related("mapping", "customer_product__product_model", "design")
        .order_by("mapping_id", "position")
    )
    return {group[0].mapping.listing_id: _recipe(group) for group in (list(parts) for _key, parts in groupby(rows, key=lambda part: part.mapping_id))}


def recipe_of(listing: Listing) -> Recipe | None:
    """Return the recipe of one listing; None when it is not mapped. One query."""
    return recipes_of([listing]).get(listing.pk)


def _recipe(parts: Sequence[MappingPart]) -> Recipe:
    first = parts[0]
    lacking = next((part for part in parts if part.lacks_file), None)
    return Recipe(
        mapping_id=first.mapping_id,
        version=first.mapping.version,
        customer_product_id=first.customer_product_id,
        print_file_id=first.print_file_id,
        pieces_each=sum(part.quantity for part in parts),
        lack=lack_of(lacking.customer_product, lacking.design) if lacking else NOTHING_LACKS,
        what=" + ".join(str(part.customer_product) for part in parts),
    )


def lack_of(product: CustomerProduct, design: Design | None) -> str:
    """Return why a product that is printed cannot be printed yet: no design, one whose file is being made, or one whose file failed."""
    if design is None:
        return _("“%(product)s” needs a print file and its mapping has none. Choose a design for the listing.") % {"product": product}
    if design.state == Design.State.FAILED:
        return could_not_be_made()
    return _("The print file of “%(product)s” is being made. The order goes on by itself as soon as it is there.") % {"product": product}


def could_not_be_made() -> str:
    """Return the sentence of a design whose print file failed; the same for all, so that the sweep knows whom it has told."""
    return _("The print file could not be made. Open the listing, see why, and connect it with another design.")
