"""Packing slips and selections of papers: what stands on them, and that all of it stays on the sheet (fulfillment/packing_slip.py)."""

from __future__ import annotations

from typing import Any

import pypdfium2
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from fulfillment.paper import printable
from fulfillment.services.shipping import Parcel, ship
from orders.models import Order
from pod_hub.accounts.actors import HUB
from pod_hub.accounts.services.logos import keep_logo
from pod_hub.core.tenancy import tenant
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.browsers import browser_of
from tests.factories.cast import House, artwork
from tests.fulfillment.test_pages import released

pytestmark = pytest.mark.django_db
A4, LETTER = [595, 842], [612, 792]
LONG = "Wolfeschlegelsteinhausenbergerdorff-Müller-Lüdenscheidt von und zu der Österreichischen Großglockner-Hochalpenstraße"


@pytest.fixture
def nora(north: House) -> Client:
    return browser_of(north.owner)


def gift(message: str) -> dict[str, Any]:
    return {"packing": {"giftOption": {"giftMessage": message, "giftWrapLevel": "Classic"}}}


def to(name: str, street: str, city: str = "Köln", country: str = "DE") -> dict[str, Any]:
    address = {"name": name, "addressLine1": street, "addressLine2": f"c/o {name}", "city": city, "postalCode": "50674", "countryCode": country}
    return {"deliveryAddress": address}


def opened(answer: Any) -> pypdfium2.PdfDocument:
    assert answer["Content-Type"] == "application/pdf" and "no-store" in answer["Cache-Control"], answer
    return pypdfium2.PdfDocument(answer.content)


def slip(client: Client, order: Order) -> pypdfium2.PdfDocument:
    return opened(client.get(reverse("fulfillment:packing_slip", args=[order.public_id])))


def words(sheets: pypdfium2.PdfDocument) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in sheets).replace("\r", "")


def in_america(house: House) -> None:
    with tenant(house.psp.pk):
        house.facility.country = "US"
        house.facility.save()


def test_the_slip_holds_what_the_buyer_needs_under_the_trading_name(north: House, nora: Client) -> None:
    (order,) = released(north, amazon_order(orderItems=[item(quantity=2)]))
    sheets = slip(nora, order)
    text = words(sheets)
    for fact in (
        "Ada Trading", "Packing slip", order.external_id, "Bea Buyer", "Lindenstraße 12", "50674 Köln", "Germany", "Northprint plant", "Dock 1",
        "20457 Hamburg", "2 ×", "Ceramic mug 11oz, white", "MUG-11OZ-WHITE", "14.90 EUR", "29.80 EUR",
    ):  # fmt: skip
        assert fact in text, (fact, text)
    assert north.psp.name not in text.replace("Northprint plant", "")
    assert len(sheets) == 1 and [round(length) for length in sheets[0].get_size()] == A4


def test_the_sender_of_the_trading_name_stands_beneath_it_and_returns_still_go_to_the_plant(north: House, nora: Client) -> None:
    (order,) = released(north, amazon_order())
    with tenant(north.psp.pk):
        address = reverse("accounts:edit_trading_name", args=[order.store.trading_name.public_id])
    sender = {"name": "Ada Trading", "sender": "Ada Trading GmbH\r\nHafenstraße 5\r\n20359 Hamburg", "sender_email": "help@ada.test"}
    refused = nora.post(address, sender | {"sender_phone": "call me"})
    assert refused.status_code == 422 and "This is no telephone number" in refused.content.decode()
    crowded = nora.post(address, sender | {"sender": "line\n" * 7})
    assert crowded.status_code == 422 and "has room for 6 lines" in crowded.content.decode()
    assert nora.post(address, sender | {"sender_phone": "+4940123456"}).status_code == 302
    text = words(slip(nora, order))
    for line in ("Ada Trading GmbH", "Hafenstraße 5", "20359 Hamburg", "help@ada.test · +49 40 123456", "Dock 1"):
        assert line in text, (line, text)


