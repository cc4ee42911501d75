"""Login with Amazon: the two token requests and what its refusals mean.

Both go through ``requests-oauthlib``, whose session sends by our own HTTP door (``_Door``): the same deadlines, guard and traces hold.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import requests
from django.conf import settings
from oauthlib.oauth2 import OAuth2Error
from requests.adapters import BaseAdapter
from requests_oauthlib import OAuth2Session

from pod_hub.core import http
from stores.channels.amazon.marketplaces import token_url
from stores.channels.errors import Misconfigured, ReconnectNeeded, TryLater

_SERVICE = "Login with Amazon"
_RECONNECT = "Amazon no longer accepts this permission ({reason}). Orders and confirmations wait until the seller authorises the store again."
_WRONG_APP = (
    "Login with Amazon refuses our application ({reason}). "
    "No seller can be reached until an operator corrects the LWA client id, secret or redirect address."
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the token endpoint gave. Both tokens are secrets."""

    access_token: str
    refresh_token: str
    expires_in_s: int

    def __repr__(self) -> str:
        return f"Tokens(expires_in_s={self.expires_in_s})"


class _Door(BaseAdapter):
    """Sends a ``requests`` request through ``pod_hub.core.http``."""

    def send(self, request: requests.PreparedRequest, **_options: Any) -> requests.Response:  # type: ignore[override]
        """Send; ``requests``' own options (timeout, verify, proxies) give way to those of the door."""
        answer = http.request(
            request.method or "POST",
            request.url or "",
            service=_SERVICE,
            template="/auth/o2/token",
            content=request.body if isinstance(request.body, str | bytes) else b"",
            headers={name: str(value) for name, value in request.headers.items() if name.lower() != "content-length"},
        )
        response = requests.Response()
        response.status_code = answer.status_code
        response.headers.update(answer.headers)
        response._content = answer.content
        response.encoding = "utf-8"
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        """Keep the shared client open."""


def exchange_code(code: str) -> Tokens:
    """Trade the code of a consent for tokens. Amazon accepts a code once and within five minutes.

    Raises ``ReconnectNeeded`` (code used, expired or of another application), ``Misconfigured`` or ``TryLater``.
    """
    return _ask(
        lambda session: session.fetch_token(
            token_url(), code=code, include_client_id=True, client_secret=settings.AMAZON_CLIENT_SECRET, timeout=http.TOTAL_S
        )
    )


def refresh(refresh_token: str) -> Tokens:
    """Get a new access token; raises ``ReconnectNeeded`` when the seller's permission has ended, ``Misconfigured`` or ``TryLater``."""
    return _ask(
        lambda session: session.refresh_token(
            token_url(),
            refresh_token=refresh_token,
            client_id=settings.AMAZON_CLIENT_ID,
            client_secret=settings.AMAZON_CLIENT_SECRET,
            timeout=http.TOTAL_S,
        )
    )


def _ask(send: Callable[[OAuth2Session], Mapping[str, Any]]) -> Tokens:
    if settings.AMAZON_SANDBOX_URL.startswith("http://"):
        # oauthlib refuses plain http unless the process says so. Settings refuse an imitation in production.
        os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    session = OAuth2Session(settings.AMAZON_CLIENT_ID, redirect_uri=settings.AMAZON_REDIRECT_URI)
    session.mount("https://", _Door())
    session.mount("http://", _Door())
    session.trust_env = False  # no .netrc credentials, no second idea of proxies
    try:
        given = send(session)
    except http.HttpError as error:
        raise _refusal(error) from None
    except http.ExchangeFailed as error:
        raise TryLater("Login with Amazon did not answer in time. The hub asks again by itself.") from error
    except OAuth2Error as error:
        # The exception can hold the whole answer; only its kind is kept.
        raise TryLater(f"Login with Amazon answered in a way we cannot read ({type(error).__name__}). The hub asks again by itself.") from None
    try:
        return Tokens(
            access_token=str(given["access_token"]), refresh_token=str(given.get("refresh_token") or ""), expires_in_s=int(given["expires_in"])
        )
    except (KeyError, TypeError, ValueError):
        raise TryLater("Login with Amazon answered without a usable token. The hub asks again by itself.") from None


def _refusal(error: http.HttpError) -> ReconnectNeeded | Misconfigured | TryLater:
    about: dict[str, Any] = {"request_id": error.request_id, "status": error.status}
    if error.status == 429 or error.status >= 500 or error.status == 408:
        return TryLater("Login with Amazon is busy or out of order. The hub asks again by itself.", throttled=error.status == 429, **about)
    code, words = _oauth_error(error.body)
    reason = f"{code}: {words}" if words else code
    if code == "invalid_grant":
        return ReconnectNeeded(_RECONNECT.format(reason=reason), **about)
    if code:
        # invalid_client, unauthorized_client, invalid_request (redirect address), invalid_scope, unsupported_grant_type: all ours.
        return Misconfigured(_WRONG_APP.format(reason=reason), **about)
    return TryLater(f"Login with Amazon answered {error.status} without saying why. The hub asks again by itself.", **about)


def _oauth_error(body: str) -> tuple[str, str]:
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "", ""
    if not isinstance(read, dict):
        return "", ""
    return http.redact(str(read.get("error") or ""))[:80], http.redact(str(read.get("error_description") or ""))[:300]
