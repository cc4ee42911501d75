"""Programs of both houses, and full buckets."""

from __future__ import annotations

import pytest
from django.conf import settings
from redis import Redis

from tests.factories.cast import House
from tests.factories.programs import Program, program


@pytest.fixture(autouse=True)
def _full_buckets() -> None:
    Redis.from_url(settings.REDIS_URL).flushall()


@pytest.fixture
def plant(north: House) -> Program:
    """Northprint's program, with every scope."""
    return program(north)


@pytest.fixture
def mallory(south: House) -> Program:
    """Southprint's program, with every scope."""
    return program(south)
