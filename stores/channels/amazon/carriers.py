"""Carrier codes as Amazon wants them spelled, per marketplace.

Amazon publishes no list; these are the codes seen in public code (README, "Not certain"). They are suggestions for a form: a code that is
not here is sent as given, because Seller Central's own list of the marketplace decides.
"""

from __future__ import annotations

from stores.channels.amazon.marketplaces import BY_ID
from stores.channels.errors import Refused

OTHER = "Other"

_EUROPE = ("DHL", "DPD", "GLS", "UPS", "FedEx", "TNT")
_BY_COUNTRY: dict[str, tuple[str, ...]] = {
    "US": ("USPS", "UPS", "UPSMI", "FedEx", "DHL", "DHL Global Mail", "OnTrac", "Lasership"),
    "CA": ("Canada Post", "UPS", "FedEx", "DHL"),
    "MX": ("FedEx", "UPS", "DHL"),
    "BR": ("FedEx", "UPS", "DHL"),
    "GB": ("Royal Mail", "Parcelforce", "DPD", "DHL", "UPS", "FedEx", "TNT"),
    "DE": ("DHL", "Deutsche Post", "DPD", "GLS", "Hermes Logistik Gruppe", "UPS", "FedEx", "TNT"),
    "FR": ("La Poste", "Chronopost", *_EUROPE),
    "IT": ("Poste Italiane", "SDA", *_EUROPE),
    "IN": ("BlueDart", "FedEx", "DHL", "Aramex"),
    "JP": ("YAMATO", "SAGAWA", "JP_EXPRESS", "NITTSU"),
    "AU": ("Australia Post", "TNT", "FedEx", "DHL", "UPS"),
    "SG": ("DHL", "FedEx", "UPS", "TNT"),
    "AE": ("Aramex", "DHL", "FedEx", "UPS"),
    "SA": ("Aramex", "DHL", "FedEx", "UPS"),
    "EG": ("Aramex", "DHL", "FedEx", "UPS"),
    "ZA": ("Aramex", "DHL", "FedEx", "UPS"),
}
_WITHOUT_OTHER = {"IN"}


def carrier_codes(marketplace_id: str) -> tuple[str, ...]:
    """Return the codes to offer for a marketplace; "Other" comes last where Amazon has it and needs the carrier's name beside it."""
    country = BY_ID[marketplace_id].country
    codes = _BY_COUNTRY.get(country, _EUROPE)
    return codes if country in _WITHOUT_OTHER else (*codes, OTHER)


def carrier_fields(*, marketplace_id: str, code: str, name: str) -> dict[str, str]:
    """Return ``carrierCode`` and, only for "Other", ``carrierName``; raises ``Refused`` for a combination Amazon never accepts."""
    code, name = code.strip(), name.strip()
    marketplace = BY_ID.get(marketplace_id)
    if not code:
        raise Refused("Amazon needs a carrier for every package. Choose one and send the confirmation again.", code="CarrierMissing")
    if code != OTHER:
        return {"carrierCode": code}
    if marketplace and marketplace.country in _WITHOUT_OTHER:
        raise Refused(
            f'Amazon {marketplace.name} has no carrier "Other". Choose one of its list and send the confirmation again.', code="CarrierUnknown"
        )
    if not name:
        raise Refused('The carrier is "Other", and Amazon then needs its name. Enter it and send the confirmation again.', code="CarrierNameMissing")
    return {"carrierCode": OTHER, "carrierName": name}
