"""Celery entrances of mail."""

from __future__ import annotations

import time

from celery import shared_task

from pod_hub.mail.delivering import deliver_next, empty_old

TURN_S = 25


@shared_task(name="mail.deliver")
def deliver() -> int:
    """Deliver due mails until none is left. Returns how many were worked on."""
    ends, done = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and (count := deliver_next()):
        done += count
    return done


@shared_task(name="mail.empty")
def empty() -> int:
    """Remove what old mails said. Returns how many."""
    ends, done = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends and (count := empty_old()):
        done += count
    return done
