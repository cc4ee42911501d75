"""Feeds API 2021-06-30: ``POST_ORDER_ACKNOWLEDGEMENT_DATA``, how a seller cancels, and ``JSON_LISTINGS_FEED`` (``listing_feed``).

A document is laid ready, its content is put at a signed address, and ``createFeed`` has it worked through: first it waits, then it is processed in
one stroke, then it is DONE with a report. The report names each message that was refused; DONE says nothing about that. Shapes of the XML are those
of amazon.md §5 and, for the report, of reports quoted in public code [M]; wordings of refusals are [L].
"""

from __future__ import annotations

import gzip
import uuid
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from stores.sandbox.amazon import listing_feed
from stores.sandbox.amazon.answers import Answer, invalid, not_found
from stores.sandbox.amazon.feed_xml import BadXml, read_xml, text_of
from stores.sandbox.amazon.operations import ORDER_ID, Call, Operation
from stores.sandbox.amazon.records import PlacedOrder, Status
from stores.sandbox.amazon.strict import Field, Param
from stores.sandbox.amazon.world import FEED_QUEUED_S, FEED_RUNNING_S, FEED_URL_S, World
from stores.sandbox.clock import iso
from stores.sandbox.door import Dropped
from stores.sandbox.ledger import WriteEntry

ACKNOWLEDGEMENT = "POST_ORDER_ACKNOWLEDGEMENT_DATA"
CANCEL_REASONS = frozenset({
    "NoInventory", "ShippingAddressUndeliverable", "CustomerExchange", "BuyerCanceled", "GeneralAdjustment", "CarrierCreditDecision",
    "RiskAssessmentInformationNotValid", "CarrierCoverageFailure", "CustomerReturn", "MerchandiseNotReceived",
})  # fmt: skip
FEED_TYPES = (ACKNOWLEDGEMENT, listing_feed.FEED_TYPE)
STATUSES = ("CANCELLED", "DONE", "FATAL", "IN_PROGRESS", "IN_QUEUE")


def create_feed_document(call: Call) -> Answer:
    """Answer ``createFeedDocument``: a place to put content, good for five minutes."""
    if not call.body["contentType"].strip():
        raise invalid("contentType must not be empty.")
    document_id = f"amzn1.tortuga.4.eu.{uuid.uuid4()}"
    call.world.books.keep_feed_document(document_id, seller_id=call.seller.seller_id, content_type=call.body["contentType"])
    url = call.world.signed_link(call.base_url, f"/feed-documents/{document_id}", seconds=FEED_URL_S)
    return Answer(201, {"feedDocumentId": document_id, "url": url})


def put_document(world: World, document_id: str, *, content: bytes, content_type: str) -> int:
    """Take an upload in; return the HTTP status. The Content-Type is part of what the address was signed for."""
    document = world.books.feed_document(document_id)
    if document is None:
        return 404
    if document["content_type"] != content_type:
        return 403
    world.books.fill_feed_document(document_id, content=content)
    return 200


def create_feed(call: Call) -> Answer:
    """Answer ``createFeed``: each call makes another feed, also for the same document."""
    if call.strike("feed_lost_before_effect") is not None:
        raise Dropped
    body, world = call.body, call.world
    if body["feedType"] not in FEED_TYPES:
        raise invalid("Invalid Feed Type.", details=f"This imitation takes {' and '.join(FEED_TYPES)} only, not {body['feedType']}.")
    if not 1 <= len(body["marketplaceIds"]) <= 25:
        raise invalid("marketplaceIds must hold between 1 and 25 marketplaces.")
    marketplace_ids = call.marketplaces(list(body["marketplaceIds"]))
    document = world.books.feed_document(body["inputFeedDocumentId"])
    if document is None or document["seller_id"] != call.seller.seller_id or document["content"] is None:
        raise invalid("Invalid inputFeedDocumentId.", details="The document does not exist or nothing was uploaded to it.")
    with world.books.transaction():
        feed_id = f"{50_000_020_000 + world.books.next_number('feed')}"
        stuck = call.strike("feed_fatal")
        doc = {
            "type": body["feedType"],
            "marketplace_ids": marketplace_ids,
            "created": world.clock.epoch(),
            "input": body["inputFeedDocumentId"],
            "fatal": stuck is not None,
            "report_id": f"amzn1.tortuga.4.eu.{uuid.uuid4()}",
        }
        world.books.keep_feed(feed_id, seller_id=call.seller.seller_id, doc=doc)
        world.books.note_write(WriteEntry(world.clock.epoch(), "create_feed", "created", call.seller.seller_id, "", {"feed_id": feed_id}))
    if call.strike("feed_lost_after_success") is not None:
        raise Dropped
    return Answer(202, {"feedId": feed_id})


