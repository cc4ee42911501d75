"""Ledger entries for requests outside the API: token endpoint, consent, downloads."""

from __future__ import annotations

import uuid

from flask import request

from stores.sandbox.ledger import RequestEntry
from stores.sandbox.world import World


def note_visit(world: World, operation: str, *, status: int, error: str = "", query: str = "", seller_id: str = "") -> None:
    """Write a request outside the API into the ledger."""
    world.books.note_request(
        RequestEntry(
            at=world.clock.epoch(),
            request_id=str(uuid.uuid4()),
            operation=operation,
            seller_id=seller_id,
            method=request.method,
            path=request.path,
            query=query,
            status=status,
            error=error,
            scenario="",
            user_agent=request.headers.get("User-Agent", "")[:500],
            seconds=0.0,
        )
    )
