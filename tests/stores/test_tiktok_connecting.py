"""Connecting TikTok shops: consents with one shop and with several, what is refused, and permissions that began at TikTok itself."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from pod_hub.core.http import allowed_atomic_depth
from pod_hub.core.sealing import sealed_field
from pod_hub.core.tenancy import across_tenants, tenant
from stores.models import Authorization, Connection, ConsentAttempt, GrantedShop, Store
from stores.services import removing
from stores.services.authorizations import account_of
from tests.channels.tiktok.conftest import OTHER_SHOP, SHOP, WEEK_S, ScriptedTikTok, envelope
from tests.channels.tiktok.conftest import tiktok as scripted_tiktok
from tests.channels.tiny_server import Reply, Seen
from tests.factories.browsers import browser_of
from tests.factories.cast import PASSWORD, House
from tests.stores import walks

pytestmark = pytest.mark.django_db
tiktok = scripted_tiktok
RETURN = "/stores/connect/tiktok/return/"
SHOPS = "/authorization/202309/shops"


@pytest.fixture(autouse=True)
def _inside_the_tests_transaction(tiktok: ScriptedTikTok, db: None) -> Iterator[None]:
    token = allowed_atomic_depth.set(len(connection.atomic_blocks))
    tiktok.routes[SHOPS] = envelope({"shops": [tiktok.shop(SHOP)]})
    yield
    allowed_atomic_depth.reset(token)


@pytest.fixture
def nora(north: House) -> Client:
    return browser_of(north.owner)


def begun(browser: Client, house: House, **changed: Any) -> str:
    """Choose TikTok Shop and take the second step; return the wizard's id."""
    wizard = str(browser.post(reverse("stores:wizard_start"), {"kind": "tiktok"})["Location"]).split("/")[3]
    answer = walks.set_up(browser, house, wizard, **({"place": "US", "name": "Ada on TikTok"} | changed))
    assert answer.status_code == 302, answer.content.decode()
    return wizard


def left(browser: Client, wizard: str, **data: str) -> dict[str, str]:
    """Press "Authorize"; return the query with which the browser leaves."""
    address = str(browser.post(reverse("stores:wizard_here", args=[wizard]), data)["Location"])
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def authorised(browser: Client, house: House, code: str = "a-code", **changed: Any) -> str:
    wizard = begun(browser, house, **changed)
    browser.get(RETURN, {"code": code, "state": left(browser, wizard)["state"]})
    return wizard


def finish(browser: Client, wizard: str, **data: str) -> str:
    return str(browser.post(reverse("stores:wizard_finish", args=[wizard]), data, follow=True).content.decode())


def store_of(house: House, wizard: str) -> Store:
    found: Store | None = walks.wizard_of(house, wizard).store
    assert found is not None
    return found


def permissions(house: House) -> int:
    with tenant(house.psp.pk):
        return Authorization.objects.filter(kind="tiktok").count()


# --- One shop, several shops --------------------------------------------------------------------------------------------------------


def test_consent_leaves_with_service_and_state_and_connects_the_only_shop(nora: Client, north: House, tiktok: ScriptedTikTok) -> None:
    wizard = begun(nora, north)
    query = left(nora, wizard)
    assert set(query) == {"service_id", "state"}, "the redirect address is fixed at TikTok"
    answer = nora.get(RETURN, {"code": "a-code", "state": query["state"], "app_key": "x", "locale": "en", "shop_region": "US"}, follow=True)
    assert "One step is left" in answer.content.decode()
    (asked,) = tiktok.asked(tiktok.GET)
    assert (asked.query["auth_code"], asked.query["grant_type"]) == ("a-code", "authorized_code")
    assert "is connected" in finish(nora, wizard)
    with tenant(north.psp.pk):
        store = Store.objects.select_related("connection__authorization").get(pk=store_of(north, wizard).pk)
        assert (store.shop_number, store.marketplace, store.place) == (SHOP, "US", SHOP)
        assert store.connection.state == Connection.State.CONNECTED
        row = store.connection.authorization
        assert row is not None
        assert (row.account_id, row.account_name) == ("7010736057180325637", "Demo Seller")
        assert row.expires_at is not None
        assert abs(row.expires_at.timestamp() - time.time() - 52 * WEEK_S) < 60, "the end is what TikTok said"
        account = account_of(row)
        assert account.keeper is not None
        assert (account.keeper.tokens().access_token, account.keeper.tokens().refresh_token) == ("TTP_access1", "TTP_refresh1")
        assert dict(account.keeper.shop_keys()) == {SHOP: f"TTP_{SHOP}"}
        raw = bytes(row.access_token_sealed or b"") + bytes(row.refresh_token_sealed or b"") + bytes(row.shops.get().key_sealed or b"")
        assert b"TTP_" not in raw


