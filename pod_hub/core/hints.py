"""Hints to workers: "look now". What is due stands in rows; a hint only makes it sooner, so losing one is harmless."""

from __future__ import annotations

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)

STALE_AFTER_S = 60


def hint(task: str) -> None:
    """Wake a task once the open transaction is committed. Never raises: with the broker down the sweep finds the row instead."""
    transaction.on_commit(lambda: _send(task), robust=True)


def _send(task: str) -> None:
    try:
        current_app.send_task(task, expires=STALE_AFTER_S, retry=False, ignore_result=True)
    except OperationalError as error:
        log.warning("hint_not_sent", task=task, error=type(error).__name__)
