"""What a cell plays on: a PSP with connected sellers, seeded buyers, and a robot that does a production worker's day."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Q
from django.utils.timezone import now

from catalog.models import Category, CustomerProduct, ProductModel, RenderJob
from catalog.tasks import render
from fulfillment.models import Push, PushBatch
from fulfillment.services.cancelling import CannotCancel, cancel_lines
from fulfillment.services.shipping import CannotShip, Parcel, ship
from fulfillment.services.wishes import decline_cancellation
from fulfillment.tasks import push
from orders.models import Hold, HoldKind, IntakeRecord, Order, Personalisation, Reconciliation
from orders.services.mapping import map_listing
from orders.services.personalisation import CannotApprove, approve_personalisation
from orders.services.production import HeldBack, IllegalTransition, move_lines, release_order
from orders.states import OPEN_ORDER_STATES, LineState
from orders.tasks import personalise, poll, reconcile, take_in_due
from pod_hub.accounts.actors import HUB
from pod_hub.accounts.models import Customer, Facility, Psp
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from stores.channels.telling_types import CancelReason
from stores.channels.types import ChannelState
from stores.models import Authorization, Listing, ListingSync, Store
from stores.services.syncing import start_sync
from stores.tasks import sync_listings
from tests.faults.marketplace import Marketplace

PRICES = {"MUG": "14.90", "TEE": "19.99", "MUG-NAME": "18.55"}
IDLE_S = 0.1


@dataclass(slots=True)
class Scene:
    """One PSP of its own for one cell, so that cells never see each other's orders."""

    market: Marketplace
    psp_id: int
    sellers: list[str]
    chance: random.Random
    placed: int = 0
    unpaid: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    # --- Buyers -------------------------------------------------------------------------------------------------------
    def buy(self, count: int = 1, *, seller: str = "", plain: bool = False) -> list[str]:
        """Place ``count`` different orders: some with several lines, some personalised, some not paid yet. ``plain``: paid, one line."""
        numbers = []
        for _order in range(count):
            lines = 1 if plain else self.chance.choice((1, 1, 1, 2, 3))
            skus = ["MUG"] if plain else self.chance.sample(list(PRICES), lines)
            items = [
                {"sku": sku, "quantity": self.chance.randint(1, 3)} | ({"personalisation": "For Jördis"} if "NAME" in sku else {}) for sku in skus
            ]
            paid = plain or self.chance.random() > 0.15
            seller_id = seller or self.chance.choice(self.sellers)
            (number,) = self.market.place(seller_id=seller_id, items=items, paid=paid, buyer_name="Bea Buyer")
            (self.open if paid else self.unpaid).append(number)
            numbers.append(number)
        self.placed += count
        return numbers

    def meddle(self) -> None:
        """Now and then a buyer pays, cancels or asks to cancel."""
        if self.unpaid and self.chance.random() < 0.3:
            number = self.unpaid.pop(self.chance.randrange(len(self.unpaid)))
            self.market.pay(number)
            self.open.append(number)
        if self.open and self.chance.random() < 0.06:
            self.market.cancel(self.chance.choice(self.open))
        if self.open and self.chance.random() < 0.06:
            self.market.ask_to_cancel(self.chance.choice(self.open))

    def cancel_one(self) -> None:
        """Cancel an order at the plant, of which nothing has left: the marketplace has to be told."""
        with tenant(self.psp_id):
            order_id = (
                Order.objects.filter(state="received", channel_state=ChannelState.UNSHIPPED).order_by("-pk").values_list("pk", flat=True).first()
            )
            if order_id is not None:
                with suppress(CannotCancel):
                    cancel_lines(order_id=order_id, reason=CancelReason.NO_STOCK, actor=HUB, confirm_printed=True)

    # --- Production ---------------------------------------------------------------------------------------------------
    def produce(self, most: int = 20) -> int:
        """Do what a person at the plant does: decide holds, release, print, pack, ship. Returns how many orders went on."""
        with tenant(self.psp_id):
            asked = Hold.objects.filter(kind=HoldKind.CANCEL_REQUEST, released_at=None).exclude(order__channel_state=ChannelState.CANCELLED)
            waiting = Order.objects.filter(Q(state__in=OPEN_ORDER_STATES) | Q(pk__in=asked.values("order"))).order_by("pk")
            numbers = list(waiting.values_list("pk", flat=True)[: most * 5])
        done = 0
        for order_id in numbers:
            done += self._produce(order_id)
            if done >= most:
                break
        return done

    def _produce(self, order_id: int) -> bool:
        if not self._decide_holds(order_id):
            return False
        try:
            with tenant(self.psp_id):
                release_order(order_id=order_id, actor=HUB)
            for state in (LineState.PRINTING, LineState.PACKING):
                with tenant(self.psp_id):
                    move_lines(order_id=order_id, to=state, actor=HUB)
            with tenant(self.psp_id):
                return self._ship(order_id)
        except (HeldBack, IllegalTransition, CannotShip):
            return False  # something changed meanwhile; the next round sees it

    def _decide_holds(self, order_id: int) -> bool:
        """Decide what a person decides; False while something is left to wait for."""
        with tenant(self.psp_id):
            order = Order.objects.get(pk=order_id)
            holds = list(Hold.objects.filter(order=order, released_at=None))
            cancelled = order.channel_state == ChannelState.CANCELLED
        for hold in holds:
            with tenant(self.psp_id):
                if hold.kind == HoldKind.CANCEL_REQUEST and not cancelled:
                    decline_cancellation(order_id=order_id, actor=HUB)
                elif hold.kind == HoldKind.PERSONALISATION and not cancelled:
                    if Personalisation.objects.filter(line=hold.line_id, delivery=Delivery.CONFIRMED).exists():
                        try:
                            approve_personalisation(line_id=hold.line_id or 0, actor=HUB)
                        except CannotApprove:
                            return False
                    else:
                        return False
                elif not cancelled:
                    return False
        if cancelled:
            with tenant(self.psp_id):
                move_lines(order_id=order_id, to=LineState.CANCELLED, actor=HUB, reason="cancelled at the marketplace")
            return False
        return True

    def _ship(self, order_id: int) -> bool:
        order = Order.objects.get(pk=order_id)
        lines = [line for line in order.lines.all() if line.quantity_open]
        if not lines or any(line.state != LineState.PACKING for line in lines):
            return False
        first = {line.pk: line.quantity_open for line in lines}
        second: dict[int, int] = {}
        if lines[0].quantity_open > 1 and order.pk % 2:  # every other order of several pieces leaves in two parcels
            first[lines[0].pk] -= 1
            second = {lines[0].pk: 1}
        tracking = f"{order.pk:08d}"
        parcels = [Parcel(self.market.CARRIER, f"00340434161094{tracking}", first)]
        parcels += [Parcel(self.market.CARRIER, f"00340434161095{tracking}", second)] if second else []
        ship(order_id=order.pk, parcels=parcels, actor=HUB)
        return True

    # --- Waiting ------------------------------------------------------------------------------------------------------
    def unfinished(self) -> str:
        """Say what is still on its way, or an empty text when everything has come to rest."""
        stamps: dict[str, datetime] = {}
        for seller in self.sellers:
            for order in self.market.orders(seller):
                changed = datetime.fromisoformat(order["stamp"]).astimezone(UTC)
                stamps[seller] = max(changed, stamps.get(seller, changed))
        with tenant(self.psp_id):
            for row in Authorization.objects.filter(account_id__in=list(stamps)):
                # A stamp is a whole second and so is a cursor: one that only equals it may be of a list made earlier within that second.
                if row.orders_cursor is None or row.orders_cursor <= stamps[row.account_id]:
                    return f"{row.account_id} has not been polled up to its last change ({row.poll_waits_for or row.state})"
            for model, wanted in (
                (IntakeRecord, {"verdict": IntakeRecord.Verdict.PENDING}),
                (Push, {"delivery__in": [Delivery.PENDING, Delivery.ACCEPTED]}),
                (PushBatch, {"delivery__in": [Delivery.PENDING, Delivery.ACCEPTED]}),
                (Reconciliation, {"delivery": Delivery.PENDING}),
                (Personalisation, {"delivery": Delivery.PENDING}),
                (ListingSync, {"delivery": Delivery.PENDING}),
                (RenderJob, {"delivery": Delivery.PENDING}),
            ):
                if count := model.objects.filter(**wanted).count():
                    return f"{count} rows of {model._meta.verbose_name} are not done"
        return ""

    def come_to_rest(
        self, *, within_s: float, work: Callable[[], object] | None = None, tick: Callable[[], object] | None = None, produce: bool = True
    ) -> str:
        """Produce (and ``work``, where no workers run) until nothing is left to do; returns what is unfinished when time is over."""
        ends, left, at_rest = time.monotonic() + within_s, "nothing was looked at", False
        while time.monotonic() < ends:
            if tick is not None:
                tick()
            try:
                busy = self.produce(most=200) if produce else 0
                if work is not None:
                    work()
                left = "production goes on" if busy else self.unfinished()
            except (DatabaseError, InterfaceError) as error:  # the server is on its way back
                connection.close()
                left = f"the database answers {type(error).__name__}"
            if not left and at_rest:
                return ""
            at_rest = not left  # twice, because what the plant found waiting may have arrived since it looked
            time.sleep(IDLE_S * 3)
        return left

    def leave(self) -> None:
        """Stop polling this cell's sellers."""
        with tenant(self.psp_id):
            Authorization.objects.update(state=Authorization.State.REVOKED)


