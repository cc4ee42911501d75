"""The states of lines and what may follow (orders/states.py)."""

from __future__ import annotations

import itertools

import pytest

from orders.services.production import HeldBack, IllegalTransition, move_lines, release_order
from orders.states import NOT_MADE, PROGRESS, TRANSITIONS, LineState, OrderState, derive_order_state
from pod_hub.accounts.actors import HUB
from pod_hub.core.tenancy import tenant
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.cast import House

S = LineState


@pytest.mark.django_db
def test_every_pair_of_states_goes_exactly_as_the_table_says(north: House) -> None:
    (order,) = bought(north)
    with tenant(north.psp.pk):
        order.holds.update(released_at=order.imported_at)
        line = order.lines.get()
        for before, after in itertools.product(S, S):
            type(line).objects.filter(pk=line.pk).update(state=before)
            if after == before:
                assert move_lines(order_id=order.pk, to=after, actor=HUB, line_ids=[line.pk]) == []
            elif after in TRANSITIONS[before]:
                assert [moved.state for moved in move_lines(order_id=order.pk, to=after, actor=HUB, line_ids=[line.pk])] == [after]
            else:
                with pytest.raises(IllegalTransition):
                    move_lines(order_id=order.pk, to=after, actor=HUB, line_ids=[line.pk])
                line.refresh_from_db()
                assert line.state == before


def test_the_table_names_every_state_and_ends_are_final() -> None:
    assert set(TRANSITIONS) == set(S)
    assert TRANSITIONS[S.SHIPPED] == TRANSITIONS[S.CANCELLED] == TRANSITIONS[S.NOT_OURS] == frozenset()


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        ([], OrderState.RECEIVED),
        ([(S.RECEIVED, 0)], OrderState.RECEIVED),
        ([(S.RELEASED, 0), (S.PACKING, 0)], OrderState.RELEASED),
        ([(S.PRINTING, 0), (S.CANCELLED, 0)], OrderState.PRINTING),
        ([(S.SHIPPED, 1), (S.RECEIVED, 0)], OrderState.PARTIALLY_SHIPPED),
        ([(S.PACKING, 2)], OrderState.PARTIALLY_SHIPPED),
        ([(S.SHIPPED, 1), (S.CANCELLED, 0)], OrderState.SHIPPED),
        ([(S.CANCELLED, 0), (S.CANCELLED, 0)], OrderState.CANCELLED),
        ([(S.NOT_OURS, 0), (S.RECEIVED, 0)], OrderState.RECEIVED),
        ([(S.NOT_OURS, 0), (S.SHIPPED, 1)], OrderState.SHIPPED),
        ([(S.NOT_OURS, 0), (S.CANCELLED, 0)], OrderState.NOT_OURS),
    ],
)
def test_an_orders_state_is_derived_from_its_lines(lines: list[tuple[str, int]], state: OrderState) -> None:
    assert derive_order_state(lines) == state


def test_progress_covers_every_state_of_which_something_is_made() -> None:
    assert set(PROGRESS) == set(S) - NOT_MADE


@pytest.mark.django_db
def test_a_held_line_waits_alone_and_the_rest_is_released(north: House) -> None:
    (order,) = bought(north, amazon_order(orderItems=[item(), item("UNKNOWN")]))
    with tenant(north.psp.pk):
        order.holds.filter(line__sku="MUG-11OZ-WHITE").update(released_at=order.imported_at)
        assert [line.sku for line in release_order(order_id=order.pk, actor=HUB)] == ["MUG-11OZ-WHITE"]
        with pytest.raises(HeldBack, match="UNKNOWN"):
            release_order(order_id=order.pk, actor=HUB)
