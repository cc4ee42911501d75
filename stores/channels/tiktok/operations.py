"""The operations we call: path with its version, method, and what a lost answer means. TikTok moves versions one operation at a time."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the Open API. ``shop``: it takes a shop's cipher (others refuse one). ``write``: a lost answer leaves open whether it took effect.

    ``said`` names in people's words what it is about, for sentences that they read; the raw name is for traces.
    """

    name: str
    method: str
    path: str
    shop: bool = True
    write: bool = False
    said: str = ""

    @property
    def rate(self) -> float:
        """Return the requests a second that we draw.

        Rate and burst together stay within what TikTok counts in any one second, and a full bucket may be emptied in that second.
        """
        return float(settings.TIKTOK_REQUESTS_PER_S) * 0.9

    @property
    def burst(self) -> float:
        """Return how many may be sent at once."""
        return max(1.0, float(settings.TIKTOK_REQUESTS_PER_S) * 0.1)


AUTHORIZED_SHOPS = Operation("getAuthorizedShops", "GET", "/authorization/202309/shops", shop=False, said="the list of shops")
SEARCH_ORDERS = Operation("searchOrders", "POST", "/order/202309/orders/search", said="the search for orders")
GET_ORDERS = Operation("getOrders", "GET", "/order/202507/orders", said="the order")
SEARCH_CANCELLATIONS = Operation("searchCancellations", "POST", "/return_refund/202309/cancellations/search", said="the search for cancellations")
SEARCH_RETURNS = Operation("searchReturns", "POST", "/return_refund/202309/returns/search", said="the search for returns")
POD_DETAILS = Operation("getPodDetails", "POST", "/fulfillment/202606/pod_details/get", said="the buyer's own text")
SEARCH_PRODUCTS = Operation("searchProducts", "POST", "/product/202502/products/search", said="the search for products")
GET_PRODUCT = Operation("getProduct", "GET", "/product/202309/products/{product_id}", said="the product")
CREATE_PRODUCT = Operation("createProduct", "POST", "/product/202309/products", write=True, said="the new product")
EDIT_PRODUCT = Operation("editProduct", "PUT", "/product/202509/products/{product_id}", write=True, said="the changed product")
CHECK_LISTING = Operation("checkProductListing", "POST", "/product/202309/products/listing_check", said="the check of the product")
UPDATE_PRICES = Operation("updatePrice", "POST", "/product/202309/products/{product_id}/prices/update", write=True, said="the price")
UPDATE_INVENTORY = Operation("updateInventory", "POST", "/product/202309/products/{product_id}/inventory/update", write=True, said="the stock")
WAREHOUSES = Operation("getWarehouseList", "GET", "/logistics/202309/warehouses", said="the list of warehouses")
CATEGORIES = Operation("getCategories", "GET", "/product/202309/categories", said="the list of categories")
RECOMMEND_CATEGORY = Operation("recommendCategory", "POST", "/product/202309/categories/recommend", said="the search for a category")
CATEGORY_RULES = Operation("getCategoryRules", "GET", "/product/202309/categories/{category_id}/rules", said="the rules of the category")
ATTRIBUTES = Operation("getAttributes", "GET", "/product/202309/categories/{category_id}/attributes", said="the details of the category")
BRANDS = Operation("getBrands", "GET", "/product/202309/brands", said="the list of brands")
UPLOAD_IMAGE = Operation("uploadProductImage", "POST", "/product/202309/images/upload", shop=False, said="the picture")
SHIPPING_PROVIDERS = Operation(
    "getShippingProviders", "GET", "/logistics/202309/delivery_options/{delivery_option_id}/shipping_providers", said="the list of carriers"
)
MARK_SHIPPED = Operation("markPackageAsShipped", "POST", "/fulfillment/202309/orders/{order_id}/packages", write=True, said="the shipped package")
UPDATE_SHIPPING = Operation(
    "updatePackageShippingInfo",
    "POST",
    "/fulfillment/202309/packages/{package_id}/shipping_info/update",
    write=True,
    said="the correction of the package",
)
SHIPPING_SERVICES = Operation(
    "getEligibleShippingServices", "POST", "/fulfillment/202309/orders/{order_id}/shipping_services/query", said="the question for labels"
)
CREATE_PACKAGE = Operation("createPackages", "POST", "/fulfillment/202512/packages", write=True, said="the label")
SHIPPING_DOCUMENT = Operation(
    "getShippingDocument", "GET", "/fulfillment/202309/packages/{package_id}/shipping_documents", said="the label's document"
)
CANCEL_ORDER = Operation("cancelOrder", "POST", "/return_refund/202309/cancellations", write=True, said="the cancellation")
APPROVE_CANCELLATION = Operation(
    "approveCancellation",
    "POST",
    "/return_refund/202309/cancellations/{cancel_id}/approve",
    write=True,
    said="the agreement to the request to cancel",
)
REJECT_CANCELLATION = Operation(
    "rejectCancellation", "POST", "/return_refund/202309/cancellations/{cancel_id}/reject", write=True, said="the no to the request to cancel"
)
REJECT_REASONS = Operation("getRejectReasons", "GET", "/return_refund/202309/reject_reasons", said="the question for reasons to decline")

OPERATIONS: tuple[Operation, ...] = (
    AUTHORIZED_SHOPS,
    SEARCH_ORDERS,
    GET_ORDERS,
    SEARCH_CANCELLATIONS,
    SEARCH_RETURNS,
    POD_DETAILS,
    SEARCH_PRODUCTS,
    GET_PRODUCT,
    CREATE_PRODUCT,
    EDIT_PRODUCT,
    CHECK_LISTING,
    UPDATE_PRICES,
    UPDATE_INVENTORY,
    WAREHOUSES,
    CATEGORIES,
    RECOMMEND_CATEGORY,
    CATEGORY_RULES,
    ATTRIBUTES,
    BRANDS,
    UPLOAD_IMAGE,
    SHIPPING_PROVIDERS,
    MARK_SHIPPED,
    UPDATE_SHIPPING,
    SHIPPING_SERVICES,
    CREATE_PACKAGE,
    SHIPPING_DOCUMENT,
    CANCEL_ORDER,
    APPROVE_CANCELLATION,
    REJECT_CANCELLATION,
    REJECT_REASONS,
)
