"""Tokens that say where a list goes on: signed, so that a made-up one is noticed, and good for a while after a restart too."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from typing import Any

from stores.sandbox.world import World

SIGNATURE_LENGTH = 40
PLUS_AND_SLASH = b"\xfb\xff\xbf"  # these bytes read +/+/ in base64


def bound(world: World, seller_id: str, asked: Mapping[str, Any]) -> str:
    """Return a fingerprint of the parameters a token belongs to."""
    return world.sign(f"{seller_id} {json.dumps(asked, sort_keys=True)}")[:16]


def write(world: World, place: Mapping[str, Any], *, awkward: bool = False) -> str:
    """Return a token for a place. An ``awkward`` one has ``+``, ``/`` and ``=`` in it, as some marketplaces' have."""
    text = json.dumps(place)
    if not awkward:
        return base64.urlsafe_b64encode(f"{world.sign(text)}{text}".encode()).decode().rstrip("=")
    text += " " * (2 - (SIGNATURE_LENGTH + len(text) + 1) % 3)
    return base64.b64encode(PLUS_AND_SLASH + f"{world.sign(text)}{text}".encode()).decode()


def read(world: World, token: str) -> dict[str, Any] | None:
    """Return the place of a token; None when this imitation did not write it."""
    try:
        signed = base64.b64decode(token.translate(str.maketrans("-_", "+/")) + "=" * (-len(token) % 4), validate=True)
        text = signed.removeprefix(PLUS_AND_SLASH).decode()
    except ValueError:
        return None
    signature, text = text[:SIGNATURE_LENGTH], text[SIGNATURE_LENGTH:]
    if not text or not hmac.compare_digest(signature.encode(), world.sign(text).encode()):
        return None
    place: dict[str, Any] = json.loads(text)
    return place
