"""The print files of a selection as one zip (orders/services/print_file_bundle.py and its view)."""

from __future__ import annotations

import csv
import hashlib
import io
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from catalog.models import PrintFile
from orders.line_files import LineFile
from orders.models import HoldKind, Order, OrderEvent, OrderLine
from orders.services import print_file_bundle
from orders.services.holds import open_hold
from orders.services.print_file_bundle import CHUNK, Bundle, Entry, inspected, stream
from pod_hub.core.tenancy import tenant
from tests.factories.amazon_orders import amazon_order, item
from tests.factories.browsers import browser_of
from tests.factories.cast import House, artwork
from tests.fulfillment.test_pages import released

pytestmark = pytest.mark.django_db
ADDRESS = "/orders/print-files/"


@pytest.fixture
def nora(north: House) -> Client:
    return browser_of(north.owner)


def download(client: Client, **ticked: Any) -> zipfile.ZipFile:
    answer = client.post(ADDRESS, ticked)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/zip", answer.content.decode()[:500]
    assert "no-store" in answer["Cache-Control"] and answer["Content-Disposition"].startswith('attachment; filename="print-files-')
    return zipfile.ZipFile(io.BytesIO(sent(answer)))


def sent(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def manifest(archive: zipfile.ZipFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read("manifest.csv").decode("utf-8-sig"), newline="")))


def stored(house: House) -> Path:
    return Path(settings.MEDIA_ROOT) / house.print_file.storage_name


def test_selected_orders_give_their_files_with_a_manifest_and_an_event_for_each_line(north: House, nora: Client) -> None:
    one, two = released(north, amazon_order(orderItems=[item(quantity=2), item()]), amazon_order())
    archive = download(nora, order=[one.public_id, two.public_id, one.public_id])
    assert archive.testzip() is None
    assert archive.namelist() == [f"{one.external_id}_1.png", f"{one.external_id}_2.png", f"{two.external_id}_1.png", "manifest.csv"]
    assert archive.read(archive.namelist()[0]) == artwork()
    rows = manifest(archive)
    assert [(row["file"], row["quantity"], row["sha256"], row["problem"]) for row in rows] == [
        (name, quantity, hashlib.sha256(artwork()).hexdigest(), "") for name, quantity in zip(archive.namelist(), "211", strict=False)
    ]
    with tenant(north.psp.pk):
        events = list(OrderEvent.objects.filter(kind="print_file_downloaded").order_by("line_id"))
        assert [event.line_id for event in events] == list(OrderLine.objects.order_by("pk").values_list("pk", flat=True))
        assert events[0].summary == f"The print file of line 1 was downloaded as {one.external_id}_1.png."
        assert events[0].actor_id == north.owner.pk


def test_lines_ticked_on_the_board_give_only_themselves_under_their_place_in_the_order(north: House, nora: Client) -> None:
    (order,) = released(north, amazon_order(orderItems=[item(), item()]))
    with tenant(north.psp.pk):
        second = OrderLine.objects.order_by("pk").last()
    assert second is not None
    assert download(nora, line=second.public_id).namelist() == [f"{order.external_id}_2.png", "manifest.csv"]


def test_names_follow_the_pattern_of_the_print_provider(north: House, nora: Client) -> None:
    north.psp.print_file_pattern = "{ship_by}/{customer}_{product_uid}_{quantity}.{ext}"
    north.psp.save()
    (order,) = released(north, amazon_order(orderItems=[item(quantity=2), item(quantity=2)]))
    day = order.ship_by.date().isoformat() if order.ship_by else ""
    names = download(nora, order=order.public_id).namelist()
    assert {name.partition("/")[2] for name in names[:2]} == {"Ada_MUG-11_2.png", "Ada_MUG-11_2-2.png"}
    assert abs(int(names[0][8:10]) - int(day[8:10])) <= 1 or day  # the plant's date, not the server's
    with tenant(north.psp.pk):
        line = OrderLine.objects.order_by("pk")[0]
    alone = nora.get(reverse("orders:print_file", args=[line.public_id]))
    assert alone["Content-Disposition"] == 'attachment; filename="Ada_MUG-11_2.png"'


@pytest.mark.parametrize(("harm", "why"), [("missing", "is missing. Upload the design again"), ("altered", "was altered after it was checked")])
def test_a_file_that_is_lost_or_damaged_is_told_first_and_left_out_then(north: House, nora: Client, harm: str, why: str) -> None:
    (order,) = released(north, amazon_order(orderItems=[item(), item()]))
    with tenant(north.psp.pk):
        first = OrderLine.objects.order_by("pk")[0]
        good = north.print_file
        other = PrintFile.objects.create(
            storage_name="psp-1/other.png", file_name="other.png", content_type="image/png", size_bytes=3, sha256="0" * 64, width_px=1, height_px=1, dpi=1
        )  # fmt: skip
        OrderLine.objects.filter(pk=first.pk).update(print_file=other)
    if harm == "altered":
        (Path(settings.MEDIA_ROOT) / "psp-1").mkdir(parents=True)
        (Path(settings.MEDIA_ROOT) / "psp-1/other.png").write_bytes(b"abc")
    page = nora.post(ADDRESS, {"order": order.public_id}).content.decode()
    assert "1 line is not in this download" in page and why in page and "Download the other 1 file" in page
    with tenant(north.psp.pk):
        assert not OrderEvent.objects.filter(kind="print_file_downloaded").exists()
    archive = download(nora, order=order.public_id, anyway="1")
    assert archive.namelist() == [f"{order.external_id}_2.png", "manifest.csv"]
    assert why in manifest(archive)[0]["problem"] and manifest(archive)[0]["file"] == ""
    with tenant(north.psp.pk):
        assert OrderEvent.objects.get(kind="print_file_downloaded").facts == {"sha256": good.sha256}