def work_once() -> None:
    """Do what the workers' tasks do, once each, in this process."""
    poll()
    take_in_due()
    personalise()
    sync_listings()
    reconcile()
    render()
    push()


def build_scene(market: Marketplace, name: str, *, sellers: int, seed: int, sync: bool = False) -> Scene:
    """Make a PSP with connected sellers, whose three listings are mapped."""
    mark = secrets.token_hex(3).upper()
    psp = Psp.objects.create(name=f"{name} {mark}", slug=f"{name}-{mark}".lower())
    ids = [market.seller_id(number, name, mark) for number in range(sellers)]
    for seller_id in ids:
        market.add_seller(seller_id, PRICES)
    with tenant(psp.pk):
        plant = Facility.objects.create(name="Plant", address_lines="Dock 1", city="Hamburg", postcode="20457", country="DE")
        customer = Customer.objects.create(name="Merchant", storefronts_enabled=True)
        model = ProductModel.objects.create(
            category=Category.objects.create(name="Home"),
            name="Stock design",
            sku="STOCK",
            needs_design=False,
        )
        product = CustomerProduct.objects.create(product_model=model, uid="STOCK", name="Stock", price="1.00", currency="EUR", for_all_customers=True)
    for seller_id in ids:
        with tenant(psp.pk):
            store = Store.objects.create(customer=customer, facility=plant, kind=market.KIND, name=seller_id, marketplace=market.PLACE)
            for sku in PRICES:
                listing = Listing.objects.create(store=store, key=sku, sku=sku, title=sku)
                map_listing(listing_id=listing.pk, customer_product_id=product.pk, design_id=None, actor=HUB)
        market.connect(psp_id=psp.pk, store_id=store.pk, seller_id=seller_id)
        if sync:
            with tenant(psp.pk):
                start_sync(store_id=store.pk)
    return Scene(market, psp.pk, ids, random.Random(seed))  # noqa: S311 - a replay, no secret


def poll_now(psp_id: int) -> None:
    """Make every poll of a PSP due."""
    with tenant(psp_id):
        Authorization.objects.update(next_poll_at=now())
