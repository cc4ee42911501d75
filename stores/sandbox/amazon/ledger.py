"""Entries of the books, for a judge to read, and the question a list of orders asks of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class WriteEntry:
    """One accepted write. ``effect`` of a confirmation: ``created``, ``corrected`` or ``repeated`` (same package told again, nothing changed)."""

    at: float
    kind: str
    effect: str
    seller_id: str
    order_id: str
    doc: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RequestEntry:
    """One request as it was answered. ``status`` 0: the connection was dropped. ``scenario`` names what interfered, if anything did."""

    at: float
    request_id: str
    operation: str
    seller_id: str
    method: str
    path: str
    query: str
    status: int
    error: str
    scenario: str
    user_agent: str
    seconds: float


@dataclass(frozen=True, slots=True)
class BucketEntry:
    """Counters of one quota bucket since the last reset."""

    seller_id: str
    operation: str
    tokens: float
    granted: int
    throttled: int


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders a list asks for. Times are whole seconds, inclusive; ``by`` is ``created`` or ``updated``."""

    seller_id: str
    marketplace_ids: Sequence[str]
    by: str
    after: int
    before: int
    statuses: Sequence[str] = ()
    fulfilled_by: Sequence[str] = ()
