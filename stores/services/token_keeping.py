"""Tokens that a channel renews in pairs: both sealed on the authorization's row, stored in one transaction before either is used.

A renewal uses the refresh token up, so two workers must never ask at once. The row's lock cannot be held while the channel is asked; a lease on the
row says who asks, and the others wait for what that one gets.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta

from django.utils.timezone import now

from pod_hub.core.sealing import sealed_field
from pod_hub.core.tenancy import tenant
from stores.channels.errors import ReconnectNeeded, TryLater
from stores.channels.keeping import TokenPair
from stores.models import Authorization, GrantedShop
from stores.services.granted_shops import seal_key

LEASE_S = 20  # above the longest exchange, so that a renewal that is under way is not doubled
_WAIT_S = 3.0  # how long a worker waits for another one's renewal before it gives its task back


def seal_pair(row: Authorization, pair: TokenPair) -> None:
    """Put a pair on the row (not saved)."""
    sealed_field(Authorization, "refresh_token_sealed").seal_into(row, pair.refresh_token)
    sealed_field(Authorization, "access_token_sealed").seal_into(row, pair.access_token)
    row.access_ends_at, row.expires_at = pair.access_ends_at, pair.refresh_ends_at


def pair_on(row: Authorization) -> TokenPair | None:
    """Return the row's pair; None for channels without one, and when the tokens were removed."""
    if row.access_token_sealed is None:
        return None
    access = sealed_field(Authorization, "access_token_sealed").open_from(row)
    refresh = sealed_field(Authorization, "refresh_token_sealed").open_from(row)
    if not access or not refresh or row.access_ends_at is None or row.expires_at is None:
        return None
    return TokenPair(access, row.access_ends_at, refresh, row.expires_at)


class RowKeeper:
    """Implements ``AccountKeeper`` on an authorization's row. ``lost`` is told, in the row's transaction, when the permission has ended.

    One object serves one task: it reads the row once, and again when something has to be newer.
    """

    def __init__(self, *, authorization_id: int, psp_id: int, pair: TokenPair, lost: Callable[[Authorization, str], None]) -> None:
        self._id, self._psp_id, self._pair, self._lost = authorization_id, psp_id, pair, lost
        self._keys: dict[str, str] | None = None

    def tokens(self) -> TokenPair:
        """Return the newest pair that this task has seen."""
        return self._pair

    def renew(self, worn: TokenPair, ask: Callable[[TokenPair], TokenPair]) -> TokenPair:
        """Return a newer pair; one worker asks, the others wait for it."""
        until = time.monotonic() + _WAIT_S
        lease = uuid.uuid4()
        while (turn := self._claim(worn, lease)) is None:
            if time.monotonic() >= until:
                raise TryLater("Another worker is renewing the seller's tokens. The hub tries again in a moment.", wait_s=2, ours=True)
            time.sleep(random.uniform(0.03, 0.1))  # noqa: S311 - spreads the waiting workers
        if turn.access_token != worn.access_token:
            self._pair = turn
            return turn
        try:
            fresh = ask(turn)
        except ReconnectNeeded as error:
            self._give_back(lease, lost=str(error))
            raise
        except BaseException:
            self._give_back(lease)
            raise
        self._keep(fresh, lease)
        self._pair = fresh
        return fresh

    def _claim(self, worn: TokenPair, lease: uuid.UUID) -> TokenPair | None:
        """Take the lease and return the row's pair, or return a pair that is newer already; None while somebody else asks."""
        with tenant(self._psp_id):
            row = Authorization.reread(self._id)
            pair = pair_on(row)
            if pair is None or row.state != Authorization.State.ACTIVE:
                raise ReconnectNeeded(row.last_error or "The seller's permission is gone. Ask the seller to authorise the store again.")
            if pair.access_token != worn.access_token:
                return pair
            if row.token_leased_until is not None and row.token_leased_until > now():
                return None
            row.token_lease, row.token_leased_until = lease, now() + timedelta(seconds=LEASE_S)
            row.save(update_fields=["token_lease", "token_leased_until"])
            return pair

    def _keep(self, fresh: TokenPair, lease: uuid.UUID) -> None:
        """Store both tokens. They are kept even if the lease ran out: the old refresh token is used up, and nobody else can have these."""
        with tenant(self._psp_id):
            row = Authorization.reread(self._id)
            if row.token_lease != lease and row.access_ends_at is not None and row.access_ends_at >= fresh.access_ends_at:
                return  # a later renewal, or a renewed consent, is there already
            seal_pair(row, fresh)
            row.token_lease = row.token_leased_until = None
            row.save(
                update_fields=["refresh_token_sealed", "access_token_sealed", "access_ends_at", "expires_at", "token_lease", "token_leased_until"]
            )

    def _give_back(self, lease: uuid.UUID, *, lost: str = "") -> None:
        with tenant(self._psp_id):
            row = Authorization.reread(self._id)
            if row.token_lease != lease:
                return
            row.token_lease = row.token_leased_until = None
            row.save(update_fields=["token_lease", "token_leased_until"])
            if lost:
                self._lost(row, lost)

    def shop_keys(self) -> Mapping[str, str]:
        """Return the keys of the shops that the consent covers."""
        if self._keys is None:
            with tenant(self._psp_id):
                self._keys = {shop.number: _key_of(shop) for shop in GrantedShop.objects.filter(authorization=self._id)}
        return self._keys

    def keep_shop_keys(self, keys: Mapping[str, str]) -> None:
        """Keep newer keys of known shops; a shop that only now appears waits for the next consent."""
        with tenant(self._psp_id):
            for shop in GrantedShop.objects.select_for_update().filter(authorization=self._id, number__in=keys).order_by("pk"):
                if _key_of(shop) != keys[shop.number]:
                    seal_key(shop, keys[shop.number])
                    shop.save(update_fields=["key_sealed", "told_at"])
        self._keys = None


def _key_of(shop: GrantedShop) -> str:
    return str(sealed_field(GrantedShop, "key_sealed").open_from(shop) or "")
