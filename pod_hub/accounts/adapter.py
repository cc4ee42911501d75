"""Sign-in through allauth, without open sign-up: people are invited by a PSP."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse

from pod_hub.accounts.client_address import client_address
from pod_hub.accounts.models import Membership, Role, User
from pod_hub.accounts.services.audit import note_for_person
from pod_hub.accounts.sessions import current_session_key, end_other_sessions
from pod_hub.core.tenancy import scope_is_open, tenant
from pod_hub.mail.queueing import queue_mail

# allauth's name for a mail -> our template. Other mails keep allauth's words in our frame.
MAILS = {"account/email/password_reset_key": "password_reset", "account/email/unknown_account": "unknown_account"}


class _Site:
    """What allauth's mails call the site."""

    name = domain = "Pod Hub"


# The column in which axes counts failures; a longer name would be an error page of its own kind.
LONGEST_ACCOUNT = 255


class ClosedSignupAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Refuses self-registration, and queues its mails."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody registers by themselves."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, Any]) -> None:
        """Queue a mail like any other: no answer waits for a mail server, so all take the same time, for known and unknown accounts."""
        key = f"account:{uuid.uuid4()}"  # each request is a mail of its own; allauth's limits say how many
        provider = None if scope_is_open() else provider_of_merchant(email)
        with nullcontext() if provider is None else tenant(provider):
            if template_prefix in MAILS:
                link = context.get("password_reset_url") or self.request.build_absolute_uri(reverse("account_reset_password"))
                queue_mail(to=email, template=MAILS[template_prefix], context={"link": link}, key=key)
                return
            message = self.render_mail(template_prefix, email, {"email": email, "request": self.request, "current_site": _Site(), **context})
            queue_mail(to=email, template="notice", context={"subject": message.subject, "text": message.body}, key=key)

    def format_email_subject(self, subject: str) -> str:
        """No prefix: the sender's name says who writes."""
        return subject

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count failures by account and address together. By the account alone, whoever knows an address could keep its owner out for ever."""
        account = f"{account_typed(request, credentials) or ''} from {client_address(request) or ''}"
        super().pre_authenticate(request, **credentials | {"email": account})

    def set_password(self, user: User, password: str) -> None:
        """Store a new password and end the person's other sessions, whichever way it was set."""
        super().set_password(user, password)
        end_other_sessions(user, keep=current_session_key())
        note_for_person(user, text="password changed")


def provider_of_merchant(email: str) -> int | None:
    """Return the PSP in whose name to write to somebody who knows the hub as that PSP's portal alone; None for everybody else."""
    places = set(Membership.objects.filter(user__email__iexact=email, is_active=True).values_list("psp_id", "role"))
    psp_ids = {psp_id for psp_id, role in places if role == Role.MERCHANT}
    return psp_ids.pop() if len(places) == len(psp_ids) == 1 else None


def account_typed(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str | None:
    """Return the account that somebody tries to sign in to: what axes counts failures by, beside the IP address.

    allauth calls it ``email``, the form ``login``, Django ``username``. Without this axes would find no name, count by address alone, and
    one person's typing errors would lock out the whole office.
    """
    given = credentials or {}
    name = given.get("email") or given.get("login") or given.get("username") or request.POST.get("login")
    return str(name).strip().casefold()[:LONGEST_ACCOUNT] if name else None
