"""Copying matched files, having them checked, attaching them to their lines, and approving orders whose every line has its file (RF-04)."""

from __future__ import annotations

import tempfile

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from catalog.models import Artwork, Design
from catalog.services.artwork import BadArtwork, keep_artwork
from catalog.services.designs import BadDesign, design_from_artwork
from orders.models import FoundFile, Order, OrderLine
from orders.remote_storage.opening import opened
from orders.remote_storage.types import StorageProblem
from orders.services.approving import approve_orders
from orders.services.editing import CannotEdit, edit_artwork
from orders.states import NOT_MADE
from pod_hub.accounts.actors import Actor
from pod_hub.core.outbox import Delivery
from pod_hub.core.pace import scaled
from pod_hub.core.tenancy import across_tenants, tenant

log = structlog.get_logger(__name__)

LEASE_S = 60
MOST_TRIES = 6
LOOK_AGAIN_S = 300  # scaled: five seconds in the demo
SPOOLED = 4 * 1024 * 1024
STORAGE = Actor(None, "remote file storage")
State = FoundFile.State


def attach_next() -> bool:
    """Work on the found file that is due longest, over all tenants: copy and check it, or attach it once its print file is made."""
    with across_tenants(reason="lease a found file"):
        alive = Q(source__removed_at=None, source__customer__remote_files_enabled=True)
        leased = FoundFile.lease_next(limit=1, seconds=LEASE_S, only=alive)
        if not leased:
            return False
        file = FoundFile.objects.select_related("source__customer").get(pk=leased[0].pk)
    if file.attempts > MOST_TRIES and file.state == State.MATCHED:
        _refused(file, file.last_error or _("The file could not be copied and checked within the time. Save it smaller and upload it again."))
    elif file.state == State.MATCHED:
        _copy(file)
    else:
        _attach(file)
    return True


def _copy(file: FoundFile) -> None:
    with tempfile.SpooledTemporaryFile(max_size=SPOOLED) as content:
        try:
            size = opened(file.source).fetch(file.name, to=content)  # type: ignore[arg-type]
        except StorageProblem as error:
            _not_copied(file, error)
            return
        if size != file.size_bytes:
            with tenant(file.psp_id):  # it changed after it was listed: the next scan sees the new content
                file.settle(
                    state=State.UNMATCHED,
                    delivery=Delivery.CONFIRMED,
                    line=None,
                    etag="",
                    message=_("It changed while it was copied; it is looked at again."),
                )
            return
        content.seek(0)
        _keep(file, content)


def _keep(file: FoundFile, content: tempfile.SpooledTemporaryFile[bytes]) -> None:
    """Keep the copy (named by its checksum) and have its print file made for the line's product. Looking at the file needs no scope, and none waits."""
    name = file.name.rpartition("/")[2]
    try:
        artwork = keep_artwork(customer=file.source.customer, content=content, file_name=name)  # type: ignore[arg-type]
        if not _designed(file, artwork, name):
            return
    except (BadArtwork, BadDesign) as error:
        _refused(file, str(error))
        return
    _attach(file)


def _designed(file: FoundFile, artwork: Artwork, name: str) -> bool:
    """Make the design; False when the file is not this worker's any more, or its line is gone. Raises ``BadDesign``."""
    with tenant(file.psp_id):
        if not file.still_leased():
            return False
        line = OrderLine.objects.select_related("customer_product__product_model").filter(pk=file.line_id or 0).first()
        if line is None or line.customer_product is None:
            message = _("The order's item changed meanwhile; it is looked at again.")
            file.settle(state=State.UNMATCHED, delivery=Delivery.CONFIRMED, line=None, message=message)
            return False
        model = line.customer_product.product_model
        design = design_from_artwork(customer=file.source.customer, product_model=model, artwork=artwork, name=name.rpartition(".")[0] or name)
        file.renew(seconds=LEASE_S, state=State.PREPARING, artwork=artwork, design=design, attempts=0)
        file.state, file.artwork, file.design = State.PREPARING, artwork, design
        return True


def _attach(file: FoundFile) -> None:
    with tenant(file.psp_id):
        design = Design.objects.select_related("print_file").filter(pk=file.design_id or 0).first()
        if design is None or design.state == Design.State.FAILED:
            why = _("The print file could not be made from it. Open the file, save it anew as PNG, JPEG or PDF, and upload it again.")
        elif design.print_file is None:
            file.settle(not_before=now() + scaled(LOOK_AGAIN_S), attempts=0)
            return
        else:
            why = _attached(file, design)
    if why:
        _refused(file, why)


def _attached(file: FoundFile, design: Design) -> str:
    """Attach a design's print file to the file's line, and approve its order if that was the last one. Returns why not, or nothing."""
    if file.line_id is None or file.order_id is None:
        return _("The order's item changed meanwhile.")
    Order.reread(file.order_id)  # orders before anything of theirs, as everywhere
    if not file.still_leased():
        return ""
    try:
        with transaction.atomic():
            edit_artwork(line_id=file.line_id, print_file_id=design.print_file_id, actor=STORAGE)  # type: ignore[arg-type]
    except CannotEdit as error:
        file.settle(state=State.LATE, delivery=Delivery.CONFIRMED, line=None, message=str(error))
        return ""
    if file.settle(state=State.ATTACHED, delivery=Delivery.CONFIRMED, attached_at=now(), message="", last_error="") and has_all_files(file.order_id):
        approve_orders(order_ids=[file.order_id], actor=STORAGE, without_files=True)
    return ""


def has_all_files(order_id: int) -> bool:
    """Return whether every line of an order that is printed has a file from a storage. Artwork of a listing does not count: it was not meant for this order."""
    lines = OrderLine.objects.filter(order=order_id).exclude(state__in=[state.value for state in NOT_MADE])
    with_file = FoundFile.objects.filter(order=order_id, state=State.ATTACHED).values("line")
    if lines.filter(customer_product=None).exists():
        return False
    return not lines.filter(customer_product__product_model__needs_design=True).exclude(pk__in=with_file).exists()


def _not_copied(file: FoundFile, error: StorageProblem) -> None:
    if error.again and file.attempts < MOST_TRIES:
        with tenant(file.psp_id):
            file.settle(not_before=file.next_try(), last_error=str(error))
        return
    _refused(file, str(error))


def _refused(file: FoundFile, why: str) -> None:
    with tenant(file.psp_id):
        file.settle(state=State.REFUSED, delivery=Delivery.PARKED, line=None, message=why)
