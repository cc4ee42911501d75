"""Sign-in through allauth, without open sign-up: people are invited by a PSP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignupAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Refuses self-registration."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody registers by themselves."""
        return False


def account_typed(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str | None:
    """Return the account that somebody tries to sign in to: what axes counts failures by, beside the IP address.

    allauth calls it ``email``, the form ``login``, Django ``username``. Without this axes would find no name, count by address alone, and
    one person's typing errors would lock out the whole office.
    """
    given = credentials or {}
    name = given.get("email") or given.get("login") or given.get("username") or request.POST.get("login")
    return str(name).strip().casefold() if name else None
