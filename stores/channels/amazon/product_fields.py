"""A product type's JSON Schema as flat fields, and a draft as the document that the schema describes. Pure.

An attribute is a list of objects with ``value`` or several named parts, in which objects and lists may be nested once more. A field is one leaf of it,
named by the way to it without ``value``: ``color``, ``capacity.unit``, ``item_dimensions.length``. Marketplace and language stand in every object that
knows them; nobody fills them in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from stores.channels.publishing_types import FieldKind, FieldOption, Measure, ProductDraft, ProductField, ProductTrouble, Severity, Size, Value
from stores.channels.types import Amount

Schema = Mapping[str, Any]

DEFAULT_PLACE = "DEFAULT"  # the seller's own stock
MAIN_PICTURE = "main_product_image_locator"
OTHER_PICTURES = tuple(f"other_product_image_locator_{number}" for number in range(1, 9))
# What the hub fills in itself, with the name of the field it stands for on the hub's page.
OWN: Mapping[str, str] = {
    "item_name": "title",
    "product_description": "description",
    "brand": "brand",
    "purchasable_offer": "price",
    "fulfillment_availability": "quantity",
    "condition_type": "",
    "product_type": "product_type",
    MAIN_PICTURE: "pictures",
    **dict.fromkeys(OTHER_PICTURES, "pictures"),
}
# Hundreds of attributes may be given. Beside those that must be, these are worth a merchant's time.
WORTH_ASKING = (
    "bullet_point", "generic_keyword", "color", "material", "size", "style", "pattern", "theme", "occasion_type", "special_feature", "number_of_items",
    "item_weight", "item_package_weight", "item_package_dimensions", "item_dimensions", "capacity", "care_instructions", "is_dishwasher_safe", "department", "target_gender", "age_range_description",
    "fabric_type", "frame_type", "shirt_size", "country_of_origin", "supplier_declared_has_product_identifier_exemption",
    "externally_assigned_product_identifier",
)  # fmt: skip
# What the catalog knows: the weight of a piece, and weight and size packed. The size of the piece itself (item_dimensions) it does not know.
WEIGHTS = ("item_weight", "item_package_weight")
PACKED_SIZE = "item_package_dimensions"
# Amazon's words for units, the finest first.
UNITS_OF_WEIGHT = {"grams": "g", "kilograms": "kg", "ounces": "oz", "pounds": "lb"}
UNITS_OF_LENGTH = {"millimeters": "mm", "centimeters": "cm", "inches": "in"}
_FILLED_IN = ("marketplace_id", "language_tag", "audience")
_LONG = 300


def locale_of(language: str) -> str:
    """Return a language as Amazon writes it: ``en-GB`` is en_GB, and a language alone gets the country it is named after."""
    word, _dash, country = language.partition("-")
    return f"{word}_{country.upper() or ('US' if word == 'en' else word.upper())}"


# --- fields -----------------------------------------------------------------------------------------------------------
def fields_of(schema: Schema, groups: Mapping[str, Any]) -> tuple[ProductField, ...]:
    """Return the fields a merchant must or may fill in: the required ones first, then what is worth asking, both in the schema's order."""
    required = set(schema.get("required", ()))
    headings = {name: str(group.get("title", "")) for group in groups.values() for name in group.get("propertyNames", ())}
    found: list[ProductField] = []
    for name, attribute in schema.get("properties", {}).items():
        if name in OWN or not isinstance(attribute, dict) or (name not in required and name not in WORTH_ASKING):
            continue
        for number, (path, leaf, must) in enumerate(_leaves(attribute, (name,), name in required)):
            words = str(attribute.get("description", "")) if number == 0 else ""  # said once for all parts of an attribute
            found.append(_field(path, leaf, attribute, must=must, group=headings.get(name, ""), words=words))
    return tuple(sorted(found, key=lambda field: not field.required))


