"""Reading orders: shop by shop, found by search, read in fifties, with the wishes to cancel that TikTok keeps apart from them.

TikTok's time of change is that of an order's *status*: a buyer's wish to cancel, and its withdrawal, move it not. So each shop is asked twice, for
orders and for cancellations that changed, and an order's revision is the latest of both. One call gathers a hundred orders or goes through the
shops for a few seconds, so that many quiet shops do not cost a page each; the page token says where the next one goes on.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from pod_hub.core.http import TOTAL_S
from pod_hub.core.pace import scaled
from stores.channels.errors import NotFound, Refused, TryLater
from stores.channels.tiktok import client, mapper, operations
from stores.channels.types import Account, OrdersPage, RawOrder

PAGE_SIZE = 100
_DETAILS = 50
_ENOUGH_S = TOTAL_S / 3  # then the rest is left to the next page, so that a call ends in time
_LAG_S = 120  # what TikTok lists lags behind what happened
ORDERS, WISHES = "orders", "wishes"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a reading stands: shop, what of it is being listed, TikTok's own page token, and its clock when the reading began."""

    shop: str
    step: str
    token: str = ""
    began: int = 0

    def __str__(self) -> str:
        return orjson.dumps([self.shop, self.step, self.token, self.began]).decode()

    @classmethod
    def read(cls, page: str, shops: Sequence[str]) -> Position:
        """Read a page token of ours; an empty one is the beginning. Raises ``Refused`` for anything else."""
        if not page:
            return cls(shops[0], ORDERS)
        try:
            shop, step, token, began = orjson.loads(page)
            if shop in shops and step in {ORDERS, WISHES} and isinstance(token, str) and isinstance(began, int):
                return cls(shop, step, token, began)
        except (orjson.JSONDecodeError, TypeError, ValueError):
            pass
        raise Refused("The reading of orders was interrupted by a change of the shops. It begins again.", code="PageUnknown")


def orders_page(account: Account, *, shops: Sequence[str], since: datetime, page: str) -> OrdersPage:
    """Return what changed at or after ``since``; see ``Channel.orders_page``."""
    return _read(account, shops, since, page, by="update_time", steps=(ORDERS, WISHES))


def placed_orders_page(account: Account, *, shops: Sequence[str], since: datetime, page: str) -> OrdersPage:
    """Return what was placed at or after ``since``; half of what may be sent at once is left to polls."""
    return _read(account, shops, since, page, by="create_time", steps=(ORDERS,), leave=operations.SEARCH_ORDERS.burst / 2)


def _read(account: Account, shops: Sequence[str], since: datetime, page: str, *, by: str, steps: Sequence[str], leave: float = 0) -> OrdersPage:
    at: Position | None = Position.read(page, shops)
    ends_at = time.monotonic() + _ENOUGH_S
    found: dict[tuple[str, str], RawOrder] = {}
    began = at.began if at else 0
    while at is not None and len(found) < PAGE_SIZE and time.monotonic() < ends_at:
        answer = _search(account, at, since, by, leave)
        began = began or _clock_of(answer)
        found |= {(at.shop, raw.external_id): raw for raw in _orders_of(account, at, answer)}
        at = _next(at, answer, shops, steps, began)
    high_water = max(since, datetime.fromtimestamp(began, UTC) - scaled(_LAG_S))
    return OrdersPage(orders=tuple(found.values()), next_page=str(at) if at else "", high_water=high_water)


def _next(at: Position, answer: client.Answer, shops: Sequence[str], steps: Sequence[str], began: int) -> Position | None:
    """Return where to go on: the next page of the same list, the other list, the next shop, or nowhere."""
    if token := answer.data.get("next_page_token"):
        return replace(at, token=str(token), began=began)
    if at.step != steps[-1]:
        return Position(at.shop, steps[steps.index(at.step) + 1], began=began)
    following = list(shops)[list(shops).index(at.shop) + 1 :]
    return Position(following[0], steps[0], began=began) if following else None


