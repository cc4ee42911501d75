"""Syncing a store's listings: what each run finds, that it can be cancelled, and what stays (stores/services/syncing.py, listings.py)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from stores.channels.errors import ChannelError, Refused, TryLater
from stores.channels.types import Amount, IncomingListing, ListingsPage
from stores.models import Listing, ListingChange, ListingSync
from stores.services import syncing
from stores.services.listings import listings_for
from stores.services.syncing import cancel_sync, start_sync, sync_next
from tests.factories.browsers import browser_of
from tests.factories.cast import House

pytestmark = pytest.mark.django_db
Answer = ListingsPage | ChannelError


def told(sku: str, title: str = "", **more: Any) -> IncomingListing:
    return IncomingListing(sku, sku, more.pop("product_id", ""), title or f"Thing {sku}", "Active", **more)


class Told:
    """A channel that answers what a test says, and remembers which pages it was asked for."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def listings_page(self, *, marketplace: str, page: str = "") -> ListingsPage:
        self.asked.append(page)
        answer = self.answers.pop(0)
        if isinstance(answer, ChannelError):
            raise answer
        return answer


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Any:
    def answering(*answers: Answer) -> Told:
        told = Told(*answers)
        monkeypatch.setattr(syncing, "channel_for", lambda kind, account: told)
        return told

    return answering


def page_of(*listings: IncomingListing, then: str = "", **more: Any) -> ListingsPage:
    return ListingsPage(listings=listings, next_page=then, **more)


def sync(house: House) -> ListingSync:
    with tenant(house.psp.pk):
        assert start_sync(store_id=house.store.pk)
    while sync_next() is not None:
        pass
    return newest(house)


def newest(house: House) -> ListingSync:
    with tenant(house.psp.pk):
        row: ListingSync = ListingSync.objects.order_by("-pk")[0]
    return row


def changes(house: House, run: ListingSync) -> dict[str, str]:
    with tenant(house.psp.pk):
        return dict(ListingChange.objects.filter(sync=run).values_list("listing__key", "kind"))


def test_a_sync_ends_with_what_was_new_changed_and_gone(north: House, channel: Any) -> None:
    channel(page_of(told("A"), told("B"), told("C")))
    first = sync(north)
    assert (first.added, first.changed, first.gone, first.seen) == (3, 0, 1, 3)
    channel(page_of(told("B"), told("C", "Another title"), told("D")))
    second = sync(north)
    assert (second.added, second.changed, second.gone) == (1, 1, 1)
    assert changes(north, second) == {"A": "gone", "C": "changed", "D": "added"}
    with tenant(north.psp.pk):
        assert ListingChange.objects.get(sync=second, kind="changed").before == {"title": "Thing C"}
    channel(page_of(told("A"), told("B"), told("C", "Another title"), told("D")))
    third = sync(north)
    assert changes(north, third) == {"A": "changed"}  # back in the store
    with tenant(north.psp.pk):
        assert Listing.objects.get(key="A").gone_at is None


def test_price_and_stock_are_brought_up_to_date_without_being_news(north: House, channel: Any) -> None:
    channel(page_of(told("A", price=Amount(Decimal("9.90"), "EUR"), quantity=5)))
    sync(north)
    channel(page_of(told("A", price=Amount(Decimal("8.50"), "EUR"), quantity=4)))
    assert (sync(north).changed, newest(north).added) == (0, 0)
    with tenant(north.psp.pk):
        row = Listing.objects.get(key="A")
        assert (row.price, row.quantity) == (Decimal("8.50"), 4)


def test_a_page_that_comes_twice_is_no_second_news(north: House, channel: Any) -> None:
    channel(page_of(told("A"), then="2"), page_of(told("A"), told("B"), then="3"), page_of(told("A", "Renamed meanwhile")))
    run = sync(north)
    assert changes(north, run) == {"A": "added", "B": "added", "MUG-11OZ-WHITE": "gone"}
    assert (run.added, run.changed) == (2, 0)


def test_a_listing_that_an_order_met_while_the_page_was_read_is_kept_once(north: House, channel: Any) -> None:
    from tests.factories.amazon_orders import bought

    bought(north)
    channel(page_of(told("MUG-11OZ-WHITE", "The marketplace's own title")))
    run = sync(north)
    assert changes(north, run) == {"MUG-11OZ-WHITE": "changed"}
    with tenant(north.psp.pk):
        assert Listing.objects.get().title == "The marketplace's own title"
        assert listings_for([]) == {}


def test_what_cannot_be_read_is_said_and_then_nothing_is_called_gone(north: House, channel: Any) -> None:
    channel(page_of(told("A"), unreadable=("Line 3 cannot be read.",)))
    run = sync(north)
    assert (run.delivery, run.gone, run.unreadable) == (Delivery.CONFIRMED, 0, "Line 3 cannot be read.")


