"""A bulk import works by portions: as many statements for many rows as for few, each portion whole or not at all, the effects as by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import ProductGrant
from orders.bulk_models import BulkImport, BulkImportRow
from orders.models import Hold, OrderEvent, OrderLine
from orders.services.bulk import applying
from orders.services.bulk.starting import apply_import, undo_import
from orders.services.ignoring import ignore_listing
from orders.services.mapping import map_listing
from orders.tasks import bulk_imports, fetch_linked_files
from pod_hub.accounts.actors import Actor
from pod_hub.core.tenancy import tenant
from stores.models import Listing, ListingMapping
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.orders.bulk.conftest import Shop

pytestmark = pytest.mark.django_db
Drain = Callable[[], None]


class WorkerDied(Exception):
    """What a crash looks like to the transaction that it ends."""


def checked(shop: Shop, drain: Drain, skus: Sequence[str], *, uid: str = "", link: str = "") -> BulkImport:
    """Upload a file that connects products of the store, which are made where no order named them yet, and have it checked."""
    with tenant(shop.house.psp.pk):
        known = set(Listing.objects.values_list("sku", flat=True))
    for sku in skus:
        if sku not in known:
            shop.listing(sku)
    row = shop.upload(shop.sheet(*((sku, uid or shop.house.sticker.uid, link) for sku in skus)))
    drain()
    return row


def fetched(row: BulkImport) -> None:
    """Fetch the file's links, and have the import due at once."""
    bulk_imports()
    fetch_linked_files()
    with tenant(row.psp_id):
        BulkImport.objects.filter(pk=row.pk).update(not_before="2020-01-01T00:00Z")


