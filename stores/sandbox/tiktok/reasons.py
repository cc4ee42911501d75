"""Cancel reasons of each market: the keys that buyer and seller may give for an unpaid and for a paid order, and what TikTok itself gives.

A test compares them with TikTok's list. They are easy to get wrong: British keys end in ``_uk``, most of them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Market:
    """The reasons of one market, as key and label."""

    buyer_unpaid: dict[str, str]
    buyer_paid: dict[str, str]
    seller_unpaid: dict[str, str]
    seller_paid: dict[str, str]
    seller_rejects: dict[str, str]
    system: dict[str, str]

    def label(self, key: str) -> str:
        """Return the words of a key."""
        for reasons in (self.buyer_unpaid, self.buyer_paid, self.seller_unpaid, self.seller_paid, self.seller_rejects, self.system):
            if key in reasons:
                return reasons[key]
        return key

    def of_system(self, what: str) -> str:
        """Return the market's own key of one of TikTok's reasons."""
        return next(key for key in self.system if key.removesuffix("_uk") == what)


OUT_OF_STOCK = ("seller_cancel_unpaid_reason_out_of_stock", "seller_cancel_reason_out_of_stock")
MARKETS = {
    "US": Market(
        buyer_unpaid={
            "ecom_order_unpaid_canceled_reason_payment_method_not_available": "Preferred payment method not available",
            "ecom_order_unpaid_canceled_reason_created_by_mistakes": "Ordered by mistake",
            "ecom_order_unpaid_canceled_reason_better_price": "Better price available",
            "ecom_order_unpaid_canceled_reason_no_longer_needed": "No longer needed",
            "ecom_order_unpaid_canceled_reason_other": "Other",
            "ecom_order_to_ship_canceled_reason_forgot_to_apply_coupons": "Forgot to apply coupons",
        },
        buyer_paid={
            "ecom_order_to_ship_canceled_reason_change_payment_method": "Need to change payment method",
            "ecom_order_to_ship_canceled_reason_discount_not_expected": "Discount not as expected",
            "ecom_order_to_ship_canceled_reason_created_by_mistakes": "Bought by mistake",
            "ecom_order_to_ship_canceled_reason_high_delivery_costs": "High shipping fee",
            "ecom_order_to_ship_canceled_reason_better_price": "Better price available",
            "ecom_order_to_ship_canceled_reason_wrong_delivery_info": "Incorrect shipping address",
            "ecom_order_to_ship_canceled_reason_not_shipped_on_time": "Item wasn't shipped on time",
            "ecom_order_to_ship_canceled_reason_no_longer_needed": "No longer needed",
            "ecom_order_to_ship_canceled_reason_forgot_to_apply_coupons": "Forgot to apply coupons",
        },
        seller_unpaid={
            "seller_cancel_unpaid_reason_out_of_stock": "Out of stock",
            "seller_cancel_unpaid_reason_wrong_price": "Pricing error",
            "seller_cancel_unpaid_reason_buyer_hasnt_paid_within_time_allowed": "Buyer did not pay on time",
            "seller_cancel_unpaid_reason_buyer_requested_cancellation": "Buyer requested cancellation",
        },
        seller_paid={
            "seller_cancel_reason_out_of_stock": "Out of stock",
            "seller_cancel_reason_wrong_price": "Pricing error",
            "seller_cancel_paid_reason_address_not_deliver": "Unable to deliver to buyer address",
            "seller_cancel_paid_reason_buyer_requested_cancellation": "Buyer requested cancellation",
        },
        seller_rejects={
            "order_manage_list_action_respond_popup_reject_reason_invalid_cancellation_reason": "Invalid reason for cancellation",
            "order_manage_list_action_respond_popup_reject_reason_delivered": "Product delivery is on schedule",
            "order_manage_list_action_respond_popup_reject_reason_buyer_agree": "Reached an agreement with the buyer",
            "seller_reject_apply_product_has_been_packed": "Product has been packed",
        },
        system={
            "system_cancel_unpaid_time_out": "Buyer payment overdue",
            "package_cancel": "Order cancelled by system",
            "platform_cancel": "Order cancelled by system",
            "package_lost": "Package lost",
            "system_cancel_order_reason_shipping_timeout": "Automatically cancelled due to collection time out",
            "system_cancel_order_untracked": "Automatically cancelled due to untraceable tracking number",
        },
    ),
    "GB": Market(
        buyer_unpaid={
            "ecom_order_unpaid_canceled_reason_payment_method_not_available_uk": "Desired payment method not available",
            "ecom_order_unpaid_canceled_reason_wrong_delivery_info_uk": "Wrong delivery information",
            "ecom_order_unpaid_canceled_reason_created_by_mistakes_uk": "Order created by mistake",
            "ecom_order_unpaid_canceled_reason_better_price_uk": "Better price available",
            "ecom_order_unpaid_canceled_reason_no_longer_needed_uk": "No longer needed",
            "ecom_order_unpaid_canceled_reason_other_uk": "Other",
            "ecom_order_to_ship_canceled_reason_discount_not_expected_uk": "Discount not as expected",
            "ecom_order_to_ship_canceled_reason_high_delivery_costs_uk": "High delivery costs",
        },
        buyer_paid={
            "ecom_order_to_ship_canceled_reason_no_longer_needed_uk": "No longer needed",
            "ecom_order_to_ship_canceled_reason_change_payment_method_uk": "Need to change payment method",
            "ecom_order_to_ship_canceled_reason_discount_not_expected_uk": "Discount not as expected",
            "ecom_order_to_ship_canceled_reason_created_by_mistakes_uk": "Order created by mistake",
            "ecom_order_to_ship_canceled_reason_high_delivery_costs_uk": "High delivery costs",
            "ecom_order_to_ship_canceled_reason_better_price_uk": "Better price available",
            "ecom_order_to_ship_canceled_reason_wrong_delivery_info_uk": "Wrong delivery information",
            "buyer_cancel_late_shipment": "Late shipment",
            "ecom_order_unpaid_canceled_reason_other_uk": "Other",
        },
        seller_unpaid={
            "seller_cancel_unpaid_reason_out_of_stock_uk": "Out of stock",
            "seller_cancel_unpaid_reason_wrong_price_uk": "Pricing error",
            "seller_cancel_unpaid_reason_buyer_hasnt_paid_within_time_allowed_uk": "Buyer did not pay on time",
        },
        seller_paid={
            "seller_cancel_reason_wrong_price_uk": "Pricing error",
            "seller_cancel_paid_reason_address_not_deliver_uk": "Unable to deliver to buyer address",
            "seller_cancel_reason_out_of_stock_uk": "Out of stock",
        },
        seller_rejects={
            "order_manage_list_action_respond_popup_reject_reason_invalid_cancellation_reason_uk": "Invalid reason for cancellation",
            "order_manage_list_action_respond_popup_reject_reason_delivered_uk": "Product delivery is on schedule",
            "order_manage_list_action_respond_popup_reject_reason_buyer_agree_uk": "Reached an agreement with the buyer",
            "seller_reject_apply_product_has_been_packed": "Product has been packed",
        },
        system={
            "system_cancel_unpaid_time_out_uk": "Buyer payment overdue",
            "package_cancel_uk": "Order cancelled by system",
            "platform_cancel_uk": "Order cancelled by system",
            "package_lost_uk": "Package lost",
            "system_cancel_order_reason_shipping_timeout_uk": "Automatically cancelled due to collection time out",
            "system_cancel_order_untracked_uk": "Automatically cancelled due to untraceable tracking number",
        },
    ),
}

# Reasons of a return, by what is wished. TikTok's sellers' keys stand in its examples; the buyers' are the same without their end [L].
RETURN_REASONS = {
    "REFUND": {"ecom_order_delivered_refund_reason_missing_product": "Missing product"},
    "RETURN_AND_REFUND": {"ecom_order_delivered_refund_and_return_reason_wrong_product": "Wrong product was sent"},
    "REPLACEMENT": {"ecom_order_delivered_refund_and_return_reason_wrong_product": "Wrong product was sent"},
}
RETURN_REJECTS = {
    "seller_reject_apply_you_have_reached_an_agreement_with_the_buyer": "You have reached an agreement with the buyer",
    "seller_reject_apply_package_has_not_exceeded_estimated_delivery_time": "The package has not exceeded its estimated delivery time",
}


def seller_return_reasons(kind: str) -> dict[str, str]:
    """Return the reasons a seller may give for a return."""
    return {f"{key}_seller": label for key, label in RETURN_REASONS[kind].items()}


def return_label(key: str) -> str:
    """Return the words of a return's reason."""
    return next((reasons[plain] for reasons in RETURN_REASONS.values() if (plain := key.removesuffix("_seller")) in reasons), key)
