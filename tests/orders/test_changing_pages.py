"""Changing orders from their pages: approval, address, artwork, quantity, removing buyer data; and the widened inbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from fulfillment.models import Push
from fulfillment.services.cancelling import cancel_lines
from orders.buyer_data import buyer_of
from orders.forms import AddressForm
from orders.models import BuyerData, Hold, HoldKind, Order, PurgeRecord
from orders.services.mapping import map_listing
from pod_hub.accounts.actors import HUB
from pod_hub.accounts.models import User
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from stores.channels.telling_types import CancelReason
from stores.models import Approval, Authorization, Connection
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.browsers import browser_of
from tests.factories.cast import House, artwork
from tests.factories.pages import at_most_queries, text

pytestmark = pytest.mark.django_db
ADDRESS = {"name": "Cleo Buyer", "line1": "Am Markt 3", "postcode": "10115", "city": "Berlin", "country": "DE"}


@pytest.fixture
def nora(north: House) -> Client:
    return browser_of(north.owner)


def mapped(house: House) -> None:
    with tenant(house.psp.pk):
        map_listing(listing_id=house.listing.pk, customer_product_id=house.mug.pk, design_id=house.design.pk, actor=HUB)


def waiting(house: House, approval: Approval, *payloads: dict[str, Any]) -> list[Order]:
    mapped(house)
    with tenant(house.psp.pk):
        Connection.objects.update(approval=approval)
    return bought(house, *payloads)


# --- Approval ---------------------------------------------------------------------------------------------------------
def test_the_rule_of_approval_is_a_setting_of_the_store(north: House, nora: Client) -> None:
    address = reverse("stores:settings", args=[north.store.public_id])
    page = text(nora, address)
    for rule in Approval:
        assert f'value="{rule.value}"' in page and str(rule.label) in page
    given = {"fulfilled_by": "merchant", "import_states": ["unshipped"], "max_order_age_days": 7, "inventory_channel_code": "DEFAULT"}
    assert nora.post(address, given | {"approval": "never"}).status_code == 422
    assert nora.post(address, given | {"approval": "after_24_h"}).status_code == 302
    with tenant(north.psp.pk):
        assert Connection.objects.get().approval == Approval.AFTER_24_H


def test_selected_orders_are_approved_together_and_the_rest_is_counted(north: House, south: House, nora: Client) -> None:
    orders = waiting(north, Approval.MANUAL, amazon_order(), amazon_order(), amazon_order())
    chosen = [order.public_id for order in orders[:2]]
    page = nora.post(reverse("orders:bulk_approve"), {"order": [*chosen, "ord_unknown", "\0"]}, follow=True).content.decode()
    assert "2 orders were approved." in page
    with tenant(north.psp.pk):
        assert [order.open_holds for order in Order.objects.order_by("pk")] == [0, 0, 1]
    again = nora.post(reverse("orders:bulk_approve"), {"order": chosen}, follow=True).content.decode()
    assert "2 orders did not wait for approval." in again
    assert "No order was selected" in nora.post(reverse("orders:bulk_approve"), {}, follow=True).content.decode()
    browser_of(south.owner).post(reverse("orders:bulk_approve"), {"order": [orders[2].public_id]})
    assert browser_of(north.reader).post(reverse("orders:bulk_approve"), {"order": chosen}).status_code == 403
    with tenant(north.psp.pk):
        assert Hold.objects.filter(kind=HoldKind.APPROVAL, released_at=None).count() == 1


def test_the_order_page_says_when_the_order_is_approved_by_itself(north: House, nora: Client) -> None:
    (order,) = waiting(north, Approval.AFTER_1_H, amazon_order(ship_by=now() + timedelta(days=3)))
    page = text(nora, reverse("orders:order", args=[order.public_id]))
    assert "approved by itself" in page and "can be changed until then" in page


# --- Changing ---------------------------------------------------------------------------------------------------------
def test_the_address_is_changed_and_its_errors_stand_beside_the_fields(north: House, nora: Client) -> None:
    (order,) = waiting(north, Approval.MANUAL)
    page, here = reverse("orders:edit_address", args=[order.public_id]), reverse("orders:order", args=[order.public_id])
    form = nora.get(page)
    assert "Lindenstraße 12" in form.content.decode() and "no-store" in form["Cache-Control"]
    wrong = nora.post(page, ADDRESS | {"country": "Germany", "city": ""})
    assert wrong.status_code == 422 and wrong.content.decode().count("hub-error") == 2
    assert "There is no country “ZZ”" in nora.post(page, ADDRESS | {"country": "ZZ"}).content.decode()
    assert '<option value="DE" selected>Germany</option>' in form.content.decode()
    assert nora.post(page, ADDRESS)["Location"] == here
    with tenant(north.psp.pk):
        buyer = buyer_of(order)
        assert buyer is not None and buyer.address is not None
        assert (buyer.address.lines, buyer.address.city, buyer.address.country, buyer.address.kind) == (
            ("Am Markt 3",),
            "Berlin",
            "DE",
            "RESIDENTIAL",
        )
    assert "Am Markt 3" in text(nora, here)
    assert "was the same already" in nora.post(page, ADDRESS, follow=True).content.decode()


def test_a_country_that_only_the_marketplace_knows_stays_as_it_told_it(north: House, nora: Client) -> None:
    given = AddressForm({"name": "Bea", "line1": "1", "city": "Pristina", "country": "XQ"}, initial={"country": "XQ"})
    assert given.is_valid() and given.address(None).country == "XQ"
    assert '<option value="XQ" selected>XQ (as the marketplace told it)</option>' in str(given["country"])
    assert not AddressForm({"name": "Bea", "line1": "1", "city": "Pristina", "country": "XQ"}, initial={"country": "DE"}).is_valid()


def test_quantity_and_artwork_of_a_line_are_changed(north: House, nora: Client) -> None:
    (order,) = waiting(north, Approval.MANUAL, amazon_order(orderItems=[item(quantity=3)]))
    with tenant(north.psp.pk):
        line = order.lines.get()
    page = reverse("orders:edit_quantity", args=[line.public_id])
    for wrong, why in (("0", "is a cancellation"), ("9", "The buyer ordered 3"), ("x", "whole number"), ("", "required")):
        answer = nora.post(page, {"quantity": wrong})
        assert answer.status_code == 422 and why in answer.content.decode(), wrong
    assert nora.post(page, {"quantity": "2"}).status_code == 302
    art = reverse("orders:edit_artwork", args=[line.public_id])
    assert north.design.name in text(nora, art)
    for data in (
        {},
        {"design": "dsg_other"},
        {"upload": SimpleUploadedFile("a.png", b"no picture")},
        {"upload": SimpleUploadedFile("a.png", artwork(300, 100))},
    ):
        assert nora.post(art, data).status_code == 422, data
    assert nora.post(art, {"upload": SimpleUploadedFile("b.png", artwork(colour="navy"))}).status_code == 302
    with tenant(north.psp.pk):
        line.refresh_from_db()
        assert line.quantity == 2 and line.print_file_id != north.print_file.pk
        order.lines.update(state="printing")
    for late in (nora.post(page, {"quantity": "1"}), nora.post(art, {"design": north.design.public_id})):
        assert late.status_code == 422 and "can no longer be changed" in late.content.decode()
    assert "Change quantity" not in text(nora, reverse("orders:order", args=[order.public_id]))


def test_what_changes_an_order_keeps_rights_and_tenants(north: House, south: House) -> None:
    (order,) = waiting(north, Approval.MANUAL)
    with tenant(north.psp.pk):
        line = order.lines.get()
    pages = [reverse("orders:edit_address", args=[order.public_id]), reverse("orders:remove_buyer_data", args=[order.public_id])]
    pages += [reverse(f"orders:{name}", args=[line.public_id]) for name in ("edit_quantity", "edit_artwork")]
    who: list[tuple[User, int]] = [(south.owner, 404), (north.reader, 403)]
    for address in pages:
        for user, status in who:
            assert browser_of(user).get(address).status_code == browser_of(user).post(address, ADDRESS).status_code == status, (address, user)
    assert browser_of(north.worker).post(pages[1]).status_code == 403


# --- Buyer data -------------------------------------------------------------------------------------------------------
def test_buyer_data_is_removed_on_request_and_the_proof_is_shown(north: House, nora: Client) -> None:
    (order,) = waiting(north, Approval.NONE)
    here, page = reverse("orders:order", args=[order.public_id]), reverse("orders:remove_buyer_data", args=[order.public_id])
    assert "Remove buyer data now" in text(nora, here) and "Remove buyer data now" not in text(browser_of(north.worker), here)
    assert "cannot be undone" in text(nora, page)
    with tenant(north.psp.pk):
        assert BuyerData.objects.get().purged_at is None
    assert "was removed" in nora.post(page, follow=True).content.decode()
    with at_most_queries(10):
        shown = text(nora, here)
    with tenant(north.psp.pk):
        proof = PurgeRecord.objects.get()
    for said in (proof.public_id, "on request", str(north.owner), "messages of the marketplace: 1"):
        assert said in shown, said
    assert "Lindenstraße" not in shown and "Remove buyer data now" not in shown and "Change address" not in shown
    assert "Nothing personal was left" in nora.post(page, follow=True).content.decode()
    refused = nora.post(reverse("orders:edit_address", args=[order.public_id]), ADDRESS)
    assert refused.status_code == 422 and "was removed" in refused.content.decode()


# --- The inbox --------------------------------------------------------------------------------------------------------
def test_the_inbox_leads_to_every_remedy_and_tries_all_parked_pushes_again(north: House, nora: Client) -> None:
    orders = bought(north, amazon_order(), amazon_order(), amazon_order())
    with tenant(north.psp.pk):
        Connection.objects.update(approval=Approval.MANUAL)
        for order in orders[:2]:
            cancel_lines(order_id=order.pk, reason=CancelReason.NO_STOCK, actor=HUB)
        Push.objects.update(delivery=Delivery.PARKED, last_error="no")
        Authorization.objects.update(poll_failures=3, last_error="Amazon did not answer.", last_error_at=now())
    with at_most_queries(10):
        page = text(nora, reverse("orders:attention"))
    assert "does not get through" in page and "Amazon did not answer." in page
    assert reverse("stores:connection", args=[north.store.public_id]) in page
    assert "Connect listings" in page and reverse("orders:map_listing", args=[north.listing.public_id]) in page
    assert "Try all again" in page
    with tenant(north.psp.pk):
        Authorization.objects.update(state=Authorization.State.RECONNECT)
    assert "Reconnect…" in text(nora, reverse("orders:attention"))
    address = reverse("fulfillment:try_all_again")
    assert browser_of(north.reader).post(address).status_code == 403
    assert "2 pushes are tried again" in nora.post(address, follow=True).content.decode()
    with tenant(north.psp.pk):
        assert set(Push.objects.values_list("delivery", flat=True)) == {Delivery.PENDING}
    assert "nothing was changed" in nora.post(address, follow=True).content.decode()


def test_parked_pushes_of_others_stay_parked(north: House, south: House) -> None:
    (order,) = bought(north)
    with tenant(north.psp.pk):
        cancel_lines(order_id=order.pk, reason=CancelReason.NO_STOCK, actor=HUB)
        Push.objects.update(delivery=Delivery.PARKED)
    browser_of(south.owner).post(reverse("fulfillment:try_all_again"))
    with tenant(north.psp.pk):
        assert Push.objects.get().delivery == Delivery.PARKED
