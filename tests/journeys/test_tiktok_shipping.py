"""Shipping at TikTok Shop: carriers of its own list, corrections, labels that are bought there, addresses that are hidden, and returns."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils.timezone import now

from fulfillment.models import Label, Package, PushAttempt
from fulfillment.selectors import carriers_of
from fulfillment.services.cancelling import cancel_lines
from fulfillment.services.carriers import map_carrier
from fulfillment.services.correcting import CannotCorrect, correct_package
from fulfillment.services.label_work import document_of
from fulfillment.services.labelling import CannotLabel, Wanted, offers, order_label, ship_labelled
from fulfillment.services.pushing import try_again
from fulfillment.services.shipping import CannotShip
from orders.buyer_data import opened
from orders.buyer_looks import BuyerLook
from orders.models import BuyerData, HoldKind, Order, OrderReturn, Personalisation, PurgeRecord
from orders.services.holds import open_hold
from orders.services.purging import purge_orders
from orders.services.returning import keep_returns
from pod_hub.accounts.actors import HUB
from pod_hub.core.sealing import sealed_field
from pod_hub.core.tenancy import tenant
from stores.channels.telling_types import CancelReason, SeenReturn
from stores.models import CarrierMapping, StoreCarrier
from stores.sandbox.tiktok.delivery import UPS
from tests.factories.browsers import browser_of
from tests.factories.pages import text
from tests.journeys.tiktok_stage import NAMED_SKU, TikTokStage

pytestmark = pytest.mark.django_db
USPS_NUMBER, UPS_NUMBER = "9400111899223197428490", "1Z999AA10123456784"
PARCEL = {"weight_g": 450, "length_mm": 150, "width_mm": 150, "height_mm": 120}


def run_through(on: TikTokStage, minutes: int = 8) -> None:
    on.work()
    for _look in range(minutes):
        on.later(minutes=1)
        on.work()


def correct(on: TikTokStage, order: Order, tracking: str, carrier: str = "USPS") -> Package:
    with tenant(on.house.psp.pk):
        package = Package.objects.filter(order=order).order_by("pk")[0]
        return correct_package(package_id=package.pk, carrier_code=carrier, carrier_name="", tracking_number=tracking, actor=HUB)


def main_buttons(page: str) -> list[str]:
    """The words of the buttons that a page puts first."""
    return re.findall(r'<(?:a|button) class="btn[^"]* btn-primary[^"]*"[^>]*>.*?<span>([^<]*)</span>', page, re.DOTALL)


def made(on: TikTokStage, **wish: Any) -> tuple[Order, str]:
    """A produced order and its number."""
    placed = on.buy(**wish)
    order = on.order(placed)
    on.produce(order)
    return order, placed.order_id


# --- Carriers and corrections ---------------------------------------------------------------------------------------------------


def test_a_parcel_of_two_of_three_units_is_told_by_units_and_read_back(on: TikTokStage) -> None:
    placed = on.buy(quantity=3)
    order = on.order(placed)
    on.produce(order)
    on.ship(order, (USPS_NUMBER, 2))
    run_through(on)
    there = on.there(placed)
    assert (there.status, sum(bool(line.shipped) for line in there.lines)) == ("PARTIALLY_SHIPPING", 2)
    (push,) = on.pushes(order)
    assert push.delivery == "confirmed"
    page = text(browser_of(on.house.owner), reverse("orders:order", args=[order.public_id]))
    assert "if it is not shipped" in page and "waits for the carrier" not in page
    with tenant(on.house.psp.pk):
        (package,) = Package.objects.filter(order=order)
        assert package.channel_id == on.tiktok.books.packages_of(placed.order_id)[0].package_id


def test_carriers_are_read_by_way_of_delivery_and_a_carrier_of_ours_is_mapped(on: TikTokStage) -> None:
    placed = on.buy()
    on.poll_now()
    order = on.order(placed)
    with tenant(on.house.psp.pk):
        assert StoreCarrier.objects.filter(store=on.store, delivery_option=order.delivery_option).count() == 6
        map_carrier(store_id=on.store.pk, carrier="Big Brown", option_id=UPS.provider_id, actor=HUB)
        assert carriers_of(order)[0] == "Big Brown"
    on.produce(order)
    on.ship(order, (UPS_NUMBER, 1), carrier="big brown")
    run_through(on)
    assert on.tiktok.books.packages_of(placed.order_id)[0].provider_name == "UPS"
    assert [push.delivery for push in on.pushes(order)] == ["confirmed"]


def test_an_unknown_carrier_is_refused_with_what_to_do_and_correcting_it_tells_the_package(on: TikTokStage) -> None:
    order, number = made(on)
    on.ship(order, (USPS_NUMBER, 1), carrier="Pigeon Post")
    run_through(on, 2)
    (push,) = on.pushes(order)
    assert push.delivery == "parked"
    assert "Settings > Carriers" in push.last_error
    package = correct(on, order, USPS_NUMBER)
    assert package.corrected_at is None, "TikTok was never told, so its one correction is not used"
    run_through(on)
    assert [one.delivery for one in on.pushes(order)] == ["confirmed"]
    assert len(on.tiktok.books.packages_of(number)) == 1


def test_a_warning_of_tiktok_stands_in_the_exchanges(on: TikTokStage) -> None:
    order, _number = made(on)
    on.ship(order, (UPS_NUMBER, 1), carrier="USPS")
    on.work()
    with tenant(on.house.psp.pk):
        (accepted,) = PushAttempt.objects.filter(push__order=order, outcome="accepted")
    assert "matches UPS" in accepted.detail
    assert "matches UPS" in on.pushes(order)[0].last_error


def test_a_package_is_corrected_once_within_three_days(on: TikTokStage) -> None:
    order, number = made(on)
    on.ship(order, (USPS_NUMBER, 1))
    run_through(on)
    corrected = correct(on, order, UPS_NUMBER, carrier="UPS")
    assert corrected.corrected_at is not None
    run_through(on)
    (there,) = on.tiktok.books.packages_of(number)
    assert (there.provider_name, there.tracking_number, there.corrected) == ("UPS", UPS_NUMBER, True)
    assert [push.delivery for push in on.pushes(order)] == ["confirmed"]
    with pytest.raises(CannotCorrect, match="one correction"):
        correct(on, order, USPS_NUMBER)


def test_after_three_days_nothing_is_corrected(on: TikTokStage) -> None:
    order, _number = made(on)
    on.ship(order, (USPS_NUMBER, 1))
    run_through(on)
    on.later(hours=73)
    with pytest.raises(CannotCorrect, match="72 hours"):
        correct(on, order, UPS_NUMBER, carrier="UPS")


def test_a_lost_answer_ships_once(on: TikTokStage) -> None:
    order, number = made(on)
    on.tiktok.scenario("confirm_lost_after_success")
    on.ship(order, (USPS_NUMBER, 1))
    run_through(on)
    assert len(on.tiktok.books.packages_of(number)) == 1
    assert [push.delivery for push in on.pushes(order)] == ["confirmed"]


# --- Labels ---------------------------------------------------------------------------------------------------------------------


def buy_label(on: TikTokStage, order: Order) -> Label:
    with tenant(on.house.psp.pk):
        line = order.lines.order_by("pk")[0]
    wanted = Wanted({line.pk: line.quantity}, **PARCEL)
    found = offers(psp_id=on.house.psp.pk, order_id=order.pk, wanted=wanted)
    assert [offer.name for offer in found] == ["USPS Ground Advantage", "UPS Ground", "FedEx 2Day"], "the cheapest first"
    with tenant(on.house.psp.pk):
        return order_label(order_id=order.pk, wanted=wanted, offer=found[0], actor=HUB)


def test_a_label_is_bought_fetched_kept_sealed_and_leaves_with_its_parcel(on: TikTokStage) -> None:
    order, number = made(on, shipping_type="TIKTOK", buyer_name="Zoë Clear")
    assert on.holds(on.there_by(number)) == [], "a hidden address is no reason to wait where TikTok prints it"
    with pytest.raises(CannotShip, match="comes from the marketplace"):
        on.ship(order, (USPS_NUMBER, 1))
    label = buy_label(on, order)
    run_through(on, 4)
    with tenant(on.house.psp.pk):
        label.refresh_from_db()
        assert (label.delivery, label.carrier, bool(label.tracking_number)) == ("confirmed", "USPS", True)
        assert document_of(label).startswith(b"%PDF")
        with default_storage.open(label.document_name) as stored:
            assert not stored.read().startswith(b"%PDF"), "sealed on disk"
    on.later(minutes=3)
    on.poll_now()
    now_here = on.order(on.there_by(number))
    assert (now_here.state, now_here.lines.all()[0].quantity_shipped) == ("packing", 0), "buying a label moves no parcel"
    with tenant(on.house.psp.pk):
        ship_labelled(order_id=order.pk, label_ids=[label.pk], actor=HUB)
    run_through(on)
    assert on.order(on.there_by(number)).state == "shipped"
    (push,) = on.pushes(order)
    assert (push.delivery, len(on.tiktok.books.packages_of(number))) == ("confirmed", 1)


def test_a_label_whose_answer_was_lost_is_found_and_not_bought_twice(on: TikTokStage) -> None:
    order, number = made(on, shipping_type="TIKTOK")
    on.tiktok.scenario("confirm_lost_after_success")
    label = buy_label(on, order)
    run_through(on)
    with tenant(on.house.psp.pk):
        label.refresh_from_db()
    assert label.delivery == "confirmed"
    assert len(on.tiktok.books.writes(kind="label_bought", order_id=number)) == 1


def test_no_label_for_more_units_than_are_free(on: TikTokStage) -> None:
    order, _number = made(on, shipping_type="TIKTOK")
    buy_label(on, order)
    with tenant(on.house.psp.pk):
        line = order.lines.get()
    with pytest.raises(CannotLabel, match="only 0"):
        offers(psp_id=on.house.psp.pk, order_id=order.pk, wanted=Wanted({line.pk: 1}, **PARCEL))


def test_a_labels_document_goes_with_the_buyers_data(on: TikTokStage, django_capture_on_commit_callbacks: Any) -> None:
    order, _number = made(on, shipping_type="TIKTOK")
    label = buy_label(on, order)
    run_through(on, 4)
    with tenant(on.house.psp.pk):
        label.refresh_from_db()
        kept = label.document_name
        with django_capture_on_commit_callbacks(execute=True):
            purge_orders(order_ids=[order.pk], rule=PurgeRecord.Rule.REQUESTED, actor=HUB)
        label.refresh_from_db()
    assert label.document_name == ""
    assert not default_storage.exists(kept)


# --- Addresses, personalisation, returns ------------------------------------------------------------------------------------------


def address_of(on: TikTokStage, order: Order) -> tuple[str, ...]:
    with tenant(on.house.psp.pk):
        details = opened(BuyerData.objects.get(order=order))
    assert details is not None
    return (details.address.name, *details.address.lines) if details.address else ()


def test_a_changed_address_arrives_and_a_masked_one_never_overwrites_a_clear_one(on: TikTokStage) -> None:
    placed = on.buy()
    order = on.order(placed)
    assert address_of(on, order) == ("Bea Buyer", "1199 Coleman Ave")
    on.tiktok.act(placed.order_id, "change-address", line1="7 New Street")
    on.hear()
    assert address_of(on, order) == ("Bea Buyer", "7 New Street")
    on.later(minutes=1)
    on.tiktok.scenario("address_masked", operation="getOrderDetail", times=3)
    on.tiktok.act(placed.order_id, "change-address", line1="8 Newer Street")
    on.hear()
    assert address_of(on, order) == ("Bea Buyer", "7 New Street")


def test_a_personalised_unit_is_held_for_review_with_what_tiktok_sent(on: TikTokStage) -> None:
    placed = on.buy(sku=NAMED_SKU, personalisation="Für Zoë")
    assert "personalisation" in {hold.kind for hold in on.holds(placed)}
    with tenant(on.house.psp.pk):
        row = Personalisation.objects.get(line__order__external_id=placed.order_id)
        (field,) = sealed_field(Personalisation, "content_sealed").open_from(row)
    assert field["label"] == "As TikTok Shop sent it"
    assert "Für Zoë" in field["text"]


def test_a_return_is_shown_at_its_order(on: TikTokStage) -> None:
    order, number = made(on)
    on.ship(order, (USPS_NUMBER, 1))
    run_through(on)
    on.tiktok.act(number, "collect")
    on.tiktok.act(number, "deliver")
    on.tiktok.act(number, "request-return")
    on.hear()
    with tenant(on.house.psp.pk):
        (told,) = OrderReturn.objects.filter(order=order)
    assert told.status
    assert told.answer_by is None or told.answer_by > told.opened_at - timedelta(seconds=1)
    assert "A return was opened" in on.said(on.there_by(number))


def test_a_parked_package_can_be_tried_again(on: TikTokStage) -> None:
    order, number = made(on)
    on.ship(order, (USPS_NUMBER, 1), carrier="Pigeon Post")
    on.poll_now()
    with tenant(on.house.psp.pk):
        map_carrier(store_id=on.store.pk, carrier="Pigeon Post", option_id=UPS.provider_id, actor=HUB)
        try_again(push_id=on.pushes(order)[0].pk, actor=HUB)
    run_through(on)
    assert on.tiktok.books.packages_of(number)[0].provider_name == "UPS"


# --- Pages --------------------------------------------------------------------------------------------------------------------------


def test_settings_map_a_carrier_and_forget_it_again_and_the_ship_form_offers_it(on: TikTokStage) -> None:
    nora = browser_of(on.house.owner)
    order, _number = made(on)
    on.poll_now()
    address = reverse("fulfillment:carriers")
    assert "Ada on TikTok" in text(nora, address)
    chosen = {"store": on.store.public_id, "carrier": " Big  Brown ", "option_id": UPS.provider_id}
    assert "Big Brown is told as UPS" in nora.post(address, chosen, follow=True).content.decode()
    assert nora.post(address, chosen | {"option_id": "1"}).status_code == 422
    assert "Big Brown" in text(nora, reverse("fulfillment:ship", args=[order.public_id]))
    with tenant(on.house.psp.pk):
        mapping = CarrierMapping.objects.get()
    assert "its name decides again" in nora.post(reverse("fulfillment:remove_carrier", args=[mapping.public_id]), follow=True).content.decode()


def test_the_page_of_a_package_corrects_it_and_says_until_when(on: TikTokStage) -> None:
    nora = browser_of(on.house.owner)
    order, number = made(on)
    on.ship(order, (USPS_NUMBER, 1))
    run_through(on)
    address = reverse("fulfillment:correct_package", args=[order.public_id, 1])
    page = text(nora, address)
    assert "takes a correction until" in page
    assert "one correction for an order" in page
    nora.post(address, {"carrier_code": "UPS", "tracking_number": UPS_NUMBER})
    run_through(on)
    assert on.tiktok.books.packages_of(number)[0].tracking_number == UPS_NUMBER
    assert "it was used" in nora.get(address, follow=True).content.decode()


def test_a_label_is_bought_printed_and_left_with_on_pages(on: TikTokStage) -> None:
    nora = browser_of(on.house.owner)
    order, number = made(on, shipping_type="TIKTOK")
    page = text(nora, reverse("orders:order", args=[order.public_id]))
    assert "prints it on its own label" in page
    assert main_buttons(page) == ["Buy a label…"]
    address = reverse("fulfillment:label", args=[order.public_id])
    assert nora.get(reverse("fulfillment:ship", args=[order.public_id]))["Location"] == address
    line = order.lines.all()[0]
    parcel = {"known": "0", "weight_g": "450", "length_cm": "15", "width_cm": "15", "height_cm": "12.5", line.public_id: "1"}
    offered = nora.post(address, parcel).content.decode()
    assert "USPS Ground Advantage" in offered
    assert "3 to 5 days" in offered
    assert "2 days" in offered
    assert "2 to 2 days" not in offered
    assert '<input type="hidden" name="known" value="0"' in offered
    assert nora.post(address, parcel | {"offer": "288233559123860015|0.01"}).status_code == 422, "not at another price than was shown"
    assert nora.post(address, parcel | {"offer": "288233559123860015|4.35"}).status_code == 302
    again = nora.post(address, parcel | {"offer": "288233559123860015|4.35"}, follow=True)
    assert "nothing was bought twice" in again.content.decode()
    assert again.redirect_chain == [(reverse("orders:order", args=[order.public_id]), 302)]
    run_through(on, 4)
    with tenant(on.house.psp.pk):
        label = Label.objects.get()
    printed = nora.get(reverse("fulfillment:label_document", args=[label.public_id]))
    assert (printed.status_code, printed["Content-Type"], printed["Cache-Control"]) == (200, "application/pdf", "private, no-store")
    with tenant(on.house.psp.pk):
        assert BuyerLook.objects.filter(order=order, road="paper").exists()
    page = text(nora, reverse("orders:order", args=[order.public_id]))
    assert "The label is bought, and the marketplace waits for the carrier" in page
    assert "Cancelled by itself" not in page, "the clock for shipping has ended, and that for the carrier is not told yet"
    on.poll_now()
    page = text(nora, reverse("orders:order", args=[order.public_id]))
    assert "Label bought, waits for the carrier (AWAITING_COLLECTION)" in page
    assert "Unshipped" not in page and "is told by itself" not in page
    assert "if the carrier has not scanned it" in page and "if it is not shipped" not in page
    assert main_buttons(page) == ["The parcel has left", "The parcel has left"], "above and beside the label"
    assert "Buy a label…" not in page, "every unit has one"
    for words in ("The parcel has left. The hub reads back", "It was shipped already: package 1 with"):
        assert words in nora.post(reverse("fulfillment:label_left", args=[label.public_id]), follow=True).content.decode()
    run_through(on)
    assert on.order(on.there_by(number)).state == "shipped"
    page = text(nora, reverse("orders:order", args=[order.public_id]))
    assert "Label bought, waits for the carrier (AWAITING_COLLECTION)" in page and "Cancelled by itself" not in page


def test_cancelling_an_order_with_a_label_says_what_becomes_of_it_and_nothing_leaves_any_more(on: TikTokStage) -> None:
    nora = browser_of(on.house.owner)
    order, _number = made(on, shipping_type="TIKTOK")
    cancel = reverse("fulfillment:cancel", args=[order.public_id])
    assert "A label was bought for this order." not in text(nora, cancel)
    label = buy_label(on, order)
    run_through(on, 4)
    with tenant(on.house.psp.pk):
        label.refresh_from_db()
    chosen = {"reason": "no_stock", "lines": [line.public_id for line in order.lines.all()]}
    asked = [text(nora, cancel), nora.post(cancel, chosen).content.decode()]
    for page in asked:
        assert "A label was bought for this order." in page and "Whether its price is given back, TikTok Shop decides." in page
        assert "4.35" in page and label.tracking_number in page
    assert "Cancel them anyway" in asked[1]
    nora.post(cancel, chosen | {"printed": "on"})
    page = text(nora, reverse("orders:order", args=[order.public_id]))
    assert "Not needed any more" in page and "TikTok Shop decides whether its price is given back." in page
    assert main_buttons(page) == [] and "The parcel has left" not in page and "Print label" not in page
    assert reverse("fulfillment:job_ticket", args=[order.public_id]) not in page, "there is nothing to make"
    assert "The order was cancelled, so nothing is sent." not in page, "the cancellation stands there instead"


def test_a_label_whose_goods_are_cancelled_before_a_worker_comes_is_not_bought(on: TikTokStage) -> None:
    order, number = made(on, shipping_type="TIKTOK")
    label = buy_label(on, order)
    with tenant(on.house.psp.pk):
        cancel_lines(order_id=order.pk, reason=CancelReason.NO_STOCK, actor=HUB, confirm_printed=True)
    run_through(on, 4)
    assert on.tiktok.books.writes(kind="label_bought", order_id=number) == []
    with tenant(on.house.psp.pk):
        label.refresh_from_db()
        assert (label.delivery, label.last_error) == ("parked", "Its goods were cancelled before it was bought, so it was not bought.")
        assert order.lines.get().quantity_labelled == 0
    assert "No label: Its goods were cancelled" in on.said(on.there_by(number))


def test_a_label_is_not_bought_while_the_buyer_asks_to_cancel(on: TikTokStage) -> None:
    order, number = made(on, shipping_type="TIKTOK")
    label = buy_label(on, order)
    with tenant(on.house.psp.pk):
        open_hold(order, HoldKind.CANCEL_REQUEST, "The buyer asks to cancel.", line=order.lines.get())
    run_through(on, 4)
    assert on.tiktok.books.writes(kind="label_bought", order_id=number) == []
    with tenant(on.house.psp.pk):
        label.refresh_from_db()
    assert "The buyer asks to cancel." in label.last_error


def test_the_label_of_a_cancelled_line_goes_nowhere(on: TikTokStage) -> None:
    order, _number = made(on, shipping_type="TIKTOK", items=[{"sku": "MUG-11OZ-WHITE", "quantity": 1}, {"sku": "MUG-11OZ-BLACK", "quantity": 1}])
    label = buy_label(on, order)
    run_through(on, 4)
    with tenant(on.house.psp.pk):
        first = order.lines.order_by("pk")[0]
        cancel_lines(order_id=order.pk, reason=CancelReason.NO_STOCK, actor=HUB, line_ids=[first.pk], confirm_printed=True)
        with pytest.raises(CannotShip, match="goods of this label are cancelled"):
            ship_labelled(order_id=order.pk, label_ids=[label.pk], actor=HUB)
        assert order.lines.order_by("pk")[0].state == "cancelled"


def test_of_two_units_the_second_gets_a_label_of_its_own_and_no_press_buys_one_twice(on: TikTokStage) -> None:
    nora = browser_of(on.house.owner)
    order, _number = made(on, shipping_type="TIKTOK", items=[{"sku": "MUG-11OZ-WHITE", "quantity": 2}])
    address, line = reverse("fulfillment:label", args=[order.public_id]), order.lines.all()[0]
    parcel = {"weight_g": "450", "length_cm": "15", "width_cm": "15", "height_cm": "12.5", line.public_id: "1", "offer": "288233559123860015|4.35"}
    for known, bought in ((0, 1), (0, 1), (1, 2), (1, 2)):
        nora.post(address, parcel | {"known": str(known)})
        with tenant(on.house.psp.pk):
            assert Label.objects.count() == bought
    run_through(on, 4)
    page = text(nora, reverse("orders:order", args=[order.public_id]))
    assert main_buttons(page)[0] == "Say which parcel has left"


def test_no_address_is_entered_where_tiktok_keeps_it(on: TikTokStage) -> None:
    nora = browser_of(on.house.owner)
    placed, ours = on.buy(shipping_type="TIKTOK"), on.buy()
    order = on.order(placed)
    assert "Change address" not in text(nora, reverse("orders:order", args=[order.public_id]))
    assert "Change address" in text(nora, reverse("orders:order", args=[on.order(ours).public_id]))
    typed = {"name": "Zoë", "line1": "Am Markt 3", "postal_code": "10178", "city": "Berlin", "country": "DE"}
    answer = nora.post(reverse("orders:edit_address", args=[order.public_id]), typed)
    assert answer.status_code == 422
    assert "prints the address on its own label" in answer.content.decode()


def test_a_return_stands_on_the_order_page(on: TikTokStage) -> None:
    nora = browser_of(on.house.owner)
    order, _number = made(on)
    moment = now()
    with tenant(on.house.psp.pk):
        line = order.lines.get()
        seen = SeenReturn("4035", order.external_id, "1", "REFUND", "RETURN_OR_REFUND_REQUEST_PENDING", "Damaged", tuple(line.units), moment, moment)
        assert keep_returns(on.authorization.pk, [seen, seen]) == 1
        assert keep_returns(on.authorization.pk, [replace(seen, status="OLD", changed_at=moment - timedelta(hours=1))]) == 0
    page = text(nora, reverse("orders:order", args=[order.public_id]))
    assert "Return 4035" in page
    assert "Return or refund request pending" in page
    assert "Damaged" in page
