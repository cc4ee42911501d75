"""Where TikTok Shop's published contract files are, in development: in a folder above the checkout. The product never needs them."""

from __future__ import annotations

from pathlib import Path

_PLACES = [folder / "shared" / "contracts" / "tiktok" for folder in Path(__file__).resolve().parents]
FOLDER = next((place for place in _PLACES if place.is_dir()), _PLACES[0])
MISSING = "TikTok Shop's published contract files are not above this checkout (shared/contracts/tiktok), so nothing was compared with them"
