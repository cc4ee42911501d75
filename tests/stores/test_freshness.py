"""Freshness stands on every tab of a store and in the store list; a store without a marketplace says what it is instead."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils.timezone import now

from orders.models import Order
from pod_hub.core.tenancy import tenant
from stores.models import Authorization, Store
from tests.factories.browsers import browser_of
from tests.factories.cast import House
from tests.factories.programs import manual_order, program

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 10, 11, 5, tzinfo=UTC)  # 12:05 in Berlin
TABS = ("stores:store", "stores:settings", "stores:connection")


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def read(house: House, page: str) -> str:
    return words(browser_of(house.owner).get(reverse(page, args=[house.store.public_id])).content.decode())


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_says_when_the_last_import_was_when_the_next_is_and_what_it_waits_for(north: House, tab: str) -> None:
    with tenant(north.psp.pk):
        Authorization.objects.update(
            last_poll_ok_at=NOON - timedelta(minutes=2), next_poll_at=NOON + timedelta(minutes=13), poll_failures=0, poll_waits_for="quota"
        )
    with time_machine.travel(NOON, tick=False):
        assert "Last import ok 12:03 , 2 minutes ago · the next begins in 13 minutes ( 12:18 ) · waits for quota" in read(north, tab)


def test_what_is_due_comes_any_moment_and_not_just_now(north: House) -> None:
    with tenant(north.psp.pk):
        Authorization.objects.update(last_poll_ok_at=now(), next_poll_at=now(), poll_failures=0)
    assert "the next begins any moment" in read(north, "stores:store")
    for page in ("stores:stores", "orders:orders"):
        shown = words(browser_of(north.owner).get(reverse(page)).content.decode())
        assert "any moment" in shown and "begins just now" not in shown


def test_a_failing_import_and_a_lost_permission_say_so(north: House) -> None:
    with tenant(north.psp.pk):
        Authorization.objects.update(last_poll_ok_at=now() - timedelta(hours=1), poll_failures=3, last_error="Amazon does not answer.")
    assert "Last import that went well" in read(north, "stores:settings") and "Amazon does not answer." in read(north, "stores:settings")
    with tenant(north.psp.pk):
        Authorization.objects.update(state="reconnect")
    assert "nothing is imported until the permission is given again" in read(north, "stores:store")


def test_a_store_without_a_marketplace_is_added_and_takes_orders_by_api(north: House) -> None:
    nora = browser_of(north.owner)
    page = reverse("stores:add_by_hand")
    assert page in nora.get(reverse("stores:stores")).content.decode()
    sent = {"customer": north.customer.pk, "facility": north.facility.pk, "name": "ada.example"}
    added = nora.post(page, sent, follow=True)
    with tenant(north.psp.pk):
        store = Store.objects.get(kind="manual")
    shown = words(added.content.decode())
    assert store.public_id in shown and "Orders by API" in shown and "Authorize" not in shown
    assert program(north).post("orders", manual_order(store, north)).status_code == 201
    with tenant(north.psp.pk):
        assert Order.objects.get().store_id == store.pk
    assert "Orders by API" in words(nora.get(reverse("stores:stores")).content.decode())
    assert nora.post(page, sent | {"name": ""}).status_code == 422
