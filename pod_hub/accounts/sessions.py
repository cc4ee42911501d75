"""Where somebody is signed in: the list of their sessions, how fresh it is, and ending them.

allauth's ``usersessions`` keeps a row for each; Django's session itself is what ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.core import context
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from pod_hub.accounts.client_address import client_address
from pod_hub.accounts.models import User
from pod_hub.core.acting import shortened

# "Last seen" is told to five minutes; a write for every page would cost more than the news is worth.
NOTED_EVERY_S = 300
MOST_REMEMBERED = 20_000
MOST_SHOWN = 100
# In this order: Edge and Opera call themselves Chrome as well, and Chrome calls itself Safari.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One place where somebody is signed in, as the page shows it."""

    pk: int
    device: str
    place: str
    since: datetime
    last_seen_at: datetime
    is_this_one: bool


def sessions_of(user: User, *, this_one: str | None) -> list[SignedIn]:
    """Return where a person is signed in, this browser first, then by when they were seen last. One query."""
    live = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=now())
    rows = UserSession.objects.filter(Exists(live), user_id=user.pk).order_by("-last_seen_at", "-pk")[:MOST_SHOWN]
    shown = [
        SignedIn(row.pk, device(row.user_agent), shortened(row.ip or ""), row.created_at, row.last_seen_at, row.session_key == this_one)
        for row in rows
    ]
    return sorted(shown, key=lambda one: not one.is_this_one)


def end_session(user: User, pk: int) -> bool:
    """End one session of a person; False when it is not theirs or has ended already."""
    row = UserSession.objects.filter(user_id=user.pk, pk=pk).first()
    if row is None:
        return False
    row.end()
    return True


def end_other_sessions(user: User, *, keep: str | None) -> int:
    """End all sessions of a person but the one named; return how many."""
    others = list(UserSession.objects.filter(user_id=user.pk).exclude(session_key=keep or ""))
    for row in others:
        row.end()
    return len(others)


def current_session_key() -> str | None:
    """Return the key of the session of the request that is being answered, or None outside one."""
    request = getattr(context, "request", None)
    key: str | None = request.session.session_key if request is not None and hasattr(request, "session") else None
    return key


def device(user_agent: str) -> str:
    """Say what kind of browser a session is in, in words: "Firefox on Windows"."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("unknown program")


class LastSeenMiddleware:
    """Notes when and from where a session was last used, at most every five minutes in each process. Sessions that nobody signed in to are passed by."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._noted: dict[str, float] = {}
        self._lock = Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        key = request.session.session_key
        if key and AUTHENTICATION_METHODS_SESSION_KEY in request.session and request.user.is_authenticated and self._is_due(key):
            from_where = {"ip": address} if (address := client_address(request)) else {}
            UserSession.objects.filter(session_key=key).update(last_seen_at=now(), **from_where)
        return self.get_response(request)

    def _is_due(self, key: str) -> bool:
        moment = time.monotonic()
        with self._lock:
            if moment - self._noted.get(key, -NOTED_EVERY_S) < NOTED_EVERY_S:
                return False
            if len(self._noted) >= MOST_REMEMBERED:
                self._noted.clear()
            self._noted[key] = moment
            return True
