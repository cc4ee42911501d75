"""Signs of life of workers and beat: each leaves a key in Redis that the operators' system page reads.

Asking the workers instead would take seconds a page, and a busy worker does not answer. A sign is worth a hint, no more: nothing is decided by it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import orjson
import redis
import structlog
from celery import bootsteps

from pod_hub.core.redis_client import redis_client

log = structlog.get_logger(__name__)

_WORKER = "hub:worker:"
_BEAT = "hub:beat"
EVERY_S = 5.0
# Later than this a worker counts as silent; long after it, it is forgotten.
SILENT_AFTER_S = 20.0
FORGOTTEN_AFTER_S = 3600
SENT_AT = "hub_sent_at"


@dataclass(frozen=True, slots=True)
class Sign:
    """The last sign of one worker."""

    name: str
    queues: tuple[str, ...]
    processes: int
    started_at: float
    age_s: float

    @property
    def is_silent(self) -> bool:
        """Whether it should have been heard of since."""
        return self.age_s > SILENT_AFTER_S


class Heartbeat(bootsteps.StartStopStep):
    """Leaves this worker's sign every few seconds while its consumer runs, and takes it back when it stops in good order."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **_options: Any) -> None:
        self._timer: Any = None
        self._since = time.time()

    def start(self, consumer: Any) -> None:
        """Begin."""
        self.leave_sign(consumer)
        self._timer = consumer.timer.call_repeatedly(EVERY_S, self.leave_sign, (consumer,), priority=10)

    def stop(self, consumer: Any) -> None:
        """End."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        _quietly(lambda client: client.delete(_WORKER + consumer.hostname))

    shutdown = stop

    def leave_sign(self, consumer: Any) -> None:
        """Say that this worker lives and which queues it reads. Never raises: work goes on without it."""
        queues = sorted(queue.name for queue in consumer.task_consumer.queues) if consumer.task_consumer else []
        sign = {"queues": queues, "processes": getattr(consumer.pool, "num_processes", 1) or 1, "started_at": self._since, "at": time.time()}
        _quietly(lambda client: client.set(_WORKER + consumer.hostname, orjson.dumps(sign), ex=FORGOTTEN_AFTER_S))


def beat_ticks() -> None:
    """Say that beat has just sent something."""
    _quietly(lambda client: client.set(_BEAT, str(time.time())))


def _quietly(act: Any) -> None:
    try:
        act(redis_client())
    except redis.RedisError as error:
        log.debug("sign_not_left", failure=type(error).__name__)


def workers() -> list[Sign]:
    """Return the last signs by worker's name; raises ``redis.RedisError``."""
    client = redis_client()
    keys = sorted(client.scan_iter(match=f"{_WORKER}*", count=500))
    moment = time.time()
    found = []
    for key, kept in zip(keys, client.mget(keys) if keys else [], strict=True):
        if kept:
            sign = orjson.loads(kept)
            age = max(0.0, moment - sign["at"])
            found.append(Sign(key.decode().removeprefix(_WORKER), tuple(sign["queues"]), int(sign["processes"]), sign["started_at"], age))
    return found


def beat_age_s() -> float | None:
    """Return the seconds since beat last sent something, or None when it never did; raises ``redis.RedisError``."""
    at = redis_client().get(_BEAT)
    return None if at is None else max(0.0, time.time() - float(at))


def oldest_message_s(queue: str) -> float | None:
    """Return how long the oldest message of a queue has waited, or None for an empty queue and for one that does not say; raises ``RedisError``."""
    oldest = redis_client().lindex(queue, -1)
    if oldest is None:
        return None
    sent_at = orjson.loads(oldest).get("headers", {}).get(SENT_AT)
    return None if sent_at is None else max(0.0, time.time() - float(sent_at))
