"""Where buyers and merchants follow a parcel: the carriers' own tracking pages, by the codes that packages carry."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote

# Public pages that take the number in the address; a carrier that is not here is shown without a link.
_PAGES: Mapping[str, str] = MappingProxyType(
    {
        "dhl": "https://www.dhl.com/global-en/home/tracking.html?tracking-id={}",
        "deutschepost": "https://www.deutschepost.de/de/s/sendungsverfolgung.html?piececode={}",
        "dpd": "https://tracking.dpd.de/status/en_US/parcel/{}",
        "gls": "https://gls-group.eu/track/{}",
        "hermeslogistikgruppe": "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation#{}",
        "ups": "https://www.ups.com/track?tracknum={}",
        "fedex": "https://www.fedex.com/fedextrack/?trknbr={}",
        "tnt": "https://www.tnt.com/express/en_gb/site/tracking.html?searchType=con&cons={}",
        "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
        "royalmail": "https://www.royalmail.com/track-your-item#/tracking-results/{}",
        "parcelforce": "https://www.parcelforce.com/track-trace?trackNumber={}",
        "laposte": "https://www.laposte.fr/outils/suivre-vos-envois?code={}",
        "chronopost": "https://www.chronopost.fr/tracking-no-cms/suivi-page?listeNumerosLT={}",
        "canadapost": "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={}",
        "australiapost": "https://auspost.com.au/mypost/track/details/{}",
        "aramex": "https://www.aramex.com/us/en/track/results?ShipmentNumber={}",
    }
)


def tracking_link(carrier: str, number: str) -> str:
    """Return the address of the carrier's page about a parcel; empty for a carrier whose page is not known."""
    page = _PAGES.get("".join(letter for letter in carrier.lower() if letter.isalnum()), "")
    return page.format(quote(number, safe="")) if page and number else ""
