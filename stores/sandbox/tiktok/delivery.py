"""Delivery options of each market and the carriers behind them. A carrier outside its option's list cannot be told (tiktok.md §7)."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """One carrier. ``pattern`` is how its tracking numbers look [L]."""

    provider_id: str
    name: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Option:
    """One way to deliver: by the seller, or with TikTok's own labels."""

    option_id: str
    name: str
    kind: str  # STANDARD, EXPRESS
    shipping_type: str
    providers: tuple[Provider, ...] = ()


def _provider(provider_id: str, name: str, pattern: str) -> Provider:
    return Provider(provider_id, name, re.compile(pattern))


USPS = _provider("7117858858072016686", "USPS", r"9[0-9]{19,25}|[A-Z]{2}[0-9]{9}US")
UPS = _provider("7117859084333745966", "UPS", r"1Z[0-9A-Z]{16}")
FEDEX = _provider("7129720299146184490", "FedEx", r"[0-9]{12}|[0-9]{15}|[0-9]{20}")
DHL_ECOMMERCE = _provider("7132708441275745070", "DHL eCommerce", r"GM[0-9]{16,20}|420[0-9]{27,31}")
ONTRAC = _provider("7132721393761781550", "OnTrac", r"[CD][0-9]{14}")
AMAZON = _provider("7260137586563286830", "Amazon Shipping", r"TBA[0-9]{12}")
ROYAL_MAIL = _provider("6671678947466249985", "Royal Mail", r"[A-Z]{2}[0-9]{9}GB")
EVRI = _provider("6671678947466249987", "Evri", r"[A-Z0-9]{16}")
DPD_UK = _provider("6671678947466249989", "DPD UK", r"[0-9]{14}")
US_PROVIDERS = (USPS, UPS, FEDEX, DHL_ECOMMERCE, ONTRAC, AMAZON)
GB_PROVIDERS = (ROYAL_MAIL, EVRI, DPD_UK)

OPTIONS: dict[str, tuple[Option, ...]] = {
    "US": (
        Option("7091146663229654785", "Shipped from seller", "STANDARD", "SELLER", US_PROVIDERS),
        Option("7091146663229654786", "Standard shipping by TikTok", "STANDARD", "TIKTOK"),
    ),
    "GB": (
        Option("7091146663229654885", "Shipped from seller", "STANDARD", "SELLER", GB_PROVIDERS),
        Option("7091146663229654886", "Standard shipping by TikTok", "STANDARD", "TIKTOK"),
    ),
}


def option_for(region: str, shipping_type: str) -> Option:
    """Return the option of a market for a kind of shipping."""
    return next(option for option in OPTIONS.get(region, OPTIONS["US"]) if option.shipping_type == shipping_type)


def option_with_id(option_id: str) -> Option | None:
    """Return an option by its id, or None."""
    return next((option for options in OPTIONS.values() for option in options if option.option_id == option_id), None)
