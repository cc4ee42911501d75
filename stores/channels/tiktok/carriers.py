"""Shipping providers: which carriers TikTok Shop takes for an order, by its way of delivery. A carrier outside the list is not possible."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import orjson
import redis
from django.conf import settings

from pod_hub.core.pace import scaled_s
from pod_hub.core.redis_client import redis_client
from stores.channels.errors import Refused
from stores.channels.telling_types import CarrierOption
from stores.channels.tiktok import client, operations
from stores.channels.types import Account

_KEEP_S = 24 * 3600  # "cache a day"
_NO_PROVIDERS = frozenset({"21008116", "21008117"})  # nothing subscribed; TikTok delivers itself


def providers(account: Account, *, shop: str, delivery_option: str) -> tuple[CarrierOption, ...]:
    """Return the providers of one way of delivery; empty where TikTok delivers by itself. Asked once a day."""
    place = f"hub:tiktok:providers:{settings.TIKTOK_APP_KEY}:{shop}:{delivery_option}"
    known: Any = None
    with contextlib.suppress(redis.RedisError):
        known = redis_client().get(place)
    if known:
        return tuple(CarrierOption(id=one[0], name=one[1]) for one in orjson.loads(known))
    try:
        answer = client.call(account, operations.SHIPPING_PROVIDERS, shop=shop, path={"delivery_option_id": delivery_option})
    except Refused as error:
        if error.code in _NO_PROVIDERS:
            return ()
        raise
    listed = answer.data.get("shipping_providers")
    found = tuple(
        CarrierOption(id=str(one["id"]), name=str(one.get("name") or one["id"]))
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict) and one.get("id")
    )
    if found:
        with contextlib.suppress(redis.RedisError):
            redis_client().set(place, orjson.dumps([[one.id, one.name] for one in found]), px=max(1, int(scaled_s(_KEEP_S) * 1000)))
    return found


def provider_for(account: Account, *, shop: str, delivery_option: str, carrier_id: str, code: str, name: str) -> CarrierOption:
    """Return the provider for a package: the one somebody mapped the carrier to, else the one of the same name. Raises ``Refused``."""
    offered = providers(account, shop=shop, delivery_option=delivery_option)
    if carrier_id:
        mapped = next((one for one in offered if one.id == carrier_id), None)
        if mapped is None:
            raise Refused(
                "TikTok Shop no longer takes the carrier that yours was mapped to. Map it anew under Settings > Carriers, then send it again.",
                code="CarrierUnknown",
            )
        return mapped
    wanted = {_plain(code), _plain(name)} - {""}
    same = [one for one in offered if _plain(one.name) in wanted]
    if len(same) == 1:
        return same[0]
    names = ", ".join(one.name for one in offered) or "none"
    raise Refused(
        f"TikTok Shop has no carrier “{name or code}” for this order (it takes: {names[:300]}). Map it under Settings > Carriers, then send it again.",
        code="CarrierUnknown",
    )


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
