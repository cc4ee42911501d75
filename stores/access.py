"""May this person have this store, wizard, product that is added or listing? The object, or a 404 like one that does not exist. The scope is narrowed to what they may see."""

from __future__ import annotations

from django.http import Http404

from stores.models import ConnectionWizard, Listing, Publication, PublicationPicture, Store


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


def publication_for(public_id: str) -> Publication:
    """Return a product that is added, with store, connection, product and design, or raise a 404."""
    rows = Publication.objects.select_related(
        "store__customer",
        "store__connection__authorization",
        "customer_product__product_model",
        "customer_product__model_variant",
        "design__print_file",
    )
    row = rows.select_related("listing").filter(public_id=public_id, dropped_at=None).first()
    if row is None:
        raise Http404
    return row


def publication_picture_for(public_id: str) -> PublicationPicture:
    """Return a picture of a product that is added, or raise a 404."""
    row = PublicationPicture.objects.select_related("publication__store").filter(public_id=public_id, publication__dropped_at=None).first()
    if row is None:
        raise Http404
    return row


def sold_listing_for(public_id: str) -> Listing:
    """Return a listing with its store and the stock and price that are wanted of it, or raise a 404."""
    row = Listing.objects.select_related("store__customer", "store__connection", "stock", "wanted_price").filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return row