def test_of_several_shops_somebody_chooses_and_another_store_takes_the_other(nora: Client, north: House, tiktok: ScriptedTikTok) -> None:
    tiktok.routes[SHOPS] = envelope({"shops": [tiktok.shop(SHOP), tiktok.shop(OTHER_SHOP)]})
    first = authorised(nora, north)
    shown = nora.get(reverse("stores:wizard_finish", args=[first])).content.decode()
    assert "Which shop is it?" in shown and "Shop 7" in shown and "Shop 8" in shown
    assert "Choose which of them this store is" in finish(nora, first)
    assert "Choose which of them this store is" in finish(nora, first, shop="1")
    assert "is connected" in finish(nora, first, shop=OTHER_SHOP)
    assert store_of(north, first).shop_number == OTHER_SHOP

    second = begun(nora, north, name="Ada's second")
    with tenant(north.psp.pk):
        known = Authorization.objects.get(kind="tiktok")
    nora.post(reverse("stores:wizard_reuse", args=[second]), {"authorization": known.public_id})
    shown = nora.get(reverse("stores:wizard_finish", args=[second])).content.decode()
    assert SHOP in shown and "Shop 8" not in shown
    finish(nora, second)
    assert store_of(north, second).shop_number == SHOP
    assert permissions(north) == 1, "one consent serves both shops"

    third = begun(nora, north, name="Ada's third")
    nora.post(reverse("stores:wizard_reuse", args=[third]), {"authorization": known.public_id})
    assert "is another store of yours already" in nora.get(reverse("stores:wizard_finish", args=[third])).content.decode()
    assert "another store of yours already" in finish(nora, third)


def test_shop_that_was_connected_before_comes_back_as_the_store_it_was(nora: Client, north: House, tiktok: ScriptedTikTok) -> None:
    wizard = authorised(nora, north)
    finish(nora, wizard)
    before = store_of(north, wizard)
    with tenant(north.psp.pk):
        removing.disconnect(store_id=before.pk)
        assert Authorization.objects.get(kind="tiktok").access_token_sealed is None
        assert not GrantedShop.objects.exists()
    again = authorised(nora, north, name="Another name")
    finish(nora, again)
    assert store_of(north, again).pk == before.pk


def test_seller_is_connected_to_one_print_provider_at_a_time(nora: Client, north: House, south: House, tiktok: ScriptedTikTok) -> None:
    finish(nora, authorised(nora, north))
    mallory = browser_of(south.owner)
    wizard = begun(mallory, south)
    answer = mallory.get(RETURN, {"code": "b", "state": left(mallory, wizard)["state"]}, follow=True)
    said = answer.content.decode()
    assert "already connected to this hub by another company" in said
    assert "Northprint" not in said
    assert permissions(south) == 0


# --- Renewing -----------------------------------------------------------------------------------------------------------------------


def renew(browser: Client, store: Store) -> str:
    address = str(browser.post(reverse("stores:authorize", args=[store.public_id]))["Location"])
    state = parse_qs(urlsplit(address).query)["state"][0]
    return str(browser.get(RETURN, {"code": "newer", "state": state}, follow=True).content.decode())


