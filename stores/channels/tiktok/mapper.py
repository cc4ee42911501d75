"""TikTok Shop's JSON in our words: pure functions, nothing asked again.

Their vocabulary ends here. A value that is not in the tables raises ``Unreadable``: it is news, not a default.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl, urlencode

from pod_hub.core.pace import scaled
from stores.channels.errors import Unreadable
from stores.channels.shapes import conform
from stores.channels.tiktok import schemas
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

ON_HOLD = "ON_HOLD"
STATES = {
    "UNPAID": ChannelState.PENDING,
    ON_HOLD: ChannelState.UNSHIPPED,  # paid; held until the buyer may no longer cancel freely, or until a pre-order's release
    "AWAITING_SHIPMENT": ChannelState.UNSHIPPED,
    "PARTIALLY_SHIPPING": ChannelState.PARTIALLY_SHIPPED,
    "AWAITING_COLLECTION": ChannelState.SHIPPED,  # told as shipped, not scanned by the carrier yet
    "IN_TRANSIT": ChannelState.SHIPPED,
    "DELIVERED": ChannelState.SHIPPED,
    "COMPLETED": ChannelState.SHIPPED,
    "CANCELLED": ChannelState.CANCELLED,
    "CANCEL": ChannelState.CANCELLED,  # the spelling of a webhook's table
}
_FULFILLED_BY = {
    "FULFILLMENT_BY_SELLER": FulfilledBy.MERCHANT,
    "FULFILLMENT_BY_TIKTOK": FulfilledBy.CHANNEL,
    "FULFILLMENT_BY_DILAYANI_TOKOPEDIA": FulfilledBy.CHANNEL,
}
_LABEL_BY_CHANNEL = {"SELLER": False, "TIKTOK": True, "TIKTOK_DIGITAL": True}
_SHIPPED_UNIT = frozenset({"AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED"})
_SHIPPED_PACKAGE = frozenset({"PROCESSING", "FULFILLING", "COMPLETED"})
PENDING_CANCELLATION = "CANCELLATION_REQUEST_PENDING"
_REMORSE_S = 3600  # how long a buyer may cancel freely; the order tells no end of it
_PLAIN_ORDER = frozenset({"", "NORMAL"})
POD_SCHEME = "tiktok-pod:"


@dataclass(frozen=True, slots=True)
class PodAddress:
    """Where the content of a personalised unit is asked for."""

    shop: str
    order: str
    line: str
    product: str
    sku: str
    pod: str

    def __str__(self) -> str:
        parts = {"shop": self.shop, "order": self.order, "line": self.line, "product": self.product, "sku": self.sku, "pod": self.pod}
        return f"{POD_SCHEME}?{urlencode(parts)}"

    @classmethod
    def read(cls, text: str) -> PodAddress:
        """Read what ``str`` wrote; raises ``Unreadable``."""
        parts = dict(parse_qsl(text.removeprefix(f"{POD_SCHEME}?"), keep_blank_values=True))
        try:
            return cls(**{name: parts[name] for name in ("shop", "order", "line", "product", "sku", "pod")})
        except KeyError:
            raise Unreadable("the address of a personalisation is not one of ours") from None


def keep(shop: str, order: Mapping[str, Any], cancellations: Sequence[Mapping[str, Any]]) -> RawOrder:
    """Wrap one order as received, with its shop and its cancellations. Never raises; what cannot be read stays empty."""
    payload = {"shop": shop, "order": order, "cancellations": list(cancellations)}
    number = order.get("id")
    moments = [order.get("update_time"), *(one.get("update_time") for one in cancellations)]
    if order.get("is_buyer_request_cancel"):
        moments.append(order.get("request_cancel_time"))
    known = [moment for moment in moments if isinstance(moment, int) and not isinstance(moment, bool) and 0 < moment < 1 << 40]
    # TikTok's time of change is that of the *status*: a wish to cancel, or its withdrawal, leaves it alone.
    revision = datetime.fromtimestamp(max(known), UTC) if known and isinstance(order.get("update_time"), int) else None
    return RawOrder(external_id=number if isinstance(number, str) else "", revision=revision, payload=payload)


def read_order(payload: Mapping[str, Any]) -> IncomingOrder:
    """Interpret one kept order; raises ``Unreadable`` naming field and value, never buyer data."""
    kept = conform(payload, schemas.KeptOrder, "kept")
    order, cancellations = kept["order"], kept.get("cancellations", [])
    status = order["status"]
    if status not in STATES:
        raise Unreadable(f"order.status is {status!r}, which is not known")
    revision = keep(kept["shop"], order, cancellations).revision
    if revision is None:
        raise Unreadable("order.update_time is no time")
    address, hidden = read_address(order)
    return IncomingOrder(
        external_id=_filled_text(order["id"], "order.id"),
        revision=revision,
        placed_at=_moment(order["create_time"], "order.create_time"),
        marketplace=kept["shop"],
        state=_state(order),
        channel_status=status,
        fulfilled_by=fulfilled_by(order),
        ship_by=_moment_or_none(order.get("rts_sla_time"), "order.rts_sla_time"),
        ship_from=None,
        deliver_by=_moment_or_none(order.get("delivery_sla_time"), "order.delivery_sla_time"),
        service_level=order.get("delivery_option_name", ""),
        programs=tuple(_programs(order)),
        total=_amount(order.get("payment", {}).get("total_amount"), order.get("payment", {}).get("currency", ""), "order.payment.total_amount"),
        buyer=Buyer(email=order.get("buyer_email", ""), message=order.get("buyer_message", "")),
        ship_to=address,
        lines=read_lines(kept["shop"], order, cancellations),
        packages=read_packages(order),
        replaces=_replaces(order),
        held_until=_held_until(order),
        address_hidden=hidden,
        label_by_channel=label_by_channel(order),
        collect_by=_moment_or_none(order.get("tts_sla_time"), "order.tts_sla_time"),
        lapses_at=_lapses_at(order),
        delivery_option=order.get("delivery_option_id", ""),
    )


def _state(order: schemas.Order) -> ChannelState:
    """Return what the status means. Where the label comes from TikTok, buying it is called shipping; the parcel leaves when the carrier has it."""
    if order["status"] == "AWAITING_COLLECTION" and label_by_channel(order):
        return ChannelState.UNSHIPPED
    return STATES[order["status"]]


def _lapses_at(order: schemas.Order) -> datetime | None:
    """Return when TikTok cancels the order by itself. One clock runs until it is shipped there, a label counts too, and another until the carrier has it."""
    if order["status"] == "AWAITING_COLLECTION":
        return _moment_or_none(order.get("collection_due_time"), "order.collection_due_time")
    if STATES[order["status"]] in {ChannelState.SHIPPED, ChannelState.CANCELLED}:
        return None
    return _moment_or_none(order.get("shipping_due_time") or order.get("cancel_order_sla_time"), "order.shipping_due_time")


def fulfilled_by(order: schemas.Order) -> FulfilledBy:
    """Return who ships; raises ``Unreadable`` for a word that is not known. Where TikTok does not say, the seller does: a push would tell."""
    word = order.get("fulfillment_type") or "FULFILLMENT_BY_SELLER"
    if word not in _FULFILLED_BY:
        raise Unreadable(f"order.fulfillment_type is {word!r}, which is not known")
    return _FULFILLED_BY[word]


def label_by_channel(order: schemas.Order) -> bool:
    """Return whether the shipping label comes from TikTok; raises ``Unreadable`` for a word that is not known."""
    word = order.get("shipping_type") or "SELLER"
    if word not in _LABEL_BY_CHANNEL:
        raise Unreadable(f"order.shipping_type is {word!r}, which is not known")
    return _LABEL_BY_CHANNEL[word]


def _held_until(order: schemas.Order) -> datetime | None:
    """Return about when an order on hold goes on: a pre-order at its release, any other an hour after it was paid."""
    if order["status"] != ON_HOLD:
        return None
    if order.get("order_type") == "PRE_ORDER" and order.get("release_date"):
        return _moment(order["release_date"], "order.release_date")
    return _moment(order.get("paid_time") or order["create_time"], "order.paid_time") + scaled(_REMORSE_S)


def _programs(order: schemas.Order) -> Iterable[str]:
    if (kind := order.get("order_type", "")) not in _PLAIN_ORDER:
        yield kind
    if order.get("fast_delivery_program"):
        yield order["fast_delivery_program"]
    if order.get("is_sample_order"):
        yield "SAMPLE"
    if order.get("is_cod"):
        yield "CASH_ON_DELIVERY"
    if tag := order.get("split_or_combine_tag"):
        yield tag


def _replaces(order: schemas.Order) -> str:
    if order.get("is_replacement_order"):
        return order.get("replaced_order_id", "")
    return order.get("exchange_source_order_id", "") if order.get("is_exchange_order") else ""


# --- Units and lines --------------------------------------------------------------------------------------------------
def grouped(order: schemas.Order) -> list[list[schemas.LineItem]]:
    """Return the units as people read them: the same SKU at the same price is one line. A personalised unit is a line of its own.

    A line is known by its first unit, which stays the same whatever happens to any of them: cancelled units stay listed.
    """
    lines: dict[tuple[object, ...], list[schemas.LineItem]] = {}
    for unit in order["line_items"]:
        pod = unit.get("pod_info_id") or (unit["id"] if unit.get("is_pod_customized") else "")
        key = (unit.get("sku_id", ""), unit.get("seller_sku", ""), unit.get("sale_price", ""), unit.get("is_gift", False), pod)
        lines.setdefault(key, []).append(unit)
    return [sorted(units, key=lambda unit: (len(unit["id"]), unit["id"])) for units in lines.values()]


def is_cancelled(unit: schemas.LineItem) -> bool:
    """Whether a unit is cancelled. A cancelled *package* was lost on its way: its units were shipped."""
    return unit.get("display_status") in {"CANCELLED", "CANCEL"}


def is_shipped(unit: schemas.LineItem) -> bool:
    """Whether a unit has left, as TikTok sees it."""
    return not is_cancelled(unit) and (unit.get("display_status") in _SHIPPED_UNIT or unit.get("package_status") in _SHIPPED_PACKAGE)


def _has_left(order: schemas.Order, unit: schemas.LineItem) -> bool:
    """Whether a unit is with the carrier, as far as TikTok tells: a label that was bought there alone moves nothing."""
    if label_by_channel(order) and unit.get("display_status") == "AWAITING_COLLECTION":
        return unit.get("package_status") in _SHIPPED_PACKAGE - {"PROCESSING"}
    return is_shipped(unit)


def read_lines(shop: str, order: schemas.Order, cancellations: Sequence[schemas.Cancellation]) -> tuple[IncomingLine, ...]:
    """Return the order's lines, each with the ids of its units and the wish to cancel it, if any."""
    asked = _wishes(order, cancellations)
    return tuple(_line(shop, order, units, asked) for units in grouped(order))


