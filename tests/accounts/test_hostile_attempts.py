"""Five thousand hostile attempts at the doors without a lock: nobody gets in, nobody learns who has an account, and the owner still does get in.

Passwords are hashed cheaply in the tests (``settings.PASSWORD_HASHERS``), so that the attempts take seconds; the counting is the same.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from pod_hub.accounts.models import User
from pod_hub.mail.delivering import deliver_next
from tests.factories.cast import PASSWORD, House

pytestmark = pytest.mark.django_db
LOGIN, RESET, OPERATOR = reverse("account_login"), reverse("account_reset_password"), "/operator/login/"
GUESSES = ["123456", "password", "letmein", "Northprint2026", "correct horse battery stable", "", "x" * 4000, "' OR 1=1 --", "null\0byte"]
# Tokens, and what was typed.
TOKENS = re.compile(r'(?:name="csrfmiddlewaretoken" value=|X-CSRFToken": )"[^"]*"')
MINUTES = 10  # that the attempts may take on a busy machine; a mailbox gets at most five mails a minute


@pytest.fixture(autouse=True)
def fresh_limits(settings: Settings) -> Iterator[None]:
    """Counters of failures that no other test has filled."""
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "hostile", "OPTIONS": {"MAX_ENTRIES": 100_000}}
    }
    cache.clear()
    yield
    cache.clear()


@dataclass(frozen=True, slots=True)
class Door:
    """A page that takes something without anybody being signed in. ``fields`` makes its form from an account and a guess."""

    name: str
    path: Callable[[], str]
    fields: Callable[[str, str], dict[str, str]]


def _invitation() -> str:
    """Where invitations are opened: what is guessed there is the link's secret."""
    return f"{reverse('accounts:invitation')}?link=guess0000000000000000000000000000"


DOORS = [
    Door("login", lambda: LOGIN, lambda email, guess: {"login": email, "password": guess}),
    Door("login of Django admin", lambda: OPERATOR, lambda email, guess: {"username": email, "password": guess}),
    Door("reset", lambda: RESET, lambda email, _guess: {"email": email}),
    Door("invitation", _invitation, lambda email, guess: {"first_name": email, "last_name": "X", "password": guess}),
]
each_door = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)


class Attacker(RequestFactory):
    """Sends requests through the whole hub, without the test client's copy of every template's context, which takes longer than the answer."""

    handler = ClientHandler(enforce_csrf_checks=False)

    def request(self, **request: Any) -> Any:
        """Return the answer."""
        return self.handler(self._base_environ(**request))  # type: ignore[attr-defined]


def plain(answer: Any, email: str) -> tuple[int, str, str]:
    """An answer without its tokens and without what was typed."""
    body = TOKENS.sub("", answer.content.decode()).replace(email, "") if answer.content else ""
    return answer.status_code, answer.get("Location", ""), body


@each_door
@pytest.mark.parametrize("attempts", [1, 12], ids=["first", "after the lock"])
def test_known_and_unknown_accounts_get_the_same_answer_byte_by_byte(north: House, door: Door, attempts: int, settings: Settings) -> None:
    if attempts > 1:
        settings.ACCOUNT_RATE_LIMITS = False  # the lock-out's own answer, which the limits would come before
    answers = []
    for email in (north.owner.email, "nobody@nowhere.test"):
        cache.clear()
        browser = Client(REMOTE_ADDR="198.51.100.7")
        answer = [browser.post(door.path(), door.fields(email, "wrong")) for _attempt in range(attempts)][-1]
        follow = [browser.get(answer["Location"])] if answer.status_code == 302 else []
        answers.append([plain(one, email) for one in (answer, *follow)])
    assert answers[0] == answers[1]


@each_door
def test_known_and_unknown_accounts_cost_alike(north: House, door: Door) -> None:
    """Time is what is left to compare: the same number of queries, and a password hashed either way (or a mail sent, which is the reset's point)."""
    costs = []
    for email in ("nobody@nowhere.test", north.owner.email):
        cache.clear()
        browser = Client(REMOTE_ADDR="198.51.100.7")
        browser.post(door.path(), door.fields(email, "wrong"))  # the first time allauth stores the address beside the account
        with CaptureQueriesContext(connection) as captured:
            browser.post(door.path(), door.fields(email, "wrong"))
        costs.append(len(captured))
    assert abs(costs[0] - costs[1]) <= 3, costs


