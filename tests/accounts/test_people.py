"""Members: roles, limits, ending; seen from outside, by what the next page says."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.models import Category
from pod_hub.accounts.models import Customer, Facility, Membership, PortalVisit, Psp, Role
from pod_hub.accounts.services import people
from pod_hub.accounts.services.people import CannotChange, NotAllowed
from pod_hub.core.tenancy import tenant
from tests.factories.amazon_orders import bought
from tests.factories.browsers import browser_of
from tests.factories.cast import PASSWORD, House, artwork, northprint, person
from tests.factories.invitations import invited, place_of
from tests.races.together import raised, together

pytestmark = pytest.mark.django_db
FRAME = 7
Budget = Callable[[int], AbstractContextManager[Any]]
ORDERS = reverse("orders:orders")


@pytest.fixture
def nora(north: House) -> Client:
    return browser_of(north.owner)


def second_customer(house: House) -> Customer:
    with tenant(house.psp.pk):
        return Customer.objects.create(name="Zed", storefronts_enabled=True)


def test_the_people_page_shows_members_and_invitations_and_keeps_its_budget(
    nora: Client, north: House, django_assert_max_num_queries: Budget
) -> None:
    invited(north, email="soon@print.test", role=Role.MANAGER)
    Membership.objects.filter(user=north.worker).update(only_customers=[north.customer.pk], only_facilities=[north.facility.pk])
    for number in range(20):
        person(north.psp, f"P{number}", Role.READER)
    with django_assert_max_num_queries(FRAME + 5):
        text = nora.get(reverse("accounts:people")).content.decode()
    assert "soon@print.test" in text and "Invited" in text
    assert "only Ada · Northprint plant" in text
    assert "Accountant (read only)" in text


@pytest.mark.parametrize(("act", "standing"), [("block_member", "blocked"), ("archive_member", "left")])
def test_ending_somebody_ends_their_open_session_with_the_next_page(nora: Client, north: House, act: str, standing: str) -> None:
    browser = browser_of(north.worker)
    assert browser.get(ORDERS).status_code == 200
    nora.post(reverse(f"accounts:{act}", args=[place_of(north.worker).pk]))
    assert browser.get(ORDERS).status_code == 404
    assert browser.get("/").status_code == 403
    assert place_of(north.worker).is_blocked is (standing == "blocked")


def test_unblocking_lets_them_in_again_as_they_were(nora: Client, north: House) -> None:
    place = place_of(north.worker)
    nora.post(reverse("accounts:block_member", args=[place.pk]))
    nora.post(reverse("accounts:unblock_member", args=[place.pk]))
    assert browser_of(north.worker).get(ORDERS).status_code == 200
    assert place_of(north.worker).role == Role.PRODUCTION


def test_another_role_holds_from_the_next_page(nora: Client, north: House) -> None:
    browser = browser_of(north.worker)
    assert browser.get(reverse("accounts:people")).status_code == 403
    nora.post(reverse("accounts:edit_member", args=[place_of(north.worker).pk]), {"role": "manager"})
    assert browser.get(reverse("accounts:people")).status_code == 200


def test_limits_hold_from_the_next_page(nora: Client, north: House) -> None:
    (order,) = bought(north)
    other = second_customer(north)
    browser, address = browser_of(north.worker), reverse("orders:order", args=[order.public_id])
    assert browser.get(address).status_code == 200
    edit = reverse("accounts:edit_member", args=[place_of(north.worker).pk])
    nora.post(edit, {"role": "production", "only_customers": [other.pk]})
    assert browser.get(address).status_code == 404
    assert order.external_id not in browser.get(ORDERS).content.decode()
    nora.post(edit, {"role": "production"})
    assert browser.get(address).status_code == 200


def test_the_last_owner_cannot_be_demoted_blocked_or_archived(north: House) -> None:
    owner = place_of(north.owner)
    second = place_of(person(north.psp, "Otto", Role.OWNER))
    with tenant(north.psp.pk):
        people.archive(membership_id=second.pk, by=owner)
        for act in (people.block, people.archive):
            with pytest.raises(CannotChange):
                act(membership_id=owner.pk, by=owner)
        with pytest.raises(CannotChange, match="last owner"):
            people.change_place(membership_id=owner.pk, role=Role.MANAGER, only_customers=None, only_facilities=None, by=owner)
    answer = browser_of(north.owner).post(reverse("accounts:edit_member", args=[owner.pk]), {"role": "manager"})
    assert answer.status_code == 422 and "last owner" in answer.content.decode()


def test_two_owners_who_end_each_other_at_once_leave_one(transactional_db: None) -> None:
    house = northprint()
    one, other = place_of(house.owner), place_of(person(house.psp, "Otto", Role.OWNER))

    def end(which: Membership, by: Membership) -> None:
        with tenant(house.psp.pk):
            people.change_place(membership_id=which.pk, role=Role.READER, only_customers=None, only_facilities=None, by=by)

    results = together(partial(end, one, other), partial(end, other, one))
    assert [type(error) for error in raised(results)] == [CannotChange]
    assert Membership.objects.filter(psp=house.psp, role=Role.OWNER, is_active=True).count() == 1


def test_managers_neither_make_nor_touch_owners(north: House) -> None:
    manager = place_of(person(north.psp, "Mia", Role.MANAGER))
    with tenant(north.psp.pk):
        for act in (people.block, people.archive):
            with pytest.raises(NotAllowed):
                act(membership_id=place_of(north.owner).pk, by=manager)
        with pytest.raises(NotAllowed):
            people.change_place(membership_id=place_of(north.worker).pk, role=Role.OWNER, only_customers=None, only_facilities=None, by=manager)
        people.change_place(membership_id=place_of(north.worker).pk, role=Role.READER, only_customers=None, only_facilities=None, by=manager)
    assert place_of(north.worker).role == Role.READER
    assert browser_of(manager.user).get(reverse("accounts:edit_member", args=[place_of(north.owner).pk])).status_code == 403


def test_owners_are_never_limited(nora: Client, north: House) -> None:
    form = {"role": "owner", "only_customers": [north.customer.pk]}
    answer = nora.post(reverse("accounts:edit_member", args=[place_of(north.worker).pk]), form)
    assert answer.status_code == 422 and "Owners see everything" in answer.content.decode()


def test_another_print_providers_people_are_not_there(nora: Client, south: House) -> None:
    there = place_of(south.worker).pk
    for name in ("edit_member", "block_member", "archive_member", "unblock_member"):
        assert nora.post(reverse(f"accounts:{name}", args=[there]), {"role": "reader"}).status_code == 404
    assert place_of(south.worker).is_active


def test_a_narrowed_manager_ends_people_of_their_customer_and_of_no_other(north: House) -> None:
    other = second_customer(north)
    mine, theirs = person(north.psp, "Zoe", Role.MERCHANT, other), person(north.psp, "Ada", Role.MERCHANT, north.customer)
    manager = person(north.psp, "Mia", Role.MANAGER)
    Membership.objects.filter(user=manager).update(only_customers=[other.pk])
    browser = browser_of(manager)
    assert browser.post(reverse("accounts:block_member", args=[place_of(theirs).pk])).status_code == 404
    assert browser.post(reverse("accounts:block_member", args=[place_of(mine).pk])).status_code == 302
    assert (place_of(theirs).is_active, place_of(mine).is_active) == (True, False)


def test_a_narrowed_manager_is_told_why_the_catalog_is_not_theirs_to_change(north: House) -> None:
    manager = person(north.psp, "Mia", Role.MANAGER)
    Membership.objects.filter(user=manager).update(only_customers=[north.customer.pk])
    answer = browser_of(manager).post(reverse("catalog:add_category"), {"name": "Mine", "position": "1"})
    assert answer.status_code == 403 and "only a part of this print provider" in answer.content.decode()
    with tenant(north.psp.pk):
        assert not Category.objects.filter(name="Mine").exists()


def test_turning_storefronts_off_ends_the_customers_sessions_and_says_how_many(nora: Client, north: House) -> None:
    ada = person(north.psp, "Ada", Role.MERCHANT, north.customer)
    desk, phone = browser_of(ada), browser_of(ada)
    zed = browser_of(person(north.psp, "Zoe", Role.MERCHANT, second_customer(north)))
    assert desk.get("/portal/").status_code == phone.get("/portal/").status_code == 200
    switch = reverse("accounts:switch_storefronts", args=[north.customer.public_id])
    text = nora.post(switch, {"enabled": "no"}, follow=True).content.decode()
    assert "2 sessions were ended" in text
    assert desk.get("/")["Location"].startswith(reverse("account_login"))
    assert browser_of(ada).get("/").status_code == 403, "signing in again does not help"
    assert zed.get("/portal/").status_code == 200 and nora.get(ORDERS).status_code == 200
    nora.post(switch, {"enabled": "yes"})
    assert browser_of(ada).get("/portal/").status_code == 200


def test_admins_stand_on_the_customers_page_with_their_state(nora: Client, north: House, django_assert_max_num_queries: Budget) -> None:
    person(north.psp, "Ada", Role.MERCHANT, north.customer)
    blocked = person(north.psp, "Bob", Role.MERCHANT, north.customer)
    Membership.objects.filter(user=blocked).update(is_active=False, is_blocked=True)
    invited(north)
    with django_assert_max_num_queries(FRAME + 9):
        text = nora.get(reverse("accounts:customer", args=[north.customer.public_id])).content.decode()
    for words in ("Ada Testing", "Bob Testing", "new@shop.test", "Active", "Blocked", "Invited", "Send again"):
        assert words in text


def test_staff_see_a_portal_with_their_own_login_until_they_leave_it(nora: Client, north: House) -> None:
    (order,) = bought(north)
    other = second_customer(north)
    text = nora.post(reverse("accounts:enter_portal", args=[other.public_id]), follow=True).content.decode()
    assert "You see what <strong>Zed</strong> sees." in text and "what Zed sells is printed" in text
    assert order.external_id not in nora.get(ORDERS).content.decode(), "inside, the whole scope is that customer's"
    assert nora.get(reverse("accounts:customer", args=[north.customer.public_id])).status_code == 404
    refused = nora.get(reverse("accounts:add_facility"))
    assert refused.status_code == 403 and "Leave it" in refused.content.decode()
    left = nora.post(reverse("accounts:leave_portal"), follow=True)
    assert "You left the portal" in left.content.decode()
    assert order.external_id in nora.get(ORDERS).content.decode()
    with tenant(north.psp.pk):
        (visit,) = PortalVisit.objects.filter(customer=other)
        assert visit.user == north.owner and visit.left_at is not None


def test_nobody_enters_a_portal_beyond_their_limits(north: House) -> None:
    other = second_customer(north)
    Membership.objects.filter(user=north.worker).update(only_customers=[other.pk])
    browser = browser_of(north.worker)
    assert browser.post(reverse("accounts:enter_portal", args=[north.customer.public_id])).status_code == 404
    session = browser.session
    session["entered_customer"] = north.customer.pk
    session.save()
    (order,) = bought(north)
    assert order.external_id not in browser.get(ORDERS).content.decode()


def test_a_facility_has_working_days_and_a_cut_off(nora: Client, north: House) -> None:
    address = reverse("accounts:edit_facility", args=[north.facility.public_id])
    form = {
        "name": "Plant",
        "address_lines": "Dock 1",
        "city": "Hamburg",
        "postcode": "20457",
        "country": "DE",
        "time_zone": "Europe/Berlin",
        "is_active": "on",
    }
    assert nora.post(address, form).status_code == 422
    assert nora.post(address, form | {"working_days": ["1", "6"], "cut_off": "14:30"}).status_code == 302
    with tenant(north.psp.pk):
        row = Facility.objects.get(pk=north.facility.pk)
        assert row.working_days == [1, 6] and str(row.cut_off) == "14:30:00"
    assert 'value="14:30"' in nora.get(address).content.decode()


def test_the_look_is_checked_saved_and_worn_by_portal_and_sign_in_page(nora: Client, north: House) -> None:
    address, door = reverse("accounts:brand"), reverse("accounts:sign_in_at", args=[north.psp.slug])
    pale = nora.post(address, {"colour": "#ffee88"})
    assert pale.status_code == 422 and "Choose a darker shade" in pale.content.decode()
    for odd in ("red", "#12345", "#1f6f5g", "#1f6f54;}body{display:none"):
        assert nora.post(address, {"colour": odd}).status_code == 422
    look = {"display_name": "North & Sons", "colour": "#1F6F54", "mail_sender_name": "North Studio", "reply_to": "help@north.test"}
    tried = nora.post(address, look | {"preview": "1"})
    assert tried.status_code == 200 and "1f6f54.css" in tried.content.decode()
    assert Psp.objects.get(pk=north.psp.pk).colour == ""
    logo = SimpleUploadedFile("logo.png", artwork(60, 20), "image/png")
    assert nora.post(address, look | {"logo": logo}).status_code == 302
    page = Client().get(door).content.decode()
    assert "North &amp; Sons" in page and "colours.css?v=1f6f54" in page and "logo.png" in page
    assert "#1f6f54" in Client().get(reverse("accounts:provider_colours", args=[north.psp.slug])).content.decode()
    assert Client().get(reverse("accounts:provider_logo", args=[north.psp.slug]))["Content-Type"] == "image/png"
    visitor = Client()
    visitor.get(door)
    for again in (reverse("account_login"), reverse("account_reset_password"), reverse("account_reset_password_done")):
        assert "North &amp; Sons" in visitor.get(again).content.decode(), "pages before signing in go on looking like the page one came from"
        assert "North &amp; Sons" not in Client().get(again).content.decode()
    for value in ("nobody", "../../x", "a" * 5000, '"\\000"'):
        visitor.cookies["hub_at"] = value
        assert visitor.get(reverse("account_login")).status_code == 200
    portal = browser_of(person(north.psp, "Ada", Role.MERCHANT, north.customer)).get("/", follow=True).content.decode()
    assert "colours.css?v=1f6f54" in portal and "North &amp; Sons" in portal
    assert "colours.css" not in nora.get(address).content.decode().replace("preview", "")


def test_the_own_sign_in_page_answers_known_and_unknown_accounts_alike_and_leads_to_that_print_provider(north: House, south: House) -> None:
    door = reverse("accounts:sign_in_at", args=[south.psp.slug])

    def plain(answer: Any, email: str) -> str:
        return re.sub(r'(name="csrfmiddlewaretoken" value=|X-CSRFToken": )"[^"]*"', "", answer.content.decode()).replace(email, "")

    pages = [plain(Client().post(door, {"login": email, "password": "wrong"}), email) for email in (north.owner.email, "nobody@nowhere.test")]
    assert pages[0] == pages[1]
    Membership.objects.create(user=north.owner, psp=south.psp, role=Role.READER)
    browser = Client()
    browser.post(door, {"login": north.owner.email, "password": PASSWORD})
    assert browser.get(reverse("accounts:settings")).context["request"].membership.psp_id == south.psp.pk
    assert Client().get(reverse("accounts:sign_in_at", args=["nobody"])).status_code == 404
