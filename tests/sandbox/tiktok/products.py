"""A good product and a good picture, for tests that spoil one thing."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from tests.sandbox.tiktok.conftest import Caller

PRODUCTS = "/product/202309/products"
UPLOAD = "/product/202309/images/upload"


def png(width: int = 600, height: int = 600, *, kind: str = "PNG") -> bytes:
    packed = io.BytesIO()
    Image.new("RGB", (width, height), "#d5103f").save(packed, kind)
    return packed.getvalue()


def multipart(content: bytes, **fields: str) -> tuple[bytes, str]:
    """Return a multipart body and its content type."""
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
    parts.append(b'--b\r\nContent-Disposition: form-data; name="data"; filename="art.png"\r\nContent-Type: image/png\r\n\r\n' + content + b"\r\n")
    return b"".join(parts) + b"--b--\r\n", "multipart/form-data; boundary=b"


def uploaded(caller: Caller, content: bytes | None = None, **fields: str) -> dict[str, Any]:
    body, kind = multipart(png() if content is None else content, **fields)
    answer = caller.send("POST", UPLOAD, content=body, content_type=kind, cipher=None)
    assert answer.json()["code"] == 0, answer.text
    return dict(answer.json()["data"])


def sku(caller: Caller, seller_sku: str = "NEW-MUG", **changed: Any) -> dict[str, Any]:
    row = {
        "seller_sku": seller_sku,
        "price": {"amount": "14.50", "currency": "USD"},
        "inventory": [{"warehouse_id": caller.shop.warehouses[0].warehouse_id, "quantity": 20}],
        **changed,
    }
    return {name: value for name, value in row.items() if value is not ...}


def mug(caller: Caller, **changed: Any) -> dict[str, Any]:
    """Return a body that creates a mug; ``...`` leaves a field out."""
    body = {
        "save_mode": "LISTING",
        "title": "Mug “Night train”",
        "description": "<p>Eleven ounces of ceramic.</p>",
        "category_id": "600031",
        "category_version": "v2",
        "main_images": [{"uri": uploaded(caller)["uri"]}],
        "package_weight": {"value": "0.9", "unit": "POUND"},
        "package_dimensions": {"length": "6", "width": "6", "height": "5", "unit": "INCH"},
        "product_attributes": [{"id": "100157", "values": [{"id": "1001571"}]}],
        "skus": [sku(caller)],
        **changed,
    }
    return {name: value for name, value in body.items() if value is not ...}
