"""Read the logins that ``manage.py seed_demo --print-logins`` prints: one JSON object a line (docs/devstack.md, "Logins")."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urljoin


@dataclass(frozen=True, slots=True)
class Login:
    """One way in: what it is, its full address, and the login and password to use there (empty when none is needed)."""

    what: str
    address: str
    login: str
    password: str


def read_logins(lines: Iterable[str], *, hub_url: str) -> list[Login]:
    """Return the logins among ``lines``; anything else there (log lines, warnings) is passed over.

    A line may also hold a list of objects. A missing key counts as empty, an address without a host belongs to the hub.
    """
    return [
        Login(
            what=str(entry["what"]),
            address=urljoin(f"{hub_url}/", str(entry.get("address") or "")),
            login=str(entry.get("login") or ""),
            password=str(entry.get("password") or ""),
        )
        for entry in _entries(lines)
    ]


def _entries(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            value = json.loads(line)
        except json.JSONDecodeError:
            continue
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, dict) and entry.get("what"):
                yield entry


def logins_json(logins: Iterable[Login]) -> str:
    """Return ``logins`` as one JSON list, the form in which the journey gets them."""
    return json.dumps([asdict(login) for login in logins])
