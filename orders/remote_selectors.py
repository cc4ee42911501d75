"""Reads of the pages of remote file storages."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Q
from rapidfuzz import process

from orders.models import FileSource, FoundFile, Hold, HoldKind
from pod_hub.accounts.models import Customer
from pod_hub.core.keyset import Page, page_of

State = FoundFile.State
GIVEN_UP = (State.LATE, State.DUPLICATE, State.REFUSED)  # not looked at again by themselves
# What a person looks for; the order is that of the tabs. Every file is in one of them. A file whose order is here but that fits none of its items
# does not wait for an order: somebody has to do something.
GROUPS: dict[str, Q] = {
    "waiting": Q(state=State.UNMATCHED, order=None),
    "working": Q(state__in=[State.MATCHED, State.PREPARING]),
    "attached": Q(state=State.ATTACHED),
    "unused": Q(state__in=[State.MISNAMED, *GIVEN_UP]) | Q(state=State.UNMATCHED, order__isnull=False),
}
WAITING_COMPARED = 2000
NEAREST = 2
LEAST_ALIKE = 70


def storages_of(customer: Customer) -> list[FileSource]:
    """Return a customer's storages by name."""
    return list(FileSource.objects.filter(customer=customer, removed_at=None).select_related("store", "customer").order_by("name", "pk"))


def group_counts(source: FileSource) -> dict[str, int]:
    """Return how many files each group has, and all together (by no name). One query."""
    counts: dict[str, int] = FoundFile.objects.filter(source=source).aggregate(**{name: Count("pk", filter=group) for name, group in GROUPS.items()})
    return {"": sum(counts.values())} | counts


def files_page(source: FileSource, *, group: str, token: str) -> Page[FoundFile]:
    """Return the files of a storage, newest first, of one group."""
    rows = FoundFile.objects.filter(source=source)
    if group:
        rows = rows.filter(GROUPS[group])
    return page_of(rows.select_related("order", "line", "design__print_file"), by=("-found_at", "-id"), token=token)


def nearest_orders(source: FileSource, files: Iterable[FoundFile]) -> dict[int, list[tuple[str, str]]]:
    """Return, for files that no order waits for, the waiting orders whose numbers are most like theirs, as (number, public id). One query."""
    lost = [file for file in files if file.state in {State.UNMATCHED, State.MISNAMED} and file.order_id is None]
    if not lost:
        return {}
    holds = Hold.objects.filter(kind=HoldKind.APPROVAL, released_at=None, order__customer=source.customer_id).order_by("-opened_at")
    if source.store_id is not None:
        holds = holds.filter(order__store=source.store_id)
    waiting = dict(holds.values_list("order__external_id", "order__public_id")[:WAITING_COMPARED])
    found = {}
    for file in lost:
        wanted = file.order_number or file.name.rpartition("/")[2].rpartition(".")[0]
        alike = process.extract(wanted, waiting.keys(), limit=NEAREST, score_cutoff=LEAST_ALIKE)
        found[file.pk] = [(number, waiting[number]) for number, _score, _place in alike]
    return found
