"""The pages of order intake: what staff see, what they may do, how many queries it costs (orders/views/dashboard)."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from fulfillment.services.shipping import Parcel, ship
from orders.models import Hold, HoldKind, IntakeRecord, Order, OrderEvent
from orders.services.holds import open_hold
from orders.services.mapping import map_listing
from orders.services.production import release_order
from pod_hub.accounts.actors import HUB
from pod_hub.accounts.models import Customer, Membership, Role
from pod_hub.core.tenancy import tenant
from stores.models import Authorization, ListingMapping
from tests.factories.amazon_orders import amazon_order, authorization_of, bought, item, record, take_in_all
from tests.factories.browsers import browser_of
from tests.factories.cast import UNITED_STATES, House, artwork, person
from tests.factories.pages import at_most_queries, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def nora(north: House) -> Client:
    return browser_of(north.owner)


def mapped(house: House) -> None:
    with tenant(house.psp.pk):
        map_listing(listing_id=house.listing.pk, customer_product_id=house.mug.pk, design_id=house.design.pk, actor=HUB)


def numbers_on(page: str) -> list[str]:
    return re.findall(r'data-copy="([^"]+)"', page)


def flashes(client: Client, answer_address: str, data: dict[str, object]) -> str:
    return str(client.post(answer_address, data, follow=True).content.decode())


# --- The list ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rows", [1, 60])
def test_the_list_costs_the_same_with_one_row_and_with_sixty(north: House, nora: Client, rows: int) -> None:
    mapped(north)
    bought(north, *(amazon_order(orderItems=[item(), item("TEE-CLASSIC-M")]) for _number in range(rows)))
    with at_most_queries(6):
        page = text(nora, reverse("orders:orders"))
    assert len(numbers_on(page)) == min(rows, 50)


def test_a_page_that_is_drawn_once_for_all_keeps_nothing_of_anybody(north: House, south: House) -> None:
    for house in (north, south):
        channel = {"channelName": "AMAZON", "marketplaceId": house.store.marketplace, "marketplaceName": "Amazon"}
        bought(house, amazon_order(salesChannel=channel))
    narrowed = person(north.psp, "Nils", Role.PRODUCTION)
    with tenant(north.psp.pk):
        other = Customer.objects.create(name="Nobody's shop")
    Membership.objects.filter(user=narrowed).update(only_customers=[other.pk])
    people = {north.owner: north, south.owner: south, north.reader: north, narrowed: north}
    clients = {user: browser_of(user) for user in people}
    seen: dict[str, list[str]] = {}
    for _turn in range(2):
        for user, house in people.items():
            page = text(clients[user], reverse("orders:orders"))
            assert user.email in page and user.get_full_name() in page and house.psp.name in page
            for stranger in people:
                assert stranger is user or (stranger.email not in page and stranger.get_full_name() not in page)
            foreign = south if house is north else north
            for mark in (foreign.psp.name, foreign.store.name, foreign.store.public_id, foreign.customer.name):
                assert mark not in page
            assert (house.store.public_id in page) == (user is not narrowed)
            assert len(numbers_on(page)) == (user is not narrowed)
            assert ("Release to production" in page) == (user in {north.owner, south.owner})
            seen.setdefault(user.email, []).append(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[0])
    tokens = [token for each in seen.values() for token in each]
    assert len(set(tokens)) == len(tokens)


def test_the_filters_fields_show_what_was_asked_and_only_that(north: House, nora: Client) -> None:
    bought(north)
    evil = '"><script>alert(1)</script>%(q)s'
    for _turn in range(2):
        page = text(nora, reverse("orders:orders") + "?" + urlencode({"q": evil, "state": "shipped"}))
        assert "<script>alert" not in page and html.escape(evil) in page
        assert '<option value="shipped" selected>' in page
        page = text(nora, reverse("orders:orders"))
        assert "alert(1)" not in page and '<option value="shipped">' in page
        page = text(nora, reverse("orders:orders") + "?state=nonsense")
        assert "hub-error" in page and len(numbers_on(page)) == 1


def test_what_was_just_done_is_told_once_on_a_page_that_is_drawn_once_for_all(north: House, nora: Client) -> None:
    bought(north)
    assert "No order was selected" in flashes(nora, reverse("orders:bulk_release"), {})
    assert "No order was selected" not in text(nora, reverse("orders:orders"))


def test_paging_walks_every_order_exactly_once_and_back(north: House, nora: Client) -> None:
    placed = now() - timedelta(hours=2)
    # Many orders of one and the same second, which is where a page without a tie-breaker loses or repeats rows.
    made = bought(north, *(amazon_order(placed=placed if number % 3 else placed - timedelta(minutes=number)) for number in range(120)))
    pages, address, last = [], reverse("orders:orders") + "?view=open", ""
    while address:
        page = text(nora, address)
        pages.append(numbers_on(page))
        older = re.search(r'rel="next" href="(\?[^"]+)"', page)
        address = reverse("orders:orders") + older[1].replace("&amp;", "&") if older else ""
        last = page
    seen = [number for page_numbers in pages for number in page_numbers]
    assert sorted(seen) == sorted(order.external_id for order in made)
    newer = re.search(r'rel="prev" href="(\?[^"]+)"', last)
    assert newer is not None
    assert numbers_on(text(nora, reverse("orders:orders") + newer[1].replace("&amp;", "&"))) == pages[-2]


@pytest.mark.parametrize("mark", ["x", "bnVsbA", "WzEsMl0", "W3RydWUsIngiLDFd", "W2ZhbHNlLDEsMV0", "%00", "..%2F"])
def test_a_mark_that_cannot_be_read_means_the_first_page(north: House, nora: Client, mark: str) -> None:
    (order,) = bought(north)
    assert numbers_on(text(nora, reverse("orders:orders") + f"?page={mark}")) == [order.external_id]


def test_filters_stand_in_the_address_and_narrow_the_list(north: House, nora: Client) -> None:
    mapped(north)
    late = amazon_order(ship_by=now() - timedelta(hours=3), placed=now() - timedelta(days=2))
    held = amazon_order(orderItems=[item("TEE-CLASSIC-M")], ship_by=now() + timedelta(days=9))
    plain = amazon_order(ship_by=now() + timedelta(days=9))
    bought(north, late, held, plain)
    list_page = reverse("orders:orders")

    def shown(query: str) -> set[str]:
        return set(numbers_on(text(nora, f"{list_page}?{query}")))

    assert shown("view=attention") == {held["orderId"]}
    assert shown("view=ready") == {late["orderId"], plain["orderId"]}
    assert shown("hold=unmapped") == shown("hold=any") == {held["orderId"]}
    assert shown("hold=artwork") == set()
    assert shown("due=late") == {late["orderId"]}
    assert shown(f"store={north.store.public_id}&hold=none") == {late["orderId"], plain["orderId"]}
    assert shown(f"customer={north.customer.public_id}") == {late["orderId"], held["orderId"], plain["orderId"]}
    assert shown("view=production") == shown("view=shipped") == shown("state=shipped") == set()


def test_a_wrong_filter_is_told_beside_its_field(north: House, south: House, nora: Client) -> None:
    bought(north)
    for query in ("state=lost", f"store={south.store.public_id}", "hold=everything", "due=never", "q=" + "x" * 201):
        page = text(nora, reverse("orders:orders") + "?" + query)
        assert "hub-error" in page, query


def test_an_order_is_found_by_each_of_its_keys(north: House, nora: Client) -> None:
    mapped(north)
    wanted, other = bought(
        north,
        amazon_order(
            buyer={"buyerName": "Zoë Ångström", "buyerEmail": "zoe@marketplace.amazon.de"},
            recipient={
                "deliveryAddress": {"name": "Zoë Ångström", "addressLine1": "Kai 1", "city": "Kiel", "postalCode": "24103", "countryCode": "DE"}
            },
        ),
        amazon_order(orderItems=[item("TEE-CLASSIC-M")]),
    )
    with tenant(north.psp.pk):
        release_order(order_id=wanted.pk, actor=HUB)
        ship(order_id=wanted.pk, parcels=[Parcel("DHL", "JJD 000-123", {wanted.lines.get().pk: 1})], actor=HUB)
    for key in (wanted.external_id, "MUG-11OZ-WHITE", "jjd000123", "JJD 000-123", "24103", "ångström", "ZOE@marketplace.amazon.de"):
        with at_most_queries(6):
            page = nora.get(reverse("orders:orders"), {"q": key}).content.decode()
        assert numbers_on(page) == [wanted.external_id], key
    assert numbers_on(nora.get(reverse("orders:orders"), {"q": "TEE-CLASSIC-M"}).content.decode()) == [other.external_id]
    for nothing in ("Zo", "MUG-11OZ", "2410", "🎁", "%", "' OR 1=1 --"):
        page = nora.get(reverse("orders:orders"), {"q": nothing}).content.decode()
        assert "No order found" in page and not numbers_on(page), nothing


def test_an_open_page_refreshes_only_its_rows(north: House, nora: Client) -> None:
    (order,) = bought(north)
    answer = nora.get(reverse("orders:orders"), headers={"HX-Request": "true", "HX-Target": "order-rows"})
    page = answer.content.decode()
    assert page.count("<tbody") == 1 and "<html" not in page and order.external_id in page
    assert "no-store" in answer["Cache-Control"]


def test_selected_orders_are_released_each_with_its_own_result(north: House, south: House, nora: Client) -> None:
    mapped(north)
    free, held = bought(north, amazon_order(), amazon_order(orderItems=[item("TEE-CLASSIC-M")]))
    (foreign,) = bought(south, amazon_order(salesChannel={"channelName": "AMAZON", "marketplaceId": UNITED_STATES}))
    page = flashes(nora, reverse("orders:bulk_release"), {"order": [free.public_id, held.public_id, foreign.public_id, "ord_nothing", "\0"]})
    assert "1 order was released to production." in page
    assert "1 order was not released." in page and f"{held.external_id}: Nothing was released" in page
    with tenant(north.psp.pk):
        assert list(Order.objects.order_by("pk").values_list("state", flat=True)) == ["released", "received"]
    with tenant(south.psp.pk):
        assert Order.objects.get().state == "received"
    assert "No order was selected" in flashes(nora, reverse("orders:bulk_release"), {})


def test_an_empty_list_says_what_to_do_next(north: House, nora: Client) -> None:
    assert "No orders yet" in text(nora, reverse("orders:orders"))
    bought(north)
    assert "Nothing in this view" in text(nora, reverse("orders:orders") + "?view=shipped")


def test_import_now_makes_the_poll_due_and_says_so(north: House, nora: Client) -> None:
    with tenant(north.psp.pk):
        Authorization.objects.update(next_poll_at=now() + timedelta(minutes=14))
        seller = Authorization.objects.get().public_id
    address = reverse("orders:import_now", args=[seller])
    assert "The import was started" in flashes(nora, address, {"next": reverse("orders:orders")})
    with tenant(north.psp.pk):
        assert Authorization.objects.get().next_poll_at <= now()
        Authorization.objects.update(state=Authorization.State.RECONNECT)
    assert "Reconnect the store first" in flashes(nora, address, {})
    assert nora.post(address, {"next": "https://elsewhere.test/"})["Location"] == reverse("orders:orders")


# --- The order --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("lines", [1, 60])
def test_the_order_page_costs_the_same_with_one_line_and_with_sixty(north: House, nora: Client, lines: int) -> None:
    mapped(north)
    (order,) = bought(north, amazon_order(orderItems=[item(quantity=2, number=f"N{number}") for number in range(lines)]))
    with tenant(north.psp.pk):
        release_order(order_id=order.pk, actor=HUB)
        for line in list(order.lines.all())[:20]:
            ship(order_id=order.pk, parcels=[Parcel("DHL", f"JJD{line.pk:09d}", {line.pk: 1})], actor=HUB)
    with at_most_queries(12):  # the twelfth writes down who looked at the buyer
        text(nora, reverse("orders:order", args=[order.public_id]))


def test_the_order_page_shows_the_four_things_that_must_be_right(north: House, nora: Client) -> None:
    mapped(north)
    (order,) = bought(north, amazon_order(orderItems=[item(quantity=3)]))
    answer = nora.get(reverse("orders:order", args=[order.public_id]))
    page = answer.content.decode()
    for fact in ("Bea Buyer", "Lindenstraße 12", "50674 Köln", "MUG-11", "210 × 90 mm", "art.png", "1680 × 720 px", "STANDARD", "Unshipped", "14.90"):
        assert fact in page, fact
    assert "no-store" in answer["Cache-Control"]


def test_a_hold_stands_on_top_with_its_remedy(north: House, nora: Client) -> None:
    (order,) = bought(north)
    page = text(nora, reverse("orders:order", args=[order.public_id]))
    assert "Listing not mapped" in page and reverse("orders:map_listing", args=[north.listing.public_id]) in page
    assert "Release what is free" not in page  # nothing is free


def test_a_line_goes_through_production_and_back(north: House, nora: Client) -> None:
    mapped(north)
    (order,) = bought(north)
    move = reverse("orders:move", args=[order.public_id])
    assert "1 line was released" in flashes(nora, reverse("orders:release", args=[order.public_id]), {})
    for to, said in (
        ("printing", "is now printing"),
        ("packing", "is now packing"),
        ("released", "is now released"),
        ("received", "is now received"),
    ):
        assert said in flashes(nora, move, {"to": to}), to
    with tenant(north.psp.pk):
        line = order.lines.get().public_id
        assert [event.actor_label for event in OrderEvent.objects.filter(kind="state")] == ["Nora Testing"] * 5
    assert "cannot become packing" in flashes(nora, move, {"to": "packing", "line": line})
    assert "a state that does not exist" in flashes(nora, move, {"to": "nowhere"})
    assert "enter its package" in flashes(nora, move, {"to": "shipped"})


def test_a_held_line_is_not_moved_and_the_page_says_why(north: House, nora: Client) -> None:
    (order,) = bought(north)
    assert "every line waits" in flashes(nora, reverse("orders:release", args=[order.public_id]), {})
    with tenant(north.psp.pk):
        line = order.lines.get().public_id
    assert "waits: listing is not mapped" in flashes(nora, reverse("orders:move", args=[order.public_id]), {"to": "released", "line": line})


def test_a_cancel_request_is_accepted_or_declined(north: House, nora: Client) -> None:
    mapped(north)
    kept, gone = bought(north, amazon_order(), amazon_order())
    with tenant(north.psp.pk):
        holds = [open_hold(order, HoldKind.CANCEL_REQUEST, "The buyer asks to cancel.", line=order.lines.get()) for order in (kept, gone)]
        line = gone.lines.get().public_id
    assert all(holds)
    assert f'href="{reverse("fulfillment:cancel", args=[gone.public_id])}?line={line}"' in text(nora, reverse("orders:order", args=[gone.public_id]))
    assert "is told that the buyer asked for it" in text(nora, reverse("fulfillment:cancel", args=[gone.public_id]))
    assert "was declined" in flashes(nora, reverse("fulfillment:decline_cancellation", args=[kept.public_id]), {})
    assert "with a reason" in flashes(nora, reverse("orders:move", args=[gone.public_id]), {"to": "cancelled", "line": line})
    page = flashes(nora, reverse("fulfillment:cancel", args=[gone.public_id]), {"reason": "buyer_cancelled", "lines": [line]})
    assert "1 line was cancelled. The marketplace is being told" in page
    with tenant(north.psp.pk):
        assert not Hold.objects.filter(released_at=None).exists()
        assert list(Order.objects.order_by("pk").values_list("state", "open_holds")) == [("received", 0), ("cancelled", 0)]


def test_an_unmapped_hold_is_not_released_by_hand(north: House, nora: Client) -> None:
    (order,) = bought(north)
    with tenant(north.psp.pk):
        hold = Hold.objects.get().public_id
    assert "is not released by hand" in flashes(nora, reverse("orders:release_hold", args=[order.public_id, hold]), {})
    with tenant(north.psp.pk):
        assert Hold.objects.get().released_at is None


# --- Files ------------------------------------------------------------------------------------------------------------
def test_the_print_file_is_downloaded_under_its_name_and_unaltered(north: House, nora: Client) -> None:
    mapped(north)
    (order,) = bought(north, amazon_order(orderItems=[item(), item("TEE-CLASSIC-M"), item(quantity=2)]))
    with tenant(north.psp.pk):
        lines = list(order.lines.order_by("pk"))
    answer = nora.get(reverse("orders:print_file", args=[lines[2].public_id]))
    assert answer["Content-Disposition"] == f'attachment; filename="{order.external_id}_3.png"'
    assert answer.content == artwork()
    assert nora.get(reverse("orders:file_preview", args=[north.print_file.public_id]))["Content-Type"] == "image/png"
    missing = nora.get(reverse("orders:print_file", args=[lines[1].public_id]), follow=True)
    assert "has no print file yet" in missing.content.decode()


def test_a_damaged_print_file_is_not_handed_out(north: House, nora: Client, settings: object) -> None:
    mapped(north)
    (order,) = bought(north)
    from django.core.files.storage import default_storage

    with default_storage.open(north.print_file.storage_name, "wb") as stored:
        stored.write(b"something else")
    with tenant(north.psp.pk):
        line = order.lines.get().public_id
    assert "was altered after it was checked" in nora.get(reverse("orders:print_file", args=[line]), follow=True).content.decode()


# --- Mapping ----------------------------------------------------------------------------------------------------------
def test_connecting_a_listing_fills_every_waiting_line_and_tells_how_many(north: House, nora: Client) -> None:
    bought(north, amazon_order(), amazon_order())
    address = reverse("orders:map_listing", args=[north.listing.public_id])
    assert "2 order lines wait" in text(nora, address)
    page = flashes(nora, f"{address}?product={north.mug.public_id}", {"quantity": 1, "design": north.design.public_id})
    assert "is connected to Mug. 2 waiting lines were filled, 2 holds were released." in page
    with tenant(north.psp.pk):
        assert ListingMapping.objects.get().mapped_by == north.owner
        assert not Hold.objects.filter(released_at=None).exists()


def test_a_new_file_becomes_a_design_and_a_small_one_is_refused(north: House, nora: Client) -> None:
    address = reverse("orders:map_listing", args=[north.listing.public_id]) + f"?product={north.mug.public_id}"
    small = SimpleUploadedFile("tiny.png", artwork(200, 90), "image/png")
    page = nora.post(address, {"quantity": 1, "upload": small}).content.decode()
    assert "at least 150 are needed" in page and "hub-error" in page
    broken = SimpleUploadedFile("letter.png", b"not a picture", "image/png")
    assert "not a readable PNG, JPEG or PDF" in nora.post(address, {"quantity": 1, "upload": broken}).content.decode()
    with tenant(north.psp.pk):
        assert not ListingMapping.objects.exists()
    nora.post(address, {"quantity": 2, "upload": SimpleUploadedFile("fresh art.png", artwork(colour="navy"), "image/png")})
    with tenant(north.psp.pk):
        part = ListingMapping.objects.get().parts.select_related("design", "print_file").get()
        assert (part.design.name, part.print_file.file_name, part.quantity) == ("fresh art", "fresh art.png", 2)


def test_artwork_and_amount_are_asked_for_in_words(north: House, nora: Client) -> None:
    address = reverse("orders:map_listing", args=[north.listing.public_id]) + f"?product={north.mug.public_id}"
    assert "needs artwork" in nora.post(address, {"quantity": 1}).content.decode()
    assert "hub-error" in nora.post(address, {"quantity": 0, "design": north.design.public_id}).content.decode()


def test_a_product_without_artwork_is_connected_without_one(north: House, nora: Client) -> None:
    address = reverse("orders:map_listing", args=[north.listing.public_id]) + f"?product={north.sticker.public_id}"
    assert "is connected to Sticker" in flashes(nora, address, {"quantity": 1})


def test_another_tenants_product_and_design_cannot_be_chosen(north: House, south: House, nora: Client) -> None:
    address = reverse("orders:map_listing", args=[north.listing.public_id])
    assert "not offered to this customer" in flashes(nora, f"{address}?product={south.mug.public_id}", {"quantity": 1})
    page = nora.post(f"{address}?product={north.mug.public_id}", {"quantity": 1, "design": south.design.public_id}).content.decode()
    assert "hub-error" in page
    with tenant(north.psp.pk):
        assert not ListingMapping.objects.exists()


# --- Ledger and inbox -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rows", [1, 60])
def test_the_ledger_costs_the_same_with_one_row_and_with_sixty(north: House, nora: Client, rows: int) -> None:
    bought(north, *(amazon_order() for _number in range(rows)))
    with at_most_queries(6):
        text(nora, reverse("orders:ledger"))


def test_the_ledger_pages_through_every_record_once(north: House, nora: Client) -> None:
    record(north, *(amazon_order() for _number in range(70)))
    seen, address = [], reverse("orders:ledger")
    while address:
        page = text(nora, address)
        seen += re.findall(r"/orders/ledger/(\d+)/", page)
        older = re.search(r'rel="next" href="(\?[^"]+)"', page)
        address = reverse("orders:ledger") + older[1].replace("&amp;", "&") if older else ""
    assert len(seen) == len(set(seen)) == 70


def test_a_skipped_record_says_why_and_is_decided_again(north: House, nora: Client) -> None:
    bought(north, amazon_order(fulfilled_by="AMAZON"), amazon_order())
    page = text(nora, reverse("orders:ledger") + "?verdict=skipped")
    assert "leaves out" in page and page.count("<tbody") == 1
    with tenant(north.psp.pk):
        ids = list(IntakeRecord.objects.order_by("verdict").values_list("pk", flat=True))
    assert "1 record is decided again" in flashes(nora, reverse("orders:decide_again"), {"record": [*ids, "x", "9" * 30]})
    with tenant(north.psp.pk):
        assert sorted(IntakeRecord.objects.values_list("verdict", flat=True)) == ["imported", "pending"]
    assert "No record was selected" in flashes(nora, reverse("orders:decide_again"), {})
    take_in_all(north)


def test_a_record_names_the_fields_and_shows_no_buyer_data(north: House, nora: Client) -> None:
    bought(north)
    with tenant(north.psp.pk):
        found = IntakeRecord.objects.get()
    with at_most_queries(10):
        page = text(nora, reverse("orders:record", args=[found.pk]))
    assert "recipient.deliveryAddress.postalCode" in page and "orderItems[].product.sellerSku" in page
    for value in ("Bea Buyer", "50674", "Lindenstraße", "bea@"):
        assert value not in page


def test_the_inbox_gathers_what_waits_and_leads_to_its_remedy(north: House, nora: Client) -> None:
    assert "Nothing needs attention" in text(nora, reverse("orders:attention"))
    bought(north, amazon_order(), amazon_order(), amazon_order(orderItems=[item("TEE-CLASSIC-M")]))
    with at_most_queries(9):
        page = text(nora, reverse("orders:attention"))
    assert "?view=attention&amp;hold=unmapped" in page
    assert page.index("MUG-11OZ-WHITE") and reverse("orders:map_listing", args=[north.listing.public_id]) in page


# --- Rights -----------------------------------------------------------------------------------------------------------
def addresses(house: House, order: Order, line: str, hold: str, seller: str, number: int) -> dict[str, list[str]]:
    """Every address of intake with this house's ids, by method."""
    return {
        "get": [
            reverse("orders:order", args=[order.public_id]),
            reverse("orders:record", args=[number]),
            reverse("orders:print_file", args=[line]),
            reverse("orders:file_preview", args=[house.print_file.public_id]),
            reverse("orders:map_listing", args=[house.listing.public_id]),
        ],
        "post": [
            reverse("orders:release", args=[order.public_id]),
            reverse("orders:move", args=[order.public_id]),
            reverse("orders:release_hold", args=[order.public_id, hold]),
            reverse("orders:personalisation", args=[line]),
            reverse("orders:import_now", args=[seller]),
            reverse("orders:map_listing", args=[house.listing.public_id]),
        ],
    }


