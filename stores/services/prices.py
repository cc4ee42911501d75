"""Telling channels what listings are sold for, without publishing them again. One listing, or all variants of its product with it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from pod_hub.accounts.actors import Actor
from pod_hub.core.hints import hint
from stores.channels.abilities import PushesPrices, able
from stores.channels.contract import Channel
from stores.channels.publishing_types import PriceNotice
from stores.channels.registry import capabilities
from stores.channels.telling_types import Receipt
from stores.channels.types import Amount
from stores.models import Connection, Listing, PricePush
from stores.services.listing_pushes import ListingPushes, wish

TASK = "stores.push_prices"


class CannotSetPrice(Exception):
    """Nothing was changed; the message says why and what to do."""


def currency_of(listing: Listing) -> str:
    """Return the currency a listing is sold in: its own, or its marketplace's; empty when neither is known."""
    places = (place.currency for place in capabilities(listing.store.kind).marketplaces if place.id == listing.store.marketplace)
    return listing.currency or next(places, "")


def is_surprising(before: Decimal | None, amount: Decimal) -> bool:
    """Return whether a price is less than half or more than twice what it was: rather a slip than a wish."""
    return before is not None and not before / 2 <= amount <= before * 2


def variants_of(listing: Listing) -> Sequence[Listing]:
    """Return the other variants of a listing's product that are sold, in the order of lists."""
    if not listing.family:
        return []
    family = Listing.objects.filter(store_id=listing.store_id, family=listing.family, gone_at=None, is_parent=False)
    return list(family.exclude(pk=listing.pk).order_by("sorted_by", "family", "sorted_within", "pk"))


@transaction.atomic
def set_price(*, listing_id: int, amount: Decimal, actor: Actor, with_variants: bool = False) -> int:
    """Want a listing, and with ``with_variants`` its product's other variants, to be sold for this; workers tell the channel.

    ``amount`` is in the currency of ``currency_of``. Returns how many listings that are. Raises ``CannotSetPrice``.
    """
    listing = Listing.objects.select_related("store").get(pk=listing_id)
    if not capabilities(listing.store.kind).pushes_prices:
        raise CannotSetPrice(_("The prices of this store are not told from here."))
    if listing.gone_at is not None or listing.is_parent:
        raise CannotSetPrice(_("The store does not sell this product (any more), so it has no price."))
    if amount <= 0:
        raise CannotSetPrice(_("A price is more than nothing."))
    currency = currency_of(listing)
    if not currency:
        raise CannotSetPrice(_("The marketplace has not told in which currency this is sold. Sync the store's products, then try again."))
    numbers = [listing.pk, *(one.pk for one in (variants_of(listing) if with_variants else ()))]
    for one in Listing.objects.select_for_update().filter(pk__in=numbers).order_by("pk"):
        wanted = wish(actor) | {"amount": amount, "currency": currency, "before": one.price if one.currency in {"", currency} else None}
        PricePush.objects.update_or_create(listing=one, defaults=wanted)
    hint(TASK)
    return len(numbers)


def push_prices_next() -> int:
    """Tell and read back due prices, a few listings of each store in turn, over all tenants. Returns how many rows had a turn."""
    return PricePushes().push_next()


class PricePushes(ListingPushes[PricePush, PriceNotice]):
    """What listings are sold for."""

    model = PricePush
    name = "prices"

    def notice(self, row: PricePush, listing: Listing, connection: Connection, *, product_type: str) -> PriceNotice:
        """See ``ListingPushes``."""
        return PriceNotice(listing.key, listing.product_id, Amount(row.amount, row.currency), product_type=product_type)

    def push(self, channel: Channel, notice: PriceNotice, *, place: str) -> Receipt:
        """See ``ListingPushes``."""
        return able(channel, PushesPrices).push_price(notice, marketplace=place)

    def shown(self, channel: Channel, notice: PriceNotice, *, place: str) -> PriceNotice:
        """See ``ListingPushes``."""
        return able(channel, PushesPrices).price_of(notice, marketplace=place)

    def is_same(self, wanted: PriceNotice, shown: PriceNotice) -> bool:
        """See ``ListingPushes``."""
        return shown.price == wanted.price

    def difference(self, wanted: PriceNotice, shown: PriceNotice) -> str:
        """See ``ListingPushes``."""
        words = _("The marketplace took the price but shows %(shown)s in place of %(wanted)s. Look at the listing there, then set it again.")
        return words % {
            "shown": f"{shown.price.value:.2f} {shown.price.currency}",
            "wanted": f"{wanted.price.value:.2f} {wanted.price.currency}",
        }

    def note_confirmed(self, row: PricePush) -> None:
        """See ``ListingPushes``."""
        Listing.objects.filter(pk=row.listing_id).update(price=row.amount, currency=row.currency)
