"""What TikTok demands of a product before it may be listed: one rule after the other, each with its documented code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from stores.sandbox.tiktok.books import Books
from stores.sandbox.tiktok.categories import CATEGORIES, version_for
from stores.sandbox.tiktok.seller_records import Shop

CURRENCIES = {"US": "USD", "GB": "GBP"}
DEAREST = Decimal(7600)  # list prices say [0.01, 7600]; [L] the same for prices
SKUS_LIMIT = 300
LONGEST_ATTRIBUTE, LONGEST_VALUE = 20, 50  # names of the seller's own
IMAGE_TAG = re.compile(r"<img\b[^>]*?src=[\"']([^\"']*)[\"']", re.IGNORECASE)
HANDLING_DAYS = {"MADE_TO_ORDER": (3, 14), "CUSTOM": (3, 30), "PRE_ORDER": (3, 30)}


def problems(books: Books, shop: Shop, given: Mapping[str, Any], *, base_url: str, draft: bool = False) -> Iterator[int]:
    """Yield the codes of everything wrong with a product, the gravest first. A draft may be incomplete."""
    if shop.seller_type != "LOCAL":
        yield 12052701
    yield from _category(shop, given)
    yield from _texts(given, base_url)
    yield from _pictures(books, given)
    if not draft or "package_weight" in given:
        yield from _parcel(given)
    if not draft:
        yield from _attributes(given)
    yield from _skus(books, shop, given["skus"])


def _category(shop: Shop, given: Mapping[str, Any]) -> Iterator[int]:
    if "category_version" in given and given["category_version"] != version_for(shop):
        yield 12052217
    category = CATEGORIES.get(given["category_id"])
    if category is None:
        yield 12052023
    elif not category.is_leaf:
        yield 12052024
    elif category.permission != "AVAILABLE":
        yield 12052223


def _texts(given: Mapping[str, Any], base_url: str) -> Iterator[int]:
    if not given["title"].strip():
        yield 12052261
    if len(given["title"]) > 255:
        yield 12052051
    if not given["description"].strip():
        yield 12052015
    if len(given["description"]) > 10_000:
        yield 12052013
    sources = IMAGE_TAG.findall(given["description"])
    if len(sources) > 30:
        yield 12052056
    if any(not source.startswith(f"{base_url}/images/") for source in sources):
        yield 12052340


def _pictures(books: Books, given: Mapping[str, Any]) -> Iterator[int]:
    if not given["main_images"]:
        yield 12052028
    if len(given["main_images"]) > 9:
        yield 12052306
    if any(not _is_image(books, row, "MAIN_IMAGE") for row in given["main_images"]):
        yield 12052300


def _is_image(books: Books, row: Mapping[str, Any], use_case: str) -> bool:
    image = books.image(row["uri"])
    return image is not None and image.use_case in (use_case, "MAIN_IMAGE")


def _parcel(given: Mapping[str, Any]) -> Iterator[int]:
    weight = given["package_weight"]
    amount = _decimal(weight["value"])
    if weight["unit"] not in ("KILOGRAM", "POUND") or amount is None or amount < 0:
        yield 12019011
    elif amount == 0:
        yield 12052181
    size = given.get("package_dimensions")
    if size is None:
        yield 12052116
        return
    for name, code in (("height", 12052003), ("width", 12052004), ("length", 12052005)):
        if not re.fullmatch(r"[1-9]\d*", size[name]):
            yield code
    if (weight["unit"], size["unit"]) not in (("KILOGRAM", "CENTIMETER"), ("POUND", "INCH")):
        yield 12052915


def _attributes(given: Mapping[str, Any]) -> Iterator[int]:
    category = CATEGORIES.get(given["category_id"])
    if category is None:
        return
    known = {row.id: row for row in category.attributes if not row.sales}
    answered = {row["id"]: row["values"] for row in given.get("product_attributes", [])}
    if any(attribute.required and not answered.get(attribute.id) for attribute in known.values()):
        yield 12052104
    for attribute_id, values in answered.items():
        attribute = known.get(attribute_id)
        ids = {value_id for value_id, _name in attribute.values} if attribute else set()
        if attribute is None or any(value.get("id") and value["id"] not in ids for value in values):
            yield 12052529
        elif len(values) > 1 and not attribute.multiple:
            yield 12052246


def _skus(books: Books, shop: Shop, skus: list[Mapping[str, Any]]) -> Iterator[int]:
    if not skus:
        yield 12052910
    if len(skus) > SKUS_LIMIT:
        yield 12052050
    for sku in skus:
        yield from _one_sku(books, shop, sku)
    yield from _variants(skus)


def _one_sku(books: Books, shop: Shop, sku: Mapping[str, Any]) -> Iterator[int]:
    seller_sku = sku.get("seller_sku", "")
    if len(seller_sku) > 50:
        yield 12052054
    if re.search(r"\s", seller_sku):
        yield 12052910
    if "price" in sku:
        yield from price_problems(shop, sku["price"])
    for row in sku.get("inventory", []):
        yield from stock_problems(shop, row, lowest=0 if row.get("backorder_quantity") else 1)
    yield from _pre_sale(sku.get("pre_sale"))
    pictures = [row["sku_img"] for row in sku.get("sales_attributes", []) if "sku_img" in row]
    if any(not _is_image(books, row, "ATTRIBUTE_IMAGE") for row in pictures):
        yield 12052520


def price_problems(shop: Shop, price: Mapping[str, str]) -> Iterator[int]:
    """Yield what is wrong with a SKU's price."""
    if price["currency"] != CURRENCIES.get(shop.region, "USD"):
        yield 12052084
    amount = _decimal(price.get("amount", ""))
    if amount is None or not Decimal("0.01") <= amount <= DEAREST or amount != amount.quantize(Decimal("0.01")):
        yield 12052073


