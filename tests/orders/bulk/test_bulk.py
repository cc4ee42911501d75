"""Connecting products by a file: read, checked, connected, undone (orders/services/bulk)."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from catalog.models import Artwork, Design
from orders.bulk_models import BulkImport, BulkImportFile, BulkImportRow
from orders.models import Hold, HoldKind, OrderLine
from orders.services.bulk.columns import exported
from orders.services.bulk.reporting import result_lines
from orders.services.bulk.starting import CannotImport, apply_import, cancel_import, undo_import
from orders.services.mapping import map_listing
from pod_hub.accounts.actors import Actor
from pod_hub.core.narrowing import Narrowing
from pod_hub.core.tenancy import tenant
from pod_hub.mail.delivering import message_of
from pod_hub.mail.models import Mail
from stores.models import Listing, MappingPart
from tests.channels.tiny_server import Reply
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.orders.bulk.conftest import Shop, png

pytestmark = pytest.mark.django_db
Drain = Callable[[], None]


def applied(shop: Shop, row: BulkImport, drain: Drain) -> BulkImport:
    with tenant(shop.house.psp.pk):
        apply_import(import_id=row.pk)
    drain()
    return shop.fresh(row)


def active(shop: Shop, sku: str) -> MappingPart | None:
    with tenant(shop.house.psp.pk):
        return (
            MappingPart.objects.filter(mapping__listing__sku=sku, mapping__retired_at=None)
            .select_related("mapping", "customer_product", "design")
            .first()
        )


def test_a_file_is_checked_first_and_connects_only_after_a_yes(shop: Shop, drain: Drain) -> None:
    shop.listing("CARD-1")
    row = shop.upload(shop.sheet(("CARD-1", shop.house.mug.uid, shop.link())))
    drain()
    row = shop.fresh(row)
    assert (row.stage, row.counts) == ("checked", {"ready": 1})
    assert active(shop, "CARD-1") is None and shop.server.seen == []
    row = applied(shop, row, drain)
    assert (row.stage, row.counts) == ("done", {"connected": 1})
    mapping = active(shop, "CARD-1")
    assert mapping is not None and mapping.customer_product == shop.house.mug and mapping.print_file_id is not None
    assert mapping.mapping.mapped_by_id == shop.house.owner.pk


def test_orders_that_wait_go_on_when_their_listing_is_connected_by_a_file(shop: Shop, drain: Drain) -> None:
    (order,) = bought(shop.house, amazon_order(orderItems=[item("WAITS-1")]))
    row = shop.upload(shop.sheet(("WAITS-1", shop.house.mug.uid, shop.link())))
    drain()
    applied(shop, row, drain)
    with tenant(shop.house.psp.pk):
        line = OrderLine.objects.get(order=order)
        assert line.print_file is not None
        assert not Hold.objects.filter(order=order, kind=HoldKind.UNMAPPED, released_at=None).exists()


def test_a_row_that_would_replace_what_is_connected_says_so_before_the_yes(shop: Shop, drain: Drain) -> None:
    house, listing = shop.house, shop.listing("HAD-1")
    shop.listing("NONE-1")
    with tenant(house.psp.pk):
        map_listing(listing_id=listing.pk, customer_product_id=house.mug.pk, design_id=house.design.pk, actor=Actor.person(house.owner))
    row = shop.upload(shop.sheet(("HAD-1", house.sticker.uid, ""), ("NONE-1", house.sticker.uid, "")))
    drain()
    with tenant(house.psp.pk):
        had, none = BulkImportRow.objects.filter(bulk_import=row).order_by("number")
    assert (had.verdict, none.verdict, none.message) == ("ready", "ready", "")
    assert f"takes the place of “{house.mug}”" in had.message


def test_the_same_link_is_fetched_once_for_many_rows(shop: Shop, drain: Drain) -> None:
    rows = []
    for number in range(30):
        shop.listing(f"CARD-{number:02}")
        rows.append((f"CARD-{number:02}", shop.house.mug.uid, shop.link()))
    row = shop.upload(shop.sheet(*rows))
    drain()
    row = applied(shop, row, drain)
    assert row.counts == {"connected": 30}
    assert len(shop.server.seen) == 1
    with tenant(shop.house.psp.pk):
        assert Artwork.objects.filter(file_name="card.png").count() == 1
        assert Design.objects.filter(name="card").count() == 1


def test_each_row_gets_one_verdict_and_says_what_to_do(shop: Shop, drain: Drain) -> None:
    house = shop.house
    for sku in ("OK-1", "TWICE-1", "NOUID-1", "NODESIGN-1", "BADLINK-1", "PLAIN-1", "FOREIGN-1"):
        shop.listing(sku)
    with tenant(house.psp.pk):
        house.sticker.grants.all().delete()
        type(house.sticker).objects.filter(pk=house.sticker.pk).update(for_all_customers=False)
    row = shop.upload(
        shop.sheet(
            ("OK-1", house.mug.uid.lower(), shop.link()),
            ("TWICE-1", house.mug.uid, shop.link()),
            ("TWICE-1", house.mug.uid, shop.link("other.png")),
            ("NOUID-1", "", shop.link()),
            ("NODESIGN-1", house.mug.uid, ""),
            ("BADLINK-1", house.mug.uid, "http://169.254.169.254/latest/meta-data"),
            ("NEVER-HEARD", house.mug.uid, shop.link()),
            ("PLAIN-1", "", ""),
            ("FOREIGN-1", house.sticker.uid, shop.link()),
            ("", house.mug.uid, shop.link()),
        )
    )
    drain()
    assert shop.verdicts(row) == {
        2: "ready", 3: "ready", 4: "twice", 5: "no_product", 6: "no_design", 7: "bad_link", 8: "no_listing", 9: "blank", 10: "no_product", 11: "no_listing",
    }  # fmt: skip
    messages = shop.messages(row)
    assert "Row 3" in messages[4]
    assert "offered to this customer" in messages[10]
    assert all(message.endswith(".") for number, message in messages.items() if number not in {2, 3, 9})


def test_a_file_that_cannot_be_fetched_or_printed_is_told_row_by_row(shop: Shop, drain: Drain) -> None:
    shop.server.routes["/page"] = Reply(200, b"<!doctype html><title>Drive</title>", {"Content-Type": "image/png"})
    shop.server.routes["/small.png"] = Reply(200, b"\x89PNG\r\n\x1a\nbroken")
    for sku in ("A-1", "B-1", "C-1", "D-1"):
        shop.listing(sku)
    uid = shop.house.mug.uid
    row = shop.upload(
        shop.sheet(
            ("A-1", uid, shop.link("page")), ("B-1", uid, shop.link("missing.png")), ("C-1", uid, shop.link("small.png")), ("D-1", uid, shop.link())
        )
    )
    drain()
    row = applied(shop, row, drain)
    assert shop.verdicts(row) == {2: "bad_file", 3: "bad_file", 4: "bad_file", 5: "connected"}
    messages = shop.messages(row)
    assert "opens a web page" in messages[2] and "no file at this link" in messages[3] and messages[4]


def test_a_server_that_is_away_is_asked_again_before_the_row_is_given_up(shop: Shop, drain: Drain) -> None:
    shop.server.routes["/card.png"] = Reply(503, b"")
    shop.listing("A-1")
    row = shop.upload(shop.sheet(("A-1", shop.house.mug.uid, shop.link())))
    drain()
    row = applied(shop, row, drain)
    assert row.stage == "applying" and row.counts == {"ready": 1}
    shop.server.routes["/card.png"] = Reply(200, png("teal"))
    with tenant(shop.house.psp.pk):
        file = BulkImportFile.objects.get()
        assert "could not answer just now" in file.last_error and file.not_before > file.leased_until if file.leased_until else True
        BulkImportFile.objects.update(not_before="2020-01-01T00:00Z")
    drain()
    assert shop.fresh(row).counts == {"connected": 1}


def test_reading_again_what_was_exported_changes_nothing(shop: Shop, drain: Drain) -> None:
    for sku in ("=1+1", "+49", "-X", "@me", "plain", "with,comma", 'quo"te', "ümläut"):
        shop.listing(sku)
    content = b"".join(exported(store_id=shop.house.store.pk, psp_id=shop.house.psp.pk, narrowed=Narrowing()))
    row = shop.upload(content)
    drain()
    with tenant(shop.house.psp.pk):
        assert set(shop.verdicts(row).values()) <= {"blank", "unchanged"}
        listed = Listing.objects.filter(gone_at=None).count()
    assert len(shop.verdicts(row)) == listed


def test_the_listing_id_of_the_export_finds_products_without_a_sku(shop: Shop, drain: Drain) -> None:
    with tenant(shop.house.psp.pk):
        listing = Listing.objects.create(store=shop.house.store, key="asin:B00X", product_id="B00X", title="No SKU")
    header = ("Listing ID", "ASIN", "Product UID", "Design File URL")
    row = shop.upload(
        shop.sheet((listing.public_id, "", shop.house.mug.uid, shop.link()), ("", "b00x", shop.house.mug.uid, shop.link()), header=header)
    )
    drain()
    assert shop.verdicts(row) == {2: "ready", 3: "twice"}


def excel(*rows: tuple[object, ...]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for one in rows:
        book.worksheets[0].append(list(one))
    book.save(file)
    return file.getvalue()


def test_excels_own_files_are_read(shop: Shop, drain: Drain) -> None:
    shop.listing("12345")
    shop.listing("CARD-1")
    row = shop.upload(
        excel(
            ("design file url", "PRODUCT_UID", "sku", "note"),
            (shop.link(), shop.house.mug.uid, 12345, "x"),
            (shop.link(), shop.house.mug.uid, "CARD-1", None),
        ),
        "products.xlsx",
    )
    drain()
    assert shop.verdicts(row) == {2: "ready", 3: "ready"}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"Name,Price\nx,1\n", "first"),
        (b"SKU,Title\nx,1\n", "lacks the columns"),
        (b"SKU,Product UID,Design File URL\n", "no rows below"),
        (b"PK\x03\x04garbage", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Excel 2003"),
    ],
)
def test_a_file_that_is_none_says_why(shop: Shop, drain: Drain, content: bytes, why: str) -> None:
    if not content:
        with pytest.raises(CannotImport, match=why):
            shop.upload(content)
        return
    row = shop.upload(content)
    drain()
    row = shop.fresh(row)
    assert (row.stage, row.delivery) == ("failed", "parked")
    assert why in row.last_error
    assert not shop.verdicts(row)


def test_the_uploaded_file_is_not_kept(shop: Shop, drain: Drain, django_capture_on_commit_callbacks: Any) -> None:
    row = shop.upload(shop.sheet(("A-1", "X", "")))
    assert default_storage.exists(row.storage_name)
    with django_capture_on_commit_callbacks(execute=True):
        drain()
    assert not default_storage.exists(row.storage_name)
    assert shop.fresh(row).storage_name == ""


def test_one_file_of_a_store_at_a_time(shop: Shop, drain: Drain) -> None:
    shop.upload(shop.sheet(("A-1", "X", "")))
    with pytest.raises(CannotImport, match="Another file of this store is at work"):
        shop.upload(shop.sheet(("A-1", "X", "")))


def test_cancelling_keeps_what_is_connected_and_leaves_the_rest(shop: Shop, drain: Drain) -> None:
    shop.listing("A-1")
    row = shop.upload(shop.sheet(("A-1", shop.house.mug.uid, shop.link())))
    drain()
    with tenant(shop.house.psp.pk):
        cancel_import(import_id=row.pk)
        cancel_import(import_id=row.pk)
    drain()
    assert shop.fresh(row).stage == "cancelled"
    assert shop.verdicts(row) == {2: "cancelled"}
    assert shop.server.seen == []
    with tenant(shop.house.psp.pk), pytest.raises(CannotImport, match="cancelled already"):
        apply_import(import_id=row.pk)


def test_undo_goes_back_to_the_version_before_where_nobody_changed_it_since(shop: Shop, drain: Drain) -> None:
    house = shop.house
    had, none, changed = shop.listing("HAD-1"), shop.listing("NONE-1"), shop.listing("CHANGED-1")
    (order,) = bought(house, amazon_order(orderItems=[item("NONE-1")]))
    with tenant(house.psp.pk):
        map_listing(listing_id=had.pk, customer_product_id=house.mug.pk, design_id=house.design.pk, actor=Actor.person(house.owner), quantity=2)
    row = shop.upload(shop.sheet(*((sku, house.mug.uid, shop.link("other.png")) for sku in ("HAD-1", "NONE-1", "CHANGED-1"))))
    drain()
    row = applied(shop, row, drain)
    assert row.counts == {"connected": 3}
    with tenant(house.psp.pk):
        map_listing(listing_id=changed.pk, customer_product_id=house.mug.pk, design_id=house.design.pk, actor=Actor.person(house.owner))
        undo_import(import_id=row.pk)
    drain()
    row = shop.fresh(row)
    assert (row.stage, row.counts) == ("undone", {"undone": 2, "kept": 1})
    again = active(shop, "HAD-1")
    assert again is not None and (again.design, again.quantity, again.mapping.version) == (house.design, 2, 3)
    assert active(shop, none.sku) is None
    kept = active(shop, "CHANGED-1")
    assert kept is not None and kept.design == house.design
    with tenant(house.psp.pk):
        assert OrderLine.objects.get(order=order).mapping is None
        assert Hold.objects.filter(order=order, kind=HoldKind.UNMAPPED, released_at=None).exists()
        with pytest.raises(CannotImport, match="nothing of this file to undo"):
            undo_import(import_id=row.pk)


def test_the_result_goes_by_mail_as_a_file_with_one_verdict_a_row(shop: Shop, drain: Drain) -> None:
    shop.listing("A-1")
    row = shop.upload(
        shop.sheet(("A-1", shop.house.mug.uid, shop.link()), ("=cmd|' /C calc'!A0", shop.house.mug.uid, shop.link())), "my products.csv"
    )
    drain()
    applied(shop, row, drain)
    with tenant(shop.house.psp.pk):
        mail = Mail.objects.get()
        shop.fresh(row)
    message = message_of(mail)
    assert message.to == ["ada@shop.test"]
    assert "1 row needs you" in message.subject
    (name, content, media_type) = message.attachments[0]
    assert (name, media_type) == ("my_products-result.csv", "text/csv")
    text = content.decode("utf-8-sig") if isinstance(content, bytes) else str(content).removeprefix("\ufeff")
    lines = text.splitlines()
    assert lines[0] == "Row,SKU,Product UID,Design File URL,Result,What to do"
    assert lines[1].startswith("2,A-1,") and "connected" in lines[1]
    assert "'=cmd" in lines[2]


def test_the_result_can_be_corrected_and_uploaded_again(shop: Shop, drain: Drain) -> None:
    shop.listing("A-1")
    row = shop.upload(shop.sheet(("A-1", "WRONG", shop.link())))
    drain()
    fixed = b"".join(result_lines(import_id=row.pk, psp_id=shop.house.psp.pk, only_troubles=True)).replace(b"WRONG", shop.house.mug.uid.encode())
    with tenant(shop.house.psp.pk):
        cancel_import(import_id=row.pk)
    again = shop.upload(fixed)
    drain()
    assert shop.verdicts(again) == {2: "ready"}


def test_a_worker_that_died_while_reading_is_gone_on_behind(shop: Shop, drain: Drain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders.services.bulk.reading.PORTION", 10)
    monkeypatch.setattr("orders.services.bulk.reading.TURN_S", -1.0)  # every turn ends after one portion
    rows = [(f"S-{number}", "", "") for number in range(35)]
    row = shop.upload(shop.sheet(*rows))
    drain()
    assert sorted(shop.verdicts(row)) == list(range(2, 37))
    assert shop.fresh(row).rows_total == 35


def test_the_button_of_the_upload_stands_in_its_panel_below_what_it_sends(shop: Shop) -> None:
    staff = Client(SERVER_NAME="localhost")
    staff.force_login(shop.house.owner, backend="django.contrib.auth.backends.ModelBackend")
    page = staff.get(reverse("orders:bulk", args=[shop.house.store.public_id])).content.decode()
    panel = page.partition("3. Upload")[2].partition("</section>")[0]
    assert 0 < panel.index('type="file"') < panel.index('type="submit"') < panel.index("</form>")
    assert page.count("Connect products using files</span>") == 1
