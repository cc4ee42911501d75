"""The API and the wall between tenants: every address has a verdict, and Mallory's key finds nothing of Northprint's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from orders.models import Hold, HoldKind, Order
from orders.services.holds import open_hold
from pod_hub.accounts.api.views import ApiView, NothingHere
from pod_hub.accounts.models import Scope
from pod_hub.core.tenancy import tenant
from tests.api.test_orders import line_of, mapped
from tests.factories.cast import House
from tests.factories.programs import Program, manual_order, manual_store, publication

READ, WRITE, SHIP, INTAKE = Scope.ORDERS_READ, Scope.ORDERS_WRITE, Scope.PACKAGES_WRITE, Scope.INTAKE_READ
# The verdicts: each operation with the scope it needs. An operation that is not here fails the first test.
VERDICTS: dict[tuple[str, str], Scope] = {
    ("GET", "products"): READ,
    ("GET", "designs"): READ,
    ("GET", "stores"): READ,
    ("GET", "publications"): READ,
    ("GET", "publications/<slug:public_id>"): READ,
    ("GET", "orders"): READ,
    ("POST", "orders"): WRITE,
    ("GET", "orders/<slug:public_id>"): READ,
    ("POST", "orders/<slug:public_id>/release"): WRITE,
    ("POST", "orders/<slug:public_id>/lines/move"): WRITE,
    ("GET", "orders/<slug:public_id>/lines/<slug:line_id>/print-file"): READ,
    ("POST", "holds/<slug:public_id>/release"): WRITE,
    ("GET", "intake-records"): INTAKE,
    ("POST", "orders/<slug:public_id>/cancel"): WRITE,
    ("POST", "orders/<slug:public_id>/packages"): SHIP,
}
PUBLIC = {"schema/", "docs/"}
OPERATIONS = [
    (method, path.replace("<slug:public_id>", "ord_x").replace("<slug:line_id>", "lin_x"), scope) for (method, path), scope in VERDICTS.items()
]

pytestmark = pytest.mark.django_db


def addresses(resolver: URLResolver, above: str = "") -> Iterator[tuple[str, Any]]:
    for one in resolver.url_patterns:
        path = above + str(one.pattern)
        if isinstance(one, URLPattern):
            yield path, one.callback
        else:
            yield from addresses(one, path)


def api_addresses() -> dict[str, Any]:
    return {path.removeprefix("api/v1/"): view for path, view in addresses(get_resolver()) if path.startswith("api/v1/")}


def test_every_address_of_the_api_has_a_verdict() -> None:
    found = {
        (method.upper(), path)
        for path, view in api_addresses().items()
        if path not in PUBLIC
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(view.cls, method)
    }
    assert found == set(VERDICTS)
    for path, view in api_addresses().items():
        assert view.outside_scope, path
        if path not in PUBLIC:
            assert issubclass(view.cls, ApiView) and view.audience == "api" and view.cls is not NothingHere, path
            # No view loosens what the base class asks for.
            assert not {"authentication_classes", "permission_classes", "throttle_classes", "dispatch"} & set(vars(view.cls)), path


def ids_of(house: House) -> dict[str, str]:
    (order,) = mapped(house)
    with tenant(house.psp.pk):
        hold = open_hold(order, HoldKind.APPROVAL, "Waits for somebody's yes.")
        assert hold is not None
    return {
        "orders": order.public_id, "line": line_of(house, order).public_id, "holds": hold.public_id, "publications": publication(house).public_id,
    }  # fmt: skip


@pytest.mark.parametrize(("method", "path"), [pair for pair in VERDICTS if "<" in pair[1]], ids=str)
def test_another_houses_ids_are_a_404_like_ids_that_do_not_exist(north: House, plant: Program, mallory: Program, method: str, path: str) -> None:
    ids = ids_of(north)
    own = path.replace("<slug:line_id>", ids["line"]).replace("<slug:public_id>", ids[path.partition("/")[0]])
    nowhere = path.replace("<slug:line_id>", "lin_0000000000000000").replace("<slug:public_id>", "ord_0000000000000000")
    assert plant.ask(method, own).status_code != 404
    stolen, unknown = mallory.ask(method, own), mallory.ask(method, nowhere)
    assert stolen.status_code == unknown.status_code == 404
    assert stolen.json() == unknown.json()
    assert not any(one in stolen.content.decode() for one in ids.values())


@pytest.mark.parametrize("path", [path for method, path in VERDICTS if method == "GET" and "<" not in path])
def test_lists_hold_nothing_of_another_house(north: House, south: House, plant: Program, mallory: Program, path: str) -> None:
    mapped(north)
    publication(north)
    mine, theirs = plant.get(path).json()["items"], mallory.get(path).json()["items"]
    assert mine
    assert not {str(one.get("id", one)) for one in mine} & {str(one.get("id", one)) for one in theirs}
    for name, value in (("store", north.store.public_id), ("customer", north.customer.public_id)):
        answer = mallory.get(path, **{name: value})
        if answer.status_code == 200:
            assert not any(north.psp.name in str(one) or "Ada" in str(one) for one in answer.json()["items"])


def test_another_houses_ids_inside_a_body_are_as_unknown_as_any(north: House, south: House, plant: Program, mallory: Program) -> None:
    theirs, mine = manual_store(north), manual_store(south)
    stolen = mallory.post("orders", manual_order(theirs, north))
    unknown = mallory.post("orders", manual_order(theirs, north, store="sto_0000000000000000"))
    assert stolen.status_code == 422 and stolen.json() == unknown.json()
    design = mallory.post(
        "orders", manual_order(mine, south, lines=[{"product_uid": south.mug.uid, "quantity": 1, "design": north.design.public_id}])
    )
    assert [error["pointer"] for error in design.json()["errors"]] == ["#/lines/0/design"]
    with tenant(north.psp.pk):
        assert not Order.objects.exists()


def test_a_stolen_line_id_is_not_moved_or_shipped(north: House, south: House, plant: Program, mallory: Program) -> None:
    ids = ids_of(north)
    mine = mallory.post("orders", manual_order(manual_store(south), south)).json()
    moved = mallory.post(f"orders/{mine['id']}/lines/move", {"to": "released", "lines": [ids["line"]]})
    assert moved.status_code == 422
    package = {"carrier_code": "DHL", "tracking_number": "JJD0000001", "contents": [{"line": ids["line"], "quantity": 1}]}
    assert mallory.post(f"orders/{mine['id']}/packages", {"packages": [package]}).status_code == 422
    with tenant(north.psp.pk):
        assert Hold.objects.filter(released_at=None).count() == 1
        assert Order.objects.get().state == "received"


def test_an_idempotency_key_of_one_house_means_nothing_in_another(north: House, south: House, plant: Program, mallory: Program) -> None:
    one = plant.post("orders", manual_order(manual_store(north), north), once="the same")
    other = mallory.post("orders", manual_order(manual_store(south), south), once="the same")
    assert one.status_code == other.status_code == 201 and one.json()["id"] != other.json()["id"]