def known_addresses(house: House) -> dict[str, list[str]]:
    (order,) = bought(house, amazon_order())
    with tenant(house.psp.pk):
        seller = Authorization.objects.get(pk=authorization_of(house)).public_id
        return addresses(house, order, order.lines.get().public_id, Hold.objects.get().public_id, seller, IntakeRecord.objects.get().pk)


def test_another_tenants_ids_are_like_ids_that_do_not_exist(north: House, south: House) -> None:
    known, mallory = known_addresses(north), browser_of(south.owner)
    for address in known["get"]:
        assert mallory.get(address).status_code == 404, address
    for address in known["post"]:
        assert mallory.post(address, {"to": "cancelled"}).status_code == 404, address
    for address in (reverse("orders:orders"), reverse("orders:ledger"), reverse("orders:attention")):
        page = text(mallory, address)
        assert "302-" not in page and "Ada" not in page, address
    with tenant(north.psp.pk):
        assert Order.objects.get().state == "received"


def test_a_reader_may_look_but_not_change(north: House) -> None:
    known, rita = known_addresses(north), browser_of(north.reader)
    for address in known["post"]:
        assert rita.post(address).status_code == 403, address
    for name in ("orders:bulk_release", "orders:decide_again"):
        assert rita.post(reverse(name)).status_code == 403, name
    page = text(rita, known["get"][0])
    for button in ("Release", "Connect this listing", "Cancel order"):
        assert button not in page, button


def test_production_staff_may_move_orders_but_not_map_listings(north: House) -> None:
    known, ben = known_addresses(north), browser_of(north.worker)
    assert ben.get(known["get"][-1]).status_code == 403
    assert ben.post(known["post"][0], follow=True).status_code == 200


def test_nobody_and_merchants_see_nothing_but_what_both_audiences_share(north: House) -> None:
    from pod_hub.accounts.models import Role
    from tests.factories.cast import person

    known = known_addresses(north)
    ada = browser_of(person(north.psp, "Ada", Role.MERCHANT, north.customer))
    for address in [*known["get"], reverse("orders:orders"), reverse("orders:ledger"), reverse("orders:attention")]:
        shared = "/map/" in address or "/preview/" in address
        assert ada.get(address).status_code == (200 if shared else 404), address
        assert Client().get(address)["Location"].startswith(reverse("account_login")), address
