"""Connecting a store through its pages, against the imitation Amazon: the good way, and every bad answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from pod_hub.accounts.models import Customer
from pod_hub.core.tenancy import across_tenants, scope_is_open, tenant
from stores.channels import registry
from stores.channels.consent_types import Grant
from stores.models import Authorization, Connection, Store
from stores.sandbox.amazon.seed import NORTH
from stores.sandbox.amazon.server import ImitationAmazon
from stores.services import connecting, removing
from stores.services.authorizations import attach_grant
from stores.services.setup import add_store
from stores.services.who_authorises import allow_staff
from tests.factories.browsers import browser_of
from tests.factories.cast import GERMANY, UNITED_KINGDOM, House
from tests.stores.conftest import RETURN, Trip

FRANCE = "A13V1IB3VIYZZH"


@pytest.fixture
def trip(amazon: ImitationAmazon, north: House) -> Trip:
    """Nora's browser and a new British store of Ada, whose German store is connected already."""
    return Trip(amazon, north, shop(north, UNITED_KINGDOM))


def shop(house: House, marketplace: str, *, customer: Customer | None = None) -> Store:
    """A store that was added and not connected."""
    with tenant(house.psp.pk):
        return add_store(
            customer=customer or house.customer, facility=house.facility, trading_name=None, kind="amazon", name="New shop", marketplace=marketplace
        )


def test_confirmed_consent_connects_the_store_and_leads_to_its_page(trip: Trip) -> None:
    back = trip.confirm(trip.leave(), seller_id=NORTH.seller_id)
    answer = trip.browser.get(back)
    assert (answer.status_code, answer["Location"]) == (302, reverse("stores:store", args=[trip.store.public_id]))
    assert trip.state() == Connection.State.CONNECTED
    assert trip.outcomes() == ["connected"]
    assert "is connected" in trip.browser.get(answer["Location"]).content.decode()
    with tenant(trip.house.psp.pk):
        assert Store.objects.get(pk=trip.store.pk).account_id == NORTH.seller_id
        assert Authorization.objects.count() == 1, "one consent serves both stores of the seller"


def test_the_address_with_the_code_is_kept_by_nobody(trip: Trip) -> None:
    answer = trip.browser.get(trip.confirm(trip.leave(), seller_id=NORTH.seller_id))
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]
    assert "spapi_oauth_code" not in answer["Location"]


