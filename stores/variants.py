"""Which variant of a product a listing is, judged by words: what tells the variants of a product apart on the marketplace, and what tells ours apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from stores.matching import Offer, words_of


@dataclass(frozen=True, slots=True)
class Told:
    """What a listing says of itself: all its words, and those that its siblings do not all share. Without siblings every word tells."""

    words: frozenset[str]
    own: frozenset[str]
    has_siblings: bool

    @classmethod
    def of(cls, text: str, family: Sequence[str] = ()) -> Self:
        """Read a listing's text; ``family`` are the texts of all variants of its product, its own among them."""
        words = words_of(text)
        if len(family) < 2:
            return cls(words, words, has_siblings=False)
        return cls(words, words.difference(words.intersection(*map(words_of, family))), has_siblings=True)


@dataclass(frozen=True, slots=True)
class Fit:
    """The product that a listing's variant is made of. It is ``sure`` where the listing's own words name the variant."""

    offer: Offer
    is_sure: bool


def fitting(told: Told, kind: Offer, offers: Iterable[Offer]) -> Fit | None:
    """Return the product of a kind that a listing means; None where it names no variant of it, or several equally.

    ``kind`` is the product that something leads to, ``offers`` are all of the same model. A kind without variants fits every listing, though surely
    only one that has no siblings: what tells those apart is then nothing that the product knows.
    """
    variants = {offer: words for offer in offers if (words := words_of(offer.variant))}
    if not variants:
        return Fit(kind, not told.has_siblings)
    if len(variants) > 1:
        shared = frozenset.intersection(*variants.values())  # all of ours are black: nobody has to say so
        variants = {offer: words - shared for offer, words in variants.items()}
    named = [(len(words & told.own), len(words), offer) for offer, words in variants.items() if words <= told.words]
    if not named:
        # One variant alone may go unsaid, but not by a listing that is one of several itself.
        return Fit(kind, is_sure=False) if set(variants) == {kind} and not told.has_siblings else None
    best = max(named, key=lambda each: each[:2])[:2]
    equals = [offer for own, length, offer in named if (own, length) == best]
    if len({variants[offer] for offer in equals}) > 1 or (best[0] == 0 and len(variants) > 1):
        return None
    return Fit(kind if kind in equals else equals[0], is_sure=best[0] > 0)
