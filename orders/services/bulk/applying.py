"""Connecting the rows of a bulk import, a portion in each transaction; and taking all of it back."""

from __future__ import annotations

import time
from collections.abc import Sequence

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from catalog.models import Artwork, CustomerProduct, Design
from catalog.services.designs import BadDesign, design_from_artwork
from orders.bulk_models import BulkImport, BulkImportRow, Verdict
from orders.services.bulk.counting import counted
from orders.services.bulk.fetching import queue_files
from orders.services.bulk.reading import read_on
from orders.services.bulk.reporting import mail_result
from orders.services.mapping import CannotMap, map_listing, undo_mapping
from pod_hub.accounts.actors import Actor
from pod_hub.core.outbox import MOST_ATTEMPTS, Delivery
from pod_hub.core.pace import scaled
from pod_hub.core.tenancy import across_tenants, tenant

log = structlog.get_logger(__name__)

LEASE_S = 60
TURN_S = 20.0
PORTION = 50
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
        # Listings are locked one after the other; by id, as everywhere, so that two imports cannot wait for each other.
        rows = sorted(ready.select_related("file__artwork", "customer_product__product_model")[:PORTION], key=lambda one: one.listing_id or 0)
        actor = Actor.person(row.started_by)
        for one in rows:
            _connect(row, one, actor)
        BulkImportRow.objects.bulk_update(rows, ["verdict", "message", "mapping"])
        row.renew(seconds=LEASE_S, counts=counted(row) if rows else row.counts)
        return len(rows)


def _connect(row: BulkImport, one: BulkImportRow, actor: Actor) -> None:
    product, file = one.customer_product, one.file
    if product is None or one.listing_id is None:
        raise ValueError(f"row {one.pk} is ready without listing or product")
    if file is not None and file.delivery == Delivery.PARKED:
        one.verdict, one.message = Verdict.BAD_FILE, file.last_error
        return
    try:
        with transaction.atomic():
            design = _design(row, product, file.artwork) if file is not None and file.artwork is not None else None
            mapped = map_listing(listing_id=one.listing_id, customer_product_id=product.pk, design_id=design.pk if design else None, actor=actor)
    except BadDesign as error:
        one.verdict, one.message = Verdict.BAD_FILE, str(error)
    except CannotMap as error:
        one.verdict, one.message = Verdict.REFUSED, str(error)
    else:
        one.mapping = mapped.mapping
        one.verdict = Verdict.CONNECTED if mapped.mapping.mapped_at >= (row.apply_from or row.started_at) else Verdict.UNCHANGED


def _design(row: BulkImport, product: CustomerProduct, artwork: Artwork) -> Design:
    """Return the customer's design of this artwork alone on the product model, made if there is none: one for however many listings."""
    made_so = Design.objects.filter(
        customer=row.store.customer_id, product_model=product.product_model_id, state__in=[Design.State.RENDERING, Design.State.READY],
        judged_revision=product.product_model.revision, misfits=[], sheets__placed__artwork=artwork, name=_name(artwork),
    )  # fmt: skip
    known = made_so.order_by("-pk").first()
    if known is not None:
        return known
    return design_from_artwork(customer=row.store.customer, product_model=product.product_model, artwork=artwork, name=_name(artwork))


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
        rows = sorted(connected[:PORTION], key=lambda one: one.listing_id or 0)
        for one in rows:
            try:
                with transaction.atomic():
                    undo_mapping(mapping_id=one.mapping_id, actor=Actor.person(row.started_by))  # type: ignore[arg-type]
            except CannotMap as error:
                one.verdict, one.message = Verdict.KEPT, str(error)
            else:
                one.verdict, one.message = Verdict.UNDONE, ""
        BulkImportRow.objects.bulk_update(rows, ["verdict", "message"])
        row.renew(seconds=LEASE_S, counts=counted(row) if rows else row.counts)
        return len(rows)


def wake_imports(import_ids: Sequence[int]) -> None:
    """Have imports looked at now, because files of theirs are settled."""
    with across_tenants(reason="wake bulk imports whose files have come"):
        BulkImport.objects.filter(pk__in=import_ids, stage=Stage.APPLYING, delivery=Delivery.PENDING, lease=None).update(not_before=now())