def stock_problems(shop: Shop, row: Mapping[str, Any], *, lowest: int) -> Iterator[int]:
    """Yield what is wrong with a SKU's stock in one warehouse."""
    warehouse = next((place for place in shop.warehouses if place.warehouse_id == row.get("warehouse_id")), None)
    if warehouse is None:
        yield 12052530
    elif warehouse.kind != "SALES_WAREHOUSE":
        yield 12052532
    if not lowest <= row.get("quantity", 0) <= 99_999:
        yield 12052055
    if "handling_time" in row and not 1 <= row["handling_time"] <= 30:
        yield 12052490


def _pre_sale(given: Mapping[str, Any] | None) -> Iterator[int]:
    if given is None:
        return
    span = HANDLING_DAYS.get(given.get("type", ""))
    if span is None:
        yield 12019096
        return
    days = given.get("fulfillment_type", {}).get("handling_duration_days", 0)
    if given["type"] != "PRE_ORDER" and not span[0] <= days <= span[1]:
        yield 12052269 if days else 12019098


def _variants(skus: list[Mapping[str, Any]]) -> Iterator[int]:
    combinations: list[tuple[tuple[str, str], ...]] = []
    for sku in skus:
        rows = sku.get("sales_attributes", [])
        names = [row.get("id") or row.get("name") or "" for row in rows]
        values = [row.get("value_id") or row.get("value_name") or "" for row in rows]
        if "" in names:
            yield 12052241
        if "" in values:
            yield 12052248
        if any(len(row.get("name", "")) > LONGEST_ATTRIBUTE for row in rows if not row.get("id")):
            yield 12052242
        if any(len(row.get("value_name", "")) > LONGEST_VALUE for row in rows if not row.get("value_id")):
            yield 12052249
        if len(names) != len(set(names)):
            yield 12052560
        if len(names) > 3:
            yield 12052525
        combinations.append(tuple(sorted(zip(names, values, strict=True))))
    if (len(skus) > 1 and len({tuple(name for name, _value in row) for row in combinations}) > 1) or (len(skus) > 1 and not combinations[0]):
        yield 12052550
    if len(set(combinations)) != len(combinations):
        yield 12052251


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text) if re.fullmatch(r"\d{1,9}(\.\d{1,3})?", text) else None
    except InvalidOperation:
        return None
