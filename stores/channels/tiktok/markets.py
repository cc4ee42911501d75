"""Which national sites of TikTok Shop the hub connects, and how each works. A further market is a row here and not code.

What a row says is from the contract pages: who may mark packages as shipped, how a buyer's request to cancel is declined, what may be cancelled in
part, and how long a tracking number can be corrected. Only the United States so far (requirement GT-01); its sellers use a Partner Center, an
application and a consent page of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_noop

from stores.channels.telling_types import CancelReason
from stores.channels.types import MarketplaceInfo


@dataclass(frozen=True, slots=True)
class Market:
    """One national site. ``code`` is TikTok's region code of shops, ``name`` is ready for translation.

    ``seller_types`` are TikTok's words for who may sell there. ``declines_by_shipping``: a buyer's request to cancel is declined by shipping, and by
    no call. ``cancels_lines``: single units may be cancelled. ``correction_time``: how long after shipping one correction is taken.
    """

    code: str
    name: str
    region: str
    currency: str
    seller_types: frozenset[str]
    declines_by_shipping: bool
    cancels_lines: bool
    correction_time: timedelta
    category_version: str  # of the tree of categories that the market's shops must name
    weight_unit: str  # in which a packed product is told, with length_unit
    length_unit: str
    cancel_reasons: Mapping[CancelReason, str] = field(default_factory=dict)  # ours → theirs, for orders that are paid

    def reasons(self, *, whole: bool) -> frozenset[CancelReason]:
        """Return the reasons for cancelling a whole order, or a part of one: single units only because they are out of stock."""
        if whole:
            return frozenset(self.cancel_reasons)
        return frozenset(self.cancel_reasons) & {CancelReason.NO_STOCK} if self.cancels_lines else frozenset()

    @property
    def info(self) -> MarketplaceInfo:
        """The row in the words of the channel contract."""
        return MarketplaceInfo(id=self.code, country=self.code, name=self.name, region=self.region, currency=self.currency)


MARKETS: tuple[Market, ...] = (
    Market(
        code="US",
        name=gettext_noop("United States"),
        region="US",
        currency="USD",
        seller_types=frozenset({"LOCAL"}),
        declines_by_shipping=True,
        cancels_lines=True,
        correction_time=timedelta(hours=72),
        category_version="v2",
        weight_unit="POUND",
        length_unit="INCH",
        cancel_reasons={
            CancelReason.NO_STOCK: "seller_cancel_reason_out_of_stock",
            CancelReason.PRICING_ERROR: "seller_cancel_reason_wrong_price",
            CancelReason.ADDRESS_UNDELIVERABLE: "seller_cancel_paid_reason_address_not_deliver",
            CancelReason.BUYER_CANCELLED: "seller_cancel_paid_reason_buyer_requested_cancellation",
        },
    ),
)
BY_CODE = {market.code: market for market in MARKETS}
PICTURE_HOSTS = "https://*.ibyteimg.com"


def is_offered() -> bool:
    """Whether this hub has an application at TikTok Shop."""
    return bool(settings.TIKTOK_APP_KEY)


def api_url() -> str:
    """Return the base address of the API; the imitation's when one is set."""
    return str(settings.TIKTOK_SANDBOX_URL or settings.TIKTOK_API_URL)


def auth_url() -> str:
    """Return the base address of the token requests; the imitation's when one is set."""
    return str(settings.TIKTOK_SANDBOX_URL or settings.TIKTOK_AUTH_URL)


def consent_url() -> str:
    """Return the address of the page where a seller consents, without its query; on the imitation when one is set."""
    real = str(settings.TIKTOK_CONSENT_URL)
    return f"{settings.TIKTOK_SANDBOX_URL}{urlsplit(real).path}" if settings.TIKTOK_SANDBOX_URL else real


def consent_origins() -> tuple[str, ...]:
    """Return the origin of the consent page."""
    parts = urlsplit(consent_url())
    return (f"{parts.scheme}://{parts.netloc}",)


def picture_origins() -> tuple[str, ...]:
    """Return the origins of listings' pictures; the imitation's when one is set."""
    return (settings.TIKTOK_SANDBOX_URL,) if settings.TIKTOK_SANDBOX_URL else (PICTURE_HOSTS,)


def under_imitation(url: str) -> bool:
    """Say whether an address lies on the imitation, where http and private addresses are what we expect."""
    base, parts = urlsplit(settings.TIKTOK_SANDBOX_URL), urlsplit(url)
    return bool(settings.TIKTOK_SANDBOX_URL) and (parts.scheme, parts.netloc) == (base.scheme, base.netloc)
