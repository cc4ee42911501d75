"""A scripted TikTok Shop: token endpoint and API on one local server, and an account of its own for each test."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test.utils import override_settings

from stores.channels.keeping import InHand, TokenPair
from stores.channels.tiktok.adapter import TikTokChannel
from stores.channels.types import Account
from tests.channels.tiny_server import Reply, Seen, TinyServer

SHOP, OTHER_SHOP = "7495540735365777507", "7495540735365777508"
WEEK_S = 7 * 24 * 3600


def envelope(data: Mapping[str, Any] | None = None, *, code: int = 0, message: str = "Success", status: int = 200) -> Reply:
    return Reply(status, {"code": code, "message": message, "data": dict(data or {}), "request_id": f"req-{uuid.uuid4().hex[:8]}"})


class ScriptedTikTok(TinyServer):
    """Gives a new pair of tokens with each refresh; everything else answers as ``routes`` says."""

    REFRESH, GET = "/api/v2/token/refresh", "/api/v2/token/get"

    def run(self) -> ScriptedTikTok:
        numbers = itertools.count(1)

        def tokens(_request: Seen) -> Reply:
            number = next(numbers)
            moment = int(time.time())
            return envelope(
                {
                    "access_token": f"TTP_access{number}",
                    "access_token_expire_in": moment + WEEK_S,
                    "refresh_token": f"TTP_refresh{number}",
                    "refresh_token_expire_in": moment + 52 * WEEK_S,
                    "open_id": "7010736057180325637",
                    "seller_name": "Demo Seller",
                    "seller_base_region": "US",
                    "user_type": 0,
                    "granted_scopes": [],
                }
            )

        self.routes[self.REFRESH] = self.routes[self.GET] = tokens
        self.routes["/authorization/202309/shops"] = envelope({"shops": [self.shop(SHOP), self.shop(OTHER_SHOP)]})
        return self

    @staticmethod
    def shop(number: str, *, cipher: str = "", region: str = "US", seller_type: str = "LOCAL") -> dict[str, str]:
        name = f"Shop {number[-1]}"
        return {"id": number, "name": name, "region": region, "seller_type": seller_type, "cipher": cipher or f"TTP_{number}", "code": "USLC"}

    @property
    def refreshes(self) -> int:
        return len(self.asked(self.REFRESH))


def pair(mark: str = "0", *, lives: timedelta = timedelta(days=7)) -> TokenPair:
    moment = datetime.now(UTC)
    return TokenPair(f"TTP_access-{mark}", moment + lives, f"TTP_refresh-{mark}", moment + timedelta(days=365))


@pytest.fixture
def tiktok() -> Iterator[ScriptedTikTok]:
    server = ScriptedTikTok().run()
    # Quota buckets are named after the application, so tests share none.
    with override_settings(TIKTOK_SANDBOX_URL=server.url, TIKTOK_APP_KEY=f"key{uuid.uuid4().hex[:10]}", TIKTOK_APP_SECRET="secret", TIME_FACTOR=1):
        yield server
    server.close()


@pytest.fixture
def account() -> Account:
    keeper = InHand(pair(), {SHOP: f"TTP_{SHOP}", OTHER_SHOP: f"TTP_{OTHER_SHOP}"})
    return Account(key=f"aut_{uuid.uuid4().hex[:12]}", account_id="7010736057180325637", region="US", refresh_token="", keeper=keeper)


@pytest.fixture
def channel(tiktok: ScriptedTikTok, account: Account) -> TikTokChannel:
    return TikTokChannel(account)
