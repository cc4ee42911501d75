"""The parts of TikTok Shop's JSON that we read, as types (official pages of 2025-12, newer fields from 2026-10).

Only what an order cannot be read without is required; anything else may be absent or null, and unknown fields are ignored. ``conform`` checks
answers against these types, so they must stay real objects: no ``from __future__ import annotations`` here (see the Amazon schemas).
"""

from typing import NotRequired, TypedDict


class District(TypedDict, total=False):
    """One administrative level of an address, from L0 (country) down."""

    address_level_name: str
    address_name: str
    address_level: str


class DeliveryPreferences(TypedDict, total=False):
    """What the buyer asks of the carrier (United States)."""

    drop_off_location: str


class RecipientAddress(TypedDict, total=False):
    """Personal data. Masked with asterisks, or absent, in states in which the seller may not know it."""

    name: str
    phone_number: str
    address_line1: str
    address_line2: str
    address_line3: str
    address_line4: str
    address_detail: str
    full_address: str
    district_info: list[District]
    post_town: str
    postal_code: str
    region_code: str
    delivery_preferences: DeliveryPreferences


class Payment(TypedDict, total=False):
    """What the buyer paid; amounts are decimal numbers as text."""

    currency: str
    total_amount: str


class LineItem(TypedDict):
    """One *unit*: two mugs are two of these."""

    id: str
    sku_id: NotRequired[str]
    seller_sku: NotRequired[str]
    product_id: NotRequired[str]
    product_name: NotRequired[str]
    sku_name: NotRequired[str]
    sale_price: NotRequired[str]
    currency: NotRequired[str]
    display_status: NotRequired[str]
    package_status: NotRequired[str]
    package_id: NotRequired[str]
    tracking_number: NotRequired[str]
    shipping_provider_id: NotRequired[str]
    shipping_provider_name: NotRequired[str]
    rts_time: NotRequired[int]
    cancel_user: NotRequired[str]
    is_gift: NotRequired[bool]
    is_pod_customized: NotRequired[bool]
    pod_info_id: NotRequired[str]


class Order(TypedDict):
    """One order with all its units. Times are Unix seconds."""

    id: str
    status: str
    create_time: int
    update_time: int
    line_items: list[LineItem]
    paid_time: NotRequired[int]
    fulfillment_type: NotRequired[str]
    shipping_type: NotRequired[str]
    order_type: NotRequired[str]
    release_date: NotRequired[int]
    recipient_address: NotRequired[RecipientAddress]
    payment: NotRequired[Payment]
    buyer_email: NotRequired[str]
    buyer_message: NotRequired[str]
    delivery_option_id: NotRequired[str]
    delivery_option_name: NotRequired[str]
    delivery_type: NotRequired[str]
    delivery_sla_time: NotRequired[int]
    rts_sla_time: NotRequired[int]
    tts_sla_time: NotRequired[int]
    shipping_due_time: NotRequired[int]
    collection_due_time: NotRequired[int]
    cancel_order_sla_time: NotRequired[int]
    is_buyer_request_cancel: NotRequired[bool]
    request_cancel_time: NotRequired[int]
    is_replacement_order: NotRequired[bool]
    replaced_order_id: NotRequired[str]
    is_exchange_order: NotRequired[bool]
    exchange_source_order_id: NotRequired[str]
    is_sample_order: NotRequired[bool]
    is_cod: NotRequired[bool]
    fast_delivery_program: NotRequired[str]
    split_or_combine_tag: NotRequired[str]


class NextAction(TypedDict, total=False):
    """What the seller is to do, and until when; afterwards TikTok decides by itself."""

    action: str
    deadline: int


class CancelLineItem(TypedDict, total=False):
    """One unit of a cancellation."""

    order_line_item_id: str


class Cancellation(TypedDict):
    """A wish to cancel, or a cancellation."""

    cancel_id: str
    order_id: str
    cancel_status: str
    role: NotRequired[str]
    cancel_reason: NotRequired[str]
    cancel_reason_text: NotRequired[str]
    create_time: NotRequired[int]
    update_time: NotRequired[int]
    seller_next_action_response: NotRequired[list[NextAction]]
    cancel_line_items: NotRequired[list[CancelLineItem]]


class KeptOrder(TypedDict):
    """An order as the hub keeps it: with the shop it was asked of, which the order itself does not name, and its cancellations."""

    shop: str
    order: Order
    cancellations: NotRequired[list[Cancellation]]


class Price(TypedDict, total=False):
    """A SKU's price; ``sale_price`` is the one in shops that show taxes apart."""

    currency: str
    sale_price: str
    tax_exclusive_price: str


class Stock(TypedDict, total=False):
    """Stock in one warehouse."""

    quantity: int


class SkuStatus(TypedDict, total=False):
    """A SKU's own state, where it differs from its product's."""

    status: str


class Picture(TypedDict, total=False):
    """A picture of a product: where it lies, and a small copy of it."""

    urls: list[str]
    thumb_urls: list[str]


class SalesAttribute(TypedDict, total=False):
    """What tells a SKU from its siblings, "Color: Black"; with a picture where its value has one."""

    value_name: str
    sku_img: Picture


class Sku(TypedDict):
    """One thing that can be bought."""

    id: str
    seller_sku: NotRequired[str]
    price: NotRequired[Price]
    inventory: NotRequired[list[Stock]]
    status_info: NotRequired[SkuStatus]
    sales_attributes: NotRequired[list[SalesAttribute]]


class Product(TypedDict):
    """A product with its SKUs; what the search finds has neither pictures nor sales attributes."""

    id: str
    title: NotRequired[str]
    status: NotRequired[str]
    skus: NotRequired[list[Sku]]
    main_images: NotRequired[list[Picture]]
