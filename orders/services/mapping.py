"""Mapping listings to what is made of them, and releasing every order that waits for them (P13); taking that back, and restoring what was.

What is done to one listing is done to many in as many statements (``map_listings``, ``undo_mappings``): each of them, or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import CustomerProduct, Design
from catalog.selectors import usable_products
from catalog.services.fitting import flaw_of
from orders.services.filling import UNPRINTED, empty_waiting_lines, fill_waiting_lines, having_lines
from orders.services.ignoring import take_back_lines
from orders.states import LineState
from pod_hub.accounts.actors import Actor
from stores.models import Listing, ListingMapping, MappingPart, SuggestionRun
from stores.services.mappings import NewPart, before, retire_versions, save_versions

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
class Wish:
    """What shall be made of one listing, and why when nobody chose it by hand."""

    listing_id: int
    parts: Sequence[Chosen]
    because: str = ""


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


def map_bundle(*, listing_id: int, parts: Sequence[Chosen], actor: Actor, because: str = "", run: SuggestionRun | None = None) -> Mapped:
    """Map a listing to one product or several; see ``map_listings``. Raises ``CannotMap``."""
    return _or_raise(map_listings(wishes=[Wish(listing_id, parts, because)], actor=actor, run=run)[listing_id])


@transaction.atomic
def map_listings(*, wishes: Sequence[Wish], actor: Actor, run: SuggestionRun | None = None) -> dict[int, Mapped | CannotMap]:
    """Save a new version of each listing's mapping, of one product or several, and fill every waiting line of the listing with it.

    A design whose print file is still being made may be chosen: lines wait for it. Lines that are printed or shipped keep the version they were
    made from. A listing that was ignored is not any more. Returns for each listing (named once) what was done, or why not: one that cannot be
    mapped keeps no other from it. As many statements for many listings as for one, but for those whose lines wait.
    """
    wanted = {wish.listing_id: wish for wish in wishes}
    locked = Listing.objects.select_for_update(of=("self",)).select_related("store__customer").filter(pk__in=list(wanted)).order_by("pk")
    listings = list(locked)
    offered, designs = _offered(listings, wanted), _designs(wanted)
    checked: dict[Listing, tuple[Sequence[NewPart], str]] = {}
    refused: dict[int, Mapped | CannotMap] = {}
    for listing in listings:
        wish = wanted[listing.pk]
        try:
            checked[listing] = _checked(listing, wish.parts, offered[listing.store.customer_id], designs), wish.because
        except CannotMap as error:
            refused[listing.pk] = error
    saved, filled = save_versions(checked, actor=actor, run=run), {}
    for listing in having_lines(checked, [*UNPRINTED, LineState.NOT_OURS]):
        take_back_lines(listing, actor=actor)
        filled[listing.pk] = fill_waiting_lines(listing, actor=actor)
    return refused | {
        listing.pk: Mapped(saved[listing.pk], " + ".join(str(part.product) for part in parts), *filled.get(listing.pk, (0, 0)))
        for listing, (parts, _because) in checked.items()
    }


def _or_raise(done: Mapped | CannotMap) -> Mapped:
    if isinstance(done, CannotMap):
        raise done
    return done


def _offered(listings: Sequence[Listing], wanted: Mapping[int, Wish]) -> dict[int, dict[int, CustomerProduct]]:
    """Return the chosen products that each customer may use, by customer. One query a customer."""
    customers = {listing.store.customer_id: listing.store.customer for listing in listings}
    chosen = {part.customer_product_id for wish in wanted.values() for part in wish.parts}
    return {
        pk: {product.pk: product for product in usable_products(customer).filter(pk__in=chosen).select_related("product_model")}
        for pk, customer in customers.items()
    }


def _designs(wanted: Mapping[int, Wish]) -> dict[int, Design]:
    chosen = {part.design_id for wish in wanted.values() for part in wish.parts if part.design_id}
    return {design.pk: design for design in Design.objects.filter(pk__in=chosen).select_related("print_file")} if chosen else {}


def _checked(listing: Listing, parts: Sequence[Chosen], products: Mapping[int, CustomerProduct], designs: Mapping[int, Design]) -> list[NewPart]:
    if not 1 <= len(parts) <= MOST_PARTS:
        raise CannotMap(_("A listing is made of one to %(most)s products. Take some out, then connect again.") % {"most": MOST_PARTS})
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


def _design(listing: Listing, product: CustomerProduct, design_id: int | None, designs: Mapping[int, Design]) -> Design | None:
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
        raise CannotMap(flaw.text)
    return design


# --- taking back ------------------------------------------------------------------------------------------------------
@transaction.atomic
def unmap_listing(*, listing_id: int, actor: Actor) -> int:
    """Make nothing of a listing any more until it is mapped again; its unprinted lines wait. Returns how many. Doing it twice is harmless."""
    return _unmap([Listing.reread(listing_id)], actor=actor)


def _unmap(listings: Sequence[Listing], *, actor: Actor) -> int:
    """Do so with locked listings. An ignored one keeps its mapping, for the day on which that is taken back."""
    retire_versions([listing for listing in listings if listing.state != Listing.State.IGNORED], actor=actor)
    return sum(empty_waiting_lines(listing, actor=actor) for listing in having_lines(listings, UNPRINTED))


def undo_mapping(*, mapping_id: int, actor: Actor) -> Mapped | None:
    """Take one version back: what it took the place of is made again, or nothing (None). Raises ``CannotMap`` when it is not the active one."""
    done = undo_mappings(mapping_ids=[mapping_id], actor=actor)[mapping_id]
    return None if done is None else _or_raise(done)


@transaction.atomic
def undo_mappings(*, mapping_ids: Sequence[int], actor: Actor) -> dict[int, Mapped | CannotMap | None]:
    """Take versions of many listings back; see ``undo_mapping``. Returns for each what is made now, nothing (None), or why it is left as it is."""
    of_listings = ListingMapping.objects.filter(pk__in=mapping_ids).values_list("listing", flat=True)
    listings = {listing.pk: listing for listing in Listing.objects.select_for_update().filter(pk__in=list(of_listings)).order_by("pk")}
    mappings = list(ListingMapping.objects.filter(pk__in=mapping_ids).order_by("listing"))  # looked up under the locks
    done: dict[int, Mapped | CannotMap | None] = {}
    for mapping in mappings:
        if mapping.retired_at is not None:
            said = _("“%(listing)s” has been connected anew since, so there is nothing to undo.")
            done[mapping.pk] = CannotMap(said % {"listing": listings[mapping.listing_id]})
    active = [mapping for mapping in mappings if mapping.retired_at is None]
    former = before(active)
    restored = _restore(list(former.values()), actor=actor)
    _unmap([listings[mapping.listing_id] for mapping in active if mapping.listing_id not in former], actor=actor)
    return done | {mapping.pk: restored.get(mapping.listing_id) for mapping in active}


@transaction.atomic
def restore_version(*, mapping_id: int, actor: Actor) -> Mapped:
    """Save an old version's parts as a new version. Raises ``CannotMap`` when one of its products is not offered any more."""
    old = ListingMapping.objects.get(pk=mapping_id)
    return _or_raise(_restore([old], actor=actor)[old.listing_id])


def _restore(versions: Sequence[ListingMapping], *, actor: Actor) -> dict[int, Mapped | CannotMap]:
    chosen: dict[int, list[Chosen]] = {old.pk: [] for old in versions}
    for part in MappingPart.objects.filter(mapping__in=versions).order_by("mapping", "position"):
        chosen[part.mapping_id].append(Chosen(part.customer_product_id, part.design_id, part.quantity))
    wishes = [Wish(old.listing_id, chosen[old.pk], _("version %(n)s restored") % {"n": old.version}) for old in versions]
    return map_listings(wishes=wishes, actor=actor)
