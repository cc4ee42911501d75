"""The first wall: managers raise outside a scope and see one tenant inside it (pod_hub/core/tenancy.py)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection, connections, transaction

from pod_hub.accounts.models import Customer
from pod_hub.core.tenancy import NoTenant, TenantModel, WrongTenant, across_tenants, current_psp_id, scope_is_open, tenant
from tests.factories.cast import House, northprint, southprint

MODELS = [model for model in apps.get_models() if issubclass(model, TenantModel)]


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_query_outside_a_scope_raises(model: type[TenantModel]) -> None:
    with pytest.raises(NoTenant, match=model.__name__):
        model.objects.count()
    with pytest.raises(NoTenant, match=model.__name__):
        list(model._base_manager.all())


@pytest.mark.parametrize("nobody", [None, "", "everyone", True, 3.5])
def test_nobody_never_comes_to_mean_everybody(nobody: object) -> None:
    with pytest.raises(NoTenant):
        tenant(nobody).__enter__()  # type: ignore[arg-type]


def test_the_scope_for_all_needs_a_reason() -> None:
    with pytest.raises(NoTenant):
        across_tenants(reason="").__enter__()


@pytest.mark.django_db
def test_a_scope_sees_its_own_rows_and_gives_the_outer_one_back(north: House, south: House) -> None:
    with tenant(north.psp.pk):
        assert list(Customer.objects.values_list("name", flat=True)) == ["Ada"]
        with tenant(south.psp.pk):
            assert list(Customer.objects.values_list("name", flat=True)) == ["Sampson"]
        assert current_psp_id() == north.psp.pk
        assert list(Customer.objects.values_list("name", flat=True)) == ["Ada"]
        with across_tenants(reason="test"):
            assert Customer.objects.count() == 2
        assert Customer.objects.count() == 1
    assert not scope_is_open()


@pytest.mark.django_db
def test_an_inner_scope_that_fails_gives_the_outer_one_back(north: House, south: House) -> None:
    with tenant(north.psp.pk):
        with pytest.raises(ZeroDivisionError), tenant(south.psp.pk):
            Customer.objects.create(name="Half")
            raise ZeroDivisionError
        assert list(Customer.objects.values_list("name", flat=True)) == ["Ada"]
    with tenant(south.psp.pk):
        assert not Customer.objects.filter(name="Half").exists()


@pytest.mark.django_db
def test_another_tenants_row_cannot_be_saved_or_deleted(north: House, south: House) -> None:
    with tenant(south.psp.pk):
        north.customer.name = "Taken"
        with pytest.raises(WrongTenant):
            north.customer.save()
        with pytest.raises(WrongTenant):
            north.customer.delete()
        with pytest.raises(WrongTenant):
            Customer.objects.bulk_create([Customer(psp=north.psp, name="Planted")])


@pytest.mark.django_db
def test_related_rows_pass_the_wall_too(north: House, south: House) -> None:
    with tenant(south.psp.pk), pytest.raises(north.store.DoesNotExist):
        north.connection.store_id = north.store.pk
        del north.connection._state.fields_cache["store"]
        _ = north.connection.store


@pytest.fixture
def without_second_wall(db: None) -> Iterator[tuple[House, House]]:
    """Both houses, with row-level security switched off on the customers' table: only the managers are left."""
    houses = northprint(), southprint()
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_customer DISABLE ROW LEVEL SECURITY")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM accounts_customer")
            assert cursor.fetchone()[0] == 2, "the second wall is still there"
        yield houses
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute("ALTER TABLE accounts_customer ENABLE ROW LEVEL SECURITY")


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_first_wall_holds_alone(without_second_wall: tuple[House, House]) -> None:
    north, south = without_second_wall
    with tenant(north.psp.pk):
        assert list(Customer.objects.values_list("name", flat=True)) == ["Ada"]
        assert not Customer.objects.filter(pk=south.customer.pk).exists()
        assert Customer.objects.filter(pk=south.customer.pk).update(name="Taken") == 0
    with pytest.raises(NoTenant), transaction.atomic():
        Customer.objects.count()
