"""Answers and refusals in the envelope that every call of the Open API has: ``{code, message, data, request_id}``."""

from __future__ import annotations

from typing import Any

from stores.sandbox.tiktok.codes import MESSAGES


class Refusal(Exception):
    """The request was understood and declined. ``message`` empty: the documented text of the code."""

    def __init__(self, code: int, message: str = "", *, retry_after_s: int | None = None) -> None:
        self.code = code
        self.message = message or MESSAGES[code]
        self.retry_after_s = retry_after_s
        super().__init__(f"{code}: {self.message}")

    @property
    def status(self) -> int:
        """The HTTP status.

        401 and 429 are known; the others are [L], for TikTok publishes none: the gateway's own refusals are 4xx and 5xx, business errors 200.
        """
        if self.code in STATUSES:
            return STATUSES[self.code]
        return 400 if 36009000 <= self.code < 36010000 or self.code in (101000, 106013) else 200


STATUSES = {
    105002: 401,
    105005: 401,
    106001: 401,
    36009002: 429,
    36009003: 500,
    36009007: 504,
    36009009: 404,
    36009010: 405,
    36009033: 403,
}


def envelope(*, code: int, message: str, data: Any, request_id: str) -> dict[str, Any]:
    """Return the envelope."""
    return {"code": code, "message": message, "data": data, "request_id": request_id}


def unexpected(name: str) -> Refusal:
    """Return the refusal of a parameter or field that the operation does not have."""
    return Refusal(36009004, f"Unexpected identifier: {name}.")


def item_error(code: int, detail: dict[str, Any]) -> dict[str, Any]:
    """Return one failure of a batch call, as it stands in ``data.errors``."""
    return {"code": code, "message": MESSAGES[code], "detail": detail}
