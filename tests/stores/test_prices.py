"""Telling prices: the latest wish counts, is read back, and a product's variants follow when that is wanted (stores/services/prices.py)."""

from __future__ import annotations

from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse
from django.utils.timezone import now

from orders import attention
from orders.services.digests import causes_of
from pod_hub.accounts.actors import Actor
from pod_hub.accounts.audit_log import AuditEntry
from pod_hub.accounts.models import Membership
from pod_hub.badges import waiting
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from stores.models import Authorization, Connection, Listing, PricePush, Store
from stores.sandbox.amazon import seed
from stores.sandbox.amazon.server import ImitationAmazon
from stores.services import listing_pushes
from stores.services.prices import CannotSetPrice, push_prices_next, set_price
from tests.factories.browsers import browser_of
from tests.factories.cast import House, northprint
from tests.factories.pages import tick_on
from tests.factories.workers import dying_at

pytestmark = pytest.mark.django_db
SKU = "MUG-11OZ-WHITE"


@pytest.fixture
def house(amazon: ImitationAmazon) -> House:
    house = northprint(amazon.refresh_token())
    with tenant(house.psp.pk):
        Listing.objects.filter(pk=house.listing.pk).update(price="14.90", currency="EUR")
    return house


def want(house: House, amount: str, listing: Listing | None = None, *, with_variants: bool = False) -> int:
    with tenant(house.psp.pk):
        number = (listing or house.listing).pk
        return set_price(listing_id=number, amount=Decimal(amount), actor=Actor.person(house.owner), with_variants=with_variants)


def row_of(house: House, listing: Listing | None = None) -> PricePush:
    with tenant(house.psp.pk):
        row: PricePush = PricePush.objects.get(listing=listing or house.listing)
    return row


def due(house: House) -> None:
    with tenant(house.psp.pk):
        PricePush.objects.update(not_before=now())


def price_there(amazon: ImitationAmazon, sku: str = SKU) -> str:
    (listing,) = amazon.world.books.listings(seed.NORTH.seller_id, marketplace_ids=[seed.DE], sku=sku)
    return listing.price


def requests(amazon: ImitationAmazon, operation: str) -> int:
    return sum(entry.operation == operation for entry in amazon.world.books.requests())


def test_a_price_is_told_and_confirmed_once_the_marketplace_shows_it(house: House, amazon: ImitationAmazon) -> None:
    want(house, "16.50")
    push_prices_next()
    assert (row_of(house).delivery, price_there(amazon)) == (Delivery.ACCEPTED, "16.50")
    with tenant(house.psp.pk):
        assert Listing.objects.get(pk=house.listing.pk).price == Decimal("14.90"), "until the marketplace shows it"
    due(house)
    push_prices_next()
    row = row_of(house)
    assert (row.delivery, row.before) == (Delivery.CONFIRMED, Decimal("14.90"))
    with tenant(house.psp.pk):
        assert Listing.objects.get(pk=house.listing.pk).price == Decimal("16.50")
    assert (requests(amazon, "patchListingsItem"), requests(amazon, "getListingsItem")) == (1, 1)


def test_several_wishes_before_a_worker_comes_are_one_call_with_the_latest(house: House, amazon: ImitationAmazon) -> None:
    for amount in ("15.00", "16.00", "17.00"):
        want(house, amount)
    push_prices_next()
    assert (requests(amazon, "patchListingsItem"), price_there(amazon)) == (1, "17.00")


def test_a_price_that_somebody_changed_at_the_marketplace_meanwhile_is_left_to_a_person(house: House, amazon: ImitationAmazon) -> None:
    want(house, "16.50")
    push_prices_next()
    with amazon.world.books.transaction():
        (listing,) = amazon.world.books.listings(seed.NORTH.seller_id, marketplace_ids=[seed.DE], sku=SKU)
        listing.price = "12.00"
        listing.attributes["purchasable_offer"][0]["our_price"][0]["schedule"][0]["value_with_tax"] = 12.0
        amazon.world.books.keep_listing(listing)
    for _turn in range(listing_pushes.MOST_READ_BACKS + 1):
        due(house)
        push_prices_next()
    row = row_of(house)
    assert row.delivery == Delivery.PARKED
    assert "12.00 EUR in place of 16.50 EUR" in row.last_error
    assert requests(amazon, "patchListingsItem") == 1, "it is not fought over"