def _status(world: World, feed: Mapping[str, Any]) -> str:
    begins = feed["created"] + world.clock.shortened(FEED_QUEUED_S)
    ends = begins + world.clock.shortened(FEED_RUNNING_S)
    now = world.clock.epoch()
    if now < begins:
        return "IN_QUEUE"
    if now < ends:
        return "IN_PROGRESS"
    return "FATAL" if feed["fatal"] else "DONE"


def settle_due(world: World) -> None:
    """Process every feed whose time has come, as Amazon does without being asked. Cheap when there is none."""
    for feed_id in world.books.open_feeds():
        with world.books.transaction():
            feed = world.books.feed(feed_id)
            if feed is None or feed["report"] is not None or _status(world, feed) in ("IN_QUEUE", "IN_PROGRESS"):
                continue
            report = b"" if feed["fatal"] else _process(world, feed)
            world.books.keep_feed_report(feed_id, report=report)


def _shaped(world: World, feed: Mapping[str, Any]) -> dict[str, Any]:
    status = _status(world, feed)
    begins = feed["created"] + world.clock.shortened(FEED_QUEUED_S)
    body = {
        "feedId": feed["feed_id"],
        "feedType": feed["type"],
        "marketplaceIds": feed["marketplace_ids"],
        "createdTime": iso(feed["created"]),
        "processingStatus": status,
    }
    if status != "IN_QUEUE":
        body["processingStartTime"] = iso(begins)
    if status in ("DONE", "FATAL"):
        body["processingEndTime"] = iso(begins + world.clock.shortened(FEED_RUNNING_S))
    if status == "DONE":
        body["resultFeedDocumentId"] = feed["report_id"]
    return body


def get_feed(call: Call) -> Answer:
    """Answer ``getFeed``."""
    feed = call.world.books.feed(call.path["feedId"])
    if feed is None or feed["seller_id"] != call.seller.seller_id:
        raise not_found("The feed was not found.")
    return Answer(200, _shaped(call.world, feed))


def get_feeds(call: Call) -> Answer:
    """Answer ``getFeeds``, newest first; at most a hundred, without further pages."""
    query, world = call.query, call.world
    if "feedTypes" not in query:
        raise invalid("feedTypes or nextToken is required.")
    since = query.get("createdSince", 0)
    found = [
        _shaped(world, feed)
        for feed in world.books.feeds(call.seller.seller_id)
        if feed["type"] in query["feedTypes"]
        and int(feed["created"]) >= int(since)
        and ("marketplaceIds" not in query or set(query["marketplaceIds"]) & set(feed["marketplace_ids"]))
    ]
    chosen = [feed for feed in found if feed["processingStatus"] in query.get("processingStatuses", STATUSES)]
    return Answer(200, {"feeds": chosen[: query.get("pageSize", 10)]})


def get_feed_document(call: Call) -> Answer:
    """Answer ``getFeedDocument`` for a report: a fresh link each time."""
    document_id = call.path["feedDocumentId"]
    feed = call.world.books.feed_of_report(document_id)
    if feed is None or feed["seller_id"] != call.seller.seller_id or not feed["report"]:
        raise not_found("The feed document was not found.")
    body = {"feedDocumentId": document_id, "url": call.world.signed_link(call.base_url, f"/feed-documents/{document_id}", seconds=FEED_URL_S)}
    if call.world.settings.report_gzip:
        body["compressionAlgorithm"] = "GZIP"
    return Answer(200, body)


