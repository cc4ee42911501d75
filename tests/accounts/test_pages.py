"""Start, customers and settings: who may do what, and what a page costs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from pod_hub.accounts.models import Customer, Facility, Psp, TradingName
from pod_hub.core.tenancy import tenant
from tests.factories.browsers import browser_of
from tests.factories.cast import House

pytestmark = pytest.mark.django_db
FRAME = 8  # session, user, membership, opening and closing the scope, the number in the navigation
Budget = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture
def nora(north: House) -> Client:
    return browser_of(north.owner)


def page(browser: Client, address: str, **query: str) -> str:
    answer = browser.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


def at(name: str, house: House) -> str:
    return reverse(f"accounts:{name}", args=[house.customer.public_id])


def test_start_sends_visitors_to_sign_in_and_staff_to_work(nora: Client) -> None:
    assert Client().get("/")["Location"].startswith("/accounts/login/")
    assert nora.get("/").status_code == 302


def test_start_greets_merchants_in_their_own_frame(north: House) -> None:
    north.worker.memberships.update(role="merchant", customer=north.customer)
    answer = browser_of(north.worker).get("/", follow=True)
    assert "Hello, Ben" in answer.content.decode() and "what Ada sells is printed and shipped by Northprint" in answer.content.decode()


def test_login_without_a_place_is_told_so(north: House) -> None:
    north.worker.memberships.update(is_active=False)
    answer = browser_of(north.worker).get("/")
    assert answer.status_code == 403
    assert "belongs to no print provider" in answer.content.decode()


def test_customers_are_found_by_the_beginning_of_the_name_in_any_case(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        Customer.objects.create(name="ädelgard")
    address = reverse("accounts:customers")
    assert "ädelgard" in page(nora, address, q="ÄDEL")
    assert "name begins like that" in page(nora, address, q="da")
    assert ">Ada<" in page(nora, address, q="a")


def test_customer_list_shows_access_and_stores_and_keeps_its_budget(nora: Client, north: House, django_assert_max_num_queries: Budget) -> None:
    with tenant(north.psp.pk):
        Customer.objects.bulk_create(Customer(name=f"Customer {n:03}") for n in range(60))
    with django_assert_max_num_queries(FRAME + 6):
        first = nora.get(reverse("accounts:customers")).context["page"]
    assert (first.rows[0].name, first.rows[0].store_count, len(first.rows)) == ("Ada", 1, 50)
    second = nora.get(reverse("accounts:customers"), {"page": first.after}).context["page"]
    assert (len(second.rows), second.after) == (11, "")


def test_empty_list_says_what_to_do(north: House) -> None:
    other = Psp.objects.create(name="New", slug="new")
    north.owner.memberships.update(psp=other)
    assert "Add the first merchant you print for" in page(browser_of(north.owner), reverse("accounts:customers"))


def test_customer_page_shows_stores_products_and_trading_names(nora: Client, north: House, django_assert_max_num_queries: Budget) -> None:
    with django_assert_max_num_queries(FRAME + 10):
        shown = page(nora, at("customer", north))
    for text in ("Ada Amazon.de", "MUG-11", "STICKER", "Ada Trading", "Edit customer"):
        assert text in shown


def test_customer_is_added_once(nora: Client, north: House) -> None:
    answer = nora.post(reverse("accounts:add_customer"), {"name": "Grete", "storefronts_enabled": "on"}, follow=True)
    assert "“Grete” was added" in answer.content.decode()
    again = nora.post(reverse("accounts:add_customer"), {"name": "GRETE"})
    assert again.status_code == 422
    assert "You have a customer of this name" in again.content.decode()


def test_two_tenants_may_have_customers_of_the_same_name(north: House, south: House) -> None:
    assert browser_of(south.owner).post(reverse("accounts:add_customer"), {"name": "Ada"}).status_code == 302


def test_customer_is_renamed_and_a_taken_name_is_refused(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        Customer.objects.create(name="Grete")
    assert nora.post(at("edit_customer", north), {"name": "grete"}).status_code == 422
    assert nora.post(at("edit_customer", north), {"name": ""}).status_code == 422
    assert nora.post(at("edit_customer", north), {"name": "Ada II"}).status_code == 302
    with tenant(north.psp.pk):
        assert Customer.objects.get(pk=north.customer.pk).name == "Ada II"


def test_storefronts_are_switched(nora: Client, north: House) -> None:
    for value, expected in (("no", False), ("yes", True), ("", False)):
        nora.post(at("switch_storefronts", north), {"enabled": value})
        with tenant(north.psp.pk):
            assert Customer.objects.get().storefronts_enabled is expected


def test_trading_name_is_added_once(nora: Client, north: House) -> None:
    assert nora.post(at("add_trading_name", north), {"name": "Ada & Co"}).status_code == 302
    again = nora.post(at("add_trading_name", north), {"name": "ADA & CO"})
    assert again.status_code == 422
    assert "has this trading name already" in again.content.decode()
    with tenant(north.psp.pk):
        assert TradingName.objects.count() == 2


@pytest.mark.parametrize("name", ["customer", "edit_customer"])
def test_another_tenant_and_merchants_find_nothing(north: House, south: House, name: str) -> None:
    assert browser_of(south.owner).get(at(name, north)).status_code == 404
    north.worker.memberships.update(role="merchant", customer=north.customer)
    assert browser_of(north.worker).get(at(name, north)).status_code == 404
    assert Client().get(at(name, north)).status_code == 302


@pytest.mark.parametrize("name", ["edit_customer", "switch_storefronts", "add_trading_name"])
def test_readers_and_production_change_no_customer(north: House, name: str) -> None:
    for person in (north.reader, north.worker):
        assert browser_of(person).post(at(name, north), {"name": "X", "enabled": "no"}).status_code == 403
    with tenant(north.psp.pk):
        assert Customer.objects.get().storefronts_enabled is True


FACILITY: dict[str, Any] = {
    "working_days": ["1", "2"],
    "name": "Second plant",
    "address_lines": "Dock 2",
    "city": "Kiel",
    "postcode": "24103",
    "region": "",
    "country": "DE",
    "time_zone": "Europe/Berlin",
    "is_active": "on",
}


def test_facility_is_added_and_changed(nora: Client, north: House) -> None:
    assert nora.post(reverse("accounts:add_facility"), FACILITY).status_code == 302
    twin = nora.post(reverse("accounts:add_facility"), FACILITY | {"name": "second PLANT"})
    assert "You have a facility of this name" in twin.content.decode()
    with tenant(north.psp.pk):
        row = Facility.objects.get(city="Kiel")
    assert nora.post(reverse("accounts:edit_facility", args=[row.public_id]), FACILITY | {"city": "Lübeck"}).status_code == 302
    assert "Lübeck" in page(nora, reverse("accounts:settings"))


@pytest.mark.parametrize(("field", "value"), [("time_zone", "Mars/Base"), ("country", "XX"), ("name", ""), ("postcode", "1" * 21)])
def test_bad_facility_is_refused(nora: Client, north: House, field: str, value: str) -> None:
    assert nora.post(reverse("accounts:add_facility"), FACILITY | {field: value}).status_code == 422
    with tenant(north.psp.pk):
        assert Facility.objects.count() == 1


def test_settings_show_facilities_members_and_integrations(nora: Client, north: House, django_assert_max_num_queries: Budget) -> None:
    with django_assert_max_num_queries(FRAME + 10):
        shown = page(nora, reverse("accounts:settings"))
    for text in ("Northprint plant", "rita@northprint.test", "read only", "Ada Amazon.de", "Connected"):
        assert text in shown
    assert "southprint" not in shown


def test_psp_is_renamed_by_its_managers_only(nora: Client, north: House) -> None:
    assert browser_of(north.reader).post(reverse("accounts:settings"), {"name": "X", "time_zone": "UTC"}).status_code == 403
    assert nora.post(reverse("accounts:settings"), {"name": "X", "time_zone": "Mars/Base"}).status_code == 422
    assert nora.post(reverse("accounts:settings"), {"name": "North & Co", "time_zone": "Europe/Paris"}).status_code == 302
    assert Psp.objects.get(pk=north.psp.pk).name == "North & Co"


def test_a_form_sent_after_the_session_ended_comes_back_to_its_page_and_says_that_nothing_was_done(north: House) -> None:
    store = reverse("stores:connection", args=[north.store.public_id])
    visitor = Client()
    answer = visitor.post(reverse("stores:pause", args=[north.store.public_id]), headers={"referer": f"http://testserver{store}"})
    assert answer["Location"] == f"{reverse('account_login')}?next={store}"
    assert "nothing was done" in visitor.get(answer["Location"]).content.decode()
    elsewhere = Client().post(reverse("stores:pause", args=[north.store.public_id]), headers={"referer": "https://evil.test/x"})
    assert elsewhere["Location"] == f"{reverse('account_login')}?next=/"
