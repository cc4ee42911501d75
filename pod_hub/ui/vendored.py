"""Addresses of vendored browser files. ``VENDOR.json`` knows the versions, so templates need not."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

VENDOR = Path(__file__).resolve().parent / "static" / "vendor"


@lru_cache(maxsize=1)
def _places() -> dict[str, str]:
    packages = json.loads((VENDOR / "VENDOR.json").read_text())["packages"]
    return {f"{package['name']}/{name}": f"vendor/{package['folder']}/{name}" for package in packages for name in package["files"]}


def vendored(file: str) -> str:
    """Return the static path of a vendored file: ``@tabler/core/tabler.min.css`` gives ``vendor/tabler-core-1.6.1/tabler.min.css``.

    Raises ``KeyError`` with the name when nothing of that name is vendored.
    """
    return _places()[file]
