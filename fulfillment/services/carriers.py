"""The carriers that a marketplace takes, kept as rows so that pages can offer them; and which of them is meant by a carrier of ours.

Only channels with a list of their own have rows. Each authorization is asked once a day for the ways of delivery that its latest orders have, and
within minutes when an order came with a way that was not asked for yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from orders.models import Order
from pod_hub.accounts.actors import Actor
from pod_hub.core.pace import scaled
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.abilities import ListsCarriers, able
from stores.channels.errors import ChannelError, ReconnectNeeded, TryLater
from stores.channels.registry import CAPABILITIES, channel_for
from stores.channels.telling_types import CarrierOption
from stores.models import Authorization, CarrierMapping, Connection, StoreCarrier
from stores.services import breaker
from stores.services.authorizations import account_of, permission_lost

EVERY_S = 24 * 3600
SOON_S = 300
LEASE_S = 120
LATEST_ORDERS = 300
KINDS = frozenset(kind.value for kind, can in CAPABILITIES.items() if can.lists_carriers)


@dataclass(frozen=True, slots=True)
class Way:
    """One way of delivery of one store, to ask about."""

    store_id: int
    place: str
    delivery_option: str


def read_next() -> bool:
    """Ask for the carriers of the authorization that is due longest, over all tenants. False when none is."""
    with across_tenants(reason="find the authorization whose carriers are due longest"):
        due = Authorization.objects.filter(breaker.CALM, state=Authorization.State.ACTIVE, kind__in=KINDS, next_carriers_at__lte=now())
        row = due.order_by("next_carriers_at", "pk").select_for_update(skip_locked=True).first()
        if row is None:
            return False
        Authorization.objects.filter(pk=row.pk).update(next_carriers_at=now() + timedelta(seconds=LEASE_S))
    with tenant(row.psp_id):
        ways = _ways(row.pk)
        channel = able(channel_for(row.kind, account_of(row)), ListsCarriers)
    for way in ways:
        try:
            with structlog.contextvars.bound_contextvars(authorization=row.public_id):
                told = channel.carriers(marketplace=way.place, delivery_option=way.delivery_option)
        except ChannelError as error:
            with tenant(row.psp_id):
                _failed(row.pk, error)
            return True
        with tenant(row.psp_id):
            _keep(way, told)
            breaker.note(row.pk)
    with tenant(row.psp_id):
        # A store without orders has nothing to ask about yet.
        again = scaled(EVERY_S) if ways else scaled(SOON_S)
        Authorization.objects.filter(pk=row.pk).update(next_carriers_at=now() + again)
    return True


def _ways(authorization_id: int) -> list[Way]:
    live = Connection.objects.filter(authorization=authorization_id).exclude(state=Connection.State.DISABLED).select_related("store")
    return [
        Way(connection.store_id, connection.store.place, option) for connection in live.order_by("pk") for option in _options(connection.store_id)
    ]


def _options(store_id: int) -> list[str]:
    latest = Order.objects.filter(store=store_id).order_by("-placed_at", "-pk").values_list("delivery_option", flat=True)[:LATEST_ORDERS]
    return sorted({option for option in latest if option})


def _keep(way: Way, told: tuple[CarrierOption, ...]) -> None:
    """Write down what a way of delivery takes now; what it takes no longer goes."""
    moment = now()
    StoreCarrier.objects.bulk_create(
        [
            StoreCarrier(store_id=way.store_id, delivery_option=way.delivery_option, option_id=one.id[:40], name=one.name[:120], told_at=moment)
            for one in told
        ],
        update_conflicts=True,
        unique_fields=["store", "delivery_option", "option_id"],
        update_fields=["name", "told_at"],
    )
    StoreCarrier.objects.filter(store=way.store_id, delivery_option=way.delivery_option, told_at__lt=moment).delete()


def _failed(authorization_id: int, error: ChannelError) -> None:
    wait = timedelta(seconds=error.wait_s) if isinstance(error, TryLater) and error.wait_s is not None else scaled(SOON_S)
    row = Authorization.reread(authorization_id)
    row.next_carriers_at = now() + wait
    row.save(update_fields=["next_carriers_at"])
    if isinstance(error, ReconnectNeeded):
        permission_lost(row, str(error))
    breaker.heard(row, error)


def ask_soon(order: Order) -> None:
    """Have the carriers asked for when an order's way of delivery is not known yet; the next turn does it."""
    Authorization.objects.filter(connections__store=order.store_id, next_carriers_at__gt=now()).update(next_carriers_at=now())


class CannotMap(Exception):
    """The carrier cannot be mapped like this; nothing was written. The message says why."""


@transaction.atomic
def map_carrier(*, store_id: int, carrier: str, option_id: str, actor: Actor) -> CarrierMapping:
    """Say which carrier of the marketplace is meant by one of ours, for one store; an earlier answer is replaced. Raises ``CannotMap``."""
    name = " ".join(carrier.split())
    if not name:
        raise CannotMap(_("Name your carrier, as you write it when you ship."))
    option = StoreCarrier.objects.filter(store=store_id, option_id=option_id).first()
    if option is None:
        raise CannotMap(_("The marketplace does not take this carrier any more. Choose another one."))
    row = CarrierMapping.objects.select_for_update().filter(store=store_id, carrier__iexact=name).first() or CarrierMapping(store_id=store_id)
    row.carrier, row.option_id, row.option_name = name[:60], option.option_id, option.name
    row.mapped_by_id, row.mapped_at = actor.user_id, now()
    row.save()
    return row


def unmap_carrier(*, mapping_id: int) -> None:
    """Forget a mapping; from then on the name decides again."""
    CarrierMapping.objects.filter(pk=mapping_id).delete()
