"""Which channels there are and what each can do. Pages and services ask this table and hold no ``if amazon``."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stores.channels.amazon import words as amazon_words
from stores.channels.amazon.marketplaces import BY_ID, MARKETPLACES, consent_origins, picture_origins
from stores.channels.consent_types import Consent
from stores.channels.contract import Channel
from stores.channels.telling_types import CancelReason
from stores.channels.tiktok import markets as tiktok_markets
from stores.channels.tiktok import words as tiktok_words
from stores.channels.types import Account, MarketplaceInfo, Notices


class ChannelKind(models.TextChoices):
    """Where a store sells. CSV and manual stores have no channel to talk to."""

    AMAZON = "amazon", _("Amazon")
    TIKTOK = "tiktok", _("TikTok Shop")
    CSV = "csv", _("CSV import")
    MANUAL = "manual", _("manual")


CANCEL_REASONS = [
    (CancelReason.BUYER_CANCELLED.value, _("the buyer asked to cancel")),
    (CancelReason.NO_STOCK.value, _("not in stock")),
    (CancelReason.PRICING_ERROR.value, _("the price was wrong")),
    (CancelReason.ADDRESS_UNDELIVERABLE.value, _("the address cannot be delivered to")),
    (CancelReason.NO_CARRIER.value, _("no carrier delivers there")),
    (CancelReason.EXCHANGE.value, _("the buyer exchanges it")),
    (CancelReason.RETURN.value, _("the buyer returns it")),
    (CancelReason.GOODS_NOT_RECEIVED.value, _("the goods were not received")),
    (CancelReason.CREDIT_DECISION.value, _("the carrier declined the credit")),
    (CancelReason.BAD_RISK_DATA.value, _("data for the risk check is not valid")),
    (CancelReason.OTHER.value, _("another reason")),
]


class PspAuthorises(enum.StrEnum):
    """Whether a PSP's employee may give a seller's consent, or only send the merchant a link (requirements DS-08, GA-04, Part B)."""

    ALWAYS = "always"
    WHERE_ALLOWED = "where_allowed"  # only where the PSP has switched it on for a customer without portal access
    NEVER = "never"


class NoAdapter(LookupError):
    """This kind of store has no channel to talk to. Ask ``capabilities`` first."""


@dataclass(frozen=True, slots=True)
class Corrections:
    """How carrier and tracking number of a package that was told can be corrected: how long afterwards, and how often for one order (None: no limit)."""

    within: timedelta | None = None
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a page may offer for a kind of store. ``region_choice``: the seller chooses a marketplace before consenting.

    ``shops_have_numbers``: one consent may cover several shops of a marketplace, each known by a number of its own.
    ``product_id_names_a_family``: all variants of a product have the same number, so that it does not say which of them is meant.
    ``publishes_variants``: several variants can be made as one product; where they cannot, ``variant_guidance`` says what to do instead.
    """

    label: str | Promise
    icon: str  # name in the icon set of pod_hub.ui
    can_connect: bool
    needs_consent: bool
    psp_authorises: PspAuthorises
    region_choice: bool
    marketplaces: tuple[MarketplaceInfo, ...] = ()
    consent_lifetime: timedelta | None = None  # a rule of the channel, never shortened by TIME_FACTOR; None where it does not end by itself
    confirms_packages: bool = False
    takes_cancellations: bool = False
    cancels_in_batches: bool = False  # … as documents that are worked through later
    answers_wishes: bool = False  # a buyer's wish to cancel has a number and takes an answer until a time
    keeps_package_references: bool = True  # a package is read back under our own number
    lists_carriers: bool = False  # only carriers of the channel's own list are taken
    makes_labels: bool = False  # for some orders the shipping label is bought there
    waits_for_collection: str = ""  # its status of an order that is shipped to it, or whose label was bought, and that no carrier has scanned
    tells_returns: bool = False
    sends_notices: bool = False  # it tells by itself what changed
    corrections: Corrections | None = None
    syncs_listings: bool = False
    product_id_label: str | Promise = ""  # what people call the number of a product there
    product_id_names_a_family: bool = False
    publishes: bool = False  # products can be made there
    publishes_variants: bool = False
    variant_guidance: str | Promise = ""
    brand_guidance: tuple[str | Promise, ...] = ()  # what a merchant should know before typing a brand, in sentences
    pushes_stock: bool = False
    pushes_stock_in_batches: bool = False
    pushes_prices: bool = False
    finds_personalisation: bool = False
    shops_have_numbers: bool = False
    starts_at_channel: bool = False  # a consent may begin at the channel's own store of applications (a login address)
    needs: tuple[str | Promise, ...] = ()  # what a person must have before connecting, in sentences
    listing_states: Mapping[str, str | Promise] = field(default_factory=dict)  # the channel's words for how a listing stands, in ours
    order_numbers: str = ""  # a pattern that every order number of the channel matches; empty where no number can be asked for

    def may_be_order_number(self, text: str) -> bool:
        """Whether the channel could know an order by this number, judged by its shape alone."""
        return bool(self.order_numbers) and re.fullmatch(self.order_numbers, text) is not None


