"""Asking an address that somebody typed: public hosts only, decided on the very address that is connected to.

A name is resolved once and the connection goes to an address of that answer, so a name server that says one thing to a check and another to the
connection gains nothing. Whoever follows redirects asks anew for every hop. There are no cookies, no proxies from the environment and no packed
bodies. ``settings.TYPED_ADDRESSES_ALSO`` names servers of the demo that may be asked besides; production does not start with it.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpcore
import httpx
import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from pod_hub.core.deadlines import DeadlineBackend, deadline
from pod_hub.core.http import UnsafeAddress, forbid_inside_transaction
from pod_hub.core.public_addresses import is_public

PORTS = frozenset({80, 443, 8080, 8443})
CONNECT_S = 5.0
LONGEST_URL = 2048
USER_AGENT = "pod-hub (fetches the files that its users link to)"
_DEFAULT_PORTS = {"http": 80, "https": 443}
# What no plain address holds, and what browsers and libraries read differently.
_ODD_SIGNS = re.compile(r"[\s\\\x00-\x20\x7f-\x9f\ufeff\u200b-\u200f\u2028-\u202e\u2060-\u2064]")
_NAME = re.compile(r"(?=.{1,253}\.?$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?\.?")

_trace = structlog.get_logger("pod_hub.http")


def _allowed_besides(host: str, port: int) -> bool:
    return f"{host}:{port}" in settings.TYPED_ADDRESSES_ALSO


def plain_address(typed: str, *, ports: Collection[int] = PORTS, longest: int = LONGEST_URL) -> httpx.URL:
    """Return what was typed as an address that may be asked, without its fragment. Raises ``UnsafeAddress`` with a sentence; asks no name server.

    Only http and https, one of ``ports``, no user name, and a host that is written as everybody reads it: a full name or a usual IP address.
    """
    if not typed or len(typed) > longest:
        raise UnsafeAddress(_("The link is empty or longer than %(n)s characters.") % {"n": longest})
    if _ODD_SIGNS.search(typed):
        raise UnsafeAddress(_("The link holds blanks, backslashes or invisible signs. Copy it again from the browser's address bar."))
    try:
        url = httpx.URL(typed).copy_with(fragment=None)
        host = url.raw_host.decode("ascii").lower()
        port = _DEFAULT_PORTS.get(url.scheme, 0) if url.port is None else url.port
    except (httpx.InvalidURL, ValueError, UnicodeError):
        raise UnsafeAddress(_("This is not a link that can be opened. It begins with https:// and a host name.")) from None
    if url.scheme not in _DEFAULT_PORTS:
        raise UnsafeAddress(_("The link does not begin with https:// or http://; the hub opens no others."))
    if "@" in url.netloc.decode("ascii") or url.userinfo:
        raise UnsafeAddress(_("The link holds a user name or an @ before its host. Use a link that opens without signing in."))
    if _allowed_besides(host, port):
        return url
    if port not in ports:
        raise UnsafeAddress(
            _("The link names port %(port)s. The hub opens only %(ports)s.") % {"port": port, "ports": ", ".join(map(str, sorted(ports)))}
        )
    if _is_ip(host):
        if not is_public(host):
            raise UnsafeAddress(_private(host))
    elif not _NAME.fullmatch(host):
        raise UnsafeAddress(_("“%(host)s” is not a full host name such as files.example.com.") % {"host": host[:80]})
    return url


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _private(host: str) -> str:
    return _("“%(host)s” does not lead to a public address of the internet, and the hub opens no others.") % {"host": host[:80]}


def look_up(host: str, port: int, *, within_s: float = CONNECT_S) -> list[str]:
    """Return the IP addresses of a host, of which every one is public. Raises ``UnsafeAddress``; ``httpcore.ConnectTimeout`` after ``within_s``.

    The resolver has no deadline of its own, so it is asked in a thread that is left behind when it takes too long.
    """
    answer: list[str] = []
    failed: list[Exception] = []

    def ask() -> None:
        try:
            answer.extend(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            failed.append(error)

    asking = threading.Thread(target=ask, name="look-up", daemon=True)
    asking.start()
    asking.join(within_s)
    if asking.is_alive():
        raise httpcore.ConnectTimeout("the name was not resolved in time")
    addresses = list(dict.fromkeys(answer))
    if failed or not addresses:
        raise UnsafeAddress(_("There is no host “%(host)s”. Check the spelling of the link.") % {"host": host[:80]})
    if not _allowed_besides(host, port) and not all(map(is_public, addresses)):
        raise UnsafeAddress(_private(host))
    return addresses


class _PinnedBackend(httpcore.SyncBackend):
    """Looks a name up once and connects to an address of that very answer; certificates are still checked against the name."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        ends_at = time.monotonic() + (CONNECT_S if timeout is None else timeout)
        addresses = look_up(host, port, within_s=max(ends_at - time.monotonic(), 0.01))
        for number, address in enumerate(addresses[:3], 1):
            try:
                left = max(ends_at - time.monotonic(), 0.01)
                return super().connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(addresses[:3]):
                    raise
        raise httpcore.ConnectError("no address")  # pragma: no cover - look_up returns at least one

    def connect_unix_socket(self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None) -> httpcore.NetworkStream:
        raise UnsafeAddress("A socket file is no public address.")


@cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()


def _client() -> httpx.Client:
    """A client for one exchange: nothing of it, cookie or connection, serves another."""
    client = httpx.Client(
        verify=_certificates(),
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(15.0, connect=CONNECT_S),
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        headers={"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"},
    )
    # See pod_hub.core.http: httpx offers no public way to hand over a network backend. The tests' tripwire fails when these names change.
    transport = client._transport
    if not isinstance(transport, httpx.HTTPTransport) or client._mounts:
        raise RuntimeError("httpx changed inside: typed addresses would be asked without the guard")
    transport._pool._network_backend = DeadlineBackend(_PinnedBackend())
    return client


@contextmanager
def asked(
    method: str,
    url: str,
    *,
    service: str,
    total_s: float,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    ports: Collection[int] = PORTS,
    longest: int = LONGEST_URL,
) -> Iterator[httpx.Response]:
    """Send one request and yield the answer, of whatever status, with its body unread; no redirect is followed. The deadline covers the reading.

    Raises ``UnsafeAddress``, ``httpx.HTTPError`` or ``NetworkInsideTransaction``. The trace names the host and nothing else: links hold secrets.
    """
    forbid_inside_transaction()
    checked = plain_address(url, ports=ports, longest=longest)
    started, status, failure = time.monotonic(), None, ""
    try:
        with deadline(total_s), _client() as client, client.stream(method, checked, headers=headers, content=content) as response:
            status = response.status_code
            yield response
    except (UnsafeAddress, httpx.HTTPError) as error:
        failure = type(error).__name__
        raise
    finally:
        ms = round((time.monotonic() - started) * 1000)
        _trace.info("exchange", service=service, method=method, template=f"//{checked.host}/…", status=status, failure=failure, ms=ms)
