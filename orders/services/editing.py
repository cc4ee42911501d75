"""Changing an order before it is printed: address, artwork, quantity. Each change writes an event; no event holds buyer data.

A customer may change an order while its approval waits (the edit window, ``approving.edit_window``). The print provider's own people may do so for as
long as it makes sense: artwork and quantity until printing begins, the address until the last parcel has left; they pass ``within_window=False``.
The marketplace is not told: it has no call for any of this, so the difference is ours to explain, and the timeline does.
"""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Design, PrintFile
from catalog.services.fitting import flaw_of
from orders.buyer_data import BuyerDetails, opened, write_buyer
from orders.models import BuyerData, Hold, HoldKind, Order, OrderLine
from orders.services.approving import edit_window
from orders.services.holds import record_event, release_holds
from orders.services.watching_files import watch_files
from orders.states import BEFORE_PRINT, OPEN_ORDER_STATES, LineState
from pod_hub.accounts.actors import Actor
from stores.channels.types import Address


class CannotEdit(Exception):
    """The order was not changed; the message says why and what to do."""


def _open(order_id: int, *, within_window: bool) -> Order:
    """Return the order locked, or raise ``CannotEdit`` when its window is over."""
    order = Order.reread(order_id)
    if within_window and not (window := edit_window(order)).is_open:
        raise CannotEdit(window.why)
    return order


def _line(order: Order, line_id: int) -> OrderLine:
    line = order.lines.select_for_update().filter(pk=line_id).first()
    if line is None:
        raise CannotEdit(_("This line is not part of the order. Reload the page and try again."))
    if line.state not in BEFORE_PRINT:
        raise CannotEdit(
            _("“%(line)s” is %(state)s, so it can no longer be changed. Cancel it or order a reprint.")
            % {"line": line.sku or line.title, "state": LineState(line.state).label}
        )
    return line


@transaction.atomic
def edit_address(*, order_id: int, address: Address, actor: Actor, within_window: bool = True) -> bool:
    """Deliver to another address. Returns False when it is the same one. Raises ``CannotEdit``.

    The address is sealed at once; the event says only that it changed. A hold for a missing address ends.
    """
    order = _open(order_id, within_window=within_window)
    if order.state not in OPEN_ORDER_STATES:
        raise CannotEdit(_("Nothing of this order is open any more, so its address no longer matters."))
    if order.is_labelled_by_channel:
        raise CannotEdit(
            _("The marketplace arranges the delivery of this order and prints the address on its own label. Only the buyer can change it, there.")
        )
    missing = [label for label, given in ((_("street"), any(address.lines)), (_("city"), address.city), (_("country"), address.country)) if not given]
    if missing or len(address.country) != 2:
        raise CannotEdit(_("The address is incomplete: %(what)s. Fill it in and save again.") % {"what": ", ".join(missing) or _("country")})
    row = BuyerData.objects.select_for_update().filter(order=order).first()
    if row is None or row.purged_at is not None:
        raise CannotEdit(_("The buyer's data of this order was removed, so no address is kept any more. See its timeline."))
    held = opened(row) or BuyerDetails()
    if held.address == address:
        return False
    told = held.told_address or held.address
    write_buyer(row, replace(held, address=address, told_address=None if address == told else told))
    order.ship_to_country = address.country
    order.save(update_fields=["ship_to_country"])
    record_event(order.pk, "address", _("The delivery address was changed here."), actor=actor, facts={"country": address.country})
    waiting = Hold.objects.filter(order=order, kind=HoldKind.ADDRESS, released_at=None)
    release_holds(list(waiting), actor=actor, reason=_("the address was entered"))
    return True


@transaction.atomic
def edit_artwork(*, line_id: int, print_file_id: int, actor: Actor, design_id: int | None = None, within_window: bool = True) -> bool:
    """Print another file on one line, leaving the listing's mapping alone. Returns False when it is the same one. Raises ``CannotEdit``.

    With a design the line is printed from all of its print areas; without one the other areas are those of the mapping.
    """
    order = _open(OrderLine.objects.values_list("order_id", flat=True).get(pk=line_id), within_window=within_window)
    line = _line(order, line_id)
    if line.customer_product_id is None:
        raise CannotEdit(_("This line's listing is not connected to a product yet. Connect it first, then choose the artwork."))
    print_file = PrintFile.objects.filter(pk=print_file_id).first()
    if print_file is None:
        raise CannotEdit(_("This print file does not exist any more. Upload it again."))
    if line.print_file_id == print_file.pk and line.design_id == design_id:
        return False
    if flaw := flaw_of(Design.objects.filter(pk=design_id or 0).first(), [print_file]):
        raise CannotEdit(flaw.text)
    line.print_file, line.design_id = print_file, design_id
    line.save(update_fields=["print_file", "design"])
    record_event(
        order.pk,
        "artwork",
        _("%(line)s is printed from another file.") % {"line": line.sku or line.title},
        actor=actor,
        line_id=line.pk,
        facts={"print_file": print_file.public_id},
    )
    waiting = Hold.objects.filter(order=order, line=line, kind=HoldKind.ARTWORK, released_at=None)
    release_holds(list(waiting), actor=actor, reason=_("artwork was chosen for this line"))
    watch_files([print_file.pk])
    return True


@transaction.atomic
def edit_quantity(*, line_id: int, quantity: int, actor: Actor, reason: str = "", within_window: bool = True) -> bool:
    """Make another number of units of one line. Returns False when it is the same. Raises ``CannotEdit``.

    It may only go down, to not less than what has left: more than was sold cannot be told to the marketplace. None at all is a cancellation.
    """
    order = _open(OrderLine.objects.values_list("order_id", flat=True).get(pk=line_id), within_window=within_window)
    line = _line(order, line_id)
    if quantity == line.quantity:
        return False
    if quantity < 1:
        raise CannotEdit(_("None at all is a cancellation: cancel the line instead, so that the marketplace is told."))
    bought = line.quantity if line.quantity_told is None else line.quantity_told
    if quantity > bought:
        raise CannotEdit(_("The buyer ordered %(n)s; more cannot be made on this order.") % {"n": bought})
    if quantity < line.quantity_shipped:
        raise CannotEdit(_("%(n)s have left already, so it cannot be fewer.") % {"n": line.quantity_shipped})
    record_event(
        order.pk,
        "quantity",
        _("Quantity of %(line)s went from %(a)s to %(b)s.") % {"line": line.sku or line.title, "a": line.quantity, "b": quantity},
        actor=actor,
        line_id=line.pk,
        facts={"before": line.quantity, "after": quantity, "reason": reason[:200]},
    )
    told = line.quantity if line.quantity_told is None else line.quantity_told
    line.quantity, line.quantity_told = quantity, None if quantity == told else told
    line.save(update_fields=["quantity", "quantity_told"])
    return True
