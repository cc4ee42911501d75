"""What a listing is probably printed as, from its SKU and title (stores/matching.py)."""

from __future__ import annotations

import pytest

from stores.matching import Offer, Offers, Reason, Titles

MUG, TEE_M, TEE_L, POSTER = (
    Offer(1, "MUG-11OZ", "Mug 11 oz", "white"),
    Offer(2, "TEE-CLASSIC-M", "T-shirt classic", "black, M"),
    Offer(3, "TEE-CLASSIC-L", "T-shirt classic", "black, L"),
    Offer(4, "A3", "Poster", "A3"),
)
OFFERS = Offers([MUG, TEE_M, TEE_L, POSTER])


@pytest.mark.parametrize(
    ("sku", "offer", "reason"),
    [
        ("MUG-11OZ", MUG, Reason.UID),
        ("mug-11oz", MUG, Reason.UID),
        ("mug 11oz", MUG, Reason.UID_SPELLING),
        ("TEE_CLASSIC.L", TEE_L, Reason.UID_SPELLING),
        ("ADA-MUG-11OZ-SUNSET", MUG, Reason.UID_INSIDE),
        ("TEE-CLASSIC-M/2024", TEE_M, Reason.UID_INSIDE),
    ],
)
def test_a_sku_that_is_or_holds_a_uid_finds_its_product(sku: str, offer: Offer, reason: Reason) -> None:
    found = OFFERS.by_sku(sku)
    assert found is not None and (found.offer, found.reason) == (offer, reason)


@pytest.mark.parametrize("sku", ["", "MUG", "11OZ-MUG", "TEE-CLASSIC-MEDIUM", "POSTER-A3", "XMUG-11OZ2"])
def test_a_sku_that_only_resembles_a_uid_finds_nothing(sku: str) -> None:
    assert OFFERS.by_sku(sku) is None


def test_the_more_of_a_sku_the_uid_is_the_surer_the_match_and_never_as_sure_as_the_uid_itself() -> None:
    long, short = OFFERS.by_sku("SUMMER-COLLECTION-MUG-11OZ-BEACH"), OFFERS.by_sku("MUG-11OZ-B")
    assert long is not None and short is not None
    assert 80 <= long.confidence < short.confidence < 97


def test_titles_find_the_variant_that_they_name_and_never_more_than_three_quarters_sure() -> None:
    medium, large = OFFERS.by_title("Classic T-shirt, black, M"), OFFERS.by_title("Classic T-shirt, black, L")
    assert medium is not None and large is not None
    assert (medium.offer, large.offer) == (TEE_M, TEE_L)
    assert medium.confidence <= 75


@pytest.mark.parametrize("title", ["", "Garden hose, 20 m", "!!!", "Das kleine Kochbuch"])
def test_titles_with_nothing_in_common_find_nothing(title: str) -> None:
    assert OFFERS.by_title(title) is None


def test_no_products_and_no_titles_are_no_error() -> None:
    assert Offers([]).by_sku("MUG") is None and Offers([]).by_title("Mug") is None and Titles([]).most_like("Mug") is None


def test_the_rarest_word_that_two_titles_share_finds_one_of_many() -> None:
    known = Titles(f"Mug number {n} white" for n in range(20_000))
    found = known.most_like("Mug number 12345 white")
    assert found is not None and found[0] == 12345
