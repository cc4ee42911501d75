"""The listings of a product that is added: each unit that can be bought is one, mapped to its product before anybody can order it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext as _

from pod_hub.accounts.actors import HUB, Actor
from pod_hub.core.outbox import Delivery
from stores.channels.publishing_types import ProductAnswer, ProductProgress
from stores.listing_models import SORTED_BY_LENGTH
from stores.models import Listing, Publication, PublicationVariant, StockPush
from stores.publishing_selectors import Unit
from stores.services.mappings import NewPart, save_version
from stores.variant_options import options_in_words


def have_listings(row: Publication, units: Sequence[Unit], answer: ProductAnswer) -> None:
    """Have a listing of each unit of a publication that the channel took in; several are of one family. In the transaction that writes that down."""
    for number, unit in enumerate(units):
        key = answer.listing_key if number == 0 and answer.listing_key else unit.sku
        family = {"family": answer.product_id or row.product_id or row.sku, "family_title": row.title[:SORTED_BY_LENGTH]} if len(units) > 1 else {}
        listing = _listed(row, unit, key=key, family=family)
        if unit.row is None:
            Publication.objects.filter(pk=row.pk).update(listing=listing)
            row.listing = listing
        else:
            PublicationVariant.objects.filter(pk=unit.row.pk).update(listing=listing)


def _listed(row: Publication, unit: Unit, *, key: str, family: Mapping[str, str]) -> Listing:
    facts: Mapping[str, Any] = {
        "sku": unit.sku,
        "title": row.title,
        "price": unit.price,
        "currency": row.currency,
        "quantity": unit.quantity,
        "gone_at": None,
        "seen_at": now(),
        **({"variant": options_in_words(unit.options), **family} if family else {}),
    }
    listing, is_new = Listing.objects.select_for_update().get_or_create(store_id=row.store_id, key=key, defaults=dict(facts))
    if not is_new:
        for name, value in facts.items():
            setattr(listing, name, value)
        listing.save(update_fields=list(facts))
    product = unit.customer_product
    design = row.design if product.product_model.needs_design else None
    actor = Actor.person(row.published_by) if row.published_by else HUB
    save_version(listing, [NewPart(product, design)], actor=actor, because=_("published from here"))
    StockPush.objects.update_or_create(
        listing=listing,
        defaults={
            "quantity": unit.quantity,
            "handling_days": row.handling_days,
            "delivery": Delivery.CONFIRMED,
            "wanted_at": now(),
            "wanted_by_id": row.published_by_id,
            "told_at": now(),
        },
    )
    return listing


def show_as_live(row: Publication, progress: ProductProgress) -> None:
    """Write down what the channel shows of a publication's listings."""
    _listings_of(row).update(
        product_id=progress.product_id[:40],
        channel_state=progress.channel_state[:60],
        image_url=progress.image_url[:500],
        problem="\n".join(trouble.words for trouble in progress.troubles),
        seen_at=now(),
        gone_at=None,
    )


def take_back(row: Publication) -> None:
    """Write down that nobody can buy what a publication was to sell, because the channel rejected it."""
    _listings_of(row).update(gone_at=now())


def _listings_of(row: Publication) -> Any:
    further = row.variants.exclude(listing=None).values_list("listing", flat=True)
    return Listing.objects.filter(pk__in=[pk for pk in (row.listing_id, *further) if pk])