def test_what_waits_is_not_printed_and_stock_products_need_no_file(north: House, nora: Client) -> None:
    held, free = released(north, amazon_order(), amazon_order(orderItems=[item(), item("STICKER")]))
    with tenant(north.psp.pk):
        open_hold(held, HoldKind.CANCEL_REQUEST, "The buyer asked.")
        stock = OrderLine.objects.get(sku="STICKER")
        stock.holds.update(released_at=now())
        OrderLine.objects.filter(pk=stock.pk).update(customer_product=north.sticker)
    page = nora.post(ADDRESS, {"order": [held.public_id, free.public_id]}).content.decode()
    assert "1 line is not in this download" in page and "Do not print: cancellation requested." in page
    rows = manifest(download(nora, order=[held.public_id, free.public_id], anyway="1"))
    assert {(row["sku"], bool(row["file"]), bool(row["problem"])) for row in rows} == {
        ("MUG-11OZ-WHITE", False, True),
        ("MUG-11OZ-WHITE", True, False),
        ("STICKER", False, False),
    }


def test_cells_of_the_manifest_are_text_for_spreadsheets(north: House, nora: Client) -> None:
    (order,) = released(north, amazon_order())
    with tenant(north.psp.pk):
        OrderLine.objects.update(sku='=HYPERLINK("http://x")', customer_product=None, title="@evil")
    (row,) = manifest(download(nora, order=order.public_id))
    assert row["sku"] == '\'=HYPERLINK("http://x")' and row["product"] == "'@evil"


def test_an_empty_selection_and_one_that_is_too_large_say_what_to_do(north: House, nora: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Tick the orders first" in nora.post(ADDRESS, follow=True).content.decode()
    assert "Tick the orders first" in nora.post(ADDRESS, {"order": ["ord_nobody", "\0"]}, follow=True).content.decode()
    (order,) = released(north, amazon_order(orderItems=[item(), item()]))
    monkeypatch.setattr(print_file_bundle, "MOST_LINES", 1)
    assert "more than 1 lines" in nora.post(ADDRESS, {"order": order.public_id}, follow=True).content.decode()
    monkeypatch.setattr(print_file_bundle, "MOST_LINES", 5)
    monkeypatch.setattr(print_file_bundle, "MOST_BYTES", 10)
    assert "at most 4 GB" in nora.post(ADDRESS, {"order": order.public_id}, follow=True).content.decode()


def test_another_tenants_orders_are_not_there(north: House, south: House) -> None:
    (order,) = released(north, amazon_order())
    page = browser_of(south.owner).post(ADDRESS, {"order": order.public_id}, follow=True).content.decode()
    assert "Tick the orders first" in page and order.external_id not in page


def test_a_zip_of_many_large_files_needs_the_memory_of_a_few_chunks(north: House) -> None:
    size, count = 8_000_000, 12
    name = "psp-1/large.bin"
    path = Path(settings.MEDIA_ROOT) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    content = bytes(range(256)) * (size // 256)
    path.write_bytes(content)
    file = PrintFile(storage_name=name, file_name="large.bin", size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
    order = Order(external_id="1")
    bundle = Bundle([Entry(OrderLine(order=order, title="t", quantity=1), n, LineFile(None, None, file, 1), f"{n}.bin") for n in range(count)])
    del content
    tracemalloc.start()
    length = sum(len(part) for part in stream(inspected(bundle), made_at=now()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert length > size * count
    assert peak < 10 * CHUNK, peak


def test_a_file_that_vanishes_while_it_is_sent_breaks_the_download_off(north: House, nora: Client) -> None:
    (order,) = released(north, amazon_order())
    answer = nora.post(ADDRESS, {"order": order.public_id})
    stored(north).unlink()
    with pytest.raises(FileNotFoundError):
        sent(answer)


def test_both_lists_offer_the_files_and_papers_of_a_selection(north: House, nora: Client) -> None:
    released(north, amazon_order())
    for page in ("/orders/", "/production/"):
        text = nora.get(page).content.decode()
        for address in (ADDRESS, reverse("fulfillment:job_tickets"), reverse("fulfillment:packing_slips")):
            assert f'formaction="{address}"' in text, (page, address)
