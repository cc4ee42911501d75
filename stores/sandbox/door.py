"""The common part of an imitation's API door: raw requests and answers, the ledger entry of each, and what scenarios do to any operation."""

from __future__ import annotations

import time
import uuid
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from stores.sandbox.ledger import RequestEntry
from stores.sandbox.world import World

HTML_502 = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A raw request: the address exactly as sent, header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    hostname: str
    base_url: str


@dataclass(slots=True)
class Outgoing:
    """A raw answer; ``status`` 0 means: reset the connection."""

    status: int
    headers: dict[str, str]
    body: bytes


class Dropped(Exception):
    """The connection ends here without an answer."""


class Misbehaviour(Exception):
    """A scenario's ready answer."""

    def __init__(self, error: str, outgoing: Outgoing) -> None:
        super().__init__(error)
        self.error, self.outgoing = error, outgoing


class Visit(ABC):
    """One request on its way through the door. ``checked`` answers it or raises; the rest is here."""

    def __init__(self, world: World, incoming: Incoming) -> None:
        self.incoming = incoming
        self.request_id = str(uuid.uuid4())
        self.operation_name = ""
        self.seller_id = ""
        self.error = ""
        self.struck: list[str] = []
        self._scenarios = world.scenarios

    @abstractmethod
    def checked(self) -> Outgoing:
        """Return the answer to a request that passed every check; each imitation has its own."""

    def answer(self) -> Outgoing:
        """Return the answer, whatever happens."""
        try:
            return self.checked()
        except Misbehaviour as misbehaviour:
            self.error = misbehaviour.error
            return misbehaviour.outgoing
        except Dropped:
            self.error = "connection reset"
            return Outgoing(0, {}, b"")

    def strike(self, name: str, *, order_id: str | None = None) -> dict[str, Any] | None:
        """Return a scenario's options if it hits this request, and remember that it did."""
        options = self._scenarios.strike(name, operation=self.operation_name, seller_id=self.seller_id, order_id=order_id)
        if options is not None and name not in self.struck:
            self.struck.append(name)
        return options

    def misbehave_early(self) -> None:
        """Do what scenarios do before anything of the request counts."""
        slow = self.strike("slow")
        if slow is not None:
            time.sleep(float(slow["seconds"]))
        if self.strike("connection_reset") is not None:
            raise Dropped
        if self.strike("html_502") is not None:
            # A gateway before the marketplace's own: no request id, no JSON.
            raise Misbehaviour("html 502", Outgoing(502, {"Content-Type": "text/html"}, HTML_502.encode()))


def serve(world: World, visit: Visit) -> Outgoing:
    """Answer one API request and write it into the ledger."""
    began = time.monotonic()
    outgoing = visit.answer()
    split = urlsplit(visit.incoming.target)
    world.books.note_request(
        RequestEntry(
            at=world.clock.epoch(),
            request_id=visit.request_id,
            operation=visit.operation_name,
            seller_id=visit.seller_id,
            method=visit.incoming.method,
            path=split.path,
            query=split.query,
            status=outgoing.status,
            error=visit.error,
            scenario=",".join(visit.struck),
            user_agent=visit.incoming.headers.get("user-agent", "")[:500],
            seconds=round(time.monotonic() - began, 4),
        )
    )
    return outgoing
