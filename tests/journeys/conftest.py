"""The stage of the journeys at TikTok Shop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import caches
from redis import Redis

from tests.journeys.tiktok_stage import TikTokStage, tiktok_stage


@pytest.fixture
def on(db: None) -> Iterator[TikTokStage]:
    """A TikTok Shop with Northprint's store connected, and buckets that nobody has drawn from."""
    Redis.from_url(settings.REDIS_URL).flushdb()
    caches["default"].clear()
    with tiktok_stage() as ready:
        yield ready
