"""Celery entrances of the catalog."""

from __future__ import annotations

import time

from celery import shared_task

from catalog.services.rendering import render_next

# A drawing may take most of a task's time limit, so none is begun late in a turn; the next tick goes on.
TURN_S = 10


@shared_task(name="catalog.render")
def render() -> int:
    """Make print files that are due, one after the other. Returns how many had a turn."""
    ends, turns = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and render_next():
        turns += 1
    return turns
