"""Answers and refusals in the shapes the Selling Partner API uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Amazon's codes per status (amazon.md §3; the wording of the texts follows answers quoted in public issue threads).
DENIED = "Access to requested resource is denied."
INVALID = "InvalidInput"


@dataclass(slots=True)
class Answer:
    """A finished answer. ``body`` None means an empty body (204)."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """The request was understood and declined. ``error_type`` becomes ``x-amzn-ErrorType``."""

    def __init__(self, status: int, code: str, message: str, *, details: str = "", error_type: str = "") -> None:
        super().__init__(f"{status} {code}: {message} {details}".strip())
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.error_type = error_type or code

    def body(self) -> Mapping[str, Any]:
        """Return the refusal in Amazon's error shape."""
        return {"errors": [{"code": self.code, "message": self.message, "details": self.details}]}


def invalid(message: str, *, details: str = "") -> Refusal:
    """Return the 400 that Amazon gives for anything wrong in the request itself."""
    return Refusal(400, INVALID, message, details=details, error_type="InvalidInputException")


def denied(details: str = "") -> Refusal:
    """Return the 403 for a token, role or marketplace that may not do this."""
    return Refusal(403, "Unauthorized", DENIED, details=details, error_type="AccessDeniedException")


def not_found(message: str) -> Refusal:
    """Return the 404 for something that does not exist, or not for this seller."""
    return Refusal(404, "NotFound", message, error_type="ResourceNotFoundException")


def throttled() -> Refusal:
    """Return the 429 of an empty bucket."""
    return Refusal(429, "QuotaExceeded", "You exceeded your quota for the requested resource.", error_type="QuotaExceededException")
