"""Fulfilment API for goods that go with TikTok's label: services and prices, buying the label, the document (tiktok.md §7).

In the US the label is bought with ``createPackages``; elsewhere a package exists since payment and is handed over with ``shipPackage``.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Any

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from stores.sandbox.door import Dropped
from stores.sandbox.tiktok import parcels
from stores.sandbox.tiktok.answers import Refusal, item_error
from stores.sandbox.tiktok.delivery import FEDEX, UPS, USPS, Provider
from stores.sandbox.tiktok.operations import Call, Operation
from stores.sandbox.tiktok.records import Line, Package, PlacedOrder, Status
from stores.sandbox.tiktok.shipping import BASIC, ON_HOLD, chosen_lines, own_order
from stores.sandbox.tiktok.world import DOCUMENT_URL_S, LABEL_READY_S

GRAMS = {"GRAM": Decimal(1), "POUND": Decimal("453.592"), "KILOGRAM": Decimal(1000)}
HEAVIEST_G = Decimal(31_751)  # [L] 70 pounds
DOCUMENTS = ("SHIPPING_LABEL", "PACKING_SLIP", "SHIPPING_LABEL_AND_PACKING_SLIP", "SHIPPING_LABEL_PICTURE", "HAZMAT_LABEL", "INVOICE_LABEL")


@dataclass(frozen=True, slots=True)
class Service:
    """One way TikTok carries a parcel: a price for the first pound and for each further one."""

    service_id: str
    name: str
    provider: Provider
    first: Decimal
    more: Decimal
    days: tuple[int, int]
    lightest_first: bool = False


SERVICES = (
    Service("288233559123860015", "USPS Ground Advantage", USPS, Decimal("4.35"), Decimal("1.10"), (3, 5), True),
    Service("288233559123860016", "UPS Ground", UPS, Decimal("7.20"), Decimal("0.95"), (2, 4)),
    Service("288233559123860017", "FedEx 2Day", FEDEX, Decimal("14.10"), Decimal("2.40"), (2, 2)),
)


# --- services and labels ----------------------------------------------------------------------------------------------------
def query_services(call: Call) -> dict[str, Any]:
    """Answer ``getEligibleShippingService``."""
    order = _labelled_order(call, call.path["order_id"])
    named = call.body.get("order_line_item_ids") or [row["order_line_id"] for row in call.body.get("order_line_list", [])] or None
    lines = chosen_lines(order, named, cancelled=21011029)
    weight = call.body.get("weight", _weight_of(call, lines))
    grams = _grams(weight)
    if grams is None or not 0 < grams <= HEAVIEST_G:
        raise Refusal(21011037)
    return {
        "order_id": order.order_id,
        "order_line_id": [line.line_id for line in lines],
        "weight": weight,
        **({"dimension": call.body["dimension"]} if "dimension" in call.body else {}),
        "shipping_services": [{**_service(service, grams), "is_default": service.lightest_first} for service in SERVICES],
    }


def _labelled_order(call: Call, order_id: str) -> PlacedOrder:
    order = own_order(call, order_id)
    if order.region != "US":
        raise Refusal(10006402 if call.operation == "getEligibleShippingService" else 21008106)
    if order.fulfilled_by == "TIKTOK" or order.shipping_type != "TIKTOK":
        raise Refusal(21001001 if call.operation == "getEligibleShippingService" else 21011012)
    return order


def _weight_of(call: Call, lines: list[Line]) -> dict[str, str]:
    grams = Decimal(0)
    for line in lines:
        product = call.world.books.product(line.product_id)
        grams += (_grams(product.package_weight) if product and product.package_weight else None) or Decimal(300)
    return {"value": f"{grams / GRAMS['POUND']:.2f}", "unit": "POUND"}


def _grams(weight: dict[str, str]) -> Decimal | None:
    try:
        return Decimal(weight["value"]) * GRAMS[weight["unit"]]
    except (InvalidOperation, KeyError):
        return None


def _service(service: Service, grams: Decimal) -> dict[str, Any]:
    pounds = (grams / GRAMS["POUND"]).to_integral_value(ROUND_CEILING)
    return {
        "id": service.service_id,
        "name": service.name,
        "price": f"{service.first + service.more * (pounds - 1):.2f}",
        "currency": "USD",
        "earliest_delivery_days": service.days[0],
        "latest_delivery_days": service.days[1],
        "shipping_provider_id": service.provider.provider_id,
        "shipping_provider_name": service.provider.name,
    }


def create_packages(call: Call) -> dict[str, Any]:
    """Answer the older ``createPackages``: an order or some of its lines."""
    made, service = _bought(call, [(call.body["order_id"], call.body.get("order_line_item_ids"))])
    return {"order_id": made.order_id, "order_line_item_ids": made.line_ids, **_told(made, service)}


def create_packages_by_type(call: Call) -> dict[str, Any]:
    """Answer the newer ``createPackages``: 1 a whole order, 2 some lines, 3 several orders in one package."""
    body, kind = call.body, call.body["ship_type"]
    if kind == "3":
        wanted: list[tuple[str, list[str] | None]] = [(order_id, None) for order_id in body.get("order_list_ids", [])]
    elif kind in ("1", "2") and body.get("order_id"):
        lines = [row["order_line_id"] for row in body.get("order_line_item", []) if row.get("order_line_id")]
        wanted = [(body["order_id"], lines if kind == "2" else None)]
    else:
        wanted = []
    if not wanted or (kind == "2" and not wanted[0][1]):
        raise Refusal(21001001)
    return _told(*_bought(call, wanted))


def _bought(call: Call, wanted: list[tuple[str, Any]]) -> tuple[Package, dict[str, Any]]:
    """Buy one label for the units of one order, or of several with the same recipient."""
    if call.strike("confirm_lost_before_effect") is not None:
        raise Dropped
    with call.world.books.transaction():
        chosen = [(order, _label_lines(call, order, line_ids)) for order, line_ids in ((_labelled_order(call, row[0]), row[1]) for row in wanted)]
        first, lines = chosen[0]
        if any(order.address != first.address for order, _lines in chosen):
            raise Refusal(21001001)
        weight = call.body.get("weight") or _weight_of(call, [line for _order, rows in chosen for line in rows])
        service = _wanted_service(call, weight)
        package = parcels.new_package(call.world, first, [], at=call.now)
        _label(call, package, service)
        package.weight, package.dimension = weight, call.body.get("dimension")
        parcels.ship(call.world, first, package, lines, at=call.now)
        for order, rows in chosen[1:]:
            twin = parcels.new_package(call.world, order, [], at=call.now)
            twin.provider_id, twin.provider_name, twin.tracking_number = package.provider_id, package.provider_name, package.tracking_number
            parcels.ship(call.world, order, twin, rows, at=call.now)
        doc = {"package_id": package.package_id, "tracking_number": package.tracking_number, "line_ids": package.line_ids}
        call.world.note(first.shop_id, "label_bought", doc, at=call.now, order_id=first.order_id)
    if call.strike("confirm_lost_after_success") is not None:
        raise Dropped
    return package, service


def _label_lines(call: Call, order: PlacedOrder, line_ids: list[str] | None) -> list[Line]:
    if order.status == Status.ON_HOLD:
        raise Refusal(ON_HOLD)
    if order.status in (Status.UNPAID, Status.CANCELLED):
        raise Refusal(21011003)
    if order.cancel_asked:
        raise Refusal(21011007)
    return chosen_lines(order, line_ids)


def _wanted_service(call: Call, weight: dict[str, str]) -> dict[str, Any]:
    grams = _grams(weight)
    if grams is None or not 0 < grams <= HEAVIEST_G:
        raise Refusal(11021009)
    asked = call.body.get("shipping_service_id")
    service = next((row for row in SERVICES if (row.service_id == asked if asked else row.lightest_first)), None)
    if service is None:
        raise Refusal(21004008)
    return _service(service, grams)


def _label(call: Call, package: Package, service: dict[str, Any]) -> None:
    number = call.world.books.next_number("label")
    numbers = {USPS.provider_id: f"92{number:020d}", UPS.provider_id: f"1Z999AA1{number:010d}", FEDEX.provider_id: f"{700_000_000_000 + number}"}
    package.provider_id, package.provider_name = service["shipping_provider_id"], service["shipping_provider_name"]
    package.tracking_number, package.service_id = numbers[package.provider_id], service["id"]


def _told(package: Package, service: dict[str, Any]) -> dict[str, Any]:
    return {
        "package_id": package.package_id,
        "shipping_service_info": service,
        "weight": package.weight,
        **({"dimension": package.dimension} if package.dimension else {}),
        "create_time": int(package.created),
    }


# --- handing over, outside the US -------------------------------------------------------------------------------------------
def time_slots(call: Call) -> dict[str, Any]:
    """Answer ``getPackageHandoverTimeSlots``: two slots on each of the next two days."""
    _own_package(call, call.path["package_id"], foreign=21001001)
    day = int(call.now) // 86_400 * 86_400
    slots = [day + days * 86_400 + hour * 3600 for days in (1, 2) for hour in (9, 14)]
    return {
        "can_pickup": True,
        "can_drop_off": True,
        "can_van_collection": False,
        "pickup_slots": [{"start_time": slot, "end_time": slot + 3 * 3600, "avaliable": True} for slot in slots],
    }


def _own_package(call: Call, package_id: str, *, foreign: int) -> Package:
    package = call.world.books.package(package_id)
    if package is None or package.shop_id != call.shop.shop_id:
        raise Refusal(foreign)
    return package


def ship_package(call: Call) -> dict[str, Any]:
    """Answer ``shipPackage``."""
    with call.world.books.transaction():
        _hand_over(call, call.path["package_id"], dict(call.body))
    return {}


def ship_packages(call: Call) -> dict[str, Any]:
    """Answer ``batchShipPackages``: each for itself; what fails is told in ``errors``."""
    errors = []
    for row in call.body["packages"]:
        try:
            with call.world.books.transaction():
                _hand_over(call, row["id"], row)
        except Refusal as refused:
            errors.append(item_error(refused.code, {"package_id": row["id"]}))
    return {"errors": errors}


def _hand_over(call: Call, package_id: str, told: dict[str, Any]) -> None:
    package = _own_package(call, package_id, foreign=21011028)
    order = own_order(call, package.order_id)
    if package.status == "CANCELLED" or order.status == Status.CANCELLED:
        raise Refusal(21011041)
    if package.status == "COMPLETED":
        raise Refusal(21011027)
    if package.status != "TO_FULFILL":
        raise Refusal(21011040)
    if order.region == "US" or order.shipping_type != "TIKTOK":
        raise Refusal(21011003)
    if order.cancel_asked:
        raise Refusal(21011007)
    if told.get("handover_method") not in ("PICKUP", "DROP_OFF"):
        raise Refusal(21011054)
    package.handover_method, package.pickup_slot = told["handover_method"], told.get("pickup_slot")
    number = call.world.books.next_number("label")
    package.provider_id, package.provider_name, package.tracking_number = "6617675021119438849", "TT Virtual express", f"JX{number:012d}"
    lines = [line for line in order.lines_left if line.line_id in package.line_ids]
    parcels.ship(call.world, order, package, lines, at=call.now)
    doc = {"package_id": package.package_id, "tracking_number": package.tracking_number, "line_ids": package.line_ids}
    call.world.note(order.shop_id, "package_handed_over", doc, at=call.now, order_id=order.order_id)


# --- documents --------------------------------------------------------------------------------------------------------------
def shipping_document(call: Call) -> dict[str, Any]:
    """Answer ``getPackageShippingDocument``: an address that works for a day, some minutes after shipping and until the pick-up."""
    if call.query["document_type"] not in DOCUMENTS:
        raise call.invalid(f"document_type must be one of {', '.join(DOCUMENTS)}")
    if call.query.get("document_format", "PDF") != "PDF":
        raise call.invalid("ZPL is for BR and MX only")
    package = _own_package(call, call.path["package_id"], foreign=21008109)
    if package.shipping_type != "TIKTOK":
        raise Refusal(21008017)
    if package.status == "CANCELLED":
        raise Refusal(21023059)
    if package.status == "TO_FULFILL":
        raise Refusal(21042104)
    if package.status != "PROCESSING":
        raise Refusal(21042102)
    late = call.strike("label_late")
    if late is not None or call.now < package.shipped + call.world.clock.shortened(LABEL_READY_S):
        raise Refusal(11034037)
    path = f"/documents/{package.package_id}/{call.query['document_type']}-{call.query.get('document_size', 'A6')}.pdf"
    return {"doc_url": call.world.signed_link(call.base_url, path, seconds=DOCUMENT_URL_S), "tracking_number": package.tracking_number}


def draw(package: Package, order: PlacedOrder, *, kind: str, size: str) -> bytes:
    """Return a document as PDF. It carries the clear address: that is what the label is for."""
    width, height = ((105, 148), (148, 210))[size == "A5"]
    packed = io.BytesIO()
    page = Canvas(packed, pagesize=(width * mm, height * mm), invariant=True)
    page.setTitle(f"{kind} {package.package_id}")
    lines = [
        ("Helvetica-Bold", 15, "IMITATION - NOT A LABEL"),
        ("Helvetica-Bold", 13, package.provider_name),
        ("Courier-Bold", 11, package.tracking_number),
        ("Helvetica", 9, f"Package {package.package_id}"),
        ("Helvetica-Bold", 12, order.address.name),
        ("Helvetica", 12, order.address.line1),
        ("Helvetica", 12, order.address.line2),
        ("Helvetica", 12, f"{order.address.city} {order.address.state} {order.address.postcode}"),
        ("Helvetica", 12, order.address.region),
    ]
    if kind != "SHIPPING_LABEL":
        lines += [("Helvetica", 9, f"1 x {line.product_name}, {line.sku_name}") for line in order.lines if line.line_id in package.line_ids]
    top = height - 14.0
    for font, points, text in lines:
        page.setFont(font, points)
        page.drawString(8 * mm, top * mm, text)
        top -= points * 0.55
    for number, sign in enumerate(package.tracking_number):
        page.rect((8 + number * 3.2) * mm, 10 * mm, (0.6 + ord(sign) % 4 * 0.5) * mm, 18 * mm, stroke=0, fill=1)
    page.showPage()
    page.save()
    return packed.getvalue()


OF_PACKAGE = "/fulfillment/202309/packages/{package_id}"
SIZES = "dimension{length! width! height! unit!}"
WEIGHT = "weight{value! unit!}"
HANDOVER = "handover_method pickup_slot{start_time:int end_time:int} self_shipment{tracking_number! shipping_provider_id!}"
OPERATIONS = (
    Operation(
        "getEligibleShippingService",
        "POST",
        "/fulfillment/202309/orders/{order_id}/shipping_services/query",
        query_services,
        scopes=BASIC,
        body=f"order_line_item_ids[] {WEIGHT} {SIZES} order_line_list[{{order_line_id sub_item_id}}]",
    ),
    Operation(
        "createPackages",
        "POST",
        "/fulfillment/202309/packages",
        create_packages,
        scopes=BASIC,
        body=f"order_id! order_line_item_ids[] {SIZES} shipping_service_id {WEIGHT}",
    ),
    Operation(
        "createPackages202512",
        "POST",
        "/fulfillment/202512/packages",
        create_packages_by_type,
        scopes=BASIC,
        body=f"ship_type! order_id order_line_item[{{order_line_id sub_item_id}}] order_list_ids[] {SIZES} shipping_service_id {WEIGHT}",
    ),
    Operation("getPackageHandoverTimeSlots", "GET", f"{OF_PACKAGE}/handover_time_slots", time_slots, scopes=("seller.fulfillment.package.write",)),
    Operation("shipPackage", "POST", f"{OF_PACKAGE}/ship", ship_package, scopes=BASIC, body=HANDOVER),
    Operation("batchShipPackages", "POST", "/fulfillment/202309/packages/ship", ship_packages, scopes=BASIC, body=f"packages![{{id! {HANDOVER}}}]"),
    Operation(
        "getPackageShippingDocument",
        "GET",
        f"{OF_PACKAGE}/shipping_documents",
        shipping_document,
        scopes=BASIC,
        query="document_type! document_size document_format",
        invalid_code=36009004,
    ),
)
