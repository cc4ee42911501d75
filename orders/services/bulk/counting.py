"""How many rows of a bulk import have which verdict; and which of them are troubles."""

from __future__ import annotations

from django.db.models import Count

from orders.bulk_models import BulkImport, BulkImportRow, Verdict

# Rows that somebody has to correct.
TROUBLES = frozenset({
    Verdict.NO_LISTING, Verdict.NO_PRODUCT, Verdict.TWICE, Verdict.NO_DESIGN, Verdict.BAD_LINK, Verdict.BAD_FILE, Verdict.REFUSED, Verdict.KEPT,
})  # fmt: skip


def counted(row: BulkImport) -> dict[str, int]:
    """Count an import's rows by verdict; one index serves it."""
    found = BulkImportRow.objects.filter(bulk_import=row).order_by().values_list("verdict").annotate(n=Count("pk"))
    return dict(found)


def recount(row: BulkImport) -> None:
    """Set the counts on the row (not saved)."""
    row.counts = counted(row)


def troubles(counts: dict[str, int]) -> int:
    """Return how many rows have to be corrected."""
    return sum(counts.get(verdict, 0) for verdict in TROUBLES)