def statements(work: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as asked:
        work()
    return len(asked)


def fall_over(patch: pytest.MonkeyPatch, *, at: int) -> None:
    """Have the worker die in a portion, after everything was written but before it is committed."""
    stored, store = [0], applying._store

    def dying(row: BulkImport, rows: Sequence[BulkImportRow]) -> None:
        store(row, rows)
        stored[0] += 1
        if stored[0] == at:
            raise WorkerDied

    patch.setattr(applying, "_store", dying)


def come_back(row: BulkImport) -> None:
    """Let the dead worker's lease end."""
    with tenant(row.psp_id):
        BulkImport.objects.filter(pk=row.pk).update(leased_until="2020-01-01T00:00Z")


def versions(shop: Shop, skus: Sequence[str]) -> dict[str, list[bool]]:
    """Return for each product whether each of its versions, oldest first, is the active one."""
    with tenant(shop.house.psp.pk):
        found = ListingMapping.objects.filter(listing__sku__in=skus).order_by("version").values_list("listing__sku", "retired_at")
        told: dict[str, list[bool]] = {}
        for sku, retired_at in found:
            told.setdefault(sku, []).append(retired_at is None)
        return told


def test_many_rows_are_connected_and_taken_back_in_as_many_statements_as_few(shop: Shop, drain: Drain) -> None:
    cost: dict[int, list[int]] = {}
    for count in (1, 3, 40):  # the first makes what later ones find: the design, the staging tables
        row = checked(shop, drain, [f"OF-{count}-{number}" for number in range(count)], uid=shop.house.mug.uid, link=shop.link())
        with tenant(shop.house.psp.pk):
            apply_import(import_id=row.pk)
        fetched(row)
        connecting = statements(bulk_imports)
        assert shop.fresh(row).counts == {"connected": count}
        with tenant(shop.house.psp.pk):
            undo_import(import_id=row.pk)
        cost[count] = [connecting, statements(bulk_imports)]
        assert shop.fresh(row).counts == {"undone": count}
    assert cost[40] == cost[3]


def test_a_crash_while_connecting_neither_loses_nor_doubles_a_row(shop: Shop, drain: Drain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "PORTION", 4)
    (order,) = bought(shop.house, amazon_order(orderItems=[item("ROW-5")]))
    skus = [f"ROW-{number}" for number in range(10)]
    row = checked(shop, drain, skus)
    with tenant(shop.house.psp.pk):
        apply_import(import_id=row.pk)
    with monkeypatch.context() as patch, pytest.raises(WorkerDied):
        fall_over(patch, at=2)
        bulk_imports()
    assert versions(shop, skus) == {f"ROW-{number}": [True] for number in range(4)}
    assert sorted(shop.verdicts(row).values()) == ["connected"] * 4 + ["ready"] * 6
    come_back(row)
    drain()
    assert shop.fresh(row).stage == "done" and set(shop.verdicts(row).values()) == {"connected"}
    assert versions(shop, skus) == {sku: [True] for sku in skus}
    with tenant(shop.house.psp.pk):
        assert OrderLine.objects.get(order=order).customer_product == shop.house.sticker
        assert OrderEvent.objects.filter(order=order, kind="mapped").count() == 1
        assert not Hold.objects.filter(order=order, kind="unmapped", released_at=None).exists()


def test_a_crash_while_taking_back_neither_loses_nor_doubles_a_row(shop: Shop, drain: Drain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "PORTION", 4)
    skus = [f"ROW-{number}" for number in range(10)]
    row = checked(shop, drain, skus)
    with tenant(shop.house.psp.pk):
        for listing in Listing.objects.filter(sku__in=skus[5:]):  # half of them go back to what they were before
            map_listing(
                listing_id=listing.pk, customer_product_id=shop.house.sticker.pk, design_id=None, quantity=2, actor=Actor.person(shop.house.owner)
            )
        apply_import(import_id=row.pk)
    drain()
    assert shop.fresh(row).counts == {"connected": 10}
    with tenant(shop.house.psp.pk):
        undo_import(import_id=row.pk)
    with monkeypatch.context() as patch, pytest.raises(WorkerDied):
        fall_over(patch, at=2)
        bulk_imports()
    assert sorted(shop.verdicts(row).values()) == ["connected"] * 6 + ["undone"] * 4
    come_back(row)
    drain()
    assert shop.fresh(row).stage == "undone" and set(shop.verdicts(row).values()) == {"undone"}
    assert versions(shop, skus) == {sku: [False] for sku in skus[:5]} | {sku: [False, False, True] for sku in skus[5:]}


def test_a_file_does_to_waiting_orders_what_connecting_by_hand_does(shop: Shop, drain: Drain) -> None:
    house = shop.house
    bought(house, *(amazon_order(orderItems=[item(sku)]) for sku in ("FILE-1", "FILE-IGNORED", "HAND-1", "HAND-IGNORED")))
    with tenant(house.psp.pk):
        listings = {listing.sku: listing.pk for listing in Listing.objects.filter(store=house.store)}
        for sku in ("FILE-IGNORED", "HAND-IGNORED"):
            ignore_listing(listing_id=listings[sku], actor=Actor.person(house.owner))
    row = checked(shop, drain, ("FILE-1", "FILE-IGNORED"))
    with tenant(house.psp.pk):
        apply_import(import_id=row.pk)
    drain()
    with tenant(house.psp.pk):
        for sku in ("HAND-1", "HAND-IGNORED"):
            map_listing(listing_id=listings[sku], customer_product_id=house.sticker.pk, design_id=None, actor=Actor.person(house.owner))

        def told(sku: str) -> object:
            line = OrderLine.objects.select_related("order", "listing", "mapping").get(listing=listings[sku])
            return (
                line.state, line.order.state, line.listing.state, line.mapping.version, line.mapping.mapped_by_id, line.customer_product_id,
                list(OrderEvent.objects.filter(order=line.order).order_by("pk").values_list("kind", "actor_id")),
                list(Hold.objects.filter(order=line.order).order_by("pk").values_list("kind", "released_by", "release_reason")),
            )  # fmt: skip

        assert told("FILE-1") == told("HAND-1")
        assert told("FILE-IGNORED") == told("HAND-IGNORED")


def test_a_row_that_is_refused_keeps_no_other_of_its_portion_from_being_connected(shop: Shop, drain: Drain) -> None:
    for sku in ("GOOD-1", "BAD-1", "GOOD-2"):
        shop.listing(sku)
    house = shop.house
    row = shop.upload(shop.sheet(("GOOD-1", house.sticker.uid, ""), ("BAD-1", house.mug.uid, shop.link()), ("GOOD-2", house.sticker.uid, "")))
    drain()
    with tenant(house.psp.pk):
        type(house.mug).objects.filter(pk=house.mug.pk).update(for_all_customers=False)
        ProductGrant.objects.filter(customer_product=house.mug).delete()
        apply_import(import_id=row.pk)
    drain()
    assert shop.verdicts(row) == {2: "connected", 3: "refused", 4: "connected"}
    assert "not offered" in shop.messages(row)[3]
    assert set(versions(shop, ["GOOD-1", "BAD-1", "GOOD-2"])) == {"GOOD-1", "GOOD-2"}
