"""Token buckets on a real Valkey: sharing, correction, penalty, time factor."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test.utils import override_settings

from pod_hub.core import buckets
from pod_hub.core.redis_client import redis_client


@pytest.fixture
def key() -> str:
    return buckets.bucket_key(application="test", seller=uuid.uuid4().hex, operation="op")


def test_burst_is_given_at_once_and_then_the_rate_holds(key: str) -> None:
    waits = [buckets.take(key, rate=0.1, burst=3) for _ in range(4)]
    assert waits[:3] == [0, 0, 0]
    assert waits[3] == pytest.approx(10, abs=0.5)


def test_refused_take_costs_nothing(key: str) -> None:
    buckets.take(key, rate=0.1, burst=1)
    first = buckets.take(key, rate=0.1, burst=1)
    assert max(buckets.take(key, rate=0.1, burst=1) for _ in range(50)) <= first


def test_token_is_there_after_the_wait_that_was_told(key: str) -> None:
    buckets.take(key, rate=5, burst=1)
    wait_s = buckets.take(key, rate=5, burst=1)
    assert 0 < wait_s <= 0.2
    time.sleep(wait_s + 0.01)
    assert buckets.take(key, rate=5, burst=1) == 0


def test_twenty_workers_share_one_bucket(key: str) -> None:
    with ThreadPoolExecutor(20) as pool:
        waits = list(pool.map(lambda _: buckets.take(key, rate=0.001, burst=7), range(60)))
    assert waits.count(0) == 7


def test_sellers_and_operations_have_buckets_of_their_own() -> None:
    mark = uuid.uuid4().hex
    for application, seller, operation in (("a", "EU/A", "o"), ("a", "EU/B", "o"), ("a", "NA/A", "o"), ("a", "EU/A", "p"), ("b", "EU/A", "o")):
        own = buckets.bucket_key(application=application, seller=f"{mark}{seller}", operation=operation)
        assert buckets.take(own, rate=0.001, burst=1) == 0


def test_cost_above_one_takes_several_tokens(key: str) -> None:
    assert buckets.take(key, rate=1, burst=10, cost=8) == 0
    assert buckets.take(key, rate=1, burst=10, cost=8) == pytest.approx(6, abs=0.2)


@pytest.mark.parametrize("told_rate", [0.025, 10])
def test_told_rate_is_obeyed_down_and_up(key: str, told_rate: float) -> None:
    buckets.take(key, rate=0.1, burst=1)
    buckets.correct(key, rate=0.1, burst=1, told_rate=told_rate)
    assert buckets.take(key, rate=0.1, burst=1) == pytest.approx(1 / told_rate, rel=0.15, abs=0.05)


def test_zero_rate_is_not_believed(key: str) -> None:
    buckets.take(key, rate=1, burst=5)
    buckets.correct(key, rate=1, burst=5, told_rate=0)
    assert buckets.take(key, rate=1, burst=5) == 0


def test_penalty_empties_the_bucket_for_everybody_and_then_refills(key: str) -> None:
    buckets.take(key, rate=20, burst=10)
    buckets.penalise(key, rate=20, burst=10, wait_s=0.3)
    assert buckets.take(key, rate=20, burst=10) == pytest.approx(0.35, abs=0.05)
    level = buckets.fill(key)
    assert level is not None
    assert level.tokens == 0
    assert level.stopped_s == pytest.approx(0.3, abs=0.05)
    time.sleep(0.38)
    assert buckets.take(key, rate=20, burst=10) == 0


def test_shorter_penalty_does_not_shorten_a_longer_one(key: str) -> None:
    buckets.penalise(key, rate=1, burst=1, wait_s=60)
    buckets.penalise(key, rate=1, burst=1, wait_s=1)
    level = buckets.fill(key)
    assert level is not None
    assert level.stopped_s > 55


def test_time_factor_speeds_up_the_refill_and_nothing_else(key: str) -> None:
    with override_settings(TIME_FACTOR=60):
        assert [buckets.take(key, rate=0.1, burst=2) for _ in range(2)] == [0, 0]
        assert buckets.take(key, rate=0.1, burst=2) == pytest.approx(10 / 60, abs=0.02)


def test_fill_shows_the_level_and_unused_buckets_are_unknown(key: str) -> None:
    assert buckets.fill(key) is None
    buckets.take(key, rate=0.5, burst=30)
    level = buckets.fill(key)
    assert level is not None
    assert level.tokens == pytest.approx(29, abs=0.1)
    assert (level.rate, level.burst, level.stopped_s) == (0.5, 30, 0)


def test_bucket_outlives_its_own_refill_and_then_expires(key: str) -> None:
    buckets.take(key, rate=0.0056, burst=20, cost=20)
    kept_s = redis_client().ttl(key)
    assert 20 / 0.0056 < kept_s < 20 / 0.0056 + 3700


def test_without_redis_the_call_has_to_wait(key: str) -> None:
    with override_settings(REDIS_URL="unix:///nowhere/valkey.sock"), pytest.raises(buckets.BucketsUnavailable):
        buckets.take(key, rate=1, burst=1)
