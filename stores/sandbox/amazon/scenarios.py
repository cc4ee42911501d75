"""What can go wrong at the imitation Amazon, by name."""

from __future__ import annotations

from stores.sandbox.scenarios import COMMON, Kind, table

ORDER_READS = ("searchOrders", "getOrder")
LISTS = ("searchOrders", "searchListingsItems")

KINDS = table(
    *COMMON,
    Kind("token_expired", "The access token dies early: 403 until the hub fetches a new one."),
    Kind("consent_revoked", "The seller removes the application: every token of the seller dies at once, for good.", times=None),
    Kind("second_page_fails", "A list's second and later pages answer 500.", LISTS),
    Kind("http_500", "500 InternalFailure in Amazon's shape."),
    Kind("message_403", 'A gateway\'s 403 {"message": …} without an errors list.'),
    Kind("confirm_lost_after_success", "The package is confirmed, then the connection is reset.", ("confirmShipment",)),
    Kind("confirm_lost_before_effect", "The connection is reset and nothing was confirmed.", ("confirmShipment",)),
    Kind("product_lost_after_success", "The product is taken in, then the connection is reset.", ("putListingsItem",)),
    Kind("product_lost_before_effect", "The connection is reset and no product was taken in.", ("putListingsItem",)),
    Kind("product_rejected", "The product is accepted, and refused once Amazon has looked at it.", ("putListingsItem",)),
    Kind("schema_damaged", "The definition's checksum is not that of its schema.", ("getDefinitionsProductType",)),
    Kind("feed_lost_after_success", "The feed is created, then the connection is reset.", ("createFeed",)),
    Kind("feed_lost_before_effect", "The connection is reset and no feed was created.", ("createFeed",)),
    Kind("feed_fatal", "The next feed ends FATAL: nothing of it was done.", ("createFeed",)),
    Kind("order_appears_late", "The next order placed enters lists only later, with its old time.", ("placeOrder",), {"seconds": 600.0}),
    Kind("page_repeats", "A list's next page brings the previous page once more.", LISTS),
    Kind("pages_shift", "A list's next page starts `by` rows too early (1) or too late (-1).", LISTS, {"by": 1}),
    Kind("unknown_status", "An order has a status no model names.", ORDER_READS, {"status": "ON_THE_MOON", "order_id": ""}),
    Kind("malformed_order", "An order has no readable lines.", ORDER_READS, {"order_id": ""}),
    Kind("address_withheld", "A paid order comes without its recipient.", ORDER_READS, {"order_id": ""}),
    Kind("carrier_dropped_silently", "204, but the package is kept without its carrier.", ("confirmShipment",)),
    Kind("read_back_delayed", "getOrder shows an order as it was some time ago.", ("getOrder",), {"seconds": 600.0}, None),
)