CAPABILITIES: Mapping[ChannelKind, Capabilities] = MappingProxyType(
    {
        ChannelKind.AMAZON: Capabilities(
            label=ChannelKind.AMAZON.label,
            icon="brand-amazon",
            can_connect=True,
            needs_consent=True,
            psp_authorises=PspAuthorises.WHERE_ALLOWED,
            region_choice=True,
            consent_lifetime=timedelta(days=365),
            marketplaces=tuple(marketplace.info for marketplace in MARKETPLACES),
            confirms_packages=True,
            takes_cancellations=True,
            cancels_in_batches=True,
            corrections=Corrections(),
            starts_at_channel=True,
            needs=(
                _("A Professional selling plan; Amazon lets no program read the orders of an Individual plan."),
                _(
                    "Administrator access to the seller account for whoever confirms the permission: whoever sets up the store here, or the seller by a link that is mailed."
                ),
                _("One connection for each marketplace: France and Spain need two, and one permission may serve both."),
            ),
            order_numbers=r"[0-9A-Z]{2,3}-[0-9]{7}-[0-9]{7}",  # 3-7-7; some begin with a letter
            syncs_listings=True,
            product_id_label="ASIN",
            listing_states=MappingProxyType(amazon_words.LISTING_STATES),
            publishes=True,
            variant_guidance=_(
                "They are added to Amazon one by one, each as a product of its own. "
                "To show them as one product with variants, join them in Seller Central once they are live."
            ),
            brand_guidance=(
                _("Amazon lists new products under the brand “Generic” by default. A name of your own needs brand approval first."),
                _(
                    "Brand Approval lets you list under an established brand. It is not Brand Registration (Brand Registry), which protects a brand that is yours."
                ),
                _(
                    "To apply, gather product samples and clear photos that show the branding on product and packaging, and apply in Seller Central. "
                    "It usually takes up to 48 hours."
                ),
                _("Brand names are case-sensitive: type the name exactly as it was approved."),
            ),
            pushes_stock=True,
            pushes_prices=True,
            pushes_stock_in_batches=True,
            finds_personalisation=True,
        ),
        ChannelKind.TIKTOK: Capabilities(
            label=ChannelKind.TIKTOK.label,
            icon="brand-tiktok",
            can_connect=tiktok_markets.is_offered(),
            needs_consent=True,
            psp_authorises=PspAuthorises.ALWAYS,
            region_choice=False,
            marketplaces=tuple(market.info for market in tiktok_markets.MARKETS),
            confirms_packages=True,
            takes_cancellations=True,
            answers_wishes=True,
            keeps_package_references=False,
            lists_carriers=True,
            makes_labels=True,
            waits_for_collection="AWAITING_COLLECTION",
            tells_returns=True,
            sends_notices=True,
            corrections=Corrections(within=timedelta(hours=72), times=1),
            finds_personalisation=True,
            syncs_listings=True,
            product_id_label=_("product ID"),
            product_id_names_a_family=True,
            listing_states=MappingProxyType(tiktok_words.LISTING_STATES),
            publishes=True,
            publishes_variants=True,
            brand_guidance=(
                _("Goods without a brand of their own are listed without one: leave “Generic”."),
                _("A brand is named exactly as it stands in TikTok Shop's Seller Center; add yours there first."),
                _("Well-known brands take an authorisation of the brand's owner, uploaded in Seller Center."),
            ),
            pushes_stock=True,
            pushes_prices=True,
            shops_have_numbers=True,
            starts_at_channel=True,
            needs=(
                _("A TikTok Shop that operates in the United States; shops of other countries cannot be connected yet."),
                _("A shop with active product listings."),
                _("Administrator access to the shop for whoever allows it."),
                _("One connection for each shop; one permission may serve several."),
            ),
            order_numbers=r"[0-9]{15,20}",
        ),
        ChannelKind.CSV: Capabilities(
            label=ChannelKind.CSV.label,
            icon="file-spreadsheet",
            can_connect=False,
            needs_consent=False,
            psp_authorises=PspAuthorises.NEVER,
            region_choice=False,
        ),
        ChannelKind.MANUAL: Capabilities(
            label=ChannelKind.MANUAL.label,
            icon="pencil",
            can_connect=False,
            needs_consent=False,
            psp_authorises=PspAuthorises.NEVER,
            region_choice=False,
        ),
    }
)


