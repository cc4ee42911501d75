"""Amazon's JSON in our words: pure functions, nothing asked again.

Their vocabulary ends here. A value that is not in the tables raises ``Unreadable``: it is news, not a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from stores.channels.amazon import schemas
from stores.channels.amazon.marketplaces import iso_country
from stores.channels.errors import Unreadable
from stores.channels.shapes import conform
from stores.channels.types import (
    Address,
    Amount,
    Buyer,
    CancelRequest,
    ChannelState,
    FulfilledBy,
    IncomingLine,
    IncomingListing,
    IncomingOrder,
    RawOrder,
    SeenPackage,
)

_STATES = {
    "PENDING_AVAILABILITY": ChannelState.PENDING,  # a pre-order, not yet payable
    "PENDING": ChannelState.PENDING,
    "UNSHIPPED": ChannelState.UNSHIPPED,
    "PARTIALLY_SHIPPED": ChannelState.PARTIALLY_SHIPPED,
    "SHIPPED": ChannelState.SHIPPED,
    "CANCELLED": ChannelState.CANCELLED,
    "UNFULFILLABLE": ChannelState.UNFULFILLABLE,
}
_FULFILLED_BY = {"MERCHANT": FulfilledBy.MERCHANT, "AMAZON": FulfilledBy.CHANNEL}
_REPLACES = {"REPLACEMENT_ORIGINAL_ID", "EXCHANGE_ORIGINAL_ID"}


def read_order(payload: Mapping[str, Any]) -> IncomingOrder:
    """Interpret one order of searchOrders or getOrder; raises ``Unreadable`` naming field and value, never buyer data."""
    order = conform(payload, schemas.Order, "order")
    if "fulfillment" not in order:
        raise Unreadable("order.fulfillment is missing, so its status is unknown")
    fulfillment = order["fulfillment"]
    status = fulfillment["fulfillmentStatus"]
    if status not in _STATES:
        raise Unreadable(f"order.fulfillment.fulfillmentStatus is {status!r}, which is not known")
    ship_by = fulfillment.get("shipByWindow", {})
    deliver_by = fulfillment.get("deliverByWindow", {})
    return IncomingOrder(
        external_id=_id(order["orderId"], "order.orderId"),
        revision=moment(order["lastUpdatedTime"], "order.lastUpdatedTime"),
        placed_at=moment(order["createdTime"], "order.createdTime"),
        marketplace=order["salesChannel"].get("marketplaceId", ""),
        state=_STATES[status],
        channel_status=status,
        fulfilled_by=_fulfilled_by(fulfillment),
        ship_by=_moment_or_none(ship_by.get("latestDateTime"), "order.fulfillment.shipByWindow.latestDateTime"),
        ship_from=_moment_or_none(ship_by.get("earliestDateTime"), "order.fulfillment.shipByWindow.earliestDateTime"),
        deliver_by=_moment_or_none(deliver_by.get("latestDateTime"), "order.fulfillment.deliverByWindow.latestDateTime"),
        service_level=fulfillment.get("fulfillmentServiceLevel", ""),
        programs=tuple(order.get("programs", ())),
        total=_amount_or_none(order.get("proceeds", {}).get("grandTotal"), "order.proceeds.grandTotal"),
        buyer=Buyer(name=order.get("buyer", {}).get("buyerName", ""), email=order.get("buyer", {}).get("buyerEmail", "")),
        ship_to=_address(order.get("recipient", {})),
        lines=tuple(_line(item, f"order.orderItems[{index}]") for index, item in enumerate(order["orderItems"])),
        packages=_packages(order.get("packages", []), "order.packages"),
        replaces=next((each.get("orderId", "") for each in order.get("associatedOrders", []) if each.get("associationType") in _REPLACES), ""),
        seller_order_id=next((each["aliasId"] for each in order.get("orderAliases", []) if each["aliasType"] == "SELLER_ORDER_ID"), ""),
    )


def read_packages(payload: Mapping[str, Any]) -> tuple[SeenPackage, ...]:
    """Return the packages of an order that was asked for with PACKAGES alone."""
    found = payload.get("packages")
    return _packages(conform([] if found is None else found, list[schemas.OrderPackage], "order.packages"), "order.packages")


def read_cancelled_lines(payload: Mapping[str, Any]) -> frozenset[str]:
    """Return the lines of an order that are cancelled, all of them when the order is; it was asked for with CANCELLATION and FULFILLMENT."""
    order = conform(payload, schemas.Order, "order")
    if order.get("fulfillment", {}).get("fulfillmentStatus") == "CANCELLED":
        return frozenset(item["orderItemId"] for item in order["orderItems"])
    return frozenset(item["orderItemId"] for item in order["orderItems"] if item.get("cancellation", {}).get("cancellationExecution"))


def raw_order(payload: object) -> RawOrder:
    """Wrap one order as received with its number and revision, either of which is empty when it cannot be read. Never raises."""
    if not isinstance(payload, Mapping):
        return RawOrder(external_id="", revision=None, payload={"unreadable": payload})
    number, changed = payload.get("orderId"), payload.get("lastUpdatedTime")
    try:
        revision = moment(changed, "order.lastUpdatedTime") if isinstance(changed, str) else None
    except Unreadable:
        revision = None
    return RawOrder(external_id=number if isinstance(number, str) else "", revision=revision, payload=payload)


def read_listing(payload: object, *, marketplace: str) -> IncomingListing:
    """Interpret one item of searchListingsItems on one marketplace."""
    item = conform(payload, schemas.Listing, "listing")
    about = f"listing {item['sku']!r}"
    summary = next((each for each in item.get("summaries", []) if each["marketplaceId"] == marketplace), None)
    offers = [each for each in item.get("offers", []) if each["marketplaceId"] == marketplace]
    offer = next((each for each in offers if each["offerType"] == "B2C"), None)
    stock = item.get("fulfillmentAvailability", [])
    own = [each for each in stock if fulfilled_by_code(each["fulfillmentChannelCode"]) is FulfilledBy.MERCHANT]
    asin = summary.get("asin", "") if summary else ""
    return IncomingListing(
        key=listing_key(item["sku"], asin),
        sku=item["sku"],
        product_id=asin,
        title=summary.get("itemName", "") if summary else "",
        state=", ".join(summary["status"]) if summary else "",
        image_url=summary["mainImage"]["link"] if summary and "mainImage" in summary else "",
        price=_amount_or_none(offer["price"] if offer else None, f"{about} price"),
        quantity=next((each["quantity"] for each in own if "quantity" in each), None),
        fulfilled_by=FulfilledBy.CHANNEL if stock and not own else FulfilledBy.MERCHANT,
        problems=tuple(
            issue["message"]
            for issue in item.get("issues", [])
            if issue["severity"] == "ERROR" and marketplace in issue.get("marketplaceIds", [marketplace])
        ),
        **_family(item, marketplace),
    )


def _family(item: schemas.Listing, marketplace: str) -> dict[str, Any]:
    """Return whose variation a listing is: the parent's SKU for both; nothing is known where the answer holds no relationships."""
    if "relationships" not in item:
        return {}
    told = [one for each in item["relationships"] if each["marketplaceId"] == marketplace for one in each["relationships"]]
    variations = [one for one in told if one["type"] == "VARIATION"]
    parent = next((sku for one in variations for sku in one.get("parentSkus", [])), "")
    is_parent = any(one.get("childSkus") for one in variations)
    return {"family": item["sku"] if is_parent else parent, "is_parent": is_parent}


