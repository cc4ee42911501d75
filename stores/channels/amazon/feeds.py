"""Feeds: a document is uploaded, worked through later, and answered by a report. Cancelling has no other released way; ``stock_feed`` is the other use.

The library would upload and download with clients of its own (five seconds, no checks, latin-1); those two transfers go through
``pod_hub.core.http`` like everything else.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, tostring

from sp_api.api import Feeds

from pod_hub.core import http
from pod_hub.core.foreign_xml import LARGEST_BYTES, BadXml, read_xml, text_of
from stores.channels.amazon import client, rates
from stores.channels.amazon.listings import under_imitation
from stores.channels.errors import Refused, TryLater
from stores.channels.telling_types import BatchProgress, BatchReport, CancelNotice, CancelReason
from stores.channels.types import Account

FEED_TYPE = "POST_ORDER_ACKNOWLEDGEMENT_DATA"
CONTENT_TYPE = "text/xml; charset=UTF-8"
_AGAIN = "The hub tries again by itself."
_WHAT = "the cancellations"

AMAZON_REASONS: Mapping[CancelReason, str] = MappingProxyType(
    {
        CancelReason.BUYER_CANCELLED: "BuyerCanceled",
        CancelReason.NO_STOCK: "NoInventory",
        CancelReason.PRICING_ERROR: "GeneralAdjustment",
        CancelReason.ADDRESS_UNDELIVERABLE: "ShippingAddressUndeliverable",
        CancelReason.NO_CARRIER: "CarrierCoverageFailure",
        CancelReason.EXCHANGE: "CustomerExchange",
        CancelReason.RETURN: "CustomerReturn",
        CancelReason.GOODS_NOT_RECEIVED: "MerchandiseNotReceived",
        CancelReason.CREDIT_DECISION: "CarrierCreditDecision",
        CancelReason.BAD_RISK_DATA: "RiskAssessmentInformationNotValid",
        CancelReason.OTHER: "GeneralAdjustment",
    }
)


def cancellation_document(seller_id: str, notices: Sequence[CancelNotice]) -> bytes:
    """Return the feed's XML: one message for each order. Every item is named, since "no item means all" is not certain (README)."""
    envelope = Element("AmazonEnvelope")
    header = SubElement(envelope, "Header")
    SubElement(header, "DocumentVersion").text = "1.01"
    SubElement(header, "MerchantIdentifier").text = seller_id
    SubElement(envelope, "MessageType").text = "OrderAcknowledgement"
    for notice in notices:
        message = SubElement(envelope, "Message")
        SubElement(message, "MessageID").text = notice.reference
        acknowledgement = SubElement(message, "OrderAcknowledgement")
        SubElement(acknowledgement, "AmazonOrderID").text = notice.external_id
        SubElement(acknowledgement, "StatusCode").text = "Failure"
        for line in notice.lines:
            item = SubElement(acknowledgement, "Item")
            SubElement(item, "AmazonOrderItemCode").text = line
            SubElement(item, "CancelReason").text = AMAZON_REASONS[notice.reason]
    document: bytes = tostring(envelope, encoding="utf-8", xml_declaration=True)
    return document


def upload(account: Account, notices: Sequence[CancelNotice]) -> str:
    """See ``CancelsInBatches.upload_cancellations``: createFeedDocument and the upload to the address it gives, which lives five minutes."""
    return upload_document(account, cancellation_document(account.account_id, notices), CONTENT_TYPE, what=_WHAT)


def upload_document(account: Account, content: bytes, content_type: str, *, what: str) -> str:
    """Lay a document ready and return its name; ``what`` it is about stands in the sentences of errors."""
    answer = client.call(account, rates.CREATE_FEED_DOCUMENT, Feeds, lambda api: api.create_feed_document(None, content_type))
    document_id, url = answer.body.get("feedDocumentId"), answer.body.get("url")
    if not isinstance(document_id, str) or not document_id or not isinstance(url, str):
        raise TryLater(f"Amazon gave no place for {what}. {_AGAIN}", request_id=answer.request_id)
    try:
        if not under_imitation(url):
            http.require_public_https(url)
        # The very Content-Type of createFeedDocument: the address is signed with it. No access token goes along.
        http.request("PUT", url, service="Amazon", template="feed document upload", content=content, headers={"Content-Type": content_type})
    except http.UnsafeAddress as error:
        raise Refused(f"Amazon's place for {what} is at an address the hub does not open. {error}", code="FeedAddress") from error
    except http.HttpError as error:
        raise TryLater(f"The document about {what} could not be uploaded to Amazon (status {error.status}). {_AGAIN}", status=error.status) from None
    except http.ExchangeFailed:
        raise TryLater(f"The upload of {what} to Amazon broke off. {_AGAIN}") from None
    return document_id


def submit(account: Account, document_id: str, marketplace: str, *, feed_type: str = FEED_TYPE, what: str = _WHAT) -> str:
    """See ``CancelsInBatches.submit_batch``: one call of createFeed."""
    answer = client.call(account, rates.CREATE_FEED, Feeds, lambda api: api.create_feed(feed_type, document_id, marketplaceIds=[marketplace]))
    feed_id = answer.body.get("feedId")
    if not isinstance(feed_id, str) or not feed_id:
        raise TryLater(f"Amazon took {what} in but did not name the feed. {_AGAIN}", ambiguous=True, request_id=answer.request_id)
    return feed_id


