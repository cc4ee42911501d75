"""What a buyer typed for a personalised unit, as a JSON document inside a string (supplement, [M]).

The inner shape is not published. Ours is plausible and nothing more: whoever parses it has understood the imitation, not TikTok.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from stores.sandbox.tiktok.answers import Refusal
from stores.sandbox.tiktok.operations import Call, Operation
from stores.sandbox.tiktok.records import Line

BODY = "main_order_id! query_order_lines![{order_line_id! product_id! sku_id! pod_order_data_id!}]"


def document(line: Line) -> str:
    """Return the document of one unit."""
    areas = [{"external_area_id": f"text-{number}", "text": text} for number, text in enumerate(line.personalisation.splitlines(), start=1)]
    return json.dumps({"template_name": line.product_name, "surfaces": [{"external_surface_id": "front", "areas": areas}]}, ensure_ascii=False)


def _asked(call: Call) -> Iterator[Line]:
    order = call.world.books.order(call.body["main_order_id"])
    if order is None or order.shop_id != call.shop.shop_id:
        raise call.invalid("main_order_id is not an order of this shop")
    for row in call.body["query_order_lines"]:
        line = order.line(row["order_line_id"])
        if line is None or (line.product_id, line.sku_id, line.pod_info_id) != (row["product_id"], row["sku_id"], row["pod_order_data_id"]):
            raise call.invalid(f"{row['order_line_id']} is no personalised line of this order")
        yield line


def get_details(call: Call) -> dict[str, Any]:
    """Answer ``getPodCustomizationDetails`` of the fulfilment module."""
    if call.strike("personalisation_missing") is not None:
        raise Refusal(36009003)
    return {"pod_details": [{"order_line_id": line.line_id, "pod_info_json": document(line)} for line in _asked(call)], "status_code": 0}


def search_details(call: Call) -> dict[str, Any]:
    """Answer ``searchPodCustomizationDetails`` of the order module."""
    return {"pod_details": [{"order_line_id": line.line_id, "pod_detail": document(line)} for line in _asked(call)], "status_code": 0}


OPERATIONS = (
    Operation(
        "getPodCustomizationDetails",
        "POST",
        "/fulfillment/202606/pod_details/get",
        get_details,
        scopes=("seller.fulfillment.basic",),
        body=BODY,
        invalid_code=36009004,
    ),
    Operation(
        "searchPodCustomizationDetails",
        "POST",
        "/order/202606/pod_details/search",
        search_details,
        scopes=("seller.order.info",),
        body=BODY,
        invalid_code=36009004,
    ),
)
