"""One push or package of the signed-in person's print provider, or a 404 as if it did not exist."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from fulfillment.models import Package, Push
from orders.models import Order


def push_for(public_id: str) -> Push:
    """Return a push with its order, store and package."""
    found = Push.objects.select_related("order__store", "package", "authorization", "connection")
    return get_object_or_404(found, public_id=public_id)


def package_for(order: Order, number: int) -> Package:
    """Return a package of this order by its number."""
    return get_object_or_404(Package, order=order, number=number)
