"""The published rate table, on a set clock."""

from __future__ import annotations

import pytest

from stores.sandbox.amazon.server import ImitationAmazon
from stores.sandbox.amazon.throttle import PLANS
from tests.sandbox.amazon.conftest import MODELS, START, Caller
from tests.sandbox.amazon.official_models import models_folder


def test_twenty_searches_pass_and_the_next_waits_178_6_seconds(amazon: ImitationAmazon, ada: Caller) -> None:
    def search() -> int:
        return ada.search(lastUpdatedAfter="2026-11-20T00:00:00Z").status_code

    assert [search() for _ in range(21)] == [200] * 20 + [429]
    amazon.clock.advance(178.5)
    assert search() == 429
    amazon.clock.advance(0.1)
    assert search() == 200
    assert search() == 429


def test_a_throttled_answer_has_amazons_shape_and_rate(ada: Caller) -> None:
    for _ in range(15):
        assert ada.get("/sellers/v1/marketplaceParticipations").status_code == 200
    answer = ada.get("/sellers/v1/marketplaceParticipations")
    assert answer.status_code == 429
    assert answer.json()["errors"][0]["code"] == "QuotaExceeded"
    assert answer.headers["x-amzn-ratelimit-limit"] == "0.016"


def test_sellers_and_operations_have_buckets_of_their_own(ada: Caller, mallory: Caller) -> None:
    for _ in range(16):
        ada.get("/sellers/v1/marketplaceParticipations")
    assert mallory.get("/sellers/v1/marketplaceParticipations").status_code == 200
    assert ada.search(lastUpdatedAfter="2026-11-20T00:00:00Z").status_code == 200


def test_the_books_count_granted_and_throttled(amazon: ImitationAmazon, ada: Caller) -> None:
    for _ in range(17):
        ada.get("/sellers/v1/marketplaceParticipations")
    (bucket,) = [row for row in amazon.books.buckets() if row.operation == "getMarketplaceParticipations"]
    assert (bucket.granted, bucket.throttled) == (15, 2)


def test_a_full_bucket_does_not_grow_beyond_its_burst(amazon: ImitationAmazon, ada: Caller) -> None:
    ada.search(lastUpdatedAfter="2026-11-20T00:00:00Z")
    amazon.clock.advance(30 * 178.6)
    ada.token = amazon.access_token()
    assert [ada.search(lastUpdatedAfter="2026-11-20T00:00:00Z").status_code for _ in range(21)] == [200] * 20 + [429]


def test_a_clock_set_back_does_not_drain_a_bucket(amazon: ImitationAmazon, ada: Caller) -> None:
    amazon.clock.advance(3000)
    ada.search(lastUpdatedAfter="2026-11-20T00:00:00Z")
    amazon.clock.set(START)
    assert ada.search(lastUpdatedAfter="2026-11-20T00:00:00Z").status_code == 200


def test_the_factor_shortens_the_refill_and_the_header_tells_the_truth() -> None:
    with ImitationAmazon(at=START, factor=60) as amazon:
        ada = Caller(amazon)
        answers = [ada.search(lastUpdatedAfter="2026-11-20T00:00:00Z") for _ in range(21)]
        assert [answer.status_code for answer in answers] == [200] * 20 + [429]
        assert answers[-1].headers["x-amzn-ratelimit-limit"] == "0.336"
        amazon.clock.advance(2.97)
        assert ada.search(lastUpdatedAfter="2026-11-20T00:00:00Z").status_code == 429
        amazon.clock.advance(0.01)
        assert ada.search(lastUpdatedAfter="2026-11-20T00:00:00Z").status_code == 200
        ada.http.close()


@pytest.mark.parametrize("operation", PLANS)
def test_the_plan_is_the_one_in_the_official_model(operation: str) -> None:
    models_folder()
    assert MODELS is not None
    (spec,) = [row.spec for row in MODELS.operations if row.name == operation and not (operation == "getOrder" and "v0" in row.path.pattern)]
    # A row of two numbers, or in older models of a plan's name and two numbers.
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in spec["description"].splitlines() if line.startswith("|")]
    rate, burst = next(row[-2:] for row in rows if row[-1].isdigit())
    plan = PLANS[operation]
    assert (float(rate), int(burst)) == (plan.rate, plan.burst)
