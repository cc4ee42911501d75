"""Operators of the hub, and browsers in which they have chosen whose rows they look at."""

from __future__ import annotations

import time

from django.test import Client

from pod_hub.accounts.models import Psp, User
from pod_hub.accounts.operator_choice import SESSION_KEY
from tests.factories.browsers import browser_of


def operator(email: str = "olga@hub.test") -> User:
    """Make an operator."""
    return User.objects.create_superuser(email, "correct horse battery staple", first_name="Olga", last_name="Opp")


def looking_at(browser: Client, psp: Psp | None, *, reason: str = "a test") -> Client:
    """Let a browser have chosen one PSP, or all of them."""
    session = browser.session
    session[SESSION_KEY] = {"psp": psp.pk if psp else None, "name": psp.name if psp else "", "reason": reason, "at": time.time()}
    session.save()
    return browser


def operators_browser(psp: Psp | None = None) -> Client:
    """A browser of a new operator who looks at one PSP, or at all of them."""
    return looking_at(browser_of(operator()), psp)
