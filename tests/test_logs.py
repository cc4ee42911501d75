"""Every logger's lines leave by one door (pod_hub/logs.py)."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from unittest.mock import Mock

import orjson
import pytest
import structlog
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory

from fulfillment.services.pushing import push_next
from pod_hub.celery import app
from pod_hub.logs import NEVER_LOGGED, formatter
from pod_hub.request_log import RequestLogMiddleware
from stores.channels.errors import Refused
from tests.factories.amazon_orders import amazon_order
from tests.factories.cast import House
from tests.fulfillment.test_pages import released, shipped


class Lines:
    """What came out of the door so far."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def last(self) -> dict[str, object]:
        line: dict[str, object] = orjson.loads(self.text.splitlines()[-1])
        return line


@pytest.fixture
def lines(request: pytest.FixtureRequest) -> Iterator[Lines]:
    found = Lines()
    handler = logging.StreamHandler(found.stream)
    handler.setFormatter(formatter(json=getattr(request, "param", "json") == "json"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield found
    root.removeHandler(handler)
    root.setLevel(level)
    structlog.contextvars.clear_contextvars()


def test_our_lines_and_the_libraries_lines_have_one_shape(lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-1", authorization="aut_1"):
        structlog.get_logger("orders.polling").warning("poll_lease_lost", pages=3)
        ours = lines.last()
        logging.getLogger("some.library").warning("It took %s s", 5)
        theirs = lines.last()
    assert ours == ours | {"event": "poll_lease_lost", "pages": 3, "level": "warning", "logger": "orders.polling", "request_id": "r-1"}
    assert theirs == theirs | {"event": "It took 5 s", "level": "warning", "logger": "some.library", "authorization": "aut_1"}
    assert ours["timestamp"]


@pytest.mark.parametrize("name", sorted(NEVER_LOGGED))
def test_a_field_with_a_secret_or_personal_name_loses_its_value(lines: Lines, name: str) -> None:
    structlog.get_logger("x").warning("careless", **{name: "Canary", "nested": {name: ["Canary"]}})
    assert "Canary" not in lines.text
    assert lines.last()[name] == "[removed]"


@pytest.mark.parametrize("secret", ["Atza|IwEBIabc", "Atzr|IwEBIabc", "Bearer abc.def", "client_secret=abc123", "bea@marketplace.amazon.de"])
def test_what_looks_like_a_secret_is_removed_wherever_it_stands(lines: Lines, secret: str) -> None:
    structlog.get_logger("x").warning("careless", detail=f"sent {secret} away", more=[{"deep": secret}])
    logging.getLogger("some.library").warning("sent %s away", secret)
    assert secret not in lines.text
    assert lines.text.count("[removed]") >= 3


def test_objects_and_bytes_are_told_by_their_kind(lines: Lines) -> None:
    structlog.get_logger("x").warning("careless", thing=Exception("Canary"), raw=b"Canary")
    assert "Canary" not in lines.text
    assert lines.last()["raw"] == "<bytes>"


def test_a_value_error_is_told_without_the_value(lines: Lines) -> None:
    try:
        int("Canary")
    except ValueError:
        logging.getLogger("some.library").exception("It broke")
        structlog.get_logger("x").exception("it_broke")
    assert "Canary" not in lines.text.replace('int(\\"Canary\\")', "")
    assert "ValueError" in str(lines.last()["exception"])
    assert "test_logs.py" in str(lines.last()["exception"])


@pytest.mark.django_db
def test_a_database_error_is_told_by_its_code_and_names_without_the_row(lines: Lines) -> None:
    for statement in (
        "INSERT INTO accounts_psp (public_id, name, slug, time_zone, created_at) VALUES ('a', 'Canary', 's', 'UTC', NULL)",
        "SELECT 'Canary'::int",
    ):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        except DatabaseError:
            logging.getLogger("some.library").exception("It broke")
    assert "Canary" not in lines.text
    assert re.search(r"23502 accounts_psp \w+", lines.text)
    assert "22P02" in lines.text


@pytest.mark.parametrize("lines", ["readable"], indirect=True)
def test_readable_lines_put_time_level_and_logger_first_and_facts_last(lines: Lines) -> None:
    structlog.get_logger("pod_hub.http").info("exchange", service="Amazon", template="getOrder /orders/{id}", status=200)
    rest = lines.text.split(" ", 1)[1]
    assert rest == "INFO pod_hub.http exchange service=Amazon template='getOrder /orders/{id}' status=200\n"


def test_a_request_is_named_without_what_people_typed() -> None:
    request = RequestFactory().get("/orders/ord_1/", {"q": "Canary", "spapi_oauth_code": "Canary"})
    assert RequestLogMiddleware.format_request(request) == "GET /orders/ord_1/"


def test_celery_leaves_logging_alone(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.getLogger()
    before, celery_level = list(root.handlers), logging.getLogger("celery").level
    monkeypatch.setattr(type(app.log), "_setup", False, raising=False)
    try:
        assert app.log.setup(loglevel=logging.WARNING, redirect_stdouts=True), "nobody told Celery to stay away"
        assert logging.getLogger("celery").level == logging.WARNING
        structlog.get_logger("orders.polling").warning("poll_lease_lost")
        assert not any("celery.redirected" in line for line in lines.text.splitlines())
    finally:
        logging.getLogger("celery").setLevel(celery_level)
        for handler in before:
            if handler not in root.handlers:
                root.addHandler(handler)


@pytest.mark.django_db
def test_a_push_that_fails_says_which_order_of_which_store(north: House, lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    (order,) = released(north, amazon_order())
    push = shipped(north, order)
    channel = Mock(confirm_package=Mock(side_effect=Refused("Amazon refused confirmShipment: no", request_id="rq-1")))
    monkeypatch.setattr("fulfillment.services.pushing.channel_for", lambda _kind, _account: channel)
    push_next()
    (line,) = [line for line in map(orjson.loads, lines.text.splitlines()) if line["event"] == "push_failed"]
    told = {
        "order": order.external_id,
        "store": north.store.public_id,
        "push": push.public_id,
        "step": "send",
        "outcome": "refused",
        "request": "rq-1",
    }
    assert line == line | told and line["level"] == "warning" and line["authorization"]
