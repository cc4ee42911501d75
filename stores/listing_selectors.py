"""Reads of the pages about listings: a store's list with what each is made of, and one listing with its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet

from catalog.models import Design
from pod_hub.core.keyset import page_of
from pod_hub.core.paging import capped_counts, count_text
from stores.listing_search import find_listings
from stores.models import Listing, ListingChange, ListingMapping, ListingSync, MappingPart, Store
from stores.suggestions import Suggester, Suggestion

ORDER = ("sorted_by", "family", "sorted_within", "id")
MOST_FOUND = 500  # beyond that a search is too wide to read; the filter narrows it
MOST_FAILED = 500
SHOWS = ("", "unmapped", "mapped", "wrong", "ignored", "gone")
VARIANTS_SHOWN, VERSIONS_SHOWN, CHANGES_SHOWN, SYNCS_SHOWN = 60, 30, 10, 8


@dataclass(frozen=True, slots=True)
class ListingFilter:
    """What to show of a store's listings: one of ``SHOWS``, a text, or what one sync found ``added``, ``changed`` or ``gone``."""

    text: str = ""
    show: str = ""
    sync: ListingSync | None = None
    found: str = ""


def listings_of(store: Store, wanted: ListingFilter) -> QuerySet[Listing]:
    """Return the listings that a filter asks for. Without one, all of them, the gone ones too."""
    rows: QuerySet[Listing] = Listing.objects.filter(store=store)
    if wanted.show == "gone":
        rows = rows.filter(gone_at__isnull=False)
    elif wanted.show == "wrong":
        wrong = ~Q(problem="")
        if failed := _with_failed_design(store):
            wrong |= Q(pk__in=failed)
        rows = rows.filter(wrong, gone_at=None)
    elif wanted.show:
        rows = rows.filter(state=wanted.show, gone_at=None, is_parent=False)
    if wanted.sync is not None:
        rows = rows.filter(pk__in=ListingChange.objects.filter(sync=wanted.sync, kind=wanted.found).values("listing"))
    if wanted.text:
        rows = rows.filter(pk__in=find_listings(store_ids=[store.pk], text=wanted.text, limit=MOST_FOUND))
    return rows


def _with_failed_design(store: Store) -> list[int]:
    """Return the listings whose print file could not be made. Few parts lack a file at a time, and an index holds just those."""
    parts = MappingPart.objects.filter(print_file=None, design__isnull=False, design__state=Design.State.FAILED)
    return list(parts.filter(mapping__retired_at=None, mapping__listing__store=store).values_list("mapping__listing", flat=True)[:MOST_FAILED])


def listing_counts(store: Store) -> dict[str, str]:
    """Return a capped count for each of ``SHOWS``. Two queries."""
    counted = capped_counts({show: listings_of(store, ListingFilter(show=show)) for show in SHOWS})
    return {show: count_text(count) for show, count in counted.items()}


def unmapped_listings(store: Store) -> str:
    """Return how many listings of a store wait for a product, capped."""
    return count_text(capped_counts({"unmapped": listings_of(store, ListingFilter(show="unmapped"))})["unmapped"])


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the variants of one product, where their parent's row does not stand there itself."""

    title: str
    family: str
    variants: int
    unmapped: int


@dataclass(frozen=True, slots=True)
class ShownListing:
    """One row of the list: the listing, what is made of it, and what is suggested where nothing is. ``waiting`` counts order lines."""

    listing: Listing
    mapping: ListingMapping | None
    parts: tuple[MappingPart, ...]
    suggestion: Suggestion | None
    waiting: int
    heading: Heading | None = None

    @property
    def failed(self) -> bool:
        """Whether a print file of it could not be made."""
        return any(part.print_file_id is None and part.design is not None and part.design.state == Design.State.FAILED for part in self.parts)

    @property
    def pending(self) -> bool:
        """Whether a print file of it is being made."""
        return any(part.print_file_id is None and part.design is not None and part.design.state == Design.State.RENDERING for part in self.parts)


@dataclass(frozen=True, slots=True)
class ListingPage:
    """A page of listings, variants under their product; ``before`` and ``after`` are tokens of the neighbours."""

    rows: list[ShownListing]
    before: str
    after: str


def listing_page(store: Store, wanted: ListingFilter, *, token: str = "", suggest: bool = True) -> ListingPage:
    """Return a page of listings with what is made of them and, with ``suggest``, what is suggested. A dozen queries at most."""
    page = page_of(listings_of(store, wanted).select_related("store"), by=ORDER, token=token)
    return ListingPage(_shown(store, page.rows, suggest=suggest, headings=True), page.before, page.after)


