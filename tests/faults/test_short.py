"""The short form of the fault matrix: death and freezing at the narrowest moments, races and cancellations, on real processes and threads.

Every point, and the cells that need the whole stack, are played by ``make faults`` (docs/faults.md).
"""

from __future__ import annotations

import pytest

from tests.faults import alone
from tests.faults.amazon import Amazon
from tests.faults.tiktok import TikTok

pytestmark = pytest.mark.django_db(transaction=True)
SEED = 7
NARROWEST = ("intake.created", "ship.committed", "push.answered", "render.stored")


def test_a_worker_may_die_at_the_narrowest_moments_and_nothing_is_lost_or_doubled(amazon: Amazon) -> None:
    assert alone.crash_at_every_point(amazon, seed=SEED, times=1, points=NARROWEST).verdict.problems == []


def test_a_worker_that_wakes_after_its_lease_changes_nothing(amazon: Amazon) -> None:
    assert alone.freeze_and_overtake(amazon, seed=SEED, times=1, points=["push.answered"]).verdict.problems == []


def test_one_order_on_four_roads_at_once_is_one_order(amazon: Amazon) -> None:
    assert alone.meet_on_many_roads(amazon, seed=SEED, races=5).verdict.problems == []


def test_cancelling_printing_and_shipping_at_once_end_in_legal_states(amazon: Amazon) -> None:
    assert alone.cancel_while_shipping(amazon, seed=SEED, orders=6).verdict.problems == []


def test_a_worker_of_tiktok_may_die_right_after_its_yes_and_nothing_is_told_twice(tiktok: TikTok) -> None:
    assert alone.crash_at_every_point(tiktok, seed=SEED, times=1, points=["poll.storing", "push.answered"]).verdict.problems == []
