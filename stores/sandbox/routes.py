"""Addresses with parts that vary: ``/orders/{orderId}``."""

from __future__ import annotations

from urllib.parse import unquote


def match(template: str, segments: list[str]) -> dict[str, str] | None:
    """Return the decoded path parameters if the raw path fits. A slash inside a parameter must have been sent as %2F."""
    parts = template.strip("/").split("/")
    if len(parts) != len(segments):
        return None
    found: dict[str, str] = {}
    for part, segment in zip(parts, segments, strict=True):
        if part.startswith("{"):
            if not segment:
                return None
            found[part.strip("{}")] = unquote(segment)
        elif part != segment:
            return None
    return found
