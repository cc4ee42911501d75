"""The single steps that operators run by hand (docs/operations.md)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import override_settings
from django.utils.timezone import now
from redis import Redis

from orders.models import Order
from pod_hub.celery import QUEUES, app
from pod_hub.core.sealing import sealed_field
from pod_hub.core.tenancy import tenant
from stores.models import Authorization
from tests.factories.cast import House
from tests.journeys.stage import Stage, stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def on() -> Iterator[Stage]:
    Redis.from_url(settings.REDIS_URL).flushdb()
    caches["default"].clear()
    with stage() as ready:
        ready.map_mug()
        yield ready


def run(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command(*arguments, stdout=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def authorization(on: Stage) -> str:
    with tenant(on.house.psp.pk):
        return Authorization.objects.get().public_id


def test_poll_take_in_and_push_by_hand_do_what_the_workers_do(on: Stage) -> None:
    placed = on.amazon.place_order(sku="MUG-11OZ-WHITE")
    on.later(minutes=3)
    assert "1 orders on 1 pages, 1 of them news." in run("poll_seller", authorization(on))[1]
    assert "1 records: 1 imported, 0 changed, 0 skipped, 0 unreadable." in run("take_in")[1]
    order = on.order(placed)
    on.produce(order)
    on.ship(order, ("00340434161094000001", 1))
    assert "1 steps done. Pushes now: 1 accepted, not read back yet." in run("drain_pushes", "--once")[1]
    seen = on.amazon.books.order(placed.order_id)
    assert seen is not None and len(seen.packages) == 1
    assert "0 records" in run("take_in")[1]
    assert "0 steps done" in run("drain_pushes", "--once")[1]


def test_a_seller_that_is_unknown_busy_or_without_permission_is_explained(on: Stage) -> None:
    known = authorization(on)
    with pytest.raises(CommandError, match=f"There is no authorization aut_nobody. There are: {known}"):
        run("poll_seller", "aut_nobody")
    with tenant(on.house.psp.pk):
        Authorization.objects.update(poll_leased_until=now().replace(year=2099))
    with pytest.raises(CommandError, match="A worker is polling"):
        run("poll_seller", known)
    with tenant(on.house.psp.pk):
        Authorization.objects.update(poll_leased_until=None, state="reconnect")
    with pytest.raises(CommandError, match="must authorise again"):
        run("poll_seller", known)


def test_a_poll_by_hand_that_does_not_get_to_the_end_says_why(on: Stage) -> None:
    on.amazon.scenario("http_500", times=1, operation="searchOrders")
    with pytest.raises(CommandError, match="It did not get to the end"):
        run("poll_seller", authorization(on))
    with tenant(on.house.psp.pk):
        assert not Order.objects.exists()


@pytest.fixture
def workers() -> Iterator[mock.Mock]:
    """Workers that answer for every queue."""
    with mock.patch.object(app.control, "inspect") as inspect:
        inspect.return_value.active_queues.return_value = {"worker@host": [{"name": queue} for queue in QUEUES]}
        yield inspect


def test_the_doctor_finds_nothing_where_nothing_is_wrong(north: House, workers: mock.Mock) -> None:
    code, said = run("doctor")
    assert code == 0, said
    assert said.count("ok  ") >= 11 and "PROBLEM" not in said
    assert "Connected as hub_app" in said and "1 sellers are connected" in said


def test_the_doctor_names_what_is_wrong_why_it_matters_and_what_to_do(north: House, workers: mock.Mock, tmp_path: Path) -> None:
    workers.return_value.active_queues.return_value = {"worker@host": [{"name": "poll"}]}
    with tenant(north.psp.pk):
        row = Authorization.objects.get()
        row.state, row.next_poll_at = "reconnect", now()
        with override_settings(FIELD_KEYS="gone:" + "A" * 43 + "="):
            sealed_field(Authorization, "refresh_token_sealed").seal_into(row, "x")
        row.save()
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with override_settings(MEDIA_ROOT=blocked), mock.patch("pod_hub.doctor.oldest_due_s", return_value=9999):
        code, said = run("doctor")
    assert code == 1
    for words in (
        "No worker answers for: default", "Files cannot be stored", "FIELD_KEYS lacks: gone", "waited 9999 s", f"permission is gone: {row.public_id}",
    ):  # fmt: skip
        assert words in said, said
    assert said.count("PROBLEM") == said.count("Why: ") == said.count("Next: ") == 5
    assert "5 problems found" in said


def test_the_doctor_goes_on_without_a_broker(north: House, workers: mock.Mock) -> None:
    workers.return_value.active_queues.side_effect = OSError
    with override_settings(REDIS_URL="redis://127.0.0.1:1"):
        code, said = run("doctor")
    assert code == 1
    assert "The broker does not answer" in said and "Files can be stored" in said


@pytest.mark.django_db(transaction=True)
def test_the_doctor_goes_on_without_a_database(workers: mock.Mock) -> None:
    connections["default"].close()
    with mock.patch.dict(connections["default"].settings_dict, {"HOST": "127.0.0.1", "PORT": "1"}):
        code, said = run("doctor")
        connections["default"].close()
    assert code == 1
    assert "The database does not answer (OperationalError)" in said and "The broker answers" in said


@pytest.mark.django_db(databases=["default", "owner"])
def test_the_doctor_finds_a_table_outside_the_wall(workers: mock.Mock) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE careless (id int, psp_id bigint NOT NULL)")
    try:
        with mock.patch("pod_hub.doctor.connection", connections["owner"]), mock.patch("pod_hub.doctor._roles", return_value=[]):
            code, said = run("doctor")
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS careless")
    assert code == 1
    assert "Tenant wall: careless has no complete row-level security" in said
