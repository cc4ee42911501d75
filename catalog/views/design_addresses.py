"""Where the pages of designs lead: to each other, and back to where a design was wanted."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from catalog.models import Design
from pod_hub.accounts.returning import wanted_return, with_query
from pod_hub.ui.context import Chrome


def with_return(request: HttpRequest, name: str, row: Design) -> str:
    """Return the address of a page about a design that knows where to go on from there."""
    address, wanted = reverse(name, args=[row.public_id]), wanted_return(request)
    return with_query(address, next=wanted) if wanted else address


def leaving(request: HttpRequest, model_id: str) -> str:
    """Return where somebody goes who came from nowhere in particular."""
    return reverse("portal:products") if Chrome(request).is_portal else reverse("catalog:product_model", args=[model_id])
