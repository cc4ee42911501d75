"""Tokens: two requests to the token host, which are not signed and carry the application's secret in their address (never logged).

An access token lives for days and is renewed with its refresh token, which is used up by that: TikTok answers with a new pair. The account's
keeper stores both before either is used and lets one worker at a time renew.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.utils.timezone import now

from pod_hub.core import http
from pod_hub.core.pace import scaled
from stores.channels.errors import Misconfigured, ReconnectNeeded, TryLater
from stores.channels.keeping import TokenPair
from stores.channels.tiktok import client, codes
from stores.channels.tiktok.markets import auth_url
from stores.channels.types import Account

_SERVICE = "TikTok Shop sign-in"
RENEW_BEFORE_S = 24 * 3600
_LAST = datetime(9998, 12, 31, tzinfo=UTC)  # permissions without an end are told as far-away times
_ENDED = "TikTok Shop no longer accepts this permission ({said}). Orders and packages wait until the seller authorises the store again."
_WRONG_APP = "TikTok Shop refuses our application ({said}). No seller can be reached until an operator corrects its key or secret."
_LATER = "TikTok Shop's sign-in did not answer in a usable way. The hub asks again by itself."


def access_token(account: Account) -> str:
    """Return a usable access token; a day before its end it is renewed while the old one still serves if that fails.

    Raises ``ReconnectNeeded`` when the seller's permission has ended, ``Misconfigured`` or ``TryLater``.
    """
    keeper = client.keeper_of(account)
    pair = keeper.tokens()
    if pair.access_ends_at - now() > scaled(RENEW_BEFORE_S):
        return pair.access_token
    try:
        return keeper.renew(pair, renew).access_token
    except TryLater:
        if pair.access_ends_at > now():
            return pair.access_token
        raise


def renewed(account: Account, worn: str) -> str:
    """Return another access token than the one TikTok refused; one that a colleague got meanwhile counts."""
    keeper = client.keeper_of(account)
    pair = keeper.tokens()
    if pair.access_token != worn:
        return pair.access_token
    return keeper.renew(pair, renew).access_token


def renew(pair: TokenPair) -> TokenPair:
    """Trade a refresh token for a new pair; it is used up by that."""
    return read_pair(_ask("refresh", {"refresh_token": pair.refresh_token, "grant_type": "refresh_token"}))


def exchange_code(code: str) -> dict[str, Any]:
    """Trade a consent's code for what TikTok tells of the permission: tokens, account, scopes. It works once and within thirty minutes."""
    # TikTok's own word; "authorization_code" is refused.
    return _ask("get", {"auth_code": code, "grant_type": "authorized_code"})


def _ask(what: str, query: dict[str, str]) -> dict[str, Any]:
    secrets = {"app_key": settings.TIKTOK_APP_KEY, "app_secret": settings.TIKTOK_APP_SECRET}
    address = f"{auth_url()}/api/v2/token/{what}?{urlencode(secrets | query, quote_via=quote)}"
    try:
        response = http.request("GET", address, service=_SERVICE, template=f"/api/v2/token/{what}")
    except http.HttpError as error:
        read = client.read_envelope(error.body.encode())
        if read is None or error.status == 429 or error.status >= 500:
            raise TryLater(_LATER, throttled=error.status == 429, request_id=error.request_id, status=error.status) from None
        raise _refusal(read, error.status) from None
    except http.ExchangeFailed:
        raise TryLater(_LATER) from None
    read = client.read_envelope(response.content)
    if read is None:
        raise TryLater(_LATER, status=response.status_code)
    if read["code"] != codes.OK:
        raise _refusal(read, response.status_code)
    data = read.get("data")
    if not isinstance(data, dict):
        raise TryLater(_LATER, status=response.status_code)
    return data


def _refusal(read: dict[str, Any], status: int) -> ReconnectNeeded | Misconfigured | TryLater:
    said = f"{read['code']}: {http.redact(str(read.get('message') or ''))[:200]}"
    about: dict[str, Any] = {"request_id": str(read.get("request_id") or "")[:128], "status": status}
    words = said.lower()
    if read["code"] in {codes.THROTTLED, codes.INTERNAL_ERROR, codes.TIMED_OUT}:
        return TryLater(_LATER, throttled=read["code"] == codes.THROTTLED, **about)
    if read["code"] not in codes.PERMISSION_ENDED and any(
        word in words for word in ("app_key", "app key", "app_secret", "app secret", "grant_type", "grant type")
    ):
        return Misconfigured(_WRONG_APP.format(said=said), **about)
    return ReconnectNeeded(_ENDED.format(said=said), **about)


def read_pair(data: dict[str, Any]) -> TokenPair:
    """Read the pair out of a token answer; raises ``TryLater`` when it holds none."""
    try:
        access, refresh = data["access_token"], data["refresh_token"]
        if not (isinstance(access, str) and access and isinstance(refresh, str) and refresh):
            raise TryLater(_LATER)
        return TokenPair(
            access_token=access,
            access_ends_at=_moment(data["access_token_expire_in"]),
            refresh_token=refresh,
            refresh_ends_at=_moment(data["refresh_token_expire_in"]),
        )
    except (KeyError, TypeError, ValueError):
        raise TryLater(_LATER) from None


def _moment(seconds: object) -> datetime:
    """Read a time; in spite of their names these fields hold Unix times and no durations."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | str):
        raise TypeError("no time")
    try:
        return min(datetime.fromtimestamp(int(seconds), UTC), _LAST)
    except (OverflowError, OSError):
        return _LAST
