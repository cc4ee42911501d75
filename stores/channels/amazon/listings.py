"""A seller's listings: searched where they are few, by report where they are many.

Searching pages through 1000 listings at most, so at 1000 or more the report is made. What comes next is written in the page token:

====================================  ==========================================================
``search:<token>``                    the next page of the search
``report:new:<attempt>``              ask for the report
``report:<report id>:<attempt>``      ask whether it is ready
``document:<document id>:<line>``     read on from this line
====================================  ==========================================================
"""

from __future__ import annotations

import contextlib
from typing import Any
from urllib.parse import urlsplit

import orjson
import redis
from django.conf import settings
from sp_api.api import ListingsItems, Reports

from pod_hub.core import http
from pod_hub.core.pace import scaled_s
from pod_hub.core.redis_client import redis_client
from pod_hub.core.sealing import CannotOpen, open_text, seal_text
from stores.channels.amazon import client, mapper, rates
from stores.channels.amazon.listing_report import BrokenReport, ListingRows, charset, gunzip
from stores.channels.amazon.marketplaces import BY_ID
from stores.channels.errors import Refused, TryLater, Unreadable
from stores.channels.types import Account, IncomingListing, ListingsPage

REPORT_TYPE = "GET_MERCHANT_LISTINGS_ALL_DATA"
SEARCH_LIMIT = 1000
ROWS_PER_PAGE = 5000
_ATTEMPTS = 3
_REPORT_WAIT_S = 15
_URL_S = 240  # the signed address lives five minutes


def listings_page(account: Account, *, marketplace: str, page: str) -> ListingsPage:
    """Return one page of the listings on one marketplace; see ``Channel.listings_page`` and the table above."""
    kind, _, rest = page.partition(":")
    if kind in {"", "search"}:
        return _search(account, marketplace, rest)
    if kind == "report":
        report_id, _, attempt = rest.rpartition(":")
        if report_id == "new":
            return _create_report(account, marketplace, int(attempt))
        return _await_report(account, report_id, int(attempt))
    if kind == "document":
        document_id, _, line = rest.rpartition(":")
        return _read_document(account, marketplace, document_id, int(line))
    raise Refused("The sync of listings was interrupted by an update of the hub. Start it again.", code="PageUnknown")


def _search(account: Account, marketplace: str, token: str) -> ListingsPage:
    answer = client.call(
        account,
        rates.SEARCH_LISTINGS,
        ListingsItems,
        lambda api: api.search_listings_items(
            account.account_id,
            marketplaceIds=marketplace,
            includedData="summaries,offers,fulfillmentAvailability,issues,relationships",
            pageSize=20,
            **({"pageToken": token} if token else {}),
        ),
        version="2021-08-01",
    )
    total = answer.body.get("numberOfResults")
    total = total if isinstance(total, int) else None
    if not token and total is not None and total >= SEARCH_LIMIT:
        return ListingsPage(listings=(), next_page="report:new:1", total=total)
    listings: list[IncomingListing] = []
    unreadable: list[str] = []
    items = answer.body.get("items")
    for item in items if isinstance(items, list) else []:
        try:
            listings.append(mapper.read_listing(item, marketplace=marketplace))
        except Unreadable as error:
            unreadable.append(f"A listing cannot be read: {error}.")
    following = (answer.body.get("pagination") or {}).get("nextToken")
    return ListingsPage(listings=tuple(listings), next_page=f"search:{following}" if following else "", total=total, unreadable=tuple(unreadable))


def _create_report(account: Account, marketplace: str, attempt: int) -> ListingsPage:
    answer = client.call(
        account,
        rates.CREATE_REPORT,
        Reports,
        lambda api: api.create_report(reportType=REPORT_TYPE, marketplaceIds=[marketplace]),
    )
    report_id = answer.body.get("reportId")
    if not report_id:
        raise TryLater("Amazon accepted the listing report but did not name it. The hub tries again by itself.", request_id=answer.request_id)
    return ListingsPage(listings=(), next_page=f"report:{report_id}:{attempt}", wait_s=scaled_s(_REPORT_WAIT_S))


