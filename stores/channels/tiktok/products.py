"""One product as TikTok Shop shows it: found by its number, or by the SKU under which we made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stores.channels.errors import NotFound, Refused, TryLater
from stores.channels.tiktok import client, codes, mapper, operations
from stores.channels.types import Account

DELETED = "DELETED"
MOST_SKUS_ASKED = 10  # in one search


def find(account: Account, shop: str, key: str, product_id: str) -> Mapping[str, Any]:
    """Return the product of a listing; ``NotFound`` when the shop has none of this number or SKU."""
    number = product_id or _number_of(account, shop, key)
    try:
        return client.call(account, operations.GET_PRODUCT, shop=shop, path={"product_id": number}).data
    except Refused as error:
        if error.code in {str(code) for code in codes.NO_PRODUCT}:
            raise NotFound(f"TikTok Shop does not know the product: {error}", code=error.code, request_id=error.request_id) from None
        raise


def _number_of(account: Account, shop: str, key: str) -> str:
    body = {"status": "ALL", "seller_skus": [key]}
    answer = client.call(account, operations.SEARCH_PRODUCTS, shop=shop, query={"page_size": "10"}, body=body)
    for product in _products_of(answer):
        if sku_of(product, key) is not None:
            return str(product.get("id") or "")
    raise NotFound("TikTok Shop knows no product with this SKU.", request_id=answer.request_id)


def keys_in_use(account: Account, shop: str, keys: Sequence[str]) -> frozenset[str]:
    """Return those of some keys that a product of the shop has."""
    found: set[str] = set()
    for start in range(0, len(keys), MOST_SKUS_ASKED):
        asked, token = list(keys[start : start + MOST_SKUS_ASKED]), ""
        while True:
            query = {"page_size": "100"} | ({"page_token": token} if token else {})
            answer = client.call(account, operations.SEARCH_PRODUCTS, shop=shop, query=query, body={"status": "ALL", "seller_skus": asked})
            for product in _products_of(answer):
                found |= {key for key in asked if sku_of(product, key) is not None}
            token = str(answer.data.get("next_page_token") or "")
            if not token:
                break
    return frozenset(found)


def _products_of(answer: client.Answer) -> list[Mapping[str, Any]]:
    """Return the products of a search that are not deleted."""
    told = answer.data.get("products")
    if told is not None and not isinstance(told, list):
        raise TryLater("TikTok Shop's answer holds no list of products. The hub tries again by itself.", request_id=answer.request_id)
    return [product for product in told or () if isinstance(product, dict) and product.get("status") != DELETED]


def find_sku(account: Account, shop: str, key: str, product_id: str) -> tuple[str, Mapping[str, Any]]:
    """Return the number of a listing's product, and its SKU; ``NotFound`` when the shop has no such product or SKU."""
    product = find(account, shop, key, product_id)
    sku = sku_of(product, key)
    if sku is None:
        raise NotFound("The product has no such SKU at TikTok Shop any more. Sync the store's products.", code="NoSku")
    return str(product.get("id") or product_id), sku


def sku_of(product: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    """Return the SKU of a product that a listing's key means."""
    skus = product.get("skus")
    for sku in skus if isinstance(skus, list) else ():
        if isinstance(sku, dict) and mapper.listing_key(str(sku.get("seller_sku") or "").strip(), str(sku.get("id") or "")) == key:
            return sku
    return None
