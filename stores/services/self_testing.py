"""Testing a connection step by step: permission, marketplace, products, orders, addresses; each result in plain words.

A test is a row; a worker takes it under a lease, asks the channel without any transaction and writes each result as soon as it is known.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from pod_hub.accounts.models import User
from pod_hub.core.hints import hint
from pod_hub.core.pace import scaled
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.contract import Channel
from stores.channels.errors import ChannelError, Misconfigured, ReconnectNeeded, TryLater, Unreadable
from stores.channels.registry import channel_for, marketplace_info
from stores.channels.types import Account, ChannelState, MarketplaceInfo, OrdersPage
from stores.models import Authorization, Connection, SelfTest, SelfTestStep, Store
from stores.services.authorizations import account_of, permission_lost

LEASE_S = 60  # two calls of 15 s each and a token; written again after every step
MOST_TRIES = 6
LOOKS_BACK = timedelta(days=30)
STEPS = ("permission", "marketplace", "listings", "orders", "addresses")
Outcome = SelfTestStep.Outcome


class CannotTest(Exception):
    """There is nothing to test; the message says why and what to do."""


def start_test(*, store_id: int, user: User) -> SelfTest:
    """Ask for a test of a store's connection; one that runs already is returned. Raises ``CannotTest`` for a store that is not connected."""
    if not Connection.objects.filter(store_id=store_id, authorization__isnull=False).exists():
        raise CannotTest(_("The store is not connected, so there is nothing to test. Connect it first."))
    try:
        with transaction.atomic():
            row: SelfTest = SelfTest.objects.create(store_id=store_id, started_by=user)
    except IntegrityError:
        row = SelfTest.objects.get(store_id=store_id, finished_at=None)
    hint("stores.self_tests")
    return row


@dataclass(frozen=True, slots=True)
class Turn:
    """A worker's turn at one test: what is to be asked, as whom, and which steps have a result already."""

    test_id: int
    psp_id: int
    store_id: int
    lease: uuid.UUID
    kind: str
    place: MarketplaceInfo
    asked_as: str  # how the channel names the place
    account: Account
    done: frozenset[str]


def run_waiting_test() -> bool:
    """Take the test that waits longest, over all tenants, and go through its steps. False when none waits."""
    with across_tenants(reason="find the self-test that waits longest"):
        free = Q(leased_until=None) | Q(leased_until__lt=now())
        waiting = SelfTest.objects.filter(free, finished_at=None, not_before__lte=now())
        row = waiting.order_by("not_before", "pk").select_for_update(skip_locked=True).first()
        if row is None:
            return False
        lease = uuid.uuid4()
        SelfTest.objects.filter(pk=row.pk).update(lease=lease, leased_until=now() + timedelta(seconds=LEASE_S), tries=F("tries") + 1)
    turn = _begin(row.pk, row.psp_id, lease)
    if turn is not None:
        _run(turn)
    return True


def _begin(test_id: int, psp_id: int, lease: uuid.UUID) -> Turn | None:
    with tenant(psp_id):
        row = SelfTest.reread(test_id)
        store = Store.objects.get(pk=row.store_id)
        connection = Connection.objects.filter(store=store).select_related("authorization").first()
        place = marketplace_info(store.kind, store.marketplace)
        if connection is None or connection.authorization is None or place is None:
            _write(row, "permission", Outcome.FAILED, _("The store is not connected (any more). Connect it, then test again."))
            _end(row)
            return None
        done = frozenset(row.steps.values_list("step", flat=True))
        return Turn(row.pk, psp_id, store.pk, lease, store.kind, place, store.place, account_of(connection.authorization), done)


def _run(turn: Turn) -> None:
    try:
        channel = channel_for(turn.kind, turn.account)
        if not ({"permission", "marketplace"} <= turn.done) and not _ask_marketplace(turn, channel):
            return
        if "listings" not in turn.done:
            found = channel.listings_page(marketplace=turn.asked_as)
            many = found.total if found.total is not None else len(found.listings)
            _note(turn, "listings", Outcome.OK, _("Products can be read: %(count)s found.") % {"count": many})
        if not ({"orders", "addresses"} <= turn.done):
            _ask_orders(turn, channel)
    except ChannelError as error:
        _stop(turn, error)
        return
    with tenant(turn.psp_id):
        row = SelfTest.reread(turn.test_id)
        if row.lease == turn.lease:
            _end(row)