def shown_listing(listing: Listing) -> ShownListing:
    """Return one listing as its row shows it, for an answer that replaces the row."""
    return _shown(listing.store, [listing], suggest=True, headings=False)[0]


def _shown(store: Store, rows: Sequence[Listing], *, suggest: bool, headings: bool) -> list[ShownListing]:
    ids = [row.pk for row in rows]
    found = MappingPart.objects.filter(mapping__listing__in=ids, mapping__retired_at=None).order_by("mapping_id", "position")
    parts: dict[int, list[MappingPart]] = {}
    for part in found.select_related("mapping", "customer_product__product_model", "design", "print_file") if ids else ():
        parts.setdefault(part.mapping.listing_id, []).append(part)
    open_rows = [row for row in rows if row.state == Listing.State.UNMAPPED and not row.is_parent and row.gone_at is None]
    suggested = Suggester(store.customer).judge(open_rows) if suggest and open_rows else {}
    waiting = _waiting(open_rows)
    above = _headings(store, rows) if headings else {}
    return [
        ShownListing(
            row,
            parts[row.pk][0].mapping if row.pk in parts else None,
            tuple(parts.get(row.pk, ())),
            suggested.get(row.pk),
            waiting.get(row.pk, 0),
            above.get(row.pk),
        )
        for row in rows
    ]


def _waiting(rows: Sequence[Listing]) -> dict[int, int]:
    """Count the order lines that wait for each listing. Lines stand on the upper floor; the listing knows them only by the name of the relation."""
    if not rows:
        return {}
    waiting = Q(order_lines__mapping=None, order_lines__state__in=["received", "released"])
    counted = Listing.objects.filter(waiting, pk__in=[row.pk for row in rows]).order_by().values("pk").annotate(n=Count("order_lines"))
    return dict(counted.values_list("pk", "n"))


def _headings(store: Store, rows: Sequence[Listing]) -> dict[int, Heading]:
    """Return the heading of each row that begins a family of several variants without its parent's row above it."""
    first: dict[str, Listing] = {}
    for row in rows:
        if row.family:
            first.setdefault(row.family, row)
    if not first:
        return {}
    variants = Listing.objects.filter(store=store, family__in=list(first), is_parent=False, gone_at=None).order_by().values("family")
    counted = variants.annotate(n=Count("pk"), unmapped=Count("pk", filter=Q(state=Listing.State.UNMAPPED)))
    return {
        first[row["family"]].pk: Heading(first[row["family"]].sorted_by, row["family"], row["n"], row["unmapped"])
        for row in counted
        if row["n"] > 1 or first[row["family"]].is_parent
    }


# --- one listing ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ListingSheet:
    """Everything a listing's page shows. ``versions`` are its mappings, newest first, with their parts."""

    shown: ShownListing
    parent: Listing | None
    variants: list[Listing]
    versions: list[ListingMapping]
    changes: list[ListingChange]


def listing_sheet(listing: Listing) -> ListingSheet:
    """Read a listing, fetched with store and customer, with all that its page shows."""
    family = Listing.objects.filter(store=listing.store, family=listing.family).order_by(*ORDER) if listing.family else Listing.objects.none()
    relatives = [one for one in family[: VARIANTS_SHOWN + 1] if one.pk != listing.pk]
    parts = MappingPart.objects.select_related("customer_product", "design", "print_file")
    versions = listing.mappings.select_related("mapped_by", "retired_by").prefetch_related(Prefetch("parts", parts))
    changes = listing.changes.select_related("sync").order_by("-pk")
    return ListingSheet(
        shown_listing(listing),
        next((one for one in relatives if one.is_parent), None),
        [one for one in relatives if not one.is_parent],
        list(versions.order_by("-version")[:VERSIONS_SHOWN]),
        list(changes[:CHANGES_SHOWN]),
    )


# --- syncs ------------------------------------------------------------------------------------------------------------
def latest_sync(store: Store) -> ListingSync | None:
    """Return the newest reading of a store's listings, whatever became of it."""
    return store.listing_syncs.order_by("-started_at", "-pk").first()


def recent_syncs(store: Store) -> list[ListingSync]:
    """Return the last readings of a store's listings, newest first."""
    return list(store.listing_syncs.select_related("started_by").order_by("-started_at", "-pk")[:SYNCS_SHOWN])
