"""Cancelling at the imitation Amazon by feed, in plain HTTP, every answer held against the official model."""

from __future__ import annotations

import gzip

import httpx

from stores.sandbox.amazon import buying, seed
from stores.sandbox.amazon.records import PlacedOrder
from stores.sandbox.amazon.server import ImitationAmazon
from tests.sandbox.amazon.conftest import Caller

TYPE = "text/xml; charset=UTF-8"
FEEDS = "/feeds/2021-06-30"


def message(order: PlacedOrder, *, number: int = 1, reason: str = "NoInventory", items: list[str] | None = None, order_id: str = "") -> str:
    named = [item.order_item_id for item in order.items] if items is None else items
    inner = "".join(f"<Item><AmazonOrderItemCode>{item}</AmazonOrderItemCode><CancelReason>{reason}</CancelReason></Item>" for item in named)
    return (
        f"<Message><MessageID>{number}</MessageID><OrderAcknowledgement><AmazonOrderID>{order_id or order.order_id}</AmazonOrderID>"
        f"<StatusCode>Failure</StatusCode>{inner}</OrderAcknowledgement></Message>"
    )


def document(*messages: str, seller: str = seed.NORTH.seller_id) -> str:
    return (
        f"<AmazonEnvelope><Header><DocumentVersion>1.01</DocumentVersion><MerchantIdentifier>{seller}</MerchantIdentifier></Header>"
        f"<MessageType>OrderAcknowledgement</MessageType>{''.join(messages)}</AmazonEnvelope>"
    )


def submit(ada: Caller, content: str) -> str:
    place = ada.post(f"{FEEDS}/documents", {"contentType": TYPE}).json()
    assert httpx.put(place["url"], content=content.encode(), headers={"Content-Type": TYPE}).status_code == 200
    made = ada.post(
        f"{FEEDS}/feeds",
        {"feedType": "POST_ORDER_ACKNOWLEDGEMENT_DATA", "marketplaceIds": [seed.DE], "inputFeedDocumentId": place["feedDocumentId"]},
    )
    assert made.status_code == 202
    return str(made.json()["feedId"])


def report_of(ada: Caller, feed_id: str) -> str:
    ada.amazon.clock.advance(91)
    done = ada.get(f"{FEEDS}/feeds/{feed_id}").json()
    assert done["processingStatus"] == "DONE"
    where = ada.get(f"{FEEDS}/documents/{done['resultFeedDocumentId']}").json()
    assert where["compressionAlgorithm"] == "GZIP"
    return gzip.decompress(httpx.get(where["url"]).content).decode()


def test_a_cancelled_order_shows_it_and_stands_in_the_books_once(amazon: ImitationAmazon, ada: Caller) -> None:
    order = amazon.place_order(sku="MUG-11OZ-WHITE")
    feed_id = submit(ada, document(message(order)))
    assert ada.get(f"{FEEDS}/feeds/{feed_id}").json()["processingStatus"] == "IN_QUEUE"
    assert ada.order(order.order_id)["fulfillment"]["fulfillmentStatus"] == "UNSHIPPED"
    assert "<MessagesSuccessful>1</MessagesSuccessful>" in report_of(ada, feed_id)
    assert ada.order(order.order_id)["fulfillment"]["fulfillmentStatus"] == "CANCELLED"
    assert [entry.effect for entry in amazon.books.writes(kind="order_cancelled", order_id=order.order_id)] == ["done"]
    listed = ada.get(f"{FEEDS}/feeds", feedTypes="POST_ORDER_ACKNOWLEDGEMENT_DATA", createdSince="2026-11-20T00:00:00Z").json()
    assert [feed["feedId"] for feed in listed["feeds"]] == [feed_id]


def test_one_item_is_cancelled_and_the_other_may_still_be_shipped_but_not_the_cancelled_one(amazon: ImitationAmazon, ada: Caller) -> None:
    order = amazon.place_order(items=[{"sku": "MUG-11OZ-WHITE"}, {"sku": "MUG-11OZ-WHITE"}])
    first, second = (item.order_item_id for item in order.items)
    report_of(ada, submit(ada, document(message(order, items=[second]))))
    refused = ada.confirm(order, orderItems=[{"orderItemId": second, "quantity": 1}])
    assert refused.status_code == 400 and "cancelled" in refused.text
    assert ada.confirm(order, orderItems=[{"orderItemId": first, "quantity": 1}]).status_code == 204
    assert ada.order(order.order_id)["fulfillment"]["fulfillmentStatus"] == "SHIPPED"


def test_the_report_names_every_message_that_was_refused_and_why(amazon: ImitationAmazon, ada: Caller) -> None:
    good, shipped, gone, strange = (amazon.place_order(sku="MUG-11OZ-WHITE") for _number in range(4))
    assert ada.confirm(shipped).status_code == 204
    buying.cancel_order(amazon.world, gone.order_id)
    content = document(
        message(good, number=1),
        message(shipped, number=2),
        message(gone, number=3),
        message(strange, number=4, reason="Whim"),
        message(strange, number=5, items=["99999999999999"]),
        message(strange, number=6, order_id="302-0000000-0000000"),
    )
    report = report_of(ada, submit(ada, content))
    for number, words in ((2, "has been shipped"), (3, "cancelled already"), (4, "CancelReason"), (5, "has no item"), (6, "does not exist")):
        part = report.partition(f"<MessageID>{number}</MessageID><ResultCode>Error")[2].partition("</Result>")[0]
        assert words in part, (number, report)
    assert ada.order(good.order_id)["fulfillment"]["fulfillmentStatus"] == "CANCELLED"
    assert ada.order(strange.order_id)["fulfillment"]["fulfillmentStatus"] == "UNSHIPPED"


def test_a_document_that_is_no_envelope_of_this_seller_changes_nothing(amazon: ImitationAmazon, ada: Caller) -> None:
    order = amazon.place_order(sku="MUG-11OZ-WHITE")
    for content in ("no xml", document(message(order), seller="SOMEBODYELSE"), "<!DOCTYPE a><a/>", document()):
        assert "<MessageID>0</MessageID><ResultCode>Error" in report_of(ada, submit(ada, content))
    assert ada.order(order.order_id)["fulfillment"]["fulfillmentStatus"] == "UNSHIPPED"


def test_an_upload_needs_the_content_type_it_was_signed_for_and_a_live_address(amazon: ImitationAmazon, ada: Caller) -> None:
    place = ada.post(f"{FEEDS}/documents", {"contentType": TYPE}).json()
    assert httpx.put(place["url"], content=b"x", headers={"Content-Type": "text/xml"}).status_code == 403
    empty = ada.post(
        f"{FEEDS}/feeds",
        {"feedType": "POST_ORDER_ACKNOWLEDGEMENT_DATA", "marketplaceIds": [seed.DE], "inputFeedDocumentId": place["feedDocumentId"]},
    )
    assert empty.status_code == 400
    amazon.clock.advance(301)
    assert httpx.put(place["url"], content=b"x", headers={"Content-Type": TYPE}).status_code == 403


def test_another_sellers_feed_does_not_exist(ada: Caller, mallory: Caller, amazon: ImitationAmazon) -> None:
    feed_id = submit(ada, document(message(amazon.place_order(sku="MUG-11OZ-WHITE"))))
    assert mallory.get(f"{FEEDS}/feeds/{feed_id}").status_code == 404
    assert mallory.get(f"{FEEDS}/feeds", feedTypes="POST_ORDER_ACKNOWLEDGEMENT_DATA").json()["feeds"] == []