def _ask_marketplace(turn: Turn, channel: Channel) -> bool:
    """Ask where the seller sells; this shows the permission too. False when there is no point in going on."""
    places = channel.participations()
    _note(turn, "permission", Outcome.OK, _("The marketplace accepts the seller's permission."))
    mine = next((one for one in places if one.marketplace == turn.asked_as), None)
    if mine is None or not mine.participating:
        _note(turn, "marketplace", Outcome.FAILED, _("The seller does not sell on %(place)s. Enable it there.") % {"place": _(turn.place.name)})
    elif mine.suspended:
        words = _("The seller's listings on %(place)s are suspended. Solve that at the marketplace.")
        _note(turn, "marketplace", Outcome.FAILED, words % {"place": _(turn.place.name)})
    else:
        words = _("The seller sells on %(place)s as “%(name)s”.") if mine.store_name else _("The seller sells on %(place)s.")
        _note(turn, "marketplace", Outcome.OK, words % {"place": _(turn.place.name), "name": mine.store_name})
    return True


def _ask_orders(turn: Turn, channel: Channel) -> None:
    found = channel.orders_page(marketplaces=[turn.asked_as], changed_since=now() - LOOKS_BACK)
    _note(turn, "orders", Outcome.OK, _("Orders can be read: %(count)s changed in the last 30 days.") % {"count": _many(found)})
    outcome, words = _judge_addresses(channel, found)
    _note(turn, "addresses", outcome, words)


def _many(found: OrdersPage) -> str:
    return f"{len(found.orders)}{'+' if found.next_page else ''}"


def _judge_addresses(channel: Channel, found: OrdersPage) -> tuple[str, str]:
    """Say whether addresses are readable: an order that must be shipped by the merchant has one, or a role is missing."""
    asked = 0
    for raw in found.orders:
        try:
            order = channel.read_order(raw.payload)
        except Unreadable:
            continue
        if order.state not in {ChannelState.UNSHIPPED, ChannelState.PARTIALLY_SHIPPED}:
            continue
        asked += 1
        if order.ship_to is not None:
            return Outcome.OK, _("Delivery addresses can be read.")
    if asked:
        return Outcome.FAILED, _(
            "Open orders come without a delivery address: the application lacks the role for addresses, or the seller authorised before it had it."
            " Ask your operator to check the roles, then renew the permission."
        )
    return Outcome.UNKNOWN, _("There is no open order now, so it cannot be told whether addresses are readable. Test again when one has come in.")


def _note(turn: Turn, step: str, outcome: str, detail: str) -> None:
    with tenant(turn.psp_id):
        row = SelfTest.reread(turn.test_id)
        if row.lease == turn.lease:
            _write(row, step, outcome, detail)
            row.leased_until, row.waits_for = now() + timedelta(seconds=LEASE_S), ""
            row.save(update_fields=["leased_until", "waits_for"])


def _write(row: SelfTest, step: str, outcome: str, detail: str) -> None:
    SelfTestStep.objects.update_or_create(test=row, step=step, defaults={"outcome": outcome, "detail": detail, "at": now()})


def _end(row: SelfTest) -> None:
    row.finished_at, row.lease, row.leased_until, row.waits_for = now(), None, None, ""
    row.save()


def _stop(turn: Turn, error: ChannelError) -> None:
    """Wait when the channel asks to; anything else is the result of the step that met it, and ends the test."""
    with tenant(turn.psp_id):
        row = SelfTest.reread(turn.test_id)
        if row.lease != turn.lease:
            return
        if isinstance(error, TryLater) and (error.throttled or row.tries < MOST_TRIES):
            wait = timedelta(seconds=error.wait_s) if error.wait_s is not None else scaled(20)
            row.not_before, row.lease, row.leased_until = now() + wait, None, None
            row.waits_for = _("the marketplace's quota") if error.throttled else _("an answer of the marketplace")
            row.save()
            return
        done = set(row.steps.values_list("step", flat=True))
        step = next(name for name in STEPS if name not in done)
        if isinstance(error, Misconfigured):
            words = _("The marketplace refuses this hub's own application. Your operator must check it; sellers need do nothing.")
        elif isinstance(error, ReconnectNeeded):
            words = _(
                "The marketplace no longer accepts the seller's permission. It has to be given again: press “Reconnect”, or send the merchant a link."
            )
        else:
            words = str(error)
        _write(row, step, Outcome.FAILED, words)
        _end(row)
        if isinstance(error, ReconnectNeeded):
            lost = Authorization.objects.select_for_update().filter(connections__store_id=turn.store_id).first()
            if lost is not None:
                permission_lost(lost, str(error))
