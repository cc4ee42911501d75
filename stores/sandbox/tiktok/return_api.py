"""Return & Refund API, returns: the seller finds, grants, rejects or begins them; what is possible, and what it costs (tiktok.md §8)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from stores.sandbox.tiktok import paging, returns
from stores.sandbox.tiktok.aftersales import IMAGES, SCOPES, SORTED, chosen, fits, of_line, once, own_order, refund, sorted_rows
from stores.sandbox.tiktok.answers import Refusal
from stores.sandbox.tiktok.codes import MESSAGES
from stores.sandbox.tiktok.delivery import USPS
from stores.sandbox.tiktok.operations import Call, Operation
from stores.sandbox.tiktok.reasons import MARKETS, RETURN_REASONS, RETURN_REJECTS, return_label, seller_return_reasons
from stores.sandbox.tiktok.records import Line, PlacedOrder, Return, Status

PATH = "/return_refund/202309/returns"
KINDS = ("REFUND", "RETURN_AND_REFUND")
# What a seller can say yes and no to, by what is wished.
YES = {"REFUND": "APPROVE_REFUND", "RETURN_AND_REFUND": "APPROVE_RETURN", "REPLACEMENT": "APPROVE_REPLACEMENT"}
NO = {"REFUND": "REJECT_REFUND", "RETURN_AND_REFUND": "REJECT_RETURN", "REPLACEMENT": "REJECT_REPLACEMENT"}
NEXT = {"REFUND": "SELLER_RESPOND_REFUND", "RETURN_AND_REFUND": "SELLER_RESPOND_RETURN", "REPLACEMENT": "SELLER_RESPOND_REPLACEMENT"}


# --- the seller begins -------------------------------------------------------------------------------------------------------
def create(call: Call) -> dict[str, Any]:
    """Answer ``createReturn``: the seller asks in the buyer's name, and answers like any other."""
    return once(call, call.body["order_id"], lambda: _created(call))


def _created(call: Call) -> dict[str, Any]:
    body, order = call.body, call.world.books.order(call.body["order_id"])
    if order is None or body["return_type"] not in KINDS:
        raise Refusal(25001001)
    if order.shop_id != call.shop.shop_id:
        raise Refusal(25020005)
    if order.status in (Status.CANCELLED, Status.COMPLETED):
        raise Refusal(25001051)
    if order.status != Status.DELIVERED:
        raise Refusal(25001003)
    _check_reason(body["return_type"], body["return_reason"])
    free = returns.free_lines(call.world, order)
    if not free:
        open_ones = [row for row in call.world.books.returns(order_id=order.order_id) if row.status not in (*returns.IN_VAIN, returns.COMPLETE)]
        raise Refusal(25001011 if open_ones else 25001010)
    line_ids = chosen(order, body, free)
    whole = refund(order, [line for line in order.lines if line.line_id in line_ids], whole=len(line_ids) == len(order.lines))
    asked = body.get("refund_total", "")
    if body.get("currency", order.currency) != order.currency or (asked and not _is_part(asked, Decimal("Infinity"))):
        raise Refusal(25001001)
    if asked and not _is_part(asked, Decimal(whole["refund_total"])):
        raise Refusal(25005005)
    made = returns.new(call.world, order, line_ids, kind=body["return_type"], role="SELLER", reason=body["return_reason"], at=call.now)
    if asked:
        made.refund_total = asked
        call.world.books.keep_return(made, due=made.deadline)
    return {"return_id": made.return_id, "return_status": made.status}


def _check_reason(kind: str, reason: str) -> None:
    if reason in seller_return_reasons(kind):
        return
    if any(reason in seller_return_reasons(other) for other in KINDS):
        raise Refusal(25001021)
    raise Refusal(25001015 if any(reason in reasons for reasons in RETURN_REASONS.values()) else 25001014)


def _is_part(amount: str, of: Decimal) -> bool:
    try:
        return 0 < Decimal(amount) <= of
    except InvalidOperation:
        return False


# --- the seller answers ------------------------------------------------------------------------------------------------------
def _own(call: Call) -> tuple[PlacedOrder, Return]:
    returned = call.world.books.returned(call.path["return_id"])
    order = own_order(call, returned)
    assert returned is not None, "an order of no return"
    return order, returned


def approve(call: Call) -> dict[str, Any]:
    """Answer ``approveReturn``: grant the wish, take the parcel, offer a part, or refund instead of replacing."""
    return once(call, call.path["return_id"], lambda: _approved(call))


