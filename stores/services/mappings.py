"""Versions of mappings, and the state of listings that follows from them: the one place that writes either.

What waiting order lines make of it is the upper floor's business (``orders.services.mapping``, ``orders.services.ignoring``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Max
from django.utils.timezone import now

from catalog.models import CustomerProduct, Design
from pod_hub.accounts.actors import Actor
from stores.models import Listing, ListingMapping, MappingPart, SuggestionRun


@dataclass(frozen=True, slots=True)
class NewPart:
    """One product that is to be made of a listing, with the design where it needs one."""

    product: CustomerProduct
    design: Design | None = None
    quantity: int = 1


def parts_of(mapping: ListingMapping) -> list[MappingPart]:
    """Return what a mapping makes, in order, with products, designs and print files."""
    return list(mapping.parts.select_related("customer_product__product_model", "design", "print_file"))


def save_version(listing: Listing, parts: Sequence[NewPart], *, actor: Actor, because: str = "", run: SuggestionRun | None = None) -> ListingMapping:
    """Make these parts the active mapping of a locked listing, and end its being ignored. The same parts in the same order make no new version."""
    active = listing.mappings.filter(retired_at=None).prefetch_related("parts").first()
    wanted = [(part.product.pk, part.design.pk if part.design else None, part.quantity) for part in parts]
    if active is None or wanted != [(part.customer_product_id, part.design_id, part.quantity) for part in active.parts.all()]:
        moment = now()  # one moment for both, so that undoing a version knows which one was there before
        listing.mappings.filter(retired_at=None).update(retired_at=moment, retired_by=actor.user_id)
        version = (listing.mappings.aggregate(top=Max("version"))["top"] or 0) + 1
        active = ListingMapping.objects.create(
            listing=listing, version=version, mapped_by_id=actor.user_id, mapped_at=moment, because=because, run=run
        )
        MappingPart.objects.bulk_create(
            MappingPart(
                mapping=active,
                position=position,
                customer_product=part.product,
                design=part.design,
                print_file_id=part.design.print_file_id if part.design else None,
                quantity=part.quantity,
            )
            for position, part in enumerate(parts)
        )
    _settle(listing, Listing.State.MAPPED, actor=actor)
    return active


def retire_version(listing: Listing, *, actor: Actor) -> None:
    """Leave a locked listing without a mapping; its versions stay as history."""
    listing.mappings.filter(retired_at=None).update(retired_at=now(), retired_by=actor.user_id)
    _settle(listing, Listing.State.UNMAPPED, actor=actor)


def before(mapping: ListingMapping) -> ListingMapping | None:
    """Return the version that a mapping took the place of; None when nothing was made of the listing then."""
    found: ListingMapping | None = mapping.listing.mappings.filter(retired_at=mapping.mapped_at, version__lt=mapping.version).first()
    return found


def set_ignored(listing: Listing, *, actor: Actor) -> None:
    """Say of a locked listing that nothing of it is made here. Its mapping stays, for the day on which that is taken back."""
    _settle(listing, Listing.State.IGNORED, actor=actor)


def end_ignored(listing: Listing, *, actor: Actor) -> None:
    """Take that back: the listing is what its mapping makes of it again."""
    _settle(listing, Listing.State.MAPPED if listing.mappings.filter(retired_at=None).exists() else Listing.State.UNMAPPED, actor=actor)


def _settle(listing: Listing, state: Listing.State, *, actor: Actor) -> None:
    if listing.state == state:
        return
    if Listing.State.IGNORED in {listing.state, state}:
        listing.decided_at, listing.decided_by_id = now(), actor.user_id
    listing.state = state
    listing.save(update_fields=["state", "decided_at", "decided_by"])


def save_first_versions(wanted: Mapping[Listing, tuple[Sequence[NewPart], str]], *, actor: Actor, run: SuggestionRun) -> None:
    """Map many locked listings that have no mapping, each to its parts for its reason. Five statements, whatever their number."""
    tops = dict(ListingMapping.objects.filter(listing__in=list(wanted)).order_by().values_list("listing").annotate(top=Max("version")))
    made = ListingMapping.objects.bulk_create(
        ListingMapping(listing=listing, version=tops.get(listing.pk, 0) + 1, mapped_by_id=actor.user_id, because=because, run=run)
        for listing, (_parts, because) in wanted.items()
    )
    MappingPart.objects.bulk_create(
        MappingPart(
            mapping=mapping,
            position=position,
            customer_product=part.product,
            design=part.design,
            print_file_id=part.design.print_file_id if part.design else None,
            quantity=part.quantity,
        )
        for mapping, (parts, _because) in zip(made, wanted.values(), strict=True)
        for position, part in enumerate(parts)
    )
    Listing.objects.filter(pk__in=[listing.pk for listing in wanted]).update(state=Listing.State.MAPPED)


def retire_first_versions(mappings: Sequence[ListingMapping], *, actor: Actor) -> None:
    """Take many active mappings back whose listings are locked and had none before. Two statements."""
    ListingMapping.objects.filter(pk__in=[mapping.pk for mapping in mappings], retired_at=None).update(retired_at=now(), retired_by=actor.user_id)
    retired = [mapping.listing_id for mapping in mappings]
    Listing.objects.filter(pk__in=retired, state=Listing.State.MAPPED).update(state=Listing.State.UNMAPPED)
