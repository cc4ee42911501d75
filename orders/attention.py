"""What waits for a person: open holds by kind, listings to connect, designs to mend, parked pushes and mails, unreadable records, prices that were not taken, connections that do not work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Exists, Min, OuterRef, Prefetch, Q, QuerySet, Value, When
from django.utils.timezone import now

from catalog.models import Design
from orders.models import ArtworkCause, Hold, HoldKind, IntakeRecord, Order
from orders.services.remote.awaiting import awaiting_holds
from orders.states import BEFORE_PRINT
from pod_hub.accounts.models import Customer
from pod_hub.core.outbox import Delivery
from pod_hub.core.pace import scaled
from pod_hub.mail.models import Mail
from stores.models import Authorization, Connection, Listing, PricePush, StockPush

MOST_LISTINGS = 50
MOST_AUTHORIZATIONS = 100
STALE_AFTER_S = 3 * 900  # three poll intervals (CS-15)


@dataclass(frozen=True, slots=True)
class Pile:
    """One reason to wait: how many, since when, and the nearest ship-by among them; with its cause where it is about artwork.

    ``awaited`` is how many of them a storage may still bring the file for.
    """

    kind: str
    count: int
    oldest: datetime | None
    nearest: datetime | None
    cause: str = ""
    awaited: int = 0


@dataclass(frozen=True, slots=True)
class WaitedFor:
    """A design that order lines wait for, and why. ``listing`` is the public id of the only listing they were sold by; empty where there are several."""

    design: Design
    cause: ArtworkCause
    lines: int
    oldest: datetime
    nearest: datetime | None
    why: str
    listing: str


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A listing's price or stock (``what``) that its marketplace did not take, since when, and why in its words."""

    what: str
    listing: Listing
    since: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """Everything that waits for a person."""

    holds: list[Pile]
    parked: Pile
    unreadable: Pile
    mails: Pile
    listings: list[Any]
    designs: list[WaitedFor]
    permissions: list[Authorization]
    quiet: list[Authorization]
    ending: list[Authorization]
    not_taken: list[NotTaken]

    @property
    def has_piles(self) -> bool:
        """Whether there is something to show by cause."""
        return bool(self.holds or self.parked.count or self.unreadable.count or self.mails.count)

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not (self.has_piles or self.permissions or self.quiet or self.ending or self.not_taken)


def waiting_listings() -> QuerySet[Listing]:
    """Return the listings that have to be connected, or given a design, before order lines go on; most urgent first, each with its figures.

    One whose design has to be mended is not among them: it is connected, and ``waiting_designs`` has its design.
    """
    to_choose = Q(order_lines__holds__kind=HoldKind.UNMAPPED) | Q(order_lines__holds__kind=HoldKind.ARTWORK, order_lines__holds__design=None)
    waiting = to_choose & Q(order_lines__holds__released_at=None, order_lines__state__in=[state.value for state in BEFORE_PRINT])
    found: QuerySet[Listing] = (
        Listing.objects.filter(waiting)
        .select_related("store")
        .annotate(
            waiting_lines=Count("order_lines", distinct=True), oldest=Min("order_lines__holds__opened_at"), nearest=Min("order_lines__order__ship_by")
        )
        .order_by("nearest", "pk")
    )
    return found


def waiting_designs(*, customer: Customer | None = None, limit: int = MOST_LISTINGS) -> list[WaitedFor]:
    """Return the designs that a person has to mend before order lines go on, most urgent first. Two queries.

    Those whose print files are being made are not among them: they need nobody.
    """
    waiting = Hold.objects.filter(kind=HoldKind.ARTWORK, released_at=None, design__isnull=False).exclude(cause=ArtworkCause.IN_MAKING)
    if customer is not None:
        waiting = waiting.filter(order__customer=customer)
    rows = waiting.order_by().values("design", "cause").annotate(
        n=Count("line", distinct=True),
        oldest=Min("opened_at"),
        nearest=Min("order__ship_by"),
        why=Min("reason"),
        listings=Count("line__listing", distinct=True),
        listing=Min("line__listing__public_id"),
    )  # fmt: skip
    found = list(rows.order_by("nearest", "design")[:limit])
    designs = Design.objects.select_related("customer", "product_model", "print_file").in_bulk([row["design"] for row in found])
    return [
        WaitedFor(
            designs[row["design"]],
            ArtworkCause(row["cause"]),
            row["n"],
            row["oldest"],
            row["nearest"],
            row["why"],
            row["listing"] if row["listings"] == 1 else "",
        )
        for row in found
    ]


