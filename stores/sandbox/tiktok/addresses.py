"""A recipient as the API shows it: clear, masked, or not at all (tiktok.md §6, requirements D.2 "masking").

In the US an address is clear from AWAITING_SHIPMENT to thirty days after COMPLETED, and masked once cancelled. Where TikTok ships, name, phone and
street stay masked. Before, there is none; another source says masked, so the settings can choose.
"""

from __future__ import annotations

import re
from typing import Any

from stores.sandbox.tiktok.records import Address, PlacedOrder, Status
from stores.sandbox.tiktok.world import World

CLEAR_AFTER_COMPLETION_S = 30 * 86_400
COUNTRIES = {"US": ("United States", "+1"), "GB": ("United Kingdom", "+44")}


def recipient(world: World, order: PlacedOrder) -> dict[str, Any] | None:
    """Return the recipient of an order as it is shown now, or None."""
    if order.status in (Status.UNPAID, Status.ON_HOLD):
        return shape(order.address, masked=True) if world.settings.mask_before_shipment else None
    return shape(order.address, masked=is_masked(world, order))


def is_masked(world: World, order: PlacedOrder) -> bool:
    """Say whether name, phone and street are hidden."""
    if order.status == Status.CANCELLED or order.fulfilled_by == "TIKTOK":
        return True
    if order.shipping_type == "TIKTOK" and world.settings.mask_tiktok_shipping:
        return True
    kept = world.clock.shortened(CLEAR_AFTER_COMPLETION_S)
    return bool(order.completed) and world.clock.epoch() >= order.completed + kept


def masked_text(text: str) -> str:
    """Return a text of which only the first sign of each word is left."""
    return re.sub(r"\w+", lambda word: word.group()[0] + "***", text)


def _phone(address: Address, *, masked: bool) -> str:
    code = COUNTRIES.get(address.region, ("", "+1"))[1]
    digits = re.sub(r"\D", "", address.phone)
    return f"({code}){digits[:3]}-***-**{digits[-2:]}" if masked else f"({code}){digits}"


def shape(address: Address, *, masked: bool) -> dict[str, Any]:
    """Return an address in TikTok's shape."""

    def hide(text: str) -> str:
        return masked_text(text) if masked and text else text

    country = COUNTRIES.get(address.region, (address.region, ""))[0]
    levels = [("Country", country, "L0"), ("State", address.state, "L1"), ("County", address.county, "L2"), ("City", address.city, "L3")]
    place = ", ".join(part for part in (address.city, address.state, address.postcode, country) if part)
    body: dict[str, Any] = {
        "full_address": f"{hide(address.line1)}{', ' if address.line2 else ''}{hide(address.line2)}, {place}",
        "name": hide(address.name),
        "first_name": hide(address.first_name),
        "last_name": hide(address.last_name),
        "phone_number": _phone(address, masked=masked),
        "address_line1": hide(address.line1),
        "address_line2": hide(address.line2),
        "address_line3": "",
        "address_line4": "",
        "address_detail": hide(f"{address.line1} {address.line2}".strip()),
        "district_info": [{"address_level_name": level, "address_name": name, "address_level": code} for level, name, code in levels if name],
        "postal_code": address.postcode,
        "region_code": address.region,
        "delivery_preferences": {"drop_off_location": address.drop_off},
    }
    if address.region == "GB":
        body["post_town"] = address.city
    return body
