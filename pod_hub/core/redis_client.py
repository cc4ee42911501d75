"""The connection to Redis (or Valkey) for what all workers share and may lose: quota buckets and access tokens."""

from __future__ import annotations

from functools import lru_cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry


@lru_cache(maxsize=2)
def _client(url: str) -> redis.Redis:
    # Short timeouts: a broker that hangs must not hold a worker; callers turn the error into "try later".
    return redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2, retry=Retry(NoBackoff(), 1))


def redis_client() -> redis.Redis:
    """Return the shared client of ``REDIS_URL``; values are bytes. Safe across threads and forks (its pool notices a new process)."""
    return _client(settings.REDIS_URL)
