"""One request to the Selling Partner API, from quota to error.

The only module that touches ``python-amazon-sp-api``. The library builds paths, parameters and headers; sending, status checks, tokens
and quotas are ours, because its own miss errors, open a connection per object and keep ten tokens per process (README, "The library").
"""

from __future__ import annotations

import contextlib
import json
import random
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import httpx
import orjson
from django.conf import settings
from sp_api.auth import AccessTokenResponse
from sp_api.base import Client

from pod_hub.core import buckets, http
from pod_hub.core.deadlines import deadline
from pod_hub.core.pace import scaled_s
from stores.channels.amazon import tokens
from stores.channels.amazon.marketplaces import AWS_REGIONS, api_url
from stores.channels.amazon.rates import Operation
from stores.channels.errors import ChannelError, Misconfigured, NotFound, ReconnectNeeded, Refused, TryLater
from stores.channels.types import Account

USER_AGENT = "pod-hub/0.1 (Language=Python)"
_SERVICE = "Amazon"
_LONGEST_WAIT_S = 3600.0
_AGAIN = "The hub tries again by itself."


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer: its JSON (empty for 204), Amazon's request id and the HTTP status."""

    body: Mapping[str, Any]
    request_id: str
    status: int


class _Declined(http.ExchangeFailed):
    """A success status whose body lists errors; the body says which."""

    def __init__(self, status: int, request_id: str, body: str) -> None:
        super().__init__(f"Amazon answered {status} with errors")
        self.status = status
        self.request_id = request_id
        self.body = body


class _NotJson(http.ExchangeFailed):
    """A success status with a body that is no JSON object, such as a gateway's HTML page."""

    def __init__(self, status: int, request_id: str) -> None:
        super().__init__(f"Amazon answered {status} with something that is no JSON")
        self.status = status
        self.request_id = request_id


class SharedTransport:
    """Stands in for the library's own transport and sends one operation through ``pod_hub.core.http``; keeps the answer."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        self.answer: Answer | None = None
        self.granted_rate: float | None = None

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        data: Any = None,
        content: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send, check and keep. The library gets an empty answer to read: its own reading fails in ways of its own."""
        known = {name: value for name, value in (params or {}).items() if name in self._operation.query}
        template = f"{self._operation.name} {self._operation.template}"
        if content and self._operation.body is not None:
            # The library puts its own path and marketplace parameters into the body as well.
            content = orjson.dumps({name: value for name, value in orjson.loads(content).items() if name in self._operation.body})
        response = http.request(method, url, service=_SERVICE, template=template, params=known, content=content, headers=headers)
        self.granted_rate = granted_rate(response.headers)
        request_id = http.request_id_of(response.headers)
        body = read_json(response.content) if response.content else {}
        if not isinstance(body, dict) or (not body and response.status_code != 204):
            raise _NotJson(response.status_code, request_id)
        if body.get("errors"):
            raise _Declined(response.status_code, request_id, response.text)
        self.answer = Answer(body=body, request_id=request_id, status=response.status_code)
        return httpx.Response(204, request=response.request)

    def close(self) -> None:
        """Keep the shared client open."""


def read_json(content: bytes) -> Any:
    """Read JSON; None when it is none.

    Half of a surrogate pair in one text (cut emoji) must not make a whole page unreadable: it becomes a question mark.
    """
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        pass
    try:
        lenient = json.loads(content.decode("utf-8", errors="replace"))
        return orjson.loads(json.dumps(lenient, ensure_ascii=False, allow_nan=False).encode("utf-8", errors="replace"))
    except (ValueError, RecursionError):
        return None


class _GivenToken:
    """Stands in for the library's token client: hands out the token that ``tokens`` gave."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_auth(self) -> AccessTokenResponse:
        """Return the token in the library's wrapping."""
        return AccessTokenResponse(access_token=self._token)


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    # The library builds HTTP clients in its constructor; a ready context makes that cost 0.3 ms instead of 57 ms. They never connect.
    return ssl.create_default_context()