def listing_key(sku: str, asin: str) -> str:
    """Return the stable key of a listing: its SKU, or its ASIN where Amazon gives no SKU. Empty when it gives neither."""
    return sku or (f"asin:{asin}" if asin else "")


def fulfilled_by_code(code: str) -> FulfilledBy:
    """Read a fulfilment channel code: AMAZON_NA, AMAZON_EU, ... are Amazon's warehouses, all others the seller's own."""
    return FulfilledBy.CHANNEL if code.upper().startswith("AMAZON") else FulfilledBy.MERCHANT


def moment(value: str, path: str) -> datetime:
    """Read an ISO 8601 time stamp with its zone."""
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        raise Unreadable(f"{path} is {value[:40]!r}, which is no ISO 8601 time") from None
    if read.tzinfo is None:
        raise Unreadable(f"{path} is {value[:40]!r}, a time without a zone")
    return read


def _moment_or_none(value: str | None, path: str) -> datetime | None:
    return moment(value, path) if value else None


def _amount_or_none(money: schemas.Money | None, path: str) -> Amount | None:
    return None if money is None else Amount(value=decimal(money["amount"], f"{path}.amount"), currency=money["currencyCode"])


def decimal(value: str, path: str) -> Decimal:
    """Read an exact decimal number from its text; currencies without cents (JPY) have none."""
    try:
        read = Decimal(value.strip())
    except InvalidOperation:
        raise Unreadable(f"{path} is {value[:40]!r}, which is no amount") from None
    if not read.is_finite():
        raise Unreadable(f"{path} is {value[:40]!r}, which is no amount")
    return read


