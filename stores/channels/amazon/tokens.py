"""Access tokens, shared by all workers through Redis.

An access token lives 3600 s; it is kept sealed for 100 s less. Its place is named by the authorization and a fingerprint of the refresh
token, so renewing the consent (new roles!) never meets an older token. When it is missing, one worker refreshes and the others wait a
moment for it; a refusal is shared for a few seconds as well, so that twenty workers do not ask twenty times for a dead permission.
"""

from __future__ import annotations

import contextlib
import hashlib
import random
import time
from typing import Any

import orjson
import redis

from pod_hub.core.pace import scaled_s
from pod_hub.core.redis_client import redis_client
from pod_hub.core.sealing import CannotOpen, open_text, seal_text
from stores.channels.amazon import lwa
from stores.channels.errors import ChannelError, Misconfigured, ReconnectNeeded, TryLater
from stores.channels.types import Account

_MARGIN_S = 100  # before the end of its life an access token is not used any more
_WAIT_S = 3.0  # how long a worker waits for another one's refresh before it gives its task back
_LOCK_S = 20  # above the longest exchange, so that a refresh that is under way is not doubled
_REFUSAL_S = 5

_KINDS: dict[str, type[ReconnectNeeded] | type[Misconfigured]] = {"reconnect": ReconnectNeeded, "misconfigured": Misconfigured}


def access_token(account: Account) -> str:
    """Return a usable access token, refreshing it once for all workers.

    Raises ``ReconnectNeeded`` or ``Misconfigured`` as Login with Amazon decides, and ``TryLater`` when it, Redis or the worker that is
    refreshing takes too long.
    """
    try:
        return _access_token(account)
    except redis.RedisError as error:
        raise TryLater("The store of access tokens cannot be reached. The hub tries again by itself.", wait_s=5, ours=True) from error


def drop(account: Account, token: str) -> None:
    """Forget the token after Amazon refused it. A newer one, put there by another worker meanwhile, stays."""
    place = _place(account)
    try:
        if _read(place) == token:
            redis_client().delete(place)
    except redis.RedisError as error:
        raise TryLater("The store of access tokens cannot be reached. The hub tries again by itself.", wait_s=5, ours=True) from error


def remember(account: Account, *, token: str, expires_in_s: int) -> None:
    """Keep a fresh access token, for example the one that came with the consent."""
    keep_s = expires_in_s - scaled_s(_MARGIN_S)  # what Amazon tells counts on the wall clock; only our own margin is a rule
    if keep_s > 0:
        place = _place(account)
        try:
            redis_client().set(place, seal_text(token, context=place), px=max(1, int(keep_s * 1000)))
        except redis.RedisError as error:
            raise TryLater("The store of access tokens cannot be reached. The hub tries again by itself.", wait_s=5, ours=True) from error


def _access_token(account: Account) -> str:
    client, place = redis_client(), _place(account)
    until = time.monotonic() + _WAIT_S
    while True:
        if token := _read(place):
            return token
        _raise_shared_refusal(client, place)
        lock = client.lock(f"{place}:lock", timeout=_LOCK_S, thread_local=False)
        if lock.acquire(blocking=False):
            try:
                return _read(place) or _refresh(client, account, place)
            finally:
                # It may have run out while Login with Amazon was slow; whoever has it now releases it.
                with contextlib.suppress(redis.exceptions.LockError):
                    lock.release()
        if time.monotonic() >= until:
            raise TryLater("Another worker is renewing the access token. The hub tries again in a moment.", wait_s=scaled_s(5), ours=True)
        time.sleep(random.uniform(0.02, 0.08))  # noqa: S311 - spreads the waiting workers


def _refresh(client: redis.Redis, account: Account, place: str) -> str:
    try:
        given = lwa.refresh(account.refresh_token)
    except (ReconnectNeeded, Misconfigured) as error:
        kind = "reconnect" if isinstance(error, ReconnectNeeded) else "misconfigured"
        note = {"kind": kind, "message": str(error), "request_id": error.request_id, "status": error.status}
        client.set(f"{place}:refused", orjson.dumps(note), px=_REFUSAL_S * 1000)
        raise
    remember(account, token=given.access_token, expires_in_s=given.expires_in_s)
    return given.access_token


def _raise_shared_refusal(client: redis.Redis, place: str) -> None:
    found: Any = client.get(f"{place}:refused")
    if found:
        note = orjson.loads(found)
        error: ChannelError = _KINDS[note["kind"]](note["message"], request_id=note["request_id"], status=note["status"])
        raise error


def _read(place: str) -> str:
    sealed: Any = redis_client().get(place)
    if not sealed:
        return ""
    try:
        return open_text(sealed, context=place)
    except CannotOpen:
        return ""  # sealed with a key that has left the ring: as good as absent


def _place(account: Account) -> str:
    fingerprint = hashlib.sha256(account.refresh_token.encode()).hexdigest()[:16]
    return f"hub:amazon:token:{account.key}:{fingerprint}"
