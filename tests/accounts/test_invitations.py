"""Invitations: one link, one person, one place, once; and nothing for anybody who has no link."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from pod_hub.accounts.models import Customer, Invitation, Membership, Role, User
from pod_hub.accounts.services import invitations, people
from pod_hub.accounts.services.invitations import CannotInvite, LinkIsDead, Place, accept_as, accept_as_new, invite, resend, revoke
from pod_hub.accounts.services.people import NotAllowed
from pod_hub.core.tenancy import across_tenants, tenant
from pod_hub.mail.models import Mail
from tests.factories.browsers import browser_of
from tests.factories.cast import PASSWORD, House, northprint, person
from tests.factories.invitations import invited, newest_link, place_of
from tests.races.together import raised, together

pytestmark = pytest.mark.django_db
NEW = {"first_name": "Ada", "last_name": "Newton", "password": "seven green bottles"}
PAGE = reverse("accounts:invitation")


def token_of(link: str) -> str:
    return link.split("link=")[1]


def plain(body: bytes) -> str:
    return re.sub(r'(name="csrfmiddlewaretoken" value=|X-CSRFToken": )"[^"]*"|<time [^>]*>|inv_[0-9a-z]+', "", body.decode())


def row_of(invitation: Invitation) -> Invitation:
    with across_tenants(reason="look at an invitation"):
        return Invitation.objects.get(pk=invitation.pk)


def test_from_the_mail_to_the_first_page_in_three_steps(north: House) -> None:
    row, link = invited(north)
    browser = Client()
    shown = browser.get(link)
    assert shown.status_code == 200
    text = shown.content.decode()
    assert "Join Ada at Northprint" in text and "Nora Testing" in text and 'value="Newton"' in text
    answer = browser.post(link, NEW, follow=True)
    assert answer.status_code == 200 and "what Ada sells is printed" in answer.content.decode()
    user = User.objects.get(email="new@shop.test")
    place = place_of(user)
    assert (place.role, place.customer_id, place.is_active, user.get_full_name()) == (Role.MERCHANT, north.customer.pk, True, "Ada Newton")
    assert user.check_password(NEW["password"])
    assert row_of(row).accepted_by == user


def test_the_page_is_kept_nowhere_and_tells_no_other_site_its_address(north: House) -> None:
    _row, link = invited(north)
    answer = Client().get(link)
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "link=" not in answer.content.decode().replace(f'action="{link}"', "")


def test_opening_the_link_changes_nothing_however_often_a_scanner_does(north: House) -> None:
    row, link = invited(north)
    for _scan in range(3):
        Client().get(link)
        Client().head(link)
    assert row_of(row).is_open
    assert not User.objects.filter(email="new@shop.test").exists()


def test_the_secret_is_stored_nowhere_in_the_open(north: House) -> None:
    row, link = invited(north)
    secret = token_of(link)
    with across_tenants(reason="look for a secret"), connection.cursor() as cursor:
        for table in ("accounts_invitation", "mail_mail"):
            cursor.execute(f"SELECT string_agg(r::text, ' ') FROM \"{table}\" r")
            assert secret not in cursor.fetchone()[0]
    assert secret not in str(row) and len(secret) >= 40


def test_the_log_of_requests_holds_no_secret(north: House, caplog: pytest.LogCaptureFixture) -> None:
    _row, link = invited(north)
    with caplog.at_level("DEBUG"):
        Client().get(link)
        Client().post(link, NEW)
        Client().get(link)
    assert token_of(link) not in caplog.text and NEW["password"] not in caplog.text


@pytest.mark.parametrize("what", ["guessed", "used", "expired", "revoked", "replaced", "portal closed", "empty"])
def test_whatever_is_wrong_with_a_link_the_answer_is_the_same(north: House, what: str) -> None:
    row, link = invited(north)
    by = place_of(north.owner)
    moment = now()
    if what == "guessed":
        link = f"{PAGE}?link={'x' * 43}"
    elif what == "empty":
        link = PAGE
    elif what == "used":
        accept_as_new(token_of(link), **NEW)
    elif what == "expired":
        moment += timedelta(hours=72, seconds=1)
    elif what == "revoked":
        with tenant(north.psp.pk):
            assert revoke(invitation_id=row.pk, by=by)
    elif what == "replaced":
        with tenant(north.psp.pk):
            resend(invitation_id=row.pk, by=by)
    else:
        with tenant(north.psp.pk):
            Customer.objects.update(storefronts_enabled=False)
    with time_machine.travel(moment, tick=False):
        dead, control = Client().get(link), Client().get(f"{PAGE}?link=nonsense")
        assert dead.status_code == control.status_code == 404
        assert plain(dead.content) == plain(control.content)
        count = User.objects.count()
        again = Client().post(link, NEW)
        assert again.status_code == 404 and plain(again.content) == plain(Client().post(f"{PAGE}?link=nonsense", NEW).content)
        assert User.objects.count() == count


def test_sending_again_makes_a_link_that_works_and_kills_the_earlier_one(north: House) -> None:
    row, first = invited(north)
    with tenant(north.psp.pk):
        resend(invitation_id=row.pk, by=place_of(north.owner))
    second = newest_link()
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200


def test_an_expired_invitation_wakes_when_it_is_sent_again(north: House) -> None:
    row, _link = invited(north)
    with time_machine.travel(now() + timedelta(days=9), tick=False):
        with tenant(north.psp.pk):
            resend(invitation_id=row.pk, by=place_of(north.owner))
        assert Client().get(newest_link()).status_code == 200


@pytest.mark.parametrize("password", ["short", "123456789012345", "1q2w3e4r5t6y", "new@shop.test"])
def test_a_weak_password_is_refused_and_the_link_still_works(north: House, password: str) -> None:
    row, link = invited(north)
    answer = Client().post(link, NEW | {"password": password})
    assert answer.status_code == 422
    assert row_of(row).is_open
    assert not User.objects.filter(email="new@shop.test").exists()


def test_who_has_an_account_signs_in_first_and_gains_the_place(north: House, south: House) -> None:
    """Mallory owns Southprint; Northprint invites her to a customer's portal. The link alone opens none of her doors."""
    _row, link = invited(north, email=south.owner.email.upper())
    browser = Client()
    assert "Sign in to accept" in browser.get(link).content.decode()
    hijack = Client().post(link, NEW)
    assert hijack.status_code == 302 and hijack["Location"].startswith(reverse("account_login"))
    assert token_of(link) not in hijack["Location"]
    assert User.objects.get(pk=south.owner.pk).check_password(PASSWORD)

    browser.post(link)
    browser.post(f"{reverse('account_login')}?next={PAGE}", {"login": south.owner.email, "password": PASSWORD})
    offered = browser.get(PAGE)
    assert "Accept the invitation" in offered.content.decode()
    answer = browser.post(PAGE, follow=True)
    assert "what Ada sells is printed" in answer.content.decode()
    places = Membership.objects.filter(user=south.owner).values_list("psp_id", "role")
    assert set(places) == {(south.psp.pk, Role.OWNER), (north.psp.pk, Role.MERCHANT)}


