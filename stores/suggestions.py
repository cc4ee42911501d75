"""Suggestions of what listings are printed as: from SKU and title, and from what the same customer chose before. Never stored, so never stale.

What the judgement rests on stands in ``stores.matching``; here are its reads, whose number does not depend on how many listings there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models import Q

from catalog.models import CustomerProduct, Design
from catalog.selectors import usable_products
from pod_hub.accounts.models import Customer
from stores.channels.registry import capabilities
from stores.matching import MOST_BY_TITLE, UNSURE, Match, Offer, Offers, Reason, Titles, parts_of
from stores.models import Listing, ListingMapping, MappingPart, Store
from stores.services.mappings import NewPart
from stores.variants import Told, fitting

RECENT = 2000  # mappings of the print provider among which similar titles are looked for
MOST_EARLIER = 1000
MOST_SIBLINGS = 5000
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

    @property
    def is_guess(self) -> bool:
        """Whether the listing does not say its variant, or hardly anything speaks for it: to be looked at before it is accepted."""
        return self.confidence <= UNSURE


class Suggester:
    """Judges listings of one customer. Reads its products and stores once, and asks five questions for each lot of listings."""

    def __init__(self, customer: Customer) -> None:
        self._customer = customer

    @cached_property
    def _products(self) -> dict[int, CustomerProduct]:
        return {product.pk: product for product in usable_products(self._customer).select_related("product_model")}

    @cached_property
    def _offers(self) -> Offers:
        return Offers(self._each.values())

    @cached_property
    def _each(self) -> dict[int, Offer]:
        return {one.pk: Offer(one.pk, one.uid, one.name, one.variant) for one in self._products.values()}

    @cached_property
    def _of_model(self) -> dict[int, list[Offer]]:
        found: dict[int, list[Offer]] = {}
        for pk, one in self._products.items():
            found.setdefault(one.product_model_id, []).append(self._each[pk])
        return found

    @cached_property
    def _kinds(self) -> dict[int, str]:
        return dict(Store.objects.filter(customer=self._customer).values_list("pk", "kind"))

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
        earlier = _Earlier(self._customer, self._kinds, listings)
        similar = {one.pk: found for one in listings if (found := self._similar(one)) is not None}
        parts = self._parts_of({found.pk for found in earlier.found} | {pk for pk, _title, _score in similar.values()})
        named: list[tuple[Listing, Match]] = []
        best: dict[int, Suggestion] = {}
        for listing in listings:
            told = earlier.told(listing)
            chosen = self._chosen_before(listing, told, earlier, parts, similar.get(listing.pk))
            match = self._offers.by_sku(listing.sku) or self._offers.by_title(listing.title)
            match = self._of_its_variant(match, told) if match is not None else None
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
        self,
        listing: Listing,
        told: Told,
        earlier: _Earlier,
        parts: Mapping[int, tuple[NewPart, ...]],
        similar: tuple[int, str, float] | None,
    ) -> Suggestion | None:
        if (one := _agreed(earlier.with_sku(listing), parts)) is not None:
            return Suggestion(listing.pk, parts[one.pk], 96, Reason.SAME_SKU, one.store.name, "there")
        if (one := _agreed(earlier.with_product_id(listing), parts)) is not None:
            return Suggestion(listing.pk, parts[one.pk], 94, Reason.SAME_PRODUCT, f"{one} · {one.store.name}", "there")
        if siblings := [one for one in earlier.siblings(listing) if one.pk in parts]:
            found = self._for_variant(told, parts[siblings[0].pk])
            if found is None:
                return None  # a title like its sibling's says no more than the sibling does
            alike = len({_kind(parts[one.pk]) for one in siblings}) == 1
            return Suggestion(listing.pk, found[0], 85 if found[1] and alike else UNSURE, Reason.SIBLING, str(siblings[0]), "there")
        if similar is not None and similar[0] in parts:
            found = self._for_variant(told, parts[similar[0]])
            if found is None:
                return None
            confidence = round(similar[2] * MOST_BY_TITLE / 100)
            return Suggestion(listing.pk, found[0], confidence if found[1] else min(confidence, UNSURE), Reason.SIMILAR_CHOICE, similar[1], "there")
        return None

    def _for_variant(self, told: Told, chosen: Sequence[NewPart]) -> tuple[tuple[NewPart, ...], bool] | None:
        """Return what a listing's relative is made of in the listing's own variant, and whether that is sure; None where one part has none."""
        made: list[NewPart] = []
        is_sure = True
        for part in chosen:
            fit = fitting(told, self._each[part.product.pk], self._of_model[part.product.product_model_id])
            if fit is None:
                return None
            made.append(replace(part, product=self._products[fit.offer.pk]))
            is_sure = is_sure and fit.is_sure
        return tuple(made), is_sure

    def _of_its_variant(self, match: Match, told: Told) -> Match | None:
        """Return a match with the product of the variant that the listing names. A whole UID is believed whatever else is said."""
        if match.reason in {Reason.UID, Reason.UID_SPELLING}:
            return match
        fit = fitting(told, match.offer, self._of_model[self._products[match.offer.pk].product_model_id])
        if match.reason == Reason.UID_INSIDE:
            # A UID between other parts says more than no variant, and less than another one.
            return match if fit is None or fit.offer == match.offer else replace(match, offer=fit.offer, confidence=UNSURE)
        if fit is None:
            return None
        return replace(match, offer=fit.offer, confidence=match.confidence if fit.is_sure else min(match.confidence, UNSURE))

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


def _agreed(found: Sequence[Listing], parts: Mapping[int, tuple[NewPart, ...]]) -> Listing | None:
    """Return the newest of listings that are all made of the same; None where they are not, because then they prove nothing."""
    usable = [one for one in found if one.pk in parts]
    return usable[0] if usable and all(parts[one.pk] == parts[usable[0].pk] for one in usable) else None


def _kind(parts: Sequence[NewPart]) -> tuple[tuple[int, int | None, int], ...]:
    """Return what a listing is made of whatever its variant: the models, their designs and pieces."""
    return tuple((part.product.product_model_id, part.design.pk if part.design else None, part.quantity) for part in parts)


def _text(listing: Listing) -> str:
    return f"{listing.title} {listing.variant} {listing.sku}"


class _Earlier:
    """Listings that the customer connected before and that have something in common with those that are judged, and all their siblings. Two queries.

    ``kinds`` are the customer's stores with their channels: whether the marketplace's number of a product names one thing or a family is the
    channel's custom.
    """

    def __init__(self, customer: Customer, kinds: Mapping[int, str], listings: Sequence[Listing]) -> None:
        self._kinds = kinds
        alike = Q(sku_key__in={one.sku_key for one in listings if one.sku_key})
        if numbers := {one.product_id for one in listings if one.product_id}:
            alike |= Q(product_id__in=numbers)
        families = Q()
        if names := {one.family for one in listings if one.family}:
            families |= Q(family__in=names)
        if numbers := {one.product_id for one in listings if one.product_id and self._is_of_a_family(one)}:
            families |= Q(product_id__in=numbers)
        siblings: list[Listing] = []
        if families:
            related = families & Q(store__in={one.store_id for one in listings})
            alike |= related
            rows = Listing.objects.filter(related, is_parent=False).order_by("-pk")
            siblings = list(rows.only("psp", "store", "family", "product_id", "title", "variant", "sku")[:MOST_SIBLINGS])
        rows = Listing.objects.filter(alike, store__customer=customer, state=Listing.State.MAPPED).select_related("store")
        self.found = list(rows.order_by("-pk")[:MOST_EARLIER])
        self._families: dict[tuple[int, str], list[str]] = {}
        for one in siblings:
            self._families.setdefault((one.store_id, self._family(one)), []).append(_text(one))

    def _is_of_a_family(self, listing: Listing) -> bool:
        """Whether the marketplace's number of a listing is that of all variants of its product."""
        return listing.family == listing.product_id or capabilities(self._kinds[listing.store_id]).product_id_names_a_family

    def _family(self, listing: Listing) -> str:
        """Return what joins a listing with its siblings; one that was met in an order alone is not told its family yet."""
        return listing.family or (listing.product_id if self._is_of_a_family(listing) else "")

    def told(self, listing: Listing) -> Told:
        """Return what a listing says of itself, beside what all its siblings say."""
        family = self._family(listing)
        return Told.of(_text(listing), self._families.get((listing.store_id, family), ()) if family else ())

    def with_sku(self, listing: Listing) -> list[Listing]:
        """Return the listings with the same SKU, however it is spelled."""
        return [one for one in self.found if one.pk != listing.pk and listing.sku_key and one.sku_key == listing.sku_key]

    def with_product_id(self, listing: Listing) -> list[Listing]:
        """Return the listings of the very same thing of the marketplace: its number there, where that names one thing that can be bought."""
        if not listing.product_id or self._is_of_a_family(listing):
            return []
        kind = self._kinds[listing.store_id]
        same = (one for one in self.found if one.pk != listing.pk and one.product_id == listing.product_id)
        return [one for one in same if self._kinds[one.store_id] == kind and not self._is_of_a_family(one)]

    def siblings(self, listing: Listing) -> list[Listing]:
        """Return the other variants of the same product in the same store."""
        family = self._family(listing)
        mine = (listing.store_id, family)
        return [one for one in self.found if family and one.pk != listing.pk and (one.store_id, self._family(one)) == mine]
