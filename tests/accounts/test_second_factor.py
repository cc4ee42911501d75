"""The second factor: sealed where it lies, asked for at sign-in, demanded where buyers' data is seen, and no way around it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from pod_hub.accounts.audit_log import AuditEntry
from pod_hub.accounts.models import Membership, Psp, User
from pod_hub.core.tenancy import tenant
from tests.factories.browsers import browser_of
from tests.factories.cast import PASSWORD, House
from tests.factories.pages import at_most_queries

pytestmark = pytest.mark.django_db
LOGIN, NEEDED = reverse("account_login"), reverse("accounts:second_factor_needed")


@pytest.fixture(autouse=True)
def fresh_limits(settings: Settings) -> Iterator[None]:
    """Counters of failures, and of codes used, that no other test has filled."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "second-factor"}}
    cache.clear()
    yield
    cache.clear()


def code_of(secret: str, *, steps: int = 0) -> str:
    """What the app shows, ``steps`` times thirty seconds from now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def signed_in(email: str) -> Client:
    """A browser in which somebody has typed the password."""
    browser = Client()
    browser.post(LOGIN, {"login": email, "password": PASSWORD})
    return browser


def confirmed(browser: Client) -> Client:
    """The browser after its person has typed the password once more, which changes of factors ask for."""
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return browser


def set_up(browser: Client) -> str:
    """Set an app up as a person does; returns its secret."""
    confirmed(browser)
    page = browser.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    answer = browser.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert answer.status_code == 302, answer.content
    return str(secret)


def is_signed_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def test_an_app_is_set_up_and_asked_for_at_the_next_sign_in(north: House) -> None:
    with time_machine.travel("2026-03-01 10:00:05", tick=False):
        secret = set_up(signed_in(north.owner.email))
    with time_machine.travel("2026-03-01 10:05:05", tick=False):
        browser = signed_in(north.owner.email)
        assert not is_signed_in(browser)
        assert browser.get("/orders/").status_code == 302
        wrong = browser.post(reverse("mfa_authenticate"), {"code": "000000"})
        assert not is_signed_in(browser) and "This code is not right" in wrong.content.decode()
        browser.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
        assert is_signed_in(browser)
        again = signed_in(north.owner.email)
        again.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
        assert not is_signed_in(again), "a code opens once"


def test_codes_of_yesterday_and_of_the_next_minute_open_nothing(north: House) -> None:
    secret = set_up(signed_in(north.owner.email))
    for steps in (-2, 2, 2880):
        cache.clear()
        browser = signed_in(north.owner.email)
        browser.post(reverse("mfa_authenticate"), {"code": code_of(secret, steps=steps)})
        assert not is_signed_in(browser)


def test_guessing_codes_ends_after_five(north: House) -> None:
    secret = set_up(signed_in(north.owner.email))
    cache.clear()
    browser = signed_in(north.owner.email)
    for guess in range(6):
        browser.post(reverse("mfa_authenticate"), {"code": f"{guess:06}"})
    other = signed_in(north.owner.email)
    other.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert not is_signed_in(other), "the limit is the account's, not the browser's"


def test_a_recovery_code_opens_once(north: House) -> None:
    browser = signed_in(north.owner.email)
    set_up(browser)
    codes = browser.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    assert len(codes) == 10
    first, second = signed_in(north.owner.email), signed_in(north.owner.email)
    first.post(reverse("mfa_authenticate"), {"code": codes[0]})
    second.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert (is_signed_in(first), is_signed_in(second)) == (True, False)


def test_secrets_lie_sealed_in_the_database(north: House) -> None:
    browser = signed_in(north.owner.email)
    secret = set_up(browser)
    codes = browser.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(data::text, ' ') FROM mfa_authenticator")
        (stored,) = cursor.fetchone()
    assert secret not in stored and not any(code in stored for code in codes)
    assert {"secret", "seed"} <= {key for row in Authenticator.objects.all() for key in row.data}


def test_nobody_needs_it_in_the_demo_until_the_psp_says_so(north: House) -> None:
    browser = browser_of(north.reader)
    assert browser.get("/orders/").status_code == 200
    Psp.objects.filter(pk=north.psp.pk).update(second_factor_for_all=True)
    assert browser.get("/orders/")["Location"] == NEEDED
    page = browser.get(NEEDED).content.decode()
    assert "Northprint asks everybody to sign in with two steps" in page


@pytest.fixture
def production_rule(settings: Settings) -> None:
    """What production always demands."""
    settings.SECOND_FACTOR_FOR_BUYER_DATA = True


@pytest.mark.usefixtures("production_rule")
def test_without_it_everything_is_shut_but_setting_it_up_and_leaving(north: House) -> None:
    browser = confirmed(signed_in(north.owner.email))
    for path in ("/", "/orders/", "/customers/", "/settings/", "/settings/audit-trail/", "/catalog/"):
        answer = browser.get(path)
        assert (answer.status_code, answer["Location"]) == (302, NEEDED), path
    assert browser.post(reverse("accounts:add_customer"), {"name": "Sneaky"}).status_code == 302
    assert browser.get("/orders/", headers={"HX-Request": "true"})["HX-Redirect"] == NEEDED
    for path in (NEEDED, reverse("mfa_index"), reverse("mfa_activate_totp"), reverse("accounts:sessions"), reverse("account_change_password")):
        assert browser.get(path).status_code == 200, path
    set_up(browser)
    assert browser.get("/orders/").status_code == 200
    assert browser.get(NEEDED)["Location"] == "/"


@pytest.mark.usefixtures("production_rule")
def test_the_demand_costs_a_page_no_query(north: House) -> None:
    browser = signed_in(north.owner.email)
    set_up(browser)
    browser.get("/customers/")
    with at_most_queries(2):
        assert browser.get("/customers/").status_code == 200


@pytest.mark.usefixtures("production_rule")
def test_the_last_factor_stays_while_it_is_demanded(north: House) -> None:
    browser = signed_in(north.owner.email)
    set_up(browser)
    browser.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(user=north.owner, type="totp").exists()
    assert "last step cannot be removed" in browser.get(reverse("mfa_deactivate_totp")).content.decode()
    Membership.objects.filter(user=north.owner).update(is_active=False)
    browser.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=north.owner).exists(), "recovery codes go with the last factor"


@pytest.mark.usefixtures("production_rule")
def test_operators_need_it_for_django_admin(north: House) -> None:
    olga = User.objects.create_superuser("olga@hub.test", PASSWORD)
    browser = signed_in(olga.email)
    assert browser.get("/operator/")["Location"] == NEEDED
    assert browser.get(reverse("admin:accounts_psp_changelist"))["Location"] == NEEDED
    set_up(browser)
    assert browser.get("/operator/").status_code == 200
    fresh = Client()
    fresh.post("/operator/login/", {"username": olga.email, "password": PASSWORD})
    fresh.post(LOGIN, {"login": olga.email, "password": PASSWORD, "next": "/operator/"})
    assert fresh.get("/operator/").status_code == 302, "the password alone opens nothing"


def test_setting_it_up_asks_for_the_password_when_it_was_typed_long_ago(north: House) -> None:
    with time_machine.travel("2026-03-01 10:00", tick=False):
        browser = confirmed(signed_in(north.owner.email))
        assert browser.get(reverse("mfa_activate_totp")).status_code == 200
    with time_machine.travel("2026-03-01 11:00", tick=False):
        assert browser.get(reverse("mfa_activate_totp"))["Location"].startswith(reverse("account_reauthenticate"))
        assert browser.get(reverse("mfa_add_webauthn"))["Location"].startswith(reverse("account_reauthenticate"))


def test_a_new_password_by_mail_does_not_get_past_it(north: House) -> None:
    set_up(signed_in(north.owner.email))
    cache.clear()
    from django.core import mail

    Client().post(reverse("account_reset_password"), {"email": north.owner.email})
    link = re.search(r"/accounts/password/reset/key/\S+", str(mail.outbox[-1].body))
    assert link is not None
    browser = Client()
    page = browser.get(link[0], follow=True)
    browser.post(page.request["PATH_INFO"], {"password1": "an entirely new phrase", "password2": "an entirely new phrase"})
    assert not is_signed_in(browser)
    browser.post(LOGIN, {"login": north.owner.email, "password": "an entirely new phrase"})
    assert not is_signed_in(browser) and Authenticator.objects.filter(user=north.owner).exists()


def test_somebody_elses_passkey_is_not_there(north: House, south: House) -> None:
    theirs = Authenticator.objects.create(user=south.owner, type="webauthn", data={"name": "Mallory's", "credential": {}})
    browser = confirmed(signed_in(north.owner.email))
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        for answer in (browser.get(reverse(name, args=[theirs.pk])), browser.post(reverse(name, args=[theirs.pk]), {"name": "x"})):
            assert answer.status_code == 404
    assert Authenticator.objects.filter(pk=theirs.pk).exists()


def test_a_made_up_passkey_answers_alike_for_everybody(north: House) -> None:
    pages = []
    for handle in ("MQ", "OTk5OTk5"):
        credential = {
            "id": "AAAA",
            "rawId": "AAAA",
            "type": "public-key",
            "response": {"clientDataJSON": "AAAA", "authenticatorData": "AAAA", "signature": "AAAA", "userHandle": handle},
        }
        answer = Client().post(reverse("mfa_login_webauthn"), {"credential": json.dumps(credential)})
        pages.append((answer.status_code, answer.get("Location")))
    assert pages[0] == pages[1] == (302, LOGIN)


def test_the_trail_says_when_a_factor_came_and_went(north: House, django_capture_on_commit_callbacks: Any) -> None:
    browser = signed_in(north.owner.email)
    with django_capture_on_commit_callbacks(execute=True):
        set_up(browser)
    browser.post(reverse("mfa_deactivate_totp"))
    with tenant(north.psp.pk):
        events = list(AuditEntry.objects.filter(action="account").order_by("pk").values_list("after", flat=True))
    assert {"event": "second step added: authenticator app"} in events
    assert {"event": "second step removed: authenticator app"} in events


def test_owners_demand_it_of_everybody_and_see_who_lacks_it(north: House) -> None:
    rules = reverse("accounts:sign_in_rules")
    owner = signed_in(north.owner.email)
    set_up(owner)
    assert browser_of(north.worker).post(rules, {"second_factor_for_all": "on"}).status_code == 403
    assert owner.post(rules, {"second_factor_for_all": "on"}).status_code == 302
    shown = owner.get(rules).content.decode()
    assert shown.count("Missing: asked at the next page") == 2
    with tenant(north.psp.pk):
        entry = AuditEntry.objects.filter(kind="accounts.psp").latest("pk")
    assert (entry.after, entry.actor_user_id) == ({"second_factor_for_all": True}, north.owner.pk)
