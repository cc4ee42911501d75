"""Event API: where a shop's events go."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from stores.sandbox.tiktok.answers import Refusal
from stores.sandbox.tiktok.operations import Call, Operation
from stores.sandbox.tiktok.webhooks import TYPES

PATH = "/event/202309/webhooks"
SCOPES = ("seller.authorization.info",)
DOMAIN = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
LONGEST_ADDRESS = 255


def shop_webhooks(call: Call) -> dict[str, Any]:
    """Answer ``getShopWebhooks``."""
    rows = call.world.books.subscriptions(call.shop.shop_id)
    webhooks = [
        {"event_type": row.event_type, "address": row.address, "create_time": int(row.created), "update_time": int(row.updated)} for row in rows
    ]
    return {"webhooks": webhooks, "total_count": len(webhooks)}


def update_webhook(call: Call) -> dict[str, Any]:
    """Answer ``updateShopWebhook``."""
    address = call.body["address"]
    # tiktok.md §10: https, a domain name, no IP, no port. The hub on this machine has none of these and is let through all the same.
    split = urlsplit(address)
    public = split.scheme == "https" and DOMAIN.fullmatch(split.netloc) is not None
    if len(address) > LONGEST_ADDRESS or not (public or f"{split.scheme}://{split.netloc}" == call.world.hub_url):
        raise Refusal(36009004, "Invalid parameter: address must be an https address with a domain name and without a port.")
    call.world.books.keep_subscription(call.shop.shop_id, _event_type(call), address, at=call.now)
    return {}


def delete_webhook(call: Call) -> dict[str, Any]:
    """Answer ``deleteShopWebhook``; deleting what is not there is no error [L]."""
    call.world.books.drop_subscription(call.shop.shop_id, _event_type(call))
    return {}


def _event_type(call: Call) -> str:
    event_type = str(call.body["event_type"])
    if event_type not in TYPES:
        raise Refusal(36009004, f"Invalid parameter: there is no event_type {event_type}.")
    return event_type


OPERATIONS = (
    Operation("getShopWebhooks", "GET", PATH, shop_webhooks, scopes=SCOPES),
    Operation("updateShopWebhook", "PUT", PATH, update_webhook, scopes=SCOPES, body="address! event_type!"),
    Operation("deleteShopWebhook", "DELETE", PATH, delete_webhook, scopes=SCOPES, body="event_type!"),
)