def capabilities(kind: str) -> Capabilities:
    """Return what a kind of store can do; ``ValueError`` for a kind that does not exist."""
    return CAPABILITIES[ChannelKind(kind)]


def _amazon_channel(account: Account) -> Channel:
    # The library takes a third of a second to load; web workers that only show pages do without.
    from stores.channels.amazon.adapter import AmazonChannel

    return AmazonChannel(account)


def _amazon_consent() -> Consent:
    from stores.channels.amazon.connect import AmazonConsent

    return AmazonConsent()


def _tiktok_channel(account: Account) -> Channel:
    from stores.channels.tiktok.adapter import TikTokChannel

    return TikTokChannel(account)


def _tiktok_consent() -> Consent:
    from stores.channels.tiktok.connect import TikTokConsent

    return TikTokConsent()


def _amazon_carriers(marketplace: str) -> tuple[str, ...]:
    from stores.channels.amazon.carriers import carrier_codes

    return carrier_codes(marketplace)


_CHANNELS: Mapping[ChannelKind, Callable[[Account], Channel]] = {ChannelKind.AMAZON: _amazon_channel, ChannelKind.TIKTOK: _tiktok_channel}
_CONSENTS: Mapping[ChannelKind, Callable[[], Consent]] = {ChannelKind.AMAZON: _amazon_consent, ChannelKind.TIKTOK: _tiktok_consent}
_CARRIERS: Mapping[ChannelKind, Callable[[str], tuple[str, ...]]] = {ChannelKind.AMAZON: _amazon_carriers}
_MARKETPLACES: Mapping[ChannelKind, Mapping[str, MarketplaceInfo]] = {
    ChannelKind.AMAZON: {marketplace.id: marketplace.info for marketplace in BY_ID.values()},
    ChannelKind.TIKTOK: {market.code: market.info for market in tiktok_markets.MARKETS},
}


def channel_for(kind: str, account: Account) -> Channel:
    """Return the conversation with this account's channel; ``NoAdapter`` for kinds without one."""
    if (make := _CHANNELS.get(ChannelKind(kind))) is None:
        raise NoAdapter(f"Stores of kind {kind!r} have no channel to talk to.")
    return make(account)


def notices_for(kind: str) -> Notices:
    """Return the reader of what a channel tells by itself; ``NoAdapter`` for kinds that tell nothing."""
    if not capabilities(kind).sends_notices:
        raise NoAdapter(f"Stores of kind {kind!r} have no channel that tells anything by itself.")
    from stores.channels.tiktok.webhooks import TikTokNotices

    return TikTokNotices()


