"""The one place through which every exchange with the outside goes.

It sets the deadlines, refuses to be called inside a database transaction, turns every answer that is no success into ``HttpError`` and
every missing answer into ``NoAnswer``, and writes one trace record per exchange that holds neither secrets nor buyer data.
"""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
import structlog
from django.db import connections

from pod_hub.core.deadlines import DeadlineBackend, deadline
from pod_hub.core.public_addresses import is_public
from pod_hub.core.redaction import redact, silence_talkative_libraries

CONNECT_S = 5.0
TOTAL_S = 15.0
MAX_BYTES = 32 * 1024 * 1024
_ERROR_BYTES = 64 * 1024

# How many atomic blocks may be open when an exchange starts. The product never changes it; a test-suite that wraps each test in a
# transaction sets the depth of its own wrapping.
allowed_atomic_depth: ContextVar[int] = ContextVar("allowed_atomic_depth", default=0)

_trace = structlog.get_logger("pod_hub.http")

# At import and not at the first exchange: an OAuth library writes the request down before it is sent.
silence_talkative_libraries()


class NetworkInsideTransaction(RuntimeError):
    """An exchange was started inside a database transaction, which would hold locks for as long as the other side likes. A fault in our code."""


class UnsafeAddress(Exception):
    """An address that came from outside does not point at a public https host; nothing was sent."""


class ExchangeFailed(Exception):
    """Base of the two ways in which an exchange fails. ``str()`` holds no secret, no address and no buyer data."""

    request_id = ""


class NoAnswer(ExchangeFailed):
    """No complete answer came. ``sent`` is false only when the request certainly never left us (no connection was made)."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


class HttpError(ExchangeFailed):
    """The answer was no success (status 300 or above).

    ``body`` is the start of the answer as text (at most 64 KiB) for whoever knows the other side's error format. It may quote what we
    sent: pass parts of it through ``redact`` before showing them.
    """

    def __init__(self, *, service: str, template: str, status: int, headers: Mapping[str, str], body: str, request_id: str) -> None:
        super().__init__(f"{service} answered {status} to {template}")
        self.service = service
        self.template = template
        self.status = status
        self.headers = headers
        self.body = body
        self.request_id = request_id


class TooLarge(ExchangeFailed):
    """The answer is larger than the caller allows; reading stopped there."""


def forbid_inside_transaction() -> None:
    """Raise ``NetworkInsideTransaction`` when this thread has a database transaction open on any connection."""
    allowed = allowed_atomic_depth.get()
    for connection in connections.all(initialized_only=True):
        if len(connection.atomic_blocks) > allowed:
            raise NetworkInsideTransaction(
                f"A network call was started inside a transaction on {connection.alias!r}. Call the other side first or after the commit, "
                "and write its answer in a transaction of its own."
            )


def _fix_host(request: httpx.Request) -> None:
    # python-amazon-sp-api cuts eight characters off its endpoint for this header, which is wrong for http:// addresses.
    request.headers["Host"] = request.url.netloc.decode("ascii")


def _check_status(response: httpx.Response) -> None:
    # Libraries above us miss errors without the vendor's error list (HTML pages, {"message": ...}), so status alone decides, here.
    if response.status_code < 300:
        return
    start = b""
    for chunk in response.iter_bytes():
        start += chunk
        if len(start) >= _ERROR_BYTES:
            break
    about = response.request.extensions["hub"]
    raise HttpError(
        service=about["service"],
        template=about["template"],
        status=response.status_code,
        headers=response.headers,
        body=start[:_ERROR_BYTES].decode("utf-8", errors="replace"),
        request_id=request_id_of(response.headers),
    )


def request_id_of(headers: Mapping[str, str]) -> str:
    """Return the other side's own id of the exchange, or an empty text."""
    for name in ("x-amzn-requestid", "x-amz-request-id", "x-tt-logid", "x-request-id"):
        if value := headers.get(name):
            return value[:128]
    return ""


