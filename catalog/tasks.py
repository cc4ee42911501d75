"""Celery entrances of the catalog: each works on what is due until nothing is, or its turn is over."""

from __future__ import annotations

import time

from celery import shared_task

from catalog.services.importing import import_next

TURN_S = 25


@shared_task(name="catalog.imports")
def imports() -> int:
    """Check and apply the catalog tables that are due. Returns how many."""
    ends, done = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and import_next() is not None:
        done += 1
    return done
