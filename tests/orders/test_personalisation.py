"""Fetching the buyer's own text while another worker, or the purge, is quicker."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import caches
from django.utils.timezone import now
from redis import Redis

from orders.models import Order, OrderEvent, Personalisation, PurgeRecord
from orders.services.purging import purge_orders
from pod_hub.accounts.actors import HUB
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from stores.channels.amazon.adapter import AmazonChannel
from stores.channels.amazon.customization import read_archive
from stores.channels.types import PersonalText
from tests.journeys.stage import Stage, stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def on(db: None) -> Iterator[Stage]:
    Redis.from_url(settings.REDIS_URL).flushdb()
    caches["default"].clear()
    with stage() as ready:
        yield ready


def fetched(on: Stage) -> list[str]:
    with tenant(on.house.psp.pk):
        return list(OrderEvent.objects.filter(kind="personalisation").values_list("summary", flat=True))


def test_a_worker_that_lost_its_lease_while_it_fetched_stores_nothing_and_says_nothing(on: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    quicker = uuid.uuid4()

    def overtaken(_channel: AmazonChannel, archive: bytes) -> tuple[PersonalText, ...]:
        with tenant(on.house.psp.pk):
            Personalisation.objects.update(lease=quicker, leased_until=now() + timedelta(seconds=20))
        return read_archive(archive)

    with monkeypatch.context() as patched:
        patched.setattr(AmazonChannel, "read_personalisation", overtaken)
        on.buy(sku="MUG-NAME/ÄÖÜ 1", personalisation="For Jördis")
    with tenant(on.house.psp.pk):
        row = Personalisation.objects.get()
        assert (row.lease, row.delivery, row.content_sealed, row.fetched_at) == (quicker, Delivery.PENDING, None, None)
        Personalisation.objects.update(lease=None, leased_until=None)
    assert fetched(on) == []
    on.work()
    with tenant(on.house.psp.pk):
        assert Personalisation.objects.get().delivery == Delivery.CONFIRMED
    assert len(fetched(on)) == 1


def test_what_was_purged_while_it_was_fetched_stays_empty(on: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def purged(_channel: AmazonChannel, archive: bytes) -> tuple[PersonalText, ...]:
        with tenant(on.house.psp.pk):
            purge_orders(order_ids=list(Order.objects.values_list("pk", flat=True)), rule=PurgeRecord.Rule.REQUESTED, actor=HUB)
        return read_archive(archive)

    monkeypatch.setattr(AmazonChannel, "read_personalisation", purged)
    on.buy(sku="MUG-NAME/ÄÖÜ 1", personalisation="For Jördis")
    with tenant(on.house.psp.pk):
        row = Personalisation.objects.get()
        assert (row.delivery, row.content_sealed) == (Delivery.WITHDRAWN, None)
    assert fetched(on) == []
