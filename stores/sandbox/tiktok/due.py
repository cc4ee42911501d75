"""What happens by itself when its time has come. Each request looks first; while the imitation serves, a courier looks as well."""

from __future__ import annotations

import threading

from stores.sandbox.tiktok import audits, authorizations, cancellations, lifecycle, parcels, returns, webhooks
from stores.sandbox.tiktok.world import World


def settle(world: World) -> None:
    """Do everything that is due."""
    with world.settling:
        authorizations.give_notice(world)
        audits.end_due(world)
        cancellations.settle_due(world)
        lifecycle.advance_due(world)
        parcels.advance_due(world)
        returns.settle_due(world)


class Courier:
    """A thread that settles what is due and carries webhooks while the imitation serves."""

    def __init__(self, world: World, *, every_s: float = 0.25) -> None:
        self._world, self._every_s = world, every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the delivery under way."""
        self._stopping.set()
        self._thread.join(timeout=webhooks.ANSWER_WITHIN_S + 1)

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            settle(self._world)
            webhooks.deliver_due(self._world)
