"""One request to the TikTok Shop Open API, from quota to error.

The only module that sends to it. What is signed is what is sent: the query is written once, and the body goes out as the bytes that were signed.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import orjson
from django.conf import settings

from pod_hub.core import buckets, http
from pod_hub.core.deadlines import deadline
from pod_hub.core.pace import scaled_s
from stores.channels.errors import ChannelError, Misconfigured, NotFound, ReconnectNeeded, Refused, TryLater
from stores.channels.keeping import AccountKeeper
from stores.channels.tiktok import codes, tokens
from stores.channels.tiktok.markets import api_url
from stores.channels.tiktok.operations import AUTHORIZED_SHOPS, Operation
from stores.channels.tiktok.signing import request_signature
from stores.channels.types import Account

_SERVICE = "TikTok Shop"
_AGAIN = "The hub tries again by itself."
_LONGEST_WAIT_S = 3600.0
_THROTTLED_WAIT_S = 1.0  # TikTok counts by the second and seldom says how long to wait
_RECONNECT = (
    "TikTok Shop refuses access ({said}). The permission was withdrawn, has expired or lacks a right. Ask the seller to authorise the store again."
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer: its ``data`` (empty when there is none), TikTok's request id, the HTTP status and the time of its clock as it was sent."""

    data: Mapping[str, Any]
    request_id: str
    status: int
    date: str = ""


class Declined(http.ExchangeFailed):
    """An envelope whose code is not 0, with whatever HTTP status it came."""

    def __init__(self, *, code: int, words: str, request_id: str, status: int, retry_after: str = "") -> None:
        super().__init__(f"TikTok Shop answered {code}")
        self.code, self.words, self.request_id, self.status, self.retry_after = code, words, request_id, status, retry_after


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that goes as a form, with the form's other fields."""

    content: bytes
    media_type: str
    fields: Mapping[str, str]

    def encoded(self) -> tuple[bytes, str]:
        """Return the body and its content type. Only httpx's encoder is used; nothing is sent by it."""
        form = httpx.Request("POST", api_url(), data=dict(self.fields), files={"data": ("picture", self.content, self.media_type)})
        return form.read(), form.headers["content-type"]


class NotJson(http.ExchangeFailed):
    """A success status with a body that is no envelope, such as a gateway's page."""

    def __init__(self, status: int, request_id: str) -> None:
        super().__init__(f"TikTok Shop answered {status} with something that is no JSON")
        self.status, self.request_id = status, request_id


def keeper_of(account: Account) -> AccountKeeper:
    """Return who keeps the account's tokens; every TikTok account has somebody."""
    if account.keeper is None:
        raise Misconfigured("A TikTok Shop account came without its tokens. That is a fault of the hub.")
    return account.keeper


def call(
    account: Account,
    operation: Operation,
    *,
    shop: str = "",
    path: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
    upload: Upload | None = None,
    leave: float = 0,
) -> Answer:
    """Make one request: take a token from the bucket of this shop and operation, sign, send, and return the answer; never sleeps.

    ``shop`` is the shop's number, where the operation takes one. An access token that TikTok calls worn is renewed and the request repeated
    once; so is a shop's key. All of it ends within the time of one exchange, so that no lease runs out under a call (quality R3). Raises only
    ``ChannelError``.
    """
    with deadline(http.TOTAL_S):
        token = tokens.access_token(account)  # first: without one, the quota is not touched
        request = _Request(account, operation, shop, path or {}, query or {}, body, upload)
        _take(account, operation, shop, leave)
        try:
            return request.send(token)
        except Declined as error:
            if not (again := _worn(account, operation, shop, error, token)):
                raise failure(account, operation, error, shop=shop) from None
        except http.HttpError as error:
            if error.status not in {401, 403}:
                raise failure(account, operation, error, shop=shop) from None
            again = tokens.renewed(account, token)
        except http.ExchangeFailed as error:
            raise failure(account, operation, error, shop=shop) from None
        _take(account, operation, shop, 0)
        try:
            return request.send(again)
        except http.ExchangeFailed as error:
            raise failure(account, operation, error, shop=shop) from None


def _worn(account: Account, operation: Operation, shop: str, error: Declined, token: str) -> str:
    """Return the token to repeat the request with when token or shop key were worn and are new now; empty when that is not the matter."""
    if error.code == codes.TOKEN_EXPIRED or (error.code == codes.VAGUE and _is_about_token(error.words)):
        return tokens.renewed(account, token)
    if error.code == codes.CIPHER_WRONG and operation.shop:
        before = keeper_of(account).shop_keys().get(shop)
        if shop_keys(account, token).get(shop) not in {before, None}:
            return token
    return ""


def _is_about_token(words: str) -> bool:
    return "access_token" in words.lower() or "access token" in words.lower()


