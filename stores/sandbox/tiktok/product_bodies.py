"""What the bodies of the Product API may hold, in the notation of ``fields``."""

from __future__ import annotations

ATTRIBUTES = "sales_attributes[{id name value_id value_name sku_img{uri!} supplementary_sku_images[{uri!}]}]"
PRICE = "{amount currency! sale_price}"
STOCK = "[{warehouse_id! quantity:int backorder_quantity:int handling_time:int}]"
LIST_PRICES = "list_price{amount! currency!} external_list_prices[{source! amount! currency!}]"
SKU_REST = (
    "external_sku_id identifier_code{code type} sku_unit_count external_urls[] extra_identifier_codes[]"
    f" pre_sale{{type fulfillment_type{{handling_duration_days:int release_date:int}}}} {LIST_PRICES} fees[{{type amount additional_attribute}}]"
)
BUNDLE = "combined_skus[{product_id! sku_id! sku_count!:int}]"
CERTIFICATIONS = "certifications[{id! images[{uri!}] files[{id! name! format!}] expiration_date:int}]"
PARCEL = "package_weight!{value! unit!} package_dimensions{length! width! height! unit!}"
ATTRIBUTE_VALUES = "product_attributes[{id! values![{id name}]}]"
REST = (
    "is_cod_allowed:bool size_chart{image{uri!} template{id!}} video{id!} external_product_id manufacturer_ids[] responsible_person_ids[]"
    f" listing_platforms[] {CERTIFICATIONS}"
)
MAIN = "title! description! category_id! brand_id main_images![{uri!}]"
LATER = "delivery_option_ids[] shipping_insurance_requirement is_pre_owned:bool minimum_order_quantity:int shipping_template_id"
REPLICAS = "replicated_products[{{region! skus[{{id seller_sku price!{{currency! sale_price!}} inventory![{{warehouse_id! quantity!:int}}]{}}}]}}]"
SUBSCRIPTION = "subscribe_info_edit{subscribe_status discount_details[{discount_level discount_value:int}]}"

LISTING_CHECK = (
    f"{MAIN} skus![{{{ATTRIBUTES} seller_sku price!{PRICE} inventory!{STOCK} {BUNDLE} {SKU_REST}}}]"
    f" {PARCEL} {ATTRIBUTE_VALUES} {REST} {LATER} primary_combined_product_id"
)
# The last two lines are newer than the reference (supplement).
CREATE = (
    f"save_mode=LISTING|AS_DRAFT {MAIN}"
    f" skus![{{{ATTRIBUTES} seller_sku price!{{amount currency! sale_price starting_bid_price}} inventory!{STOCK} {BUNDLE} {SKU_REST}"
    " sku_dimensions{length! width! height! unit!} sku_weight{value! unit!}}]"
    f" {PARCEL} product_attributes[{{id! values![{{id name metric_standard_info{{id metric_value_module_infos[{{id value unit_id}}]}}}}]}}] {REST} {LATER}"
    " primary_combined_product_id is_not_for_sale:bool category_version idempotency_key"
    " scheduled_sale{is_enabled_scheduled_sale!:bool schedule_sale_time!:int} locale auto_translate_enabled:bool search_terms[] key_product_features[]"
    " product_tag_operations[{product_tag! enable!:bool}] selling_format is_live_quick:bool is_blind_box:bool"
    " purchase_order_quantity_limit{maximum_order_quantity:int cumulative_order_quantity:int}"
)
EDIT = (
    f"save_mode=LISTING|AS_DRAFT {MAIN} skus![{{id {ATTRIBUTES} seller_sku price{PRICE} inventory{STOCK} {BUNDLE} {SKU_REST}}}]"
    f" {PARCEL} {ATTRIBUTE_VALUES} {REST} {LATER} category_version {REPLICAS.format('')} {SUBSCRIPTION}"
)
PARTIAL_EDIT = (
    "save_mode=LISTING|AS_DRAFT title description brand_id main_images[{uri!}]"
    f" skus[{{id {ATTRIBUTES} seller_sku price{PRICE} inventory{STOCK.replace('quantity:int backorder', 'quantity!:int backorder')} {SKU_REST}}}]"
    f" {PARCEL.replace('package_weight!', 'package_weight')} {ATTRIBUTE_VALUES} {REST} {REPLICAS.format(' external_sku_id')} {SUBSCRIPTION}"
)
PRICES = f"skus![{{id! price!{PRICE} {LIST_PRICES}}}]"
INVENTORY = "skus![{id! inventory![{warehouse_id quantity!:int backorder_quantity:int handling_time:int}]}]"
SEARCH = (
    "status seller_skus[] create_time_ge:int create_time_le:int update_time_ge:int update_time_le:int category_version listing_quality_tiers[]"
    " listing_platforms[] audit_status[] sku_ids[] sns_filter return_draft_version:bool locale include_live_quick_products:bool"
)
