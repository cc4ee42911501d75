"""What keeps a connection alive and honest: self-test, reminders, pauses, deletion, and the count for the bill."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from orders import attention
from pod_hub.accounts.models import Role
from pod_hub.badges import waiting
from pod_hub.core.sealing import sealed_field
from pod_hub.core.tenancy import tenant
from pod_hub.mail.tasks import deliver
from stores.models import Authorization, ConnectedPeriod, Connection, SelfTest, Store
from stores.sandbox.amazon import lwa
from stores.sandbox.amazon.control import place
from stores.sandbox.amazon.seed import NORTH
from stores.sandbox.amazon.server import ImitationAmazon
from stores.services import removing
from stores.services.authorizations import permission_lost
from stores.services.consent_links import send_link
from stores.services.reminding import remind_next
from stores.services.self_testing import run_waiting_test
from tests.factories.browsers import browser_of
from tests.factories.cast import GERMANY, House, person
from tests.factories.pages import text
from tests.stores import walks

pytestmark = pytest.mark.django_db


@pytest.fixture
def nora(north: House) -> Client:
    return browser_of(north.owner)


@pytest.fixture
def connected(north: House, amazon: ImitationAmazon) -> House:
    """Northprint, its permission one that the imitation knows."""
    with tenant(north.psp.pk):
        row = Authorization.objects.get()
        sealed_field(Authorization, "refresh_token_sealed").seal_into(row, lwa.grant(amazon.world, NORTH.seller_id)["refresh_token"])
        row.save()
    return north


def at(name: str, house: House) -> str:
    return reverse(f"stores:{name}", args=[house.store.public_id])


def results(house: House) -> dict[str, str]:
    with tenant(house.psp.pk):
        return {one.step: one.outcome for one in SelfTest.objects.latest("pk").steps.all()}


def test_a_test_goes_through_five_steps_and_says_what_it_found(nora: Client, connected: House, amazon: ImitationAmazon) -> None:
    place(amazon.world, {"sku": "MUG-11OZ-WHITE", "marketplace_id": GERMANY})
    amazon.world.clock.advance(180)  # lists leave out the last two minutes
    nora.post(at("test", connected))
    shown = nora.get(at("test_result", connected)).content.decode()
    assert "Being tested" in shown and "hx-get" in shown
    assert run_waiting_test()
    assert results(connected) == dict.fromkeys(("permission", "marketplace", "listings", "orders", "addresses"), "ok")
    shown = nora.get(at("connection", connected)).content.decode()
    assert "sells on Germany as “Ada&#x27;s Mugs" in shown and "Delivery addresses can be read" in shown
    assert not run_waiting_test(), "a finished test is not run again"


def test_without_an_open_order_it_is_not_claimed_that_addresses_work(nora: Client, connected: House) -> None:
    nora.post(at("test", connected))
    run_waiting_test()
    assert results(connected)["addresses"] == "unknown"


def test_a_missing_role_for_addresses_is_found(nora: Client, connected: House, amazon: ImitationAmazon) -> None:
    place(amazon.world, {"sku": "MUG-11OZ-WHITE", "marketplace_id": GERMANY})
    amazon.world.clock.advance(180)  # lists leave out the last two minutes
    amazon.world.scenarios.start("address_withheld", times=None)
    nora.post(at("test", connected))
    run_waiting_test()
    assert results(connected)["addresses"] == "failed"
    assert "lacks the role for addresses" in nora.get(at("connection", connected)).content.decode()


def test_a_withdrawn_permission_is_found_and_the_connection_says_so(nora: Client, connected: House, amazon: ImitationAmazon) -> None:
    amazon.books.revoke(seller_id=NORTH.seller_id, now=amazon.world.clock.epoch())
    nora.post(at("test", connected))
    run_waiting_test()
    assert results(connected) == {"permission": "failed"}
    with tenant(connected.psp.pk):
        assert Connection.objects.get().state == Connection.State.REVOKED


def test_a_busy_marketplace_makes_a_test_wait_and_go_on_where_it_was(nora: Client, connected: House, amazon: ImitationAmazon) -> None:
    amazon.world.scenarios.start("http_500", times=20, operation="searchListingsItems")
    nora.post(at("test", connected))
    run_waiting_test()
    assert results(connected) == {"permission": "ok", "marketplace": "ok"}
    assert "an answer of the marketplace" in nora.get(at("test_result", connected)).content.decode()
    amazon.world.scenarios.stop_all()
    with time_machine.travel(now() + timedelta(minutes=2)):
        assert run_waiting_test()
    assert results(connected)["orders"] == "ok"


def test_two_presses_start_one_test(nora: Client, connected: House) -> None:
    nora.post(at("test", connected))
    nora.post(at("test", connected))
    with tenant(connected.psp.pk):
        assert SelfTest.objects.count() == 1


def test_reminders_go_out_ninety_thirty_seven_and_one_day_before_each_once(north: House) -> None:
    with tenant(north.psp.pk):
        send_link(store=north.store, email="ada@shop.test", user=north.owner, mail=False)
        ends = Authorization.objects.get().expires_at
    assert ends is not None
    sent = []
    for days in (91, 90, 89, 31, 29.5, 29, 8, 6.5, 2, 0.9, 0.5):
        with time_machine.travel(ends - timedelta(days=days)):
            while remind_next():
                pass
            deliver()
        sent.append(len(mail.outbox))
        mail.outbox.clear()
    assert sent == [0, 2, 0, 0, 2, 0, 0, 2, 0, 2, 0], "each time one to the owner and one to the merchant"


def test_the_merchants_reminder_renews_without_an_account(north: House, amazon: ImitationAmazon) -> None:
    ada = person(north.psp, "Ada", Role.MERCHANT, north.customer)
    with tenant(north.psp.pk):
        Authorization.objects.update(expires_at=now() + timedelta(days=6))
    remind_next()
    deliver()
    mine = next(message for message in mail.outbox if message.to == [ada.email])
    path = walks.path_of(next(word for word in str(mine.body).split() if "/stores/permission/" in word))
    merchant = Client()
    left = merchant.post(f"{path}give/")["Location"]
    merchant.get(walks.confirmed(amazon, left, seller_id=NORTH.seller_id))
    with tenant(north.psp.pk):
        row = Authorization.objects.get()
        assert row.expires_at is not None and row.expires_at > now() + timedelta(days=364)
        assert row.reminded_days is None and Store.objects.count() == 1


def test_the_countdown_stands_on_the_page_and_an_ended_permission_is_called_expired(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        Authorization.objects.update(expires_at=now() + timedelta(days=5, hours=1))
    assert "clock-exclamation" in nora.get(at("connection", north)).content.decode()
    with tenant(north.psp.pk):
        Authorization.objects.update(expires_at=now() - timedelta(hours=1))
        permission_lost(Authorization.objects.get(), "Amazon says no.")
        assert Connection.objects.get().state == Connection.State.EXPIRED
    assert "Permission expired" in nora.get(reverse("stores:stores")).content.decode()


def test_a_permission_that_ends_within_a_month_stands_in_the_inbox_and_on_the_stores_pages(nora: Client, north: House) -> None:
    inbox, words = reverse("orders:attention"), "ends in 12 days"
    with tenant(north.psp.pk):
        Authorization.objects.update(expires_at=now() + timedelta(days=31), last_poll_ok_at=now())
        before = waiting(north.owner.memberships.get())
    assert "ends in" not in text(nora, inbox) + text(nora, at("store", north))
    with tenant(north.psp.pk):
        Authorization.objects.update(expires_at=now() + timedelta(days=12, hours=1))
        assert waiting(north.owner.memberships.get()) == before + 1, "the number beside the inbox counts it"
    page = text(nora, inbox)
    assert words in page and at("connection", north) in page and "Nothing needs attention" not in page
    page = text(nora, at("store", north))
    assert words in page and f'href="{at("connection", north)}">Renew the permission' in page
    with tenant(north.psp.pk):
        Connection.objects.update(state=Connection.State.DISABLED)
        assert waiting(north.owner.memberships.get()) == before, "nobody uses it"
    assert "ends in" not in text(nora, inbox)


def test_permissions_that_end_are_listed_nearest_first_for_no_further_query(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        first = Authorization.objects.get()
        with CaptureQueriesContext(connection) as before:
            attention.inbox()
        for number, days in enumerate((20, 3, 9)):
            row = Authorization.objects.create(
                customer=north.customer, kind=first.kind, account_id=f"A{number}", region=first.region, expires_at=now() + timedelta(days=days)
            )
            store = Store.objects.create(customer=north.customer, facility=north.facility, kind=first.kind, name=f"Shop {number}")
            Connection.objects.create(store=store, authorization=row)
        with CaptureQueriesContext(connection) as after:
            box = attention.inbox()
        assert [one.account_id for one in box.ending] == ["A1", "A2", "A0"]
        assert len(after) <= len(before) + 2  # the connections of those that are shown, and their stores
    page = text(nora, reverse("orders:attention"))
    assert page.index("seller A1 ends in") < page.index("seller A2 ends in") < page.index("seller A0 ends in")


@pytest.mark.parametrize("flow", removing.FLOWS)
def test_each_flow_pauses_and_goes_on_by_itself(nora: Client, north: House, flow: str) -> None:
    def paused() -> list[str]:
        with tenant(north.psp.pk):
            row = Connection.objects.get()
            return [one for one in removing.FLOWS if getattr(row, f"{one}_paused")]

    nora.post(at("pause", north), {"flow": flow, "paused": "yes"})
    assert paused() == [flow]
    assert f"{flow.capitalize()} paused" in nora.get(reverse("stores:stores")).content.decode()
    nora.post(at("pause", north), {"flow": flow, "paused": "no"})
    assert paused() == []
    assert nora.post(at("pause", north), {"flow": "everything", "paused": "yes"}).status_code == 404


def test_a_connected_store_is_not_deleted(nora: Client, north: House) -> None:
    answer = nora.post(at("delete", north), follow=True)
    assert "Disconnect it first" in answer.content.decode()
    with tenant(north.psp.pk):
        assert Store.objects.get().removed_at is None


def test_the_bill_counts_each_connection_of_a_month_once(nora: Client, north: House) -> None:
    with tenant(north.psp.pk):
        ConnectedPeriod.objects.all().delete()
        for begin, end in (((2026, 8, 30), (2026, 9, 2)), ((2026, 9, 10), (2026, 9, 11)), ((2026, 9, 11), None)):
            ConnectedPeriod.objects.create(
                store=north.store, began_at=datetime(*begin, 12, tzinfo=UTC), ended_at=datetime(*end, 12, tzinfo=UTC) if end else None
            )
        gone = Store.objects.create(customer=north.customer, facility=north.facility, kind="amazon", name="Old shop", marketplace="X")
        ConnectedPeriod.objects.create(store=gone, began_at=datetime(2026, 7, 1, tzinfo=UTC), ended_at=datetime(2026, 8, 31, 12, tzinfo=UTC))

    def counted(month: str) -> list[tuple[str, int]]:
        answer = nora.get(reverse("stores:billing"), {"month": month})
        return [(row.store.name, row.days) for row in answer.context["rows"]]

    assert counted("2026-06") == []
    assert counted("2026-08") == [("Ada Amazon.de", 2), ("Old shop", 31)]
    assert counted("2026-09") == [("Ada Amazon.de", 23)], "2 days in the beginning, and 10 to 30"
    assert counted("nonsense") == counted(f"{now():%Y-%m}")
    sheet = nora.get(reverse("stores:billing"), {"month": "2026-08", "as": "csv"})
    assert sheet["Content-Disposition"] == 'attachment; filename="billable-connections-2026-08.csv"'
    assert sheet.content.decode("utf-8-sig").count("\r\n") == 3 and "Old shop" in sheet.content.decode("utf-8-sig")


def test_connecting_and_disconnecting_write_the_periods(north: House) -> None:
    with tenant(north.psp.pk):
        assert ConnectedPeriod.objects.get().ended_at is None
        removing.disconnect(store_id=north.store.pk)
        assert ConnectedPeriod.objects.get().ended_at is not None
