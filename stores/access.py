"""May this person have this store, or this wizard? The object, or a 404 like one that does not exist. The scope is narrowed to what they may see."""

from __future__ import annotations

from django.http import Http404

from stores.models import ConnectionWizard, Store


def store_for(public_id: str) -> Store:
    """Return a store with customer, facility, connection and authorization, or raise a 404."""
    store = Store.objects.select_related("customer", "facility", "trading_name", "connection__authorization").filter(public_id=public_id).first()
    if store is None:
        raise Http404
    return store


def wizard_for(public_id: str) -> ConnectionWizard:
    """Return a wizard with its store, customer and authorization, or raise a 404."""
    rows = ConnectionWizard.objects.select_related("customer", "store__connection", "store__facility", "store__trading_name", "authorization")
    wizard = rows.filter(public_id=public_id).first()
    if wizard is None:
        raise Http404
    return wizard