def test_the_account_of_another_address_is_not_let_in(north: House) -> None:
    row, link = invited(north)
    browser = browser_of(north.reader)
    assert "This invitation is for new@shop.test" in browser.get(link).content.decode()
    assert browser.post(link, NEW).status_code == 409
    assert row_of(row).is_open
    with pytest.raises(LinkIsDead):
        accept_as(token_of(link), user=north.reader)


def test_inviting_answers_the_same_whether_the_address_is_known_elsewhere_or_not(north: House, south: House) -> None:
    browser = browser_of(north.owner)
    address = reverse("accounts:invite")
    known = browser.post(address, {"email": south.owner.email, "role": "production"}, follow=True)
    page = plain(known.content).replace(south.owner.email, "…")
    with tenant(north.psp.pk):
        Invitation.objects.update(revoked_at=now())
    unknown = browser.post(address, {"email": "nobody@nowhere.test", "role": "production"}, follow=True)
    assert page == plain(unknown.content).replace("nobody@nowhere.test", "…")
    assert known.status_code == unknown.status_code == 200


def test_eight_at_once_take_one_place(transactional_db: None) -> None:
    house = northprint()
    row, link = invited(house)
    jobs: list[Callable[[], object]] = [partial(accept_as_new, token_of(link), **NEW) for _thread in range(8)]
    results = together(*jobs)
    assert len(raised(results)) == 7
    assert all(isinstance(error, LinkIsDead | invitations.SignInFirst) for error in raised(results))
    assert User.objects.filter(email="new@shop.test").count() == Membership.objects.filter(customer_id=house.customer.pk).count() == 1
    assert row_of(row).accepted_at


def test_an_invitation_neither_raises_nor_lowers_who_is_in_already(north: House) -> None:
    row, link = invited(north, email="later@print.test", role=Role.READER)
    person_there = User.objects.create_user("later@print.test", PASSWORD)
    Membership.objects.create(user=person_there, psp=north.psp, role=Role.MANAGER)
    accept_as(token_of(link), user=person_there)
    assert place_of(person_there).role == Role.MANAGER
    assert row_of(row).accepted_at


