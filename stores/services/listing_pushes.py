"""Telling channels what is wanted of listings: what stock and prices have in common. The row holds what is wanted; the latest wish wins.

Each listing is told in a call of its own and read back: that the channel shows it is the proof. Which stores may be told, what is said and what
counts as the same is the kind's (``services/stock.py``, ``services/prices.py``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import Count, Q
from django.utils.timezone import now

from pod_hub.accounts.actors import Actor
from pod_hub.core.crash_points import crash_point
from pod_hub.core.outbox import MOST_ATTEMPTS, Delivery
from pod_hub.core.pace import scaled_s
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.contract import Channel
from stores.channels.errors import ChannelError, ReconnectNeeded, Refused, TryLater
from stores.channels.registry import channel_for
from stores.channels.telling_types import Receipt
from stores.channels.types import Account
from stores.models import Authorization, Connection, Listing, Publication, Store
from stores.publishing_models import ListingPush
from stores.services import breaker
from stores.services.authorizations import account_of, permission_lost

PER_TURN = 10
LEASE_S = 120  # of a whole turn: ten listings, two calls of at most fifteen seconds for most
READ_BACK_AFTER_S = 60
MOST_READ_BACKS = 5

# What the store of a row must be like for any telling: not paused, permitted, and its seller's channel not resting after failures.
MAY_BE_TOLD = (
    Q(listing__store__connection__inventory_paused=False, listing__store__connection__authorization__state=Authorization.State.ACTIVE)
    & Q(listing__store__connection__authorization__resting_since=None)
    & ~Q(listing__store__connection__state=Connection.State.DISABLED)
)

Row = TypeVar("Row", bound=ListingPush)
Notice = TypeVar("Notice")


@dataclass(frozen=True, slots=True)
class Turn(Generic[Row, Notice]):
    """A worker's turn at one store: what to talk with, and the leased rows with what is to be said of each.

    ``document`` names the document that the rows went in, and is empty for one that is yet to be sent; None says that each is told alone.
    """

    psp_id: int
    place: str
    channel: Channel
    authorization_id: int
    rows: tuple[tuple[Row, Notice], ...]
    document: str | None = None


def wish(actor: Actor) -> dict[str, Any]:
    """Return the columns of a row with which a new wish takes the place of the one before it, whatever had become of that."""
    return {
        "delivery": Delivery.PENDING,
        "not_before": now(),
        "attempts": 0,
        "lease": None,  # a worker that is telling the wish before this one settles nothing
        "leased_until": None,
        "last_error": "",
        "wanted_at": now(),
        "wanted_by_id": actor.user_id,
    }


class ListingPushes(ABC, Generic[Row, Notice]):
    """One kind of what is told of listings. A subclass says what; this class says when, in what order, and what a failure means."""

    model: ClassVar[type[ListingPush]]
    name: ClassVar[str]  # for whoever asks why rows of all tenants were read

    @abstractmethod
    def notice(self, row: Row, listing: Listing, connection: Connection, *, product_type: str) -> Notice:
        """Return what is to be said, in the channel contract's words."""

    @abstractmethod
    def push(self, channel: Channel, notice: Notice, *, place: str) -> Receipt:
        """Say it; repeating it must be harmless."""

    @abstractmethod
    def shown(self, channel: Channel, notice: Notice, *, place: str) -> Notice:
        """Return what the channel shows now."""

    @abstractmethod
    def is_same(self, wanted: Notice, shown: Notice) -> bool:
        """Return whether what was told has arrived."""

    @abstractmethod
    def difference(self, wanted: Notice, shown: Notice) -> str:
        """Return the sentence for a person whose wish was taken and is not shown."""

    @abstractmethod
    def note_confirmed(self, row: Row) -> None:
        """Bring the listing up to what the channel shows now."""

    # --- turns --------------------------------------------------------------------------------------------------------
    def push_next(self) -> int:
        """Give every store with due rows a turn, over all tenants. Returns how many rows had one."""
        with across_tenants(reason=f"find stores with due {self.name}"):
            due: Any = self.model.due()  # of a table that has a listing, as every subclass has
            stores = list(due.filter(MAY_BE_TOLD).order_by().values("listing__store_id", "psp_id").annotate(n=Count("pk")).order_by("-n")[:100])
        return sum(self.push_of(store_id=store["listing__store_id"], psp_id=store["psp_id"]) for store in stores)

    def push_of(self, *, store_id: int, psp_id: int) -> int:
        """Tell and read back some of the due rows of one store. Returns how many had a turn."""
        with tenant(psp_id):
            turn = self.choose(Store.objects.get(pk=store_id))
        crash_point("listing_push.leased")
        if turn is None:
            return 0
        self.work_on(turn)
        return len(turn.rows)

    def choose(self, store: Store) -> Turn[Row, Notice] | None:
        """Lease what is done next for a store, inside its tenant's scope."""
        return self.begin(store, only=Q(listing__store=store), limit=PER_TURN)

    def work_on(self, turn: Turn[Row, Notice]) -> None:
        """Do what a turn is for, outside of any scope."""
        self.tell_each(turn)

    def begin(self, store: Store, *, only: Q, limit: int, document: str | None = None) -> Turn[Row, Notice] | None:
        """Lease due rows of a store; None when it cannot be talked to, or nothing is due."""
        connection = Connection.objects.filter(store=store).select_related("authorization").first()
        if connection is None or connection.authorization is None:
            return None
        leased: Sequence[Any] = self.model.lease_next(limit=limit, seconds=LEASE_S, only=only)
        if not leased:
            return None
        listings = {one.pk: one for one in Listing.objects.filter(pk__in=[row.listing_id for row in leased])}
        known = Publication.objects.filter(listing__in=listings).exclude(product_type="").order_by("pk").values_list("listing_id", "product_type")
        types = dict(known)
        rows = tuple(
            (row, self.notice(row, listings[row.listing_id], connection, product_type=types.get(row.listing_id, "") or "")) for row in leased
        )
        account: Account = account_of(connection.authorization)
        return Turn(store.psp_id, store.place, channel_for(store.kind, account), connection.authorization.pk, rows, document)

    def tell_each(self, turn: Turn[Row, Notice]) -> None:
        """Tell each row of a turn, or read it back."""
        for at, (row, notice) in enumerate(turn.rows):
            try:
                if row.delivery == Delivery.ACCEPTED:
                    self._read_back(turn, row, notice, self.shown(turn.channel, notice, place=turn.place))
                else:
                    receipt = self.push(turn.channel, notice, place=turn.place)
                    crash_point("listing_push.told")
                    with tenant(turn.psp_id):
                        self.told(turn, row, request_id=receipt.request_id[:120])
            except ChannelError as error:
                with tenant(turn.psp_id):
                    self.failed(turn, [row], error)
                if not isinstance(error, Refused):
                    # A marketplace that has no time or no answer now is not asked for the others in the same turn.
                    self._put_back(turn, [other for other, _notice in turn.rows[at + 1 :]])
                    return

    # --- how rows end -------------------------------------------------------------------------------------------------
    def told(self, turn: Turn[Row, Notice], row: Row, **changes: Any) -> None:
        """Write down that the channel took it; it is read back later."""
        again = row.next_try(wait_s=scaled_s(READ_BACK_AFTER_S))
        row.settle(delivery=Delivery.ACCEPTED, told_at=now(), attempts=0, last_error="", not_before=again, **changes)
        breaker.note(turn.authorization_id)

    def confirmed(self, row: Row) -> None:
        """Write down that the channel shows it."""
        if row.settle(delivery=Delivery.CONFIRMED, confirmed_at=now(), attempts=0, last_error=""):
            self.note_confirmed(row)

    def failed(self, turn: Turn[Row, Notice], rows: Sequence[Row], error: ChannelError) -> None:
        """Write down what came of a call that failed, inside the tenant's scope: another try, or a person's turn."""
        for row in rows:
            if isinstance(error, TryLater) and (error.throttled or row.attempts < MOST_ATTEMPTS):
                row.settle(not_before=row.next_try(wait_s=error.wait_s), last_error=str(error))
            else:
                self.park(row, str(error))
        breaker.note(turn.authorization_id, error)
        if isinstance(error, ReconnectNeeded):
            permission_lost(Authorization.reread(turn.authorization_id), str(error))

    def park(self, row: Row, words: str) -> None:
        """Leave it to a person, with the reason."""
        row.settle(delivery=Delivery.PARKED, last_error=words)

    def _read_back(self, turn: Turn[Row, Notice], row: Row, wanted: Notice, shown: Notice) -> None:
        with tenant(turn.psp_id):
            if self.is_same(wanted, shown):
                self.confirmed(row)
            elif row.attempts < MOST_READ_BACKS:
                row.settle(not_before=row.next_try(wait_s=scaled_s(READ_BACK_AFTER_S * row.attempts)))
            else:
                self.park(row, self.difference(wanted, shown))
            breaker.note(turn.authorization_id)

    def _put_back(self, turn: Turn[Row, Notice], rows: Sequence[Row]) -> None:
        with tenant(turn.psp_id):
            for row in rows:
                row.settle(attempts=max(row.attempts - 1, 0))
