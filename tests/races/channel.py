"""A channel in memory that notices when two workers speak to it at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.utils.timezone import now

from stores.channels.telling_types import PackageNotice, Receipt
from stores.channels.types import Account, OrdersPage, SeenPackage

EARLIER = timedelta(minutes=2)


class SlowChannel:
    """Answers every call after ``delay_s`` and counts, for each seller, the calls and the most that ran at once."""

    def __init__(self, delay_s: float = 0.02) -> None:
        self.delay_s = delay_s
        self.lock = threading.Lock()
        self.calls: dict[str, int] = {}
        self.at_once: dict[str, int] = {}
        self.most_at_once: dict[str, int] = {}
        self.told: list[tuple[str, str]] = []
        self.hanging = threading.Event()  # set once a call hangs
        self._hangs: dict[str, threading.Event] = {}

    def hang(self, key: str) -> threading.Event:
        """Let a seller's calls hang until the returned event is set."""
        self._hangs[key] = threading.Event()
        return self._hangs[key]

    def for_account(self, _kind: str, account: Account) -> OneSeller:
        """Stand in for ``channel_for``."""
        return OneSeller(self, account.key)

    @contextmanager
    def call(self, key: str) -> Iterator[None]:
        """Count one call."""
        with self.lock:
            self.calls[key] = self.calls.get(key, 0) + 1
            self.at_once[key] = self.at_once.get(key, 0) + 1
            self.most_at_once[key] = max(self.most_at_once.get(key, 0), self.at_once[key])
        if key in self._hangs:
            self.hanging.set()
            self._hangs[key].wait(30)
        time.sleep(self.delay_s)
        yield
        with self.lock:
            self.at_once[key] -= 1


class OneSeller:
    """One seller's conversation with it."""

    def __init__(self, channel: SlowChannel, key: str) -> None:
        self.channel, self.key = channel, key

    def orders_page(self, *, marketplaces: Sequence[str], changed_since: datetime, page: str = "") -> OrdersPage:
        """Return an empty page."""
        with self.channel.call(self.key):
            return OrdersPage(orders=(), next_page="", high_water=now() - EARLIER)

    def confirm_package(self, notice: PackageNotice) -> Receipt:
        """Accept."""
        with self.channel.call(self.key):
            self.channel.told.append((notice.external_id, notice.reference))
            return Receipt(request_id="r", status=204)

    def packages(self, external_id: str) -> tuple[SeenPackage, ...]:
        """Show nothing yet."""
        return ()
