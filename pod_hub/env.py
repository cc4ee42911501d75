"""Readers for environment variables that fail loudly and remember what was asked.

``READ`` lists every variable the settings look at, with what it means; a test compares it with ``docker-compose.yml`` and the operator's
documentation, so a variable cannot be added to one and forgotten in the other.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class SettingMissing(SystemExit):
    """A setting that production needs is absent or unusable; the message says which and how to make one."""

    def __init__(self, message: str) -> None:
        super().__init__(f"The hub does not start: {message}")


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: its name, what it is for and whether production insists on it."""

    name: str
    purpose: str
    required: bool


READ: dict[str, Variable] = {}


def _remember(name: str, purpose: str, required: bool) -> str | None:
    READ[name] = Variable(name, purpose, required)
    value = os.environ.get(name, "").strip()
    return value or None


def is_set(name: str) -> bool:
    """Return whether the variable has a value other than blanks."""
    return bool(os.environ.get(name, "").strip())


def check_keys(field_keys: str, search_key: str) -> None:
    """Stop the start when a key of either setting cannot be used; the message quotes none of them."""
    pairs = [part.strip().partition(":") for part in field_keys.split(",")]
    if any(not key_id or len(key_id) > 32 or _bytes_of(encoded) != 32 for key_id, _colon, encoded in pairs):
        raise SettingMissing("FIELD_KEYS must be id:base64 pairs of 32 bytes each, comma-separated, newest first, and is something else.")
    if len({key_id for key_id, _colon, _encoded in pairs}) != len(pairs):
        raise SettingMissing("FIELD_KEYS names a key twice. Give every key an id of its own; values say by it which key opens them.")
    if _bytes_of(search_key) < 16:
        raise SettingMissing("SEARCH_KEY must be base64 of at least 16 bytes, and is something else.")


def _bytes_of(encoded: str) -> int:
    try:
        return len(base64.b64decode(encoded, validate=True))
    except ValueError:
        return -1


def mail_server(url: str, parsed: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what was read from EMAIL_URL; stop the start when that is no SMTP server. The message does not quote it: it holds a password."""
    scheme = url.partition(":")[0]
    if scheme not in {"smtp", "submission", "submit"} or not parsed["EMAIL_HOST"] or not parsed["EMAIL_PORT"]:
        raise SettingMissing("EMAIL_URL names no mail server. Write smtp://host:25, submission://user:password@host:587 or smtp://host:465?ssl=1.")
    return parsed


def text(name: str, *, purpose: str, default: str = "") -> str:
    """Return the variable's text, or ``default`` when it is unset or blank."""
    return _remember(name, purpose, required=False) or default


def secret(name: str, *, purpose: str, how: str, production: bool, default: str) -> str:
    """Return a secret; in production its absence stops the start, elsewhere ``default`` keeps development easy.

    ``how`` is the command or step that makes one, shown in the error.
    """
    value = _remember(name, purpose, required=True)
    if value is None:
        if production:
            raise SettingMissing(f"{name} is not set. It is {purpose}. {how}")
        return default
    if production and value == default:
        raise SettingMissing(f"{name} still has its development value. It is {purpose}. {how}")
    return value


def flag(name: str, *, purpose: str, default: bool) -> bool:
    """Return a yes/no variable; anything but the usual spellings stops the start."""
    value = _remember(name, purpose, required=False)
    if value is None:
        return default
    known = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if value.lower() not in known:
        raise SettingMissing(f"{name}={value!r} is neither yes nor no. Use 1 or 0.")
    return known[value.lower()]


def number(name: str, *, purpose: str, default: float, at_least: float = 0) -> float:
    """Return a numeric variable no smaller than ``at_least``."""
    value = _remember(name, purpose, required=False)
    if value is None:
        return default
    try:
        parsed = float(value)
    except ValueError:
        raise SettingMissing(f"{name}={value!r} is not a number.") from None
    if parsed < at_least:
        raise SettingMissing(f"{name}={value} is below {at_least:g}, the smallest that works.")
    return parsed


def words(name: str, *, purpose: str, default: list[str]) -> list[str]:
    """Return a comma-separated variable as a list without blanks."""
    value = _remember(name, purpose, required=False)
    return default if value is None else [part.strip() for part in value.split(",") if part.strip()]
