"""Asking a marketplace once more for the orders that are due for it (``order_questions``).

What comes back takes the same road as a poll's page: a record first, then intake.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db.models import Q
from django.utils.timezone import now

from orders.models import IntakeRecord, OrderReading
from orders.services.ledger import record_again
from orders.services.take_in import take_in
from pod_hub.core.outbox import MOST_ATTEMPTS, Delivery
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.errors import ChannelError, NotFound, ReconnectNeeded, Refused, TryLater
from stores.channels.registry import channel_for
from stores.models import Authorization
from stores.services import breaker
from stores.services.authorizations import account_of, permission_lost

PER_SELLER = 5
KEPT = timedelta(days=30)


def read_next() -> int:
    """Ask for orders that are due, a few of each seller, over all tenants. Returns how many were asked for."""
    with across_tenants(reason="find orders to read again"):
        ready = OrderReading.due().filter(breaker.CALM_AUTHORIZATION, authorization__state=Authorization.State.ACTIVE)
        sellers = list(dict.fromkeys(ready.values_list("authorization_id", "psp_id")[:200]))
    return sum(read_for(authorization_id=authorization_id, psp_id=psp_id) for authorization_id, psp_id in sellers)


def read_for(*, authorization_id: int, psp_id: int, limit: int = PER_SELLER) -> int:
    """Ask for a few due orders of one seller and take in what comes back. Returns how many."""
    with tenant(psp_id):
        rows = OrderReading.lease_next(limit=limit, only=Q(authorization_id=authorization_id))
        authorization = Authorization.objects.get(pk=authorization_id)
        channel = channel_for(authorization.kind, account_of(authorization))
    brought = 0
    for row in rows:
        try:
            with structlog.contextvars.bound_contextvars(authorization=authorization.public_id, order=row.external_id):
                raw = channel.fetch_order(row.external_id, marketplace=row.place)
        except ChannelError as error:
            with tenant(psp_id):
                _failed(row, error)
                breaker.note(authorization_id, error)
            if breaker.is_silence(error):
                break  # the leases of the others run out, and the seller is asked again when it answers
            continue
        with tenant(psp_id):
            # The marketplace's time of change need not have moved: what it tells now is decided once more.
            record_again(authorization_id=authorization_id, orders=[raw], road=IntakeRecord.Road.NOTICE)
            row.settle(delivery=Delivery.CONFIRMED, read_at=now(), last_error="")
            breaker.note(authorization_id)
            brought += 1
    if brought:
        take_in(authorization_id=authorization_id, psp_id=psp_id)
    return len(rows)


def _failed(row: OrderReading, error: ChannelError) -> None:
    if isinstance(error, TryLater) and error.throttled:
        row.settle(not_before=row.next_try(wait_s=error.wait_s), attempts=max(row.attempts - 1, 0))
    elif isinstance(error, NotFound | Refused):
        row.settle(delivery=Delivery.WITHDRAWN, read_at=now(), last_error=str(error))
    elif isinstance(error, TryLater) and row.attempts < MOST_ATTEMPTS:
        row.settle(not_before=row.next_try(wait_s=error.wait_s), last_error=str(error))
    else:
        if isinstance(error, ReconnectNeeded):
            permission_lost(Authorization.reread(row.authorization_id), str(error))
        # Polls look back when the permission is there again, so nothing is lost with this question.
        row.settle(delivery=Delivery.WITHDRAWN, read_at=now(), last_error=str(error))


def forget_old() -> int:
    """Delete questions that were answered long ago, over all tenants. Returns how many."""
    with across_tenants(reason="delete old questions about orders"):
        done = OrderReading.objects.filter(read_at__lt=now() - KEPT)
        return int(done.filter(pk__in=list(done.values_list("pk", flat=True)[:5000])).delete()[0])
