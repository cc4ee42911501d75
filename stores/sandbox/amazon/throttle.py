"""Amazon's published rate table.

``x-amzn-RateLimit-Limit`` states the rate as it is on the wall clock (published rate times factor): a client that believes the header is right at
every factor.
"""

from __future__ import annotations

from stores.sandbox.throttle import Plan

# Rates of the models' usage plans; getReportDocument and the others as in amazon.md §3.
PLANS: dict[str, Plan] = {
    "searchOrders": Plan(0.0056, 20),
    "getOrder": Plan(0.5, 30),
    "confirmShipment": Plan(2, 10),
    "getListingsItem": Plan(5, 10),
    "searchListingsItems": Plan(5, 5),
    "putListingsItem": Plan(5, 10),
    "patchListingsItem": Plan(5, 5),
    "searchDefinitionsProductTypes": Plan(5, 10),
    "getDefinitionsProductType": Plan(5, 10),
    "createReport": Plan(0.0167, 15),
    "getReport": Plan(2, 15),
    "getReportDocument": Plan(0.0167, 15),
    "createFeedDocument": Plan(0.5, 15),
    "createFeed": Plan(0.0083, 15),
    "getFeeds": Plan(0.0222, 10),
    "getFeed": Plan(2, 15),
    "getFeedDocument": Plan(0.0222, 10),
    "getMarketplaceParticipations": Plan(0.016, 15),
}
# The static sandbox has one plan for everything (amazon.md §1).
STATIC_PLAN = Plan(5, 15)


def rate_header(rate: float) -> str:
    """Return a rate as Amazon writes it: no trailing zeros beyond the first."""
    text = f"{rate:.6f}".rstrip("0")
    return f"{text}0" if text.endswith(".") else text
