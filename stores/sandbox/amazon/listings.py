"""Listings Items API 2021-08-01, reading side: ``searchListingsItems`` and ``getListingsItem``.

A listing without a SKU is not in this API (the model requires a SKU); it appears in the report and in orders only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from stores.sandbox import page_tokens
from stores.sandbox.amazon import publishing
from stores.sandbox.amazon.answers import Answer, Refusal, denied, invalid
from stores.sandbox.amazon.marketplaces import MARKETPLACES
from stores.sandbox.amazon.operations import Call, Operation
from stores.sandbox.amazon.records import Listing
from stores.sandbox.amazon.strict import Param
from stores.sandbox.amazon.world import PAGE_TOKEN_S
from stores.sandbox.clock import iso

INCLUDED_DATA = ("summaries", "attributes", "issues", "offers", "fulfillmentAvailability", "procurement", "relationships", "productTypes")
IDENTIFIER_TYPES = ("ASIN", "EAN", "FNSKU", "GTIN", "ISBN", "JAN", "MINSAN", "SKU", "UPC")
PAGING_LIMIT = 1000  # amazon.md §7: at most 1000 SKUs can be paged through
PICTURE_PX = 500
Offers = dict[str, list[Listing]]  # SKU -> its listings in the asked-for marketplaces


def _own(call: Call) -> str:
    if call.path["sellerId"] != call.seller.seller_id:
        # Wrong seller in the path: the token does not speak for them.
        raise denied("The seller in the path is not the seller of the access token.")
    return call.seller.seller_id


def get_listings_item(call: Call) -> Answer:
    """Answer ``getListingsItem``."""
    found = _rows(call, _own(call), sku=call.path["sku"])
    if not call.path["sku"] or not found:
        raise Refusal(
            404, "NOT_FOUND", f"SKU '{call.path['sku']}' not found in marketplace {call.query['marketplaceIds'][0]}", error_type="NotFoundException"
        )
    return Answer(200, _shape(call, found, call.query.get("includedData", ["summaries"])))


def search_listings_items(call: Call) -> Answer:
    """Answer ``searchListingsItems``: pages of at most 20 SKUs; ``numberOfResults`` counts all, but paging ends at 1000."""
    query, size = call.query, call.query.get("pageSize", 10)
    rows = _found(call, _own(call))
    start, here = 0, _bound(call)
    if "pageToken" in query:
        start, step = _read_token(call, query["pageToken"], here), size
        if call.strike("page_repeats") is not None:
            start = max(0, start - step)
        shift = call.strike("pages_shift")
        if shift is not None:
            start = max(0, start - int(shift["by"]))
    reachable = rows[:PAGING_LIMIT]
    included = query.get("includedData", ["summaries"])
    body: dict[str, Any] = {"numberOfResults": len(rows), "items": [_shape(call, found, included) for found in reachable[start : start + size]]}
    pagination = {}
    if start + size < len(reachable):
        pagination["nextToken"] = _write_token(call, start + size, here)
    if start > 0:
        pagination["previousToken"] = _write_token(call, max(0, start - size), here)
    if pagination:
        body["pagination"] = pagination
    return Answer(200, body)


def _found(call: Call, seller_id: str) -> list[list[Listing]]:
    query = call.query
    identifiers, kind = query.get("identifiers"), query.get("identifiersType")
    if (identifiers is None) != (kind is None):
        raise invalid("identifiers and identifiersType must be given together.")
    by_sku: Offers = {}
    for listing in _rows(call, seller_id):
        if listing.sku and _fits(listing, query) and (identifiers is None or _identifier(listing, str(kind)) in identifiers):
            by_sku.setdefault(listing.sku, []).append(listing)
    sort_by = query.get("sortBy", "lastUpdatedDate")
    rows = sorted(by_sku.items(), key=lambda row: row[0])
    if sort_by != "sku":
        rows.sort(key=lambda row: row[1][0].created if sort_by == "createdDate" else row[1][0].updated)
    if query.get("sortOrder", "DESC") == "DESC":
        rows.reverse()
    return [found for _, found in rows]


def _rows(call: Call, seller_id: str, *, sku: str | None = None) -> list[Listing]:
    """Return what is sold and what is still looked at."""
    marketplace_ids = call.marketplaces(call.query["marketplaceIds"])
    sold = call.world.books.listings(seller_id, marketplace_ids=marketplace_ids, sku=sku)
    return [*sold, *publishing.pending(call.world, seller_id, marketplace_ids=marketplace_ids, sku=sku)]


def _identifier(listing: Listing, kind: str) -> str:
    return {"SKU": listing.sku, "ASIN": listing.asin}.get(kind, "")


def _fits(listing: Listing, query: Mapping[str, Any]) -> bool:
    statuses = set(listing.statuses)
    return (
        query.get("createdAfter", 0) <= listing.created <= query.get("createdBefore", float("inf"))
        and query.get("lastUpdatedAfter", 0) <= listing.updated <= query.get("lastUpdatedBefore", float("inf"))
        and ("withStatus" not in query or bool(statuses & set(query["withStatus"])))
        and ("withoutStatus" not in query or not statuses & set(query["withoutStatus"]))
        and ("withIssueSeverity" not in query or any(issue["severity"] in query["withIssueSeverity"] for issue in listing.issues))
        and ("variationParentSku" not in query or listing.parent_sku == query["variationParentSku"])
        and "packageHierarchySku" not in query
    )


def _bound(call: Call) -> str:
    kept = {name: value for name, value in call.query.items() if name not in ("pageToken", "includedData")}
    return page_tokens.bound(call.world, f"listings {call.seller.seller_id}", kept)


def _write_token(call: Call, start: int, bound: str) -> str:
    expires = call.world.clock.epoch() + call.world.clock.shortened(PAGE_TOKEN_S)
    return page_tokens.write(call.world, {"start": start, "bound": bound, "expires": expires})


def _read_token(call: Call, token: str, bound: str) -> int:
    place = page_tokens.read(call.world, token)
    if place is None:
        raise invalid("Invalid pageToken.")
    if place["expires"] <= call.world.clock.epoch():
        raise invalid("The pageToken has expired.")
    if place["bound"] != bound:
        raise invalid("The pageToken belongs to other parameters; repeat those of the first page.")
    return int(place["start"])


def _shape(call: Call, found: list[Listing], included: Collection[str]) -> dict[str, Any]:
    """Return one SKU with its data sets for each marketplace, in the model's shape."""
    body: dict[str, Any] = {"sku": found[0].sku}
    if "summaries" in included:
        body["summaries"] = [_summary(call, listing) for listing in found]
    if "attributes" in included:
        body["attributes"] = _attributes(found)
    if "issues" in included:
        body["issues"] = [{**issue, "marketplaceIds": [listing.marketplace_id]} for listing in found for issue in listing.issues]
    if "offers" in included:
        body["offers"] = [
            {
                "marketplaceId": listing.marketplace_id,
                "offerType": "B2C",
                "price": {"currencyCode": MARKETPLACES[listing.marketplace_id].currency, "amount": listing.price},
                "audience": {"value": "ALL", "displayName": "Sell on Amazon"},
            }
            for listing in found
            if not listing.is_parent
        ]
    if "fulfillmentAvailability" in included:
        body["fulfillmentAvailability"] = [
            {"fulfillmentChannelCode": stock["fulfillment_channel_code"], **({"quantity": stock["quantity"]} if "quantity" in stock else {})}
            for stock in publishing.attributes_of(found[0]).get("fulfillment_availability", [])
        ]
        if found[0].fulfilled_by == "AMAZON":
            body["fulfillmentAvailability"] = [{"fulfillmentChannelCode": f"AMAZON_{MARKETPLACES[found[0].marketplace_id].region}"}]
    if "relationships" in included:
        body["relationships"] = [{"marketplaceId": listing.marketplace_id, "relationships": _relationships(call, listing)} for listing in found]
    if "productTypes" in included:
        body["productTypes"] = [{"marketplaceId": listing.marketplace_id, "productType": listing.product_type} for listing in found]
    return body


