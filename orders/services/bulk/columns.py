"""The columns of the files of "Connect products using files": what is exported, and what is read again (GT-21, GT-22)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from pod_hub.core.csv_files import csv_head, csv_lines
from pod_hub.core.narrowing import Narrowing
from pod_hub.core.spreadsheets import Row
from pod_hub.core.tenancy import tenant
from stores.models import Listing, ListingMapping, MappingPart

LISTING, SKU, PRODUCT_ID, TITLE, STATE, NOW = "Listing ID", "SKU", "Marketplace product ID", "Title", "State", "Connected to"
UID, LINK = "Product UID", "Design File URL"
EXPORTED = (LISTING, SKU, PRODUCT_ID, TITLE, STATE, NOW, UID, LINK)
# How people call the columns after they have made the sheet their own; case, blanks and underscores do not matter.
ALSO_CALLED = {
    SKU: ("Seller SKU", "Listing SKU", "Item SKU"),
    PRODUCT_ID: ("ASIN", "Product ID"),
    UID: ("UID", "Product UIDs", "Hub Product UID"),
    LINK: ("Design URL", "Design File", "Design File Link", "File URL", "Design link", "Artwork URL"),
}
READ = (LISTING, SKU, PRODUCT_ID, UID, LINK, *(name for names in ALSO_CALLED.values() for name in names))
PORTION = 1000


@dataclass(frozen=True, slots=True)
class Told:
    """What one row says."""

    number: int
    listing: str
    sku: str
    product_id: str
    uid: str
    link: str


def told(row: Row) -> Told:
    """Read a row, by whichever of its names a column goes."""

    def cell(name: str) -> str:
        return row[name] or next((row[other] for other in ALSO_CALLED.get(name, ()) if row[other]), "")

    return Told(row.number, cell(LISTING), cell(SKU), cell(PRODUCT_ID), cell(UID), cell(LINK))


def lacking(columns: tuple[str, ...]) -> list[str]:
    """Return the columns without which nothing can be connected and that a file's header lacks."""
    found = set(columns)

    def has(name: str) -> bool:
        return bool(found & {name, *ALSO_CALLED.get(name, ())})

    missing = [name for name in (UID, LINK) if not has(name)]
    return missing if any(map(has, (LISTING, SKU, PRODUCT_ID))) else [SKU, *missing]


def exported(*, store_id: int, psp_id: int, narrowed: Narrowing) -> Iterator[bytes]:
    """Yield a CSV file with every product of a store that is not gone, in portions; each is read in a scope of its own, as the file is sent."""
    yield csv_head(EXPORTED)
    last = 0
    while True:
        with tenant(psp_id, customers=narrowed.customers, facilities=narrowed.facilities):
            rows = Listing.objects.filter(store=store_id, gone_at=None, is_parent=False, pk__gt=last).order_by("pk")
            found = list(rows.prefetch_related(Prefetch("mappings", queryset=_active(), to_attr="active_mappings"))[:PORTION])
            lines = [_line(listing) for listing in found]
        if not found:
            return
        last = found[-1].pk
        yield csv_lines(lines)


def _active() -> QuerySet[ListingMapping]:
    return ListingMapping.objects.filter(retired_at=None).prefetch_related(
        Prefetch("parts", queryset=MappingPart.objects.select_related("customer_product"))
    )


def _line(listing: Listing) -> tuple[str, ...]:
    mapping: ListingMapping | None = next(iter(listing.active_mappings), None)  # type: ignore[attr-defined]
    parts = list(mapping.parts.all()) if mapping else []
    now = " + ".join(f"{part.quantity} x {part.customer_product}" if part.quantity > 1 else str(part.customer_product) for part in parts)
    # A bundle has no one product that could stand in the column; left empty, it stays what it is.
    uid = parts[0].customer_product.uid if len(parts) == 1 else ""
    return listing.public_id, listing.sku, listing.product_id, listing.title, listing.channel_state, now, uid, ""
