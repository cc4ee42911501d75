"""Which orders wait for a file that is to come from a storage. Once such an order is approved, later files of it are not taken (``matching``)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import ngettext

from orders.models import ArtworkCause, FileSource, FoundFile, Hold, HoldKind, Order, OrderLine
from orders.remote_names import expected_name, spellings
from orders.states import NOT_MADE
from stores.models import MappingPart

LACKS_ARTWORK = Q(kind=HoldKind.UNMAPPED) | Q(kind=HoldKind.ARTWORK, cause__in=["", ArtworkCause.NO_DESIGN])
BEING_TAKEN = (FoundFile.State.MATCHED, FoundFile.State.PREPARING)


@dataclass(frozen=True, slots=True)
class Awaited:
    """One line's file that a storage has not brought yet. ``file_name`` is the name it is expected under, empty while a found one is being copied."""

    line: OrderLine
    number: int
    file_name: str


@dataclass(frozen=True, slots=True)
class AwaitedFiles:
    """An order that waits for approval, its lines without artwork, and the storage that is looked through for them."""

    order: Order
    source: FileSource
    lines: tuple[Awaited, ...]


class FilesAwaited(Exception):
    """Approving these orders now would end their waiting for files; a person, or a program, has to say that this is meant."""

    def __init__(self, awaited: list[AwaitedFiles]) -> None:
        self.awaited = awaited
        words = ngettext(
            "Order %(orders)s still waits for a print file from its storage. Files that arrive after the approval are not taken; they have to be "
            "chosen by hand.",
            "Orders %(orders)s still wait for print files from their storages. Files that arrive after the approval are not taken; they have to be "
            "chosen by hand.",
            len(awaited),
        )
        super().__init__(words % {"orders": ", ".join(one.order.external_id for one in awaited)})


def looked_through(*, store: str, customer: str) -> Exists:
    """Return the condition that a storage is looked through for a row's orders; ``store`` and ``customer`` are the row's paths to them. No query."""
    sources = FileSource.objects.filter(Q(store=None) | Q(store=OuterRef(store)), customer=OuterRef(customer), is_active=True, removed_at=None)
    return Exists(sources.filter(customer__remote_files_enabled=True))


def awaiting_holds() -> Q:
    """Return which open holds wait for a storage: the approval of an order that lacks artwork, and the lack itself. For ``Hold`` rows; no query."""
    same = Hold.objects.filter(order=OuterRef("order"), released_at=None)
    lacking, waiting = Exists(same.filter(LACKS_ARTWORK)), Exists(same.filter(kind=HoldKind.APPROVAL))
    watched = looked_through(store="order__store", customer="order__customer")
    return (Q(lacking, kind=HoldKind.APPROVAL) | (LACKS_ARTWORK & Q(waiting))) & Q(watched)


def awaited_files(order_ids: Iterable[int]) -> list[AwaitedFiles]:
    """Return which of these orders wait for approval and for files from a storage. One query where none does, four otherwise.

    What is made of several products is not among it: no file is taken for that.
    """
    waiting = Hold.objects.filter(order=OuterRef("pk"), kind=HoldKind.APPROVAL, released_at=None)
    watched = looked_through(store="store", customer="customer")
    orders = list(Order.objects.filter(Exists(waiting), watched, pk__in=list(order_ids), open_holds__gt=0).order_by("pk"))
    if not orders:
        return []
    lacking = Hold.objects.filter(LACKS_ARTWORK, line=OuterRef("pk"), released_at=None)
    taken = FoundFile.objects.filter(line=OuterRef("pk"), state__in=BEING_TAKEN)
    several = MappingPart.objects.filter(mapping=OuterRef("mapping"), position__gt=0)
    rows = OrderLine.objects.filter(order__in=orders).annotate(lacks=Exists(lacking), is_taken=Exists(taken), has_parts=Exists(several))
    lines: dict[int, list[OrderLine]] = {}
    for line in rows.order_by("order_id", "pk"):
        lines.setdefault(line.order_id, []).append(line)
    customers = {order.customer_id for order in orders}
    sources = list(
        FileSource.objects.filter(customer__in=customers, customer__remote_files_enabled=True, is_active=True, removed_at=None)
        .order_by(F("store").asc(nulls_last=True), "pk")
        .select_related("customer")
    )
    found = []
    for order in orders:
        source = next(one for one in sources if one.customer_id == order.customer_id and one.store_id in {None, order.store_id})
        awaited = tuple(_awaited(order, source, lines.get(order.pk, [])))
        if awaited:
            found.append(AwaitedFiles(order, source, awaited))
    return found


def refuse_while_awaited(order_ids: Iterable[int]) -> None:
    """Raise ``FilesAwaited`` when one of these orders waits for approval and for a file from a storage."""
    awaited = awaited_files(order_ids)
    if awaited:
        raise FilesAwaited(awaited)


def _awaited(order: Order, source: FileSource, lines: list[OrderLine]) -> Iterable[Awaited]:
    numbers = {spelling for line in lines for spelling in spellings(line.external_line_id)}
    for number, line in enumerate(lines, start=1):
        if line.state in NOT_MADE or line.has_parts or not (line.lacks or line.is_taken):  # type: ignore[attr-defined]
            continue
        # The position names the line, unless that is another line's number on the channel.
        item = line.external_line_id if str(number) in numbers else str(number)
        name = "" if line.is_taken else expected_name(source.pattern, prefix=source.prefix, order=order.external_id, item=item)  # type: ignore[attr-defined]
        yield Awaited(line, number, name)