def test_a_gift_shows_its_message_and_no_price(north: House, nora: Client) -> None:
    message = "Alles Gute, liebe Großmutter! 🎁 Χρόνια πολλά! С днём рождения! ❤️"
    (order,) = released(north, amazon_order(orderItems=[item(fulfillment=gift(message)), item(quantity=3, fulfillment=gift(message))]))
    text = words(slip(nora, order))
    assert "EUR" not in text and "Price" not in text
    assert text.count("Χρόνια πολλά! С днём рождения! ❤") == 1
    assert "Classic" not in text  # how it is wrapped is the plant's business


def test_a_wrapped_gift_without_a_message_shows_no_price_either(north: House, nora: Client) -> None:
    (order,) = released(north, amazon_order(orderItems=[item(fulfillment={"packing": {"giftOption": {"giftWrapLevel": "Classic"}}})]))
    text = words(slip(nora, order))
    assert "EUR" not in text and "message" not in text


def test_an_american_plant_prints_letter_and_a_selection_keeps_each_plants_paper(north: House, nora: Client) -> None:
    one, two = released(north, amazon_order(), amazon_order())
    with tenant(north.psp.pk):
        plant = type(north.facility).objects.create(name="Reno", address_lines="1 Main St", city="Reno", region="NV", postcode="89501", country="US")
        Order.objects.filter(pk=two.pk).update(facility=plant)
    assert [round(length) for length in slip(nora, two)[0].get_size()] == LETTER
    for name in ("packing_slips", "job_tickets"):
        sheets = opened(nora.post(reverse(f"fulfillment:{name}"), {"order": [one.public_id, two.public_id]}))
        assert [[round(length) for length in page.get_size()] for page in sheets] == [A4, LETTER]
        texts = [page.get_textpage().get_text_range() for page in sheets]
        assert one.external_id in texts[0] and two.external_id in texts[1] and two.external_id not in texts[0]
        assert all("Page 1" in text for text in texts)  # each order counts its own


def test_lines_ticked_on_the_board_give_the_papers_of_their_orders_once(north: House, nora: Client) -> None:
    (order,) = released(north, amazon_order(orderItems=[item(), item()]))
    with tenant(north.psp.pk):
        lines = [line.public_id for line in order.lines.all()]
    assert words(opened(nora.post(reverse("fulfillment:packing_slips"), {"line": lines}))).count("Packing slip") == 1


def test_a_selection_without_printable_orders_says_so(north: House, nora: Client) -> None:
    for ticked in ({}, {"order": "ord_nobody"}, {"order": "\0"}):
        assert "Nothing that can be printed was selected" in nora.post(reverse("fulfillment:job_tickets"), ticked, follow=True).content.decode()


def test_a_package_has_a_slip_of_its_own_and_the_orders_slip_lists_what_is_left(north: House, nora: Client) -> None:
    (order,) = released(north, amazon_order(orderItems=[item(quantity=5)]))
    with tenant(north.psp.pk):
        ship(order_id=order.pk, parcels=[Parcel("DHL", "00340434161094000001", {order.lines.get().pk: 2})], actor=HUB)
    text = words(opened(nora.get(reverse("fulfillment:packing_slip_of_package", args=[order.public_id, 1]))))
    assert "2 ×" in text and "Package 1" in text
    assert "3 ×" in words(slip(nora, order))
    assert nora.get(reverse("fulfillment:packing_slip_of_package", args=[order.public_id, 2])).status_code == 404


def test_a_purged_buyer_leaves_a_slip_without_an_address(north: House, nora: Client) -> None:
    (order,) = released(north, amazon_order())
    with tenant(north.psp.pk):
        order.buyer_data.delete()
    text = words(slip(nora, order))
    assert "Bea" not in text and "Ceramic mug" in text


def test_the_logo_is_on_the_slip_and_a_lost_one_does_not_stop_it(north: House, nora: Client) -> None:
    (order,) = released(north, amazon_order())
    with tenant(north.psp.pk):
        keep_logo(trading_name=north.trading_name, content=artwork(900, 300, "crimson"))
    picture = slip(nora, order)[0].render(scale=0.5).to_pil().convert("RGB")
    assert picture.getpixel((50, 30)) == (220, 20, 60)
    (settings.MEDIA_ROOT / north.trading_name.logo_name).unlink()
    assert "Ada Trading" in words(slip(nora, order))


