"""Versions of mappings, and the state of listings that follows from them: the one place that writes either.

What waiting order lines make of it is the upper floor's business (``orders.services.mapping``, ``orders.services.ignoring``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    """Make these parts the active mapping of a locked listing; see ``save_versions``."""
    return save_versions({listing: (parts, because)}, actor=actor, run=run)[listing.pk]


def save_versions(
    wanted: Mapping[Listing, tuple[Sequence[NewPart], str]], *, actor: Actor, run: SuggestionRun | None = None
) -> dict[int, ListingMapping]:
    """Make parts the active mapping of each of many locked listings, for its reason, and end its being ignored. Returns them by listing.

    The same parts in the same order make no new version. Eight statements at most, whatever their number.
    """
    known = ListingMapping.objects.filter(listing__in=list(wanted), retired_at=None).prefetch_related("parts")
    active: dict[int, ListingMapping] = {mapping.listing_id: mapping for mapping in known}
    anew = {listing: told for listing, told in wanted.items() if _parts_in(active.get(listing.pk)) != _wanted(told[0])}
    moment = now()  # one moment for both, so that undoing a version knows which one was there before
    if replaced := [active[listing.pk].pk for listing in anew if listing.pk in active]:
        ListingMapping.objects.filter(pk__in=replaced).update(retired_at=moment, retired_by=actor.user_id)
    tops = dict(ListingMapping.objects.filter(listing__in=list(anew)).order_by().values_list("listing").annotate(top=Max("version")))
    made = ListingMapping.objects.bulk_create(
        ListingMapping(listing=listing, version=tops.get(listing.pk, 0) + 1, mapped_by_id=actor.user_id, mapped_at=moment, because=because, run=run)
        for listing, (_parts, because) in anew.items()
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
        for mapping, (parts, _because) in zip(made, anew.values(), strict=True)
        for position, part in enumerate(parts)
    )
    _settle(wanted, Listing.State.MAPPED, actor=actor)
    return active | {mapping.listing_id: mapping for mapping in made}


def _wanted(parts: Sequence[NewPart]) -> list[tuple[int, int | None, int]]:
    return [(part.product.pk, part.design.pk if part.design else None, part.quantity) for part in parts]


def _parts_in(mapping: ListingMapping | None) -> list[tuple[int, int | None, int]] | None:
    return None if mapping is None else [(part.customer_product_id, part.design_id, part.quantity) for part in mapping.parts.all()]


def retire_versions(listings: Sequence[Listing], *, actor: Actor) -> None:
    """Leave locked listings without a mapping; their versions stay as history. Three statements at most."""
    ListingMapping.objects.filter(listing__in=listings, retired_at=None).update(retired_at=now(), retired_by=actor.user_id)
    _settle(listings, Listing.State.UNMAPPED, actor=actor)


def before(mappings: Sequence[ListingMapping]) -> dict[int, ListingMapping]:
    """Return the versions that mappings took the place of, by listing; none where nothing was made of it then. One query."""
    later = {mapping.listing_id: mapping for mapping in mappings}
    retired = ListingMapping.objects.filter(listing__in=list(later), retired_at__in={mapping.mapped_at for mapping in mappings}).order_by("version")
    return {
        mapping.listing_id: mapping
        for mapping in retired
        if mapping.retired_at == later[mapping.listing_id].mapped_at and mapping.version < later[mapping.listing_id].version
    }


def set_ignored(listing: Listing, *, actor: Actor) -> None:
    """Say of a locked listing that nothing of it is made here. Its mapping stays, for the day on which that is taken back."""
    _settle([listing], Listing.State.IGNORED, actor=actor)


def end_ignored(listing: Listing, *, actor: Actor) -> None:
    """Take that back: the listing is what its mapping makes of it again."""
    _settle([listing], Listing.State.MAPPED if listing.mappings.filter(retired_at=None).exists() else Listing.State.UNMAPPED, actor=actor)


def _settle(listings: Iterable[Listing], state: Listing.State, *, actor: Actor) -> None:
    moved = [listing for listing in listings if listing.state != state]
    decided = [listing for listing in moved if Listing.State.IGNORED in {listing.state, state}]
    if decided:
        moment = now()
        Listing.objects.filter(pk__in=[listing.pk for listing in decided]).update(decided_at=moment, decided_by=actor.user_id)
        for listing in decided:
            listing.decided_at, listing.decided_by_id = moment, actor.user_id
    if moved:
        Listing.objects.filter(pk__in=[listing.pk for listing in moved]).update(state=state)
    for listing in moved:
        listing.state = state


def retire_first_versions(mappings: Sequence[ListingMapping], *, actor: Actor) -> None:
    """Take many active mappings back whose listings are locked and had none before. Two statements."""
    ListingMapping.objects.filter(pk__in=[mapping.pk for mapping in mappings], retired_at=None).update(retired_at=now(), retired_by=actor.user_id)
    retired = [mapping.listing_id for mapping in mappings]
    Listing.objects.filter(pk__in=retired, state=Listing.State.MAPPED).update(state=Listing.State.UNMAPPED)