def _leaves(node: Schema, path: tuple[str, ...], must: bool) -> Iterator[tuple[tuple[str, ...], Schema, bool]]:
    items = node.get("items")
    if node.get("type") == "array" and isinstance(items, dict):
        yield from _leaves(items, path, must)
    elif isinstance(node.get("properties"), dict):
        needed = set(node.get("required", ()))
        for key, inside in node["properties"].items():
            if key not in _FILLED_IN and isinstance(inside, dict) and not inside.get("hidden"):
                yield from _leaves(inside, (*path, key), must and key in needed)
    else:
        yield path, node, must


def _name(path: Sequence[str]) -> str:
    return ".".join(path[:-1] if path[-1] == "value" and len(path) > 1 else path)


def _field(path: tuple[str, ...], leaf: Schema, attribute: Schema, *, must: bool, group: str, words: str) -> ProductField:
    options, is_open = _options(leaf)
    simple = len(path) == 2 and path[-1] == "value"
    most = attribute.get("maxUniqueItems", 1) if simple else 1
    examples = attribute.get("examples") or leaf.get("examples") or [""]
    text = next((one for one in leaf.get("anyOf", ()) if "enum" not in one), leaf)
    return ProductField(
        name=_name(path),
        label=str((attribute if simple else leaf).get("title") or path[-1].replace("_", " ").capitalize()),
        kind=_kind(leaf, options, several=most > 1),
        required=must,
        help=words,
        options=options,
        open_choice=is_open,
        longest=text.get("maxLength"),
        smallest=_bound(leaf.get("minimum")),
        largest=_bound(leaf.get("maximum")),
        most=most if most > 1 else None,
        example=str(examples[0]),
        group=group,
        measure=_measure(path, attribute),
    )


def _measure(path: Sequence[str], attribute: Schema) -> Measure | None:
    """Return what the catalog knows to answer of a leaf that is a value or its unit, in a unit that the schema takes."""
    name, part = path[0], path[-1]
    sides = [side for side in Size if name == PACKED_SIZE and side in path[1:]]
    if part not in {"value", "unit"} or not (sides or name in WEIGHTS):
        return None
    node = attribute.get("items", {})
    for key in path[1:-1]:
        node = node.get("properties", {}).get(key, {})
    taken = {option.value for option in _options(node.get("properties", {}).get("unit", {}))[0]}
    known = UNITS_OF_LENGTH if sides else UNITS_OF_WEIGHT
    word = next((word for word in known if word in taken), "")
    return Measure(sides[0] if sides else Size.WEIGHT, known[word], word=word if part == "unit" else "") if word else None


def _bound(limit: Any) -> Decimal | None:
    return None if limit is None else Decimal(str(limit))


def _options(leaf: Schema) -> tuple[tuple[FieldOption, ...], bool]:
    """Return the values of a leaf, and whether it takes others too."""
    for node, is_open in [(leaf, False), *((one, True) for one in leaf.get("anyOf", ()))]:
        values = node.get("enum")
        if isinstance(values, list) and leaf.get("type") != "boolean":
            words = node.get("enumNames") or values
            return tuple(FieldOption(str(value), str(word)) for value, word in zip(values, words, strict=False)), is_open
    return (), False


def _kind(leaf: Schema, options: Sequence[FieldOption], *, several: bool) -> FieldKind:
    if several:
        return FieldKind.SEVERAL
    if options:
        return FieldKind.CHOICE
    if leaf.get("type") == "boolean":
        return FieldKind.YES_NO
    if leaf.get("type") in ("number", "integer"):
        return FieldKind.NUMBER
    return FieldKind.LONG_TEXT if leaf.get("maxLength", 0) > _LONG else FieldKind.TEXT


# --- the document -----------------------------------------------------------------------------------------------------
def language_of(schema: Schema) -> str:
    """Return the language tag that a marketplace's texts have."""
    tag = schema.get("$defs", {}).get("language_tag", {})
    return str(tag.get("default") or next(iter(tag.get("enum", ())), ""))