def recent(account: Account, marketplace: str, since: datetime) -> tuple[str, ...]:
    """See ``CancelsInBatches.recent_batches``: one call of getFeeds. A hundred are more than one seller cancels in the minutes we ask about."""
    moment = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    answer = client.call(
        account,
        rates.GET_FEEDS,
        Feeds,
        lambda api: api.get_feeds(feedTypes=FEED_TYPE, marketplaceIds=marketplace, pageSize=100, createdSince=moment),
    )
    feeds = answer.body.get("feeds")
    if not isinstance(feeds, list):
        raise TryLater(f"Amazon's answer holds no list of feeds. {_AGAIN}", request_id=answer.request_id)
    named = [feed for feed in feeds if isinstance(feed, dict) and isinstance(feed.get("feedId"), str)]
    return tuple(feed["feedId"] for feed in sorted(named, key=lambda feed: str(feed.get("createdTime", ""))))


def progress(account: Account, feed_id: str) -> BatchProgress:
    """See ``CancelsInBatches.batch_progress``: one call of getFeed."""
    answer = client.call(account, rates.GET_FEED, Feeds, lambda api: api.get_feed(feed_id))
    status, result = answer.body.get("processingStatus"), answer.body.get("resultFeedDocumentId")
    if status in {"IN_QUEUE", "IN_PROGRESS"}:
        return BatchProgress()
    # FATAL may have done a part of it, and may come with a report.
    if isinstance(result, str) and result:
        return BatchProgress(result_id=result)
    return BatchProgress(given_up=str(status))


def report(account: Account, result_id: str) -> BatchReport:
    """See ``CancelsInBatches.batch_report``: one call of getFeedDocument and the download. DONE is no success; this is where refusals stand."""
    return read_report(result_document(account, result_id, what=_WHAT))


def result_document(account: Account, result_id: str, *, what: str) -> bytes:
    """Return a finished feed's report as it is, unpacked."""
    # The library's own method downloads by itself, without any of our checks; this is the request beneath it.
    path = f"/feeds/2021-06-30/documents/{quote(result_id, safe='')}"
    answer = client.call(account, rates.GET_FEED_DOCUMENT, Feeds, lambda api: api._request(path, params={"method": "GET"}, add_marketplace=False))
    return _download(answer.body, answer.request_id, what)


def _download(where: Mapping[str, Any], request_id: str, what: str) -> bytes:
    url, packing = where.get("url"), where.get("compressionAlgorithm")
    if not isinstance(url, str) or not url:
        raise TryLater(f"Amazon gave no address for the report on {what}. {_AGAIN}", request_id=request_id)
    if packing not in {None, "GZIP"}:
        raise Refused(f"Amazon's report is packed as {packing!r}, which the hub cannot unpack.", code="ReportPacking", request_id=request_id)
    try:
        if not under_imitation(url):
            http.require_public_https(url)
        content = http.request("GET", url, service="Amazon", template="feed report", max_bytes=LARGEST_BYTES).content
    except http.UnsafeAddress as error:
        raise Refused(f"Amazon's report is at an address the hub does not open. {error}", code="ReportAddress") from error
    except http.HttpError as error:
        raise TryLater(f"The report on {what} could not be downloaded (status {error.status}). {_AGAIN}", status=error.status) from None
    except http.ExchangeFailed:
        raise TryLater(f"The download of the report on {what} broke off. {_AGAIN}") from None
    if packing is None:
        return content
    try:
        unpacker = zlib.decompressobj(wbits=31)
        unpacked = unpacker.decompress(content, LARGEST_BYTES)
    except zlib.error:
        raise TryLater(f"Amazon's report on {what} is damaged. {_AGAIN}") from None
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise Refused(f"Amazon's report on {what} is larger than the hub accepts, or cut off.", code="ReportBroken")
    return unpacked


def read_report(content: bytes) -> BatchReport:
    """Read a ProcessingReport; raises ``Refused`` when it is none. Message number 0 speaks about the whole document."""
    try:
        root = read_xml(content)
    except BadXml as error:
        raise Refused(f"Amazon's report on the cancellations cannot be read: {error}.", code="ReportBroken") from None
    found = root.find("Message/ProcessingReport")
    if found is None:
        raise Refused("Amazon's report on the cancellations has another shape than expected.", code="ReportBroken")
    refused: dict[str, str] = {}
    for result in found.findall("Result"):
        if text_of(result, "ResultCode") != "Error":
            continue
        reference = text_of(result, "MessageID")
        words = " ".join(filter(None, (text_of(result, "ResultDescription"), f"({text_of(result, 'ResultMessageCode')})")))
        refused[reference] = http.redact("; ".join(filter(None, (refused.get(reference, ""), words))))[:500]
    processed = text_of(found, "ProcessingSummary/MessagesProcessed")
    return BatchReport(processed=int(processed) if processed.isdecimal() else 0, refused=refused)
