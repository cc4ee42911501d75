"""Celery entrances of intake: each works on what is due until nothing is, or its turn is over."""

from __future__ import annotations

import time

from celery import shared_task

from orders.services.mapping import sweep_mapped
from orders.services.personalisation import fetch_next
from orders.services.polling import poll_next
from orders.services.take_in import authorizations_with_work, take_in
from pod_hub.core.hints import hint

TURN_S = 25  # well inside the task's time limit; the next tick goes on


@shared_task(name="orders.poll")
def poll() -> int:
    """Poll the authorizations that are due. Returns how many turns were taken."""
    ends, turns = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and (outcome := poll_next()) is not None:
        turns += 1
        if outcome.new:
            hint("orders.take_in")
    return turns


@shared_task(name="orders.take_in")
def take_in_due() -> int:
    """Take in records of every authorization that has some, a batch each in turn. Returns how many records were decided."""
    ends, records = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends:
        done = 0
        for authorization_id, psp_id in authorizations_with_work():
            taken = take_in(authorization_id=authorization_id, psp_id=psp_id)
            done += taken.records if taken else 0
        records += done
        if not done:
            break
    if records:
        hint("orders.personalise")
    return records


@shared_task(name="orders.sweep_mapped")
def sweep() -> int:
    """Fill lines that missed their listing's mapping. Returns how many."""
    return sweep_mapped()


@shared_task(name="orders.personalise")
def personalise() -> int:
    """Fetch personalisation archives that are due. Returns how many."""
    ends, fetched = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and fetch_next():
        fetched += 1
    return fetched
