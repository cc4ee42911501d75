"""One push or package of the signed-in person's print provider, or a 404 as if it did not exist."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from fulfillment.models import Label, Package, Push
from orders.models import Order
from stores.models import CarrierMapping


def push_for(public_id: str) -> Push:
    """Return a push with its order, store and package."""
    found = Push.objects.select_related("order__store", "package", "authorization", "connection")
    return get_object_or_404(found, public_id=public_id)


def mapping_for(public_id: str) -> CarrierMapping:
    """Return a carrier mapping."""
    return get_object_or_404(CarrierMapping, public_id=public_id)


def label_for(public_id: str) -> Label:
    """Return a bought label with its order."""
    return get_object_or_404(Label.objects.select_related("order"), public_id=public_id)


def package_for(order: Order, number: int) -> Package:
    """Return a package of this order by its number."""
    return get_object_or_404(Package.objects.select_related("order__store", "push"), order=order, number=number)