def test_who_left_may_be_invited_again_and_who_is_blocked_may_not(north: House) -> None:
    by = place_of(north.owner)
    with tenant(north.psp.pk):
        people.archive(membership_id=place_of(north.reader).pk, by=by)
        invite(email=north.reader.email, place=Place(Role.PRODUCTION), by=by)
    accept_as(token_of(newest_link()), user=north.reader)
    assert (place_of(north.reader).role, place_of(north.reader).is_active) == (Role.PRODUCTION, True)
    with tenant(north.psp.pk):
        people.block(membership_id=place_of(north.reader).pk, by=by)
        with pytest.raises(CannotInvite, match="blocked"):
            invite(email=north.reader.email, place=Place(Role.PRODUCTION), by=by)
        with pytest.raises(CannotInvite, match="in already"):
            invite(email=north.worker.email, place=Place(Role.PRODUCTION), by=by)


def test_a_person_blocked_after_the_invitation_does_not_get_back_in_by_it(north: House) -> None:
    _row, link = invited(north, email="late@print.test", role=Role.READER)
    somebody = User.objects.create_user("late@print.test", PASSWORD)
    Membership.objects.create(user=somebody, psp=north.psp, role=Role.READER, is_active=False, is_blocked=True)
    with pytest.raises(LinkIsDead):
        accept_as(token_of(link), user=somebody)
    assert not place_of(somebody).is_active


def test_one_open_invitation_for_each_address_and_place(north: House) -> None:
    invited(north)
    with tenant(north.psp.pk), pytest.raises(CannotInvite, match="open invitation"):
        invite(email="NEW@shop.test", place=Place(Role.MERCHANT, north.customer), by=place_of(north.owner))


def test_no_portal_no_admins(north: House) -> None:
    with tenant(north.psp.pk):
        Customer.objects.update(storefronts_enabled=False)
        north.customer.refresh_from_db()
        with pytest.raises(CannotInvite, match="Storefronts are off"):
            invite(email="a@b.test", place=Place(Role.MERCHANT, north.customer), by=place_of(north.owner))


def test_mails_are_limited_by_day_for_an_address_and_for_the_print_provider(north: House, monkeypatch: pytest.MonkeyPatch) -> None:
    row, _link = invited(north)
    by = place_of(north.owner)
    with tenant(north.psp.pk):
        for _more in range(invitations.MOST_TO_ONE_A_DAY - 1):
            resend(invitation_id=row.pk, by=by)
        before = token_hash(row)
        with pytest.raises(CannotInvite, match="went to this address"):
            resend(invitation_id=row.pk, by=by)
        assert token_hash(row) == before, "the link that is out still works"
        monkeypatch.setattr(invitations, "MOST_A_DAY", 6)
        invite(email="second@shop.test", place=Place(Role.READER), by=by)
        with pytest.raises(CannotInvite, match="limit"):
            invite(email="third@shop.test", place=Place(Role.READER), by=by)
        assert not Invitation.objects.filter(email="third@shop.test").exists()
    with across_tenants(reason="count mails"):
        assert Mail.objects.count() == 6
    with time_machine.travel(now() + timedelta(days=1, minutes=1), tick=False), tenant(north.psp.pk):
        invite(email="third@shop.test", place=Place(Role.READER), by=by)


def token_hash(row: Invitation) -> str:
    return str(Invitation.objects.values_list("token_hash", flat=True).get(pk=row.pk))


def test_only_owners_invite_owners_and_only_whole_managers_invite_staff(north: House) -> None:
    manager = person(north.psp, "Mia", Role.MANAGER)
    with tenant(north.psp.pk):
        with pytest.raises(NotAllowed):
            invite(email="o@print.test", place=Place(Role.OWNER), by=place_of(manager))
        invite(email="o@print.test", place=Place(Role.OWNER), by=place_of(north.owner))
        with pytest.raises(NotAllowed):
            invite(email="p@print.test", place=Place(Role.READER), by=place_of(north.worker))
    assert browser_of(manager).post(reverse("accounts:invite"), {"email": "x@print.test", "role": "owner"}).status_code == 403


def test_an_invitation_in_the_name_of_a_narrowed_manager_is_made_and_mailed(north: House) -> None:
    manager = person(north.psp, "Mia", Role.MANAGER)
    Membership.objects.filter(user=manager).update(only_customers=[north.customer.pk])
    answer = browser_of(manager).post(
        reverse("accounts:add_admin", args=[north.customer.public_id]),
        {"email": "new@shop.test", "first_name": "Ada", "last_name": "Newton"},
        follow=True,
    )
    assert "login link is on its way" in answer.content.decode()
    assert Client().get(newest_link()).status_code == 200


def test_staff_limits_travel_with_the_invitation(north: House) -> None:
    browser_of(north.owner).post(reverse("accounts:invite"), {"email": "lim@print.test", "role": "manager", "only_customers": [north.customer.pk]})
    place = accept_as_new(token_of(newest_link()), **NEW)
    assert (place.role, place.only_customers, place.only_facilities) == (Role.MANAGER, [north.customer.pk], None)
