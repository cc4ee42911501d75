"""Telling TikTok Shop how many of a listing can be bought and how soon they are sent, without an audit.

An update has to name every warehouse that stocks the SKU, so the others go along with what they show.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stores.channels.errors import NotFound, Refused
from stores.channels.publishing_types import StockNotice
from stores.channels.telling_types import Receipt
from stores.channels.tiktok import client, operations, products
from stores.channels.types import Account

_DEFAULT_PLACE = "DEFAULT"  # what stores are set to that name no place; warehouses have numbers


def warehouse(place: str) -> str:
    """Return the number of the warehouse that a store's settings name; empty for the shop's default one."""
    return "" if place == _DEFAULT_PLACE else place


def push(account: Account, notice: StockNotice, shop: str) -> Receipt:
    """See ``PushesStock.push_stock``."""
    product_id, sku, places = _stock(account, notice, shop)
    wanted: dict[str, Any] = {"quantity": notice.quantity}
    if notice.handling_days is not None:
        wanted["handling_time"] = notice.handling_days
    wished = warehouse(notice.stock_place)
    at = _place(places, wished)
    if at is not None:
        sent = [{**_told(one), **(wanted if one is at else {})} for one in places]
    else:
        sent = [*(_told(one) for one in places), wanted | ({"warehouse_id": wished} if wished else {})]
    body = {"skus": [{"id": str(sku["id"]), "inventory": sent}]}
    answer = client.call(account, operations.UPDATE_INVENTORY, shop=shop, path={"product_id": product_id}, body=body)
    errors = answer.data.get("errors")
    if errors:
        raise Refused(f"TikTok Shop refused the stock: {_words(errors)}", code=_code(errors), request_id=answer.request_id, status=answer.status)
    return Receipt(request_id=answer.request_id, status=answer.status)


def shown(account: Account, notice: StockNotice, shop: str) -> StockNotice:
    """See ``PushesStock.stock_of``."""
    product_id, _sku, places = _stock(account, notice, shop)
    at = _place(places, warehouse(notice.stock_place))
    if at is None:
        raise NotFound(
            f"TikTok Shop shows no stock at “{warehouse(notice.stock_place) or 'the default warehouse'}” for this listing. Check the store's settings.",
            code="NoStockHere",
        )
    quantity, days = at.get("quantity"), at.get("handling_time")
    return StockNotice(
        key=notice.key,
        product_id=product_id,
        quantity=quantity if isinstance(quantity, int) else 0,
        handling_days=days if isinstance(days, int) else None,
        stock_place=notice.stock_place,
        product_type=notice.product_type,
    )


def _stock(account: Account, notice: StockNotice, shop: str) -> tuple[str, Mapping[str, Any], list[Mapping[str, Any]]]:
    product_id, sku = products.find_sku(account, shop, notice.key, notice.product_id)
    places = sku.get("inventory")
    return product_id, sku, [one for one in places if isinstance(one, dict)] if isinstance(places, list) else []


def _place(places: list[Mapping[str, Any]], wanted: str) -> Mapping[str, Any] | None:
    """Return the stock at a warehouse; without one named, at the first that TikTok shows, which is the default one."""
    return next((one for one in places if not wanted or one.get("warehouse_id") == wanted), None)


def _told(place: Mapping[str, Any]) -> dict[str, Any]:
    return {name: place[name] for name in ("warehouse_id", "quantity", "backorder_quantity", "handling_time") if place.get(name) is not None}


def _extra(errors: Any) -> list[Mapping[str, Any]]:
    """Return the innermost errors: those of a warehouse where there are some."""
    found: list[Mapping[str, Any]] = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    inner: list[Mapping[str, Any]] = [
        extra for one in found for extra in ((one.get("detail") or {}).get("extra_errors") or ()) if isinstance(extra, dict)
    ]
    return inner or found


def _words(errors: Any) -> str:
    return " ".join(str(one.get("message") or "") for one in _extra(errors))[:500] or "no reason was given"


def _code(errors: Any) -> str:
    return next((str(one.get("code") or "") for one in _extra(errors)), "")