def shop_keys(account: Account, token: str) -> Mapping[str, str]:
    """Ask TikTok for the keys of the account's shops, keep them, and return them."""
    _take(account, AUTHORIZED_SHOPS, "", 0)
    try:
        answer = _Request(account, AUTHORIZED_SHOPS, "", {}, {}, None).send(token)
    except http.ExchangeFailed as error:
        raise failure(account, AUTHORIZED_SHOPS, error) from None
    found = answer.data.get("shops")
    keys = {
        str(one["id"]): str(one["cipher"])
        for one in (found if isinstance(found, list) else [])
        if isinstance(one, Mapping) and one.get("id") and one.get("cipher")
    }
    keeper_of(account).keep_shop_keys(keys)
    return keys


@dataclass(frozen=True, slots=True)
class _Request:
    """One request, ready to be signed again for a repetition: the signature holds the time."""

    account: Account
    operation: Operation
    shop: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any] | None
    upload: Upload | None = None

    def send(self, token: str) -> Answer:
        """Sign, send and read."""
        operation = self.operation
        path = operation.path.format(**{name: quote(value, safe="") for name, value in self.path.items()})
        query = dict(self.query) | {"app_key": settings.TIKTOK_APP_KEY, "timestamp": str(int(time.time()))}
        if operation.shop:
            query["shop_cipher"] = self._cipher(token)
        content, content_type = self._content()
        headers = {"x-tts-access-token": token, "content-type": content_type}
        secret = settings.TIKTOK_APP_SECRET
        query["sign"] = request_signature(secret, path=path, query=query, content_type=headers["content-type"], body=content)
        address = f"{api_url()}{path}?{urlencode(query, quote_via=quote)}"
        template = f"{operation.name} {operation.path}"
        try:
            response = http.request(operation.method, address, service=_SERVICE, template=template, content=content or None, headers=headers)
        except http.HttpError as error:
            raise _declined(error) or error from None
        read = read_envelope(response.content)
        request_id = _request_id(read, http.request_id_of(response.headers))
        if read is None:
            raise NotJson(response.status_code, request_id)
        if read["code"] != codes.OK:
            raise Declined(code=read["code"], words=_words(read), request_id=request_id, status=response.status_code)
        data = read.get("data")
        return Answer(data if isinstance(data, dict) else {}, request_id, response.status_code, response.headers.get("date", ""))

    def _content(self) -> tuple[bytes, str]:
        if self.upload is not None:
            return self.upload.encoded()
        return b"" if self.body is None else orjson.dumps(self.body), "application/json"

    def _cipher(self, token: str) -> str:
        keys = keeper_of(self.account).shop_keys()
        key = keys.get(self.shop) or shop_keys(self.account, token).get(self.shop)
        if not key:
            raise ReconnectNeeded(_RECONNECT.format(said=f"the permission does not cover shop {self.shop}"))
        return key


def read_envelope(content: bytes) -> dict[str, Any] | None:
    """Read ``{code, message, data, request_id}``; None when it is none."""
    try:
        read = orjson.loads(content)
    except orjson.JSONDecodeError:
        try:
            read = orjson.loads(content.decode("utf-8", errors="replace").encode())
        except (orjson.JSONDecodeError, ValueError):
            return None
    if not isinstance(read, dict) or not isinstance(read.get("code"), int) or isinstance(read["code"], bool):
        return None
    return read


def _declined(error: http.HttpError) -> Declined | None:
    """Return what an error status says in an envelope; None when it says nothing, as gateways do."""
    read = read_envelope(error.body.encode())
    if read is None or read["code"] == codes.OK:
        return None
    return Declined(
        code=read["code"],
        words=_words(read),
        request_id=_request_id(read, error.request_id),
        status=error.status,
        retry_after=error.headers.get("retry-after", ""),
    )


def _words(read: Mapping[str, Any]) -> str:
    return http.redact(str(read.get("message") or ""))[:500]


def _request_id(read: Mapping[str, Any] | None, from_header: str) -> str:
    told = read.get("request_id") if read else None
    return str(told)[:128] if told else from_header


def bucket_key(account: Account, operation: Operation, shop: str) -> str:
    """Return the key of the quota bucket: TikTok counts per application, shop and API, so one shop's calls never use up another's."""
    return buckets.bucket_key(application=settings.TIKTOK_APP_KEY, seller=shop or account.account_id, operation=operation.name)


def _take(account: Account, operation: Operation, shop: str, leave: float) -> None:
    try:
        wait_s = buckets.take(bucket_key(account, operation, shop), rate=operation.rate, burst=operation.burst, leave=leave)
    except buckets.BucketsUnavailable as error:
        raise TryLater(f"{error} {_AGAIN}", wait_s=scaled_s(30), ours=True) from error
    if wait_s > 0:
        raise TryLater(f"TikTok Shop's quota is used up for now ({operation.said}). {_AGAIN}", wait_s=wait_s, throttled=True)