def _relationships(call: Call, listing: Listing) -> list[dict[str, Any]]:
    if not listing.variation_theme:
        return []
    theme = {"attributes": [name.lower() for name in listing.variation_theme.split("/")], "theme": listing.variation_theme}
    if listing.parent_sku:
        return [{"parentSkus": [listing.parent_sku], "variationTheme": theme, "type": "VARIATION"}]
    family = call.world.books.listings(listing.seller_id, marketplace_ids=[listing.marketplace_id])
    return [{"childSkus": [one.sku for one in family if one.parent_sku == listing.sku], "variationTheme": theme, "type": "VARIATION"}]


def picture_url(base_url: str, listing: Listing) -> str:
    """Return the address of a listing's main picture."""
    return f"{base_url}/pictures/{listing.asin}.png"


def _summary(call: Call, listing: Listing) -> dict[str, Any]:
    """Return the summary; what is still looked at has no ASIN and no picture yet."""
    sold = {
        "asin": listing.asin,
        "mainImage": {"link": picture_url(call.base_url, listing), "height": PICTURE_PX, "width": PICTURE_PX},
    }
    return {
        "marketplaceId": listing.marketplace_id,
        "productType": listing.product_type,
        "conditionType": "new_new",
        "status": listing.statuses,
        "itemName": listing.title,
        "createdDate": iso(listing.created),
        "lastUpdatedDate": iso(listing.updated),
        **(sold if listing.asin else {}),
    }


def _attributes(found: list[Listing]) -> dict[str, Any]:
    """Return the attributes of a SKU: those of each marketplace, side by side."""
    joined: dict[str, list[Any]] = {}
    for listing in found:
        for name, entries in publishing.attributes_of(listing).items():
            held = joined.setdefault(name, [])
            held += [entry for entry in entries if entry not in held]
    return joined


FILTERS = (
    Param("marketplaceIds", "list", required=True),
    Param("issueLocale"),
    Param("includedData", "list", allowed=INCLUDED_DATA),
)
OPERATIONS = (
    Operation("getListingsItem", "GET", "/listings/2021-08-01/items/{sellerId}/{sku}", get_listings_item, params=FILTERS),
    Operation(
        "searchListingsItems",
        "GET",
        "/listings/2021-08-01/items/{sellerId}",
        search_listings_items,
        params=(
            *FILTERS,
            Param("identifiers", "list", at_most=20),
            Param("identifiersType", allowed=IDENTIFIER_TYPES),
            Param("variationParentSku"),
            Param("packageHierarchySku"),
            Param("createdAfter", "datetime"),
            Param("createdBefore", "datetime"),
            Param("lastUpdatedAfter", "datetime"),
            Param("lastUpdatedBefore", "datetime"),
            Param("withIssueSeverity", "list", allowed=("WARNING", "ERROR")),
            Param("withStatus", "list", allowed=("BUYABLE", "DISCOVERABLE")),
            Param("withoutStatus", "list", allowed=("BUYABLE", "DISCOVERABLE")),
            Param("sortBy", allowed=("sku", "createdDate", "lastUpdatedDate")),
            Param("sortOrder", allowed=("ASC", "DESC")),
            Param("pageSize", "int", at_least=1, at_most=20),
            Param("pageToken"),
        ),
    ),
)