def test_a_worker_that_dies_after_telling_tells_the_same_once_more_and_that_is_harmless(house: House, amazon: ImitationAmazon) -> None:
    want(house, "16.50")

    with dying_at("listing_push.told", listing_pushes):
        push_prices_next()
    assert push_prices_next() == 0  # its lease holds
    with tenant(house.psp.pk):
        PricePush.objects.update(leased_until=now())
    push_prices_next()
    assert (row_of(house).delivery, price_there(amazon)) == (Delivery.ACCEPTED, "16.50")


def test_while_telling_is_paused_or_the_permission_is_gone_nothing_is_told_and_nothing_is_lost(house: House, amazon: ImitationAmazon) -> None:
    want(house, "16.50")
    with tenant(house.psp.pk):
        Connection.objects.filter(pk=house.connection.pk).update(inventory_paused=True)
    assert push_prices_next() == 0
    with tenant(house.psp.pk):
        Connection.objects.filter(pk=house.connection.pk).update(inventory_paused=False)
        Authorization.objects.update(state=Authorization.State.RECONNECT)
    assert push_prices_next() == 0
    with tenant(house.psp.pk):
        Authorization.objects.update(state=Authorization.State.ACTIVE)
    push_prices_next()
    assert price_there(amazon) == "16.50"


def test_all_variants_of_a_product_follow_when_that_is_wanted_and_only_they(house: House, amazon: ImitationAmazon) -> None:
    with tenant(house.psp.pk):
        Listing.objects.filter(pk=house.listing.pk).update(family="MUG-FAMILY")
        common = {"store": house.store, "currency": "EUR", "price": "14.90", "family": "MUG-FAMILY"}
        black = Listing.objects.create(key="MUG-11OZ-BLACK", sku="MUG-11OZ-BLACK", title="Black", **common)
        gone = Listing.objects.create(key="MUG-11OZ-RED", sku="MUG-11OZ-RED", title="Red", gone_at=now(), **common)
        parent = Listing.objects.create(key="MUG-FAMILY", sku="MUG-FAMILY", title="Mugs", is_parent=True, **common)
        other = Listing.objects.create(key="POSTER", sku="POSTER", title="Poster", store=house.store, currency="EUR", price="9.00")
    assert want(house, "16.50", with_variants=True) == 2
    with tenant(house.psp.pk):
        wanted = set(PricePush.objects.values_list("listing_id", flat=True))
    assert wanted == {house.listing.pk, black.pk}
    assert not wanted & {gone.pk, parent.pk, other.pk}
    assert want(house, "17.00") == 1


def test_a_price_that_cannot_be_told_is_declined_with_the_reason(house: House) -> None:
    with tenant(house.psp.pk):
        Listing.objects.filter(pk=house.listing.pk).update(gone_at=now())
        by_hand = Store.objects.create(
            customer=house.customer, facility=house.facility, trading_name=house.trading_name, kind="manual", name="By hand"
        )
        thing = Listing.objects.create(store=by_hand, key="X", sku="X", title="X", currency="EUR")
    with pytest.raises(CannotSetPrice, match="does not sell"):
        want(house, "16.50")
    with pytest.raises(CannotSetPrice, match="not told from here"):
        want(house, "16.50", thing)


