"""Tokens that say where a list goes on: signed, so that a made-up one is noticed, and good for a while after a restart too."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from typing import Any

from stores.sandbox.world import World

URL_SAFE, STANDARD = b"-_", b"+/"


def bound(world: World, seller_id: str, asked: Mapping[str, Any]) -> str:
    """Return a fingerprint of the parameters a token belongs to."""
    return world.sign(f"{seller_id} {json.dumps(asked, sort_keys=True)}")[:16]


def write(world: World, place: Mapping[str, Any], *, alphabet: bytes = URL_SAFE) -> str:
    """Return a token for a place."""
    text = json.dumps(place)
    token = base64.b64encode(f"{world.sign(text)}{text}".encode(), altchars=alphabet).decode()
    return token.rstrip("=") if alphabet == URL_SAFE else token


def read(world: World, token: str, *, alphabet: bytes = URL_SAFE) -> dict[str, Any] | None:
    """Return the place of a token; None when this imitation did not write it."""
    try:
        signed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=alphabet, validate=True).decode()
    except ValueError:
        return None
    signature, text = signed[:40], signed[40:]
    if not text or not hmac.compare_digest(signature.encode(), world.sign(text).encode()):
        return None
    place: dict[str, Any] = json.loads(text)
    return place
