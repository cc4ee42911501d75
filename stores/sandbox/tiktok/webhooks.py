"""Webhooks: what is announced, to whom, signed, and repeated until it is answered (tiktok.md §10).

An event goes to the address the shop has for its type, else to the app's. The answer must be 200 within three seconds; otherwise it is repeated
after 2 minutes, 30 minutes, 3 hours and 12 hours, then never. Nothing is ever sent to another machine than this one and the hub's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from stores.sandbox.tiktok import signing
from stores.sandbox.tiktok.seller_records import Delivery
from stores.sandbox.tiktok.world import World

# Event type -> the number that stands in the body.
TYPES = {
    "ORDER_STATUS_CHANGE": 1,
    "RECIPIENT_ADDRESS_UPDATE": 3,
    "PACKAGE_UPDATE": 4,
    "PRODUCT_STATUS_CHANGE": 5,
    "SELLER_DEAUTHORIZATION": 6,
    "UPCOMING_AUTHORIZATION_EXPIRATION": 7,
    "CANCELLATION_STATUS_CHANGE": 11,
    "RETURN_STATUS_CHANGE": 12,
    "PRODUCT_INFORMATION_CHANGE": 15,
    "PRODUCT_CREATION": 16,
    "PRODUCT_CATEGORY_CHANGE": 18,
    "INVOICE_STATUS_CHANGE": 36,
    "PRODUCT_AUDIT_STATUS_CHANGE": 37,
}
REPEATED_AFTER_S = (120, 1800, 10_800, 43_200)
ANSWER_WITHIN_S = 3.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")
UNKNOWN_TYPE = 4711


def announce(world: World, event_type: str, data: Mapping[str, Any], *, shop_id: str, at: float) -> None:
    """Queue a webhook for whoever listens to a shop's events of this type. ``at`` is when the thing happened."""
    own = {row.event_type: row.address for row in world.books.subscriptions(shop_id)}
    address = own.get(event_type) or world.application.webhook_url
    if not address:
        return
    notification_id = str(7_380_066_284_010_000_000 + world.books.next_number("notification") * 977)
    content: dict[str, Any] = {"type": TYPES[event_type], "tts_notification_id": notification_id, "shop_id": shop_id, "timestamp": int(at)}
    if event_type == "RECIPIENT_ADDRESS_UPDATE":
        content.pop("tts_notification_id")  # tiktok.md §10: the official sample of type 3 has none
    body = json.dumps({**content, "data": data}, separators=(",", ":"), ensure_ascii=False)
    delivery = Delivery(notification_id, shop_id, event_type, address, body, _signed(world, body), created=at, due=at)
    if not _is_here(world, address):
        delivery.due, delivery.state = None, "elsewhere"
        world.books.add_delivery(delivery)
        return
    _misbehave(world, delivery)


def _signed(world: World, body: str) -> str:
    application = world.application
    return signing.webhook_signature(app_key=application.app_key, secret=application.app_secret, body=body.encode())


def _is_here(world: World, address: str) -> bool:
    return urlsplit(address).hostname in (*LOOPBACK, urlsplit(world.hub_url).hostname)


def _misbehave(world: World, delivery: Delivery) -> None:
    """Queue a delivery, with what scenarios make of it."""

    def strike(name: str) -> dict[str, Any] | None:
        return world.scenarios.strike(name, operation=delivery.event_type, seller_id=delivery.shop_id)

    late = strike("webhook_late")
    if late is not None:
        delivery.due = delivery.created + world.clock.shortened(float(late["seconds"]))
    if strike("webhook_lost") is not None:
        delivery.due, delivery.state = None, "lost"
    world.books.add_delivery(delivery)
    if strike("webhook_doubled") is not None:
        world.books.add_delivery(delivery)
    if strike("webhook_forged") is not None:
        world.books.add_delivery(_altered(delivery, delivery.body, authorization="0" * 64))
    if strike("webhook_mutated") is not None:
        # Signed before it was changed: one character of the body differs.
        world.books.add_delivery(_altered(delivery, delivery.body.replace('"type":', '"type" :', 1)))
    if strike("webhook_unknown_type") is not None:
        number = f'"type":{TYPES[delivery.event_type]}'
        body = delivery.body.replace(number, f'"type":{UNKNOWN_TYPE}', 1)
        world.books.add_delivery(_altered(delivery, body, authorization=_signed(world, body)))


def _altered(delivery: Delivery, body: str, *, authorization: str | None = None) -> Delivery:
    return Delivery(
        delivery.notification_id,
        delivery.shop_id,
        delivery.event_type,
        delivery.address,
        body,
        delivery.authorization if authorization is None else authorization,
        created=delivery.created,
        due=delivery.created,
    )


def deliver_due(world: World) -> int:
    """Send every webhook whose time has come, and return how many were sent. Repetitions are planned from the answers."""
    # One after the other: two couriers would send the same webhook twice.
    with world.carrying, httpx.Client(timeout=ANSWER_WITHIN_S, trust_env=False, verify=False) as client:  # noqa: S501 - this machine's http only
        due = world.books.due_deliveries(now=world.clock.epoch())
        for delivery in due:
            delivery.status = _send(client, delivery)
            delivery.attempts += 1
            if delivery.status == 200:
                delivery.state, delivery.due = "delivered", None
            elif delivery.attempts <= len(REPEATED_AFTER_S):
                delivery.due = world.clock.epoch() + world.clock.shortened(REPEATED_AFTER_S[delivery.attempts - 1])
            else:
                delivery.state, delivery.due = "given_up", None
            world.books.settle_delivery(delivery)
    return len(due)


def _send(client: httpx.Client, delivery: Delivery) -> int:
    headers = {"Content-Type": "application/json", "Authorization": delivery.authorization}
    try:
        return client.post(delivery.address, content=delivery.body.encode(), headers=headers).status_code
    except httpx.HTTPError:
        return 0
