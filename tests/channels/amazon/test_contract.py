"""The Amazon adapter against the imitation Amazon."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from django.conf import settings
from django.test.utils import override_settings

from stores.channels.errors import TryLater
from stores.channels.registry import channel_for, consent_for
from stores.channels.types import Account
from stores.sandbox.amazon import buying, lwa, seed
from stores.sandbox.amazon.records import Listing
from stores.sandbox.amazon.server import ImitationAmazon
from tests.channels import contract

SCENARIOS = {
    contract.GATEWAY_PAGE: "html_502",
    contract.THROTTLED: "throttled",
    contract.TOKEN_EXPIRED: "token_expired",
    contract.LOST_AFTER_SUCCESS: "confirm_lost_after_success",
    contract.LOST_BEFORE_EFFECT: "confirm_lost_before_effect",
    contract.UNKNOWN_STATUS: "unknown_status",
}


class AmazonBench:
    """An imitation Amazon whose clock stands until a test moves it, one hour back so that nothing lies in our future."""

    marketplace = seed.DE
    other_marketplace = seed.UK
    sku = "MUG-11OZ-WHITE"
    personalisable_sku = "MUG-NAME/ÄÖÜ 1"
    carrier = "DHL"

    def __init__(self, amazon: ImitationAmazon) -> None:
        self.amazon = amazon
        self.account = Account(key=f"aut_{uuid.uuid4().hex[:12]}", account_id=seed.NORTH.seller_id, region="EU", refresh_token=amazon.refresh_token())
        self.channel = channel_for("amazon", self.account)
        self.consent = consent_for("amazon")

    def now(self) -> datetime:
        return self.amazon.clock.now()

    def pass_time(self, seconds: float) -> None:
        self.amazon.clock.advance(seconds)

    def buy(self, *, lines: Mapping[str, int] | None = None, paid: bool = True, personalisation: str = "", marketplace: str = "") -> str:
        wanted = [
            {"sku": sku, "quantity": quantity} | ({"personalisation": personalisation} if personalisation else {})
            for sku, quantity in (lines or {self.sku: 1}).items()
        ]
        return self.amazon.place_order(items=wanted, paid=paid, marketplace_id=marketplace or self.marketplace).order_id

    def buy_many(self, count: int) -> list[str]:
        return [self.buy() for _ in range(count)]

    def ask_to_cancel(self, order_id: str) -> None:
        buying.request_cancellation(self.amazon.world, order_id, reason="ORDERED_BY_MISTAKE")

    def cancel(self, order_id: str) -> None:
        buying.cancel_order(self.amazon.world, order_id)

    def packages_at_the_channel(self, order_id: str) -> int:
        order = self.amazon.books.order(order_id)
        assert order is not None
        return len(order.packages)

    def fail_next(self, how: str) -> None:
        self.amazon.scenario(SCENARIOS[how])

    def revoke(self) -> None:
        self.amazon.scenario("consent_revoked")

    def add_listings(self, count: int) -> set[str]:
        with self.amazon.books.transaction():
            for number in range(count):
                moment = self.amazon.clock.epoch()
                self.amazon.books.keep_listing(
                    Listing(
                        seller_id=seed.NORTH.seller_id,
                        marketplace_id=self.marketplace,
                        sku=f"BULK-{number}",
                        asin=f"B0BULK{number:04d}",
                        title=f"Bulk {number}",
                        price="9.90",
                        product_type="POSTER",
                        kind="poster",
                        color="#000000",
                        quantity=1,
                        created=moment,
                        updated=moment,
                        description="",
                        personalisable=False,
                        fulfilled_by="MERCHANT",
                    )
                )

        return {f"BULK-{number}" for number in range(count)}

    def consent_code(self) -> str:
        return lwa.consent_code(self.amazon.world, seller_id=seed.NORTH.seller_id, redirect_uri=settings.AMAZON_REDIRECT_URI)

    def consent_page_answers(self, url: str) -> bool:
        return httpx.get(url).status_code == 200


@pytest.fixture
def bench() -> Iterator[AmazonBench]:
    client_id = f"amzn1.application-oa2-client.{uuid.uuid4().hex}"  # quota buckets are named after it, so tests share none
    with ImitationAmazon(at=datetime.now(UTC) - timedelta(hours=2), hub_url=settings.PUBLIC_URL) as amazon:
        amazon.world.application.client_id = client_id
        with override_settings(AMAZON_SANDBOX_URL=amazon.url, AMAZON_CLIENT_ID=client_id, TIME_FACTOR=1):
            yield AmazonBench(amazon)


class TestAmazonContract(contract.ChannelContract):
    """Every test of the contract, with Amazon's imitation."""


def test_shared_bucket_draws_what_is_granted_and_is_hardly_ever_told_429() -> None:
    """Four workers ask as fast as they may, at the demo's time factor: the imitation keeps Amazon's own rate table and is the judge."""
    client_id = f"amzn1.application-oa2-client.{uuid.uuid4().hex}"
    burst, rate, calls = 30, 0.5 * 60, 90
    with ImitationAmazon(factor=60, hub_url=settings.PUBLIC_URL) as amazon:
        amazon.world.application.client_id = client_id
        with override_settings(AMAZON_SANDBOX_URL=amazon.url, AMAZON_CLIENT_ID=client_id, TIME_FACTOR=60):
            bench = AmazonBench(amazon)
            order_id = bench.buy()
            bench.channel.participations()  # token and connection are there
            waits: list[float] = []

            def work(_number: int) -> None:
                while (wait_s := attempt()) > 0:
                    waits.append(wait_s)
                    time.sleep(wait_s)  # a real worker puts its task back instead

            def attempt() -> float:
                try:
                    bench.channel.fetch_order(order_id)
                except TryLater as wait:
                    return wait.wait_s or 1
                return 0

            started = time.monotonic()
            with ThreadPoolExecutor(4) as workers:
                list(workers.map(work, range(calls)))
            took = time.monotonic() - started
            statuses = [entry.status for entry in amazon.books.requests(operation="getOrder")]
    assert statuses.count(200) == calls
    assert len(statuses) <= calls + 1  # a machine that stalls between count and request may be told once
    assert waits
    best = (calls - burst) / rate
    assert best * 0.9 <= took <= best + 2