def failure(account: Account, operation: Operation, error: http.ExchangeFailed, *, shop: str = "") -> ChannelError:
    """Name a failed exchange after what happens next."""
    if isinstance(error, Declined):
        return _from_code(account, operation, error, shop)
    if isinstance(error, http.HttpError):
        return _from_status(account, operation, error, shop)
    if isinstance(error, http.NoAnswer):
        return TryLater(f"TikTok Shop did not answer in time ({operation.said}). {_AGAIN}", ambiguous=operation.write and error.sent)
    if isinstance(error, NotJson):
        return TryLater(f"{error}. {_AGAIN}", ambiguous=operation.write, request_id=error.request_id, status=error.status)
    return TryLater(f"TikTok Shop's answer is larger than the hub accepts ({operation.said}). {_AGAIN}", ambiguous=operation.write)


def _from_code(account: Account, operation: Operation, error: Declined, shop: str) -> ChannelError:
    code, said = error.code, error.words or f"code {error.code} without a reason"
    about: dict[str, Any] = {"request_id": error.request_id, "status": error.status}
    if code == codes.THROTTLED or error.status == 429:
        return _throttled(account, operation, shop, error.retry_after, about)
    if code in {codes.TOKEN_EXPIRED, codes.SCOPE_MISSING, codes.CIPHER_WRONG} or code in codes.PERMISSION:
        return ReconnectNeeded(_RECONNECT.format(said=said), **about)
    if code == codes.VAGUE:
        return _from_words(operation, said, about)
    if code in codes.OURS:
        return Misconfigured(
            f"TikTok Shop refuses our application's request ({said}). No seller can be reached until an operator corrects it.", **about
        )
    if code in codes.AGAIN:
        return TryLater(f"TikTok Shop is not ready for {operation.said} ({said}). {_AGAIN}", ambiguous=operation.write, **about)
    if code == codes.OTHER_SELLERS:
        return NotFound(f"TikTok Shop does not know it: {said}", code=str(code), **about)
    return Refused(f"TikTok Shop refused {operation.said}: {said}", code=str(code), **about)


def _from_words(operation: Operation, said: str, about: Mapping[str, Any]) -> ChannelError:
    """Decide the code that means a dozen things by its words."""
    words = said.lower()
    if _is_about_token(words):
        return ReconnectNeeded(_RECONNECT.format(said=said), **about)
    if "timestamp" in words:
        return Misconfigured(f"TikTok Shop refuses our clock ({said}). An operator must correct the time of the hub's machines.", **about)
    if any(word in words for word in ("app_key", "app key", "sign", "identifier", "version")):
        return Misconfigured(
            f"TikTok Shop refuses our application's request ({said}). No seller can be reached until an operator corrects it.", **about
        )
    return Refused(f"TikTok Shop refused {operation.said}: {said}", code=str(codes.VAGUE), **about)


def _from_status(account: Account, operation: Operation, error: http.HttpError, shop: str) -> ChannelError:
    """Decide by the HTTP status, where no envelope says more."""
    about: dict[str, Any] = {"request_id": error.request_id, "status": error.status}
    said = f"status {error.status} without a reason"
    if error.status == 429:
        return _throttled(account, operation, shop, error.headers.get("retry-after", ""), about)
    if error.status in {401, 403}:
        return ReconnectNeeded(_RECONNECT.format(said=said), **about)
    if error.status == 404:
        return NotFound(f"TikTok Shop does not know it: {said}", **about)
    if error.status == 408 or error.status >= 500 or error.status < 400:
        return TryLater(f"TikTok Shop is out of order for {operation.said} ({said}). {_AGAIN}", ambiguous=operation.write, **about)
    return Refused(f"TikTok Shop refused {operation.said}: {said}", **about)


def _throttled(account: Account, operation: Operation, shop: str, retry_after: str, about: Mapping[str, Any]) -> TryLater:
    wait_s = scaled_s(_THROTTLED_WAIT_S)
    if retry_after.strip().replace(".", "", 1).isdigit():
        wait_s = max(wait_s, min(float(retry_after), _LONGEST_WAIT_S))
    with contextlib.suppress(buckets.BucketsUnavailable):  # then no call is made at all until Redis is back
        buckets.penalise(bucket_key(account, operation, shop), rate=operation.rate, burst=operation.burst, wait_s=wait_s)
    jittered = wait_s * random.uniform(1, 1.2)  # noqa: S311 - spreads the workers that were stopped together
    return TryLater(f"TikTok Shop says that its quota is used up ({operation.said}). {_AGAIN}", wait_s=jittered, throttled=True, **about)
