"""The pages of production and shipping: what staff see, what they may do, how many queries it costs (fulfillment/views/dashboard)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from fulfillment.models import Package, Push, Shipment
from fulfillment.paper import marked_up
from fulfillment.services.correcting import CannotCorrect, correct_package
from fulfillment.services.shared_parcels import same_number_elsewhere
from fulfillment.services.shipping import Parcel, ship
from orders.models import Order
from orders.services.mapping import map_listing
from orders.services.production import release_order
from pod_hub.accounts.actors import HUB
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.browsers import browser_of
from tests.factories.cast import UNITED_STATES, House, northprint
from tests.factories.pages import at_most_queries, text, tick_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def nora(north: House) -> Client:
    return browser_of(north.owner)


def released(house: House, *payloads: dict[str, Any]) -> list[Order]:
    """Orders of the house's mapped mug, released to production."""
    with tenant(house.psp.pk):
        map_listing(listing_id=house.listing.pk, customer_product_id=house.mug.pk, design_id=house.design.pk, actor=HUB)
    made = bought(house, *payloads)
    with tenant(house.psp.pk):
        for order in made:
            release_order(order_id=order.pk, actor=HUB)
    return made


def shipped(house: House, order: Order) -> Push:
    with tenant(house.psp.pk):
        line = order.lines.get()
        ship(order_id=order.pk, parcels=[Parcel("DHL", f"JJD{order.pk:09d}", {line.pk: 1})], actor=HUB)
        return Push.objects.get(order=order)


# --- The board --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rows", [1, 60])
def test_the_board_costs_the_same_with_one_line_and_with_sixty(north: House, nora: Client, rows: int) -> None:
    released(north, *(amazon_order() for _number in range(rows)))
    with at_most_queries(8):  # print areas and the parts of mappings among them
        page = text(nora, reverse("fulfillment:production"))
    assert page.count('class="hub-card"') == min(rows, 40)


def test_the_board_shows_the_most_urgent_line_first(north: House, nora: Client) -> None:
    later, urgent = released(north, amazon_order(ship_by=now() + timedelta(days=4)), amazon_order(ship_by=now() + timedelta(hours=4)))
    page = text(nora, reverse("fulfillment:production"))
    assert page.index(urgent.external_id) < page.index(later.external_id)
    assert "Nothing to produce" not in page


def test_a_button_on_the_board_moves_the_line_and_comes_back(north: House, nora: Client) -> None:
    (order,) = released(north, amazon_order())
    board = reverse("fulfillment:production")
    with tenant(north.psp.pk):
        line = order.lines.get().public_id
    answer = nora.post(reverse("orders:move", args=[order.public_id]), {"to": "printing", "line": line, "next": board})
    assert answer["Location"] == board
    assert "Printed, to packing" in text(nora, board)


def test_an_empty_board_leads_to_the_orders_that_can_be_released(north: House, nora: Client) -> None:
    assert "?view=ready" in text(nora, reverse("fulfillment:production"))


# --- The job ticket ---------------------------------------------------------------------------------------------------
def pdf_of(client: Client, order: Order) -> pypdfium2.PdfDocument:
    answer = client.get(reverse("fulfillment:job_ticket", args=[order.public_id]))
    assert answer["Content-Type"] == "application/pdf" and "no-store" in answer["Cache-Control"]
    return pypdfium2.PdfDocument(answer.content)


def test_the_job_ticket_says_what_to_make(north: House, nora: Client) -> None:
    packing = {"giftOption": {"giftMessage": "Wszystkiego najlepszego, Łukasz <3", "giftWrapLevel": "Classic"}}
    (order,) = released(north, amazon_order(orderItems=[item(quantity=3, fulfillment={"packing": packing})]))
    sheet = pdf_of(nora, order)
    words = sheet[0].get_textpage().get_text_range()
    for fact in (order.external_id, order.public_id, "Ada Trading", "Northprint plant", "Mug", "MUG-11", "210 × 90 mm", "art.png", "3 ×"):
        assert fact in words, fact
    assert "Łukasz <3" in words
    assert [round(length) for length in sheet[0].get_size()] == [595, 842]


