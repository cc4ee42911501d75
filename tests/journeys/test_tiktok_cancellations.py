"""TikTok Shop's own hold and cancellations, from the buyer's press of a button to both sides' books (requirement GT-29)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from fulfillment.models import Push
from fulfillment.services import wishes
from fulfillment.services.cancelling import CannotCancel, cancel_lines
from fulfillment.services.wishes import decline_cancellation
from orders.models import Order
from orders.selectors import order_sheet
from orders.services.production import HeldBack, release_order
from pod_hub.accounts.actors import HUB
from pod_hub.core.tenancy import tenant
from stores.channels.telling_types import CancelReason
from stores.sandbox.tiktok.records import PlacedOrder
from tests.factories.browsers import browser_of
from tests.factories.pages import text
from tests.journeys.tiktok_stage import TikTokStage

pytestmark = pytest.mark.django_db
USPS_NUMBER = "9400111899223197428490"


def cancel(on: TikTokStage, order: Order, reason: CancelReason = CancelReason.BUYER_CANCELLED, **options: list[int]) -> Push | None:
    with tenant(on.house.psp.pk):
        return cancel_lines(order_id=order.pk, reason=reason, actor=HUB, **options)  # type: ignore[arg-type]


def wish(on: TikTokStage, placed: PlacedOrder) -> None:
    """The buyer asks to cancel, and TikTok tells."""
    on.tiktok.act(placed.order_id, "request-cancellation")
    on.hear()


def run_through(on: TikTokStage, minutes: int = 8) -> None:
    on.work()
    for _look in range(minutes):
        on.later(minutes=1)
        on.work()


def test_nothing_is_made_while_tiktok_holds_an_order_and_the_hold_ends_by_itself(on: TikTokStage) -> None:
    placed = on.buy(holds=True)
    order = on.order(placed)
    (hold,) = [one for one in on.holds(placed) if one.kind == "channel_hold"]
    assert hold.ends_about is not None
    assert timedelta(minutes=55) < hold.ends_about - now() <= timedelta(hours=1), "an hour after the payment"
    with tenant(on.house.psp.pk), pytest.raises(HeldBack):
        release_order(order_id=order.pk, actor=HUB)
    on.later(minutes=58)
    on.work()
    assert on.holds(placed) == [], "asked again at its end, without a poll or a webhook"
    assert on.order(placed).channel_status == "AWAITING_SHIPMENT"
    on.produce(order)


def test_an_order_cancelled_by_the_buyer_during_the_hold_is_cancelled_here(on: TikTokStage) -> None:
    placed = on.buy(holds=True)
    wish(on, placed)
    assert on.there(placed).status == "CANCELLED"
    assert (on.order(placed).state, on.order(placed).open_holds) == ("cancelled", 0)
    assert on.pushes(on.order(placed)) == [], "TikTok did it, so nobody tells it"


def test_a_wish_holds_the_line_at_once_and_agreeing_cancels_on_both_sides(on: TikTokStage) -> None:
    placed = on.buy()
    wish(on, placed)
    (hold,) = on.holds(placed)
    assert (hold.kind, bool(hold.reference)) == ("cancel_request", True)
    assert hold.answer_by is not None
    assert timedelta(hours=47) < hold.answer_by - now() <= timedelta(hours=48)
    order = on.order(placed)
    push = cancel(on, order)
    assert push is not None
    assert (push.kind, push.wish) == ("wish_agreed", hold.reference)
    run_through(on)
    assert on.there(placed).status == "CANCELLED"
    assert on.order(placed).state == "cancelled"
    assert [one.delivery for one in on.pushes(order)] == ["confirmed"]
    for sentence in ("It waits: cancellation requested. ", "The hold “cancellation requested” ended: the line was cancelled."):
        assert sentence in on.said(placed)


def test_a_wish_is_seen_by_a_poll_when_its_webhook_was_lost(on: TikTokStage) -> None:
    placed = on.buy()
    on.tiktok.act(placed.order_id, "request-cancellation")
    on.later(minutes=3)
    on.poll_now()
    assert [hold.kind for hold in on.holds(placed)] == ["cancel_request"]


def test_a_withdrawn_wish_lets_the_order_go_on(on: TikTokStage) -> None:
    placed = on.buy()
    wish(on, placed)
    on.later(minutes=1)
    on.tiktok.act(placed.order_id, "withdraw-cancellation")
    on.hear()
    assert on.holds(placed) == []
    on.produce(on.order(placed))


def test_a_declined_wish_is_answered_by_shipping_and_is_not_asked_again(on: TikTokStage) -> None:
    placed = on.buy()
    wish(on, placed)
    order = on.order(placed)
    (until,) = [hold.answer_by for hold in on.holds(placed)]
    with tenant(on.house.psp.pk):
        assert decline_cancellation(order_id=order.pk, actor=HUB) == 1
        assert Order.objects.get().ship_by == until
        assert order_sheet(order.public_id).lapses_at == until, "not the later clock of an order that nobody asked to cancel"
    on.later(minutes=3)
    on.poll_now()
    assert on.holds(placed) == [], "the same wish does not hold it a second time"
    assert on.order(placed).ship_by == until, "shipping is owed before TikTok agrees by itself, whatever it tells as its ship-by"
    on.produce(order)
    on.ship(order, (USPS_NUMBER, 1))
    run_through(on)
    there = on.there(placed)
    assert (there.status, bool(there.cancel_asked)) == ("AWAITING_COLLECTION", False)
    on.poll_now()
    page = text(browser_of(on.house.owner), reverse("orders:order", args=[order.public_id]))
    assert "waits for the carrier&#x27;s scan (AWAITING_COLLECTION)" in page and "Cancelled by itself" not in page
    assert [push.delivery for push in on.pushes(order)] == ["confirmed"]


def test_a_wish_heard_of_after_the_parcel_left_waits_for_a_person_and_declining_tells_of_the_parcel(on: TikTokStage) -> None:
    placed = on.buy()
    order = on.order(placed)
    on.produce(order)
    on.tiktok.act(placed.order_id, "request-cancellation")
    on.ship(order, (USPS_NUMBER, 1))
    run_through(on)
    assert [hold.kind for hold in on.holds(placed)] == ["cancel_request"]
    assert [push.delivery for push in on.pushes(order)] == ["pending"], "telling it would be the answer"
    assert on.there(placed).status == "AWAITING_SHIPMENT"
    page = text(browser_of(on.house.owner), reverse("orders:order", args=[order.public_id]))
    assert "The parcel has left already" in page and "Decline, it has left" in page and "Cancel this line" not in page
    with tenant(on.house.psp.pk):
        assert decline_cancellation(order_id=order.pk, actor=HUB) == 1
    run_through(on)
    there = on.there(placed)
    assert (there.status, bool(there.cancel_asked)) == ("AWAITING_COLLECTION", False)
    assert [push.delivery for push in on.pushes(order)] == ["confirmed"]
    assert on.holds(placed) == []


def test_a_parcel_that_left_is_told_of_by_itself_when_the_buyer_takes_the_wish_back(on: TikTokStage) -> None:
    placed = on.buy()
    order = on.order(placed)
    on.produce(order)
    on.tiktok.act(placed.order_id, "request-cancellation")
    on.ship(order, (USPS_NUMBER, 1))
    run_through(on)
    on.tiktok.act(placed.order_id, "withdraw-cancellation")
    on.hear()
    run_through(on, minutes=20)
    assert on.holds(placed) == []
    assert [push.delivery for push in on.pushes(order)] == ["confirmed"]


def test_a_wish_that_nobody_answers_is_agreed_to_by_tiktok_and_the_timeline_says_so(on: TikTokStage) -> None:
    placed = on.buy()
    wish(on, placed)
    on.later(hours=48, minutes=1)
    on.work()
    assert on.there(placed).status == "CANCELLED"
    assert on.order(placed).state == "cancelled"
    assert "was not answered in time" in on.said(placed)


def test_a_wish_is_answered_as_a_whole_and_by_nothing_but_its_own_reason(on: TikTokStage) -> None:
    placed = on.buy(items=[{"sku": "MUG-11OZ-WHITE"}, {"sku": "MUG-11OZ-BLACK"}])
    wish(on, placed)
    order = on.order(placed)
    with tenant(on.house.psp.pk):
        first, _second = order.lines.order_by("pk")
    with pytest.raises(CannotCancel, match="in one request"):
        cancel(on, order, line_ids=[first.pk])
    with pytest.raises(CannotCancel, match="waits for the answer"):
        cancel(on, order, CancelReason.NO_STOCK)


def test_the_seller_cancels_one_line_because_it_is_out_of_stock_and_for_no_other_reason(on: TikTokStage) -> None:
    placed = on.buy(items=[{"sku": "MUG-11OZ-WHITE"}, {"sku": "MUG-11OZ-BLACK"}])
    order = on.order(placed)
    with tenant(on.house.psp.pk):
        first, second = order.lines.order_by("pk")
    with pytest.raises(CannotCancel, match="only because"):
        cancel(on, order, CancelReason.PRICING_ERROR, line_ids=[second.pk])
    cancel(on, order, CancelReason.NO_STOCK, line_ids=[second.pk])
    run_through(on)
    there = on.there(placed)
    assert sorted((line.seller_sku, line.status) for line in there.lines) == [
        ("MUG-11OZ-BLACK", "CANCELLED"),
        ("MUG-11OZ-WHITE", "AWAITING_SHIPMENT"),
    ]
    assert [push.delivery for push in on.pushes(order)] == ["confirmed"]
    on.produce(order)
    assert first.pk


def test_the_seller_cancels_a_whole_order_and_a_lost_answer_cancels_it_once(on: TikTokStage) -> None:
    placed = on.buy()
    order = on.order(placed)
    on.tiktok.scenario("cancel_lost_after_success")
    cancel(on, order, CancelReason.PRICING_ERROR)
    run_through(on)
    assert on.there(placed).status == "CANCELLED"
    assert on.there(placed).cancel_reason == "seller_cancel_reason_wrong_price"
    assert [push.delivery for push in on.pushes(order)] == ["confirmed"]


def test_where_the_market_takes_a_no_it_is_told_with_one_of_its_own_reasons(on: TikTokStage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wishes, "shipping_declines", lambda _kind, _marketplace: False)
    on.tiktok.world.settings.us_rejects_by_call = True
    placed = on.buy()
    wish(on, placed)
    order, (hold,) = on.order(placed), on.holds(placed)
    offered = wishes.offered_declines(psp_id=on.house.psp.pk, order_id=order.pk, reference=hold.reference)
    assert offered
    with tenant(on.house.psp.pk):
        with pytest.raises(wishes.CannotAnswer, match="Choose one"):
            wishes.decline_cancellation(order_id=order.pk, actor=HUB)
        assert wishes.decline_cancellation(order_id=order.pk, actor=HUB, channel_reason=offered[0].key) == 1
    run_through(on)
    assert not on.there(placed).cancel_asked
    assert [(push.kind, push.delivery) for push in on.pushes(order)] == [("wish_declined", "confirmed")]
    assert on.holds(placed) == []


# --- Pages --------------------------------------------------------------------------------------------------------------------------


def test_the_order_page_shows_the_countdown_and_the_time_to_answer(on: TikTokStage) -> None:
    nora = browser_of(on.house.owner)
    held = on.buy(holds=True)
    page = text(nora, reverse("orders:order", args=[on.order(held).public_id]))
    assert "Held by the marketplace" in page
    assert "ends by itself" in page and re.search(r"in \d+ (minute|hour)", page)
    assert "Release to production" not in page
    asked = on.buy()
    wish(on, asked)
    page = text(nora, reverse("orders:order", args=[on.order(asked).public_id]))
    assert "The marketplace waits for an answer until" in page
    assert "and then agrees by itself" in page


def test_declining_asks_once_more_and_says_what_it_means(on: TikTokStage) -> None:
    nora = browser_of(on.house.owner)
    placed = on.buy()
    wish(on, placed)
    address = reverse("fulfillment:decline_cancellation", args=[on.order(placed).public_id])
    page = text(nora, address)
    assert "shipping is the only way to decline" in page
    assert "If nothing is shipped by then" in page
    assert nora.post(address).status_code == 422, "not without the confirmation"
    assert [hold.kind for hold in on.holds(placed)] == ["cancel_request"]
    assert nora.post(address, {"confirmed": "on"}).status_code == 302
    assert on.holds(placed) == []
    assert "shipping before" in on.said(placed)
    page = text(nora, reverse("orders:order", args=[on.order(placed).public_id]))
    assert "Shipping is the answer that is still owed" in page and "it cancels by itself" in page


def test_agreeing_on_the_page_takes_all_lines_of_the_wish(on: TikTokStage) -> None:
    nora = browser_of(on.house.owner)
    placed = on.buy(items=[{"sku": "MUG-11OZ-WHITE"}, {"sku": "MUG-11OZ-BLACK"}])
    wish(on, placed)
    order = on.order(placed)
    page = text(nora, reverse("orders:order", args=[order.public_id]))
    assert page.count("Cancel these lines…") == 2
    assert f'<form class="hub-inline" method="post" action="{reverse("fulfillment:cancel", args=[order.public_id])}"' not in page, (
        "nothing without a question"
    )
    (link, _same) = re.findall(r'href="([^"]*cancel/\?line=[^"]*&amp;line=[^"]*)"', page)
    asked = text(nora, link.replace("&amp;", "&"))
    assert asked.count("checked") == 2
    assert "TikTok Shop is told so, cancels what was asked for and refunds the buyer." in asked
    assert "Without an answer the marketplace cancels by itself" in asked
    assert [hold.kind for hold in on.holds(placed)].count("cancel_request") == 2, "a question changes nothing"
    lines = [line.public_id for line in order.lines.all()]
    answer = nora.post(reverse("fulfillment:cancel", args=[order.public_id]), {"reason": "buyer_cancelled", "lines": lines}, follow=True)
    page = answer.content.decode()
    assert "is agreed to" in page and "Agreement to the buyer&#x27;s request to cancel" in page
    assert "<dt>Reason</dt>" not in page and "<dt>Agreed</dt>" in page
    (push,) = on.pushes(order)
    assert "<dt>Reason</dt>" not in text(nora, reverse("fulfillment:push", args=[push.public_id]))
    run_through(on)
    assert on.there(placed).status == "CANCELLED"


def test_the_cancel_page_offers_the_marketplaces_reasons_only(on: TikTokStage) -> None:
    nora = browser_of(on.house.owner)
    page = text(nora, reverse("fulfillment:cancel", args=[on.order(on.buy()).public_id]))
    assert "the price was wrong" in page.lower() or "pric" in page.lower()
    assert "credit" not in page.lower()
