"""Ids in forms: another tenant's, and inside a tenant another customer's, are refused as if they did not exist, and nothing is written."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any

import pytest
from django import forms
from django.urls import reverse

from catalog.design_choice import DesignOrUpload
from catalog.forms import (
    AccessForm,
    CategoryForm,
    CustomerProductForm,
    DesignForm,
    MockupForm,
    PlacePictureForm,
    ProductModelForm,
    StartDesignForm,
)
from catalog.models import CustomerProduct, Design, Mockup
from catalog.selectors import printable_designs
from orders.forms import ArtworkForm, LedgerFilters, MapForm, OrderFilters, PortalOrderFilters
from orders.models import OrderLine
from orders.remote_forms import StorageForm
from pod_hub.accounts.audit_trail import AuditFilters
from pod_hub.accounts.forms import InviteForm, PlaceForm
from pod_hub.accounts.models import Customer
from pod_hub.core.tenancy import tenant
from stores.forms import AddStoreForm, StoreForm, StoreSetupForm
from stores.manual_stores import ManualStoreForm
from stores.models import Listing, Publication, Store
from tests.isolation.marked_house import MarkedHouse, fingerprint
from tests.isolation.url_walk import Walk
from tests.isolation.verdicts import picture

pytestmark = pytest.mark.usefixtures("files_of_the_houses")
MODULES = [
    "pod_hub.accounts.forms",
    "catalog.design_choice",
    "catalog.forms",
    "stores.forms",
    "stores.manual_stores",
    "stores.product_forms",
    "orders.forms",
    "orders.remote_forms",
    "fulfillment.forms",
]
Made = Callable[[MarkedHouse, dict[str, Any]], forms.BaseForm]


def _map_form(house: MarkedHouse, data: dict[str, Any]) -> MapForm:
    listing = Listing.objects.select_related("store").get(public_id=house.ids["listing"])
    return MapForm(data, listing=listing, product=CustomerProduct.objects.get(public_id=house.ids["customer product"]))


def _design_choice(house: MarkedHouse, data: dict[str, Any]) -> DesignOrUpload:
    row = Publication.objects.select_related("store", "customer_product").get(public_id=house.ids["added product"])
    designs = printable_designs(customer_id=row.store.customer_id, product_model_id=row.customer_product.product_model_id)
    return DesignOrUpload(data, designs=designs)


def _artwork_form(house: MarkedHouse, data: dict[str, Any]) -> ArtworkForm:
    line = OrderLine.objects.select_related("order__store", "customer_product").get(public_id=house.ids["line"])
    return ArtworkForm(data, line=line)


# How each form with choices of rows is made, and what a foreign id is for each of its fields.
FORMS: dict[type[forms.BaseForm], tuple[Made, dict[str, str]]] = {
    PlaceForm: (lambda _house, data: PlaceForm(data), {"only_customers": "customer pk", "only_facilities": "facility pk"}),
    InviteForm: (lambda _house, data: InviteForm(data), {"only_customers": "customer pk", "only_facilities": "facility pk"}),
    CategoryForm: (lambda _house, data: CategoryForm(data), {"parent": "category pk"}),
    ProductModelForm: (lambda _house, data: ProductModelForm(data), {"category": "category pk"}),
    CustomerProductForm: (
        lambda house, data: CustomerProductForm(data, instance=CustomerProduct.objects.get(public_id=house.ids["customer product"])),
        {"customers": "customer pk", "facilities": "facility pk", "model_variant": "variant pk"},
    ),
    AccessForm: (lambda _house, data: AccessForm(data), {"products": "customer product", "customers": "customer"}),
    MockupForm: (
        lambda house, data: MockupForm(data, instance=Mockup.objects.get(public_id=house.ids["mockup"])),
        {"print_area": "print area pk", "variant": "variant pk"},
    ),
    StartDesignForm: (lambda _house, data: StartDesignForm(data), {"customer": "customer"}),
    PlacePictureForm: (
        lambda house, data: PlacePictureForm(data, design=Design.objects.get(public_id=house.ids["draft"])),
        {"area": "print area", "artwork": "artwork"},
    ),
    DesignForm: (lambda _house, data: DesignForm(data), {"customer": "customer pk"}),
    StoreForm: (
        lambda house, data: StoreForm.of(Store.objects.get(public_id=house.ids["store"]), data),
        {"facility": "facility pk", "trading_name": "trading name pk"},
    ),
    AddStoreForm: (
        lambda _house, data: AddStoreForm(data),
        {"customer": "customer pk", "facility": "facility pk", "trading_name": "trading name pk"},
    ),
    StoreSetupForm: (
        lambda _house, data: StoreSetupForm(data, kind="amazon", customer=None),
        {"existing": "waiting store pk", "customer": "customer pk", "facility": "facility pk", "trading_name": "trading name pk"},
    ),
    ManualStoreForm: (
        lambda _house, data: ManualStoreForm(data),
        {"customer": "customer pk", "facility": "facility pk", "trading_name": "trading name pk"},
    ),
    StorageForm: (
        lambda house, data: StorageForm(data, customer=Customer.objects.get(public_id=house.ids["customer"])),
        {"store": "waiting store pk"},
    ),
    MapForm: (_map_form, {"design": "design"}),
    DesignOrUpload: (_design_choice, {"design": "design"}),
    ArtworkForm: (_artwork_form, {"design": "design"}),
    OrderFilters: (
        lambda _house, data: OrderFilters(data, stores=Store.objects.select_related("customer")),
        {"store": "store", "customer": "customer"},
    ),
    PortalOrderFilters: (lambda _house, data: PortalOrderFilters(data, stores=Store.objects.all()), {"store": "store"}),
    AuditFilters: (lambda house, data: AuditFilters(data, psp_id=house.house.psp.pk), {"who": "owner pk"}),
    LedgerFilters: (lambda _house, data: LedgerFilters(data, stores=Store.objects.all()), {"store": "store"}),
}
CASES = [(form, name) for form, (_made, ids) in FORMS.items() for name in ids]


def _fields(form: type[forms.BaseForm]) -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = vars(form)["base_fields"]
    return fields


def test_every_form_with_choices_of_rows_is_asked() -> None:
    found = set()
    for module in map(importlib.import_module, MODULES):
        for _name, form in inspect.getmembers(module, inspect.isclass):
            if issubclass(form, forms.BaseForm) and form.__module__ == module.__name__:
                found |= {(form, name) for name, field in _fields(form).items() if isinstance(field, forms.ModelChoiceField)}
    assert found == {(form, name) for form, name in CASES if isinstance(_fields(form)[name], forms.ModelChoiceField)}


@pytest.mark.parametrize(("form", "name"), CASES, ids=lambda value: getattr(value, "__name__", value))
def test_a_form_refuses_another_tenants_id_and_takes_its_own(walk: Walk, form: type[forms.BaseForm], name: str) -> None:
    made, ids = FORMS[form]
    several = name.removeprefix("only_") in {"customers", "facilities", "products"}
    with tenant(walk.south.house.psp.pk):
        for house, refused in ((walk.north, True), (walk.south, False)):
            value = house.ids[ids[name]]
            bound = made(walk.south, {name: [value] if several else value})
            assert (name in bound.errors) is refused, house.house.psp


@pytest.mark.parametrize("who", ["foreign", "owner"])
def test_foreign_ids_in_posts_change_nothing_in_either_tenant(walk: Walk, who: str) -> None:
    """Somebody posts to pages of their own, naming objects of the other tenant; each is refused, and every row stays as it was."""
    own, other = (walk.south, walk.north) if who == "foreign" else (walk.north, walk.south)
    mine, theirs = own.ids, other.ids
    store = {"customer": theirs["customer pk"], "facility": theirs["facility pk"], "trading_name": theirs["trading name pk"], "name": "X"}
    product = {"name": "X", "uid": "XXX-1", "price": "1", "currency": "EUR"}
    posts: list[tuple[str, dict[str, Any]]] = [
        (reverse("stores:add"), store | {"place": "amazon:A1PA6795UKMFR9"}),
        (reverse("stores:add"), store | {"place": "amazon:A1PA6795UKMFR9", "customer": mine["customer pk"]}),
        (reverse("stores:wizard_setup", args=[mine["wizard"]]), store | {"place": "A1PA6795UKMFR9", "existing": theirs["waiting store pk"]}),
        (reverse("stores:wizard_reuse", args=[mine["wizard"]]), {"authorization": theirs["authorization"]}),
        (reverse("stores:edit", args=[mine["store"]]), store),
        (reverse("stores:edit", args=[mine["store"]]), store | {"facility": mine["facility pk"]}),
        (reverse("catalog:add_category"), {"name": "X", "position": "1", "parent": theirs["category pk"]}),
        (reverse("catalog:edit_category", args=[mine["category"]]), {"name": "X", "position": "1", "parent": theirs["category pk"]}),
        (reverse("catalog:edit_customer_product", args=[mine["customer product"]]), product | {"customers": [theirs["customer pk"]]}),
        (reverse("catalog:edit_customer_product", args=[mine["customer product"]]), product | {"facilities": [theirs["facility pk"]]}),
        (reverse("catalog:add_design", args=[mine["product model"]]), {"customer": theirs["customer pk"], "name": "X", "file": picture()}),
        (
            reverse("orders:map_listing", args=[mine["listing"]]) + f"?product={mine['customer product']}",
            {"quantity": "1", "design": theirs["design"]},
        ),
        (
            reverse("orders:map_listing", args=[mine["listing"]]) + f"?product={theirs['customer product']}",
            {"quantity": "1", "design": mine["design"]},
        ),
        (reverse("orders:map_listing", args=[mine["listing"]]) + f"?part={theirs['customer product']}~~1", {}),
        (reverse("orders:map_listing", args=[mine["listing"]]) + f"?part={mine['customer product']}~{theirs['design']}~1", {}),
        (reverse("stores:add_product", args=[mine["store"]]), {"product": theirs["customer product"]}),
        (reverse("stores:add_product", args=[mine["store"]]), {"listing": theirs["listing"]}),
        (reverse("stores:product_variants", args=[mine["added product"]]), {"products": [theirs["customer product"]]}),
        (reverse("stores:product_design", args=[mine["added product"]]), {"design": theirs["design"]}),
        (reverse("orders:accept_suggestion", args=[mine["listing"]]), {"seen": f"{theirs['customer product']}~{theirs['design']}~1"}),
        (reverse("orders:bulk_release"), {"order": [theirs["order"], theirs["held order"]]}),
        (reverse("orders:decide_again"), {"record": [theirs["record"]]}),
        (reverse("orders:move", args=[mine["order"]]), {"to": "printing", "line": theirs["line"]}),
        (reverse("orders:release_hold", args=[mine["held order"], theirs["hold"]]), {"reason": "X"}),
        (reverse("fulfillment:ship", args=[mine["order"]]), _parcel(theirs["line"])),
    ]
    before = fingerprint()
    for number, (address, data) in enumerate(posts):
        answer = walk.ask_anew(who, address, data)
        assert answer.status in {200, 302, 404, 422}, (address, number)
        assert answer.changed == [], (address, data)
        assert not [mark for mark in answer.marks if mark in other.marks.where], address
    assert fingerprint() == before


def _parcel(line: str) -> dict[str, str]:
    return {"packages": "1", f"p0-{line}": "1", "p0-carrier_code": "DHL", "p0-tracking_number": "00340434161094000003", "p0-shipping_method": ""}


def test_another_customers_design_of_the_same_tenant_is_refused(walk: Walk) -> None:
    ids = walk.north.ids
    address = reverse("orders:map_listing", args=[ids["listing"]]) + f"?product={ids['customer product']}"
    assert walk.ask_anew("owner", address, {"quantity": "1", "design": ids["design"]}).status == 302
    answer = walk.ask_anew("owner", address, {"quantity": "1", "design": ids["second customer's design"]})
    assert answer.status == 200 and answer.changed == []


def test_another_customers_trading_name_of_the_same_tenant_is_refused(walk: Walk) -> None:
    ids = walk.north.ids
    with tenant(walk.north.house.psp.pk):
        bound = AddStoreForm({"customer": ids["second customer pk"], "trading_name": ids["trading name pk"]})
        assert "trading_name" in bound.errors
