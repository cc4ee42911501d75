"""Labels that are bought at TikTok Shop, for orders whose delivery it arranges (shipping type TIKTOK).

Buying one marks its units as shipped, long before the parcel leaves. Nothing makes a repeated purchase the same one, so after a lost answer the order's
packages are looked at: one that holds our units and is none of the others is what we bought.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pod_hub.core import http
from pod_hub.core.deadlines import deadline
from stores.channels.errors import NotFound, Refused, TryLater, Unreadable, WishOpen
from stores.channels.telling_types import LabelBought, LabelOffer, Parcel
from stores.channels.tiktok import client, mapper, operations
from stores.channels.tiktok.markets import under_imitation
from stores.channels.tiktok.shipping import Looked, look
from stores.channels.types import Account, Amount, ChannelState

DOCUMENT_BYTES = 20 * 1024 * 1024
_WHOLE_ORDER, _SOME_LINES = "1", "2"


def offers(account: Account, parcel: Parcel) -> tuple[LabelOffer, ...]:
    """Ask which services would carry the parcel, the cheapest first."""
    with deadline(http.TOTAL_S):
        seen = look(account, shop=parcel.marketplace, external_id=parcel.external_id)
        body = {"order_line_item_ids": _units(seen, parcel)} | _measures(parcel)
        answer = client.call(account, operations.SHIPPING_SERVICES, shop=parcel.marketplace, path={"order_id": parcel.external_id}, body=body)
    found = answer.data.get("shipping_services")
    read = [_offer(one) for one in (found if isinstance(found, list) else []) if isinstance(one, dict) and one.get("id")]
    return tuple(sorted(read, key=lambda one: (one.price is None, one.price.value if one.price else Decimal(0), one.name)))


def _offer(told: Mapping[str, Any]) -> LabelOffer:
    return LabelOffer(
        service_id=str(told["id"]),
        name=str(told.get("name") or told["id"]),
        carrier=str(told.get("shipping_provider_name") or ""),
        price=_price(told),
        earliest_days=_days(told.get("earliest_delivery_days")),
        latest_days=_days(told.get("latest_delivery_days")),
        is_default=told.get("is_default") is True,
    )


def buy(account: Account, parcel: Parcel, *, service_id: str) -> LabelBought:
    """Buy a label, having looked at the order. Call ``find`` before doing it again."""
    with deadline(http.TOTAL_S):
        seen = look(account, shop=parcel.marketplace, external_id=parcel.external_id)
        _refuse(seen)
        units = _units(seen, parcel)
        living = {unit["id"] for unit in seen.order["line_items"] if not mapper.is_cancelled(unit)}
        body: dict[str, Any] = {"order_id": parcel.external_id, "shipping_service_id": service_id} | _measures(parcel)
        if set(units) == living:
            body["ship_type"] = _WHOLE_ORDER
        else:
            body |= {"ship_type": _SOME_LINES, "order_line_item": [{"order_line_id": unit} for unit in units]}
        answer = client.call(account, operations.CREATE_PACKAGE, shop=parcel.marketplace, body=body)
    package_id = str(answer.data.get("package_id") or "")
    if not package_id:
        raise TryLater("TikTok Shop sold a label but did not name its package. The hub looks for it.", ambiguous=True, request_id=answer.request_id)
    service = answer.data.get("shipping_service_info")
    about = service if isinstance(service, dict) else {}
    return LabelBought(package_id, str(about.get("shipping_provider_name") or ""), price=_price(about), request_id=answer.request_id)


def find(account: Account, parcel: Parcel, *, known: Sequence[str]) -> LabelBought | None:
    """Return what an earlier try bought: a package that holds as many units of our lines and is none of those that are known."""
    seen = look(account, shop=parcel.marketplace, external_id=parcel.external_id)
    for package in mapper.read_packages(seen.order):
        if package.package_id and package.package_id not in known and dict(package.quantities) == dict(parcel.quantities):
            return LabelBought(package.package_id, package.carrier, package.tracking_number, request_id=seen.request_id)
    return None


def document(account: Account, *, shop: str, package_id: str) -> tuple[bytes, LabelBought]:
    """Fetch the label's PDF at once: its address lives a day and is open to whoever has it. It can be printed until the parcel is picked up."""
    with deadline(http.TOTAL_S):
        query = {"document_type": "SHIPPING_LABEL", "document_size": "A6"}
        answer = client.call(account, operations.SHIPPING_DOCUMENT, shop=shop, path={"package_id": package_id}, query=query)
        url = answer.data.get("doc_url")
        if not isinstance(url, str) or not url:
            raise TryLater("TikTok Shop gave no address for the label. The hub tries again by itself.", request_id=answer.request_id)
        content = _download(url)
    if not content.startswith(b"%PDF"):
        raise Refused("TikTok Shop's label is no PDF. Print it in the Seller Center.", code="LabelNotPdf", request_id=answer.request_id)
    return content, LabelBought(package_id, tracking_number=str(answer.data.get("tracking_number") or ""), request_id=answer.request_id)


