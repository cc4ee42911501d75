"""What can go wrong at the imitation TikTok Shop, by name."""

from __future__ import annotations

from stores.sandbox.scenarios import COMMON, Kind, table

LISTS = ("getOrderList", "searchProducts", "searchPackage", "searchCancellations", "searchReturns")
ORDER_READS = ("getOrderList", "getOrderDetail")

SHIPPING = ("markPackageAsShipped", "markPackageAsShippedByLists", "createPackages", "createPackages202512")
CANCELLING = ("cancelOrder", "cancelOrder202602", "approveCancellation")
EVENTS = (
    "ORDER_STATUS_CHANGE", "RECIPIENT_ADDRESS_UPDATE", "PACKAGE_UPDATE", "PRODUCT_STATUS_CHANGE", "SELLER_DEAUTHORIZATION",
    "UPCOMING_AUTHORIZATION_EXPIRATION", "CANCELLATION_STATUS_CHANGE", "RETURN_STATUS_CHANGE", "PRODUCT_INFORMATION_CHANGE", "PRODUCT_CREATION",
    "PRODUCT_CATEGORY_CHANGE", "INVOICE_STATUS_CHANGE", "PRODUCT_AUDIT_STATUS_CHANGE",
)  # fmt: skip

KINDS = table(
    *COMMON,
    Kind("token_expired", "The access token dies early: 105002 until the hub refreshes."),
    Kind("seller_deauthorised", "The seller disconnects the app: every token dies at once, for good; webhook 6 tells of it.", times=None),
    Kind("scope_withheld", "The next consent grants every scope but one.", ("consent",), {"scope": "seller.product.write"}),
    Kind("internal_error", "36009003 with HTTP 500."),
    Kind("timed_out", "36009007: a write may or may not have happened (here it has not)."),
    Kind("overloaded_503", "503 with a proxy's bare text instead of JSON."),
    Kind("ip_refused", "36009033: the caller's address is not on the app's allow list."),
    Kind(
        "clock_skewed",
        "TikTok's clock runs so many seconds ahead (negative: behind) when it looks at timestamps.",
        options={"seconds": 600.0},
        times=None,
    ),
    Kind("audit_fails", "The next audit of a product fails.", ("audit",), {"reason": "The main picture shows a trademark."}),
    Kind("create_lost_after_success", "The product is created, then the connection is reset.", ("createProduct",)),
    Kind("create_lost_before_effect", "The connection is reset and no product was created.", ("createProduct",)),
    Kind("page_repeats", "A list's next page brings the previous page once more.", LISTS),
    Kind("pages_shift", "A list's next page starts `by` rows too early (1) or too late (-1).", LISTS, {"by": 1}),
    Kind("order_appears_late", "The next order placed enters lists only later, with its old time.", ("placeOrder",), {"seconds": 600.0}),
    Kind("unknown_status", "An order has a status no document names.", ORDER_READS, {"status": "ON_THE_MOON", "order_id": ""}),
    Kind("malformed_order", "An order has no readable lines.", ORDER_READS, {"order_id": ""}),
    Kind("address_masked", "A clear address comes masked.", ORDER_READS, {"order_id": ""}),
    Kind(
        "read_back_delayed", "getOrderDetail shows an order as it was some time ago.", ("getOrderDetail",), {"seconds": 600.0, "order_id": ""}, None
    ),
    Kind("personalisation_missing", "What the buyer typed cannot be read: 36009003.", ("getPodCustomizationDetails",)),
    Kind("confirm_lost_after_success", "The package is shipped, then the connection is reset.", SHIPPING),
    Kind("confirm_lost_before_effect", "The connection is reset and nothing was shipped.", SHIPPING),
    Kind("cancel_lost_after_success", "The order is cancelled, then the connection is reset.", CANCELLING),
    Kind("cancel_lost_before_effect", "The connection is reset and nothing was cancelled.", ("cancelOrder", "cancelOrder202602")),
    Kind("label_late", "A label is not drawn yet: 11034037.", ("getPackageShippingDocument",)),
    Kind("webhook_lost", "The next webhook never comes.", EVENTS),
    Kind("webhook_late", "The next webhook comes so many seconds late.", EVENTS, {"seconds": 600.0}),
    Kind("webhook_doubled", "The next webhook comes twice, with the same tts_notification_id.", EVENTS),
    Kind("webhook_forged", "Beside the next webhook comes one with a made-up signature.", EVENTS),
    Kind("webhook_mutated", "Beside the next webhook comes one whose body was changed after it was signed.", EVENTS),
    Kind("webhook_unknown_type", "Beside the next webhook comes a rightly signed one of a type nobody knows.", EVENTS),
    Kind("second_page_fails", "A list's second and later pages answer 36009003.", LISTS),
)
