"""Celery entrance of listing syncs."""

from __future__ import annotations

import time

from celery import shared_task

from stores.services.listings import sync_next

TURN_S = 25


@shared_task(name="stores.sync_listings")
def sync_listings() -> int:
    """Go on with listing syncs that are due. Returns how many listings were seen."""
    ends, seen = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and (count := sync_next()) is not None:
        seen += count
    return seen
