"""Encryption of fields at rest: AES-256-GCM under a ring of keys.

A sealed value is ``version byte | key id | NUL | nonce | ciphertext``. ``context`` is bound to the value as authenticated data, so a
value copied to another row or column does not open. Contexts are ``table.column|psp|row`` with a row mark that is known before the row is
stored. Rotation: put a new key first in ``FIELD_KEYS``, run ``manage.py rotate_keys``, drop the old key.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from functools import lru_cache
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

_VERSION = b"\x01"


class CannotOpen(Exception):
    """A sealed value does not open: its key is gone from the ring, or it was moved or altered."""


@lru_cache(maxsize=4)
def _ring(spec: str) -> dict[str, AESGCM]:
    ring: dict[str, AESGCM] = {}
    for part in spec.split(","):
        key_id, _, encoded = part.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if not key_id or len(key_id) > 32 or len(key) != 32:
            raise ValueError("FIELD_KEYS must be id:base64 pairs of 32 bytes each, comma-separated, newest first")
        ring[key_id] = AESGCM(key)
    return ring


def active_key_id() -> str:
    """Return the id of the key that seals now."""
    return next(iter(_ring(settings.FIELD_KEYS)))


def key_id_of(sealed: bytes) -> str:
    """Return the id of the key a value was sealed with."""
    return bytes(sealed)[1:].split(b"\0", 1)[0].decode()


def seal(plain: bytes, *, context: str) -> bytes:
    """Encrypt bytes for one place."""
    key_id, aead = next(iter(_ring(settings.FIELD_KEYS).items()))
    nonce = os.urandom(12)
    return key_prefix(key_id) + nonce + aead.encrypt(nonce, plain, context.encode())


def open_sealed(sealed: bytes, *, context: str) -> bytes:
    """Decrypt what ``seal`` made for the same context; raises ``CannotOpen`` otherwise."""
    sealed = bytes(sealed)
    if sealed[:1] != _VERSION or b"\0" not in sealed:
        raise CannotOpen("not a sealed value")
    key_id, rest = sealed[1:].split(b"\0", 1)
    aead = _ring(settings.FIELD_KEYS).get(key_id.decode(errors="replace"))
    if aead is None:
        raise CannotOpen(f"key {key_id.decode(errors='replace')!r} is not in FIELD_KEYS")
    try:
        return aead.decrypt(rest[:12], rest[12:], context.encode())
    except InvalidTag:
        raise CannotOpen("the value was sealed for another place, or altered") from None


def key_ids() -> list[str]:
    """Return the ids of the ring, newest first."""
    return list(_ring(settings.FIELD_KEYS))


def key_prefix(key_id: str) -> bytes:
    """Return the bytes with which every value of this key begins."""
    return _VERSION + key_id.encode() + b"\0"


def reseal(sealed: bytes, *, context: str) -> bytes:
    """Return the value sealed with the newest key, for the same place; raises ``CannotOpen``."""
    return seal(open_sealed(sealed, context=context), context=context)


def seal_text(plain: str, *, context: str) -> bytes:
    """Encrypt text for one place."""
    return seal(plain.encode(), context=context)


def open_text(sealed: bytes, *, context: str) -> str:
    """Decrypt text."""
    return open_sealed(sealed, context=context).decode()


def search_hash(value: str, *, kind: str, psp_id: int) -> str:
    """Return the keyed hash by which a buyer's postcode, e-mail or surname is found; empty for empty.

    Case and spaces do not matter. The hash is of no use without SEARCH_KEY and differs between PSPs.
    """
    folded = "".join(value.split()).casefold()
    if not folded:
        return ""
    return hmac.digest(_search_key(settings.SEARCH_KEY), f"{psp_id}|{kind}|{folded}".encode(), "sha256").hex()[:32]


@lru_cache(maxsize=4)
def _search_key(encoded: str) -> bytes:
    return base64.b64decode(encoded)


def secret_hash(value: str, *, kind: str) -> str:
    """Return the keyed hash (64 characters) of a secret that is only ever compared, such as an API key.

    The same for all PSPs, because it is asked before anybody knows whose secret it is. The hash is of no use without SEARCH_KEY.
    """
    return hmac.digest(_search_key(settings.SEARCH_KEY), f"secret|{kind}|{value}".encode(), "sha256").hex()


class SealedJSON(models.BinaryField[Any, Any]):
    """A column of sealed JSON. The attribute holds bytes; use ``seal_into`` and ``open_from``, which know the row's context.

    A model with such a column defines ``seal_mark()``: text that names the row and is known before it is stored.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("null", True)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def context(self, row: models.Model) -> str:
        """Return the authenticated data for this column of this row."""
        return column_context(row._meta.db_table, self.attname, row.psp_id, row.seal_mark())  # type: ignore[attr-defined]

    def seal_into(self, row: models.Model, value: Any) -> None:
        """Put a JSON-able value, sealed, on the row (not saved)."""
        setattr(row, self.attname, None if value is None else seal(orjson.dumps(value), context=self.context(row)))

    def open_from(self, row: models.Model) -> Any:
        """Return the value of the row, or None where there is none."""
        sealed = getattr(row, self.attname)
        return None if sealed is None else orjson.loads(open_sealed(sealed, context=self.context(row)))


def column_context(table: str, column: str, psp_id: int, mark: str) -> str:
    """Return the context of one field, for code that seals rows in bulk."""
    return f"{table}.{column}|{psp_id}|{mark}"


def sealed_field(model: type[models.Model], name: str) -> SealedJSON:
    """Return a model's sealed column; a TypeError names what is not one."""
    field = model._meta.get_field(name)
    if not isinstance(field, SealedJSON):
        raise TypeError(f"{model.__name__}.{name} is not sealed")
    return field
