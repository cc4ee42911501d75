"""Return & Refund API, cancellations: the seller cancels, finds requests, approves or rejects them (tiktok.md §8)."""

from __future__ import annotations

from typing import Any

from stores.sandbox.door import Dropped
from stores.sandbox.tiktok import cancellations, paging
from stores.sandbox.tiktok.aftersales import IMAGES, SCOPES, SORTED, chosen, fits, of_line, once, own_order, refund, sorted_rows
from stores.sandbox.tiktok.answers import Refusal
from stores.sandbox.tiktok.cancellations import CANCELLED, PENDING
from stores.sandbox.tiktok.operations import Call, Operation
from stores.sandbox.tiktok.reasons import MARKETS, OUT_OF_STOCK, RETURN_REJECTS
from stores.sandbox.tiktok.records import Cancellation, PlacedOrder, Status

PATH, NEWER = "/return_refund/202309/cancellations", "/return_refund/202602/cancellations"


# --- the seller cancels -----------------------------------------------------------------------------------------------------
def cancel_order(call: Call) -> dict[str, Any]:
    """Answer ``cancelOrder``: at once, wholly, or in the US and UK partly when something is out of stock."""
    if call.strike("cancel_lost_before_effect") is not None:
        raise Dropped
    with call.world.books.transaction():
        order = _order(call)
        _check_status(call, order)
        reason = call.body["cancel_reason"]
        _check_reason(order, reason)
        line_ids = chosen(order, call.body, [line for line in order.lines_left if not line.collected_by_carrier])
        if set(line_ids) != {line.line_id for line in order.lines_left} and (
            order.region not in ("US", "GB") or reason.removesuffix("_uk") not in OUT_OF_STOCK
        ):
            raise Refusal(25005010)
        made = cancellations.new(call.world, order, line_ids, kind="CANCEL", role="SELLER", reason=reason, status=cancellations.SUCCESS, at=call.now)
        cancellations.carry_out(call.world, order, made, at=call.now)
    if call.strike("cancel_lost_after_success") is not None:
        raise Dropped
    return {"cancel_id": made.cancel_id, "cancel_status": made.status}


def _order(call: Call) -> PlacedOrder:
    order = call.world.books.order(call.body["order_id"])
    if order is None:
        raise Refusal(25001001)
    if order.shop_id != call.shop.shop_id or order.fulfilled_by == "TIKTOK":
        raise Refusal(25020005)
    return order


def _check_status(call: Call, order: PlacedOrder) -> None:
    if order.status in (Status.CANCELLED, Status.COMPLETED):
        raise Refusal(25001051)
    collected = (Status.IN_TRANSIT, Status.DELIVERED)
    if order.status in collected or (order.status == Status.AWAITING_COLLECTION and order.region != "US"):
        raise Refusal(25001045)
    if cancellations.pending(call.world, order.order_id):
        raise Refusal(25001011)


def _check_reason(order: PlacedOrder, reason: str) -> None:
    market = MARKETS[order.region]
    right, other = (market.seller_unpaid, market.seller_paid)[:: 1 if order.status == Status.UNPAID else -1]
    if reason in right:
        return
    if reason in other:
        raise Refusal(25001021)
    known = any(reason in row for row in (market.buyer_paid, market.buyer_unpaid, market.system))
    raise Refusal(25001015 if known else 25001014)


# --- requests ---------------------------------------------------------------------------------------------------------------
def search(call: Call) -> dict[str, Any]:
    """Answer ``searchCancellations``."""
    body = call.body
    wanted = {str(status).removesuffix("LED") for status in body.get("cancel_status", ())}  # both spellings of CANCEL

    def wanted_here(row: Cancellation) -> bool:
        return (
            row.cancel_id in body.get("cancel_ids", (row.cancel_id,))
            and row.kind in body.get("cancel_types", (row.kind,))
            and (not wanted or row.status.removesuffix("LED") in wanted)
        )

    rows = sorted_rows(call, [row for row in call.world.books.cancellations(shop_id=call.shop.shop_id) if wanted_here(row) and fits(call, row)])
    page, token = paging.slice_of(call, rows, step=paging.size(call, at_most=50, default=10))
    return {"cancellations": [shape(call, row) for row in page], "total_count": len(rows), "next_page_token": token}


