"""Named misbehaviour, in doses: "the next 3 searchOrders answer an HTML 502". Each imitation has a table of its own kinds.

A scenario waits until a request fits it, acts, and counts down; ``times`` None means until it is switched off. Scenarios live in memory
only: a restarted imitation behaves.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Kind:
    """What a scenario does, where it can strike, and the options it takes with their defaults."""

    name: str
    text: str
    operations: tuple[str, ...] = ()  # empty: every API operation
    options: Mapping[str, Any] = field(default_factory=dict)
    times: int | None = 1


def table(*kinds: Kind) -> dict[str, Kind]:
    """Return kinds by their names."""
    return {kind.name: kind for kind in kinds}


# What any server can do to any request.
COMMON = (
    Kind("throttled", "429 although the bucket has tokens."),
    Kind("buckets_cut", "Every bucket keeps only a share of its plan.", options={"share": 0.25}, times=None),
    Kind("slow", "The answer is right but comes late (wall-clock seconds).", options={"seconds": 20.0}),
    Kind("html_502", "A gateway's HTML page instead of JSON."),
    Kind("connection_reset", "The connection is reset before anything happens."),
)


@dataclass(slots=True)
class Running:
    """A scenario that is switched on."""

    kind: Kind
    times: int | None
    operation: str
    seller_id: str
    options: dict[str, Any]
    struck: int = 0

    def fits(self, operation: str, seller_id: str) -> bool:
        """Say whether the scenario is meant for this operation and seller."""
        if self.operation and self.operation != operation:
            return False
        if not self.operation and self.kind.operations and operation not in self.kind.operations:
            return False
        return not self.seller_id or self.seller_id == seller_id


class UnknownScenario(ValueError):
    """No such scenario, or it takes no such option. The text says which exist."""


class Scenarios:
    """The scenarios that are on. Starting one that runs already replaces it."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self.kinds = kinds
        self._lock = threading.Lock()
        self._running: dict[str, Running] = {}

    def start(self, name: str, *, times: int | None = -1, operation: str = "", seller_id: str = "", **options: Any) -> Running:
        """Switch a scenario on. ``times`` -1 takes the scenario's own dose, None lasts until ``stop``."""
        kind = self.kinds.get(name)
        if kind is None:
            raise UnknownScenario(f"There is no scenario {name!r}. There are: {', '.join(self.kinds)}.")
        unknown = set(options) - set(kind.options)
        if unknown:
            raise UnknownScenario(f"Scenario {name} takes no {', '.join(sorted(unknown))}. It takes: {', '.join(kind.options) or 'no options'}.")
        if kind.operations and operation and operation not in kind.operations:
            raise UnknownScenario(f"Scenario {name} cannot strike {operation}, only {', '.join(kind.operations)}.")
        running = Running(kind, kind.times if times == -1 else times, operation, seller_id, {**kind.options, **options})
        with self._lock:
            self._running[name] = running
        return running

    def stop(self, name: str) -> None:
        """Switch a scenario off; one that is not on stays off."""
        with self._lock:
            self._running.pop(name, None)

    def stop_all(self) -> None:
        """Switch everything off."""
        with self._lock:
            self._running.clear()

    def running(self) -> list[Running]:
        """Return the scenarios that are on."""
        with self._lock:
            return list(self._running.values())

    def strike(self, name: str, *, operation: str, seller_id: str, order_id: str | None = None) -> dict[str, Any] | None:
        """Return the scenario's options if it is on and fits, and use up one dose; otherwise None.

        A scenario with an ``order_id`` option strikes only that order, or any order if the option is empty.
        """
        with self._lock:
            running = self._running.get(name)
            if running is None or not running.fits(operation, seller_id):
                return None
            if order_id is not None and running.options.get("order_id") not in ("", None, order_id):
                return None
            running.struck += 1
            if running.times is not None:
                running.times -= 1
                if running.times <= 0:
                    del self._running[name]
            return dict(running.options)
