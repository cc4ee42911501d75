"""Reads of the pages of bulk imports."""

from __future__ import annotations

from collections.abc import Sequence

from orders.bulk_models import BulkImport, BulkImportRow, Verdict
from orders.services.bulk.counting import TROUBLES
from pod_hub.accounts.models import Membership
from pod_hub.core.keyset import Page, page_of
from stores.models import Store

IMPORTS_SHOWN = 20
# What a person looks for in a list of verdicts; the order is that of the tabs.
GROUPS: dict[str, frozenset[Verdict]] = {
    "": frozenset(Verdict),
    "troubles": TROUBLES,
    "ready": frozenset({Verdict.READY}),
    "connected": frozenset({Verdict.CONNECTED}),
    "undone": frozenset({Verdict.UNDONE}),
    "rest": frozenset({Verdict.UNCHANGED, Verdict.BLANK, Verdict.CANCELLED}),
}


def recent_imports(store: Store) -> list[BulkImport]:
    """Return the latest imports of a store, newest first."""
    return list(BulkImport.objects.filter(store=store).select_related("started_by").order_by("-started_at", "-pk")[:IMPORTS_SHOWN])


def group_counts(row: BulkImport) -> dict[str, int]:
    """Return how many rows each group has, from the counts on the import. No query."""
    return {name: sum(row.counts.get(verdict, 0) for verdict in verdicts) for name, verdicts in GROUPS.items()}


def rows_page(row: BulkImport, *, group: str, token: str) -> Page[BulkImportRow]:
    """Return rows of an import by their number, of one group, with their listing and product."""
    rows = BulkImportRow.objects.filter(bulk_import=row)
    if group:
        rows = rows.filter(verdict__in=sorted(GROUPS[group]))
    return page_of(rows.select_related("listing", "customer_product"), by=("number", "id"), token=token)


def uploaders(rows: Sequence[BulkImport], viewer: Membership) -> dict[int, str]:
    """Return who uploaded each import, in the viewer's words: merchants know their print provider, not its people."""
    people = {row.started_by_id for row in rows}
    staff: set[int] = set()
    if not viewer.is_staff_of_psp:
        members = Membership.objects.filter(psp_id=viewer.psp_id, customer=None, user__in=people)
        staff = set(members.values_list("user_id", flat=True))
    return {row.pk: viewer.psp.shown_name if row.started_by_id in staff else str(row.started_by) for row in rows}