def hard_cases() -> list[dict[str, Any]]:
    hebrew = "מזל טוב ליום ההולדת! נשיקות מאיתנו בקלן (2026) ו-Anna Müller, שמחים בשבילך ומחכים לראותך שוב בקיץ הקרוב על שפת הים."
    return [
        amazon_order(
            recipient=to(LONG, "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftstraße 12345"),
            orderItems=[item("X" * 190, product={"title": LONG * 4}, fulfillment=gift(LONG))],
        ),
        amazon_order(
            orderItems=[item(quantity=number + 1, product={"title": f"Mug {number} " + "white and blue " * (number % 5)}) for number in range(40)]
        ),
        amazon_order(
            recipient=to("دانيال الأحمد", "שדרות רוטשילד 12", "תל אביב", "IL"), orderItems=[item(product={"title": hebrew}, fulfillment=gift(hebrew))]
        ),
        amazon_order(
            recipient=to("山田 太郎", "東京都千代田区1-1", "東京", "JP"), orderItems=[item(fulfillment=gift("お誕生日おめでとう 한국어 สวัสดี"))]
        ),
        amazon_order(orderItems=[item(fulfillment=gift("W" * 5000)), item(fulfillment=gift("line\n" * 900)), item(fulfillment=gift("word " * 2000))]),
    ]


@pytest.mark.parametrize("country", ["DE", "US"])
def test_nothing_overlaps_or_leaves_the_sheet(north: House, nora: Client, country: str) -> None:
    orders = bought(north, *hard_cases())
    if country == "US":
        in_america(north)
    for name in ("packing_slips", "job_tickets"):
        sheets = opened(nora.post(reverse(f"fulfillment:{name}"), {"order": [order.public_id for order in orders]}))
        assert len(sheets) >= len(orders)
        for number, page in enumerate(sheets):
            assert [round(length) for length in page.get_size()] == (LETTER if country == "US" else A4)
            boxes = text_boxes(page)
            assert boxes, f"{name}, sheet {number} is empty"
            width, height = page.get_size()
            for box in boxes:
                assert box[0] >= 36 and box[2] <= width - 36 and box[1] >= 24 and box[3] <= height - 36, (name, number, box, page_text(page, box))
            for first, one in enumerate(boxes):
                for other in boxes[first + 1 :]:
                    assert not overlap(one, other), (name, number, page_text(page, one), page_text(page, other))


def text_boxes(page: Any) -> list[tuple[float, float, float, float]]:
    text = page.get_textpage()
    return [text.get_rect(number) for number in range(text.count_rects())]


def page_text(page: Any, box: tuple[float, float, float, float]) -> str:
    return str(page.get_textpage().get_text_bounded(*box))


def overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    """Whether two boxes of text share more than a seam: a point in width and two in height, where accents meet descenders."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across > 1 and down > 2


def test_forty_lines_repeat_the_head_of_their_table_and_count_pages(north: House, nora: Client) -> None:
    (order,) = bought(north, hard_cases()[1])
    sheets = slip(nora, order)
    texts = [page.get_textpage().get_text_range() for page in sheets]
    assert len(texts) > 2 and all("Quantity" in text and f"Page {number}" in text for number, text in enumerate(texts, start=1))
    assert sum(text.count("MUG-11OZ-WHITE") for text in texts) == 40


def test_signs_that_no_font_shows_go_and_letters_leave_a_square() -> None:
    assert printable("Für 山田 🎁 한국 ❤️\u200d สวัสดี") == "Für 山田  한국 ❤ " + "□" * 4
    assert printable("Köln, Łódź, Αθήνα, Київ, שלום") == "Köln, Łódź, Αθήνα, Київ, שלום"


def test_a_reader_may_print_papers_and_another_tenant_may_not(north: House, south: House) -> None:
    (order,) = released(north, amazon_order())
    address = reverse("fulfillment:packing_slip", args=[order.public_id])
    assert browser_of(north.reader).get(address).status_code == 200
    assert browser_of(south.owner).get(address).status_code == 404
    assert Client().get(address).status_code == 302