class _Shared:
    """The client of this process; built at first use, so always after a fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None

    def get(self) -> httpx.Client:
        with self._lock:
            if self._client is None:
                self._client = self._build()
            return self._client

    def forget(self) -> None:
        self._lock = threading.Lock()
        self._client = None

    def _build(self) -> httpx.Client:
        client = httpx.Client(
            verify=ssl.create_default_context(),
            timeout=httpx.Timeout(TOTAL_S, connect=CONNECT_S),
            limits=httpx.Limits(max_connections=50, max_keepalive_connections=20, keepalive_expiry=30),
            follow_redirects=False,
            # One client serves every seller: a cookie set for one of them must not travel with another.
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            event_hooks={"request": [_fix_host], "response": [_check_status]},
        )
        # httpx offers no public way to hand a network backend to its transports (the proxies' included); a test with a server that sends
        # one byte at a time fails when these names change.
        for transport in (client._transport, *client._mounts.values()):
            if isinstance(transport, httpx.HTTPTransport):
                pool = transport._pool
                pool._network_backend = DeadlineBackend(pool._network_backend)
        return client


_shared = _Shared()
# The child of a fork must not write into the parent's connections; it drops them without closing and builds its own.
os.register_at_fork(after_in_child=_shared.forget)


def forget_client() -> None:
    """Build the shared client anew at the next exchange, for example after the trusted certificates changed."""
    _shared.forget()


@contextmanager
def exchange(
    method: str,
    url: str,
    *,
    service: str,
    template: str,
    params: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    content: bytes | str | None = None,
    headers: Mapping[str, str] | None = None,
    total_s: float = TOTAL_S,
) -> Iterator[httpx.Response]:
    """Send one request and yield the successful answer with its body still unread; the deadline covers the reading too.

    ``service`` and ``template`` name the exchange in traces and errors: ``template`` is the path with placeholders, never with values.
    Raises ``HttpError``, ``NoAnswer`` or ``NetworkInsideTransaction``.
    """
    forbid_inside_transaction()
    started = time.monotonic()
    status: int | None = None
    request_id = failure = ""
    try:
        with deadline(total_s):
            client = _shared.get()
            about = {"hub": {"service": service, "template": template}}
            with client.stream(method, url, params=params, data=data, content=content, headers=headers, extensions=about) as response:
                status, request_id = response.status_code, request_id_of(response.headers)
                yield response
    except HttpError as error:
        status, request_id = error.status, error.request_id
        raise
    except httpx.InvalidURL:
        failure = "InvalidURL"
        raise NoAnswer(f"{service} could not be asked for {template}: the address is not usable", sent=False) from None
    except httpx.HTTPError as error:
        failure = type(error).__name__
        sent = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError | httpx.UnsupportedProtocol)
        # "from None": the library's own error can quote the address, and signed addresses are secrets.
        raise NoAnswer(f"{service} gave no complete answer to {template} ({failure})", sent=sent) from None
    finally:
        _trace.info(
            "exchange",
            service=service,
            method=method,
            template=template,
            status=status,
            failure=failure,
            ms=round((time.monotonic() - started) * 1000),
            request_id=request_id,
        )


def request(
    method: str,
    url: str,
    *,
    service: str,
    template: str,
    params: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    content: bytes | str | None = None,
    headers: Mapping[str, str] | None = None,
    total_s: float = TOTAL_S,
    max_bytes: int = MAX_BYTES,
) -> httpx.Response:
    """Send one request and return the successful answer with its body, decoded from any transfer compression.

    Raises ``TooLarge`` when the body exceeds ``max_bytes``, else as ``exchange``.
    """
    with exchange(
        method, url, service=service, template=template, params=params, data=data, content=content, headers=headers, total_s=total_s
    ) as response:
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > max_bytes:
                raise TooLarge(f"{service} sent more than {max_bytes} bytes for {template}")
    kept = httpx.Headers([(name, value) for name, value in response.headers.items() if name not in {"content-encoding", "content-length"}])
    return httpx.Response(response.status_code, headers=kept, content=bytes(body), request=response.request)


class _Resolver(Protocol):
    def __call__(self, host: str, port: int) -> list[str]: ...


def _resolve(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def require_public_https(url: str, *, resolve: _Resolver = _resolve) -> None:
    """Raise ``UnsafeAddress`` unless the address is https on a host whose every IP address is public.

    For addresses that a marketplace tells us; what people type goes through ``pod_hub.core.typed_addresses``. The name is resolved again when
    it is fetched; a name that changes in between gets past this, which is why production also runs behind an egress rule.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
        raise UnsafeAddress("The address is not a plain https address.")
    try:
        addresses = resolve(parts.hostname, parts.port or 443)
    except (OSError, ValueError):
        raise UnsafeAddress("The address names a host that cannot be found.") from None
    if not addresses or not all(map(is_public, addresses)):
        raise UnsafeAddress("The address points into a private network.")


__all__ = [
    "MAX_BYTES",
    "TOTAL_S",
    "ExchangeFailed",
    "HttpError",
    "NetworkInsideTransaction",
    "NoAnswer",
    "TooLarge",
    "UnsafeAddress",
    "allowed_atomic_depth",
    "exchange",
    "forbid_inside_transaction",
    "forget_client",
    "redact",
    "request",
    "request_id_of",
    "require_public_https",
]