def _line(shop: str, order: schemas.Order, units: list[schemas.LineItem], asked: Mapping[str, CancelRequest]) -> IncomingLine:
    first = units[0]
    living = [unit for unit in units if not is_cancelled(unit)]
    path = f"order.line_items[{first['id']}]"
    price = _amount(first.get("sale_price"), first.get("currency") or order.get("payment", {}).get("currency", ""), f"{path}.sale_price")
    counted = living or units
    wished = [asked[unit["id"]] for unit in living if unit["id"] in asked]
    sku, sku_id = first.get("seller_sku", "").strip(), first.get("sku_id", "")
    variant = first.get("sku_name", "")
    return IncomingLine(
        external_line_id=_filled_text(first["id"], f"{path}.id"),
        listing_key=listing_key(sku, sku_id),
        sku=sku,
        product_id=first.get("product_id", ""),
        title=", ".join(filter(None, (first.get("product_name", ""), "" if variant.casefold() == "default" else variant))),
        quantity=len(counted),
        quantity_shipped=sum(_has_left(order, unit) for unit in living),
        unit_price=price,
        line_total=None if price is None else Amount(price.value * len(counted), price.currency),
        personalisation_url=_pod_address(shop, order, first),
        cancel_request=_joined(wished, of=len(living)),
        cancelled_by="" if living else (first.get("cancel_user") or "SYSTEM"),
        programs=("GIFT",) if first.get("is_gift") else (),
        units=tuple(unit["id"] for unit in units),
    )


