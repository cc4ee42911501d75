"""Browsers in which somebody of the cast is signed in."""

from __future__ import annotations

from django.test import Client

from pod_hub.accounts.models import User


def browser_of(user: User) -> Client:
    """A browser in which this person is signed in."""
    browser = Client()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser
