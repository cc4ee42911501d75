"""Weight and size of a product, from the catalog's grams and millimetres into what a channel's fields ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

from catalog.models import CustomerProduct
from stores.channels.publishing_types import Measure, ProductField, Size

# How many grams or millimetres one unit holds.
HOLDS: Mapping[str, Decimal] = {
    "g": Decimal(1),
    "kg": Decimal(1000),
    "oz": Decimal("28.349523125"),
    "lb": Decimal("453.59237"),
    "mm": Decimal(1),
    "cm": Decimal(10),
    "in": Decimal("25.4"),
}


def proposals(fields: Iterable[ProductField], product: CustomerProduct) -> dict[str, str]:
    """Return what the catalog knows to answer of a product type's fields, by name, in their units; nothing where it knows no size."""
    found = {}
    for field in fields:
        if field.measure is not None and (known := _known(product, field.measure.size)):
            found[field.name] = field.measure.word or _converted(known, field.measure)
    return found


def _known(product: CustomerProduct, size: Size) -> int:
    packed = product.packed
    return {Size.WEIGHT: packed.weight_g, Size.LENGTH: packed.length_mm, Size.WIDTH: packed.width_mm, Size.HEIGHT: packed.height_mm}[size]


def _converted(known: int, measure: Measure) -> str:
    """Return a size in another unit, rounded up: what is sent must not be heavier or larger than what was told."""
    exact = (Decimal(known) / HOLDS[measure.unit]).quantize(Decimal(1).scaleb(-measure.places), rounding=ROUND_UP)
    return f"{exact.normalize():f}"


def known_in_words(field: Mapping[str, Any], product: CustomerProduct) -> str:
    """Return the catalog's own figure for a field as a publication keeps it; empty where it has none."""
    measure = field.get("measure")  # fields that were read by an earlier version have none
    if not measure or measure["word"] or not (known := _known(product, Size(measure["size"]))):
        return ""
    return _("%(n)s g") % {"n": known} if measure["size"] == Size.WEIGHT else _("%(n)s mm packed") % {"n": known}