def api(cls: type[Client], *, account: Account, token: str, transport: SharedTransport, version: str | None = None) -> Any:
    """Return one of the library's clients, wired to our transport and token. One object per call: it keeps state on itself."""
    endpoint, region = api_url(account.region), AWS_REGIONS[account.region]
    client: Any = cls(
        SimpleNamespace(endpoint=endpoint, marketplace_id="", region=region),
        refresh_token="-",  # noqa: S106 - the library insists on credentials; it never gets ours
        credentials={"lwa_app_id": "-", "lwa_client_secret": "-"},
        verify=_tls(),
        version=version,
        auth_token_client_class=lambda **_: _GivenToken(token),
    )
    client._transport.close()
    client._transport = transport
    # The constructor lets SP_API_DEFAULT_MARKETPLACE win over its argument; what we were asked for wins here.
    client.endpoint, client.region = endpoint, region
    client.user_agent = USER_AGENT
    return client


def granted_rate(headers: Mapping[str, str]) -> float | None:
    """Return the requests a second that Amazon grants now, if it says so in a usable way.

    The header counts seconds of the wall clock; the result is per unscaled second, like the published table.
    """
    try:
        rate = float(headers.get("x-amzn-ratelimit-limit", ""))
    except ValueError:
        return None
    return rate * scaled_s(1) if 0 < rate < 10_000 else None


def bucket_key(account: Account, operation: Operation) -> str:
    """Return the key of the quota bucket: limits hold per seller, region and application."""
    return buckets.bucket_key(application=settings.AMAZON_CLIENT_ID, seller=f"{account.region}/{account.account_id}", operation=operation.name)


def call(
    account: Account, operation: Operation, cls: type[Client], send: Callable[[Any], object], *, version: str | None = None, leave: int = 0
) -> Answer:
    """Make one request: take a token from the quota bucket, send, and return the answer; never sleeps.

    ``send`` gets the library's client and calls one method of it. After a 401 or 403 the access token is renewed and the request repeated
    once; then the permission counts as gone. ``leave`` tokens of the bucket are left to more urgent calls. All of it ends within the time of
    one exchange, so that no lease runs out under a call (quality R3). Raises only ``ChannelError``.
    """
    with deadline(http.TOTAL_S):
        return _call(account, operation, cls, send, version=version, leave=leave)


def _call(account: Account, operation: Operation, cls: type[Client], send: Callable[[Any], object], *, version: str | None, leave: int) -> Answer:
    token = tokens.access_token(account)  # first: without one, the quota is not touched
    _take(account, operation, leave)
    try:
        return _send(account, operation, cls, send, token=token, version=version)
    except http.HttpError as error:
        if error.status not in {401, 403}:
            raise failure(account, operation, error) from None
    except http.ExchangeFailed as error:
        raise failure(account, operation, error) from None
    tokens.drop(account, token)
    token = tokens.access_token(account)
    _take(account, operation)
    try:
        return _send(account, operation, cls, send, token=token, version=version)
    except http.ExchangeFailed as error:
        raise failure(account, operation, error) from None


def _send(account: Account, operation: Operation, cls: type[Client], send: Callable[[Any], object], *, token: str, version: str | None) -> Answer:
    transport = SharedTransport(operation)
    send(api(cls, account=account, token=token, transport=transport, version=version))
    if transport.answer is None:
        raise Misconfigured(f"{operation.name} sent nothing: the Amazon library has changed. An operator must install the pinned version.")
    if transport.granted_rate is not None:
        _correct(account, operation, transport.granted_rate)
    return transport.answer


def _take(account: Account, operation: Operation, leave: int = 0) -> None:
    try:
        wait_s = buckets.take(bucket_key(account, operation), rate=operation.rate, burst=operation.usable_burst, leave=leave)
    except buckets.BucketsUnavailable as error:
        raise TryLater(f"{error} {_AGAIN}", wait_s=scaled_s(30), ours=True) from error
    if wait_s > 0:
        raise TryLater(f"Amazon's quota is used up for now ({operation.said}). {_AGAIN}", wait_s=wait_s, throttled=True)