def test_a_cancelled_sync_keeps_what_it_read_and_marks_nothing_as_gone(north: House, channel: Any) -> None:
    class Cancels(Told):
        def listings_page(self, *, marketplace: str, page: str = "") -> ListingsPage:
            if self.asked:
                with tenant(north.psp.pk):
                    assert cancel_sync(store_id=north.store.pk) and not cancel_sync(store_id=north.store.pk)
            return super().listings_page(marketplace=marketplace, page=page)

    stopped = channel()
    stopped.__class__ = Cancels
    stopped.answers = [page_of(told("A"), then="2"), page_of(told("B"))]
    run = sync(north)
    assert (run.delivery, run.seen, run.gone, run.lease) == (Delivery.WITHDRAWN, 1, 0, None)
    with tenant(north.psp.pk):
        assert set(Listing.objects.values_list("key", flat=True)) == {"A", "MUG-11OZ-WHITE"}
        assert start_sync(store_id=north.store.pk), "a new one may begin at once"


def test_a_sync_goes_on_at_its_page_after_waiting_and_stops_with_the_channels_words(north: House, channel: Any) -> None:
    asked = channel(page_of(told("A"), then="2", total=7), TryLater("busy", wait_s=0), Refused("The report is broken.", code="X"))
    run = sync(north)
    assert asked.asked == ["", "2", "2"]
    assert (run.delivery, run.last_error, run.seen, run.total, run.gone) == (Delivery.PARKED, "The report is broken.", 1, 7, 0)


def test_the_last_syncs_are_kept_and_the_last_good_one_among_them(north: House, channel: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncing, "KEPT", 3)
    channel(page_of(told("A")))
    good = sync(north)
    for _time in range(5):
        channel(Refused("no", code="X"))
        sync(north)
    with tenant(north.psp.pk):
        kept = list(ListingSync.objects.order_by("pk").values_list("pk", flat=True))
        assert len(kept) == 4 and kept[0] == good.pk


# --- Variants ---------------------------------------------------------------------------------------------------------
def test_variants_stand_under_their_parent_whichever_comes_first(north: House, channel: Any) -> None:
    variants = [told("TEE-L", "Zebra shirt, L", family="TEE"), told("TEE-M", "A shirt, M", family="TEE")]
    channel(page_of(*variants, told("AAA", "Bag"), then="2"), page_of(told("TEE", "Shirt", family="TEE", is_parent=True), told("ZZZ", "Apron")))
    sync(north)
    with tenant(north.psp.pk):
        listed = list(Listing.objects.filter(gone_at=None).order_by("sorted_by", "family", "sorted_within", "id").values_list("key", flat=True))
    assert listed == ["ZZZ", "AAA", "TEE", "TEE-M", "TEE-L"]


def test_what_an_answer_does_not_tell_of_families_stays(north: House, channel: Any) -> None:
    channel(page_of(told("TEE-M", family="TEE"), told("TEE", family="TEE", is_parent=True)))
    sync(north)
    channel(page_of(told("TEE-M"), told("TEE")))  # by report, which has no column for it
    sync(north)
    channel(page_of(told("TEE-M", family=""), told("TEE", family="TEE", is_parent=True)))
    with tenant(north.psp.pk):
        assert Listing.objects.get(key="TEE-M").family == "TEE"
    sync(north)
    with tenant(north.psp.pk):
        assert Listing.objects.get(key="TEE-M").family == ""


# --- Pages ------------------------------------------------------------------------------------------------------------
def test_each_number_of_the_difference_opens_its_list(north: House, channel: Any) -> None:
    channel(page_of(told("A", "Alpha"), told("B", "Beta")))
    sync(north)
    channel(page_of(told("A", "Alpha, renamed"), told("C", "Gamma")))
    run = sync(north)
    nora = browser_of(north.owner)
    address = reverse("stores:store", args=[north.store.public_id])
    page = nora.get(address).content.decode()
    assert "1 new" in page and "1 changed" in page and "1 gone" in page
    for found, shown, hidden in (("added", "Gamma", "Alpha"), ("changed", "Alpha, renamed", "Gamma"), ("gone", "Beta", "Gamma")):
        listed = nora.get(address, {"sync": run.public_id, "found": found}).content.decode()
        assert shown in listed and hidden not in listed, found
    assert "2 products read" in page
    history = nora.get(reverse("stores:syncs", args=[north.store.public_id])).content.decode()
    assert history.count("Products synced") >= 2


def test_progress_is_shown_with_a_button_to_cancel_that_works(north: House, channel: Any) -> None:
    nora: Client = browser_of(north.owner)
    channel(page_of(told("A"), then="2", total=1500, wait_s=60))
    store = reverse("stores:store", args=[north.store.public_id])
    nora.post(reverse("stores:sync", args=[north.store.public_id]))
    sync_next()
    cancel = reverse("stores:cancel_sync", args=[north.store.public_id])
    page = nora.get(store).content.decode()
    assert "1 of 1,500" in page and cancel in page
    assert "The sync was cancelled" in nora.post(cancel, follow=True).content.decode()
    assert "No sync is running" in nora.post(cancel, follow=True).content.decode()
    assert "Sync cancelled" in nora.get(store).content.decode()
    assert newest(north).started_by_id == north.owner.pk
