"""May this person have this store, or this wizard? The object, or a 404 like one that does not exist."""

from __future__ import annotations

from django.http import Http404

from pod_hub.accounts.access import customer_narrowed_to
from pod_hub.accounts.models import Membership
from stores.models import ConnectionWizard, Store


def store_for(public_id: str, membership: Membership | None = None) -> Store:
    """Return a store of the PSP with customer, facility, connection and authorization, or raise a 404.

    With a membership, a merchant gets the stores of its own customer only.
    """
    rows = Store.objects.select_related("customer", "facility", "trading_name", "connection__authorization").filter(public_id=public_id)
    if membership is not None and (customer_id := customer_narrowed_to(membership)) is not None:
        rows = rows.filter(customer_id=customer_id)
    store = rows.first()
    if store is None:
        raise Http404
    return store


def wizard_for(public_id: str, membership: Membership) -> ConnectionWizard:
    """Return a wizard of the PSP with its store, customer and authorization, or raise a 404; a merchant gets those of its own customer."""
    rows = ConnectionWizard.objects.select_related("customer", "store__connection", "store__facility", "store__trading_name", "authorization")
    if (customer_id := customer_narrowed_to(membership)) is not None:
        rows = rows.filter(customer_id=customer_id)
    wizard = rows.filter(public_id=public_id).first()
    if wizard is None:
        raise Http404
    return wizard
