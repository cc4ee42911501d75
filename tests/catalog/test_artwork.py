"""Keeping what customers upload (catalog/services/artwork.py) and what is said of it (catalog/services/preflight.py)."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from PIL import Image

from catalog.models import Artwork
from catalog.rendering.confining import Limits
from catalog.services import preflight
from catalog.services.artwork import BadArtwork, keep_artwork
from catalog.services.preflight import WORDS, Verdict, told
from orders.services.mapping import map_listing
from pod_hub.accounts.actors import HUB
from pod_hub.accounts.models import Role, User
from pod_hub.core.tenancy import scope_is_open, tenant
from tests.factories.amazon_orders import bought
from tests.factories.artwork_files import chunk, pdf, picture, png_of, svg
from tests.factories.browsers import browser_of
from tests.factories.cast import House, artwork, person


def kept(house: House, content: bytes, name: str = "art.png") -> Artwork:
    return keep_artwork(customer=house.customer, content=io.BytesIO(content), file_name=name)


def stored_picture(name: str) -> Image.Image:
    with default_storage.open(name) as stored:
        return Image.open(io.BytesIO(stored.read()))


def said(row: Artwork) -> str:
    return " ".join(str(one) for one in told(row.findings, name=row.file_name))


@pytest.mark.parametrize(
    ("name", "content", "content_type", "size"),
    [
        ("photo.jpg", picture(kind="JPEG"), "image/jpeg", (400, 300)),
        ("logo.png", picture(mode="RGBA"), "image/png", (400, 300)),
        ("grey.png", picture(mode="L"), "image/png", (400, 300)),
        ("card.pdf", pdf((144, 72)), "application/pdf", (600, 300)),
        ("drawing.svg", svg(), "image/png", (4000, 3000)),
        ("photo called nothing", picture(kind="JPEG"), "image/jpeg", (400, 300)),
    ],
)
def test_a_file_is_known_by_its_content_and_kept_with_its_pictures(
    house: House, name: str, content: bytes, content_type: str, size: tuple[int, int]
) -> None:
    row = kept(house, content, name)
    assert (row.content_type, (row.width_px, row.height_px), row.file_name) == (content_type, size, name)
    assert row.storage_name.startswith(f"psp-{house.psp.pk}/artwork/{row.sha256[:2]}/{row.sha256}")
    with default_storage.open(row.storage_name) as stored:
        body = stored.read()
    assert row.size_bytes == len(body) and (body == content or name.endswith(".svg"))
    for shown in (row.preview_name, row.screen_name):
        red, green, blue = stored_picture(shown).convert("RGB").getpixel((5, 5))  # type: ignore[misc]  # three bands
        assert (red > green + 60 and red > blue + 60) or "grey" in name


def test_the_same_content_is_one_row_of_a_customer_and_another_of_the_next(house: House) -> None:
    first = kept(house, picture())
    assert kept(house, picture(), "other name.png") == first
    other = house.customer.__class__.objects.create(name="Second")
    second = keep_artwork(customer=other, content=picture(), file_name="mine.png")
    assert second != first and second.file_name == "mine.png"


def test_what_the_storage_lost_is_there_again_after_the_next_upload(house: House) -> None:
    row = kept(house, picture())
    default_storage.delete(row.storage_name)
    assert kept(house, picture()) == row
    with default_storage.open(row.storage_name) as stored:
        assert stored.read() == picture()


def test_a_camera_picture_stands_upright(house: House) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    row = kept(house, picture((400, 300), kind="JPEG", exif=exif))
    assert (row.width_px, row.height_px) == (300, 400)
    assert stored_picture(row.screen_name).size == (300, 400)
    assert "turned upright" in said(row) and not row.prints_as_is


def test_cmyk_and_sixteen_bits_are_taken_and_said(house: House) -> None:
    cmyk = kept(house, picture(mode="CMYK", kind="JPEG"))
    assert (cmyk.colour_mode, stored_picture(cmyk.screen_name).mode) == ("cmyk", "RGB")
    assert "is in CMYK" in said(cmyk)
    deep = kept(house, png_of(40, 30, bits=16))
    assert "16 bits" in said(deep) and stored_picture(deep.screen_name).getpixel((0, 0)) == (0, 0, 0)


def test_transparency_is_what_is_seen_through_not_what_could_be(house: House) -> None:
    assert kept(house, picture(mode="RGBA")).has_transparency
    assert not kept(house, picture(mode="RGBA", colour=(1, 2, 3, 255))).has_transparency


def test_a_pdf_of_several_pages_prints_its_first_and_names_missing_fonts(house: House) -> None:
    row = kept(house, pdf(pages=3), "three.pdf")
    assert "has 3 pages" in said(row) and not row.prints_as_is
    assert kept(house, pdf()).prints_as_is
    from reportlab.pdfgen import canvas

    sheet = io.BytesIO()
    page = canvas.Canvas(sheet, pagesize=(300, 200))
    page.drawString(20, 20, "Hello")
    page.save()
    assert "Helvetica" in said(kept(house, sheet.getvalue()))


def test_data_behind_a_picture_is_said_and_never_sent_to_a_machine(house: House) -> None:
    row = kept(house, picture() + b"PK\x03\x04 and a whole archive")
    assert "other data behind the picture" in said(row) and not row.prints_as_is


@pytest.mark.parametrize(
    ("content", "why", "remedy"),
    [
        (b"", "is empty", "Export it again"),
        (b"<!DOCTYPE html><title>Shared file</title>", "is a web page", "the link that downloads it"),
        (b"GIF89a....", "is a GIF file", "PNG, JPEG or PDF"),
        (b"II*\0....", "is a TIFF file", "PNG, JPEG or PDF"),
        (b"just words", "not a readable PNG, JPEG or PDF", "Export"),
        (picture()[:-40], "ends in the middle", "Upload it again"),
        (picture(kind="JPEG")[:-200], "ends in the middle", "Upload it again"),
        (png_of(40, 30, pixels=b"no pixels"), "is damaged", "Export it again"),
        (png_of(70_000, 2, pixels=b""), "at most 200 megapixels", "Scale it down"),
        (png_of(20_000, 20_000, pixels=b""), "20000 × 20000", "Scale it down"),
        (png_of(9_000, 9_000, interlaced=1, pixels=b""), "is interlaced", "without “interlaced”"),
        (png_of(40, 30, before=chunk(b"acTL", b"\0\0\0\7\0\0\0\0")), "moves", "one frame"),
        (pdf(AA=1)[:60], "is damaged", "Export it again"),
        (svg("<script>alert(1)</script>"), "something that acts (script)", "plain SVG"),
        (svg('<text x="1" y="9">Hi</text>'), "has text", "Convert texts to outlines"),
        (svg('<image href="https://example.com/a.png" width="9" height="9"/>'), "needs other files", "Embed its pictures"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_reason_and_remedy(house: House, content: bytes, why: str, remedy: str) -> None:
    before = Artwork.objects.count()
    with pytest.raises(BadArtwork) as refused:
        kept(house, content, "thing")
    found = refused.value.finding
    assert why in found.sentence and "thing" in found.sentence and remedy in found.remedy and found.verdict == Verdict.REFUSED
    assert Artwork.objects.count() == before


def test_a_file_larger_than_the_limit_is_refused_while_it_arrives(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "MOST_BYTES", 1000)
    with pytest.raises(BadArtwork, match="larger than 200 MB"):
        kept(house, b"x" * 5000)


def test_a_file_that_takes_too_much_is_refused_and_the_next_one_is_not(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "LOOKING", Limits(memory_mb=512, cpu_s=1, wall_s=0.02))
    with pytest.raises(BadArtwork, match="too long or too much memory"):
        kept(house, picture((6000, 6000), kind="JPEG"))
    monkeypatch.setattr(preflight, "LOOKING", Limits(memory_mb=140, cpu_s=10, wall_s=20))
    with pytest.raises(BadArtwork, match="too long or too much memory"):
        kept(house, picture((6000, 6000), kind="JPEG", progressive=True))
    monkeypatch.undo()
    assert kept(house, picture()).width_px == 400


def test_a_path_is_kept_like_an_upload_and_stays_where_it_is(house: House, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(picture())
    assert keep_artwork(customer=house.customer, content=path, file_name="a.png").size_bytes == path.stat().st_size


def test_every_reason_has_words_that_can_be_said() -> None:
    names = re.findall(r"%\((\w+)\)", " ".join(f"{sentence} {remedy}" for _verdict, sentence, remedy in WORDS.values()))
    values = dict.fromkeys(names, "x")
    for code, (verdict, _sentence, _remedy) in WORDS.items():
        found = told([{"code": code, "values": values}])[0]
        assert found.sentence and "%(" not in str(found)
        assert found.remedy or verdict == Verdict.OK


@pytest.mark.parametrize("place", ["catalog", "portal", "listing", "line"])
def test_no_transaction_is_open_while_an_upload_is_looked_at(north: House, place: str) -> None:
    """Looking at a large file takes seconds, and a request's scope is a transaction."""
    merchant = person(north.psp, "Mia", Role.MERCHANT, north.customer)
    with tenant(north.psp.pk):
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=north.design.pk, actor=HUB)
    (order,) = bought(north)
    with tenant(north.psp.pk):
        line = order.lines.get()
    places: dict[str, tuple[User, str, str, dict[str, Any]]] = {
        "catalog": (
            north.owner,
            reverse("catalog:add_design", args=[north.mug.product_model.public_id]),
            "file",
            {"customer": north.customer.pk, "name": "New"},
        ),
        "portal": (merchant, reverse("portal:add_design", args=[north.mug.public_id]), "file", {"name": "New"}),
        "listing": (
            north.owner,
            reverse("orders:map_listing", args=[north.listing.public_id]) + f"?product={north.mug.public_id}",
            "upload",
            {"quantity": 1},
        ),
        "line": (north.owner, reverse("orders:edit_artwork", args=[line.public_id]), "upload", {}),
    }
    user, address, name, more = places[place]
    browser = browser_of(user)
    looked: list[tuple[int, bool]] = []
    outermost = len(connection.savepoint_ids)

    def look(file: preflight.Arrived) -> preflight.CheckedFile:
        looked.append((len(connection.savepoint_ids) - outermost, scope_is_open()))
        return real(file)

    real = preflight.looked_at
    upload = SimpleUploadedFile("new.png", artwork(colour="navy"), "image/png")
    with mock.patch("catalog.services.artwork.looked_at", look), mock.patch("catalog.services.print_files.looked_at", look):
        assert browser.post(address, more | {name: upload}).status_code == 302
    assert looked == [(0, False)]
