"""Where somebody is signed in, and how that ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from pod_hub.accounts.sessions import device
from tests.factories.cast import PASSWORD, House
from tests.factories.pages import at_most_queries

pytestmark = pytest.mark.django_db
LOGIN, PAGE = reverse("account_login"), reverse("accounts:sessions")
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"


@pytest.fixture(autouse=True)
def fresh_limits(settings: Settings) -> Iterator[None]:
    """Counters of failures that no other test has filled."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "sessions"}}
    cache.clear()
    yield
    cache.clear()


def signed_in(email: str, agent: str = FIREFOX, address: str = "203.0.113.77") -> Client:
    browser = Client(REMOTE_ADDR=address, headers={"User-Agent": agent})
    browser.post(LOGIN, {"login": email, "password": PASSWORD})
    assert "_auth_user_id" in browser.session
    return browser


def is_in(browser: Client) -> bool:
    return browser.get("/customers/").status_code == 200


def test_the_list_names_device_place_and_time_and_no_household(north: House) -> None:
    browser = signed_in(north.owner.email)
    signed_in(north.owner.email, EDGE, "2001:db8:7:8::1")
    signed_in(north.worker.email, address="198.51.100.1")
    with at_most_queries(2):
        shown = browser.get(PAGE).content.decode()
    for text in ("Firefox on Windows", "Edge on macOS", "203.0.113.x", "2001:db8:7::x", "This one"):
        assert text in shown, text
    for text in ("203.0.113.77", "2001:db8:7:8", "198.51.100"):
        assert text not in shown, text


def test_one_other_session_is_ended_and_only_that(north: House) -> None:
    here, lost, tablet = (signed_in(north.owner.email) for _device in range(3))
    row = UserSession.objects.get(session_key=lost.session.session_key)
    here.post(reverse("accounts:end_session", args=[row.pk]))
    assert (is_in(here), is_in(lost), is_in(tablet)) == (True, False, True)


def test_signing_out_everywhere_else_leaves_this_one(north: House) -> None:
    here, other, third = (signed_in(north.owner.email) for _device in range(3))
    colleague = signed_in(north.worker.email)
    said = here.post(reverse("accounts:end_other_sessions"), follow=True).content.decode()
    assert "2 other devices are signed out" in said
    assert (is_in(here), is_in(other), is_in(third), is_in(colleague)) == (True, False, False, True)


def test_somebody_elses_session_is_not_mine_to_end(north: House, south: House) -> None:
    nora, mallory = signed_in(north.owner.email), signed_in(south.owner.email)
    row = UserSession.objects.get(session_key=nora.session.session_key)
    mallory.post(reverse("accounts:end_session", args=[row.pk]))
    assert is_in(nora)


def test_a_new_password_ends_all_other_sessions_and_their_rows(north: House) -> None:
    here, stolen = signed_in(north.owner.email), signed_in(north.owner.email)
    new = {"oldpassword": PASSWORD, "password1": "an entirely new phrase", "password2": "an entirely new phrase"}
    assert here.post(reverse("account_change_password"), new).status_code == 302
    assert (is_in(here), is_in(stolen)) == (True, False)
    assert len(here.get(PAGE).context["rows"]) == 1


def test_a_session_that_ran_out_is_not_listed(north: House) -> None:
    with time_machine.travel("2026-03-01 10:00", tick=False):
        signed_in(north.owner.email, EDGE)
    with time_machine.travel("2026-03-02 10:00", tick=False):
        assert "Edge" not in signed_in(north.owner.email).get(PAGE).content.decode()


def test_last_seen_is_noted_every_five_minutes_and_costs_nothing_between(north: House, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("pod_hub.accounts.sessions.time.monotonic", lambda: clock[0])
    with time_machine.travel("2026-03-01 10:00", tick=False):
        browser = signed_in(north.owner.email)
        browser.get("/customers/")
    row = UserSession.objects.get()
    seen = row.last_seen_at
    with time_machine.travel("2026-03-01 10:04", tick=False):
        clock[0] += 240
        browser.get("/customers/")
        row.refresh_from_db()
        assert row.last_seen_at == seen
    with time_machine.travel("2026-03-01 10:06", tick=False):
        clock[0] += 120
        browser.get("/customers/", REMOTE_ADDR="198.51.100.9")
        row.refresh_from_db()
        assert (row.last_seen_at - seen).total_seconds() == 360
        assert row.ip == "198.51.100.9"


@pytest.mark.parametrize(
    ("agent", "words"), [(FIREFOX, "Firefox on Windows"), (EDGE, "Edge on macOS"), ("curl/8.5", "unknown program"), ("", "unknown program")]
)
def test_devices_are_named_in_words(agent: str, words: str) -> None:
    assert device(agent) == words