def test_an_american_plant_gets_letter_paper(north: House, nora: Client) -> None:
    (order,) = released(north, amazon_order())
    with tenant(north.psp.pk):
        north.facility.country = "US"
        north.facility.save()
    assert [round(length) for length in pdf_of(nora, order)[0].get_size()] == [612, 792]


def test_a_long_order_runs_over_several_sheets(north: House, nora: Client) -> None:
    (order,) = released(north, amazon_order(orderItems=[item(number=f"N{number}") for number in range(30)]))
    assert len(pdf_of(nora, order)) > 2


def test_signs_that_paper_may_not_show_are_named(north: House, nora: Client) -> None:
    packing = {"giftOption": {"giftMessage": "Für 山田 🎁", "giftWrapLevel": "Classic"}}
    (order,) = released(north, amazon_order(orderItems=[item(fulfillment={"packing": packing})]))
    words = pdf_of(nora, order)[0].get_textpage().get_text_range().split()
    assert " ".join(words).count("U+5C71 U+7530 U+1F381") == 1


@pytest.mark.parametrize("message", ["W" * 5000, "line\n" * 900, "word " * 2000])
def test_an_endless_gift_message_is_cut_and_says_so(north: House, nora: Client, message: str) -> None:
    packing = {"giftOption": {"giftMessage": message, "giftWrapLevel": message}}
    (order,) = released(north, amazon_order(orderItems=[item(fulfillment={"packing": packing})]))
    assert "read the rest on the order" in pdf_of(nora, order)[0].get_textpage().get_text_range()


def test_markup_in_a_buyers_text_does_not_act(north: House) -> None:
    assert marked_up("<b>a</b> & b\nc") == "&lt;b&gt;a&lt;/b&gt; &amp; b<br/>c"
    assert marked_up("für 山田") == 'für <font name="HeiseiKakuGo-W5">山田</font>'


# --- Shipping ---------------------------------------------------------------------------------------------------------
def ship_page(order: Order) -> str:
    return reverse("fulfillment:ship", args=[order.public_id])


def typed(order: Order, *packages: dict[str, object]) -> dict[str, object]:
    return {"packages": len(packages)} | {f"p{index}-{name}": value for index, one in enumerate(packages) for name, value in one.items()}


def line_of(house: House, order: Order) -> str:
    with tenant(house.psp.pk):
        return order.lines.get().public_id


def test_two_packages_leave_with_their_pushes(north: House, nora: Client) -> None:
    (order,) = released(north, amazon_order(orderItems=[item(quantity=3)]))
    line = line_of(north, order)
    assert 'value="3"' in text(nora, ship_page(order))  # prefilled with what is open
    packages = (
        {"carrier_code": "DHL", "tracking_number": " jjd 0001-2345 ", "shipping_method": "Paket", line: 2},
        {"carrier_code": "Other", "carrier_name": "Radkurier", "tracking_number": "RN42", line: 1},
    )
    page = nora.post(ship_page(order), typed(order, *packages), follow=True).content.decode()
    assert f"2 packages of {order.external_id} have left. The marketplace is being told." in page
    with tenant(north.psp.pk):
        assert list(Package.objects.values_list("number", "carrier_code", "carrier_name", "tracking_number", "items__quantity")) == [
            (1, "DHL", "", "JJD00012345", 2),
            (2, "Other", "Radkurier", "RN42", 1),
        ]
        assert Push.objects.filter(delivery=Delivery.PENDING).count() == 2
        assert Order.objects.get().state == "shipped"


def test_a_number_on_another_orders_package_is_asked_about_and_taken_when_it_is_meant(north: House, nora: Client) -> None:
    first, second = released(north, amazon_order(), amazon_order())
    left = shipped(north, first)
    with tenant(north.psp.pk):
        number = left.package.tracking_number
    whole = {"carrier_code": "DHL", "tracking_number": number.lower(), line_of(north, second): 1}
    page = nora.post(ship_page(second), typed(second, whole)).content.decode()
    assert f'Package 1 of order <a href="{reverse("orders:order", args=[first.public_id])}">{first.external_id}</a> has this number already.' in page
    assert "It really is the same parcel" in page
    with tenant(north.psp.pk):
        assert not second.packages.exists()
    page = nora.post(ship_page(second), typed(second, whole | {"is_shared": tick_on(page, "is_shared")}), follow=True).content.decode()
    assert "1 package of" in page
    with tenant(north.psp.pk):
        assert second.packages.get().tracking_number == number


