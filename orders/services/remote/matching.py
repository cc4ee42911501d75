"""Finding the order line for each found file (RF-03). Only orders that wait for approval take one.

A name's order number is the channel's; its item is the line's number on the channel or, where no line has that, its position in the order (1, 2, …).
Rules, which the page states too: the first file for a line is used and further ones are listed as duplicates; a file that changes while its order
still waits replaces the earlier content; one that comes or changes later is listed as late. Files that fit nothing yet are looked at again with each
scan for thirty days, because they may come before their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from orders.models import FileSource, FoundFile, Hold, HoldKind, Order, OrderLine
from orders.remote_names import spellings
from orders.states import NOT_MADE
from pod_hub.core.outbox import Delivery
from pod_hub.core.tenancy import tenant

PORTION = 500
LOOKED_FOR = timedelta(days=30)
WAITING_LOOKED_AT = 20_000
State = FoundFile.State
USED = (State.MATCHED, State.PREPARING, State.ATTACHED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a file is, by the orders at this moment."""

    state: FoundFile.State
    message: str = ""
    order: Order | None = None
    line: OrderLine | None = None


def match_files(source: FileSource) -> int:
    """Match the files of a storage that wait for an order, a portion in each transaction. Returns how many found their line."""
    matched, last = 0, 0
    with tenant(source.psp_id):
        spelled = _spelled(source)
    while True:
        with tenant(source.psp_id):
            waiting = FoundFile.objects.filter(source=source, state=State.UNMATCHED, found_at__gt=now() - LOOKED_FOR, pk__gt=last)
            files = list(waiting.exclude(order_number="").order_by("pk")[:PORTION])
            matched += _match(source, files, spelled)
        if not files:
            return matched
        last = files[-1].pk


def _match(source: FileSource, files: Sequence[FoundFile], spelled: dict[str, str]) -> int:
    orders = _orders(source, {file.order_number for file in files}, spelled)
    lines = _lines(orders.values())
    waits = set(Hold.objects.filter(order__in=lines, kind=HoldKind.APPROVAL, released_at=None).values_list("order_id", flat=True))
    used = FoundFile.objects.filter(line__in=[line.pk for group in lines.values() for line in group], state__in=USED)
    taken = {row.line_id: row.name for row in used if row.line_id is not None}
    matched = 0
    for file in files:
        order = orders.get(file.order_number)
        outcome = _outcome(file, order, lines.get(order.pk, []) if order else [], waits=waits, taken=taken)
        if (outcome.state, outcome.message) == (file.state, file.message):
            continue
        matched += _write(file, outcome, taken)
    return matched


def _write(file: FoundFile, outcome: Outcome, taken: dict[int, str]) -> bool:
    file.state, file.message, file.order, file.line = outcome.state, outcome.message, outcome.order, outcome.line
    to_do = outcome.state == State.MATCHED
    file.delivery, file.not_before, file.attempts = (Delivery.PENDING if to_do else Delivery.CONFIRMED), now(), 0
    try:
        with transaction.atomic():
            file.save()
    except IntegrityError:
        return False  # another storage's file took the line at this moment; the next scan says so
    if outcome.line is not None and to_do:
        taken[outcome.line.pk] = file.name
    return to_do


def _spelled(source: FileSource) -> dict[str, str]:
    """Return the numbers of orders that wait for approval by every way in which a name may spell them."""
    holds = Hold.objects.filter(kind=HoldKind.APPROVAL, released_at=None, order__customer=source.customer_id)
    numbers = holds.order_by("-opened_at").values_list("order__external_id", flat=True)[:WAITING_LOOKED_AT]
    return {spelling: number for number in numbers for spelling in spellings(number)}


def _orders(source: FileSource, numbers: Iterable[str], spelled: dict[str, str]) -> dict[str, Order]:
    """Return the order that each number means, if there is one."""
    meant = {number: spelled.get(number.casefold(), number) for number in numbers}
    rows = Order.objects.filter(customer=source.customer_id, external_id__in=set(meant.values()))
    if source.store_id is not None:
        rows = rows.filter(store=source.store_id)
    found = {order.external_id: order for order in rows.order_by("pk")}
    return {number: found[external_id] for number, external_id in meant.items() if external_id in found}


def _lines(orders: Iterable[Order]) -> dict[int, list[OrderLine]]:
    found: dict[int, list[OrderLine]] = {}
    rows = OrderLine.objects.filter(order__in={order.pk for order in orders}).select_related("customer_product__product_model", "mapping")
    for line in rows.prefetch_related("mapping__parts").order_by("order_id", "pk"):
        found.setdefault(line.order_id, []).append(line)
    return found


def _outcome(file: FoundFile, order: Order | None, lines: Sequence[OrderLine], *, waits: set[int], taken: dict[int, str]) -> Outcome:
    if order is None:
        return Outcome(State.UNMATCHED)
    if order.pk not in waits:
        return Outcome(
            State.LATE,
            _("Order %(order)s does not wait for approval, so the file is not used. Exchange the artwork on the order's page.")
            % {"order": order.external_id},
            order,
        )
    line = line_for(file.item_number, lines)
    if line is None:
        return Outcome(State.UNMATCHED, _no_line(file.item_number, order, lines), order)
    if line.customer_product is None:
        message = _("Item %(item)s of order %(order)s is not connected to a product yet. Connect its listing; then the file is used.")
        return Outcome(State.UNMATCHED, message % {"item": file.item_number or line.sku, "order": order.external_id}, order)
    if not line.customer_product.product_model.needs_design:
        return Outcome(State.REFUSED, _("“%(product)s” is not printed, so it needs no file.") % {"product": line.customer_product}, order)
    if line.mapping is not None and len(line.mapping.parts.all()) > 1:
        return Outcome(
            State.REFUSED,
            _("This item is made of several products, so nobody knows which one the file is for. Choose it on the order's page."),
            order,
        )
    if line.pk in taken and taken[line.pk] != file.name:
        return Outcome(
            State.DUPLICATE, _("“%(other)s” was there first and is used. Remove one of the two.") % {"other": taken[line.pk][-120:]}, order
        )
    return Outcome(State.MATCHED, "", order, line)


def line_for(item: str, lines: Sequence[OrderLine]) -> OrderLine | None:
    """Return the line that a name means: by its number on the channel, else by its position; without an item the only one that is made."""
    living = [line for line in lines if line.state not in NOT_MADE]
    if not item:
        return living[0] if len(living) == 1 else None
    wanted = item.casefold()
    by_number = next((line for line in living if wanted in spellings(line.external_line_id)), None)
    if by_number is not None:
        return by_number
    position = int(item) if item.isascii() and item.isdecimal() and len(item) < 5 else 0
    return lines[position - 1] if 1 <= position <= len(lines) and lines[position - 1] in living else None


def _no_line(item: str, order: Order, lines: Sequence[OrderLine]) -> str:
    if not item:
        return _("Order %(order)s has several items and the name says none. Name files with {order_item_number}.") % {"order": order.external_id}
    known = ", ".join(line.external_line_id for line in lines[:5])
    return _("Order %(order)s has no item “%(item)s”; its items are %(known)s, or 1 to %(n)s.") % {
        "order": order.external_id, "item": item, "known": known, "n": len(lines),
    }  # fmt: skip
