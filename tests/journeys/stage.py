"""The stage of the in-process journeys: a house connected to an imitation Amazon, both on one set clock, and workers that run when asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from django.db import connection
from django.test import override_settings
from django.utils.timezone import now

from fulfillment.services.batching import batch_next
from fulfillment.services.pushing import push_next
from orders.models import Order
from orders.services.mapping import map_listing
from orders.services.personalisation import fetch_next
from orders.services.polling import poll_next
from orders.services.take_in import authorizations_with_work, take_in
from pod_hub.accounts.actors import HUB
from pod_hub.core.http import allowed_atomic_depth
from pod_hub.core.tenancy import tenant
from stores.models import Authorization
from stores.sandbox.amazon.records import PlacedOrder
from stores.sandbox.amazon.server import ImitationAmazon
from tests.factories.cast import House, northprint
from tests.journeys.workshop import Workshop

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


class Stage(Workshop):
    """One house and one imitation. ``later`` moves both clocks; ``work`` runs whatever is due, as beat and workers do."""

    usual_carrier = "DHL"

    def __init__(self, amazon: ImitationAmazon, house: House, traveller: time_machine.Traveller) -> None:
        self.amazon, self.house, self._traveller = amazon, house, traveller

    def later(self, **span: float) -> None:
        """Let time pass on both sides."""
        self._traveller.shift(timedelta(**span))
        self.amazon.clock.advance(timedelta(**span).total_seconds())

    def work(self) -> None:
        """Run due polls, intake, fetches and pushes until nothing is due."""
        for _turn in range(20):
            busy = poll_next() is not None
            for authorization_id, psp_id in authorizations_with_work():
                taken = take_in(authorization_id=authorization_id, psp_id=psp_id)
                busy = bool(taken and taken.records) or busy
            busy = fetch_next() or busy
            busy = bool(push_next() + batch_next()) or busy
            if not busy:
                return

    def poll_now(self) -> None:
        """Make the poll due and work."""
        with tenant(self.house.psp.pk):
            Authorization.objects.update(next_poll_at=now())
        self.work()

    def buy(self, **wish: Any) -> PlacedOrder:
        """A buyer orders; the order becomes visible to polls once the channel's data lag is over."""
        placed = self.amazon.place_order(**({"sku": "MUG-11OZ-WHITE"} | wish))
        self.later(minutes=3)
        self.poll_now()
        return placed

    def map_mug(self) -> None:
        """Map the cast's listing."""
        with tenant(self.house.psp.pk):
            map_listing(listing_id=self.house.listing.pk, customer_product_id=self.house.mug.pk, design_id=self.house.design.pk, actor=HUB)

    def order(self, placed: PlacedOrder) -> Order:
        """Return the hub's order for a placed one."""
        with tenant(self.house.psp.pk):
            return Order.objects.prefetch_related("lines").get(external_id=placed.order_id)


@contextmanager
def stage(at: datetime = START) -> Iterator[Stage]:
    """Set the stage at factor 1 on a set clock. Needs the ``db`` fixture; its own transaction does not count as one."""
    token = allowed_atomic_depth.set(len(connection.atomic_blocks))
    try:
        with (
            time_machine.travel(at, tick=False) as traveller,
            ImitationAmazon(at=at) as amazon,
            override_settings(AMAZON_SANDBOX_URL=amazon.url, TIME_FACTOR=1),
        ):
            yield Stage(amazon, northprint(amazon.refresh_token()), traveller)
    finally:
        allowed_atomic_depth.reset(token)
