"""Hints to workers: "look now". What is due stands in rows; a hint only makes it sooner, so losing one is harmless."""

from __future__ import annotations

import structlog
from celery import Celery
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

from pod_hub.core.crash_points import crash_point

log = structlog.get_logger(__name__)

STALE_AFTER_S = 60


def hint(task: str) -> None:
    """Wake a task once the open transaction is committed. Never raises: with the broker down the sweep finds the row instead."""
    transaction.on_commit(lambda: _send(task), robust=True)


def _send(task: str) -> None:
    crash_point("hint.sending")
    try:
        # By name, because core imports nothing above it. Celery's own "current app" is an unconfigured one in processes that are no worker.
        app: Celery = import_string(settings.CELERY_APP)
        app.send_task(task, expires=STALE_AFTER_S, retry=False, ignore_result=True)
    except OperationalError as error:
        log.warning("hint_not_sent", task=task, error=type(error).__name__)
        return
    crash_point("hint.sent")
