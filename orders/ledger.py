"""Reads of the intake ledger. A record's payload is buyer data: pages name its fields and show none of its values."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from orders.models import IntakeRecord
from pod_hub.core.paging import Page, page_of
from pod_hub.core.sealing import CannotOpen, sealed_field

MOST_FIELDS = 400


def ledger_page(*, wanted: dict[str, str], query: QueryDict) -> Page[IntakeRecord]:
    """Return a page of records, newest first, without their payloads. One query."""
    rows = IntakeRecord.objects.select_related("store__customer", "order").defer("payload_sealed")
    if q := wanted.get("q"):
        rows = rows.filter(external_id=q)
    if verdict := wanted.get("verdict"):
        rows = rows.filter(verdict=verdict)
    if road := wanted.get("road"):
        rows = rows.filter(road=road)
    store = wanted.get("store")
    if store == "none":
        rows = rows.filter(store=None)
    elif store:
        rows = rows.filter(store__public_id=store)
    return page_of(rows, by="seen_at", query=query)


def other_revisions(record: IntakeRecord) -> list[IntakeRecord]:
    """Return what else we were told of the same order number by the same seller, newest first."""
    same = IntakeRecord.objects.filter(authorization=record.authorization_id, external_id=record.external_id).exclude(pk=record.pk)
    return list(same.defer("payload_sealed").order_by("-revision", "-pk")[:50])


def field_names(record: IntakeRecord) -> list[str] | None:
    """Return the paths of the fields that the channel sent, such as ``items[].sku``; None once the payload was purged or cannot be opened."""
    try:
        payload = sealed_field(IntakeRecord, "payload_sealed").open_from(record)
    except CannotOpen:
        return None
    if payload is None:
        return None
    found: dict[str, None] = {}
    _walk(payload, "", found)
    return sorted(found)[:MOST_FIELDS]


def _walk(value: Any, path: str, found: dict[str, None]) -> None:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            _walk(inner, f"{path}.{name}" if path else str(name), found)
    elif isinstance(value, list) and value:
        for inner in value:
            _walk(inner, f"{path}[]", found)
    elif path:
        found[path] = None
