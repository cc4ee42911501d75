"""The digest: who gets it, when, what stands in it, and what never does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from orders.digest_settings import DigestSetting
from orders.models import Hold, HoldKind, Order
from orders.services.digests import send_due_digests
from pod_hub.accounts.models import Membership, Psp, Role
from pod_hub.core.tenancy import tenant
from pod_hub.mail.delivering import deliver_next
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.browsers import browser_of
from tests.factories.cast import House, person

pytestmark = pytest.mark.django_db
SEVEN_IN_BERLIN = datetime(2026, 3, 10, 6, 0, tzinfo=UTC)


def digests(at: datetime) -> list[mail.EmailMultiAlternatives]:
    """Let beat and worker run at a moment; return the mails that left then."""
    before = len(mail.outbox)
    with time_machine.travel(at, tick=False):
        send_due_digests()
        while deliver_next():
            pass
    return mail.outbox[before:]  # type: ignore[return-value]


@pytest.fixture
def waiting(north: House) -> Order:
    """An order with a listing that nobody has mapped."""
    (order,) = bought(north, amazon_order(orderItems=[item("NEVER-SEEN")]))
    return order


def choose(house: House, **chosen: object) -> None:
    with tenant(house.psp.pk):
        DigestSetting.objects.update_or_create(defaults=chosen)


def test_owners_and_managers_get_one_digest_a_day_at_their_own_hour(north: House, waiting: Order) -> None:
    manager = person(north.psp, "Manuel", Role.MANAGER)
    gone = person(north.psp, "Gone", Role.OWNER)
    Membership.objects.filter(user=gone).update(is_active=False)
    assert digests(SEVEN_IN_BERLIN - timedelta(minutes=1)) == []
    first = digests(SEVEN_IN_BERLIN)
    assert sorted(message.to[0] for message in first) == sorted([north.owner.email, manager.email])
    assert digests(SEVEN_IN_BERLIN) == digests(SEVEN_IN_BERLIN + timedelta(hours=9)) == []
    assert len(digests(SEVEN_IN_BERLIN + timedelta(days=1))) == 2


def test_the_hour_is_counted_in_the_time_zone_of_the_psp(north: House, waiting: Order) -> None:
    Psp.objects.filter(pk=north.psp.pk).update(time_zone="America/Los_Angeles")
    assert digests(datetime(2026, 3, 10, 13, 59, tzinfo=UTC)) == []
    assert digests(datetime(2026, 3, 10, 14, 0, tzinfo=UTC))


def test_a_hub_that_was_down_at_the_hour_sends_it_later_that_day(north: House, waiting: Order) -> None:
    assert digests(SEVEN_IN_BERLIN + timedelta(hours=8))


def test_it_counts_by_cause_with_the_nearest_ship_by_and_a_link_and_holds_no_order_and_no_buyer(north: House, waiting: Order) -> None:
    with tenant(north.psp.pk):
        Order.objects.update(ship_by=SEVEN_IN_BERLIN + timedelta(hours=30))
        Hold.objects.update(opened_at=SEVEN_IN_BERLIN - timedelta(hours=3))
    (message,) = digests(SEVEN_IN_BERLIN)
    html = str(message.alternatives[0][0])
    for text in (str(message.body), html):
        assert "Listing not mapped" in text
        assert "nearest ship-by Wed 11 Mar, 13:00" in text.replace("\xa0", " "), "in the PSP's own time zone"
        assert "waits for 3 hours at most" in text.replace("\xa0", " ")
        assert "http://localhost:8000/orders/?view=attention&" in text.replace("&amp;", "&")
        assert waiting.external_id not in text and "Bea" not in text and "NEVER-SEEN" not in text
    assert message.subject == "1 thing waits for you"


def test_nothing_to_say_is_no_mail_and_another_tenants_troubles_are_not_ours(north: House, south: House, waiting: Order) -> None:
    assert [message.to for message in digests(SEVEN_IN_BERLIN)] == [[north.owner.email]]


@pytest.mark.parametrize(("ship_by", "mails"), [(timedelta(hours=23), 1), (timedelta(hours=25), 0), (timedelta(hours=-1), 1)])
def test_only_when_urgent_means_a_ship_by_within_a_day(north: House, waiting: Order, ship_by: timedelta, mails: int) -> None:
    choose(north, wanted="urgent")
    with tenant(north.psp.pk):
        Order.objects.update(ship_by=SEVEN_IN_BERLIN + ship_by)
    assert len(digests(SEVEN_IN_BERLIN)) == mails


def test_a_buyer_who_asks_to_cancel_is_urgent(north: House, waiting: Order) -> None:
    choose(north, wanted="urgent")
    with tenant(north.psp.pk):
        Order.objects.update(ship_by=None)
        Hold.objects.update(kind=HoldKind.CANCEL_REQUEST)
    assert len(digests(SEVEN_IN_BERLIN)) == 1


def test_a_psp_that_wants_quiet_gets_quiet(north: House, waiting: Order) -> None:
    choose(north, wanted="off")
    assert digests(SEVEN_IN_BERLIN) == []


def test_the_settings_page_says_what_is_chosen_and_saves_it(north: House) -> None:
    nora = browser_of(north.owner)
    page = reverse("order_settings:digest")
    assert "every day on which something waits" in nora.get(page).content.decode()
    assert nora.post(page, {"wanted": "urgent", "hour": "16"}).status_code == 302
    with tenant(north.psp.pk):
        setting = DigestSetting.objects.get()
        assert (setting.wanted, setting.hour) == ("urgent", 16)
    assert nora.post(page, {"wanted": "sometimes", "hour": "25"}).status_code == 422
    assert browser_of(north.worker).get(page).status_code == 403


def test_a_mail_that_was_given_up_is_shown_under_needs_attention_and_can_be_sent_again(north: House, waiting: Order) -> None:
    from pod_hub.mail.models import Mail

    digests(SEVEN_IN_BERLIN)
    with tenant(north.psp.pk):
        Mail.objects.update(delivery="parked", last_error="550 mailbox is full")
        parked = Mail.objects.get()
    nora = browser_of(north.owner)
    assert reverse("accounts:mails") in nora.get(reverse("orders:attention")).content.decode()
    page = nora.get(reverse("accounts:mails")).content.decode()
    assert north.owner.email in page and "mailbox is full" in page
    nora.post(reverse("accounts:decide_mail", args=[parked.public_id]), {"do": "again"})
    deliver_next()
    assert len(mail.outbox) == 2
    assert "Every mail was delivered" in nora.get(reverse("accounts:mails")).content.decode()
