"""An imitation TikTok Shop on a set clock, and a caller that signs by itself and speaks plain HTTP to it."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from stores.sandbox.tiktok import seed, signing
from stores.sandbox.tiktok.seller_records import Shop
from stores.sandbox.tiktok.server import ImitationTikTok
from tests.sandbox.tiktok.official_contract import CONTRACT

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
SSL = ssl.create_default_context()  # building one per client costs more than most tests


class Caller:
    """A seller's app. Every answer is held against the official files where they are at hand."""

    def __init__(self, tiktok: ImitationTikTok, shop: Shop = seed.ADA_SHOP) -> None:
        self.tiktok, self.shop = tiktok, shop
        self.contract = CONTRACT  # None where an answer is wrong on purpose
        self.http = httpx.Client(base_url=tiktok.url, timeout=10, verify=SSL)
        self.granted = tiktok.tokens(shop.open_id)
        self.token = str(self.granted["access_token"])

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        content: bytes | None = None,
        content_type: str | None = None,
        headers: dict[str, str] | None = None,
        cipher: str | None = "",
        drop: tuple[str, ...] = (),
        **query: Any,
    ) -> httpx.Response:
        """Send a signed request; ``cipher`` None leaves it out, ``drop`` leaves out a parameter after signing, ``timestamp`` and ``sign`` can be given."""
        app = self.tiktok.world.application
        given = {name: ",".join(value) if isinstance(value, list) else str(value) for name, value in query.items() if name != "sign"}
        given = {"app_key": app.app_key, "timestamp": str(int(time.time())), **given}
        if cipher is not None:
            given["shop_cipher"] = cipher or self.shop.cipher
        if body is not None:
            content, content_type = json.dumps(body, ensure_ascii=False).encode(), "application/json"
        given["sign"] = (
            str(query.get("sign"))
            if "sign" in query
            else signing.signature(secret=app.app_secret, path=path, query=list(given.items()), content_type=content_type, body=content)
        )
        sent = {"x-tts-access-token": self.token, **({"content-type": content_type} if content_type else {}), **(headers or {})}
        target = f"{path}?{urlencode({name: value for name, value in given.items() if name not in drop})}"
        return self.checked(self.http.request(method, target, content=content, headers=sent), path)

    def checked(self, response: httpx.Response, path: str) -> httpx.Response:
        """Hold an answer against the official files; gateways' own answers (HTML, bare texts) and paths outside are in none."""
        if self.contract is None or not response.headers["content-type"].startswith("application/json"):
            return response
        if response.json()["code"] not in (36009009, 36009010, 36009014):
            self.contract.check_answer(response.request.method, path, response.json())
        return response

    def ask(self, method: str, path: str, *, body: Any = None, **query: Any) -> Any:
        """Return the data of a call that must succeed."""
        answer = self.send(method, path, body=body, **query)
        assert answer.json()["code"] == 0, answer.text
        return answer.json()["data"]

    def refused(self, method: str, path: str, *, body: Any = None, **query: Any) -> int:
        """Return the code of a call that must fail."""
        answer = self.send(method, path, body=body, **query)
        assert answer.json()["code"] != 0, answer.text
        return int(answer.json()["code"])


@pytest.fixture
def tiktok() -> Iterator[ImitationTikTok]:
    """An imitation whose clock stands at 2026-11-20 10:00 UTC, factor 1."""
    with ImitationTikTok(at=START) as running:
        yield running


@pytest.fixture
def ada(tiktok: ImitationTikTok) -> Iterator[Caller]:
    """The app in the first shop's name."""
    caller = Caller(tiktok)
    yield caller
    caller.http.close()


@pytest.fixture
def south(tiktok: ImitationTikTok) -> Iterator[Caller]:
    """The app in another seller's name."""
    caller = Caller(tiktok, seed.SOUTH_SHOP)
    yield caller
    caller.http.close()
