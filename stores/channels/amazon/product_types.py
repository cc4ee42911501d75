"""Amazon's product types: found by words, and read from the schema that their definition links to.

A schema holds up to a megabyte of text and changes rarely, so it is kept in Redis, named by the version of its product type.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import zlib
from collections.abc import Mapping
from typing import Any

import orjson
import redis
from sp_api.api import ProductTypeDefinitions

from pod_hub.core import http
from pod_hub.core.pace import scaled_s
from pod_hub.core.redis_client import redis_client
from stores.channels.amazon import client, rates
from stores.channels.amazon.listings import under_imitation
from stores.channels.amazon.product_fields import fields_of, locale_of
from stores.channels.errors import Refused, TryLater
from stores.channels.publishing_types import ProductType, ProductTypeOption
from stores.channels.types import Account

SCHEMA_BYTES = 16 * 1024 * 1024
KEPT_S = 7 * 24 * 3600
MOST_OPTIONS = 50
MOST_PICTURES = 9
_AGAIN = "The hub tries again by itself."


def search(account: Account, marketplace: str, words: str) -> tuple[ProductTypeOption, ...]:
    """See ``Publishes.product_types``: one call of searchDefinitionsProductTypes."""
    keywords = ",".join(words.split()[:10])
    answer = client.call(
        account,
        rates.SEARCH_PRODUCT_TYPES,
        ProductTypeDefinitions,
        lambda api: api.search_definitions_product_types(marketplaceIds=marketplace, **({"keywords": keywords} if keywords else {})),
    )
    found = answer.body.get("productTypes")
    if not isinstance(found, list):
        raise TryLater(f"Amazon's answer holds no list of product types. {_AGAIN}", request_id=answer.request_id)
    named = [one for one in found if isinstance(one, dict) and one.get("name")]
    return tuple(ProductTypeOption(str(one["name"]), str(one.get("displayName") or one["name"])) for one in named[:MOST_OPTIONS])


def read(account: Account, marketplace: str, product_type: str, language: str) -> ProductType:
    """See ``Publishes.product_type``: one call of getDefinitionsProductType, and the download of its schema unless it is kept."""
    told = _definition(account, marketplace, product_type, language)
    schema = _schema_of(told, marketplace, product_type)
    groups = told.get("propertyGroups")
    return ProductType(
        id=product_type,
        name=str(told.get("displayName") or product_type),
        version=_version(told),
        fields=fields_of(schema, groups if isinstance(groups, dict) else {}),
        longest_title=_longest(schema, "item_name"),
        longest_description=_longest(schema, "product_description"),
        most_pictures=MOST_PICTURES,
    )


def schema(account: Account, marketplace: str, product_type: str, version: str) -> Mapping[str, Any]:
    """Return the schema a draft was filled in by, where it is still kept, or else the newest one."""
    known = _kept(marketplace, product_type, version)
    return known if known is not None else _schema_of(_definition(account, marketplace, product_type, ""), marketplace, product_type)


def field_names(of: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of a schema's fields."""
    return tuple(field.name for field in fields_of(of, {}))


def _definition(account: Account, marketplace: str, product_type: str, language: str) -> Mapping[str, Any]:
    locale = {"locale": locale_of(language)} if language else {}
    answer = client.call(
        account,
        rates.GET_PRODUCT_TYPE,
        ProductTypeDefinitions,
        lambda api: api.get_definitions_product_type(
            product_type, marketplaceIds=marketplace, requirements="LISTING", requirementsEnforced="ENFORCED", **locale
        ),
    )
    if not isinstance(answer.body.get("schema"), dict):
        raise TryLater(f"Amazon's definition of {product_type} links to no schema. {_AGAIN}", request_id=answer.request_id)
    return answer.body


def _version(told: Mapping[str, Any]) -> str:
    version = told.get("productTypeVersion")
    return str(version.get("version", "")) if isinstance(version, dict) else ""


def _longest(schema: Mapping[str, Any], name: str) -> int | None:
    value = schema.get("properties", {}).get(name, {}).get("items", {}).get("properties", {}).get("value", {})
    longest = value.get("maxLength")
    return longest if isinstance(longest, int) else None


def _schema_of(told: Mapping[str, Any], marketplace: str, product_type: str) -> Mapping[str, Any]:
    version = _version(told)
    known = _kept(marketplace, product_type, version)
    if known is not None:
        return known
    link, checksum = told["schema"].get("link") or {}, told["schema"].get("checksum")
    content = _download(str(link.get("resource") or ""), product_type)
    # Amazon's own choice of hash; it tells a broken transfer, not an attacker.
    if base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode() != checksum:
        raise TryLater(f"Amazon's list of attributes for {product_type} arrived damaged. {_AGAIN}")
    read = client.read_json(content)
    if not isinstance(read, dict) or not isinstance(read.get("properties"), dict):
        raise Refused(
            f"Amazon's list of attributes for {product_type} has another shape than expected. Choose another product type.", code="SchemaUnknown"
        )
    with contextlib.suppress(redis.RedisError):
        redis_client().set(_place(marketplace, product_type, version), zlib.compress(content), px=max(1, int(scaled_s(KEPT_S) * 1000)))
    return read


def _download(url: str, product_type: str) -> bytes:
    try:
        if not under_imitation(url):
            http.require_public_https(url)
        # No access token goes along: the address is signed.
        return http.request("GET", url, service="Amazon", template="product type schema", max_bytes=SCHEMA_BYTES).content
    except http.UnsafeAddress as error:
        raise Refused(
            f"Amazon's list of attributes for {product_type} is at an address the hub does not open. {error}", code="SchemaAddress"
        ) from error
    except http.HttpError as error:
        raise TryLater(f"Amazon's list of attributes for {product_type} could not be downloaded (status {error.status}). {_AGAIN}") from None
    except http.ExchangeFailed:
        raise TryLater(f"The download of Amazon's list of attributes for {product_type} broke off. {_AGAIN}") from None


def _place(marketplace: str, product_type: str, version: str) -> str:
    return f"hub:amazon:schema:{marketplace}:{product_type}:{version}"


def _kept(marketplace: str, product_type: str, version: str) -> Mapping[str, Any] | None:
    if not version:
        return None
    try:
        kept: Any = redis_client().get(_place(marketplace, product_type, version))
        found: Mapping[str, Any] | None = orjson.loads(zlib.decompress(kept)) if kept else None
    except (redis.RedisError, zlib.error, orjson.JSONDecodeError):
        return None
    return found
