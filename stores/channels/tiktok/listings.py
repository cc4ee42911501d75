"""A shop's listings: products found by search and read one by one, each SKU a listing of its own.

Search tells neither pictures nor what tells the variants of a product apart, so it only says which products there are. It ends at 10,000
results, so larger catalogues are read in windows of the time of creation, which unlike the time of change stands still. A window that still
holds too many is halved. What comes next is written in the page token: TikTok's own token, the windows that are left, and the products that
were found and not read yet.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import orjson

from stores.channels.errors import NotFound, Refused, TryLater, Unreadable
from stores.channels.tiktok import client, codes, mapper, operations
from stores.channels.tiktok.products import DELETED, find
from stores.channels.types import Account, IncomingListing, ListingsPage

PAGE_SIZE = 100
READ_AT_ONCE = 20  # each is a question of its own, and a page is stored before its lease ends
SEARCH_LIMIT = 10_000
_BEFORE_TIKTOK_SHOP = 1_420_070_400  # 2015


@dataclass(frozen=True, slots=True)
class Position:
    """Windows of creation time that are left, the current one first (none: the whole catalogue), and TikTok's token within it.

    ``found`` are numbers of products to be read before the search goes on.
    """

    token: str = ""
    windows: tuple[tuple[int, int], ...] = ()
    total: int | None = None
    found: tuple[str, ...] = ()

    def __str__(self) -> str:
        return orjson.dumps([self.token, self.windows, self.total, self.found]).decode() if self.token or self.windows or self.found else ""

    @classmethod
    def read(cls, page: str) -> Position:
        """Read a page token of ours; raises ``Refused`` for anything else."""
        if not page:
            return cls()
        try:
            token, windows, total, found = orjson.loads(page)
            pairs = tuple((int(first), int(last)) for first, last in windows)
            return cls(str(token), pairs, None if total is None else int(total), tuple(map(str, found)))
        except (orjson.JSONDecodeError, TypeError, ValueError):
            raise Refused("The sync of listings was interrupted by an update of the hub. Start it again.", code="PageUnknown") from None


def listings_page(account: Account, *, shop: str, page: str) -> ListingsPage:
    """Return one page of a shop's listings; see ``Channel.listings_page``."""
    at = Position.read(page)
    return _read(account, shop, at) if at.found else _search(account, shop, at)


def _search(account: Account, shop: str, at: Position) -> ListingsPage:
    body: dict[str, Any] = {"status": "ALL"}
    if at.windows:
        body |= {"create_time_ge": at.windows[0][0], "create_time_le": at.windows[0][1]}
    query = {"page_size": str(PAGE_SIZE)} | ({"page_token": at.token} if at.token else {})
    try:
        answer = client.call(account, operations.SEARCH_PRODUCTS, shop=shop, query=query, body=body)
    except Refused as error:
        if error.code != str(codes.TOO_MANY_PRODUCTS):
            raise
        return _narrower(at, at.total)
    counted = answer.data.get("total_count")
    count = counted if isinstance(counted, int) else None
    total = at.total if at.windows else count
    if not at.token and count is not None and count >= SEARCH_LIMIT:
        return _narrower(at, total)
    products = answer.data.get("products")
    if products is not None and not isinstance(products, list):
        raise TryLater("TikTok Shop's answer holds no list of products. The hub tries again by itself.", request_id=answer.request_id)
    listings: list[IncomingListing] = []
    found: list[str] = []
    unreadable: list[str] = []
    for product in products or []:
        try:
            told = mapper.read_product(product)
        except Unreadable as error:
            unreadable.append(f"A product cannot be read: {error}.")
        else:
            if product.get("status") == DELETED:
                listings += told  # nothing more is shown of it
            elif told:
                found.append(told[0].product_id)
    token = str(answer.data.get("next_page_token") or "")
    following = Position(token, at.windows if token else at.windows[1:], total, tuple(found))
    return ListingsPage(listings=tuple(listings), next_page=str(following), total=total, unreadable=tuple(unreadable))


def _read(account: Account, shop: str, at: Position) -> ListingsPage:
    """Read the next of the products that were found. What was read before TikTok asked to wait is kept."""
    listings: list[IncomingListing] = []
    unreadable: list[str] = []
    done = 0
    for number in at.found[:READ_AT_ONCE]:
        try:
            listings += mapper.read_product(find(account, shop, "", number))
        except NotFound:
            pass  # deleted since it was found
        except TryLater:
            if not done:
                raise
            break
        except (Refused, Unreadable) as error:
            unreadable.append(f"Product {number} cannot be read: {error}.")
        done += 1
    following = replace(at, found=at.found[done:])
    return ListingsPage(listings=tuple(listings), next_page=str(following), total=at.total, unreadable=tuple(unreadable))


def _narrower(at: Position, total: int | None) -> ListingsPage:
    """Go on with halves of the window; what is created while we read lies in the last one."""
    (first, last), rest = at.windows[0] if at.windows else (_BEFORE_TIKTOK_SHOP, int(time.time()) + 3600), at.windows[1:]
    if last <= first:
        raise Refused("More than 10,000 products were created in one second, which TikTok Shop lets nobody list.", code="TooManyProducts")
    middle = (first + last) // 2
    return ListingsPage(listings=(), next_page=str(Position("", ((first, middle), (middle + 1, last), *rest), total)), total=total)
