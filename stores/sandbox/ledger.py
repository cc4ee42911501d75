"""Entries of an imitation's books, for a judge to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class WriteEntry:
    """One accepted write. ``seller_id`` is whose books it belongs to: Amazon's seller, TikTok's shop.

    ``effect`` of a notice of shipment: ``created``, ``corrected`` or ``repeated`` (same package told again, nothing changed).
    """

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