def test_renewing_replaces_both_tokens_and_touches_nothing_else(nora: Client, north: House, tiktok: ScriptedTikTok) -> None:
    wizard = authorised(nora, north)
    finish(nora, wizard)
    store = store_of(north, wizard)
    renew(nora, store)
    with tenant(north.psp.pk):
        row = Authorization.objects.get(kind="tiktok")
        assert sealed_field(Authorization, "refresh_token_sealed").open_from(row) == "TTP_refresh2"
        assert sealed_field(Authorization, "access_token_sealed").open_from(row) == "TTP_access2"
        assert Store.objects.get(pk=store.pk).shop_number == SHOP


def test_shop_that_a_newer_consent_leaves_out_says_so(nora: Client, north: House, tiktok: ScriptedTikTok) -> None:
    tiktok.routes[SHOPS] = envelope({"shops": [tiktok.shop(SHOP), tiktok.shop(OTHER_SHOP)]})
    wizard = authorised(nora, north)
    finish(nora, wizard, shop=SHOP)
    other = begun(nora, north, name="Other")
    with tenant(north.psp.pk):
        known = Authorization.objects.get(kind="tiktok").public_id
    nora.post(reverse("stores:wizard_reuse", args=[other]), {"authorization": known})
    finish(nora, other)
    tiktok.routes[SHOPS] = envelope({"shops": [tiktok.shop(SHOP)]})
    renew(nora, store_of(north, wizard))
    with tenant(north.psp.pk):
        states = {one.store.shop_number: one.state for one in Connection.objects.filter(store__kind="tiktok").select_related("store")}
    assert states == {SHOP: Connection.State.CONNECTED, OTHER_SHOP: Connection.State.REVOKED}


# --- What is refused ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shop", "why"),
    [
        ({"region": "GB"}, "only TikTok Shops operating in the United States can be connected"),
        ({"seller_type": "CROSS_BORDER"}, "is a cross-border shop"),
    ],
)
def test_shops_that_cannot_be_connected_are_refused_with_the_reason(
    nora: Client, north: House, tiktok: ScriptedTikTok, shop: dict[str, str], why: str
) -> None:
    tiktok.routes[SHOPS] = envelope({"shops": [tiktok.shop(SHOP, **shop)]})
    wizard = begun(nora, north)
    answer = nora.get(RETURN, {"code": "a", "state": left(nora, wizard)["state"]}, follow=True)
    assert why in answer.content.decode()
    assert permissions(north) == 0


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"user_type": 1}, "an account that is no seller"),
        ({"granted_scopes": ["seller.order.info"]}, "It lacks rights that the hub needs (seller.authorization.info, seller.fulfillment.basic"),
        ({"open_id": ""}, "did not answer in time"),
    ],
)
def test_permissions_of_others_or_without_the_rights_are_refused(
    nora: Client, north: House, tiktok: ScriptedTikTok, told: dict[str, Any], why: str
) -> None:
    token = tiktok.routes[tiktok.GET]

    def with_changes(request: Seen) -> Reply:
        reply = token(request) if callable(token) else token
        return envelope(reply.body["data"] | told)

    tiktok.routes[tiktok.GET] = with_changes
    wizard = begun(nora, north)
    answer = nora.get(RETURN, {"code": "a", "state": left(nora, wizard)["state"]}, follow=True)
    assert why in answer.content.decode()
    assert permissions(north) == 0


@pytest.mark.parametrize("query", [{"code": "null", "error": "auth_denied"}, {"error": "access_denied"}, {"code": "null"}, {"code": ""}])
def test_declined_consent_is_a_no(nora: Client, north: House, tiktok: ScriptedTikTok, query: dict[str, str]) -> None:
    wizard = begun(nora, north)
    answer = nora.get(RETURN, query | {"state": left(nora, wizard)["state"]}, follow=True)
    assert "the permission was not given" in answer.content.decode()
    assert tiktok.asked(tiktok.GET) == []