def _id(value: str, path: str) -> str:
    if not value.strip():
        raise Unreadable(f"{path} is empty")
    return value


def _fulfilled_by(fulfillment: schemas.OrderFulfillment) -> FulfilledBy:
    # The model does not require the field. Where it is absent the seller ships: Amazon refuses our confirmation if that is wrong, while
    # taking it for Amazon's own would leave an order unprinted without a word.
    word = fulfillment.get("fulfilledBy", "MERCHANT")
    if word not in _FULFILLED_BY:
        raise Unreadable(f"order.fulfillment.fulfilledBy is {word!r}, which is not known")
    return _FULFILLED_BY[word]


def _address(recipient: schemas.Recipient) -> Address | None:
    """Return the delivery address, or None while Amazon withholds its street (payment pending, or the restricted role is missing)."""
    address = recipient.get("deliveryAddress", {})
    extended = address.get("extendedFields", {})
    lines = _filled(address.get("addressLine1"), address.get("addressLine2"), address.get("addressLine3"))
    if not lines:
        # Brazil may give only the parts.
        lines = _filled(" ".join(_filled(extended.get("streetName"), extended.get("streetNumber"))), extended.get("complement"))
    if not lines:
        return None
    wishes = recipient.get("deliveryPreference", {})
    return Address(
        name=address.get("name", ""),
        company=address.get("companyName", ""),
        lines=lines,
        district=address.get("districtOrCounty") or address.get("municipality") or extended.get("neighborhood") or "",
        city=address.get("city", ""),
        region=address.get("stateOrRegion", ""),
        postcode=address.get("postalCode", ""),
        country=iso_country(address.get("countryCode", "")),
        phone=address.get("phone", ""),
        kind=address.get("addressType", ""),
        instructions="; ".join(_filled(wishes.get("dropOffLocation"), wishes.get("addressInstruction"))),
    )


def _filled(*texts: str | None) -> tuple[str, ...]:
    return tuple(text.strip() for text in texts if text and text.strip())


def _line(item: schemas.OrderItem, path: str) -> IncomingLine:
    product = item["product"]
    sku, asin = product.get("sellerSku", ""), product.get("asin", "")
    fulfillment = item.get("fulfillment", {})
    gift = fulfillment.get("packing", {}).get("giftOption", {})
    cancellation = item.get("cancellation", {})
    wish = cancellation.get("cancellationRequest")
    breakdowns = item.get("proceeds", {}).get("breakdowns", [])
    subtotal = next((each["subtotal"] for each in breakdowns if each["type"] == "ITEM"), None)
    quantity = item["quantityOrdered"]
    if quantity < 0:
        raise Unreadable(f"{path}.quantityOrdered is {quantity}")
    return IncomingLine(
        external_line_id=_id(item["orderItemId"], f"{path}.orderItemId"),
        listing_key=listing_key(sku, asin),
        sku=sku,
        product_id=asin,
        title=product.get("title", ""),
        quantity=quantity,
        quantity_shipped=fulfillment.get("quantityFulfilled", 0),
        unit_price=_amount_or_none(product.get("price", {}).get("unitPrice"), f"{path}.product.price.unitPrice"),
        line_total=_amount_or_none(subtotal, f"{path}.proceeds.breakdowns[ITEM].subtotal"),
        personalisation_url=product.get("customization", {}).get("customizedUrl", ""),
        gift_message=gift.get("giftMessage", ""),
        gift_wrap=gift.get("giftWrapLevel", ""),
        cancel_request=None if wish is None else CancelRequest(requester=wish.get("requester", ""), reason=wish.get("cancelReason", "")),
        cancelled_by=cancellation.get("cancellationExecution", {}).get("cancelledBy", ""),
        programs=tuple(item.get("programs", ())),
    )


def _packages(packages: list[schemas.OrderPackage], path: str) -> tuple[SeenPackage, ...]:
    return tuple(_package(package, f"{path}[{index}]") for index, package in enumerate(packages))


def _package(package: schemas.OrderPackage, path: str) -> SeenPackage:
    quantities: dict[str, int] = {}
    for item in package.get("packageItems", []):
        quantities[item["orderItemId"]] = quantities.get(item["orderItemId"], 0) + item["quantity"]
    status = package.get("packageStatus")
    return SeenPackage(
        reference=package["packageReferenceId"],
        carrier=package.get("carrier", ""),
        tracking_number=package.get("trackingNumber", ""),
        shipped_at=_moment_or_none(package.get("shipTime"), f"{path}.shipTime"),
        quantities=quantities,
        status=status["status"] if status else "",
    )
