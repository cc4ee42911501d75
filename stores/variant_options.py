"""What tells the variants of a product apart: colour and size as the catalog has them, or else whatever each product is called beside its name."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.models import CustomerProduct
from stores.channels.publishing_types import VariantOption

Options = tuple[tuple[VariantOption, str], ...]
_WAYS = ((VariantOption.COLOUR, VariantOption.SIZE), (VariantOption.KIND,))


def told_apart(products: Sequence[CustomerProduct]) -> list[Options]:
    """Return the options of each product, with the same names for all and no values twice; nothing where the catalog does not tell them apart."""
    for names in _WAYS:
        found = [tuple((name, value) for name in names if (value := _value(product, name))) for product in products]
        if found[0] and _same_names(found) and _all_different(found):
            return found
    return []


def variant_name(product: CustomerProduct) -> str:
    """Return what people call a product among its siblings."""
    return product.variant or (str(product.model_variant) if product.model_variant else product.uid)


def options_in_words(options: Options) -> str:
    """Return options as listings say them: "Black, L"."""
    return ", ".join(value for _name, value in options)


def _value(product: CustomerProduct, name: VariantOption) -> str:
    blank = product.model_variant
    if name == VariantOption.KIND:
        said: str = product.variant
    elif blank is None:
        said = ""
    else:
        said = blank.colour if name == VariantOption.COLOUR else blank.size
    return said.strip()


def _same_names(found: Sequence[Options]) -> bool:
    return len({tuple(name for name, _value in options) for options in found}) == 1


def _all_different(found: Sequence[Options]) -> bool:
    return len({tuple(value.casefold() for _name, value in options) for options in found}) == len(found)
