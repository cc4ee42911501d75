"""Celery entrances of pushes and of what belongs to them."""

from __future__ import annotations

import time

from celery import shared_task

from fulfillment.services import carriers as carrier_lists
from fulfillment.services import label_work
from fulfillment.services.batching import batch_next
from fulfillment.services.pushing import push_next

TURN_S = 25


@shared_task(name="fulfillment.push")
def push() -> int:
    """Work on due pushes until none is left. Returns how many were worked on."""
    ends, done = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and (count := push_next() + batch_next()):
        done += count
    return done


@shared_task(name="fulfillment.carriers")
def carriers() -> int:
    """Ask for the carriers that are due. Returns how many authorizations had a turn."""
    ends, turns = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and carrier_lists.read_next():
        turns += 1
    return turns


@shared_task(name="fulfillment.labels")
def labels() -> int:
    """Buy labels and fetch their documents until none is due. Returns how many were worked on."""
    ends, done = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and (count := label_work.work_next()):
        done += count
    return done
