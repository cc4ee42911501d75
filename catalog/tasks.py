"""Celery entrances of the catalog: each works on what is due until nothing is, or its turn is over."""

from __future__ import annotations

import time

from celery import shared_task

from catalog.services.importing import import_next
from catalog.services.rendering import render_next

TURN_S = 25
# A drawing may take most of a task's time limit, so none is begun late in a turn; the next tick goes on.
RENDER_TURN_S = 10


@shared_task(name="catalog.imports")
def imports() -> int:
    """Check and apply the catalog tables that are due. Returns how many."""
    ends, done = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and import_next() is not None:
        done += 1
    return done


@shared_task(name="catalog.render")
def render() -> int:
    """Make print files that are due, one after the other. Returns how many had a turn."""
    ends, turns = time.monotonic() + RENDER_TURN_S, 0
    while time.monotonic() < ends and render_next():
        turns += 1
    return turns
