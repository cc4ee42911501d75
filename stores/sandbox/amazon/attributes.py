"""What Amazon says of a product's attributes: the issues that a preview, a submission or a feed gives.

Codes and sentences of missing and wrong values follow published reports (90220, 99022); the others are [L]. Amazon also has brands approved: a
seller's own name is refused until then, in exactly the spelling that was approved, and "Generic" is always taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from stores.sandbox.amazon.product_types import OFFER, ProductType

GENERIC = "Generic"
APPROVED_BRANDS = frozenset({GENERIC, "Northlight", "Southern Prints"})
MISSING, TOO_FEW, WRONG, UNKNOWN, BRAND = "90220", "99022", "99010", "90000900", "5665"
Issue = dict[str, Any]


def issue(code: str, words: str, *names: str, severity: str = "ERROR", category: str = "INVALID_ATTRIBUTE") -> Issue:
    """Return one issue in the API's shape."""
    return {"code": code, "message": words, "severity": severity, "attributeNames": list(names), "categories": [category]}


def issues_of(product_type: ProductType, attributes: Mapping[str, Any], *, required: Iterable[str], marketplace_id: str) -> list[Issue]:
    """Return what is wrong with attributes; ``required`` are those that must be there."""
    found: list[Issue] = []
    known = product_type.properties
    missing = [name for name in required if not attributes.get(name)]
    found += [issue(MISSING, f"'[{name}]' is required but not supplied.", name, category="MISSING_ATTRIBUTE") for name in missing]
    for name, entries in attributes.items():
        if name not in known:
            found.append(issue(UNKNOWN, f"The attribute '[{name}]' is not valid for the product type {product_type.name}.", name, severity="WARNING"))
        elif entries:
            found += _of_attribute(name, known[name], entries, marketplace_id)
    brand = _value(attributes, "brand")
    if isinstance(brand, str) and brand and brand not in APPROVED_BRANDS:
        words = f"You may not list products of the brand '{brand}' without brand approval. Brand names are case-sensitive."
        found.append(issue(BRAND, words, "brand", category="QUALIFICATION_REQUIRED"))
    return found


def required_of(product_type: ProductType, requirements: str) -> tuple[str, ...]:
    """Return the attributes that must be there for one kind of submission."""
    if requirements == "LISTING_OFFER_ONLY":
        return OFFER
    return product_type.required if requirements == "LISTING_PRODUCT_ONLY" else (*product_type.required, *OFFER)


def _value(attributes: Mapping[str, Any], name: str) -> Any:
    entries = attributes.get(name)
    return entries[0].get("value") if isinstance(entries, list) and entries and isinstance(entries[0], dict) else None


def _of_attribute(name: str, shape: Mapping[str, Any], entries: Any, marketplace_id: str) -> list[Issue]:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return [issue(WRONG, f"The attribute '[{name}]' must be a list of objects.", name)]
    if len(entries) > shape["maxUniqueItems"]:
        return [issue(WRONG, f"The attribute '[{name}]' has {len(entries)} values; at most {shape['maxUniqueItems']} are allowed.", name)]
    found: list[Issue] = []
    for entry in entries:
        found += _of_object(name, shape["items"], entry, marketplace_id)
    return found


def _of_object(name: str, shape: Mapping[str, Any], entry: Mapping[str, Any], marketplace_id: str) -> list[Issue]:
    attribute, found = name.partition(".")[0], []
    for key in shape.get("required", ()):
        if entry.get(key) in (None, ""):
            words = f"The field '\"{key}\"' for the attribute '{name}' does not have enough values. The required minimum is '1' value(s)."
            found.append(issue(TOO_FEW, words, attribute, category="MISSING_ATTRIBUTE"))
    for key, value in entry.items():
        inside = shape["properties"].get(key)
        if inside is None:
            found.append(issue(WRONG, f"The field '{key}' is not valid for the attribute '{name}'.", attribute))
        elif key == "marketplace_id":
            if value != marketplace_id:
                found.append(issue(WRONG, f"The marketplace of the attribute '{name}' is not the one of the request.", attribute))
        elif inside.get("type") == "object":
            found += _of_object(f"{name}.{key}", inside, value, marketplace_id) if isinstance(value, dict) else [_bad(name, key, value, attribute)]
        elif not _fits(value, inside):
            found.append(_bad(name, key, value, attribute))
    return found


def _bad(name: str, key: str, value: Any, attribute: str) -> Issue:
    return issue(WRONG, f"The value '{value}' is not valid for '{name}.{key}'.", attribute)


def _fits(value: Any, shape: Mapping[str, Any]) -> bool:
    if "anyOf" in shape:
        return any(_fits(value, one) for one in shape["anyOf"])
    if "enum" in shape and value not in shape["enum"]:
        return False
    kind = shape.get("type")
    if kind == "string":
        return isinstance(value, str) and shape.get("minLength", 0) <= len(value) <= shape.get("maxLength", 10_000)
    if kind in ("number", "integer"):
        is_number = isinstance(value, int) or (kind == "number" and isinstance(value, float))
        return is_number and not isinstance(value, bool) and shape.get("minimum", value) <= value <= shape.get("maximum", value)
    return not ((kind == "boolean" and not isinstance(value, bool)) or (kind == "array" and not isinstance(value, list)))
