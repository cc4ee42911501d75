"""The Celery application: queues, beat and delivery settings.

A message is a hint. What is due stands in PostgreSQL rows (docs/outbox.md), so a lost or doubled message costs seconds, not orders.
"""

from __future__ import annotations

import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from celery import Celery
from celery.signals import beat_init, before_task_publish, setup_logging, task_postrun, task_prerun

from pod_hub import heartbeats
from pod_hub.core.acting import NOBODY, Acting, begin_acting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pod_hub.settings")

# queue -> what runs there; docker-compose.yml starts one worker for each and a test compares the two. The worker of "poll" is one process of
# threads, which Celery's time limits do not reach: what runs there ends by its own deadlines (pod_hub/core/deadlines.py, TURN_S of the tasks).
QUEUES = {
    "default": "mail and housekeeping: sweeps, digests",
    "poll": "asking channels for orders and listings",
    "intake": "turning intake records into orders",
    "push": "telling channels what left; products that are added, stock",
    "files": "print files and mockups: drawing them, looking at stored ones; job tickets, bulk imports",
    "fetch": "other people's servers: linked files, remote storages, personalisation archives",
}

TICK_S = 5.0
POLL_TICK_S = 1.0  # a seller that rests is asked once a minute: a minute that ends up to five seconds late would be none
PURGE_S = 3600.0  # days are counted in rows; a beat that restarts every day must still come to it
DIGEST_S = 300.0
SWEEP_S = 30.0  # for what is hardly ever due


def _transport(url: str) -> str:
    """Kombu writes a Redis socket as redis+socket://; redis-py and Django write it as unix://."""
    return "redis+socket://" + url.removeprefix("unix://") if url.startswith("unix://") else url


app = Celery("pod_hub")


def _settings() -> dict[str, Any]:
    """Return Celery's settings, which need Django's; asked for at first use.

    Not a handler of ``on_configure``: in a process whose first act is to send a message, Celery asks for the settings again while such a
    handler sets them, and so on until the stack is full.
    """
    from django.conf import settings

    return {
        "broker_url": _transport(settings.REDIS_URL),
        "broker_connection_retry_on_startup": True,
        "broker_connection_timeout": 2,
        "broker_transport_options": {
            "visibility_timeout": 120,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            # A broker that hangs must not hold a request that only wants to send a hint.
            "socket_connect_timeout": 2,
            "socket_timeout": 5,
        },
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_default_queue": "default",
        "task_create_missing_queues": True,
        "task_time_limit": 60,
        "task_soft_time_limit": 50,
        "worker_prefetch_multiplier": 1,
        "worker_hijack_root_logger": False,
        "worker_max_tasks_per_child": 10_000,
        # One tick for thousands of sellers: each tick only says "look now"; what is due stands in rows (quality R8).
        "beat_schedule": {
            name: {"task": name, "schedule": TICK_S, "options": {"expires": 2 * TICK_S}}
            for name in (
                "orders.take_in",
                "orders.personalise",
                "orders.accept_suggestions",
                "catalog.render",
                "orders.bulk_imports",
                "orders.fetch_linked_files",
                "orders.scan_storages",
                "orders.attach_files",
                "orders.check_files",
                "orders.judge_designs",
                "orders.notices",
                "orders.read_again",
                "stores.sync_listings",
                "stores.self_tests",
                "stores.publish",
                "stores.product_pictures",
                "stores.push_stock",
                "stores.push_prices",
                "fulfillment.push",
                "fulfillment.labels",
                "mail.deliver",
                "catalog.imports",
            )
        }
        | {"orders.poll": {"task": "orders.poll", "schedule": POLL_TICK_S, "options": {"expires": 2 * TICK_S}}}
        | {"orders.sweep_mapped": {"task": "orders.sweep_mapped", "schedule": SWEEP_S, "options": {"expires": SWEEP_S}}}
        | {
            name: {"task": name, "schedule": SWEEP_S, "options": {"expires": SWEEP_S}}
            for name in ("orders.release_approved", "orders.reconcile", "orders.returns", "fulfillment.carriers")
        }
        | {"orders.digest": {"task": "orders.digest", "schedule": DIGEST_S, "options": {"expires": DIGEST_S}}}
        | {
            name: {"task": name, "schedule": PURGE_S, "options": {"expires": PURGE_S}}
            for name in ("orders.purge", "orders.forget", "mail.empty", "stores.remind")
        },
        "task_routes": {
            "orders.poll": "poll",
            "stores.sync_listings": "poll",
            "stores.self_tests": "poll",
            "stores.publish": "push",
            "stores.push_stock": "push",
            "stores.push_prices": "push",
            "stores.product_pictures": "files",
            "orders.take_in": "intake",
            "orders.sweep_mapped": "intake",
            "orders.accept_suggestions": "intake",
            "orders.personalise": "fetch",
            "orders.bulk_imports": "files",
            "orders.fetch_linked_files": "fetch",
            "orders.scan_storages": "fetch",
            "orders.attach_files": "fetch",
            "orders.check_files": "files",
            "orders.judge_designs": "intake",
            "catalog.render": "files",
            "orders.reconcile": "poll",
            "orders.read_again": "poll",
            "orders.returns": "poll",
            "orders.notices": "intake",
            "fulfillment.push": "push",
            "fulfillment.labels": "push",
            "fulfillment.carriers": "poll",
        },
        "beat_scheduler": "celery.beat:Scheduler",  # keeps its state in memory: what is due stands in the database
        "timezone": "UTC",
        "enable_utc": True,
    }


app.add_defaults(_settings)


@setup_logging.connect
def _log_as_the_rest_of_the_hub(loglevel: int | None = None, **_kwargs: object) -> None:
    """Keep Celery's own set-up away: having a receiver is what tells it so. ``--loglevel`` governs Celery's loggers alone."""
    from django.conf import settings
    from django.utils.log import configure_logging

    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    if loglevel is not None:
        logging.getLogger("celery").setLevel(loglevel)


@task_prerun.connect
def _name_the_task(task_id: str, task: object, **_kwargs: object) -> None:
    structlog.contextvars.clear_contextvars()
    name = getattr(task, "name", "")
    structlog.contextvars.bind_contextvars(task=name, task_id=task_id)
    begin_acting(Acting(label=f"worker: {name}"))


@task_postrun.connect
def _forget_the_task(**_kwargs: object) -> None:
    structlog.contextvars.clear_contextvars()
    begin_acting(NOBODY)


@before_task_publish.connect
def _write_the_time_on_it(headers: dict[str, object] | None = None, **_kwargs: object) -> None:
    if headers is not None:
        headers[heartbeats.SENT_AT] = time.time()


@beat_init.connect
def _tell_of_ticks(**_kwargs: object) -> None:
    """In beat's process every message is a tick. Told from a thread: a signal to stop would be lost inside a call of the main one."""
    signs = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sign")

    def tick(**_kwargs: object) -> None:
        signs.submit(heartbeats.beat_ticks)

    before_task_publish.connect(tick, weak=False)


app.steps["consumer"].add(heartbeats.Heartbeat)
app.autodiscover_tasks()
