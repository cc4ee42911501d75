"""Product types at TikTok Shop: the leaves of its tree of categories, each with attributes and rules.

The tree has thousands of nodes and seldom changes, so it is read once a day and kept. Names of fields lead back: ``attribute.100157`` is a property
of the category, ``package.weight`` is what every product needs for its label.
"""

from __future__ import annotations

import contextlib
import hashlib
import zlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson
import redis
from django.utils.translation import gettext as _

from pod_hub.core.pace import scaled_s
from pod_hub.core.redis_client import redis_client
from stores.channels.errors import NotFound, Refused, TryLater
from stores.channels.publishing_types import FieldKind, FieldOption, Measure, ProductField, ProductType, ProductTypeOption, Size
from stores.channels.tiktok import client, codes, operations
from stores.channels.tiktok.markets import MARKETS, Market
from stores.channels.types import Account

MOST_FOUND = 50
MOST_PICTURES = 9
LONGEST_TITLE, LONGEST_DESCRIPTION = 255, 10_000
ATTRIBUTE, PACKAGE = "attribute.", "package."
SIDES = ("length", "width", "height")
_KEPT_S = 24 * 3600
_AVAILABLE = "AVAILABLE"
_UNITS = {"POUND": "lb", "KILOGRAM": "kg", "INCH": "in", "CENTIMETER": "cm"}


def market_of(_shop: str) -> Market:
    """Return the market of a shop. So far every shop that can be connected is of the first one."""
    return MARKETS[0]


def search(account: Account, shop: str, words: str) -> tuple[ProductTypeOption, ...]:
    """Return the leaves that fit some words: the one that TikTok recommends first, then those with every word in their path."""
    tree = _tree(account, shop)
    wanted = words.lower().split()
    leaves = [node for node in tree.values() if node["leaf"]]
    found = [node for node in leaves if all(word in _path(tree, node).lower() for word in wanted)]
    first = tree.get(_recommended(account, shop, words)) if wanted else None
    if first is not None and first["leaf"]:
        found = [first, *(node for node in found if node is not first)]
    return tuple(ProductTypeOption(id=node["id"], name=node["name"], path=_path(tree, node)) for node in found[:MOST_FOUND])


def _path(tree: Mapping[str, Any], node: Mapping[str, Any]) -> str:
    names: list[str] = []
    at: Mapping[str, Any] | None = node
    while at is not None and len(names) < 10:
        names.insert(0, at["name"])
        at = tree.get(at["parent"])
    return " > ".join(names)


def _recommended(account: Account, shop: str, words: str) -> str:
    body = {"product_title": words[:LONGEST_TITLE], "category_version": market_of(shop).category_version}
    try:
        answer = client.call(account, operations.RECOMMEND_CATEGORY, shop=shop, body=body)
    except Refused:
        return ""  # it recommends none; the search by words remains
    return str(answer.data.get("leaf_category_id") or "")


def _tree(account: Account, shop: str) -> Mapping[str, Any]:
    place = f"hub:tiktok:categories:{shop}"
    with contextlib.suppress(redis.RedisError, zlib.error, orjson.JSONDecodeError):
        kept: Any = redis_client().get(place)
        if kept:
            read: dict[str, Any] = orjson.loads(zlib.decompress(kept))
            return read
    answer = client.call(account, operations.CATEGORIES, shop=shop, query={"category_version": market_of(shop).category_version})
    told = answer.data.get("categories")
    if not isinstance(told, list):
        raise TryLater("TikTok Shop's answer holds no categories. The hub tries again by itself.", request_id=answer.request_id)
    tree = {
        str(one["id"]): {
            "id": str(one["id"]),
            "parent": str(one.get("parent_id") or ""),
            "name": str(one.get("local_name") or one["id"]),
            # Some categories take products only of sellers whom TikTok invited.
            "leaf": one.get("is_leaf") is True and _AVAILABLE in (one.get("permission_statuses") or (_AVAILABLE,)),
        }
        for one in told
        if isinstance(one, dict) and one.get("id")
    }
    with contextlib.suppress(redis.RedisError):
        redis_client().set(place, zlib.compress(orjson.dumps(tree)), px=max(1, int(scaled_s(_KEPT_S) * 1000)))
    return tree


