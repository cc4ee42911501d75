"""Tokens: ``GET /api/v2/token/get`` and ``/api/v2/token/refresh``, with the secret in the query string and the answer in an envelope (tiktok.md §2).

A code works once and for half an hour. Access tokens live for a week, refresh tokens until the authorization ends; both expiries are absolute Unix
times. [L] A refresh token is used up by a refresh unless the settings say otherwise; the access token before it stays good until it expires.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from typing import Any

from stores.sandbox.tiktok.answers import Refusal
from stores.sandbox.tiktok.seller_records import Grant
from stores.sandbox.tiktok.world import ACCESS_TOKEN_S, CODE_S, DURATIONS_S, UNLIMITED_UNTIL, World

PARAMETERS = {
    "get": ("app_key", "app_secret", "auth_code", "grant_type"),
    "refresh": ("app_key", "app_secret", "refresh_token", "grant_type"),
}
GRANT_TYPES = {"get": "authorized_code", "refresh": "refresh_token"}


def token(world: World, kind: str, given: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return the ``data`` of a token answer, or raise the refusal. ``kind`` is ``get`` or ``refresh``."""
    for name, values in given.items():
        if name not in PARAMETERS[kind] or len(values) > 1:
            raise Refusal(36009004, f"Unexpected identifier: {name}.")
    read = {name: given.get(name, [""])[0] for name in PARAMETERS[kind]}
    for name, value in read.items():
        if not value:
            raise Refusal(36009004, f"Invalid parameter: {name} is required.")
    application = world.application
    right_key = hmac.compare_digest(read["app_key"].encode(), application.app_key.encode())
    right_secret = hmac.compare_digest(read["app_secret"].encode(), application.app_secret.encode())
    if not (right_key and right_secret):
        raise Refusal(36009004, "Invalid parameter: app_key or app_secret is wrong.")
    if read["grant_type"] != GRANT_TYPES[kind]:
        raise Refusal(36009004, f"Invalid parameter: grant_type must be {GRANT_TYPES[kind]}.")
    if kind == "get":
        return _exchange(world, read["auth_code"])
    return _refresh(world, read["refresh_token"])


def _exchange(world: World, code: str) -> dict[str, Any]:
    with world.books.transaction():
        grant = world.books.spend_code(code, now=world.clock.epoch())
        if grant is None:
            raise Refusal(36004004)
        if grant.revoked is not None:
            raise Refusal(36004005)
        return issue(world, grant)


def _refresh(world: World, refresh_token: str) -> dict[str, Any]:
    now = world.clock.epoch()
    with world.books.transaction():
        known = world.books.refresh_token(refresh_token)
        if known is None or known[0].revoked is not None:
            raise Refusal(36004005)
        grant, replaced = known
        if grant.expires <= now or (replaced and not world.settings.old_refresh_tokens_work):
            raise Refusal(36004001)
        world.books.replace_refresh_token(refresh_token, at=now)
        return issue(world, grant)


def issue(world: World, grant: Grant) -> dict[str, Any]:
    """Return a fresh pair of tokens for a consent, in TikTok's shape."""
    now, account = world.clock.epoch(), world.books.account(grant.open_id)
    assert account is not None, "a consent without its account"
    prefix = "TTP" if account.region == "US" else "ROW"
    access_token, refresh_token = f"{prefix}_{secrets.token_urlsafe(60)}", f"{prefix}_{secrets.token_urlsafe(48)}"
    # An access token does not outlive the authorization.
    expires = int(min(now + world.clock.shortened(ACCESS_TOKEN_S), grant.expires))
    world.books.add_access_token(access_token, grant_id=grant.grant_id, expires=expires)
    world.books.add_refresh_token(refresh_token, grant_id=grant.grant_id, created=now)
    return {
        "access_token": access_token,
        "access_token_expire_in": expires,
        "refresh_token": refresh_token,
        "refresh_token_expire_in": int(grant.expires),
        "open_id": account.open_id,
        "seller_name": account.name,
        "seller_base_region": account.region,
        "user_type": account.user_type,
        "granted_scopes": list(grant.scopes),
    }


def consent(world: World, open_id: str, *, duration: str = "1-year", scopes: tuple[str, ...] | None = None) -> Grant:
    """Keep a consent of an account, as if it had just been given on the page."""
    span = DURATIONS_S[duration]
    grant = Grant(
        grant_id=f"G{world.books.next_number('grant'):06d}",
        open_id=open_id,
        scopes=world.application.scopes if scopes is None else scopes,
        expires=world.clock.epoch() + world.clock.shortened(span) if span else UNLIMITED_UNTIL,
    )
    world.books.add_grant(grant)
    return grant


def code_for(world: World, grant: Grant) -> str:
    """Return a code for a consent; it works once, for half an hour."""
    code = f"TTP_{secrets.token_urlsafe(36)}"
    world.books.add_code(code, grant_id=grant.grant_id, expires=world.clock.epoch() + world.clock.shortened(CODE_S))
    return code
