"""What waits for a person: open holds by kind, listings to connect, parked pushes and mails, unreadable records, connections that do not work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Prefetch, Q
from django.utils.timezone import now

from orders.models import Hold, HoldKind, IntakeRecord, Order
from pod_hub.core.outbox import Delivery
from pod_hub.core.pace import scaled
from pod_hub.mail.models import Mail
from stores.models import Authorization, Connection, Listing

MOST_LISTINGS = 50
MOST_AUTHORIZATIONS = 100
STALE_AFTER_S = 3 * 900  # three poll intervals (CS-15)


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
    mails: Pile
    listings: list[Any]
    permissions: list[Authorization]
    quiet: list[Authorization]

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not (self.holds or self.parked.count or self.unreadable.count or self.mails.count or self.permissions or self.quiet)


def inbox() -> Inbox:
    """Read the inbox in seven queries. Each authorization in it has its ``shown`` connections with their stores."""
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
    mails = Mail.objects.filter(delivery=Delivery.PARKED).aggregate(n=Count("pk"), oldest=Min("created_at"))
    waiting = Q(order_lines__holds__released_at=None, order_lines__holds__kind__in=[HoldKind.UNMAPPED, HoldKind.ARTWORK])
    listings = (
        Listing.objects.filter(waiting)
        .select_related("store")
        .annotate(
            waiting_lines=Count("order_lines", distinct=True), oldest=Min("order_lines__holds__opened_at"), nearest=Min("order_lines__order__ship_by")
        )
        .order_by("nearest", "pk")[:MOST_LISTINGS]
    )
    connections = Connection.objects.exclude(state=Connection.State.DISABLED).select_related("store").order_by("pk")
    late = Q(poll_failures__gt=0) | Q(last_poll_ok_at__lt=now() - scaled(STALE_AFTER_S))
    importing = Exists(connections.filter(authorization=OuterRef("pk"), import_paused=False))
    troubled = list(
        Authorization.objects.filter(Q(state=Authorization.State.RECONNECT) | Q(late, importing, state=Authorization.State.ACTIVE))
        .select_related("customer")
        .prefetch_related(Prefetch("connections", connections, to_attr="shown"))
        .order_by("last_error_at", "pk")[:MOST_AUTHORIZATIONS]
    )
    return Inbox(
        holds=sorted(holds, key=lambda pile: kinds.index(pile.kind)),
        parked=Pile("parked", parked["n"], parked["oldest"], parked["nearest"]),
        unreadable=Pile("unreadable", unread["n"], unread["oldest"], None),
        mails=Pile("mails", mails["n"], mails["oldest"], None),
        listings=list(listings),
        permissions=[one for one in troubled if one.state == Authorization.State.RECONNECT],
        quiet=[one for one in troubled if one.state == Authorization.State.ACTIVE],
    )
