"""Reads of the pages about products that are added to stores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Prefetch, Q, prefetch_related_objects

from catalog.models import CustomerProduct
from catalog.selectors import usable_products
from stores.channels.registry import capabilities
from stores.listing_search import find_listings
from stores.models import Listing, ListingMapping, MappingPart, Publication, PublicationVariant, Store
from stores.variant_options import Options, told_apart, variant_name

MOST_LISTINGS = 60
MOST_FOUND = 500  # of each store, before those that are not connected are left out
MOST_PUBLICATIONS = 100
UNIT_FIELDS = ("sku", "price", "quantity")  # what each variant has of its own


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing of a product that is added which can be bought: the publication itself, or one of its further variants (``row``).

    ``name`` is what it is called among its siblings; empty where it has none.
    """

    customer_product: CustomerProduct
    sku: str
    price: Decimal | None
    quantity: int
    listing: Listing | None
    row: PublicationVariant | None
    options: Options
    name: str

    def field(self, name: str) -> str:
        """Return what one of its own fields (``UNIT_FIELDS``) is called on the page of all."""
        return f"{name}-{self.row.public_id}" if self.row else name


def offered_variants(publication: Publication) -> list[CustomerProduct]:
    """Return the products of which this one may be made in several variants, itself among them, in the catalog's order. Two queries.

    Those that the catalog tells apart from it, and those that it is made in already; none where the channel takes no variants, or there is no other one.
    """
    if not capabilities(publication.store.kind).publishes_variants:
        return []
    first = publication.customer_product
    rows = usable_products(publication.store.customer).filter(product_model=first.product_model_id).select_related("product_model", "model_variant")
    rows = rows.order_by("model_variant__position", "name", "variant", "pk")
    made = {first.pk, *publication.variants.values_list("customer_product", flat=True)}
    found = [product for product in rows if product.pk in made or told_apart([first, product])]
    return found if len(found) > 1 or len(made) > 1 else []


def units_of(publication: Publication) -> list[Unit]:
    """Return everything of a publication that can be bought, the first one first. Five queries at most, and none when asked again.

    Their options are empty where there is one, or where the catalog does not tell them apart (any more).
    """
    prefetch_related_objects(
        [publication], "variants__customer_product__product_model", "variants__customer_product__model_variant", "variants__listing"
    )
    rows = list(publication.variants.all())
    first = publication.customer_product
    products = [first, *(row.customer_product for row in rows)]
    options: Sequence[Options] = (told_apart(products) if rows else []) or [()] * len(products)
    whole = Unit(
        first, publication.sku, publication.price, publication.quantity, publication.listing, None, options[0], variant_name(first) if rows else ""
    )
    further = [
        Unit(row.customer_product, row.sku, row.price, row.quantity, row.listing, row, said, variant_name(row.customer_product))
        for row, said in zip(rows, options[1:], strict=True)
    ]
    return [whole, *further]


def copyable_listings(store: Store, *, words: str) -> list[Listing]:
    """Return what other stores of the same customer sell and is made of one product, each with ``made_of``. Five queries at most."""
    active = Q(mappings__retired_at=None)
    rows = (
        Listing.objects.filter(store__customer=store.customer_id, store__removed_at=None, state=Listing.State.MAPPED, gone_at=None)
        .exclude(store=store)
        .annotate(parts_now=Count("mappings__parts", filter=active))
        .filter(parts_now=1)
        .select_related("store")
    )
    if words:
        others = Store.objects.filter(customer=store.customer_id, removed_at=None).exclude(pk=store.pk)
        rows = rows.filter(pk__in=find_listings(store_ids=list(others.values_list("pk", flat=True)), text=words, limit=MOST_FOUND))
    parts = MappingPart.objects.select_related("customer_product", "design__print_file")
    mappings = ListingMapping.objects.filter(retired_at=None).prefetch_related(Prefetch("parts", queryset=parts))
    found: list[Any] = list(rows.prefetch_related(Prefetch("mappings", queryset=mappings, to_attr="now")).order_by("title", "pk")[:MOST_LISTINGS])
    for listing in found:
        listing.made_of = listing.now[0].parts.all()[0]
    return found


def publications_of(store: Store) -> list[Publication]:
    """Return the products that were or are being added to a store, newest first, each with ``further`` (how many variants beside the first). One query."""
    rows = Publication.objects.filter(store=store, dropped_at=None).select_related("customer_product", "design__print_file", "listing")
    rows = rows.annotate(further=Count("variants"))
    return list(rows.order_by("-started_at", "-pk")[:MOST_PUBLICATIONS])


def count_unfinished(store: Store) -> int:
    """Return how many products of a store are on their way and not live."""
    return Publication.objects.filter(store=store, dropped_at=None).exclude(state=Publication.State.LIVE).count()
