"""Logos of trading names and PSPs."""

from __future__ import annotations

from pod_hub.accounts.models import TradingName
from pod_hub.core.pictures import Limits, clean_picture, store_picture

LIMITS = Limits(most_bytes=1_000_000, most_pixels=16_000_000, fits=(1200, 600))  # 500 dpi in the slip's box


def keep_logo(*, trading_name: TradingName, content: bytes) -> None:
    """Check, encode and store a logo in place of the earlier one. Raises ``BadPicture``."""
    trading_name.logo_name = store_logo(psp_id=trading_name.psp_id, content=content)
    trading_name.save(update_fields=["logo_name"])


def store_logo(*, psp_id: int, content: bytes) -> str:
    """Check, encode and store a logo; return where Django's storage keeps it. Raises ``BadPicture``."""
    # Named by content, so the same logo of two trading names is one file and nothing is ever overwritten with something else.
    return store_picture(clean_picture(content, LIMITS), folder=f"psp-{psp_id}/logos")


def remove_logo(*, trading_name: TradingName) -> None:
    """Print this trading name without a logo from now on. The file stays for others that use the same."""
    trading_name.logo_name = ""
    trading_name.save(update_fields=["logo_name"])
