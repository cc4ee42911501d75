"""Stock of many listings in one ``JSON_LISTINGS_FEED``. One feed in two minutes is what a seller may send; the bucket of createFeed holds us to it."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from pod_hub.core import http
from stores.channels.amazon import client, feeds
from stores.channels.amazon.publishing import stock_patches
from stores.channels.errors import Refused
from stores.channels.publishing_types import StockNotice
from stores.channels.telling_types import BatchReport
from stores.channels.types import Account

FEED_TYPE = "JSON_LISTINGS_FEED"
CONTENT_TYPE = "application/json; charset=UTF-8"
_WHAT = "the stock"


def document(seller_id: str, notices: Sequence[StockNotice]) -> bytes:
    """Return the feed: one PATCH for each listing, numbered from 1."""
    messages = [
        {"messageId": number, "sku": one.key, "operationType": "PATCH", "productType": one.product_type or "PRODUCT", "patches": stock_patches(one)}
        for number, one in enumerate(notices, start=1)
    ]
    return orjson.dumps({"header": {"sellerId": seller_id, "version": "2.0", "issueLocale": "en_US"}, "messages": messages})


def upload(account: Account, notices: Sequence[StockNotice]) -> str:
    """See ``PushesStockInBatches.upload_stock``."""
    return feeds.upload_document(account, document(account.account_id, notices), CONTENT_TYPE, what=_WHAT)


def submit(account: Account, document_id: str, marketplace: str) -> str:
    """See ``PushesStockInBatches.submit_stock``: one call of createFeed."""
    return feeds.submit(account, document_id, marketplace, feed_type=FEED_TYPE, what=_WHAT)


def report(account: Account, result_id: str) -> BatchReport:
    """See ``PushesStockInBatches.stock_report``. Message number 0 speaks about the whole document."""
    read = client.read_json(feeds.result_document(account, result_id, what=_WHAT))
    summary, issues = (read.get("summary"), read.get("issues")) if isinstance(read, dict) else (None, None)
    if not isinstance(summary, dict):
        raise Refused("Amazon's report on the stock has another shape than expected.", code="ReportBroken")
    refused: dict[str, str] = {}
    for one in issues if isinstance(issues, list) else ():
        if isinstance(one, dict) and one.get("severity") == "ERROR":
            reference = str(one.get("messageId", 0))
            refused[reference] = http.redact("; ".join(filter(None, (refused.get(reference, ""), str(one.get("message", ""))))))[:500]
    processed = summary.get("messagesProcessed")
    return BatchReport(processed=processed if isinstance(processed, int) else 0, refused=refused)
