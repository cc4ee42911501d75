"""The portal's pages: what a merchant sees and does, what stays hidden, what a page costs."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.models import CustomerProduct, Design, ProductGrant
from fulfillment.services.shipping import Parcel, ship
from orders.models import HoldKind, Order, OrderEvent
from orders.services.holds import open_hold
from orders.services.mapping import map_listing
from orders.services.production import release_order
from pod_hub.accounts.actors import HUB, Actor
from pod_hub.accounts.models import Customer, Invitation, Role, TradingName
from pod_hub.core.tenancy import tenant
from stores.models import Approval, Authorization, Connection, ListingMapping, ListingSync, Store
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.browsers import browser_of
from tests.factories.cast import House, artwork, person
from tests.factories.pages import at_most_queries
from tests.portal.conftest import Neighbour

pytestmark = pytest.mark.django_db
HOME, ORDERS, PRODUCTS, SETTINGS = "/portal/", "/portal/orders/", "/portal/products/", "/portal/settings/"


def text(client: Client, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200, (answer, answer.headers)
    return str(answer.content.decode())


def posted(client: Client, address: str, **data: object) -> str:
    answer = client.post(address, data, follow=True)
    assert answer.status_code == 200, answer
    return str(answer.content.decode())


def mapped(house: House) -> None:
    with tenant(house.psp.pk):
        map_listing(listing_id=house.listing.pk, customer_product_id=house.mug.pk, design_id=house.design.pk, actor=HUB)


def shipped(house: House, order: Order) -> None:
    with tenant(house.psp.pk):
        nora = Actor.person(house.owner)
        release_order(order_id=order.pk, actor=nora)
        ship(order_id=order.pk, parcels=[Parcel("DHL", "00340434161094000001", {line.pk: line.quantity for line in order.lines.all()})], actor=nora)


def address_of(order: Order, name: str = "order") -> str:
    return reverse(f"portal:{name}", args=[order.public_id])


# --- Coming in ---------------------------------------------------------------------------------------------------------
def test_a_merchant_is_sent_to_the_portal_and_sees_its_name_and_navigation(north: House, mia: Client) -> None:
    assert mia.get("/").headers["Location"] == HOME
    page = text(mia, HOME)
    assert "Hello, Mia" in page and "Northprint" in page and "<small>Ada</small>" in page
    for address in (HOME, PRODUCTS, ORDERS, SETTINGS, "/stores/"):
        assert f'href="{address}"' in page
    assert "Manage orders" not in page and "/production/" not in page


def test_a_closed_portal_shows_nothing(north: House, mia: Client) -> None:
    with tenant(north.psp.pk):
        Customer.objects.filter(pk=north.customer.pk).update(storefronts_enabled=False)
    for address in (HOME, ORDERS, PRODUCTS, SETTINGS):
        assert mia.get(address).status_code == 404
    assert mia.get("/").status_code == 403


def test_staff_enter_a_portal_see_what_the_customer_sees_and_act_for_it(north: House, otto: Neighbour) -> None:
    [order] = bought(north)
    nora, rita = browser_of(north.owner), browser_of(north.reader)
    for browser in (nora, rita):
        page = posted(browser, reverse("accounts:enter_portal", args=[north.customer.public_id]))
        assert "You see what <strong>Ada</strong> sees." in page and "Otto" not in page and 'class="is-portal"' in page
        assert order.external_id in text(browser, ORDERS)
    assert "Otto" not in text(nora, "/stores/")
    posted(nora, reverse("portal:add_trading_name"), name="Set up by Nora")
    address = f"{reverse('orders:map_listing', args=[north.listing.public_id])}?product={north.mug.public_id}"
    posted(nora, address, quantity="1", design=north.design.public_id, next=HOME)
    with tenant(north.psp.pk):
        assert TradingName.objects.get(name="Set up by Nora").customer_id == north.customer.pk
        assert ListingMapping.objects.get(retired_at=None).mapped_by == north.owner
    assert rita.post(reverse("portal:add_trading_name"), {"name": "Rita's"}).status_code == 403
    posted(nora, reverse("accounts:leave_portal"))
    assert nora.get(HOME).status_code == 302


def test_staff_who_entered_nobodys_portal_are_sent_to_choose_a_customer(north: House) -> None:
    answer = browser_of(north.owner).get(HOME)
    assert answer.status_code == 302 and answer.headers["Location"] == reverse("accounts:customers")


# --- The checklist -----------------------------------------------------------------------------------------------------
def done_steps(page: str) -> list[str]:
    return re.findall(r'hub-step is-done">.*?<strong>(.*?)</strong>', page, re.DOTALL)


def test_the_checklist_has_the_four_phases_and_ticks_itself_from_what_is_there(north: House, otto: Neighbour) -> None:
    browser = browser_of(otto.user)
    with tenant(north.psp.pk):
        CustomerProduct.objects.update(for_all_customers=False)
        TradingName.objects.filter(customer=otto.customer).delete()
        Store.objects.filter(pk=otto.store.pk).update(customer=north.customer)
    page = text(browser, HOME)
    positions = [page.index(f"</span>{phase}</h3>") for phase in ("Preparation", "Store connection", "Product setup", "Testing")]
    assert positions == sorted(positions)
    assert done_steps(page) == [] and "Northprint does this" in page
    with tenant(north.psp.pk):
        ProductGrant.objects.create(customer_product=north.mug, customer=otto.customer)
    assert done_steps(text(browser, HOME)) == ["Products you can sell"]
    posted(browser, reverse("portal:add_trading_name"), name="Otto's Own")
    with tenant(north.psp.pk):
        Store.objects.filter(pk=otto.store.pk).update(customer=otto.customer)
    assert done_steps(text(browser, HOME)) == ["Products you can sell", "The name on your packing slips", "A store"]


def test_the_checklist_goes_away_once_an_order_went_all_the_way(north: House, mia: Client) -> None:
    mapped(north)
    assert "Getting started" in text(mia, HOME)
    [order] = bought(north)
    shipped(north, order)
    assert "It was shipped and the marketplace knows" in text(mia, HOME)
    with tenant(north.psp.pk):
        order.pushes.update(delivery="confirmed")
        ListingSync.objects.create(store=north.store, delivery="confirmed")
        Connection.objects.update(state="connected")
    page = text(mia, HOME)
    assert "Getting started" not in page and "Nothing waits for you" in page


def test_home_shows_what_needs_the_merchant_with_a_button_each(north: House, mia: Client) -> None:
    bought(north, amazon_order(), amazon_order())
    page = text(mia, HOME)
    assert "2 orders wait until you say what is printed for it" in page
    assert reverse("orders:map_listing", args=[north.listing.public_id]) in page
    with tenant(north.psp.pk):
        Authorization.objects.update(state="reconnect")
    assert "is no longer connected" in text(mia, HOME)


def test_home_counts_approvals_and_leaves_the_print_providers_worries_out(north: House, mia: Client) -> None:
    mapped(north)
    one, two = bought(north, amazon_order(), amazon_order())
    with tenant(north.psp.pk):
        open_hold(one, HoldKind.APPROVAL, "look first")
        open_hold(two, HoldKind.UNREADABLE, "psp's own note")
    page = text(mia, HOME)
    assert "1 order waits for your approval" in page and "psp&#x27;s own note" not in page and "psp's own note" not in page


def test_home_stays_within_its_budget(north: House, mia: Client) -> None:
    bought(north, *(amazon_order(orderItems=[item(), item(f"SKU-{number}")]) for number in range(12)))
    with at_most_queries(8):
        text(mia, HOME)


# --- Orders ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rows", [1, 60])
def test_the_list_costs_the_same_with_one_row_and_with_sixty(north: House, mia: Client, rows: int) -> None:
    mapped(north)
    bought(north, *(amazon_order(orderItems=[item(), item("TEE-CLASSIC-M")]) for _number in range(rows)))
    with at_most_queries(7):
        page = text(mia, ORDERS)
    assert len(re.findall(r'id="row-ord_', page)) == min(rows, 50)


def test_the_history_shows_tracking_with_a_link_to_the_carrier(north: House, mia: Client) -> None:
    mapped(north)
    [order] = bought(north)
    shipped(north, order)
    for page in (text(mia, ORDERS), text(mia, address_of(order))):
        assert "00340434161094000001" in page and "https://www.dhl.com/" in page


def test_orders_are_found_by_number_and_by_tracking_number_only_in_full(north: House, mia: Client) -> None:
    mapped(north)
    first, second = bought(north, amazon_order(), amazon_order())
    shipped(north, first)
    assert second.external_id not in text(mia, ORDERS, q=first.external_id)
    for q in (first.external_id, "0034 0434 1610 9400 0001"):
        assert first.external_id in text(mia, ORDERS, q=q)
    assert "No order found" in text(mia, ORDERS, q=first.external_id[:-1])
    assert "No order found" in text(mia, ORDERS, q="Buyer")  # the buyer's surname finds nothing here


def test_tabs_and_filters_narrow_the_list(north: House, mia: Client) -> None:
    waiting = bought(north)[0]
    mapped(north)
    going = bought(north)[-1]
    with tenant(north.psp.pk):
        open_hold(waiting, HoldKind.APPROVAL, "look")
        release_order(order_id=going.pk, actor=HUB)
    assert waiting.external_id in text(mia, ORDERS, view="waiting") and going.external_id not in text(mia, ORDERS, view="waiting")
    assert going.external_id in text(mia, ORDERS, view="production")
    assert "Nothing in this view" in text(mia, ORDERS, view="cancelled")
    assert going.external_id in text(mia, ORDERS, store=north.store.public_id, days="7")


def test_what_is_not_the_merchants_to_solve_is_told_without_the_reason(north: House, mia: Client) -> None:
    mapped(north)
    [order] = bought(north)
    with tenant(north.psp.pk):
        open_hold(order, HoldKind.UNREADABLE, "Nora thinks the buyer is odd", actor=Actor.person(north.owner))
    for page in (text(mia, ORDERS), text(mia, address_of(order))):
        assert "odd" not in page and "Nora" not in page
    assert "Northprint looks into something" in text(mia, address_of(order))


def test_the_buyer_is_shown_only_when_asked_for_and_the_history_says_who_looked(north: House, mia: Client) -> None:
    mapped(north)
    [order] = bought(north)
    assert "Bea Buyer" not in text(mia, address_of(order)) and "Lindenstraße" not in text(mia, ORDERS)
    shown = posted(mia, address_of(order, "buyer"))
    assert "Bea Buyer" in shown and "Lindenstraße 12" in shown and "looked at in the portal" in shown and "Mia Testing" in shown
    with tenant(north.psp.pk):
        seen = OrderEvent.objects.get(kind="buyer_viewed")
        assert (seen.order_id, seen.actor_label) == (order.pk, "Mia Testing")
        assert "Bea" not in seen.summary
    assert "Bea Buyer" not in text(mia, address_of(order))


def test_a_merchant_approves_its_order_and_it_goes_on(north: House, mia: Client) -> None:
    mapped(north)
    with tenant(north.psp.pk):
        Connection.objects.update(approval=Approval.MANUAL)
    [order] = bought(north)
    assert "Waits for approval" in text(mia, address_of(order))
    assert "is approved and goes on" in posted(mia, address_of(order, "approve"))
    with tenant(north.psp.pk):
        order.refresh_from_db()
        assert order.open_holds == 0
        assert OrderEvent.objects.filter(order=order, kind="hold_released", actor_label="Mia Testing").exists()
    assert "does not wait for approval any more" in posted(mia, address_of(order, "approve"))


def test_the_order_page_stays_within_its_budget(north: House, mia: Client) -> None:
    mapped(north)
    [order] = bought(north, amazon_order(orderItems=[item(quantity=2) for _line in range(12)]))
    with at_most_queries(11):
        text(mia, address_of(order))


# --- Connecting listings -----------------------------------------------------------------------------------------------
def test_a_merchant_connects_its_listing_with_its_own_upload(north: House, mia: Client) -> None:
    [order] = bought(north)
    address = reverse("orders:map_listing", args=[north.listing.public_id])
    page = text(mia, address)
    assert north.mug.uid in page and 'class="is-portal"' in page
    upload = SimpleUploadedFile("navy.png", artwork(colour="navy"), "image/png")
    posted(mia, f"{address}?product={north.mug.public_id}", quantity="1", upload=upload, next=HOME)
    with tenant(north.psp.pk):
        assert ListingMapping.objects.get(retired_at=None).mapped_by == mia_of(north)
        order.refresh_from_db()
        assert order.open_holds == 0


def mia_of(house: House) -> object:
    return house.psp.memberships.get(role=Role.MERCHANT).user


# --- Products ----------------------------------------------------------------------------------------------------------
def test_products_are_those_the_customer_may_use_on_their_shelves(north: House, mia: Client, otto: Neighbour) -> None:
    with tenant(north.psp.pk):
        ProductGrant.objects.all().delete()
        ProductGrant.objects.create(customer_product=north.mug, customer=otto.customer)
    page = text(mia, PRODUCTS)
    assert north.sticker.uid in page and north.mug.uid not in page and "Home" in page
    assert mia.get(reverse("portal:product", args=[north.mug.public_id])).status_code == 404
    assert north.mug.uid in text(browser_of(otto.user), PRODUCTS)


def test_a_merchant_uploads_a_design_and_bad_files_are_refused_beside_the_field(north: House, mia: Client) -> None:
    address = reverse("portal:add_design", args=[north.mug.public_id])
    small = SimpleUploadedFile("small.png", artwork(100, 40), "image/png")
    refused = mia.post(address, {"name": "Tiny", "file": small})
    assert refused.status_code == 422 and "at least 150 are needed" in refused.content.decode()
    page = posted(mia, address, name="Navy", file=SimpleUploadedFile("navy.png", artwork(colour="navy"), "image/png"))
    assert "was added" in page and "Navy" in page
    with tenant(north.psp.pk):
        made = Design.objects.get(name="Navy")
        assert made.customer_id == north.customer.pk and made.print_file is not None
        preview = made.print_file.public_id
    assert mia.get(reverse("catalog:preview", args=[preview])).status_code == 200


def test_product_pages_stay_within_their_budget(north: House, mia: Client) -> None:
    with at_most_queries(5):  # print areas among them
        text(mia, PRODUCTS)
    with at_most_queries(5):
        text(mia, reverse("portal:product", args=[north.mug.public_id]))


# --- Settings ----------------------------------------------------------------------------------------------------------
def test_settings_show_names_and_team_and_save_ones_own_name(north: House, mia: Client, otto: Neighbour) -> None:
    with at_most_queries(5):
        page = text(mia, SETTINGS)
    assert "Ada Trading" in page and "mia@northprint.test" in page
    assert "Add new integration" in page and north.store.name in page and "Billable" not in page
    assert "Otto" not in page and "nora@northprint.test" not in page
    assert "Your name was saved" in posted(mia, SETTINGS, first_name="Maria", last_name="Miller")
    assert "Maria Miller" in text(mia, SETTINGS)


def test_a_merchant_invites_a_colleague_to_its_own_customer_only(north: House, mia: Client) -> None:
    page = posted(mia, reverse("portal:invite"), email="max@shop.test", first_name="Max", last_name="Muster")
    assert "login link is on its way" in page and "max@shop.test" in page and "Invited" in page
    with tenant(north.psp.pk):
        made = Invitation.objects.get()
        assert (made.customer_id, made.role) == (north.customer.pk, Role.MERCHANT)
    again = mia.post(reverse("portal:invite"), {"email": "max@shop.test", "first_name": "Max", "last_name": "Muster"})
    assert again.status_code == 422 and "open invitation already" in again.content.decode()


def test_a_trading_name_gets_a_logo_and_a_second_of_the_same_name_is_refused(north: House, mia: Client) -> None:
    assert "was added" in posted(mia, reverse("portal:add_trading_name"), name="Mugs & More")
    again = mia.post(reverse("portal:add_trading_name"), {"name": "mugs & more"})
    assert again.status_code == 422 and "has this trading name already" in again.content.decode()
    with tenant(north.psp.pk):
        made = TradingName.objects.get(name="Mugs & More")
    logo = SimpleUploadedFile("logo.png", artwork(90, 30), "image/png")
    posted(mia, reverse("portal:edit_trading_name", args=[made.public_id]), name="Mugs & More", logo=logo)
    assert mia.get(reverse("accounts:logo", args=[made.public_id])).status_code == 200


# --- Neighbours --------------------------------------------------------------------------------------------------------
def test_another_customers_things_are_404s_and_nowhere_shown(north: House, mia: Client, otto: Neighbour) -> None:
    [order] = bought(north)
    browser = browser_of(otto.user)
    foreign = [
        address_of(order),
        reverse("orders:map_listing", args=[north.listing.public_id]),
        reverse("portal:edit_trading_name", args=[north.trading_name.public_id]),
        reverse("catalog:preview", args=[north.print_file.public_id]),
        reverse("orders:file_preview", args=[north.print_file.public_id]),
        reverse("accounts:logo", args=[north.trading_name.public_id]),
    ]
    assert {address: browser.get(address).status_code for address in foreign} == dict.fromkeys(foreign, 404)
    for name in ("approve", "buyer"):
        assert browser.post(address_of(order, name)).status_code == 404
    for address in (HOME, ORDERS, PRODUCTS, SETTINGS):
        page = text(browser, address)
        assert "Ada" not in page and order.external_id not in page
    with tenant(north.psp.pk):
        assert not OrderEvent.objects.filter(kind="buyer_viewed").exists()


def test_a_second_merchant_of_the_customer_is_named_to_the_first(north: House, mia: Client) -> None:
    mapped(north)
    [order] = bought(north)
    browser_of(person(north.psp, "Max", Role.MERCHANT, north.customer)).post(address_of(order, "buyer"))
    browser_of(north.owner).get("/")
    assert "Max Testing" in text(mia, address_of(order))
