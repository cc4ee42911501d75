"""A real S3 server on this machine (moto), a customer's storage in it, and orders that wait for approval."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer
from pytest_django import Settings

from catalog.tasks import render
from orders.models import FileSource, FoundFile, Order
from orders.services.remote.setting_up import Settings as Entered
from orders.services.remote.setting_up import save_source
from orders.tasks import attach_files, scan_storages
from pod_hub.accounts.models import Customer
from pod_hub.core.tenancy import tenant
from stores.models import Connection
from tests.factories.amazon_orders import amazon_order, bought, item
from tests.factories.cast import House, artwork

BUCKET = "ada-print-files"


@dataclass
class Bucket:
    """One bucket of the server, with a client of its own that knows nothing of the hub."""

    endpoint: str
    client: Any
    name: str = BUCKET

    def put(self, name: str, content: bytes | None = None) -> None:
        self.client.put_object(Bucket=self.name, Key=name, Body=artwork() if content is None else content)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server: str, settings: Settings) -> Iterator[Bucket]:
    settings.TYPED_ADDRESSES_ALSO = [s3_server.removeprefix("http://")]
    client = boto3.client(
        "s3", endpoint_url=s3_server, aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret", region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}),
    )  # fmt: skip
    client.create_bucket(Bucket=BUCKET)
    yield Bucket(s3_server, client)
    for found in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
        for one in found.get("Contents", []):
            client.delete_object(Bucket=BUCKET, Key=one["Key"])
    client.delete_bucket(Bucket=BUCKET)


@dataclass
class Desk:
    """Northprint's customer with a storage and a store whose orders wait for approval."""

    house: House
    bucket: Bucket
    source: FileSource

    def order(self, *skus: str, quantity: int = 1) -> Order:
        *_earlier, order = bought(self.house, amazon_order(orderItems=[item(sku, quantity=quantity) for sku in skus or ("MUG-11OZ-WHITE",)]))
        return order

    def files(self) -> dict[str, tuple[str, str]]:
        with tenant(self.house.psp.pk):
            return {file.name: (file.state, file.message) for file in FoundFile.objects.all()}

    def states(self) -> dict[str, str]:
        return {name: state for name, (state, _message) in self.files().items()}

    def scan(self) -> None:
        """An hour later: the storage is due, and the workers do what is due."""
        with tenant(self.house.psp.pk):
            FileSource.objects.update(next_scan_at="2020-01-01T00:00Z")
        while scan_storages() + attach_files() + render():
            with tenant(self.house.psp.pk):
                FoundFile.objects.filter(state="preparing").update(not_before="2020-01-01T00:00Z")

    def waits(self, order: Order) -> bool:
        with tenant(self.house.psp.pk):
            return order.holds.filter(kind="approval", released_at=None).exists()


def entered(place: Bucket, /, **changes: Any) -> Entered:
    given = {
        "name": "Print files", "store": None, "kind": "s3", "endpoint": place.endpoint, "region": "us-east-1", "bucket": place.name, "prefix": "",
        "pattern": "{order_number}_{order_item_number}.{ext}", "is_public": False, "key_id": "AKIDEXAMPLE", "secret": "canary-secret",
    }  # fmt: skip
    return Entered(**(given | changes))


@pytest.fixture
def desk(north: House, bucket: Bucket) -> Desk:
    from orders.services.mapping import map_listing
    from pod_hub.accounts.actors import Actor

    with tenant(north.psp.pk):
        Customer.objects.filter(pk=north.customer.pk).update(remote_files_enabled=True)
        north.customer.refresh_from_db()
        Connection.objects.update(approval="manual")
        # The mug is printed with a file of its own for each order: its listing has no design.
        map_listing(listing_id=north.listing.pk, customer_product_id=north.mug.pk, design_id=None, actor=Actor.person(north.owner))
        source = save_source(customer=north.customer, settings=entered(bucket))
    return Desk(north, bucket, source)
