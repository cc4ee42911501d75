"""Idempotency keys: the first answer for every repetition, 409 while it runs, 422 for another request (pod_hub/accounts/api/repetition.py)."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils.timezone import now

from fulfillment.models import Package
from orders.models import Order
from orders.services.manual import enter_order
from pod_hub.accounts.models import KeptAnswer
from pod_hub.core.tenancy import across_tenants, tenant
from tests.api.test_entering import parcel, released
from tests.factories.cast import House, northprint
from tests.factories.programs import Program, manual_order, manual_store, program
from tests.races.together import raised, together


@pytest.mark.django_db
def test_a_repetition_gets_the_first_answer_and_ships_nothing_twice(north: House, plant: Program) -> None:
    order, line = released(north, plant)
    body = {"packages": [parcel(line)]}
    first = plant.post(f"orders/{order.public_id}/packages", body, once="pack-1")
    again = plant.post(f"orders/{order.public_id}/packages", body, once="pack-1")
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    assert "Idempotency-Replayed" not in first and again["Idempotency-Replayed"] == "true"
    with tenant(north.psp.pk):
        assert Package.objects.count() == 1


@pytest.mark.django_db
def test_location_and_another_spelling_of_the_same_body_are_replayed(north: House, plant: Program) -> None:
    body = manual_order(manual_store(north), north)
    first = plant.post("orders", body, once="o")
    again = plant.post("orders", dict(reversed(body.items())), once="o")
    assert again.json() == first.json() and again["Location"] == first["Location"] and again.status_code == 201


@pytest.mark.django_db
def test_a_refusal_is_replayed_although_it_would_be_granted_now(north: House, plant: Program) -> None:
    order, line = released(north, plant)
    too_many = {"packages": [parcel(line, contents=[{"line": line.public_id, "quantity": 2}])]}
    first = plant.post(f"orders/{order.public_id}/packages", too_many, once="k")
    assert first.status_code == 409
    with tenant(north.psp.pk):
        order.lines.update(quantity=2)
    again = plant.post(f"orders/{order.public_id}/packages", too_many, once="k")
    assert again.status_code == 409 and again.json() == first.json() and again["Content-Type"] == "application/problem+json"
    assert plant.post(f"orders/{order.public_id}/packages", too_many, once="fresh").status_code == 201


@pytest.mark.django_db
def test_invalid_and_unknown_are_replayed_too(plant: Program) -> None:
    for path, status in (("orders", 422), ("holds/hld_x/release", 404)):
        answers = [plant.post(path, {}, once=f"k {path}") for _turn in range(2)]
        assert [answer.status_code for answer in answers] == [status, status] and answers[1]["Idempotency-Replayed"] == "true"


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["body", "address", "query"])
def test_the_same_key_with_another_request_is_refused(north: House, plant: Program, change: str) -> None:
    store = manual_store(north)
    assert plant.post("orders", manual_order(store, north), once="k").status_code == 201
    path = {"body": "orders", "address": "holds/hld_x/release", "query": "orders?a=1"}[change]
    answer = plant.post(path, manual_order(store, north, order_number="WEB-1002" if change == "body" else "WEB-1001"), once="k")
    assert answer.status_code == 422 and answer.json()["code"] == "key_reused"
    with tenant(north.psp.pk):
        assert Order.objects.count() == 1


@pytest.mark.django_db
def test_a_key_is_forgotten_after_a_day(north: House, plant: Program) -> None:
    body = manual_order(manual_store(north), north)
    assert plant.post("orders", body, once="k").status_code == 201
    with tenant(north.psp.pk):
        KeptAnswer.objects.update(kept_at=now() - timedelta(hours=23, minutes=59))
    assert plant.post("orders", body, once="k").status_code == 201
    with tenant(north.psp.pk):
        KeptAnswer.objects.update(kept_at=now() - timedelta(hours=24, minutes=1))
    assert plant.post("orders", body, once="k").status_code == 409  # asked anew: the number is there
    with tenant(north.psp.pk):
        KeptAnswer.objects.update(kept_at=now() - timedelta(hours=25))
    assert plant.post("orders", {}, once="other").status_code == 422
    with tenant(north.psp.pk):
        assert KeptAnswer.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 256, "ü"])
def test_a_key_of_the_wrong_form_is_refused(plant: Program, key: str) -> None:
    answer = plant.client.post(
        "/api/v1/orders", b"{}", content_type="application/json", headers={"Authorization": f"Bearer {plant.text}", "Idempotency-Key": key}
    )
    assert answer.status_code == 400 and answer.json()["code"] == "unreadable"


@pytest.mark.django_db
def test_kept_answers_hold_nothing_that_a_backup_could_tell(north: House, plant: Program) -> None:
    wrong = manual_order(manual_store(north), north, ship_to={"name": "kanarienvogel", "country": "kanarienvogel"}, email="kanarienvogel")
    assert plant.post("orders", wrong, once="k").status_code == 422
    with across_tenants(reason="test"), connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM accounts_keptanswer t")
        (row,) = cursor.fetchall()
    assert "kanarienvogel" not in row[0] and b"kanarienvogel".hex() not in row[0]


@pytest.mark.django_db
def test_a_failure_of_ours_keeps_nothing_so_that_a_repetition_may_succeed(north: House, monkeypatch: pytest.MonkeyPatch) -> None:
    calm = program(north, raises=False)
    order, line = released(north, calm)

    def breaks(_task: str) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr("fulfillment.api.views.hint", breaks)
        failed = calm.post(f"orders/{order.public_id}/packages", {"packages": [parcel(line)]}, once="k")
    assert failed.status_code == 500 and failed.json()["code"] == "fault"
    with tenant(north.psp.pk):
        assert not Package.objects.exists() and not KeptAnswer.objects.exists()
    assert calm.post(f"orders/{order.public_id}/packages", {"packages": [parcel(line)]}, once="k").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_a_repetition_while_the_first_runs_is_told_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    north = northprint()
    plant, store = program(north), manual_store(north)
    inside, go_on = threading.Event(), threading.Event()

    def slow(**told: Any) -> Order:
        made = enter_order(**told)
        inside.set()
        assert go_on.wait(30)
        return made

    monkeypatch.setattr("orders.api.views.enter_order", slow)

    def meanwhile() -> Any:
        assert inside.wait(30)
        try:
            return plant.post("orders", manual_order(store, north), once="k")
        finally:
            go_on.set()

    results: list[Any] = together(lambda: plant.post("orders", manual_order(store, north), once="k"), meanwhile)
    assert raised(results) == []
    first, second = results
    assert first.status_code == 201
    assert second.status_code == 409 and second.json()["code"] == "in_progress"
    monkeypatch.undo()
    third = plant.post("orders", manual_order(store, north), once="k")
    assert third.json() == first.json() and third["Idempotency-Replayed"] == "true"


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_order() -> None:
    north = northprint()
    plant, store = program(north), manual_store(north)
    results: list[Any] = together(*[lambda: plant.post("orders", manual_order(store, north), once="k") for _number in range(6)])
    assert raised(results) == []
    assert {answer.status_code for answer in results} <= {201, 409} and sum(
        "Idempotency-Replayed" not in answer for answer in results if answer.status_code == 201
    ) == 1
    assert all(answer.json()["code"] == "in_progress" for answer in results if answer.status_code == 409)
    with tenant(north.psp.pk):
        assert Order.objects.count() == 1
