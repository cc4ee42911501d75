"""``JSON_LISTINGS_FEED``: many listings in one document, and the report on it. Shapes are those of Amazon's published feed schemas, version 2."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stores.sandbox.amazon import publishing
from stores.sandbox.amazon.answers import Refusal
from stores.sandbox.amazon.attributes import Issue, issue, issues_of, required_of
from stores.sandbox.amazon.world import World

FEED_TYPE = "JSON_LISTINGS_FEED"
VERSION = "2.0"
OPERATIONS = ("UPDATE", "PARTIAL_UPDATE", "PATCH", "DELETE")
REPORT_TYPE = "application/json"


def process(world: World, feed: Mapping[str, Any], content: bytes) -> bytes:
    """Work through a document and return its report. A document that cannot be read has no messages and one issue."""
    header = {"sellerId": feed["seller_id"], "version": VERSION, "feedId": feed["feed_id"]}
    try:
        document = json.loads(content)
        messages = document["messages"]
        if document["header"]["sellerId"] != feed["seller_id"] or document["header"]["version"] != VERSION or not isinstance(messages, list):
            raise ValueError
        numbers = [message["messageId"] for message in messages]
        if len(set(numbers)) != len(numbers) or not all(isinstance(number, int) and number > 0 for number in numbers):
            raise ValueError
    except (ValueError, KeyError, TypeError):
        wrong = {"messageId": 0, "code": "4000000", "severity": "ERROR", "message": "The feed is no JSON document of the listings feed schema."}
        return _written(header, [wrong], processed=0, accepted=0)
    found: list[dict[str, Any]] = []
    accepted = 0
    for message in messages:
        issues = _do(world, feed, message)
        accepted += not any(one["severity"] == "ERROR" for one in issues)
        found += [_reported(message, one) for one in issues]
    return _written(header, found, processed=len(messages), accepted=accepted)


def _do(world: World, feed: Mapping[str, Any], message: Mapping[str, Any]) -> list[Issue]:
    sku, operation, (marketplace_id, *_others) = str(message.get("sku", "")), message.get("operationType"), feed["marketplace_ids"]
    if operation not in OPERATIONS or not sku:
        return [issue("4000001", f"The operationType '{operation}' or the SKU is not valid.")]
    product_type = publishing.type_named(str(message.get("productType", "PRODUCT")))
    if operation == "PATCH":
        held = publishing.attributes_held(world, feed["seller_id"], marketplace_id, sku)
        if held is None:
            return [issue(publishing.NO_SKU, f"The SKU '{sku}' does not exist.")]
        try:
            changed, issues = publishing.patched(product_type, held, message.get("patches", []), marketplace_id=marketplace_id)
        except Refusal as refusal:
            return [issue("4000002", refusal.message)]
        if not any(one["severity"] == "ERROR" for one in issues):
            publishing.write_attributes(world, feed["seller_id"], marketplace_id, sku, changed)
        return issues
    if operation != "UPDATE":
        return [issue("4000003", f"This imitation takes UPDATE and PATCH only, not {operation}.")]
    requirements = str(message.get("requirements", "LISTING"))
    attributes = dict(message.get("attributes", {}))
    issues = issues_of(product_type, attributes, required=required_of(product_type, requirements), marketplace_id=marketplace_id)
    if not any(one["severity"] == "ERROR" for one in issues):
        publishing.keep_submission(
            world, seller_id=feed["seller_id"], marketplace_id=marketplace_id, sku=sku, product_type=product_type.name, attributes=attributes
        )
    return issues


def _reported(message: Mapping[str, Any], one: Issue) -> dict[str, Any]:
    names = one["attributeNames"]
    return {
        "messageId": message["messageId"],
        "sku": str(message.get("sku", "")),
        "code": one["code"],
        "severity": one["severity"],
        "message": one["message"],
        **({"attributeName": names[0]} if names else {}),
    }


def _written(header: Mapping[str, Any], issues: list[dict[str, Any]], *, processed: int, accepted: int) -> bytes:
    summary = {
        "errors": sum(one["severity"] == "ERROR" for one in issues),
        "warnings": sum(one["severity"] == "WARNING" for one in issues),
        "messagesProcessed": processed,
        "messagesAccepted": accepted,
        "messagesInvalid": processed - accepted,
    }
    return json.dumps({"header": header, "issues": issues, "summary": summary}).encode()