def listing_key(seller_sku: str, sku_id: str) -> str:
    """Return the stable key of a listing: the seller's SKU, or TikTok's own number where the seller gave none. Empty when there is neither."""
    return seller_sku or (f"sku:{sku_id}" if sku_id else "")


def _pod_address(shop: str, order: schemas.Order, unit: schemas.LineItem) -> str:
    if not (unit.get("pod_info_id") or unit.get("is_pod_customized")):
        return ""
    return str(PodAddress(shop, order["id"], unit["id"], unit.get("product_id", ""), unit.get("sku_id", ""), unit.get("pod_info_id", "")))


def _wishes(order: schemas.Order, cancellations: Sequence[schemas.Cancellation]) -> dict[str, CancelRequest]:
    """Return the wish for each unit that somebody asks to cancel. The order's own flag counts when its cancellation was not found."""
    asked: dict[str, CancelRequest] = {}
    everything = [unit["id"] for unit in order["line_items"] if not is_cancelled(unit)]
    pending = [one for one in cancellations if one["cancel_status"] == PENDING_CANCELLATION and one["order_id"] == order["id"]]
    for one in pending:
        deadlines = [action["deadline"] for action in one.get("seller_next_action_response", []) if "deadline" in action]
        wish = CancelRequest(
            requester=one.get("role", "BUYER"),
            reason=one.get("cancel_reason_text") or one.get("cancel_reason", ""),
            reference=one["cancel_id"],
            answer_by=_moment(min(deadlines), "cancellation.deadline") if deadlines else None,
        )
        named = [item["order_line_item_id"] for item in one.get("cancel_line_items", []) if item.get("order_line_item_id")]
        asked |= dict.fromkeys(named or everything, wish)
    if not pending and order.get("is_buyer_request_cancel"):
        asked = dict.fromkeys(everything, CancelRequest(requester="BUYER", reason=""))
    return asked


