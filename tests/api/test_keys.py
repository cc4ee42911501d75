"""Keys: who gets in with what, how fast, and the pages on which owners make and revoke them (pod_hub/accounts/api/keys.py)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from pod_hub.accounts.api import throttle
from pod_hub.accounts.models import ApiKey, Scope
from pod_hub.accounts.services.api_keys import make_key
from pod_hub.core.buckets import BucketsUnavailable
from pod_hub.core.tenancy import across_tenants, tenant
from tests.api.test_wall import OPERATIONS
from tests.factories.browsers import browser_of
from tests.factories.cast import House
from tests.factories.programs import Program, program

pytestmark = pytest.mark.django_db


def test_without_a_key_there_is_nothing_to_see(north: House) -> None:
    answer = Program("").get("orders")
    assert answer.status_code == 401 and answer["WWW-Authenticate"] == 'Bearer realm="hub"'
    assert answer.json()["code"] == "unauthenticated"


def test_every_key_that_is_not_valid_is_refused_in_the_same_words(north: House) -> None:
    good = program(north)
    assert good.key is not None
    other = good.text[:-1] + ("0" if good.text[-1] != "0" else "1")
    answers = [Program(text).get("orders") for text in (other, "hub_00000000_" + "0" * 32, "x", good.text.upper(), good.text + "0", "")]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.json()["detail"] for answer in answers[:-1]}) == 1
    assert Client().get("/api/v1/orders", headers={"Authorization": f"Basic {good.text}"}).status_code == 401
    with tenant(north.psp.pk):
        ApiKey.objects.update(expires_at=now() - timedelta(seconds=1))
    assert good.get("orders").status_code == 401


def test_the_database_holds_no_key_that_opens_anything(north: House) -> None:
    one = program(north)
    with across_tenants(reason="test"):
        (row,) = ApiKey.objects.values()
    secret = one.text.rsplit("_", 1)[1]
    assert secret not in str(row) and row["prefix"] == one.text[:12] and len(row["secret_hash"]) == 64


def test_a_signed_in_browser_gets_nothing_without_a_key(north: House) -> None:
    assert browser_of(north.owner).get("/api/v1/orders").status_code == 401


def test_a_browsers_session_does_not_lend_its_tenant_to_a_key(north: House, south: House) -> None:
    browser = browser_of(north.owner)
    stores = browser.get("/api/v1/stores", headers={"Authorization": f"Bearer {program(south).text}"}).json()["items"]
    assert [store["name"] for store in stores] == ["Sampson Amazon.de"]


@pytest.mark.parametrize("scope", [None, *Scope])
def test_an_operation_opens_with_its_scope_and_with_no_other(north: House, scope: Scope | None) -> None:
    one = program(north, scopes=[scope] if scope else [])
    for method, path, needed in OPERATIONS:
        answer = one.ask(method, path)
        if scope == needed:
            assert answer.status_code not in {401, 403}, path
        else:
            assert answer.status_code == 403 and answer.json()["code"] == "scope_missing" and needed.value in answer.json()["detail"], path


def test_last_used_is_noted_and_not_at_every_request(north: House, plant: Program) -> None:
    def last() -> object:
        with tenant(north.psp.pk):
            return ApiKey.objects.get().last_used_at

    assert last() is None
    plant.get("stores")
    first = last()
    plant.get("stores")
    assert first is not None and last() == first


def test_a_key_that_asks_too_fast_waits_and_another_does_not(north: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "BURST", 3.0)
    monkeypatch.setattr(throttle, "RATE_PER_S", 0.01)
    hasty, calm = program(north), program(north)
    answers = [hasty.get("stores") for _turn in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 100 and answers[-1].json()["code"] == "too_many"
    assert calm.get("stores").status_code == 200


def test_without_redis_the_api_goes_on(north: House, plant: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: object, **_kwargs: object) -> float:
        raise BucketsUnavailable("away")

    monkeypatch.setattr(throttle, "take", away)
    assert plant.get("stores").status_code == 200


# --- Pages ------------------------------------------------------------------------------------------------------------
def test_an_owner_makes_a_key_sees_it_once_and_revokes_it(north: House) -> None:
    nora = browser_of(north.owner)
    assert "No API key yet" in nora.get(reverse("accounts:api_keys")).content.decode()
    made = nora.post(reverse("accounts:add_api_key"), {"name": "Plant", "scopes": ["orders:read"], "lasts_days": "30"})
    assert made.status_code == 201 and "no-store" in made["Cache-Control"]
    found = re.search(r"hub_[0-9a-z]{8}_[0-9a-z]{32}", made.content.decode())
    assert found is not None
    text = found[0]
    assert Program(text).get("orders").status_code == 200
    page = nora.get(reverse("accounts:api_keys")).content.decode()
    assert text not in page and text[:12] in page and "orders:read" in page
    with tenant(north.psp.pk):
        key = ApiKey.objects.get()
    assert key.expires_at is not None and timedelta(days=29) < key.expires_at - now() < timedelta(days=31)
    revoke = reverse("accounts:revoke_api_key", args=[key.public_id])
    assert nora.get(revoke).status_code == 405
    assert "was revoked" in nora.post(revoke, follow=True).content.decode()
    assert "had been revoked already" in nora.post(revoke, follow=True).content.decode()
    assert Program(text).get("orders").status_code == 401


def test_a_key_needs_a_name_and_a_scope(north: House) -> None:
    answer = browser_of(north.owner).post(reverse("accounts:add_api_key"), {"name": "", "lasts_days": ""})
    assert answer.status_code == 422 and "Tick at least one" in answer.content.decode()


def test_only_owners_meet_keys(north: House, south: House) -> None:
    with tenant(north.psp.pk):
        key, _text = make_key(name="Plant", scopes=[Scope.ORDERS_READ], expires_at=None, by=north.owner)
    pages = [reverse("accounts:api_keys"), reverse("accounts:add_api_key")]
    for person in (north.worker, north.reader):
        assert [browser_of(person).get(page).status_code for page in pages] == [403, 403]
        assert browser_of(person).post(reverse("accounts:revoke_api_key", args=[key.public_id])).status_code == 403
        assert "Manage API keys" not in browser_of(person).get(reverse("accounts:settings")).content.decode()
    assert "Manage API keys" in browser_of(north.owner).get(reverse("accounts:settings")).content.decode()
    assert browser_of(south.owner).post(reverse("accounts:revoke_api_key", args=[key.public_id])).status_code == 404
    assert "Plant" not in browser_of(south.owner).get(pages[0]).content.decode()
