"""Signing in: what a guesser learns, when guessing ends, what a session outlives, and where a page may send somebody next."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from pod_hub.accounts.models import Membership, Role, User
from pod_hub.core.tenancy import tenant
from pod_hub.mail.delivering import deliver_next
from tests.factories.browsers import browser_of
from tests.factories.cast import PASSWORD, House, person

pytestmark = pytest.mark.django_db
LOGIN, RESET = reverse("account_login"), reverse("account_reset_password")
ELSEWHERE = [
    "https://evil.test/",
    "//evil.test",
    "///evil.test",
    "\\\\evil.test",
    "/\\evil.test",
    "javascript:alert(1)",
    "http:///evil.test",
    " //evil.test",
]


@pytest.fixture(autouse=True)
def fresh_limits(settings: Settings) -> Iterator[None]:
    """Counters of failures that no other test has filled."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "signing-in"}}
    cache.clear()
    yield
    cache.clear()


def plain(body: bytes, *typed: str) -> str:
    """A page without its tokens and without what was typed into it."""
    text = re.sub(r'(name="csrfmiddlewaretoken" value=|X-CSRFToken": )"[^"]*"', "", body.decode())
    for one in typed:
        text = text.replace(one, "")
    return text


def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(north: House) -> None:
    known, unknown = (Client().post(LOGIN, {"login": email, "password": "wrong"}) for email in (north.owner.email, "nobody@nowhere.test"))
    assert known.status_code == unknown.status_code == 200
    assert plain(known.content, north.owner.email) == plain(unknown.content, "nobody@nowhere.test")


def test_asking_for_a_new_password_tells_nobody_whether_the_account_exists(north: House) -> None:
    known, unknown = (Client().post(RESET, {"email": email}, follow=True) for email in (north.owner.email, "nobody@nowhere.test"))
    assert known.redirect_chain == unknown.redirect_chain
    assert plain(known.content, north.owner.email) == plain(unknown.content, "nobody@nowhere.test")
    assert mail.outbox == [], "an answer that waits for a mail server tells how long the mail took"
    assert deliver_next() == 2
    assert sorted(message.to[0] for message in mail.outbox) == sorted([north.owner.email, "nobody@nowhere.test"])


def test_a_merchant_hears_from_its_print_provider_and_everybody_else_from_the_hub(north: House, south: House) -> None:
    mia = person(north.psp, "Mia", Role.MERCHANT, north.customer)
    both = person(north.psp, "Bo", Role.MERCHANT, north.customer)
    Membership.objects.create(user=both, psp=south.psp, role=Role.READER)
    for someone in (mia, both, north.owner):
        Client().post(RESET, {"email": someone.email})
    assert deliver_next() == 3
    senders = {message.to[0]: message.from_email for message in mail.outbox}
    assert "Northprint" in senders[mia.email]
    assert "Pod Hub" in senders[both.email] and "Pod Hub" in senders[north.owner.email]


def test_the_mailed_link_sets_a_new_password_once(north: House) -> None:
    Client().post(RESET, {"email": north.owner.email})
    deliver_next()
    (link,) = re.findall(r"^http\S+$", str(mail.outbox[0].body), re.MULTILINE)
    (message,) = mail.outbox
    assert isinstance(message, mail.EmailMultiAlternatives)
    assert f'href="{link}"' in str(message.alternatives[0][0])
    browser = Client()
    form = browser.get(link.removeprefix("http://testserver"), follow=True)
    browser.post(form.request["PATH_INFO"], {"password1": "a-quite-new-password", "password2": "a-quite-new-password"})
    north.owner.refresh_from_db()
    assert north.owner.check_password("a-quite-new-password")
    assert "no longer works" in Client().get(link.removeprefix("http://testserver"), follow=True).content.decode()


