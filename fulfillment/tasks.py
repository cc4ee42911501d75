"""Celery entrance of pushes."""

from __future__ import annotations

import time

from celery import shared_task

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
