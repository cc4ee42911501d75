"""Writing down who was shown a buyer: a row for each person, order, road and day, and the day's first look in the audit trail."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.utils.timezone import localdate, now

from orders.models import BuyerLook
from pod_hub.accounts.actors import Actor
from pod_hub.core.tenancy import current_psp_id


def remember_look(order_ids: Iterable[int], *, actor: Actor, road: BuyerLook.Road) -> None:
    """Count a look at the buyers of these orders. One statement; the first look of a day makes the row, the others count it up.

    The first look of a day stands in the audit trail too, written by a trigger (``orders/migrations/0008``); it names the order and nothing of its
    buyer.
    """
    rows = [[current_psp_id(), pk, actor.user_id, actor.label[:200], road.value, localdate(), now(), now()] for pk in sorted(set(order_ids))]
    if not rows:
        return
    places = ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s, 1)"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO orders_buyerlook AS look (psp_id, order_id, actor_id, actor_label, road, day, first_at, last_at, times) VALUES {places} "  # noqa: S608 - placeholders only
            "ON CONFLICT (order_id, actor_id, actor_label, road, day) DO UPDATE SET times = look.times + 1, last_at = excluded.last_at",
            [value for row in rows for value in row],
        )