def test_another_carriers_number_and_a_cancelled_orders_are_not_asked_about(north: House, nora: Client) -> None:
    first, second = released(north, amazon_order(), amazon_order())
    left = shipped(north, first)
    with tenant(north.psp.pk):
        number = left.package.tracking_number
        assert same_number_elsewhere(order_id=second.pk, carrier_code="UPS", carrier_name="", tracking_number=number) is None
        assert same_number_elsewhere(order_id=second.pk, carrier_code="dhl", carrier_name="", tracking_number=number) == left.package
        assert same_number_elsewhere(order_id=second.pk, carrier_code="Other", carrier_name="DHL", tracking_number=number) == left.package
        Order.objects.filter(pk=first.pk).update(state="cancelled")
        assert same_number_elsewhere(order_id=second.pk, carrier_code="DHL", carrier_name="", tracking_number=number) is None
    assert (
        "1 package of"
        in nora.post(
            ship_page(second), typed(second, {"carrier_code": "DHL", "tracking_number": number, line_of(north, second): 1}), follow=True
        ).content.decode()
    )


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_among_many_packages_a_number_is_looked_for_by_its_index() -> None:
    house = northprint()
    first, second = released(house, amazon_order(), amazon_order())
    shipped(house, first)
    with tenant(house.psp.pk):
        package = first.packages.get()
        others = {"psp": house.psp, "shipment": package.shipment, "order": first, "carrier_code": "DHL"}
        Package.objects.bulk_create(Package(number=n, tracking_number=f"MANY{n:06d}", **others) for n in range(2, 3000))
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE fulfillment_package")
    connections["owner"].close()
    with tenant(house.psp.pk), CaptureQueriesContext(connection) as asked:
        found = same_number_elsewhere(order_id=second.pk, carrier_code="DHL", carrier_name="", tracking_number=package.tracking_number)
        (statement,) = [one["sql"] for one in asked.captured_queries if "tracking_number" in one["sql"]]
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {statement}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
    assert found == package and "package_by_tracking" in plan, plan


def test_the_page_asks_nobody_about_a_number_of_another_print_provider(north: House, south: House, nora: Client) -> None:
    american = {"channelName": "AMAZON", "marketplaceId": UNITED_STATES}
    (theirs,), (ours,) = bought(south, amazon_order(salesChannel=american)), released(north, amazon_order())
    number = "JJD00012345"
    with tenant(south.psp.pk):
        shipment = Shipment.objects.create(order=theirs, facility_id=theirs.facility_id)
        Package.objects.create(shipment=shipment, order=theirs, number=1, carrier_code="DHL", tracking_number=number)
    page = nora.post(ship_page(ours), typed(ours, {"carrier_code": "DHL", "tracking_number": number, line_of(north, ours): 1}), follow=True)
    assert "1 package of" in page.content.decode()


def test_a_correction_to_another_orders_number_is_asked_about(north: House, nora: Client) -> None:
    first, second = released(north, amazon_order(), amazon_order())
    left, mine = shipped(north, first), shipped(north, second)
    with tenant(north.psp.pk):
        number = left.package.tracking_number
        before = mine.package.tracking_number
        Push.objects.filter(pk=mine.pk).update(delivery=Delivery.PARKED)
    address = reverse("fulfillment:correct_package", args=[second.public_id, 1])
    sent = {"carrier_code": "DHL", "tracking_number": number}
    page = nora.post(address, sent).content.decode()
    assert "has this number already" in page and "It really is the same parcel" in page
    with tenant(north.psp.pk):
        with pytest.raises(CannotCorrect, match="on package 1 of order"):
            correct_package(package_id=mine.package_id, carrier_code="DHL", carrier_name="", tracking_number=number, actor=HUB)  # type: ignore[arg-type]
        assert second.packages.get().tracking_number == before
    assert "was corrected" in nora.post(address, sent | {"is_shared": tick_on(page, "is_shared")}, follow=True).content.decode()
    with tenant(north.psp.pk):
        assert second.packages.get().tracking_number == number


