"""May this person have this store? The object, or a 404 like one that does not exist."""

from __future__ import annotations

from django.http import Http404

from stores.models import Store


def store_for(public_id: str) -> Store:
    """Return a store of the PSP with customer, facility, connection and authorization, or raise a 404."""
    store = Store.objects.select_related("customer", "facility", "trading_name", "connection__authorization").filter(public_id=public_id).first()
    if store is None:
        raise Http404
    return store
