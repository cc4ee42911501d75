"""What every channel must do, whatever it is called: the same tests for each adapter against its imitation server.

A channel's own test module subclasses ``ChannelContract`` and gives it a ``bench`` fixture: the imitation's hands, in our words.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

import pytest

from stores.channels.consent_types import Consent
from stores.channels.contract import Channel
from stores.channels.errors import NotFound, ReconnectNeeded, Refused, TryLater, Unreadable
from stores.channels.telling_types import PackageNotice
from stores.channels.types import Account, ChannelState, FulfilledBy, IncomingListing, IncomingOrder, OrdersPage, RawOrder


class Bench(Protocol):
    """What a test can do at the other side. Each bench is a fresh imitation with a seller of its own."""

    marketplace: str
    other_marketplace: str  # the seller takes part in it as well
    account: Account
    channel: Channel
    consent: Consent
    sku: str  # a plain listing of the seller, shipped by the seller
    personalisable_sku: str
    carrier: str

    def now(self) -> datetime: ...
    def pass_time(self, seconds: float) -> None: ...
    def buy(self, *, lines: Mapping[str, int] | None = None, paid: bool = True, personalisation: str = "", marketplace: str = "") -> str: ...
    def buy_many(self, count: int) -> list[str]: ...
    def ask_to_cancel(self, order_id: str) -> None: ...
    def cancel(self, order_id: str) -> None: ...
    def packages_at_the_channel(self, order_id: str) -> int: ...
    def fail_next(self, how: str) -> None: ...
    def revoke(self) -> None: ...
    def add_listings(self, count: int) -> set[str]: ...
    def consent_code(self) -> str: ...
    def consent_page_answers(self, url: str) -> bool: ...


# How a bench can be told to misbehave at the next call.
GATEWAY_PAGE, THROTTLED, TOKEN_EXPIRED = "gateway_page", "throttled", "token_expired"
LOST_AFTER_SUCCESS, LOST_BEFORE_EFFECT, UNKNOWN_STATUS = "lost_after_success", "lost_before_effect", "unknown_status"


class ChannelContract:
    """The contract's tests. Times are the imitation's."""

    def _pages(self, bench: Bench, since: datetime) -> list[OrdersPage]:
        pages: list[OrdersPage] = []
        while not pages or pages[-1].next_page:
            page = pages[-1].next_page if pages else ""
            pages.append(bench.channel.orders_page(marketplaces=[bench.marketplace, bench.other_marketplace], changed_since=since, page=page))
        return pages

    def _changed(self, bench: Bench, since: datetime) -> list[RawOrder]:
        return [order for page in self._pages(bench, since) for order in page.orders]

    def _read(self, bench: Bench, order_id: str) -> IncomingOrder:
        return bench.channel.read_order(bench.channel.fetch_order(order_id).payload)

    def _notice(self, bench: Bench, order: IncomingOrder, *, reference: str = "1", quantity: int | None = None) -> PackageNotice:
        line = order.lines[0]
        return PackageNotice(
            external_id=order.external_id,
            marketplace=order.marketplace,
            reference=reference,
            carrier_code=bench.carrier,
            carrier_name="",
            shipping_method="Standard",
            tracking_number=f"TRACK{reference}",
            shipped_at=bench.now(),
            quantities={line.external_line_id: line.quantity if quantity is None else quantity},
            placed_at=order.placed_at,
        )

    def _settle(self, bench: Bench) -> None:
        """Let the channel's data lag pass."""
        bench.pass_time(600)

    # --- Orders ---------------------------------------------------------------------------------------------------------------

    def test_placed_order_is_listed_with_lines_address_and_money(self, bench: Bench) -> None:
        start = bench.now()
        order_id = bench.buy(lines={bench.sku: 2})
        self._settle(bench)
        (raw,) = self._changed(bench, start)
        order = bench.channel.read_order(raw.payload)
        assert (raw.external_id, raw.revision) == (order_id, order.revision) == (order.external_id, order.revision)
        assert (order.state, order.fulfilled_by, order.marketplace) == (ChannelState.UNSHIPPED, FulfilledBy.MERCHANT, bench.marketplace)
        assert [(line.listing_key, line.sku, line.quantity, line.quantity_shipped) for line in order.lines] == [(bench.sku, bench.sku, 2, 0)]
        assert order.ship_to is not None
        assert order.ship_to.name
        assert order.ship_to.lines
        assert len(order.ship_to.country) == 2
        assert order.total is not None
        assert order.lines[0].unit_price is not None
        assert order.lines[0].line_total is not None
        assert order.lines[0].line_total.value == 2 * order.lines[0].unit_price.value
        assert order.ship_by is not None
        assert order.placed_at < order.ship_by

    def test_one_order_asked_for_by_number_is_the_same_as_in_the_list(self, bench: Bench) -> None:
        start = bench.now()
        order_id = bench.buy()
        self._settle(bench)
        (listed,) = self._changed(bench, start)
        assert bench.channel.read_order(listed.payload) == self._read(bench, order_id)

    def test_one_poll_covers_all_marketplaces(self, bench: Bench) -> None:
        start = bench.now()
        ids = {bench.buy(), bench.buy(marketplace=bench.other_marketplace)}
        self._settle(bench)
        assert {raw.external_id for raw in self._changed(bench, start)} == ids

    def test_many_orders_come_in_pages_without_loss_or_repetition(self, bench: Bench) -> None:
        start = bench.now()
        ids = bench.buy_many(130)
        self._settle(bench)
        pages = self._pages(bench, start)
        assert len(pages) == 2
        listed = [raw.external_id for page in pages for raw in page.orders]
        assert sorted(listed) == sorted(ids)

    def test_poll_from_the_high_water_mark_misses_no_later_order(self, bench: Bench) -> None:
        start = bench.now()
        first = bench.buy()
        self._settle(bench)
        (page,) = self._pages(bench, start)
        assert [raw.external_id for raw in page.orders] == [first]
        assert page.high_water <= bench.now()
        second = bench.buy()
        self._settle(bench)
        assert second in {raw.external_id for raw in self._changed(bench, page.high_water)}

    def test_order_younger_than_the_data_lag_is_found_by_the_next_poll(self, bench: Bench) -> None:
        start = bench.now()
        young = bench.buy()
        page = bench.channel.orders_page(marketplaces=[bench.marketplace], changed_since=start)
        assert page.high_water <= bench.now()
        self._settle(bench)
        assert young in {raw.external_id for raw in self._changed(bench, page.high_water - timedelta(minutes=5))}

    def test_unpaid_order_is_pending_and_has_no_address(self, bench: Bench) -> None:
        order_id = bench.buy(paid=False)
        self._settle(bench)
        order = self._read(bench, order_id)
        assert (order.state, order.ship_to) == (ChannelState.PENDING, None)

    def test_wish_to_cancel_is_seen_and_changes_the_revision_but_not_the_state(self, bench: Bench) -> None:
        order_id = bench.buy()
        self._settle(bench)
        before = self._read(bench, order_id)
        bench.ask_to_cancel(order_id)
        self._settle(bench)
        after = self._read(bench, order_id)
        assert before.lines[0].cancel_request is None
        assert after.lines[0].cancel_request is not None
        assert after.state is before.state
        assert after.revision > before.revision

    def test_cancelled_order_is_still_listed(self, bench: Bench) -> None:
        order_id = bench.buy()
        self._settle(bench)
        since = bench.now()
        bench.pass_time(1)
        bench.cancel(order_id)
        self._settle(bench)
        (raw,) = self._changed(bench, since)
        assert bench.channel.read_order(raw.payload).state is ChannelState.CANCELLED

    def test_unknown_order_is_not_found(self, bench: Bench) -> None:
        with pytest.raises(NotFound):
            bench.channel.fetch_order("999-0000000-0000000")

    def test_unknown_status_is_unreadable_and_keeps_the_rest_of_the_page(self, bench: Bench) -> None:
        start = bench.now()
        bench.buy()
        bench.buy()
        self._settle(bench)
        bench.fail_next(UNKNOWN_STATUS)
        raws = self._changed(bench, start)
        assert len(raws) == 2
        readable, unreadable = 0, 0
        for raw in raws:
            try:
                bench.channel.read_order(raw.payload)
                readable += 1
            except Unreadable:
                unreadable += 1
        assert (readable, unreadable) == (1, 1)

    def test_personalisation_can_be_fetched_and_read(self, bench: Bench) -> None:
        order_id = bench.buy(lines={bench.personalisable_sku: 1}, personalisation="Für Zoë")
        self._settle(bench)
        (line,) = self._read(bench, order_id).lines
        assert line.personalisation_url
        content = bench.channel.fetch_personalisation(line.personalisation_url)
        assert any("Für Zoë" in text.text for text in bench.channel.read_personalisation(content))

    # --- Packages -------------------------------------------------------------------------------------------------------------

    def test_confirmed_package_is_shown_back(self, bench: Bench) -> None:
        order_id = bench.buy(lines={bench.sku: 2})
        self._settle(bench)
        order = self._read(bench, order_id)
        notice = self._notice(bench, order)
        receipt = bench.channel.confirm_package(notice)
        assert receipt.request_id
        self._settle(bench)
        (seen,) = bench.channel.packages(order_id)
        assert (seen.reference, seen.carrier, seen.tracking_number) == (notice.reference, notice.carrier_code, notice.tracking_number)
        assert dict(seen.quantities) == dict(notice.quantities)
        after = self._read(bench, order_id)
        assert after.state is ChannelState.SHIPPED
        assert after.lines[0].quantity_shipped == 2

    def test_repeated_notice_is_one_package(self, bench: Bench) -> None:
        order_id = bench.buy()
        self._settle(bench)
        notice = self._notice(bench, self._read(bench, order_id))
        bench.channel.confirm_package(notice)
        bench.channel.confirm_package(notice)
        assert bench.packages_at_the_channel(order_id) == 1

    def test_two_packages_ship_an_order_in_two_steps(self, bench: Bench) -> None:
        order_id = bench.buy(lines={bench.sku: 3})
        self._settle(bench)
        order = self._read(bench, order_id)
        bench.channel.confirm_package(self._notice(bench, order, reference="1", quantity=1))
        self._settle(bench)
        assert self._read(bench, order_id).state is ChannelState.PARTIALLY_SHIPPED
        bench.channel.confirm_package(self._notice(bench, order, reference="2", quantity=2))
        self._settle(bench)
        assert self._read(bench, order_id).state is ChannelState.SHIPPED
        assert {package.reference for package in bench.channel.packages(order_id)} == {"1", "2"}

    @pytest.mark.parametrize(("how", "arrived"), [(LOST_AFTER_SUCCESS, 1), (LOST_BEFORE_EFFECT, 0)])
    def test_lost_answer_is_ambiguous_and_reading_back_settles_it(self, bench: Bench, how: str, arrived: int) -> None:
        order_id = bench.buy()
        self._settle(bench)
        notice = self._notice(bench, self._read(bench, order_id))
        bench.fail_next(how)
        with pytest.raises(TryLater) as raised:
            bench.channel.confirm_package(notice)
        assert raised.value.ambiguous
        self._settle(bench)
        assert len(bench.channel.packages(order_id)) == arrived
        bench.channel.confirm_package(notice)
        assert bench.packages_at_the_channel(order_id) == 1

    def test_more_than_is_open_is_refused_in_the_channels_words(self, bench: Bench) -> None:
        order_id = bench.buy()
        self._settle(bench)
        with pytest.raises(Refused) as raised:
            bench.channel.confirm_package(self._notice(bench, self._read(bench, order_id), quantity=2))
        assert raised.value.code
        assert raised.value.request_id
        assert bench.packages_at_the_channel(order_id) == 0

    def test_cancelled_order_cannot_be_shipped(self, bench: Bench) -> None:
        order_id = bench.buy()
        self._settle(bench)
        notice = self._notice(bench, self._read(bench, order_id))
        bench.cancel(order_id)
        with pytest.raises(Refused):
            bench.channel.confirm_package(notice)
        assert bench.packages_at_the_channel(order_id) == 0

    # --- Listings and account -------------------------------------------------------------------------------------------------

    def _listings(self, bench: Bench) -> list[IncomingListing]:
        found: list[IncomingListing] = []
        page = ""
        while True:
            try:
                answer = bench.channel.listings_page(marketplace=bench.marketplace, page=page)
            except TryLater as error:  # a quota of so many calls a second, and a test that asks faster
                if not error.throttled:
                    raise
                time.sleep(error.wait_s or 0.2)
                bench.pass_time(error.wait_s or 0.2)
                continue
            assert answer.unreadable == ()
            found += answer.listings
            page = answer.next_page
            if answer.wait_s:
                bench.pass_time(answer.wait_s)
            if not page:
                return found

    def test_every_listing_is_found_once_and_orders_lead_back_to_it(self, bench: Bench) -> None:
        listings = self._listings(bench)
        keys = [listing.key for listing in listings]
        assert len(keys) == len(set(keys))
        assert all(keys)
        assert any(listing.price for listing in listings)
        assert any(listing.image_url for listing in listings)
        order_id = bench.buy()
        self._settle(bench)
        assert self._read(bench, order_id).lines[0].listing_key in keys

    def test_large_catalogue_is_found_whole(self, bench: Bench) -> None:
        before = {listing.key for listing in self._listings(bench)}
        added = bench.add_listings(1100)
        keys = [listing.key for listing in self._listings(bench)]
        assert len(keys) == len(set(keys))
        assert before | added <= set(keys)

    def test_participations_name_the_marketplaces(self, bench: Bench) -> None:
        taking_part = {each.marketplace for each in bench.channel.participations() if each.participating}
        assert {bench.marketplace, bench.other_marketplace} <= taking_part

    # --- Faults ---------------------------------------------------------------------------------------------------------------

    def test_gateway_page_means_try_later(self, bench: Bench) -> None:
        bench.fail_next(GATEWAY_PAGE)
        with pytest.raises(TryLater) as raised:
            self._pages(bench, bench.now())
        assert not raised.value.ambiguous
        self._pages(bench, bench.now())

    def test_throttling_says_how_long_to_wait_and_holds_further_calls_back(self, bench: Bench) -> None:
        bench.fail_next(THROTTLED)
        with pytest.raises(TryLater) as raised:
            self._pages(bench, bench.now())
        assert raised.value.throttled
        assert raised.value.wait_s
        with pytest.raises(TryLater) as again:
            self._pages(bench, bench.now())
        assert again.value.throttled
        assert again.value.status is None  # not even asked

    def test_expired_token_is_renewed_without_anybody_noticing(self, bench: Bench) -> None:
        self._pages(bench, bench.now())
        bench.fail_next(TOKEN_EXPIRED)
        self._pages(bench, bench.now())

    def test_withdrawn_permission_asks_to_reconnect(self, bench: Bench) -> None:
        self._pages(bench, bench.now())
        bench.revoke()
        with pytest.raises(ReconnectNeeded):
            self._pages(bench, bench.now())

    def test_consent_leads_to_a_grant_that_works_once(self, bench: Bench) -> None:
        url = bench.consent.consent_url(marketplace=bench.marketplace, state="a state")
        assert bench.consent_page_answers(url)
        code = bench.consent_code()
        grant = bench.consent.exchange(code=code, account_id=bench.account.account_id, region=bench.account.region)
        assert grant.account_id == bench.account.account_id
        assert grant.refresh_token
        assert grant.access_expires_in_s > 0
        with pytest.raises(ReconnectNeeded):
            bench.consent.exchange(code=code, account_id=bench.account.account_id, region=bench.account.region)
