"""Sign-in through allauth, without open sign-up: people are invited by a PSP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from pod_hub.accounts.client_address import client_address
from pod_hub.accounts.models import User
from pod_hub.accounts.services.audit import note_for_person
from pod_hub.accounts.sessions import current_session_key, end_other_sessions

# The column in which axes counts failures; a longer name would be an error page of its own kind.
LONGEST_ACCOUNT = 255


class ClosedSignupAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Refuses self-registration."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody registers by themselves."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count failures by account and address together. By the account alone, whoever knows an address could keep its owner out for ever."""
        account = f"{account_typed(request, credentials) or ''} from {client_address(request) or ''}"
        super().pre_authenticate(request, **credentials | {"email": account})

    def set_password(self, user: User, password: str) -> None:
        """Store a new password and end the person's other sessions, whichever way it was set."""
        super().set_password(user, password)
        end_other_sessions(user, keep=current_session_key())
        note_for_person(user, text="password changed")


def account_typed(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str | None:
    """Return the account that somebody tries to sign in to: what axes counts failures by, beside the IP address.

    allauth calls it ``email``, the form ``login``, Django ``username``. Without this axes would find no name, count by address alone, and
    one person's typing errors would lock out the whole office.
    """
    given = credentials or {}
    name = given.get("email") or given.get("login") or given.get("username") or request.POST.get("login")
    return str(name).strip().casefold()[:LONGEST_ACCOUNT] if name else None