def test_a_second_press_on_ship_lands_on_what_the_first_one_did(north: House, nora: Client) -> None:
    (order,) = released(north, amazon_order(orderItems=[item(quantity=3)]))
    line = line_of(north, order)
    whole = typed(order, {"carrier_code": "DHL", "tracking_number": "jjd 0001-2345", line: 3})
    pages = [nora.post(ship_page(order), whole, follow=True) for _press in range(2)]
    assert "1 package of" in pages[0].content.decode()
    assert pages[1].redirect_chain == [(reverse("orders:order", args=[order.public_id]), 302)]
    assert "It was shipped already: package 1 with DHL, tracking JJD00012345. Nothing was shipped twice." in pages[1].content.decode()
    with tenant(north.psp.pk):
        assert (Package.objects.count(), Push.objects.count()) == (1, 1)


def test_a_second_press_after_a_part_left_is_no_second_part(north: House, nora: Client) -> None:
    (order,) = released(north, amazon_order(orderItems=[item(quantity=3)]))
    line = line_of(north, order)
    part = {"carrier_code": "DHL", "tracking_number": "JJD00012345", line: 1}
    pages = [nora.post(ship_page(order), typed(order, part), follow=True).content.decode() for _press in range(2)]
    assert "Nothing was shipped twice" in pages[1]
    assert "1 package of" in nora.post(ship_page(order), typed(order, part | {"tracking_number": "JJD00099999"}), follow=True).content.decode()
    with tenant(north.psp.pk):
        assert list(Package.objects.order_by("number").values_list("tracking_number", flat=True)) == ["JJD00012345", "JJD00099999"]


def test_another_package_is_added_and_removed_without_losing_what_was_typed(north: House, nora: Client) -> None:
    (order,) = released(north, amazon_order(orderItems=[item(quantity=3)]))
    line = line_of(north, order)
    first = {"carrier_code": "DHL", "tracking_number": "half a num", line: 1}
    page = nora.post(ship_page(order), typed(order, first) | {"add": "1"}).content.decode()
    assert 'name="packages" value="2"' in page and 'value="half a num"' in page and "hub-error" not in page
    assert re.search(r'name="p1-[^"]+" value="2"', page)  # the rest
    second = {"carrier_code": "DPD", "tracking_number": "keep me", line: 2}
    page = nora.post(ship_page(order), typed(order, first, second) | {"remove": "0"}).content.decode()
    assert 'name="packages" value="1"' in page and 'value="keep me"' in page and "half a num" not in page
    with tenant(north.psp.pk):
        assert not Package.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"carrier_code": ""}, "requires one for every package"),
        ({"carrier_code": "Donkey"}, "hub-error"),
        ({"carrier_code": "Other"}, "Name the carrier"),
        ({"tracking_number": ""}, "refuses packages without one"),
        ({"tracking_number": "what?!"}, "which no tracking number has"),
        ({"quantity": "4"}, "only 3 are open"),
        ({"quantity": "0"}, "This package is empty"),
        ({"quantity": "-1"}, "hub-error"),
        ({"quantity": "many"}, "hub-error"),
    ],
)
def test_what_cannot_leave_is_told_beside_its_field_and_stays_typed(north: House, nora: Client, change: dict[str, object], words: str) -> None:
    (order,) = released(north, amazon_order(orderItems=[item(quantity=3)]))
    line = line_of(north, order)
    given: dict[str, object] = {"carrier_code": "DHL", "tracking_number": "JJD00012345", "quantity": "3", "shipping_method": "my method"} | change
    given[line] = given.pop("quantity")
    page = nora.post(ship_page(order), typed(order, given)).content.decode()
    assert words in page and 'value="my method"' in page
    with tenant(north.psp.pk):
        assert not Package.objects.exists()


def test_more_than_is_open_is_refused_over_all_packages(north: House, nora: Client) -> None:
    (order,) = released(north, amazon_order(orderItems=[item(quantity=3)]))
    line = line_of(north, order)
    one = {"carrier_code": "DHL", "tracking_number": "JJD00012345", line: 2}
    assert "4 are packed, but only 3 are open" in nora.post(ship_page(order), typed(order, one, one)).content.decode()


@pytest.mark.parametrize("count", ["0", "-3", "x", "9999999999", ""])
def test_a_nonsense_number_of_packages_is_no_error_page(north: House, nora: Client, count: str) -> None:
    (order,) = released(north, amazon_order())
    assert nora.post(ship_page(order), {"packages": count}).status_code == 200


