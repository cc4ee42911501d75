"""Telling TikTok Shop what left, and reading it back.

TikTok takes no reference of ours, so nothing makes a repeated call the same package by itself. The order is read first each time: units that carry our
tracking number already are this very package, and only open ones are told. What is told are units, chosen now, because one of them may have been
cancelled since the parcel was packed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pod_hub.core.deadlines import deadline
from pod_hub.core.http import TOTAL_S
from stores.channels.errors import NotFound, Refused, TryLater, Unreadable, WishOpen
from stores.channels.shapes import conform
from stores.channels.telling_types import PackageNotice, Receipt
from stores.channels.tiktok import carriers, client, codes, mapper, operations, schemas
from stores.channels.types import Account, ChannelState, FulfilledBy, SeenPackage


@dataclass(frozen=True, slots=True)
class Looked:
    """An order as it is now, and the request that showed it."""

    order: schemas.Order
    request_id: str
    status: int


def look(account: Account, *, shop: str, external_id: str) -> Looked:
    """Read an order right before something is done to it. Raises ``NotFound``, and ``TryLater`` when it cannot be read."""
    answer = client.call(account, operations.GET_ORDERS, shop=shop, query={"ids": external_id})
    listed: Any = answer.data.get("orders")
    found = next((one for one in (listed if isinstance(listed, list) else []) if isinstance(one, dict) and one.get("id") == external_id), None)
    if found is None:
        raise NotFound(f"TikTok Shop does not know order {external_id} in this shop.", code="NumberUnknown", request_id=answer.request_id)
    try:
        return Looked(conform(found, schemas.Order, "order"), answer.request_id, answer.status)
    except Unreadable as error:
        raise TryLater(f"TikTok Shop's order cannot be read: {error}. The hub tries again by itself.", request_id=answer.request_id) from error


def packages(account: Account, *, shops: Sequence[str], external_id: str) -> tuple[SeenPackage, ...]:
    """Return the order's packages; asked of each shop until one knows it."""
    for shop in shops[:-1]:
        try:
            return mapper.read_packages(look(account, shop=shop, external_id=external_id).order)
        except NotFound:
            continue
    return mapper.read_packages(look(account, shop=shops[-1], external_id=external_id).order)


def mark_shipped(account: Account, notice: PackageNotice) -> Receipt:
    """Mark a package as shipped; see ``Channel.confirm_package``."""
    with deadline(TOTAL_S):
        seen = look(account, shop=notice.marketplace, external_id=notice.external_id)
        if told := [unit for unit in seen.order["line_items"] if notice.package_id and unit.get("package_id") == notice.package_id]:
            return _correct(account, seen, told[0], notice)
        if _is_there(seen.order, notice):
            return Receipt(request_id=seen.request_id, status=seen.status)
        try:
            _refuse(seen, notice)
        except Unreadable as error:
            raise Refused(
                f"TikTok Shop's order cannot be read: {error}. Ship it there.", code="OrderUnreadable", request_id=seen.request_id
            ) from error
        units = _open_units(seen, notice)
        provider = carriers.provider_for(
            account,
            shop=notice.marketplace,
            delivery_option=seen.order.get("delivery_option_id", ""),
            carrier_id=notice.carrier_id,
            code=notice.carrier_code,
            name=notice.carrier_name,
        )
        body = {"order_line_item_ids": units, "tracking_number": notice.tracking_number.strip(), "shipping_provider_id": provider.id}
        path = {"order_id": notice.external_id}
        try:
            answer = client.call(account, operations.MARK_SHIPPED, shop=notice.marketplace, path=path, body=body)
        except Refused as error:
            if error.code not in {str(code) for code in codes.SHIPPED_ALREADY}:
                raise
            # What an earlier try did, whose answer was lost, or what somebody did at TikTok: the tracking number tells.
            again = look(account, shop=notice.marketplace, external_id=notice.external_id)
            if _is_there(again.order, notice):
                return Receipt(request_id=again.request_id, status=again.status)
            if _open_units(again, notice) != units:
                # Another package of the order was told between our look and our call and took a unit of ours; others are open still.
                raise TryLater("Another package of this order was told at the same moment. The hub tries again by itself.", wait_s=1) from error
            raise
    warning = answer.data.get("warning")
    words = str(warning.get("message") or "") if isinstance(warning, dict) else ""
    package_id = str(answer.data.get("package_id") or "")
    return Receipt(request_id=answer.request_id, status=answer.status, warning=words[:500], package_id=package_id)


