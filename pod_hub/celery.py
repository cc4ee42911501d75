"""The Celery application: queues, beat and delivery settings.

A message is a hint. What is due stands in PostgreSQL rows (docs/outbox.md), so a lost or doubled message costs seconds, not orders.
"""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pod_hub.settings")

# queue -> what runs there; docker-compose.yml starts one worker for each and a test compares the two.
QUEUES = {
    "default": "housekeeping: sweeps and digests",
    "poll": "asking channels for orders and listings",
    "intake": "turning intake records into orders",
    "push": "telling channels what left",
    "files": "print files, job tickets, personalisation archives",
}

TICK_S = 5.0


def _transport(url: str) -> str:
    """Kombu writes a Redis socket as redis+socket://; redis-py and Django write it as unix://."""
    return "redis+socket://" + url.removeprefix("unix://") if url.startswith("unix://") else url


app = Celery("pod_hub")


@app.on_configure.connect
def _configure(sender: Celery, **_kwargs: object) -> None:
    from django.conf import settings

    sender.conf.update(
        broker_url=_transport(settings.REDIS_URL),
        broker_connection_retry_on_startup=True,
        broker_transport_options={"visibility_timeout": 120, "unacked_restore_interval": 10, "unacked_restore_throttle": 1},
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_default_queue="default",
        task_create_missing_queues=True,
        task_time_limit=60,
        task_soft_time_limit=50,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_max_tasks_per_child=10_000,
        # One tick for thousands of sellers: each tick only says "look now"; what is due stands in rows (quality R8).
        beat_schedule={
            name: {"task": name, "schedule": TICK_S, "options": {"expires": 2 * TICK_S}}
            for name in ("orders.poll", "orders.take_in", "orders.personalise", "stores.sync_listings", "fulfillment.push")
        },
        task_routes={
            "orders.poll": "poll",
            "stores.sync_listings": "poll",
            "orders.take_in": "intake",
            "orders.personalise": "files",
            "fulfillment.push": "push",
        },
        beat_scheduler="celery.beat:Scheduler",  # keeps its state in memory: what is due stands in the database
        timezone="UTC",
        enable_utc=True,
    )


app.autodiscover_tasks()
