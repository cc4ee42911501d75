"""Django admin: operators look across tenants, nobody else does, and secrets stay where they are."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse

from pod_hub.accounts.models import User
from pod_hub.core.sealing import SealedJSON
from pod_hub.core.tenancy import TenantModel, tenant
from stores.models import Authorization
from tests.factories.amazon_orders import amazon_order, bought
from tests.factories.browsers import browser_of
from tests.factories.cast import House

pytestmark = pytest.mark.django_db
OURS = {"accounts", "catalog", "stores", "orders", "fulfillment"}
MODELS = [model for model in apps.get_models() if model._meta.app_label in OURS]


@pytest.fixture
def olga(db: None) -> Client:
    return browser_of(User.objects.create_superuser("olga@hub.test", "correct horse battery staple"))


def test_every_model_has_a_page() -> None:
    assert [model for model in MODELS if model not in admin.site._registry] == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_lists_open_and_show_all_tenants(olga: Client, north: House, south: House, model: type[models.Model]) -> None:
    answer = olga.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
    assert answer.status_code == 200
    if model is type(north.store):
        assert "Ada Amazon.de" in answer.content.decode()
        assert "Sam Amazon.de" in answer.content.decode()


def test_secret_columns_are_on_no_page(olga: Client, north: House) -> None:
    with tenant(north.psp.pk):
        order = bought(north, amazon_order())[0]
        rows: list[models.Model] = [Authorization.objects.get(), order, order.buyer_data]
        stored = order.buyer_data.postcode_hash
        assert stored
    for row in rows:
        answer = olga.get(reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]))
        assert answer.status_code == 200
        shown = answer.content.decode()
        assert "sealed" not in shown
        assert "_hash" not in shown
        assert stored not in shown


@pytest.mark.parametrize("model", [model for model in MODELS if issubclass(model, TenantModel)], ids=lambda model: model.__name__)
def test_no_page_names_a_sealed_column(model: type[models.Model], rf: object) -> None:
    page = admin.site._registry[model]
    fields = page.get_fields(None)  # type: ignore[arg-type]
    sealed = {field.name for field in model._meta.concrete_fields if isinstance(field, SealedJSON)}
    assert not sealed & {*fields, *page.list_display}
    assert not any("hash" in str(name) for name in fields if str(name) != "sha256")


def test_tenants_rows_are_not_changed_here(olga: Client, north: House) -> None:
    address = reverse("admin:stores_store_change", args=[north.store.pk])
    assert olga.post(address, {"name": "X"}).status_code == 403
    assert olga.post(reverse("admin:stores_store_delete", args=[north.store.pk]), {"post": "yes"}).status_code == 403


def test_owners_of_a_psp_and_plain_staff_do_not_get_in(north: House) -> None:
    for person in (north.owner, north.worker):
        person.is_staff = True
        person.save()
        assert browser_of(person).get(reverse("admin:stores_store_changelist")).status_code == 302
    assert Client().get(reverse("admin:index")).status_code == 302


def test_an_operators_wide_view_ends_at_the_admin(olga: Client, north: House) -> None:
    assert olga.get(reverse("stores:store", args=[north.store.public_id])).status_code == 404
