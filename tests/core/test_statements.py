"""Kept statements (pod_hub/core/statements.py) answer for the scope that is open when they are asked, whoever they were written for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection
from django.db.models import Value
from django.db.models.functions import Concat
from django.utils.timezone import now

from orders.models import Order
from orders.order_list import counts_asked, counts_of, listed_stores
from pod_hub.accounts.models import Customer
from pod_hub.core.statements import Holes, KeptStatement, Written, together, written
from pod_hub.core.tenancy import NoTenant, across_tenants, tenant
from stores.models import Store
from tests.factories.amazon_orders import bought
from tests.factories.cast import House

MORE_OFTEN_THAN_IT_TAKES_TO_BE_PREPARED = 8


def names() -> KeptStatement:
    @KeptStatement
    def statement(_holes: Holes) -> Written:
        return written(Store.objects.order_by("pk").values_list("name", "psp_id"))

    return statement


def asked_alone(statement: KeptStatement, **values: Any) -> list[tuple[Any, ...]]:
    return statement.asked(**values).rows()


def test_one_statement_serves_two_print_providers_and_shows_each_its_own(north: House, south: House) -> None:
    statement = names()
    for _time in range(MORE_OFTEN_THAN_IT_TAKES_TO_BE_PREPARED):
        for house in (north, south):
            with tenant(house.psp.pk):
                assert asked_alone(statement) == [(north.store.name if house is north else south.store.name, house.psp.pk)]


def test_the_first_wall_alone_keeps_it_to_its_own(north: House, south: House) -> None:
    statement = names()
    with tenant(north.psp.pk):
        asked = statement.asked()
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE hub_everyone")  # as if every policy were missing
        assert {psp for _name, psp in asked.rows()} == {north.psp.pk}


def test_the_second_wall_alone_keeps_it_to_its_own(north: House, south: House) -> None:
    statement = names()
    with tenant(north.psp.pk):
        asked = statement.asked()
    with tenant(south.psp.pk):
        assert asked.rows() == []  # filled in for the one, asked in the scope of the other


def test_without_a_single_tenants_scope_it_is_not_asked(north: House) -> None:
    statement = names()
    with pytest.raises(NoTenant):
        statement.asked()
    with across_tenants(reason="a test"), pytest.raises(NoTenant):
        statement.asked()


@pytest.mark.parametrize("narrowed_first", [True, False])
def test_what_a_narrowed_scope_made_serves_no_wide_one_nor_the_other_way_round(north: House, narrowed_first: bool) -> None:
    bought(north)
    with tenant(north.psp.pk):
        other = Customer.objects.create(name="Nobody's shop")
    scopes: list[tuple[dict[str, list[int]], int]] = [
        ({"customers": [other.pk]}, 0),
        ({}, 1),
        ({"customers": [north.customer.pk]}, 1),
        ({"customers": []}, 0),
    ]
    for _time in range(MORE_OFTEN_THAN_IT_TAKES_TO_BE_PREPARED):
        for narrowing, seen in scopes if narrowed_first else reversed(scopes):
            with tenant(north.psp.pk, **narrowing):
                assert len(listed_stores()) == seen
                assert counts_of(counts_asked().rows())["open"] == seen
                assert [len(rows) for rows in together(counts_asked(), names().asked())][1] == seen


def test_values_are_filled_in_each_time_and_never_read_as_sql(north: House) -> None:
    @KeptStatement
    def numbered(holes: Holes) -> Written:
        rows = Order.objects.filter(external_id=holes.text("number"), placed_at__gt=holes.moment("since"), pk__gt=holes.number("after"))
        return written(rows.annotate(share=Concat("external_id", Value(" 100% %s")))[:5].values_list("external_id", "share"))

    order = bought(north)[0]
    since = now() - timedelta(days=90)
    with tenant(north.psp.pk):
        assert asked_alone(numbered, number=order.external_id, since=since, after=0) == [(order.external_id, f"{order.external_id} 100% %s")]
        assert asked_alone(numbered, number="' OR true --", since=since, after=0) == []
        assert asked_alone(numbered, number=order.external_id, since=now() + timedelta(days=1), after=0) == []
        assert asked_alone(numbered, number=order.external_id, since=since, after=order.pk) == []


def test_a_hole_that_got_lost_is_told_when_the_statement_is_written(north: House) -> None:
    @KeptStatement
    def loses(holes: Holes) -> Written:
        return written(Order.objects.filter(external_id=holes.text("number").upper()).values_list("pk"))

    with tenant(north.psp.pk), pytest.raises(ValueError, match="no place for number"):
        loses.asked(number="1")


def test_an_error_among_several_is_djangos_own_and_rolls_the_scope_back(north: House) -> None:
    @KeptStatement
    def wrong(_holes: Holes) -> Written:
        return "SELECT no_such_column", ()

    with pytest.raises(ProgrammingError, match="no_such_column"), tenant(north.psp.pk):
        Store.objects.filter(pk=north.store.pk).update(name="Changed")
        together(names().asked(), wrong.asked())
    with tenant(north.psp.pk):
        assert Store.objects.get().name == north.store.name
