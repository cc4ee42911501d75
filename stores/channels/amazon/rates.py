"""The operations we call: their quotas, paths and parameters, as the official models publish them (5 August 2026).

Quotas are requests a second and burst, per seller and application. Amazon may grant a seller more or less and says so in
``x-amzn-RateLimit-Limit``; the bucket follows it.
"""

from __future__ import annotations

from dataclasses import dataclass

from pod_hub.core.pace import scaled_s

_TRAVEL_S = 0.25


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the Selling Partner API.

    ``query`` names the parameters its model knows: the library adds others of its own, which are taken out before sending.
    ``body`` does the same for the keys of a JSON body; None lets a body pass as it is. ``write`` says that a lost answer leaves open whether it
    took effect. ``said`` names in people's words what it is about, for sentences that they read; the raw name is for traces.
    """

    name: str
    rate: float
    burst: int
    template: str
    query: frozenset[str] = frozenset()
    write: bool = False
    body: frozenset[str] | None = None
    said: str = ""

    @property
    def usable_burst(self) -> float:
        """Return the part of the burst that we draw.

        Amazon's bucket begins to refill when our first request arrives, ours when it was let go. Without a reserve for that travel time
        a drained bucket is told 429 although we counted right. It costs the reserve once, not the rate.
        """
        reserve = max(1.0, self.rate / scaled_s(1) * _TRAVEL_S)
        return self.burst - min(reserve, self.burst / 2)


_ORDERS = "/orders/2026-01-01/orders"
_REPORTS = "/reports/2021-06-30"
_DEFINITIONS = "/definitions/2020-09-01/productTypes"
_FEEDS = "/feeds/2021-06-30"

SEARCH_ORDERS = Operation(
    "searchOrders",
    0.0056,
    20,
    _ORDERS,
    frozenset({"createdAfter", "lastUpdatedAfter", "marketplaceIds", "maxResultsPerPage", "paginationToken", "includedData"}),
    said="the search for orders",
)
GET_ORDER = Operation("getOrder", 0.5, 30, _ORDERS + "/{orderId}", frozenset({"includedData"}), said="the order")
CONFIRM_SHIPMENT = Operation("confirmShipment", 2, 10, "/orders/v0/orders/{orderId}/shipmentConfirmation", write=True, said="the shipped package")
SEARCH_LISTINGS = Operation(
    "searchListingsItems",
    5,
    5,
    "/listings/2021-08-01/items/{sellerId}",
    frozenset({"marketplaceIds", "includedData", "pageSize", "pageToken"}),
    said="the search for listings",
)
GET_LISTING = Operation(
    "getListingsItem",
    5,
    10,
    "/listings/2021-08-01/items/{sellerId}/{sku}",
    frozenset({"marketplaceIds", "includedData", "issueLocale"}),
    said="the listing",
)
PUT_LISTING = Operation(
    "putListingsItem",
    5,
    10,
    "/listings/2021-08-01/items/{sellerId}/{sku}",
    frozenset({"marketplaceIds", "mode", "includedData", "issueLocale"}),
    write=True,
    body=frozenset({"productType", "requirements", "attributes"}),
    said="the product",
)
PATCH_LISTING = Operation(
    "patchListingsItem",
    5,
    5,
    "/listings/2021-08-01/items/{sellerId}/{sku}",
    frozenset({"marketplaceIds", "mode", "includedData", "issueLocale"}),
    write=True,
    body=frozenset({"productType", "patches"}),
    said="the change of the listing",
)
SEARCH_PRODUCT_TYPES = Operation(
    "searchDefinitionsProductTypes",
    5,
    10,
    _DEFINITIONS,
    frozenset({"keywords", "itemName", "marketplaceIds", "locale", "searchLocale"}),
    said="the search for a product type",
)
GET_PRODUCT_TYPE = Operation(
    "getDefinitionsProductType",
    5,
    10,
    _DEFINITIONS + "/{productType}",
    frozenset({"sellerId", "marketplaceIds", "productTypeVersion", "requirements", "requirementsEnforced", "locale"}),
    said="the product type",
)
CREATE_REPORT = Operation("createReport", 0.0167, 15, _REPORTS + "/reports", write=True, said="the wish for a report")
GET_REPORT = Operation("getReport", 2, 15, _REPORTS + "/reports/{reportId}", said="the report")
GET_REPORT_DOCUMENT = Operation("getReportDocument", 0.0167, 15, _REPORTS + "/documents/{reportDocumentId}", said="the report's content")
CREATE_FEED_DOCUMENT = Operation(
    "createFeedDocument", 0.5, 15, _FEEDS + "/documents", body=frozenset({"contentType"}), said="the place for a document"
)
CREATE_FEED = Operation(
    "createFeed",
    0.0083,
    15,
    _FEEDS + "/feeds",
    write=True,
    body=frozenset({"feedType", "marketplaceIds", "inputFeedDocumentId", "feedOptions"}),
    said="the document",
)
GET_FEEDS = Operation(
    "getFeeds",
    0.0222,
    10,
    _FEEDS + "/feeds",
    frozenset({"feedTypes", "marketplaceIds", "pageSize", "createdSince", "nextToken"}),
    said="the list of documents",
)
GET_FEED = Operation("getFeed", 2, 15, _FEEDS + "/feeds/{feedId}", said="the document's state")
GET_FEED_DOCUMENT = Operation("getFeedDocument", 0.0222, 10, _FEEDS + "/documents/{feedDocumentId}", said="the document's result")
PARTICIPATIONS = Operation("getMarketplaceParticipations", 0.016, 15, "/sellers/v1/marketplaceParticipations", said="the list of marketplaces")

OPERATIONS: tuple[Operation, ...] = (
    SEARCH_ORDERS,
    GET_ORDER,
    CONFIRM_SHIPMENT,
    SEARCH_LISTINGS,
    GET_LISTING,
    PUT_LISTING,
    PATCH_LISTING,
    SEARCH_PRODUCT_TYPES,
    GET_PRODUCT_TYPE,
    CREATE_REPORT,
    GET_REPORT,
    GET_REPORT_DOCUMENT,
    CREATE_FEED_DOCUMENT,
    CREATE_FEED,
    GET_FEEDS,
    GET_FEED,
    GET_FEED_DOCUMENT,
    PARTICIPATIONS,
)
