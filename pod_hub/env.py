"""Readers for environment variables that fail loudly and remember what was asked.

``READ`` lists every variable the settings look at, with what it means; a test compares it with ``docker-compose.yml`` and the operator's
documentation, so a variable cannot be added to one and forgotten in the other.
"""

from __future__ import annotations

import os
from dataclasses import dataclass


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
