"""What one running imitation consists of, handed to each part that needs it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stores.sandbox.clock import Clock
from stores.sandbox.memory import Memory
from stores.sandbox.scenarios import Running, Scenarios
from stores.sandbox.throttle import Throttle


class NotPossible(ValueError):
    """The imitation declines something a person asked for, with a sentence for them."""


@dataclass(slots=True, kw_only=True)
class World:
    """The common part of an imitation's state; each imitation adds its own."""

    books: Memory
    clock: Clock
    throttle: Throttle
    scenarios: Scenarios
    hub_url: str = "http://localhost:8000"
    # What scenarios do by themselves, without waiting for a request.
    acts: dict[str, Callable[[Running], None]] = field(default_factory=dict)
    plant: Callable[[], None] = field(default=lambda: None)  # puts the cast into the books unless it is there already

    def sign(self, text: str) -> str:
        """Return a signature only this imitation can make; it stays valid over restarts."""
        return hmac.new(self.books.fact("signing_key").encode(), text.encode(), hashlib.sha256).hexdigest()[:40]

    def signed_link(self, base_url: str, path: str, *, seconds: float) -> str:
        """Return an address that works without a token for a published number of seconds, as S3 links do."""
        expires = f"{self.clock.epoch() + self.clock.shortened(seconds):.3f}"
        return f"{base_url}{path}?Expires={expires}&Signature={self.sign(path + expires)}"

    def link_is_good(self, path: str, *, expires: str, signature: str) -> bool:
        """Say whether a signed link is unchanged and still alive."""
        try:
            until = float(expires)
        except ValueError:
            return False
        return hmac.compare_digest(signature.encode(), self.sign(path + expires).encode()) and self.clock.epoch() < until

    def start_scenario(self, asked: Mapping[str, Any]) -> Running:
        """Start a scenario from ``{"name", "times"?, "operation"?, "seller_id"?, …options}``; one that only acts at once does so and ends."""
        given = dict(asked)
        name = str(given.pop("name", ""))
        running = self.scenarios.start(
            name, times=given.pop("times", -1), operation=str(given.pop("operation", "")), seller_id=str(given.pop("seller_id", "")), **given
        )
        if name in self.acts:
            self.acts[name](running)
            running.struck += 1
            self.scenarios.stop(name)  # nothing is left to switch off
        return running
