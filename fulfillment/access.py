"""One push of the signed-in person's print provider, or a 404 as if it did not exist."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from fulfillment.models import Push


def push_for(public_id: str) -> Push:
    """Return a push with its order, store and package."""
    found = Push.objects.select_related("order__store", "package", "authorization", "connection")
    return get_object_or_404(found, public_id=public_id)
