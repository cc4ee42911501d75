"""Celery entrances of listing syncs, self-tests, reminders, products that are added, stock and prices."""

from __future__ import annotations

import time

from celery import shared_task

from stores.services.prices import push_prices_next
from stores.services.publication_pictures import draw_next
from stores.services.publishing import publish_next
from stores.services.reminding import remind_next
from stores.services.self_testing import run_waiting_test
from stores.services.stock import push_stock_next
from stores.services.syncing import sync_next

TURN_S = 25
DRAWING_TURN_S = 10  # a drawing may take most of a task's time limit, so none is begun late in a turn


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


@shared_task(name="stores.publish")
def publish() -> int:
    """Ask channels what products that are added ask for. Returns how many had a turn."""
    ends, turns = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and publish_next():
        turns += 1
    return turns


@shared_task(name="stores.product_pictures")
def product_pictures() -> int:
    """Draw mockups that are due, one after the other. Returns how many had a turn."""
    ends, turns = time.monotonic() + DRAWING_TURN_S, 0
    while time.monotonic() < ends and draw_next():
        turns += 1
    return turns


@shared_task(name="stores.push_stock")
def push_stock() -> int:
    """Tell and read back due stock. Returns how many listings had a turn."""
    ends, done = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and (count := push_stock_next()):
        done += count
    return done


@shared_task(name="stores.push_prices")
def push_prices() -> int:
    """Tell and read back due prices. Returns how many listings had a turn."""
    ends, done = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and (count := push_prices_next()):
        done += count
    return done