def _correct(account: Account, seen: Looked, told: schemas.LineItem, notice: PackageNotice) -> Receipt:
    """Give a package that was told before another carrier or tracking number; TikTok takes that once for an order, for three days."""
    provider = carriers.provider_for(
        account,
        shop=notice.marketplace,
        delivery_option=seen.order.get("delivery_option_id", ""),
        carrier_id=notice.carrier_id,
        code=notice.carrier_code,
        name=notice.carrier_name,
    )
    if same_tracking(told.get("tracking_number", ""), notice.tracking_number) and provider.id == told.get("shipping_provider_id"):
        return Receipt(request_id=seen.request_id, status=seen.status, package_id=notice.package_id)
    body = {"tracking_number": notice.tracking_number.strip(), "shipping_provider_id": provider.id}
    answer = client.call(account, operations.UPDATE_SHIPPING, shop=notice.marketplace, path={"package_id": notice.package_id}, body=body)
    return Receipt(request_id=answer.request_id, status=answer.status, package_id=notice.package_id)


def same_tracking(told: str, ours: str) -> bool:
    """Whether two tracking numbers are the same but for spaces and case."""
    return bool(ours) and told.replace(" ", "").upper() == ours.replace(" ", "").upper()


def _is_there(order: schemas.Order, notice: PackageNotice) -> bool:
    """Whether the units of the package carry our tracking number already, as many as are in it."""
    if not notice.tracking_number.strip():
        return False
    for line, quantity in notice.quantities.items():
        units = _units_of(order, line)
        mine = [unit for unit in units if mapper.is_shipped(unit) and same_tracking(unit.get("tracking_number", ""), notice.tracking_number)]
        if len(mine) < quantity:
            return False
    return bool(notice.quantities)


def _units_of(order: schemas.Order, line: str) -> list[schemas.LineItem]:
    return next((units for units in mapper.grouped(order) if units[0]["id"] == line), [])


def _refuse(seen: Looked, notice: PackageNotice) -> None:
    """Raise ``Refused`` for whatever must not be told as shipped, in sentences that say what to do."""
    order = seen.order
    about: dict[str, Any] = {"request_id": seen.request_id, "status": seen.status}
    if not notice.tracking_number.strip():
        raise Refused("TikTok Shop takes no package without a tracking number. Enter it and send it again.", code="TrackingMissing", **about)
    if not notice.quantities or any(quantity < 1 for quantity in notice.quantities.values()):
        raise Refused("The package holds no units. Say what is inside and send it again.", code="PackageEmpty", **about)
    if mapper.STATES.get(order["status"]) is ChannelState.CANCELLED:
        raise Refused("TikTok Shop shows the order as cancelled, so nothing of it may leave. Stop the parcel.", code="OrderCancelled", **about)
    if order["status"] == mapper.ON_HOLD:
        raise Refused("TikTok Shop still holds the order: the buyer may cancel freely. Send it again when the hold is over.", code="OnHold", **about)
    if mapper.STATES.get(order["status"]) is ChannelState.PENDING:
        raise Refused("The order is not paid yet, so TikTok Shop takes no package. Wait until it is.", code="NotPaid", **about)
    if mapper.fulfilled_by(order) is FulfilledBy.CHANNEL:
        raise Refused("TikTok Shop ships this order from its own warehouse.", code="FulfilledByChannel", **about)
    if mapper.label_by_channel(order):
        raise Refused(
            "The label of this order comes from TikTok Shop: buy it on the order's page. A parcel with another label would not be counted as shipped.",
            code="LabelByChannel",
            **about,
        )
    if order.get("is_buyer_request_cancel") and not notice.declines_request:
        raise WishOpen(
            "The buyer asks to cancel, and shipping would decline that. Decide on the order's page; the package is told by itself then.",
            code="CancelRequested",
            **about,
        )


def _open_units(seen: Looked, notice: PackageNotice) -> list[str]:
    """Return the units to tell: of each line as many open ones as are in the package, the first ones first."""
    chosen: list[str] = []
    for line, quantity in sorted(notice.quantities.items()):
        units = [unit["id"] for unit in _units_of(seen.order, line) if not mapper.is_cancelled(unit) and not mapper.is_shipped(unit)]
        if len(units) < quantity:
            raise Refused(
                f"The package holds {quantity} units of line {line}, but TikTok Shop shows {len(units)} open. Compare the order there.",
                code="UnitsNotOpen",
                request_id=seen.request_id,
                status=seen.status,
            )
        chosen += units[:quantity]
    return chosen
