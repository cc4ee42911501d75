"""Amazon's regions and marketplaces as data (developer documentation, "Marketplace IDs" and "Seller Central URLs")."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_noop

from stores.channels.types import MarketplaceInfo

API_HOSTS = {
    "NA": "https://sellingpartnerapi-na.amazon.com",
    "EU": "https://sellingpartnerapi-eu.amazon.com",
    "FE": "https://sellingpartnerapi-fe.amazon.com",
}
AWS_REGIONS = {"NA": "us-east-1", "EU": "eu-west-1", "FE": "us-west-2"}
PICTURE_ORIGINS = ("https://m.media-amazon.com", "https://images-na.ssl-images-amazon.com", "https://images-eu.ssl-images-amazon.com")
TOKEN_URL = "https://api.amazon.com/auth/o2/token"  # noqa: S105 - an address, the same for all regions


@dataclass(frozen=True, slots=True)
class AmazonMarketplace:
    """One national site. ``country`` is ISO, ``code`` is Amazon's own word (UK, not GB); ``name`` is ready for translation."""

    id: str
    country: str
    code: str
    name: str
    region: str
    consent_host: str
    currency: str

    @property
    def info(self) -> MarketplaceInfo:
        """The row in the words of the channel contract."""
        return MarketplaceInfo(id=self.id, country=self.country, name=self.name, region=self.region, currency=self.currency)


_EUROPE = "sellercentral-europe.amazon.com"

# In the order in which people choose: the sixteen of requirement CS-06 first, as listed there, then the others by name.
MARKETPLACES: tuple[AmazonMarketplace, ...] = (
    AmazonMarketplace("A1F83G8C2ARO7P", "GB", "UK", gettext_noop("United Kingdom"), "EU", _EUROPE, "GBP"),
    AmazonMarketplace("A2EUQ1WTGCTBG2", "CA", "CA", gettext_noop("Canada"), "NA", "sellercentral.amazon.ca", "CAD"),
    AmazonMarketplace("A1PA6795UKMFR9", "DE", "DE", gettext_noop("Germany"), "EU", _EUROPE, "EUR"),
    AmazonMarketplace("A13V1IB3VIYZZH", "FR", "FR", gettext_noop("France"), "EU", _EUROPE, "EUR"),
    AmazonMarketplace("APJ6JRA9NG5V4", "IT", "IT", gettext_noop("Italy"), "EU", _EUROPE, "EUR"),
    AmazonMarketplace("A1RKKUPIHCS9HS", "ES", "ES", gettext_noop("Spain"), "EU", _EUROPE, "EUR"),
    AmazonMarketplace("ATVPDKIKX0DER", "US", "US", gettext_noop("United States"), "NA", "sellercentral.amazon.com", "USD"),
    AmazonMarketplace("A39IBJ37TRP1C6", "AU", "AU", gettext_noop("Australia"), "FE", "sellercentral.amazon.com.au", "AUD"),
    AmazonMarketplace("A2Q3Y263D00KWC", "BR", "BR", gettext_noop("Brazil"), "NA", "sellercentral.amazon.com.br", "BRL"),
    AmazonMarketplace("A21TJRUUN4KGV", "IN", "IN", gettext_noop("India"), "EU", "sellercentral.amazon.in", "INR"),
    AmazonMarketplace("A1VC38T7YXB528", "JP", "JP", gettext_noop("Japan"), "FE", "sellercentral.amazon.co.jp", "JPY"),
    AmazonMarketplace("A1AM78C64UM0Y8", "MX", "MX", gettext_noop("Mexico"), "NA", "sellercentral.amazon.com.mx", "MXN"),
    AmazonMarketplace("A1805IZSGTT6HS", "NL", "NL", gettext_noop("Netherlands"), "EU", "sellercentral.amazon.nl", "EUR"),
    # An older list says .com.sa; to be confirmed with a real account (README, "Not certain").
    AmazonMarketplace("A17E79C6D8DWNP", "SA", "SA", gettext_noop("Saudi Arabia"), "EU", "sellercentral.amazon.sa", "SAR"),
    AmazonMarketplace("A19VAU5U5O7RUS", "SG", "SG", gettext_noop("Singapore"), "FE", "sellercentral.amazon.sg", "SGD"),
    AmazonMarketplace("A33AVAJ2PDY3EV", "TR", "TR", gettext_noop("Turkey"), "EU", "sellercentral.amazon.com.tr", "TRY"),
    AmazonMarketplace("AMEN7PMS3EDWL", "BE", "BE", gettext_noop("Belgium"), "EU", "sellercentral.amazon.com.be", "EUR"),
    AmazonMarketplace("ARBP9OOSHTCHU", "EG", "EG", gettext_noop("Egypt"), "EU", "sellercentral.amazon.eg", "EGP"),
    AmazonMarketplace("A28R8C7NBKEWEA", "IE", "IE", gettext_noop("Ireland"), "EU", "sellercentral.amazon.ie", "EUR"),
    AmazonMarketplace("A1C3SOZRARQ6R3", "PL", "PL", gettext_noop("Poland"), "EU", "sellercentral.amazon.pl", "PLN"),
    AmazonMarketplace("AE08WJ6YKNBMC", "ZA", "ZA", gettext_noop("South Africa"), "EU", "sellercentral.amazon.co.za", "ZAR"),
    AmazonMarketplace("A2NODRKZP88ZB9", "SE", "SE", gettext_noop("Sweden"), "EU", "sellercentral.amazon.se", "SEK"),
    AmazonMarketplace("A2VIGQ35RCS4UG", "AE", "AE", gettext_noop("United Arab Emirates"), "EU", "sellercentral.amazon.ae", "AED"),
)
BY_ID = {marketplace.id: marketplace for marketplace in MARKETPLACES}

