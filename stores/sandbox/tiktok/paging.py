"""Lists in pages: ``page_size``, an opaque ``page_token`` with ``+ / =`` in it, ``next_page_token`` (empty at the end).

[L] A token names the place after the last row shown, by its sort value and id: records that move while a client pages are met again further on, none
is skipped. The scenarios ``page_repeats`` and ``pages_shift`` make it worse. All filters must stay equal between pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from stores.sandbox import page_tokens
from stores.sandbox.tiktok.answers import Refusal
from stores.sandbox.tiktok.operations import Call

Row = TypeVar("Row")
MAY_CHANGE = ("page_token", "page_size")


def size(call: Call, *, at_most: int, at_least: int = 1, wrong: int | None = None, default: int = 20) -> int:
    """Return the size of a page, or refuse it."""
    asked = int(call.query.get("page_size", default))
    if not at_least <= asked <= at_most:
        raise Refusal(wrong) if wrong else call.invalid(f"page_size must be between {at_least} and {at_most}")
    return asked


def place(call: Call) -> dict[str, Any]:
    """Return what the page token says, or nothing for the first page."""
    token = call.query.get("page_token")
    if not token:
        return {}
    found = page_tokens.read(call.world, token)
    if found is None or found.pop("bound") != _bound(call):
        raise call.invalid("page_token is not one of this list with these filters")
    return found


def token(call: Call, **after: Any) -> str:
    """Return a token for the place after a page."""
    return page_tokens.write(call.world, {**after, "bound": _bound(call)}, awkward=True)


def _bound(call: Call) -> str:
    query = {name: value for name, value in call.query.items() if name not in MAY_CHANGE}
    shop_id = call.its_shop.shop_id if call.its_shop else call.grant.open_id
    return page_tokens.bound(call.world, shop_id, {"operation": call.operation, "query": query, "body": dict(call.body)})


def start(call: Call, *, step: int) -> int:
    """Return at which row a page by numbers starts, with what scenarios make of it."""
    first = int(place(call).get("start", 0))
    if first and call.strike("page_repeats") is not None:
        first = max(0, first - step)
    shift = call.strike("pages_shift") if first else None
    return max(0, first - int(shift["by"])) if shift else first


def slice_of(call: Call, rows: Sequence[Row], *, step: int) -> tuple[Sequence[Row], str]:
    """Return one page of rows that are all at hand, and the token of the next."""
    first = start(call, step=step)
    rest = len(rows) > first + step
    return rows[first : first + step], token(call, start=first + step) if rest else ""


def within(body: Mapping[str, Any], name: str, at: float) -> bool:
    """Say whether a time lies in the window of a body, from inclusive to exclusive."""
    return bool(body.get(f"{name}_ge", 0) <= int(at) < body.get(f"{name}_lt", 2**53))
