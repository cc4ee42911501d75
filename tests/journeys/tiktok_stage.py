"""The stage of the in-process journeys at TikTok Shop: a house connected to an imitation on one set clock, its webhooks, and workers that run when asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.utils.timezone import now

from fulfillment.services import carriers, label_work
from fulfillment.services.pushing import push_next
from orders.models import Hold, Order
from orders.services import reading_again, returning
from orders.services.mapping import map_listing
from orders.services.noticing import handle_next
from orders.services.personalisation import fetch_next
from orders.services.polling import poll_next
from orders.services.take_in import authorizations_with_work, take_in
from pod_hub.accounts.actors import HUB
from pod_hub.core.http import allowed_atomic_depth
from pod_hub.core.tenancy import tenant
from stores.channels.consent_types import Participation
from stores.channels.tiktok.tokens import read_pair
from stores.models import Authorization, Connection, Listing, Store
from stores.sandbox.tiktok import seed
from stores.sandbox.tiktok.records import PlacedOrder
from stores.sandbox.tiktok.server import ImitationTikTok
from stores.services.granted_shops import keep_shops
from stores.services.token_keeping import seal_pair
from tests.channels.tiny_server import Reply, Seen, TinyServer
from tests.factories.cast import House, northprint
from tests.journeys.workshop import Workshop

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
SHOP = seed.ADA_SHOP
SKU, NAMED_SKU = "MUG-11OZ-WHITE", "MUG-NAME/ÄÖÜ-1"
NOTICES = "/stores/connect/tiktok/notices/"


class TikTokStage(Workshop):
    """One house with a TikTok Shop. ``later`` moves both clocks; ``work`` runs whatever is due, as beat and workers do."""

    usual_carrier = "USPS"

    def __init__(self, tiktok: ImitationTikTok, ear: TinyServer, house: House, traveller: time_machine.Traveller) -> None:
        self.tiktok, self.ear, self.house, self._traveller = tiktok, ear, house, traveller
        with tenant(house.psp.pk):
            self.store, self.connection = self._connect()
            self.listing = Listing.objects.create(store=self.store, key=SKU, sku=SKU, product_id="1", title="Ceramic mug 11 oz")
            map_listing(listing_id=self.listing.pk, customer_product_id=house.mug.pk, design_id=house.design.pk, actor=HUB)

    def _connect(self) -> tuple[Store, Connection]:
        """Connect the store as the wizard leaves it behind."""
        house = self.house
        Authorization.objects.filter(kind="amazon").update(next_poll_at=now() + timedelta(days=3650))  # its side is not on this stage
        store = Store.objects.create(
            customer=house.customer,
            facility=house.facility,
            trading_name=house.trading_name,
            kind="tiktok",
            name="Ada on TikTok",
            marketplace="US",
            shop_number=SHOP.shop_id,
        )
        pair = read_pair(self.tiktok.tokens(SHOP.open_id))
        row = Authorization(customer=house.customer, kind="tiktok", account_id=SHOP.open_id, region="US")
        row.check_tenant()
        row.save()
        seal_pair(row, pair)
        row.save()
        keep_shops(row, [Participation(SHOP.shop_id, "US", "United States", True, False, SHOP.name, site="US", key=SHOP.cipher, seller_type="LOCAL")])
        link = Connection.objects.create(store=store, authorization=row, state=Connection.State.CONNECTED, mark_as_despatched=True)
        store.refresh_from_db()
        return store, link

    @property
    def authorization(self) -> Authorization:
        """The permission as it is now."""
        with tenant(self.house.psp.pk):
            return Authorization.objects.get(kind="tiktok")

    def later(self, **span: float) -> None:
        """Let time pass on both sides."""
        self._traveller.shift(timedelta(**span))
        self.tiktok.clock.advance(timedelta(**span).total_seconds())

    def work(self) -> None:
        """Run due polls, notices, questions, intake, fetches, labels and pushes until nothing is due."""
        for _turn in range(30):
            busy = poll_next() is not None
            busy = bool(handle_next()) or busy
            busy = bool(reading_again.read_next()) or busy
            busy = returning.read_next() or busy
            for authorization_id, psp_id in authorizations_with_work():
                taken = take_in(authorization_id=authorization_id, psp_id=psp_id)
                busy = bool(taken and taken.records) or busy
            busy = fetch_next() or busy
            busy = carriers.read_next() or busy
            busy = bool(push_next() + label_work.work_next()) or busy
            if not busy:
                return

    def poll_now(self) -> None:
        """Make the poll due and work."""
        with tenant(self.house.psp.pk):
            Authorization.objects.filter(kind="tiktok").update(next_poll_at=now(), next_returns_at=now(), next_carriers_at=now())
        self.work()

    def hear(self) -> list[int]:
        """Let the imitation send its webhooks, carry them to the hub, and work. Returns the hub's answers."""
        before = len(self.ear.seen)
        self.tiktok.deliver_webhooks()
        answers = [self.bring(seen) for seen in self.ear.seen[before:]]
        self.work()
        return answers

    def bring(self, seen: Seen) -> int:
        """Bring one webhook to the hub as it arrived."""
        return (
            Client()
            .post(NOTICES, seen.body, content_type="application/json", headers={"authorization": seen.headers.get("authorization", "")})
            .status_code
        )

    def buy(self, *, holds: bool = False, **wish: Any) -> PlacedOrder:
        """A buyer orders; the hub polls once TikTok's lag is over."""
        placed = self.tiktok.place_order(**({"sku": SKU, "holds": holds} | wish))
        self.later(minutes=3)
        self.poll_now()
        return placed

    def order(self, placed: PlacedOrder) -> Order:
        """Return the hub's order for a placed one."""
        with tenant(self.house.psp.pk):
            return Order.objects.select_related("store").prefetch_related("lines").get(external_id=placed.order_id)

    def there_by(self, number: str) -> PlacedOrder:
        """Return the order with this number as the imitation knows it."""
        found = self.tiktok.books.order(number)
        assert found is not None
        return found

    def there(self, placed: PlacedOrder) -> PlacedOrder:
        """Return the order as the imitation knows it."""
        found = self.tiktok.books.order(placed.order_id)
        assert found is not None
        return found

    def holds(self, placed: PlacedOrder) -> list[Hold]:
        """Return the order's open holds."""
        with tenant(self.house.psp.pk):
            return list(Hold.objects.filter(order__external_id=placed.order_id, released_at=None).order_by("pk"))

    def said(self, placed: PlacedOrder) -> str:
        """Return the order's timeline as one text."""
        with tenant(self.house.psp.pk):
            return "\n".join(event.summary for event in self.order(placed).events.order_by("pk"))


@contextmanager
def tiktok_stage(at: datetime = START) -> Iterator[TikTokStage]:
    """Set the stage at factor 1 on a set clock. Needs the ``db`` fixture; its own transaction does not count as one."""
    token = allowed_atomic_depth.set(len(connection.atomic_blocks))
    ear = TinyServer()
    ear.routes["/"] = Reply(200, b"")
    try:
        with (
            time_machine.travel(at, tick=False) as traveller,
            ImitationTikTok(at=at, hub_url=settings.PUBLIC_URL) as tiktok,
            override_settings(TIKTOK_SANDBOX_URL=tiktok.url, TIME_FACTOR=1),
        ):
            tiktok.world.application.webhook_url = f"{ear.url}{NOTICES}"
            yield TikTokStage(tiktok, ear, northprint(), traveller)
    finally:
        ear.close()
        allowed_atomic_depth.reset(token)