def read(account: Account, shop: str, category: str, language: str) -> ProductType:
    """Return what TikTok asks for a category; ``Refused`` where it asks for documents that the hub cannot send."""
    market = market_of(shop)
    rules = _of_category(account, operations.CATEGORY_RULES, shop, category, language)
    _require_publishable(rules)
    attributes = _of_category(account, operations.ATTRIBUTES, shop, category, language).get("attributes")
    told = [one for one in attributes if isinstance(one, dict) and one.get("id")] if isinstance(attributes, list) else []
    fields = [*_attribute_fields(told), *_package_fields(market, rules)]
    node = _tree(account, shop).get(category, {})
    return ProductType(
        id=category,
        name=str(node.get("name") or category),
        version=f"{market.category_version}-{hashlib.sha256(orjson.dumps([told, rules])).hexdigest()[:12]}",
        fields=tuple(sorted(fields, key=lambda field: not field.required)),
        longest_title=LONGEST_TITLE,
        longest_description=LONGEST_DESCRIPTION,
        most_pictures=MOST_PICTURES,
    )


def sales_attributes(account: Account, shop: str, category: str) -> dict[str, dict[str, Any]]:
    """Return the attributes by which a category tells SKUs apart, by name in small letters: ``id``, and ``values`` with their numbers, named likewise."""
    told = _of_category(account, operations.ATTRIBUTES, shop, category, "").get("attributes")
    return {
        str(one.get("name") or "").casefold(): {
            "id": str(one["id"]),
            "values": {
                str(value.get("name") or "").casefold(): str(value["id"])
                for value in one.get("values") or ()
                if isinstance(value, dict) and value.get("id")
            },
        }
        for one in (told if isinstance(told, list) else ())
        if isinstance(one, dict) and one.get("id") and one.get("type") == "SALES_PROPERTY"
    }


def _of_category(account: Account, operation: operations.Operation, shop: str, category: str, language: str) -> Mapping[str, Any]:
    query = {"category_version": market_of(shop).category_version} | ({"locale": language} if language else {})
    try:
        return client.call(account, operation, shop=shop, path={"category_id": category}, query=query).data
    except Refused as error:
        if error.code in {str(code) for code in codes.NO_CATEGORY}:
            raise NotFound(f"TikTok Shop has no such category for products: {error}", code=error.code, request_id=error.request_id) from None
        raise


def _require_publishable(rules: Mapping[str, Any]) -> None:
    certificates = rules.get("product_certifications")
    demanded = (
        [str(one.get("name") or "") for one in certificates if isinstance(one, dict) and one.get("is_required") is True] if certificates else []
    )
    for name in ("size_chart", "responsible_person", "manufacturer"):
        rule = rules.get(name)
        if isinstance(rule, dict) and rule.get("is_required") is True:
            demanded.append(name.replace("_", " "))
    if demanded:
        raise Refused(
            f"TikTok Shop asks for documents in this category that cannot be sent from here ({', '.join(demanded)}). "
            "Choose another category, or add the product in Seller Center and connect it.",
            code="DocumentsNeeded",
        )


def _attribute_fields(told: Sequence[Mapping[str, Any]]) -> list[ProductField]:
    """Return the product's own properties. What tells SKUs apart is left out: ``variants`` fills that in."""
    return [_attribute_field(one) for one in told if one.get("type") == "PRODUCT_PROPERTY"]


def _attribute_field(told: Mapping[str, Any]) -> ProductField:
    values = told.get("values")
    options = tuple(
        FieldOption(str(value["id"]), str(value.get("name") or value["id"]))
        for value in (values if isinstance(values, list) else ())
        if isinstance(value, dict) and value.get("id")
    )
    single = FieldKind.CHOICE if options else FieldKind.TEXT
    return ProductField(
        name=f"{ATTRIBUTE}{told['id']}",
        label=str(told.get("name") or told["id"]),
        kind=FieldKind.SEVERAL if told.get("is_multiple_selection") is True else single,
        required=told.get("is_requried") is True or told.get("is_required") is True,  # the first spelling is TikTok's
        options=options,
        open_choice=bool(options) and told.get("is_customizable") is True,
    )


def _package_fields(market: Market, rules: Mapping[str, Any]) -> list[ProductField]:
    rule = rules.get("package_dimension")
    sides = not isinstance(rule, dict) or rule.get("is_required") is not False
    weight, length = _UNITS[market.weight_unit], _UNITS[market.length_unit]
    group, labels = _("Packed, ready to send"), {"length": _("Packed length"), "width": _("Packed width"), "height": _("Packed height")}
    return [
        ProductField(
            f"{PACKAGE}weight",
            _("Packed weight"),
            FieldKind.NUMBER,
            required=True,
            unit=weight,
            smallest=Decimal("0.01"),
            example="0.9",
            group=group,
            measure=Measure(Size.WEIGHT, weight),
        ),
        *(
            ProductField(
                f"{PACKAGE}{side}",
                labels[side],
                FieldKind.NUMBER,
                required=sides,
                unit=length,
                smallest=Decimal(1),
                help=_("A whole number; round up."),
                group=group,
                measure=Measure(Size(side), length, places=0),
            )
            for side in SIDES
        ),
    ]
