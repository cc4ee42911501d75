"""Telling stock and handling time: the latest wish counts, is read back, and many go as one document (stores/services/stock.py)."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.timezone import now

from pod_hub.accounts.actors import Actor
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from stores.models import Connection, Listing, StockPush
from stores.sandbox.amazon import seed
from stores.sandbox.amazon.server import ImitationAmazon
from stores.services import listing_pushes, stock
from stores.services.stock import CannotSetStock, push_stock_next, set_stock
from tests.factories.cast import House, northprint
from tests.factories.workers import dying_at

pytestmark = pytest.mark.django_db
SKU = "MUG-11OZ-WHITE"


@pytest.fixture
def house(amazon: ImitationAmazon) -> House:
    house = northprint(amazon.refresh_token())
    with tenant(house.psp.pk):
        Listing.objects.filter(pk=house.listing.pk).update(quantity=25)
    return house


def want(house: House, quantity: int, days: int | None = None, listing: Listing | None = None) -> None:
    with tenant(house.psp.pk):
        set_stock(listing_id=(listing or house.listing).pk, quantity=quantity, handling_days=days, actor=Actor.person(house.owner))


def row_of(house: House, listing: Listing | None = None) -> StockPush:
    with tenant(house.psp.pk):
        row: StockPush = StockPush.objects.get(listing=listing or house.listing)
    return row


def due(house: House) -> None:
    with tenant(house.psp.pk):
        StockPush.objects.update(not_before=now())


def shown(amazon: ImitationAmazon, sku: str = SKU) -> list[dict[str, Any]]:
    (listing,) = amazon.world.books.listings(seed.NORTH.seller_id, marketplace_ids=[seed.DE], sku=sku)
    return list(listing.attributes.get("fulfillment_availability", []))


def requests(amazon: ImitationAmazon, operation: str) -> int:
    return sum(entry.operation == operation for entry in amazon.world.books.requests())


def test_stock_is_told_and_confirmed_once_the_marketplace_shows_it(house: House, amazon: ImitationAmazon) -> None:
    want(house, 7, days=4)
    push_stock_next()
    assert row_of(house).delivery == Delivery.ACCEPTED
    assert shown(amazon) == [{"fulfillment_channel_code": "DEFAULT", "quantity": 7, "lead_time_to_ship_max_days": 4}]
    due(house)
    push_stock_next()
    assert row_of(house).delivery == Delivery.CONFIRMED
    with tenant(house.psp.pk):
        assert Listing.objects.get(pk=house.listing.pk).quantity == 7


def test_a_change_of_the_quantity_leaves_the_handling_time_there(house: House, amazon: ImitationAmazon) -> None:
    want(house, 7, days=4)
    push_stock_next()
    want(house, 3)
    push_stock_next()
    assert shown(amazon) == [{"fulfillment_channel_code": "DEFAULT", "quantity": 3, "lead_time_to_ship_max_days": 4}]


def test_several_wishes_before_a_worker_comes_are_one_call_with_the_latest(house: House, amazon: ImitationAmazon) -> None:
    for quantity in (1, 2, 3):
        want(house, quantity)
    push_stock_next()
    assert requests(amazon, "patchListingsItem") == 1
    assert shown(amazon)[0]["quantity"] == 3


def test_a_wish_that_comes_while_an_earlier_one_is_told_is_told_too(house: House, amazon: ImitationAmazon, monkeypatch: pytest.MonkeyPatch) -> None:
    want(house, 1)
    once = [True]

    def meanwhile(point: str) -> None:
        if point == "listing_push.told" and once.pop() if once else False:
            want(house, 9)

    monkeypatch.setattr(listing_pushes, "crash_point", meanwhile)
    push_stock_next()
    row = row_of(house)
    assert (row.quantity, row.delivery) == (9, Delivery.PENDING)
    push_stock_next()
    assert shown(amazon)[0]["quantity"] == 9


def test_stock_goes_to_the_fulfillment_channel_code_of_the_connection(house: House, amazon: ImitationAmazon) -> None:
    with tenant(house.psp.pk):
        Connection.objects.filter(pk=house.connection.pk).update(inventory_channel_code="LEIPZIG")
    want(house, 7)
    push_stock_next()
    assert {entry["fulfillment_channel_code"]: entry["quantity"] for entry in shown(amazon)}["LEIPZIG"] == 7


def test_while_telling_stock_is_paused_nothing_is_told_and_nothing_is_lost(house: House, amazon: ImitationAmazon) -> None:
    with tenant(house.psp.pk):
        Connection.objects.filter(pk=house.connection.pk).update(inventory_paused=True)
    want(house, 7)
    push_stock_next()
    assert requests(amazon, "patchListingsItem") == 0
    with tenant(house.psp.pk):
        Connection.objects.filter(pk=house.connection.pk).update(inventory_paused=False)
    push_stock_next()
    assert shown(amazon)[0]["quantity"] == 7


def test_what_the_marketplace_does_not_take_is_parked_in_its_words(house: House, amazon: ImitationAmazon) -> None:
    with tenant(house.psp.pk):
        gone = Listing.objects.create(store=house.store, key="NOT-THERE", sku="NOT-THERE", title="Not there", quantity=1)
    want(house, 7, listing=gone)
    push_stock_next()
    row = row_of(house, gone)
    assert row.delivery == Delivery.PARKED
    assert "NOT-THERE" in row.last_error


def test_stock_of_what_the_marketplace_ships_itself_is_not_ours_to_tell(house: House) -> None:
    with tenant(house.psp.pk):
        theirs = Listing.objects.create(store=house.store, key="FBA-MUG-BLACK", sku="FBA-MUG-BLACK", title="Theirs", quantity=None)
    with pytest.raises(CannotSetStock, match="own warehouse"):
        want(house, 7, listing=theirs)


def test_many_listings_go_as_one_document_and_its_report_says_which_were_refused(
    house: House, amazon: ImitationAmazon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stock, "ONE_BY_ONE", 2)
    with tenant(house.psp.pk):
        tote = Listing.objects.create(store=house.store, key="TOTE NATURAL", sku="TOTE NATURAL", title="Tote", quantity=1)
        gone = Listing.objects.create(store=house.store, key="NOT-THERE", sku="NOT-THERE", title="Not there", quantity=1)
    for listing in (house.listing, tote, gone):
        want(house, 12, listing=listing)
    push_stock_next()
    assert (requests(amazon, "createFeed"), requests(amazon, "patchListingsItem")) == (1, 0)
    assert row_of(house).batch
    amazon.clock.advance(120)
    due(house)
    push_stock_next()
    assert [row_of(house, one).delivery for one in (house.listing, tote, gone)] == [Delivery.CONFIRMED, Delivery.CONFIRMED, Delivery.PARKED]
    assert "NOT-THERE" in row_of(house, gone).last_error
    assert shown(amazon, "TOTE NATURAL")[0]["quantity"] == 12


def test_a_worker_that_dies_after_telling_tells_the_same_once_more_and_that_is_harmless(house: House, amazon: ImitationAmazon) -> None:
    want(house, 7)

    with dying_at("listing_push.told", listing_pushes):
        push_stock_next()
    assert push_stock_next() == 0  # its lease holds
    with tenant(house.psp.pk):
        StockPush.objects.update(leased_until=now())
    push_stock_next()
    assert row_of(house).delivery == Delivery.ACCEPTED
    assert shown(amazon) == [{"fulfillment_channel_code": "DEFAULT", "quantity": 7}]