def test_the_page_says_how_far_a_price_is_and_what_it_was(house: House, amazon: ImitationAmazon) -> None:
    nora, address = browser_of(house.owner), reverse("stores:price", args=[house.listing.public_id])
    listing = nora.get(reverse("orders:listing", args=[house.listing.public_id])).content.decode()
    assert address in listing
    assert 'value="14.90"' in nora.get(address).content.decode()
    assert nora.post(address, {"price": "16.50"}).status_code == 302
    text = nora.get(address).content.decode()
    assert "Waits to be told" in text and "16.50 EUR, before: 14.90" in text
    of_listing = reverse("orders:listing", args=[house.listing.public_id])
    assert "Waits to be told" in nora.get(of_listing).content.decode()
    push_prices_next()
    due(house)
    push_prices_next()
    assert "The marketplace shows it" in nora.get(address).content.decode()
    assert "Waits to be told" not in nora.get(of_listing).content.decode()


def test_a_price_that_looks_like_a_slip_is_asked_about_before_anything_is_told(house: House) -> None:
    nora, address = browser_of(house.owner), reverse("stores:price", args=[house.listing.public_id])
    asked = nora.post(address, {"price": "1.49"})
    text = asked.content.decode()
    assert asked.status_code == 422
    assert "90 % less" in text and "This is the price I mean" in text
    with tenant(house.psp.pk):
        assert not PricePush.objects.exists()
    assert "14.9 times as much" not in text
    assert "10.1 times as much" in nora.post(address, {"price": "150"}).content.decode()
    yes = {"sure": tick_on(text, "sure")}
    assert nora.post(address, {"price": "0.14"} | yes).status_code == 422, "a yes to one price is none to another"
    assert nora.post(address, {"price": "1.49"} | yes).status_code == 302
    assert row_of(house).amount == Decimal("1.49")


def test_a_slip_about_a_variant_that_follows_is_asked_about_too(house: House) -> None:
    with tenant(house.psp.pk):
        Listing.objects.filter(pk=house.listing.pk).update(family="MUG-FAMILY")
        Listing.objects.create(store=house.store, key="BIG", sku="BIG", title="Big mug", family="MUG-FAMILY", currency="EUR", price="49.00")
    nora, address = browser_of(house.owner), reverse("stores:price", args=[house.listing.public_id])
    assert "It costs 49.00 EUR now." in nora.get(address).content.decode()
    assert "Big mug" in nora.post(address, {"price": "15.50", "with_variants": "on"}).content.decode()
    assert nora.post(address, {"price": "15.50"}).status_code == 302


def test_who_changed_a_price_stands_in_the_audit_trail_and_what_workers_do_does_not(house: House, amazon: ImitationAmazon) -> None:
    nora, address = browser_of(house.owner), reverse("stores:price", args=[house.listing.public_id])
    nora.post(address, {"price": "16.50"})
    push_prices_next()
    due(house)
    push_prices_next()
    with tenant(house.psp.pk):
        (entry,) = AuditEntry.objects.filter(kind="stores.pricepush")
    assert (entry.actor_user_id, entry.after["amount"]) == (house.owner.pk, 16.5)


def test_what_a_marketplace_did_not_take_needs_attention_until_it_is_set_again(house: House, amazon: ImitationAmazon) -> None:
    nora, inbox = browser_of(house.owner), reverse("orders:attention")
    with tenant(house.psp.pk):
        gone = Listing.objects.create(
            store=house.store, key="NOT-THERE", sku="NOT-THERE", title="Not there", price="9.00", currency="EUR", quantity=1
        )
        before = attention.inbox()
    assert (before.not_taken, before.is_empty) == ([], True)
    want(house, "9.50", gone)
    push_prices_next()
    text = nora.get(inbox).content.decode()
    assert "NOT-THERE" in text and row_of(house, gone).last_error in unescape(text)
    assert reverse("stores:price", args=[gone.public_id]) in text
    assert waiting(Membership.objects.get(user=house.owner)) == 1
    with tenant(house.psp.pk):
        assert [cause.count for cause in causes_of(attention.inbox())] == [1]
    want(house, "9.70", gone)
    assert "NOT-THERE" not in nora.get(inbox).content.decode()