def _approved(call: Call) -> dict[str, Any]:
    order, returned = _own(call)
    decision = call.body["decision"]
    if returned.status in (returns.CANCELLED, returns.REPLACEMENT_CANCELLED):
        raise Refusal(25020009)
    if decision == "APPROVE_RECEIVED_PACKAGE":
        if returned.status != returns.SENT_BACK:
            raise Refusal(25011013)
        returns.pay_back(call.world, returned, said="The seller accepted the return", role="SELLER", at=call.now)
        return {}
    allowed = {YES[returned.kind], "ISSUE_REPLACEMENT_REFUND" if returned.kind == "REPLACEMENT" else "OFFER_PARTIAL_REFUND"}
    if decision not in {*YES.values(), "ISSUE_REPLACEMENT_REFUND", "OFFER_PARTIAL_REFUND"}:
        raise Refusal(25001001)
    if decision not in allowed:
        raise Refusal(25020004)
    if returned.status not in returns.ASKED:
        raise Refusal(25011012)
    if returned.offer == "OPEN":
        raise Refusal(25001044)
    if decision == "OFFER_PARTIAL_REFUND":
        returns.offer_part(call.world, returned, _offered(call, order, returned), at=call.now)
    elif decision == "ISSUE_REPLACEMENT_REFUND":
        returns.refund_instead(call.world, returned, at=call.now)
    else:
        returns.grant(call.world, returned, role="SELLER", at=call.now, buyer_keeps=bool(call.body.get("buyer_keep_item")))
    return {}


def _offered(call: Call, order: PlacedOrder, returned: Return) -> str:
    part = call.body.get("partial_refund", {})
    whole = Decimal(_refund(order, returned)["refund_total"])
    if part.get("currency") != order.currency or not _is_part(part.get("amount", ""), whole):
        raise Refusal(25001001)
    return str(part["amount"])


def reject(call: Call) -> dict[str, Any]:
    """Answer ``rejectReturn``."""
    return once(call, call.path["return_id"], lambda: _rejected(call))


def _rejected(call: Call) -> dict[str, Any]:
    _order, returned = _own(call)
    decision = call.body["decision"]
    if decision not in {*NO.values(), "REJECT_RECEIVED_PACKAGE"}:
        raise Refusal(25001001)
    if returned.status in returns.IN_VAIN:
        raise Refusal(25001003)
    if decision == "REJECT_RECEIVED_PACKAGE":
        if returned.status in (returns.SUCCESS, returns.COMPLETE) and returned.arrives:
            raise Refusal(25020011)
        if returned.status != returns.SENT_BACK:
            raise Refusal(25020012)
        if call.now < returned.arrives:
            raise Refusal(25011035)
    elif decision != NO[returned.kind]:
        raise Refusal(25020004)
    elif returned.status not in returns.ASKED:
        raise Refusal(25020010)
    if call.body["reject_reason"] not in RETURN_REJECTS:
        raise Refusal(25001014)
    returns.decline(call.world, returned, comment=call.body.get("comment", ""), at=call.now)
    return {}


# --- finding -----------------------------------------------------------------------------------------------------------------
def search(call: Call) -> dict[str, Any]:
    """Answer ``searchReturns``. Nothing is ever in arbitration here."""
    body = call.body

    def wanted_here(row: Return) -> bool:
        return (
            row.return_id in body.get("return_ids", (row.return_id,))
            and row.kind in body.get("return_types", (row.kind,))
            and row.status in body.get("return_status", (row.status,))
            and (not body.get("seller_proposed_return_type") or bool(row.offer))
            and not body.get("arbitration_status")
        )

    rows = sorted_rows(call, [row for row in call.world.books.returns(shop_id=call.shop.shop_id) if wanted_here(row) and fits(call, row)])
    page, token = paging.slice_of(call, rows, step=paging.size(call, at_least=10, at_most=50, default=10))
    return {"return_orders": [shape(call, row) for row in page], "total_count": len(rows), "next_page_token": token}


def _refund(order: PlacedOrder, returned: Return) -> dict[str, str]:
    lines = [line for line in order.lines if line.line_id in returned.line_ids]
    return refund(order, lines, whole=len(lines) == len(order.lines))


