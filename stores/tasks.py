"""Celery entrances of listing syncs, self-tests and reminders."""

from __future__ import annotations

import time

from celery import shared_task

from stores.services.reminding import remind_next
from stores.services.self_testing import run_waiting_test
from stores.services.syncing import sync_next

TURN_S = 25


@shared_task(name="stores.sync_listings")
def sync_listings() -> int:
    """Go on with listing syncs that are due. Returns how many listings were seen."""
    ends, seen = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and (count := sync_next()) is not None:
        seen += count
    return seen


@shared_task(name="stores.self_tests")
def self_tests() -> int:
    """Go on with self-tests that wait. Returns how many had a turn."""
    ends, turns = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and run_waiting_test():
        turns += 1
    return turns


@shared_task(name="stores.remind")
def remind() -> int:
    """Mail the reminders of permissions that run out. Returns how many permissions were due."""
    ends, reminded = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and remind_next():
        reminded += 1
    return reminded
