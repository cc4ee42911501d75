"""Where the marketplaces' published contracts lie: in a folder beside the repository, or further up. They are no part of it."""

from __future__ import annotations

from pathlib import Path


def contracts_of(marketplace: str) -> Path:
    """Return the folder of a marketplace's contracts: the nearest that exists, else where it is expected."""
    checkout = Path(__file__).resolve().parents[2]
    places = [folder / "shared" / "contracts" / marketplace for folder in checkout.parents]
    return next((place for place in places if place.is_dir()), places[0])
