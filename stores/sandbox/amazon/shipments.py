"""Orders API v0, ``confirmShipment``: the seller tells that one package left.

204 with an empty body means accepted. The reference makes a repetition harmless: the same reference is the same package, told again or corrected
[M, amazon.md §5]; a new reference is another package. Wordings marked with an issue number are Amazon's own as quoted there; the others are [L].
"""

from __future__ import annotations

import re
from typing import Any

from stores.sandbox.amazon.answers import Answer, Refusal, invalid, not_found
from stores.sandbox.amazon.operations import Call, Operation, checked_order_id
from stores.sandbox.amazon.records import Package, PlacedOrder, Status
from stores.sandbox.amazon.strict import Field, parse_time
from stores.sandbox.clock import iso
from stores.sandbox.door import Dropped
from stores.sandbox.ledger import WriteEntry

# [M] Codes seen in public code (amazon.md §5). Spelling counts: models#1462. Real lists differ by marketplace; "Other" does not exist in India (docs#712).
CARRIER_CODES = frozenset({
    "USPS", "UPS", "UPSMI", "FedEx", "DHL", "DHL Global Mail", "OnTrac", "Lasership", "Canada Post", "Royal Mail", "Hermes Logistik Gruppe", "DPD",
    "GLS", "Parcelforce", "TNT", "Deutsche Post", "Chronopost", "La Poste", "Poste Italiane", "SDA", "Australia Post", "Yamato", "YAMATO", "Sagawa",
    "SAGAWA", "JP_EXPRESS", "NITTSU", "BlueDart", "Aramex", "Other",
})  # fmt: skip
INDIA = "A21TJRUUN4KGV"
JAPAN = "A1VC38T7YXB528"
# [L] "Tracking numbers are checked per carrier"; we check what every carrier shares: letters, digits, inner spaces and hyphens.
TRACKING = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 -]{0,62}[A-Za-z0-9])?")
# models#5037, word for word: the answer to a package for an order that is shipped already.
ALREADY_FULFILLED = (
    "Failed to create package due to not finding a matching package or order already fulfilled. ErrorMessage(errorCode=GeneralError,"
    " errorDescription=Unable to find package to update for order (), errorMetric=PackageToUpdateNotFound, packageIndex=null)"
)


def confirm_shipment(call: Call) -> Answer:
    """Answer ``confirmShipment``. Effect and ledger entry are one transaction; a lost answer never means half an effect."""
    if call.strike("confirm_lost_before_effect") is not None:
        raise Dropped
    world = call.world
    with world.books.transaction():
        order = world.books.order(checked_order_id(call.path["orderId"]))
        if order is None or order.seller_id != call.seller.seller_id:
            raise not_found("The specified order was not found.")
        package = _package(call, order)
        known = order.package(package.reference)
        if known is not None and _told(known) == _told(package):
            effect = "repeated"
        else:
            effect = "created" if known is None else "corrected"
            _accept(call, order, package, known)
        doc = {**_told(package), "status": order.status.value, "shown_carrier": package.carrier_shown}
        world.books.note_write(WriteEntry(world.clock.epoch(), "confirm_shipment", effect, order.seller_id, order.order_id, doc))
    if call.strike("confirm_lost_after_success") is not None:
        raise Dropped
    return Answer(204)


def _told(package: Package) -> dict[str, Any]:
    """Return what the seller said about a package: two notices that say the same are one."""
    return {
        "reference": package.reference,
        "carrier_code": package.carrier_code,
        "carrier_name": package.carrier_name,
        "shipping_method": package.shipping_method,
        "tracking_number": package.tracking_number,
        "ship_date": iso(package.ship_date),
        "quantities": package.quantities,
        "transparency_codes": package.transparency_codes,
    }


def _accept(call: Call, order: PlacedOrder, package: Package, known: Package | None) -> None:
    if call.strike("carrier_dropped_silently") is not None:
        package.carrier_shown = ""  # models#5232: 204, and the carrier is gone
    if known is None:
        order.packages.append(package)
    else:
        package.created = known.created
        order.packages[order.packages.index(known)] = package
    open_pieces = sum(item.quantity - order.shipped(item.order_item_id) for item in order.items if not item.cancelled_by)
    order.status = Status.SHIPPED if open_pieces == 0 else Status.PARTIALLY_SHIPPED
    call.world.books.change_order(order, at=call.world.clock.epoch())


