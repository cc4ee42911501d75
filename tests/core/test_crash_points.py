"""The registry of crash points, and what a point does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pod_hub.core.crash_points import CRASHED, POINTS, arm, crash_point

CHECKOUT = Path(__file__).resolve().parent.parent.parent
PASSES = re.compile(r"""crash_point(?:\(|, )"([a-z_.]+)"\)""")
TWICE = (
    "from pod_hub.core.crash_points import crash_point as p; p('push.leased'); p('push.answered'); print('once'); p('push.answered'); print('twice')"
)


def test_every_point_in_the_code_is_listed_and_every_listed_one_is_in_the_code_once() -> None:
    found = [
        name
        for folder in ("pod_hub", "catalog", "stores", "orders", "fulfillment")
        for module in (CHECKOUT / folder).rglob("*.py")
        for name in PASSES.findall(module.read_text())
    ]
    assert sorted(found) == sorted(POINTS)
    assert len(POINTS) >= 25


def test_a_process_dies_the_second_time_it_comes_to_its_point_and_not_before() -> None:
    env = os.environ | {"FAULT_PLAN": "push.answered:2"}
    done = subprocess.run([sys.executable, "-u", "-c", TWICE], env=env, cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.split()) == (CRASHED, ["once"])


@pytest.mark.parametrize("plan", ["push.nowhere:1", "push.answered", "push.answered:0", "push.answered:x", "push.answered:1:sing"])
def test_a_plan_that_names_nothing_is_refused_aloud(plan: str) -> None:
    with pytest.raises(ValueError, match="FAULT_PLAN"):
        arm(plan)


def test_without_a_plan_a_point_does_nothing() -> None:
    arm("")
    crash_point("push.answered")
