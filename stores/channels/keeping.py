"""Keeping what a channel gives for an account and replaces now and then: tokens that are renewed in pairs, and keys of shops.

An adapter never touches the database; where a refresh token is used up by its use, it gets a keeper that does. A keeper lets one worker at
a time renew, and has both tokens of the new pair stored before anybody uses one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token and the refresh token that came with it. Both are secrets. ``refresh_ends_at`` is the end of the seller's permission."""

    access_token: str = field(repr=False)
    access_ends_at: datetime
    refresh_token: str = field(repr=False)
    refresh_ends_at: datetime


class AccountKeeper(Protocol):
    """Where one account's tokens and shop keys are kept. Call it outside transactions."""

    def tokens(self) -> TokenPair:
        """Return the newest pair."""

    def renew(self, worn: TokenPair, ask: Callable[[TokenPair], TokenPair]) -> TokenPair:
        """Return a pair newer than ``worn``: what another worker got meanwhile, or what ``ask`` returns, kept before it is returned.

        ``TryLater(ours=True)`` when another worker is renewing and takes too long; what ``ask`` raises goes on to the caller.
        """

    def shop_keys(self) -> Mapping[str, str]:
        """Return the key of each shop, by the shop's number."""

    def keep_shop_keys(self, keys: Mapping[str, str]) -> None:
        """Keep newer keys of shops that are known already; others are left out."""


class InHand:
    """Keeps in memory what a fresh consent gave, until somebody decides to keep it for good."""

    def __init__(self, pair: TokenPair, keys: Mapping[str, str] | None = None) -> None:
        self._pair, self._keys = pair, dict(keys or {})

    def tokens(self) -> TokenPair:
        """Return the newest pair."""
        return self._pair

    def renew(self, worn: TokenPair, ask: Callable[[TokenPair], TokenPair]) -> TokenPair:
        """Renew unless that was done already; one object serves one task, so nobody else is at it."""
        if self._pair.access_token == worn.access_token:
            self._pair = ask(worn)
        return self._pair

    def shop_keys(self) -> Mapping[str, str]:
        """Return the keys."""
        return self._keys

    def keep_shop_keys(self, keys: Mapping[str, str]) -> None:
        """Keep the keys."""
        self._keys |= keys
