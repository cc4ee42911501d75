"""Connecting the rows of a bulk import, a portion in each transaction; and taking all of it back."""

from __future__ import annotations

import time
from collections.abc import Sequence

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from catalog.models import Artwork, Design, ProductModel
from catalog.selectors import usable_products
from catalog.services.designs import BadDesign, design_from_artwork
from orders.bulk_models import BulkImport, BulkImportRow, Verdict
from orders.services.bulk.counting import counted
from orders.services.bulk.fetching import queue_files
from orders.services.bulk.reading import read_on
from orders.services.bulk.reporting import mail_result
from orders.services.mapping import CannotMap, Chosen, Wish, map_listings, undo_mappings
from pod_hub.accounts.actors import Actor
from pod_hub.core.bulk import update_rows
from pod_hub.core.outbox import MOST_ATTEMPTS, Delivery
from pod_hub.core.pace import scaled
from pod_hub.core.tenancy import across_tenants, tenant

log = structlog.get_logger(__name__)

LEASE_S = 60
TURN_S = 20.0
PORTION = 200
LOOK_AGAIN_S = 30  # for files that come without a hint: a worker died over the last one
Stage = BulkImport.Stage


def work_next() -> bool:
    """Go on with the import that waits longest, over all tenants, for one turn. False when none is due."""
    with across_tenants(reason="lease a bulk import"):
        leased = BulkImport.lease_next(limit=1, seconds=LEASE_S)
        if not leased:
            return False
        row = BulkImport.objects.select_related("store__customer", "started_by").get(pk=leased[0].pk)
    if row.attempts > MOST_ATTEMPTS:
        _given_up(row)
    elif row.stage == Stage.READING:
        read_on(row)
    elif row.stage == Stage.APPLYING:
        _apply(row)
    elif row.stage == Stage.UNDOING:
        _undo(row)
    return True


def _given_up(row: BulkImport) -> None:
    with tenant(row.psp_id):
        row.settle(
            delivery=Delivery.PARKED,
            last_error=_("The work stopped too often. Ask whoever runs the hub to look at its logs; what is connected stays."),
        )
    log.error("bulk_import_given_up", bulk_import=row.public_id, stage=row.stage)


# --- connecting -------------------------------------------------------------------------------------------------------
def _apply(row: BulkImport) -> None:
    ends = time.monotonic() + TURN_S
    while queue_files(row):
        if time.monotonic() > ends:
            break
    while time.monotonic() < ends:
        done = _connect_portion(row)
        if done is None:
            return  # cancelled, or taken over
        if not done:
            break
    _rest(row)


def _rest(row: BulkImport) -> None:
    """Give the import back: done, or to be looked at again when files have come (``tasks`` hints at that) or a while later."""
    with tenant(row.psp_id):
        counts = counted(row)
        if counts.get(Verdict.READY):
            waits = BulkImportRow.objects.filter(bulk_import=row, verdict=Verdict.READY).filter(_SETTLED).exists()
            row.settle(counts=counts, attempts=0, not_before=now() if waits else now() + scaled(LOOK_AGAIN_S))
            return
        if row.settle(stage=Stage.DONE, delivery=Delivery.CONFIRMED, counts=counts, finished_at=now(), attempts=0):
            mail_result(row)


# Rows that need no file, or whose file is there or will never be.
_SETTLED = Q(customer_product__product_model__needs_design=False) | Q(file__delivery__in=[Delivery.CONFIRMED, Delivery.PARKED])


def _connect_portion(row: BulkImport) -> int | None:
    """Connect some rows in one transaction. Returns how many were settled; None when the import is not this worker's any more."""
    with tenant(row.psp_id):
        if not BulkImport.objects.select_for_update().filter(pk=row.pk, lease=row.lease, stage=Stage.APPLYING).exists():
            return None
        ready = BulkImportRow.objects.filter(_SETTLED, bulk_import=row, verdict=Verdict.READY).order_by("number")
        rows = list(ready.select_related("file__artwork", "customer_product__product_model")[:PORTION])
        _connect(row, rows)
        _store(row, rows)
        return len(rows)


def _store(row: BulkImport, rows: Sequence[BulkImportRow]) -> None:
    update_rows(BulkImportRow, ("verdict", "message", "mapping_id"), ((one.pk, one.verdict, one.message, one.mapping_id) for one in rows))
    row.renew(seconds=LEASE_S, counts=counted(row) if rows else row.counts)


