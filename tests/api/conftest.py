"""Programs of both houses, and full buckets."""

from __future__ import annotations

import pytest
from django.conf import settings
from redis import Redis

from orders.models import Hold, HoldKind
from orders.services.holds import open_hold
from pod_hub.core.tenancy import tenant
from tests.api.test_orders import line_of, mapped
from tests.factories.amazon_orders import amazon_order
from tests.factories.cast import House
from tests.factories.programs import Program, manual_store, program, publication


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


@pytest.fixture
def ids(north: House) -> dict[str, list[str]]:
    """Ids and other values that mean something, by the name of the field they go into: without them made-up requests end at the door."""
    one, held = mapped(north, amazon_order(), amazon_order())
    with tenant(north.psp.pk):
        hold = open_hold(held, HoldKind.APPROVAL, "Waits for somebody's yes.")
        assert hold is not None
        holds = [row.public_id for row in Hold.objects.all()]
    store, line, added = manual_store(north), line_of(north, one), publication(north)
    return {
        "public_id": [one.public_id, held.public_id, *holds, added.public_id],
        "line_id": [line.public_id],
        "line": [line.public_id],
        "lines": [line.public_id],
        "store": [store.public_id, store.public_id, north.store.public_id],
        "customer": [north.customer.public_id],
        "product_model": [north.mug.product_model.public_id],
        "product_uid": ["MUG-11", "STICKER"],
        "design": [north.design.public_id],
        "order_number": ["WEB-1", "WEB-2"],
        "to": ["released", "received", "printing"],
        "tracking_number": ["JJD0000001"],
        "carrier_code": ["DHL", "Other"],
        "country": ["DE"],
    }
