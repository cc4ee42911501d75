"""Suggestions of what listings are printed as: from SKU and title, and from what the same customer chose before. Never stored, so never stale.

What the judgement rests on stands in ``stores.matching``; here are its reads, whose number does not depend on how many listings there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models import Q

from catalog.models import CustomerProduct, Design
from catalog.selectors import usable_products
from pod_hub.accounts.models import Customer
from stores.matching import MOST_BY_TITLE, Match, Offer, Offers, Reason, Titles, parts_of
from stores.models import Listing, ListingMapping, MappingPart
from stores.services.mappings import NewPart

RECENT = 2000  # mappings of the print provider among which similar titles are looked for
MOST_EARLIER = 1000
MOST_DESIGNS = 2000
BY_NAME, BY_BEING_ALONE = 92, 78  # how sure a design can make a suggestion at most


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a listing is probably made of. ``is_ready`` says that it can be accepted as it is; else a design has to be chosen.

    ``detail`` fills the reason's sentence: a UID, the other listing's store or title, how alike. ``design_reason`` says how its design was found.
    """

    listing_id: int
    parts: tuple[NewPart, ...]
    confidence: int
    reason: Reason
    detail: str
    design_reason: str = ""  # "", "name", "only", "there"

    @property
    def product(self) -> CustomerProduct:
        """The first product, for which lists have room."""
        return self.parts[0].product

    @property
    def token(self) -> str:
        """What is suggested, in a text: two suggestions with the same one connect a listing in the same way."""
        return ",".join(f"{part.product.public_id}~{part.design.public_id if part.design else ''}~{part.quantity}" for part in self.parts)

    @property
    def is_ready(self) -> bool:
        """Whether every product that needs a design has one."""
        return all(part.design is not None or not part.product.product_model.needs_design for part in self.parts)


class Suggester:
    """Judges listings of one customer. Reads the products once, and asks four questions for each lot of listings."""

    def __init__(self, customer: Customer) -> None:
        self._customer = customer

    @cached_property
    def _products(self) -> dict[int, CustomerProduct]:
        return {product.pk: product for product in usable_products(self._customer).select_related("product_model")}

    @cached_property
    def _offers(self) -> Offers:
        return Offers(Offer(one.pk, one.uid, one.name, one.variant) for one in self._products.values())

    @cached_property
    def _recent(self) -> tuple[Titles, list[tuple[int, str]]]:
        """Titles of listings that this customer connected lately, each with its listing."""
        lately = ListingMapping.objects.filter(retired_at=None).order_by("-pk").values("pk")[:RECENT]
        mine = ListingMapping.objects.filter(pk__in=lately, listing__store__customer=self._customer).order_by("-pk")
        rows = list(mine.values_list("listing_id", "listing__title"))
        return Titles(title for _pk, title in rows), rows

    def judge(self, listings: Sequence[Listing]) -> dict[int, Suggestion]:
        """Return the best suggestion of each listing that has one."""
        if not self._products or not listings:
            return {}
        earlier = _Earlier(self._customer, listings)
        similar = {one.pk: found for one in listings if (found := self._similar(one)) is not None}
        parts = self._parts_of({found.pk for found in earlier.found} | {pk for pk, _title, _score in similar.values()})
        named: list[tuple[Listing, Match]] = []
        best: dict[int, Suggestion] = {}
        for listing in listings:
            chosen = self._chosen_before(listing, earlier, parts, similar.get(listing.pk))
            match = self._offers.by_sku(listing.sku) or self._offers.by_title(listing.title)
            if chosen is not None and (match is None or chosen.confidence >= match.confidence):
                best[listing.pk] = chosen
            elif match is not None:
                named.append((listing, match))
        best |= self._with_designs(named)
        return best

    # --- earlier choices ----------------------------------------------------------------------------------------------
    def _similar(self, listing: Listing) -> tuple[int, str, float] | None:
        titles, rows = self._recent
        found = titles.most_like(listing.title)
        return (*rows[found[0]], found[1]) if found is not None and rows[found[0]][0] != listing.pk else None

    def _parts_of(self, listing_ids: Iterable[int]) -> dict[int, tuple[NewPart, ...]]:
        """Return what listings are made of, as far as all of it may still be used."""
        rows = MappingPart.objects.filter(mapping__listing__in=list(listing_ids), mapping__retired_at=None).order_by("mapping_id", "position")
        found: dict[int, list[NewPart | None]] = {}
        for part in rows.select_related("mapping", "design"):
            product = self._products.get(part.customer_product_id)
            usable = product is not None and (part.design is None or part.design.state in {Design.State.READY, Design.State.RENDERING})
            found.setdefault(part.mapping.listing_id, []).append(NewPart(product, part.design, part.quantity) if product and usable else None)
        return {pk: tuple(part for part in parts if part is not None) for pk, parts in found.items() if None not in parts}

    def _chosen_before(
        self, listing: Listing, earlier: _Earlier, parts: dict[int, tuple[NewPart, ...]], similar: tuple[int, str, float] | None
    ) -> Suggestion | None:
        def usable(found: Listing | None) -> bool:
            return found is not None and found.pk in parts

        if usable(one := earlier.with_sku(listing)) and one is not None:
            return Suggestion(listing.pk, parts[one.pk], 96, Reason.SAME_SKU, one.store.name, "there")
        if usable(one := earlier.with_product_id(listing)) and one is not None:
            return Suggestion(listing.pk, parts[one.pk], 94, Reason.SAME_PRODUCT, one.store.name, "there")
        if usable(one := earlier.sibling(listing)) and one is not None and len(parts[one.pk]) == 1:
            product = self._variant_like(listing, parts[one.pk][0].product)
            if product is not None:
                return Suggestion(listing.pk, (replace(parts[one.pk][0], product=product),), 85, Reason.SIBLING, str(one), "there")
        if similar is not None and similar[0] in parts:
            chosen = parts[similar[0]]
            if len(chosen) == 1:
                product = self._variant_like(listing, chosen[0].product)
                if product is None:
                    return None
                chosen = (replace(chosen[0], product=product),)
            return Suggestion(listing.pk, chosen, round(similar[2] * MOST_BY_TITLE / 100), Reason.SIMILAR_CHOICE, similar[1], "there")
        return None

    def _variant_like(self, listing: Listing, sibling: CustomerProduct) -> CustomerProduct | None:
        """Return the product of the sibling's kind whose variant the listing names; the sibling's own where the kind has no variants."""
        words = set(parts_of(f"{listing.title} {listing.sku}"))
        kinds = [one for one in self._products.values() if one.product_model_id == sibling.product_model_id]
        named = [(len(parts_of(one.variant)), one) for one in kinds if one.variant and set(parts_of(one.variant)) <= words]
        if named:
            return max(named, key=lambda pair: pair[0])[1]
        return None if sibling.variant else sibling

    # --- by name ------------------------------------------------------------------------------------------------------
    def _with_designs(self, named: Sequence[tuple[Listing, Match]]) -> dict[int, Suggestion]:
        """Make suggestions of matches, each with the design that its product needs, where one is named or there is only one."""
        products = {match.offer.pk: self._products[match.offer.pk] for _listing, match in named}
        models = {product.product_model_id for product in products.values() if product.product_model.needs_design}
        rows = Design.objects.filter(customer=self._customer, product_model__in=models, state=Design.State.READY, replaced_by=None)
        of_model: dict[int, list[Design]] = {}
        for design in rows.order_by("-pk")[:MOST_DESIGNS]:
            of_model.setdefault(design.product_model_id, []).append(design)
        found = {}
        for listing, match in named:
            product = products[match.offer.pk]
            only, why, most = _design_for(listing, of_model.get(product.product_model_id, []))
            confidence = min(match.confidence, most) if product.product_model.needs_design else match.confidence
            found[listing.pk] = Suggestion(listing.pk, (NewPart(product, only),), confidence, match.reason, match.detail, why)
        return found


