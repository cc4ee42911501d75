"""A store with listings, a server with design files, and a drain that works like the workers."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.core.files.base import ContentFile
from pytest_django import Settings

from catalog.tasks import render
from orders.bulk_models import BulkImport, BulkImportRow
from orders.services.bulk.starting import start_import
from orders.tasks import bulk_imports, fetch_linked_files
from pod_hub.core.csv_files import csv_bytes
from pod_hub.core.tenancy import tenant
from stores.models import Listing
from tests.channels.tiny_server import Reply, TinyServer
from tests.factories.cast import House, artwork

HEADER = ("SKU", "Product UID", "Design File URL")


@dataclass
class Shop:
    """Northprint's store with design files to link to."""

    house: House
    server: TinyServer

    def link(self, name: str = "card.png") -> str:
        return f"{self.server.url}/{name}"

    def listing(self, sku: str, **fields: object) -> Listing:
        with tenant(self.house.psp.pk):
            return Listing.objects.create(store=self.house.store, key=sku, sku=sku, title=f"Title of {sku}", **fields)

    def upload(self, content: bytes, name: str = "products.csv") -> BulkImport:
        with tenant(self.house.psp.pk):
            return start_import(store=self.house.store, file=ContentFile(content), file_name=name, email="ada@shop.test", by=self.house.owner)

    def sheet(self, *rows: tuple[object, ...], header: tuple[str, ...] = HEADER) -> bytes:
        return csv_bytes(header, rows)

    def verdicts(self, row: BulkImport) -> dict[int, str]:
        with tenant(self.house.psp.pk):
            return dict(BulkImportRow.objects.filter(bulk_import=row).values_list("number", "verdict"))

    def messages(self, row: BulkImport) -> dict[int, str]:
        with tenant(self.house.psp.pk):
            return dict(BulkImportRow.objects.filter(bulk_import=row).values_list("number", "message"))

    def fresh(self, row: BulkImport) -> BulkImport:
        with tenant(self.house.psp.pk):
            return BulkImport.objects.get(pk=row.pk)


@pytest.fixture
def server(settings: Settings) -> Iterator[TinyServer]:
    made = TinyServer()
    made.routes["/card.png"] = Reply(200, artwork(colour="olive"), {"Content-Type": "image/png"})
    made.routes["/other.png"] = Reply(200, artwork(colour="plum"), {"Content-Type": "image/png"})
    settings.TYPED_ADDRESSES_ALSO = [made.url.removeprefix("http://")]
    yield made
    made.close()


@pytest.fixture
def shop(north: House, server: TinyServer) -> Shop:
    return Shop(north, server)


@pytest.fixture
def drain() -> Callable[[], None]:
    """Run the real tasks until nothing is due."""

    def run() -> None:
        while bulk_imports() + fetch_linked_files() + render():
            pass

    return run


def png(colour: str) -> bytes:
    return artwork(colour=colour)


def as_file(content: bytes) -> io.BytesIO:
    return io.BytesIO(content)
