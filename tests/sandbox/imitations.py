"""What is true of every imitation: its pages need nothing from elsewhere, and its program needs nothing of the hub."""

from __future__ import annotations

import subprocess
import sys

import httpx

HUB = ("django", "pod_hub", "catalog", "orders", "fulfillment", "celery")


def check_page(page: httpx.Response, *, says: str) -> None:
    """Fail unless a page says that it is an imitation, and loads nothing from elsewhere."""
    assert page.status_code == 200, page.url
    assert says in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert 'src="http' not in page.text


def foreign_modules(package: str) -> str:
    """Return which modules of the hub, or of a sister, the program of an imitation loads."""
    sister = "amazon" if package.endswith("tiktok") else "tiktok"
    code = (
        f"import sys, {package}.__main__\n"
        f"bad = [n for n in sys.modules if n.split('.')[0] in {HUB!r}]\n"
        "bad += [n for n in sys.modules if n.startswith('stores.') and not n.startswith('stores.sandbox')]\n"
        f"bad += [n for n in sys.modules if n.startswith('stores.sandbox.{sister}')]\n"
        "print(' '.join(bad))"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