def _design_for(listing: Listing, designs: Sequence[Design]) -> tuple[Design | None, str, int]:
    """Return the design that a listing names, or the only one there is; how it was found, and how sure that can be."""
    words = set(parts_of(f"{listing.title} {listing.sku}"))
    named = [(len(parts), design) for design in designs if (parts := parts_of(design.name)) and set(parts) <= words]
    if named:
        return max(named, key=lambda pair: pair[0])[1], "name", BY_NAME
    if len(designs) == 1:
        return designs[0], "only", BY_BEING_ALONE
    return None, "", 100


class _Earlier:
    """Listings that the customer connected before and that have something in common with those that are judged. One query."""

    def __init__(self, customer: Customer, listings: Sequence[Listing]) -> None:
        alike = Q(sku_key__in={one.sku_key for one in listings if one.sku_key})
        if numbers := {one.product_id for one in listings if one.product_id}:
            alike |= Q(product_id__in=numbers)
        if families := {one.family for one in listings if one.family}:
            alike |= Q(store__in={one.store_id for one in listings}, family__in=families)
        rows = Listing.objects.filter(alike, store__customer=customer, state=Listing.State.MAPPED).select_related("store")
        self.found = list(rows.order_by("-pk")[:MOST_EARLIER])

    def with_sku(self, listing: Listing) -> Listing | None:
        """Return a listing with the same SKU, however it is spelled."""
        return next((one for one in self.found if one.pk != listing.pk and listing.sku_key and one.sku_key == listing.sku_key), None)

    def with_product_id(self, listing: Listing) -> Listing | None:
        """Return a listing of the same product of the marketplace."""
        return next((one for one in self.found if one.pk != listing.pk and listing.product_id and one.product_id == listing.product_id), None)

    def sibling(self, listing: Listing) -> Listing | None:
        """Return another variant of the same product in the same store."""
        return next(
            (
                one
                for one in self.found
                if one.pk != listing.pk and listing.family and (one.store_id, one.family) == (listing.store_id, listing.family)
            ),
            None,
        )
