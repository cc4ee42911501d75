"""Writing listings: those met in orders, and those that a sync reads (GA-22), with what is different about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.timezone import now
from psycopg.types.json import Jsonb

from pod_hub.core.bulk import copy_rows
from pod_hub.core.public_ids import new_public_id
from stores.channels.types import IncomingLine, IncomingListing
from stores.listing_models import SORTED_BY_LENGTH
from stores.models import Listing, ListingChange, ListingSync, Store


def listings_for(pairs: Iterable[tuple[int, IncomingLine]]) -> dict[tuple[int, str], Listing]:
    """Return the listing of each (store, line), making the ones we never saw, so that they can be mapped."""
    wanted = {(store_id, line.listing_key): line for store_id, line in pairs}
    found = _find(wanted)
    missing = [key for key in wanted if key not in found]
    if missing:
        Listing.objects.bulk_create(
            [
                Listing(
                    store_id=store_id,
                    key=key[:200],
                    sku=wanted[store_id, key].sku[:200],
                    product_id=wanted[store_id, key].product_id[:40],
                    title=wanted[store_id, key].title,
                )
                for store_id, key in sorted(missing)  # one order for all writers, or two of them wait for each other
            ],
            ignore_conflicts=True,  # another order of the same batch's neighbour may have met it first
        )
        found = _find(wanted)
    return {(store_id, key): found[store_id, key] for store_id, key in wanted}


def _find(wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Listing]:
    keys = list(wanted)
    rows = Listing.objects.filter(store__in={store for store, _key in keys}, key__in={key[:200] for _store, key in keys})
    by_short = {(row.store_id, row.key): row for row in rows}
    return {(store, key): by_short[store, key[:200]] for store, key in keys if (store, key[:200]) in by_short}


# --- synced -----------------------------------------------------------------------------------------------------------
# What a sync compares: a difference in one of these is a change. Price and stock move all the time and are brought up to date in
# silence, as is the name of the variant, which says no more than the SKU does.
TOLD = ("sku", "product_id", "title", "channel_state", "problem", "image_url")
QUIET = ("price", "currency", "quantity", "variant")
FAMILY = ("family", "family_title", "is_parent")
WRITTEN = (*TOLD, *QUIET, *FAMILY)


@dataclass(slots=True)
class Difference:
    """What one page of a sync told: row ids of all it met, of those that are new, and what was there before of those that changed."""

    met: list[int] = field(default_factory=list)
    added: list[int] = field(default_factory=list)
    changed: dict[int, dict[str, Any]] = field(default_factory=dict)


def keep_listings(store: Store, told: Sequence[IncomingListing]) -> Difference:
    """Write one page of listings: new ones appear, known ones are brought up to date, gone ones come back. Returns what was different."""
    moment = now()
    wanted = {one.key[:200]: one for one in told}
    rows = Listing.objects.filter(store=store, key__in=list(wanted)).values("pk", "key", "gone_at", *WRITTEN)
    known: dict[str, dict[str, Any]] = {row["key"]: row for row in rows}
    difference = Difference()
    fresh: list[tuple[Any, ...]] = []
    for key, one in sorted(wanted.items()):  # the same order in which intake adds listings, or two of them wait for each other
        held = known.get(key)
        values = _values(one, held)
        if held is not None and not held["gone_at"] and all(held[name] == values[name] for name in WRITTEN):
            continue
        fresh.append((new_public_id("lst"), store.pk, key, *(values[name] for name in WRITTEN), moment, None, Listing.State.UNMAPPED.value))
        if held is not None:
            before = {name: held[name] for name in TOLD if held[name] != values[name]}
            if held["gone_at"]:
                before["gone_at"] = held["gone_at"].isoformat()
            if before:
                difference.changed[held["pk"]] = before
    # Locked in the order in which suggestions are accepted, too.
    list(Listing.objects.select_for_update().filter(pk__in=[known[row[2]]["pk"] for row in fresh if row[2] in known]).order_by("pk").values("pk"))
    columns = ["public_id", "store_id", "key", *WRITTEN, "seen_at", "gone_at", "state"]
    written = copy_rows(Listing, columns, fresh, conflict=["store_id", "key"], update=[*WRITTEN, "seen_at", "gone_at"]) if fresh else []
    difference.added = sorted(set(written) - {row["pk"] for row in known.values()})
    difference.met = sorted({row["pk"] for row in known.values()} | set(written))
    _name_families(store, {one.family for one in told if one.family})
    return difference


def _values(one: IncomingListing, held: dict[str, Any] | None) -> dict[str, Any]:
    """Return a listing's columns as told. What the channel did not say of its family (None) stays as it was."""
    kept = {"family": "", "family_title": "", "is_parent": False} if held is None else {name: held[name] for name in FAMILY}
    if one.family is not None:
        kept = {"family": one.family[:200], "family_title": one.family_title[:SORTED_BY_LENGTH] or kept["family_title"], "is_parent": one.is_parent}
        if not one.family:
            kept["family_title"] = ""
    texts = {
        "sku": one.sku[:200],
        "product_id": one.product_id[:40],
        "title": one.title,
        "channel_state": one.state[:60],
        "problem": "\n".join(one.problems),
        "image_url": one.image_url[:500],
        "variant": one.variant[:200],
    }
    return {
        **{name: text.replace("\0", "") for name, text in texts.items()},  # no column can hold it
        "price": one.price.value.quantize(Decimal("0.01")) if one.price else None,
        "currency": one.price.currency if one.price else "",
        "quantity": one.quantity,
        **kept,
    }


def _name_families(store: Store, families: Iterable[str]) -> None:
    """Give variants the title of their parent, where that is a listing of its own; they may come on another page than it does."""
    named = list(families)
    if not named:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE stores_listing AS variant SET family_title = left(parent.title, %s)
            FROM stores_listing AS parent
            WHERE variant.store_id = %s AND variant.family = ANY(%s) AND parent.store_id = variant.store_id AND parent.key = variant.family
              AND parent.is_parent AND variant.family_title <> left(parent.title, %s)
            """,
            [SORTED_BY_LENGTH, store.pk, named, SORTED_BY_LENGTH],
        )


def note_difference(sync: ListingSync, difference: Difference) -> None:
    """Write down what a page of a sync found different. A page that comes twice adds nothing to what the first one said."""
    columns = ["sync_id", "listing_id", "kind", "before"]
    added = [(sync.pk, pk, ListingChange.Kind.ADDED.value, Jsonb({})) for pk in difference.added]
    changed = [(sync.pk, pk, ListingChange.Kind.CHANGED.value, Jsonb(before)) for pk, before in sorted(difference.changed.items())]
    for name, rows in (("added", added), ("changed", changed)):
        if rows:
            written = copy_rows(ListingChange, columns, rows, conflict=["sync_id", "listing_id"])
            setattr(sync, name, getattr(sync, name) + len(written))


def find_gone(sync: ListingSync) -> None:
    """Mark what a whole sync has not met as gone from the store, and write it down."""
    there = Listing.objects.filter(store=sync.store_id, gone_at=None, seen_at__lt=sync.started_at).values_list("pk", flat=True)
    gone = sorted(set(there) - set(sync.met))
    Listing.objects.filter(pk__in=gone).update(gone_at=now())
    rows = [(sync.pk, pk, ListingChange.Kind.GONE.value, Jsonb({})) for pk in gone]
    sync.gone = len(copy_rows(ListingChange, ["sync_id", "listing_id", "kind", "before"], rows, conflict=["sync_id", "listing_id"])) if rows else 0
