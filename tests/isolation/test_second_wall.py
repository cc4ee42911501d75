"""The second wall: PostgreSQL refuses what a forgotten filter would allow (pod_hub/core/walls.py)."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.db.models import QuerySet

from orders.models import Order, OrderLine
from pod_hub.accounts.models import Customer, TradingName
from pod_hub.core.tenancy import TenantModel, across_tenants, tenant
from pod_hub.core.walls import GLOBAL_TABLES, missing_walls
from stores.models import Authorization
from tests.factories.amazon_orders import bought
from tests.factories.cast import House

pytestmark = pytest.mark.django_db
TABLES = sorted(model._meta.db_table for model in apps.get_models() if issubclass(model, TenantModel))
WRITABLE = [table for table in TABLES if table != "accounts_auditentry"]  # nobody may change or delete an entry: tests/accounts/test_audit.py


def sql(statement: str, *params: int) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params or None)
        return cursor.fetchall() if cursor.description else []


def unscoped(model: type[TenantModel]) -> QuerySet[Any]:
    """A query whose filter was forgotten."""
    return QuerySet(model=model)


def test_the_tests_run_as_the_application_role_which_owns_nothing_and_may_bypass_nothing() -> None:
    assert sql("SELECT current_user, session_user") == [("hub_app", "hub_app")]
    assert (
        sql("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname IN ('hub_app', 'hub_owner', 'hub_everyone', 'hub_narrowed')")
        == [(False, False)] * 4
    )
    assert sql("SELECT count(*) FROM pg_class WHERE relowner = 'hub_app'::regrole AND relnamespace = 'public'::regnamespace") == [(0,)]


def test_every_table_stands_behind_the_wall_or_in_the_list_of_global_tables() -> None:
    with connection.cursor() as cursor:
        assert missing_walls(cursor) == []


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_table_without_policies_is_found() -> None:
    with connections["owner"].cursor() as cursor:
        try:
            cursor.execute("CREATE TABLE careless (id int, psp_id bigint NOT NULL); CREATE TABLE nameless (id int)")
            found = missing_walls(cursor)
        finally:
            cursor.execute("DROP TABLE careless, nameless")
    assert found == [
        "careless has no complete row-level security: add RaiseWall to its migration",
        "nameless has no psp_id column and is not in GLOBAL_TABLES",
    ]


@pytest.mark.django_db(databases=["default", "owner"], transaction=False)
def test_a_reference_that_does_not_hold_the_tenant_is_found() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE fulfillment_package DROP CONSTRAINT fulfillment_package_label_id_wall")
        assert missing_walls(cursor) == [
            "fulfillment_package lacks the reference fulfillment_package_label_id_wall: repeat RaiseWall after the field was added"
        ]


def test_the_list_of_global_tables_names_only_tables_that_exist() -> None:
    names = {row[0] for row in sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert names >= GLOBAL_TABLES
    assert not GLOBAL_TABLES & set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_without_a_tenant_a_table_is_empty_and_takes_nothing(table: str, north: House) -> None:
    bought(north)
    assert sql(f'SELECT count(*) FROM "{table}"') == [(0,)]
    if table not in WRITABLE:
        return
    assert sql(f'UPDATE "{table}" SET psp_id = psp_id RETURNING 1') == []
    assert sql(f'DELETE FROM "{table}" RETURNING 1') == []


@pytest.mark.parametrize("table", TABLES)
def test_with_another_tenant_a_tables_rows_are_not_there(table: str, north: House, south: House) -> None:
    bought(north)
    with tenant(south.psp.pk):
        mine = f'SELECT count(*) FROM "{table}" WHERE psp_id <> %s'
        assert sql(mine, south.psp.pk) == [(0,)]
        if table not in WRITABLE:
            return
        assert sql(f'UPDATE "{table}" SET psp_id = psp_id WHERE psp_id = %s RETURNING 1', north.psp.pk) == []
        assert sql(f'DELETE FROM "{table}" WHERE psp_id = %s RETURNING 1', north.psp.pk) == []


def test_the_second_wall_holds_alone(north: House, south: House) -> None:
    bought(north)
    with tenant(south.psp.pk):
        assert list(unscoped(Customer).values_list("name", flat=True)) == ["Sampson"]
        assert unscoped(Order).count() == 0
        assert unscoped(Authorization).filter(psp_id=north.psp.pk).update(state="revoked") == 0


def test_a_row_of_another_tenant_cannot_be_written(north: House, south: House) -> None:
    with tenant(south.psp.pk), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        sql("INSERT INTO accounts_tradingname (psp_id, public_id, customer_id, name) VALUES (%s, 'trn_x', %s, 'x')", north.psp.pk, north.customer.pk)


def test_no_row_can_point_at_another_tenants_row(north: House, south: House) -> None:
    (order,) = bought(north)
    with tenant(south.psp.pk):
        with pytest.raises(IntegrityError), transaction.atomic():
            TradingName.objects.create(customer_id=north.customer.pk, name="Stolen")
            sql("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError), transaction.atomic():
            OrderLine.objects.create(order_id=order.pk, external_line_id="1", title="x", quantity=1)
            sql("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_tenant_does_not_outlive_its_transaction(north: House, south: House) -> None:
    for house in [north, south] * 20:
        with tenant(house.psp.pk):
            assert sql("SELECT count(DISTINCT psp_id), min(psp_id) FROM stores_store") == [(1, house.psp.pk)]
        assert sql("SELECT count(*) FROM stores_store") == [(0,)]


def test_the_scope_for_all_is_a_change_of_role_that_ends_with_it(north: House, south: House) -> None:
    with across_tenants(reason="test"):
        assert sql("SELECT current_user") == [("hub_everyone",)]
        assert sql("SELECT count(*) FROM stores_store") == [(2,)]
    assert sql("SELECT current_user") == [("hub_app",)]
    with tenant(north.psp.pk), across_tenants(reason="test"):
        pass
    assert sql("SELECT current_user") == [("hub_app",)]


def test_the_application_may_not_become_the_owner() -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        sql("SET LOCAL ROLE hub_owner")
    with pytest.raises(DatabaseError), transaction.atomic():
        sql("ALTER TABLE stores_store DISABLE ROW LEVEL SECURITY")


def test_every_row_is_bound_to_a_print_provider_directly_or_by_a_reference_it_cannot_do_without() -> None:
    """The plain reference to the PSP may be left out only where a composite one must be there."""
    references = sql(
        """
        SELECT c.conrelid::regclass::text,
               bool_or(c.confrelid = 'accounts_psp'::regclass),
               bool_or(c.confrelid <> 'accounts_psp'::regclass AND NOT EXISTS (
                   SELECT FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) AND NOT a.attnotnull))
        FROM pg_constraint c
        WHERE c.contype = 'f'
          AND (SELECT attnum FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attname = 'psp_id') = ANY (c.conkey)
        GROUP BY 1
        """
    )
    bound = {str(table): (direct, implied) for table, direct, implied in references}
    assert [table for table in TABLES if not any(bound.get(table, (False, False)))] == []
    assert bound["orders_order"] == (False, True)
    assert bound["orders_intakerecord"][0], "its references may be empty, so it keeps its own"
