"""What a browser carries through a trip to a channel: a random value that stands for its session, and where a trip began."""

from __future__ import annotations

import secrets
import time

from django.http import HttpRequest

from pod_hub.core.sealing import CannotOpen, open_text, seal_text
from stores.channels.consent_types import ConsentStart
from stores.channels.errors import Refused
from stores.channels.registry import consent_for
from stores.services.connecting import ChannelStart

BROWSER_KEY = "consent_browser"
START_KEY = "consent_started_there"
START_LIVES_S = 30 * 60
CODE_LIVES_S = 10 * 60  # a code that came without being asked for is kept for as long as signing in and choosing a store take


def browser_of(request: HttpRequest) -> str:
    """Return a random value that stands for this browser session. The session's own key would not do: it changes at sign-in."""
    known = request.session.get(BROWSER_KEY)
    if not isinstance(known, str):
        known = request.session[BROWSER_KEY] = secrets.token_urlsafe(32)
    return known


def remember_start(request: HttpRequest, kind: str, start: ConsentStart) -> None:
    """Keep in this browser session that a seller came from the channel's own store."""
    # A code is worth a seller's permission, so it is sealed for this browser.
    code = seal_text(start.code, context=_code_context(request, kind)).hex() if start.code else ""
    kept = {"kind": kind, "to": start.answer_to, "state": start.state, "account": start.account_id, "code": code, "at": time.time()}
    request.session[START_KEY] = kept


def _code_context(request: HttpRequest, kind: str) -> str:
    return f"consent_code|{kind}|{browser_of(request)}"


def start_of(request: HttpRequest, kind: str) -> ConsentStart | None:
    """Return where this browser's trip began, if it began at this channel within the last half hour (ten minutes where it brought a code)."""
    kept = request.session.get(START_KEY)
    if not isinstance(kept, dict) or kept.get("kind") != kind:
        return None
    if time.time() - float(kept.get("at", 0)) > (CODE_LIVES_S if kept.get("code") else START_LIVES_S):
        return None
    try:
        code = open_text(bytes.fromhex(kept["code"]), context=_code_context(request, kind)) if kept.get("code") else ""
    except (CannotOpen, ValueError):
        return None
    return ConsentStart(str(kept.get("to", "")), str(kept.get("state", "")), str(kept.get("account", "")), code)


def forget_start(request: HttpRequest) -> None:
    """Forget that a trip began at a channel: somebody would rather begin it here."""
    request.session.pop(START_KEY, None)


def take_start(request: HttpRequest, kind: str) -> ChannelStart | None:
    """Return how to answer a trip that began at the channel, and forget it: its state works once."""
    start = start_of(request, kind)
    forget_start(request)
    if start is None:
        return None
    consent = consent_for(kind)
    try:
        consent.answer_start(start, state="")
    except Refused:
        return None
    return ChannelStart(lambda state: consent.answer_start(start, state=state), start.account_id)
