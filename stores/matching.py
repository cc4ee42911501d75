"""What a listing is probably printed as, judged from its SKU and title alone: pure functions, each finding with its reason and confidence.

Confidence is a percentage that people choose a level from, so its steps are few and mean something:

===========  ============================================================================
100          the SKU is the product UID
97           the same but for case, spaces and dashes
96, 94       the customer connected this SKU, or the very same thing of the marketplace, before
80 to 90     the SKU holds the product UID between other parts; more of it, more sure
85           another variant of the same product is connected to a product of this kind, and the listing names this one
up to 75     the titles are alike
up to 60     the kind is known, and which variant or design of it is a guess
===========  ============================================================================
"""

from __future__ import annotations

import enum
import heapq
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

SHORTEST_UID = 4  # signs of a UID that a SKU may hold by chance, where it is shorter
LEAST_ALIKE = 62  # below this two titles share little more than "mug"
MOST_BY_TITLE = 75
MOST_INSIDE = 90  # what is left of the SKU may be a size, so less than what people accept unseen
UNSURE = 60  # the kind is right, and something that would tell its variants apart is not
NEAR = 12  # titles that are compared sign by sign
COMMON = 200  # a word that more titles have than this tells hardly anything


class Reason(enum.StrEnum):
    """Why a product is suggested; the words for people stand in ``stores.presentation``."""

    UID = "uid"
    UID_SPELLING = "uid_spelling"
    SAME_SKU = "same_sku"
    SAME_PRODUCT = "same_product"
    SIBLING = "sibling"
    UID_INSIDE = "uid_inside"
    TITLE = "title"
    SIMILAR_CHOICE = "similar_choice"


@dataclass(frozen=True, slots=True)
class Offer:
    """A product that the customer may use, as far as matching reads it."""

    pk: int
    uid: str
    name: str
    variant: str


@dataclass(frozen=True, slots=True)
class Match:
    """One product that fits, how surely, why, and what of (the UID, the other listing, how alike)."""

    offer: Offer
    confidence: int
    reason: Reason
    detail: str


def key_of(text: str) -> str:
    """Return what two spellings of one SKU have in common; ``Listing.sku_key`` is the same in the database."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def parts_of(text: str) -> list[str]:
    """Return the parts of a SKU, as people separate them: letters and digits between anything else."""
    return re.findall(r"[a-z0-9]+", text.lower())


def words_of(text: str) -> frozenset[str]:
    """Return the words that a text could name a variant by: its parts, without the s of "men's", which is no size."""
    return frozenset(parts_of(re.sub(r"['’]s\b", "", text.lower())))


class Offers:
    """The products of one customer, ready to be compared with many listings."""

    def __init__(self, offers: Iterable[Offer]) -> None:
        self.all = list(offers)
        self._by_uid = {offer.uid.casefold(): offer for offer in self.all}
        self._by_key = {key_of(offer.uid): offer for offer in self.all if key_of(offer.uid)}
        # By their first part, so that a SKU is compared with the few UIDs that could stand in it.
        self._by_first: dict[str, list[tuple[list[str], Offer]]] = {}
        for offer in self.all:
            parts = parts_of(offer.uid)
            if len("".join(parts)) >= SHORTEST_UID:
                self._by_first.setdefault(parts[0], []).append((parts, offer))
        self._titles = Titles(f"{offer.name} {offer.variant}" for offer in self.all)

    def by_sku(self, sku: str) -> Match | None:
        """Return the product whose UID the SKU is or holds."""
        if not sku:
            return None
        if (offer := self._by_uid.get(sku.casefold())) is not None:
            return Match(offer, 100, Reason.UID, offer.uid)
        if (offer := self._by_key.get(key_of(sku))) is not None:
            return Match(offer, 97, Reason.UID_SPELLING, offer.uid)
        return self._inside(parts_of(sku))

    def _inside(self, sku: Sequence[str]) -> Match | None:
        found: tuple[int, Offer] | None = None
        for start, part in enumerate(sku):
            for parts, offer in self._by_first.get(part, ()):
                length = sum(map(len, parts))
                if list(sku[start : start + len(parts)]) == parts and (found is None or length > found[0]):
                    found = length, offer
        if found is None:
            return None
        length, offer = found
        share = length / max(sum(map(len, sku)), 1)
        return Match(offer, 80 + round((MOST_INSIDE - 80) * share), Reason.UID_INSIDE, offer.uid)

    def by_title(self, title: str) -> Match | None:
        """Return the product whose name is most like a listing's title; None where none is."""
        found = self._titles.most_like(title)
        if found is None:
            return None
        at, score = found
        return Match(self.all[at], round(score * MOST_BY_TITLE / 100), Reason.TITLE, f"{round(score)}")


class Titles:
    """Known titles, ready to be compared with others. Only those that share the rarest words are, so a large catalog costs hardly more than a small one."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = [default_process(title) for title in known]
        self._with_word: dict[str, list[int]] = {}
        for at, text in enumerate(self._known):
            for word in set(text.split()):
                self._with_word.setdefault(word, []).append(at)

    def most_like(self, title: str) -> tuple[int, float] | None:
        """Return the place of the title that is most like this one, and how much of a hundred; None where none is.

        Words that both have count most, those that only one has count against it: "mug" alone is like every mug a little.
        """
        text = default_process(title)
        weights: dict[int, float] = {}
        for word in set(text.split()):
            places = self._with_word.get(word, ())
            if len(places) > COMMON and len(weights) >= NEAR:
                continue
            for at in places[:COMMON]:
                weights[at] = weights.get(at, 0.0) + 1 / len(places)
        near = heapq.nlargest(NEAR, weights.items(), key=lambda pair: (pair[1], -pair[0]))
        judged = [
            (0.6 * fuzz.token_set_ratio(text, self._known[at]) + 0.4 * fuzz.token_sort_ratio(text, self._known[at]), -at) for at, _weight in near
        ]
        score, at = max(judged, default=(0.0, 0))
        return (-at, score) if score >= LEAST_ALIKE else None
