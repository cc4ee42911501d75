"""Who did something, for events and histories: a person, or the hub itself by a named rule."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from django.http import HttpRequest

from pod_hub.accounts.client_address import client_address
from pod_hub.accounts.models import User
from pod_hub.core.acting import Acting, clean_request_id, shortened


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (``user_id`` set) or a part of the hub; ``label`` is what timelines show."""

    user_id: int | None
    label: str

    @classmethod
    def person(cls, user: User) -> Actor:
        """Return the actor for a signed-in person."""
        return cls(user.pk, str(user))


HUB = Actor(None, "hub")


def acting_in(request: HttpRequest, *, label: str = "") -> Acting:
    """Return whom the audit trail names for what a request does: the person signed in, or with ``label`` a program."""
    request_id = clean_request_id(str(structlog.contextvars.get_contextvars().get("request_id", "")))
    person = None if label else request.user.pk
    return Acting(user_id=person, label=label, request_id=request_id, address=shortened(client_address(request) or ""))
