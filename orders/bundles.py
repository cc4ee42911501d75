"""Products that somebody puts together for a listing before anything is saved. They stand in the address, so reload, back and no JavaScript work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from catalog.models import CustomerProduct, Design
from catalog.selectors import usable_products
from orders.services.mapping import MOST_PARTS, Chosen
from stores.models import Listing, MappingPart

PART = "part"
MOST_PIECES = 10_000


@dataclass(frozen=True, slots=True)
class Picked:
    """One product that was picked, with its design and how many pieces of it one unit sold needs."""

    product: CustomerProduct
    design: Design | None
    quantity: int

    @property
    def text(self) -> str:
        """How it stands in the address."""
        return f"{self.product.public_id}~{self.design.public_id if self.design else ''}~{self.quantity}"

    @property
    def chosen(self) -> Chosen:
        """How the service takes it."""
        return Chosen(self.product.pk, self.design.pk if self.design else None, self.quantity)


def picked_in(query: QueryDict, listing: Listing) -> list[Picked]:
    """Return what an address names, as far as the listing's customer may use it; at most three queries."""
    told = [text.split("~") for text in query.getlist(PART)[:MOST_PARTS]]
    wanted = [(product, design, int(pieces)) for product, design, pieces in (one for one in told if len(one) == 3) if pieces.isdecimal()]
    if not wanted:
        return []
    rows = usable_products(listing.store.customer).filter(public_id__in={product for product, _design, _pieces in wanted if product.isidentifier()})
    products = {row.public_id: row for row in rows.select_related("product_model")}
    names = {design for _product, design, _pieces in wanted if design.isidentifier()}
    designs = {
        row.public_id: row for row in Design.objects.filter(public_id__in=names, customer=listing.store.customer_id).select_related("print_file")
    }
    return [
        Picked(products[product], designs.get(design), min(max(pieces, 1), MOST_PIECES))
        for product, design, pieces in wanted
        if product in products and (not design or (design in designs and designs[design].product_model_id == products[product].product_model_id))
    ]


def picked_of(parts: Iterable[MappingPart]) -> list[Picked]:
    """Return what a mapping is made of, to be changed."""
    return [Picked(part.customer_product, part.design, part.quantity) for part in parts]


def query_of(picked: Iterable[Picked], **others: str) -> str:
    """Return the query that names these products, with other values that are not empty."""
    return urlencode([*((PART, one.text) for one in picked), *((name, value) for name, value in others.items() if value)])
