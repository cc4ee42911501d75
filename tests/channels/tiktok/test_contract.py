"""The TikTok Shop adapter against the imitation TikTok Shop."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.test.utils import override_settings

from stores.channels.errors import TryLater
from stores.channels.keeping import InHand
from stores.channels.registry import channel_for, consent_for
from stores.channels.tiktok import carriers
from stores.channels.tiktok import tokens as tokens_of_tiktok
from stores.channels.types import Account
from stores.sandbox.tiktok import seed, tokens
from stores.sandbox.tiktok.records import ProductFilter
from stores.sandbox.tiktok.server import ImitationTikTok
from tests.channels import contract

SCENARIOS: dict[str, dict[str, Any]] = {
    contract.GATEWAY_PAGE: {"name": "html_502"},
    contract.THROTTLED: {"name": "throttled"},
    contract.TOKEN_EXPIRED: {"name": "token_expired"},
    contract.LOST_AFTER_SUCCESS: {"name": "confirm_lost_after_success"},
    contract.LOST_BEFORE_EFFECT: {"name": "confirm_lost_before_effect"},
    contract.UNKNOWN_STATUS: {"name": "unknown_status", "operation": "getOrderDetail"},
}


class TikTokBench:
    """An imitation TikTok Shop whose clock stands until a test moves it; one seller account with two shops in the US."""

    marketplace = seed.ATLANTIC_HOME.shop_id
    other_marketplace = seed.ATLANTIC_WEAR.shop_id
    sku = "AT-MUG-15OZ"
    personalisable_sku = "AT-ORNAMENT-NAME"
    carrier = "USPS"

    def __init__(self, tiktok: ImitationTikTok) -> None:
        self.tiktok = tiktok
        shops = {shop.shop_id: shop.cipher for shop in (seed.ATLANTIC_HOME, seed.ATLANTIC_WEAR)}
        keeper = InHand(tokens_of_tiktok.read_pair(tiktok.tokens(seed.ATLANTIC.open_id)), shops)
        key = f"aut_{uuid.uuid4().hex[:12]}"
        self.account = Account(key=key, account_id=seed.ATLANTIC.open_id, region="US", refresh_token="", keeper=keeper)
        self.channel = channel_for("tiktok", self.account)
        self.consent = consent_for("tiktok")

    def now(self) -> datetime:
        return self.tiktok.clock.now()

    def pass_time(self, seconds: float) -> None:
        self.tiktok.clock.advance(seconds)

    def buy(self, *, lines: Mapping[str, int] | None = None, paid: bool = True, personalisation: str = "", marketplace: str = "") -> str:
        sku = "AT-TOTE-BLACK" if marketplace == self.other_marketplace else self.sku
        wanted = [
            {"sku": sku, "quantity": quantity} | ({"personalisation": personalisation} if personalisation else {})
            for sku, quantity in (lines or {sku: 1}).items()
        ]
        return self.tiktok.place_order(shop_id=marketplace or self.marketplace, items=wanted, paid=paid, holds=False).order_id

    def buy_many(self, count: int) -> list[str]:
        return [self.buy() for _ in range(count)]

    def ask_to_cancel(self, order_id: str) -> None:
        self.tiktok.act(order_id, "request-cancellation")

    def cancel(self, order_id: str) -> None:
        self.tiktok.act(order_id, "cancel")

    def packages_at_the_channel(self, order_id: str) -> int:
        return len(self.tiktok.books.packages_of(order_id))

    def fail_next(self, how: str) -> None:
        self.tiktok.scenario(**SCENARIOS[how])

    def revoke(self) -> None:
        self.tiktok.scenario("seller_deauthorised", seller_id=self.marketplace)

    def add_listings(self, count: int) -> set[str]:
        books = self.tiktok.books
        (pattern,), _count = books.products(ProductFilter(self.marketplace, seller_skus=(self.sku,)))
        with books.transaction():
            for first in range(0, count, 10):
                skus = [
                    replace(pattern.skus[0], sku_id=str(int(pattern.skus[0].sku_id) + 10**9 + number), seller_sku=f"BULK-{number}")
                    for number in range(first, min(first + 10, count))
                ]
                books.keep_product(replace(pattern, product_id=str(int(pattern.product_id) + 10**9 + first), skus=skus))
        return {f"BULK-{number}" for number in range(count)}

    def consent_code(self) -> str:
        return tokens.code_for(self.tiktok.world, tokens.consent(self.tiktok.world, seed.ATLANTIC.open_id))

    def consent_page_answers(self, url: str) -> bool:
        return httpx.get(url).status_code == 200


@pytest.fixture
def bench() -> Iterator[TikTokBench]:
    app_key = f"key{uuid.uuid4().hex[:10]}"  # quota buckets are named after it, so tests share none
    with ImitationTikTok(at=datetime.now(UTC), hub_url=settings.PUBLIC_URL) as tiktok:
        tiktok.world.application.app_key = app_key
        with override_settings(TIKTOK_SANDBOX_URL=tiktok.url, TIKTOK_APP_KEY=app_key, TIME_FACTOR=1):
            yield TikTokBench(tiktok)


class TestTikTokContract(contract.ChannelContract):
    """Every test of the contract, with TikTok Shop's imitation."""


def test_two_packages_told_at_one_moment_end_as_two_with_a_unit_each(bench: TikTokBench, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = bench.buy(lines={bench.sku: 2})
    bench.pass_time(600)
    order = bench.channel.read_order(bench.channel.fetch_order(order_id).payload)
    notices = contract.ChannelContract()
    first, second = (notices._notice(bench, order, reference=number, quantity=1) for number in ("1", "2"))
    look_up = carriers.provider_for

    def meanwhile(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr(carriers, "provider_for", look_up)
        bench.channel.confirm_package(second)  # by another worker, after the first has looked at the order
        return look_up(*given, **named)

    monkeypatch.setattr(carriers, "provider_for", meanwhile)
    with pytest.raises(TryLater):
        bench.channel.confirm_package(first)
    bench.channel.confirm_package(first)
    seen = bench.channel.packages(order_id)
    assert {package.tracking_number: sum(package.quantities.values()) for package in seen} == {"TRACK1": 1, "TRACK2": 1}