def test_an_unknown_accounts_password_is_hashed_too(north: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.contrib.auth.hashers import MD5PasswordHasher

    counted: Counter[str] = Counter()
    encode = MD5PasswordHasher.encode

    def counting(hasher: Any, password: str, salt: str) -> str:
        counted[who] += 1
        return encode(hasher, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    for who in (north.owner.email, "nobody@nowhere.test"):
        Client(REMOTE_ADDR="198.51.100.8").post(LOGIN, {"login": who, "password": "wrong"})
    assert counted[north.owner.email] == counted["nobody@nowhere.test"] > 0


@pytest.mark.slow
def test_five_thousand_attempts_from_many_addresses_open_nothing(north: House, south: House) -> None:
    """2,200 at the sign-in, 600 at Django admin's, 1,600 at the reset, 600 at an invitation's address, from 250 addresses in turn."""
    olga = User.objects.create_superuser("olga@hub.test", PASSWORD)
    known = [person.email for person in (north.owner, north.worker, north.reader, south.owner, olga)]
    accounts = cycle([*known, "nobody@nowhere.test", north.owner.email.upper(), "a" * 300 + "@x.test", "not an address", ""])
    guesses, addresses = cycle(GUESSES), cycle(f"198.51.100.{number}" for number in range(1, 251))
    plan = [(LOGIN, DOORS[0], 2200), (OPERATOR, DOORS[1], 600), (RESET, DOORS[2], 1600), (_invitation(), DOORS[3], 600)]
    attacker: Any = Attacker()
    seen: dict[str, Counter[int]] = {}
    logging.disable()  # twenty thousand lines that nobody reads
    try:
        for path, door, times in plan:
            for _attempt in range(times):
                typed = urlencode(door.fields(next(accounts), next(guesses)))
                answer = attacker.post(path, typed, content_type="application/x-www-form-urlencoded", REMOTE_ADDR=next(addresses))
                seen.setdefault(door.name, Counter())[answer.status_code] += 1
                assert "_auth_user_id" not in answer.wsgi_request.session
    finally:
        logging.disable(logging.NOTSET)
    assert sum(sum(answers.values()) for answers in seen.values()) == 5000
    assert not any(status >= 500 for answers in seen.values() for status in answers), seen
    assert set(seen["login of Django admin"]) == {302}, "its own form is never asked"
    while deliver_next():
        pass
    flooded = Counter(to for message in mail.outbox for to in message.to)
    assert flooded and max(flooded.values()) <= 5 * MINUTES, "nobody's mailbox is flooded"

    # The owner, at home, gets in at the first try; from one of the hostile addresses not even with the right password.
    home = Client(REMOTE_ADDR="203.0.113.10")
    home.post(LOGIN, {"login": north.owner.email, "password": PASSWORD})
    assert home.session["_auth_user_id"] == str(north.owner.pk)


def test_one_address_is_stopped_for_one_account_and_not_for_the_colleague_beside_it(north: House, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    for _guess in range(10):
        Client(REMOTE_ADDR="198.51.100.9").post(LOGIN, {"login": north.owner.email, "password": "wrong"})
    for email, address, gets_in in (
        (north.owner.email, "198.51.100.9", False),
        (north.owner.email, "203.0.113.10", True),
        (north.worker.email, "198.51.100.9", True),
    ):
        browser = Client(REMOTE_ADDR=address)
        browser.post(LOGIN, {"login": email, "password": PASSWORD})
        assert ("_auth_user_id" in browser.session) is gets_in, (email, address)


def test_behind_a_proxy_the_visitors_address_counts_and_a_forged_one_does_not(north: House, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(10):
        forged = f"10.0.0.{number}, 198.51.100.9"  # the last one is what the proxy saw
        Client(REMOTE_ADDR="127.0.0.1").post(LOGIN, {"login": north.owner.email, "password": "wrong"}, headers={"X-Forwarded-For": forged})
    for seen_by_proxy, gets_in in (("198.51.100.9", False), ("203.0.113.10", True)):
        browser = Client(REMOTE_ADDR="127.0.0.1")
        browser.post(LOGIN, {"login": north.owner.email, "password": PASSWORD}, headers={"X-Forwarded-For": seen_by_proxy})
        assert ("_auth_user_id" in browser.session) is gets_in, seen_by_proxy


@pytest.mark.parametrize(
    "path", ["email/", "confirm-email/", "confirm-email/key/", "password/set/", "login/code/", "login/code/confirm/", "2fa/trust/"]
)
def test_account_pages_that_the_hub_does_not_want_are_not_there(north: House, path: str) -> None:
    browser = Client()
    browser.post(LOGIN, {"login": north.owner.email, "password": PASSWORD})
    for answer in (browser.get(f"/accounts/{path}"), browser.post(f"/accounts/{path}", {"action_add": "", "email": "second@nowhere.test"})):
        assert answer.status_code == 404
    assert browser.get("/accounts/").status_code in {302, 404}
    from allauth.account.models import EmailAddress

    assert not EmailAddress.objects.filter(email="second@nowhere.test").exists()


def test_an_account_that_others_guess_at_opens_to_its_owner_elsewhere(north: House) -> None:
    """With allauth's own quick limits on, which count by account unless told otherwise."""
    for _guess in range(7):
        Client(REMOTE_ADDR="198.51.100.9").post(LOGIN, {"login": north.owner.email, "password": "wrong"})
    for address, gets_in in (("198.51.100.9", False), ("203.0.113.10", True)):
        browser = Client(REMOTE_ADDR=address)
        browser.post(LOGIN, {"login": north.owner.email, "password": PASSWORD})
        assert ("_auth_user_id" in browser.session) is gets_in, address
