"""Amazon Custom: what a buyer typed for a personalised product, as an expiring ZIP.

The shape is [M]: `version3.0` → `customizationInfo.surfaces[].areas[]` with `customizationType`, `label`, `text`, `fontFamily`, `fill` (amazon.md §5);
`TextPrinting` as type of a text area follows public parsers of real archives.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any
from xml.sax.saxutils import escape

from stores.sandbox.amazon.records import OrderedItem, PlacedOrder
from stores.sandbox.amazon.world import CUSTOMIZATION_URL_S, World


def path(order: PlacedOrder, item: OrderedItem) -> str:
    """Return where an item's archive lies."""
    return f"/custom/{order.order_id}/{item.order_item_id}.zip"


def link(world: World, base_url: str, order: PlacedOrder, item: OrderedItem) -> str:
    """Return a fresh address of an item's archive; it needs no token and stops working later."""
    return world.signed_link(base_url, path(order, item), seconds=CUSTOMIZATION_URL_S)


def document(order: PlacedOrder, item: OrderedItem) -> dict[str, Any]:
    """Return the JSON of one personalised item: one text area for each line the buyer typed."""
    areas = [
        {
            "customizationType": "TextPrinting",
            "label": f"Line {number}" if "\n" in item.personalisation else "Your text",
            "text": line,
            "fontFamily": "Arial",
            "fill": "#000000",
        }
        for number, line in enumerate(item.personalisation.splitlines(), start=1)
    ]
    return {
        "orderId": order.order_id,
        "orderItemId": item.order_item_id,
        "asin": item.asin,
        "marketplaceId": order.marketplace_id,
        "merchantId": order.seller_id,
        "quantity": item.quantity,
        "title": item.title,
        "version3.0": {"customizationInfo": {"surfaces": [{"name": "Surface 1", "areas": areas}]}},
    }


def archive(order: PlacedOrder, item: OrderedItem) -> bytes:
    """Return the ZIP: `<orderItemId>.json` and a drawing of the text."""
    lines = "".join(
        f'<text x="20" y="{40 + 30 * number}" font-family="Arial" font-size="24">{escape(line)}</text>'
        for number, line in enumerate(item.personalisation.splitlines())
    )
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200">{lines}</svg>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archived:
        archived.writestr(f"{item.order_item_id}.json", json.dumps(document(order, item), ensure_ascii=False))
        archived.writestr(f"{item.order_item_id}.svg", drawing)
    return packed.getvalue()