def _joined(wishes: Sequence[CancelRequest], *, of: int) -> CancelRequest | None:
    if not wishes:
        return None
    first = wishes[0]
    return CancelRequest(first.requester, first.reason, first.reference, first.answer_by, quantity=len(wishes) if len(wishes) < of else None)


# --- Packages ---------------------------------------------------------------------------------------------------------
def read_packages(order: schemas.Order) -> tuple[SeenPackage, ...]:
    """Return what has left, as the units tell it. TikTok numbers packages itself, so ``reference`` is the place in the order of shipping."""
    line_of = {unit["id"]: units[0]["id"] for units in grouped(order) for unit in units}
    inside: dict[str, list[schemas.LineItem]] = {}
    for unit in order["line_items"]:
        if is_shipped(unit) and (unit.get("package_id") or unit.get("tracking_number")):
            inside.setdefault(unit.get("package_id") or unit.get("tracking_number", ""), []).append(unit)
    boxes = sorted(inside.items(), key=lambda box: (min(unit.get("rts_time", 0) for unit in box[1]), len(box[0]), box[0]))
    return tuple(_package(number, package_id, units, line_of) for number, (package_id, units) in enumerate(boxes, start=1))


def _package(number: int, package_id: str, units: list[schemas.LineItem], line_of: Mapping[str, str]) -> SeenPackage:
    quantities: dict[str, int] = {}
    for unit in units:
        quantities[line_of[unit["id"]]] = quantities.get(line_of[unit["id"]], 0) + 1
    first = units[0]
    return SeenPackage(
        reference=str(number),
        carrier=first.get("shipping_provider_name", "") or first.get("shipping_provider_id", ""),
        tracking_number=first.get("tracking_number", ""),
        shipped_at=_moment_or_none(first.get("rts_time"), "order.line_items.rts_time"),
        quantities=quantities,
        status=first.get("package_status", ""),
        package_id=package_id if first.get("package_id") else "",
    )


