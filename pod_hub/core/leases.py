"""Keeping a lease alive while its holder is at work (quality R3).

A lease is short, so that the work of a dead process is taken over soon; whoever works longer renews it every few seconds. The renewals come from
a thread of the same process: they end when it dies and stop while it is frozen, which is when somebody else shall take over.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from django.db import DatabaseError, connections

HEARTBEAT_S = 5.0
LONGEST_S = 60.0  # a holder that is stuck for longer than any task may run is as good as dead

log = structlog.get_logger(__name__)


@contextmanager
def kept_alive(renew: Callable[[], bool], *, every_s: float = HEARTBEAT_S, longest_s: float = LONGEST_S) -> Iterator[None]:
    """Call ``renew`` every few seconds until the block ends, it returns False (the lease is lost), or ``longest_s`` have passed.

    ``renew`` runs in another thread with a database connection of its own. Work that ends sooner than the first beat costs a thread and nothing else.
    """
    over = threading.Event()

    def beat() -> None:
        try:
            for _number in range(int(longest_s / every_s)):
                if over.wait(every_s) or not renew():
                    return
        except DatabaseError as error:
            log.warning("lease_not_renewed", error=type(error).__name__)  # the lease runs out; its holder finds that out when it settles
        finally:
            connections.close_all()

    keeper = threading.Thread(target=beat, name="lease-keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()
