"""Logos of trading names and names of print files (pod_hub/accounts/views/paper.py)."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image, PngImagePlugin

from pod_hub.accounts.models import Psp, TradingName
from pod_hub.core.tenancy import tenant
from tests.factories.browsers import browser_of
from tests.factories.cast import House, artwork

pytestmark = pytest.mark.django_db


@pytest.fixture
def nora(north: House) -> Client:
    return browser_of(north.owner)


def edit(house: House) -> str:
    return reverse("accounts:edit_trading_name", args=[house.trading_name.public_id])


def upload(client: Client, house: House, content: bytes, name: str = "logo.png") -> str:
    return client.post(edit(house), {"name": "Ada Trading", "logo": SimpleUploadedFile(name, content, "image/png")}, follow=True).content.decode()


def logo_of(house: House) -> str:
    with tenant(house.psp.pk):
        return TradingName.objects.get(pk=house.trading_name.pk).logo_name


def photo(kind: str, **options: object) -> bytes:
    sheet = io.BytesIO()
    Image.new("RGB", (400, 200), "crimson").save(sheet, kind, **options)
    return sheet.getvalue()


def test_a_logo_is_encoded_again_without_what_it_carried(north: House, nora: Client) -> None:
    carried = PngImagePlugin.PngInfo()
    carried.add_text("Comment", "<?php evil ?>")
    assert "was changed" in upload(nora, north, photo("PNG", pnginfo=carried) + b"<script>tail</script>")
    stored = (Path(settings.MEDIA_ROOT) / logo_of(north)).read_bytes()
    assert b"evil" not in stored and b"script" not in stored
    with Image.open(io.BytesIO(stored)) as picture:
        assert (picture.format, picture.size, picture.info) == ("PNG", (400, 200), {})
    served = nora.get(reverse("accounts:logo", args=[north.trading_name.public_id]))
    assert served["Content-Type"] == "image/png" and served.content == stored
    assert (
        reverse("accounts:logo", args=[north.trading_name.public_id])
        in nora.get(reverse("accounts:customer", args=[north.customer.public_id])).content.decode()
    )


def test_a_jpeg_is_turned_upright_and_a_large_picture_is_scaled(north: House, nora: Client) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    upload(nora, north, photo("JPEG", exif=exif), "logo.jpg")
    with Image.open(Path(settings.MEDIA_ROOT) / logo_of(north)) as picture:
        assert picture.size == (200, 400)
    upload(nora, north, artwork(3000, 1000))
    with Image.open(Path(settings.MEDIA_ROOT) / logo_of(north)) as picture:
        assert picture.size == (1200, 400)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "not a readable PNG or JPEG"),
        (photo("GIF"), "not a readable PNG or JPEG"),
        (photo("PNG")[:200], "not a readable PNG or JPEG"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 1_000_001, "larger than 1 MB"),
        (artwork(5000, 4000), "more than 16 megapixels"),
    ],
)
def test_what_is_no_small_picture_is_refused_and_the_earlier_logo_stays(north: House, nora: Client, content: bytes, why: str) -> None:
    upload(nora, north, photo("PNG"))
    before = logo_of(north)
    assert why in upload(nora, north, content)
    assert logo_of(north) == before


def test_a_logo_can_be_taken_away_and_a_name_changed(north: House, nora: Client) -> None:
    upload(nora, north, photo("PNG"))
    nora.post(edit(north), {"name": "Ada & Co", "remove_logo": "on"})
    with tenant(north.psp.pk):
        row = TradingName.objects.get(pk=north.trading_name.pk)
    assert (row.name, row.logo_name) == ("Ada & Co", "")
    assert nora.get(reverse("accounts:logo", args=[row.public_id])).status_code == 404


def test_only_managers_change_and_only_the_same_tenant_sees(north: House, south: House, nora: Client) -> None:
    upload(nora, north, photo("PNG"))
    ben, mallory = browser_of(north.worker), browser_of(south.owner)
    for page in (edit(north), reverse("accounts:file_names"), reverse("accounts:preview_file_name")):
        assert ben.get(page).status_code == 403
    assert ben.get(reverse("accounts:logo", args=[north.trading_name.public_id])).status_code == 200
    assert mallory.get(edit(north)).status_code == mallory.get(reverse("accounts:logo", args=[north.trading_name.public_id])).status_code == 404


def test_a_pattern_is_previewed_refused_in_words_and_saved(north: House, nora: Client) -> None:
    page = reverse("accounts:file_names")
    assert "302-1234567-7654321_1.png" in nora.get(page).content.decode()
    typed = {"print_file_pattern": "{customer}/{sku}_{quantity}.{ext}"}
    assert "Ada_Sohne/MUG-11OZ-WHITE_2.png" in nora.get(reverse("accounts:preview_file_name"), typed).content.decode()
    assert "{buyer} is not a field" in nora.get(reverse("accounts:preview_file_name"), {"print_file_pattern": "{buyer}.{ext}"}).content.decode()
    assert "Ada_Sohne/MUG" in nora.post(page, typed | {"preview": "1"}).content.decode()
    assert Psp.objects.get(pk=north.psp.pk).print_file_pattern == "{order_number}_{line}.{ext}"
    refused = nora.post(page, {"print_file_pattern": "../{order_number}.{ext}"})
    assert refused.status_code == 422 and "would have no name" in refused.content.decode()
    assert "are named like “Ada_Sohne/MUG-11OZ-WHITE_2.png”" in nora.post(page, typed, follow=True).content.decode()
    assert "{customer}/{sku}_{quantity}.{ext}" in nora.get(reverse("accounts:settings")).content.decode()
