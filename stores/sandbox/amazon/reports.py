"""Reports API 2021-06-30, for ``GET_MERCHANT_LISTINGS_ALL_DATA`` only: the route for catalogues beyond 1000 SKUs.

A report waits, is made, and is DONE; its document is downloaded by a link that lives five minutes and must be fetched *without* the access token.
The file is TSV as Amazon writes it: header line, CRLF, no quoting, in a charset that only the download's Content-Type names.
"""

from __future__ import annotations

import gzip
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from stores.sandbox.amazon.answers import Answer, invalid, not_found
from stores.sandbox.amazon.listings import picture_url
from stores.sandbox.amazon.marketplaces import MARKETPLACES
from stores.sandbox.amazon.operations import Call, Operation
from stores.sandbox.amazon.records import Listing
from stores.sandbox.amazon.strict import Field, Param, parse_time
from stores.sandbox.amazon.world import REPORT_QUEUED_S, REPORT_RUNNING_S, REPORT_URL_S, World
from stores.sandbox.clock import iso

LISTINGS_REPORT = "GET_MERCHANT_LISTINGS_ALL_DATA"
COLUMNS = (
    "item-name", "item-description", "listing-id", "seller-sku", "price", "quantity", "open-date", "image-url", "item-is-marketplace",
    "product-id-type", "zshop-shipping-fee", "item-note", "item-condition", "zshop-category1", "zshop-browse-path", "zshop-storefront-feature",
    "asin1", "asin2", "asin3", "will-ship-internationally", "expedited-shipping", "zshop-boldface", "product-id", "bid-for-featured-placement",
    "add-delete", "pending-quantity", "fulfillment-channel", "merchant-shipping-group", "status",
)  # fmt: skip


def create_report(call: Call) -> Answer:
    """Answer ``createReport``."""
    body, now = call.body, call.world.clock.epoch()
    if not 1 <= len(body["marketplaceIds"]) <= 25:
        raise invalid("marketplaceIds must hold between 1 and 25 marketplaces.")
    for name in ("dataStartTime", "dataEndTime"):
        if body.get(name) is not None:
            parse_time(body[name], name=name)
    if body["reportType"] != LISTINGS_REPORT:
        raise invalid("Invalid Report Type.", details=f"This imitation makes {LISTINGS_REPORT} only, not {body['reportType']}.")
    marketplace_ids = call.marketplaces(list(body["marketplaceIds"]))
    rows = call.world.books.listings(call.seller.seller_id, marketplace_ids=marketplace_ids)
    report_id = f"{50_000_000_000 + call.world.books.next_number('report')}"
    doc = {
        "marketplace_ids": marketplace_ids,
        "created": now,
        "rows": len(rows),
        "text": "\r\n".join(["\t".join(COLUMNS), *(_row(call, listing) for listing in rows), ""]),
    }
    call.world.books.keep_report(report_id, seller_id=call.seller.seller_id, document_id=f"amzn1.spdoc.1.4.eu.{uuid.uuid4()}", doc=doc)
    return Answer(202, {"reportId": report_id})


def _row(call: Call, listing: Listing) -> str:
    site = MARKETPLACES[listing.marketplace_id]
    own = listing.fulfilled_by == "MERCHANT"
    values = {
        "item-name": listing.title,
        "item-description": listing.description,
        "listing-id": f"LST{listing.asin}",
        "seller-sku": listing.sku,
        "price": listing.price,
        "quantity": str(listing.quantity) if own else "",
        # Local text that is not meant to be parsed (amazon.md §7).
        "open-date": datetime.fromtimestamp(listing.created, UTC).strftime("%d/%m/%Y %H:%M:%S") + (" BST" if site.country == "GB" else " MEZ"),
        "image-url": picture_url(call.base_url, listing),
        "item-is-marketplace": "y",
        "product-id-type": "1",
        "item-condition": "11",
        "asin1": listing.asin,
        "product-id": listing.asin,
        "fulfillment-channel": "DEFAULT" if own else f"AMAZON_{site.region}",
        "merchant-shipping-group": "Standard",
        "status": "Active" if "BUYABLE" in listing.statuses else "Inactive",
    }
    # No quoting exists in this format: a tab or line break in a text would be a new column or row, so Amazon's texts have none.
    return "\t".join(" ".join(values.get(column, "").split()) for column in COLUMNS)