def shape(call: Call, row: Return) -> dict[str, Any]:
    """Return a wish in TikTok's shape."""
    order = call.world.books.order(row.order_id)
    assert order is not None, "a return without its order"
    lines = [line for line in order.lines if line.line_id in row.line_ids]
    amount = _refund(order, row)
    if row.refund_total and row.offer in ("", "ACCEPTED"):
        amount |= {"refund_total": row.refund_total}
    body: dict[str, Any] = {
        "return_id": row.return_id,
        "order_id": row.order_id,
        "return_type": row.kind,
        "return_status": row.status,
        "role": row.role,
        "return_reason": row.reason,
        "return_reason_text": return_label(row.reason),
        "can_buyer_keep_item": row.buyer_keeps,
        "is_combined_return": False,
        "create_time": int(row.created),
        "update_time": row.updated,
        "refund_amount": amount,
        "return_line_items": [
            {"return_line_item_id": f"{row.return_id[:-3]}{number:03d}", **of_line(call, order, line)} for number, line in enumerate(lines, start=1)
        ],
    }
    if row.kind == "RETURN_AND_REFUND":
        body |= {"shipment_type": "PLATFORM", "handover_method": "DROP_OFF", "return_method": "PLATFORM_SHIPPED"}
        body |= {"return_shipping_document_type": "SHIPPING_LABEL"}
    if row.tracking_number:
        body |= {"return_tracking_number": row.tracking_number, "return_provider_id": USPS.provider_id, "return_provider_name": USPS.name}
    if row.offer:
        body |= {"seller_proposed_return_type": "PARTIAL_REFUND", "buyer_rejected_partial_refund": row.offer == "REJECTED"}
    if row.offer in ("OPEN", "ACCEPTED"):
        body["partial_refund"] = {"currency": order.currency, "amount": row.refund_total}
    action = _next_action(call, row)
    if action:
        body["seller_next_action_response"] = [{"action": action, "deadline": int(row.deadline)}]
    return body


def _next_action(call: Call, row: Return) -> str:
    if row.status in returns.ASKED and row.offer != "OPEN":
        return NEXT[row.kind]
    return "SELLER_RESPOND_RECEIVE_PACKAGE" if row.status == returns.SENT_BACK and call.now >= row.arrives else ""


def records(call: Call) -> dict[str, Any]:
    """Answer ``getReturnRecords``: who did what when."""
    _order, returned = _own(call)
    rows = [
        {
            "event": "ORDER_RETURN",
            "role": entry["role"],
            "description": entry["description"],
            "reason_text": return_label(returned.reason),
            "note": entry["note"],
            "create_time": int(entry["at"]),
        }
        for entry in returned.history
    ]
    return {"records": rows}


# --- what is possible --------------------------------------------------------------------------------------------------------
def eligibility(call: Call) -> dict[str, Any]:
    """Answer ``getAftersaleEligibility``."""
    order = call.world.books.order(call.path["order_id"])
    if order is None or order.shop_id != call.shop.shop_id:
        raise call.invalid("order_id is no order of this shop")
    skus = dict.fromkeys(line.sku_id for line in order.lines)
    wanted = call.query.get("request_types") or ("CANCEL", *KINDS)
    if not set(wanted) <= {"CANCEL", *KINDS}:
        raise call.invalid("request_types holds an unknown value")
    return {"sku_eligibility": [{"sku_id": sku_id, "line_item_eligibility": list(_options(call, order, sku_id, wanted))} for sku_id in skus]}


def _options(call: Call, order: PlacedOrder, sku_id: str, wanted: Any) -> Iterator[dict[str, Any]]:
    named = call.operation != "getAftersaleEligibility"
    seller = call.query.get("initiate_aftersale_user", "SELLER") == "SELLER"
    market = MARKETS[order.region]
    cancel = (market.seller_unpaid, market.seller_paid) if seller else (market.buyer_unpaid, market.buyer_paid)
    for kind in wanted:
        lines = [line for line in order.lines if line.sku_id == sku_id]
        open_lines = _open_lines(call, order, kind)
        able = [line.line_id for line in lines if line in open_lines]
        reasons = cancel[order.status != Status.UNPAID] if kind == "CANCEL" else seller_return_reasons(kind) if seller else RETURN_REASONS[kind]
        yield {
            "request_type": kind,
            "order_line_items_ids": able or [line.line_id for line in lines],
            "eligible": bool(able),
            **({} if able else {"ineligible_code": 25001003, "ineligible_reason": MESSAGES[25001003]}),
            **({"available_reason_names": list(reasons)} if named and able else {}),
        }