def _correct(account: Account, operation: Operation, told_rate: float) -> None:
    try:
        buckets.correct(bucket_key(account, operation), rate=operation.rate, burst=operation.usable_burst, told_rate=told_rate)
    except buckets.BucketsUnavailable:
        return  # the answer counts more than the correction; the next answer brings it again


def failure(account: Account, operation: Operation, error: http.ExchangeFailed) -> ChannelError:
    """Name a failed exchange after what happens next."""
    if isinstance(error, http.HttpError):
        return _from_status(account, operation, error)
    if isinstance(error, http.NoAnswer):
        return TryLater(f"Amazon did not answer in time ({operation.said}). {_AGAIN}", ambiguous=operation.write and error.sent)
    if isinstance(error, _Declined):
        code, words = amazon_words(error.body)
        return Refused(f"Amazon refused {operation.said}: {words or code}", code=code, request_id=error.request_id, status=error.status)
    if isinstance(error, _NotJson):
        return TryLater(f"{error}. {_AGAIN}", ambiguous=operation.write, request_id=error.request_id, status=error.status)
    return TryLater(f"Amazon's answer is larger than the hub accepts ({operation.said}). {_AGAIN}", ambiguous=operation.write)


def _from_status(account: Account, operation: Operation, error: http.HttpError) -> ChannelError:
    code, words = amazon_words(error.body)
    said = words or f"status {error.status} without a reason"
    about: dict[str, Any] = {"request_id": error.request_id, "status": error.status}
    if error.status == 429:
        return _throttled(account, operation, error, about)
    if error.status in {401, 403}:
        return ReconnectNeeded(
            f"Amazon refuses access ({said}). The permission was withdrawn, has expired or lacks a role. "
            "Ask the seller to authorise the store again.",
            **about,
        )
    if error.status == 404:
        return NotFound(f"Amazon does not know it: {said}", code=code, **about)
    if error.status == 408 or error.status >= 500 or error.status < 400:
        return TryLater(f"Amazon is out of order for {operation.said} ({said}). {_AGAIN}", ambiguous=operation.write, **about)
    return Refused(f"Amazon refused {operation.said}: {said}", code=code, told_at=_clock_of(error.headers), **about)


def _clock_of(headers: Mapping[str, str]) -> datetime | None:
    """Return Amazon's own time as it answered, to the second; None when it does not say."""
    try:
        return parsedate_to_datetime(headers.get("date", ""))
    except (TypeError, ValueError):
        return None


def _throttled(account: Account, operation: Operation, error: http.HttpError, about: Mapping[str, Any]) -> TryLater:
    told_rate = granted_rate(error.headers)
    wait_s = scaled_s(1 / (told_rate or operation.rate))
    with contextlib.suppress(ValueError):  # Amazon sends no Retry-After as a rule; a date in place of seconds is not used
        wait_s = max(wait_s, min(float(error.headers.get("retry-after", "")), _LONGEST_WAIT_S))
    key = bucket_key(account, operation)
    with contextlib.suppress(buckets.BucketsUnavailable):  # then no call is made at all until Redis is back
        buckets.penalise(key, rate=operation.rate, burst=operation.usable_burst, wait_s=wait_s)
        if told_rate is not None:
            buckets.correct(key, rate=operation.rate, burst=operation.usable_burst, told_rate=told_rate)
    jittered = wait_s * random.uniform(1, 1.2)  # noqa: S311 - spreads the workers that were stopped together
    return TryLater(f"Amazon says that its quota is used up ({operation.said}). {_AGAIN}", wait_s=jittered, throttled=True, **about)


def amazon_words(body: str) -> tuple[str, str]:
    """Return the first error's code and all messages from an error body, redacted: ``{"errors": [...]}`` or ``{"message": ...}``.

    Gateways also send HTML or nothing: then both are empty.
    """
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "", ""
    if not isinstance(read, dict):
        return "", ""
    found = read.get("errors")
    errors = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    if not errors:
        return "", http.redact(str(read.get("message") or read.get("Message") or ""))[:500]
    sentences = [" ".join(str(each[part]) for part in ("message", "details") if each.get(part)) for each in errors[:5]]
    return str(errors[0].get("code") or "")[:80], http.redact("; ".join(filter(None, sentences)))[:500]
