"""Fast imitations for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from pytest_django import Settings
from redis import Redis

from stores.sandbox.amazon.server import ImitationAmazon
from stores.sandbox.tiktok.server import ImitationTikTok
from tests.faults.amazon import Amazon
from tests.faults.tiktok import TikTok

FACTOR = 240  # the marketplace's two minutes of data lag are half a second


@pytest.fixture
def amazon(settings: Settings) -> Iterator[Amazon]:
    """A fast imitation Amazon, which the hub talks to."""
    Redis.from_url(django_settings.REDIS_URL).flushdb()
    caches["default"].clear()
    with ImitationAmazon(factor=FACTOR) as running:
        settings.AMAZON_SANDBOX_URL, settings.TIME_FACTOR = running.url, FACTOR
        yield Amazon(running.url)


@pytest.fixture
def tiktok(settings: Settings) -> Iterator[TikTok]:
    """A fast imitation TikTok Shop, which the hub talks to. Its webhooks go nowhere."""
    Redis.from_url(django_settings.REDIS_URL).flushdb()
    caches["default"].clear()
    with ImitationTikTok(factor=FACTOR) as running:
        settings.TIKTOK_SANDBOX_URL, settings.TIME_FACTOR = running.url, FACTOR
        yield TikTok(running.url)