def download(world: World, document_id: str) -> bytes | None:
    """Return a report's bytes; None if there is none."""
    feed = world.books.feed_of_report(document_id)
    if feed is None or not feed["report"]:
        return None
    return gzip.compress(feed["report"]) if world.settings.report_gzip else bytes(feed["report"])


# --- working through a document ---------------------------------------------------------------------------------------
class Declined(Exception):
    """One message is refused, by code and words."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


def _process(world: World, feed: Mapping[str, Any]) -> bytes:
    document = world.books.feed_document(feed["input"])
    content = document["content"] if document else b""
    if feed["type"] == listing_feed.FEED_TYPE:
        return listing_feed.process(world, feed, bytes(content))
    processed, declined = 0, []
    try:
        envelope = read_xml(bytes(content))
        messages = _messages(envelope, seller_id=feed["seller_id"])
    except BadXml:
        return _report(feed["feed_id"], 0, [("0", Declined("5000", "XML Parsing Error"))])
    except Declined as refused:
        return _report(feed["feed_id"], 0, [("0", refused)])
    for reference, message in messages:
        processed += 1
        try:
            _cancel(world, feed, message)
        except Declined as refused:
            declined.append((reference, refused))
    return _report(feed["feed_id"], processed, declined)


def _messages(envelope: Element, *, seller_id: str) -> list[tuple[str, Element]]:
    if envelope.tag != "AmazonEnvelope" or text_of(envelope, "Header/DocumentVersion") != "1.01":
        raise Declined("5001", "The document is no AmazonEnvelope of version 1.01.")
    if text_of(envelope, "Header/MerchantIdentifier") != seller_id:
        raise Declined("5002", "The MerchantIdentifier is not that of the selling account.")
    if text_of(envelope, "MessageType") != "OrderAcknowledgement":
        raise Declined("5003", "The MessageType does not belong to this feed type.")
    found = [(text_of(message, "MessageID"), message) for message in envelope.findall("Message")]
    references = [reference for reference, _message in found]
    if not found or len(set(references)) != len(references) or not all(reference.isdecimal() and int(reference) > 0 for reference in references):
        raise Declined("5004", "Every message needs a MessageID of its own that is a positive number.")
    return found


def _cancel(world: World, feed: Mapping[str, Any], message: Element) -> None:
    acknowledgement = message.find("OrderAcknowledgement")
    if acknowledgement is None:
        raise Declined("18000", "The message holds no OrderAcknowledgement.")
    order_id, status = text_of(acknowledgement, "AmazonOrderID"), text_of(acknowledgement, "StatusCode")
    order = world.books.order(order_id) if ORDER_ID.fullmatch(order_id) else None
    if order is None or order.seller_id != feed["seller_id"] or order.marketplace_id not in feed["marketplace_ids"]:
        raise Declined("18001", f"The order {order_id} does not exist in this account.")
    if status == "Success":
        return
    if status != "Failure":
        raise Declined("18002", "The StatusCode must be Success or Failure.")
    items = _items(order, acknowledgement)
    if order.status == Status.CANCELLED:
        raise Declined("18003", f"The order {order_id} is cancelled already.")
    if order.status in (Status.PENDING, Status.PENDING_AVAILABILITY):
        raise Declined("18004", f"The order {order_id} is pending; it cannot be cancelled by the seller yet.")
    for order_item_id in items:
        if order.shipped(order_item_id):
            raise Declined("18005", f"The item {order_item_id} of order {order_id} has been shipped and cannot be cancelled.")
    for item in order.items:
        if item.order_item_id in items:
            item.cancelled_by, item.cancelled_reason = "MERCHANT", items[item.order_item_id]
    living = [item for item in order.items if not item.cancelled_by]
    if not living:
        order.status = Status.CANCELLED
    elif all(order.shipped(item.order_item_id) >= item.quantity for item in living):
        order.status = Status.SHIPPED
    world.books.change_order(order, at=world.clock.epoch())
    doc = {"by": "MERCHANT", "items": items, "feed_id": feed["feed_id"], "status": order.status.value}
    world.books.note_write(WriteEntry(world.clock.epoch(), "order_cancelled", "done", order.seller_id, order.order_id, doc))


def _items(order: PlacedOrder, acknowledgement: Element) -> dict[str, str]:
    """Return the items to cancel with their reasons. [M, amazon.md §5] no item at all means the whole order."""
    found: dict[str, str] = {}
    for item in acknowledgement.findall("Item"):
        code, reason = text_of(item, "AmazonOrderItemCode"), text_of(item, "CancelReason")
        if order.item(code) is None:
            raise Declined("18006", f"The order {order.order_id} has no item {code}.")
        if reason not in CANCEL_REASONS:
            raise Declined("18007", f"The CancelReason {reason[:40]!r} is not one of the known ones.")
        found[code] = reason
    return found or {item.order_item_id: "NoInventory" for item in order.items}


def _report(feed_id: str, processed: int, declined: list[tuple[str, Declined]]) -> bytes:
    envelope = Element("AmazonEnvelope")
    header = SubElement(envelope, "Header")
    SubElement(header, "DocumentVersion").text = "1.02"
    SubElement(envelope, "MessageType").text = "ProcessingReport"
    message = SubElement(envelope, "Message")
    SubElement(message, "MessageID").text = "1"
    report = SubElement(message, "ProcessingReport")
    SubElement(report, "DocumentTransactionID").text = feed_id
    SubElement(report, "StatusCode").text = "Complete"
    summary = SubElement(report, "ProcessingSummary")
    numbers = {
        "Processed": processed,
        "Successful": processed - len([d for d in declined if d[0] != "0"]),
        "WithError": len(declined),
        "WithWarning": 0,
    }
    for name, number in numbers.items():
        SubElement(summary, f"Messages{name}").text = str(number)
    for reference, refused in declined:
        result = SubElement(report, "Result")
        SubElement(result, "MessageID").text = reference
        SubElement(result, "ResultCode").text = "Error"
        SubElement(result, "ResultMessageCode").text = refused.code
        SubElement(result, "ResultDescription").text = str(refused)
    document: bytes = tostring(envelope, encoding="utf-8", xml_declaration=True)
    return document


OPERATIONS = (
    Operation("createFeedDocument", "POST", "/feeds/2021-06-30/documents", create_feed_document, fields=(Field("contentType", str, required=True),)),
    Operation(
        "createFeed",
        "POST",
        "/feeds/2021-06-30/feeds",
        create_feed,
        fields=(
            Field("feedType", str, required=True),
            Field("marketplaceIds", list, required=True, of=str),
            Field("inputFeedDocumentId", str, required=True),
            Field("feedOptions", dict, free=True),
        ),
    ),
    Operation(
        "getFeeds",
        "GET",
        "/feeds/2021-06-30/feeds",
        get_feeds,
        params=(
            Param("feedTypes", "list", at_most=10),
            Param("marketplaceIds", "list", at_most=10),
            Param("pageSize", "int", at_least=1, at_most=100),
            Param("processingStatuses", "list", allowed=STATUSES),
            Param("createdSince", "datetime"),
            Param("createdUntil", "datetime"),
            Param("nextToken"),
        ),
    ),
    Operation("getFeed", "GET", "/feeds/2021-06-30/feeds/{feedId}", get_feed),
    Operation(
        "getFeedDocument",
        "GET",
        "/feeds/2021-06-30/documents/{feedDocumentId}",
        get_feed_document,
        params=(Param("enableContentEncodingUrlHeader", "bool"),),
    ),
)
