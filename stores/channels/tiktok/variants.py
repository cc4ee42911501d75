"""The SKUs of a product: one, or several that sales attributes tell apart.

A sales attribute and its value are each TikTok's own, by number, where the category has one of this name, and the seller's own by name otherwise.
Every SKU has the same attributes, and no two the same values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from stores.channels.publishing_types import ProductDraft, VariantDraft, VariantOption
from stores.channels.tiktok import product_types
from stores.channels.types import Account, Amount

# What the categories of a shop in the United States call it; the first is what we call it where a category does not have it.
NAMES: Mapping[VariantOption, tuple[str, ...]] = MappingProxyType(
    {VariantOption.COLOUR: ("Color", "Colour"), VariantOption.SIZE: ("Size",), VariantOption.KIND: ("Specification", "Style")}
)
_LONGEST_SKU, _LONGEST_VALUE, _MOST_STOCK = 50, 50, 99_999

# What is wrong with a SKU by TikTok's documented limits, by the field that is refused: its own words do not say which SKU they are about.
_BREAKS: Mapping[str, Callable[[VariantDraft], bool]] = MappingProxyType(
    {
        "sku": lambda one: len(one.key) > _LONGEST_SKU or any(letter.isspace() for letter in one.key),
        "price": lambda one: one.price.value < Decimal("0.01"),
        "quantity": lambda one: not 1 <= one.quantity <= _MOST_STOCK,
        "variants": lambda one: any(len(value) > _LONGEST_VALUE for _option, value in one.options),
    }
)


def skus_of(account: Account, draft: ProductDraft, place: Mapping[str, Any], known: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a draft's SKUs, stocked at a place; ``known`` are TikTok's numbers of those that it has already."""
    if not draft.variants:
        return [_sku(draft.key, draft.price, draft.quantity, place, known)]
    attributes = product_types.sales_attributes(account, draft.marketplace, draft.product_type)
    return [
        _sku(one.key, one.price, one.quantity, place, known)
        | {"sales_attributes": [_attribute(attributes, option, value) for option, value in one.options]}
        for one in draft.variants
    ]


def _sku(key: str, price: Amount, quantity: int, place: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    told = {"amount": f"{price.value:.2f}", "currency": price.currency}
    made = {"seller_sku": key, "price": told, "inventory": [{**place, "quantity": quantity}]}
    return made | ({"id": known[key]} if key in known else {})


def _attribute(attributes: Mapping[str, Mapping[str, Any]], option: VariantOption, value: str) -> dict[str, str]:
    names = NAMES[option]
    built_in = next((attributes[name.casefold()] for name in names if name.casefold() in attributes), None)
    if built_in is None:
        return {"name": names[0], "value_name": value}
    value_id = built_in["values"].get(value.casefold())
    return {"id": built_in["id"]} | ({"value_id": value_id} if value_id else {"value_name": value})


def meant(draft: ProductDraft, field: str) -> Sequence[str]:
    """Return the keys of the variants that a refusal of a field is about; one empty key where that cannot be told, or there are none."""
    breaks = _BREAKS.get(field)
    return [one.key for one in draft.variants if breaks is not None and breaks(one)] or [""]
