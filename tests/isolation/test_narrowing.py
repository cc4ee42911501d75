"""A scope that is narrowed to some customers or facilities shows their rows and no others, by either wall (pod_hub/core/narrowing.py)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import QuerySet

from catalog.models import Category, CustomerProduct, Design, ProductGrant, ProductModel
from orders.models import Order, OrderLine
from pod_hub.accounts.models import Customer, Facility, Membership, Role
from pod_hub.core.bulk import copy_rows
from pod_hub.core.narrowing import narrowing
from pod_hub.core.tenancy import NoTenant, TenantModel, bounded, narrowed, tenant, whole_psp
from stores.listing_search import find_listings
from stores.models import Listing, Store
from stores.services.setup import change_store
from tests.factories.amazon_orders import bought
from tests.factories.cast import House, person
from tests.isolation.marked_house import TENANT_MODELS
from tests.isolation.url_walk import Walk

each_model = pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model.__name__)
# What the marked house's second customer sees of each table. Of every other table it sees nothing, because it has nothing there.
# There is one print file, and designs of both customers use it.
SEEN_WHOLE = {"Facility", "Category", "ProductModel", "PrintArea", "Variant", "Mockup", "ProductFacility", "PrintFile", "FileCheck"}


def unfiltered(model: type[TenantModel]) -> QuerySet[Any]:
    """A query whose filter was forgotten."""
    return QuerySet(model=model)


@each_model
def test_another_customer_sees_only_what_is_for_everybody(walk: Walk, model: type[TenantModel]) -> None:
    house, ids = walk.north.house, walk.north.ids
    second = int(ids["second customer pk"])
    with tenant(house.psp.pk):
        everything = model.objects.count()
    with tenant(house.psp.pk, customers=[second]):
        both: tuple[QuerySet[Any], QuerySet[Any]] = (model.objects.all(), unfiltered(model))
        for rows in both:
            if model.__name__ in SEEN_WHOLE:
                assert rows.count() == everything > 0
            elif model is Customer:
                assert [row.pk for row in rows] == [second]
            elif model is Design:
                assert [row.public_id for row in rows] == [ids["second customer's design"]]
            elif model is CustomerProduct:
                assert [row.for_all_customers for row in rows] == [True]
            else:
                assert not rows.exists()


@each_model
def test_a_customer_sees_all_that_is_its_own(walk: Walk, model: type[TenantModel]) -> None:
    house = walk.north.house
    belongs_to_the_house = {"ApiKey", "KeptAnswer", "Mail", "AuditEntry", "DigestSetting", "CatalogImport"}
    not_its_own = {"Customer": 1, "Design": 1}
    with tenant(house.psp.pk):
        everything = model.objects.count()
    with tenant(house.psp.pk, customers=[house.customer.pk]):
        for rows in (model.objects.all(), unfiltered(model)):
            assert rows.count() == (0 if model.__name__ in belongs_to_the_house else everything - not_its_own.get(model.__name__, 0))


@each_model
def test_nobodys_rows_are_seen_by_a_scope_for_nobody(walk: Walk, model: type[TenantModel]) -> None:
    for_all = {"Facility", "Category", "ProductModel", "PrintArea", "Variant", "Mockup", "ProductFacility", "CustomerProduct"}
    with tenant(walk.north.house.psp.pk, customers=[]):
        for rows in (model.objects.all(), unfiltered(model)):
            assert rows.exists() == (model.__name__ in for_all)
    with tenant(walk.north.house.psp.pk, customers=[walk.south.house.customer.pk]):
        for rows in (model.objects.all(), unfiltered(model)):
            assert rows.exists() == (model.__name__ in for_all)


@pytest.mark.django_db
def test_the_role_without_settings_sees_nothing(north: House) -> None:
    bought(north)
    with tenant(north.psp.pk), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE hub_narrowed")
        assert not unfiltered(Order).exists()
        assert not unfiltered(Store).exists()


@pytest.mark.django_db
def test_who_is_narrowed_to_another_facility_sees_neither_store_nor_orders(north: House) -> None:
    (order,) = bought(north)
    with tenant(north.psp.pk):
        other = Facility.objects.create(name="Two", address_lines="x", city="x", postcode="x", country="DE")
    with tenant(north.psp.pk, facilities=[other.pk]):
        for model in (Order, OrderLine, Store, Listing):
            assert not model.objects.exists()
            assert not unfiltered(model).exists()
        assert list(Facility.objects.all()) == list(unfiltered(Facility)) == [other]
    with tenant(north.psp.pk, facilities=[north.facility.pk]):
        assert Order.objects.get() == unfiltered(Order).get() == order


@pytest.mark.django_db
def test_a_store_that_moved_is_still_seen_where_its_orders_print(north: House) -> None:
    bought(north)
    with tenant(north.psp.pk):
        other = Facility.objects.create(name="Two", address_lines="x", city="x", postcode="x", country="DE")
        change_store(store_id=north.store.pk, name="Moved", facility=other, trading_name=None)
    for facility, orders in ((north.facility, 1), (other, 0)):
        with tenant(north.psp.pk, facilities=[facility.pk]):
            assert Store.objects.get().name == unfiltered(Store).get().name == "Moved"
            assert Order.objects.select_related("store").count() == orders


@pytest.mark.django_db
def test_a_narrowed_scope_writes_nothing_for_others_and_changes_nothing_that_is_for_all(north: House) -> None:
    with tenant(north.psp.pk):
        other = Customer.objects.create(name="Other")
    with tenant(north.psp.pk, customers=[other.pk]):
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Design.objects.create(customer=north.customer, product_model=north.mug.product_model, name="Planted")
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Category.objects.create(name="Mine")
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            ProductGrant.objects.create(customer_product=north.mug, customer=other)
        assert unfiltered(ProductModel).update(name="Changed") == 0
        assert unfiltered(Store).filter(pk=north.store.pk).update(name="Changed") == 0
        assert unfiltered(Customer).filter(pk=north.customer.pk).update(storefronts_enabled=False) == 0
        assert unfiltered(Customer).filter(pk=other.pk).update(storefronts_enabled=True) == 1


@pytest.mark.django_db
def test_no_scope_inside_a_narrowed_one_is_wider_unless_it_says_why(north: House) -> None:
    bought(north)
    with tenant(north.psp.pk):
        other = Customer.objects.create(name="Other")
    with tenant(north.psp.pk, customers=[other.pk]):
        with tenant(north.psp.pk):
            assert not Order.objects.exists()
        with tenant(north.psp.pk, customers=[other.pk, north.customer.pk]):
            assert not unfiltered(Order).exists()
        with whole_psp(reason="test"):
            assert Order.objects.count() == unfiltered(Order).count() == 1
        assert not Order.objects.exists()
        assert not unfiltered(Order).exists()
        with pytest.raises(NoTenant):
            whole_psp(reason="").__enter__()
        with pytest.raises(NoTenant):
            bounded(customers=[1]).__enter__()
    with tenant(north.psp.pk):
        assert Order.objects.count() == 1


@pytest.mark.django_db
def test_short_scopes_of_a_request_without_one_are_narrowed_too(north: House) -> None:
    bought(north)
    with bounded(customers=[0], facilities=None):
        assert narrowed() == narrowing([0])
        with tenant(north.psp.pk):
            assert not Order.objects.exists()
            assert not unfiltered(Order).exists()
    with tenant(north.psp.pk):
        assert Order.objects.exists()


@pytest.mark.django_db
def test_searching_listings_stays_inside_the_narrowing(north: House) -> None:
    def found() -> list[int]:
        return find_listings(store_ids=[north.store.pk], text="mug", limit=5)

    with tenant(north.psp.pk, customers=[north.customer.pk], facilities=[north.facility.pk]):
        assert found() == [north.listing.pk]
    with tenant(north.psp.pk, customers=[0]):
        assert found() == []
    with tenant(north.psp.pk, facilities=[0]):
        assert found() == []


@pytest.mark.django_db
def test_rows_are_copied_in_bulk_by_narrowed_and_other_scopes_of_one_connection(north: House) -> None:
    def copied(key: str) -> int:
        told = {"title": "t", "seen_at": "2026-01-01T00:00:00Z", "is_parent": False, "state": Listing.State.UNMAPPED.value}
        told |= dict.fromkeys(("sku", "product_id", "channel_state", "problem", "image_url", "currency", "family", "family_title"), "")
        columns, row = ["public_id", "store_id", "key", *told], (f"lst_{key}", north.store.pk, key, *told.values())
        return len(copy_rows(Listing, columns, [row]))

    for turn in range(2):
        with tenant(north.psp.pk):
            assert copied(f"a{turn}") == 1
        with tenant(north.psp.pk, customers=[north.customer.pk]):
            assert copied(f"b{turn}") == 1
        with tenant(north.psp.pk, customers=[0]), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            copied(f"c{turn}")


@pytest.mark.django_db
def test_a_customers_list_is_walked_by_an_index_and_whoever_is_not_narrowed_pays_nothing(north: House) -> None:
    bought(north)

    def plan() -> str:
        return str(Order.objects.order_by("-placed_at", "-id")[:50].explain())

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
    with tenant(north.psp.pk, customers=[north.customer.pk]):
        mine = plan()
    with tenant(north.psp.pk):
        everybodys = plan()
    # With one order in the table its own index costs as much as the whole provider's, so the planner may take either.
    assert "using order_list" in mine and "Sort" not in mine
    assert "app.customer_ids" not in everybodys and "InitPlan" not in everybodys and "SubPlan" not in everybodys


@pytest.mark.django_db
def test_a_merchants_customer_is_always_one_of_the_same_print_provider(north: House, south: House) -> None:
    mallory = person(south.psp, "Max", Role.MERCHANT, south.customer)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        Membership.objects.filter(user=mallory).update(customer=north.customer)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        Membership.objects.create(user=mallory, psp=north.psp, role=Role.MERCHANT, customer=south.customer)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
def test_an_orders_customer_is_always_that_of_its_store(north: House) -> None:
    (order,) = bought(north)
    with tenant(north.psp.pk):
        other = Customer.objects.create(name="Other")
        assert order.customer_id == north.customer.pk
        for table in (Order, Store):
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                table.objects.update(customer=other)
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.OWNER, Role.MERCHANT])
def test_owners_and_merchants_are_not_narrowed_to_several(north: House, role: Role) -> None:
    somebody = person(north.psp, "Some", role, north.customer if role == Role.MERCHANT else None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(user=somebody).update(only_customers=[north.customer.pk])


def test_every_table_says_how_a_narrowed_scope_sees_it() -> None:
    said = {model.__name__ for model in TENANT_MODELS if "narrowed_by" in vars(model)}
    assert {model.__name__ for model in TENANT_MODELS} - said <= {"ApiKey", "KeptAnswer", "Mail"}, (
        "say narrowed_by, or nobody who is narrowed sees the table"
    )
