"""What TikTok Shop tells by itself: signed or nothing, stored once, answered at once, handled later; and what follows from it."""

from __future__ import annotations

import json
import os
import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils.timezone import now

from orders.models import OrderReading
from orders.services.noticing import handle_next
from orders.services.order_questions import ask_again
from pod_hub.core.outbox import Delivery
from pod_hub.core.sealing import sealed_field
from pod_hub.core.tenancy import across_tenants, tenant
from stores.channels.keeping import TokenPair
from stores.channels.tiktok.signing import webhook_signature
from stores.models import Authorization, ChannelNotice, Connection, Store
from stores.services.notices import MOST_BYTES
from stores.services.token_keeping import seal_pair
from stores.views.notices import notice
from tests.factories.cast import House

pytestmark = pytest.mark.django_db
MANY = int(os.environ.get("HUB_TEST_NOTICES", "1000"))
ADDRESS = "/stores/connect/tiktok/notices/"
SHOP, ORDER = "7495000000000000101", "576461413038785752"


@pytest.fixture
def store(north: House) -> Store:
    with tenant(north.psp.pk):
        found = Store.objects.create(
            customer=north.customer,
            facility=north.facility,
            trading_name=north.trading_name,
            kind="tiktok",
            name="Ada on TikTok",
            marketplace="US",
            shop_number=SHOP,
        )
        row = Authorization(customer=north.customer, kind="tiktok", account_id="7010", region="US", granted_at=now() - timedelta(days=1))
        row.check_tenant()
        row.save()
        moment = now()
        seal_pair(row, TokenPair("TTP_access", moment + timedelta(days=7), "TTP_refresh", moment + timedelta(days=365)))
        row.save()
        Connection.objects.create(store=found, authorization=row, state=Connection.State.CONNECTED)
    return found


def told(kind: int = 1, *, key: str = "7380066284010000977", shop: str = SHOP, at: float | None = None, **data: Any) -> bytes:
    content = {"type": kind, "tts_notification_id": key, "shop_id": shop, "timestamp": int(at or time.time()), "data": data or {"order_id": ORDER}}
    return json.dumps(content).encode()


def signed(body: bytes) -> str:
    return webhook_signature(settings.TIKTOK_APP_SECRET, app_key=settings.TIKTOK_APP_KEY, body=body)


def bring(body: bytes, signature: str | None = None) -> HttpResponse:
    answer = Client().post(
        ADDRESS, body, content_type="application/json", headers={"authorization": signed(body) if signature is None else signature}
    )
    assert isinstance(answer, HttpResponse)
    return answer


def kept() -> list[ChannelNotice]:
    with across_tenants(reason="a test counts notices"):
        return list(ChannelNotice.objects.order_by("pk"))


def readings(house: House) -> list[str]:
    with tenant(house.psp.pk):
        return list(OrderReading.objects.order_by("pk").values_list("external_id", flat=True))


def test_a_signed_notice_is_kept_sealed_answered_without_a_body_and_asked_about_later(store: Store, north: House) -> None:
    body = told(order_id=ORDER, order_status="AWAITING_SHIPMENT")
    answer = bring(body)
    assert (answer.status_code, answer.content) == (200, b"")
    (row,) = kept()
    assert (row.psp_id, row.store_id, row.topic, row.subject, row.delivery) == (
        north.psp.pk,
        store.pk,
        "ORDER_STATUS_CHANGE",
        ORDER,
        Delivery.PENDING,
    )
    assert ORDER.encode() not in bytes(row.content_sealed)
    assert readings(north) == [], "nothing is asked while TikTok waits for the answer"
    assert handle_next() == 1
    assert readings(north) == [ORDER]
    assert kept()[0].handled_at is not None


