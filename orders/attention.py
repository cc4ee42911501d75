"""What waits for a person: open holds by kind, listings without a product, parked pushes, unreadable records, lost permissions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q

from orders.models import Hold, HoldKind, IntakeRecord, Order
from orders.states import BEFORE_PRINT
from pod_hub.core.outbox import Delivery
from stores.models import Authorization, Listing

MOST_LISTINGS = 50


@dataclass(frozen=True, slots=True)
class Pile:
    """One reason to wait: how many, since when, and the nearest ship-by among them."""

    kind: str
    count: int
    oldest: datetime | None
    nearest: datetime | None


@dataclass(frozen=True, slots=True)
class Inbox:
    """Everything that waits for a person."""

    holds: list[Pile]
    parked: Pile
    unreadable: Pile
    listings: list[Any]
    permissions: list[Authorization]

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not (self.holds or self.parked.count or self.unreadable.count or self.permissions)


def inbox() -> Inbox:
    """Read the inbox in five queries."""
    piles = (
        Hold.objects.filter(released_at=None)
        .order_by()
        .values("kind")
        .annotate(n=Count("pk"), oldest=Min("opened_at"), nearest=Min("order__ship_by"))
    )
    holds = [Pile(row["kind"], row["n"], row["oldest"], row["nearest"]) for row in piles]
    kinds = [kind.value for kind in HoldKind]
    # Pushes stand on the upper floor; the order knows them only by the name of the relation.
    parked = Order.objects.filter(pushes__delivery=Delivery.PARKED).aggregate(
        n=Count("pushes"), oldest=Min("pushes__created_at"), nearest=Min("ship_by")
    )
    unread = IntakeRecord.objects.filter(verdict=IntakeRecord.Verdict.UNREADABLE).aggregate(n=Count("pk"), oldest=Min("seen_at"))
    waiting = Q(order_lines__mapping=None, order_lines__state__in=[state.value for state in BEFORE_PRINT])
    listings = (
        Listing.objects.filter(waiting)
        .select_related("store")
        .annotate(waiting_lines=Count("order_lines"), nearest=Min("order_lines__order__ship_by"))
        .order_by("nearest", "pk")[:MOST_LISTINGS]
    )
    return Inbox(
        holds=sorted(holds, key=lambda pile: kinds.index(pile.kind)),
        parked=Pile("parked", parked["n"], parked["oldest"], parked["nearest"]),
        unreadable=Pile("unreadable", unread["n"], unread["oldest"], None),
        listings=list(listings),
        permissions=list(Authorization.objects.filter(state=Authorization.State.RECONNECT).select_related("customer").order_by("last_error_at")),
    )
