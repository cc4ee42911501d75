"""Who acts at this moment, for the audit trail: told to PostgreSQL with the scope, so that its triggers can write it down.

The doors set it: the web middleware, the API from the key, Celery for a task, ``manage.py`` for a command. It costs no round trip, because
``pod_hub.core.tenancy`` sends it with the statement that opens the scope.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import asdict, dataclass

SETTING = "app.actor"
_NOT_IN_A_REQUEST_ID = re.compile(r"[^\w\-]")


@dataclass(frozen=True, slots=True)
class Acting:
    """A person (``user_id``), or a program, worker or command (``label``), with the request and the shortened address it came from."""

    user_id: int | None = None
    label: str = ""
    request_id: str = ""
    address: str = ""


NOBODY = Acting()
_acting: ContextVar[Acting] = ContextVar("acting", default=NOBODY)


@contextmanager
def acting(who: Acting) -> Iterator[None]:
    """Let what happens inside be written down as done by ``who``. Scopes that are open already keep whom they were opened by."""
    token = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(token)


def begin_acting(who: Acting) -> Token[Acting]:
    """Do the same without a block, for frameworks that tell the beginning and the end apart."""
    return _acting.set(who)


def who_acts() -> Acting:
    """Return who acts."""
    return _acting.get()


def setting_value() -> str:
    """Return what the triggers read, as the inside of an SQL literal; empty for nobody."""
    who = _acting.get()
    return "" if who == NOBODY else json.dumps({name: value for name, value in asdict(who).items() if value}).replace("'", "''")


def clean_request_id(text: str) -> str:
    """Return a request's id without what does not belong into one: it may come from outside."""
    return _NOT_IN_A_REQUEST_ID.sub("", text)[:64]


def shortened(address: str) -> str:
    """Return an IP address that names a neighbourhood and no longer a household: ``203.0.113.x``, ``2001:db8:7::x``; empty for none."""
    try:
        parsed = ipaddress.ip_address(address.strip())
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    if isinstance(parsed, ipaddress.IPv4Address):
        return ".".join([*str(parsed).split(".")[:3], "x"])
    network = ipaddress.IPv6Network((parsed, 48), strict=False)
    return f"{network.network_address}x"
