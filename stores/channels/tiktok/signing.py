"""TikTok Shop's signatures: of requests that we send, and of webhooks that we get. Pure functions on the very bytes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

_UNSIGNED = frozenset({"sign", "access_token"})


def request_signature(secret: str, *, path: str, query: Mapping[str, str], content_type: str = "", body: bytes = b"") -> str:
    """Return the ``sign`` of a request: path and *decoded* query sorted by name, then the body exactly as it is sent, between two secrets.

    Multipart bodies are not part of it. ``query`` holds every parameter that is sent, known to TikTok or not.
    """
    key = secret.encode()
    signed = path + "".join(f"{name}{query[name]}" for name in sorted(query) if name not in _UNSIGNED)
    message = key + signed.encode()
    if not content_type.lower().startswith("multipart/form-data"):
        message += body
    return hmac.digest(key, message + key, hashlib.sha256).hex()


def webhook_signature(secret: str, *, app_key: str, body: bytes) -> str:
    """Return what the header ``Authorization`` of a webhook must hold."""
    return hmac.digest(secret.encode(), app_key.encode() + body, hashlib.sha256).hex()


def is_genuine(authorization: str, *, secret: str, app_key: str, body: bytes) -> bool:
    """Say in constant time whether a webhook's raw body was signed with our application's secret. It holds no time: replays look genuine."""
    expected = webhook_signature(secret, app_key=app_key, body=body)
    return hmac.compare_digest(authorization.encode("utf-8", "replace"), expected.encode())
