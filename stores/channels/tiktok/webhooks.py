"""Webhooks: what TikTok Shop tells by itself. Signed over the raw bytes, sent again for half a day, in any order, now and then twice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from django.conf import settings

from stores.channels.tiktok.signing import is_genuine
from stores.channels.types import Notice, NoticeAbout

# Type → (TikTok's name, what it is about, where its data names the object). Others are kept and answered, and nothing follows from them.
TYPES: Mapping[int, tuple[str, NoticeAbout, str]] = {
    1: ("ORDER_STATUS_CHANGE", NoticeAbout.ORDER, "order_id"),
    3: ("RECIPIENT_ADDRESS_UPDATE", NoticeAbout.ORDER, "order_id"),
    4: ("PACKAGE_UPDATE", NoticeAbout.ORDER, "package_list"),
    5: ("PRODUCT_STATUS_CHANGE", NoticeAbout.PRODUCT, "product_id"),
    6: ("SELLER_DEAUTHORIZATION", NoticeAbout.DEAUTHORISED, ""),
    7: ("UPCOMING_AUTHORIZATION_EXPIRATION", NoticeAbout.EXPIRING, ""),
    11: ("CANCELLATION_STATUS_CHANGE", NoticeAbout.ORDER, "order_id"),
    12: ("RETURN_STATUS_CHANGE", NoticeAbout.RETURN, "order_id"),
    15: ("PRODUCT_INFORMATION_CHANGE", NoticeAbout.PRODUCT, "product_id"),
    16: ("PRODUCT_CREATION", NoticeAbout.PRODUCT, "product_id"),
    18: ("PRODUCT_CATEGORY_CHANGE", NoticeAbout.PRODUCT, "product_id"),
    27: ("INVENTORY_STATUS_CHANGE", NoticeAbout.PRODUCT, "product_id"),
    37: ("PRODUCT_AUDIT_STATUS_CHANGE", NoticeAbout.PRODUCT, "product_id"),
}


class TikTokNotices:
    """Implements ``Notices``."""

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Compare the header ``Authorization`` with our own signature of the raw body."""
        signature = headers.get("authorization", "")
        return bool(settings.TIKTOK_APP_SECRET) and is_genuine(
            signature, secret=settings.TIKTOK_APP_SECRET, app_key=settings.TIKTOK_APP_KEY, body=body
        )

    def read(self, body: bytes) -> Notice:
        """Read type, shop, number and what it is about. Numbers may come as JSON integers, so everything becomes text at once."""
        try:
            told = orjson.loads(body)
        except orjson.JSONDecodeError:
            told = None
        told = told if isinstance(told, dict) else {}
        kind = told.get("type")
        known = TYPES.get(kind) if isinstance(kind, int) and not isinstance(kind, bool) else None
        name, about, where = known or (_text(kind)[:40] or "unreadable", NoticeAbout.NOTHING, "")
        data = told.get("data")
        data = data if isinstance(data, dict) else {}
        return Notice(
            # Type 3 has no number in the official sample; the same bytes are then the same notice.
            key=_text(told.get("tts_notification_id"))[:80] or f"sha256:{hashlib.sha256(body).hexdigest()}",
            shop=_text(told.get("shop_id"))[:24],
            topic=name,
            about=about,
            subjects=_subjects(data, where),
            told_at=_moment(told.get("timestamp")),
            ends_at=_moment(data.get("expiration_time")) if about is NoticeAbout.EXPIRING else None,
        )


def _subjects(data: Mapping[str, Any], where: str) -> tuple[str, ...]:
    if where == "package_list":
        packages = data.get(where)
        orders = [one.get("order_id_list") for one in packages if isinstance(one, dict)] if isinstance(packages, list) else []
        found = [_text(number) for numbers in orders if isinstance(numbers, list) for number in numbers]
    else:
        found = [_text(data.get(where))] if where else []
    return tuple(dict.fromkeys(number[:80] for number in found if number))[:100]


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.replace("\0", "").strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _moment(value: object) -> datetime | None:
    """Read Unix seconds, as a number or as text; anything else is no time."""
    text = _text(value)
    if not text.isdecimal() or len(text) > 11:
        return None
    return datetime.fromtimestamp(int(text), UTC)
