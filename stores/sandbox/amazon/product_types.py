"""Product Type Definitions API 2020-09-01: a few product types with their attributes as JSON Schema, in the shape of Amazon's meta-schema.

Real schemas hold hundreds of attributes and conditions; these hold what a print shop meets, with the same nesting, ``selectors``, ``enumNames`` and
open lists (``anyOf``). Names and required attributes follow public schemas [M]; the lists of values are shortened [L].
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stores.sandbox.amazon.answers import Answer, invalid, not_found
from stores.sandbox.amazon.marketplaces import MARKETPLACES
from stores.sandbox.amazon.operations import Call, Operation
from stores.sandbox.amazon.strict import Param
from stores.sandbox.amazon.world import SCHEMA_URL_S

VERSION = "RELEASE-2026-11"
REQUIREMENTS = ("LISTING", "LISTING_PRODUCT_ONLY", "LISTING_OFFER_ONLY")
COLOURS = ("Black", "Blue", "Green", "Grey", "Multicolor", "Red", "White", "Yellow")
COUNTRIES = {
    "CN": "China",
    "DE": "Germany",
    "FR": "France",
    "GB": "United Kingdom",
    "IN": "India",
    "PL": "Poland",
    "PT": "Portugal",
    "US": "United States",
}
OFFER = ("condition_type", "purchasable_offer", "fulfillment_availability")


def _attribute(
    title: str, words: str, value: dict[str, Any], *, most: int = 1, localised: bool = False, example: str = "", more: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return an attribute: a list of objects with ``value``, the marketplace and, for texts, the language."""
    properties: dict[str, Any] = {"value": {"title": title, "editable": True, "hidden": False, **value}, **(more or {})}
    selectors = ["marketplace_id"]
    if localised:
        properties["language_tag"] = {"$ref": "#/$defs/language_tag"}
        selectors.append("language_tag")
    properties["marketplace_id"] = {"$ref": "#/$defs/marketplace_id"}
    return _list(
        title, words, properties, required=["value", *(["language_tag"] if localised else [])], most=most, selectors=selectors, example=example
    )


def _list(
    title: str,
    words: str,
    properties: Mapping[str, Any],
    *,
    required: Sequence[str],
    most: int = 1,
    selectors: Sequence[str] = ("marketplace_id",),
    example: str = "",
) -> dict[str, Any]:
    return {
        "title": title,
        "description": words,
        **({"examples": [example]} if example else {}),
        "type": "array",
        "minItems": 1,
        "minUniqueItems": 1,
        "maxUniqueItems": most,
        "selectors": list(selectors),
        "items": {"type": "object", "required": list(required), "properties": dict(properties), "additionalProperties": False},
    }


