"""Cancelling, and answering a buyer's wish to. Each call looks at the order first, so repeating it is harmless."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pod_hub.core.deadlines import deadline
from pod_hub.core.http import TOTAL_S
from stores.channels.errors import NotFound, Refused
from stores.channels.telling_types import CancelNotice, DeclineReason, Receipt, WishAnswer
from stores.channels.tiktok import client, codes, mapper, operations
from stores.channels.tiktok.markets import BY_CODE
from stores.channels.tiktok.orders import cancellations
from stores.channels.tiktok.shipping import Looked, look
from stores.channels.types import Account


def cancel(account: Account, notice: CancelNotice) -> Receipt:
    """Cancel lines of an order, or all of it; see ``CancelsDirectly.cancel``."""
    with deadline(TOTAL_S):
        seen = look(account, shop=notice.marketplace, external_id=notice.external_id)
        units = _units(seen, notice.lines)
        if not units:
            return Receipt(request_id=seen.request_id, status=seen.status)
        living = [unit["id"] for unit in seen.order["line_items"] if not mapper.is_cancelled(unit)]
        body: dict[str, Any] = {"order_id": notice.external_id, "cancel_reason": _reason(seen, notice, whole=set(units) == set(living))}
        if set(units) != set(living):
            body["order_line_item_ids"] = units
        try:
            answer = client.call(account, operations.CANCEL_ORDER, shop=notice.marketplace, body=body)
        except Refused as error:
            if error.code not in {str(code) for code in codes.CANCELLED_ALREADY}:
                raise
            again = look(account, shop=notice.marketplace, external_id=notice.external_id)
            if _units(again, notice.lines):
                raise
            return Receipt(request_id=again.request_id, status=again.status)
    return Receipt(request_id=answer.request_id, status=answer.status)


def _units(seen: Looked, lines: Sequence[str]) -> list[str]:
    """Return the units of the lines that are not cancelled yet."""
    return [unit["id"] for units in mapper.grouped(seen.order) if units[0]["id"] in lines for unit in units if not mapper.is_cancelled(unit)]


def _reason(seen: Looked, notice: CancelNotice, *, whole: bool) -> str:
    """Return TikTok's key of the reason. Some markets let single lines be cancelled, and only because they are out of stock."""
    market = BY_CODE.get(notice.site)
    about: dict[str, Any] = {"request_id": seen.request_id, "status": seen.status}
    if market is None or notice.reason not in market.cancel_reasons:
        raise Refused(
            "TikTok Shop has no such reason to cancel on this marketplace. Cancel again with another reason.", code="ReasonUnknown", **about
        )
    if notice.reason not in market.reasons(whole=whole):
        raise Refused(
            "TikTok Shop lets single lines be cancelled only because they are out of stock, and on some marketplaces not at all. Cancel the whole order.",
            code="OnlyWhole",
            **about,
        )
    return market.cancel_reasons[notice.reason]


def cancelled_lines(account: Account, *, shops: Sequence[str], external_id: str) -> frozenset[str]:
    """Return the lines of which every unit is cancelled."""
    for shop in shops:
        try:
            order = look(account, shop=shop, external_id=external_id).order
        except NotFound:
            if shop == shops[-1]:
                raise
            continue
        return frozenset(units[0]["id"] for units in mapper.grouped(order) if all(mapper.is_cancelled(unit) for unit in units))
    return frozenset()


def agree(account: Account, answer: WishAnswer) -> Receipt:
    """Agree to a wish. The key makes a repeated call the same answer."""
    query = {"idempotency_key": answer.key}
    given = client.call(account, operations.APPROVE_CANCELLATION, shop=answer.marketplace, path={"cancel_id": answer.wish}, query=query)
    return Receipt(request_id=given.request_id, status=given.status)


def decline(account: Account, answer: WishAnswer) -> Receipt:
    """Decline a wish by a call, where the market has one."""
    query, body = {"idempotency_key": answer.key}, {"reject_reason": answer.reason}
    given = client.call(account, operations.REJECT_CANCELLATION, shop=answer.marketplace, path={"cancel_id": answer.wish}, query=query, body=body)
    return Receipt(request_id=given.request_id, status=given.status)


def decline_reasons(account: Account, *, shop: str, wish: str) -> tuple[DeclineReason, ...]:
    """Ask with which reasons this wish may be declined: they differ by market and by what was asked."""
    answer = client.call(account, operations.REJECT_REASONS, shop=shop, query={"return_or_cancel_id": wish})
    found = answer.data.get("reasons")
    return tuple(
        DeclineReason(str(one["name"]), str(one.get("text") or one["name"]))
        for one in (found if isinstance(found, list) else [])
        if isinstance(one, dict) and one.get("name")
    )


def pending(account: Account, *, shop: str, external_id: str) -> frozenset[str]:
    """Return the numbers of an order's wishes that wait for an answer."""
    found = cancellations(account, shop, [external_id]).get(external_id, [])
    return frozenset(str(one["cancel_id"]) for one in found if one.get("cancel_status") == mapper.PENDING_CANCELLATION and one.get("cancel_id"))