def _connect(row: BulkImport, rows: Sequence[BulkImportRow]) -> None:
    """Give each row its verdict (not stored yet) and connect those whose file can be printed, all at once."""
    designs = _designs(row, rows)
    wishes: dict[BulkImportRow, Wish] = {}
    for one in rows:
        file, design = one.file, designs.get(_pair(one))
        if one.customer_product_id is None or one.listing_id is None:
            raise ValueError(f"row {one.pk} is ready without listing or product")
        if file is not None and file.delivery == Delivery.PARKED:
            one.verdict, one.message = Verdict.BAD_FILE, file.last_error
        elif isinstance(design, BadDesign):
            one.verdict, one.message = Verdict.BAD_FILE, str(design)
        else:
            wishes[one] = Wish(one.listing_id, [Chosen(one.customer_product_id, design)])
    done = map_listings(wishes=list(wishes.values()), actor=Actor.person(row.started_by))
    for one, wish in wishes.items():
        mapped = done[wish.listing_id]
        if isinstance(mapped, CannotMap):
            one.verdict, one.message = Verdict.REFUSED, str(mapped)
        else:
            one.mapping = mapped.mapping
            one.verdict = Verdict.CONNECTED if mapped.mapping.mapped_at >= (row.apply_from or row.started_at) else Verdict.UNCHANGED


def _pair(one: BulkImportRow) -> tuple[ProductModel, Artwork] | None:
    """Return what a row's design is made of, if its file is there: a picture alone on a product model."""
    file, product = one.file, one.customer_product
    return (product.product_model, file.artwork) if file is not None and file.artwork is not None and product is not None else None


def _designs(row: BulkImport, rows: Sequence[BulkImportRow]) -> dict[tuple[ProductModel, Artwork] | None, int | BadDesign]:
    """Return the customer's design of each pair of rows whose product it may use, made if there is none: one for however many listings."""
    usable = set(usable_products(row.store.customer).filter(pk__in={one.customer_product_id for one in rows}).values_list("pk", flat=True))
    pairs = dict.fromkeys(pair for one in rows if one.customer_product_id in usable and (pair := _pair(one)) is not None)
    made_so = Design.objects.filter(
        customer=row.store.customer_id, product_model__in={model.pk for model, _artwork in pairs}, judged_revision=F("product_model__revision"),
        state__in=[Design.State.RENDERING, Design.State.READY], misfits=[], sheets__placed__artwork__in={artwork.pk for _model, artwork in pairs},
    ).order_by("pk")  # fmt: skip
    known = {tuple(key): pk for pk, *key in made_so.values_list("pk", "product_model", "sheets__placed__artwork", "name")}
    found: dict[tuple[ProductModel, Artwork] | None, int | BadDesign] = {}
    for model, artwork in pairs:
        try:
            found[model, artwork] = known.get((model.pk, artwork.pk, _name(artwork))) or _made(row, model, artwork)
        except BadDesign as error:
            found[model, artwork] = error
    return found


@transaction.atomic
def _made(row: BulkImport, model: ProductModel, artwork: Artwork) -> int:
    return design_from_artwork(customer=row.store.customer, product_model=model, artwork=artwork, name=_name(artwork)).pk


def _name(artwork: Artwork) -> str:
    return (artwork.file_name.rpartition(".")[0] or artwork.file_name)[:120]


# --- undoing ----------------------------------------------------------------------------------------------------------
def _undo(row: BulkImport) -> None:
    ends = time.monotonic() + TURN_S
    while time.monotonic() < ends:
        done = _undo_portion(row)
        if done is None:
            return
        if not done:
            with tenant(row.psp_id):
                if row.settle(stage=Stage.UNDONE, delivery=Delivery.CONFIRMED, counts=counted(row), finished_at=now(), undone_at=now(), attempts=0):
                    mail_result(row)
            return
    with tenant(row.psp_id):
        row.settle(counts=counted(row), attempts=0, not_before=now())


def _undo_portion(row: BulkImport) -> int | None:
    with tenant(row.psp_id):
        if not BulkImport.objects.select_for_update().filter(pk=row.pk, lease=row.lease, stage=Stage.UNDOING).exists():
            return None
        connected = BulkImportRow.objects.filter(bulk_import=row, verdict=Verdict.CONNECTED, mapping__isnull=False).order_by("number")
        rows = list(connected[:PORTION])
        done = undo_mappings(mapping_ids=[one.mapping_id for one in rows if one.mapping_id], actor=Actor.person(row.started_by))
        for one in rows:
            kept = done[one.mapping_id or 0]
            one.verdict, one.message = (Verdict.KEPT, str(kept)) if isinstance(kept, CannotMap) else (Verdict.UNDONE, "")
        _store(row, rows)
        return len(rows)


def wake_imports(import_ids: Sequence[int]) -> None:
    """Have imports looked at now, because files of theirs are settled."""
    with across_tenants(reason="wake bulk imports whose files have come"):
        BulkImport.objects.filter(pk__in=import_ids, stage=Stage.APPLYING, delivery=Delivery.PENDING, lease=None).update(not_before=now())
