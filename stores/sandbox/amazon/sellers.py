"""Sellers API v1: in which marketplaces a seller takes part."""

from __future__ import annotations

from stores.sandbox.amazon.answers import Answer
from stores.sandbox.amazon.marketplaces import MARKETPLACES
from stores.sandbox.amazon.operations import Call, Operation


def participations(call: Call) -> Answer:
    """Answer ``getMarketplaceParticipations``: every marketplace of the account, also those where the seller is away or suspended."""
    rows = []
    for marketplace_id in call.seller.marketplace_ids:
        site = MARKETPLACES[marketplace_id]
        rows.append(
            {
                "marketplace": {
                    "id": site.id,
                    "name": site.name,
                    "countryCode": site.country,
                    "defaultCurrencyCode": site.currency,
                    "defaultLanguageCode": site.language,
                    "domainName": site.domain,
                },
                "participation": {
                    "isParticipating": marketplace_id not in call.seller.not_participating,
                    "hasSuspendedListings": marketplace_id in call.seller.suspended,
                },
                "storeName": call.seller.name,
            }
        )
    return Answer(200, {"payload": rows})


OPERATIONS = (Operation("getMarketplaceParticipations", "GET", "/sellers/v1/marketplaceParticipations", participations),)