def _package(call: Call, order: PlacedOrder) -> Package:
    """Check the notice against the order and return the package it describes, or raise the refusal."""
    body, now = call.body, call.world.clock.epoch()
    detail = body["packageDetail"]
    if body["marketplaceId"] != order.marketplace_id:
        raise invalid("Invalid marketplaceId.", details=f"Order {order.order_id} was not placed in marketplace {body['marketplaceId']}.")
    if body.get("codCollectionMethod") is not None and (body["marketplaceId"], body["codCollectionMethod"]) != (JAPAN, "DirectPayment"):
        raise invalid("Invalid codCollectionMethod.", details="Only DirectPayment in the JP marketplace is supported.")
    if order.fulfilled_by != "MERCHANT":
        raise invalid("The order is fulfilled by Amazon and cannot be confirmed by the seller.")
    if order.status == Status.CANCELLED:
        raise invalid("The order is cancelled and cannot be confirmed.")
    if order.status in (Status.PENDING, Status.PENDING_AVAILABILITY):
        raise invalid("The order is pending and cannot be confirmed yet.")
    reference = detail["packageReferenceId"]
    if not re.fullmatch(r"[0-9]{1,18}", reference) or int(reference) == 0:
        raise invalid("PackageReferenceId: is invalid, must be a positive numeric value.")  # jlevers#489
    carrier_code, carrier_name = detail["carrierCode"], detail.get("carrierName") or ""
    _check_carrier(order, carrier_code, carrier_name)
    if not TRACKING.fullmatch(detail["trackingNumber"]):
        raise invalid(
            "Invalid trackingNumber.",
            details="A tracking number holds letters, digits, single spaces and hyphens, and neither begins nor ends with one.",
        )
    ship_date = parse_time(detail["shipDate"], name="packageDetail.shipDate")
    if ship_date > now:
        raise invalid("Invalid shipDate.", details="The ship date is in the future.")
    if ship_date < int(order.created):
        raise invalid("Invalid shipDate.", details="The ship date is before the order was placed.")
    quantities, codes = _quantities(order, detail["orderItems"], reference)
    return Package(
        reference=reference,
        carrier_code=carrier_code,
        carrier_name=carrier_name,
        shipping_method=detail.get("shippingMethod") or "",
        tracking_number=detail["trackingNumber"],
        ship_date=ship_date,
        created=now,
        quantities=quantities,
        carrier_shown=carrier_name if carrier_code == "Other" else carrier_code,
        transparency_codes=codes,
    )


def _check_carrier(order: PlacedOrder, code: str, name: str) -> None:
    if code == "":
        raise invalid("Invalid carrierCode.", details="The carrier code is required.")
    if code not in CARRIER_CODES or (code == "Other" and order.marketplace_id == INDIA):
        raise invalid("Invalid carrierCode.", details=f"{code!r} is not a carrier code of marketplace {order.marketplace_id}.")
    if code == "Other" and not name.strip():
        raise invalid("Invalid carrierName.", details='The carrier name is required when the carrier code is "Other".')


def _quantities(order: PlacedOrder, lines: list[dict[str, Any]], reference: str) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Check the lines against what is still open (leaving out this very package) and return quantities and transparency codes per item."""
    if not lines:
        raise invalid("Invalid orderItems.", details="A package needs at least one item.")
    if order.package(reference) is None and all(order.shipped(item.order_item_id) >= item.quantity for item in order.items):
        raise Refusal(400, "InvalidInput", ALREADY_FULFILLED, error_type="InvalidInputException")
    quantities: dict[str, int] = {}
    codes: dict[str, list[str]] = {}
    for line in lines:
        item = order.item(line["orderItemId"])
        if item is None:
            raise invalid("Invalid orderItemId.", details=f"Order {order.order_id} has no item {line['orderItemId']}.")
        if item.cancelled_by:
            raise invalid("Invalid orderItemId.", details=f"Item {item.order_item_id} is cancelled.")
        if line["quantity"] < 1:
            raise invalid("Invalid quantity.", details="The quantity must be positive.")
        quantities[item.order_item_id] = quantities.get(item.order_item_id, 0) + line["quantity"]
        if line.get("transparencyCodes"):
            codes.setdefault(item.order_item_id, []).extend(line["transparencyCodes"])
        is_open = item.quantity - order.shipped(item.order_item_id, without=reference)
        if quantities[item.order_item_id] > is_open:
            raise invalid("Invalid quantity.", details=f"Item {item.order_item_id} has {is_open} left to ship, not {quantities[item.order_item_id]}.")
    return quantities, codes


OPERATIONS = (
    Operation(
        "confirmShipment",
        "POST",
        "/orders/v0/orders/{orderId}/shipmentConfirmation",
        confirm_shipment,
        fields=(
            Field("marketplaceId", str, required=True),
            Field("codCollectionMethod", str),
            Field(
                "packageDetail",
                dict,
                required=True,
                inside=(
                    Field("packageReferenceId", str, required=True),
                    Field("carrierCode", str, required=True),
                    Field("carrierName", str),
                    Field("shippingMethod", str),
                    Field("trackingNumber", str, required=True),
                    Field("shipDate", str, required=True),
                    Field("shipFromSupplySourceId", str),
                    Field(
                        "orderItems",
                        list,
                        required=True,
                        inside=(
                            Field("orderItemId", str, required=True),
                            Field("quantity", int, required=True),
                            Field("transparencyCodes", list, of=str),
                        ),
                    ),
                ),
            ),
        ),
    ),
)