def _download(url: str) -> bytes:
    try:
        if not under_imitation(url):
            http.require_public_https(url)
        return http.request("GET", url, service="TikTok Shop", template="shipping label", max_bytes=DOCUMENT_BYTES).content
    except http.UnsafeAddress as error:
        raise Refused(f"TikTok Shop's label is at an address the hub does not open. {error}", code="LabelAddress") from error
    except http.TooLarge as error:
        raise Refused("TikTok Shop's label is larger than the hub accepts. Print it in the Seller Center.", code="LabelTooLarge") from error
    except http.HttpError as error:
        raise TryLater(f"The label could not be downloaded (status {error.status}). The hub tries again by itself.", status=error.status) from None
    except http.ExchangeFailed:
        raise TryLater("The download of the label broke off. The hub tries again by itself.") from None


def _refuse(seen: Looked) -> None:
    order = seen.order
    about: dict[str, Any] = {"request_id": seen.request_id, "status": seen.status}
    try:
        by_channel = mapper.label_by_channel(order)
    except Unreadable as error:
        raise Refused(f"TikTok Shop's order cannot be read: {error}. Buy the label there.", code="OrderUnreadable", **about) from error
    if not by_channel:
        raise Refused("This order is shipped with a label of your own; TikTok Shop sells none for it.", code="LabelBySeller", **about)
    if order["status"] == mapper.ON_HOLD or mapper.STATES.get(order["status"]) in {ChannelState.CANCELLED, ChannelState.PENDING}:
        raise Refused(f"TikTok Shop sells no label for this order now: it is {order['status']}.", code="OrderNotOpen", **about)
    if order.get("is_buyer_request_cancel"):
        raise WishOpen("The buyer asks to cancel, and a label would decline that. Decide on the order's page first.", code="CancelRequested", **about)


def _units(seen: Looked, parcel: Parcel) -> list[str]:
    chosen: list[str] = []
    for line, quantity in sorted(parcel.quantities.items()):
        group = next((units for units in mapper.grouped(seen.order) if units[0]["id"] == line), [])
        open_units = [unit["id"] for unit in group if not mapper.is_cancelled(unit) and not mapper.is_shipped(unit)]
        if len(open_units) < quantity:
            raise NotFound(
                f"The parcel holds {quantity} units of line {line}, but TikTok Shop shows {len(open_units)} open.",
                code="UnitsNotOpen",
                request_id=seen.request_id,
                status=seen.status,
            )
        chosen += open_units[:quantity]
    return chosen


def _measures(parcel: Parcel) -> dict[str, Any]:
    size = {"length": _cm(parcel.length_mm), "width": _cm(parcel.width_mm), "height": _cm(parcel.height_mm), "unit": "CM"}
    return {"weight": {"value": str(parcel.weight_g), "unit": "GRAM"}, "dimension": size}


def _cm(millimetres: int) -> str:
    return f"{Decimal(millimetres) / 10:f}"


def _price(told: Mapping[str, Any]) -> Amount | None:
    try:
        return Amount(mapper.decimal(str(told["price"]), "price"), str(told.get("currency") or ""))
    except (KeyError, Unreadable):
        return None


def _days(told: object) -> int | None:
    return told if isinstance(told, int) and not isinstance(told, bool) else None