def test_a_service_that_refuses_is_quoted_on_the_form(north: House, nora: Client) -> None:
    (order,) = released(north, amazon_order())
    line = line_of(north, order)
    with tenant(north.psp.pk):
        Order.objects.update(channel_state="cancelled")
    page = nora.post(ship_page(order), typed(order, {"carrier_code": "DHL", "tracking_number": "JJD00012345", line: 1})).content.decode()
    assert "Nothing was shipped." in page and "is cancelled, so nothing of it may leave" in page


# --- Pushes -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rows", [1, 60])
def test_the_shipments_cost_the_same_with_one_row_and_with_sixty(north: House, nora: Client, rows: int) -> None:
    for order in released(north, *(amazon_order() for _number in range(rows))):
        shipped(north, order)
    with at_most_queries(6):
        text(nora, reverse("fulfillment:shipments"))
    page = text(nora, reverse("fulfillment:shipments"))
    seen = re.findall(r'href="/production/shipments/(psh_\w+)/"', page)
    if older := re.search(r'rel="next" href="(\?[^"]+)"', page):
        seen += re.findall(r'href="/production/shipments/(psh_\w+)/"', text(nora, reverse("fulfillment:shipments") + older[1].replace("&amp;", "&")))
    assert len(seen) == len(set(seen)) == rows


def test_a_parked_push_is_tried_again_by_a_person(north: House, nora: Client) -> None:
    (order,) = released(north, amazon_order())
    push = shipped(north, order)
    again = reverse("fulfillment:try_again", args=[push.public_id])
    assert "does not wait for a person" in nora.post(again, follow=True).content.decode()
    with tenant(north.psp.pk):
        Push.objects.update(delivery=Delivery.PARKED, last_error="Amazon: no such carrier.")
    for address in (reverse("fulfillment:shipments") + "?delivery=parked", reverse("fulfillment:push", args=[push.public_id])):
        assert "Amazon: no such carrier." in text(nora, address)
    assert "tried again now" in nora.post(again, follow=True).content.decode()
    with tenant(north.psp.pk):
        assert Push.objects.get().delivery == Delivery.PENDING
    assert "Nora Testing asked to try again" in text(nora, reverse("fulfillment:push", args=[push.public_id]))


def test_the_proof_is_shown_as_the_marketplace_gave_it(north: House, nora: Client) -> None:
    (order,) = released(north, amazon_order())
    push = shipped(north, order)
    with tenant(north.psp.pk):
        proof = {
            "reference": "1",
            "carrier": "DHL",
            "tracking_number": "JJD1",
            "shipped_at": now().isoformat(),
            "quantities": {"4001": 1},
            "status": "S",
        }
        Push.objects.update(delivery=Delivery.CONFIRMED, read_back=proof, read_back_at=now())
    with at_most_queries(10):
        page = text(nora, reverse("fulfillment:push", args=[push.public_id]))
    assert "4001: 1" in page and "JJD1" in page


# --- Rights -----------------------------------------------------------------------------------------------------------
def test_another_tenants_ids_are_like_ids_that_do_not_exist(north: House, south: House) -> None:
    (order,) = released(north, amazon_order())
    push, mallory = shipped(north, order), browser_of(south.owner)
    for name, public_id in (("ship", order.public_id), ("job_ticket", order.public_id), ("push", push.public_id)):
        assert mallory.get(reverse(f"fulfillment:{name}", args=[public_id])).status_code == 404, name
    assert mallory.post(reverse("fulfillment:ship", args=[order.public_id])).status_code == 404
    assert mallory.post(reverse("fulfillment:try_again", args=[push.public_id])).status_code == 404
    for name in ("production", "shipments"):
        assert order.external_id not in text(mallory, reverse(f"fulfillment:{name}")), name


def test_a_reader_may_look_but_not_ship(north: House) -> None:
    (order,) = released(north, amazon_order())
    push, rita = shipped(north, order), browser_of(north.reader)
    for name in ("production", "shipments"):
        text(rita, reverse(f"fulfillment:{name}"))
    assert rita.get(reverse("fulfillment:ship", args=[order.public_id])).status_code == 403
    assert rita.post(reverse("fulfillment:try_again", args=[push.public_id])).status_code == 403
    assert Client().get(reverse("fulfillment:production")).status_code == 302
