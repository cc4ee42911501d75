"""What every channel can do. What only some can is in ``abilities.py``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from stores.channels.consent_types import Participation
from stores.channels.telling_types import PackageNotice, Receipt
from stores.channels.types import IncomingOrder, ListingsPage, OrdersPage, PersonalText, Raw, RawOrder, SeenPackage


class Channel(Protocol):
    """One seller account's conversation with its channel.

    ``marketplace`` names one place where the account sells, in the channel's way: a marketplace id at Amazon, a shop's number at TikTok Shop.

    Each call is one request to the channel, or the few that make up one answer (the channel's README says where), plus at most one token
    refresh or the transfer of one document. It ends within 15 seconds, takes its token from the shared bucket first and raises ``TryLater(throttled=True)`` instead of sleeping. Raises only ``ChannelError``. Never call it inside a
    database transaction: ``pod_hub.core.http`` refuses.
    """

    def orders_page(self, *, marketplaces: Sequence[str], changed_since: datetime, page: str = "") -> OrdersPage:
        """Return one page of orders changed at or after ``changed_since``, with all lines and every field we may read.

        Sends no status, channel or age filter. Repeat the same arguments with ``page`` = the previous ``next_page`` to go on.
        """

    def placed_orders_page(self, *, marketplaces: Sequence[str], placed_since: datetime, page: str = "") -> OrdersPage:
        """Return one page of the orders *placed* at or after ``placed_since``, whatever happened to them since; for reconciliation.

        Draws on the same quota as ``orders_page`` and leaves a reserve of it to polls. ``high_water`` is the time of placing up to which the
        channel vouches for its answer.
        """

    def fetch_order(self, external_id: str, *, marketplace: str = "") -> RawOrder:
        """Return one order by its number; ``NotFound`` when the channel does not know it.

        Naming the marketplace spares asking each of them, where numbers are looked up by marketplace.
        """

    def read_order(self, payload: Raw) -> IncomingOrder:
        """Interpret a stored order. Pure; raises ``Unreadable`` naming the field and value."""

    def listings_page(self, *, marketplace: str, page: str = "") -> ListingsPage:
        """Return one page of the seller's listings; small catalogues by search, large ones by report, which is the adapter's choice."""

    def participations(self) -> tuple[Participation, ...]:
        """Return the marketplaces of the account."""

    def confirm_package(self, notice: PackageNotice) -> Receipt:
        """Tell the channel that one package left. Repeating the same notice is harmless."""

    def packages(self, external_id: str, *, marketplace: str = "") -> tuple[SeenPackage, ...]:
        """Read back the packages the channel knows of this order."""

    def cancelled_lines(self, external_id: str, *, marketplace: str = "") -> frozenset[str]:
        """Read back which lines of an order the channel shows as cancelled; all of them when it is cancelled as a whole."""

    def fetch_personalisation(self, url: str) -> bytes:
        """Fetch the buyer's own content for a line (at most 20 MB); the address came from the order and may expire."""

    def read_personalisation(self, content: bytes) -> tuple[PersonalText, ...]:
        """Read what ``fetch_personalisation`` brought, which is hostile until checked. Pure; raises ``Unreadable`` without quoting it."""
