"""From which address a request comes."""

from __future__ import annotations

from allauth.core.internal.httpkit import get_client_ip
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """Return the address as all limits count it: behind ``TRUSTED_PROXIES`` proxies, what the first of them saw; None when there is none."""
    address: str | None = get_client_ip(request)
    return address or None
