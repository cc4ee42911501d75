"""The content of personalised units. TikTok hands out a JSON document as text and publishes no shape for it: it is kept and shown as it came."""

from __future__ import annotations

from collections.abc import Mapping

from stores.channels.errors import NotFound, TryLater, Unreadable
from stores.channels.tiktok import client, operations
from stores.channels.tiktok.mapper import PodAddress
from stores.channels.types import Account, PersonalText

LARGEST_CHARS = 200_000


def fetch(account: Account, address: str) -> bytes:
    """Return what the buyer chose for one unit; ``NotFound`` while TikTok has nothing for it."""
    try:
        at = PodAddress.read(address)
    except Unreadable as error:
        raise NotFound(f"The personalisation cannot be asked for: {error}.", code="PersonalisationAddress") from None
    line = {"order_line_id": at.line, "product_id": at.product, "sku_id": at.sku, "pod_order_data_id": at.pod}
    answer = client.call(account, operations.POD_DETAILS, shop=at.shop, body={"main_order_id": at.order, "query_order_lines": [line]})
    found = answer.data.get("pod_details")
    for one in found if isinstance(found, list) else []:
        if isinstance(one, Mapping) and one.get("order_line_id") in {at.line, None} and isinstance(one.get("pod_info_json"), str):
            return str(one["pod_info_json"]).encode()
    raise TryLater("TikTok Shop does not give out the buyer's personalisation yet. The hub tries again by itself.", request_id=answer.request_id)


def read(content: bytes) -> tuple[PersonalText, ...]:
    """Return the content as one text, unread."""
    text = content.decode("utf-8", errors="replace").replace("\0", "")
    if not text.strip():
        raise Unreadable("it is empty")
    if len(text) > LARGEST_CHARS:
        raise Unreadable("it is larger than the hub keeps")
    return (PersonalText("As TikTok Shop sent it", text),)
