"""/metrics: guarded, cheap, without people (pod_hub/metrics.py)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from unittest import mock

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from fulfillment.models import Package, Push
from fulfillment.services.shipping import Parcel, ship
from orders.models import HoldKind, IntakeRecord, Order
from orders.services.holds import open_hold
from pod_hub import metrics
from pod_hub.accounts.actors import HUB
from pod_hub.core import buckets
from pod_hub.core.tenancy import tenant
from stores.models import Authorization, Connection
from tests.factories.amazon_orders import amazon_order, bought, record
from tests.factories.cast import House
from tests.fulfillment.test_pages import released

pytestmark = pytest.mark.django_db
TOKEN = "a-token-that-only-prometheus-has"
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(autouse=True)
def _guarded() -> Iterator[None]:
    Redis.from_url(settings.REDIS_URL).flushdb()
    with override_settings(METRICS_TOKEN=TOKEN):
        yield


def scrape() -> str:
    answer = Client(headers={"host": "10.1.2.3:8000"}).get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/plain; version=0.0.4")
    return answer.content.decode()


def figures() -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(scrape())
        for sample in family.samples
    }


def figure(found: Samples, name: str, **labels: str) -> float:
    return found[name, tuple(sorted(labels.items()))]


@pytest.mark.parametrize(
    "header", [{}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKEN}"}, {"authorization": f"Bearer {TOKEN}é"}]
)
def test_without_the_token_nothing_is_told(north: House, header: dict[str, str]) -> None:
    answer = Client().get("/metrics", headers=header)
    assert answer.status_code == 401 and "hub_" not in answer.content.decode()


def test_without_a_token_set_there_is_no_such_page(north: House) -> None:
    with override_settings(METRICS_TOKEN=""):
        for header in ({}, {"authorization": "Bearer "}):
            assert Client().get("/metrics", headers=header).status_code == 404


def test_freshness_is_told_for_each_store_by_its_public_id(north: House, south: House) -> None:
    with tenant(north.psp.pk):
        Authorization.objects.update(last_poll_ok_at=now() - timedelta(minutes=20))
    with tenant(south.psp.pk):
        Connection.objects.update(connected_at=now() - timedelta(hours=2))
    found = figures()
    assert figure(found, "hub_store_import_age_seconds", store=north.store.public_id) == pytest.approx(1200, abs=20)
    assert figure(found, "hub_store_import_age_seconds", store=south.store.public_id) == pytest.approx(7200, abs=20)
    assert figure(found, "hub_sellers", state="active") == 2
    assert figure(found, "hub_sellers_resting") == 0


def test_due_rows_are_counted_with_the_age_of_the_oldest(north: House) -> None:
    with tenant(north.psp.pk):
        Authorization.objects.update(next_poll_at=now() - timedelta(seconds=90))
    record(north, amazon_order(), amazon_order())
    with tenant(north.psp.pk):
        IntakeRecord.objects.update(not_before=now() - timedelta(minutes=5))
    found = figures()
    assert (figure(found, "hub_due_rows", kind="poll"), figure(found, "hub_due_rows", kind="intake")) == (1, 2)
    assert figure(found, "hub_oldest_due_seconds", kind="poll") == pytest.approx(90, abs=20)
    assert figure(found, "hub_oldest_due_seconds", kind="intake") == pytest.approx(300, abs=20)
    assert figure(found, "hub_due_rows", kind="push") == figure(found, "hub_oldest_due_seconds", kind="push") == 0


def test_pushes_are_told_by_latency_and_by_what_is_parked(north: House) -> None:
    orders = released(north, *(amazon_order() for _number in range(3)))
    with tenant(north.psp.pk):
        for order in orders:
            ship(order_id=order.pk, parcels=[Parcel("DHL", f"JJD{order.pk:09d}", {order.lines.get().pk: 1})], actor=HUB)
        Package.objects.update(shipped_at=now() - timedelta(minutes=10))
        one, two, three = Push.objects.order_by("pk")
        Push.objects.filter(pk=one.pk).update(accepted_at=now() - timedelta(seconds=590), read_back_at=now() - timedelta(seconds=400))
        Push.objects.filter(pk=two.pk).update(accepted_at=now() - timedelta(minutes=1))
        Push.objects.filter(pk=three.pk).update(delivery="parked", accepted_at=now() - timedelta(hours=2))
    found = figures()
    assert figure(found, "hub_pushes_parked") == 1
    name = "hub_push_seconds_last_hour"
    assert [figure(found, f"{name}_bucket", step="accepted", le=bound) for bound in ("5", "15", "300", "600", "+Inf")] == [0, 1, 1, 2, 2]
    assert figure(found, f"{name}_gcount", step="accepted") == 2
    assert figure(found, f"{name}_gsum", step="accepted") == pytest.approx(550, abs=20)
    assert [figure(found, f"{name}_bucket", step="read_back", le=bound) for bound in ("120", "300", "+Inf")] == [0, 1, 1]


def test_holds_and_verdicts_are_told_by_kind(north: House) -> None:
    (order, _other) = released(north, amazon_order(), amazon_order())
    with tenant(north.psp.pk):
        hold = open_hold(order, HoldKind.CANCEL_REQUEST, "The buyer asked.")
        assert hold is not None
        hold.opened_at = now() - timedelta(hours=1)
        hold.save()
        IntakeRecord.objects.filter(order=order).update(seen_at=now() - timedelta(hours=2))
    found = figures()
    assert figure(found, "hub_open_holds", kind="cancel_request") == 1
    assert figure(found, "hub_oldest_hold_seconds", kind="cancel_request") == pytest.approx(3600, abs=20)
    assert figure(found, "hub_intake_last_hour", verdict="imported") == 1
    assert figure(found, "hub_intake_last_hour", verdict="unreadable") == 0


def test_quota_is_told_by_fill_and_by_what_became_of_calls(north: House) -> None:
    key = buckets.bucket_key(application="app", seller="EU/A2XDEMONORTH01", operation="searchOrders")
    stranger = buckets.bucket_key(application="app", seller="EU/NOBODY", operation="searchOrders")
    for _turn in range(6):
        buckets.take(key, rate=0.0001, burst=4)
    buckets.take(stranger, rate=0.0001, burst=4)
    before = figures()
    buckets.penalise(key, rate=0.0001, burst=4, wait_s=1)
    with tenant(north.psp.pk):
        seller = Authorization.objects.get().public_id
    assert figure(before, "hub_bucket_fill_ratio", seller=seller, operation="searchOrders") == pytest.approx(0, abs=0.01)
    assert len([1 for name, _labels in before if name == "hub_bucket_fill_ratio"]) == 1
    after = figures()
    told = [figure(after, "hub_marketplace_calls_total", operation="searchOrders", outcome=outcome) for outcome in buckets.OUTCOMES]
    assert told == [5, 2, 1]
    assert ("hub_marketplace_calls_total", (("operation", "searchOrders"), ("outcome", "throttled"))) not in before


def test_queues_are_measured_without_any_worker(north: House) -> None:
    Redis.from_url(settings.REDIS_URL).rpush("push", "a", "b")
    found = figures()
    assert (figure(found, "hub_queue_length", queue="push"), figure(found, "hub_queue_length", queue="poll")) == (2, 0)


@pytest.mark.parametrize("rows", [1, 12])
def test_a_scrape_costs_the_same_whatever_there_is(north: House, south: House, rows: int) -> None:
    bought(north, *(amazon_order() for _number in range(rows)))
    for number in range(rows):
        buckets.take(buckets.bucket_key(application="app", seller="EU/A2XDEMONORTH01", operation=f"op{number}"), rate=1, burst=4)
    with CaptureQueriesContext(connection) as captured:
        scrape()
    own = [query["sql"] for query in captured.captured_queries if "SAVEPOINT" not in query["sql"] and "set_config" not in query["sql"]]
    assert len(own) <= 22, "\n".join(own)


def test_no_figure_names_a_person_a_product_or_an_order(north: House) -> None:
    (order,) = bought(north)
    buckets.take(buckets.bucket_key(application="app", seller="EU/A2XDEMONORTH01", operation="searchOrders"), rate=1, burst=4)
    text = scrape()
    for secret in ("Bea", "bea@", "Köln", "50674", order.external_id, "Ada", "Northprint", "MUG-11", "A2XDEMONORTH01", "Atzr"):
        assert secret not in text, secret


def test_labels_have_a_bound(north: House, south: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        key = buckets.bucket_key(application="app", seller="EU/A2XDEMONORTH01", operation=f"op{number}")
        for _turn in range(number):
            buckets.take(key, rate=0.0001, burst=10)
    monkeypatch.setattr(metrics, "MOST_SERIES", 1)
    with tenant(north.psp.pk):
        Authorization.objects.update(last_poll_ok_at=now())
    with tenant(south.psp.pk):
        Authorization.objects.update(last_poll_ok_at=now() - timedelta(hours=1))
    found = figures()
    stores = [dict(labels)["store"] for name, labels in found if name == "hub_store_import_age_seconds"]
    assert stores == [south.store.public_id]  # the stalest is kept
    assert [dict(labels)["operation"] for name, labels in found if name == "hub_bucket_fill_ratio"] == ["op4"]  # the emptiest too


def test_all_labels_come_from_lists_of_the_code_or_are_public_ids(north: House) -> None:
    bought(north)
    for _name, labels in figures():
        for label, value in labels:
            if label in {"store", "seller"}:
                assert value.startswith(("sto_", "aut_"))
            else:
                assert label in {"kind", "state", "verdict", "step", "le", "queue", "operation", "outcome", "part"}, label


def test_what_is_away_is_told_and_the_rest_still_answers(north: House) -> None:
    with override_settings(REDIS_URL="redis://127.0.0.1:1"):
        found = figures()
    assert (figure(found, "hub_up", part="broker"), figure(found, "hub_up", part="database")) == (0, 1)
    assert ("hub_sellers", (("state", "active"),)) in found
    with mock.patch.object(metrics, "across_tenants", side_effect=OperationalError("away")):
        found = figures()
    assert (figure(found, "hub_up", part="broker"), figure(found, "hub_up", part="database")) == (1, 0)
    assert not any(name == "hub_sellers" for name, _labels in found)


def test_orders_of_every_tenant_are_counted(north: House, south: House) -> None:
    bought(north)
    with tenant(north.psp.pk):
        held = Order.objects.get()
        kinds = list(held.holds.filter(released_at=None).values_list("kind", flat=True))
    assert kinds and figure(figures(), "hub_open_holds", kind=str(kinds[0])) >= 1
