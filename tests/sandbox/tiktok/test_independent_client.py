"""A client that nobody here wrote, and that decodes strictly, drives the imitation through the whole chain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tiktok_shop_api import TikTokShop, TikTokShopAuth, TikTokShopError

from stores.sandbox.tiktok import seed
from stores.sandbox.tiktok.server import ImitationTikTok
from tests.sandbox.tiktok.conftest import SSL


@pytest.fixture
def auth(tiktok: ImitationTikTok) -> TikTokShopAuth:
    app = tiktok.world.application
    return TikTokShopAuth(app.app_key, app.app_secret, service_id=app.service_id, base_url=tiktok.url, transport=httpx.HTTPTransport(verify=SSL))


def code_from_consent(tiktok: ImitationTikTok, auth: TikTokShopAuth, open_id: str) -> str:
    """Follow the client's own authorization link, with the imitation in the place of TikTok's host, and allow."""
    link = urlsplit(auth.authorization_url(type="seller", region="us", state="csrf-token"))
    page = httpx.post(f"{tiktok.url}{link.path}?{link.query}", data={"open_id": open_id, "answer": "allow"}, verify=SSL)
    back = parse_qs(urlsplit(page.headers["location"]).query)
    assert back["state"] == ["csrf-token"]
    return back["code"][0]


@pytest.fixture
def client(tiktok: ImitationTikTok) -> Iterator[TikTokShop]:
    """The client in Ada's name."""
    app = tiktok.world.application
    with TikTokShop(
        app.app_key,
        app.app_secret,
        access_token=tiktok.tokens()["access_token"],
        shop_cipher=seed.ADA_SHOP.cipher,
        base_url=tiktok.url,
        transport=httpx.HTTPTransport(verify=SSL),
    ) as made:
        yield made


def data(answer: Any) -> Any:
    """Return what a decoded answer holds; the client has read every field of it by then."""
    return answer.to_dict()["data"]


def test_client_consents_exchanges_refreshes_and_sees_its_shops(tiktok: ImitationTikTok, auth: TikTokShopAuth, client: TikTokShop) -> None:
    tokens = auth.exchange_code(code_from_consent(tiktok, auth, seed.ATLANTIC.open_id))
    renewed = auth.refresh(tokens.refresh_token)
    assert (renewed.open_id, renewed.user_type, renewed.granted_scopes) == (seed.ATLANTIC.open_id, 0, list(tiktok.world.application.scopes))
    assert renewed.refresh_token != tokens.refresh_token
    shops = data(client.with_shop(access_token=renewed.access_token, shop_cipher=None).authorization.get_authorized_shops())["shops"]
    assert [shop["region"] for shop in shops] == ["US", "US", "GB"]


def test_client_raises_the_code_of_a_refusal(auth: TikTokShopAuth, client: TikTokShop) -> None:
    with pytest.raises(TikTokShopError) as refused:
        auth.exchange_code("made-up")
    assert refused.value.code == 36004004
    with pytest.raises(TikTokShopError) as missing:
        client.with_shop(shop_cipher=None).event.get_shop_webhooks()
    assert (missing.value.code, missing.value.http_status) == (106013, 400)