def attributes_of(draft: ProductDraft, schema: Schema) -> dict[str, Any]:
    """Return a draft's attributes as Amazon wants them."""
    market: dict[str, Any] = {"marketplace_id": draft.marketplace}
    text = market | ({"language_tag": language} if (language := language_of(schema)) else {})
    made: dict[str, Any] = {}
    for name, attribute in schema.get("properties", {}).items():
        if name not in OWN and isinstance(attribute, dict) and (built := _built(attribute, (name,), draft.values, text)) is not None:
            made[name] = built
    made["item_name"] = [{"value": draft.title, **text}]
    made["product_description"] = [{"value": draft.description, **text}]
    made["brand"] = [{"value": draft.brand, **text}]
    made["condition_type"] = [{"value": "new_new", **market}]
    made["purchasable_offer"] = [price_entry(draft.price) | market]
    made["fulfillment_availability"] = [stock_entry(draft.stock_place, draft.quantity, draft.handling_days)]
    for name, link in zip((MAIN_PICTURE, *OTHER_PICTURES), draft.pictures, strict=False):
        made[name] = [{"media_location": link, **market}]
    return made


def price_entry(price: Amount) -> dict[str, Any]:
    """Return an entry of ``purchasable_offer`` without its marketplace: what everybody pays while no sale runs."""
    return {"currency": price.currency, "audience": "ALL", "our_price": [{"schedule": [{"value_with_tax": float(price.value)}]}]}


def stock_entry(place: str, quantity: int, handling_days: int | None) -> dict[str, Any]:
    """Return an entry of ``fulfillment_availability``; without days the key is left out, so that a merge keeps what is there."""
    days = {} if handling_days is None else {"lead_time_to_ship_max_days": handling_days}
    return {"fulfillment_channel_code": place or DEFAULT_PLACE, "quantity": quantity, **days}


def _built(node: Schema, path: tuple[str, ...], values: Mapping[str, Value], filled_in: Mapping[str, Any]) -> Any:
    items = node.get("items")
    if node.get("type") == "array" and isinstance(items, dict):
        given = values.get(_name((*path, "value")))
        if isinstance(given, tuple):
            entries = [_built(items, path, {**values, _name((*path, "value")): one}, filled_in) for one in given if one]
        else:
            entries = [_built(items, path, values, filled_in)]
        return [entry for entry in entries if entry is not None] or None
    properties = node.get("properties")
    if isinstance(properties, dict):
        made = {
            key: built
            for key, inside in properties.items()
            if key not in _FILLED_IN and (built := _built(inside, (*path, key), values, filled_in)) is not None
        }
        return {**made, **{key: value for key, value in filled_in.items() if key in properties}} if made else None
    return _typed(node, values.get(_name(path), ""))


def _typed(leaf: Schema, given: Value) -> Any:
    text = given if isinstance(given, str) else next(iter(given), "")
    if not text:
        return None
    kind = leaf.get("type")
    if kind == "boolean":
        return text == "true"
    if kind in ("number", "integer"):
        try:
            number = Decimal(text)
        except InvalidOperation:
            return text  # Amazon says what is wrong with it
        return int(number) if number == number.to_integral_value() else float(number)
    return text


# --- troubles ---------------------------------------------------------------------------------------------------------
def troubles_of(issues: Any, fields: Sequence[str]) -> tuple[ProductTrouble, ...]:
    """Return Amazon's issues, each at the field it is about. One issue may name several attributes; the first that is known counts."""
    found = [one for one in issues if isinstance(one, dict)] if isinstance(issues, list) else []
    return tuple(
        ProductTrouble(
            severity=Severity.ERROR if one.get("severity") == "ERROR" else Severity.WARNING,
            words=str(one.get("message") or one.get("code") or ""),
            field=_field_of(one.get("attributeNames") or (), fields),
            code=str(one.get("code") or ""),
        )
        for one in found
    )


def _field_of(attributes: Sequence[Any], fields: Sequence[str]) -> str:
    for attribute in (str(one) for one in attributes):
        name = attribute.partition(".")[0]
        if OWN.get(name):
            return OWN[name]
        for field in fields:
            if field == attribute or field.partition(".")[0] == name:
                return field
    return ""