def test_used_code_is_refused_and_a_replayed_answer_finds_nothing(nora: Client, north: House, tiktok: ScriptedTikTok) -> None:
    tiktok.routes[tiktok.GET] = envelope(code=36004004, message="Invalid auth code.")
    wizard = begun(nora, north)
    state = left(nora, wizard)["state"]
    assert "too old or was used before" in nora.get(RETURN, {"code": "a", "state": state}, follow=True).content.decode()
    assert "was used already" in nora.get(RETURN, {"code": "a", "state": state}, follow=True).content.decode()
    assert len(tiktok.asked(tiktok.GET)) == 1


# --- Begun at TikTok ----------------------------------------------------------------------------------------------------------------


def test_answer_without_a_state_attaches_nothing_until_a_person_says_for_which_store(nora: Client, north: House, tiktok: ScriptedTikTok) -> None:
    wizard = begun(nora, north)
    answer = nora.get(RETURN, {"code": "from-the-app-store"})
    assert answer["Location"] == reverse("stores:channel_start", args=["tiktok"])
    assert "Which store do you connect from TikTok Shop?" in nora.get(answer["Location"]).content.decode()
    assert tiktok.asked(tiktok.GET) == [] and permissions(north) == 0, "nothing is exchanged by itself"
    shown = nora.get(reverse("stores:wizard_authorize", args=[wizard])).content.decode()
    assert "Use the permission given there" in shown and "from-the-app-store" not in shown

    used = nora.post(reverse("stores:wizard_here", args=[wizard]))["Location"]
    assert used.startswith("http://localhost:8000" + RETURN)
    nora.get(used.removeprefix("http://localhost:8000"))
    assert [request.query["auth_code"] for request in tiktok.asked(tiktok.GET)] == ["from-the-app-store"]
    finish(nora, wizard)
    assert store_of(north, wizard).shop_number == SHOP


def test_visitor_with_a_code_signs_in_first_and_the_code_stands_in_no_address(client: Client, north: House, tiktok: ScriptedTikTok) -> None:
    answer = client.get(RETURN, {"code": "from-the-app-store"}, follow=True)
    addresses = [address for address, _status in answer.redirect_chain]
    assert not any("from-the-app-store" in address for address in addresses)
    assert "from-the-app-store" not in str(dict(client.session.items())), "it is sealed for this browser"
    client.post(
        reverse("account_login"), {"login": north.owner.email, "password": PASSWORD, "next": reverse("stores:channel_start", args=["tiktok"])}
    )
    assert "Which store do you connect" in client.get(reverse("stores:channel_start", args=["tiktok"])).content.decode()
    assert tiktok.asked(tiktok.GET) == []


def test_a_planted_code_can_be_left_aside(nora: Client, north: House, tiktok: ScriptedTikTok) -> None:
    wizard = begun(nora, north)
    nora.get(RETURN, {"code": "planted"})
    query = left(nora, wizard, begin="here")
    assert "service_id" in query, "it leaves for TikTok instead of using the planted code"
    nora.get(RETURN, {"code": "own", "state": query["state"]})
    assert [request.query["auth_code"] for request in tiktok.asked(tiktok.GET)] == ["own"]


def test_code_that_came_by_itself_is_forgotten_after_ten_minutes(nora: Client, north: House, tiktok: ScriptedTikTok) -> None:
    wizard = begun(nora, north)
    nora.get(RETURN, {"code": "old"})
    with time_machine.travel(time.time() + timedelta(minutes=11).total_seconds(), tick=True):
        assert "Use the permission given there" not in nora.get(reverse("stores:wizard_authorize", args=[wizard])).content.decode()


def test_state_of_another_browser_is_ignored(nora: Client, north: House, south: House, tiktok: ScriptedTikTok) -> None:
    state = left(nora, begun(nora, north))["state"]
    answer = browser_of(south.owner).get(RETURN, {"code": "a", "state": state}, follow=True)
    assert re.search("does not belong to a connection you started", answer.content.decode())
    assert tiktok.asked(tiktok.GET) == []
    with across_tenants(reason="test"):
        assert ConsentAttempt.objects.filter(kind="tiktok", used_at__isnull=False).count() == 0