def _text(longest: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": longest}


def _closed(options: Mapping[str, str]) -> dict[str, Any]:
    return {"type": "string", "enum": list(options), "enumNames": list(options.values())}


def _open(options: Sequence[str], longest: int = 100) -> dict[str, Any]:
    return {"anyOf": [{"type": "string", "maxLength": longest}, {"type": "string", "enum": list(options), "enumNames": list(options)}]}


def _measure(title: str, units: Mapping[str, str]) -> dict[str, Any]:
    return {
        "value": {"title": f"{title}", "editable": True, "hidden": False, "type": "number", "minimum": 0, "maximum": 100000},
        "unit": {"title": f"{title} unit", "editable": True, "hidden": False, **_closed(units)},
    }


def _picture(title: str) -> dict[str, Any]:
    place = {
        "media_location": {"title": "Media location", "type": "string", "maxLength": 2000, "format": "uri"},
        "marketplace_id": {"$ref": "#/$defs/marketplace_id"},
    }
    return _list(title, "The address of a picture that Amazon fetches", place, required=["media_location"])


_MARKET = {"$ref": "#/$defs/marketplace_id"}
COMMON: dict[str, dict[str, Any]] = {
    "item_name": _attribute("Item Name", "A short title for the product", _text(200), localised=True, example="Mug with a forest print, 330 ml"),
    "brand": _attribute("Brand Name", "The brand under which the product is sold", _text(100), localised=True, example="Generic"),
    "product_description": _attribute("Product Description", "What the product is, in whole sentences", _text(2000), localised=True),
    "bullet_point": _attribute(
        "Bullet Point", "What a buyer should know, one feature in each", _text(500), most=5, localised=True, example="Dishwasher safe"
    ),
    "condition_type": _attribute("Item Condition", "The condition of the item", _closed({"new_new": "New", "used_good": "Used - Good"})),
    "country_of_origin": _attribute("Country of Origin", "Where the product was made", _closed(COUNTRIES)),
    "supplier_declared_dg_hz_regulation": _attribute(
        "Dangerous Goods Regulations",
        "Whether transport rules for dangerous goods apply",
        _closed({"not_applicable": "Not Applicable", "ghs": "GHS", "transportation": "Transportation", "waste": "Waste"}),
    ),
    "supplier_declared_has_product_identifier_exemption": _attribute(
        "Product Identifier Exemption", "Whether the product may be sold without a barcode (GTIN exemption)", {"type": "boolean"}
    ),
    "externally_assigned_product_identifier": _list(
        "External Product ID",
        "The product's barcode",
        {
            "type": {"title": "External Product ID Type", "editable": True, "hidden": False, **_closed({"ean": "EAN", "gtin": "GTIN", "upc": "UPC"})},
            "value": {"title": "External Product ID", "editable": True, "hidden": False, "type": "string", "maxLength": 14},
            "marketplace_id": _MARKET,
        },
        required=["type", "value"],
    ),
    "generic_keyword": _attribute("Generic Keyword", "Words that buyers search for and that stand nowhere else", _text(500), localised=True),
    "main_product_image_locator": _picture("Main Image Location"),
    **{f"other_product_image_locator_{number}": _picture(f"Other Image Location {number}") for number in range(1, 9)},
    "purchasable_offer": _list(
        "Purchasable Offer",
        "The price",
        {
            "currency": {"type": "string", "enum": sorted({site.currency for site in MARKETPLACES.values()})},
            "audience": {"type": "string", "enum": ["ALL"]},
            "our_price": {"type": "array"},
            "discounted_price": {"type": "array"},
            "marketplace_id": _MARKET,
        },
        required=["currency", "our_price"],
        selectors=("marketplace_id", "currency", "audience"),
    ),
    "fulfillment_availability": _list(
        "Fulfillment Availability",
        "Stock and handling time",
        {
            "fulfillment_channel_code": {"type": "string", "maxLength": 40},
            "quantity": {"type": "integer", "minimum": 0, "maximum": 9999999},
            "lead_time_to_ship_max_days": {"type": "integer", "minimum": 0, "maximum": 30},
            "restock_date": {"type": "string"},
        },
        required=["fulfillment_channel_code"],
        most=10,
        selectors=["fulfillment_channel_code"],
    ),
}
_COLOR = {"color": _attribute("Color", "The colour as buyers should read it", _open(COLOURS), localised=True, example="White")}
_MATERIAL = {
    "material": _attribute("Material", "What it is made of", _open(("Ceramic", "Cotton", "Glass", "Paper", "Polyester")), most=3, localised=True)
}
_ITEMS = {"number_of_items": _attribute("Number of Items", "How many pieces are sold together", {"type": "integer", "minimum": 1, "maximum": 1000})}
_CARE = {"is_dishwasher_safe": _attribute("Is Dishwasher Safe", "Whether it may go into the dishwasher", {"type": "boolean"})}
_CAPACITY = {
    "capacity": _list(
        "Capacity", "How much it holds", {**_measure("Capacity", {"milliliters": "Milliliters", "fluid_ounces": "Fluid Ounces"}), "marketplace_id": _MARKET},
        required=["value", "unit"],
    )
}  # fmt: skip
_LENGTHS = {"centimeters": "Centimeters", "inches": "Inches"}
_DIMENSIONS = {
    "item_dimensions": _list(
        "Item Dimensions",
        "Length, width and height of the item",
        {
            **{
                side: {
                    "title": title,
                    "type": "object",
                    "required": ["value", "unit"],
                    "properties": _measure(title, _LENGTHS),
                    "additionalProperties": False,
                }
                for side, title in (("length", "Item Length"), ("width", "Item Width"))
            },
            "marketplace_id": _MARKET,
        },
        required=["length", "width"],
    )
}
_WEIGHTS = {"grams": "Grams", "kilograms": "Kilograms", "pounds": "Pounds"}
_SIZES = {
    **{
        name: _list(title, words, {**_measure(title, _WEIGHTS), "marketplace_id": _MARKET}, required=["value", "unit"])
        for name, title, words in (
            ("item_weight", "Item Weight", "What one piece weighs"),
            ("item_package_weight", "Package Weight", "What one piece weighs, packed"),
        )
    },
    "item_package_dimensions": _list(
        "Item Package Dimensions",
        "Length, width and height of the package",
        {
            **{
                side: {
                    "title": title,
                    "type": "object",
                    "required": ["value", "unit"],
                    "properties": _measure(title, _LENGTHS),
                    "additionalProperties": False,
                }
                for side, title in (("length", "Package Length"), ("width", "Package Width"), ("height", "Package Height"))
            },
            "marketplace_id": _MARKET,
        },
        required=["length", "width", "height"],
    ),
}
_DEPARTMENT = {
    "department": _attribute("Department Name", "Who wears it", _closed({"mens": "Men", "womens": "Women", "unisex-adult": "Unisex", "baby": "Baby"}))
}
_SIZE = {
    "shirt_size": _list(
        "Shirt Size",
        "The size as the tag shows it",
        {
            "size_system": {"title": "Size System", "editable": True, "hidden": False, **_closed({"as3": "EU", "as1": "US", "as4": "UK"})},
            "size_class": {"title": "Size Class", "editable": True, "hidden": False, **_closed({"alpha": "Letters", "numeric": "Numbers"})},
            "size": {"title": "Size Value", "editable": True, "hidden": False, **_closed({"s": "S", "m": "M", "l": "L", "x_l": "XL"})},
            "marketplace_id": _MARKET,
        },
        required=["size_system", "size_class", "size"],
    )
}
_FABRIC = {
    "fabric_type": _attribute("Fabric Type", "The fabric in percent", _text(200), localised=True, example="100% Cotton"),
    "care_instructions": _attribute("Care Instructions", "How to wash it", _open(("Machine Wash", "Hand Wash Only")), localised=True),
}
_FRAMED = {"frame_type": _attribute("Frame Type", "Whether it comes in a frame", _open(("Framed", "Unframed", "Canvas")), localised=True)}


@dataclass(frozen=True, slots=True)
class ProductType:
    """One product type: its own attributes beside the common ones, which of them are required, and words that find it."""

    name: str
    display: str
    own: Mapping[str, dict[str, Any]]
    required: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def properties(self) -> dict[str, dict[str, Any]]:
        """All attributes by name."""
        return {**COMMON, **self.own}


_ALWAYS = ("item_name", "brand", "product_description", "bullet_point", "country_of_origin", "supplier_declared_dg_hz_regulation")
TYPES: dict[str, ProductType] = {
    one.name: one
    for one in (
        ProductType(
            "DRINKING_CUP", "Drinking Cup", {**_COLOR, **_MATERIAL, **_CAPACITY, **_ITEMS, **_CARE, **_SIZES}, (*_ALWAYS, "color", "material", "capacity"),
            ("mug", "cup", "tasse", "becher", "ceramic", "coffee", "tea"),
        ),
        ProductType(
            "SHIRT", "Shirt", {**_COLOR, **_FABRIC, **_DEPARTMENT, **_SIZE, **_SIZES}, (*_ALWAYS, "color", "department", "fabric_type", "shirt_size"),
            ("shirt", "tee", "t-shirt", "top", "cotton"),
        ),
        ProductType(
            "WALL_ART", "Wall Art", {**_COLOR, **_MATERIAL, **_DIMENSIONS, **_FRAMED, **_ITEMS, **_SIZES}, (*_ALWAYS, "item_dimensions", "frame_type"),
            ("poster", "print", "canvas", "wall", "art", "picture"),
        ),
        ProductType("HANDBAG", "Handbag", {**_COLOR, **_MATERIAL, **_DEPARTMENT, **_SIZES}, (*_ALWAYS, "color", "material"), ("tote", "bag", "tasche")),
        ProductType("PILLOW", "Pillow", {**_COLOR, **_FABRIC, **_DIMENSIONS, **_SIZES}, (*_ALWAYS, "color", "fabric_type"), ("cushion", "pillow", "kissen")),
    )
}  # fmt: skip


def schema(product_type: ProductType, marketplace_id: str, locale: str, requirements: str) -> dict[str, Any]:
    """Return a product type's JSON Schema for one marketplace."""
    required = list(product_type.required) if requirements != "LISTING_OFFER_ONLY" else []
    if requirements != "LISTING_PRODUCT_ONLY":
        required += ["condition_type", "purchasable_offer", "fulfillment_availability"]
    known = product_type.properties if requirements == "LISTING" else {name: product_type.properties[name] for name in required}
    return {
        "$schema": "https://schemas.amazon.com/selling-partners/definitions/product-types/meta-schema/v1",
        "$id": f"https://schemas.amazon.com/selling-partners/definitions/product-types/schema/v1/{product_type.name}",
        "$defs": {
            "marketplace_id": {"default": marketplace_id, "editable": False, "hidden": True, "enum": [marketplace_id], "type": "string"},
            "language_tag": {"default": locale, "editable": False, "hidden": True, "enum": [locale], "type": "string"},
        },
        "type": "object",
        "required": required,
        "properties": known,
        "allOf": [{"if": {"required": ["externally_assigned_product_identifier"]}, "then": {"required": ["externally_assigned_product_identifier"]}}],
    }


def written(call_schema: Mapping[str, Any]) -> bytes:
    """Return a schema as the document that is downloaded."""
    return json.dumps(call_schema, ensure_ascii=False, separators=(",", ":")).encode()


def md5(content: bytes) -> str:
    """Return the checksum that the definition gives of a document."""
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def search(call: Call) -> Answer:
    """Answer ``searchDefinitionsProductTypes``; without words all types, in the order of their names."""
    marketplaces, query = call.marketplaces(call.query["marketplaceIds"]), call.query
    if "keywords" in query and "itemName" in query:
        raise invalid("keywords and itemName cannot be given together.")
    words = {word.casefold() for text in query.get("keywords", [query.get("itemName", "")]) for word in text.split()}
    found = [one for one in TYPES.values() if not words or words & {*one.words, one.name.casefold(), one.display.casefold()}]
    shaped = [{"name": one.name, "displayName": one.display, "marketplaceIds": marketplaces} for one in sorted(found, key=lambda one: one.name)]
    return Answer(200, {"productTypes": shaped, "productTypeVersion": VERSION})


def definition(call: Call) -> Answer:
    """Answer ``getDefinitionsProductType``: what there is to know of a type, and the address of its schema, which lives some days."""
    product_type = TYPES.get(call.path["productType"])
    if product_type is None:
        raise not_found(f"The product type {call.path['productType']} was not found.")
    marketplaces = call.marketplaces(call.query["marketplaceIds"])
    if len(marketplaces) != 1:
        raise invalid("Only one marketplace is supported at present.")
    locale = call.query.get("locale", MARKETPLACES[marketplaces[0]].language)
    requirements = call.query.get("requirements", "LISTING")
    content = written(schema(product_type, marketplaces[0], MARKETPLACES[marketplaces[0]].language, requirements))
    path = f"/schemas/{product_type.name}/{marketplaces[0]}/{requirements}"
    link = {"resource": call.world.signed_link(call.base_url, path, seconds=SCHEMA_URL_S), "verb": "GET"}
    checksum = "AAAAAAAAAAAAAAAAAAAAAA==" if call.strike("schema_damaged") is not None else md5(content)
    groups = {
        "offer": {"title": "Offer", "description": "Price, condition and stock", "propertyNames": list(OFFER)},
        "product_details": {"title": "Product Details", "description": "What the product is", "propertyNames": [*product_type.own]},
    }
    return Answer(
        200,
        {
            "metaSchema": {"link": {"resource": f"{call.base_url}/schemas/meta", "verb": "GET"}, "checksum": md5(b"{}")},
            "schema": {"link": link, "checksum": checksum},
            "requirements": requirements,
            "requirementsEnforced": call.query.get("requirementsEnforced", "ENFORCED"),
            "propertyGroups": groups,
            "locale": locale,
            "marketplaceIds": marketplaces,
            "productType": product_type.name,
            "displayName": product_type.display,
            "productTypeVersion": {"version": VERSION, "latest": True, "releaseCandidate": False},
        },
    )


_BASE = "/definitions/2020-09-01/productTypes"
OPERATIONS = (
    Operation(
        "searchDefinitionsProductTypes",
        "GET",
        _BASE,
        search,
        params=(
            Param("keywords", "list"),
            Param("marketplaceIds", "list", required=True),
            Param("itemName"),
            Param("locale"),
            Param("searchLocale"),
        ),
    ),
    Operation(
        "getDefinitionsProductType",
        "GET",
        _BASE + "/{productType}",
        definition,
        params=(
            Param("sellerId"),
            Param("marketplaceIds", "list", required=True),
            Param("productTypeVersion"),
            Param("requirements", allowed=REQUIREMENTS),
            Param("requirementsEnforced", allowed=("ENFORCED", "NOT_ENFORCED")),
            Param("locale"),
            Param("parentageLevel"),
        ),
    ),
)
