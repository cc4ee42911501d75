"""Asking every address of the URL table as everybody, and remembering what was answered."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.conf import settings
from django.contrib.messages import get_messages
from django.db import connection, connections, transaction
from django.http import HttpRequest, StreamingHttpResponse
from django.test import Client
from django.test.client import ClientHandler
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.functional import cached_property

from pod_hub.accounts.models import User
from pod_hub.core import tenancy
from pod_hub.core.http import allowed_atomic_depth
from pod_hub.core.statements import KeptStatement
from tests.factories.browsers import browser_of
from tests.factories.cast import northprint, southprint
from tests.factories.operators import looking_at
from tests.isolation.marked_house import TENANT_MODELS, WATCHED_TABLES, Fingerprint, MarkedHouse, fingerprint, found_in, marked

PEOPLE = ("nobody", "merchant", "reader", "production", "owner", "foreign", "gone", "operator", "colleague", "neighbour")


@dataclass(frozen=True, slots=True)
class Address:
    """One entry of the URL table. ``name`` is the URL's full name, or its route where it has none."""

    name: str
    route: str

    def path(self, values: Mapping[str, str]) -> str:
        """Return the address with its variables filled in; a KeyError names the one without a value."""
        plain = re.sub(r"\(\?P<(\w+)>[^()]*\)", lambda found: values[found[1]], self.route.replace("^", "").replace("$", ""))
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]], plain)


def addresses(resolver: URLResolver | None = None, namespaces: tuple[str, ...] = (), route: str = "") -> Iterator[Address]:
    """Yield every address of the URL table that the settings name, the included ones too."""
    for entry in (resolver or get_resolver()).url_patterns:
        here = route + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry, (*namespaces, *filter(None, [entry.namespace])), here)
        else:
            assert isinstance(entry, URLPattern)
            yield Address(":".join([*namespaces, entry.name]) if entry.name else here, here)


@dataclass(frozen=True)
class Answer:
    """What came back. ``text`` is all that a person could read of it: headers, cookies, messages, body, and the text of a PDF."""

    status: int
    headers: Mapping[str, str]
    cookies: SimpleCookie
    text: str
    changed: list[tuple[str, int]]
    refused_for_its_token: bool

    @property
    def outcome(self) -> int | str:
        """The status; ``"login"`` for a redirect to a sign-in page."""
        to = self.headers.get("Location", "")
        return "login" if self.status == 302 and to.startswith((reverse(settings.LOGIN_URL), "/operator/login/")) else self.status

    @cached_property
    def marks(self) -> list[str]:
        """The marks in the text."""
        return list(found_in(self.text))


@dataclass
class Walk:
    """Two marked houses and everybody's browser. Each question is asked once and undone."""

    north: MarkedHouse
    south: MarkedHouse
    operator: User
    _handler: ClientHandler = field(default_factory=lambda: ClientHandler(enforce_csrf_checks=False))
    _strict_handler: ClientHandler = field(default_factory=lambda: ClientHandler(enforce_csrf_checks=True))
    _sessions: dict[int, str] = field(default_factory=dict)
    _known: dict[tuple[str, ...], Answer] = field(default_factory=dict)

    def user(self, who: str) -> User | None:
        """Return who asks; ``foreign`` is Southprint's owner and asks with Northprint's ids."""
        house = self.north.house
        return {
            "nobody": None,
            "merchant": self.north.merchant,
            "reader": house.reader,
            "production": house.worker,
            "owner": house.owner,
            "foreign": self.south.house.owner,
            "gone": self.north.gone,
            "colleague": self.north.colleague,
            "neighbour": self.north.neighbour,
            "operator": self.operator,
            "foreign owner at home": self.south.house.owner,
        }[who]

    def browser(self, user: User | None) -> Client:
        """Return a fresh browser in which this person is signed in; what earlier answers left in cookies is not there."""
        browser = Client(raise_request_exception=False)
        if user is not None:
            if user.pk not in self._sessions:
                fresh = browser_of(user)
                if user == self.operator:
                    looking_at(fresh, None)  # nothing is hidden by the choice, so that what is hidden is hidden by the pages
                self._sessions[user.pk] = fresh.cookies[settings.SESSION_COOKIE_NAME].value
            browser.cookies[settings.SESSION_COOKIE_NAME] = self._sessions[user.pk]
        browser.handler = self._handler  # loading the middleware takes longer than most answers
        return browser

    @cached_property
    def before(self) -> Fingerprint:
        """The hash of all rows before anything was asked."""
        return fingerprint()

    def ask(self, who: str, method: str, path: str, data: Mapping[str, Any] | None = None) -> Answer:
        """Ask once for each person, method and address; later calls get the same answer. What it changed is rolled back."""
        key = (who, method, path)
        if key not in self._known:
            self._known[key] = self._ask(self.browser(self.user(who)), method, path, data)
        return self._known[key]

    def ask_anew(self, who: str, path: str, data: Mapping[str, Any]) -> Answer:
        """Post what is not in the table."""
        return self._ask(self.browser(self.user(who)), "POST", path, data)

    def forge(self, who: str, path: str, data: Mapping[str, Any]) -> Answer:
        """Post as another site would make this person's browser do: with the session, without the form's token."""
        browser = self.browser(self.user(who))
        browser.handler = self._strict_handler
        return self._ask(browser, "POST", path, data)

    def _ask(self, browser: Client, method: str, path: str, data: Mapping[str, Any] | None) -> Answer:
        with transaction.atomic():
            written = _rows_written()
            response = browser.get(path) if method == "GET" else browser.post(path, data or {})
            answer = _kept(response, changed_since(self.before) if _rows_written() != written else [])
            transaction.set_rollback(True)
        return answer