def _search(account: Account, at: Position, since: datetime, by: str, leave: float) -> client.Answer:
    """Ask for one page of one list. No status, type or age filter is sent."""
    operation = operations.SEARCH_ORDERS if at.step == ORDERS else operations.SEARCH_CANCELLATIONS
    size = PAGE_SIZE if at.step == ORDERS else _DETAILS
    query = {"page_size": str(size), "sort_field": by, "sort_order": "ASC"} | ({"page_token": at.token} if at.token else {})
    body = {f"{by}_ge": int(since.timestamp())}
    return client.call(account, operation, shop=at.shop, query=query, body=body, leave=leave)


def _clock_of(answer: client.Answer) -> int:
    """Return TikTok's own time as it answered; 0 when it does not say, which vouches for nothing."""
    try:
        return int(parsedate_to_datetime(answer.date).timestamp())
    except (TypeError, ValueError):
        return 0


def _orders_of(account: Account, at: Position, answer: client.Answer) -> Iterable[RawOrder]:
    """Return the orders that one page of a list is about, whole."""
    if at.step == ORDERS:
        listed = _list(answer, "orders", "orders")
        whole = {str(one.get("id")): one for one in details(account, at.shop, [str(one["id"]) for one in listed if one.get("id")])}
        # An order that the detail leaves out is taken as the list told it.
        orders = [whole.get(str(one.get("id")), one) for one in listed]
    else:
        numbers = dict.fromkeys(str(one["order_id"]) for one in _list(answer, "cancellations", "cancellations") if one.get("order_id"))
        orders = details(account, at.shop, list(numbers))
    asked_for = [str(one["id"]) for one in orders if one.get("id") and (at.step == WISHES or one.get("is_buyer_request_cancel"))]
    wishes = cancellations(account, at.shop, asked_for)
    return [mapper.keep(at.shop, one, wishes.get(str(one.get("id")), ())) for one in orders]


def fetch_order(account: Account, *, shops: Sequence[str], external_id: str) -> RawOrder:
    """Return one order by its number, with its cancellations, from whichever of the shops has it; raises ``NotFound``."""
    if not external_id.isdecimal():
        raise NotFound(f"TikTok Shop has no order numbers like {external_id[:40]!r}.", code="NumberUnknown")
    for shop in shops:
        found = [one for one in details(account, shop, [external_id]) if str(one.get("id")) == external_id]
        if found:
            return mapper.keep(shop, found[0], cancellations(account, shop, [external_id]).get(external_id, ()))
    raise NotFound(f"TikTok Shop does not know order {external_id} in the shops of this permission.", code="NumberUnknown")


def details(account: Account, shop: str, numbers: Sequence[str]) -> list[Mapping[str, Any]]:
    """Return orders by number, fifty a request; numbers the shop does not know are left out."""
    found: list[Mapping[str, Any]] = []
    for start in range(0, len(numbers), _DETAILS):
        try:
            answer = client.call(account, operations.GET_ORDERS, shop=shop, query={"ids": ",".join(numbers[start : start + _DETAILS])})
        except NotFound:
            continue
        found += _list(answer, "orders", "orders")
    return found


def cancellations(account: Account, shop: str, numbers: Sequence[str]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the cancellations of orders, wishes and facts, by order number."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for start in range(0, len(numbers), _DETAILS):
        body, token = {"order_ids": list(numbers[start : start + _DETAILS])}, ""
        while True:
            query = {"page_size": str(_DETAILS)} | ({"page_token": token} if token else {})
            answer = client.call(account, operations.SEARCH_CANCELLATIONS, shop=shop, query=query, body=body)
            for one in _list(answer, "cancellations", "cancellations"):
                found.setdefault(str(one.get("order_id")), []).append(one)
            if not (token := str(answer.data.get("next_page_token") or "")):
                break
    return found


def _list(answer: client.Answer, name: str, what: str) -> list[Mapping[str, Any]]:
    """Return a list of objects of an answer; a missing one is empty, since TikTok leaves empty lists out."""
    found = answer.data.get(name)
    if found is None:
        return []
    if not isinstance(found, list):
        raise TryLater(f"TikTok Shop's answer holds no list of {what}. The hub tries again by itself.", request_id=answer.request_id)
    return [one for one in found if isinstance(one, Mapping)]
