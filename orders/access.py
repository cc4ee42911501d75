"""One object of the signed-in person's print provider, or a 404 as if it did not exist. All rows come through the tenant's managers."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from catalog.models import PrintFile
from orders.models import BulkImport, FileSource, FoundFile, Hold, IntakeRecord, Order, OrderLine
from stores.models import Authorization, Listing


def order_for(public_id: str) -> Order:
    """Return an order."""
    return get_object_or_404(Order, public_id=public_id)


def line_for(public_id: str) -> OrderLine:
    """Return an order line with its order and print file."""
    return get_object_or_404(OrderLine.objects.select_related("order__store__customer", "customer_product", "print_file"), public_id=public_id)


def hold_for(order: Order, public_id: str) -> Hold:
    """Return a hold of this order."""
    return get_object_or_404(Hold, order=order, public_id=public_id)


def record_for(record_id: int) -> IntakeRecord:
    """Return an intake record; it has no public id because nobody outside the print provider ever sees one."""
    return get_object_or_404(IntakeRecord.objects.select_related("store__customer", "order", "authorization"), pk=record_id)


def listing_for(public_id: str) -> Listing:
    """Return a listing with its store and customer."""
    return get_object_or_404(Listing.objects.select_related("store__customer", "stock", "wanted_price"), public_id=public_id)


def authorization_for(public_id: str) -> Authorization:
    """Return a seller's authorization."""
    return get_object_or_404(Authorization, public_id=public_id)


def print_file_for(public_id: str) -> PrintFile:
    """Return a print file."""
    return get_object_or_404(PrintFile, public_id=public_id)


def bulk_import_for(public_id: str) -> BulkImport:
    """Return a bulk import with its store and customer, and who started it."""
    return get_object_or_404(BulkImport.objects.select_related("store__customer", "started_by"), public_id=public_id)


def storage_for(public_id: str) -> FileSource:
    """Return a remote file storage that is not removed, with its customer and store."""
    return get_object_or_404(FileSource.objects.select_related("customer", "store"), public_id=public_id, removed_at=None)


def found_file_for(public_id: str) -> FoundFile:
    """Return a file that was found in a storage, with that storage."""
    return get_object_or_404(FoundFile.objects.select_related("source"), public_id=public_id, source__removed_at=None)
