"""The demo's TikTok Shop: a seller who consents on the imitation's own page, and buyers whose orders are of every kind that matters.

Nothing here writes an order or a listing: the imitation sells, and the hub syncs, polls, asks and hears of it as it would from TikTok.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from django.conf import settings

from orders.services.asking import Asked, ask_for
from pod_hub.accounts.models import Psp
from pod_hub.core.tenancy import tenant
from stores.channels.registry import ChannelKind, consent_for, marketplace_info
from stores.models import Authorization, Store
from stores.services.authorizations import attach_grant
from stores.services.connecting import check_place
from stores.services.syncing import start_sync

SELLER, SHOP = "7010000000000000101", "7495000000000000101"  # Ada's, in the imitation's cast
MUG, TEE, NAMED, BY_TIKTOK = "MUG-11OZ-WHITE", "TEE-CLASSIC-M", "MUG-NAME/ÄÖÜ-1", "FBT-MUG-NAVY"
PLACE = "US"


def connect(psp_id: int, store: Store) -> bool:
    """Have the seller consent on the imitation's page, exchange the code, connect the store and start its first sync.

    False when there is no imitation, or the seller is connected already.
    """
    with tenant(psp_id):
        if not settings.TIKTOK_SANDBOX_URL or Authorization.objects.filter(kind=ChannelKind.TIKTOK, account_id=SELLER).exists():
            return False
    place = marketplace_info(ChannelKind.TIKTOK, PLACE)
    if place is None:
        raise RuntimeError(f"TikTok Shop has no marketplace {PLACE}.")
    consent = consent_for(ChannelKind.TIKTOK)
    answer = httpx.post(consent.consent_url(marketplace=PLACE, state="demo"), data={"open_id": SELLER, "answer": "allow"}, timeout=10)
    code = dict(parse_qsl(urlsplit(answer.headers["location"]).query))["code"]
    grant = consent.exchange(code=code, account_id="", region=place.region)
    found = check_place(ChannelKind.TIKTOK, grant=grant, place=place, key=f"demo-{store.pk}")
    with tenant(psp_id):
        attach_grant(store_id=store.pk, grant=grant, region=place.region, account_name=found.name, shops=found.shops)
        start_sync(store_id=store.pk)
    return True


def buy_and_ask(psp: Psp) -> None:
    """Let buyers buy, wish, and send back. The order on hold comes last, because its hour of remorse runs from now on.

    The order that comes back is in the hub before it leaves: the hub imports none that it first sees shipped.
    """
    _buy(MUG, quantity=3, buyer_name="Dana Doyle", buyer_message="One box, please.", holds=False)
    _buy(TEE, buyer_name="Carl Cho", holds=False)
    _buy(NAMED, personalisation="For Zoë", buyer_name="Zoë Zimmer", holds=False)
    _buy(BY_TIKTOK, buyer_name="Fay Fuller", holds=False)
    _buy(MUG, buyer_name="Lou Label", shipping_type="TIKTOK", holds=False)
    masked = _buy(MUG, buyer_name="Mia Masked", holds=False)
    _ask("/scenarios", {"name": "address_masked", "times": None, "order_id": masked})
    _act(_buy(MUG, buyer_name="Wes Wish", holds=False), "request-cancellation", reason="")
    returned = _buy(MUG, buyer_name="Rae Return", holds=False)
    answer = ask_for(returned, psp)
    if answer.outcome != Asked.IMPORTED:
        raise RuntimeError(f"The order that comes back is not in the hub: {answer.words}")
    _act(returned, "ship", tracking_number="9400110200881234567890")
    for step in ("collect", "deliver"):
        _act(returned, step)
    _act(returned, "request-return", note="The handle is chipped.")
    _buy(MUG, buyer_name="Hal Hold")


def _buy(sku: str, **wish: Any) -> str:
    return str(_ask("/orders", {"shop_id": SHOP, "sku": sku, **wish})["order_id"])


def _act(order_id: str, action: str, **asked: Any) -> None:
    _ask(f"/orders/{order_id}/{action}", asked)


def _ask(path: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    answer = httpx.post(f"{settings.TIKTOK_SANDBOX_URL}/_control{path}", json=asked, timeout=10)
    if answer.is_error:
        raise RuntimeError(f"The imitation TikTok Shop refused {path}: {answer.text[:300]}")
    told: dict[str, Any] = answer.json()
    return told
