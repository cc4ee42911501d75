"""Orders by API: what comes out and what may be done, as a program sees it (orders/api)."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils.timezone import now

from orders.models import Hold, HoldKind, Order, OrderEvent, OrderLine
from orders.services.holds import open_hold
from orders.services.mapping import map_listing
from orders.services.production import release_order
from pod_hub.accounts.actors import HUB
from pod_hub.accounts.models import Scope
from pod_hub.core.tenancy import tenant
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.cast import House
from tests.factories.pages import at_most_queries
from tests.factories.programs import Program, program

pytestmark = pytest.mark.django_db


def mapped(house: House, *payloads: dict[str, Any]) -> list[Order]:
    """Orders of the house's mug, mapped to its product and design."""
    with tenant(house.psp.pk):
        map_listing(listing_id=house.listing.pk, customer_product_id=house.mug.pk, design_id=house.design.pk, actor=HUB)
    return bought(house, *payloads)


def line_of(house: House, order: Order) -> OrderLine:
    with tenant(house.psp.pk):
        line: OrderLine = order.lines.select_related("print_file").get()
        return line


def numbers(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [one["order_number"] for one in answer.json()["items"]]


# --- Lists ------------------------------------------------------------------------------------------------------------
def test_the_list_shows_orders_newest_first_without_their_buyers(north: House, plant: Program) -> None:
    old, new = mapped(north, amazon_order(placed=now() - timedelta(days=2)), amazon_order(placed=now() - timedelta(hours=1)))
    answer = plant.get("orders")
    assert numbers(answer) == [new.external_id, old.external_id]
    assert answer.json()["next_cursor"] is None
    first = answer.json()["items"][0]
    assert first["id"] == new.public_id and first["state"] == "received" and first["total"] == "14.90" and first["placed_at"].endswith("Z")
    assert first["lines"][0]["product_uid"] == "MUG-11" and first["lines"][0]["print_file_sha256"] == north.print_file.sha256
    assert "Bea" not in answer.content.decode() and "buyer" not in first
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("filters", "found"), [({"state": "received"}, 2), ({"state": "shipped"}, 0), ({"store": "sto_nothing"}, 0), ({"customer": "cus_nothing"}, 0)]
)
def test_the_list_is_filtered(north: House, plant: Program, filters: dict[str, str], found: int) -> None:
    mapped(north, amazon_order(), amazon_order())
    assert len(numbers(plant.get("orders", **filters))) == found


def test_the_list_is_filtered_by_store_customer_number_and_time(north: House, plant: Program) -> None:
    old, new = mapped(north, amazon_order(placed=now() - timedelta(days=3)), amazon_order())
    assert len(numbers(plant.get("orders", store=north.store.public_id, customer=north.customer.public_id))) == 2
    assert numbers(plant.get("orders", order_number=old.external_id)) == [old.external_id]
    assert numbers(plant.get("orders", placed_since=(now() - timedelta(days=1)).isoformat())) == [new.external_id]


def test_an_order_counts_as_updated_when_anything_stands_on_its_timeline(north: House, plant: Program) -> None:
    _quiet, changed = mapped(north, amazon_order(), amazon_order())
    with tenant(north.psp.pk):
        OrderEvent.objects.update(at=now() - timedelta(hours=2))
    moment = now()
    assert numbers(plant.get("orders", updated_since=moment.isoformat())) == []
    assert plant.post(f"orders/{changed.public_id}/release").status_code == 200
    assert numbers(plant.get("orders", updated_since=moment.isoformat())) == [changed.external_id]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [({"stat": "received"}, "stat"), ({"state": "lost"}, "state"), ({"limit": "0"}, "limit"), ({"limit": "101"}, "limit"),
     ({"placed_since": "yesterday"}, "placed_since"), ({"cursor": "bm90aGluZw"}, "cursor"), ({"store": "a\0b"}, "store")],
)  # fmt: skip
def test_a_parameter_that_cannot_be_used_is_named_and_never_ignored(plant: Program, query: dict[str, str], parameter: str) -> None:
    answer = plant.get("orders", **query)
    assert answer.status_code == 400 and answer.json()["code"] == "unreadable"
    assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]