def not_taken(*, limit: int = MOST_LISTINGS) -> list[NotTaken]:
    """Return the prices and the stock that marketplaces did not take, oldest first. Two queries."""
    found = [
        NotTaken(what, wish.listing, wish.wanted_at, wish.last_error)
        for what, model in (("price", PricePush), ("stock", StockPush))
        for wish in model.objects.filter(delivery=Delivery.PARKED).select_related("listing__store").order_by("wanted_at", "pk")[:limit]
    ]
    return sorted(found, key=lambda one: one.since)[:limit]


def inbox() -> Inbox:
    """Read the inbox in eleven queries. Each authorization in it has its ``shown`` connections with their stores.

    Permissions that end are listed nearest first; one whose import does not get through either is in both lists.
    """
    piles = (
        Hold.objects.filter(released_at=None)
        .order_by()
        .values("kind", "cause")
        .annotate(n=Count("pk"), oldest=Min("opened_at"), nearest=Min("order__ship_by"), awaited=Count("pk", filter=awaiting_holds()))
    )
    holds = [Pile(row["kind"], row["n"], row["oldest"], row["nearest"], row["cause"], row["awaited"]) for row in piles]
    kinds, causes = [kind.value for kind in HoldKind], ["", *(cause.value for cause in ArtworkCause)]
    # Pushes stand on the upper floor; the order knows them only by the name of the relation.
    parked = Order.objects.filter(pushes__delivery=Delivery.PARKED).aggregate(
        n=Count("pushes"), oldest=Min("pushes__created_at"), nearest=Min("ship_by")
    )
    unread = IntakeRecord.objects.filter(verdict=IntakeRecord.Verdict.UNREADABLE).aggregate(n=Count("pk"), oldest=Min("seen_at"))
    mails = Mail.objects.filter(delivery=Delivery.PARKED).aggregate(n=Count("pk"), oldest=Min("created_at"))
    connections = Connection.objects.exclude(state=Connection.State.DISABLED).select_related("store").order_by("pk")
    late = Q(poll_failures__gt=0) | Q(last_poll_ok_at__lt=now() - scaled(STALE_AFTER_S))
    used = connections.filter(authorization=OuterRef("pk"))
    lost, quiet = Q(state=Authorization.State.RECONNECT), Q(late, Exists(used.filter(import_paused=False)), state=Authorization.State.ACTIVE)
    ending = Q(Exists(used), state=Authorization.State.ACTIVE, expires_at__lt=now() + Authorization.ENDS_SOON)
    needs_nobody = Case(When(lost | ending, then=Value(False)), default=Value(True))  # the hub keeps trying by itself
    troubled = list(
        Authorization.objects.filter(lost | quiet | ending)
        .annotate(
            is_quiet=Case(When(quiet, then=Value(True)), default=Value(False)), is_ending=Case(When(ending, then=Value(True)), default=Value(False))
        )
        .select_related("customer")
        .prefetch_related(Prefetch("connections", connections, to_attr="shown"))
        .order_by(needs_nobody, "last_error_at", "expires_at", "pk")[:MOST_AUTHORIZATIONS]
    )
    return Inbox(
        holds=sorted(holds, key=lambda pile: (kinds.index(pile.kind), causes.index(pile.cause))),
        parked=Pile("parked", parked["n"], parked["oldest"], parked["nearest"]),
        unreadable=Pile("unreadable", unread["n"], unread["oldest"], None),
        mails=Pile("mails", mails["n"], mails["oldest"], None),
        listings=list(waiting_listings()[:MOST_LISTINGS]),
        designs=waiting_designs(),
        permissions=[one for one in troubled if one.state == Authorization.State.RECONNECT],
        quiet=[one for one in troubled if one.is_quiet],
        not_taken=not_taken(),
        ending=sorted((one for one in troubled if one.is_ending), key=lambda one: (one.expires_at, one.pk)),
    )
