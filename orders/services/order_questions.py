"""Questions about orders: what to ask a marketplace once more, and when.

It told that something changed, or the time comes at which it was to change something by itself. A question is a row, one for each number while it
waits, however often it is asked; ``reading_again`` asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from orders.models import Hold, HoldKind, Order, OrderReading
from pod_hub.core.hints import hint
from pod_hub.core.outbox import Delivery
from stores.models import Connection

SLACK = timedelta(seconds=5)  # after a moment that the marketplace named, so that it has passed there too; both clocks are real


def ask_again(*, authorization_id: int, external_id: str, place: str, why: str, at: datetime | None = None) -> OrderReading:
    """Ask for an order, now or at a time. Call inside the tenant's scope; asking twice is one question, at the earlier time.

    Notices about one order come in crowds, so the database is told beforehand that somebody else may have asked at this moment.
    """
    when = at or now()
    named = {"authorization_id": authorization_id, "external_id": external_id[:80], "delivery": Delivery.PENDING}
    row = None
    while row is None:  # a second time only if the question that was there is answered at this very moment
        OrderReading.objects.bulk_create([OrderReading(**named, place=place, why=why[:120], not_before=when)], ignore_conflicts=True)
        row = OrderReading.objects.filter(**named).first()
    if row.not_before > when:
        OrderReading.objects.filter(pk=row.pk, delivery=Delivery.PENDING, lease=None).update(not_before=when, why=why[:120])
    if when <= now():
        hint("orders.read_again")
    return row


def ask_about(order: Order, why: str, *, at: datetime | None = None) -> OrderReading | None:
    """Ask for an order that is here; None where there is nobody to ask."""
    connection = Connection.objects.filter(store=order.store_id, authorization__isnull=False).select_related("store").first()
    if connection is None or connection.authorization_id is None:
        return None
    return ask_again(authorization_id=connection.authorization_id, external_id=order.external_id, place=connection.store.place, why=why, at=at)


def watch_clocks(order_ids: Sequence[int]) -> int:
    """Plan a question for each moment at which the marketplace is to move one of these orders by itself: the end of its own hold, an answer-by time."""
    holds = Hold.objects.filter(order__in=order_ids, released_at=None).filter(Q(ends_about__isnull=False) | Q(answer_by__isnull=False))
    planned = 0
    for hold in holds.select_related("order__store").order_by("order_id", "pk"):
        moment = hold.ends_about if hold.kind == HoldKind.CHANNEL_HOLD else hold.answer_by
        if moment is not None and moment > now():
            planned += ask_about(hold.order, _("its time is over at the marketplace"), at=moment + SLACK) is not None
    return planned