# Amazon's names of countries that are not ISO codes.
ISO_COUNTRY = {"UK": "GB"}


def iso_country(code: str) -> str:
    """Return the ISO 3166-1 code for a country as Amazon may spell it, in upper case."""
    code = code.strip().upper()
    return ISO_COUNTRY.get(code, code)


def api_url(region: str) -> str:
    """Return the base address of a region's API; the imitation's when one is set. ``KeyError`` for an unknown region."""
    real = API_HOSTS[region]
    return settings.AMAZON_SANDBOX_URL or real


def token_url() -> str:
    """Return the address of Login with Amazon's token endpoint; the imitation's when one is set."""
    return f"{settings.AMAZON_SANDBOX_URL}/auth/o2/token" if settings.AMAZON_SANDBOX_URL else TOKEN_URL


def consent_base(marketplace_id: str) -> str:
    """Return the address of Seller Central where a seller of this marketplace consents; ``KeyError`` for an unknown marketplace."""
    real = f"https://{BY_ID[marketplace_id].consent_host}"
    return settings.AMAZON_SANDBOX_URL or real


def consent_origins() -> tuple[str, ...]:
    """Return the origins of every consent page; the imitation's when one is set."""
    if settings.AMAZON_SANDBOX_URL:
        return (settings.AMAZON_SANDBOX_URL,)
    return tuple(dict.fromkeys(f"https://{marketplace.consent_host}" for marketplace in MARKETPLACES))


def picture_origins() -> tuple[str, ...]:
    """Return the origins of listings' pictures; the imitation's when one is set."""
    return (settings.AMAZON_SANDBOX_URL,) if settings.AMAZON_SANDBOX_URL else PICTURE_ORIGINS


def is_seller_central(url: str) -> bool:
    """Say whether an address is https on one of the Seller Central hosts (or on the imitation, when one is set)."""
    parts = urlsplit(url)
    if parts.username or parts.password:
        return False
    if settings.AMAZON_SANDBOX_URL:
        base = urlsplit(settings.AMAZON_SANDBOX_URL)
        return (parts.scheme, parts.netloc) == (base.scheme, base.netloc)
    return parts.scheme == "https" and parts.netloc in {marketplace.consent_host for marketplace in MARKETPLACES}