def test_whoever_asks_about_an_order_at_the_same_moment_asks_one_question_and_the_database_refuses_nothing(store: Store, north: House) -> None:
    refused: list[str] = []

    def asked(why: str, at: datetime) -> None:
        with tenant(north.psp.pk):
            ask_again(authorization_id=Authorization.objects.get(kind="tiktok").pk, external_id=ORDER, place="US", why=why, at=at)

    def first_comes_another(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Let somebody else ask just before the question is written."""
        if sql.startswith("INSERT") and "orders_orderreading" in sql and not others:
            others.append("another")
            asked("another", later)
        try:
            return execute(sql, params, many, context)
        except IntegrityError as error:
            refused.append(str(error))
            raise

    others: list[str] = []
    moment, later = now(), now() + timedelta(minutes=5)
    with connection.execute_wrapper(first_comes_another):
        asked("the first", moment)
    assert (readings(north), others, refused) == ([ORDER], ["another"], [])
    with tenant(north.psp.pk):
        row = OrderReading.objects.get()
        assert (row.not_before, row.why) == (moment, "the first"), "the earlier time counts"


def test_the_same_notice_twice_is_one_row_and_one_question(store: Store, north: House) -> None:
    body = told()
    assert [bring(body).status_code for _time in range(3)] == [200, 200, 200]
    assert len(kept()) == 1
    handle_next()
    bring(body)
    assert handle_next() == 0
    assert readings(north) == [ORDER]


def test_a_notice_without_a_number_is_known_by_its_bytes(store: Store) -> None:
    content = json.loads(told(3, order_id=ORDER))
    del content["tts_notification_id"]
    body = json.dumps(content).encode()
    bring(body)
    bring(body)
    assert len(kept()) == 1


@pytest.mark.parametrize("kind", [4711, 13, 33])
def test_a_type_that_nobody_knows_is_kept_and_answered_and_nothing_follows(store: Store, north: House, kind: int) -> None:
    assert bring(told(kind, thing="x")).status_code == 200
    handle_next()
    (row,) = kept()
    assert (row.topic, row.delivery) == (str(kind), Delivery.WITHDRAWN)
    assert readings(north) == []


def test_a_signed_body_that_is_no_json_is_kept_and_answered(store: Store) -> None:
    assert bring(b"{not json").status_code == 200
    (row,) = kept()
    assert (row.topic, row.psp_id, row.delivery) == ("unreadable", None, Delivery.WITHDRAWN)


def test_a_notice_about_a_shop_that_nobody_has_is_no_tenants(store: Store, north: House) -> None:
    assert bring(told(shop="7495000000000009999")).status_code == 200
    (row,) = kept()
    assert (row.psp_id, row.store_id) == (None, None)
    with tenant(north.psp.pk):
        assert not ChannelNotice.objects.exists()


@pytest.mark.parametrize("signature", ["", "0" * 64, "Bearer x"])
def test_without_the_right_signature_nothing_is_kept(store: Store, signature: str) -> None:
    assert bring(told(), signature).status_code == 401
    assert kept() == []


def test_a_notice_as_upper_case_signature_or_of_another_kind_of_store_is_not_taken(store: Store) -> None:
    body = told()
    assert bring(body, signed(body).upper()).status_code == 401
    assert Client().post("/stores/connect/amazon/notices/", body, content_type="application/json").status_code == 404
    assert Client().get(ADDRESS).status_code == 405
    assert kept() == []


def _mutated(body: bytes, dice: random.Random) -> bytes:
    changed = bytearray(body)
    match dice.randrange(4):
        case 0:
            changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
        case 1:
            del changed[dice.randrange(len(changed))]
        case 2:
            changed.insert(dice.randrange(len(changed) + 1), dice.randrange(256))
        case _:
            changed += bytes([dice.randrange(256)])
    return bytes(changed)


def test_of_many_mutated_replayed_and_oversized_notices_none_is_accepted(store: Store) -> None:
    """A thousand; ``HUB_TEST_NOTICES=10000 make test ARGS="tests/stores/test_notices.py"`` brings ten thousand."""
    dice, factory = random.Random(20261120), RequestFactory()  # noqa: S311 - a test that repeats itself, no secret
    body = told()
    genuine = signed(body)
    assert bring(body).status_code == 200
    statuses: dict[int, int] = {}
    for number in range(MANY):
        sent, signature = body, genuine  # a replay
        if number % 50 >= 5:
            sent = _mutated(body, dice)
        elif number % 50 >= 2:
            signature = dice.choice([genuine[:-1], genuine[::-1], genuine.upper(), "", f"Bearer {genuine}", genuine + "0"])
        elif number % 50 == 1:
            sent = body + b" " * MOST_BYTES
            signature = signed(sent)
        answer = notice(factory.post(ADDRESS, sent, content_type="application/json", headers={"authorization": signature}), "tiktok")
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
    assert statuses == {401: MANY * 48 // 50, 413: MANY // 50, 200: MANY // 50}
    assert len(kept()) == 1, "the replays are the notice that is known"


def test_deauthorisation_stops_the_store_and_its_buyers_data_goes_soon(store: Store, north: House) -> None:
    bring(told(6, message="Seller has deauthorized the app."))
    handle_next()
    with tenant(north.psp.pk):
        link = Connection.objects.select_related("authorization").get(store=store)
        authorization = Authorization.objects.get(kind="tiktok")
        store.refresh_from_db()
    assert link.state in {Connection.State.DISABLED, Connection.State.REVOKED}
    assert (authorization.state, authorization.access_token_sealed) == (Authorization.State.REVOKED, None)
    assert link.state_reason
    assert kept()[0].outcome.startswith("the store was disconnected")


def test_a_late_deauthorisation_does_not_end_a_permission_that_was_given_again(store: Store, north: House) -> None:
    bring(told(6, at=(now() - timedelta(days=2)).timestamp(), message="Seller has deauthorized the app."))
    handle_next()
    with tenant(north.psp.pk):
        assert Connection.objects.get(store=store).state == Connection.State.CONNECTED


def test_the_notice_of_an_ending_permission_moves_the_countdown(store: Store, north: House) -> None:
    ends = datetime(2027, 1, 20, 12, 0, tzinfo=UTC)
    bring(told(7, message="soon", expiration_time=str(int(ends.timestamp()))))
    handle_next()
    with tenant(north.psp.pk):
        assert Authorization.objects.get(kind="tiktok").expires_at == ends


def test_content_of_a_notice_can_be_read_again(store: Store, north: House) -> None:
    body = told()
    bring(body)
    with tenant(north.psp.pk):
        row = ChannelNotice.objects.get()
        assert sealed_field(ChannelNotice, "content_sealed").open_from(row) == body.decode()
