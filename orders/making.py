"""Print files that are being made for a listing or an order, for the pages that wait for them."""

from __future__ import annotations

from django.db.models import Q

from catalog.models import Design
from orders.models import HoldKind, Order, OrderLine
from stores.models import Listing, MappingPart

ON_THEIR_WAY = [Design.State.RENDERING, Design.State.READY]  # ready, and the lines have not been given the file yet: seconds


def made_for_listing(listing: Listing) -> list[Design]:
    """Return the designs of a listing's mapping whose print files are being made."""
    parts = MappingPart.objects.filter(mapping__listing=listing, mapping__retired_at=None, print_file=None)
    return list(Design.objects.filter(pk__in=parts.values("design"), state__in=ON_THEIR_WAY).order_by("pk"))


def made_for_order(order: Order) -> list[Design]:
    """Return the designs whose print files an order's lines wait for."""
    waiting = OrderLine.objects.filter(order=order, holds__kind=HoldKind.ARTWORK, holds__released_at=None)
    parts = MappingPart.objects.filter(mapping__in=waiting.values("mapping"), print_file=None)
    own = Q(pk__in=waiting.filter(print_file=None).values("design"))
    return list(Design.objects.filter(own | Q(pk__in=parts.values("design")), state__in=ON_THEIR_WAY).order_by("pk"))
