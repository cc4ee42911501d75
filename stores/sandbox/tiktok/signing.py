"""TikTok Shop's two signatures: of requests, over the bytes that were sent, and of webhooks (tiktok.md §3, §10)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

NOT_SIGNED = ("sign", "access_token")


def string_to_sign(*, secret: str, path: str, query: Iterable[tuple[str, str]], content_type: str | None, body: bytes | None) -> bytes:
    """Return what is signed: the secret, the path as sent, all decoded parameters by name, the body unless it is multipart, the secret."""
    pairs = sorted((pair for pair in query if pair[0] not in NOT_SIGNED), key=lambda pair: pair[0])
    text = (secret + path + "".join(name + value for name, value in pairs)).encode()
    if not (content_type or "").lower().startswith("multipart/form-data"):
        text += body or b""
    return text + secret.encode()


def signature(*, secret: str, path: str, query: Iterable[tuple[str, str]], content_type: str | None, body: bytes | None) -> str:
    """Return a request's signature in lower-case hex."""
    text = string_to_sign(secret=secret, path=path, query=query, content_type=content_type, body=body)
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def webhook_signature(*, app_key: str, secret: str, body: bytes) -> str:
    """Return the ``Authorization`` header of a webhook."""
    return hmac.new(secret.encode(), app_key.encode() + body, hashlib.sha256).hexdigest()