def _open_lines(call: Call, order: PlacedOrder, kind: str) -> list[Line]:
    if kind != "CANCEL":
        return returns.free_lines(call.world, order)
    return [line for line in order.lines_left if line.status in (Status.UNPAID, Status.AWAITING_SHIPMENT)]


def calculate(call: Call) -> dict[str, Any]:
    """Answer ``calculateRefund``."""
    order = call.world.books.order(call.body["order_id"])
    if order is None or order.shop_id != call.shop.shop_id:
        raise Refusal(25007006)
    if call.body["request_type"] not in ("CANCEL", *KINDS):
        raise Refusal(25001001)
    named = set(_named(call, order))
    lines = [line for line in order.lines if line.line_id in named]
    return {"order_refund_amount": refund(order, lines, whole=len(lines) == len(order.lines))}


def _named(call: Call, order: PlacedOrder) -> list[str]:
    try:
        return chosen(order, call.body, order.lines_left)
    except Refusal:
        raise Refusal(25001001) from None


WISH = "order_id! skus[{sku_id! quantity!:int}] order_line_item_ids[] return_reason! return_type! refund_total currency shipment_type handover_method"
LISTED = "order_line_list[{order_line_item_id sub_order_line_item_id}]"
SEARCH = (
    "return_ids[] order_ids[] buyer_user_ids[] return_types[] return_status[] seller_proposed_return_type[] create_time_ge:int arbitration_status[]"
    " update_time_ge:int update_time_lt:int locale create_time_lt:int"
)
SUM = "order_id! request_type! shipment_type handover_method reason_name! order_line_item_ids[] skus[{sku_id! quantity!:int}]"
REJECT = f"decision! reject_reason! comment {IMAGES}"
ELIGIBILITY = "/return_refund/{}/orders/{{order_id}}/aftersale_eligibility"
BOTH = ("seller.fulfillment.basic", *SCOPES)
KEY = "idempotency_key"
OPERATIONS = (
    Operation("createReturn", "POST", PATH, create, scopes=BOTH, query=KEY, body=WISH),
    Operation("createReturn202602", "POST", "/return_refund/202602/returns", create, scopes=BOTH, query=KEY, body=f"{WISH} {LISTED}"),
    Operation("searchReturns", "POST", f"{PATH}/search", search, scopes=SCOPES, query=SORTED, body=SEARCH),
    Operation("searchReturns202602", "POST", "/return_refund/202602/returns/search", search, scopes=SCOPES, query=SORTED, body=SEARCH),
    Operation(
        "approveReturn",
        "POST",
        f"{PATH}/{{return_id}}/approve",
        approve,
        scopes=SCOPES,
        query=KEY,
        body="decision! buyer_keep_item:bool partial_refund{currency amount}",
    ),
    Operation("rejectReturn", "POST", f"{PATH}/{{return_id}}/reject", reject, scopes=SCOPES, query=KEY, body=REJECT),
    Operation(
        "rejectReturn202606",
        "POST",
        "/return_refund/202606/returns/{return_id}/reject",
        reject,
        scopes=SCOPES,
        query=KEY,
        body=f"{REJECT} partial_refund_amount{{partial_refund_total currency}}",
    ),
    Operation("getReturnRecords", "GET", f"{PATH}/{{return_id}}/records", records, scopes=SCOPES, query="locale", invalid_code=36009004),
    Operation(
        "getAftersaleEligibility",
        "GET",
        ELIGIBILITY.format("202309"),
        eligibility,
        scopes=SCOPES,
        query="initiate_aftersale_user=BUYER|SELLER",
        invalid_code=36009004,
    ),
    *(
        Operation(
            f"getAftersaleEligibility{version}",
            "GET",
            ELIGIBILITY.format(version),
            eligibility,
            scopes=SCOPES,
            query="initiate_aftersale_user=BUYER|SELLER request_types:list",
            invalid_code=36009004,
        )
        for version in ("202512", "202602")
    ),
    Operation("calculateRefund", "POST", "/return_refund/202309/refunds/calculate", calculate, scopes=SCOPES, body=SUM),
    Operation("calculateRefund202602", "POST", "/return_refund/202602/refunds/calculate", calculate, scopes=SCOPES, body=f"{SUM} {LISTED}"),
)