def _await_report(account: Account, report_id: str, attempt: int) -> ListingsPage:
    answer = client.call(account, rates.GET_REPORT, Reports, lambda api: api.get_report(report_id))
    status = answer.body.get("processingStatus")
    if status in {"IN_QUEUE", "IN_PROGRESS"}:
        return ListingsPage(listings=(), next_page=f"report:{report_id}:{attempt}", wait_s=scaled_s(_REPORT_WAIT_S))
    if status == "DONE" and answer.body.get("reportDocumentId"):
        return ListingsPage(listings=(), next_page=f"document:{answer.body['reportDocumentId']}:0")
    # CANCELLED means "nothing to report" (not so here: the search counted them) or "a duplicate of another"; FATAL means it failed.
    if attempt >= _ATTEMPTS:
        raise Refused(
            f"Amazon gave up on the listing report {attempt} times (last status {status}). Start the sync again later.",
            code=str(status),
            request_id=answer.request_id,
            status=answer.status,
        )
    return ListingsPage(listings=(), next_page=f"report:new:{attempt + 1}", wait_s=scaled_s(_REPORT_WAIT_S * 4))


def _read_document(account: Account, marketplace: str, document_id: str, line: int) -> ListingsPage:
    place = f"hub:amazon:report:{account.key}:{document_id}"
    where = _known_address(place) or _ask_address(account, document_id, place)
    site = BY_ID[marketplace]
    listings: list[IncomingListing] = []
    unreadable: list[str] = []
    try:
        if not under_imitation(where["url"]):
            http.require_public_https(where["url"])
        # No access token goes along: the address is signed.
        with http.exchange("GET", where["url"], service="Amazon", template="listing report document") as response:
            chunks = gunzip(response.iter_bytes()) if where["gzip"] else response.iter_bytes()
            rows = ListingRows(
                chunks, encoding=charset(response.headers.get("content-type", "")), country=site.country, currency=site.currency, skip=line
            )
            for count, row in enumerate(rows, start=1):
                if isinstance(row, IncomingListing):
                    listings.append(row)
                elif row:
                    unreadable.append(row)
                if count == ROWS_PER_PAGE:
                    following = f"document:{document_id}:{line + count}"
                    return ListingsPage(listings=tuple(listings), next_page=following, unreadable=tuple(unreadable))
    except BrokenReport as error:
        raise Refused(f"Amazon's listing report cannot be read: {error}. Start the sync again.", code="ReportBroken") from error
    except http.UnsafeAddress as error:
        raise Refused(f"Amazon's listing report is at an address the hub does not open. {error}", code="ReportAddress") from error
    except http.HttpError as error:
        _forget(place)
        raise TryLater(
            f"The listing report could not be downloaded (status {error.status}). The hub tries again by itself.", status=error.status
        ) from None
    except http.ExchangeFailed as error:
        raise TryLater("The download of the listing report broke off. The hub tries again by itself.") from error
    return ListingsPage(listings=tuple(listings), next_page="", unreadable=tuple(unreadable))


def under_imitation(url: str) -> bool:
    """Say whether an address lies on the imitation Amazon, where http and private addresses are what we expect."""
    base = urlsplit(settings.AMAZON_SANDBOX_URL)
    parts = urlsplit(url)
    return bool(settings.AMAZON_SANDBOX_URL) and (parts.scheme, parts.netloc) == (base.scheme, base.netloc)


def _ask_address(account: Account, document_id: str, place: str) -> dict[str, Any]:
    answer = client.call(account, rates.GET_REPORT_DOCUMENT, Reports, lambda api: api.get_report_document(document_id))
    url = answer.body.get("url")
    if not isinstance(url, str) or not url:
        raise TryLater("Amazon gave no address for the listing report. The hub tries again by itself.", request_id=answer.request_id)
    packing = answer.body.get("compressionAlgorithm")
    if packing not in {None, "GZIP"}:
        raise Refused(
            f"Amazon's listing report is packed as {packing!r}, which the hub cannot unpack.", code="ReportPacking", request_id=answer.request_id
        )
    where = {"url": url, "gzip": packing == "GZIP"}
    # getReportDocument may be called once a minute, so the pages of one document share its address while it lives. Signed, hence sealed.
    with contextlib.suppress(redis.RedisError):
        redis_client().set(place, seal_text(orjson.dumps(where).decode(), context=place), px=max(1, int(scaled_s(_URL_S) * 1000)))
    return where


def _known_address(place: str) -> dict[str, Any] | None:
    try:
        sealed: Any = redis_client().get(place)
        known: dict[str, Any] | None = orjson.loads(open_text(sealed, context=place)) if sealed else None
    except (redis.RedisError, CannotOpen):
        return None
    return known


def _forget(place: str) -> None:
    with contextlib.suppress(redis.RedisError):
        redis_client().delete(place)