# --- Address ----------------------------------------------------------------------------------------------------------
def read_address(order: schemas.Order) -> tuple[Address | None, bool]:
    """Return the delivery address, and whether TikTok hides it behind asterisks. A hidden one is never given: nobody can deliver to it."""
    told = order.get("recipient_address", {})
    lines = _filled(told.get("address_line1"), told.get("address_line2"), told.get("address_line3"), told.get("address_line4"))
    lines = lines or _filled(told.get("address_detail")) or _filled(told.get("full_address"))
    if not lines:
        return None, False
    name, postcode = told.get("name", "").strip(), told.get("postal_code", "").strip()
    if any(is_masked(text) for text in (name, postcode, *lines)):
        return None, True
    phone = told.get("phone_number", "").strip()
    places = told.get("district_info", [])
    return Address(
        name=name,
        lines=lines,
        city=_district(places, "city", "L3") or told.get("post_town", ""),
        region=_district(places, "state", "L1") or _district(places, "province", ""),
        district=_district(places, "county", "L2"),
        postcode=postcode,
        country=told.get("region_code", "").strip().upper(),
        phone="" if is_masked(phone) else phone,  # a hidden number hides no address
        kind=order.get("delivery_type", ""),
        instructions=told.get("delivery_preferences", {}).get("drop_off_location", ""),
    ), False


def is_masked(text: str) -> bool:
    """Whether TikTok hid a part of the text."""
    return "*" in text


def _district(places: Sequence[schemas.District], name: str, level: str) -> str:
    named = (one.get("address_name", "") for one in places if one.get("address_level_name", "").strip().casefold() == name)
    found = next(filter(None, named), "")
    if found or not level or any(one.get("address_level_name") for one in places):
        return found.strip()
    return next((one.get("address_name", "") for one in places if one.get("address_level") == level), "").strip()


# --- Listings ---------------------------------------------------------------------------------------------------------
def read_product(payload: object) -> list[IncomingListing]:
    """Return the listings of a product: one for each SKU."""
    product = conform(payload, schemas.Product, "product")
    skus = product.get("skus", [])
    return [_listing(product, sku, family=product["id"] if len(skus) > 1 else "") for sku in skus]


def _listing(product: schemas.Product, sku: schemas.Sku, *, family: str) -> IncomingListing:
    seller_sku, price = sku.get("seller_sku", "").strip(), sku.get("price", {})
    stock = [one["quantity"] for one in sku.get("inventory", []) if "quantity" in one]
    return IncomingListing(
        key=listing_key(seller_sku, sku["id"]),
        sku=seller_sku,
        product_id=product["id"],
        title=product.get("title", ""),
        state=sku.get("status_info", {}).get("status") or product.get("status", ""),
        price=_amount(price.get("sale_price") or price.get("tax_exclusive_price"), price.get("currency", ""), f"sku {sku['id']} price"),
        quantity=sum(stock) if stock else None,
        variant=", ".join(filter(None, (one.get("value_name", "").strip() for one in sku.get("sales_attributes", [])))),
        image_url=_picture(product, sku),
        family=family,
        family_title=product.get("title", "") if family else "",
    )


def _picture(product: schemas.Product, sku: schemas.Sku) -> str:
    """Return where the picture of a SKU lies: its own, or else its product's first."""
    own = (one["sku_img"] for one in sku.get("sales_attributes", []) if "sku_img" in one)
    return next(filter(None, (address_of(one) for one in (*own, *product.get("main_images", [])))), "")


def address_of(picture: schemas.Picture) -> str:
    """Return where a picture lies, preferring its small copy."""
    return next(iter(picture.get("thumb_urls") or picture.get("urls") or ()), "")


# --- Small things -----------------------------------------------------------------------------------------------------
def _moment(seconds: int, path: str) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise Unreadable(f"{path} is {seconds}, which is no time") from None


def _moment_or_none(seconds: int | None, path: str) -> datetime | None:
    return _moment(seconds, path) if seconds else None


def decimal(value: str, path: str) -> Decimal:
    """Read an exact decimal number from its text."""
    try:
        read = Decimal(value.strip())
    except InvalidOperation:
        raise Unreadable(f"{path} is {value[:40]!r}, which is no amount") from None
    if not read.is_finite():
        raise Unreadable(f"{path} is {value[:40]!r}, which is no amount")
    return read


def _amount(value: str | None, currency: str, path: str) -> Amount | None:
    return Amount(decimal(value, path), currency) if value and currency else None


def _filled(*texts: str | None) -> tuple[str, ...]:
    return tuple(text.strip() for text in texts if text and text.strip())


def _filled_text(value: str, path: str) -> str:
    if not value.strip():
        raise Unreadable(f"{path} is empty")
    return value