def test_the_network_is_called_without_a_scope(trip: Trip, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, depth = [], len(connection.atomic_blocks)
    real = registry.channel_for

    def watching(*args: object) -> object:
        seen.append((scope_is_open(), len(connection.atomic_blocks) - depth))
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(connecting, "channel_for", watching)
    trip.browser.get(trip.confirm(trip.leave(), seller_id=NORTH.seller_id))
    assert set(seen) == {(False, 0)}


def refused(trip: Trip, back: str, *words: str, browser: Client | None = None) -> None:
    """Come back with a bad answer: nothing is connected, and the page says why."""
    browser = browser or trip.browser
    answer = browser.get(back, follow=True)
    assert answer.status_code == 200
    shown = answer.content.decode()
    for word in words:
        assert word in shown
    assert trip.state() == Connection.State.PENDING
    with tenant(trip.house.psp.pk):
        assert Store.objects.get(pk=trip.store.pk).account_id == ""


def test_tampered_state_is_ignored(trip: Trip) -> None:
    back = trip.confirm(trip.leave(), seller_id=NORTH.seller_id)
    refused(trip, back.replace("state=", "state=x"), "does not belong to a connection you started in this browser")


def test_missing_parameters_are_ignored(trip: Trip) -> None:
    trip.leave()
    refused(trip, RETURN, "does not belong to a connection you started in this browser")


def test_replayed_state_is_ignored(trip: Trip) -> None:
    back = trip.confirm(trip.leave(), seller_id=NORTH.seller_id)
    trip.browser.get(back)
    tokens = len(trip.amazon.books.requests())
    answer = trip.browser.get(back, follow=True)
    assert "was used already" in answer.content.decode()
    assert len(trip.amazon.books.requests()) == tokens, "the channel was asked again"
    assert trip.state() == Connection.State.CONNECTED


def test_answer_in_another_browser_session_is_ignored(trip: Trip) -> None:
    back = trip.confirm(trip.leave(), seller_id=NORTH.seller_id)
    refused(trip, back, "does not belong to a connection you started in this browser", browser=browser_of(trip.house.owner))


def test_answer_of_another_person_in_the_same_psp_is_ignored(trip: Trip) -> None:
    back = trip.confirm(trip.leave(), seller_id=NORTH.seller_id)
    with_right = trip.house.worker.memberships.get()
    with_right.role = "manager"
    with_right.save()
    ben = browser_of(trip.house.worker)
    session = ben.session
    session.update({"consent_browser": trip.browser.session["consent_browser"]})
    session.save()
    refused(trip, back, "does not belong to a connection you started in this browser", browser=ben)


def test_answer_of_another_tenant_is_ignored(trip: Trip, south: House) -> None:
    back = trip.confirm(trip.leave(), seller_id=NORTH.seller_id)
    mallory = browser_of(south.owner)
    session = mallory.session
    session.update({"consent_browser": trip.browser.session["consent_browser"]})
    session.save()
    answer = mallory.get(back, follow=True)
    assert "New shop" not in answer.content.decode()
    assert trip.state() == Connection.State.PENDING


def test_answer_after_thirty_minutes_is_refused(trip: Trip) -> None:
    back = trip.confirm(trip.leave(), seller_id=NORTH.seller_id)
    with time_machine.travel(now() + timedelta(minutes=31)):
        refused(trip, back, "took longer than thirty minutes")


def test_declined_consent_says_so_and_offers_to_start_again(trip: Trip) -> None:
    refused(trip, trip.decline(trip.leave()), "the permission was not given", reverse("stores:connect", args=[trip.store.public_id]))
    assert "not given" in trip.outcomes()[0]


def test_refused_code_is_explained(trip: Trip) -> None:
    back = trip.confirm(trip.leave(), seller_id=NORTH.seller_id)
    refused(trip, back.replace("spapi_oauth_code=", "spapi_oauth_code=x"), "Press “Authorize” again")


def test_permission_of_one_seller_does_not_occupy_another_sellers_id(trip: Trip) -> None:
    with tenant(trip.house.psp.pk):
        Authorization.objects.all().update(state="revoked")
    back = trip.confirm(trip.leave(), seller_id=NORTH.seller_id).replace(NORTH.seller_id, "A9SOMEBODYELSE")
    trip.browser.get(back)
    assert "does not belong to seller A9SOMEBODYELSE" in trip.outcomes()[0]
    with across_tenants(reason="test"):
        assert not Authorization.objects.filter(account_id="A9SOMEBODYELSE").exists()


@pytest.mark.parametrize("seller", ["", "%00", "A" * 65, "A-B"])
def test_answer_that_names_no_seller_is_refused(trip: Trip, seller: str) -> None:
    back = trip.confirm(trip.leave(), seller_id=NORTH.seller_id)
    refused(trip, back.replace(f"selling_partner_id={NORTH.seller_id}", f"selling_partner_id={seller}"), "names no seller")


def test_seller_connected_to_another_psp_is_refused_without_naming_it(trip: Trip, south: House) -> None:
    with tenant(trip.house.psp.pk):
        removing.disconnect(store_id=trip.house.store.pk)
    with tenant(south.psp.pk):
        grant = Grant(account_id=NORTH.seller_id, refresh_token="Atzr|taken", access_token="", access_expires_in_s=0)
        taken = Store.objects.create(customer=south.customer, facility=south.facility, kind="amazon", name="Taken", marketplace=GERMANY)
        attach_grant(store_id=taken.pk, grant=grant, region="EU")
    back = trip.confirm(trip.leave(), seller_id=NORTH.seller_id)
    refused(trip, back, "already connected to this hub by another company")
    shown = trip.browser.get(reverse("stores:connection", args=[trip.store.public_id])).content.decode()
    assert "Southprint" not in shown
    assert "Sampson" not in shown


def test_seller_connected_under_another_customer_is_refused(trip: Trip) -> None:
    with tenant(trip.house.psp.pk):
        grete = Customer.objects.create(name="Grete", storefronts_enabled=True)
        Store.objects.filter(pk=trip.store.pk).update(customer=grete)
        allow_staff(customer_id=grete.pk, user=trip.house.owner, allowed=True)
    refused(trip, trip.confirm(trip.leave(), seller_id=NORTH.seller_id), "connected under another customer of yours")


def test_marketplace_the_seller_does_not_take_part_in_is_refused(amazon: ImitationAmazon, north: House) -> None:
    trip = Trip(amazon, north, shop(north, FRANCE))
    refused(trip, trip.confirm(trip.leave(), seller_id=NORTH.seller_id), "does not sell on France", "DE, GB")


def test_customer_without_storefronts_access_cannot_start(trip: Trip) -> None:
    with tenant(trip.house.psp.pk):
        Customer.objects.update(storefronts_enabled=False)
    answer = trip.browser.post(reverse("stores:authorize", args=[trip.store.public_id]), follow=True)
    assert "has no storefronts access" in answer.content.decode()
    assert trip.outcomes() == []


def test_signed_out_browser_is_asked_to_sign_in_without_its_code_in_the_address(trip: Trip) -> None:
    back = trip.confirm(trip.leave(), seller_id=NORTH.seller_id)
    answer = Client().get(back)
    assert answer.status_code == 302
    assert "spapi" not in answer["Location"]


def test_return_address_of_an_unknown_channel_does_not_exist(trip: Trip) -> None:
    assert trip.browser.get("/stores/connect/ebay/return/").status_code == 404
    assert trip.browser.get("/stores/connect/csv/return/").status_code == 404


def test_second_store_of_a_seller_gets_its_orders_of_the_last_days_too(trip: Trip) -> None:
    with across_tenants(reason="test"):
        Authorization.objects.update(orders_cursor=now())
    trip.browser.get(trip.confirm(trip.leave(), seller_id=NORTH.seller_id))
    with tenant(trip.house.psp.pk):
        assert Authorization.objects.get().orders_cursor is None, "the cursor knows nothing of the new store's earlier orders"


def test_disconnecting_ends_import_and_keeps_the_store(trip: Trip) -> None:
    store = trip.house.store
    page = reverse("stores:disconnect", args=[store.public_id])
    assert "No more orders are imported" in trip.browser.get(page).content.decode()
    answer = trip.browser.post(page, follow=True)
    assert "is disconnected" in answer.content.decode()
    with tenant(trip.house.psp.pk):
        row = Store.objects.select_related("connection").get(pk=store.pk)
        assert (row.connection.state, row.account_id) == (Connection.State.DISABLED, NORTH.seller_id)
        assert Authorization.objects.get().refresh_token_sealed is None
