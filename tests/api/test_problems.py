"""Every error of the API is a problem document that says what happened, why, and what to do (pod_hub/accounts/api/problems.py)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from pod_hub.accounts.api import throttle
from pod_hub.accounts.api.problems import KINDS
from pod_hub.accounts.models import Scope
from tests.api.test_orders import mapped
from tests.factories.cast import House
from tests.factories.programs import Program, manual_order, manual_store, program

pytestmark = pytest.mark.django_db


def checked(answer: Any, code: str) -> dict[str, Any]:
    """Assert the shape of a problem and return it."""
    assert answer["Content-Type"] == "application/problem+json", answer.content
    told: dict[str, Any] = answer.json()
    assert told["code"] == code
    assert told["status"] == answer.status_code == KINDS[code].status
    assert told["type"].endswith(f"/api/v1/docs/#problem-{code}") and told["title"]
    assert len(told["detail"]) > 20 and told["detail"][-1] == "."
    assert "no-store" in answer["Cache-Control"]
    assert set(told) <= {"type", "title", "status", "detail", "code", "errors"}
    return told


def test_reading_and_asking_wrongly(north: House, plant: Program) -> None:
    checked(plant.get("orders", nothing="1"), "unreadable")
    checked(plant.get("orders", cursor="x"), "unreadable")
    for body in (b"{", b"\xff", b'{"a": NaN}', b'"\x00"'):
        assert "kanarienvogel" not in checked(plant.post("orders", body + b"kanarienvogel"), "unreadable")["detail"]
    checked(Program("").get("orders"), "unauthenticated")
    checked(Program("hub_x").get("orders"), "unauthenticated")
    checked(program(north, scopes=[Scope.INTAKE_READ]).get("orders"), "scope_missing")
    checked(plant.get("orders/ord_x"), "not_found")
    for path in ("nothing", "orders/ord_x/nothing", "orders/", "orders/a%00b", "../v2/orders", ""):
        checked(plant.get(path), "not_found")
    checked(Client().post("/api/nothing"), "not_found")


def test_other_methods_name_those_that_work(plant: Program) -> None:
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"):
        answer = plant.ask(method, "orders")
        checked(answer, "method_not_allowed")
        assert "GET" in answer["Allow"] and "POST" in answer["Allow"]


def test_head_answers_like_get_without_a_body(plant: Program) -> None:
    answer = plant.ask("HEAD", "orders")
    assert answer.status_code == 200 and answer.content == b""


def test_only_json_is_read(plant: Program) -> None:
    headers = {"Authorization": f"Bearer {plant.text}"}
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""):
        checked(plant.client.post("/api/v1/orders", b"a=1", content_type=kind, headers=headers), "media_type")


def test_whatever_a_client_accepts_it_gets_what_there_is(plant: Program) -> None:
    for accept in ("text/html", "image/png", "nonsense", "application/problem+json"):
        answer = plant.client.get("/api/v1/orders", headers={"Authorization": f"Bearer {plant.text}", "Accept": accept})
        assert answer.status_code == 200 and answer["Content-Type"] == "application/json"


def test_refusing(north: House, plant: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    (order,) = mapped(north)
    checked(plant.post(f"orders/{order.public_id}/lines/move", {"to": "cancelled"}), "refused")
    told = checked(plant.post("orders", {}), "invalid")
    assert {error["pointer"] for error in told["errors"]} == {"#/store", "#/order_number", "#/ship_to", "#/lines"}
    assert all(error["detail"] for error in told["errors"])
    for body in (b"[]", b'"text"', b"7", b"null"):
        checked(plant.post("orders", body), "invalid")
    plant.post("orders", {}, once="k")
    checked(plant.post("orders", {"a": 1}, once="k"), "key_reused")
    monkeypatch.setattr(throttle, "BURST", 1.0)
    monkeypatch.setattr(throttle, "RATE_PER_S", 0.001)
    hasty = program(north)
    hasty.get("orders")
    checked(hasty.get("orders"), "too_many")


def test_a_fault_of_ours_is_told_without_what_caused_it_and_undoes_everything(north: House, monkeypatch: pytest.MonkeyPatch) -> None:
    store, calm = manual_store(north), program(north, raises=False)

    def breaks(*_args: Any, **_kwargs: Any) -> Any:
        raise ValueError("kanarienvogel")

    with monkeypatch.context() as patched:
        patched.setattr("orders.api.views.OrderShape", breaks)
        for once in ("", "k"):
            failed = calm.post("orders", manual_order(store, north), once=once)
            assert "kanarienvogel" not in checked(failed, "fault")["detail"]
    assert calm.post("orders", manual_order(store, north), once="k").status_code == 201


def test_without_the_database_the_hub_says_when_to_come_back(north: House, monkeypatch: pytest.MonkeyPatch) -> None:
    calm = program(north, raises=False)

    def away(*_args: Any, **_kwargs: Any) -> Any:
        raise OperationalError("connection refused")

    monkeypatch.setattr("orders.api.reading.orders", away)
    answer = calm.get("orders")
    checked(answer, "away")
    assert answer["Retry-After"] == "30"
