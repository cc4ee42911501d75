"""The demo's remote file storage: Southern Prints keeps its print files in a bucket of the S3 server, and its orders wait for them.

The S3 server forgets everything when it ends, so buckets and files are put there at every start; the same content under the same name is no news
to the hub.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import boto3
import httpx
from botocore.config import Config
from django.conf import settings

from orders.models import FileSource
from orders.remote_models import STANDARD_PATTERN
from orders.services.remote.setting_up import Settings, save_source
from pod_hub.accounts.models import Customer
from pod_hub.core.tenancy import tenant
from pod_hub.devstack.artwork import mug_wrap

PRINT_FILES, DESIGNS = "southern-print-files", "demo-designs"
KEY_ID, SECRET = "AKIADEMOSOUTHERN0001", "demo-secret-key"
SELLER, MUG = "A3XDEMOSOUTH01", "US-MUG-15OZ"


def server() -> str:
    """Return the address of the demo's S3 server; empty where none is started."""
    return f"http://{settings.TYPED_ADDRESSES_ALSO[0]}" if settings.TYPED_ADDRESSES_ALSO else ""


def connect_storage(customer: Customer) -> None:
    """Give a customer a storage that is looked through from now on."""
    if FileSource.objects.filter(customer=customer, removed_at=None).exists():
        return
    place = Settings(
        name="Print files",
        store=None,
        kind="s3",
        endpoint=server(),
        region="us-east-1",
        bucket=PRINT_FILES,
        prefix="prints/",
        pattern=STANDARD_PATTERN,
        is_public=False,
        key_id=KEY_ID,
        secret=SECRET,
    )
    save_source(customer=customer, settings=place)


def place_orders() -> None:
    """Have buyers order at the imitation Amazon: one mug; two different ones; one that gets no file."""
    wishes: Sequence[dict[str, Any]] = (
        {"items": [{"sku": MUG}], "buyer_name": "Ruth One"},
        {"items": [{"sku": MUG, "quantity": 2}, {"sku": MUG}], "buyer_name": "Theo Two"},
        {"items": [{"sku": MUG}], "buyer_name": "Nell None"},
    )
    for wish in wishes:
        httpx.post(f"{settings.AMAZON_SANDBOX_URL}/_control/orders", json={"seller_id": SELLER, **wish}, timeout=10).raise_for_status()


def put_files(psp_id: int) -> None:
    """Put the files there: for the first order, for one of two items of the second, one for an order nobody knows, and one that is named otherwise.

    The endpoint follows the port, which may be another one at each start.
    """
    if not server() or not settings.AMAZON_SANDBOX_URL:
        return
    with tenant(psp_id):
        FileSource.objects.filter(bucket=PRINT_FILES).exclude(endpoint=server()).update(endpoint=server())
    config = Config(s3={"addressing_style": "path"})
    client = boto3.client("s3", endpoint_url=server(), aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET, region_name="us-east-1", config=config)
    for bucket in (PRINT_FILES, DESIGNS):
        client.create_bucket(Bucket=bucket)
    told = httpx.get(f"{settings.AMAZON_SANDBOX_URL}/_control/orders", params={"seller_id": SELLER}, timeout=10)
    numbers = sorted((order["created"], order["order_id"]) for order in told.json()["orders"])[:3]
    content = mug_wrap()
    names = [f"prints/{number}_1.png" for _created, number in numbers[:2]]
    for name in (*names, "prints/111-0000000-0000000_1.png", "prints/summer sale.png"):
        client.put_object(Bucket=PRINT_FILES, Key=name, Body=content, ContentType="image/png")
    # What rows of "Connect products using files" can link to.
    client.put_object(Bucket=DESIGNS, Key="sunset-mug.png", Body=content, ContentType="image/png", ACL="public-read")
