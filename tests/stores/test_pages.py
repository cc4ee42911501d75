"""The pages of stores: what staff see and change, what others cannot, and what a page costs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from orders.services.mapping import map_listing
from pod_hub.accounts.actors import HUB
from pod_hub.accounts.models import Customer
from pod_hub.core.tenancy import tenant
from stores.models import Authorization, Connection, Listing, Store
from stores.services.authorizations import permission_lost
from stores.services.syncing import sync_next
from tests.factories.browsers import browser_of
from tests.factories.cast import House
from tests.stores.conftest import Trip

pytestmark = pytest.mark.django_db
# Session, user, membership, opening and closing the scope: what every page of the dashboard costs before its own work.
FRAME = 8  # as in tests/accounts/test_pages.py
FRANCE = "A13V1IB3VIYZZH"
Budget = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture
def nora(north: House) -> Client:
    return browser_of(north.owner)


def page(browser: Client, address: str, **query: str) -> str:
    answer = browser.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


def at(name: str, house: House) -> str:
    return reverse(f"stores:{name}", args=[house.store.public_id])


def test_list_shows_each_store_with_state_as_icon_and_text(nora: Client, north: House) -> None:
    shown = page(nora, reverse("stores:stores"))
    assert "Ada Amazon.de" in shown
    assert "Connected" in shown
    assert "#plug-connected" in shown


def test_list_stays_within_its_budget_however_many_stores_there_are(nora: Client, north: House, django_assert_max_num_queries: Budget) -> None:
    with tenant(north.psp.pk):
        for number in range(12):
            Store.objects.create(customer=north.customer, facility=north.facility, kind="amazon", name=f"Shop {number}", marketplace=FRANCE)
    with django_assert_max_num_queries(FRAME + 6):
        page(nora, reverse("stores:stores"))


def test_store_pages_stay_within_their_budget(nora: Client, north: House, django_assert_max_num_queries: Budget) -> None:
    with tenant(north.psp.pk):
        Listing.objects.bulk_create(Listing(store=north.store, key=f"S{n}", sku=f"S{n}", title=f"Thing {n}") for n in range(70))
    for name, budget in (("store", 14), ("settings", 10), ("connection", 10)):
        with django_assert_max_num_queries(FRAME + budget):
            page(nora, at(name, north))


def test_search_finds_stores_by_the_beginning_of_the_name_in_any_case(nora: Client, north: House) -> None:
    assert "Ada Amazon.de" in page(nora, reverse("stores:stores"), q="aDA am")
    assert "No store fits these filters" in page(nora, reverse("stores:stores"), q="amazon")
    assert "No store fits these filters" in page(nora, reverse("stores:stores"), state="expired")


def test_lost_permission_is_shown_with_its_remedy(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        permission_lost(Authorization.objects.get(), "Amazon no longer accepts this permission.")
    shown = page(nora, reverse("stores:stores"))
    assert "Permission withdrawn" in shown
    assert "Amazon no longer accepts this permission." in shown
    assert "has to give the permission again" in shown


def test_pages_go_on_where_the_one_before_ended(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        Listing.objects.bulk_create(Listing(store=north.store, key=f"S{n}", sku=f"S{n}", title=f"Thing {n % 3}") for n in range(120))
    seen: list[str] = []
    context = nora.get(at("store", north)).context
    while True:
        seen += [row.listing.key for row in context["page"].rows]
        if not context["page"].after:
            break
        context = nora.get(at("store", north), {"page": context["page"].after}).context
    assert len(seen) == len(set(seen)) == 121
    back = nora.get(at("store", north), {"page": context["page"].before}).context["page"]
    assert [row.listing.key for row in back.rows] == seen[50:100]


@pytest.mark.parametrize("token", ["x", "%00", "WzEsMl0", "W2ZhbHNlLCJhIiwieCJd", "W2ZhbHNlLCJhIiw5OTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ"])
def test_broken_page_tokens_show_the_list(nora: Client, north: House, token: str) -> None:
    page(nora, at("store", north), page=token)


def test_listings_are_found_by_sku_product_number_and_beginning_of_title(nora: Client, north: House) -> None:
    for text in ("mug-11", "MUG-11OZ-WHITE", "b0demomug1", "ceramic m"):
        assert "Ceramic mug" in page(nora, at("store", north), q=text)
    assert "No product fits these filters" in page(nora, at("store", north), q="tee")


def test_listings_are_filtered_by_their_connection(nora: Client, north: House) -> None:
    assert "Ceramic mug" in page(nora, at("store", north), show="unmapped")
    assert "No product fits" in page(nora, at("store", north), show="mapped")
    with tenant(north.psp.pk):
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=north.design.pk, actor=HUB)
    shown = page(nora, at("store", north), show="mapped")
    assert "Teal" in shown and "Change" in shown
    assert "No product fits" in page(nora, at("store", north), show="unmapped")
    with tenant(north.psp.pk):
        Listing.objects.update(gone_at=now())
    assert "Gone from the store" in page(nora, at("store", north), show="gone")
    assert "No product fits" in page(nora, at("store", north), show="mapped")


def test_sync_is_a_row_whose_progress_survives_a_reload_and_ends_with_counts(trip_home: Trip) -> None:
    browser, house = trip_home.browser, trip_home.house
    browser.post(at("sync", house))
    running = page(browser, at("store", house))
    assert "Syncing products" in running
    assert at("sync_progress", house) in running
    assert "A sync is running already" in browser.post(at("sync", house), follow=True).content.decode()
    while sync_next() is not None:
        pass
    answer = browser.get(at("sync_progress", house))
    assert answer["HX-Refresh"] == "true"
    shown = page(browser, at("store", house))
    assert "products read" in shown
    assert "Classic T-shirt, black, M" in shown


@pytest.fixture
def trip_home(amazon: Any, north: House) -> Trip:
    """Nora's browser, and Ada's German store with a token that the imitation knows."""
    trip = Trip(amazon, north, north.store)
    trip.browser.get(trip.confirm(trip.leave(), seller_id="A2XDEMONORTH01"))
    return trip


def test_sync_of_a_store_that_is_not_connected_says_what_to_do(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        Connection.objects.update(authorization=None, state="disabled")
    assert "Connect it first, then sync" in nora.post(at("sync", north), follow=True).content.decode()


SETTINGS = {
    "fulfilled_by": "merchant",
    "import_states": ["unshipped"],
    "max_order_age_days": "14",
    "handling_days": "3",
    "inventory_channel_code": "DEPOT-2",
    "mark_as_despatched": "on",
    "approval": "none",
    "import_paused": "on",
}


def test_settings_are_saved(nora: Client, north: House) -> None:
    assert nora.post(at("settings", north), SETTINGS).status_code == 302
    with tenant(north.psp.pk):
        row = Connection.objects.get()
    assert (row.import_states, row.max_order_age_days, row.handling_days) == (["unshipped"], 14, 3)
    assert (row.inventory_channel_code, row.import_paused, row.push_paused) == ("DEPOT-2", True, False)


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("max_order_age_days", "0", "takes numbers from 1 to 365."),
        ("handling_days", "31", "takes numbers from 1 to 30."),
        ("import_states", ["pending"], "does not hold this entry. Choose one that it holds."),
        ("import_states", [], "Choose at least one status"),
        ("inventory_channel_code", "a b", "letters, digits, dashes"),
        ("fulfilled_by", "nobody", "does not hold this entry. Choose one that it holds."),
    ],
)
def test_bad_settings_are_refused_beside_the_field_and_change_nothing(nora: Client, north: House, field: str, value: Any, why: str) -> None:
    answer = nora.post(at("settings", north), SETTINGS | {field: value})
    assert answer.status_code == 422
    assert why in answer.content.decode()
    with tenant(north.psp.pk):
        assert Connection.objects.get().max_order_age_days == 7


def test_import_that_goes_on_after_a_pause_looks_back(nora: Client, north: House) -> None:
    nora.post(at("settings", north), SETTINGS)
    with tenant(north.psp.pk):
        Authorization.objects.update(orders_cursor=now())
    nora.post(at("settings", north), {key: value for key, value in SETTINGS.items() if key != "import_paused"})
    with tenant(north.psp.pk):
        assert Authorization.objects.get().orders_cursor is None


def new_store(house: House, **changes: Any) -> dict[str, Any]:
    return {"customer": house.customer.pk, "place": f"amazon:{FRANCE}", "facility": house.facility.pk, "trading_name": "", "name": ""} | changes


def test_store_is_added_with_a_name_of_its_own_and_waits_for_its_permission(nora: Client, north: House) -> None:
    answer = nora.post(reverse("stores:add"), new_store(north), follow=True)
    shown = answer.content.decode()
    assert "Ada · Amazon France" in shown
    assert "Not connected yet" in shown
    assert "Connect" in shown


def test_add_store_warns_of_missing_access_and_products(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        grete = Customer.objects.create(name="Grete", storefronts_enabled=False)
        north.sticker.is_active = False
        north.sticker.save()
    shown = page(nora, reverse("stores:add"), customer=grete.public_id)
    assert "“Grete” has no storefronts access." in shown
    assert "“Grete” may not use any product yet." in shown
    assert "may not use any product" not in page(nora, reverse("stores:add"), customer=north.customer.public_id)


@pytest.mark.parametrize("field", ["customer", "facility", "trading_name"])
def test_other_tenants_ids_are_refused_by_the_form(nora: Client, north: House, south: House, field: str) -> None:
    answer = nora.post(reverse("stores:add"), new_store(north, **{field: getattr(south, field).pk}))
    assert answer.status_code == 422
    with tenant(north.psp.pk):
        assert Store.objects.count() == 1


@pytest.mark.parametrize("value", ["", "amazon:", "amazon:X", "tiktok:", "x", "99999999999999999999999"])
def test_places_that_do_not_exist_are_refused(nora: Client, north: House, value: str) -> None:
    assert nora.post(reverse("stores:add"), new_store(north, place=value)).status_code == 422
    assert nora.post(reverse("stores:add"), new_store(north, customer=value)).status_code == 422


@pytest.mark.parametrize("address", ["/stores/%00/", "/catalog/products/%00/", "/customers/%00/", "/stores/sto_0000000000000000/"])
def test_addresses_that_name_nothing_are_not_found(nora: Client, address: str) -> None:
    assert nora.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/stores/", "/customers/", "/stores/add/", "/catalog/"])
def test_nonsense_in_the_address_is_no_error(nora: Client, north: House, address: str) -> None:
    nonsense = {"q": "a\0b", "page": "\0", "state": "x", "customer": "\0", "show": "x"}
    assert nora.get(address, nonsense).status_code == 200
    assert nora.get(reverse("stores:store", args=[north.store.public_id]), nonsense).status_code == 200


ADDRESSES = ["store", "settings", "edit", "connection", "disconnect", "delete", "test_result", "sync_progress"]


@pytest.mark.parametrize("name", ADDRESSES)
def test_another_tenant_and_merchants_find_nothing(north: House, south: House, name: str) -> None:
    assert browser_of(south.owner).get(at(name, north)).status_code == 404
    with tenant(north.psp.pk):
        other = Customer.objects.create(name="Grete", storefronts_enabled=True)
    north.worker.memberships.update(role="merchant", customer=other)
    assert browser_of(north.worker).get(at(name, north)).status_code == 404
    assert Client().get(at(name, north)).status_code == 302


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_merchant_opens_every_page_of_its_own_store_in_the_portals_frame(north: House, name: str) -> None:
    north.worker.memberships.update(role="merchant", customer=north.customer)
    answer = browser_of(north.worker).get(at(name, north))
    assert answer.status_code == 200
    if name not in {"sync_progress", "test_result"}:  # parts of a page
        assert 'class="is-portal"' in answer.content.decode()
    assert "Northprint plant" not in answer.content.decode(), "where it prints is the print provider's business"


@pytest.mark.parametrize("name", ["settings", "edit", "authorize", "disconnect", "delete", "sync", "pause", "test", "ask_merchant", "connect"])
def test_readers_change_nothing(north: House, name: str) -> None:
    assert browser_of(north.reader).post(at(name, north), SETTINGS).status_code == 403
    with tenant(north.psp.pk):
        assert Connection.objects.get().state == "connected"


def test_readers_see_no_buttons_that_they_may_not_press(north: House) -> None:
    shown = page(browser_of(north.reader), at("store", north))
    assert "Sync Products</" not in shown
    assert "Edit store" not in shown


def test_pages_let_browsers_reach_the_channel_and_nothing_else(nora: Client, north: House) -> None:
    policy = nora.get(at("connection", north))["Content-Security-Policy"]
    assert "form-action 'self' https://sellercentral-europe.amazon.com" in policy
    assert "img-src 'self' data: https://m.media-amazon.com" in policy
    assert "amazon" not in nora.get(reverse("stores:stores"))["Content-Security-Policy"]