def shape(call: Call, row: Cancellation) -> dict[str, Any]:
    """Return a cancellation in TikTok's shape."""
    order = call.world.books.order(row.order_id)
    assert order is not None, "a cancellation without its order"
    lines = [line for line in order.lines if line.line_id in row.line_ids]
    body: dict[str, Any] = {
        "cancel_id": row.cancel_id,
        "order_id": row.order_id,
        "cancel_type": row.kind,
        "cancel_status": row.status,
        "role": row.role,
        "cancel_reason": row.reason,
        "cancel_reason_text": MARKETS[order.region].label(row.reason),
        "create_time": int(row.created),
        "update_time": row.updated,
        "refund_amount": refund(order, lines, whole=len(lines) == len(order.lines)),
        "cancel_line_items": [
            {"cancel_line_item_id": f"{row.cancel_id[:-3]}{number:03d}", **of_line(call, order, line)} for number, line in enumerate(lines, start=1)
        ],
    }
    if row.status == PENDING:
        body["seller_next_action_response"] = [{"action": "SELLER_RESPOND_CANCEL", "deadline": int(row.deadline)}]
    return body


def _asked(call: Call) -> tuple[PlacedOrder, Cancellation]:
    """Return the request that is answered, with its order."""
    request = call.world.books.cancellation(call.path["cancel_id"])
    order = own_order(call, request)
    assert request is not None, "an order of no request"
    return order, request


def approve(call: Call) -> dict[str, Any]:
    """Answer ``approveCancellation``."""

    def answer() -> dict[str, Any]:
        order, request = _asked(call)
        if request.status == CANCELLED:
            raise Refusal(25020009)
        if request.status != PENDING:
            raise Refusal(25011012)
        call.world.note(order.shop_id, "cancel_approved", {"cancel_id": request.cancel_id}, at=call.now, order_id=order.order_id)
        cancellations.carry_out(call.world, order, request, at=call.now)
        return {}

    done = once(call, call.path["cancel_id"], answer)
    if call.strike("cancel_lost_after_success") is not None:
        raise Dropped
    return done


def reject(call: Call) -> dict[str, Any]:
    """Answer ``rejectCancellation``. In the US one rejects by shipping, and this call is refused [L]."""

    def answer() -> dict[str, Any]:
        order, request = _asked(call)
        if request.status != PENDING:
            raise Refusal(25011011 if request.status == CANCELLED else 25020010)
        if order.region == "US" and not call.world.settings.us_rejects_by_call:
            raise Refusal(25020004)
        if call.body["reject_reason"] not in MARKETS[order.region].seller_rejects:
            raise Refusal(25001014)
        cancellations.close(call.world, order, request, at=call.now, how="cancel_rejected")
        return {}

    return once(call, call.path["cancel_id"], answer)


def reject_reasons(call: Call) -> dict[str, Any]:
    """Answer ``getRejectReasons`` for a cancellation or a return."""
    asked = call.query["return_or_cancel_id"]
    request = call.world.books.cancellation(asked)
    if request is not None and request.shop_id == call.shop.shop_id:
        reasons = MARKETS[call.shop.region].seller_rejects
    else:
        returned = call.world.books.returned(asked)
        reasons = RETURN_REJECTS if returned is not None and returned.shop_id == call.shop.shop_id else {}
    return {"reasons": [{"name": name, "text": text} for name, text in reasons.items()]}


CANCEL = "order_id! skus[{sku_id! quantity!:int}] order_line_item_ids[] cancel_reason!"
SEARCH = (
    "cancel_ids[] order_ids[] buyer_user_ids[] cancel_types[] cancel_status[] create_time_ge:int create_time_lt:int update_time_ge:int"
    " update_time_lt:int locale"
)
OPERATIONS = (
    Operation("cancelOrder", "POST", PATH, cancel_order, scopes=SCOPES, body=CANCEL),
    Operation(
        "cancelOrder202602",
        "POST",
        NEWER,
        cancel_order,
        scopes=SCOPES,
        body=f"{CANCEL} order_line_list[{{order_line_item_id sub_order_line_item_id}}]",
    ),
    Operation("searchCancellations", "POST", f"{PATH}/search", search, scopes=SCOPES, query=SORTED, body=SEARCH),
    Operation("searchCancellations202602", "POST", f"{NEWER}/search", search, scopes=SCOPES, query=SORTED, body=SEARCH),
    Operation("approveCancellation", "POST", f"{PATH}/{{cancel_id}}/approve", approve, scopes=SCOPES, query="idempotency_key"),
    Operation(
        "rejectCancellation",
        "POST",
        f"{PATH}/{{cancel_id}}/reject",
        reject,
        scopes=SCOPES,
        query="idempotency_key",
        body=f"reject_reason! comment {IMAGES}",
    ),
    Operation(
        "getRejectReasons",
        "GET",
        "/return_refund/202309/reject_reasons",
        reject_reasons,
        scopes=SCOPES,
        query="locale return_or_cancel_id!",
        invalid_code=36009004,
    ),
)
