"""Returns and refunds: listed apart from orders, shop by shop. They are shown; deciding happens in the Seller Center."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from stores.channels.errors import Refused, TryLater
from stores.channels.telling_types import SeenReturn
from stores.channels.tiktok import client, operations
from stores.channels.types import Account

PAGE_SIZE = 50


def returns_page(account: Account, *, shops: Sequence[str], since: datetime, page: str) -> tuple[tuple[SeenReturn, ...], str]:
    """Return one page of one shop's returns and where to go on."""
    shop, token = _position(page, shops)
    query = {"page_size": str(PAGE_SIZE), "sort_field": "update_time", "sort_order": "ASC"} | ({"page_token": token} if token else {})
    answer = client.call(account, operations.SEARCH_RETURNS, shop=shop, query=query, body={"update_time_ge": int(since.timestamp())})
    found = answer.data.get("return_orders")
    if found is not None and not isinstance(found, list):
        raise TryLater("TikTok Shop's answer holds no list of returns. The hub tries again by itself.", request_id=answer.request_id)
    read = tuple(seen for one in (found or []) if isinstance(one, Mapping) and (seen := _return(shop, one)) is not None)
    if following := str(answer.data.get("next_page_token") or ""):
        return read, orjson.dumps([shop, following]).decode()
    rest = list(shops)[list(shops).index(shop) + 1 :]
    return read, orjson.dumps([rest[0], ""]).decode() if rest else ""


def _position(page: str, shops: Sequence[str]) -> tuple[str, str]:
    if not page:
        return shops[0], ""
    try:
        shop, token = orjson.loads(page)
        if shop in shops and isinstance(token, str):
            return str(shop), token
    except (orjson.JSONDecodeError, TypeError, ValueError):
        pass
    raise Refused("The reading of returns was interrupted by a change of the shops. It begins again.", code="PageUnknown")


def _return(shop: str, told: Mapping[str, Any]) -> SeenReturn | None:
    """Read leniently: pages of TikTok's spell some states differently, and nothing is decided here."""
    if not told.get("return_id") or not told.get("order_id"):
        return None
    lines = told.get("return_line_items")
    actions = told.get("seller_next_action_response")
    deadlines = [
        moment for one in (actions if isinstance(actions, list) else []) if isinstance(one, Mapping) and (moment := _moment(one.get("deadline")))
    ]
    opened = _moment(told.get("create_time")) or datetime.fromtimestamp(0, UTC)
    return SeenReturn(
        number=str(told["return_id"]),
        external_id=str(told["order_id"]),
        marketplace=shop,
        kind=str(told.get("return_type") or ""),
        status=str(told.get("return_status") or ""),
        reason=str(told.get("return_reason_text") or told.get("return_reason") or ""),
        units=tuple(
            str(one["order_line_item_id"])
            for one in (lines if isinstance(lines, list) else [])
            if isinstance(one, Mapping) and one.get("order_line_item_id")
        ),
        opened_at=opened,
        changed_at=_moment(told.get("update_time")) or opened,
        tracking_number=str(told.get("return_tracking_number") or ""),
        carrier=str(told.get("return_provider_name") or ""),
        answer_by=min(deadlines) if deadlines else None,
    )


def _moment(seconds: object) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 < seconds < 1 << 40:
        return None
    return datetime.fromtimestamp(seconds, UTC)
