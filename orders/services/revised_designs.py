"""A design that was changed: its listings move from the version before to the new one, each as a new version of its mapping."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Design
from catalog.selectors import earlier_versions
from orders.services.mapping import CannotMap, Chosen, map_bundle
from pod_hub.accounts.actors import Actor
from stores.models import ListingMapping
from stores.services.mappings import parts_of


@dataclass(frozen=True, slots=True)
class Moved:
    """How many listings print the new design now, and why others do not."""

    listings: int
    refused: list[str]


@transaction.atomic
def print_from_now_on(*, design: Design, actor: Actor) -> Moved:
    """Give a design to every listing that prints an earlier version of it. Orders that are printed keep theirs. Doing it twice is harmless."""
    earlier = set(earlier_versions(design))
    found = ListingMapping.objects.filter(retired_at=None, parts__design__in=earlier).select_related("listing").order_by("listing_id").distinct()
    moved, refused = 0, []
    for mapping in found:
        parts = [
            Chosen(part.customer_product_id, design.pk if part.design_id in earlier else part.design_id, part.quantity) for part in parts_of(mapping)
        ]
        try:
            map_bundle(listing_id=mapping.listing_id, parts=parts, actor=actor, because=_("the design was changed"))
        except CannotMap as error:
            refused.append(f"{mapping.listing}: {error}")
        else:
            moved += 1
    return Moved(moved, refused)
