"""What goes wrong when people add a product to a store."""

from __future__ import annotations


class CannotAdd(Exception):
    """Nothing was changed; the message says why and what to do. ``field`` names what is to be corrected, where that is one thing."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field
