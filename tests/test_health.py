"""The two probes and the page for a database that is away (pod_hub/health.py, pod_hub/unavailable.py)."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

import psycopg
import pytest
from django.conf import settings as django_settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, connections
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import include, path
from django.utils.timezone import now

from pod_hub import health
from pod_hub.health import HealthMiddleware
from pod_hub.unavailable import DatabaseAwayMiddleware, is_away
from tests.factories.amazon_orders import amazon_order, record
from tests.factories.cast import northprint
from tests.isolation.test_canaries import breaks


def hit(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("here")


urlpatterns = [path("hit/", hit), path("breaks/", breaks), path("", include("pod_hub.urls"))]


def probe(name: str = "/readyz") -> tuple[int, dict[str, Any]]:
    """Ask as a container's probe does: plain http, by address, through the whole chain of middleware."""
    response = Client(headers={"host": "10.1.2.3:8000"}).get(name)
    return response.status_code, response.json()


@contextmanager
def silent_server() -> Iterator[int]:
    """A server that accepts and then says nothing; yields its port."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield server.getsockname()[1]


@contextmanager
def database_at(port: int) -> Iterator[None]:
    """Let every new connection go to this port."""
    connection.close()
    changed = {"HOST": "127.0.0.1", "PORT": str(port)}
    with mock.patch.dict(connections["default"].settings_dict, changed), mock.patch.dict(connections.settings["default"], changed):
        yield
    connection.close()


@contextmanager
def nothing_listens() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    yield port


@contextmanager
def redis_at(port: int) -> Iterator[None]:
    cache = {**django_settings.CACHES["default"], "LOCATION": f"redis://127.0.0.1:{port}"}
    with override_settings(CACHES={"default": cache}):
        yield


@pytest.fixture(autouse=True)
def _fresh_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_DATABASE", "_BROKER"):
        known = getattr(health, name)
        monkeypatch.setattr(health, name, health.Question(known.ask, known.silent))


def test_alive_needs_no_database_no_session_and_no_host_name() -> None:
    with mock.patch.object(connection, "ensure_connection", side_effect=AssertionError("asked the database")):
        assert probe("/healthz") == (200, {"status": "live"})


def test_probes_are_the_outermost_middleware() -> None:
    assert django_settings.MIDDLEWARE[0] == "pod_hub.health.HealthMiddleware"
    answered = HealthMiddleware(lambda _request: HttpResponse("passed on"))
    assert answered(RequestFactory().get("/orders/")).content == b"passed on"


@override_settings(SECURE_SSL_REDIRECT=True, ALLOWED_HOSTS=["hub.example.com"])
def test_probes_are_neither_redirected_nor_refused() -> None:
    assert probe("/healthz")[0] == 200


@pytest.mark.django_db(transaction=True)
def test_ready_when_all_is_well() -> None:
    assert probe() == (200, {"status": "ready", "database": "ok", "migrations": "ok", "oldest_due_s": 0, "broker": "ok", "work": "ok"})


@pytest.mark.django_db(transaction=True)
def test_missing_migrations_are_not_ready() -> None:
    with mock.patch("pod_hub.health.MigrationExecutor.migration_plan", return_value=[1, 2]):
        status, said = probe()
    assert (status, said["migrations"], said["work"]) == (503, "2 not applied", "unknown")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("minutes", "status", "work"), [(9, 200, "ok"), (11, 503, "late")])
def test_work_that_is_late_is_not_ready(minutes: int, status: int, work: str) -> None:
    from orders.models import IntakeRecord
    from pod_hub.core.tenancy import tenant
    from stores.models import Authorization

    house = northprint()
    record(house, amazon_order())
    with tenant(house.psp.pk):
        Authorization.objects.update(next_poll_at=now() + timedelta(hours=1))
        IntakeRecord.objects.update(not_before=now() - timedelta(minutes=minutes))
    got, said = probe()
    assert (got, said["work"]) == (status, work)
    assert 0 <= said["oldest_due_s"] - 60 * minutes < 10


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", [nothing_listens, silent_server])
def test_a_database_that_is_down_or_silent_is_told_within_three_seconds(kind: Any) -> None:
    with kind() as port, database_at(port):
        began = time.monotonic()
        status, said = probe()
        assert time.monotonic() - began < 3
    assert (status, said["database"], said["broker"]) == (503, "no answer", "ok")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", [nothing_listens, silent_server])
def test_a_broker_that_is_down_or_silent_is_told_within_three_seconds(kind: Any) -> None:
    with kind() as port, redis_at(port):
        began = time.monotonic()
        status, said = probe()
        assert time.monotonic() - began < 3
    assert (status, said["database"], said["broker"]) == (503, "ok", "no answer")


def test_a_silent_server_costs_one_thread_and_not_one_a_probe() -> None:
    asked = []

    def never() -> dict[str, object]:
        asked.append(1)
        time.sleep(0.5)
        return {"x": "late"}

    question = health.Question(never, {"x": "no answer"})
    for _probe in range(5):
        question.start()
        assert question.answer(until=time.monotonic() + 0.02) == {"x": "no answer"}
    assert asked == [1]
    time.sleep(0.6)
    question.start()
    assert question.answer(until=time.monotonic() + 2) == {"x": "late"}


@pytest.mark.django_db(transaction=True)
@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("signed_in", [False, True])
def test_a_page_while_the_database_is_away_is_calm_and_says_when_to_come_back(signed_in: bool) -> None:
    client = Client(raise_request_exception=False)
    if signed_in:
        client.force_login(northprint().owner)
    assert client.get("/hit/").content == b"here"
    with nothing_listens() as port, database_at(port):
        response = client.get("/hit/")
    assert response.status_code == 503
    assert response["Retry-After"] == "30"
    assert "no-store" in response["Cache-Control"]
    assert "Content-Security-Policy" in response
    text = response.content.decode()
    assert "back in a moment" in text and "Traceback" not in text and "refused" not in text
    assert client.get("/hit/").content == b"here"


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
def test_another_fault_stays_a_fault() -> None:
    assert Client(raise_request_exception=False).get("/breaks/", {"q": "x"}).status_code == 500


@pytest.mark.parametrize(
    ("state", "away"),
    [(None, True), ("08006", True), ("57P01", True), ("57P03", True), ("53300", True), ("40P01", False), ("57014", False), ("55P03", False)],
)
def test_only_an_unreachable_database_counts_as_away(state: str | None, away: bool) -> None:
    error = OperationalError("x")
    error.__cause__ = psycopg.OperationalError("x")
    with mock.patch.object(psycopg.OperationalError, "sqlstate", state):
        assert is_away(error) is away


def test_a_closed_connection_counts_as_away_and_a_refused_statement_does_not() -> None:
    assert is_away(InterfaceError("connection already closed"))
    assert not is_away(DatabaseError("x"))
    assert not is_away(None)
    assert DatabaseAwayMiddleware(lambda _request: HttpResponse("fine"))(RequestFactory().get("/")).content == b"fine"
