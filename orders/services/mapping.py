"""Mapping a listing to what is made of it, and releasing every order that waits for it (P13); taking that back, and restoring what was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import CustomerProduct, Design
from catalog.selectors import usable_products
from catalog.services.fitting import flaw_of
from orders.services.filling import empty_waiting_lines, fill_waiting_lines
from orders.services.ignoring import take_back_lines
from pod_hub.accounts.actors import Actor
from stores.models import Listing, ListingMapping, SuggestionRun
from stores.services.mappings import NewPart, before, parts_of, retire_version, save_version

MOST_PARTS = 20


class CannotMap(Exception):
    """The mapping was not saved; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One product that somebody chose for a listing, by row ids, with the design where it needs one."""

    customer_product_id: int
    design_id: int | None = None
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Mapped:
    """What mapping a listing did."""

    mapping: ListingMapping
    what: str
    lines_filled: int
    holds_released: int


def map_listing(*, listing_id: int, customer_product_id: int, design_id: int | None, actor: Actor, quantity: int = 1) -> Mapped:
    """Map a listing to one product; see ``map_bundle``."""
    return map_bundle(listing_id=listing_id, parts=[Chosen(customer_product_id, design_id, quantity)], actor=actor)


@transaction.atomic
def map_bundle(*, listing_id: int, parts: Sequence[Chosen], actor: Actor, because: str = "", run: SuggestionRun | None = None) -> Mapped:
    """Save a new version of the mapping, of one product or several, and fill every waiting line of this listing with it.

    A design whose print file is still being made may be chosen: lines wait for it. Lines that are printed or shipped keep the version they were
    made from. A listing that was ignored is not any more. Raises ``CannotMap``.
    """
    listing = Listing.objects.select_for_update().select_related("store__customer").get(pk=listing_id)
    checked = _checked(listing, parts)
    mapping = save_version(listing, checked, actor=actor, because=because, run=run)
    take_back_lines(listing, actor=actor)
    filled, released = fill_waiting_lines(listing, actor=actor)
    return Mapped(mapping, " + ".join(str(part.product) for part in checked), filled, released)


def _checked(listing: Listing, parts: Sequence[Chosen]) -> list[NewPart]:
    if not 1 <= len(parts) <= MOST_PARTS:
        raise CannotMap(_("A listing is made of one to %(most)s products. Take some out, then connect again.") % {"most": MOST_PARTS})
    offered = usable_products(listing.store.customer).filter(pk__in={part.customer_product_id for part in parts}).select_related("product_model")
    products = {product.pk: product for product in offered}
    chosen = Design.objects.filter(pk__in={part.design_id for part in parts if part.design_id}).select_related("print_file")
    designs = {design.pk: design for design in chosen}
    checked = []
    for part in parts:
        product = products.get(part.customer_product_id)
        if product is None:
            raise CannotMap(_("This product is not offered to the store's customer. Grant it on the product's page, then connect again."))
        if part.quantity < 1:
            raise CannotMap(_("“%(product)s” needs at least one piece for each unit sold.") % {"product": product})
        design = _design(listing, product, part.design_id, designs)
        checked.append(NewPart(product, design if product.product_model.needs_design else None, part.quantity))
    return checked


def _design(listing: Listing, product: CustomerProduct, design_id: int | None, designs: dict[int, Design]) -> Design | None:
    if not design_id:
        return None
    design = designs.get(design_id)
    if design is None or design.customer_id != listing.store.customer_id or design.product_model_id != product.product_model_id:
        raise CannotMap(_("This design belongs to another product or customer. Choose one made for “%(product)s”.") % {"product": product})
    if design.state == Design.State.DRAFT:
        raise CannotMap(_("The design “%(design)s” is a draft. Finish it in the editor, then connect again.") % {"design": design})
    if design.state == Design.State.FAILED:
        raise CannotMap(_("The print file of “%(design)s” could not be made. Correct the design or choose another.") % {"design": design})
    if flaw := flaw_of(design, [design.print_file]):
        raise CannotMap(flaw)
    return design


# --- taking back ------------------------------------------------------------------------------------------------------
@transaction.atomic
def unmap_listing(*, listing_id: int, actor: Actor) -> int:
    """Make nothing of a listing any more until it is mapped again; its unprinted lines wait. Returns how many. Doing it twice is harmless."""
    listing = Listing.reread(listing_id)
    if listing.state != Listing.State.IGNORED:
        retire_version(listing, actor=actor)
    return empty_waiting_lines(listing, actor=actor)


@transaction.atomic
def undo_mapping(*, mapping_id: int, actor: Actor) -> Mapped | None:
    """Take one version back: what it took the place of is made again, or nothing (None). Raises ``CannotMap`` when it is not the active one."""
    mapping = ListingMapping.objects.select_related("listing__store__customer").get(pk=mapping_id)
    Listing.reread(mapping.listing_id)
    mapping.refresh_from_db()
    if mapping.retired_at is not None:
        raise CannotMap(_("“%(listing)s” has been connected anew since, so there is nothing to undo.") % {"listing": mapping.listing})
    former = before(mapping)
    if former is None:
        unmap_listing(listing_id=mapping.listing_id, actor=actor)
        return None
    return restore_version(mapping_id=former.pk, actor=actor)


@transaction.atomic
def restore_version(*, mapping_id: int, actor: Actor) -> Mapped:
    """Save an old version's parts as a new version. Raises ``CannotMap`` when one of its products is not offered any more."""
    old = ListingMapping.objects.get(pk=mapping_id)
    chosen = [Chosen(part.customer_product_id, part.design_id, part.quantity) for part in parts_of(old)]
    return map_bundle(listing_id=old.listing_id, parts=chosen, actor=actor, because=_("version %(n)s restored") % {"n": old.version})