def _rows_written() -> int:
    """Return how many rows of tenants this transaction has written so far, undone ones included: cheaper than comparing them all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables WHERE relname = ANY(%s)", [WATCHED_TABLES])
        return int(cursor.fetchone()[0] or 0)


def changed_since(before: Fingerprint) -> list[tuple[str, int]]:
    """Return which tenant's rows differ in which table."""
    after = fingerprint()
    return sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))


def _kept(response: Any, changed: list[tuple[str, int]]) -> Answer:
    body = response.getvalue() if isinstance(response, StreamingHttpResponse) else response.content
    headers = dict(response.headers)
    seen = [f"{name}: {value}" for name, value in headers.items()] + [response.cookies.output(), *_said(response.wsgi_request)]
    if headers.get("Content-Type", "").startswith("application/pdf"):
        document = pypdfium2.PdfDocument(body)
        seen += [page.get_textpage().get_text_bounded() for page in document]
        document.close()
    forged = any(template.name == "403_csrf.html" for template in response.templates)
    return Answer(response.status_code, headers, response.cookies, "\n".join([*seen, body.decode("utf-8", "replace")]), changed, forged)


def _said(request: HttpRequest) -> list[str]:
    """Return the messages that the next page would show; in their cookie they are packed, so a search would not see them."""
    if not hasattr(request, "_messages"):
        return []
    storage: Any = get_messages(request)
    return [str(message) for message in storage._queued_messages]


@contextmanager
def standing(media: Path, *, managers: bool = True, policies: bool = True) -> Iterator[Walk]:
    """Stand two marked houses up in a transaction that is rolled back at the end, behind both walls or only one of them.

    Needs an unblocked database and no open transaction. Files are kept under ``media``; tests must point the setting there.
    """
    patch = pytest.MonkeyPatch()
    logging.disable()
    if not policies:
        _switch_policies("DISABLE")
    try:
        with transaction.atomic():
            depth = allowed_atomic_depth.set(len(connection.atomic_blocks))
            patch.setattr(settings, "MEDIA_ROOT", media)
            for limits in ("ACCOUNT_RATE_LIMITS", "MFA_RATE_LIMITS"):
                patch.setattr(settings, limits, False, raising=False)  # how often somebody may ask is no wall, and all of them ask from one address
            walk = Walk(marked(northprint(), "n"), marked(southprint(), "s"), User.objects.create_superuser("olga@hub.test", "a long passphrase"))
            for user in filter(None, map(walk.user, PEOPLE)):
                walk.browser(user)
            if not managers:
                KeptStatement.forget_written()
                patch.setattr(tenancy.TenantManager, "get_queryset", lambda manager: tenancy.TenantQuerySet(manager.model, using=manager._db))
            _ = walk.before
            try:
                yield walk
            finally:
                transaction.set_rollback(True)
                allowed_atomic_depth.reset(depth)
    finally:
        patch.undo()
        KeptStatement.forget_written()  # what was written without the managers' filters
        logging.disable(logging.NOTSET)
        connection.close()
        if not policies:
            _switch_policies("ENABLE")


def _switch_policies(verb: str) -> None:
    with connections["owner"].cursor() as cursor:
        for model in TENANT_MODELS:
            cursor.execute(f'ALTER TABLE "{model._meta.db_table}" {verb} ROW LEVEL SECURITY')
    connections["owner"].close()
