"""Ids that people and addresses may see: a short prefix and sixteen random characters, unrelated to row numbers."""

from __future__ import annotations

import os
from typing import Any

from django.db import models

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: nothing that looks like something else
_FROM_BYTE = (ALPHABET * 8).encode()  # eight bytes for each character, so that each is as likely


def new_public_id(prefix: str) -> str:
    """Return a fresh id such as ``ord_7m3k…``: 80 random bits."""
    return f"{prefix}_{os.urandom(16).translate(_FROM_BYTE).decode()}"


class PublicIdField(models.CharField[str, str]):
    """A unique public id that fills itself."""

    def __init__(self, *, prefix: str = "", **kwargs: Any) -> None:
        self.prefix = prefix
        kwargs.update(max_length=24, unique=True, editable=False)
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        """Leave out what this class always sets."""
        name, path, args, kwargs = super().deconstruct()
        for implied in ("max_length", "unique", "editable"):
            kwargs.pop(implied, None)
        kwargs["prefix"] = self.prefix
        return name, path, args, kwargs

    def get_default(self) -> str:
        """Return a fresh id for each new object."""
        return new_public_id(self.prefix)

    def has_default(self) -> bool:
        """Say that every new row has one."""
        return True