def consent_for(kind: str) -> Consent:
    """Return the way to a seller's consent; ``NoAdapter`` for kinds that need none."""
    if (make := _CONSENTS.get(ChannelKind(kind))) is None:
        raise NoAdapter(f"Stores of kind {kind!r} are not connected by consent.")
    return make()


@dataclass(frozen=True, slots=True)
class PageOrigins:
    """What a page about a channel's stores may reach beyond the hub (content security policy), as origins."""

    pictures: tuple[str, ...] = ()  # listings' pictures are shown from where the channel keeps them
    consent: tuple[str, ...] = ()  # a browser applies form-action to the redirect that follows a form, too


def _amazon_origins() -> PageOrigins:
    return PageOrigins(pictures=picture_origins(), consent=consent_origins())


def _tiktok_origins() -> PageOrigins:
    return PageOrigins(pictures=tiktok_markets.picture_origins(), consent=tiktok_markets.consent_origins())


_ORIGINS: Mapping[ChannelKind, Callable[[], PageOrigins]] = {ChannelKind.AMAZON: _amazon_origins, ChannelKind.TIKTOK: _tiktok_origins}


def page_origins(kind: str) -> PageOrigins:
    """Return the origins that pages about this kind of store need."""
    find = _ORIGINS.get(ChannelKind(kind))
    return find() if find else PageOrigins()


@dataclass(frozen=True, slots=True)
class Application:
    """How a channel names this hub on its permission page, so that sellers can tell it from an impostor (CS-09). ``name`` may be empty."""

    name: str
    id: str


def _amazon_application() -> Application:
    return Application(settings.AMAZON_APPLICATION_NAME, settings.AMAZON_APPLICATION_ID)


_APPLICATIONS: Mapping[ChannelKind, Callable[[], Application]] = {ChannelKind.AMAZON: _amazon_application}


def application_of(kind: str) -> Application | None:
    """Return how the channel names this hub, or None where its permission page shows nothing to compare."""
    find = _APPLICATIONS.get(ChannelKind(kind))
    return find() if find else None


def carriers_for(kind: str, marketplace: str) -> tuple[str, ...]:
    """Return the carrier codes to offer when a package ships; empty where the channel does not mind the spelling.

    "Other" among them means that the carrier's name must be given as well. ``KeyError`` for an unknown marketplace.
    """
    offer = _CARRIERS.get(ChannelKind(kind))
    return offer(marketplace) if offer else ()


_CANCEL_REASONS: Mapping[ChannelKind, Callable[[str, bool], frozenset[CancelReason]]] = {
    ChannelKind.AMAZON: lambda _marketplace, _whole: frozenset(CancelReason) - {CancelReason.PRICING_ERROR},
    ChannelKind.TIKTOK: lambda marketplace, whole: tiktok_markets.BY_CODE[marketplace].reasons(whole=whole),
}


def cancel_reasons(kind: str, marketplace: str, *, whole: bool = True) -> list[tuple[str, str | Promise]]:
    """Return the reasons that may be given for cancelling an order on a marketplace, or a part of it, as choices; all where nobody is told."""
    offered = _CANCEL_REASONS.get(ChannelKind(kind))
    allowed = offered(marketplace, whole) if offered and marketplace_info(kind, marketplace) else frozenset(CancelReason)
    return [(value, label) for value, label in CANCEL_REASONS if CancelReason(value) in allowed]


def shipping_declines(kind: str, marketplace: str) -> bool:
    """Whether shipping is how a buyer's wish to cancel is declined on a marketplace; elsewhere the channel takes a call."""
    if ChannelKind(kind) == ChannelKind.TIKTOK and marketplace in tiktok_markets.BY_CODE:
        return tiktok_markets.BY_CODE[marketplace].declines_by_shipping
    return True


def marketplace_info(kind: str, marketplace: str) -> MarketplaceInfo | None:
    """Return what is known of a marketplace, or None."""
    return _MARKETPLACES.get(ChannelKind(kind), {}).get(marketplace)