def test_a_walk_by_cursor_meets_every_row_once_while_others_are_inserted(north: House, plant: Program) -> None:
    moment = now() - timedelta(days=1)
    there = mapped(north, *(amazon_order(placed=moment - timedelta(minutes=n // 3)) for n in range(25)))
    seen: list[str] = []
    cursor = ""
    for turn in range(20):
        answer = plant.get("orders", limit="4", **({"cursor": cursor} if cursor else {}))
        seen += numbers(answer)
        bought(north, amazon_order(placed=now()), amazon_order(placed=moment - timedelta(days=1, minutes=turn)))
        cursor = answer.json()["next_cursor"]
        if not cursor or turn == 15:
            break
    assert len(seen) == len(set(seen))
    assert set(seen) >= {order.external_id for order in there}


def test_a_cursor_is_refused_with_other_filters(north: House, plant: Program) -> None:
    mapped(north, amazon_order(), amazon_order())
    cursor = plant.get("orders", limit="1").json()["next_cursor"]
    assert len(numbers(plant.get("orders", limit="1", cursor=cursor))) == 1
    assert plant.get("orders", limit="1", cursor=cursor, state="received").status_code == 400
    assert plant.get("intake-records", limit="1", cursor=cursor).status_code == 400


@pytest.mark.parametrize("rows", [1, 30])
def test_lists_cost_the_same_for_one_row_and_for_thirty(north: House, plant: Program, rows: int) -> None:
    mapped(north, *(amazon_order() for _number in range(rows)))
    plant.get("orders")
    for path in ("orders", "intake-records", "stores", "products", "designs"):
        with at_most_queries(6):
            assert plant.get(path).status_code == 200


# --- One order --------------------------------------------------------------------------------------------------------
def test_an_order_shows_lines_holds_timeline_and_its_buyer_in_ten_queries(north: House, plant: Program) -> None:
    (order,) = bought(north, amazon_order(orderItems=[item(), item("OTHER", quantity=3)]))
    plant.get("orders")
    with at_most_queries(10):
        answer = plant.get(f"orders/{order.public_id}")
    told = answer.json()
    assert [line["sku"] for line in told["lines"]] == ["MUG-11OZ-WHITE", "OTHER"]
    assert {hold["kind"] for hold in told["holds"]} == {"unmapped"} and told["holds"][0]["line"] == told["lines"][0]["id"]
    assert told["timeline"][0]["kind"] == "imported"
    assert told["packages"] == told["pushes"] == []
    assert told["buyer"]["ship_to"]["lines"] == ["Lindenstraße 12"] and told["buyer"]["email"] == "bea@marketplace.amazon.de"


def test_a_key_without_the_scope_never_sees_a_buyer(north: House) -> None:
    mark = "kanarienvogel"
    address = {"name": f"{mark} Name", "addressLine1": f"{mark} Street", "city": mark, "postalCode": "1", "countryCode": "DE"}
    buyer = {"buyerName": f"{mark} Name", "buyerEmail": f"{mark}@relay.example"}
    (order,) = mapped(north, amazon_order(buyer=buyer, recipient={"deliveryAddress": address}))
    blind = program(north, scopes=[scope for scope in Scope if scope != Scope.BUYERS_READ])
    seeing = program(north)
    assert mark in seeing.get(f"orders/{order.public_id}").content.decode()
    pages = [blind.get(path) for path in (f"orders/{order.public_id}", "orders", "intake-records")]
    pages += [
        program(north).get("orders"),
        blind.post(f"orders/{order.public_id}/release", once="1"),
        blind.post(f"orders/{order.public_id}/release", once="1"),
    ]
    for page in pages:
        assert page.status_code == 200
        assert mark not in page.content.decode()
        assert "buyer" not in page.json()


# --- Print files ------------------------------------------------------------------------------------------------------
def test_a_print_file_comes_with_its_checksum(north: House, plant: Program) -> None:
    (order,) = mapped(north)
    line = line_of(north, order)
    answer = plant.get(f"orders/{order.public_id}/lines/{line.public_id}/print-file")
    assert answer.status_code == 200 and answer["Content-Type"] == "image/png"
    digest = hashlib.sha256(answer.content)
    assert digest.hexdigest() == north.print_file.sha256
    assert answer["Content-Digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert (
        answer["Content-Disposition"].startswith("attachment") and ".png" in answer["Content-Disposition"] and answer["Cache-Control"] == "no-store"
    )


def test_a_file_that_the_storage_altered_never_leaves(north: House, plant: Program) -> None:
    (order,) = mapped(north)
    line = line_of(north, order)
    with default_storage.open(north.print_file.storage_name, "wb") as stored:
        stored.write(b"something else")
    answer = plant.get(f"orders/{order.public_id}/lines/{line.public_id}/print-file")
    assert answer.status_code == 409 and "altered" in answer.json()["detail"]


def test_a_line_of_another_order_has_no_print_file_here(north: House, plant: Program) -> None:
    one, other = mapped(north, amazon_order(), amazon_order())
    assert plant.get(f"orders/{one.public_id}/lines/{line_of(north, other).public_id}/print-file").status_code == 404


def test_a_line_without_a_file_says_what_to_do(north: House, plant: Program) -> None:
    (order,) = bought(north)
    answer = plant.get(f"orders/{order.public_id}/lines/{line_of(north, order).public_id}/print-file")
    assert answer.status_code == 409 and "Connect its listing" in answer.json()["detail"]


# --- What may be done -------------------------------------------------------------------------------------------------
def test_releasing_and_moving_take_an_order_through_production_and_name_the_key(north: House, plant: Program) -> None:
    (order,) = mapped(north)
    line = line_of(north, order)
    assert plant.post(f"orders/{order.public_id}/release").json() == {"moved": [line.public_id], "state": "released"}
    assert plant.post(f"orders/{order.public_id}/release").json() == {"moved": [], "state": "released"}
    for to in ("printing", "packing"):
        answer = plant.post(f"orders/{order.public_id}/lines/move", {"to": to, "lines": [line.public_id], "reason": "machine 3"})
        assert answer.json() == {"moved": [line.public_id], "state": to}
    told = plant.get(f"orders/{order.public_id}").json()["timeline"]
    assert told[-1]["actor"] == "API key “Plant software”" and "machine 3" in told[-1]["summary"]


def test_what_waits_is_not_released_and_the_reason_is_told(north: House, plant: Program) -> None:
    (order,) = bought(north)
    answer = plant.post(f"orders/{order.public_id}/release")
    assert answer.status_code == 409 and answer.json()["code"] == "refused" and "not connected to a product" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [({"to": "shipped"}, 422, "#/to"), ({}, 422, "#/to"), ({"to": "printing", "lines": ["lin_nothing"]}, 422, "#/lines/0"),
     ({"to": "printing", "lines": []}, 422, "#/lines"), ([1], 422, "#"), ({"to": "packing"}, 200, ""), ({"to": "cancelled"}, 409, "")],
)  # fmt: skip
def test_moves_that_make_no_sense_change_nothing(north: House, plant: Program, body: Any, status: int, pointer: str) -> None:
    (order,) = mapped(north)
    answer = plant.post(f"orders/{order.public_id}/lines/move", body)
    assert answer.status_code == status
    if pointer:
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert line_of(north, order).state == "received"


def test_a_line_cannot_jump(north: House, plant: Program) -> None:
    (order,) = mapped(north)
    answer = plant.post(f"orders/{order.public_id}/lines/move", {"to": "packing", "lines": [line_of(north, order).public_id]})
    assert answer.status_code == 409 and "cannot become packing" in answer.json()["detail"]


def test_a_hold_that_somebody_decides_is_released_and_the_others_say_what_they_wait_for(north: House, plant: Program) -> None:
    (order,) = bought(north)
    with tenant(north.psp.pk):
        asked = open_hold(order, HoldKind.CANCEL_REQUEST, "Buyer asks to cancel: too late.")
        unmapped = Hold.objects.get(kind=HoldKind.UNMAPPED)
    assert asked is not None
    assert plant.post(f"holds/{asked.public_id}/release", {"reason": "Checked."}).json() == {"released": True}
    assert plant.post(f"holds/{asked.public_id}/release", {"reason": "Checked."}).json() == {"released": False}
    refused = plant.post(f"holds/{unmapped.public_id}/release", {"reason": "Never mind."})
    assert refused.status_code == 409 and "not released by hand" in refused.json()["detail"]
    assert plant.post(f"holds/{asked.public_id}/release", {}).json()["errors"][0]["pointer"] == "#/reason"


def test_the_ledger_tells_the_verdict_with_its_rule(north: House, plant: Program) -> None:
    (order,) = bought(north, amazon_order())
    bought(north, amazon_order(fulfilled_by="AMAZON"))
    by_verdict = {one["verdict"]: one for one in plant.get("intake-records").json()["items"]}
    assert by_verdict["imported"]["order"] == order.public_id and by_verdict["imported"]["rule"] == "accepted"
    assert by_verdict["skipped"]["rule"] == "fulfilled_by" and by_verdict["skipped"]["order"] is None
    assert [one["verdict"] for one in plant.get("intake-records", verdict="skipped", road="poll", store=north.store.public_id).json()["items"]] == [
        "skipped"
    ]
    assert numbers(plant.get("intake-records", order_number=order.external_id, seen_since="2020-01-01T00:00:00Z")) == [order.external_id]


def test_stores_products_and_designs_are_listed_with_their_filters(north: House, plant: Program) -> None:
    (store,) = plant.get("stores", kind="amazon", customer=north.customer.public_id).json()["items"]
    assert store["name"] == "Ada Amazon.de" and store["connection_state"] == "connected" and store["last_import_at"] is None
    assert plant.get("stores", kind="manual").json()["items"] == []
    products = plant.get("products", customer=north.customer.public_id).json()["items"]
    assert [one["uid"] for one in products] == ["MUG-11", "STICKER"] and products[0]["price"] == "5.2000"
    assert [one["uid"] for one in plant.get("products", customer="cus_other").json()["items"]] == ["STICKER"]
    (design,) = plant.get("designs", customer=north.customer.public_id, product_model=north.mug.product_model.public_id).json()["items"]
    assert design["id"] == north.design.public_id and design["has_print_file"] is True


def test_a_released_order_is_left_alone_by_a_walk_of_another_state(north: House, plant: Program) -> None:
    one, other = mapped(north, amazon_order(), amazon_order())
    with tenant(north.psp.pk):
        release_order(order_id=one.pk, actor=HUB)
    assert numbers(plant.get("orders", state="released")) == [one.external_id]
    assert numbers(plant.get("orders", state="received")) == [other.external_id]
