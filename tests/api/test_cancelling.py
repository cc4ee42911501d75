"""Cancelling by API: the same rules as on the page, and the marketplace is told."""

from __future__ import annotations

import pytest

from fulfillment.models import Push
from orders.models import Order
from orders.services.production import move_lines, release_order
from orders.states import LineState
from pod_hub.accounts.actors import HUB
from pod_hub.accounts.models import Scope
from pod_hub.core.tenancy import tenant
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.cast import House
from tests.factories.programs import manual_order, manual_store, program

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(north: House) -> Order:
    (sold,) = bought(north, amazon_order(orderItems=[item("ONE"), item("TWO")]))
    return sold


def test_a_line_is_cancelled_with_a_reason_and_the_marketplace_is_told(north: House, order: Order) -> None:
    with tenant(north.psp.pk):
        first = order.lines.earliest("pk")
    plant = program(north)
    answer = plant.post(f"orders/{order.public_id}/cancel", {"reason": "no_stock", "lines": [first.public_id]})
    assert answer.status_code == 200
    told = answer.json()
    assert told["cancelled"] == [first.public_id] and told["state"] == "received"
    assert (told["push"]["kind"], told["push"]["delivery"]) == ("order_cancelled", "pending")
    again = plant.post(f"orders/{order.public_id}/cancel", {"reason": "no_stock", "lines": [first.public_id]}).json()
    assert again["cancelled"] == [] and again["push"] is None
    with tenant(north.psp.pk):
        assert Push.objects.get().line_numbers == [first.external_line_id]


def test_without_lines_the_whole_order_is_cancelled(north: House, order: Order) -> None:
    told = program(north).post(f"orders/{order.public_id}/cancel", {"reason": "buyer_cancelled"}).json()
    assert len(told["cancelled"]) == 2 and told["state"] == "cancelled"


def test_what_is_being_printed_is_refused_until_the_program_says_that_it_knows(north: House) -> None:
    store = manual_store(north)
    plant = program(north)
    made = plant.post("orders", manual_order(store, north)).json()["id"]
    with tenant(north.psp.pk):
        order = Order.objects.get()
        release_order(order_id=order.pk, actor=HUB)
        move_lines(order_id=order.pk, to=LineState.PRINTING, actor=HUB)
    refused = plant.post(f"orders/{made}/cancel", {"reason": "other"})
    assert refused.status_code == 409 and "printing has begun" in refused.json()["detail"]
    told = plant.post(f"orders/{made}/cancel", {"reason": "other", "printed": True})
    assert told.status_code == 200 and told.json()["push"] is None, "a store without a marketplace has nobody to tell"


def test_wrong_reasons_lines_and_keys_are_refused(north: House, order: Order) -> None:
    plant = program(north)
    path = f"orders/{order.public_id}/cancel"
    assert plant.post(path, {}).status_code == plant.post(path, {"reason": "because"}).status_code == 422
    assert plant.post(path, {"reason": "other", "lines": ["lin_0000000000000000"]}).json()["errors"][0]["pointer"] == "#/lines/0"
    assert program(north, scopes=[Scope.ORDERS_READ]).post(path, {"reason": "other"}).status_code == 403
    with tenant(north.psp.pk):
        assert not Push.objects.exists()