def test_guessing_ends_after_ten_failures_for_this_account_only(north: House, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = False  # allauth's own limits would end it sooner; this is the one that lasts
    for _guess in range(10):
        Client().post(LOGIN, {"login": north.owner.email, "password": "wrong"})
    locked = Client()
    locked.post(LOGIN, {"login": north.owner.email, "password": PASSWORD})
    assert "_auth_user_id" not in locked.session
    other = Client()
    other.post(LOGIN, {"login": north.worker.email, "password": PASSWORD})
    assert other.session["_auth_user_id"] == str(north.worker.pk)


def test_the_operators_sign_in_is_the_hubs_own(north: House) -> None:
    olga = User.objects.create_superuser("olga@hub.test", PASSWORD)
    browser = Client()
    answer = browser.post("/operator/login/", {"username": olga.email, "password": PASSWORD})
    assert answer.status_code == 302 and answer["Location"].startswith(LOGIN)
    assert "_auth_user_id" not in browser.session
    assert browser_of(north.owner).get("/operator/login/").status_code == 403


def test_signing_in_gives_the_session_another_key(north: House) -> None:
    browser = Client()
    session = browser.session
    session["before"] = "here"
    session.save()
    assert session.session_key is not None
    browser.cookies["sessionid"] = session.session_key
    before = session.session_key
    browser.post(LOGIN, {"login": north.owner.email, "password": PASSWORD})
    assert browser.session["_auth_user_id"] == str(north.owner.pk)
    assert browser.session.session_key != before


def test_only_a_post_signs_out(north: House) -> None:
    browser = browser_of(north.owner)
    browser.get(reverse("account_logout"))
    assert "_auth_user_id" in browser.session
    browser.post(reverse("account_logout"))
    assert "_auth_user_id" not in browser.session


def test_a_membership_that_ends_closes_the_next_page(north: House) -> None:
    browser, page = browser_of(north.owner), reverse("stores:store", args=[north.store.public_id])
    assert browser.get(page).status_code == 200
    Membership.objects.filter(user=north.owner).update(is_active=False)
    assert browser.get(page).status_code == 404
    assert browser.get("/").status_code == 403


def test_a_session_does_not_choose_somebody_elses_membership(north: House, south: House) -> None:
    browser = browser_of(south.owner)
    session = browser.session
    session["membership"] = Membership.objects.get(user=north.owner).pk
    session.save()
    assert browser.get(reverse("stores:store", args=[north.store.public_id])).status_code == 404


def test_a_new_password_ends_every_other_session(north: House) -> None:
    stolen = browser_of(north.owner)
    north.owner.set_password("another long passphrase")
    north.owner.save()
    assert stolen.get("/orders/").status_code == 302
    assert "_auth_user_id" not in stolen.session


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_nobody_is_sent_elsewhere(north: House, elsewhere: str) -> None:
    browser = Client()
    answers = [browser.post(LOGIN, {"login": north.owner.email, "password": PASSWORD, "next": elsewhere})]
    with tenant(north.psp.pk):
        seller = north.connection.authorization
    assert seller is not None
    buttons = [
        reverse("orders:import_now", args=[seller.public_id]),
        reverse("orders:decide_again"),
        reverse("orders:bulk_release"),
        reverse("account_logout"),
    ]
    answers += [browser.post(address, {"next": elsewhere}) for address in buttons]
    browser = browser_of(north.owner)
    mapping = reverse("orders:map_listing", args=[north.listing.public_id]) + f"?product={north.mug.public_id}"
    answers.append(browser.post(mapping, {"quantity": "1", "design": north.design.public_id, "next": elsewhere}))
    answers.append(browser.get(LOGIN, {"next": elsewhere}))
    for answer in answers:
        assert answer.status_code == 302
        assert answer["Location"].startswith("/") and "evil" not in answer["Location"] and "script" not in answer["Location"]
    shown = browser.get(mapping, {"product": north.mug.public_id, "next": elsewhere}).content.decode()
    assert f'href="{elsewhere}' not in shown
