"""The parts of Amazon's JSON that we read, as types (models of 5 August 2026).

Only fields that the model calls required are required here; anything else may be absent, and unknown fields are ignored.
``stores.channels.shapes.conform`` checks an answer against these types, so they must stay real objects: no ``from __future__ import
annotations`` here, under which Python 3.11 takes every ``NotRequired`` for required.
"""

from typing import NotRequired, TypedDict


class Money(TypedDict):
    """``amount`` is a decimal number as text."""

    amount: str
    currencyCode: str


class DateTimeRange(TypedDict, total=False):
    """Both ends ISO 8601."""

    earliestDateTime: str
    latestDateTime: str


class Alias(TypedDict):
    """Another number of the same order."""

    aliasId: str
    aliasType: str


class AssociatedOrder(TypedDict, total=False):
    """A related order: what this one replaces or exchanges."""

    orderId: str
    associationType: str


class SalesChannel(TypedDict):
    """Where the order was placed; no marketplace for sales outside Amazon."""

    channelName: str
    marketplaceId: NotRequired[str]
    marketplaceName: NotRequired[str]


class Buyer(TypedDict, total=False):
    """Personal data."""

    buyerName: str
    buyerEmail: str


class AddressExtendedFields(TypedDict, total=False):
    """Brazil only."""

    streetName: str
    streetNumber: str
    complement: str
    neighborhood: str


class CustomerAddress(TypedDict, total=False):
    """Personal data. Empty texts stand for absent fields."""

    name: str
    companyName: str
    addressLine1: str
    addressLine2: str
    addressLine3: str
    city: str
    districtOrCounty: str
    stateOrRegion: str
    municipality: str
    postalCode: str
    countryCode: str
    phone: str
    extendedFields: AddressExtendedFields
    addressType: str


class DeliveryPreference(TypedDict, total=False):
    """What the buyer asks of the carrier."""

    dropOffLocation: str
    addressInstruction: str


class Recipient(TypedDict, total=False):
    """Absent until the payment clears, and for applications without the restricted role."""

    deliveryAddress: CustomerAddress
    deliveryPreference: DeliveryPreference


class OrderProceeds(TypedDict, total=False):
    """What the seller receives, before Amazon's fees."""

    grandTotal: Money


class OrderFulfillment(TypedDict):
    """How the order is being handled."""

    fulfillmentStatus: str
    fulfilledBy: NotRequired[str]
    fulfillmentServiceLevel: NotRequired[str]
    shipByWindow: NotRequired[DateTimeRange]
    deliverByWindow: NotRequired[DateTimeRange]


class ItemPrice(TypedDict, total=False):
    """``unitPrice`` is for one unit."""

    unitPrice: Money


class ItemCustomization(TypedDict, total=False):
    """A ZIP archive; the address expires."""

    customizedUrl: str


class ItemProduct(TypedDict, total=False):
    """What was bought."""

    asin: str
    title: str
    sellerSku: str
    price: ItemPrice
    customization: ItemCustomization


class ItemProceedsBreakdown(TypedDict):
    """One category: ITEM, SHIPPING, GIFT_WRAP, COD_FEE, OTHER, TAX or DISCOUNT."""

    type: str
    subtotal: Money


class ItemProceeds(TypedDict, total=False):
    """Money of one line."""

    breakdowns: list[ItemProceedsBreakdown]


class ItemCancellationRequest(TypedDict, total=False):
    """A wish; the line stays as it is until the seller decides."""

    requester: str
    cancelReason: str


class ItemCancellationExecution(TypedDict, total=False):
    """A fact: the line was cancelled."""

    cancelledBy: str
    cancelReason: str


class ItemCancellation(TypedDict, total=False):
    """Wish and fact may both be there."""

    cancellationRequest: ItemCancellationRequest
    cancellationExecution: ItemCancellationExecution


class GiftOption(TypedDict, total=False):
    """The message is personal data."""

    giftMessage: str
    giftWrapLevel: str


class ItemPacking(TypedDict, total=False):
    """How to pack."""

    giftOption: GiftOption


class ItemFulfillment(TypedDict, total=False):
    """How much of the line has left."""

    quantityFulfilled: int
    quantityUnfulfilled: int
    packing: ItemPacking


class OrderItem(TypedDict):
    """One line."""

    orderItemId: str
    quantityOrdered: int
    product: ItemProduct
    programs: NotRequired[list[str]]
    proceeds: NotRequired[ItemProceeds]
    cancellation: NotRequired[ItemCancellation]
    fulfillment: NotRequired[ItemFulfillment]


class PackageStatus(TypedDict):
    """PENDING, IN_TRANSIT, SHIPPED, DELIVERED, CANCELLED or UNDELIVERABLE, and finer words."""

    status: str
    detailedStatus: NotRequired[str]


class PackageItem(TypedDict):
    """How many units of a line are inside."""

    orderItemId: str
    quantity: int


class OrderPackage(TypedDict):
    """One package as Amazon keeps it."""

    packageReferenceId: str
    packageStatus: NotRequired[PackageStatus]
    carrier: NotRequired[str]
    shipTime: NotRequired[str]
    trackingNumber: NotRequired[str]
    packageItems: NotRequired[list[PackageItem]]


class Order(TypedDict):
    """One order with all its lines."""

    orderId: str
    createdTime: str
    lastUpdatedTime: str
    salesChannel: SalesChannel
    orderItems: list[OrderItem]
    orderAliases: NotRequired[list[Alias]]
    programs: NotRequired[list[str]]
    associatedOrders: NotRequired[list[AssociatedOrder]]
    buyer: NotRequired[Buyer]
    recipient: NotRequired[Recipient]
    proceeds: NotRequired[OrderProceeds]
    fulfillment: NotRequired[OrderFulfillment]
    packages: NotRequired[list[OrderPackage]]


class ItemImage(TypedDict):
    """A listing's picture."""

    link: str


class ItemSummary(TypedDict):
    """A listing on one marketplace; ``status`` holds BUYABLE, DISCOVERABLE, both or nothing."""

    marketplaceId: str
    status: list[str]
    asin: NotRequired[str]
    itemName: NotRequired[str]
    mainImage: NotRequired[ItemImage]


class ItemOffer(TypedDict):
    """A price; ``offerType`` is B2C or B2B."""

    marketplaceId: str
    offerType: str
    price: Money


class FulfillmentAvailability(TypedDict):
    """Stock in one fulfilment channel; DEFAULT is the seller's own."""

    fulfillmentChannelCode: str
    quantity: NotRequired[int]


class ItemRelationship(TypedDict):
    """One relationship of a listing, such as a variation to its parent."""

    type: str
    childSkus: NotRequired[list[str]]
    parentSkus: NotRequired[list[str]]


class ItemRelationships(TypedDict):
    """A listing's relationships on one marketplace."""

    marketplaceId: str
    relationships: list[ItemRelationship]


class ItemIssue(TypedDict):
    """What Amazon finds wrong with a listing. Without ``marketplaceIds`` it concerns all of those asked for."""

    code: str
    message: str
    severity: str
    marketplaceIds: NotRequired[list[str]]


class Listing(TypedDict):
    """One item of searchListingsItems."""

    sku: str
    relationships: NotRequired[list[ItemRelationships]]
    issues: NotRequired[list[ItemIssue]]
    summaries: NotRequired[list[ItemSummary]]
    offers: NotRequired[list[ItemOffer]]
    fulfillmentAvailability: NotRequired[list[FulfillmentAvailability]]
