"""Orders as Amazon tells them (Orders 2026-01-01, the fields of the published model), and taking them in as the workers do."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.timezone import now

from orders.models import IntakeRecord, Order
from orders.services.ledger import record_orders
from orders.services.take_in import Taken, take_in
from pod_hub.core.tenancy import tenant
from stores.channels.types import RawOrder
from tests.factories.cast import GERMANY, House

_numbers = itertools.count(1)


def iso(moment: datetime) -> str:
    """Return a time in Amazon's spelling."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def order_number() -> str:
    """Return a fresh number in Amazon's shape."""
    return f"302-{next(_numbers):07d}-0000001"


def item(sku: str | None = "MUG-11OZ-WHITE", *, number: str | None = None, quantity: int = 1, shipped: int = 0, **extra: Any) -> dict[str, Any]:
    """Return one order item. ``product`` and ``fulfillment`` in ``extra`` are merged in."""
    product = {"asin": "B0DEMOMUG1", "title": "Ceramic mug 11oz, white", "price": {"unitPrice": {"amount": "14.90", "currencyCode": "EUR"}}}
    if sku is not None:
        product["sellerSku"] = sku
    product |= extra.pop("product", {})
    fulfillment = {"quantityFulfilled": shipped, "quantityUnfulfilled": quantity - shipped} | extra.pop("fulfillment", {})
    return {"orderItemId": number or f"4{next(_numbers):013d}", "quantityOrdered": quantity, "product": product, "fulfillment": fulfillment} | extra


def amazon_order(**changes: Any) -> dict[str, Any]:
    """Return an unshipped, merchant-fulfilled order of one mug with buyer and address; top-level keys may be replaced, None removes one.

    ``status``, ``fulfilled_by``, ``updated``, ``placed`` and ``ship_by`` are shorthands.
    """
    placed = changes.pop("placed", now() - timedelta(hours=1))
    updated = changes.pop("updated", placed)
    ship_by = changes.pop("ship_by", placed + timedelta(days=2))
    order: dict[str, Any] = {
        "orderId": order_number(),
        "createdTime": iso(placed),
        "lastUpdatedTime": iso(updated),
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": GERMANY, "marketplaceName": "Amazon.de"},
        "buyer": {"buyerName": "Bea Buyer", "buyerEmail": "bea@marketplace.amazon.de"},
        "recipient": {
            "deliveryAddress": {
                "name": "Bea Buyer",
                "addressLine1": "Lindenstraße 12",
                "city": "Köln",
                "postalCode": "50674",
                "countryCode": "DE",
                "phone": "+49 221 000000",
                "addressType": "RESIDENTIAL",
            }
        },
        "fulfillment": {
            "fulfillmentStatus": changes.pop("status", "UNSHIPPED"),
            "fulfilledBy": changes.pop("fulfilled_by", "MERCHANT"),
            "fulfillmentServiceLevel": "STANDARD",
            "shipByWindow": {"earliestDateTime": iso(placed), "latestDateTime": iso(ship_by)},
            "deliverByWindow": {"earliestDateTime": iso(ship_by), "latestDateTime": iso(ship_by + timedelta(days=3))},
        },
        "proceeds": {"grandTotal": {"amount": "14.90", "currencyCode": "EUR"}},
        "orderItems": [item()],
    }
    order |= changes
    return {key: value for key, value in order.items() if value is not None}


def raw(payload: dict[str, Any]) -> RawOrder:
    """Return a payload as the adapter hands it to the ledger."""
    updated = payload.get("lastUpdatedTime")
    return RawOrder(str(payload.get("orderId", "")), datetime.fromisoformat(updated) if updated else None, payload)


def authorization_of(house: House) -> int:
    """Return the id of the house's authorization."""
    assert house.connection.authorization_id is not None
    return house.connection.authorization_id


def record(house: House, *payloads: dict[str, Any]) -> None:
    """Put payloads into the ledger, as a poll does with a page."""
    with tenant(house.psp.pk):
        record_orders(authorization_id=authorization_of(house), orders=[raw(one) for one in payloads], road=IntakeRecord.Road.POLL)


def take_in_all(house: House) -> Taken:
    """Take in what is pending, as a worker does."""
    taken = take_in(authorization_id=authorization_of(house), psp_id=house.psp.pk)
    assert taken is not None
    return taken


def bought(house: House, *payloads: dict[str, Any]) -> list[Order]:
    """Record and take in payloads (one plain order by default); return the orders of the house, oldest first. Opens its own scopes."""
    record(house, *(payloads or (amazon_order(),)))
    take_in_all(house)
    with tenant(house.psp.pk):
        return list(Order.objects.order_by("pk"))
