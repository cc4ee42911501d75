"""Telling TikTok Shop what a listing is sold for, without an audit: one SKU of its product, the others are left alone."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from stores.channels.errors import NotFound
from stores.channels.publishing_types import PriceNotice
from stores.channels.telling_types import Receipt
from stores.channels.tiktok import client, operations, products
from stores.channels.types import Account, Amount


def push(account: Account, notice: PriceNotice, shop: str) -> Receipt:
    """See ``PushesPrices.push_price``. A SKU in a running promotion is refused (12052038)."""
    product_id, sku = products.find_sku(account, shop, notice.key, notice.product_id)
    price = {"amount": f"{notice.price.value:.2f}", "currency": notice.price.currency}
    body = {"skus": [{"id": str(sku["id"]), "price": price}]}
    answer = client.call(account, operations.UPDATE_PRICES, shop=shop, path={"product_id": product_id}, body=body)
    return Receipt(request_id=answer.request_id, status=answer.status)


def shown(account: Account, notice: PriceNotice, shop: str) -> PriceNotice:
    """See ``PushesPrices.price_of``: ``sale_price``, which is the price on the product's page before any discounts."""
    _product_id, sku = products.find_sku(account, shop, notice.key, notice.product_id)
    price = sku.get("price")
    found = _amount(price if isinstance(price, dict) else {})
    if found is None:
        raise NotFound("TikTok Shop shows no price for this listing. Look at the product in Seller Center.", code="NoPriceHere")
    return PriceNotice(notice.key, notice.product_id, found, notice.product_type)


def _amount(price: Mapping[str, Any]) -> Amount | None:
    try:
        return Amount(Decimal(str(price["sale_price"])).quantize(Decimal("0.01")), str(price["currency"]))
    except (KeyError, InvalidOperation):
        return None
