"""Login with Amazon: the token endpoint ``POST /auth/o2/token`` with its three grants and its own error shape.

Codes work once and for five minutes, access tokens for an hour (both shortened by the clock's factor, and ``expires_in`` says the shortened truth),
refresh tokens until the seller removes the application.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping
from typing import Any

from stores.sandbox.amazon.world import ACCESS_TOKEN_S, CONSENT_CODE_S, World

GRANTLESS_SCOPES = ("sellingpartnerapi::notifications", "sellingpartnerapi::client_credential:rotation")


class LwaError(Exception):
    """A refusal in OAuth's shape (RFC 6749 §5.2)."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(f"{status} {error}: {description}")
        self.status, self.error, self.description = status, error, description


def token(world: World, form: Mapping[str, list[str]], *, content_type: str, authorization: str = "") -> dict[str, Any]:
    """Return the token answer to a form, or raise ``LwaError``. Unknown form keys are ignored, as RFC 6749 §3.2 demands."""
    if content_type.split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise LwaError(400, "invalid_request", "The Content-Type must be application/x-www-form-urlencoded")
    for name, values in form.items():
        if len(values) > 1:
            raise LwaError(400, "invalid_request", f"The request has a repeated parameter : {name}")
    given = {name: values[0] for name, values in form.items()}
    grant = given.get("grant_type", "")
    if not grant:
        raise LwaError(400, "invalid_request", "The request is missing a required parameter : grant_type")
    _check_client(world, given, authorization)
    if grant == "authorization_code":
        return _exchange(world, given)
    if grant == "refresh_token":
        return _refresh(world, given)
    if grant == "client_credentials":
        return _grantless(world, given)
    raise LwaError(400, "unsupported_grant_type", "The authorization grant type is not supported by the authorization server")


def _check_client(world: World, given: Mapping[str, str], authorization: str) -> None:
    client_id, secret = given.get("client_id", ""), given.get("client_secret", "")
    if authorization.startswith("Basic "):
        try:
            client_id, _, secret = base64.b64decode(authorization.removeprefix("Basic "), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise LwaError(401, "invalid_client", "Client authentication failed") from None
    if not client_id:
        raise LwaError(400, "invalid_request", "The request is missing a required parameter : client_id")
    expected = world.application
    same = hmac.compare_digest(client_id.encode(), expected.client_id.encode()) & hmac.compare_digest(
        secret.encode(), expected.client_secret.encode()
    )
    if not same:
        raise LwaError(401, "invalid_client", "Client authentication failed")


def _needed(given: Mapping[str, str], name: str) -> str:
    if not given.get(name):
        raise LwaError(400, "invalid_request", f"The request is missing a required parameter : {name}")
    return given[name]


def _exchange(world: World, given: Mapping[str, str]) -> dict[str, Any]:
    code, redirect_uri = _needed(given, "code"), _needed(given, "redirect_uri")
    with world.books.transaction():
        seller_id = world.books.spend_code(code, redirect_uri=redirect_uri, now=world.clock.epoch())
        if seller_id is None:
            raise LwaError(400, "invalid_grant", "The request has an invalid grant parameter : code")
        return grant(world, seller_id)


def grant(world: World, seller_id: str) -> dict[str, Any]:
    """Return a fresh pair of tokens for a seller who consented."""
    refresh_token = f"Atzr|{secrets.token_urlsafe(48)}"
    world.books.add_refresh_token(refresh_token, seller_id=seller_id, created=world.clock.epoch())
    return {**_access(world, seller_id, refresh_token), "refresh_token": refresh_token}


def _refresh(world: World, given: Mapping[str, str]) -> dict[str, Any]:
    refresh_token = _needed(given, "refresh_token")
    with world.books.transaction():
        seller_id = world.books.seller_of_refresh_token(refresh_token)
        if seller_id is None:
            raise LwaError(
                400,
                "invalid_grant",
                "The request has an invalid grant parameter : refresh_token. User may have revoked or didn't grant the permission.",
            )
        return {**_access(world, seller_id, refresh_token), "refresh_token": refresh_token}


def _grantless(world: World, given: Mapping[str, str]) -> dict[str, Any]:
    scope = _needed(given, "scope")
    if scope not in GRANTLESS_SCOPES:
        raise LwaError(400, "invalid_scope", "The request has an invalid parameter : scope")
    return {**_access(world, "", "", scope=scope), "scope": scope}


def _access(world: World, seller_id: str, refresh_token: str, *, scope: str = "") -> dict[str, Any]:
    token = f"Atza|{secrets.token_urlsafe(96)}"
    life = world.clock.shortened(ACCESS_TOKEN_S)
    world.books.add_access_token(token, seller_id=seller_id, refresh_token=refresh_token, scope=scope, expires=world.clock.epoch() + life)
    return {"access_token": token, "token_type": "bearer", "expires_in": int(life)}


def consent_code(world: World, *, seller_id: str, redirect_uri: str) -> str:
    """Return a code for a seller who just confirmed; it works once, for five minutes, with this redirect address."""
    code = f"ANS{secrets.token_hex(10)}"
    expires = world.clock.epoch() + world.clock.shortened(CONSENT_CODE_S)
    world.books.add_code(code, seller_id=seller_id, redirect_uri=redirect_uri, expires=expires)
    return code