def _status(world: World, report: Mapping[str, Any]) -> tuple[str, float, float]:
    """Return processing status, start and end. No rows: CANCELLED, Amazon's word for "nothing to report"."""
    begins = report["created"] + world.clock.shortened(REPORT_QUEUED_S)
    ends = begins + world.clock.shortened(REPORT_RUNNING_S)
    now = world.clock.epoch()
    if now < begins:
        return "IN_QUEUE", begins, ends
    if now < ends:
        return "IN_PROGRESS", begins, ends
    return ("DONE" if report["rows"] else "CANCELLED"), begins, ends


def get_report(call: Call) -> Answer:
    """Answer ``getReport``."""
    report = call.world.books.report(call.seller.seller_id, report_id=call.path["reportId"])
    if report is None:
        raise not_found("The report was not found.")
    status, begins, ends = _status(call.world, report)
    body = {
        "reportId": report["report_id"],
        "reportType": LISTINGS_REPORT,
        "marketplaceIds": report["marketplace_ids"],
        "dataStartTime": iso(report["created"]),
        "dataEndTime": iso(report["created"]),
        "createdTime": iso(report["created"]),
        "processingStatus": status,
    }
    if status != "IN_QUEUE":
        body["processingStartTime"] = iso(begins)
    if status in ("DONE", "CANCELLED"):
        body["processingEndTime"] = iso(ends)
    if status == "DONE":
        body["reportDocumentId"] = report["document_id"]
    return Answer(200, body)


def get_report_document(call: Call) -> Answer:
    """Answer ``getReportDocument``: a fresh link each time."""
    document_id = call.path["reportDocumentId"]
    report = call.world.books.report(call.seller.seller_id, document_id=document_id)
    if report is None or _status(call.world, report)[0] != "DONE":
        raise not_found("The report document was not found.")
    url = call.world.signed_link(call.base_url, f"/documents/{document_id}", seconds=REPORT_URL_S)
    body = {"reportDocumentId": document_id, "url": url}
    if call.world.settings.report_gzip:
        body["compressionAlgorithm"] = "GZIP"
    return Answer(200, body)


def download(world: World, document_id: str) -> tuple[bytes, str] | None:
    """Return a document's bytes and Content-Type in the charset of the settings; None if there is no such document."""
    report = world.books.report_document(document_id)
    if report is None:
        return None
    charset = world.settings.report_charset
    # Without a charset in the header Amazon's files are still in some encoding; the guide's order to try is UTF-8, then cp1252.
    content = str(report["text"]).encode(charset or "cp1252", errors="replace")
    named = {"cp1252": "Cp1252", "cp932": "Windows-31J"}.get(charset, charset)
    return gzip.compress(content) if world.settings.report_gzip else content, f"text/plain; charset={named}" if named else "text/plain"


OPERATIONS = (
    Operation(
        "createReport",
        "POST",
        "/reports/2021-06-30/reports",
        create_report,
        fields=(
            Field("reportType", str, required=True),
            Field("marketplaceIds", list, required=True, of=str),
            Field("dataStartTime", str),
            Field("dataEndTime", str),
            Field("reportOptions", dict, free=True),
        ),
    ),
    Operation("getReport", "GET", "/reports/2021-06-30/reports/{reportId}", get_report),
    Operation(
        "getReportDocument",
        "GET",
        "/reports/2021-06-30/documents/{reportDocumentId}",
        get_report_document,
        params=(Param("enableContentEncodingUrlHeader", "bool"),),
    ),
)
